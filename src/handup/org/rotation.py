"""Rotation of keys: every sealed value again under the writing key, in batches that may be
interrupted.

A value of one row is replaced only while it still is what was read, so people may go on working.
Rows still under an old key are counted, history rows too; an old key is taken away only when none
needs it. The index key changes the same way (`rehash`): keyed hashes are made anew beside the
rows' secrets.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from handup.kernel.crypto import key_id_of
from handup.org import keys, statements
from handup.org.encryption import EncryptedTextField, KeyedHashField
from handup.org.keys import FACTOR_PLACE, Ring
from handup.org.models import StoredFile
from handup.org.names_at_rest import MARK, NameField
from handup.org.services.files import key_of_file, reseal_file

BATCH = 500


@dataclass(frozen=True, slots=True)
class Beside:
    """Sealed values in files beside the keys: the id of the key of each, and how all of them are
    sealed under the writing key (how many were not)."""

    key_ids: Callable[[], Iterable[str]]
    reseal: Callable[[], int]


# A domain that keeps such files adds its own: an old key is needed as long as one of them is
# sealed with it.
beside: list[Beside] = []


def sealed_columns() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    """Walk every encrypted column of every table, history tables included."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def holds_sealed() -> bool:
    """Whether the database holds anything that only its keys open; where its tables are not made
    yet, it does not.
    """
    made = set(connection.introspection.table_names())
    if Authenticator._meta.db_table in made and Authenticator.objects.exists():
        return True
    if StoredFile._meta.db_table in made and StoredFile.objects.exclude(sealed_with="").exists():
        return True
    columns = [pair for pair in sealed_columns() if pair[0]._meta.db_table in made]
    return any(_is_used(model, field) for model, field in columns)


def guard_keys() -> None:
    """Let no new keys be made beside what lies sealed."""
    if holds_sealed not in keys.sealed_already:
        keys.sealed_already.append(holds_sealed)


def _is_used(model: type[models.Model], field: EncryptedTextField) -> bool:
    """Whether a column holds a sealed value; one that the next upgrade makes does not."""
    try:
        with transaction.atomic():
            return next(_stored(model, field, most=1), None) is not None
    except DatabaseError:
        return False


def count_by_key() -> Counter[str]:
    """Count sealed values, factors and files, also those beside the keys, by the id of their
    key."""
    counts: Counter[str] = Counter()
    for model, field in sealed_columns():
        for stored in _stored(model, field):
            counts[key_id_of(stored[2])] += 1
    for row in Authenticator.objects.iterator():
        counts.update(key_id_of(value) for value in _factor_secrets(row).values())
    for file in StoredFile.objects.exclude(sealed_with="").iterator():
        counts[key_of_file(file)] += 1
    for files in beside:
        counts.update(files.key_ids())
    return counts


def rotate() -> int:
    """Re-encrypt what is not under the writing key of its ring; return how many values."""
    changed = 0
    for model, field in sealed_columns():
        changed += _rotate_column(model, field)
    for row in Authenticator.objects.iterator():
        changed += _rotate_factor(row)
    for file in StoredFile.objects.exclude(sealed_with="").iterator():
        changed += reseal_file(file)
    for files in beside:
        changed += files.reseal()
    return changed


rebuilds: list[Callable[[], int]] = []
"""What a domain makes anew under a new index key besides its hash columns; in `apps.py`."""


def hash_columns() -> Iterator[tuple[type[models.Model], KeyedHashField]]:
    """Walk every column of keyed hashes of every table, history tables included."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if isinstance(field, KeyedHashField):
                yield model, field


def rehash() -> int:
    """Hash what is not under the present index key; return how many rows that were.

    It may be stopped and started again: what is done is left alone. Until it is through, look-ups
    find rows under the keys before too. Then domains make their other keyed numbers anew.
    """
    changed = sum(_rehash_column(model, field) for model, field in hash_columns())
    if keys.load().former:
        for rebuild in rebuilds:
            rebuild()
    return changed


def count_former() -> int:
    """How many rows lie under an index key from before."""
    return sum(
        1
        for model, field in hash_columns()
        for _row in _outdated(model, field, _all_hashes(model, field))
    )


def _all_hashes(model: type[models.Model], field: KeyedHashField) -> list[tuple[Any, ...]]:
    """Key of the row, id it is bound to, sealed source, hash: of each row that has a source."""
    source = _source(model, field)
    pk = model._meta.pk
    assert pk is not None
    columns = (str(pk.column), "id", str(source.column), str(field.column))
    sql = statements.select(model._meta.db_table, columns)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} WHERE {connection.ops.quote_name(str(source.column))} <> ''")
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _source(model: type[models.Model], field: KeyedHashField) -> EncryptedTextField:
    source = model._meta.get_field(field.source)
    assert isinstance(source, EncryptedTextField)
    return source


def _outdated(
    model: type[models.Model], field: KeyedHashField, rows: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[str, Any, str, str]]:
    """Present hash, key of the row, sealed source and hash as read, of those not under the present
    key. A row that has no hash was never to be found and stays so.
    """
    source = _source(model, field)
    ring = keys.load().rings[source.ring]
    for key, row_id, sealed, held in rows:
        if held:
            present = str(field.hash_of(ring.decrypt(sealed, source.place(_row_id(row_id)))))
            if present != held:
                yield present, key, sealed, held


def _rehash_column(model: type[models.Model], field: KeyedHashField) -> int:
    pk = model._meta.pk
    assert pk is not None
    column, source = str(field.column), str(_source(model, field).column)
    sql = statements.update_where(model._meta.db_table, (column,), (str(pk.column), source, column))
    rows, changed = _all_hashes(model, field), 0
    for start in range(0, len(rows), BATCH):
        batch = list(_outdated(model, field, rows[start : start + BATCH]))
        if batch:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(sql, batch)
        changed += len(batch)
    return changed


def _stored(
    model: type[models.Model], field: EncryptedTextField, *, but_key: str = "", most: int = 0
) -> Iterator[tuple[Any, Any, str]]:
    """Yield key of the row, id it is bound to, sealed form; of all rows, or of so many at most."""
    column = str(field.column)
    pk = model._meta.pk
    assert pk is not None
    quoted = connection.ops.quote_name(column)
    sql = statements.select(model._meta.db_table, (str(pk.column), "id", column))
    sql += f" WHERE {quoted} <> ''"
    values: list[str] = []
    if isinstance(field, NameField):  # a plain name has no key
        sql += f" AND {quoted} LIKE %s"
        values.append(f"%{MARK}%")
    if but_key:
        sql += f" AND {quoted} NOT LIKE %s"
        values.append(f"{but_key}:%")
    if most:
        sql += f" LIMIT {most:d}"
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    yield from rows


def _rotate_column(model: type[models.Model], field: EncryptedTextField) -> int:
    ring = keys.load().rings[field.ring]
    pk = model._meta.pk
    assert pk is not None
    column = str(field.column)
    sql = statements.update_where(model._meta.db_table, (column,), (str(pk.column), column))
    rows = list(_stored(model, field, but_key=ring.writing_key_id))
    for start in range(0, len(rows), BATCH):
        batch = [
            (ring.rotate(stored, field.place(_row_id(row_id))), key, stored)
            for key, row_id, stored in rows[start : start + BATCH]
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, batch)
    return len(rows)


def _row_id(value: Any) -> str:
    """Return an id as the seal names it: with dashes, also where SQLite keeps it without."""
    return str(value if isinstance(value, uuid.UUID) else uuid.UUID(str(value)))


def _factor_secrets(row: Authenticator) -> dict[str, str]:
    return {
        name: row.data[name]
        for name in ("secret", "seed", "unseen")
        if isinstance(row.data.get(name), str) and ":" in row.data[name]
    }


def _rotate_factor(row: Authenticator) -> int:
    ring = keys.load().rings[Ring.FIELD]
    changed = 0
    for name, stored in _factor_secrets(row).items():
        if key_id_of(stored) != ring.writing_key_id:
            row.data[name] = ring.rotate(stored, FACTOR_PLACE)
            changed += 1
    if changed:
        row.save(update_fields=["data"])
    return changed
