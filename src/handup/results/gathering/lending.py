"""Loans and their dated rows; and the tables that lending's own rules make for a day or a period
(PAR, REPAID, ON_TIME, WRITE_OFF are called, never written again)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from handup.groups.models import Member
from handup.kernel.dates import month_end as month_end_of
from handup.lending import following
from handup.lending import queries as rules
from handup.lending.models import (
    JointMember,
    Loan,
    LoanCure,
    LoanDue,
    LoanEnd,
    LoanEvent,
    LoanPause,
    PaymentSplit,
)
from handup.org.scope import leave_out
from handup.results.gathering.base import Source, made_id
from handup.results.rules.expressions import Asked, Cell, Row


def loans(source: Source) -> Any:
    """The loans a programme's figures count."""
    return leave_out(Loan.objects.filter(programme=source.programme), source.without)


def _cells(source: Source, row: Loan, cycle: int) -> dict[str, Cell]:
    day = row.disbursed_date
    assert day is not None
    person = source.whose(row.person_id) if row.person_id else None
    return {
        **source.person_cells(person, day),
        "household": source.household_on(person, day) if person else None,
        "enterprise": str(row.enterprise_id) if row.enterprise_id else None,
        "grp": str(row.group_id) if row.group_id else None,
        "lender": row.lender.code,
        "loan_product": row.product_version.product.code if row.product_version else "",
        "loan_cycle": str(cycle),
        "enterprise_sector": row.enterprise.trade if row.enterprise else "",
        "currency": row.currency,
    }


def loan(source: Source) -> Iterator[Row]:
    """Loans on the day they were first paid out."""
    rows = loans(source).filter(disbursed_date__isnull=False)
    asked = rows.select_related("lender", "product_version__product", "enterprise")
    written_off = dict(
        LoanEvent._base_manager.filter(
            kind="WRITTEN_OFF", reversed_by=None, loan__programme=source.programme
        ).values_list("loan_id", "value_date")
    )
    before: Counter[UUID] = Counter()
    for row in asked.order_by("disbursed_date", "id"):
        whose = row.person_id or row.group_id or row.enterprise_id or row.pk
        before[whose] += 1
        person = source.whose(row.person_id) if row.person_id else None
        cells = _cells(source, row, before[whose]) | {
            "disbursed_units": row.disbursed_units,
            "tolerance_units": row.arrears_tolerance_units,
            "settled_day": row.settled_date,
            "opening_day": row.opening_date,
            "restructured_day": row.restructured_date,
            "last_due_day": row.last_due_date,
            "written_off_day": written_off.get(row.pk),
        }
        yield source.row(
            row.pk,
            row.disbursed_date,
            row.recorded_at,
            cells,
            person=person,
            office=row.office_id,
        )


SHARED = (
    *("household", "enterprise", "grp", "lender", "loan_product", "loan_cycle"),
    *("enterprise_sector", "currency", "person", "sex", "age_band", "displacement", "woman_head"),
    *("low_income", "disability", "target_category", "area1", "area2", "urban_rural"),
    *("programme", "project_phase", "branch"),
)


def _of_loan(of: Row, record: object, day: date, received: Cell, /, **cells: Cell) -> Row:
    return {
        **{name: of[name] for name in SHARED},
        "record": str(record),
        "day": day,
        "received": received,
        **cells,
    }


def _by_id(source: Source) -> dict[str, Row]:
    return {str(row["record"]): row for row in source.table("loan")}


def _received(moment: datetime) -> int:
    return int(moment.timestamp())


def disbursement(source: Source) -> Iterator[Row]:
    """Every payment out; of a loan taken over from elsewhere what was lent there, on its day."""
    known = _by_id(source)
    events = LoanEvent._base_manager.filter(
        kind="DISBURSED", reversed_by=None, loan__programme=source.programme
    ).order_by("value_date", "id")
    paid: set[str] = set()
    for pk, whose, day, units, moment in events.values_list(
        "pk", "loan_id", "value_date", "units", "received_at"
    ):
        if (row := known.get(str(whose))) is not None:
            paid.add(str(whose))
            yield _of_loan(row, pk, day, _received(moment), loan=str(whose), units=units)
    for key, row in known.items():
        if key not in paid:
            assert isinstance(row["day"], date)
            lent = row["disbursed_units"]
            yield _of_loan(row, key, row["day"], row["received"], loan=key, units=lent)


def write_off(source: Source) -> Iterator[Row]:
    """Principal written off, by the day it was."""
    known = _by_id(source)
    events = LoanEvent._base_manager.filter(
        kind="WRITTEN_OFF", reversed_by=None, loan__programme=source.programme
    ).order_by("value_date", "id")
    for pk, whose, day, units, moment in events.values_list(
        "pk", "loan_id", "value_date", "units", "received_at"
    ):
        if (row := known.get(str(whose))) is not None:
            yield _of_loan(row, pk, day, _received(moment), loan=str(whose), units=units)


def _plain(
    source: Source, record: object, day: date, moment: datetime, loan: object, /, **cells: Cell
) -> Row:
    return {
        "record": str(record),
        "day": day,
        "received": _received(moment),
        "programme": source.programme.code,
        "project_phase": "",
        "branch": "",
        "loan": str(loan),
        **cells,
    }


def due(source: Source) -> Iterator[Row]:
    """Instalments as they are known now, with the days each was in force."""
    known = _by_id(source)
    carried: dict[tuple[UUID, int | None], list[int]] = defaultdict(lambda: [0, 0])
    for whose, number, principal, other, penalty in (
        _splits(source)
        .filter(CARRIED)
        .values_list("loan_id", "number", "principal_units", OTHER, "penalty_units")
    ):
        told = carried[whose, number]
        told[0] += principal + other + penalty
        told[1] += principal
    rows = LoanDue._base_manager.filter(
        replaced_at=None, loan__programme=source.programme
    ).order_by("due_date", "id")
    for row in rows.iterator(chunk_size=2000):
        if str(row.loan_id) not in known:
            continue
        before, principal = carried.get((row.loan_id, row.number), (0, 0))
        yield _plain(
            source,
            row.pk,
            row.due_date,
            row.received_at,
            row.loan_id,
            number=row.number,
            principal_units=row.principal_units,
            other_units=row.interest_units + row.fee_units,
            penalty_units=row.penalty_units,
            before_units=before,
            before_principal_units=principal,
            from_day=row.from_date,
            to_day=row.to_date,
        )


CARRIED = Q(event__kind="OPENING_POSITION", event__payload__has_key="from")
OTHER = F("interest_units") + F("fee_units")


def _splits(source: Source) -> Any:
    return PaymentSplit._base_manager.filter(
        replaced_at=None, loan__programme=source.programme
    ).order_by()


def split(source: Source) -> Iterator[Row]:
    """What each payment settled of which instalment."""
    known = _by_id(source)
    before = set(_splits(source).filter(CARRIED).values_list("pk", flat=True))
    for pk, whose, number, day, moment, principal, other, penalty in (
        _splits(source)
        .order_by("value_date", "id")
        .values_list(
            *("pk", "loan_id", "number", "value_date", "received_at", "principal_units"),
            *(OTHER, "penalty_units"),
        )
        .iterator(chunk_size=2000)
    ):
        if str(whose) in known:
            yield _plain(
                source,
                pk,
                day,
                moment,
                whose,
                number=number,
                principal_units=principal,
                other_units=other,
                penalty_units=penalty,
                carried=pk in before,
            )


def _spans(source: Source, model: Any) -> Iterator[Row]:
    known = _by_id(source)
    rows = model._base_manager.filter(replaced_at=None, loan__programme=source.programme)
    for row in rows.order_by("first_date", "id"):
        if str(row.loan_id) in known:
            yield _plain(
                source,
                row.pk,
                row.first_date,
                row.received_at,
                row.loan_id,
                last_day=row.last_date,
            )


def pause(source: Source) -> Iterator[Row]:
    """Days that do not count as days late, from the first on."""
    return _spans(source, LoanPause)


def cure(source: Source) -> Iterator[Row]:
    """Days on which a changed loan does not count as at risk, from the first on."""
    return _spans(source, LoanCure)


def run(source: Source) -> Iterator[Row]:
    """How the loans that their rows do not tell of stood, run of days by run of days."""
    known = _by_id(source)
    then = dict(loans(source).values_list("pk", "recorded_at"))
    for item in following.runs(source.cut_off, loans(source)):
        if str(item.loan_id) in known:
            yield _plain(
                source,
                made_id(item.loan_id, item.first),
                item.first,
                then[item.loan_id],
                item.loan_id,
                last_day=item.last,
                principal_units=item.principal,
                arrears_days=item.arrears_days,
                growing=item.growing,
            )


def loan_end(source: Source) -> Iterator[Row]:
    """Earlier last due dates: until which day each was the agreed one."""
    known = _by_id(source)
    rows = LoanEnd._base_manager.filter(replaced_at=None, loan__programme=source.programme)
    for row in rows.order_by("to_date", "id"):
        if str(row.loan_id) in known:
            yield _plain(
                source, row.pk, row.to_date, row.received_at, row.loan_id, due_day=row.due_date
            )


def liable(source: Source) -> Iterator[Row]:
    """Everybody who answers for a loan: who took it, the members of its joint group, and of a loan
    to a group those who were its members when it was paid out."""
    known = _by_id(source)
    of_group: dict[UUID, list[tuple[UUID, date, date | None]]] = defaultdict(list)
    held: Any = JointMember._base_manager.filter(
        joint_group__programme=source.programme, application__person__isnull=False
    )
    groups: dict[UUID, set[UUID]] = defaultdict(set)
    names: dict[UUID, UUID] = {}
    for group, application, person in held.values_list(
        "joint_group_id", "application_id", "application__person_id"
    ):
        groups[group].add(person)
        names[application] = group
    members: Any = Member._base_manager.filter(
        group__programme=source.programme, person__isnull=False
    )
    for group, person, first, last in members.values_list(
        "group_id", "person_id", "joined_date", "left_date"
    ):
        of_group[group].append((person, first, last))
    for row in loans(source).filter(disbursed_date__isnull=False).select_related("agreement"):
        day = row.disbursed_date
        group = names.get(row.agreement.application_id) if row.agreement else None
        joint = groups.get(group) if group is not None else None
        persons = {row.person_id} if row.person_id else set()
        persons |= joint or set()
        persons |= {
            person
            for person, first, last in of_group.get(row.group_id, ())
            if first <= day and (last is None or last > day)
        }
        for person in sorted({source.whose(one) for one in persons if one not in source.without}):
            cells = source.person_cells(person, day)
            yield {
                **_plain(source, row.pk, day, row.recorded_at, row.pk),
                **cells,
                "branch": known[str(row.pk)]["branch"],
            }


# --- made by lending's rules for each question ------------------------------------------------


def _known_at(asked: Asked) -> datetime | None:
    return None if asked.known_at is None else datetime.fromtimestamp(asked.known_at, UTC)


def position(source: Source, asked: Asked) -> Iterator[Row]:
    """What each loan owed at the end of the day and how late it was."""
    known = _by_id(source)
    days = asked.params.get("days", 30)
    assert isinstance(days, int)
    for item in rules.positions(asked.cut_off, loans(source), _known_at(asked)):
        row = known.get(str(item.loan_id))
        if row is not None:
            yield _of_loan(
                row,
                item.loan_id,
                asked.cut_off,
                row["received"],
                principal_units=item.principal_units,
                arrears_days=item.arrears_days,
                counts=item.restructured,
                at_risk=item.arrears_days > days or item.restructured,
            )


def borrower(source: Source, asked: Asked) -> Iterator[Row]:
    """Everybody who answers for a loan that owes something at the end of the day."""
    owing = {str(row["record"]): row for row in position(source, asked)}
    for row in source.table("liable"):
        held = owing.get(str(row["loan"]))
        if held is not None:
            yield {**row, "day": asked.cut_off, "principal_units": held["principal_units"]}


def ending(source: Source, asked: Asked) -> Iterator[Row]:
    """When each loan was last agreed to end, and when it was repaid."""
    known = _by_id(source)
    for item in rules.endings(asked.cut_off, loans(source)):
        row = known.get(str(item.loan_id))
        if row is not None:
            yield _of_loan(
                row,
                item.loan_id,
                asked.cut_off,
                row["received"],
                due_day=item.last_due_date,
                settled_day=item.settled_date,
            )


def fallen_due(source: Source, asked: Asked) -> Iterator[Row]:
    """Principal due by the day, and what of it was paid by it, loan by loan."""
    facts = rules.due_facts(date.min, asked.cut_off, asked.cut_off, loans(source))
    return _summed(
        source,
        asked,
        ((fact.loan_id, fact.principal_units, fact.principal_paid_units) for fact in facts),
        ("principal_units", "principal_paid_units"),
    )


def first_due(source: Source, asked: Asked) -> Iterator[Row]:
    """What first fell due in the period, and what of it was paid by its own day."""
    days = [row["day"] for row in _by_id(source).values() if isinstance(row["day"], date)]
    first = asked.start or min(days, default=asked.cut_off)
    facts = rules.due_facts(first, asked.cut_off, asked.cut_off, loans(source), as_due=True)
    return _summed(
        source,
        asked,
        ((fact.loan_id, fact.due_units, fact.paid_on_time_units) for fact in facts),
        ("due_units", "on_time_units"),
    )


def _summed(
    source: Source,
    asked: Asked,
    facts: Iterable[tuple[UUID, int, int]],
    names: tuple[str, str],
) -> Iterator[Row]:
    known = _by_id(source)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pk, first, second in facts:
        held = sums[str(pk)]
        held[0] += first
        held[1] += second
    for key, (first, second) in sums.items():
        row = known.get(key)
        if row is not None:
            told = {names[0]: first, names[1]: second}
            yield _of_loan(row, key, asked.cut_off, row["received"], **told)


def period_ends(asked: Asked) -> list[date]:
    """The month ends of the period; the cut-off alone where none lies in it."""
    found, day = [], month_end_of(asked.start or asked.cut_off.replace(day=1))
    while day <= asked.cut_off:
        found.append(day)
        day = month_end_of(day + timedelta(days=1))
    return found or [asked.cut_off]


def loss(source: Source, asked: Asked) -> Iterator[Row]:
    """Principal written off in the period, times the number of month ends (WRITE_OFF)."""
    ends = len(period_ends(asked))
    for row in source.table("write_off"):
        units, day = row["units"], row["day"]
        assert isinstance(units, int)
        assert isinstance(day, date)
        first = asked.start or asked.cut_off.replace(day=1)
        if first <= day <= asked.cut_off:
            yield {**row, "units": units * ends, "record": row["loan"]}


def month_end(source: Source, asked: Asked) -> Iterator[Row]:
    """The gross portfolio at each month end of the period: what each loan owed on that day."""
    known = _by_id(source)
    for day in period_ends(asked):
        for item in rules.positions(day, loans(source), _known_at(asked)):
            row = known.get(str(item.loan_id))
            if row is not None and item.principal_units:
                yield _of_loan(
                    row,
                    made_id(item.loan_id, day),
                    day,
                    row["received"],
                    loan=str(item.loan_id),
                    units=item.principal_units,
                )
