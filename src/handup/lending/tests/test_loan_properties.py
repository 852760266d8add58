"""Whatever happens to a loan in whatever order: nothing is lost, any order of arrival and any way
of going on give the same state.
"""

import json
import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from handup.kernel.credit.allocation import PRINCIPAL
from handup.kernel.credit.changes import Scope, Treatment
from handup.kernel.credit.codes import AdvanceTo, Component, EarlyEffect, Recalculation
from handup.kernel.credit.standing import sum_parts
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.events import Event, effective
from handup.lending.rules.loan import MONEY_IN, fold, resume, run, seen_on
from handup.lending.rules.snapshot import restored, snapshot
from handup.lending.rules.state import State
from handup.lending.tests.loans import (
    KINDS,
    START,
    charged,
    disbursed,
    event,
    moratorium,
    repaid,
    rescheduled,
    restructured,
    reversal,
    terms,
    waived,
)

days = st.integers(0, 400).map(lambda step: START + timedelta(days=step))
amounts = st.integers(1, 250_000)


def seen(state: State) -> tuple[object, ...]:
    """What two folds must agree on."""
    return (
        state.state,
        state.disbursed,
        state.capitalised,
        state.overpaid,
        state.refunded,
        state.waived,
        state.written_off,
        state.written_off_parts,
        state.recovered,
        state.restructured,
        state.settled_date,
        state.money_in,
        [
            (row.number, row.due_date, tuple(row.due), tuple(row.paid), row.settled_date)
            for row in state.rows
        ],
        sorted((item.event_id.hex, item.number or 0, item.parts) for item in state.splits),
    )


class Loan(RuleBasedStateMachine):
    """A loan of some kind, and facts of all dates that arrive in the order hypothesis likes."""

    def __init__(self) -> None:
        super().__init__()
        self.terms = terms()
        self.events: list[Event] = []

    @initialize(kind=st.sampled_from(sorted(KINDS)))
    def lend(self, kind: str) -> None:
        self.terms = KINDS[kind]
        self.events = [disbursed(self.terms)]

    def happen(self, new: Event) -> None:
        """A fact arrives; what the fold refuses with its new place in time is not stored."""
        try:
            fold([*self.events, new], terms=self.terms)
        except Refusal:
            return
        self.events.append(new)

    @rule(day=days, units=amounts, to=st.sampled_from([None, *AdvanceTo]))
    def repay(self, day: date, units: int, to: AdvanceTo | None) -> None:
        self.happen(repaid(day, units, advance_to=to))

    @rule(day=days, units=amounts, effect=st.sampled_from([None, *EarlyEffect]))
    def repay_early(self, day: date, units: int, effect: EarlyEffect | None) -> None:
        self.happen(event(EventKind.EARLY_REPAID, day, units, effect=effect))

    @rule(day=days, units=st.integers(1, 900_000))
    def pay_off(self, day: date, units: int) -> None:
        self.happen(event(EventKind.PAID_OFF, day, units))

    @precondition(lambda self: self.terms.tranches_max > 1)
    @rule(day=st.integers(0, 200), units=amounts)
    def pay_out_more(self, day: int, units: int) -> None:
        self.happen(event(EventKind.DISBURSED, START + timedelta(days=day), units))

    @rule(day=days, due=days, units=st.integers(1, 5_000))
    def charge(self, day: date, due: date, units: int) -> None:
        self.happen(charged(day, units, due))

    @rule(
        day=days,
        units=st.integers(1, 20_000),
        part=st.sampled_from([Component.PENALTY, Component.FEE, Component.INTEREST]),
    )
    def waive(self, day: date, units: int, part: Component) -> None:
        self.happen(waived(day, units, part))

    @rule(day=days, units=st.integers(1, 50_000))
    def refund(self, day: date, units: int) -> None:
        self.happen(event(EventKind.REFUNDED, day, units))

    @rule(
        day=days,
        shift=st.sampled_from([None, 5, 40]),
        grace=st.integers(0, 2),
        extra=st.integers(0, 3),
        rate=st.sampled_from([None, 120_000]),
    )
    def reschedule(
        self, day: date, shift: int | None, grace: int, extra: int, rate: int | None
    ) -> None:
        asked: dict[str, Any] = {"principal_grace": grace, "extra_instalments": extra}
        asked["new_rate_ppm"] = rate
        if shift is not None:
            asked["shift_to"] = day + timedelta(days=31 + shift)
        self.happen(rescheduled(day, **asked))

    @rule(
        day=days,
        length=st.integers(1, 100),
        scope=st.sampled_from(Scope),
        interest=st.booleans(),
        ageing=st.booleans(),
    )
    def pause(self, day: date, length: int, scope: Scope, interest: bool, ageing: bool) -> None:
        until = day + timedelta(days=length)
        self.happen(moratorium(day, until, scope=scope, interest_runs=interest, ageing_runs=ageing))

    @rule(
        day=days,
        kind=st.sampled_from(["schedule", "penalty", "flat", "daily", "balance KEEP_INSTALMENT"]),
        how=st.tuples(*[st.sampled_from(Treatment)] * 3),
    )
    def restructure(self, day: date, kind: str, how: tuple[Treatment, ...]) -> None:
        interest, fee, penalty = how
        self.happen(restructured(day, KINDS[kind], interest=interest, fee=fee, penalty=penalty))

    @rule(day=days)
    def write_off(self, day: date) -> None:
        self.happen(event(EventKind.WRITTEN_OFF, day))

    @rule(day=days, units=amounts)
    def recover(self, day: date, units: int) -> None:
        if any(item.kind is EventKind.WRITTEN_OFF for item in effective(self.events)):
            self.happen(event(EventKind.RECOVERED, day, units))

    @rule(place=st.integers(0, 30), day=days)
    def reverse(self, place: int, day: date) -> None:
        live = [item for item in effective(self.events) if item.kind is not EventKind.DISBURSED]
        if live:
            self.happen(reversal(live[place % len(live)], day))

    @invariant()
    def nothing_is_lost(self) -> None:
        if not self.events:
            return
        state = fold(self.events, terms=self.terms)
        state.check()
        live = effective(self.events)
        came = sum(item.units for item in live if item.kind in MONEY_IN | {EventKind.RECOVERED})
        assert state.money_in + state.recovered == came
        handed = sum(item.units for item in live if item.kind is EventKind.DISBURSED)
        assert state.disbursed == handed
        paid = sum_parts(row.paid for row in state.rows)
        assert sum(paid) + state.overpaid + state.refunded == state.money_in
        due = sum(row.due[PRINCIPAL] for row in state.rows)
        assert due == state.disbursed + state.capitalised
        if state.state is LoanState.SETTLED:
            assert state.principal == 0

    @invariant()
    def the_order_of_arrival_does_not_matter(self) -> None:
        shuffled = list(self.events)
        random.Random(len(shuffled)).shuffle(shuffled)
        assert seen(fold(shuffled, terms=self.terms)) == seen(fold(self.events, terms=self.terms))

    @invariant()
    def going_on_from_any_state_gives_what_the_replay_gives(self) -> None:
        live = effective(self.events)
        if len(live) < 2:
            return
        middle = len(live) // 2
        before = run(live[:middle], terms=self.terms)
        kept = restored(json.loads(json.dumps(snapshot(before))))
        assert kept is not None
        whole = seen(fold(live, terms=self.terms))
        for start in (before, kept):
            went_on = resume(start, live[middle:])
            assert went_on is not None
            went_on.check()
            assert seen(seen_on(went_on, None))[:-1] == whole[:-1]

    @invariant()
    def a_day_knows_nothing_of_later_events(self) -> None:
        day = START + timedelta(days=90)
        before = [item for item in self.events if item.value_date <= day]
        later = {item.reverses for item in self.events if item.kind is EventKind.REVERSED}
        before = [item for item in before if item.id not in later]
        assert seen(fold(self.events, day, terms=self.terms)) == seen(
            fold(before, day, terms=self.terms)
        )


Loan.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnyLoan = pytest.mark.filterwarnings("ignore")(Loan.TestCase)


def test_terms_of_every_kind_follow_what_they_say() -> None:
    follows = {name: of.recalculation for name, of in KINDS.items()}
    assert set(follows.values()) == set(Recalculation)
    made: dict[str, Terms] = KINDS
    assert len(made) >= 15
