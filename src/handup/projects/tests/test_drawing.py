"""Money asked of a funder and paid, and the procurement plan, as staff and the funder see them."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from handup.kernel.errors import Refusal
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.projects import services as s
from handup.projects.models import (
    FundingAgreement,
    Organisation,
    Programme,
    Purchase,
    Withdrawal,
)
from handup.projects.rules.drawing import (
    PurchaseKind,
    PurchaseMethod,
    PurchaseState,
    WithdrawalState,
)
from handup.projects.services import drawing as d
from handup.projects.services.memoranda import DoneAhead
from handup.projects.tests.test_api import Caller

ASKED = date(2026, 2, 2)
PAID = date(2026, 3, 2)
TODAY = date(2026, 4, 15)


@pytest.fixture
def funding(programme: Programme, funder_organisation: Organisation) -> FundingAgreement:
    """A grant of 10 000.00 dollars."""
    row: FundingAgreement = FundingAgreement.objects.create(
        programme=programme,
        funder=funder_organisation,
        kind="GRANT",
        amount_units=1_000_000,
        currency="USD",
    )
    return row


def ask(staff: StaffUser, funding: FundingAgreement, **more: Any) -> Withdrawal:
    values: dict[str, Any] = {"number": "WA-1", "asked_units": 600_000, "asked_date": ASKED}
    return s.ask_withdrawal(acting_staff=staff, funding=funding, today=TODAY, **(values | more))


def answer(staff: StaffUser, row: Withdrawal, **more: Any) -> Withdrawal:
    values: dict[str, Any] = {
        "state": WithdrawalState.PAID,
        "ended_date": PAID,
        "paid_units": 600_000,
    }
    return s.end_withdrawal(acting_staff=staff, withdrawal=row, today=TODAY, **(values | more))


def plan(staff: StaffUser, programme: Programme, **more: Any) -> Purchase:
    values: dict[str, Any] = {
        "number": "G-1",
        "what": "Two motorcycles",
        "kind": PurchaseKind.GOODS,
        "method": PurchaseMethod.SHOPPING,
        "planned_units": 300_000,
        "currency": "USD",
        "planned_date": date(2026, 3, 31),
    }
    return s.plan_purchase(acting_staff=staff, programme=programme, **(values | more))


def step(staff: StaffUser, row: Purchase, state: PurchaseState, **more: Any) -> Purchase:
    values: dict[str, Any] = {"state": state, "state_date": PAID}
    return s.move_purchase(acting_staff=staff, purchase=row, today=TODAY, **(values | more))


def test_a_request_is_asked_within_what_was_agreed_then_paid_or_refused(
    accountant: StaffUser, funding: FundingAgreement
) -> None:
    first = ask(accountant, funding)
    assert (first.currency, first.state) == ("USD", "ASKED")
    with pytest.raises(d.MoreThanAgreed, match=r"4,000\.00"):
        ask(accountant, funding, number="WA-2", asked_units=400_001)
    with pytest.raises(d.NumberTaken):
        ask(accountant, funding, asked_units=1)
    cases: list[tuple[type[Refusal], dict[str, Any]]] = [
        (d.MoreThanAsked, {"paid_units": 600_001}),
        (d.AmountMissing, {"paid_units": None}),
        (d.WhyMissing, {"paid_units": 599_999}),
        (d.WhyMissing, {"state": WithdrawalState.REFUSED}),
        (d.BeforeItWasAsked, {"ended_date": ASKED - timedelta(days=1)}),
        (DoneAhead, {"ended_date": TODAY + timedelta(days=1)}),
    ]
    for refusal, more in cases:
        with pytest.raises(refusal):
            answer(accountant, first, **more)
    paid = answer(accountant, first, paid_units=500_000, reason="Receipts are missing")
    assert (paid.state, paid.paid_units) == ("PAID", 500_000)
    changes = AuditLine.objects.count()
    again = answer(accountant, first, paid_units=500_000, reason="Receipts are missing")
    assert (again.pk, AuditLine.objects.count()) == (paid.pk, changes)
    with pytest.raises(d.EndedAlready):
        answer(accountant, first)
    second = ask(accountant, funding, number="WA-2", asked_units=500_000)
    with pytest.raises(d.MoreThanAgreed):
        ask(accountant, funding, number="WA-3", asked_units=1)
    answer(accountant, second, state=WithdrawalState.REFUSED, reason="Not this year")
    assert ask(accountant, funding, number="WA-3", asked_units=500_000).asked_units == 500_000


def test_a_purchase_goes_step_by_step_to_its_delivery(
    accountant: StaffUser, programme: Programme, funder_organisation: Organisation
) -> None:
    row = plan(accountant, programme)
    assert row.is_late(TODAY)
    assert not row.is_late(date(2026, 3, 31))
    with pytest.raises(d.StepNotPossible):
        step(accountant, row, PurchaseState.DELIVERED)
    with pytest.raises(d.ContractMissing):
        step(accountant, row, PurchaseState.SIGNED, signed_units=1)
    contract: dict[str, Any] = {"supplier": funder_organisation, "signed_units": 290_000}
    signed = step(accountant, row, PurchaseState.SIGNED, **contract)
    assert not signed.is_late(TODAY)
    changes = AuditLine.objects.count()
    assert step(accountant, row, PurchaseState.SIGNED, **contract) == signed
    assert AuditLine.objects.count() == changes
    with pytest.raises(d.StepNotPossible):
        step(accountant, row, PurchaseState.SIGNED, **(contract | {"signed_units": 1}))
    with pytest.raises(d.StepBack):
        step(accountant, row, PurchaseState.DELIVERED, state_date=ASKED)
    done = step(accountant, row, PurchaseState.DELIVERED, state_date=TODAY)
    assert (done.state, done.signed_units, done.supplier) == (
        "DELIVERED",
        290_000,
        funder_organisation,
    )
    with pytest.raises(d.StepNotPossible):
        step(accountant, row, PurchaseState.CANCELLED, reason="x")
    with pytest.raises(d.CurrencyUnknown) as refused:
        plan(accountant, programme, number="G-2", currency="ZZZ")
    assert (refused.value.field, refused.value.places) == ("currency", {"currency": "ZZZ"})
    other = plan(accountant, programme, number="G-2")
    with pytest.raises(d.WhyMissing):
        step(accountant, other, PurchaseState.CANCELLED)
    with pytest.raises(d.NumberTaken):
        plan(accountant, programme, number="G-2")


def test_the_same_sent_twice_is_once_and_other_content_is_refused(
    accountant: StaffUser, funding: FundingAgreement, programme: Programme, clerk: StaffUser
) -> None:
    one, other = uuid4(), uuid4()
    assert ask(accountant, funding, id=one).pk == ask(accountant, funding, id=one).pk
    with pytest.raises(SameIdOtherContent):
        ask(accountant, funding, id=one, asked_units=1)
    assert plan(accountant, programme, id=other).pk == plan(accountant, programme, id=other).pk
    with pytest.raises(SameIdOtherContent):
        plan(accountant, programme, id=other, planned_units=1)
    with pytest.raises(NotAllowed):
        ask(clerk, funding, number="X")
    with pytest.raises(NotAllowed):
        plan(clerk, programme)
    assert (Withdrawal.objects.count(), Purchase.objects.count()) == (1, 1)


def test_a_funder_reads_requests_and_the_plan_of_her_programme_alone(
    accountant: StaffUser,
    funder: StaffUser,
    funding: FundingAgreement,
    programme: Programme,
    other_programme: Programme,
    funder_organisation: Organisation,
    settings: Settings,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    elsewhere = FundingAgreement.objects.create(
        programme=other_programme, funder=funder_organisation, kind="GRANT", currency="USD"
    )
    ask(accountant, funding)
    hidden = ask(accountant, elsewhere, number="WA-9")
    plan(accountant, programme)
    plan(accountant, other_programme, number="G-9", what="Secret boats")
    client = Client()
    client.force_login(funder)
    page = client.get(reverse("projects:programme_detail", args=[programme.pk])).content.decode()
    for told in ("WA-1", "Two motorcycles", "Money asked of funders", "Procurement plan"):
        assert told in page
    listed = client.post(
        reverse("projects:withdrawal_list"), {"q": "WA"}, follow=True
    ).content.decode()
    assert "WA-1" in listed
    assert "WA-9" not in listed
    bought = client.post(
        reverse("projects:purchase_list"), {"q": "o"}, follow=True
    ).content.decode()
    assert "Two motorcycles" in bought
    assert "Secret boats" not in bought
    assert client.get(reverse("projects:withdrawal_detail", args=[hidden.pk])).status_code == 404
    new = reverse("projects:purchase_new", args=[programme.pk])
    assert client.get(new).status_code in (403, 404)


def test_both_go_the_way_of_their_pages(
    accountant: StaffUser,
    funding: FundingAgreement,
    programme: Programme,
    funder_organisation: Organisation,
    settings: Settings,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    client.force_login(accountant)
    today = timezone.localdate().isoformat()
    asked = {"funding": funding.pk, "number": "WA-1", "asked_units": "6000", "asked_date": today}
    page = reverse("projects:withdrawal_new", args=[programme.pk])
    assert client.post(page, asked | {"asked_units": "10001"}).status_code == 422
    assert client.post(page, asked).status_code == 302
    row = Withdrawal.objects.get()
    assert row.asked_units == 600_000
    end = reverse("projects:withdrawal_end", args=[row.pk])
    told = {"state": "PAID", "ended_date": today, "paid_units": "6000"}
    for _time in range(2):
        assert client.post(end, told).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.paid_units) == ("PAID", 600_000)
    line = {
        "number": "S-1",
        "what": "An audit",
        "kind": "SERVICES",
        "method": "LIMITED",
        "currency": "USD",
        "planned_units": "1500",
        "planned_date": today,
    }
    new = reverse("projects:purchase_new", args=[programme.pk])
    unknown = client.post(new, line | {"currency": "ZZZ"})
    assert (unknown.status_code, "ZZZ is no currency code" in unknown.content.decode()) == (
        422,
        True,
    )
    assert client.post(new, line).status_code == 302
    bought = Purchase.objects.get()
    move = reverse("projects:purchase_move", args=[bought.pk])
    signed = {
        "state": "SIGNED",
        "state_date": today,
        "supplier": funder_organisation.pk,
        "signed_units": "1400",
    }
    assert client.post(move, signed | {"supplier": ""}).status_code == 422
    for _time in range(2):
        assert client.post(move, signed).status_code == 302
    bought.refresh_from_db()
    assert (bought.state, bought.signed_units) == ("SIGNED", 140_000)
    shown = client.get(reverse("projects:purchase_detail", args=[bought.pk])).content.decode()
    assert "1,400.00" in shown


def test_both_over_the_api(
    accountant: StaffUser, funding: FundingAgreement, programme: Programme, clerk: StaffUser
) -> None:
    api = Caller(accountant)
    told = {"number": "WA-1", "asked_units": 600_000, "asked_date": "2026-02-02"}
    asked = api.post(f"/financing/{funding.pk}/withdrawals", told)
    assert (asked.status_code, asked.json()["state"]) == (201, "ASKED")
    end = {"state": "PAID", "ended_date": "2026-03-02", "paid_units": 600_000}
    paid = api.post(f"/withdrawals/{asked.json()['id']}/answer", end)
    assert paid.json()["paid_units"] == 600_000
    line = {
        "number": "G-1",
        "what": "Scales",
        "kind": "GOODS",
        "method": "DIRECT",
        "planned_units": 100,
        "currency": "USD",
        "planned_date": "2026-05-01",
    }
    bought = api.post(f"/programmes/{programme.pk}/purchases", line)
    assert bought.status_code == 201
    cancelled = {"state": "CANCELLED", "state_date": "2026-03-02", "reason": "Given as a gift"}
    ended = api.post(f"/purchases/{bought.json()['id']}/steps", cancelled)
    assert ended.json()["state"] == "CANCELLED"
    assert len(api.get("/withdrawals").json()["items"]) == 1
    assert len(api.get("/purchases").json()["items"]) == 1
    stranger = Caller(clerk)
    assert stranger.get("/withdrawals").status_code == 403
    assert stranger.get("/purchases").status_code == 403
