"""Refusals and faults as pages: a sentence, a status, a number to quote, nothing of the inside."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from handup.kernel.errors import Refusal
from handup.org.limits import TooOften
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight

product = import_module(settings.ROOT_URLCONF)  # a test of `org` knows no domain above it
handler404, handler500 = product.handler404, product.handler500


class Closed(Refusal):
    """{month} is closed; post into the next one."""


def raising(fault: Exception) -> Any:
    """A page that fails with this."""

    @login_not_required
    def view(request: HttpRequest) -> HttpResponse:
        raise fault

    return view


urlpatterns = [
    path("closed/", raising(Closed(month="May <2026>"))),
    path("forbidden/", raising(NotAllowed())),
    path("hidden/", raising(OutOfSight())),
    path("often/", raising(TooOften())),
    path("broken/", raising(RuntimeError("secret of the inside"))),
    *product.urlpatterns,
]


@pytest.fixture
def browser() -> Any:
    """A browser on the addresses of this file, which shows faults as pages."""
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/closed/", 409, "May &lt;2026&gt; is closed; post into the next one."),
        ("/forbidden/", 403, "Your role does not include this."),
        ("/hidden/", 404, "There is no such page"),
        ("/often/", 429, "Wait a while and try again."),
        ("/broken/", 500, "Something went wrong"),
    ],
)
def test_what_goes_wrong_is_said_in_plain_words(
    browser: Client, address: str, status: int, says: str
) -> None:
    answer = browser.get(address)
    text = answer.content.decode()
    assert answer.status_code == status
    assert says in text
    assert answer["X-Request-Id"] in text
    assert "secret of the inside" not in text
    assert "Traceback" not in text


@pytest.mark.django_db
def test_a_script_that_asks_for_json_gets_json(browser: Client) -> None:
    answer = browser.get("/closed/", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json() == {
        "code": "CLOSED",
        "detail": "May <2026> is closed; post into the next one.",
    }


def test_the_page_of_a_fault_needs_no_database(browser: Client) -> None:
    from handup.org.web.faults import fault

    answer = fault(HttpRequest())
    assert answer.status_code == 500
    assert b"Something went wrong" in answer.content


def test_trace_is_refused_and_gives_nothing_back(officer: StaffUser) -> None:
    browser = Client()
    browser.force_login(officer)
    for address in ("/account/", "/api/v1/org/incidents"):
        answer = browser.generic("TRACE", address, HTTP_X_SECRET="told-by-a-header")
        assert answer.status_code in {403, 405}, address
        assert b"told-by-a-header" not in answer.content


def test_the_last_of_a_repeated_parameter_counts(administrator: StaffUser) -> None:
    browser = Client()
    browser.force_login(administrator)
    address = "/settings/staff/"
    none = browser.post(address, {"q": "nobody-of-this-name"}).headers["Location"]
    both = browser.post(address, {"q": [administrator.username, "nobody-of-this-name"]})
    assert both.headers["Location"] == none
    key = none.partition("=")[2]
    all_of_it = browser.get(f"{address}?export=csv").getvalue()
    assert administrator.username.encode() in all_of_it
    twice = browser.get(f"{address}?export=csv&s=0123456789ab&s={key}")
    assert administrator.username.encode() not in twice.getvalue()
