"""Signing in: password, second factor without JavaScript, lockout, language, error pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from django.test import Client

from handup.org.models import StaffUser

pytestmark = pytest.mark.django_db
PASSWORD = "long enough pass"


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """No wrong tries left over from another test."""
    cache.clear()


@pytest.fixture
def browser() -> Client:
    """A browser nobody has used."""
    return Client(REMOTE_ADDR="10.1.1.1")


def sign_in(browser: Client, username: str, password: str = PASSWORD) -> Any:
    """Send the sign-in form."""
    return browser.post("/sign-in/", {"login": username, "password": password})


def test_a_stranger_is_led_to_sign_in_and_back(browser: Client, officer: StaffUser) -> None:
    answer = browser.get("/account/")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=/account/"
    answer = browser.post(
        "/sign-in/", {"login": "officer", "password": PASSWORD, "next": "/account/"}
    )
    assert answer["Location"] == "/account/"
    assert b"officer" in browser.get("/account/").content


def test_a_wrong_password_says_so_at_the_top_and_keeps_the_name(
    browser: Client, officer: StaffUser
) -> None:
    text = sign_in(browser, "officer", "wrong").content.decode()
    assert 'role="alert"' in text
    assert 'value="officer"' in text
    assert "_auth_user_id" not in browser.session


def test_five_wrong_tries_close_the_door_for_this_name_and_address(
    browser: Client, officer: StaffUser, auditor: StaffUser
) -> None:
    for _ in range(5):
        answer = sign_in(browser, "officer", "wrong")
    assert answer.status_code == 429
    assert "Too many wrong tries" in answer.content.decode()
    assert sign_in(browser, "officer").status_code == 429
    assert "_auth_user_id" not in browser.session
    assert sign_in(browser, "auditor").status_code == 302


def test_another_way_to_write_the_same_name_has_no_tries_of_its_own(
    browser: Client, officer: StaffUser
) -> None:
    for name in ("officer", "Officer", "OFFICER", " officer ", "oFFicer"):
        answer = sign_in(browser, name, "wrong")
    assert answer.status_code == 429
    assert sign_in(browser, "officer").status_code == 429
    assert "_auth_user_id" not in browser.session


def test_the_app_is_set_up_and_asked_for_without_javascript(
    browser: Client, officer: StaffUser
) -> None:
    sign_in(browser, "officer")
    door = "/account/second-factor/app/"
    assert browser.get(door)["Location"].startswith("/account/confirm/")
    confirmed = browser.post("/account/confirm/", {"password": PASSWORD, "next": door})
    assert confirmed["Location"] == door
    text = browser.get(door).content.decode()
    found = re.search(r'<code class="secret">([A-Z2-7]+)</code>', text)
    assert found
    picture = browser.get("/account/second-factor/app/qr.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    code = code_of(found[1])
    answer = browser.post("/account/second-factor/app/", {"code": code})
    assert answer.status_code == 302
    stored = Authenticator.objects.get(user=officer, type="totp")
    assert stored.data["secret"] != ""
    assert (
        "/account/second-factor/codes/" in browser.get("/account/second-factor/").content.decode()
    )
    codes = browser.get("/account/second-factor/codes/").content.decode()
    assert codes.count("<li><code>") == 10

    cache.clear()
    other = Client(REMOTE_ADDR="10.1.1.2")
    assert sign_in(other, "officer")["Location"] == "/sign-in/second-factor/"
    assert other.get("/account/").status_code == 302
    wrong = other.post("/sign-in/second-factor/", {"code": "000000"})
    assert 'role="alert"' in wrong.content.decode()
    cache.clear()
    right = other.post("/sign-in/second-factor/", {"code": code_of(found[1])})
    assert right.status_code == 302
    assert other.get("/account/").status_code == 200


def code_of(secret: str) -> str:
    """The code an app would show now."""
    counter = next(iter(auth.yield_hotp_counters_from_time()))
    return str(auth.format_hotp_value(auth.hotp_value(secret, counter)))


def test_nobody_draws_a_secret_that_is_not_being_set_up(
    browser: Client, officer: StaffUser
) -> None:
    sign_in(browser, "officer")
    assert browser.get("/account/second-factor/app/qr.svg").status_code == 404


def test_there_is_no_sign_up(browser: Client) -> None:
    assert browser.get("/sign-up/").status_code in (302, 404)
    assert browser.get("/accounts/signup/").status_code in (302, 404)
    assert StaffUser.objects.count() == 0


def test_the_language_is_switched_without_javascript_and_kept_on_the_account(
    browser: Client, officer: StaffUser
) -> None:
    answer = browser.post("/account/language/", {"language": "fr", "next": "/sign-in/"})
    assert answer["Location"] == "/sign-in/"
    assert '<html lang="fr"' in browser.get("/sign-in/").content.decode()
    sign_in(browser, "officer")
    browser.post("/account/language/", {"language": "hy", "next": "https://elsewhere.example/"})
    officer.refresh_from_db()
    assert officer.language == "hy"
    assert '<html lang="hy"' in browser.get("/account/").content.decode()
    assert browser.post("/account/language/", {"language": "xx"}).status_code == 404


def test_a_way_back_to_another_site_is_not_followed(browser: Client) -> None:
    answer = browser.post("/account/language/", {"language": "fr", "next": "//elsewhere.example/"})
    assert answer["Location"] == "/"


def test_error_pages_stand_in_the_frame_with_a_number_to_quote(
    browser: Client, officer: StaffUser
) -> None:
    sign_in(browser, "officer")
    answer = browser.get("/no/such/page/")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "There is no such page" in text
    assert answer["X-Request-Id"] in text
    forged = Client(enforce_csrf_checks=True).post("/account/language/", {"language": "fr"})
    assert forged.status_code == 403
    assert "open too long" in forged.content.decode()


def test_pages_hold_nothing_the_content_policy_forbids(browser: Client, officer: StaffUser) -> None:
    for address in ("/sign-in/", "/account/", "/account/second-factor/", "/account/password/"):
        text = browser.get(address, follow=True).content.decode()
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:|src=.data:", text)
        for tag in re.findall(r"<script[^>]*>", text):
            assert "src=" in tag or "application/json" in tag
        sign_in(browser, "officer")
