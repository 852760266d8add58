"""Going to a page or an act by its name: only what one's roles open, without JavaScript too."""

import pytest
from django.test import Client
from django.urls import reverse

from handup.org.models import Setting, StaffUser
from handup.org.web.palette import doors_for


def hrefs(staff: StaffUser, words: str) -> list[str]:
    """Where the doors lead that fit the words."""
    return [door.href for door in doors_for(staff, words)]


def test_pages_of_the_rail_and_acts_are_found_by_parts_of_their_name(
    administrator: StaffUser,
) -> None:
    assert {reverse("org:token_list"), reverse("org:token_new")} <= set(
        hrefs(administrator, "token")
    )
    assert hrefs(administrator, "begin webh") == [reverse("org:webhook_new")]
    assert hrefs(administrator, "BEGIN  Wébh") == [reverse("org:webhook_new")]
    assert hrefs(administrator, "begin nonsense") == []
    everything = hrefs(administrator, "")
    assert len(everything) == len(set(everything)) > 20


def test_those_come_first_that_begin_with_the_word(administrator: StaffUser) -> None:
    titles = [str(door.title).lower() for door in doors_for(administrator, "web")]
    begins = [title.startswith("web") for title in titles]
    assert begins == sorted(begins, reverse=True)
    assert {True, False} <= set(begins)


def test_nobody_is_shown_what_her_roles_do_not_open(
    officer: StaffUser, administrator: StaffUser, client: Client
) -> None:
    assert hrefs(officer, "webhook") == []
    for staff in (officer, administrator):
        client.force_login(staff)
        for door in doors_for(staff, ""):
            assert client.get(door.href).status_code in (200, 302), door.url_name


def test_what_the_house_switched_off_is_not_offered(officer: StaffUser) -> None:
    assert [door for door in doors_for(officer, "") if door.url_name.startswith("lending:")]
    Setting.objects.create(key="domains", value=["people"])
    again = StaffUser.objects.get(pk=officer.pk)
    assert not [door for door in doors_for(again, "") if door.url_name.startswith("lending:")]


def test_without_javascript_it_is_a_page_and_enter_opens_the_first(
    administrator: StaffUser, client: Client
) -> None:
    client.force_login(administrator)
    page = reverse("org:palette")
    shown = client.post(page, {"q": "webh"}).content.decode()
    assert reverse("org:webhook_new") in shown
    gone = client.post(page, {"q": "begin webh", "go": "1"})
    assert (gone.status_code, gone.headers["Location"]) == (302, reverse("org:webhook_new"))
    none = client.post(page, {"q": "<b>x", "go": "1"}).content.decode()
    assert "Nothing has such a name" in none
    assert "<b>x" not in none
    assert page in client.get(reverse("org:account")).content.decode()


@pytest.mark.parametrize("text", ["", "x" * 5_000, "\u0301", "%00"])
def test_any_text_is_answered(administrator: StaffUser, client: Client, text: str) -> None:
    client.force_login(administrator)
    assert client.post(reverse("org:palette"), {"q": text}).status_code == 200
