"""A meeting of sixty facts in a real Chromium without a network, its window killed after each fact:
what the screen said was written down is there when the book is opened again, and reaches the
office once."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import (
    _built,
    amount,
    ask,
    begin,
    close,
    enrol,
    go_on,
    open_again,
    press,
    question,
    tile,
)

__all__ = ["_built"]
NAME = "Morning star"
MEMBERS = 28


class Phone:
    """A phone whose window is lost after every so many facts."""

    def __init__(self, context: BrowserContext, page: Page, words: str, every: int) -> None:
        self.context, self.page, self.words, self.every = context, page, words, every
        self.killed = self.facts = 0

    def wrote(self, shown: str) -> None:
        """The screen goes on, so a fact was written down; then the window may be lost."""
        expect(self.page.locator("main")).to_contain_text(shown)
        self.facts += 1
        if self.facts % self.every:
            return
        self.page.close(run_before_unload=False)
        self.page = self.context.new_page()
        go_on(self.page, self.words)
        expect(self.page.locator("main")).to_contain_text(shown)
        self.killed += 1


def hold(phone: Phone) -> None:
    """Everybody comes and buys a share; nobody borrows; the box is counted."""
    for place in range(1, MEMBERS):
        tile(phone.page, "Here")
        phone.wrote(f"{place} of {MEMBERS} are marked")
    tile(phone.page, "Here")
    phone.wrote(f"{MEMBERS} of {MEMBERS} are here")
    press(phone.page, "Everybody agrees")
    for place in range(1, MEMBERS):
        question(phone.page, f"shares does Member {place} buy")
        tile(phone.page, "5.00")
        phone.wrote(f"Member {place + 1} buy")
    tile(phone.page, "5.00")
    phone.wrote("Read the list aloud")
    press(phone.page, "Everybody agrees")
    question(phone.page, "Who asks for a loan")
    press(phone.page, "Nobody else asks")
    for member in ("Member 1", "Member 2"):
        tile(phone.page, member)
        amount(phone.page, str(5 * MEMBERS))
    question(phone.page, "Read the totals aloud")


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.soak)])
def test_no_fact_is_lost_when_the_window_is_killed_after_it(
    site: Site, page: Page, every: int
) -> None:
    name = f"{NAME} {every}"
    context = page.context
    page.set_viewport_size({"width": 360, "height": 640})
    words = enrol(page, ask(site, "make", name, str(MEMBERS))["code"])
    context.set_offline(True)
    open_again(page, words)
    begin(page)
    phone = Phone(context, page, words, every)
    hold(phone)
    code = close(phone.page)
    assert (phone.facts, phone.killed) == (2 * MEMBERS, 2 * MEMBERS // every)
    open_again(phone.page, words)
    context.set_offline(False)
    press(phone.page, "What the office has not received")
    press(phone.page, "Send now")
    expect(phone.page.locator("dt:has-text('On this phone') + dd")).to_have_text("0")
    told = ask(site, "tell", name)
    (meeting,) = told["meetings"]
    assert (meeting["status"], meeting["code"], meeting["marks"]) == ("CLOSED", code, MEMBERS)
    assert meeting["facts"] == 60
    assert told["cash"] == {"LOAN": 500 * MEMBERS, "SOCIAL": 0}
    assert told["savings"] == [500] * MEMBERS


def test_wrong_words_make_one_wait_and_delete_nothing(site: Site, page: Page) -> None:
    """From the fifth wrong entry on the phone waits, even for the right words; then the meeting
    that was begun goes on."""
    words = enrol(page, ask(site, "make", f"{NAME} wrong")["code"])
    page.context.set_offline(True)
    open_again(page, words)
    begin(page)
    tile(page, "Here")
    expect(page.locator("main")).to_contain_text("1 of 4 are marked")
    page.goto("/field/")
    for _time in range(5):
        page.fill("#secret", "bababa dododo kukuku mimimi")
        press(page, "Open")
        expect(page.locator("#notice")).to_contain_text("These are not the right words")
        press(page, "Understood")
    page.fill("#secret", words)
    press(page, "Open")
    expect(page.locator("#notice")).to_contain_text("nothing is lost")
    later = page.context.new_page()
    page.close()
    later.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=2))
    go_on(later, words)
    expect(later.locator("main")).to_contain_text("1 of 4 are marked")
