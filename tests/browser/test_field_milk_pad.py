"""The milk pad of a collector's phone in a real Chromium without a network: weights, tests, a can
that is not taken, one taken back, the gate; at last all of it posts once."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import _built, ask_program, press, tile

__all__ = ["_built"]


def units(page: Page, digits: str, *, verb: str) -> None:
    """Type a number on the pad and go on."""
    for digit in digits:
        page.locator(f".pad [data-key='{digit}']").click()
    press(page, verb)


def brought(page: Page, producer: str, litres: str, fat: str) -> None:
    """One delivery up to its price."""
    press(page, "Next delivery")
    tile(page, producer)
    units(page, litres, verb="Go on")
    units(page, fat, verb="Go on")


def enrolled(page: Page, code: str) -> str:
    """The collector's own phone; returns the words that open it."""
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto("/field/")
    press(page, "English")
    press(page, "I have a code")
    words = page.locator(".figure").inner_text()
    press(page, "I have written them down")
    page.fill("#secret", words)
    press(page, "Go on")
    page.fill("#code", code)
    press(page, "Go on")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => caches.keys())")
    return words


def test_a_collectors_pad_works_without_a_network_and_posts_once(site: Site, page: Page) -> None:
    words = enrolled(page, ask_program(site, "field_milk", "make")["code"])
    page.context.set_offline(True)
    tile(page, "Milk")
    brought(page, "1 · Producer 1", "125", "41")
    expect(page.locator(".figure")).to_have_text("51.25 XTS")
    press(page, "Write it down")
    expect(page.locator("main")).to_contain_text("12.5 litres")
    press(page, "Done")
    brought(page, "2 · Producer 2", "200", "160")
    expect(page.locator("#notice")).to_contain_text("This cannot be")
    page.locator("[aria-label='Back']").click()
    press(page, "Go on")
    expect(page.locator("#notice")).to_contain_text("Type an amount first")
    units(page, "200", verb="Go on")
    units(page, "38", verb="Go on")
    press(page, "It is not taken")
    tile(page, "Sour")
    expect(page.locator("main")).to_contain_text("Not taken: Sour")
    press(page, "Done")
    brought(page, "2 · Producer 2", "900", "40")
    press(page, "Write it down")
    press(page, "Take it back")
    press(page, "Take it back")
    expect(page.locator("dt:has-text('Taken in') + dd")).to_have_text("32.5 litres")
    page.goto("/field/")
    page.fill("#secret", words)
    press(page, "Open")
    tile(page, "Milk")
    expect(page.locator("dt:has-text('To be paid') + dd")).to_have_text("51.25 XTS")
    expect(page.locator("dt:has-text('Taken in') + dd")).to_have_text("32.5 litres")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    press(page, "At the gate")
    units(page, "320", verb="Write it down")
    expect(page.get_by_role("button", name="At the gate")).to_have_count(0)
    page.locator("[aria-label='Back']").click()
    page.context.set_offline(False)
    tile(page, "What became of it")
    press(page, "Send now")
    expect(page.locator("dt:has-text('Received by the office') + dd")).to_have_text("5")
    told = ask_program(site, "field_milk", "tell")
    assert told == {
        "deliveries": [
            [1, 12_500, 410, "", False],
            [2, 20_000, 380, "SOUR", False],
            [2, 90_000, 400, "", True],
        ],
        "owed": [-5125],
        "gate": [32_000],
        "facts": sorted(
            [
                *[["record_delivery", "DONE"]] * 3,
                ["record_gate", "DONE"],
                ["take_back_delivery", "DONE"],
            ]
        ),
    }
    page.locator("[aria-label='Back']").click()
    tile(page, "Milk")
    expect(page.locator("dt:has-text('To be paid') + dd")).to_have_text("51.25 XTS")
