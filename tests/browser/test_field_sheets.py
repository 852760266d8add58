"""A laptop in a real Chromium, 1280 px wide, without a network: the sheet that a group kept by hand
is typed in with the keyboard, what breaks a rule stays beside its cell, receipts and lists are
printed; the office then holds the same meeting as if each had been asked one after the other."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import BUILT, ask, begin, enrol, killed, press, question, tile
from tools import environment

NAME = "Evening star"
ROOM = {"width": 1280, "height": 800}


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    """The app is built before the server that keeps it in memory starts."""
    environment.build_field()
    assert BUILT.exists()


def cell(page: Page, row: object, column: str) -> str:
    """Where a cell of the sheet is."""
    return f"[data-row='{row}'][data-column='{column}']"


def focused(page: Page) -> str:
    """Which cell is typed into now."""
    told: str = page.evaluate(
        "[document.activeElement.dataset.row, document.activeElement.dataset.column].join(' ')"
    )
    return told


def fill_in(page: Page) -> None:
    """Three members by the keyboard alone; the second is away and yet has shares on the sheet."""
    question(page, "Fill in the sheet")
    assert focused(page) == "1 came"
    for letter in ("h", "a", "h"):
        page.keyboard.type(letter)
        page.keyboard.press("Enter")
    expect(page.locator(cell(page, 2, "came"))).to_have_value("ABSENT")
    page.focus(cell(page, 1, "came"))
    page.keyboard.press("Tab")
    assert focused(page) == "1 saved"
    for shares in ("2", "1", "x"):
        page.keyboard.type(shares)
        page.keyboard.press("ArrowDown")
    beside = page.locator("td:has([data-row='3'][data-column='saved']) p")
    expect(beside).to_contain_text("Write a whole number")
    press(page, "Write it down")
    expect(page.locator("#notice")).to_contain_text("Nothing was written down")
    page.fill(cell(page, 3, "saved"), "3")


def test_a_sheet_kept_by_hand_is_typed_in_without_a_network_and_reaches_the_office(
    site: Site, page: Page
) -> None:
    page.set_viewport_size(ROOM)
    made = ask(site, "make", NAME, "3")
    words = enrol(page, made["code"], NAME)
    context = page.context
    page.locator("body[data-ahead=all]").wait_for()
    context.set_offline(True)
    begin(page)
    press(page, "Enter it as a sheet")
    fill_in(page)
    expect(page.locator(cell(page, 3, "saved"))).to_have_value("3")
    page = killed(context, page, words, name=NAME)
    page.set_viewport_size(ROOM)
    press(page, "Enter it as a sheet")
    expect(page.locator(cell(page, 1, "saved"))).to_have_value("2")
    press(page, "Write it down")
    beside = page.locator("td:has([data-row='2'][data-column='saved']) p")
    expect(beside).to_have_text("This member is not here today.")
    expect(page.locator("td.written")).to_have_count(5)
    page.fill(cell(page, 2, "saved"), "")
    press(page, "Back")
    question(page, "2 of 3 are here|is absent")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    press(page, "More")
    press(page, "Leave for now")
    printed(page)
    context.set_offline(False)
    press(page, "What the office has not received")
    press(page, "Send now")
    expect(page.locator("dt:has-text('On this phone') + dd").first).to_have_text("0")
    told = ask(site, "tell", NAME)
    assert told["savings"] == [1_000, 1_500]
    assert [one["facts"] for one in told["meetings"]] == [6]


def printed(page: Page) -> None:
    """The lists of the group, as the printer gets them: no button, no heading of the screen."""
    press(page, "Print lists")
    tile(page, "Members")
    expect(page.locator(".paper tbody tr")).to_have_count(3)
    expect(page.locator(".paper")).to_contain_text(re.compile(r"Member 1.*10\.00 XTS"))
    page.emulate_media(media="print")
    expect(page.locator(".actions")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('.paper td')).borderTopWidth")
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="screen")
    press(page, "Back")
    tile(page, "Sheet of a meeting")
    expect(page.locator(".paper thead")).to_contain_text("Signature")
    press(page, "Back")
    press(page, "Back")
