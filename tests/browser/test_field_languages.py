"""The offline app in other languages in a real Chromium: a whole practice meeting, every word from
the catalogue, on a screen of 360 by 640."""

import json
import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_field import _built
from tests.source import ROOT

__all__ = ["_built"]
DIST = ROOT / "src/handup/static/dist/field"
NAMES = {"hy": "Հայերեն", "rw": "Ikinyarwanda", "mn": "Монгол"}


@dataclass
class Phone:
    """A phone that speaks another language: what is pressed and asked bears its words."""

    page: Page
    words: dict[str, str]

    def say(self, english: str, **facts: str) -> str:
        """A text as the catalogue has it; it must have it."""
        said = self.words[english]
        for name, fact in facts.items():
            said = said.replace(f"{{{name}}}", fact)
        return said

    def press(self, english: str) -> None:
        """Press what bears this label."""
        self.page.get_by_role("button", name=self.say(english), exact=True).first.click()

    def asks(self, english: str, **facts: str) -> None:
        """The screen asks this, and nothing of it is wider than the screen."""
        parts = re.split(r"(\{\w+\})", self.words[english])
        wanted = "".join(
            re.escape(facts.get(part[1:-1], "")) or ".+"
            if part.startswith("{")
            else re.escape(part)
            for part in parts
        )
        expect(self.page.locator(".question")).to_have_text(re.compile(wanted))
        assert not self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), (
            f"too wide: {english}"
        )

    def tile(self, place: int) -> None:
        """Press the tile at a place, from the first."""
        self.page.locator("button.tile").nth(place).click()

    def keys(self) -> None:
        """Three members confirm."""
        for place in range(3):
            self.tile(place)
        self.press("Go on")

    def amount(self, digits: str) -> None:
        """Type an amount and write it down."""
        for digit in digits:
            self.page.locator(f".pad [data-key='{digit}']").click()
        self.page.locator("footer button.main").click()


def meet(phone: Phone) -> None:
    """Who came, the social fund, savings, the counts, the totals."""
    phone.press("Begin a meeting")
    phone.asks("On which day is the meeting?")
    phone.press("Go on")
    phone.asks("How is the meeting held?")
    phone.tile(0)
    phone.asks("Who writes today?")
    phone.tile(1)
    phone.asks("Who opens the box with a key?")
    phone.keys()
    members = [phone.say("Member {n}", n=str(number + 1)) for number in range(5)]
    for name in members:
        expect(phone.page.locator(".figure")).to_contain_text(name)
        phone.tile(0)
    phone.press("Everybody agrees")
    for name in members:
        phone.asks("Does {name} pay into the social fund?", name=name)
        phone.press("Not today")
    phone.press("Everybody agrees")
    phone.asks("How many shares does {name} buy?", name=members[0])
    phone.tile(0)
    for name in members[1:]:
        phone.asks("How many shares does {name} buy?", name=name)
        phone.press("Not today")
    phone.asks("Read the list aloud. Does everybody agree?")
    phone.press("Everybody agrees")
    phone.asks("Who asks for a loan?")
    phone.press("Nobody else asks")
    for asked in ("Who counts first?", "Who counts next, alone?"):
        phone.asks(asked)
        phone.tile(0)
        phone.amount("500")
    phone.asks("Read the totals aloud.")
    phone.press("Everybody agrees")
    phone.asks("When does the group meet next?")
    phone.press("Go on")
    phone.asks("Who locks the box with a key?")
    phone.keys()
    phone.asks("The code of this meeting. Write it down.")


@pytest.mark.parametrize("code", sorted(NAMES))
def test_a_meeting_is_held_in_another_language(page: Page, code: str) -> None:
    (file,) = DIST.glob(f"words-{code}.*.json")
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto("/field/")
    page.get_by_role("button", name=NAMES[code], exact=True).click()
    phone = Phone(page, json.loads(file.read_text()))
    assert phone.say("Practise") != "Practise"
    phone.press("Practise")
    expect(page.locator("html")).to_have_attribute("lang", code)
    meet(phone)
    code_said = page.locator(".figure").inner_text()
    assert re.fullmatch(r"(\d{3} ){3}\d{3}", code_said)
    page.get_by_role("button", name=phone.say("Done"), exact=True).click()
    expect(page.locator("dl")).to_contain_text(re.compile(r"500"))
