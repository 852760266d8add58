"""The doors of changes: what a loan's page offers to whom, forms that keep what was typed, the
queue of whoever decides, papers in the borrower's language, and the same through the API.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from handup.kernel.credit.codes import Component
from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending.models import Loan, LoanEvent, LoanProposal, PayoffQuote
from handup.lending.rules.codes import EventKind, LoanState, ProposalState
from handup.lending.services.payoff import payoff_of
from handup.lending.tests.cast import World, clean, repay, running
from handup.lending.tests.changing import FEBRUARY, INSTALMENT, MARCH, MAY
from handup.lending.tests.test_pages import at, do
from handup.org.models import StaffUser

TODAY = timezone.localdate()


def page_of(client: Client, staff: StaffUser, loan: Loan, **query: str) -> str:
    text: str = at(client, staff, "loan_detail", loan.pk, **query).content.decode()
    return text


def offered(client: Client, staff: StaffUser, loan: Loan) -> set[str]:
    """The names of the actions the loan's page leads to."""
    page = page_of(client, staff, loan)
    names = ("quote_payoff", "pay_off_loan", "early_new", "charge_loan", "propose_waiver",
             "propose_refund", "cancel_loan", "propose_write_off")  # fmt: skip
    return {name for name in names if reverse(f"lending:{name}", args=[loan.pk]) in page}


def test_a_loan_offers_what_its_state_and_the_readers_grants_allow(
    client: Client, world: World, loan: Loan
) -> None:
    cast = world.cast
    assert offered(client, cast.officer, loan) == {
        *("quote_payoff", "pay_off_loan", "charge_loan", "propose_waiver", "propose_write_off")
    }
    assert offered(client, cast.cashier, loan) == {"quote_payoff", "pay_off_loan"}
    assert offered(client, cast.committee, loan) == set()
    repay(world, loan, MAY, 2_000_00)
    assert offered(client, cast.officer, loan) == {"propose_refund"}
    assert "Actions" not in page_of(client, cast.officer, loan, as_of="2025-03-01")


def test_a_quote_is_printed_in_the_borrowers_language(
    client: Client, world: World, loan: Loan
) -> None:
    day = (TODAY + timedelta(days=3)).isoformat()
    answer = do(client, world.cast.officer, "quote_payoff", loan.pk, valid_date=day, language="fr")
    quote = PayoffQuote.objects.get()
    assert answer["Location"] == reverse("lending:payoff_paper", args=[quote.pk])
    assert quote.language == "fr"
    paper = at(client, world.cast.officer, "payoff_paper", quote.pk)
    text = paper.content.decode()
    assert paper.status_code == 200
    assert 'lang="fr"' in text
    assert str(quote.pk) in text
    with translation.override("fr"):
        assert gettext("Borrower") in text
    assert at(client, world.cast.outsider, "payoff_paper", quote.pk).status_code == 404
    late = do(
        client, world.cast.officer, "quote_payoff", loan.pk, valid_date="2025-01-01", language="en"
    )
    assert late.status_code == 422
    assert "before the day the quote is made" in late.content.decode()
    assert "Quotes of the payoff" in page_of(client, world.cast.officer, loan)


def test_a_loan_is_paid_off_on_the_page(client: Client, world: World, loan: Loan) -> None:
    form = at(client, world.cast.accountant, "pay_off_loan", loan.pk, day="2025-03-01")
    assert "To be paid in all" in form.content.decode()
    told = {"value_date": "2025-03-01", "method": "CASH", "reference": "", "quote": ""}
    short = do(client, world.cast.accountant, "pay_off_loan", loan.pk, units="10", **told)
    assert short.status_code == 422
    assert "Paying the loan" in short.content.decode()
    assert 'value="10"' in short.content.decode()
    assert balance(world.book, "CASH") == 0
    whole = payoff_of(loan, MARCH).total
    answer = do(
        client,
        world.cast.accountant,
        "pay_off_loan",
        loan.pk,
        units=f"{whole / 100:.2f}",
        **told,
    )
    event = LoanEvent.objects.get(kind=EventKind.PAID_OFF)
    assert answer["Location"] == reverse("lending:event_detail", args=[event.pk])
    loan.refresh_from_db()
    assert loan.state == LoanState.SETTLED
    assert at(client, world.cast.accountant, "event_detail", event.pk).status_code == 200
    assert at(client, world.cast.accountant, "receipt_paper", event.pk).status_code == 200
    clean()


def test_money_paid_early_changes_the_schedule_and_any_earlier_day_shows_the_old_one(
    client: Client, world: World, loan: Loan
) -> None:
    repay(world, loan, FEBRUARY, INSTALMENT)
    do(
        client,
        world.cast.accountant,
        "early_new",
        loan.pk,
        units="500",
        value_date="2025-02-20",
        effect="REDUCE_INSTALMENT",
        method="CASH",
        reference="",
    )
    now = page_of(client, world.cast.officer, loan)
    assert "Before it was changed" in now
    assert "<s>" in now
    assert "the instalments become smaller" in now
    before = page_of(client, world.cast.officer, loan, as_of="2025-02-19")
    assert "Before it was changed" not in before
    assert "91.26" in before
    late = do(
        client,
        world.cast.accountant,
        "early_new",
        loan.pk,
        units="5",
        value_date="2025-04-20",
        effect="",
        method="CASH",
        reference="",
    )
    assert late.status_code == 422
    assert "is past due; that is paid first" in late.content.decode()


def test_a_charge_is_waived_and_the_waiver_taken_back(
    client: Client, world: World, loan: Loan
) -> None:
    cast = world.cast
    day = TODAY.isoformat()
    told = {"component": "FEE", "units": "7", "reason": "Letter"}
    wrong = do(
        client, cast.officer, "charge_loan", loan.pk, **told, value_date=day, due_date="2025-01-20"
    )
    assert wrong.status_code == 422
    assert "is not due before it" in wrong.content.decode()
    do(client, cast.officer, "charge_loan", loan.pk, **told, value_date=day, due_date=day)
    assert balance(world.book, "FEES_DUE", ("loan", loan.pk)) == 7_00
    assert "Unpaid today" in at(client, cast.officer, "propose_waiver", loan.pk).content.decode()
    do(client, cast.officer, "propose_waiver", loan.pk, component="FEE", units="7", reason="Flood")
    proposal = LoanProposal.objects.get()
    assert at(client, cast.officer, "proposal_decide", proposal.pk).status_code == 403
    queue = at(client, cast.manager, "proposals_to_decide").content.decode()
    assert "Flood" in queue
    assert loan.code in queue
    assert (
        "Nothing waits for you" in at(client, cast.officer, "proposals_to_decide").content.decode()
    )
    no_word = do(
        client,
        cast.manager,
        "proposal_decide",
        proposal.pk,
        approve="no",
        value_date=day,
        reason="",
    )
    assert no_word.status_code == 422
    answer = do(
        client,
        cast.manager,
        "proposal_decide",
        proposal.pk,
        approve="yes",
        value_date=day,
        reason="",
    )
    assert answer["Location"] == reverse("lending:loan_detail", args=[loan.pk])
    proposal.refresh_from_db()
    assert proposal.event is not None
    assert (proposal.state, proposal.event.units) == (ProposalState.APPROVED, 7_00)
    assert balance(world.book, "FEES_DUE", ("loan", loan.pk)) == 0
    shown = at(client, cast.manager, "event_detail", proposal.event_id).content.decode()
    assert "Besides paying instalments" in shown
    assert reverse("lending:reverse_event", args=[proposal.event_id]) in shown
    do(
        client,
        cast.manager,
        "reverse_event",
        proposal.event_id,
        value_date=day,
        reason="Wrong loan",
    )
    assert balance(world.book, "FEES_DUE", ("loan", loan.pk)) == 7_00
    clean()


def test_a_refund_is_declined_with_a_reason_and_the_next_one_paid(
    client: Client, world: World, loan: Loan
) -> None:
    cast = world.cast
    repay(world, loan, MAY, 2_000_00)
    form = at(client, cast.officer, "propose_refund", loan.pk).content.decode()
    assert "With us today" in form
    told = {"units": "50", "method": "CASH", "reference": "", "reason": "Paid twice"}
    day = TODAY.isoformat()
    for approve, reason in (("no", "Ask again"), ("yes", "")):
        do(client, cast.officer, "propose_refund", loan.pk, **told)
        proposal = LoanProposal.objects.get(state=ProposalState.PROPOSED)
        do(
            client,
            cast.cashier,
            "proposal_decide",
            proposal.pk,
            approve=approve,
            value_date=day,
            reason=reason,
        )
    assert balance(world.book, "CASH") == 2_000_00 - 50_00
    assert "Ask again" in page_of(client, cast.officer, loan)
    clean()


# --- the API --------------------------------------------------------------------------------------


def call(client: Client, staff: StaffUser, path: str, key: Any = None, **told: Any) -> Any:
    client.force_login(staff)
    return client.post(
        f"/api/v1/lending/{path}",
        told,
        content_type="application/json",
        headers={"Idempotency-Key": str(key or new_id())},
    )


def ask(client: Client, staff: StaffUser, path: str, **query: str) -> Any:
    client.force_login(staff)
    return client.get(f"/api/v1/lending/{path}", query)


def test_payoff_and_early_money_through_the_api(client: Client, world: World, loan: Loan) -> None:
    cast = world.cast
    other = running(world)
    quote = call(
        client, cast.officer, f"loans/{loan.pk}/payoff-quotes", valid_date=TODAY.isoformat()
    )
    assert quote.status_code == 201
    shown = ask(client, cast.officer, f"loans/{loan.pk}/payoff", as_of="2025-03-01").json()
    assert shown["principal_units"] == 1_200_00
    told = {"value_date": "2025-03-01", "quote_id": quote.json()["id"]}
    short = call(client, cast.accountant, f"loans/{loan.pk}/payoff", units=1, **told)
    assert (short.status_code, short.json()["code"]) == (422, "LESS_THAN_PAYOFF")
    key = new_id()
    for _again in range(2):
        paid = call(
            client,
            cast.accountant,
            f"loans/{loan.pk}/payoff",
            key,
            units=shown["total_units"],
            **told,
        )
        assert (paid.status_code, paid.json()["id"]) == (201, str(key))
    early = call(
        client,
        cast.accountant,
        f"loans/{other.pk}/early-repayments",
        units=300_00,
        value_date="2025-02-01",
        effect="REDUCE_NUMBER",
    )
    assert early.status_code == 201
    assert balance(world.book, "CASH") == shown["total_units"] + 300_00
    clean()


def test_charge_waive_refund_and_reverse_through_the_api(
    client: Client, world: World, loan: Loan
) -> None:
    cast = world.cast
    day = TODAY.isoformat()
    charged = call(
        client,
        cast.officer,
        f"loans/{loan.pk}/charges",
        component="FEE",
        units=7_00,
        value_date=day,
        due_date=day,
        reason="Letter",
    )
    assert charged.status_code == 201
    asked = call(
        client,
        cast.officer,
        f"loans/{loan.pk}/waiver-proposals",
        component="FEE",
        units=7_00,
        proposed_date=day,
        reason="Flood",
    )
    assert asked.status_code == 201
    waiting = ask(client, cast.manager, "proposals").json()
    assert [row["id"] for row in waiting] == [asked.json()["id"]]
    assert ask(client, cast.officer, "proposals").json() == []
    path = f"proposals/{asked.json()['id']}/decision"
    assert call(client, cast.cashier, path, value_date=day).status_code == 403
    decided = call(client, cast.manager, path, value_date=day)
    assert decided.json()["state"] == ProposalState.APPROVED
    waived = LoanEvent.objects.get(kind=EventKind.WAIVED)
    back = call(
        client, cast.manager, f"events/{waived.pk}/reversal", value_date=day, reason="Wrong"
    )
    assert back.status_code == 201
    assert balance(world.book, "FEES_DUE", ("loan", loan.pk)) == 7_00
    none = call(
        client,
        cast.officer,
        f"loans/{loan.pk}/refund-proposals",
        units=1,
        proposed_date=day,
        reason="Hers",
    )
    assert none.json()["code"] == "MORE_THAN_OVERPAID"
    clean()


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("payoff-quotes", "valid_date"),
        ("payoff", "units value_date"),
        ("early-repayments", "units value_date"),
        ("charges", "component units value_date due_date reason"),
        ("waiver-proposals", "component units proposed_date reason"),
    ],
)
def test_a_loan_out_of_sight_is_not_there_for_the_api(
    client: Client, world: World, loan: Loan, path: str, names: str
) -> None:
    whole: dict[str, Any] = {
        "units": 1,
        "value_date": TODAY.isoformat(),
        "valid_date": TODAY.isoformat(),
        "due_date": TODAY.isoformat(),
        "proposed_date": TODAY.isoformat(),
        "component": Component.FEE.value,
        "reason": "x",
    }
    told = {name: whole[name] for name in names.split()}
    answer = call(client, world.cast.outsider, f"loans/{loan.pk}/{path}", **told)
    assert answer.status_code == 404
    assert not LoanProposal.objects.exists()
