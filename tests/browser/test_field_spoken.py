"""A spoken test asked on a trainer's own phone in a real Chromium without a network: one question a
screen, the recorded one is heard, the window is lost between words and points, and the office holds
one sitting with each answer."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import ask_program, press, question, tile
from tests.browser.test_field_work import _built, choose, enrol, killed

__all__ = ["_built"]
TESTS, HEAR, ANSWERED = "Tests", "Hear the question", "Flour and wood"
LISTEN = """
const { start } = AudioBufferSourceNode.prototype;
AudioBufferSourceNode.prototype.start = function () {
  const { buffer, context } = this;
  const began = context.currentTime;
  this.addEventListener("ended", () => {
    const isLoud = Math.max(...buffer.getChannelData(0)) > 0.1;
    const isWhole = context.currentTime - began >= buffer.duration;
    document.documentElement.dataset.heard = `${buffer.duration.toFixed(1)} ${isLoud} ${isWhole}`;
  });
  start.call(this);
};
"""
"""Write down what was played to its end: its seconds, that it is no silence, that they went by."""


def asked(page: Page, text: str, place: str, most: str) -> None:
    """One question is on the screen, with its points and no other question."""
    question(page, text)
    expect(page.get_by_role("heading", name=place)).to_be_visible()
    expect(page.locator("main")).to_contain_text(f"{most} points at most")
    expect(page.locator("button.tile")).to_have_count(int(most) + 1)
    for other in {"cost price", "buyers"} - {text}:
        expect(page.locator("main")).not_to_contain_text(other)


def hear(page: Page) -> None:
    """The recorded question is played from its beginning to its end."""
    press(page, HEAR)
    expect(page.locator("#notice")).to_contain_text("The question is played.")
    expect(page.locator("html")).to_have_attribute("data-heard", "0.5 true true")
    press(page, "Understood")


def ask_her(page: Page) -> None:
    """Who sits the test."""
    choose(page, "Which test", "Asked aloud")
    choose(page, "0 of 3 have sat it", "Hill Anahit")


def test_a_spoken_test_is_heard_and_asked_without_a_network_and_reaches_the_office_once(
    site: Site, other: Page, sign_in: Callable[[str], Page]
) -> None:
    """Two points of three and one of two."""
    page, context = other, other.context
    page.set_viewport_size({"width": 360, "height": 640})
    context.add_init_script(LISTEN)
    words = enrol(page, ask_program(site, "field_spoken", "make")["code"])
    context.set_offline(True)
    tile(page, TESTS)
    ask_her(page)
    asked(page, "cost price", "Hill Anahit · 1/2", "3")
    page.fill("#text", ANSWERED)
    hear(page)
    expect(page.locator("#text")).to_have_value(ANSWERED)
    page = killed(context, page, words, TESTS)
    ask_her(page)
    asked(page, "cost price", "Hill Anahit · 1/2", "3")
    expect(page.locator("#text")).to_have_value(ANSWERED)
    hear(page)
    tile(page, "2 points")
    asked(page, "buyers", "Hill Anahit · 2/2", "2")
    expect(page.locator("#text")).to_have_value("")
    expect(page.get_by_role("button", name=HEAR)).to_have_count(0)
    page.fill("#text", "The school")
    tile(page, "1 point")
    question(page, "Read it back")
    for said in (f"2 of 3 · {ANSWERED}", "1 of 2 · The school", "3 of 5"):
        expect(page.locator("main")).to_contain_text(said)
    press(page, "Write it down")
    question(page, "1 of 3 have sat it")
    assert ask_program(site, "field_spoken", "tell")["facts"] == []
    context.set_offline(False)
    page = killed(context, page, words, "What became of it")
    for _time in range(2):
        press(page, "Send now")
        expect(page.locator("dt:has-text('Received by the office') + dd")).to_have_text("1")
    told = ask_program(site, "field_spoken", "tell")
    assert told == {
        "facts": [["record_test", "DONE"]],
        "pages": told["pages"],
        "sittings": [["Hill Anahit", 3]],
        "answers": [[1, 2, ANSWERED, "asker"], [2, 1, "The school", "asker"]],
    }
    office = sign_in("TRAINING_OFFICER")
    office.goto(told["pages"][0])
    for said in (ANSWERED, "The school", "3 / 5"):
        expect(office.locator("main")).to_contain_text(said)
