"""A list with nothing in it teaches: what will stand in it, who fills it, its first button."""

from typing import Any

from django.test import Client
from django.utils.encoding import force_str
from django.utils.html import escape

from handup.org.web.lists import ListPage
from tests import walking


def lists() -> dict[type[ListPage], walking.Route]:
    """Every list of the house with one of its addresses."""
    found: dict[type[ListPage], walking.Route] = {}
    for route in walking.routes():
        view: Any = getattr(route.callback, "view_class", None)
        if view is not None and issubclass(view, ListPage):
            found.setdefault(view, route)
    return found


def test_every_list_says_what_it_is_for_and_has_its_button() -> None:
    found = lists()
    assert len(found) > 150
    wordless = [page.__name__ for page in found if page.empty is None or not page.empty.text]
    assert wordless == []
    for page in found:
        taught = page().teaching
        assert taught is not None
        assert force_str(taught.title).strip(), page
        assert len(force_str(taught.text)) > 20, page
        assert page.primary is None or taught.action is not None, page


def test_on_an_empty_programme_every_list_shows_it(db: None) -> None:
    client = Client()
    client.force_login(walking.staff_everywhere("everyone"))
    silent, empty = [], 0
    for page, route in lists().items():
        if route.names_records:
            continue
        text = client.get(route.address()).content.decode()
        if "<tbody>" in text:  # what a new house has by itself, as its own staff
            continue
        empty += 1
        assert page.empty is not None
        if escape(force_str(page.empty.title)) not in text:
            silent.append(route.text)
    assert silent == []
    assert empty > 100
