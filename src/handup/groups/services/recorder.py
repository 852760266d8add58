"""A group as its phone's facts find it: locked, with its book, its members and its open meeting.

The facts go through `rules.recorded`; what is accepted waits in `Recorder.accepted` until
`record_facts` of `recorded.py` writes it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.groups.models import Cycle, Group, GroupFact, Meeting
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.group import CycleStatus
from handup.groups.queries import (
    BULK_FUND_ID,
    FUND_NAMES,
    charges_before,
    last_share_out,
    open_meeting_of,
    saved_moves,
    shares_in,
    terms_of,
)
from handup.groups.rules.book import (
    CycleNow,
    Figures,
    Loan,
    OwedFine,
    Place,
    RecordedBook,
    Told,
    Wrong,
)
from handup.groups.rules.constitution import completed
from handup.groups.rules.elections import in_a_row, stem_of
from handup.groups.rules.money import LOAN, SOCIAL
from handup.groups.rules.recorded import take
from handup.groups.services import recorder_questions as questions
from handup.groups.services.elections_told import election_now, votes_by_number
from handup.groups.services.facts import MEETING, Stream
from handup.ledger.balances import Held, balances_of_roles
from handup.org.models import StaffUser
from handup.org.scope import hidden_from, on_no_team

INCOME = frozenset(
    {"INTEREST_INCOME", "PENALTY_INCOME", "FEE_INCOME", "OTHER_INCOME", "GRANT_INCOME", "SALES"}
)
TRADE = frozenset({"PRODUCERS", "INPUTS_DUE", "RECEIVABLE", "STOCK", "PAYABLE", "PURCHASES"})
"""What a group trades outside its meetings: no phone moves it, and it is not the members' money."""
KEPT = frozenset({"RETAINED", "FUND_BALANCE", "SHARE_CAPITAL", "ROUNDING", *TRADE})
AWAY = frozenset({"BANK", "MOBILE"})
BY_MEMBER = {"SAVINGS": "savings", "OVERPAID": "overpaid", "MEMBERS_DUE": "due", "CLAIMS": "claims"}
"""What the group owes each member, and the figure it stands in."""
ROLES = (
    "CASH",
    "LOANS",
    *BY_MEMBER,
    "OUTSIDE_DEBT",
    "CONTRIBUTION_INCOME",
    "EXPENSE",
    "CASH_DIFFERENCE",
    *sorted(INCOME | KEPT | AWAY),
)
TAKES_THE_RECORD = frozenset({"restore_group", "open_meeting"})


@dataclass(frozen=True, slots=True)
class PhoneFact:
    """A fact as a phone hashed and chained it; `content` is all that was hashed. `stream`: where
    it is kept, another one than MEETING when two records are both kept."""

    id: str
    name: str
    meeting_id: str | None
    happened_date: date
    device_id: str
    content: Mapping[str, Any]
    content_hash: str
    prev_hash: str
    chain_hash: str
    stream: str = MEETING

    @property
    def body(self) -> Mapping[str, Any]:
        """What it says."""
        body: Mapping[str, Any] = self.content["body"]
        return body


def told_of(content: Mapping[str, Any]) -> Told:
    """A fact as the book of its group reads it."""
    return Told(
        id=content["id"],
        name=content["name"],
        happened_date=date.fromisoformat(content["happened_date"]),
        meeting_id=content.get("meeting_id"),
        currency=content["currency"],
        version=content["constitution_version"],
        recorded_date=date.fromisoformat(content["recorded_at"][:10]),
        body=content["body"],
    )


@dataclass(slots=True)
class Recorder:
    """One group while its phone's facts are taken: the end of its stream, its book, its numbers.

    ids: the id of each member by her number. accepted: facts to be written. at_close: the book as
    each closing left it. office_meeting: the open meeting, when the office and no phone opened it.
    stuck: why what was accepted of the open meeting no longer stands in the book; until that is
    mended nothing more is accepted. beside: the ends of streams kept beside the main one.
    """

    group: Group
    stream: Stream
    book: RecordedBook
    ids: dict[int, UUID]
    cycle: Cycle | None
    open_meeting: Meeting | None
    last_number: int
    accepted: list[PhoneFact] = field(default_factory=list)
    at_close: dict[str, RecordedBook] = field(default_factory=dict)
    office_meeting: UUID | None = None
    stuck: tuple[Wrong, ...] = ()
    beside: dict[str, Stream] = field(default_factory=dict)

    def end_of(self, stream: str) -> Stream:
        """The end of the stream of meetings with this name."""
        if stream == MEETING:
            return self.stream
        if stream not in self.beside:
            self.beside[stream] = Stream.read(self.group, name=stream)
        return self.beside[stream]

    def judge(
        self, facts: Sequence[PhoneFact], breaches: list[Wrong] | None = None
    ) -> tuple[tuple[Wrong, ...], frozenset[str]]:
        """Read new facts behind those accepted; without a fault they are accepted. Returns every
        fault, and what is to be told; breaches takes the rules that accepted facts broke."""
        if self.stuck:
            return self.stuck, frozenset()
        beside = bool(facts) and facts[0].stream != MEETING
        told = [told_of(fact.content) for fact in facts]
        broken: list[Wrong] = []
        book, faults, flags = take(self.book, told, beside=beside, breaches=broken)
        faults = (*self._beside_the_office(facts), *faults)
        if self.cycle is None and not faults:
            faults = (Wrong("BAD_CONTENT", facts[0].id, "cycle"),)
        if faults:
            return faults, flags
        self.book = book
        self.accepted += facts
        if breaches is not None:
            breaches += broken
        for fact in facts:
            if fact.name == "close_meeting":
                self.at_close[fact.id] = book
        return (), flags

    def _beside_the_office(self, facts: Sequence[PhoneFact]) -> tuple[Wrong, ...]:
        """Facts that would take the record, or open a meeting, while the office has one open."""
        return tuple(
            Wrong("MEETING_OPEN", fact.id, "meeting_id", str(self.office_meeting))
            for fact in facts
            if self.office_meeting is not None and fact.name in TAKES_THE_RECORD
        )


def recorders_of(groups: Iterable[UUID], *, carrier: StaffUser) -> dict[UUID, Recorder]:
    """Lock groups, in the order of their ids, and read what their facts can touch. Called inside
    the transaction that writes; groups that do not exist are left out.

    Who carries the facts changes nothing about them: what a phone was told by its pack counts, and
    in no pack is whom a case team hides.
    """
    hidden = _on_no_phone(carrier)
    rows = questions.groups_locked(sorted(set(groups)))
    return {group.pk: _recorder(group, hidden, Stream.read(group, name=MEETING)) for group in rows}


def book_now(group: Group, *, reader: StaffUser) -> RecordedBook:
    """A group's book with what its open meeting recorded, as its phone would have it: to look at,
    for one of its devices."""
    return _recorder(group, _on_no_phone(reader), Stream.read(group, name=MEETING)).book


def _on_no_phone(staff: StaffUser) -> frozenset[UUID]:
    """Persons hidden from every device, whoever of their case teams asks."""
    return hidden_from(on_no_team(staff))


def _recorder(group: Group, hidden: frozenset[UUID], stream: Stream) -> Recorder:
    meeting = open_meeting_of(group)
    members = questions.members_ever(group.pk)
    numbers = {member.pk: member.member_no for member in members}
    loans, principals = _loans(group, numbers)
    book = RecordedBook(
        currency=group.currency,
        members={
            member.member_no: Place(
                member.joined_date, member.left_date, member.person_id in hidden
            )
            for member in members
        },
        settings=_settings(group),
        figures=_figures(group, numbers, principals),
        loans=loans,
        fines={
            str(pk): OwedFine(numbers[member], units, paid, waived)
            for pk, member, units, paid, waived in questions.fines(group.pk)
        },
        last_held=_only(questions.last_held(group.pk)),
        original=_originals(group),
    )
    _read_offices(group, book)
    for slot, number, ended in questions.keys_of_the_box(group.pk):
        if ended is None:
            book.keys[slot] = number
        else:
            book.past_keys.setdefault(slot, set()).add(number)
    book.last_share_out = last_share_out(group)
    book.saved_moves = partial(saved_moves, group, numbers)
    book.known_election = election_now(group, numbers)
    book.votes = votes_by_number(group, numbers)
    cycles = questions.running_cycles(group.pk) or questions.last_cycles(group.pk)
    cycle = cycles[0] if cycles else None
    if cycle is not None:
        cycle.group = group
        is_open = cycle.status != CycleStatus.CLOSED
        book.cycle = CycleNow(cycle.number, cycle.start_date, is_open, cycle.planned_end_date)
        book.base_shares = cache(partial(shares_in, cycle, numbers))
    recorder = Recorder(
        group=group,
        stream=stream,
        book=book,
        ids={member.member_no: member.pk for member in members},
        cycle=cycle,
        open_meeting=meeting,
        last_number=_only(questions.last_number(group.pk)) or 0,
    )
    if meeting is not None:
        _read_again(recorder, meeting)
        if recorder.book.sitting is None and not recorder.stuck:
            recorder.office_meeting = meeting.pk
    return recorder


def _only(rows: Sequence[tuple[Any, ...]]) -> Any:
    """The first value of the first row; None where there is no row."""
    return rows[0][0] if rows else None


def _read_again(recorder: Recorder, meeting: Meeting) -> None:
    """Bring the book to where the open meeting left it; its facts were accepted before. Where the
    group's book has changed so that they no longer stand in it, what comes now waits."""
    facts = meeting.facts.exclude(told=None).order_by("seq").values_list("stream", "told")
    rows = [(stream, told_of(content)) for stream, content in facts if content]
    beside = any(stream != MEETING for stream, _told in rows)
    told = [fact for _stream, fact in rows]
    recorder.book, recorder.stuck, _flags = take(recorder.book, told, beside=beside)


def _read_offices(group: Group, book: RecordedBook) -> None:
    """Who holds an office now, and how many terms in a row."""
    told: dict[int, list[tuple[str, date, date | None]]] = {}
    for office, number, since, to in questions.terms_of_office(group.pk):
        told.setdefault(number, []).append((office, since, to))
        if to is None:
            book.offices[office] = number
    today = timezone.localdate()
    for office, number in book.offices.items():
        book.terms[stem_of(office), number] = in_a_row(told[number], office, today)


def _settings(group: Group) -> Callable[[int], Mapping[str, Any]]:
    versions: dict[int, Any] = dict(questions.constitutions(group.pk))

    def settings(version: int) -> Mapping[str, Any]:
        """The settings of a version; nothing of one the server does not have yet."""
        return completed(versions.get(version, {}))

    return settings


def _loans(
    group: Group, numbers: Mapping[UUID, int]
) -> tuple[dict[str, Loan], dict[UUID, tuple[int, Fraction]]]:
    loans, rates = {}, {}
    for row in questions.loans_inside(group.pk):
        terms = terms_of(row)
        loans[str(row.pk)] = Loan(
            numbers[row.member_id],
            row.fund,
            row.term_periods,
            terms,
            row.paid_out_date,
            row.due_date,
        )
        rates[row.pk] = (numbers[row.member_id], terms.rate)
    return loans, rates


def _figures(group: Group, numbers: Mapping[UUID, int], loans: Mapping[UUID, Any]) -> Figures:
    """The balances of the group's own book, in the numbers and signs a phone knows."""
    figures = Figures()
    for item in balances_of_roles(group.book, ROLES):
        subject = item.subject
        if item.role == "CASH":
            if item.fund in FUND_NAMES:
                figures.cash[FUND_NAMES[item.fund]] += item.units
            continue
        _add_total(figures, item)
        if subject in loans and item.role in {"LOANS", "INTEREST_INCOME"}:
            table = figures.principal if item.role == "LOANS" else figures.charge_paid
            sign = 1 if item.role == "LOANS" else -1
            table[str(subject)] = table.get(str(subject), 0) + sign * item.units
        elif subject is not None and subject in numbers and item.role in BY_MEMBER:
            by_member: dict[int, int] = getattr(figures, BY_MEMBER[item.role])
            number = numbers[subject]
            by_member[number] = by_member.get(number, 0) - item.units
    if loans:
        for loan, units in charges_before(group).items():
            figures.charge_paid[loan] = figures.charge_paid.get(loan, 0) + units
    return figures


def _add_total(figures: Figures, item: Held) -> None:
    """What the group as a whole has beside its box, owes, and keeps (C4); what members paid in for
    goods bought together is none of it.
    """
    if item.fund == BULK_FUND_ID:
        return
    if item.role in AWAY:
        key = (FUND_NAMES.get(item.fund, LOAN), item.role)
        figures.away[key] = figures.away.get(key, 0) + item.units
    elif item.role == "OUTSIDE_DEBT":
        figures.outside_debt -= item.units
    elif item.role in INCOME:
        figures.income -= item.units
    elif item.role in KEPT:
        figures.retained -= item.units
    elif item.role == "CASH_DIFFERENCE":
        figures.differences -= item.units
    elif item.role == "CONTRIBUTION_INCOME" or (
        item.role == "EXPENSE" and FUND_NAMES.get(item.fund) == SOCIAL
    ):
        figures.social -= item.units
    elif item.role == "EXPENSE":
        figures.expense += item.units


def _originals(group: Group) -> Callable[[str], tuple[Told, bool] | None]:
    """How a reversal finds what it reverses: a stored fact of this group's phone, at any age. What
    the open meeting reversed the book itself knows, as it reads that meeting again."""

    def original(id: str) -> tuple[Told, bool] | None:
        row = (
            GroupFact.objects.filter(pk=id, group=group)
            .exclude(told=None)
            .values_list("told", "reversed_by__meeting__status")
            .first()
        )
        if row is None or row[0] is None:
            return None
        return told_of(row[0]), row[1] not in {None, MeetingStatus.OPEN}

    return original
