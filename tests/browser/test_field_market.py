"""A price asked at a market and goods handed over under a contract, on a field officer's own phone
in a real Chromium without a network: the window is lost between the weighings and the slip, a
picture of the goods is taken, and the office holds each of them once."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import ask_program, press, question, tile
from tests.browser.test_field_interviews import photograph
from tests.browser.test_field_plans import pay
from tests.browser.test_field_work import _built, choose, enrol, killed, line

__all__ = ["_built"]
DELIVERIES = "Deliveries"


def maize(page: Page) -> None:
    """Two sellers ask 3.00 and 3.20 for a kilogram."""
    tile(page, "Prices")
    choose(page, "Which product", "Maize")
    choose(page, "Where is it sold", "In a shop or at a stall")
    for asked in ("300", "320"):
        question(page, "What does a seller ask")
        for digit in asked:
            page.locator(f".pad [data-key='{digit}']").click()
        press(page, "The next seller")
    expect(page.locator("main")).to_contain_text("3.00 XTS · 3.20 XTS")
    press(page, "No other seller")
    question(page, "Read it back")
    expect(page.locator("main")).to_contain_text("Three sellers tell more than one.")
    press(page, "Write it down")
    question(page, "Which product")
    expect(page.locator("button.tile", has_text="Maize")).to_contain_text("✓")
    press(page, "Back")


def weigh(page: Page, shown: str) -> None:
    """The scale shows so many kilograms."""
    question(page, "What does the scale show")
    for digit in shown:
        page.locator(f".pad [data-key='{digit}']").click()
    press(page, "Weigh the next")


def milk(context: BrowserContext, page: Page, words: str) -> Page:
    """Two cans of grade A, 20 kg refused, the window lost before the slip is written."""
    tile(page, DELIVERIES)
    tile(page, "Milk · C-1")
    choose(page, "Of which grade", "A")
    weigh(page, "300")
    weigh(page, "200")
    expect(page.locator("main")).to_contain_text("300 + 200 = 500")
    press(page, "Everything is weighed")
    pay(page, "How much of it is refused", "20")
    question(page, "Why is it refused")
    page.fill("#text", "sour")
    press(page, "Go on")
    question(page, "Which number stands on the paper slip")
    page = killed(context, page, words, DELIVERIES)
    tile(page, "Milk · C-1")
    line(page, "Which number stands on the paper slip", "17")
    line(page, "Who hands over for Hill cooperative", "Vera")
    line(page, "Who takes over for Town dairy", "Ani")
    return page


def take_picture(page: Page) -> None:
    """The goods, with nobody's face in the picture; it stays when the window is read again."""
    press(page, "Pictures")
    choose(page, "What does the picture show", "The goods")
    choose(page, "Can somebody's face be seen", "No")
    page.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    )
    expect(page.locator(".picture canvas, .picture img")).to_have_count(1)
    press(page, "Go on")


def test_a_price_and_a_delivery_with_its_picture_told_without_a_network_reach_the_office_once(
    site: Site, other: Page, sign_in: Callable[[str], Page]
) -> None:
    """480 kg at 6.00 are 2 880.00, of which 864.00 go towards the advance."""
    page, context = other, other.context
    page.set_viewport_size({"width": 360, "height": 640})
    made = ask_program(site, "field_market", "make")
    words = enrol(page, made["code"])
    context.set_offline(True)
    maize(page)
    page = milk(context, page, words)
    take_picture(page)
    question(page, "Read it to both")
    for said in ("480 kg", "2,880.00 XTS", "864.00 XTS", "2,016.00 XTS"):
        expect(page.locator("main")).to_contain_text(said)
    press(page, "Both say it is right")
    expect(page.locator("#notice")).to_contain_text("Written down")
    press(page, "Understood")
    expect(page.locator("button.tile", has_text="Milk")).to_contain_text("500")
    assert ask_program(site, "field_market", "tell")["facts"] == []
    context.set_offline(False)
    page = killed(context, page, words, "What became of it")
    for _time in range(2):
        press(page, "Send now")
        expect(page.locator("dt:has-text('Received by the office') + dd")).to_have_text("2")
    assert ask_program(site, "field_market", "tell") == {
        "facts": [["deliver_on_contract", "DONE"], ["record_price", "DONE"]],
        "prices": [["Maize", "RETAIL", [300, 320], "GOOD"]],
        "deliveries": [["17", 500, 20, "sour", 288_000]],
        "files": ["image/jpeg"],
        "sent": [["GOODS", True]],
    }
    office = sign_in("MANAGER")
    office.goto(f"/markets/contracts/{made['contract']}/")
    expect(office.locator("main")).to_contain_text("2,880.00")
    photographed = office.locator("main a[href^='/files/']")
    expect(photographed).to_have_count(1)
    answer = office.request.get(f"{site.url}{photographed.get_attribute('href')}")
    assert (answer.status, answer.body()[:3]) == (200, b"\xff\xd8\xff")
    office.goto("/markets/prices/")
    expect(office.locator("main")).to_contain_text("Maize")
