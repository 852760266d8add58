"""What somebody types into a search box: kept sealed for her session alone, in no address."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from handup.org import keys, sessions
from handup.org.keys import Ring
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role
from handup.org.web import words

pytestmark = pytest.mark.django_db
TYPED = "Anahit +374 91 555 771"


def browser_of(staff: StaffUser) -> Client:
    browser = Client()
    browser.force_login(staff)
    return browser


@pytest.fixture
def desk(administrator: StaffUser) -> Client:
    """The administrator's browser, among 120 members of staff called Anahit and one who is not."""
    StaffUser.objects.bulk_create(
        StaffUser(username=f"a{n:03}", display_name=f"Anahit {n:03}") for n in range(120)
    )
    StaffUser.objects.create_user("berta", display_name="Berta")
    return browser_of(administrator)


LIST = "/settings/staff/"


def look_for(browser: Client, text: str, **harmless: str) -> str:
    """The address a search leads to."""
    return browser.post(LIST, {"q": text, **harmless}).headers["Location"]


def shown(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


def test_the_form_leads_to_an_address_with_a_key_alone(desk: Client) -> None:
    told = look_for(desk, "Berta", sort="-username", totals="", nonsense="Berta", export="csv")
    assert urlsplit(told).path == LIST
    assert urlsplit(told).query.startswith("sort=-username&s=")
    assert len(told.partition("&s=")[2]) == 12
    page = shown(desk, told)
    assert "Berta" in page
    assert "Anahit 001" not in page
    assert 'value="Berta"' in page, "the box holds what was typed"
    assert look_for(desk, "Berta", sort="-username") == told, "the same words, the same address"
    assert look_for(desk, "") == LIST


def test_pages_sorting_columns_and_files_keep_what_was_looked_for(desk: Client) -> None:
    told = look_for(desk, "Anahit")
    key, seen, address = told.partition("s=")[2], 0, told
    while address:
        page = shown(desk, address)
        assert "Berta" not in page
        seen += page.count('data-label="Name"') or page.count("<tr>") - 1
        links = [part.partition('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]]
        lists = [link for link in links if link.startswith("?")]
        assert len(lists) >= 4
        assert all(f"s={key}" in link for link in lists if link != "?")
        address = next((LIST + link for link in lists if "after=" in link), "")
    assert seen == 120
    csv = desk.get(f"{told}&export=csv").getvalue().decode()
    assert csv.count("Anahit") == 120
    assert "Berta" not in csv


def test_another_session_can_do_nothing_with_the_key(
    desk: Client, administrator: StaffUser
) -> None:
    told = look_for(desk, "Berta")
    colleague = with_role("second", Role.ADMINISTRATOR)
    for other in (browser_of(administrator), browser_of(colleague)):
        answer = other.get(told)
        assert (answer.status_code, answer.headers["Location"]) == (302, LIST)
        page = other.get(LIST).content.decode()
        assert "no longer kept" in page
        assert 'value="Berta"' not in page


def test_the_key_ends_with_the_session(desk: Client, administrator: StaffUser) -> None:
    told = look_for(desk, "Berta")
    held = str(desk.session.session_key)
    desk.post(reverse("account_logout"))
    assert not Session.objects.filter(pk=held).exists()
    desk.force_login(administrator)
    assert desk.get(told).headers["Location"] == LIST
    told = look_for(desk, "Berta")
    sessions.end_all(administrator)
    desk.force_login(administrator)
    assert desk.get(told).headers["Location"] == LIST
    told = look_for(desk, "Berta")
    session = desk.session
    session[sessions.SEEN] -= (sessions.IDLE + timedelta(minutes=1)).total_seconds()
    session.save()
    assert desk.get(told).headers["Location"] == reverse("account_login")
    desk.force_login(administrator)
    assert desk.get(told).headers["Location"] == LIST


def test_nothing_is_exported_when_the_words_are_gone(desk: Client) -> None:
    answer = desk.get(f"{LIST}?export=csv&sort=username&s=0123456789ab")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LIST}?sort=username")


def test_words_in_an_address_are_not_looked_for(desk: Client) -> None:
    answer = desk.get(f"{LIST}?q=Berta&export=csv&role=CLERK")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LIST}?role=CLERK")
    page = shown(desk, LIST)
    assert "typed into the box" in page
    assert 'value="Berta"' not in page


def test_in_the_database_the_words_are_sealed(desk: Client) -> None:
    told = look_for(desk, TYPED)
    held = Session.objects.get(pk=desk.session.session_key)
    kept = held.get_decoded()
    assert not [part for part in TYPED.split(" ", 1) if part in str(kept)]
    key = told.partition("s=")[2]
    ring = keys.load().rings[Ring.FIELD]
    assert kept["words"][key].startswith(f"{ring.writing_key_id}:")
    other = look_for(desk, "Berta").partition("s=")[2]
    session = desk.session
    session["words"] = {other: kept["words"][key]}
    session.save()
    moved = desk.get(f"{LIST}?s={other}")
    assert moved.headers["Location"] == LIST, "a seal moved to another key does not open"


def test_a_new_key_of_the_house_still_opens_and_a_removed_one_ends_them(
    desk: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"
    told = look_for(desk, "Berta")
    keys.add_key(Ring.FIELD)
    assert "Berta" in shown(desk, told)
    assert look_for(desk, "Berta") == told
    keys.remove_key(Ring.FIELD, keys.ids(Ring.FIELD)[1])
    assert desk.get(told).headers["Location"] == LIST
    assert look_for(desk, "Berta") != told


def test_a_session_keeps_so_many_and_the_oldest_gives_way(desk: Client) -> None:
    first = look_for(desk, "word 0")
    addresses = [look_for(desk, f"word {n}") for n in range(1, words.MOST)]
    assert desk.get(first).status_code == 200
    look_for(desk, "one more")
    assert desk.get(first).headers["Location"] == LIST
    assert desk.get(addresses[0]).status_code == 200
    assert len(desk.session["words"]) == words.MOST


def test_the_form_is_taken_from_this_house_alone(administrator: StaffUser) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(administrator)
    assert browser.post(LIST, {"q": "Berta"}).status_code == 403
    assert "words" not in browser.session
