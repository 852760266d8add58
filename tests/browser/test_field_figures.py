"""The last figures in a real Chromium: they came to the phone while there was a network, and are
read without one, with the day they tell of and how old they are."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import ask_program, press, tile
from tests.browser.test_field_work import BUILT, enrol, killed
from tools import environment


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    """The app is built before the server that keeps it in memory starts."""
    environment.build_field()
    assert BUILT.exists()


def away(page: Page) -> None:
    """The programme where there are several."""
    asked = page.locator(".question")
    expect(asked.or_(page.locator("[data-figure]")).first).to_be_visible()
    if asked.count():
        tile(page, "Read away")


@pytest.mark.browser
def test_the_last_figures_are_read_without_a_network_and_say_how_old_they_are(
    site: Site, page: Page
) -> None:
    context = page.context
    page.set_viewport_size({"width": 360, "height": 640})
    door = "**/api/v1/sync/work/figures"
    with page.expect_response(door) as answer:
        words = enrol(page, ask_program(site, "field_figures", "make")["code"])
    assert answer.value.status == 200
    page.locator("body[data-ahead=all]").wait_for()
    context.set_offline(True)
    page = killed(context, page, words, "Figures")
    away(page)
    main = page.locator("main")
    expect(page.get_by_role("heading", name="Read away")).to_be_visible()
    expect(main).to_contain_text("Figures up to Tue, March 3, 2026")
    expect(main).to_contain_text("Worked out on")
    expect(main).to_contain_text("The office may know more by now.")
    reached = page.locator("[data-figure=MED-OUT-01]")
    expect(reached).to_contain_text("Persons reached")
    expect(reached.locator(".figure")).to_have_text("0 persons")
    expect(page.locator("[data-figure=MED-FIN-05a]")).to_contain_text("0 of 0")
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    press(page, "Fetch newer figures")
    expect(page.locator("#notice")).to_be_visible()
    expect(reached.locator(".figure")).to_have_text("0 persons")
