"""A market and a store in a real Chromium without a network: a price asked of three sellers, goods
weighed under a contract with their slip and a photograph, while the window is lost between answers;
the office then holds each of them once, and nothing in the picture tells where it was taken."""

import io

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import ask_program, press, question, tile
from tests.browser.test_field_interviews import photograph
from tests.browser.test_field_milk_pad import units
from tests.browser.test_field_work import _built, choose, enrol, killed, line

__all__ = ["_built"]


def with_place() -> bytes:
    """A large picture that says by which telephone it was taken."""
    image = Image.open(io.BytesIO(photograph()))
    told = image.getexif()
    told[271] = "Telephone of Nare"
    target = io.BytesIO()
    image.save(target, "JPEG", quality=95, exif=told)
    return target.getvalue()


def price(page: Page) -> None:
    """Three sellers are asked."""
    tile(page, "Prices")
    choose(page, "Which product", "Barley")
    choose(page, "Where is it sold", "In a shop or at a stall")
    for asked in ("310", "300", "330"):
        units(page, asked, verb="The next seller")
    press(page, "No other seller")
    question(page, "Read it back")
    press(page, "Write it down")
    expect(page.locator("button.tile", has_text="Barley")).to_contain_text("✓")
    press(page, "Back")


def weigh(page: Page) -> None:
    """Two sacks, a part of them refused."""
    choose(page, "Under which contract", "Barley · FIELD-7")
    choose(page, "Of which grade", "A")
    units(page, "60", verb="Weigh the next")
    units(page, "45", verb="Weigh the next")
    expect(page.locator("main")).to_contain_text("60 + 45 = 105")
    press(page, "Everything is weighed")
    units(page, "200", verb="Go on")
    expect(page.locator("#notice")).to_contain_text("More cannot be refused")
    press(page, "Understood")
    for _ in range(3):
        page.locator("button", has_text="⌫").click()
    units(page, "5", verb="Go on")
    question(page, "Why is it refused")
    page.fill("#text", "damp")
    press(page, "Go on")


def picture(page: Page) -> None:
    """Of the goods, with nobody in it; of people only when they agree."""
    press(page, "Pictures")
    tile(page, "People")
    tile(page, "Somebody does not agree")
    expect(page.locator("#notice")).to_contain_text("no picture is taken")
    expect(page.locator("input[type=file]")).to_have_count(0)
    choose(page, "What does the picture show", "The goods")
    choose(page, "Can somebody's face be seen", "No")
    expect(page.locator("main")).to_contain_text("nobody's face")
    file = page.locator("input[type=file]")
    file.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": with_place()})
    expect(page.locator("canvas")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    press(page, "Go on")


def test_a_price_a_delivery_and_its_picture_told_without_a_network_reach_the_office_once(
    site: Site, page: Page
) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    words = enrol(page, ask_program(site, "field_market", "make")["code"])
    context = page.context
    context.set_offline(True)
    price(page)
    tile(page, "Deliveries")
    weigh(page)
    page = killed(context, page, words, "Deliveries")
    choose(page, "Under which contract", "Barley · FIELD-7")
    line(page, "number stands on the paper slip", "AB 17")
    line(page, "Who hands over for Hill cooperative", "Vera")
    line(page, "Who takes over for Town mill", "Ani")
    question(page, "Read it to both")
    expect(page.locator("dt:has-text('Value') + dd")).to_have_text("240.00 XTS")
    expect(page.locator("dt:has-text('Kept back') + dd")).to_have_text("72.00 XTS")
    picture(page)
    expect(page.locator("dt:has-text('Pictures') + dd")).to_have_text("1")
    press(page, "Both say it is right")
    expect(page.locator("button.tile", has_text="FIELD-7")).to_contain_text("105")
    assert ask_program(site, "field_market", "tell")["facts"] == []
    press(page, "Back")
    context.set_offline(False)
    tile(page, "What became of it")
    press(page, "Send now")
    expect(page.locator("dt:has-text('Received by the office') + dd")).to_have_text("2")
    assert ask_program(site, "field_market", "tell") == {
        "prices": [["RETAIL", [310, 300, 330]]],
        "deliveries": [[105, 5, "AB 17", "Vera", "Ani", 24_000, 7_200]],
        "pictures": [["JPEG", 1600, 0, True]],
        "facts": [["deliver_on_contract", "DONE"], ["record_price", "DONE"]],
    }
    press(page, "Back")
    tile(page, "Deliveries")
    expect(page.locator("button.tile", has_text="FIELD-7")).to_contain_text("105")
