"""A borrower's line: started because she wants it, ended by her or for her; what is written to it.

A message is stored with the fact it tells of and sent within a minute, tried at most `TRIES` times;
a gateway that is away is left alone until the next minute. Before each try it is asked again
whether the line still stands, whether her consent holds and whether anybody may know of her: a
message that waits already is dropped (protection.md R1).
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from handup.groups.services import price_lines
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.errors import FutureDate
from handup.lending.line_words import text_of
from handup.lending.models import (
    BorrowerLine,
    LineMessage,
    Loan,
    LoanEvent,
    MessageKind,
    MessageState,
)
from handup.lending.queries import due_rows
from handup.lending.rules.codes import EventKind, LoanState
from handup.org import audit, jobs, outgoing, texting
from handup.org.devices import already_stored
from handup.org.encryption import KeyedHash
from handup.org.jobs import job
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.prepared import prepared
from handup.people.models import Person
from handup.people.queries import has_consent, require_consent
from handup.people.queries.persons import hidden_from_all
from handup.people.rules.codes import ConsentMethod, ConsentPurpose

KEEP = "lending.keep_line"
RECEIPTS = frozenset(
    kind.value
    for kind in (
        EventKind.REPAID,
        EventKind.EARLY_REPAID,
        EventKind.PAID_OFF,
        EventKind.RECOVERED,
    )
)
AHEAD = timedelta(days=2)  # a reminder comes so long before the day
WAITS = tuple(timedelta(minutes=pause) for pause in (1, 5, 30, 120))  # until it is tried again
TRIES = len(WAITS) + 1
AT_ONCE = 500
BALANCES_A_DAY = 5
STOP = "STOP"
STOPS = frozenset({STOP, "СТОП", "ЗОГС", "ՍՏՈՊ", "ARRET", "ARRÊT", "HAGARIKA", "REKA"})
"""Who writes in her own letters or language is understood too: better one message too few."""


class NoTelephone(Refusal):
    """There is no telephone number of hers yet. Write it on her record first."""


class LineStands(Refusal):
    """She gets messages already."""


class LineEnded(Refusal):
    """She gets no messages any more; that was ended before."""


class NotForHer(Refusal):
    """No message is sent to somebody whose record is kept apart."""


def start_line(
    *,
    acting_staff: StaffUser,
    person: Person,
    language: str,
    agreed_date: date,
    agreed_how: ConsentMethod,
    id: UUID | None = None,
) -> BorrowerLine:
    """Write down that a person wants to be told of her loans on her telephone.

    Raises NotAllowed, OutOfSight, FutureDate, NotForHer, NoTelephone, ConsentMissing, LineStands.
    """
    require(acting_staff, KEEP, person)
    content = {"person": person, "language": language, "agreed_date": agreed_date}
    if (stored := already_stored(BorrowerLine, id, acting_staff, **content)) is not None:
        return stored
    if agreed_date > timezone.localdate():
        raise FutureDate(field="agreed_date", date=agreed_date)
    if person.pk in hidden_from_all():
        raise NotForHer
    if not person.phone:
        raise NoTelephone
    require_consent(person, ConsentPurpose.SERVICE, on=timezone.localdate())
    try:
        with transaction.atomic():
            row = BorrowerLine.objects.create(
                id=id or new_id(),
                person=person,
                language=language,
                agreed_date=agreed_date,
                agreed_how=agreed_how.value,
                started_by=acting_staff,
            )
            audit.record(acting_staff, "lending.start_line", row, {"person": str(person.pk)})
    except IntegrityError as fault:
        raise LineStands from fault
    return row


def end_line(*, acting_staff: StaffUser, line: BorrowerLine) -> BorrowerLine:
    """End it at once; what waits is not sent. Raises NotAllowed, OutOfSight, LineEnded."""
    require(acting_staff, KEEP, line)
    return _end(line, acting_staff, by_herself=False)


def _end(line: BorrowerLine, staff: StaffUser, *, by_herself: bool) -> BorrowerLine:
    with transaction.atomic():
        line = BorrowerLine.objects.select_for_update().get(pk=line.pk)
        if line.ended_at is not None:
            raise LineEnded
        line.ended_at, line.by_herself = timezone.now(), by_herself
        line.ended_by = None if by_herself else staff
        line.save()
        line.messages.filter(state=MessageState.WAITING).update(
            state=MessageState.DROPPED, why="ENDED"
        )
        audit.record(staff, "lending.end_line", line, {"by_herself": by_herself})
    return line


def end_for_other_number(person: Person, staff: StaffUser) -> None:
    """End her line when her number is another one: who holds that telephone was not told of her
    loans with her word. She is asked again.
    """
    for line in BorrowerLine._base_manager.filter(ended_at=None, person_id=person.pk):
        _end(line, staff, by_herself=False)


Agreed = tuple[UUID, date]
"""The line of a person, and since when she wants to be told."""


def ask_for_lines(loans: Iterable[Loan]) -> Callable[[], dict[UUID, Agreed]]:
    """Ask which borrowers want to be told of payments; what is returned tells it by person."""
    persons = {loan.person_id for loan in loans if loan.person_id is not None}
    if not persons:
        return dict
    rows = _live_lines.ahead(list(persons))
    return lambda: {person: (pk, since) for pk, person, since in rows()}


@prepared
def _live_lines(persons: list[UUID]) -> QuerySet[Any, Any]:
    rows = BorrowerLine._base_manager.filter(ended_at=None, person_id__in=persons)
    return rows.values_list("pk", "person_id", "agreed_date")


def note_receipts(
    events: Iterable[LoanEvent],
    loans: Mapping[UUID, Loan],
    lines: Mapping[UUID, Agreed] | None = None,
) -> None:
    """Write a receipt for each payment of whoever wants one, inside the transaction of the
    payments; none for money of before the day she agreed. lines: of `ask_for_lines`, else they are
    asked for now.
    """
    if lines is None:
        lines = ask_for_lines(loans.values())()
    if not lines:
        return
    new: list[LineMessage] = []
    for event in events:
        loan = loans[event.loan_id]
        line = lines.get(loan.person_id) if loan.person_id is not None else None
        if line is not None and event.kind in RECEIPTS and event.value_date >= line[1]:
            new.append(
                LineMessage(line_id=line[0], loan=loan, kind=MessageKind.RECEIPT, event=event)
            )
    _store(new)


def remind(today: date | None = None) -> int:
    """Write a reminder for every instalment of a line that falls due soon; how many were written.
    The same day of a loan is reminded of once.
    """
    first = today or timezone.localdate()
    live = BorrowerLine._base_manager.filter(ended_at=None)
    lines: dict[UUID | None, BorrowerLine] = {row.person_id: row for row in live}
    loans = Loan._base_manager.filter(
        person_id__in=list(lines), state=LoanState.ACTIVE.value, moved_date=None
    )
    rows = due_rows(first + AHEAD, loans) if lines else ()
    found = {(row.loan_id, row.due_date): row.loan for row in rows if row.due_date >= first}
    told = set(
        LineMessage._base_manager.filter(
            kind=MessageKind.DUE, loan_id__in={loan for loan, _day in found}
        ).values_list("line_id", "loan_id", "due_date")
    )
    new = [
        LineMessage(
            line=lines[loan.person_id],
            loan=loan,
            kind=MessageKind.DUE,
            due_date=day,
            next_try_at=outgoing.by_day(timezone.now()),
        )
        for (_loan_id, day), loan in found.items()
        if (lines[loan.person_id].pk, loan.pk, day) not in told
    ]
    _store(new)
    return len(new)


def _store(messages: Iterable[LineMessage]) -> None:
    new = list(messages)
    if not new:
        return
    LineMessage.objects.bulk_create(new)


def look(now: datetime) -> None:
    """Have sent what waits and is due."""
    if _due(now).exists():
        send_waiting.enqueue()


jobs.every_minute.append(look)


def _due(now: datetime) -> QuerySet[LineMessage]:
    rows: QuerySet[LineMessage] = LineMessage._base_manager.filter(
        state=MessageState.WAITING, next_try_at__lte=now
    )
    return rows


def is_stop(words: str) -> bool:
    """Whether somebody writes that she wants no messages any more."""
    told = unicodedata.normalize("NFKC", words).upper().split()
    plain = [word.strip(".,;:!?\"'«»“”()") for word in told]
    return bool(plain) and (plain[0].startswith(STOP) or not STOPS.isdisjoint(plain))


def answer(phone_hash: KeyedHash, words: str, now: datetime) -> None:
    """What somebody wrote from a number: STOP ends her lines, anything else asks for a balance,
    which goes to the number on her record. Who has no line is told nothing, here or there. STOP
    ends the prices she is told of too.
    """
    if is_stop(words):
        price_lines.end_by_herself(phone_hash)
    lines = BorrowerLine._base_manager.filter(ended_at=None, person__phone_hash=phone_hash)
    for line in lines.select_related("started_by", "person"):
        if is_stop(words):
            with suppress(LineEnded):  # written twice
                _end(line, line.started_by, by_herself=True)
            continue
        asked = line.messages.filter(kind=MessageKind.BALANCE, recorded_at__gt=now - timedelta(1))
        left = max(BALANCES_A_DAY - asked.count(), 0)
        loans = Loan._base_manager.filter(
            person_id=line.person_id, state=LoanState.ACTIVE.value, moved_date=None
        )
        _store(
            LineMessage(line=line, loan=loan, kind=MessageKind.BALANCE)
            for loan in loans.order_by("pk")[:left]
        )


@job
def remind_borrowers() -> None:
    """Every night: reminders of the days to come."""
    remind()


@job
def send_waiting() -> None:
    """Send what waits and is due; what was not taken waits for its next try. A gateway that is away
    is left alone until the next round: the other work of the house does not wait for it.
    """
    due = _due(timezone.now()).order_by("next_try_at", "id").values_list("pk", flat=True)
    for pk in list(due[:AT_ONCE]):
        if not send_message(pk, timezone.now()):
            return


def send_message(pk: UUID, now: datetime) -> bool:
    """Send one message, claimed first so that no other worker sends it too; False where the gateway
    could not be reached or asked to be left alone.
    """
    if not outgoing.claim(LineMessage, pk, now):
        return True
    row = LineMessage._base_manager.select_related("line__person", "loan", "event").get(pk=pk)
    person, today = row.line.person, timezone.localdate(now)
    row.why = _kept_back(row.line, person, today)
    text = "" if row.why else text_of(row, today)
    reached = True
    if not text:
        row.state, row.why = MessageState.DROPPED, row.why or "NOTHING"
    else:
        reached = _hand_over(row, person.phone, text, now)
    outgoing.settle(row)
    return reached


def _kept_back(line: BorrowerLine, person: Person, today: date) -> str:
    """Why nothing may be sent to her now; empty when it may."""
    if line.ended_at is not None:
        return "ENDED"
    if person.pk in hidden_from_all():
        return "APART"
    if not has_consent(person, ConsentPurpose.SERVICE, on=today):
        return "CONSENT"
    return "" if person.phone else "NO_TELEPHONE"


def _hand_over(row: LineMessage, phone: str, text: str, now: datetime) -> bool:
    fault = outgoing.hand_over(
        row, lambda: texting.send(row.pk, phone, text), WAITS, MessageState.FAILED, now
    )
    return fault is None or fault.final
