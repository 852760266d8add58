"""Seals a column that was stored plainly until now; called by the migration that changes its field.

migrations.RunPython(open_tables("training", "Attendance")),  # an append-only table
migrations.AlterField("enrolment", "reason_text", EncryptedTextField(...)),
migrations.RunPython(seal_columns("training", ("Enrolment", "reason_text"))),
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from handup.org import statements
from handup.org.encryption import EncryptedJSONField, EncryptedTextField

BATCH = 500
EMPTY_LIST = ("[]", "{}", "null")


def seal_columns(
    app: str, *columns: tuple[str, str]
) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    """Return the step that seals these (model, column) of an app, in the rows there are."""

    def seal(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for model, column in columns:
            _seal(editor, apps.get_model(app, model)._meta.get_field(column))

    return seal


def open_tables(app: str, *models: str) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    """Return the step that lets the triggers of append-only tables stand aside; they are made anew
    after every migrate.
    """

    def let_change(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for model in models:
            _let_change(editor, apps.get_model(app, model)._meta.db_table)

    return let_change


def _let_change(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    on = f' ON "{table}"' if editor.connection.vendor == "postgresql" else ""
    with editor.connection.cursor() as cursor:
        for verb in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")


def _seal(editor: BaseDatabaseSchemaEditor, field: EncryptedTextField) -> None:
    table, column = field.model._meta.db_table, str(field.column)
    with editor.connection.cursor() as cursor:
        cursor.execute(statements.select(table, ("id", column)))
        rows = [(key, text) for key, text in cursor.fetchall() if text is not None]
        update = statements.update_by_id(table, (column,))
        for start in range(0, len(rows), BATCH):
            cursor.executemany(
                update,
                [(_sealed(field, key, text), key) for key, text in rows[start : start + BATCH]],
            )


def _sealed(field: EncryptedTextField, key: Any, text: str) -> str:
    row_id = key if isinstance(key, UUID) else UUID(str(key))
    empty = not text or (isinstance(field, EncryptedJSONField) and text in EMPTY_LIST)
    return "" if empty else field.seal(row_id, text).stored
