"""The desk on a telephone 360 points wide, without a script: a registration and a visit with faults
are told beside what is wrong, nothing typed is lost, and mended they are recorded once.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import ask_program

NARROW = 360


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """A narrow page that runs no script."""
    context = browser.new_context(
        base_url=site.url, viewport={"width": NARROW, "height": 640}, java_script_enabled=False
    )
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def fits(page: Page) -> None:
    """Nothing scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


def go_on(page: Page) -> None:
    """Press the one button of the form."""
    page.locator("main form .btn-primary").last.click()


def told_beside(page: Page, name: str, text: str) -> None:
    """A fault stands beside its field, which points to it, and once more at the top."""
    field = page.locator(f"[name={name}]").first
    expect(field).to_have_attribute("aria-invalid", "true")
    where = (field.get_attribute("aria-describedby") or "").split()
    beside = " ".join(page.locator(f"#{one}").inner_text() for one in where)
    assert text in beside, beside
    summary = page.locator("[role=alert] a", has_text=text).first
    address = summary.get_attribute("href") or ""
    assert address.startswith("#"), "the list at the top leads to the field"
    assert page.locator(address).count() == 1


def test_a_registration_with_faults_is_mended_at_360_points_without_a_script(
    site: Site, page: Page, sign_in: Callable[[str], Page]
) -> None:
    made = ask_program(site, "office_case", "make")
    sign_in("CLERK")
    today = timezone.localdate()
    page.goto("/people/persons/new/")
    fits(page)
    page.select_option("select[name=programme]", label=made["programme"])
    page.fill("[name=first_name]", "Gohar")
    page.fill("[name=last_name]", "Avagyan")
    page.fill("[name=birth_date]", (today + timedelta(days=40)).isoformat())
    page.fill("[name=phone]", "call me")
    page.select_option("[name=paper_kind]", index=1)
    go_on(page)
    told_beside(page, "paper_number", "Give both the document and its number.")
    fits(page)
    expect(page.locator("[name=first_name]")).to_have_value("Gohar")
    expect(page.locator("[name=phone]")).to_have_value("call me")
    page.select_option("[name=paper_kind]", value="")
    go_on(page)
    told_beside(page, "birth_date", "after the day of registration")
    page.fill("[name=birth_date]", "1990-02-28")
    go_on(page)
    told_beside(page, "phone", "phone")
    assert ask_program(site, "office_case", "tell")["persons"] == []
    page.fill("[name=phone]", "+374 91 123456")
    go_on(page)
    page.wait_for_url("**/people/persons/*/")
    expect(page.locator("h1")).to_contain_text("Gohar Avagyan")
    fits(page)
    (only,) = ask_program(site, "office_case", "tell")["persons"]
    assert only[:3] == ["Gohar Avagyan", "1990-02-28", "+374 91 123456"]


def test_a_visit_with_a_fault_is_mended_at_360_points_without_a_script(
    site: Site, page: Page, sign_in: Callable[[str], Page]
) -> None:
    made = ask_program(site, "office_case", "make")
    sign_in("FIELD_OFFICER")
    today = timezone.localdate()
    page.goto(f"/plans/visits/{made['visit']}/make/")
    fits(page)
    page.fill("[name=visit_date]", (today + timedelta(days=2)).isoformat())
    page.fill("[name=situation]", "Sells well on Fridays")
    page.fill("[name=next_step]", "x" * 60)
    go_on(page)
    told_beside(page, "visit_date", "has not come yet")
    fits(page)
    expect(page.locator("[name=situation]")).to_have_value("Sells well on Fridays")
    assert ask_program(site, "office_case", "tell")["visit"][0] == "PLANNED"
    page.fill("[name=visit_date]", "")
    go_on(page)
    told_beside(page, "visit_date", "required")
    page.fill("[name=visit_date]", today.isoformat())
    go_on(page)
    page.wait_for_url(f"**/plans/visits/{made['visit']}/")
    fits(page)
    told = ask_program(site, "office_case", "tell")["visit"]
    assert told == ["DONE", today.isoformat(), "Sells well on Fridays", "x" * 60]
