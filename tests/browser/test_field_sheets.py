"""A laptop in a real Chromium, 1280 px wide, without a network: the sheet that a group kept by hand
is typed in with the keyboard, what breaks a rule stays beside its cell, receipts and lists are
printed; the office then holds the same meeting as if each had been asked one after the other. An
officer takes a whole area along and works in it the same way."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import (
    BUILT,
    ask,
    ask_program,
    begin,
    enrol,
    killed,
    press,
    question,
    tile,
)
from tests.browser.test_field_work import enrol as enrol_officer
from tests.browser.test_field_work import killed as killed_officer
from tools import environment

NAME = "Long table"


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    """The app is built before the server that keeps it in memory starts."""
    environment.build_field()
    assert BUILT.exists()


def on_a_laptop(page: Page) -> None:
    """The screen is as wide as that of a laptop."""
    page.set_viewport_size({"width": 1280, "height": 800})


def cell(row: object, column: str) -> str:
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
    expect(page.locator(cell(2, "came"))).to_have_value("ABSENT")
    page.focus(cell(1, "came"))
    page.keyboard.press("Tab")
    assert focused(page) == "1 saved"
    for shares in ("2", "1", "x"):
        page.keyboard.type(shares)
        page.keyboard.press("ArrowDown")
    beside = page.locator("td:has([data-row='3'][data-column='saved']) p")
    expect(beside).to_contain_text("Write a whole number")
    press(page, "Write it down")
    expect(page.locator("#notice")).to_contain_text("Nothing was written down")
    page.fill(cell(3, "saved"), "3")


def test_a_sheet_kept_by_hand_is_typed_in_without_a_network_and_reaches_the_office(
    site: Site, page: Page
) -> None:
    on_a_laptop(page)
    made = ask(site, "make", NAME, "3")
    words = enrol(page, made["code"], NAME)
    context = page.context
    page.locator("body[data-ahead=all]").wait_for()
    context.set_offline(True)
    begin(page)
    press(page, "Enter it as a sheet")
    fill_in(page)
    expect(page.locator(cell(3, "saved"))).to_have_value("3")
    page = killed(context, page, words, name=NAME)
    on_a_laptop(page)
    press(page, "Enter it as a sheet")
    expect(page.locator(cell(1, "saved"))).to_have_value("2")
    press(page, "Write it down")
    beside = page.locator("td:has([data-row='2'][data-column='saved']) p")
    expect(beside).to_have_text("This member is not here today.")
    expect(page.locator("td.written")).to_have_count(5)
    page.fill(cell(2, "saved"), "")
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


def taken_along(page: Page) -> None:
    """The area is weighed before it is fetched; then its groups and persons are here."""
    tile(page, "Area")
    press(page, "Take an area along")
    tile(page, "Highland")
    question(page, "Take this area along")
    # who lives there, and three on the course of whom two are members: each counted once
    expect(page.locator("dt:text-is('Persons') + dd")).to_have_text("4 of 500 at most")
    expect(page.locator("dt:text-is('Groups') + dd")).to_have_text("1 of 100 at most")
    press(page, "Take it along")
    expect(page.locator("#notice")).to_contain_text("Highland is on this device")
    press(page, "Understood")


def test_an_area_is_taken_along_and_worked_in_without_a_network(site: Site, page: Page) -> None:
    on_a_laptop(page)
    made = ask_program(site, "field_area", "make")
    words = enrol_officer(page, made["code"])
    taken_along(page)
    context = page.context
    page.locator("body[data-ahead=all]").wait_for()
    context.set_offline(True)
    page = killed_officer(context, page, words, "Area")
    on_a_laptop(page)
    expect(page.locator("dt:text-is('Members') + dd")).to_have_text("3")
    tile(page, "Groups")
    tile(page, "Highland savers")
    tile(page, "Sheet of a meeting")
    expect(page.locator(".paper tbody")).to_contain_text("Village Erdene")
    page.emulate_media(media="print")
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="screen")
    for _step in range(4):
        press(page, "Back")
    tile(page, "Sheets")
    tile(page, "Costing at the hill")
    question(page, "Fill in the sheet")
    for letter in ("h", "a", "e"):
        page.keyboard.type(letter)
        page.keyboard.press("Enter")
    press(page, "Write it down")
    expect(page.locator("td.written")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    press(page, "Understood")
    press(page, "Back")
    press(page, "Back")
    assert ask_program(site, "field_area", "tell")["facts"] == []
    context.set_offline(False)
    tile(page, "What became of it")
    press(page, "Send now")
    expect(page.locator("dt:has-text('Received by the office') + dd")).to_have_text("3")
    assert ask_program(site, "field_area", "tell") == {
        "facts": [["record_attendance", "DONE", ""]] * 3,
        "came": [
            ["Hill Anahit", "PRESENT", 90],
            ["Hill Bat", "ABSENT", 0],
            ["Hill Claudine", "EXCUSED", 0],
        ],
    }
    press(page, "Back")
    tile(page, "Area")
    press(page, "Take this area off the device")
    press(page, "Take it off")
    tile(page, "Area")
    question(page, "No area is on this device")
