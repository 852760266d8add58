"""Changes agreed by two persons: moved instalments, new terms, a moratorium. Every day before, on
and after the change is answered as the events say, and the books follow.
"""

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from handup.kernel.credit.changes import Scope, Treatment
from handup.kernel.credit.codes import DueUnit, Method, RowKind
from handup.kernel.credit.rescheduling import EarlierThanDue, NothingToReschedule
from handup.kernel.errors import Faults, Refusal
from handup.kernel.ids import new_id
from handup.kernel.money import Rounding, RoundingMode
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.ledger.services import post_accrual
from handup.lending import queries, services
from handup.lending.errors import BeforeDisbursement, FutureDate, NotChangeable
from handup.lending.happened import events_of
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.agreed import NothingAsked, OutsideRange
from handup.lending.rules.codes import EventKind, ProposalState
from handup.lending.rules.events import PlannedRow
from handup.lending.rules.loan import fold
from handup.lending.rules.terms import read_terms
from handup.lending.services.proposals import waiting_proposals
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import START, World, clean, repay
from handup.lending.tests.loans import event, terms
from handup.lending.tests.test_changed_rows import store, stored_loan
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.models import AuditLine
from handup.org.permissions import NotAllowed, OutOfSight

SHARED = Path(os.environ.get("HANDUP_SHARED", "../shared"))
DAY = date(2025, 4, 1)
ASKED: dict[str, Any] = {"proposed_date": DAY, "reason": "Hail took the harvest"}


def propose(world: World, loan: Loan, how: Any, **asked: Any) -> LoanProposal:
    told = {"acting_staff": world.cast.officer, "loan": loan, **ASKED, **asked}
    found: LoanProposal = how(**told)
    return found


def approve(world: World, made: LoanProposal, on: date = DAY, **told: Any) -> LoanEvent:
    event = services.decide_change(
        **{"acting_staff": world.cast.manager, "proposal": made, "value_date": on, **told}
    )
    assert event is not None
    made.loan.refresh_from_db()
    return event


def agree(world: World, loan: Loan, how: Any, **asked: Any) -> LoanEvent:
    """Proposed by the officer, approved by the manager."""
    found = approve(world, propose(world, loan, how, **asked), asked.get("proposed_date", DAY))
    loan.refresh_from_db()
    return found


def rows(loan: Loan) -> list[tuple[date, int, int]]:
    """The rows in force: day, principal, interest."""
    found = loan.dues.filter(replaced_at=None, to_date=None).order_by("due_date", "number")
    return [(row.due_date, row.principal_units, row.interest_units) for row in found]


def same_on_every_day(loan: Loan, *days: date) -> None:
    """Figures of a whole portfolio are the fold's, also of days before the change."""
    around = {day + timedelta(days=step) for day in (*days, DAY) for step in (-1, 0, 1)}
    for day in sorted(around | {START, date(2025, 2, 16), date(2025, 9, 1), date(2026, 6, 1)}):
        state = state_as_of(loan, day)
        found = {item.loan_id: item for item in queries.positions(day)}.get(loan.pk)
        wanted = (state.principal, state.arrears_days(day), state.restructured)
        if found is None:
            assert wanted[:2] == (0, 0), day
            continue
        assert (found.principal_units, found.arrears_days, found.restructured) == wanted, day


# --- reschedule -----------------------------------------------------------------------------------


def vectors() -> list[Any]:
    data = json.loads((SHARED / "data/vectors/lending.reschedule.json").read_text())
    return [pytest.param(case, id=case["id"]) for case in data["cases"]]


def of_vector(world: World, given: dict[str, Any]) -> Loan:
    """A loan with the rows of a vector, paid out in the month before the first."""
    unit = Rounding(given["instalment_unit"], RoundingMode.HALF_EVEN)
    of = terms(
        method=Method.FLAT,
        every=given["period"]["every"],
        unit=DueUnit(given["period"]["unit"]),
        principal_rounding=unit,
        instalments=len(given["instalments"]),
    )
    loan = stored_loan(world, of)
    signed = tuple(
        PlannedRow(
            number,
            date.fromisoformat(row["due_date"]),
            row["principal"],
            row["interest"],
            kind=RowKind(row["kind"]),
        )
        for number, row in enumerate(given["instalments"], 1)
    )
    start = signed[0].due_date - timedelta(days=20)
    Loan.objects.filter(pk=loan.pk).update(agreed_date=start, approved_units=given["principal"])
    store(world, loan, [event(EventKind.DISBURSED, start, given["principal"], rows=signed)])
    loan.refresh_from_db()
    return loan


@pytest.mark.parametrize("case", vectors())
def test_every_vector_goes_through_the_service(world: World, case: dict[str, Any]) -> None:
    given, expected = case["given"], case["expect"]
    loan, request = of_vector(world, given), given["request"]
    rate = request["new_annual_rate_percent"]
    assert loan.disbursed_date is not None
    asked: dict[str, Any] = {
        "proposed_date": loan.disbursed_date + timedelta(days=1),
        "from_date": date.fromisoformat(request["from_due_date"]),
        "shift_to": request["shift_to"] and date.fromisoformat(request["shift_to"]),
        "principal_grace": request["principal_grace"],
        "extra_instalments": request["extra_instalments"],
        "rate_ppm": None if rate is None else int(float(rate) * 10_000),
    }
    if "error" in expected:
        before = rows(loan)
        with pytest.raises(Refusal) as refused:
            agree(world, loan, services.propose_reschedule, **asked)
        assert refused.value.code == expected["error"]
        assert rows(loan) == before
        assert not LoanProposal.objects.exists()
        return
    agree(world, loan, services.propose_reschedule, **asked)
    assert rows(loan) == [
        (date.fromisoformat(row["due_date"]), row["principal"], row["interest"])
        for row in expected["instalments"]
    ]


def test_late_instalments_move_and_the_days_before_stay_as_they_were(
    world: World, loan: Loan
) -> None:
    before = {row[0]: row[1:] for row in rows(loan)}
    late = state_as_of(loan, DAY)
    assert late.arrears_days(DAY) == 45
    made = agree(
        world,
        loan,
        services.propose_reschedule,
        from_date=date(2025, 2, 15),
        shift_to=date(2025, 5, 15),
    )
    assert (made.kind, made.value_date, made.units) == (EventKind.RESCHEDULED, DAY, 0)
    moved = rows(loan)
    assert moved[0][0] == date(2025, 5, 15)
    assert [row[1:] for row in moved] == list(before.values())
    assert state_as_of(loan, DAY - timedelta(days=1)).arrears_days(DAY - timedelta(days=1)) == 44
    assert state_as_of(loan, DAY).arrears_days(DAY) == 0
    assert (loan.next_due_date, loan.principal_units) == (date(2025, 5, 15), 1_200_00)
    assert not loan.restructured
    same_on_every_day(loan, date(2025, 5, 15))
    repay(world, loan, date(2025, 5, 15), 113_47)
    assert not Entry.objects.filter(source_kind=EventKind.RESCHEDULED).exists()
    clean()


def test_what_cannot_be_rescheduled_is_refused_and_nothing_is_stored(
    world: World, loan: Loan
) -> None:
    how = services.propose_reschedule
    for asked, fault in (
        ({"from_date": DAY}, NothingAsked),
        ({"from_date": DAY, "principal_grace": 99}, OutsideRange),
        ({"from_date": date(2027, 1, 1), "extra_instalments": 1}, NothingToReschedule),
        ({"from_date": DAY, "shift_to": DAY}, EarlierThanDue),
        ({"from_date": DAY, "extra_instalments": 1, "reason": " "}, ReasonNeeded),
        (
            {
                "from_date": DAY,
                "extra_instalments": 1,
                "proposed_date": timezone.localdate() + timedelta(days=1),
            },
            FutureDate,
        ),
        (
            {"from_date": DAY, "extra_instalments": 1, "proposed_date": date(2025, 1, 14)},
            BeforeDisbursement,
        ),
    ):
        with pytest.raises(fault):
            propose(world, loan, how, **asked)
    assert not LoanProposal.objects.exists()
    for staff, refusal in (
        (world.cast.cashier, NotAllowed),
        (world.cast.outsider, OutOfSight),
    ):
        with pytest.raises(refusal):
            propose(world, loan, how, acting_staff=staff, from_date=DAY, extra_instalments=1)
    repay(world, loan, date(2025, 3, 1), 1_400_00)
    loan.refresh_from_db()
    with pytest.raises(NotChangeable):
        propose(world, loan, how, from_date=DAY, extra_instalments=1)
    assert not LoanProposal.objects.exists()


def test_who_proposed_does_not_approve(world: World, loan: Loan) -> None:
    made = propose(
        world,
        loan,
        services.propose_reschedule,
        acting_staff=world.cast.manager,
        from_date=DAY,
        extra_instalments=2,
    )
    assert made in waiting_proposals(world.cast.director)
    with pytest.raises(SamePerson):
        approve(world, made)
    with pytest.raises(NotAllowed):
        approve(world, made, acting_staff=world.cast.officer)
    made.refresh_from_db()
    assert made.state == ProposalState.PROPOSED
    assert len(rows(loan)) == 12
    assert not loan.events.filter(kind=EventKind.RESCHEDULED).exists()
    services.decide_change(
        acting_staff=world.cast.director,
        proposal=made,
        value_date=timezone.localdate(),
        approve=False,
        reason="Pay first",
    )
    made.refresh_from_db()
    assert (made.state, made.event) == (ProposalState.DECLINED, None)
    assert len(rows(loan)) == 12


def test_the_same_word_twice_changes_nothing(world: World, loan: Loan) -> None:
    key, other = new_id(), new_id()
    asked: dict[str, Any] = {"from_date": DAY, "extra_instalments": 2, "id": key}
    made = propose(world, loan, services.propose_reschedule, **asked)
    assert propose(world, loan, services.propose_reschedule, **asked) == made
    with pytest.raises(SameIdOtherContent):
        propose(world, loan, services.propose_reschedule, **{**asked, "extra_instalments": 3})
    first = approve(world, made, id=other)
    assert approve(world, made, id=other) == first
    assert loan.events.filter(kind=EventKind.RESCHEDULED).count() == 1
    actions = AuditLine.objects.filter(object_id=str(made.pk)).order_by("recorded_at")
    assert [line.action for line in actions] == [
        "lending.propose_change",
        "lending.reschedule_loan",
    ]


def test_a_change_that_became_impossible_is_refused_when_it_is_approved(
    world: World, loan: Loan
) -> None:
    made = propose(
        world, loan, services.propose_reschedule, from_date=date(2025, 12, 1), extra_instalments=1
    )
    repay(world, loan, date(2025, 4, 2), 1_400_00)
    with pytest.raises(NotChangeable):
        approve(world, made)
    made.refresh_from_db()
    assert made.state == ProposalState.PROPOSED
    clean()


# --- restructure ----------------------------------------------------------------------------------


def test_new_terms_add_unpaid_interest_to_principal_and_post_it(world: World, loan: Loan) -> None:
    repay(world, loan, date(2025, 2, 15), 113_47)
    accountant, book = world.cast.accountant, world.book
    post_accrual(acting_staff=accountant, book=book, through=date(2025, 3, 31))
    due = balance(book, "INTEREST_DUE")
    preview = services.preview_of(loan, EventKind.RESTRUCTURED, _payload(instalments=6), DAY)
    made = agree(world, loan, services.propose_restructure, instalments=6, rate_ppm=120_000)
    added = loan.capitalised_units
    assert preview.capitalised == (0, 0, added, 0)
    second, third = 22_21, 20_39  # interest of March, and of 17 of the 31 days to 15 April
    assert added == second + 11_18 == second + round(third * 17 / 31)
    assert loan.principal_units == 1_200_00 - (113_47 - 24_00) + added
    assert (loan.restructured, loan.restructured_date) == (True, DAY)
    live = [row for row in rows(loan) if row[0] > DAY]
    assert len(live) == 6
    assert sum(row[1] for row in live) == loan.principal_units
    entry = Entry.objects.get(source_kind=EventKind.RESTRUCTURED)
    assert (entry.kind, entry.source_id, entry.happened_date) == ("LOAN_CAPITALISED", made.pk, DAY)
    assert balance(book, "LOANS", ("loan", loan.pk)) == loan.principal_units
    assert balance(book, "INTEREST_DUE") == due - added
    same_on_every_day(loan, date(2025, 5, 1))
    post_accrual(acting_staff=accountant, book=book, through=date(2025, 4, 30))
    clean()


def _payload(**changed: Any) -> dict[str, Any]:
    return {
        **dict.fromkeys(("every", "unit", "first_due", "rate_ppm", "method", "repayment")),
        "grace_principal": 0,
        "interest": "CAPITALISE",
        "fee": "CARRY",
        "penalty": "WAIVE",
        **changed,
    }


@pytest.mark.parametrize("treated", Treatment)
def test_each_way_with_unpaid_interest_leaves_the_books_clean(
    world: World, loan: Loan, treated: Treatment
) -> None:
    accountant, book = world.cast.accountant, world.book
    post_accrual(acting_staff=accountant, book=book, through=date(2025, 3, 31))
    agree(world, loan, services.propose_restructure, instalments=4, interest=treated)
    post_accrual(acting_staff=accountant, book=book, through=date(2025, 4, 30))
    clean()
    repay(world, loan, date(2025, 3, 10), 50_00)  # arrives after the change
    clean()
    repay(world, loan, date(2025, 10, 1), 1_600_00)
    loan.refresh_from_db()
    assert loan.state == "SETTLED"
    post_accrual(acting_staff=accountant, book=book, through=date(2025, 10, 31))
    assert balance(book, "INTEREST_DUE") == 0
    same_on_every_day(loan)
    clean()


def test_a_payment_that_arrives_later_lowers_what_was_added_and_posts_the_difference(
    world: World, loan: Loan
) -> None:
    agree(world, loan, services.propose_restructure, instalments=6)
    first = loan.capitalised_units
    repay(world, loan, date(2025, 3, 1), 200_00)
    loan.refresh_from_db()
    assert loan.capitalised_units < first
    assert balance(world.book, "LOANS", ("loan", loan.pk)) == loan.principal_units
    same_on_every_day(loan, date(2025, 3, 1))
    clean()


def test_a_restructuring_taken_back_was_never_there(world: World, loan: Loan) -> None:
    repay(world, loan, date(2025, 2, 15), 113_47)
    before = rows(loan)
    made = agree(world, loan, services.propose_restructure, instalments=6)
    assert rows(loan) != before
    services.reverse_loan_event(
        acting_staff=world.cast.manager, event=made, reason="Wrong loan", value_date=DAY
    )
    loan.refresh_from_db()
    assert rows(loan) == before
    assert (loan.capitalised_units, loan.restructured) == (0, False)
    same_on_every_day(loan)
    clean()


def test_terms_that_do_not_hold_are_refused_with_every_fault(world: World, loan: Loan) -> None:
    for asked in ({"instalments": 0}, {"instalments": 6, "grace_principal": 6}):
        with pytest.raises(OutsideRange):
            propose(world, loan, services.propose_restructure, **asked)
    with pytest.raises(Faults) as refused:
        propose(world, loan, services.propose_restructure, instalments=6, every=500)
    assert [fault.place for fault in refused.value.faults] == ["every"]
    assert not LoanProposal.objects.exists()


def test_a_restructured_loan_stays_at_risk_from_its_day_on(world: World, loan: Loan) -> None:
    repay(world, loan, date(2025, 2, 15), 113_47)
    repay(world, loan, date(2025, 3, 15), 113_47)
    agree(world, loan, services.propose_restructure, instalments=12)
    day_before = queries.portfolio_at_risk(DAY - timedelta(days=1), 30)
    on_day = queries.portfolio_at_risk(DAY, 30)
    assert day_before.numerator == 0
    assert on_day.numerator == on_day.denominator == loan.principal_units
    assert queries.portfolio_at_risk(DAY, 30, count_restructured=False).numerator == 0


# --- moratorium -----------------------------------------------------------------------------------


def test_a_moratorium_moves_instalments_and_stops_the_days_late(world: World, loan: Loan) -> None:
    repay(world, loan, date(2025, 2, 15), 113_47)
    before = sum(row[2] for row in rows(loan))
    agree(
        world,
        loan,
        services.propose_moratorium,
        begins=DAY,
        until=date(2025, 6, 30),
    )
    days = [row[0] for row in rows(loan)]
    assert days[:4] == [date(2025, 2, 15), date(2025, 3, 15), date(2025, 7, 15), date(2025, 8, 15)]
    assert state_as_of(loan, date(2025, 3, 31)).arrears_days(date(2025, 3, 31)) == 16
    assert state_as_of(loan, date(2025, 6, 30)).arrears_days(date(2025, 6, 30)) == 16
    assert state_as_of(loan, date(2025, 7, 2)).arrears_days(date(2025, 7, 2)) == 18
    asked = sum(row[2] for row in rows(loan)) - before
    assert asked == 61_16  # three months of 2 % on the 1,019.27 not due by then
    same_on_every_day(loan, date(2025, 6, 30), date(2025, 7, 15))
    clean()


def test_a_moratorium_agreed_ahead_leaves_what_falls_due_before_it(
    world: World, loan: Loan
) -> None:
    agree(
        world,
        loan,
        services.propose_moratorium,
        begins=date(2025, 5, 1),
        until=date(2025, 6, 30),
        interest_runs=False,
        ageing_runs=True,
        scope=Scope.ALL,
    )
    days = [row[0] for row in rows(loan)]
    assert days[:4] == [
        date(2025, 2, 15), date(2025, 3, 15), date(2025, 4, 15), date(2025, 7, 15),
    ]  # fmt: skip
    assert state_as_of(loan, date(2025, 6, 30)).arrears_days(date(2025, 6, 30)) == 135
    same_on_every_day(loan, date(2025, 5, 1), date(2025, 6, 30))
    state = fold(events_of([loan.pk])[loan.pk], terms=read_terms(loan.terms))
    state.check()
    clean()
