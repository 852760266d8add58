"""The offline app in a real Chromium: enrolled with a network, then without one, a whole meeting
held while the page is reloaded and killed, and at last delivered."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Site
from tests.source import ROOT
from tools import environment

BUILT = ROOT / "src/handup/static/dist/field/worker.js"
NAME = "Morning star"
LOOK = ROOT / "build" / "field"


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    """The app is built before the server that keeps it in memory starts."""
    environment.build_field()
    assert BUILT.exists()


def ask(site: Site, *words: str) -> dict[str, Any]:
    """Run the program that prepares the group, or asks what the server has of it."""
    return ask_program(site, "field_group", *words)


def ask_program(site: Site, program: str, *words: str) -> dict[str, Any]:
    """Run a program of this folder in the data folder of the site, and read what it answers."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("HANDUP_")}
    env |= {
        "HANDUP_DATA": str(site.data),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "DJANGO_SETTINGS_MODULE": "handup.config.settings",
    }
    apart = [sys.executable, "-m", "tests.browser.apart", program, *words]
    done = subprocess.run(apart, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def press(page: Page, label: str, *, exact: bool = True) -> None:
    """Press what bears this label."""
    page.get_by_role("button", name=label, exact=exact).first.click()


def tile(page: Page, label: str) -> None:
    """Press the big tile whose words begin so."""
    page.locator("button.tile", has_text=label).first.click()


def amount(page: Page, digits: str) -> None:
    """Type an amount on the pad and write it down."""
    for digit in digits:
        page.locator(f".pad [data-key='{digit}']").click()
    page.locator("footer button.main").click()


def question(page: Page, text: str) -> None:
    """The screen asks this."""
    expect(page.locator(".question")).to_have_text(re.compile(text))


def enrol(page: Page, code: str, name: str = NAME) -> str:
    """A new phone, from its first screen to its groups; returns the four words that open it."""
    page.goto("/field/")
    press(page, "English")
    press(page, "I have a code")
    words = page.locator(".figure").inner_text()
    press(page, "I have written them down")
    page.fill("#secret", words.upper())
    press(page, "Go on")
    page.fill("#code", f"HANDUP1 http://localhost {code}")
    press(page, "Go on")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => caches.keys())")
    return words


def open_again(page: Page, words: str, name: str = NAME) -> None:
    """Load the page anew, without a network, and open the book with the four words."""
    page.goto("/field/")
    page.fill("#secret", words)
    press(page, "Open")
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def go_on(page: Page, words: str, name: str = NAME) -> None:
    """Open the book again in the middle of a meeting."""
    open_again(page, words, name)
    press(page, "Go on with the meeting")


def killed(
    context: BrowserContext, page: Page, words: str, *, shown: str = "", name: str = NAME
) -> Page:
    """The window is gone without a word, right after `shown` said that it was written down; another
    goes on."""
    if shown:
        expect(page.locator("main")).to_contain_text(shown)
    page.close(run_before_unload=False)
    page = context.new_page()
    go_on(page, words, name)
    return page


def keys(page: Page) -> None:
    """Three key holders confirm."""
    for number in (1, 2, 3):
        tile(page, f"Member {number}")
    press(page, "Go on")


def begin(page: Page) -> None:
    """The day, the form, who writes, the keys."""
    press(page, "Begin a meeting")
    press(page, "Go on")
    tile(page, "Simple")
    tile(page, "Member 2")
    keys(page)


def hold(context: BrowserContext, page: Page, words: str) -> Page:
    """Who came, paid in, lent, counted; now and then the window is lost."""
    for place, mark in enumerate(("Here", "Here", "Late"), 1):
        tile(page, mark)
        page = killed(context, page, words, shown=f"{place} of 4 are marked")
        expect(page.locator("main")).to_contain_text(f"{place} of 4 are marked")
    tile(page, "Here")
    question(page, "Member 3 came late")
    press(page, "Yes")
    question(page, "4 of 4 are here")
    page = killed(context, page, words)
    press(page, "Everybody agrees")
    question(page, "Who pays a fine")
    tile(page, "Member 3")
    press(page, "Paid")
    press(page, "Nobody else pays")
    for place, shares in enumerate(("25.00", "10.00"), 1):
        question(page, f"shares does Member {place} buy")
        tile(page, shares)
        page = killed(context, page, words, shown=f"Member {place + 1}")
    press(page, "Not today")
    question(page, "Member 4 buy")
    press(page, "Not today")
    question(page, "Read the list aloud")
    expect(page.locator(".figure")).to_have_text("35.00 XTS")
    press(page, "Everybody agrees")
    return lend(context, page, words)


def lend(context: BrowserContext, page: Page, words: str) -> Page:
    """A loan above the limit is refused before money moves; one below it is voted and paid out."""
    tile(page, "Member 1")
    amount(page, "90")
    question(page, "At most 36.00 XTS")
    press(page, "Ask for another sum")
    amount(page, "30")
    tile(page, "1")
    press(page, "Everybody says yes")
    press(page, "Write the vote down")
    press(page, "Paid out")
    page = killed(context, page, words, shown="Who asks for a loan?")
    press(page, "Nobody else asks")
    for member, found in (("Member 1", "5"), ("Member 2", "6")):
        tile(page, member)
        amount(page, found)
    question(page, "The counts differ")
    page = killed(context, page, words)
    press(page, "Count again")
    for member in ("Member 2", "Member 1"):
        tile(page, member)
        amount(page, "6")
    question(page, "Read the totals aloud")
    return page


def close(page: Page) -> str:
    """The totals, the next day, the keys; returns the code of the slip."""
    press(page, "Everybody agrees")
    press(page, "Go on")
    keys(page)
    code = page.locator(".figure").inner_text()
    assert re.fullmatch(r"(\d{3} ){3}\d{3}", code)
    return code


def test_a_meeting_held_without_a_network_reaches_the_office_whole(site: Site, page: Page) -> None:
    context = page.context
    page.set_viewport_size({"width": 360, "height": 640})
    words = enrol(page, ask(site, "make", NAME)["code"])
    context.set_offline(True)
    open_again(page, words)
    begin(page)
    page = hold(context, page, words)
    code = close(page)
    press(page, "Send now")
    expect(page.locator("#notice")).to_contain_text("Everything stays on this phone")
    assert ask(site, "tell", NAME)["meetings"] == []
    open_again(page, words)
    expect(page.locator(".state")).to_have_attribute("data-state", "here")
    context.set_offline(False)
    press(page, "What the office has not received")
    press(page, "Send now")
    expect(page.locator("dt:has-text('Received by the office') + dd")).to_have_text("17")
    told = ask(site, "tell", NAME)
    assert told == {
        "meetings": [{"status": "CLOSED", "code": code, "facts": 17, "marks": 4}],
        "entries": told["entries"],
        "cash": {"LOAN": 600, "SOCIAL": 0},
        "savings": [1000, 2500],
        "principal": [3000],
    }
    assert told["entries"] >= 4
    verified = subprocess.run(
        [sys.executable, "-m", "handup.cli", "verify"],
        env=os.environ
        | {"HANDUP_DATA": str(site.data), "PYTHONPATH": str(ROOT / "src"), "HANDUP_DATABASE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stdout[-2000:] + verified.stderr[-2000:]


def test_practice_never_leaves_the_phone(page: Page) -> None:
    """The practice group has a store and a colour of its own, and nothing is sent."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto("/field/")
    press(page, "English")
    press(page, "Practise")
    expect(page.locator("h1")).to_have_text("Practice: nothing here is real")
    press(page, "Begin a meeting")
    press(page, "Go on")
    tile(page, "Simple")
    tile(page, "Member 1")
    keys(page)
    expect(page.locator(".figure")).to_have_text("1 · Member 1")
    stores = page.evaluate("indexedDB.databases().then((found) => found.map((one) => one.name))")
    assert set(stores) == {"handup-field", "handup-practice"}
    assert not [url for url in sent if "/api/" in url]
