"""Every page of the program as a telephone shows it, read by axe.

The pages are made by the program from sample records of every domain, for a person with every role
(so every button stands), and given to Chromium at 360 px without a server between. Contrast, the
slow question, is asked wherever a page shows a class of the style sheet not seen before.
"""

import mimetypes
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Route as Asked

from tests import ground, walking
from tests.ground import SESSIONS, reached
from tests.source import HOUSE, ROOT

pytestmark = pytest.mark.django_db
HOST = "http://house.test"
AXE = (ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
READ = """([tags, contrast]) => axe.run({runOnly: tags, resultTypes: ["violations"],
  rules: {"color-contrast": {enabled: contrast}}}).then((found) => found.violations.flatMap(
  (fault) => fault.nodes.map((node) => `${fault.id}: ${node.html.slice(0, 200)}`)))"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def _django_db_helper() -> None:
    """Nothing is asked of the database once the browser runs: its loop would have another one."""


@pytest.fixture(scope="module")
def pages(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Every page by its address, as a person with every role meets it."""
    found = {}
    with django_db_blocker.unblock(), ground.standing(tmp_path_factory.mktemp("pages")) as world:
        client = world.client(world.everyone)
        for route in walking.routes():
            if not route.is_api and route.name not in SESSIONS:
                record, page = reached(world, route, client)
                if page:
                    found[route.address(record)] = page
    return found


@pytest.fixture
def telephone(pages: dict[str, str], browser: Browser) -> Iterator[Page]:
    """A browser page of 360 px to which the program's pages and static files are given."""

    def give(asked: Asked) -> None:
        path = urlsplit(asked.request.url).path
        if path.startswith("/static/"):
            file = HOUSE / path.lstrip("/")
            kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
            asked.fulfill(body=file.read_bytes(), content_type=kind)
        elif path in pages:
            asked.fulfill(body=pages[path], content_type="text/html; charset=utf-8")
        else:
            asked.fulfill(status=404, body="")

    context = browser.new_context(base_url=HOST, viewport={"width": 360, "height": 740})
    context.route("**/*", give)
    context.add_init_script(AXE)
    yield context.new_page()
    context.close()


def test_every_page_passes_axe_and_fits_a_telephone(pages: dict[str, str], telephone: Page) -> None:
    seen: set[str] = set()
    faults: dict[str, list[Any]] = {}
    for address, page in pages.items():
        classes = {word for group in re.findall(r'class="([^"]*)"', page) for word in group.split()}
        telephone.goto(address, wait_until="domcontentloaded")
        found = telephone.evaluate(READ, [RULES, not classes <= seen])
        seen |= classes
        if wider := telephone.evaluate(WIDER):
            found.append(f"scrolls {wider} px sideways")
        if found:
            faults[address] = found
    told = "\n".join(f"{address}\n  " + "\n  ".join(found) for address, found in faults.items())
    assert len(pages) > 300
    assert not faults, f"{len(faults)} of {len(pages)} pages\n{told}"
