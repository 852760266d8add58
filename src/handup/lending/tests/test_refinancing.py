"""A new loan that pays an old one off: what is asked nets to zero cash, both keep their history.

The old loan: 1,200.00 over twelve months at 2 % a month, paid out on 15 January 2025, with one
instalment paid. On 1 April 1,143.92 pays it off: 1,110.53 of principal, 22.21 of interest due,
11.18 of the 17 days since.
"""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.credit.codes import Component
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.ledger.services import post_accrual
from handup.lending import queries, services
from handup.lending.errors import (
    LaterEvents,
    NotAgreed,
    NotChangeable,
    NotSameBorrower,
    NotTheLast,
    OtherLenderOwed,
    RefinanceTooSmall,
)
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import EventKind, LoanState, ProposalState
from handup.lending.services.refinancing import look_at, may_refinance
from handup.lending.tests.cast import START, World, clean, make_person, make_product, repay, signed
from handup.lending.tests.changing import nothing_happened
from handup.lending.tests.test_agreed import approve, same_on_every_day
from handup.lending.tests.test_agreed_pages import page, post, send
from handup.org.duties import SamePerson
from handup.org.tests.standing import standing

DAY = date(2025, 4, 1)
PAYOFF, REST = 1_143_92, 2_000_00 - 1_143_92


@standing
def new(world: World, loan: Loan) -> Loan:
    """A second loan of the same borrower, signed; the first has one instalment paid."""
    repay(world, loan, date(2025, 2, 15), 113_47)
    loan.refresh_from_db()
    return signed(world, 2_000_00)


def propose(world: World, loan: Loan, new: Loan, **changed: Any) -> LoanProposal:
    told: dict[str, Any] = {
        "acting_staff": world.cast.officer,
        "loan": loan,
        "into": new,
        "proposed_date": DAY,
        "reason": "A second sewing machine",
    }
    return services.propose_refinance(**{**told, **changed})


def done(world: World, loan: Loan, new: Loan) -> LoanEvent:
    event = approve(world, propose(world, loan, new))
    loan.refresh_from_db()
    new.refresh_from_db()
    return event


def test_the_new_loan_pays_the_old_one_off_and_hands_out_the_rest(
    world: World, loan: Loan, new: Loan
) -> None:
    book = world.book
    money = balance(book, "BANK")
    found = look_at(loan, {"into": str(new.pk)}, DAY)
    assert tuple(found.payoff) == (1_110_53, 33_39, 0, 0)
    assert (found.handed_units, found.left_units) == (2_000_00, REST)
    event = done(world, loan, new)
    assert (event.kind, event.units) == (EventKind.REFINANCED, PAYOFF)
    assert (loan.state, loan.principal_units) == (LoanState.REFINANCED, 0)
    assert (new.state, new.principal_units) == (LoanState.ACTIVE, 2_000_00)
    assert balance(book, "BANK") == money - REST
    assert balance(book, "LOANS", ("loan", loan.pk)) == 0
    assert balance(book, "LOANS", ("loan", new.pk)) == 2_000_00
    closing = Entry.objects.get(source_id=event.pk)
    assert (closing.kind, closing.source_kind) == ("LOAN_REFINANCED", EventKind.REFINANCED)
    out = new.events.get(kind=EventKind.DISBURSED)
    assert (out.payload["refinances"], out.payload["refinanced_units"]) == (str(loan.pk), PAYOFF)
    clean()


def test_every_day_is_answered_by_the_loan_of_its_time(world: World, loan: Loan, new: Loan) -> None:
    done(world, loan, new)
    same_on_every_day(loan)
    same_on_every_day(new)
    before = queries.portfolio_at_risk(DAY - timedelta(days=1), 30)
    assert (before.numerator, before.denominator) == (0, 1_110_53)
    after = queries.portfolio_at_risk(DAY, 30)
    assert (after.numerator, after.denominator) == (2_000_00, 2_000_00)
    assert (new.restructured, new.restructured_date) == (True, DAY)


def test_interest_of_the_old_loan_is_earned_and_the_new_one_begins(
    world: World, loan: Loan, new: Loan
) -> None:
    accountant, book = world.cast.accountant, world.book
    post_accrual(acting_staff=accountant, book=book, through=date(2025, 3, 31))
    done(world, loan, new)
    post_accrual(acting_staff=accountant, book=book, through=DAY)
    assert balance(book, "INTEREST_DUE") == 0
    post_accrual(acting_staff=accountant, book=book, through=date(2025, 4, 30))
    assert balance(book, "INTEREST_DUE") > 0
    clean()


def test_who_cannot_be_paid_off_this_way_is_refused_by_name(
    world: World, loan: Loan, new: Loan
) -> None:
    small = signed(world, 1_000_00)
    person = world.person
    world.person = make_person(world.programme, world.office, world.cast.manager, "Another")
    hers = signed(world, 2_000_00)
    world.person = person
    world.product = make_product(world.cast, world.mirror, code="MIRROR")
    elsewhere = signed(world, 2_000_00)
    refused: list[tuple[Loan, type[Exception]]] = [
        (small, RefinanceTooSmall),
        (hers, NotSameBorrower),
        (elsewhere, OtherLenderOwed),
        (loan, NotAgreed),
    ]
    for into, fault in refused:
        nothing_happened(loan, partial(propose, world, loan, into), fault)
    nothing_happened(loan, lambda: propose(world, new, new), NotChangeable)
    assert list(may_refinance(loan, world.cast.officer)) == [new, small]


def test_what_came_after_that_day_is_not_passed_over(world: World, loan: Loan, new: Loan) -> None:
    services.charge_loan(
        acting_staff=world.cast.manager,
        loan=loan,
        value_date=date(2025, 5, 2),
        due_date=date(2025, 5, 2),
        component=Component.FEE,
        units=5_00,
        reason="Visit",
    )
    loan.refresh_from_db()
    nothing_happened(loan, partial(propose, world, loan, new), LaterEvents)
    propose(world, loan, new, proposed_date=date(2025, 5, 2))


def test_what_was_enough_when_proposed_may_not_be_when_approved(
    world: World, loan: Loan, new: Loan
) -> None:
    just = signed(world, 1_150_00)
    made = propose(world, loan, just)
    nothing_happened(loan, lambda: approve(world, made, date(2025, 6, 1)), RefinanceTooSmall)
    just.refresh_from_db()
    assert just.state == LoanState.AGREED
    assert approve(world, made).units == PAYOFF


def test_who_proposed_or_decided_the_new_loan_does_not_pay_it_out(
    world: World, loan: Loan, new: Loan
) -> None:
    made = propose(world, loan, new, acting_staff=world.cast.manager)
    with pytest.raises(SamePerson):
        approve(world, made)
    made.refresh_from_db()
    loan.refresh_from_db()
    assert (made.state, loan.state) == (ProposalState.PROPOSED, LoanState.ACTIVE)


def test_taking_the_new_loan_back_lets_the_old_one_run_again(
    world: World, loan: Loan, new: Loan
) -> None:
    money = balance(world.book, "BANK")
    repaid = loan.events.get(kind=EventKind.REPAID)
    done(world, loan, new)
    with pytest.raises(NotTheLast):
        services.reverse_repayment(
            acting_staff=world.cast.manager, event=repaid, reason="Wrong", value_date=DAY
        )
    services.reverse_loan_event(
        acting_staff=world.cast.manager,
        event=new.events.get(kind=EventKind.DISBURSED),
        reason="Money did not go out",
        value_date=DAY,
    )
    loan.refresh_from_db()
    new.refresh_from_db()
    assert (loan.state, loan.principal_units) == (LoanState.ACTIVE, 1_110_53)
    assert (new.state, new.principal_units) == (LoanState.AGREED, 0)
    assert balance(world.book, "BANK") == money
    same_on_every_day(loan)
    clean()
    done(world, loan, new)
    clean()


def test_a_new_loan_of_just_the_payoff_hands_nothing_out(world: World, loan: Loan) -> None:
    repay(world, loan, date(2025, 2, 15), 113_47)
    new = signed(world, PAYOFF)
    money = balance(world.book, "BANK")
    done(world, loan, new)
    assert balance(world.book, "BANK") == money
    assert balance(world.book, "LOANS", ("loan", new.pk)) == PAYOFF
    clean()


def test_fees_kept_back_are_no_money_of_the_borrower(world: World, loan: Loan) -> None:
    repay(world, loan, date(2025, 2, 15), 113_47)
    fee = {"code": "ENTRY", "when": "DISBURSEMENT", "taken": "WITHHELD", "units": 20_00}
    world.product = make_product(world.cast, world.direct, code="FEE", terms={"fees": [fee]})
    new = signed(world, 2_000_00)
    money = balance(world.book, "BANK")
    done(world, loan, new)
    assert balance(world.book, "BANK") == money - (REST - 20_00)
    assert new.principal_units == 2_000_00
    clean()


# --- doors ----------------------------------------------------------------------------------------


def test_pages_show_both_schedules_and_what_is_handed_over(
    client: Client, world: World, loan: Loan, new: Loan
) -> None:
    told = {
        "value_date": DAY.isoformat(),
        "reason": "A second sewing machine",
        "into": str(new.pk),
        "method": "BANK",
        "reference": "",
    }
    officer = world.cast.officer
    assert new.code in page(client, officer, "propose_refinance", loan.pk).content.decode()
    text = send(client, officer, "propose_refinance", loan.pk, told).content.decode()
    for words in ("Pays the old loan off", "USD\xa01,143.92", "Handed to the borrower"):
        assert words in text
    send(client, officer, "propose_refinance", loan.pk, {**told, "_read_back": "1"})
    made = LoanProposal.objects.get()
    seen = page(client, world.cast.manager, "change_detail", made.pk).content.decode()
    assert new.code in seen
    word = {"value_date": DAY.isoformat(), "approve": "yes", "reason": ""}
    shown = send(client, world.cast.manager, "change_decide", made.pk, word)
    assert "Schedule before and after the change" in shown.content.decode()
    send(client, world.cast.manager, "change_decide", made.pk, {**word, "_read_back": "1"})
    new.refresh_from_db()
    assert new.state == LoanState.ACTIVE
    assert page(client, officer, "change_paper", made.pk).status_code == 200
    assert "Paid off by the loan" in page(client, officer, "loan_detail", loan.pk).content.decode()
    shown = page(client, officer, "loan_detail", new.pk).content.decode()
    assert "Paid off the loan" in shown
    assert f">{loan.code}</a>" in shown
    clean()


def test_the_api_refinances(client: Client, world: World, loan: Loan, new: Loan) -> None:
    key = new_id()
    asked: dict[str, Any] = {
        "value_date": DAY.isoformat(),
        "reason": "More",
        "into_id": str(new.pk),
    }
    path = f"/loans/{loan.pk}/refinancings"
    made = post(client, world.cast.officer, path, key, **asked)
    assert made.status_code == 201, made.content
    preview = client.get(f"/api/v1/lending/changes/{key}/preview").json()
    assert preview["before"]["principal_units"] == 1_110_53
    assert preview["after"]["principal_units"] == 2_000_00
    hidden = {**asked, "into_id": str(new_id())}
    assert post(client, world.cast.officer, path, **hidden).status_code == 404
    decision = f"/proposals/{key}/decision"
    ended = post(client, world.cast.manager, decision, value_date=DAY.isoformat())
    assert ended.status_code == 201, ended.content
    loan.refresh_from_db()
    assert loan.state == LoanState.REFINANCED
    assert reverse("lending:loan_detail", args=[loan.pk])
    assert new.agreed_date == START
    clean()
