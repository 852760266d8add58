"""An officer's own phone in a real Chromium: without a network she registers somebody with her
consent, puts a household together, admits her to a group and makes a visit, while the window is
lost between answers; the office then holds each of them once."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import Site
from tests.browser.field_officer import READ
from tests.browser.test_field import ask_program, press, question, tile
from tests.source import ROOT
from tools import environment

TODAY = datetime.now(UTC).date()
YESTERDAY, TOMORROW = str(TODAY - timedelta(days=1)), str(TODAY + timedelta(days=2))
BUILT = ROOT / "src/handup/static/dist/field/worker.js"


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    """The app is built before the server that keeps it in memory starts."""
    environment.build_field()
    assert BUILT.exists()


def enrol(page: Page, code: str) -> str:
    """A new phone of an officer, up to her work; returns the four words that open it."""
    page.goto("/field/")
    press(page, "English")
    press(page, "I have a code")
    words = page.locator(".figure").inner_text()
    press(page, "I have written them down")
    page.fill("#secret", words)
    press(page, "Go on")
    page.fill("#code", f"HANDUP1 http://localhost {code}")
    press(page, "Go on")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => caches.keys())")
    return words


def killed(context: BrowserContext, page: Page, words: str, part: str) -> Page:
    """The window is gone without a word; another opens the book and the part that was open."""
    page.close(run_before_unload=False)
    page = context.new_page()
    page.goto("/field/")
    page.fill("#secret", words)
    press(page, "Open")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    tile(page, part)
    return page


def line(page: Page, asked: str, text: str) -> None:
    """Write a line when it is asked for, and go on."""
    question(page, asked)
    page.fill("#line", text)
    press(page, "Go on")


def choose(page: Page, asked: str, label: str) -> None:
    """Press a tile when it is asked for."""
    question(page, asked)
    tile(page, label)


def unknown(page: Page, asked: str) -> None:
    """Nobody knows what is asked."""
    question(page, asked)
    press(page, "Not known")


def agree(page: Page) -> None:
    """The notice comes first; whoever agrees to nothing is not written down."""
    question(page, "Read this to her first")
    expect(page.locator("main")).to_contain_text(READ)
    press(page, "It is read")
    question(page, "What does she agree to")
    press(page, "Go on")
    expect(page.locator("#notice")).to_contain_text("nothing of her is written down")
    tile(page, "being served by the programme")
    press(page, "Go on")
    choose(page, "How does she agree", "mark or fingerprint")


def programme(page: Page) -> None:
    """Which programme is asked only where the house has more than one."""
    question(page, "Which programme|settlement")
    if "Which programme" in page.locator(".question").inner_text():
        tile(page, "Out")


def register_nare(context: BrowserContext, page: Page, words: str) -> Page:
    """The first registration, with the window lost twice."""
    part = "Register a person"
    tile(page, part)
    agree(page)
    question(page, "first name")
    page = killed(context, page, words, part)
    question(page, "first name")
    line(page, "first name", "Nare")
    line(page, "family name", "Sahakyan")
    choose(page, "Woman or man", "woman")
    choose(page, "known of the birth", "only the year")
    line(page, "which year", "2200")
    expect(page.locator("#notice")).to_contain_text("This cannot be")
    line(page, "which year", "1995")
    programme(page)
    question(page, "settlement")
    page = killed(context, page, words, part)
    choose(page, "settlement", "Ashtarak")
    unknown(page, "Where exactly")
    line(page, "telephone", "+374 91 123456")
    question(page, "Read it back")
    expect(page.locator(".figure")).to_have_text("Nare Sahakyan")
    press(page, "Write it down")
    question(page, "Written down")
    return page


def register_mher(page: Page) -> None:
    """Another one, from inside the household; whoever is known is offered first."""
    press(page, "Add somebody")
    press(page, "Register a person")
    agree(page)
    line(page, "first name", "Ani")
    unknown(page, "family name")
    question(page, "Is it one of these")
    expect(page.locator("button.tile")).to_contain_text("Ani Petrosyan")
    press(page, "Back")
    question(page, "family name")
    press(page, "Back")
    line(page, "first name", "Mher")
    line(page, "family name", "Sahakyan")
    choose(page, "Woman or man", "man")
    choose(page, "known of the birth", "only the age")
    line(page, "How old", "7")
    programme(page)
    choose(page, "settlement", "Ashtarak")
    unknown(page, "Where exactly")
    unknown(page, "telephone")
    question(page, "Read it back")
    press(page, "Write it down")
    question(page, "Who lives there")


def known_already(page: Page) -> None:
    """Whoever is among those this phone knows, of the caseload or registered today, is not written
    down twice."""
    press(page, "Register another person")
    for name, found in (("Nare", "Nare Sahakyan"), ("ANI", "Ani Petrosyan")):
        agree(page)
        line(page, "first name", name)
        unknown(page, "family name")
        question(page, "Is it one of these")
        expect(page.locator("button.tile")).to_have_count(1)
        tile(page, found)
        question(page, "registered already. Nothing new was written down")
        press(page, "Register another person")
    press(page, "Back")
    tile(page, "What became of it")
    expect(page.locator("dt:has-text('On this phone') + dd")).to_have_text("1")
    press(page, "Back")


def put_together(page: Page) -> None:
    """The household of the two."""
    tile(page, "Household")
    press(page, "Add somebody")
    tile(page, "Nare Sahakyan")
    question(page, "Who lives there")
    expect(page.locator("button.tile")).to_contain_text("Nare Sahakyan")
    register_mher(page)
    press(page, "That is all")
    choose(page, "Who is the head", "Nare")
    choose(page, "What is Mher Sahakyan to Nare Sahakyan", "child")
    line(page, "How many adults", "1")
    line(page, "How many children", "1")
    question(page, "Read it back")
    press(page, "Write it down")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    press(page, "Understood")


def join(page: Page) -> None:
    """Whoever was registered today joins a group, and stands there once."""
    tile(page, "Somebody joins a group")
    for asked, label in (("Which group", "Orchard road"), ("Who joins the group", "Nare Sahakyan")):
        choose(page, asked, label)
    question(page, "Read it back")
    press(page, "Back")
    choose(page, "Who joins the group", "Nare Sahakyan")
    press(page, "Another day")
    line(page, "On which day", TOMORROW)
    expect(page.locator("#notice")).to_contain_text("This cannot be")
    line(page, "On which day", str(TODAY))
    press(page, "Write it down")
    expect(page.locator("#notice")).to_contain_text("The office gives her number")
    press(page, "Understood")
    tile(page, "Somebody joins a group")
    choose(page, "Which group", "Orchard road")
    question(page, "Who joins the group")
    expect(page.locator("main")).to_contain_text("Ani Petrosyan")
    expect(page.locator("main")).not_to_contain_text("Nare Sahakyan")
    press(page, "Back")
    press(page, "Back")


def visit(context: BrowserContext, page: Page, words: str) -> Page:
    """A planned visit, told topic by topic, with the window lost in between."""
    tile(page, "Visits")
    tile(page, "Ani Petrosyan")
    choose(page, "Do you visit", "Yes")
    question(page, "How does it stand")
    page.fill("#text", "Sells well")
    press(page, "Go on")
    question(page, "Why is it so")
    page = killed(context, page, words, "Visits")
    tile(page, "Ani Petrosyan")
    choose(page, "Do you visit", "Yes")
    question(page, "Why is it so")
    press(page, "Go on")
    question(page, "What was done today")
    press(page, "Go on")
    question(page, "What is the next step")
    page.fill("#text", "A second table")
    press(page, "Go on")
    expect(page.locator("main")).to_contain_text("Sells well")
    press(page, "Another day")
    line(page, "On which day", TOMORROW)
    expect(page.locator("#notice")).to_contain_text("This cannot be")
    line(page, "On which day", YESTERDAY)
    question(page, "Read it back")
    press(page, "Write it down")
    expect(page.locator("button.tile")).to_contain_text("visited")
    return page


def correct(context: BrowserContext, page: Page, words: str) -> Page:
    """What is known of somebody is corrected, with the window lost before it is read back."""
    part = "Correct what is known"
    press(page, "Back")
    tile(page, part)
    choose(page, "Of whom", "Ani Petrosyan")
    choose(page, "What is wrong", "The name of the father")
    line(page, "What is right", "Levon")
    question(page, "Why is it corrected")
    page = killed(context, page, words, part)
    choose(page, "Why is it corrected", "It is known better now")
    question(page, "Read it back")
    expect(page.locator("main")).to_contain_text("Levon")
    press(page, "Write it down")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    press(page, "Understood")
    tile(page, "Visits")
    return page


def say_that_all_waits(context: BrowserContext) -> None:
    """The office takes nothing of what is sent: the telephone is none."""

    def answer(route: Route) -> None:
        if route.request.method != "POST":
            return route.fallback()
        reason = "This is no telephone number."
        facts = json.loads(route.request.post_data or "{}")["facts"]
        answers = [{"id": one["id"], "state": "WAITING", "reason": reason} for one in facts]
        return route.fulfill(json={"answers": answers})

    context.route(WORK, answer)


def mend_nare(page: Page) -> None:
    """What the office did not take is told once more: all that was right stands already."""
    expect(page.locator("main")).to_contain_text("This is no telephone number.")
    expect(page.locator("body.busy")).to_have_count(0)
    tile(page, "Nare Sahakyan")
    question(page, "Read this to her first")
    press(page, "It is read")
    question(page, "What does she agree to")
    press(page, "Go on")
    choose(page, "How does she agree", "mark or fingerprint")
    for asked in ("first name", "family name"):
        question(page, asked)
        press(page, "Go on")
    choose(page, "Woman or man", "woman")
    choose(page, "known of the birth", "only the year")
    question(page, "which year")
    press(page, "Go on")
    programme(page)
    choose(page, "settlement", "Ashtarak")
    unknown(page, "Where exactly")
    line(page, "telephone", "091 123456")
    expect(page.locator("#notice")).to_contain_text("code of the country")
    line(page, "telephone", "+374 91 \u0661\u0662\u0663\u0664\u0665\u0666")
    question(page, "Read it back")
    press(page, "Write it down")
    question(page, "Written down")
    page.context.unroute(WORK)


WORK = "**/api/v1/sync/work"
LOST: list[int] = []


def lose_the_first_answer(context: BrowserContext) -> None:
    """The office takes what is sent, and the network goes before its answer is here."""

    def pass_on(route: Route) -> None:
        if route.request.method == "POST" and not LOST:
            LOST.append(route.fetch().status)
            return route.abort("connectionreset")
        return route.fallback()

    context.route(WORK, pass_on)


def send_until(page: Page, received: str) -> None:
    """Send, and once more where the answer that was lost was the one to this press, and not to what
    the phone sends by itself when its book is opened."""
    told = page.locator("dt:has-text('Received by the office') + dd")
    press(page, "Send now")
    expect(page.locator("body.busy")).to_have_count(0)
    if told.inner_text() != received:
        press(page, "Send now")
    expect(told).to_have_text(received)


def test_registration_household_and_visit_made_without_a_network_reach_the_office_once(
    site: Site, page: Page
) -> None:
    context = page.context
    page.set_viewport_size({"width": 360, "height": 640})
    words = enrol(page, ask_program(site, "field_officer", "make")["code"])
    context.set_offline(True)
    page = killed(context, page, words, "What became of it")
    page.set_viewport_size({"width": 360, "height": 640})
    press(page, "Back")
    page = register_nare(context, page, words)
    known_already(page)
    put_together(page)
    join(page)
    page = visit(context, page, words)
    page = correct(context, page, words)
    assert ask_program(site, "field_officer", "tell")["facts"] == []
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide
    say_that_all_waits(context)
    context.set_offline(False)
    page = killed(context, page, words, "What became of it")
    press(page, "Send now")
    mend_nare(page)
    lose_the_first_answer(context)
    page = killed(context, page, words, "What became of it")
    send_until(page, "6")
    assert len(LOST) == 1, "the office had it, and the phone did not know"
    told = ask_program(site, "field_officer", "tell")
    assert told == {
        "facts": [
            ["admit_member", "DONE"],
            ["correct_person", "DONE"],
            ["record_visit", "DONE"],
            ["register_household", "DONE"],
            ["register_person", "DONE"],
            ["register_person", "DONE"],
        ],
        "born": "1995-01-01",
        "phone": "+374 91 123456",
        "area": "OUT1",
        "consents": [["SERVICE", "MARK"]],
        "joined": [["Orchard road", 1]],
        "members": [["Mher Sahakyan", "MEMBER", "CHILD"], ["Nare Sahakyan", "HEAD", "SELF"]],
        "father": "Levon",
        "visit": ["DONE", "Sells well", "A second table", YESTERDAY],
    }
    context.set_offline(True)
    grown_old(context, page, words)


def grown_old(context: BrowserContext, page: Page, words: str) -> None:
    """After its days the phone carries nobody's name any more; what was recorded is there, and the
    book locks when nobody touches it."""
    page.close()
    page = context.new_page()
    page.clock.install(time=datetime.now(UTC) + timedelta(days=31))
    page.goto("/field/")
    page.fill("#secret", words)
    press(page, "Open")
    expect(page.locator(".state.bad")).to_contain_text("was too old and was taken off it")
    expect(page.locator("button.tile", has_text="Visits")).to_have_count(0)
    expect(page.locator("button.tile", has_text="0 persons known")).to_have_count(1)
    tile(page, "What became of it")
    expect(page.locator("dt:has-text('Received by the office') + dd")).to_have_text("6")
    expect(page.locator("main")).not_to_contain_text("Sahakyan")
    page.clock.fast_forward(6 * 60 * 1000)
    expect(page.locator("h1")).to_have_text("Open the book")
