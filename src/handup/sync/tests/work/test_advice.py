"""The adviser's statement and the owner's mark, given with the plan on the phone: the plan is
advised once, the mark is a file of the plan, and what no adviser may sign is told."""

from typing import Any

import pytest
from django.test import Client

from handup.org.models import Device, StaffUser
from handup.org.services.files import files_of
from handup.plans.models import Plan
from handup.plans.rules.evaluate import ENGINE_VERSION
from handup.plans.tests.conftest import (
    adviser,
    alice,
    bakery,
    outsider,
    plan,
    programme,
    reviewer,
    written,
)
from handup.sync.models import WorkPicture
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_pictures_away import AGREED, Phone, photograph
from handup.sync.tests.work.test_plans import carried, figures, send, told, written_on

__all__ = ["adviser", "alice", "bakery", "outsider", "plan", "programme", "reviewer", "written"]
MARK = {"name": "mark.jpg", "shows": "SIGNATURE", "agreed_at": AGREED}
ADVICE = {"statement": "I saw her bake.", "signed_by": "MARK", "witness": "Ani"}


@pytest.fixture
def device(adviser: StaffUser) -> Device:
    """The adviser's own phone."""
    return own_phone(adviser).device


def signed(one: dict[str, Any], came_to: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A plan handed in with advice, as the phone tells it."""
    whole = {"hand_in": True, "engine": ENGINE_VERSION, "worked": came_to}
    body = {**whole, "advice": ADVICE, "pictures": [MARK], **changes}
    return told(written_on(one, **body))


def test_a_plan_is_advised_with_her_mark_and_its_witness(
    written: Plan, adviser: StaffUser, client: Client, settings: Any
) -> None:
    phone = Phone(adviser, client)
    planning = carried(adviser)
    assert planning["advises"] is True
    (one,) = planning["plans"]
    fact = signed(one, figures(written))
    device = phone.enrolled.device
    assert states(send(adviser, device, fact, fact)) == ["DONE", "DONE"]
    row = Plan.objects.get()
    assert (row.state, row.statement, row.signed_by, row.witness, row.advised_by) == (
        "ADVISED", "I saw her bake.", "MARK", "Ani", adviser,
    )  # fmt: skip
    whole = photograph()
    assert phone.send(fact["id"], "mark.jpg", whole).json()["sha256"]
    (file,) = files_of(row)
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(adviser)
    page = client.get(f"/plans/{row.pk}/").content.decode()
    assert f"/files/{file.pk}/" in page
    assert "Ani" in page


def test_what_no_adviser_may_sign_is_told_and_the_plan_stands_handed_in(
    written: Plan, adviser: StaffUser, device: Device
) -> None:
    (one,) = carried(adviser)["plans"]
    harm = {**one["screening"], "WASTE": ["UNKNOWN", ""]}
    (answer,) = send(adviser, device, signed(one, figures(written), screening=harm))
    row = Plan.objects.get()
    assert (answer.state, row.state, row.signed_by) == ("HANDED_ON", "SUBMITTED", "")
    assert answer.reason
    assert WorkPicture.objects.get().object_id == str(row.pk), "she signed it all the same"


def test_other_figures_at_the_office_stop_the_advice(
    written: Plan, adviser: StaffUser, device: Device
) -> None:
    (one,) = carried(adviser)["plans"]
    wrong = figures(written, profit="1")
    (answer,) = send(adviser, device, signed(one, wrong))
    assert (answer.state, Plan.objects.get().state) == ("HANDED_ON", "SUBMITTED")


@pytest.mark.parametrize(
    "wrong",
    [
        {"advice": {**ADVICE, "witness": ""}},
        {"advice": {**ADVICE, "statement": " " * 2_001}},
        {"advice": {**ADVICE, "signed_by": "PAPER"}},
        {"advice": "yes"},
        {"pictures": []},
        {"pictures": [{**MARK, "agreed_at": None}]},
        {"pictures": [{**MARK, "shows": "PLACE"}]},
        {"advice": None},
        {"hand_in": False, "worked": {}, "engine": ""},
    ],
)
def test_advice_that_cannot_be_read_is_refused(
    written: Plan, adviser: StaffUser, device: Device, wrong: dict[str, Any]
) -> None:
    (one,) = carried(adviser)["plans"]
    (answer,) = send(adviser, device, signed(one, figures(written), **wrong))
    assert (answer.state, answer.reason) == ("REFUSED", "BAD_CONTENT")
    assert Plan.objects.get().state == "DRAFT"
