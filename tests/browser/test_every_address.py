"""Every address a role can open, read by axe at 360 px: in each run one page of every template and
a share of the others that moves on from day to day; all of them in the long run (make soak).

The pages come from the server with a sample record of each kind (tests/walking.py).
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser
from playwright.sync_api import Route as Asked
from pytest_django import Settings

from handup.org.models import Office
from tests import walking
from tests.browser.hands import static_file
from tests.browser.test_from_start import AXE, HOST, READ, RULES, WIDER
from tests.walking import Route

SHARES = 40
PARTS = 12  # of the long run: none of them takes as long as a test may
LEAVES = {"account_logout"}
TRIED = 3  # records an address is tried with, until one opens
seen: dict[str, dict[str, str]] = {}


def template_of(route: Route) -> str:
    """What draws the page: the template of its class, or the function itself."""
    view = getattr(route.callback, "view_class", None)
    return str(getattr(view, "template", "") or route.name)


def readable() -> list[Route]:
    """Every address of a page."""
    return [
        route
        for route in walking.routes()
        if route.can_be_read and not route.is_api and route.name not in LEAVES
    ]


def page_at(client: Client, route: Route, records: Sequence[Model]) -> str:
    """The page, with the first record it opens for; nothing where it sends a file or leads on."""
    for record in records[:TRIED] if route.names_records else [None]:
        answer = client.get(route.address(record))
        assert answer.status_code < 500, route.text
        html = answer.headers.get("Content-Type", "").startswith("text/html")
        if answer.status_code == 200 and html and isinstance(answer, HttpResponse):
            return answer.content.decode()
    return ""


def collect(settings: Settings, *, all_of_them: bool) -> dict[str, str]:
    """Pages by their address as it is written."""
    settings.RATELIMIT_ENABLE = False
    everyone = walking.staff_everywhere("everyone")
    samples = walking.samples(everyone, Office.objects.create(code="here", name="Here"))
    client = Client(raise_request_exception=False)
    client.force_login(everyone)
    turn = timezone.localdate().toordinal() % SHARES
    found: dict[str, str] = {}
    drawn: set[str] = set()
    for place, route in enumerate(readable()):
        template = template_of(route)
        if not all_of_them and template in drawn and place % SHARES != turn:
            continue
        body = page_at(client, route, route.likely(samples.get(route.domain, [])))
        if body:
            found[route.text] = body
            drawn.add(template)
    return found


def read_all(browser: Browser, pages: dict[str, str]) -> dict[str, list[str]]:
    """What axe and the eye find wrong, by address; only pages with anything wrong."""

    def give(asked: Asked) -> None:
        if not static_file(asked):
            name = numbered.get(urlsplit(asked.request.url).path.strip("/"))
            body = pages[name] if name is not None else ""  # a picture or part it asks for itself
            asked.fulfill(body=body, content_type="text/html; charset=utf-8")

    numbered = {f"page/{number}": name for number, name in enumerate(pages)}
    context = browser.new_context(base_url=HOST, viewport={"width": 360, "height": 740})
    context.route("**/*", give)
    context.add_init_script(AXE)
    page = context.new_page()
    faults: dict[str, list[str]] = {}
    for address, name in numbered.items():
        page.goto(f"/{address}", wait_until="domcontentloaded")
        found = [str(fault) for fault in page.evaluate(READ, [RULES, True])]
        if wider := page.evaluate(WIDER):
            found.append(f"scrolls {wider} px sideways")
        if found:
            faults[name] = found
    context.close()
    return faults


@pytest.mark.django_db
def test_a_page_of_every_template_opens(settings: Settings) -> None:
    seen["share"] = collect(settings, all_of_them=False)
    assert len(seen["share"]) >= 60
    shown = {template_of(route) for route in readable() if route.text in seen["share"]}
    for kind in ("list", "record", "form", "queue", "figures"):
        assert f"kinds/{kind}.html" in shown, kind


def test_axe_finds_nothing_on_a_page_of_every_template(browser: Browser) -> None:
    assert "share" in seen, "the test before it brings the pages: run the whole file"
    assert read_all(browser, seen["share"]) == {}


@pytest.mark.soak
@pytest.mark.django_db
def test_every_address_opens_with_one_of_its_records(settings: Settings) -> None:
    seen["all"] = collect(settings, all_of_them=True)
    assert len(seen["all"]) >= 500


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_axe_finds_nothing_on_any_address(browser: Browser, part: int) -> None:
    assert "all" in seen, "the test before it brings the pages: run the whole file"
    pages = {name: seen["all"][name] for name in list(seen["all"])[part::PARTS]}
    assert read_all(browser, pages) == {}
