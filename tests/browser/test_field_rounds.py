"""A round of a field officer in a real Chromium, without a network: attendance from the list, by
the camera and by the number of a card, money collected and counted, and a meeting on what a
community needs; the office then holds each of them once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, Site
from tests.browser.field_codes import film
from tests.browser.test_field import ask_program, press, question, tile
from tests.browser.test_field_work import BUILT, choose, enrol, killed, line
from tools import chromium, environment


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    """The app is built before the server that keeps it in memory starts."""
    environment.build_field()
    assert BUILT.exists()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera sees: a film that the test puts another in the place of."""
    path = tmp_path_factory.mktemp("camera") / "seen.y4m"
    film(path, ["nothing of ours"])
    return path


@pytest.fixture(scope="module")
def browser(seen: Path) -> Iterator[Browser]:
    """A Chromium whose camera plays the film."""
    flags = [
        *FLAGS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={seen}",
    ]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.ensure(), args=flags)
        yield started
        started.close()


def attend(page: Page, seen: Path, card: str, walk_in: str) -> None:
    """One is marked from the list as absent, the camera reads the card of another, somebody who is
    not on the list walks in, the rest are here."""
    tile(page, "Attendance")
    choose(page, "Which session", "Costing at the hill")
    question(page, "0 of 3 are marked")
    tile(page, "Hill Anahit")
    choose(page, "Is Hill Anahit here", "Absent")
    question(page, "1 of 3 are marked")
    film(seen, [f"HANDUP {card}"])
    press(page, "Read a card")
    expect(page.locator("#notice")).to_contain_text("Hill Bat is here")
    press(page, "Type the number of a card")
    question(page, "Which number stands on the card")
    page.fill("#text", walk_in)
    press(page, "Write it down")
    expect(page.locator("#notice")).to_contain_text("is not on the list. The office is told")
    press(page, "Mark all others as here")
    question(page, "3 of 3 are marked")
    tile(page, "Hill Anahit")
    expect(page.locator("#notice")).to_contain_text("written down already")
    press(page, "Back")
    press(page, "Back")


def amount(page: Page, digits: str) -> None:
    """Type an amount on the pad, whatever stands there first."""
    clear = page.locator("button", has_text="⌫")
    for _ in range(12):
        clear.click()
    for digit in digits:
        page.locator(f".pad [data-key='{digit}']").click()


def collect(page: Page) -> None:
    """Money that differs from the list is counted again."""
    tile(page, "Collection")
    question(page, "0 of 1 are written down")
    page.locator("button.tile").first.click()
    question(page, "How much is paid back")
    amount(page, "5000")
    press(page, "Write it down")
    question(page, "1 of 1 are written down")
    press(page, "Count the money")
    amount(page, "4900")
    press(page, "Go on")
    expect(page.locator("#notice")).to_contain_text("The money and the list differ")
    amount(page, "5000")
    press(page, "Go on")
    question(page, "Written down. It goes to the office")
    press(page, "Done")


def needs(page: Page, words: str) -> Page:
    """Two needs, with the window lost between them; more votes than people are not taken."""
    context, part = page.context, "Needs of a community"
    tile(page, part)
    question(page, "Which programme|Which settlement")
    if "programme" in page.locator(".question").inner_text():
        tile(page, "Small business")
    choose(page, "Which settlement", "Roundhill")
    line(page, "Where do people meet", "School")
    line(page, "How many women are here", "15")
    line(page, "How many men are here", "10")
    line(page, "What does the community need", "Road")
    line(page, "How many women are for it", "16")
    expect(page.locator("#notice")).to_contain_text("At most 15")
    line(page, "How many women are for it", "2")
    question(page, "How many men are for it")
    page = killed(context, page, words, part)
    line(page, "How many men are for it", "9")
    press(page, "Another need")
    line(page, "What does the community need", "ROAD")
    expect(page.locator("#notice")).to_contain_text("named already")
    line(page, "What does the community need", "Well")
    line(page, "How many women are for it", "14")
    line(page, "How many men are for it", "3")
    question(page, "Read it aloud")
    expect(page.locator(".ranked dt").first).to_have_text("Well")
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide
    press(page, "Write it down")
    expect(page.locator("#notice")).to_contain_text("Written down")
    return page


def test_attendance_collection_and_needs_of_a_round_reach_the_office_once(
    site: Site, page: Page, seen: Path
) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    made = ask_program(site, "field_rounds", "make")
    words = enrol(page, made["code"])
    context = page.context
    context.set_offline(True)
    page = killed(context, page, words, "What became of it")
    page.set_viewport_size({"width": 360, "height": 640})
    press(page, "Back")
    attend(page, seen, made["card"], made["walk_in"])
    collect(page)
    page = needs(page, words)
    assert ask_program(site, "field_rounds", "tell")["facts"] == []
    context.set_offline(False)
    tile(page, "What became of it")
    press(page, "Send now")
    expect(page.locator("dt:has-text('Received by the office') + dd")).to_have_text("6")
    told = ask_program(site, "field_rounds", "tell")
    done = [[name, "DONE", ""] for name in ("record_attendance",) * 4]
    assert told == {
        "facts": [*done, ["record_collection", "DONE", ""], ["record_needs", "DONE", ""]],
        "came": [
            ["Hill Anahit", "ABSENT", False],
            ["Hill Bat", "PRESENT", False],
            ["Hill Claudine", "PRESENT", False],
            ["Hill Dana", "PRESENT", True],
        ],
        "paid": [5_000],
        "needs": [15, 10, [["Road", 2, 9], ["Well", 14, 3]]],
    }
