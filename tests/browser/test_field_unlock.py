"""The ways into the phone's book in a real Chromium: a PIN together with the phone's own lock, and
the four words, which always open."""

from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Site
from tests.browser.test_field import _built, ask, open_again, press, tile

__all__ = ["_built"]
NAME = "Evening star"
PIN = "481592"
SCREEN_OFF = """() => {
  const now = Date.now.bind(Date);
  const turn = (value) => {
    Object.defineProperty(document, "visibilityState", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };
  turn("hidden");
  Date.now = () => now() + 2 * 60 * 1000;
  turn("visible");
}"""
"""The screen of the phone goes off, and on again two minutes later."""


def own_lock(page: Page) -> tuple[Any, str]:
    """Give this browser the lock of a phone: it asks for a finger, and the finger is right."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "ctap2Version": "ctap2_1",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "hasPrf": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, made["authenticatorId"]


def type_pin(page: Page, digits: str) -> None:
    """Each digit on the pad, then what the screen asks for."""
    for digit in digits:
        page.locator(f".pad [data-key='{digit}']").click()
    page.locator("#open").click()


def pictures(page: Page, places: str) -> None:
    """Pictures by their places, then what the screen asks for."""
    for place in places:
        page.locator(f".pad [data-picture='{place}']").click()
    page.locator("#open").click()


def by_pictures(page: Page, words: str) -> None:
    """Choose pictures instead of the PIN, with the four words, and open the book by them."""
    press(page, "How the book opens")
    page.fill("#secret", words)
    press(page, "Go on")
    tile(page, "Pictures in an order")
    pictures(page, "0123401")
    pictures(page, "0123410")
    expect(page.locator("#notice")).to_contain_text("not the same")
    page.locator("[aria-label='Take back the last one']").click(click_count=7)
    pictures(page, "0123401")
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    page.goto("/field/")
    pictures(page, "0123401")
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()


def test_a_pin_opens_the_book_only_with_the_lock_of_this_phone(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    code = ask(site, "make", NAME)["code"]
    page.goto("/field/")
    session, authenticator = own_lock(page)
    press(page, "English")
    press(page, "I have a code")
    words = page.locator(".figure").inner_text()
    press(page, "I have written them down")
    page.fill("#secret", words)
    press(page, "Go on")
    tile(page, "A PIN")
    type_pin(page, "123456")
    expect(page.locator("#notice")).to_contain_text("too easy to guess")
    press(page, "Understood")
    page.locator("[aria-label='Take back the last one']").click(click_count=6)
    type_pin(page, PIN)
    type_pin(page, PIN)
    page.fill("#code", code)
    press(page, "Go on")
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => caches.keys())")
    page.context.set_offline(True)
    page.goto("/field/")
    type_pin(page, "481593")
    expect(page.locator("#notice")).to_contain_text("did not open the book")
    press(page, "Understood")
    page.goto("/field/")
    type_pin(page, PIN)
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    by_pictures(page, words)
    lock = {"authenticatorId": authenticator}
    session.send("WebAuthn.setUserVerified", lock | {"isUserVerified": False})
    page.goto("/field/")
    pictures(page, "0123401")
    expect(page.locator("#notice")).to_contain_text("lock did not answer")
    session.send("WebAuthn.removeVirtualAuthenticator", lock)
    page.goto("/field/")
    pictures(page, "0123401")
    press(page, "Open with the four words")
    page.fill("#secret", words)
    press(page, "Open")
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()


def test_a_phone_without_a_lock_of_its_own_asks_for_the_words_alone(site: Site, page: Page) -> None:
    """It takes up a further group at its table; both open with the same words."""
    from tests.browser.test_field import enrol

    name = f"{NAME} two"
    words = enrol(page, ask(site, "make", name)["code"], name)
    press(page, "Take up another group")
    press(page, "Back")
    further = f"{NAME} three"
    press(page, "Take up another group")
    page.fill("#code", ask(site, "make", further)["code"])
    press(page, "Go on")
    expect(page.get_by_role("heading", name=further)).to_be_visible()
    page.context.set_offline(True)
    open_again(page, words, name)
    expect(page.get_by_role("heading", name=further)).to_be_visible()
    press(page, "How the book opens")
    page.fill("#secret", words)
    press(page, "Go on")
    expect(page.locator("#notice")).to_contain_text("keeps no secret of its own")


def test_what_is_under_way_when_the_book_locks_shows_nothing_of_it(site: Site, page: Page) -> None:
    """Somebody sends, and lays the phone down: the answer comes when the book is locked already."""
    from tests.browser.test_field import enrol

    name = f"{NAME} four"
    words = enrol(page, ask(site, "make", name)["code"], name)
    held: list[Route] = []
    page.route("**/api/v1/sync/**", lambda route: held.append(route))
    open_again(page, words, name)
    press(page, "What the office has not received")
    press(page, "Send now")
    page.evaluate(SCREEN_OFF)
    expect(page.locator("h1")).to_have_text("Open the book")
    page.route("**/api/v1/sync/**", lambda route: route.abort())
    assert held
    for route in held:
        route.abort()
    expect(page.locator("#notice")).to_be_visible()
    expect(page.locator("h1")).to_have_text("Open the book")
    assert name not in page.content()
    page.fill("#secret", words)
    press(page, "Open")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
