"""Signing in at the door itself: password, second factor, lock-out, session rules, sign-out."""

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from handup.org import demonstration, factors, installation, services, sessions
from handup.org.models import ApiToken, ReadEntry, StaffSession, StaffUser
from handup.org.permissions import OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role

PASSWORD = "long enough pass"
SIGN_IN, PAGE, SETUP = "/sign-in/", "/account/", "/account/second-factor/"


@pytest.fixture(autouse=True)
def _strict(settings: Settings) -> None:
    """The second factor as in real work, and no failures left from the test before."""
    settings.SECOND_FACTOR_REQUIRED = True
    cache.clear()


@pytest.fixture
def secret(officer: StaffUser) -> str:
    """The officer's authenticator app."""
    return add_factor(officer)


def add_factor(staff: StaffUser) -> str:
    made = demonstration.new_totp_secret()
    Authenticator.objects.create(
        user=staff, type=Authenticator.Type.TOTP, data={"secret": encrypt(made)}
    )
    return made


def type_password(client: Client, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(SIGN_IN, {"login": "officer", "password": password}, **more)


def type_code(client: Client, secret: str) -> Any:
    code = demonstration.totp_code(secret, time.time())
    return client.post("/sign-in/second-factor/", {"code": code})


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def test_password_and_code_open_the_house(client: Client, secret: str) -> None:
    answer = type_password(client)
    assert answer.headers["Location"].startswith("/sign-in/second-factor/")
    assert not is_in(client)
    type_code(client, secret)
    assert is_in(client)


def test_a_password_alone_or_a_wrong_code_does_not(client: Client, secret: str) -> None:
    type_password(client)
    client.post("/sign-in/second-factor/", {"code": "000000"})
    assert not is_in(client)


def test_a_code_works_only_once(client: Client, secret: str) -> None:
    type_password(client)
    type_code(client, secret)
    again = Client()
    type_password(again)
    type_code(again, secret)
    assert not is_in(again)


def test_the_log_says_which_factor_was_shown_added_and_taken_away_and_no_value(
    client: Client, officer: StaffUser, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="handup.factors")
    type_password(client)
    assert caplog.messages == []
    type_code(client, secret)
    assert caplog.messages == [f"second factor totp shown by {officer.pk}"]
    request = RequestFactory().get(PAGE)
    request.session = client.session
    factors.changed(request=request, user=officer)
    factors.removed(request=request, user=officer)
    assert caplog.messages[1:] == [
        f"second factor added by {officer.pk}",
        f"second factor taken away from {officer.pk}",
    ]
    assert secret not in caplog.text
    assert officer.username not in caplog.text


def test_a_role_that_needs_a_factor_is_led_to_set_one_up(
    client: Client, officer: StaffUser
) -> None:
    type_password(client)
    answer = client.get(PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (302, SETUP)
    assert client.get("/api/v1/org/me").status_code in {401, 403}


def test_a_role_that_needs_none_works_without(client: Client, db: None) -> None:
    with_role("reader", Role.ME_READER)
    client.post(SIGN_IN, {"login": "reader", "password": PASSWORD})
    assert is_in(client)


def test_the_secret_of_a_factor_is_sealed_in_the_database(secret: str) -> None:
    stored = Authenticator.objects.get().data["secret"]
    assert secret not in stored
    assert stored.startswith("f")


def test_five_failures_lock_the_user_at_this_address_for_a_quarter_of_an_hour(
    client: Client, secret: str
) -> None:
    answers = [type_password(client, "wrong").status_code for _ in range(6)]
    assert answers[-1] == 429
    assert type_password(client).status_code == 429
    assert not is_in(client)


def test_lock_out_is_for_this_user_and_this_address_only(client: Client, secret: str) -> None:
    for _ in range(6):
        type_password(client, "wrong")
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    type_password(elsewhere)
    type_code(elsewhere, secret)
    assert is_in(elsewhere)


def test_a_disabled_account_is_shut_at_once(
    client: Client, secret: str, officer: StaffUser, administrator: StaffUser
) -> None:
    type_password(client)
    type_code(client, secret)
    services.give_token(acting_staff=administrator, staff=officer, label="x", scopes=["*"], days=1)
    services.disable_staff(acting_staff=administrator, staff=officer)
    assert not is_in(client)
    assert not StaffSession.objects.exists()
    assert ApiToken.objects.get().revoked_at is not None
    type_password(client)
    assert not is_in(client)


def test_nobody_signs_up(client: Client, db: None) -> None:
    for path in ("/signup/", "/accounts/signup/", "/sign-up/"):
        assert client.get(path).status_code in {302, 404}
    assert not StaffUser.objects.exists()


def test_the_session_gets_a_new_id_at_sign_in_and_a_place_on_the_list(
    client: Client, secret: str, officer: StaffUser
) -> None:
    client.get(SIGN_IN)
    type_password(client, headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0"})
    before = client.session.session_key
    type_code(client, secret)
    assert client.session.session_key != before
    row = StaffSession.objects.get()
    assert (row.staff, row.key, row.browser) == (officer, client.session.session_key, "? / ?")


def test_the_fourth_session_ends_the_oldest(officer: StaffUser, settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    browsers = [Client() for _ in range(4)]
    for browser in browsers:
        type_password(browser)
    assert [is_in(browser) for browser in browsers] == [False, True, True, True]
    assert StaffSession.objects.count() == 3


@pytest.mark.parametrize(
    ("idle", "open_for", "sensitive", "over"),
    [
        (29 * 60, 3600, False, False),
        (31 * 60, 3600, False, True),
        (14 * 60, 3600, True, False),
        (16 * 60, 3600, True, True),
        (60, 12 * 3600 - 60, False, False),
        (60, 12 * 3600 + 60, False, True),
    ],
)
def test_a_session_ends_when_idle_or_open_too_long(
    officer: StaffUser,
    settings: Settings,
    idle: int,
    open_for: int,
    sensitive: bool,
    over: bool,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    type_password(client)
    session = client.session
    session[sessions.SEEN], session[sessions.BEGAN] = time.time() - idle, time.time() - open_for
    session[sessions.SENSITIVE] = sensitive
    session.save()
    assert is_in(client) is not over
    assert StaffSession.objects.exists() is not over


def test_use_is_noted_at_most_once_a_minute(
    officer: StaffUser, settings: Settings, django_assert_max_num_queries: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    type_password(client)
    before = client.session[sessions.SEEN]
    client.get(PAGE)
    assert client.session[sessions.SEEN] == before
    session = client.session
    session[sessions.SEEN] = before - 61
    session.save()
    client.get(PAGE)
    assert client.session[sessions.SEEN] >= before


def test_she_ends_a_session_of_her_own_and_not_anothers(
    officer: StaffUser, administrator: StaffUser, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    type_password(client)
    row = StaffSession.objects.get()
    with pytest.raises(OutOfSight):
        services.end_session(acting_staff=administrator, session=row)
    assert is_in(client)
    services.end_session(acting_staff=officer, session=row)
    assert not is_in(client)
    assert not Session.objects.filter(session_key=row.key).exists()


def test_a_new_password_ends_her_sessions(
    officer: StaffUser, administrator: StaffUser, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    type_password(client)
    password = services.issue_password(acting_staff=administrator, staff=officer)
    assert not is_in(client)
    type_password(client, password)
    assert is_in(client)


def test_adding_or_removing_a_factor_ends_the_other_sessions(
    client: Client, officer: StaffUser, secret: str
) -> None:
    other = Client()
    type_password(other)
    other.get("/")
    type_password(client)
    type_code(client, secret)
    StaffSession.objects.create(staff=officer, key="elsewhere", last_seen_at=timezone.now())
    from handup.org import factors

    request = type("Request", (), {"session": client.session})()
    factors.removed(request=request, user=officer)
    assert [row.key for row in StaffSession.objects.all()] == [client.session.session_key]


def test_a_factor_is_fresh_for_five_minutes(client: Client, secret: str) -> None:
    type_password(client)
    type_code(client, secret)
    request = type("Request", (), {"session": client.session})()
    assert sessions.is_fresh(request)
    request.session[sessions.FACTOR] = time.time() - 301
    assert not sessions.is_fresh(request)
    assert sessions.has_second_factor(request)


def test_signing_out_empties_the_cache_and_never_the_storage(client: Client, secret: str) -> None:
    type_password(client)
    type_code(client, secret)
    answer = client.post("/sign-out/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert not is_in(client)
    assert not StaffSession.objects.exists()


def test_every_answer_carries_the_headers(client: Client, db: None) -> None:
    answer = client.get(SIGN_IN)
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
    assert answer.headers["X-Request-Id"]


def test_the_content_policy_is_exactly_the_one_decided(client: Client, db: None) -> None:
    policy = client.get(SIGN_IN).headers["Content-Security-Policy"]
    found = {
        part.strip().split(" ", 1)[0]: part.strip().split(" ", 1)[1] for part in policy.split(";")
    }
    own = dict.fromkeys(
        ("script-src", "style-src", "font-src", "connect-src", "manifest-src", "worker-src"),
        "'self'",
    )
    assert found == {
        "default-src": "'none'",
        **own,
        "img-src": "'self' blob:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
    }


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(
    officer: StaffUser, settings: Settings
) -> None:
    client = Client()
    type_password(client)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"


@pytest.mark.parametrize(
    "password",
    [
        "short1!",
        "password1234",
        "officer-officer",
        "handup1",
        "Kigali Office 7",
        "x" * 129,
        "1q2w3e4r5t6y",
    ],
)
def test_weak_passwords_are_refused(officer: StaffUser, password: str) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from handup.org.models import Office

    Office.objects.create(code="KGL", name="Kigali Office")
    with pytest.raises(ValidationError):
        validate_password(password, officer)


@pytest.mark.parametrize(
    "password",
    ["qwertyuiop!!12", "dragonmonkey77", "123456789012", "--Sunshine--2024", "aaaaaaaaaaaaaa"],
)
def test_leaked_passwords_dressed_up_are_refused(officer: StaffUser, password: str) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError, match="leaks"):
        validate_password(password, officer)


@pytest.mark.parametrize("password", ["correct horse battery", "x7" * 64, "пароль для работы"])
def test_long_passwords_of_any_signs_are_accepted(officer: StaffUser, password: str) -> None:
    from django.contrib.auth.password_validation import validate_password

    validate_password(password, officer)


def test_a_demonstration_is_entered_from_this_machine_only(
    officer: StaffUser, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    installation.put(installation.DEMONSTRATION, True)
    for client in (
        Client(REMOTE_ADDR="192.168.1.5"),
        Client(HTTP_X_FORWARDED_FOR="10.1.1.1"),
        Client(REMOTE_ADDR="192.168.1.5", HTTP_X_FORWARDED_FOR="127.0.0.1"),
        Client(HTTP_X_FORWARDED_FOR="127.0.0.1, 10.1.1.1"),
        Client(HTTP_X_REAL_IP="10.1.1.1"),
        Client(HTTP_FORWARDED="for=10.1.1.1"),
    ):
        assert client.get("/sign-in/").context["frame"].demonstration is None
        answer = type_password(client)
        assert "only at the computer" in answer.content.decode()
        assert not is_in(client)
    here = Client(REMOTE_ADDR="127.0.0.1")
    type_password(here)
    assert is_in(here)


def test_a_page_that_shows_nobody_writes_no_read_entry(
    officer: StaffUser, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    type_password(client)
    client.get(PAGE)
    assert not ReadEntry.objects.exists()
    assert timedelta(minutes=15) == sessions.IDLE_SENSITIVE


@pytest.mark.parametrize("address", [f"{PAGE}?q=a%00b", f"{PAGE}?%00=1", "/sign-in/?next=%00"])
def test_an_address_with_the_sign_nul_is_refused(officer: StaffUser, address: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(officer)
    assert client.get(address).status_code == 400


def test_a_form_with_the_sign_nul_is_refused(officer: StaffUser) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(officer)
    answer = client.post("/account/language/", {"language": "en", "next": "\x00"})
    assert answer.status_code == 400
