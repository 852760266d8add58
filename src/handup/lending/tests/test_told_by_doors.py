"""What a door of lending is told is used or refused, never dropped; what is missing is named."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import EventKind
from handup.lending.services.back_dating import ACTS
from handup.lending.tests.cast import World, signed
from handup.lending.tests.test_api import post
from handup.lending.tests.test_back_dating import WHY, confirm, strict
from handup.lending.tests.test_pages import at, do
from handup.lending.tests.test_sent_ahead import by_balance

TODAY = timezone.localdate()


@pytest.mark.parametrize("kind", sorted(kind.value for kind in ACTS))
def test_what_a_kind_needs_is_asked_for_by_name(
    client: Client, world: World, loan: Loan, kind: str
) -> None:
    """No kind fails on what is missing, and none drops what it does not take."""
    strict()
    act, path = ACTS[EventKind(kind)], f"/loans/{loan.pk}/back-dated"
    told: dict[str, Any] = {"kind": kind, "value_date": "2025-02-15", "late_reason": WHY}
    named = {"event": "event_id", "insurer": "insurer_id"}
    for missing in sorted(act.needs)[:1]:
        answer = post(client, world.cast.accountant, path, **told)
        assert (answer.status_code, answer.json()["code"]) == (422, "TOLD_TOO_LITTLE")
        assert named.get(missing, missing) in answer.content.decode()
    if "effect" not in act.told:
        answer = post(client, world.cast.accountant, path, **told, effect="SHORTEN")
        assert answer.status_code == 422, answer.content
    answer = post(client, world.cast.accountant, path, **told, amount=7)
    assert answer.status_code == 422, answer.content
    assert not LoanProposal.objects.exists()


def test_who_brought_it_and_where_it_goes_is_said_of_an_earlier_day_too(
    client: Client, world: World, loan: Loan
) -> None:
    plain = by_balance(world)
    strict()
    page = at(client, world.cast.accountant, "record_repayment", loan.pk).content.decode()
    assert 'name="advance_to"' in page
    page = at(client, world.cast.accountant, "record_repayment", plain.pk).content.decode()
    assert 'name="payer"' in page
    assert 'name="advance_to"' not in page
    fields = {"units": "300.00", "value_date": "2025-02-15", "method": "CASH"}
    said = {"payer": "EMPLOYER", "advance_to": "LAST_INSTALMENT"}
    told = {**fields, **said, "late_reason": WHY}
    asked = do(client, world.cast.accountant, "record_repayment", loan.pk, **told)
    assert asked.status_code == 302, asked.context["form"].errors
    made = LoanProposal.objects.get()
    queue = at(client, world.cast.manager, "proposals_to_decide").content.decode()
    assert "the last instalment" in queue
    assert "an employer" in queue
    event = confirm(world, made)
    assert event is not None
    assert event.payload == said
    today = {**fields, "value_date": TODAY.isoformat(), "payer": "BORROWER"}
    done = do(client, world.cast.cashier, "record_repayment", loan.pk, **today, advance_to="")
    assert done.status_code == 302, done.context["form"].errors
    assert loan.events.get(value_date=TODAY).payload == {}


def test_what_came_by_the_interface_says_so(client: Client, world: World, loan: Loan) -> None:
    other, by, path = signed(world), world.cast, f"/loans/{loan.pk}"
    day: dict[str, Any] = {"value_date": TODAY.isoformat()}
    charge: dict[str, Any] = {
        **day,
        "component": "FEE",
        "units": 7_00,
        "due_date": day["value_date"],
    }
    made = post(client, by.accountant, f"{path}/charges", **charge, reason="Stamp")
    assert made.status_code == 201, made.content
    back = f"/events/{made.json()['id']}/reversal"
    assert post(client, by.manager, back, **day, reason="Twice").status_code == 201
    gone = f"/loans/{other.pk}/cancellation"
    assert post(client, by.manager, gone, **day, reason="Moved").status_code == 201
    kinds = ("CHARGED", "REVERSED", "CANCELLED")
    sources = LoanEvent.objects.filter(kind__in=kinds).values_list("source", flat=True)
    assert list(sources) == ["API"] * 3


def test_when_the_device_wrote_it_down_is_kept(client: Client, world: World, loan: Loan) -> None:
    path, cashier = f"/loans/{loan.pk}/repayments", world.cast.cashier
    told: dict[str, Any] = {"units": 50_00, "value_date": TODAY.isoformat()}
    wrote = timezone.now() - timedelta(hours=5)
    made = post(client, cashier, path, **told, recorded_at=wrote.isoformat())
    assert made.status_code == 201, made.content
    assert LoanEvent.objects.get(pk=made.json()["id"]).recorded_at == wrote
    ahead = timezone.now() + timedelta(days=2)
    told["units"] = 60_00  # as much again on one day would wait for a second person
    made = post(client, cashier, path, **told, recorded_at=ahead.isoformat())
    event = LoanEvent.objects.get(pk=made.json()["id"])
    assert event.recorded_at == event.received_at < ahead
    nowhere = post(client, cashier, path, **told, recorded_at="2026-01-05T10:00:00")
    assert nowhere.status_code == 422
