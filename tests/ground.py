"""Sample records of every domain, stored once for a module of tests, and who looks at them.

A module takes both fixtures (`world = ground.world`, `_django_db_helper = ground.helper`); all its
tests share one transaction, undone at the end, and what a test stores is undone after it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model
from django.test import Client, override_settings

from handup.org.models import Office, StaffUser
from tests import walking
from tests.walking import Route

# Signing in and out: whose session it is would change under the walk.
SESSIONS = {"account_logout", "account_login", "account_signup", "mfa_authenticate"}
TRIED = 3  # records of which an address likely names one


class Undone:
    """Whatever is stored inside is taken back."""

    def __enter__(self) -> None:
        self.step = transaction.atomic()
        self.step.__enter__()

    def __exit__(self, *told: object) -> None:
        transaction.set_rollback(True)
        self.step.__exit__(None, None, None)


@dataclass
class World:
    """Records of every domain, and who sends."""

    samples: dict[str, list[Model]]
    everyone: StaffUser
    elsewhere: StaffUser
    nobody: StaffUser
    files: Path
    """Where the files of the records lie."""

    def client(self, staff: StaffUser) -> Client:
        """A browser in which she is signed in; a fault answers as it does in the field."""
        client = Client(raise_request_exception=False)
        client.force_login(staff)
        return client


@contextmanager
def standing(folder: Path) -> Iterator[World]:
    """One set of sample records in one transaction, taken back at its end."""
    settings = override_settings(
        DATA_DIR=folder,
        HEADS_DIR=folder / "heads",
        MEDIA_ROOT=folder / "files",
        RATELIMIT_ENABLE=False,
        SECOND_FACTOR_REQUIRED=False,
    )
    with settings, Undone():
        here = Office.objects.create(code="here", name="Here")
        there = Office.objects.create(code="there", name="There")
        everyone = walking.staff_everywhere("everyone")
        yield World(
            samples=walking.samples(everyone, here),
            everyone=everyone,
            elsewhere=walking.staff_everywhere("elsewhere", there),
            nobody=StaffUser.objects.create_user("nobody", display_name="Nobody"),
            files=folder / "files",
        )


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The records of a whole walk."""
    with django_db_blocker.unblock(), standing(tmp_path_factory.mktemp("ground")) as found:
        yield found


@pytest.fixture
def helper(world: World, django_db_blocker: Any) -> Iterator[None]:
    """Stands in for pytest-django's, which would close the connection of the open transaction."""
    with django_db_blocker.unblock(), Undone():
        yield


def reached(world: World, route: Route, client: Client) -> tuple[Model | None, str]:
    """The first of its likeliest records whose page opens, and what the page holds."""
    records = route.likely(world.samples.get(route.domain, []))[:TRIED]
    named: list[Model | None] = [*records] if route.names_records else [None]
    for record in named:
        answer = client.get(route.address(record))
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code == 200 and kind.startswith("text/html"):
            return record, answer.content.decode()
        if answer.status_code not in (404, 403):
            return record, ""
    return next(iter(named), None), ""
