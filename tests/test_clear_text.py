"""What a house that is served over TLS says to whoever speaks in clear: a person is led on, a
program is refused, and nothing of what it sent is looked at (ASVS V4.1.2).
"""

import pytest
from django.test import Client
from pytest_django import Settings

from handup.org import services
from handup.org.clear_text import is_for_programs
from handup.org.models import ApiToken
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role
from tests import walking

OPENED_BY_PEOPLE = {
    "api/": "the page that explains the interface",
}
"""Addresses of the interface that are pages."""


@pytest.fixture
def served(db: None, settings: Settings) -> Client:
    """A browser or a program before a house served over TLS."""
    settings.SECURE = settings.SECURE_SSL_REDIRECT = True
    return Client()


@pytest.fixture
def bearer(db: None) -> dict[str, str]:
    """The header of a token that may do everything its holder may."""
    administrator = with_role("administrator", Role.ADMINISTRATOR)
    accountant = with_role("accountant", Role.ACCOUNTANT)
    _, plain = services.give_token(
        acting_staff=administrator, staff=accountant, label="sheet", scopes=("*",), days=1
    )
    return {"Authorization": f"Bearer {plain}"}


@pytest.mark.parametrize("address", ["/", "/sign-in/", "/people/persons/?sort=sort_key", "/api/"])
def test_who_opens_a_page_in_clear_is_led_to_tls(served: Client, address: str) -> None:
    answer = served.get(address)
    assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{address}")


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/org/me",
        "/api/v1/people/persons",
        "/api/v1/no/such/address",
        "/api/openapi.json",
        "/collect/med/formList",
        "/collect/med/submission",
        "/training/calendar/secret.ics",
        "/lending/line/",
    ],
)
def test_a_program_is_refused_in_clear_and_never_led_on(served: Client, address: str) -> None:
    for answer in (served.get(address), served.post(address, {"a": "b"})):
        assert answer.status_code == 403
        assert "Location" not in answer.headers
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "CLEAR_TEXT"
        assert "no-store" in answer.headers["Cache-Control"]


def test_a_key_sent_in_clear_does_nothing_and_over_tls_it_does(
    served: Client, bearer: dict[str, str]
) -> None:
    assert served.get("/api/v1/org/me", headers=bearer).json()["code"] == "CLEAR_TEXT"
    assert ApiToken.objects.get().last_used_at is None
    answer = served.get("/api/v1/org/me", headers=bearer, secure=True)
    assert (answer.status_code, answer.json()["username"]) == (200, "accountant")


def test_without_tls_in_front_everything_answers_as_it_is(
    client: Client, bearer: dict[str, str]
) -> None:
    assert client.get("/api/v1/org/me", headers=bearer).status_code == 200


def test_every_address_for_programs_is_known_and_no_page_is_among_them() -> None:
    routes = walking.routes()
    for route in routes:
        address = f"/{route.text}"
        taken_without_a_form = getattr(route.callback, "csrf_exempt", False)
        if route.is_api or taken_without_a_form:
            assert is_for_programs(address) is (route.text not in OPENED_BY_PEOPLE), address
        if getattr(route.callback, "view_class", None) is not None:
            assert not is_for_programs(address), address
    assert sum(is_for_programs(f"/{route.text}") for route in routes) > 300
