"""Undo: for ten minutes whoever has just written something takes it back with one press."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending.models import Loan, LoanEvent
from handup.lending.rules.codes import EventKind
from handup.lending.tests.cast import World
from handup.lending.tests.test_pages import do
from handup.org import undoing
from handup.org.models import AuditLine, StaffUser

BUTTON = re.compile(r'action="(/account/undo/[0-9a-f-]{36}/)"')


def pays(client: Client, staff: StaffUser, loan: Loan, units: str = "100") -> str:
    """She records a payment of today through the page; what the next page holds."""
    today = timezone.localdate().isoformat()
    told: dict[str, Any] = {"units": units, "value_date": today, "method": "CASH"}
    answer = do(client, staff, "record_repayment", loan.pk, **told)
    assert answer.status_code == 302
    return client.get(answer["Location"]).content.decode()


def button(page: str) -> str:
    """Where the button "Undo" of a page leads."""
    (found,) = BUTTON.findall(page)
    return str(found)


def reversals(loan: Loan) -> int:
    return LoanEvent.objects.filter(loan=loan, kind=EventKind.REVERSED).count()


def test_a_payment_is_undone_with_one_press_by_whoever_wrote_it(
    client: Client, world: World, loan: Loan
) -> None:
    page = pays(client, world.cast.accountant, loan)
    assert balance(world.book, "CASH") == 100_00
    loan_page = client.get(reverse("lending:loan_detail", args=[loan.pk]))
    assert not BUTTON.search(loan_page.content.decode()), "it stands on the next page alone"
    asked = client.get(button(page))
    assert (asked.status_code, "Both stay visible" in asked.content.decode()) == (200, True)
    done: Any = client.post(button(page), follow=True)
    assert "It is undone." in done.content.decode()
    assert done.redirect_chain == [(reverse("lending:loan_detail", args=[loan.pk]), 302)]
    assert balance(world.book, "CASH") == 0
    reversal = LoanEvent.objects.get(loan=loan, kind=EventKind.REVERSED)
    assert reversal.recorded_by == world.cast.accountant
    assert AuditLine.objects.filter(
        action="lending.reverse_repayment", staff=world.cast.accountant
    ).exists()
    again = client.post(button(page), follow=True)
    assert "There is nothing to undo." in again.content.decode()
    assert reversals(loan) == 1


def test_who_may_not_reverse_sees_no_button(client: Client, world: World, loan: Loan) -> None:
    """A cashier who has taken money and given a receipt does not take it back alone."""
    assert not BUTTON.search(pays(client, world.cast.cashier, loan))
    line = AuditLine.objects.get(action="lending.record_repayment")
    answer = client.post(reverse("org:undo", args=[line.pk]), follow=True)
    assert "There is nothing to undo." in answer.content.decode()
    assert reversals(loan) == 0


def test_nobody_undoes_what_somebody_else_wrote(client: Client, world: World, loan: Loan) -> None:
    address = button(pays(client, world.cast.accountant, loan))
    client.force_login(world.cast.manager)
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert reversals(loan) == 0


def test_after_ten_minutes_it_is_taken_back_on_its_own_page_alone(
    client: Client, world: World, loan: Loan, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = button(pays(client, world.cast.accountant, loan))
    later = timezone.now() + timedelta(minutes=10, seconds=30)
    monkeypatch.setattr("handup.org.undoing.timezone.now", lambda: later)
    answer = client.post(address)
    assert answer.status_code == 422
    assert "More than 10 minutes have gone by" in answer.content.decode()
    assert reversals(loan) == 0


def test_many_acts_at_once_have_no_button(world: World, loan: Loan) -> None:
    """What one press would undo must be one thing."""
    mark = new_id()
    for _time in range(2):
        AuditLine.objects.create(
            staff=world.cast.accountant,
            action="lending.record_repayment",
            object_type="lending.loanevent",
            object_id=str(LoanEvent.objects.filter(loan=loan).values_list("pk", flat=True)[0]),
        )
    assert undoing.written_since(world.cast.accountant, mark) is None
