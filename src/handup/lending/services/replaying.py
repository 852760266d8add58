"""A loan folded anew and written where it differs: the events that do not simply come last.

Stored rows, splits and pauses are replaced, never changed. A row that a change of the loan put out
of force is kept with the day it ended, so that every earlier day is answered as it was.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from handup.kernel.credit.codes import Component
from handup.kernel.credit.standing import ZERO
from handup.lending.models import (
    EventEffect,
    Loan,
    LoanCure,
    LoanDue,
    LoanEnd,
    LoanPause,
    PaymentSplit,
)
from handup.lending.rules.codes import Effect
from handup.lending.rules.ends import End, ends_of
from handup.lending.rules.loan import (
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    DueRow,
    EffectRow,
    Event,
    Parts,
    SplitRow,
    State,
    fold,
)
from handup.lending.rules.premiums import with_instalments
from handup.lending.rules.terms import read_terms, rows_say_all
from handup.lending.services.store import (
    Writer,
    cure_rows,
    due_row,
    project,
    set_paid,
    split_row,
    sum_parts,
)
from handup.org.plain import rows_where

Did = Counter[tuple[Effect, Component | None]]
"""What an event did besides settling rows, by what and part."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a replay changed what one event did: the parts it settled and the overpayment, and what
    it did besides, before and after.
    """

    event_id: UUID
    before: Parts = ZERO
    before_overpaid: int = 0
    after: Parts = ZERO
    after_overpaid: int = 0
    did_before: Did = field(default_factory=Counter)
    did_after: Did = field(default_factory=Counter)


def replay(writer: Writer, loan: Loan, events: Sequence[Event]) -> tuple[State, list[Change]]:
    """Fold a loan anew and note what differs from what is stored; return what each event settles
    now.

    The writer must have flushed: stored rows and splits are read here.
    """
    state = fold(events, terms=read_terms(loan.terms))
    state.check()
    _match_dues(writer, loan, state)
    _match_pauses(writer, loan, state)
    _match_cures(writer, loan, state)
    _match_ends(writer, loan, state, events)
    changes = _match_splits(writer, loan, state) + _match_effects(writer, loan, state)
    project(loan, state)
    writer.loans[loan.id] = loan
    return state, changes


DueKey = tuple[int, date, date | None, date, int, int, int, int, int]
Wanted = tuple[DueRow, list[int], date | None, int]
"""A row of the fold, what it asks for, the day it went out of force, and its fee by the table."""


def _match_dues(writer: Writer, loan: Loan, state: State) -> None:
    """Keep the stored rows that the fold says again, in force or not any more; replace others."""
    stored = {
        due_key(due): due
        for due in rows_where(LoanDue, "loan_id", [loan.id], also='AND "replaced_at" IS NULL')
    }
    for key, (row, asked, to_date, tariff) in wanted_dues(state):
        old = stored.pop(key, None)
        if old is None:
            writer.new_dues.append(due_row(loan, row, writer.now, asked, to_date, tariff))
            continue
        set_paid(old, row)
        writer.paid_dues[old.id] = old
    for old in stored.values():
        old.replaced_at = writer.now
        writer.replaced_dues.append(old)


def wanted_dues(state: State) -> list[tuple[DueKey, Wanted]]:
    """The rows that are stored of a loan that stands so, in force or not any more; where interest
    follows the balance, as they fall due if nothing more is paid.
    """
    shown = state.if_unpaid()
    current: list[Wanted] = [
        (row, shown.stored_due(row), None, shown.tariff.get(row.number, 0)) for row in shown.rows
    ]
    found = []
    for item in (*current, *_past(state)):
        row, asked, to_date, tariff = item
        key: DueKey = (
            *(row.number, row.from_date, to_date, row.due_date),
            *(asked[PENALTY], asked[FEE], asked[INTEREST], asked[PRINCIPAL]),
            tariff,
        )
        found.append((key, item))
    return found


def due_key(due: LoanDue) -> DueKey:
    """What a stored row says, besides what is paid of it."""
    return (
        *(due.number, due.from_date, due.to_date, due.due_date),
        *(due.penalty_units, due.fee_units, due.interest_units, due.principal_units),
        due.tariff_units,
    )


def _past(state: State) -> list[Wanted]:
    """The rows that went out of force, as payments before that day left them."""
    rows = state.past_rows
    if not rows:
        return []
    paid: dict[int, list[SplitRow]] = defaultdict(list)
    for split in state.splits:
        if split.number is not None:
            paid[split.number].append(split)
    found: list[Wanted] = []
    for row, to_date, tariff in rows:
        asked = row.due.copy()
        before = [split for split in paid[row.number] if split.value_date < to_date]
        row.set_paid(sum_parts(before), row.settled_date)
        found.append((row, asked, to_date, tariff))
    return found


def _match_pauses(writer: Writer, loan: Loan, state: State) -> None:
    """Keep the days of moratoria that the fold says again."""
    if not loan.changed and not state.changed:
        return
    wanted = {(pause.first, pause.last) for pause in state.frozen}
    for old in LoanPause.objects.filter(loan_id=loan.id, replaced_at=None):
        key = (old.first_date, old.last_date)
        if key in wanted:
            wanted.discard(key)
            continue
        old.replaced_at = writer.now
        writer.replaced_pauses.append(old)
    for first, last in sorted(wanted):
        writer.new_pauses.append(
            LoanPause(
                loan_id=loan.id,
                first_date=first,
                last_date=last,
                recorded_at=writer.now,
                received_at=writer.now,
            )
        )


def _match_cures(writer: Writer, loan: Loan, state: State) -> None:
    """Keep the days of a restructured loan that the fold says again."""
    if not loan.restructured and not state.restructured:
        return
    wanted = {(row.first_date, row.last_date): row for row in cure_rows(loan, state, writer.now)}
    for old in LoanCure.objects.filter(loan_id=loan.id, replaced_at=None):
        if wanted.pop((old.first_date, old.last_date), None) is None:
            old.replaced_at = writer.now
            writer.replaced_cures.append(old)
    writer.new_cures += wanted.values()


def _match_ends(writer: Writer, loan: Loan, state: State, events: Sequence[Event]) -> None:
    """Keep the last due dates agreed before that the fold says again."""
    wanted = ends_of(state, events)
    if not wanted and not loan.changed and rows_say_all(state.terms):
        return
    left = set(wanted)
    for old in LoanEnd.objects.filter(loan_id=loan.id, replaced_at=None):
        key = End(old.to_date, old.due_date)
        if key in left:
            left.discard(key)
            continue
        old.replaced_at = writer.now
        writer.replaced_ends.append(old)
    writer.new_ends += [
        LoanEnd(
            loan_id=loan.id,
            to_date=end.to_date,
            due_date=end.due_date,
            recorded_at=writer.now,
            received_at=writer.now,
        )
        for end in sorted(left)
    ]


def did_of(effects: Iterable[EffectRow]) -> Did:
    """Effects summed by what and part."""
    found: Did = Counter()
    for row in effects:
        found[row.what, row.component] += row.units
    return found


def stored_did(effects: Iterable[EventEffect]) -> Did:
    """Stored effects summed by what and part."""
    found: Did = Counter()
    for row in effects:
        component = Component(row.component) if row.component else None
        found[Effect(row.what), component] += row.units
    return found


def _match_effects(writer: Writer, loan: Loan, state: State) -> list[Change]:
    """Keep what each event did where the fold says it again; replace the rest."""
    if not loan.changed and not state.changed and not with_instalments(state.terms):
        return []
    stored: dict[UUID, list[EventEffect]] = defaultdict(list)
    for old in EventEffect.objects.filter(loan_id=loan.id, replaced_at=None):
        stored[old.event_id].append(old)
    wanted: dict[UUID, list[EffectRow]] = defaultdict(list)
    for row in state.effects:
        wanted[row.event_id].append(row)
    changes = []
    for event_id in dict.fromkeys([*stored, *wanted]):
        olds, news = stored[event_id], wanted[event_id]
        before, after = stored_did(olds), did_of(news)
        if before == after:
            continue
        for old in olds:
            old.replaced_at = writer.now
            writer.replaced_effects.append(old)
        writer.effects += [_effect(loan, row, writer) for row in news]
        changes.append(Change(event_id, did_before=before, did_after=after))
    return changes


def _effect(loan: Loan, row: EffectRow, writer: Writer) -> EventEffect:
    return EventEffect(
        loan_id=loan.id,
        event_id=row.event_id,
        what=row.what.value,
        component="" if row.component is None else row.component.value,
        units=row.units,
        value_date=row.value_date,
        recorded_at=writer.now,
        received_at=writer.now,
    )


SplitKey = tuple[int | None, int, int, int, int, int, date]


def _match_splits(writer: Writer, loan: Loan, state: State) -> list[Change]:
    stored: dict[UUID, list[PaymentSplit]] = defaultdict(list)
    for old in PaymentSplit.objects.filter(loan_id=loan.id, replaced_at__isnull=True):
        if settles(old):
            stored[old.event_id].append(old)
    wanted: dict[UUID, list[SplitRow]] = defaultdict(list)
    for split in state.splits:
        wanted[split.event_id].append(split)
    changes = []
    for event_id in dict.fromkeys([*stored, *wanted]):
        olds, news = stored[event_id], wanted[event_id]
        if sorted(map(split_key, olds), key=str) == sorted(map(wanted_split, news), key=str):
            continue
        for old in olds:
            old.replaced_at = writer.now
            writer.replaced_splits.append(old)
        writer.splits += [split_row(loan, split, writer.now) for split in news]
        changes.append(_change(event_id, olds, news))
    return changes


def settles(old: PaymentSplit) -> bool:
    """Whether any money lies in a stored split; versions before kept some of no money at all."""
    return any(split_key(old)[1:6])


def split_key(old: PaymentSplit) -> SplitKey:
    """What a stored split says."""
    return (
        old.number,
        old.penalty_units,
        old.fee_units,
        old.interest_units,
        old.principal_units,
        old.overpaid_units,
        old.value_date,
    )


def wanted_split(split: SplitRow) -> SplitKey:
    """What is stored of a split of the fold."""
    return (split.number, *split.parts, split.overpaid, split.value_date)


def _change(event_id: UUID, olds: Sequence[PaymentSplit], news: Sequence[SplitRow]) -> Change:
    return Change(
        event_id,
        (
            sum(old.penalty_units for old in olds),
            sum(old.fee_units for old in olds),
            sum(old.interest_units for old in olds),
            sum(old.principal_units for old in olds),
        ),
        sum(old.overpaid_units for old in olds),
        sum_parts(news),
        sum(split.overpaid for split in news),
    )
