"""Pages and API of a call on a guarantee, and how little they ask of the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.lending.models import Guarantee, GuaranteeCall, GuaranteeMove, Loan
from handup.lending.tests.cast import (
    World,
)
from handup.lending.tests.guarantee_cast import (
    CALLED,
    HALF,
    PAID,
    called,
    fund,
    let_go,
    paid,
)
from handup.lending.tests.test_api import post
from handup.lending.tests.test_pages import at, do
from handup.lending.views import guarantees as views


def test_the_pages_lead_from_the_late_loan_to_what_came_back(
    client: Client, world: World, late: Loan
) -> None:
    cast, guarantee = world.cast, Guarantee.objects.get()
    lender = at(client, cast.manager, "lender_detail", late.lender_id).content.decode()
    assert reverse("lending:guarantee_detail", args=[guarantee.pk]) in lender
    page = at(client, cast.manager, "guarantee_detail", guarantee.pk).content.decode()
    for text in ("Left of the deposit", "1,000.00", "Late enough to be called", late.code):
        assert text in page
    shown = at(client, cast.officer, "loan_detail", late.pk).content.decode()
    assert reverse("lending:guarantee_call_new", args=[late.pk]) in shown
    form = at(client, cast.officer, "guarantee_call_new", late.pk).content.decode()
    assert "600.00 is covered" in form.replace("US$", "").replace("$", "")
    sent = {"called_date": CALLED.isoformat(), "units": "700", "reference": "B-17"}
    wrong = do(client, cast.officer, "guarantee_call_new", late.pk, **sent)
    assert "units" in wrong.context["form"].errors
    done = do(client, cast.officer, "guarantee_call_new", late.pk, **{**sent, "units": ""})
    row = GuaranteeCall.objects.get()
    assert done.url == reverse("lending:guarantee_call", args=[row.pk])
    assert "To be paid" in at(client, cast.manager, "guarantee_call", row.pk).content.decode()
    assert "B-17" in at(client, cast.manager, "guarantee_call", row.pk).content.decode()
    money = {"value_date": PAID.isoformat(), "method": "BANK", "reference": "X"}
    assert do(client, cast.manager, "guarantee_pay", row.pk, **money).status_code == 302
    got = {**money, "recovered_units": "300"}
    assert do(client, cast.accountant, "guarantee_recovery", row.pk, **got).status_code == 302
    page = at(client, cast.manager, "guarantee_detail", guarantee.pk).content.decode()
    for text in ("550.00", "150.00 came back", "450.00", "May be called"):
        assert text in page
    came = GuaranteeMove.objects.get(kind="RECOVERED")
    assert "300.00" in at(client, cast.accountant, "guarantee_move", came.pk).content.decode()
    undo = {"value_date": (PAID + timedelta(days=5)).isoformat(), "reason": "Wrong"}
    assert do(client, cast.accountant, "guarantee_reverse", came.pk, **undo).status_code == 302
    assert fund(late).money == 400_00
    assert "Taken back" in at(client, cast.accountant, "guarantee_move", came.pk).content.decode()
    entry = Entry.objects.filter(source_purpose="GUARANTEE").first()
    assert entry is not None
    client.force_login(cast.accountant)
    book = client.get(reverse("ledger:entry_detail", args=[entry.pk])).content.decode()
    assert reverse("lending:guarantee_move", args=[entry.source_id]) in book


def test_the_page_of_a_guarantee_asks_as_much_for_many_calls_as_for_few(
    client: Client, world: World, late: Loan
) -> None:
    guarantee = Guarantee.objects.get()

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            page = at(client, world.cast.manager, "guarantee_detail", guarantee.pk)
        assert page.status_code == 200
        return len(found)

    paid(world, called(world, late, units=100_00))
    waits = called(world, late, units=50_00)
    asked()
    few = asked()
    let_go(world, waits)
    for _time in range(3):
        paid(world, called(world, late, units=50_00))
    called(world, late, units=60_00)
    assert asked() == few
    page = at(client, world.cast.manager, "guarantee_detail", guarantee.pk).content.decode()
    assert [page.count(text) for text in ("Withdrawn", "To be paid")] == [1, 1]


def test_a_loan_whose_open_call_is_not_among_those_shown_is_not_offered(
    client: Client, world: World, late: Loan, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarantee = Guarantee.objects.get()
    let_go(world, called(world, late, called_date=PAID), withdrawn_date=PAID)
    called(world, late, units=60_00)
    monkeypatch.setattr(views, "MOST", 1)
    page = at(client, world.cast.manager, "guarantee_detail", guarantee.pk).content.decode()
    assert "No loan is late enough" in page


def test_a_call_may_be_let_go_and_a_guarantee_given_on_pages(
    client: Client, world: World, late: Loan
) -> None:
    row = called(world, late)
    told = {"withdrawn_date": PAID.isoformat(), "reason": "Paid after all"}
    assert do(client, world.cast.officer, "guarantee_withdraw", row.pk, **told).status_code == 302
    given = {
        "deposit_units": "250.00",
        "cover_bps": "40",
        "leverage": "1.5",
        "call_after_days": "60",
        "signed_date": "2025-07-01",
        "book": str(world.book.pk),
    }
    done = do(client, world.cast.manager, "guarantee_new", late.lender_id, **given)
    made = Guarantee.objects.get(deposit_units=250_00)
    assert done.url == reverse("lending:guarantee_detail", args=[made.pk])
    assert (made.cover_bps, made.max_leverage_x100, made.call_after_days) == (4_000, 150, 60)
    assert made.book == world.book


def test_the_api_takes_a_call_down_and_tells_the_fund(
    client: Client, world: World, late: Loan
) -> None:
    key, guarantee = new_id(), Guarantee.objects.get()
    sent: dict[str, Any] = {"called_date": CALLED.isoformat()}
    for _twice in range(2):
        made = post(client, world.cast.clerk, f"/loans/{late.pk}/guarantee-calls", key, **sent)
        assert made.status_code == 404, "another bank's clerk"
        made = post(client, world.cast.accountant, f"/loans/{late.pk}/guarantee-calls", key, **sent)
        assert (made.status_code, made.json()["units"]) == (201, HALF)
    call = made.json()["id"]
    money: dict[str, Any] = {"value_date": PAID.isoformat()}
    same = post(client, world.cast.accountant, f"/guarantee-calls/{call}/payment", **money)
    assert same.status_code == 403
    done = post(client, world.cast.director, f"/guarantee-calls/{call}/payment", **money)
    assert (done.status_code, done.json()["units"]) == (201, HALF)
    wrong = post(
        client,
        world.cast.accountant,
        f"/guarantee-calls/{call}/withdrawal",
        withdrawn_date=PAID.isoformat(),
        reason="No",
    )
    assert wrong.json()["code"] == "CALL_NOT_OPEN"
    came = post(
        client,
        world.cast.accountant,
        f"/guarantee-calls/{call}/recoveries",
        **money,
        recovered_units=100_00,
    )
    assert came.json()["units"] == -50_00
    undone = post(
        client,
        world.cast.accountant,
        f"/guarantee-moves/{came.json()['id']}/reversal",
        **money,
        reason="Wrong",
    )
    assert undone.json()["kind"] == "REVERSED"
    client.force_login(world.cast.director)
    told = client.get(f"/api/v1/lending/guarantees/{guarantee.pk}").json()
    assert (told["money_units"], told["committed_units"], told["left_units"]) == (
        400_00, 0, 400_00,
    )  # fmt: skip
    listed = client.get("/api/v1/lending/guarantee-calls").json()["items"]
    assert [row["id"] for row in listed] == [call]
    moves = client.get(f"/api/v1/lending/guarantee-calls/{call}/moves").json()
    assert sorted(move["units"] for move in moves) == [-50_00, 50_00, HALF]
