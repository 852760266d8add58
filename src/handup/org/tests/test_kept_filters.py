"""What is often asked of a list is kept under a name: by whom, for whom, and what is not kept."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.org.models import AuditLine, SavedFilter, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.services import filters as services
from handup.org.tests.staff import staff_with
from handup.org.web.filters import Params
from handup.org.web.settings.staff import StaffList

OFFICES = "/settings/offices/"
STAFF = "/settings/staff/"


@pytest.fixture
def admin(db: None) -> StaffUser:
    return staff_with("admin", Role.ADMINISTRATOR)


@pytest.fixture
def page(admin: StaffUser) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def keep(client: Client, query: str, name: str) -> Any:
    told = {"name": name, "_new_id": str(new_id())}
    return client.post(f"{reverse('org:filter_new')}?list={STAFF}&{query}", told)


def a_filter() -> tuple[str, str]:
    """A filter of the list of staff and a value it knows."""
    staff = StaffUser.objects.get(username="admin")
    for one in StaffList.filters:
        for control in one.controls(Params({}), staff):
            if control.kind == "tick":
                return control.name, "1"
            if control.kind == "select" and len(control.options) > 1:
                return control.name, control.options[1][0]
    raise AssertionError


def test_a_filter_is_kept_shown_as_a_chip_renamed_and_deleted(
    page: Client, admin: StaffUser
) -> None:
    name, value = a_filter()
    query = f"{name}={value}&q=Anahit"
    listed = page.post(STAFF, {name: value, "q": "Anahit"}, follow=True).content.decode()
    assert "Keep this filter" in listed
    form = page.get(f"{reverse('org:filter_new')}?list={STAFF}&{query}")
    assert form.status_code == 200
    answer = keep(page, query, "  The   late ones ")
    row = SavedFilter.objects.get()
    assert (row.name, row.path, row.params) == ("The late ones", STAFF, {name: value})
    assert answer.headers["Location"] == f"{STAFF}?{name}={value}"
    shown = page.get(f"{STAFF}?{name}={value}").content.decode()
    assert f'href="{STAFF}?{name}={value}" aria-current="true">The late ones</a>' in shown
    assert "Keep this filter" not in shown  # it is kept already
    other = page.get(STAFF).content.decode()
    assert f'href="{STAFF}?{name}={value}">The late ones</a>' in other
    assert "The late ones" not in page.get(OFFICES).content.decode()
    rename = reverse("org:filter_rename", args=[row.pk])
    page.post(rename, {"name": "Others", "_new_id": str(new_id())})
    row.refresh_from_db()
    assert row.name == "Others"
    assert b"Others" in page.get(reverse("org:filter_list")).content
    assert page.get(reverse("org:filter_detail", args=[row.pk])).status_code == 200
    page.post(reverse("org:filter_delete", args=[row.pk]), {"_new_id": str(new_id())})
    assert not SavedFilter.objects.exists()
    acts = AuditLine.objects.filter(object_id=str(row.pk)).values_list("action", flat=True)
    assert sorted(acts) == ["org.delete_filter", "org.rename_filter", "org.save_filter"]


def test_nobody_else_sees_it_not_even_who_sees_everything(page: Client, admin: StaffUser) -> None:
    name, value = a_filter()
    keep(page, f"{name}={value}", "Mine")
    row = SavedFilter.objects.get()
    other = staff_with("other", Role.ADMINISTRATOR)
    client = Client()
    client.force_login(other)
    assert "Mine" not in client.get(f"{STAFF}?{name}={value}").content.decode()
    assert not SavedFilter.objects.visible_to(other).exists()
    for route in ("filter_detail", "filter_rename", "filter_delete"):
        assert client.get(reverse(f"org:{route}", args=[row.pk])).status_code == 404
    with pytest.raises(OutOfSight):
        services.rename_filter(acting_staff=other, saved=row, name="Theirs")
    with pytest.raises(OutOfSight):
        services.delete_filter(acting_staff=other, saved=row)
    with pytest.raises(NotAllowed):
        services.save_filter(
            acting_staff=staff_with("robot", Role.INTEGRATION),
            path=STAFF,
            name="x",
            params={name: value},
        )
    row.refresh_from_db()
    assert row.name == "Mine"


def test_what_is_wrong_is_said_beside_the_name(page: Client, admin: StaffUser) -> None:
    name, value = a_filter()
    query = f"{name}={value}"
    keep(page, query, "Mine")
    for wrong, told in (("", "required"), ("mine", "one of this name"), ("x" * 41, "at most")):
        answer = keep(page, query, wrong)
        assert answer.status_code == 422, wrong
        assert told in answer.content.decode(), wrong
    nothing = keep(page, "q=Anahit", "Searched")
    assert "are not kept" in nothing.content.decode()
    nowhere = page.post(
        f"{reverse('org:filter_new')}?list=https://elsewhere.example/&{query}",
        {"name": "Away", "_new_id": str(new_id())},
    )
    assert nowhere.status_code == 422
    for number in range(services.MOST - 1):
        services.save_filter(
            acting_staff=admin, path=STAFF, name=f"N{number}", params={name: value}
        )
    assert "Delete one first" in keep(page, query, "One more").content.decode()
    assert SavedFilter.objects.count() == services.MOST


def test_a_kept_filter_whose_list_is_gone_opens_and_goes(page: Client, admin: StaffUser) -> None:
    row = services.save_filter(
        acting_staff=admin, path="/no/such/list/", name="Old", params={"sort": "name"}
    )
    assert b"/no/such/list/" in page.get(reverse("org:filter_list")).content
    assert page.get(reverse("org:filter_detail", args=[row.pk])).status_code == 200


def test_the_programme_interface_keeps_and_tells_the_same(page: Client, admin: StaffUser) -> None:
    name, value = a_filter()
    body = {"path": STAFF, "name": "Mine", "params": {name: value, "q": "Anahit", "colour": "red"}}
    key: Any = {"HTTP_IDEMPOTENCY_KEY": str(new_id())}
    kind: Any = {"content_type": "application/json"}
    first = page.post("/api/v1/org/filters", body, **kind, **key)
    assert first.status_code == 201, first.content
    assert first.json()["params"] == {name: value}
    again = page.post("/api/v1/org/filters", body, **kind, **key)
    assert again.json()["id"] == first.json()["id"]
    one = f"/api/v1/org/filters/{first.json()['id']}"
    assert page.get(one).json()["address"] == f"{STAFF}?{name}={value}"
    renamed = page.post(f"{one}/rename", {"name": "Other"}, **kind)
    assert renamed.json()["name"] == "Other"
    assert len(page.get("/api/v1/org/filters").json()["items"]) == 1
    wrong = page.post(
        "/api/v1/org/filters",
        body | {"path": "/nowhere/"},
        **kind,
        HTTP_IDEMPOTENCY_KEY=str(new_id()),
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "NOT_A_LIST")
    assert page.post(f"{one}/delete", **kind).status_code == 204
    assert page.get(one).status_code == 404


@pytest.mark.parametrize("told", ["//[", "http://[x", "", "/nowhere/", "\u0561\u0562", "/" * 300])
def test_what_is_no_list_is_told_so_and_nothing_is_kept(page: Client, told: str) -> None:
    address = reverse("org:filter_new")
    before = SavedFilter.objects.count()
    shown = page.get(address, {"list": told, "state": "x"})
    assert shown.status_code == 200
    assert "Choose a filter over a list first" in shown.content.decode()
    sent = page.post(
        f"{address}?{urlencode({'list': told, 'state': 'x'})}",
        {"name": "Mine", "_new_id": str(new_id())},
    )
    assert sent.status_code == 422
    assert SavedFilter.objects.count() == before
