"""Signing in, as a person with a keyboard, a small screen or a screen reader meets it."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.source import ROOT

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"


def violations(page: Page) -> list[str]:
    """What axe finds wrong on the page."""
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations.map(v => v.id + ': ' + v.help)")
    return [str(item) for item in found]


def test_a_stranger_is_asked_to_sign_in(page: Page) -> None:
    page.goto("/account/password/")
    assert "/sign-in/" in page.url


def test_the_sign_in_page_is_accessible_and_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto("/sign-in/")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_wrong_password_is_told_beside_the_field_and_signs_nobody_in(page: Page) -> None:
    page.goto("/sign-in/")
    page.fill("input[name=login]", "manager")
    page.fill("input[name=password]", "not the password")
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    assert "/sign-in/" in page.url
    assert page.locator("[aria-invalid=true], [role=alert]").count() > 0


def test_a_manager_signs_in_with_password_and_six_digits(
    site: Site, sign_in: Callable[[str], Page]
) -> None:
    page = sign_in("MANAGER")
    assert "/sign-in/" not in page.url
    assert page.url.startswith(site.url)
