"""A loan lives through everything that may happen to one, in any order, each taken back as well;
after every step each unit of money is counted, over all the loans it went on as.
"""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handup.kernel.credit.changes import Scope, Treatment
from handup.kernel.credit.codes import Component, EarlyEffect
from handup.kernel.errors import Refusal
from handup.ledger.errors import NothingToRun
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.ledger.rules.words import BookKind
from handup.ledger.services import open_book, post_accrual, post_fees
from handup.lending import queries, services
from handup.lending.models import EventEffect, Lender, Loan, LoanEvent, PaymentSplit
from handup.lending.rules.codes import Effect, EventKind, LenderMode, LoanState
from handup.lending.rules.events import MONEY_IN, RECEIVED
from handup.lending.services.charges import unpaid_of
from handup.lending.services.closing import REVERSIBLE
from handup.lending.services.funds import name_fund
from handup.lending.services.payoff import payoff_of
from handup.lending.services.store import state_as_of
from handup.lending.services.transfers import controls_of
from handup.lending.tests.cast import START, World, clean, fill, make_product, running, signed
from handup.lending.tests.donors import donor, give

MONEY = 200_000_00
LIVE = Q(reversed_by=None) & ~Q(kind=EventKind.REVERSED)
TERMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "late": {
        "penalty": {"kind": "PER_DAY", "ppm": 2_000, "free_days": 3},
        "fees": [
            {"code": "VISIT", "when": "INSTALMENT", "units": 1_50},
            {"code": "ENTRY", "when": "DISBURSEMENT", "taken": "WITHHELD", "units": 12_00},
        ],
    },
    "flat": {"method": "FLAT", "preset": "handup-flat"},
    "funds": {},
}
days = st.integers(1, 300).map(lambda number: START + timedelta(days=number))
amounts = st.one_of(st.integers(1, 1_500_00), st.sampled_from([113_47, 1_200_00, 1]))
few = st.integers(0, 3)
treatment = st.sampled_from(Treatment)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("repay"), days, amounts),
        st.tuples(st.just("charge"), days, st.integers(0, 60), st.booleans(), amounts),
        st.tuples(st.just("waive"), days, st.sampled_from(Component), st.integers(1, 1_000)),
        st.tuples(st.just("pay_off"), days, st.sampled_from([0, 0, 1, 50_00])),
        st.tuples(st.just("early"), days, amounts, st.sampled_from(EarlyEffect)),
        st.tuples(st.just("refund"), days, st.integers(1, 1_000)),
        st.tuples(st.just("move"), days, st.integers(0, 60), few, few),
        st.tuples(st.just("renew"), days, st.integers(1, 12), treatment, treatment, treatment),
        st.tuples(
            st.just("pause"),
            days,
            st.integers(0, 120),
            st.sampled_from(Scope),
            st.booleans(),
            st.booleans(),
        ),
        st.tuples(st.just("refinance"), days, st.integers(0, 1_000_00)),
        st.tuples(st.just("transfer"), days, st.sampled_from([True, True, False])),
        st.tuples(st.just("write_off"), days),
        st.tuples(st.just("recover"), days, amounts),
        st.tuples(st.just("take_back"), st.integers(0, 30), st.integers(0, 60)),
        st.tuples(st.just("run_books"), days),
    ),
    min_size=2,
    max_size=8,
)


class Walk:
    """A loan and those it went on as; only the last of them is dealt with."""

    def __init__(self, world: World, loan: Loan, other: Lender) -> None:
        loan.refresh_from_db()  # the walk before was taken back
        self.world, self.other, self.loans = world, other, [loan]
        self.books = [book for book in (world.book, other.book) if book is not None]

    @property
    def loan(self) -> Loan:
        return self.loans[-1]

    def repay(self, on: date, units: int) -> None:
        services.record_repayment(
            acting_staff=self.world.cast.accountant, loan=self.loan, value_date=on, units=units
        )

    def charge(self, on: date, later: int, fee: bool, units: int) -> None:
        services.charge_loan(
            acting_staff=self.world.cast.manager,
            loan=self.loan,
            value_date=on,
            due_date=on + timedelta(days=later),
            component=Component.FEE if fee else Component.PENALTY,
            units=units,
            reason="Asked",
        )

    def agree(self, on: date, how: Any, **asked: Any) -> None:
        made = how(
            acting_staff=self.world.cast.officer,
            loan=self.loan,
            proposed_date=on,
            reason="Agreed",
            **asked,
        )
        services.decide_change(acting_staff=self.world.cast.manager, proposal=made, value_date=on)

    def waive(self, on: date, component: Component, permille: int) -> None:
        left = unpaid_of(self.loan, component, on)
        units = max(left * permille // 1_000, 1)
        self.agree(on, services.propose_waiver, component=component, units=units)

    def pay_off(self, on: date, more: int) -> None:
        services.pay_off_loan(
            acting_staff=self.world.cast.accountant,
            loan=self.loan,
            value_date=on,
            units=payoff_of(self.loan, on).total + more,
        )

    def early(self, on: date, units: int, effect: EarlyEffect) -> None:
        services.record_early_repayment(
            acting_staff=self.world.cast.accountant,
            loan=self.loan,
            value_date=on,
            units=units,
            effect=effect,
        )

    def refund(self, on: date, permille: int) -> None:
        units = max(self.loan.overpaid_units * permille // 1_000, 1)
        self.agree(on, services.propose_refund, units=units)

    def move(self, on: date, later: int, grace: int, extra: int) -> None:
        first = self.loan.next_due_date or on
        self.agree(
            on,
            services.propose_reschedule,
            from_date=first,
            shift_to=first + timedelta(days=later),
            principal_grace=grace,
            extra_instalments=extra,
        )

    def renew(
        self, on: date, number: int, interest: Treatment, fee: Treatment, penalty: Treatment
    ) -> None:
        self.agree(
            on,
            services.propose_restructure,
            instalments=number,
            interest=interest,
            fee=fee,
            penalty=penalty,
        )

    def pause(self, on: date, length: int, scope: Scope, interest: bool, ageing: bool) -> None:
        self.agree(
            on,
            services.propose_moratorium,
            begins=on,
            until=on + timedelta(days=length),
            scope=scope,
            interest_runs=interest,
            ageing_runs=ageing,
        )

    def refinance(self, on: date, more: int) -> None:
        new = signed(self.world, payoff_of(self.loan, on).total + more)
        self.agree(on, services.propose_refinance, into=new)
        self.loans.append(new)

    def transfer(self, on: date, goes_on: bool) -> None:
        loan, cast = self.loan, self.world.cast
        here = loan.lender_id == self.world.direct.pk
        batch = services.propose_transfers(
            acting_staff=cast.officer,
            loans=[loan],
            to=self.other if here else self.world.direct,
            proposed_date=on,
            reason="Handed over",
            controls=controls_of([loan], on),
            goes_on=goes_on,
        )
        (event,) = services.transfer_loans(acting_staff=cast.manager, batch=batch, value_date=on)
        assert event is not None
        if goes_on:
            self.loans.append(Loan.objects.get(pk=event.payload["into"]))

    def write_off(self, on: date) -> None:
        cast = self.world.cast
        proposal = services.propose_write_off(
            acting_staff=cast.officer, loan=self.loan, proposed_date=on, reason="Gone"
        )
        services.write_off_loan(acting_staff=cast.manager, proposal=proposal, value_date=on)

    def recover(self, on: date, units: int) -> None:
        services.record_recovery(
            acting_staff=self.world.cast.accountant, loan=self.loan, value_date=on, units=units
        )

    def take_back(self, number: int, later: int) -> None:
        kinds = RECEIVED | REVERSIBLE
        events = list(self.loan.events.filter(kind__in=kinds, reversed_by=None).order_by("seq"))
        if not events:
            return
        event = events[number % len(events)]
        received = EventKind(event.kind) in RECEIVED
        how = services.reverse_repayment if received else services.reverse_loan_event
        how(
            acting_staff=self.world.cast.manager,
            event=event,
            reason="Wrong",
            value_date=event.value_date + timedelta(days=later),
        )
        if "refinances" in event.payload:
            self.loans.pop()

    def run_books(self, through: date) -> None:
        for book in self.books:
            for post in (post_accrual, post_fees):
                with suppress(NothingToRun):
                    post(acting_staff=self.world.cast.accountant, book=book, through=through)

    def step(self, name: str, *told: Any) -> None:
        """Do it; a refusal leaves everything as it was."""
        before = LoanEvent.objects.count(), Entry.objects.count()
        kept = list(self.loans)
        try:
            with transaction.atomic():
                getattr(self, name)(*told)
        except Refusal:
            self.loans = kept
            assert (LoanEvent.objects.count(), Entry.objects.count()) == before
        for loan in {*kept, *self.loans}:
            loan.refresh_from_db()

    def holds(self) -> None:
        """Every loan counted, and the money of all of them together."""
        loans = list(Loan.objects.all())
        for loan in loans:
            counted(loan)
        owed = sum(loan.principal_units for loan in loans)
        assert sum(balance(book, "LOANS") for book in self.books) == owed
        credit = sum(loan.overpaid_units for loan in loans)
        assert -sum(balance(book, "BORROWER_CREDIT") for book in self.books) == credit
        if self.loan.state != LoanState.TRANSFERRED:  # money was paid for a loan that left
            roles = ("CASH", "BANK", "INTERBOOK")
            lies = sum(balance(book, role) for book in self.books for role in roles)
            assert lies == MONEY + sum(map(cash_of, LoanEvent.objects.filter(LIVE)))
        for number in (0, 30, 31, 60, 100, 180, 301, 500):
            same_day(loans, START + timedelta(days=number))


def same_day(loans: list[Loan], day: date) -> None:
    """Dated rows say what the fold says."""
    found = {item.loan_id: item for item in queries.positions(day)}
    for loan in loans:
        state, row = state_as_of(loan, day), found.get(loan.pk)
        stored = (row.principal_units, row.arrears_days) if row is not None else (0, 0)
        assert stored == (state.principal, state.arrears_days(day)), (loan.code, day)


def cash_of(event: LoanEvent) -> int:
    """What an event brought in, or took out."""
    kind, units = EventKind(event.kind), event.units
    if kind in RECEIVED or kind is EventKind.RECOVERED:
        return units
    if kind is EventKind.REFUNDED:
        return -units
    if kind is EventKind.DISBURSED:
        kept: int = sum(item["units"] for item in event.payload.get("withheld", ()))
        return kept + int(event.payload.get("refinanced_units", 0)) - units
    return 0


def did(loan: Loan, what: Effect, **only: Any) -> int:
    """What events did beside settling rows."""
    rows = EventEffect.objects.filter(loan=loan, replaced_at=None, what=what, **only)
    units: int = sum(row.units for row in rows)
    return units


def counted(loan: Loan) -> None:
    """Money in is what was settled and what is overpaid; principal is where it went."""
    splits = list(PaymentSplit.objects.filter(loan=loan, replaced_at=None))
    taken: dict[Any, int] = {}
    for split in splits:
        units = split.principal_units + split.interest_units + split.fee_units
        units += split.penalty_units + split.overpaid_units
        taken[split.event_id] = taken.get(split.event_id, 0) + units
    live = {event.pk: EventKind(event.kind) for event in loan.events.filter(LIVE)}
    for event in loan.events.filter(LIVE, kind__in=MONEY_IN):
        assert taken.pop(event.pk, 0) == event.units, event.kind
    others = {EventKind.OPENING_POSITION, EventKind.RECOVERED}
    assert {live.get(pk) for pk in taken} <= others
    for name in ("principal", "interest", "fee", "penalty"):
        paid = sum(getattr(split, f"{name}_units") for split in splits)
        assert paid == getattr(loan, f"{name}_paid_units"), name
    over = sum(split.overpaid_units for split in splits)
    assert loan.overpaid_units == over - did(loan, Effect.REFUNDED)
    lent = loan.disbursed_units + loan.capitalised_units
    gone = loan.written_off_units + did(loan, Effect.HANDED_OVER, component=Component.PRINCIPAL)
    left = lent - loan.principal_paid_units - gone
    assert loan.principal_units == left >= 0
    for due in loan.dues.filter(replaced_at=None):
        for name in ("principal", "interest", "fee", "penalty"):
            assert 0 <= getattr(due, f"{name}_paid_units") <= getattr(due, f"{name}_units")


@pytest.fixture(params=TERMS)
def start(world: World, request: pytest.FixtureRequest) -> tuple[Loan, Lender]:
    """A loan on some terms, and another lender of ours."""
    terms = TERMS[request.param]
    if terms:
        world.product = make_product(world.cast, world.direct, code="WALK", terms=terms)
    book = open_book(
        acting_staff=world.cast.manager,
        code="SECOND",
        name="The fund that goes on",
        kind=BookKind.LENDER,
        base_currency="USD",
    )
    fill(book, 100_000_00, world.cast.manager)
    other = services.open_lender(
        acting_staff=world.cast.manager,
        code="SECOND",
        name="The fund that goes on",
        mode=LenderMode.DIRECT,
        currency="USD",
        active_from=date(2020, 1, 1),
        programme=world.programme,
        book=book,
    )
    if request.param != "funds":
        return running(world), other
    # lent out of one donor's money, what pays it off or takes it over out of another's
    first, second = donor(world, "FIRST"), donor(world, "SECOND", other.book)
    give(world, second, 20_000_00)
    name_fund(acting_staff=world.cast.director, lender=world.direct, fund=first)
    name_fund(acting_staff=world.cast.director, lender=other, fund=second)
    loan = running(world)
    name_fund(acting_staff=world.cast.director, lender=world.direct, fund=second)
    return loan, other


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(wanted=steps)
def test_whatever_happens_to_a_loan_every_unit_is_counted(
    wanted: list[tuple[Any, ...]], world: World, start: tuple[Loan, Lender]
) -> None:
    loan, other = start
    with transaction.atomic():
        walk = Walk(world, loan, other)
        for name, *told in wanted:
            walk.step(name, *told)
            walk.holds()
        clean()
        walk.step("run_books", date(2026, 10, 31))
        walk.holds()
        clean()
        transaction.set_rollback(True)
