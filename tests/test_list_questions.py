"""A list, with a record of each kind stored, asks the database few questions."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from handup.org.models import Office
from handup.org.web.lists import ListPage
from tests import walking

MOST = 12  # of any list over many records
TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def is_list(callback: Any) -> bool:
    """Whether an address leads to a list."""
    view = getattr(callback, "view_class", None)
    return view is not None and issubclass(view, ListPage)


def test_no_list_asks_more_than_twelve_questions(db: None, settings: Settings) -> None:
    settings.RATELIMIT_ENABLE = False
    everyone = walking.staff_everywhere("everyone")
    walking.samples(everyone, Office.objects.create(code="here", name="Here"))
    client = Client()
    client.force_login(everyone)
    many: dict[str, int] = {}
    lists = [r for r in walking.routes() if is_list(r.callback) and not r.names_records]
    assert len(lists) > 30
    for route in lists:
        client.get(route.address())
        with CaptureQueriesContext(connection) as sent:
            assert client.get(route.address()).status_code == 200, route.text
        asked = [q["sql"] for q in sent if not q["sql"].startswith(TRANSACTION)]
        if len(asked) > MOST:
            many[route.text] = len(asked)
    assert many == {}
