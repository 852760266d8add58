"""Compulsory savings through pages and the API: from the application to loan and receipt."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handup.lending.models import Loan, LoanProposal, SavingsAccount, SavingsMove
from handup.lending.tests.cast import World, approved
from handup.lending.tests.test_api import post
from handup.lending.tests.test_pages import at, do
from handup.lending.tests.test_savings import owed_to_savers, product, saving

__all__ = ["saving"]


def test_the_pages_take_savings_from_the_application_to_the_loan(
    client: Client, world: World
) -> None:
    made = product(world)
    row = approved(world, product_version=made)
    cast = world.cast
    shown = at(client, cast.officer, "application_detail", row.pk).content.decode()
    assert reverse("lending:savings_new", args=[row.pk]) in shown
    answer = do(client, cast.officer, "savings_new", row.pk, opened_date="2025-01-15")
    assert answer.status_code == 302
    account = SavingsAccount.objects.get()
    money = {"units": "25.00", "value_date": "2025-01-15", "method": "BANK"}
    assert do(client, cast.accountant, "savings_pay_in", account.pk, **money).status_code == 302
    listed = at(client, cast.officer, "savings_list").content.decode()
    assert account.code in listed
    assert "25.00" in listed
    page = at(client, cast.officer, "savings_detail", account.pk).content.decode()
    move = SavingsMove.objects.get()
    assert reverse("lending:savings_move", args=[move.pk]) in page
    assert "25.00" in at(client, cast.accountant, "savings_move", move.pk).content.decode()
    back = {"value_date": "2025-01-15", "reason": "Wrong saver"}
    assert do(client, cast.accountant, "savings_reverse", move.pk, **back).status_code == 302
    assert owed_to_savers(world) == 0
    with CaptureQueriesContext(connection) as asked:
        listed = at(client, cast.officer, "savings_list").content.decode()
    assert "25.00" not in listed
    sums = [one["sql"] for one in asked if "lending_savingsmove" in (one["sql"] or "")]
    assert len(sums) == 1  # of the rows of the page only, each by itself
    assert 'JOIN "lending_savingsmove"' not in sums[0]
    refused = do(client, cast.accountant, "savings_pay_out", account.pk, **money)
    assert "units" in refused.context["form"].errors


def test_the_loans_page_and_the_receipt_show_what_is_saved(
    client: Client, world: World, saving: Loan
) -> None:
    page = at(client, world.cast.officer, "loan_detail", saving.pk).content.decode()
    assert "Savings beside the loan" in page
    assert reverse("lending:propose_set_off", args=[saving.pk]) in page
    event = saving.events.get(kind="REPAID")
    paper = at(client, world.cast.officer, "receipt_paper", event.pk).content.decode()
    for text in ("123.47", "Savings that day", "210.00"):
        assert text in paper
    asked = at(client, world.cast.officer, "propose_set_off", saving.pk).content.decode()
    for text in ("Borrower", "Outstanding", "Can be set off", "210.00"):
        assert text in asked
    told = {"units": "100.00", "ground": "AGREED", "agreed_date": "2025-03-01", "reason": "Asked"}
    answer = do(client, world.cast.officer, "propose_set_off", saving.pk, **told)
    assert answer.status_code == 302, answer.context["form"].errors
    made = LoanProposal.objects.get()
    shown = at(client, world.cast.manager, "proposal_decide", made.pk).content.decode()
    assert "the saver agreed" in shown


def test_savings_go_through_the_api(client: Client, world: World) -> None:
    row = approved(world, product_version=product(world))
    made = post(
        client, world.cast.officer, f"/applications/{row.pk}/savings", opened_date="2025-01-15"
    )
    assert made.status_code == 201, made.content
    path = f"/savings/{made.json()['id']}"
    told: dict[str, Any] = {"units": 30_00, "value_date": "2025-01-15", "method": "BANK"}
    paid = post(client, world.cast.accountant, f"{path}/deposits", **told)
    assert paid.status_code == 201, paid.content
    out = post(client, world.cast.accountant, f"{path}/withdrawals", **{**told, "units": 10_00})
    assert out.json()["units"] == -10_00
    back = post(
        client,
        world.cast.accountant,
        f"/savings-moves/{out.json()['id']}/reversal",
        value_date="2025-01-15",
        reason="Not handed over",
    )
    assert back.status_code == 201, back.content
    seen = client.get(f"/api/v1/lending{path}").json()
    assert (seen["saved_units"], seen["free_units"]) == (30_00, 30_00)
    assert len(client.get(f"/api/v1/lending{path}/moves").json()) == 3
