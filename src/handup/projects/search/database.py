"""The index of words in the database: FTS5 on SQLite, a `tsvector` with GIN on PostgreSQL.

Both are made after every migration: Django knows neither, and a SQLite table it rebuilds loses its
triggers.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "projects_searchentry"
SQLITE = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS projects_searchwords USING fts5(
    words_title, words_body, content='projects_searchentry', content_rowid='number',
    prefix='3 4', tokenize='unicode61 remove_diacritics 0')""",
    """CREATE TRIGGER IF NOT EXISTS projects_searchwords_add AFTER INSERT ON projects_searchentry
    BEGIN
    INSERT INTO projects_searchwords(rowid, words_title, words_body)
    VALUES (new.number, new.words_title, new.words_body);
    END""",
    """CREATE TRIGGER IF NOT EXISTS projects_searchwords_take AFTER DELETE ON projects_searchentry
    BEGIN
    INSERT INTO projects_searchwords(projects_searchwords, rowid, words_title, words_body)
    VALUES ('delete', old.number, old.words_title, old.words_body);
    END""",
    """CREATE TRIGGER IF NOT EXISTS projects_searchwords_change AFTER UPDATE
    ON projects_searchentry BEGIN
    INSERT INTO projects_searchwords(projects_searchwords, rowid, words_title, words_body)
    VALUES ('delete', old.number, old.words_title, old.words_body);
    INSERT INTO projects_searchwords(rowid, words_title, words_body)
    VALUES (new.number, new.words_title, new.words_body);
    END""",
)
POSTGRESQL = (
    """ALTER TABLE projects_searchentry ADD COLUMN IF NOT EXISTS words tsvector
    GENERATED ALWAYS AS (setweight(to_tsvector('simple', words_title), 'A')
    || setweight(to_tsvector('simple', words_body), 'D')) STORED""",
    """CREATE INDEX IF NOT EXISTS projects_searchwords_gin ON projects_searchentry
    USING gin (words)""",
)


def create(connection: BaseDatabaseWrapper) -> None:
    """Make the index of words where the table is and the index is not."""
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def after_migrate(*, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Receive Django's post_migrate."""
    create(connections[using])
