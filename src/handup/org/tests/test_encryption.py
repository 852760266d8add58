"""Attacks on secret columns: what lies in the database, what moves between rows, what a query may
ask.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.db import connection, models, transaction
from django.db.models import F, Value
from django.test.utils import isolate_apps
from pytest_django import Settings
from simple_history.models import HistoricalRecords

from handup.kernel.crypto import BadPhone, BrokenSecret, MovedSecret, UnknownKey
from handup.kernel.ids import new_id
from handup.org import keys
from handup.org.encryption import (
    EncryptedLookUp,
    EncryptedTextField,
    KeyedHashField,
    PlainTextRefused,
    Sealed,
    lookup_hash,
)
from handup.org.models import House

PHONE = "+250788123456"


@pytest.fixture
def own_keys(settings: Settings, tmp_path: Path) -> Path:
    """A file of keys of this test only."""
    settings.KEYS_FILE = tmp_path / "keys.json"
    return tmp_path / "keys.json"


@pytest.fixture
def card(db: None, own_keys: Path) -> Iterator[Any]:
    """A model with a secret telephone, a secret note and its history, in a table of its own."""
    with isolate_apps("handup.org"):

        class Card(House):
            phone = EncryptedTextField(blank=True, default="")
            phone_hash = KeyedHashField(source="phone", kind="phone")
            note = EncryptedTextField(ring="compartment", null=True)

            class Meta:
                app_label = "org"

        history = HistoricalRecords(
            history_user_id_field=models.UUIDField(null=True),
            history_user_getter=lambda **_: None,
            history_user_setter=lambda **_: None,
        )
        history.module = __name__
        history.cls = Card
        card_history = history.create_history_model(Card, False)
        Card.kept = card_history  # type: ignore[attr-defined]
        editor = connection.schema_editor(collect_sql=True, atomic=False)
        editor.deferred_sql = []
        editor.create_model(Card)
        editor.create_model(card_history)
        with connection.cursor() as cursor:
            for statement in (*editor.collected_sql, *map(str, editor.deferred_sql)):
                cursor.execute(statement)
        yield Card


def plain(row_id: Any) -> Any:
    """An id as this database writes it."""
    return row_id.hex if connection.vendor == "sqlite" else row_id


def stored(card: Any, column: str = "phone") -> list[Any]:
    """What the table really holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {card._meta.db_table} ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_a_saved_secret_reads_back_and_lies_sealed_in_the_database(card: Any) -> None:
    row = card.objects.create(phone=PHONE)
    assert card.objects.get(pk=row.pk).phone == PHONE
    (value,) = stored(card)
    assert value.startswith("f1:")
    assert PHONE not in value


def test_a_compartment_column_uses_the_other_key(card: Any) -> None:
    card.objects.create(note="found at the border")
    assert stored(card, "note")[0].startswith("c1:")


def test_bulk_create_seals_each_row_with_its_own_id(card: Any) -> None:
    rows = card.objects.bulk_create([card(phone=PHONE), card(phone=PHONE), card()])
    assert len(set(stored(card))) == 3
    assert [card.objects.get(pk=row.pk).phone for row in rows] == [PHONE, PHONE, ""]


def test_a_value_moved_to_another_row_is_refused(card: Any) -> None:
    left, right = card.objects.create(phone=PHONE), card.objects.create(phone="+37411111111")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {card._meta.db_table} SET phone = (SELECT phone FROM"
            f" {card._meta.db_table} c WHERE c.id = %s) WHERE id = %s",
            [plain(left.pk), plain(right.pk)],
        )
    with pytest.raises(MovedSecret):
        _ = card.objects.get(pk=right.pk).phone
    assert card.objects.get(pk=left.pk).phone == PHONE


def test_a_value_moved_to_another_column_is_refused(card: Any) -> None:
    row = card.objects.create(phone=PHONE)
    field = card._meta.get_field("note")
    row.__dict__["note"] = card.objects.get(pk=row.pk).__dict__["phone"]
    with pytest.raises((MovedSecret, UnknownKey)):
        _ = row.note
    assert field.ring.value == "compartment"


@pytest.mark.parametrize(
    ("value", "refusal"),
    [("f9:gAAAAA", UnknownKey), ("plain text", UnknownKey), ("f1:gAAAAA", BrokenSecret)],
)
def test_a_value_written_by_hand_is_refused_and_never_shown(
    card: Any, value: str, refusal: type[Exception]
) -> None:
    row = card.objects.create(phone=PHONE)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {card._meta.db_table} SET phone = %s", [value])
    with pytest.raises(refusal) as caught:
        _ = card.objects.get(pk=row.pk).phone
    assert value not in str(caught.value)


def test_update_with_a_plain_text_or_an_expression_is_refused(card: Any) -> None:
    row = card.objects.create(phone=PHONE)
    before = stored(card)
    with pytest.raises(PlainTextRefused), transaction.atomic():
        card.objects.update(phone="+37411111111")
    with pytest.raises(PlainTextRefused), transaction.atomic():
        card.objects.update(phone=Value("+37411111111"))
    with pytest.raises(PlainTextRefused), transaction.atomic():
        card.objects.filter(pk=row.pk).update(phone=F("note"))
    row.phone = "+37411111111"
    with pytest.raises(PlainTextRefused), transaction.atomic():
        card.objects.bulk_update([row], ["phone"])
    assert stored(card) == before


@pytest.mark.parametrize(
    "asked",
    [
        {"phone": PHONE},
        {"phone__exact": PHONE},
        {"phone__icontains": "788"},
        {"phone__in": [PHONE]},
        {"phone__startswith": "+"},
        {"phone__gt": "a"},
        {"phone__regex": "."},
        {"phone__length": 3},
    ],
)
def test_every_look_up_but_isnull_raises(card: Any, asked: dict[str, Any]) -> None:
    with pytest.raises(EncryptedLookUp):
        card.objects.filter(**asked)
    with pytest.raises(EncryptedLookUp):
        card.objects.exclude(**asked)


def test_isnull_may_be_asked(card: Any) -> None:
    row = card.objects.create(note="x")
    card.objects.create()
    assert list(card.objects.filter(note__isnull=False)) == [row]


def test_the_keyed_hash_finds_the_same_number_written_otherwise(card: Any) -> None:
    row = card.objects.create(phone=PHONE)
    card.objects.create(phone="+250788123457")
    found = card.objects.filter(phone_hash=lookup_hash(card, "phone_hash", "+250 788-123 456"))
    assert list(found) == [row]
    assert row.phone_hash != lookup_hash(card, "phone_hash", "+250788123457")


def test_the_keyed_hash_follows_the_secret_and_empties_with_it(card: Any) -> None:
    row = card.objects.create(phone=PHONE)
    row = card.objects.get(pk=row.pk)
    row.save()
    assert row.phone_hash == lookup_hash(card, "phone_hash", PHONE)
    row.phone = "+37411111111"
    row.save()
    kept = card.objects.get(pk=row.pk)
    assert kept.phone_hash == lookup_hash(card, "phone_hash", "+37411111111")
    kept.phone = ""
    kept.save()
    assert card.objects.get(pk=row.pk).phone_hash == ""


def test_a_row_loaded_without_the_secret_keeps_its_hash(card: Any) -> None:
    card.objects.create(phone=PHONE)
    row = card.objects.only("id", "phone_hash").get()
    row.save()
    assert card.objects.get().phone_hash == lookup_hash(card, "phone_hash", PHONE)
    assert card.objects.defer("phone").get().phone == PHONE


def test_what_is_no_phone_is_refused_and_not_stored(card: Any) -> None:
    with pytest.raises(BadPhone), transaction.atomic():
        card.objects.create(phone="ask her brother")
    assert stored(card) == []


def test_saving_an_unread_secret_stores_the_same_bytes(card: Any) -> None:
    row = card.objects.create(phone=PHONE)
    before = stored(card)
    card.objects.get(pk=row.pk).save()
    assert stored(card) == before


def test_a_copied_row_may_not_take_over_the_secret(card: Any) -> None:
    card.objects.create(phone=PHONE)
    copy = card.objects.get()
    copy.id = new_id()
    copy._state.adding = True
    with pytest.raises(MovedSecret), transaction.atomic():
        copy.save(force_insert=True)
    assert card.objects.count() == 1


def test_values_and_dumps_never_carry_the_secret_nor_its_ciphertext(card: Any) -> None:
    card.objects.create(phone=PHONE)
    (value,) = card.objects.values_list("phone", flat=True)
    assert isinstance(value, Sealed)
    assert str(value) == "•••"
    assert "f1:" not in repr(value)
    with pytest.raises(TypeError):
        json.dumps({"phone": value})
    with pytest.raises(PlainTextRefused), transaction.atomic():
        serializers.serialize("json", card.objects.all())


def test_history_keeps_ciphertext_bound_to_the_original_row(card: Any) -> None:
    row = card.objects.create(phone=PHONE, note="first")
    kept = card.kept.objects.create(
        id=row.id,
        recorded_at=row.recorded_at,
        phone=row.phone,
        note=row.note,
        history_date=row.recorded_at,
        history_type="+",
    )
    again = card.kept.objects.get(pk=kept.pk)
    assert again.phone == PHONE
    assert again.note == "first"
    assert again.phone_hash == row.phone_hash
    assert PHONE not in stored(card.kept)[0]
    assert card.kept._meta.get_field("phone").bound_table == card._meta.db_table
    _, _, _, kwargs = card.kept._meta.get_field("phone").deconstruct()
    assert kwargs["bound_table"] == card._meta.db_table
    assert "bound_table" not in card._meta.get_field("phone").deconstruct()[3]


def test_an_encrypted_field_cannot_promise_uniqueness(own_keys: Path) -> None:
    with isolate_apps("handup.org"):

        class Wrong(models.Model):
            secret = EncryptedTextField(unique=True)

            class Meta:
                app_label = "org"

            def __str__(self) -> str:
                return "wrong"

        assert [fault.id for fault in Wrong.check()] == ["handup.E001"]


def test_the_keys_file_is_made_once_and_for_its_owner_only(own_keys: Path) -> None:
    first = keys.load()
    assert own_keys.stat().st_mode & 0o777 == 0o600
    assert keys.load().signing == first.signing
    assert list(own_keys.parent.iterdir()) == [own_keys]


def test_a_keys_file_others_may_read_is_refused(own_keys: Path) -> None:
    keys.load()
    own_keys.chmod(0o644)
    keys._read.cache_clear()
    with pytest.raises(keys.KeysFileOpen):
        keys.load()


@pytest.mark.parametrize("content", ["", "{}", '{"field": 1}', '{"field": {"f1": "short"}}'])
def test_a_damaged_keys_file_is_refused(own_keys: Path, content: str) -> None:
    own_keys.write_text(content)
    own_keys.chmod(0o600)
    with pytest.raises(keys.KeysFileBroken):
        keys.load()
