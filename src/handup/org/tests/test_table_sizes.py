"""After a big load PostgreSQL knows how large the tables are; a small load asks it nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handup.org import table_sizes
from handup.org.models import Setting
from handup.org.table_sizes import MANY, learn_sizes

NATIVE = connection.vendor == "postgresql"


def add(count: int, start: int = 0) -> None:
    """So many rows."""
    Setting.objects.bulk_create(
        Setting(key=f"sample.{number}", value=number) for number in range(start, start + count)
    )


def looked(added: int) -> bool:
    """Whether the table was looked at anew."""
    with CaptureQueriesContext(connection) as sent:
        learn_sizes(added, Setting)
    return any("ANALYZE" in query["sql"] for query in sent)


def known() -> int:
    """How large it is thought to be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CAST(reltuples AS bigint) FROM pg_class WHERE relname = %s",
            [Setting._meta.db_table],
        )
        return int(cursor.fetchone()[0])


def test_a_big_load_is_looked_at_and_a_small_one_is_not(db: None) -> None:
    add(MANY)
    assert not looked(MANY - 1)
    assert looked(MANY) == NATIVE
    if NATIVE:
        assert known() == Setting.objects.count() >= MANY


def test_what_is_small_beside_the_table_is_not_looked_at(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_sizes, "MANY", 10)
    add(500)
    assert looked(500) == NATIVE
    add(20, start=500)
    assert not looked(20)
    add(60, start=520)
    assert looked(60) == NATIVE


def test_after_a_load_of_everything_each_table_is_known(db: None) -> None:
    add(MANY)
    with CaptureQueriesContext(connection) as sent:
        table_sizes.learn_all_sizes()
    assert not NATIVE or known() >= MANY
    shared = [query for query in sent if query["sql"].strip() == "ANALYZE"]
    assert not shared, "what all databases of a server share is locked to nobody"
