"""An insurer pays for a loan: on the debt of the day something happened, the rest to the family.
The money is in the books on the day it came.
"""

from datetime import date, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending import figure_loans, figures, queries, services
from handup.lending.errors import (
    AmountNotPositive,
    BackDated,
    BeforeDisbursement,
    BeforeItsEvent,
    CurrencyMismatch,
    FutureDate,
    LoanWrittenOff,
    NotRunning,
)
from handup.lending.models import Loan, LoanEvent, LoanProposal, StatementLine
from handup.lending.rules.banking.codes import LineFate
from handup.lending.rules.codes import EventKind, LoanState, Method, Source
from handup.lending.services.insurance import PaidBeforeItHappened, debt_of
from handup.lending.services.suspense import recorded_by_hand
from handup.lending.services.telling import ToldTooLittle
from handup.lending.tests.bankmade import Move
from handup.lending.tests.cast import START, World, clean, repay, running, signed
from handup.lending.tests.changing import FEBRUARY, INSTALMENT, MARCH, held, nothing_happened
from handup.lending.tests.conftest import Bring
from handup.lending.tests.test_api import post
from handup.lending.tests.test_back_dating import WHY, confirm, propose, strict
from handup.lending.tests.test_fee_table import COVER, with_fees
from handup.lending.tests.test_pages import at, do
from handup.lending.tests.test_runs import write_off
from handup.lending.views.event_words import names_in
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.tests.standing import standing
from handup.projects.models import Organisation

RECEIVED = date(2025, 3, 20)
DEBT = 1_121_64
"""What closes the loan on 1 March: 1,110.53 and 14 of 28 days of interest."""


@standing
def insurer(db: None) -> Organisation:
    return Organisation.objects.create(code="LIFE", name="Life cover")


@standing
def paid_once(world: World, loan: Loan) -> Loan:
    repay(world, loan, FEBRUARY, INSTALMENT)
    loan.refresh_from_db()
    return loan


def insured(
    world: World, loan: Loan, insurer: Organisation, units: int = DEBT, **more: Any
) -> LoanEvent:
    told = {
        "acting_staff": world.cast.manager,
        "event_date": MARCH,
        "received_date": RECEIVED,
        **more,
    }
    event = services.record_insurance(loan=loan, insurer=insurer, units=units, **told)
    loan.refresh_from_db()
    return event


def test_a_claim_closes_the_debt_of_the_day_it_happened(
    world: World, paid_once: Loan, insurer: Organisation
) -> None:
    loan, before = paid_once, balance(world.book, "BANK")
    assert tuple(debt_of(loan, MARCH)) == (1_110_53, 11_11, 0, 0)
    event = insured(world, loan, insurer)
    assert (event.kind, event.value_date, event.received_date) == (
        EventKind.INSURANCE_PAID,
        MARCH,
        RECEIVED,
    )
    assert (loan.state, loan.settled_date) == (LoanState.SETTLED, MARCH)
    assert (loan.principal_units, loan.interest_paid_units) == (0, 24_00 + 11_11)
    assert loan.overpaid_units == 0
    assert held(world, "LOANS", loan) == 0
    assert balance(world.book, "BANK", on=RECEIVED - timedelta(days=1)) == before
    assert balance(world.book, "BANK", on=RECEIVED) == before + DEBT
    assert queries.positions(MARCH) == []
    clean()


def test_it_was_received_in_the_month_its_money_came(
    world: World, paid_once: Loan, insurer: Organisation
) -> None:
    """Of 1 March, come on 3 April: current recovery has it in April, as the books do."""
    insured(world, paid_once, insurer, received_date=date(2025, 4, 3))
    for first, last, units in (
        (MARCH, date(2025, 3, 31), 0),
        (date(2025, 4, 1), date(2025, 4, 30), DEBT),
        (FEBRUARY, date(2025, 4, 2), INSTALMENT),
    ):
        loans = int(units > 0)
        assert figures.received_between(first, last) == (units, loans)
        assert queries.recovery_current(first, last).numerator == units
        select, values = figure_loans.received_of(first, last)
        behind = Loan.objects.extra(where=[f"id IN ({select})"], params=values)
        assert behind.count() == loans


def test_the_rest_and_what_was_paid_since_are_the_familys(
    world: World, paid_once: Loan, insurer: Organisation
) -> None:
    """1,500.00 for a debt of 1,121.64, and 113.47 that the family paid a fortnight later."""
    loan = paid_once
    repay(world, loan, date(2025, 3, 15), INSTALMENT)
    insured(world, loan, insurer, 1_500_00)
    rest = 1_500_00 - DEBT + INSTALMENT
    assert (loan.state, loan.overpaid_units) == (LoanState.SETTLED, rest)
    assert -held(world, "BORROWER_CREDIT", loan) == rest
    assert held(world, "LOANS", loan) == 0
    clean()
    proposal = services.propose_change(
        acting_staff=world.cast.officer,
        loan=loan,
        kind=EventKind.REFUNDED,
        proposed_date=RECEIVED,
        reason="To the family",
        payload={"units": rest, "method": Method.CASH.value, "reference": ""},
    )
    services.decide_change(
        acting_staff=world.cast.accountant, proposal=proposal, value_date=timezone.localdate()
    )
    loan.refresh_from_db()
    assert (loan.overpaid_units, held(world, "BORROWER_CREDIT", loan)) == (0, 0)
    clean()


def test_less_than_the_debt_is_paid_like_a_repayment(
    world: World, paid_once: Loan, insurer: Organisation
) -> None:
    insured(world, paid_once, insurer, DEBT - 1)
    assert paid_once.state == LoanState.ACTIVE
    assert paid_once.principal_paid_units + paid_once.interest_paid_units == INSTALMENT + DEBT - 1
    clean()


def test_taken_back_it_never_was(world: World, paid_once: Loan, insurer: Organisation) -> None:
    loan, bank = paid_once, balance(world.book, "BANK")
    repay(world, loan, date(2025, 3, 15), INSTALMENT)
    loan.refresh_from_db()
    before = loan.principal_units
    event = insured(world, loan, insurer, 1_500_00)
    back = partial(
        services.reverse_repayment,
        acting_staff=world.cast.accountant,
        event=event,
        reason="Claim refused",
    )
    early = RECEIVED - timedelta(days=1)
    nothing_happened(loan, partial(back, value_date=early), BeforeItsEvent)
    with pytest.raises(BeforeItsEvent, match=RECEIVED.isoformat()):
        back(value_date=early)
    back(value_date=RECEIVED)
    assert balance(world.book, "BANK", on=early) == bank
    loan.refresh_from_db()
    assert (loan.state, loan.principal_units) == (LoanState.ACTIVE, before)
    assert (loan.overpaid_units, held(world, "BORROWER_CREDIT", loan)) == (0, 0)
    assert balance(world.book, "BANK") == bank
    clean()


def test_what_is_not_so_is_refused_and_nothing_happens(
    world: World, paid_once: Loan, insurer: Organisation
) -> None:
    loan, cast = paid_once, world.cast

    def refused(*why: type[Exception], **told: Any) -> None:
        nothing_happened(loan, lambda: insured(world, loan, insurer, **told), *why)

    refused(AmountNotPositive, units=0)
    refused(CurrencyMismatch, currency="EUR")
    refused(PaidBeforeItHappened, received_date=MARCH - timedelta(days=1))
    refused(BeforeDisbursement, event_date=START - timedelta(days=1))
    refused(FutureDate, received_date=timezone.localdate() + timedelta(days=1))
    refused(NotAllowed, acting_staff=cast.committee)
    refused(OutOfSight, NotAllowed, acting_staff=cast.outsider)
    key = new_id()
    event = insured(world, loan, insurer, id=key)
    assert insured(world, loan, insurer, id=key) == event
    refused(SameIdOtherContent, id=key, units=DEBT + 1)
    refused(SameIdOtherContent, id=key, received_date=RECEIVED + timedelta(days=1))
    other = Organisation.objects.create(code="OTHER", name="Other cover")
    nothing_happened(loan, partial(insured, world, loan, other, id=key), SameIdOtherContent)
    assert LoanEvent.objects.filter(kind=EventKind.INSURANCE_PAID).count() == 1


def test_an_early_day_takes_two_persons(
    world: World, paid_once: Loan, insurer: Organisation
) -> None:
    strict()
    loan, cast = paid_once, world.cast
    for who in (cast.cashier, cast.accountant, cast.manager):
        nothing_happened(loan, partial(insured, world, loan, insurer, acting_staff=who), BackDated)
    told: dict[str, Any] = {
        "units": DEBT,
        "method": Method.BANK,
        "insurer": insurer,
        "received_date": RECEIVED,
    }
    asked: dict[str, Any] = {"kind": EventKind.INSURANCE_PAID, "value_date": MARCH}
    for name in ("units", "insurer", "received_date"):
        less = {key: value for key, value in told.items() if key != name}
        nothing_happened(loan, partial(propose, world, loan, **asked, told=less), ToldTooLittle)
    made = propose(world, loan, **asked, told=told)
    nothing_happened(loan, lambda: confirm(world, made, acting_staff=cast.accountant), SamePerson)
    event = confirm(world, made)
    assert event is not None
    assert (event.value_date, event.received_date, event.source) == (
        MARCH,
        RECEIVED,
        Source.BACK_DATED,
    )
    assert event.payload["insurer"] == str(insurer.pk)
    loan.refresh_from_db()
    assert (loan.state, loan.settled_date) == (LoanState.SETTLED, MARCH)
    clean()


def test_money_of_today_for_an_early_day_takes_two_persons_too(
    world: World, paid_once: Loan, insurer: Organisation
) -> None:
    strict()
    today = timezone.localdate()
    early = today - timedelta(days=8)
    act = partial(
        insured, world, paid_once, insurer, event_date=early, received_date=today, units=10_00
    )
    nothing_happened(paid_once, act, BackDated)
    with pytest.raises(BackDated) as refused:
        act()
    assert refused.value.field == "event_date"
    with pytest.raises(FutureDate) as to_come:
        insured(world, paid_once, insurer, received_date=today + timedelta(days=1))
    assert to_come.value.field == "received_date"
    told = {"units": 10_00, "insurer": insurer, "received_date": today}
    made = propose(world, paid_once, kind=EventKind.INSURANCE_PAID, value_date=early, told=told)
    assert confirm(world, made) is not None
    event = insured(
        world, paid_once, insurer, event_date=early + timedelta(days=1), received_date=today
    )
    assert event.received_date == today
    clean()


def test_a_loan_not_paid_out_or_written_off_takes_none(
    world: World, loan: Loan, insurer: Organisation
) -> None:
    other = signed(world)
    nothing_happened(other, lambda: insured(world, other, insurer), NotRunning)
    write_off(world, loan, RECEIVED)
    loan.refresh_from_db()
    nothing_happened(loan, lambda: insured(world, loan, insurer), LoanWrittenOff)


def test_the_banks_line_of_it_is_not_posted_a_second_time(
    world: World, paid_once: Loan, insurer: Organisation, bring: Bring
) -> None:
    event = insured(world, paid_once, insurer, 1_500_00)
    bring(Move(1_500_00, reference="B7", day=RECEIVED, text=f"Claim {paid_once.code}"))
    line = StatementLine.objects.get()
    assert LoanEvent.objects.filter(loan=paid_once, value_date__gte=MARCH).count() == 1
    assert line.fate == LineFate.OPEN
    assert recorded_by_hand(line, paid_once) == event


# --- doors ----------------------------------------------------------------------------------------


def test_the_page_says_the_debt_and_records_the_payment(
    client: Client, world: World, insurer: Organisation
) -> None:
    loan, cast = with_fees(world, COVER), world.cast
    address = reverse("lending:insurance_new", args=[loan.pk])
    assert address in at(client, cast.officer, "loan_detail", loan.pk).content.decode()
    plain = running(world)
    page = at(client, cast.officer, "loan_detail", plain.pk).content.decode()
    assert reverse("lending:insurance_new", args=[plain.pk]) not in page
    form = at(client, cast.manager, "insurance_new", loan.pk, day="2025-02-15").content.decode()
    assert 'value="1224.00"' in form
    told = {
        "insurer": str(insurer.pk),
        "event_date": "2025-02-15",
        "received_date": "2025-03-20",
        "units": "1224.00",
        "method": "BANK",
        "reference": "C-17",
    }
    answer = do(client, cast.manager, "insurance_new", loan.pk, **told)
    event = LoanEvent.objects.get(kind=EventKind.INSURANCE_PAID)
    assert answer["Location"] == reverse("lending:event_detail", args=[event.pk])
    page = at(client, cast.officer, "loan_detail", loan.pk).content.decode()
    assert "Life cover, received on" in page
    loan.refresh_from_db()
    assert loan.state == LoanState.SETTLED


def test_the_page_asks_for_the_names_of_all_insurers_at_once(
    client: Client, world: World, paid_once: Loan, insurer: Organisation
) -> None:
    other = Organisation.objects.create(code="CROP", name="Crop cover")
    for place, who in enumerate((insurer, other, insurer, other)):
        insured(world, paid_once, who, 10_00 + place)
    with CaptureQueriesContext(connection) as asked:
        page = at(client, world.cast.officer, "loan_detail", paid_once.pk).content.decode()
    names = [one for one in asked if f'FROM "{Organisation._meta.db_table}"' in (one["sql"] or "")]
    assert len(names) <= 1
    assert (page.count("Life cover, received"), page.count("Crop cover, received")) == (2, 2)
    hide = Organisation.objects.none()
    with patch.object(type(Organisation.objects), "visible_to", lambda _self, _staff: hide):
        assert names_in(LoanEvent.objects.filter(loan=paid_once), world.cast.officer) == {}


def test_the_page_of_an_early_day_waits_for_another_person(
    client: Client, world: World, paid_once: Loan, insurer: Organisation
) -> None:
    strict()
    cast = world.cast
    told = {
        "insurer": str(insurer.pk),
        "event_date": MARCH.isoformat(),
        "received_date": RECEIVED.isoformat(),
        "units": "1121.64",
        "method": "BANK",
        "reference": "C-17",
    }
    refused = do(client, cast.accountant, "insurance_new", paid_once.pk, **told)
    assert "more than 7 days ago" in refused.context["form"].errors["received_date"][0]
    done = do(client, cast.accountant, "insurance_new", paid_once.pk, **told, late_reason=WHY)
    assert done["Location"] == reverse("lending:loan_detail", args=[paid_once.pk])
    made = LoanProposal.objects.get(kind=EventKind.INSURANCE_PAID)
    queue = at(client, cast.manager, "proposals_to_decide").content.decode()
    for text in ("Life cover", "Day it was received", "1,121.64", "C-17"):
        assert text in queue
    do(client, cast.manager, "proposal_decide", made.pk, approve="yes", reason="")
    paid_once.refresh_from_db()
    assert paid_once.state == LoanState.SETTLED


def test_the_api_proposes_it_of_an_early_day(
    client: Client, world: World, paid_once: Loan, insurer: Organisation
) -> None:
    strict()
    path = f"/loans/{paid_once.pk}/back-dated"
    told: dict[str, Any] = {
        "kind": "INSURANCE_PAID",
        "value_date": MARCH.isoformat(),
        "late_reason": WHY,
        "units": DEBT,
        "received_date": RECEIVED.isoformat(),
    }
    who = world.cast.accountant
    assert post(client, who, path, **told).json()["code"] == "TOLD_TOO_LITTLE"
    assert post(client, who, path, **told, insurer_id=str(new_id())).status_code == 404
    made = post(client, who, path, **told, insurer_id=str(insurer.pk))
    assert made.status_code == 201, made.content
    confirm(world, LoanProposal.objects.get())
    paid_once.refresh_from_db()
    assert paid_once.state == LoanState.SETTLED


def test_it_comes_through_the_api(
    client: Client, world: World, paid_once: Loan, insurer: Organisation
) -> None:
    path = f"/loans/{paid_once.pk}/insurance-payments"
    told: dict[str, Any] = {
        "insurer_id": str(insurer.pk),
        "event_date": MARCH.isoformat(),
        "received_date": RECEIVED.isoformat(),
        "units": DEBT,
    }
    wrong = post(client, world.cast.manager, path, **{**told, "received_date": "2025-02-20"})
    assert wrong.status_code == 422
    unknown = post(client, world.cast.manager, path, **{**told, "insurer_id": str(new_id())})
    assert unknown.status_code == 404
    answer = post(client, world.cast.manager, path, **told)
    assert answer.status_code == 201, answer.content
    paid_once.refresh_from_db()
    assert paid_once.state == LoanState.SETTLED
