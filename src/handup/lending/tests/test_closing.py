"""The end of a loan: write-off by two persons, recovery, cancelling, reversing what was wrong."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from handup.kernel.credit.allocation import PENALTY
from handup.ledger.fund_report import fund_report
from handup.ledger.models import Fund
from handup.ledger.queries import balance
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.lending import errors, services
from handup.lending.models import Loan, LoanProposal
from handup.lending.rules.codes import EventKind, LoanState, ProposalState
from handup.lending.services.days import DAYS_KEY
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import (
    START,
    World,
    clean,
    make_person,
    make_product,
    repay,
    running,
    signed,
    staff,
)
from handup.lending.tests.test_lateness import PER_DAY
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.models import AuditLine, Setting, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role

TODAY = timezone.localdate()
FEBRUARY = date(2025, 2, 15)
DECEMBER = date(2025, 12, 1)


def proposed(world: World, loan: Loan) -> LoanProposal:
    return services.propose_write_off(
        acting_staff=world.cast.manager, loan=loan, proposed_date=DECEMBER, reason="Left"
    )


def written_off(world: World, loan: Loan) -> Loan:
    services.write_off_loan(
        acting_staff=finance(),
        proposal=proposed(world, loan),
        value_date=DECEMBER,
    )
    loan.refresh_from_db()
    return loan


def test_a_write_off_takes_what_is_left_out_of_the_portfolio(world: World, loan: Loan) -> None:
    repay(world, loan, FEBRUARY, 200_00)
    written_off(world, loan)
    assert (loan.state, loan.principal_units) == (LoanState.WRITTEN_OFF, 0)
    assert loan.written_off_units == 1_200_00 - loan.principal_paid_units
    assert loan.next_due_date is None
    assert balance(world.book, "LOANS", ("loan", loan.pk)) == 0
    assert balance(world.book, "IMPAIRMENT") == loan.written_off_units
    clean()


def test_who_proposed_does_not_approve(world: World, loan: Loan) -> None:
    proposal = proposed(world, loan)
    with pytest.raises(SamePerson):
        services.write_off_loan(
            acting_staff=world.cast.manager, proposal=proposal, value_date=DECEMBER
        )
    loan.refresh_from_db()
    assert loan.state == LoanState.ACTIVE
    with pytest.raises(NotAllowed):
        services.write_off_loan(
            acting_staff=world.cast.officer, proposal=proposal, value_date=DECEMBER
        )


def test_a_declined_proposal_leaves_the_loan_and_may_be_made_again(
    world: World, loan: Loan
) -> None:
    proposal = proposed(world, loan)
    with pytest.raises(errors.AlreadyProposed):
        proposed(world, loan)
    services.write_off_loan(
        acting_staff=world.cast.director, proposal=proposal, value_date=DECEMBER, approve=False
    )
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.DECLINED
    with pytest.raises(errors.ProposalDecided):
        services.write_off_loan(
            acting_staff=world.cast.director, proposal=proposal, value_date=DECEMBER
        )
    loan.refresh_from_db()
    assert loan.state == LoanState.ACTIVE
    assert proposed(world, loan).pk != proposal.pk


def test_a_proposal_needs_a_reason_and_something_outstanding(world: World, loan: Loan) -> None:
    with pytest.raises(ReasonNeeded):
        services.propose_write_off(
            acting_staff=world.cast.manager, loan=loan, proposed_date=DECEMBER, reason=""
        )
    repay(world, loan, FEBRUARY, sum(due.due_units for due in loan.dues.all()))
    loan.refresh_from_db()
    with pytest.raises(errors.NothingOutstanding):
        proposed(world, loan)
    assert not LoanProposal.objects.exists()


def two_running(world: World) -> list[Loan]:
    other = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    return [running(world, 500_00), running(world, 700_00, person=other)]


def both_proposed(world: World, loans: list[Loan]) -> list[LoanProposal]:
    return services.propose_write_offs(
        [services.WriteOffIn(loan, DECEMBER, "Gone") for loan in loans],
        acting_staff=world.cast.manager,
    )


def finance() -> StaffUser:
    return staff("finance", Role.FINANCE_MANAGER)


def test_a_list_of_loans_is_written_off_in_one_sitting(world: World) -> None:
    loans = two_running(world)
    repay(world, loans[0], FEBRUARY, 100_00)
    proposals = both_proposed(world, [Loan.objects.get(pk=loan.pk) for loan in loans])
    days = [DECEMBER, DECEMBER - timedelta(days=3)]
    events = services.write_off_loans(
        [services.WriteOffDecisionIn(row, on) for row, on in zip(proposals, days, strict=True)],
        acting_staff=finance(),
    )
    left = []
    for loan, event in zip(loans, events, strict=True):
        loan.refresh_from_db()
        assert event is not None
        assert (loan.state, loan.principal_units) == (LoanState.WRITTEN_OFF, 0)
        assert (event.units, event.seq) == (loan.written_off_units, loan.event_count)
        assert loan.proposals.get().event == event
        left.append(balance(world.book, "LOANS", ("loan", loan.pk)))
    assert left == [0, 0]
    assert balance(world.book, "IMPAIRMENT") == sum(loan.written_off_units for loan in loans)
    told = AuditLine.objects.filter(action="lending.write_off_loan")
    assert {line.facts["state"] for line in told} == {"APPROVED"}
    assert told.count() == 2
    clean()


def test_of_a_list_some_are_approved_and_some_declined(world: World) -> None:
    loans = two_running(world)
    first, second = both_proposed(world, loans)
    events = services.write_off_loans(
        [
            services.WriteOffDecisionIn(first, DECEMBER, approve=False),
            services.WriteOffDecisionIn(second, DECEMBER),
        ],
        acting_staff=finance(),
    )
    assert [event is None for event in events] == [True, False]
    for loan in loans:
        loan.refresh_from_db()
    assert [loan.state for loan in loans] == [LoanState.ACTIVE, LoanState.WRITTEN_OFF]


def test_nothing_of_a_list_is_written_off_when_one_is_refused(world: World) -> None:
    loans = two_running(world)
    first, second = both_proposed(world, loans)
    with pytest.raises(errors.BeforeDisbursement):
        services.write_off_loans(
            [
                services.WriteOffDecisionIn(first, DECEMBER),
                services.WriteOffDecisionIn(second, START - timedelta(days=1)),
            ],
            acting_staff=finance(),
        )
    assert set(Loan.objects.values_list("state", flat=True)) == {LoanState.ACTIVE}
    assert balance(world.book, "IMPAIRMENT") == 0


def test_a_loan_stands_once_on_a_list_of_proposals(world: World, loan: Loan) -> None:
    with pytest.raises(errors.AlreadyProposed):
        both_proposed(world, [loan, loan])
    assert not LoanProposal.objects.exists()


def test_after_a_write_off_money_is_a_recovery(world: World, loan: Loan) -> None:
    written_off(world, loan)
    with pytest.raises(errors.LoanWrittenOff):
        repay(world, loan, DECEMBER, 10_00)
    recover: dict[str, Any] = {
        "acting_staff": world.cast.accountant,
        "loan": loan,
        "value_date": DECEMBER,
    }
    services.record_recovery(units=300_00, **recover)
    loan.refresh_from_db()
    assert (loan.recovered_units, loan.principal_paid_units) == (300_00, 0)
    assert balance(world.book, "RECOVERY_INCOME") == -300_00
    with pytest.raises(errors.MoreThanWrittenOff):
        services.record_recovery(units=1_200_00, **recover)
    loan.refresh_from_db()
    assert loan.recovered_units == 300_00
    clean()


def test_nothing_is_recovered_before_the_day_of_the_write_off(world: World, loan: Loan) -> None:
    written_off(world, loan)
    with pytest.raises(errors.BeforeWriteOff):
        services.record_recovery(
            acting_staff=world.cast.accountant,
            loan=loan,
            value_date=DECEMBER - timedelta(days=1),
            units=5_00,
        )
    loan.refresh_from_db()
    assert loan.recovered_units == 0
    assert not loan.events.filter(kind=EventKind.RECOVERED).exists()


def test_penalties_that_ran_to_the_write_off_may_be_recovered(world: World) -> None:
    late = make_product(world.cast, world.direct, "LATE", terms={"penalty": PER_DAY})
    loan = written_off(world, running(world, product_version=late))
    parts = state_as_of(loan, DECEMBER).written_off_parts
    assert parts[PENALTY] > 0
    recover: dict[str, Any] = {
        "acting_staff": world.cast.accountant,
        "loan": loan,
        "value_date": DECEMBER,
    }
    services.record_recovery(units=sum(parts), **recover)
    loan.refresh_from_db()
    assert (loan.recovered_units, loan.overpaid_units) == (sum(parts), 0)
    with pytest.raises(errors.MoreThanWrittenOff):
        services.record_recovery(units=1, **recover)
    clean()


def test_a_running_loan_has_no_recovery(world: World, loan: Loan) -> None:
    with pytest.raises(errors.LoanNotWrittenOff):
        services.record_recovery(
            acting_staff=world.cast.accountant, loan=loan, value_date=FEBRUARY, units=5
        )


def test_a_write_off_is_reversed_with_its_entry(world: World, loan: Loan) -> None:
    def told() -> int:
        fund = Fund.objects.get(pk=UNRESTRICTED_ID)
        return fund_report(world.book, fund, START, TODAY).written_off

    written_off(world, loan)
    assert told() == 1_200_00
    event = loan.events.get(kind=EventKind.WRITTEN_OFF)
    services.reverse_loan_event(
        acting_staff=world.cast.manager, event=event, reason="She came back", value_date=DECEMBER
    )
    loan.refresh_from_db()
    assert (loan.state, loan.principal_units) == (LoanState.ACTIVE, 1_200_00)
    assert balance(world.book, "IMPAIRMENT") == 0 == told()
    clean()


def test_a_disbursement_is_reversed_when_nothing_stands_on_it(world: World, loan: Loan) -> None:
    event = loan.events.get(kind=EventKind.DISBURSED)
    payment = repay(world, loan, FEBRUARY, 10_00)
    reverse: dict[str, Any] = {
        "acting_staff": world.cast.manager,
        "reason": "Not taken",
        "value_date": FEBRUARY,
    }
    with pytest.raises(errors.NotTheLast):
        services.reverse_loan_event(event=event, **reverse)
    services.reverse_repayment(event=payment, **reverse)
    services.reverse_loan_event(event=event, **reverse)
    loan.refresh_from_db()
    assert (loan.state, loan.disbursed_units) == (LoanState.AGREED, 0)
    assert not loan.dues.filter(replaced_at=None).exists()
    assert balance(world.book, "BANK") == 100_000_00
    clean()
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=FEBRUARY)
    loan.refresh_from_db()
    assert loan.next_due_date == date(2025, 3, 15)
    clean()


def test_a_repayment_is_not_reversed_as_another_event(world: World, loan: Loan) -> None:
    payment = repay(world, loan, FEBRUARY, 10_00)
    with pytest.raises(errors.NotReversible):
        services.reverse_loan_event(
            acting_staff=world.cast.manager, event=payment, reason="x", value_date=FEBRUARY
        )


def test_a_loan_is_cancelled_before_money_only(world: World) -> None:
    loan = signed(world)
    services.cancel_loan(
        acting_staff=world.cast.officer, loan=loan, value_date=TODAY, reason="Changed her mind"
    )
    loan.refresh_from_db()
    assert loan.state == LoanState.CANCELLED
    with pytest.raises(errors.NotAgreed):
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    other = running(world, product_version=make_product(world.cast, world.mirror, "REFERRED"))
    with pytest.raises(errors.NotAgreed):
        services.cancel_loan(
            acting_staff=world.cast.officer, loan=other, value_date=START, reason="Too late"
        )
    clean()


@pytest.mark.parametrize(
    ("day", "by", "refusal"),
    [
        (TODAY + timedelta(days=1), "officer", errors.FutureDate),
        (START - timedelta(days=1), "manager", errors.BeforeAgreement),
        (START, "officer", errors.BackDated),
    ],
)
def test_a_loan_is_not_cancelled_on_a_day_that_cannot_be(
    world: World, day: date, by: str, refusal: type[Exception]
) -> None:
    loan = signed(world)
    Setting.objects.filter(key=DAYS_KEY).delete()
    with pytest.raises(refusal):
        services.cancel_loan(
            acting_staff=getattr(world.cast, by), loan=loan, value_date=day, reason="Moved away"
        )
    loan.refresh_from_db()
    assert (loan.state, loan.events.count()) == (LoanState.AGREED, 1)


def test_a_write_off_before_the_last_event_is_refused(world: World, loan: Loan) -> None:
    repay(world, loan, DECEMBER, 10_00)
    with pytest.raises(errors.BeforeDisbursement):
        services.write_off_loan(
            acting_staff=staff("finance", Role.FINANCE_MANAGER),
            proposal=proposed(world, loan),
            value_date=DECEMBER - timedelta(days=1),
        )
    loan.refresh_from_db()
    assert loan.state == LoanState.ACTIVE
