"""Every address against everyone: nobody signed in, nobody's grant, another office, everywhere.

A record outside one's scope answers exactly as one that does not exist, and nothing ends in a
fault.
"""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Model
from django.test import Client
from pytest_django import Settings

from tests import ground, walking
from tests.ground import World
from tests.walking import Route

world, _django_db_helper = ground.world, ground.helper
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

# Addresses anyone may open without signing in, each with its reason.
PUBLIC = {
    "account_login": "to sign in",
    "account_inactive": "says that an account is closed",
    "mfa_authenticate": "second step of signing in; leads back when there was no first",
    "mfa_login_webauthn": "signing in with a passkey",
    "account_logout": "leads to the sign-in page",
    "training:certificate_verify": "whoever holds a certificate may check it",
    "training:signing_keys": "public keys of certificates",
    "training:calendar_feed": "a secret address a calendar program reads; codes and days only",
    "people:grievance_state": "where a complaint stands, for whoever holds its code",
    "lending:passport_verify": "whoever is shown a credit passport may check it",
    "lending:passport_check": "reads a scanned passport and keeps nothing",
    "field:app": "the offline app's page; what it shows lies on the phone",
    "field:manifest": "the offline app's name and icon",
    "field:worker": "the offline app's program",
    "field:certificate": "what phones in the Wi-Fi of an office trust",
}
SWITCH = {"account_logout"}  # a GET of it would end the walk's own session


def routes() -> list[Route]:
    """Every address."""
    return [route for route in walking.routes() if route.name not in SWITCH]


def named(world: World) -> list[tuple[Route, Model]]:
    """Every address that names a record, with the records it most likely names."""
    return [
        (route, record)
        for route in routes()
        if route.names_records
        for record in route.likely(world.samples.get(route.domain, []))[:2]
    ]


@pytest.fixture(autouse=True)
def _files_of_the_records(world: World, settings: Settings) -> None:
    """The files of the records lie where they were stored, for whoever could reach them."""
    settings.MEDIA_ROOT = world.files


def bare(answer: Any) -> bytes:
    """What an answer says, without what differs from request to request."""
    content: bytes = answer.content
    for pattern in (
        rb'name="csrfmiddlewaretoken" value="[^"]+"',
        rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        rb'"request_id": "[^"]*"',
        rb"\b[0-9a-f]{12}\b",
    ):
        content = re.sub(pattern, b"", content)
    return content


def test_without_signing_in_only_public_addresses_answer(world: World) -> None:
    client, open_ones = Client(raise_request_exception=False), []
    for route in routes():
        records: list[Model | None] = [*world.samples.get(route.domain, ())][:1] or [None]
        if route.names_records and records == [None]:
            continue
        answer = client.get(route.address(records[0]))
        assert answer.status_code < 500, (route.text, answer.status_code)
        if answer.status_code == 200 and route.name not in PUBLIC:
            open_ones.append(route.text)
    assert open_ones == []


def test_who_has_no_grant_reaches_no_record(world: World) -> None:
    client, reached = world.client(world.nobody), []
    for route, record in named(world):
        answer = client.get(route.address(record))
        assert answer.status_code < 500, (route.text, answer.status_code)
        if answer.status_code == 200 and not walking.is_open(record):
            reached.append((route.text, record._meta.label))
    assert reached == []


def test_another_offices_staff_cannot_tell_a_record_from_none(world: World) -> None:
    client, told = world.client(world.elsewhere), []
    nothing: dict[str, Any] = {}
    for route, record in named(world):
        if not walking.is_scoped(record) or walking.sees(world.elsewhere, record):
            continue
        answer = client.get(route.address(record))
        if route.text not in nothing:
            absent = type(record)(pk=uuid4())
            nothing[route.text] = client.get(route.address(absent))
        there = nothing[route.text]
        if answer.status_code != there.status_code or bare(answer) != bare(there):
            told.append((route.text, record._meta.label, answer.status_code, there.status_code))
    assert told == []
