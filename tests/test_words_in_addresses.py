"""No address of the house carries what somebody typed to find a person (protection.md 4.10, V14.2.1
of the standard): every page is walked, every search box is used, and whatever address the answer
offers or leads to is read for the words.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import pytest
from django.db.models import Model
from django.test import Client
from lxml import html
from pytest_django import Settings

from handup.org.models import Office
from tests import walking
from tests.walking import Route

TYPED = "Zzqtyped Wwxwords"
FREE = {"text", "search", "tel", "email", "password", ""}
LEAVING = {"account_logout"}
NOT_OF_PERSONS = {
    "amount": "a sum, of a sample of entries",
    "code": "a figure in the words of the builder",
    "more": "codes of groups for a collection sheet",
    "value": "the category a figure of the builder counts",
}
"""Free boxes of forms that lead on by an address, each with what is written there."""
ADDRESSES = ("href", "action", "formaction", "hx-get", "hx-post", "src")


@dataclass
class Walk:
    """A reader who may do everything, and what she met."""

    client: Client
    samples: dict[str, list[Model]]
    boxes: list[tuple[str, str]] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    searched: set[str] = field(default_factory=set)

    def page(self, address: str) -> Any:
        """A page as it is shown, without what its fragments are for."""
        answer = self.client.get(address)
        told = answer.headers.get("Content-Type", "")
        if answer.status_code != 200 or not told.startswith("text/html"):
            return None
        return html.fromstring(answer.content)

    def look_at(self, address: str) -> int:
        """Read the forms of a page; use its own search box. Tells whether it was shown."""
        page = self.page(address)
        if page is None:
            return 0
        for form in page.iter("form"):
            named = _boxes(form)
            if form.get("method", "get").lower() != "post":
                self.boxes += [(address, name) for name in named if name not in NOT_OF_PERSONS]
            elif form.get("role") == "search" and form.get("class") != "find":
                self.search(form.get("action") or address, named)
        return 1

    def search(self, address: str, named: list[str]) -> None:
        """Type the words into every box, send them, and read where the answer leads."""
        answer: Any = self.client.post(address, dict.fromkeys(named, TYPED), follow=True)
        assert answer.status_code == 200, address
        led = [told for told, _status in answer.redirect_chain]
        page = html.fromstring(answer.content)
        offered = [one.get(name) or "" for one in page.iter() for name in ADDRESSES]
        for form in page.iter("form"):
            if form.get("method", "get").lower() != "post":
                offered += [box.get("value") or "" for box in form.iter("input")]
        for told in [*led, *offered]:
            if any(word in unquote_plus(told) for word in TYPED.split()):
                self.carried.append(f"{address}: {told}")
        if led and "s=" in led[-1]:
            self.searched.add(address)


def _boxes(form: Any) -> list[str]:
    """The names of what one may write freely."""
    return [
        str(box.get("name"))
        for box in form.iter("input", "textarea")
        if box.get("name") and (box.tag == "textarea" or box.get("type", "") in FREE)
    ]


@pytest.fixture
def walk(db: None, settings: Settings) -> Iterator[Walk]:
    settings.RATELIMIT_ENABLE = False
    logging.disable(logging.CRITICAL)
    everyone = walking.staff_everywhere("everyone")
    samples = walking.samples(everyone, Office.objects.create(code="here", name="Here"))
    client = Client()
    client.force_login(everyone)
    yield Walk(client, samples)
    logging.disable(logging.NOTSET)


def _pages() -> Iterator[Route]:
    for route in walking.routes():
        if route.name not in LEAVING and route.can_be_read and not route.is_api:
            yield route


def test_no_address_of_a_page_carries_what_was_typed(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handup.org.limits.require_within", lambda *told, **more: None)
    shown = 0
    for route in _pages():
        if not route.names_records:
            shown += walk.look_at(route.address())
            continue
        for record in route.likely(walk.samples.get(route.domain, []))[:4]:
            if walk.look_at(route.address(record)):
                shown += 1
                break
    assert shown > 400
    assert walk.boxes == [], "a box whose words would stand in an address"
    assert walk.carried == []
    assert len(walk.searched) > 80
    assert walk.searched >= {"/search/", "/people/persons/", "/projects/library/"}


def test_every_page_searches_everything_without_an_address(walk: Walk) -> None:
    page = walk.page("/people/persons/")
    (box,) = page.xpath("//form[contains(@class, 'find')]")
    assert (box.get("method"), box.get("action")) == ("post", "/search/")
    answer = walk.client.post("/search/", {"q": TYPED})
    assert answer.headers["Location"].startswith("/search/?s=")
    assert TYPED in walk.client.get(answer.headers["Location"]).content.decode()
