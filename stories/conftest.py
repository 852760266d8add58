"""The demonstration at story size, loaded once for all stories and taken back afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from handup.demo.load import load
from handup.demo.profiles import Profile
from handup.org.models import StaffUser
from handup.projects.models import Programme


@contextmanager
def loaded(profile: Profile, folder: Path) -> Iterator[None]:
    """Load everything inside one transaction that is undone at the end."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings = override_settings(
        DATA_DIR=folder,
        HEADS_DIR=folder / "heads",
        MEDIA_ROOT=folder / "files",
        PASSWORD_HASHERS=quick,
        SECOND_FACTOR_REQUIRED=False,
    )
    with settings:
        whole = transaction.atomic()
        whole.__enter__()
        try:
            load(profile, lambda _title, _done, _total: None)
            yield
        finally:
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)


@pytest.fixture(scope="package")
def demonstration(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The three programmes as all stories find them."""
    folder = tmp_path_factory.mktemp("demonstration")
    with django_db_blocker.unblock(), loaded(Profile.STORY, folder):
        yield


@pytest.fixture
def _django_db_helper(demonstration: None, django_db_blocker: Any) -> Iterator[None]:
    """The database of one story: the loaded demonstration, its own steps undone after it.

    It stands in for pytest-django's fixture of this name, which would close the connection that
    holds the demonstration's open transaction.
    """
    with django_db_blocker.unblock():
        step = transaction.atomic()
        step.__enter__()
        try:
            yield
        finally:
            transaction.set_rollback(True)
            step.__exit__(None, None, None)


def staff(username: str) -> StaffUser:
    """A member of the demonstration's cast."""
    return StaffUser.objects.get(username=username)


def browser(username: str) -> Client:
    """A browser in which that person has signed in."""
    client = Client(REMOTE_ADDR="127.0.0.1")
    client.force_login(staff(username))
    return client


def programme(code: str) -> Programme:
    """A programme by its code."""
    return Programme.objects.get(code=code)
