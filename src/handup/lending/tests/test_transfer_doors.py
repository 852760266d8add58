"""The doors through which loans move to another lender: pages and API."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.lending.models import Lender, Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import EventKind
from handup.lending.services import transfers
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import World, clean, running
from handup.lending.tests.test_agreed_pages import page, post, send
from handup.lending.tests.test_transfers import DAY, other, paying

__all__ = ["other", "paying"]


def told_of(other: Lender, **changed: str) -> dict[str, str]:
    return {
        "value_date": DAY.isoformat(),
        "reason": "The programme ends here",
        "to": str(other.pk),
        "loans": "",
        "goes_on": "yes",
        "method": "BANK",
        "total_loans": "1",
        "disbursed_units": "1200",
        "principal_units": "1110.53",
        "interest_units": "33.39",
        "fee_units": "0",
        **changed,
    }


def test_pages_compare_totals_propose_and_decide(
    client: Client, world: World, paying: Loan, other: Lender
) -> None:
    officer, manager, here = world.cast.officer, world.cast.manager, world.direct.pk
    link = reverse("lending:transfer_new", args=[here])
    assert link in page(client, officer, "lender_detail", here).content.decode()
    wrong = send(client, officer, "transfer_new", here, told_of(other, principal_units="1110.54"))
    assert wrong.status_code == 422
    assert "They state USD\xa01,110.54, our books say" in wrong.content.decode()
    unknown = send(client, officer, "transfer_new", here, told_of(other, loans="L999"))
    assert unknown.status_code == 422
    told = told_of(other, loans=paying.code)
    shown = send(client, officer, "transfer_new", here, told)
    assert "USD\xa01,110.53" in shown.content.decode()
    assert f">{paying.code}<" in shown.content.decode()
    assert not LoanProposal.objects.exists()
    send(client, officer, "transfer_new", here, {**told, "_read_back": "1"})
    batch = LoanProposal.objects.get().batch
    assert batch is not None
    assert page(client, manager, "transfer_batch", batch).status_code == 200
    assert page(client, world.cast.outsider, "transfer_batch", batch).status_code == 404
    word = {"value_date": DAY.isoformat(), "approve": "yes", "reason": "", "_read_back": "1"}
    assert send(client, manager, "transfer_decide", batch, word).status_code == 302
    new = Loan.objects.get(lender=other)
    assert new.code in page(client, manager, "transfer_batch", batch).content.decode()
    for loan, words, goes in ((paying, "Goes on as", new), (new, "Goes on from", paying)):
        shown = page(client, officer, "loan_detail", loan.pk).content.decode()
        assert words in shown
        assert f">{goes.code}</a>" in shown
    clean()


def test_too_many_loans_are_refused_before_any_is_worked_out(
    client: Client, world: World, paying: Loan, other: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, third = running(world), running(world)
    folded = folds(monkeypatch)
    monkeypatch.setattr(transfers, "MOST", 1)
    for named, count in (("", 3), (f"{second.code}\n{third.code}", 2)):
        shown = send(
            client, world.cast.officer, "transfer_new", world.direct.pk, told_of(other, loans=named)
        )
        assert shown.status_code == 422
        assert f"{count} loans are too many to move in one go" in shown.content.decode()
    assert folded == []


def folds(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The loans that are worked out from their events, one after another."""
    found: list[UUID] = []

    def noted(loan: Loan, on: date) -> Any:
        found.append(loan.pk)
        return state_as_of(loan, on)

    monkeypatch.setattr(transfers, "state_as_of", noted)
    return found


def test_each_step_of_a_move_works_each_loan_out_once(
    client: Client, world: World, paying: Loan, other: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded = folds(monkeypatch)
    told = told_of(other)
    send(client, world.cast.officer, "transfer_new", world.direct.pk, told)
    assert folded == [paying.pk]
    send(client, world.cast.officer, "transfer_new", world.direct.pk, {**told, "_read_back": "1"})
    assert folded == [paying.pk] * 2
    batch = LoanProposal.objects.get().batch
    assert batch is not None
    word = {"value_date": DAY.isoformat(), "approve": "yes", "reason": "", "_read_back": "1"}
    assert send(client, world.cast.manager, "transfer_decide", batch, word).status_code == 302
    assert folded == [paying.pk] * 3
    clean()


def test_the_api_moves_loans(client: Client, world: World, paying: Loan, other: Lender) -> None:
    key = new_id()
    asked: dict[str, Any] = {
        "value_date": DAY.isoformat(),
        "reason": "It ends",
        "to_id": str(other.pk),
        "loans": 1,
        "disbursed_units": 1_200_00,
        "principal_units": 1_110_53,
        "interest_units": 33_39,
        "fee_units": 0,
    }
    path = f"/lenders/{world.direct.pk}/moves"
    differs = post(client, world.cast.officer, path, **{**asked, "fee_units": 1})
    assert (differs.status_code, differs.json()["code"]) == (422, "CONTROL_SUM")
    made = post(client, world.cast.officer, path, key, **asked)
    assert (made.status_code, made.json()["waiting"]) == (201, 1)
    hidden = {**asked, "loan_ids": [str(new_id())]}
    assert post(client, world.cast.officer, path, **hidden).status_code == 404
    done = post(client, world.cast.manager, f"/moves/{key}/decision", value_date=DAY.isoformat())
    assert (done.status_code, done.json()["approved"]) == (201, 1), done.content
    assert LoanEvent.objects.filter(kind=EventKind.TRANSFERRED).count() == 1
    clean()
