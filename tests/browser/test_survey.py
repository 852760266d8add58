"""A questionnaire in a real Chromium: what applies and what is wrong shows at once, what is written
outlives the window and a lost network, and "received" is said only of what the server holds."""

import json
from collections.abc import Callable

from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import ask_program
from tests.source import ROOT

NAMED = ROOT / "src/handup/static/dist/named.json"


def field(place: str) -> str:
    """The selector of what is typed or ticked at a place."""
    return f"[name='/household/{place}']"


def ask_the_business(page: Page) -> None:
    """The first two steps; what is wrong is said at once, and nothing goes on with it."""
    page.wait_for_selector("[data-questions] [data-place]")
    page.check(f"{field('trades')}[value=yes]")
    go_on = page.get_by_role("button", name="Continue")
    go_on.click()
    expect(page.locator("[data-group]")).to_have_text("The business")
    page.fill(field("business/sales"), "-5")
    page.press(field("business/sales"), "Tab")
    expect(page.get_by_text("Not below nothing")).to_be_visible()
    go_on.click()
    expect(page.get_by_text("This question must be answered.")).to_be_visible()
    page.fill(field("business/sales"), "500")
    page.fill(field("business/costs"), "120")
    expect(page.get_by_text("Not below nothing")).to_be_hidden()
    go_on.click()


def test_answers_on_a_page_outlive_the_window_and_the_network(
    site: Site, page: Page, sign_in: Callable[[str], Page]
) -> None:
    assert "survey.js" in json.loads(NAMED.read_text())
    case = ask_program(site, "survey_case", "make")["case"]
    refused: list[str] = []

    def note(line: ConsoleMessage) -> None:
        if "Content Security" in line.text:
            refused.append(line.text)

    page.on("console", note)
    sign_in("FIELD_OFFICER")
    url = f"/surveys/cases/{case}/fill"
    page.goto(url)
    ask_the_business(page)
    go_on = page.get_by_role("button", name="Continue")
    page.fill(field("size"), "3")
    expect(page.get_by_text("Alpha")).to_be_hidden()
    page.check(f"{field('region')}[value=north]")
    page.check(f"{field('town')}[value=alpha]")
    expect(page.get_by_text("Kept on this device until it is sent.")).to_be_visible()
    kept = page.evaluate("Object.values(localStorage).join('')")
    assert kept
    assert "alpha" not in kept
    page.goto("about:blank")
    page.goto(url)  # the window was closed
    page.get_by_role("button", name="Go on with them").click()
    expect(page.locator(field("size"))).to_have_value("3")
    expect(page.locator(f"{field('town')}[value=alpha]")).to_be_checked()
    go_on.click()
    page.fill(field("worker[1]/age"), "30")
    page.fill(field("worker[2]/age"), "12")
    go_on.click()
    page.fill(field("seen"), "2026-03-01")
    page.context.set_offline(True)
    go_on.click()
    expect(page.get_by_text("There is no network.")).to_be_visible()
    page.context.set_offline(False)
    go_on.click()
    expect(page.get_by_text("Read it back before it is done")).to_be_visible()
    assert ask_program(site, "survey_case", "held", case)["sets"] == []
    page.context.set_offline(True)
    page.get_by_role("button", name="Send the answers").click()
    expect(page.get_by_text("There is no network.")).to_be_visible()
    assert page.evaluate("localStorage.length") == 1
    page.context.set_offline(False)
    page.get_by_role("button", name="Send the answers").click()
    page.wait_for_url(f"**/surveys/cases/{case}/")
    assert page.evaluate("localStorage.length") == 0
    (only,) = ask_program(site, "survey_case", "held", case)["sets"]
    assert (only["state"], only["channel"], only["faults"]) == ("RECEIVED", "WEB", [])
    assert only["answers"]["profit-0"] == "380"
    assert [only["answers"][f"age-{row}"] for row in range(2)] == ["30", "12"]
    assert not refused
