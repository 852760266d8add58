"""The full meeting of fourteen steps in a real Chromium without a network: recited, counted blind
by notes and coins with a difference signed, a loan that was paid out already kept as a breach;
locked only between meetings; a meeting that stood still goes on with its keys."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import (
    _built,
    amount,
    ask,
    close,
    enrol,
    keys,
    open_again,
    press,
    question,
    tile,
)

__all__ = ["_built"]
NAME = "Sunrise"
VOICE = """
window.said = [];
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [{ lang: "en-GB", localService: HERE }],
  addEventListener() {},
  cancel() {},
  speak: (one) => window.said.push(one.text),
} });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""
"""A voice, on the phone itself or on somebody's server."""
SIX_MINUTES = 6 * 60 * 1000


def simple(page: Page) -> None:
    """Yesterday's meeting: 35.00 in the box."""
    press(page, "Begin a meeting")
    press(page, "A day earlier")
    press(page, "Go on")
    tile(page, "Simple")
    tile(page, "Member 2")
    keys(page)
    for place in range(1, 5):
        expect(page.locator("main")).to_contain_text(f"{place - 1} of 4 are marked")
        tile(page, "Here")
    press(page, "Everybody agrees")
    for place, shares in enumerate(("25.00", "10.00", "", ""), 1):
        question(page, f"shares does Member {place} buy")
        if shares:
            tile(page, shares)
        else:
            press(page, "Not today")
    press(page, "Everybody agrees")
    press(page, "Nobody else asks")
    for member in ("Member 1", "Member 2"):
        tile(page, member)
        amount(page, "35")
    close(page)
    press(page, "Done")


def coins(page: Page, member: str, pieces: dict[int, str], total: str) -> None:
    """Somebody counts alone: so many of each note and coin; the book's figure is not shown."""
    tile(page, member)
    question(page, f"{member} counts alone")
    for value, number in pieces.items():
        page.fill(f"[data-coin='{value}']", number)
    expect(page.locator("#figure")).to_have_text(f"{total} XTS")
    press(page, "Write it down")


def count_in(page: Page) -> None:
    """The group says what it remembers; two count, differ, count again; the box is one short."""
    question(page, "What does the group remember is in the box")
    expect(page.locator("main")).not_to_contain_text("35.00")
    amount(page, "35")
    question(page, "Who counts first")
    expect(page.locator("main")).not_to_contain_text("35.00")
    thirty_four = {2000: "1", 1000: "1", 200: "2"}
    coins(page, "Member 1", thirty_four, "34.00")
    question(page, "Who counts next, alone")
    expect(page.locator("main")).not_to_contain_text("34.00")
    coins(page, "Member 3", {1000: "\u0663"}, "30.00")
    question(page, "The counts differ")
    press(page, "Count again")
    coins(page, "Member 3", thirty_four, "34.00")
    coins(page, "Member 4", thirty_four, "34.00")
    question(page, "less in the box than in the book")
    expect(page.locator(".figure")).to_have_text("1.00 XTS")
    press(page, "Write down why")
    page.fill("#text", "A coin was lost on the way")
    press(page, "Write it down")
    keys(page)


def first_half(page: Page) -> None:
    """Who came, the minutes, the social fund, repayments, fines, savings."""
    for _place in range(3):
        tile(page, "Here")
    tile(page, "Excused")
    press(page, "Everybody agrees")
    question(page, "Read the last minutes aloud")
    press(page, "Write a note")
    page.fill("#text", "The well is mended")
    press(page, "Write it down")
    expect(page.locator("main")).to_contain_text("The well is mended")
    press(page, "Everybody agrees")
    question(page, "Does Member 1 pay into the social fund")
    press(page, "Another amount")
    amount(page, "2")
    for place in (2, 3):
        question(page, f"Does Member {place} pay into the social fund")
        press(page, "Not today")
    press(page, "Everybody agrees")
    question(page, "Nobody owes a loan")
    press(page, "Nobody else pays back")
    question(page, "Nobody owes a fine")
    press(page, "Nobody else pays")
    question(page, "shares does Member 1 buy")
    tile(page, "5.00")
    for place in (2, 3):
        question(page, f"shares does Member {place} buy")
        press(page, "Not today")
    press(page, "Everybody agrees")
    question(page, "Say aloud what can be lent")


def sheet(page: Page, member: str, votes: dict[int, str], ballots: str) -> None:
    """Somebody counts the ballots alone: an empty pad, whatever anybody else found."""
    tile(page, member)
    question(page, f"{member} counts alone")
    for field in page.locator("[data-line]").all():
        expect(field).to_have_value("")
    for number, count in votes.items():
        page.fill(f"[data-line='{number}']", count)
    page.fill("[data-line='ballots']", ballots)
    press(page, "Write it down")


def elect(page: Page) -> None:
    """A member is found by her picture; two stand for the box; two others count the ballots,
    differ, and count again."""
    press(page, "More")
    press(page, "Pictures of members")
    question(page, "Whose picture")
    tile(page, "Member 1")
    press(page, "\U0001f404")
    question(page, "Whose picture")
    press(page, "Back")
    press(page, "Back")
    tile(page, "Elections with ballots")
    tile(page, "Call an election")
    tile(page, "Box keeper")
    question(page, "Who stands")
    mark = page.locator("button.tile", has_text="Member 1").locator(".mark")
    expect(mark).to_have_text("\U0001f404")
    tile(page, "Member 1")
    press(page, "Call the election")
    press(page, "Understood")
    tile(page, "Member 4")
    press(page, "Call the election")
    press(page, "Count the ballots")
    expect(page.locator("button.tile")).to_have_count(2)
    sheet(page, "Member 2", {1: "2", 4: "1"}, "4")
    press(page, "Understood")
    page.fill("[data-line='ballots']", "3")
    press(page, "Write it down")
    question(page, "Who counts next, alone")
    sheet(page, "Member 3", {1: "1", 4: "2"}, "3")
    question(page, "The two counts differ")
    expect(page.locator("main")).not_to_contain_text("2")
    press(page, "Count again")
    for member in ("Member 3", "Member 2"):
        sheet(page, member, {1: "2", 4: "1"}, "3")
    question(page, "They are elected")
    expect(page.locator("dt:has-text('Box keeper') + dd")).to_have_text("Member 1")
    press(page, "Go on")
    press(page, "Back")


def receipt(page: Page) -> None:
    """What a member did in the meeting, to be copied into her passbook."""
    press(page, "Receipts for members")
    tile(page, "Member 1")
    tile(page, "Into her passbook")
    for name, units in (
        ("Saved today", "5.00"),
        ("Social fund", "2.00"),
        ("Her savings now", "30.00"),
    ):
        expect(page.locator(f"dt:has-text('{name}') + dd")).to_have_text(f"{units} XTS")
    expect(page.locator(".question")).to_contain_text("\U0001f404")
    press(page, "Done")
    expect(page.locator("button.tile", has_text="Member 1")).to_contain_text("Into her passbook")
    press(page, "Done")


def second_half(page: Page) -> None:
    """The fund said, a loan paid out against the rules, an expense, the counts."""
    question(page, "Say aloud what can be lent")
    expect(page.locator(".figure")).to_have_text("39.00 XTS")
    press(page, "Said aloud")
    tile(page, "Member 3")
    amount(page, "20")
    question(page, "At most 0.00 XTS may be borrowed now")
    press(page, "It has been paid out already")
    question(page, "more than may be borrowed")
    press(page, "It has happened already")
    page.fill("#text", "Her child was ill")
    press(page, "Write it down")
    question(page, "Which key holders confirm")
    keys(page)
    question(page, "For how long")
    tile(page, "1")
    question(page, "Who asks for a loan")
    press(page, "Nobody else asks")
    tile(page, "Expense of the loan fund")
    page.fill("#text", "Paper")
    press(page, "Write it down")
    amount(page, "1")
    question(page, "Does the group pay or get other money")
    press(page, "Nothing more")
    question(page, "Is there other business")
    elect(page)
    question(page, "Is there other business")
    press(page, "Nothing more")
    for number, total in (({1000: "1", 500: "1", 100: "3"}, "18.00"), ({200: "1"}, "2.00")):
        for member in ("Member 1", "Member 2"):
            coins(page, member, number, total)
    question(page, "Read the totals aloud")


def left_alone(context: BrowserContext, page: Page, words: str) -> Page:
    """Nobody touches the phone for six minutes in the middle of the meeting: it stays open."""
    page.close(run_before_unload=False)
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 640})
    page.clock.install()
    open_again(page, words, NAME)
    press(page, "Go on with the meeting")
    page.clock.fast_forward(SIX_MINUTES)
    question(page, "Say aloud what can be lent")
    return page


def test_the_full_meeting_is_walked_counted_by_coins_and_told_with_its_breach(
    site: Site, page: Page
) -> None:
    context = page.context
    page.set_viewport_size({"width": 360, "height": 640})
    words = enrol(page, ask(site, "make", NAME)["code"], NAME)
    context.set_offline(True)
    open_again(page, words, NAME)
    simple(page)
    press(page, "Begin a meeting")
    press(page, "Go on")
    tile(page, "Full")
    tile(page, "Member 2")
    question(page, "Is this the code of the last slip")
    press(page, "Yes, the same")
    keys(page)
    count_in(page)
    first_half(page)
    page = left_alone(context, page, words)
    second_half(page)
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide
    close(page)
    receipt(page)
    press(page, "Done")
    expect(page.locator("h1")).to_have_text("My groups")
    page.clock.fast_forward(SIX_MINUTES)
    expect(page.locator("h1")).to_have_text("Open the book")
    context.set_offline(False)
    open_again(page, words, NAME)
    press(page, "What the office has not received")
    press(page, "Send now")
    expect(page.locator("dt:has-text('On this phone') + dd")).to_have_text("0")
    told = ask(site, "tell", NAME)
    assert [meeting["status"] for meeting in told["meetings"]] == ["CLOSED", "CLOSED"]
    assert told["cash"] == {"LOAN": 1800, "SOCIAL": 200}
    assert (told["savings"], told["principal"]) == ([1000, 3000], [2000])
    assert ask(site, "more", NAME) == {
        "flags": ["RULE_BREACH"],
        "coins": [[[200, 2], [1000, 1], [2000, 1]], [[1000, 3]]],
        "difference": [-100],
        "said": [3500],
        "breach": ["Her child was ill", 3],
        "elected": [["DECIDED", 1, 3, "BOX_KEEPER", 1]],
    }


def test_a_meeting_that_stood_still_for_a_day_goes_on_with_its_keys(page: Page) -> None:
    """Shown with the day it was held on; nothing is asked before the keys open the box again. What
    a press needs was fetched before it, while nobody pressed anything. A voice that lies on the
    phone reads aloud, one on a server never."""
    page.add_init_script(VOICE.replace("HERE", "false"))
    page.goto("/field/")
    press(page, "English")
    press(page, "Practise")
    expect(page.get_by_role("button", name="Begin a meeting")).to_be_visible()
    page.wait_for_selector("body[data-ahead='all']", state="attached")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    press(page, "Begin a meeting")
    press(page, "Go on")
    tile(page, "Simple")
    tile(page, "Member 1")
    keys(page)
    tile(page, "Here")
    expect(page.locator("main")).to_contain_text("1 of 5 are marked")
    press(page, "More")
    press(page, "Pictures of members")
    question(page, "Whose picture")
    expect(page.get_by_role("button", name="Read it aloud")).to_have_count(0)
    assert asked == [], "nothing is fetched at a press"
    later = page.context.new_page()
    page.close()
    later.add_init_script(VOICE.replace("HERE", "true"))
    later.clock.set_system_time(datetime.now(UTC) + timedelta(hours=25))
    later.goto("/field/")
    press(later, "Practise")
    expect(later.locator(".state.bad")).to_contain_text("stood still for a day")
    press(later, "Go on with the meeting")
    expect(later.locator("h1")).to_have_text("Interrupted")
    press(later, "Go on with the keys")
    question(later, "Who opens the box with a key")
    press(later, "Read it aloud")
    (said,) = later.evaluate("window.said")
    assert "Who opens the box with a key" in said, "the question"
    assert "Member 1" in said, "and who can be chosen"
    keys(later)
    expect(later.locator("main")).to_contain_text(re.compile("1 of 5 are marked"))
    tile(later, "Here")
    expect(later.locator("main")).to_contain_text("2 of 5 are marked")
