"""An empty installation, walked from the first page to the first results with two persons at work
and an administrator (tests/from_start.py tells the way): all of it through pages as they come from
the server, its beginning in Chromium as a telephone shows it, and one page of each kind read by
axe.
"""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route

from handup.org.verify import run_checks
from tests import from_start as way
from tests.browser.hands import at_chromium, static_file
from tests.hands import Hands
from tests.source import ROOT

HOST = "http://house.test"
AXE = (ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
READ = """([tags, contrast]) => axe.run({runOnly: tags, resultTypes: ["violations"],
  rules: {"color-contrast": {enabled: contrast}}}).then((found) => found.violations.flatMap(
  (fault) => fault.nodes.map((node) => `${fault.id}: ${node.html.slice(0, 200)}`)))"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FIGURES = {
    "MED-OUT-02": (2, None),
    "MED-TRN-02": (1, None),
    "MED-FIN-02": (1, None),
    "MED-FIN-01v": (600_00, None),
    "MED-IMP-01": (1, 1),
    "MED-GRP-02": (1, None),
}
seen: dict[str, str] = {}  # one page of each kind that was walked, for those who read it afterwards


def sign_in(who: Hands) -> Hands:
    """With the password she was given."""
    who.open("/sign-in/").fill(login=who.name, password=who.password)
    return who.open("/")


@pytest.mark.django_db
def test_from_the_first_page_to_the_first_results_on_pages_alone() -> None:
    known: dict[str, Hands] = {}

    def cast(name: str) -> Hands:
        return known.setdefault(name, Hands(name, seen=seen))

    way.start(cast)
    ada, otto, mara = (sign_in(cast(name)) for name in ("ada", "otto", "mara"))
    way.places(ada)
    way.open_a_programme(mara)
    way.say_who_may_come(mara)
    lena = way.register(otto)
    way.choose(otto, lena, "Lena Hill")
    way.teach(otto, mara, lena)
    way.mistakes(otto, way.plan(otto, mara, lena))
    way.set_lending_up(otto, mara)
    way.lend(otto, mara, lena)
    way.meet(otto, lena)
    way.ask(otto, mara)
    for one in (ada, otto, mara):
        one.open("/")
        with pytest.raises(AssertionError):
            one.says("First steps")
    read_the_results(mara)
    journey = otto.open(lena).follow("Her whole way")
    journey.says("Registered", "Eligible", "Taking part", "Small business", "USD 600.00")
    for outcome in run_checks(deep=True):
        assert outcome.holds, (outcome.check.code, outcome.shown)


def read_the_results(mara: Hands) -> None:
    """The figures are those of what was done, and open to the record behind them."""
    mara.open("/results/").follow(way.PROGRAMME).says("Concrete benefits", "USD 600.00")
    mara.follow("Take as JSON")
    told = {line["code"]: line for line in json.loads(mara.body)["figures"]}
    for code, (numerator, denominator) in FIGURES.items():
        line = told[code]
        assert (code, line["numerator"]) == (code, numerator)
        assert denominator is None or line["denominator"] == denominator, line
    mara.open("/results/").follow(way.PROGRAMME)
    mara.open(next(href for href in mara.hrefs() if "MED-OUT-02/" in href))
    mara.open(next(href for href in mara.hrefs() if href.endswith("/rows/")))
    assert sum("/people/" in href for href in mara.hrefs()) == 2, mara.body.decode()


@pytest.mark.django_db
def test_its_beginning_in_chromium_on_a_telephone() -> None:
    def begin(cast: way.Cast) -> None:
        way.start(cast)
        ada, otto, mara = (cast(name) for name in ("ada", "otto", "mara"))
        for one in (ada, otto, mara):
            one.open("/sign-in/").fill(login=one.name, password=one.password)
        way.places(ada)
        way.open_a_programme(mara)
        way.say_who_may_come(mara)
        way.choose(otto, way.register(otto), "Lena Hill")

    at_chromium(begin)


@pytest.fixture
def telephone(browser: Browser) -> Iterator[dict[str, list[str]]]:
    """What axe and the eye find wrong on each walked page, at 360 px; contrast, the slow question,
    is asked wherever a page shows a class of the style sheet not seen before.
    """

    def give(route: Route) -> None:
        if not static_file(route):
            body = seen.get(urlsplit(route.request.url).path.strip("/"), "")
            route.fulfill(body=body, content_type="text/html; charset=utf-8")

    context = browser.new_context(base_url=HOST, viewport={"width": 360, "height": 740})
    context.route("**/*", give)
    context.add_init_script(AXE)
    page = context.new_page()
    faults: dict[str, list[str]] = {}
    known: set[str] = set()
    for name, body in seen.items():
        classes = {word for group in re.findall(r'class="([^"]*)"', body) for word in group.split()}
        page.goto(f"/{name}", wait_until="domcontentloaded")
        faults[name] = page.evaluate(READ, [RULES, not classes <= known])
        known |= classes
        if wider := page.evaluate(WIDER):
            faults[name].append(f"scrolls {wider} px sideways")
    yield faults
    context.close()


def test_every_kind_of_page_on_the_way_passes_axe_and_fits_a_telephone(
    telephone: dict[str, list[str]],
) -> None:
    assert len(telephone) >= 60, "the walk before it brings the pages: run the whole file"
    assert not {name: found for name, found in telephone.items() if found}


def test_registration_and_visit_that_came_back_with_faults_fit_a_telephone(
    telephone: dict[str, list[str]],
) -> None:
    for name in ("people:person_new-with-faults", "plans:record_visit-with-faults"):
        assert telephone[name] == []
        assert "is-invalid" in seen[name] or "error" in seen[name]
