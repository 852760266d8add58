"""The demonstration at its true size, loaded once and taken back afterwards."""

from collections.abc import Iterator
from typing import Any

import pytest
from stories.conftest import loaded

from handup.demo.profiles import Profile


@pytest.fixture
def _django_db_helper(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The three programmes as `make run` loads them.

    It stands in for pytest-django's fixture of this name, which would close the connection that
    holds the demonstration's open transaction.
    """
    folder = tmp_path_factory.mktemp("full-size")
    with django_db_blocker.unblock(), loaded(Profile.FULL, folder):
        yield
