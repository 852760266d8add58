"""New keys: everything stays readable, nothing stays under the old key, twice in a row too."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.utils import timezone
from pytest_django import Settings

from handup.kernel.crypto import UnknownKey
from handup.org import keys, rotation, services
from handup.org.classes import DataClass
from handup.org.keys import Ring
from handup.org.models import Incident, StaffUser, StoredFile


@pytest.fixture(autouse=True)
def _own_keys(settings: Settings, tmp_path: Path) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"


def store(staff: StaffUser, klass: DataClass = DataClass.S) -> StoredFile:
    return services.store_file(
        acting_staff=staff, owner=staff, name="a.txt", content=b"a secret", klass=klass
    )


def factor(staff: StaffUser) -> Authenticator:
    return Authenticator.objects.create(
        user=staff, type=Authenticator.Type.TOTP, data={"secret": encrypt("SECRET")}
    )


def test_rotation_moves_columns_factors_and_files_to_the_new_key(officer: StaffUser) -> None:
    row, compartment, shown = store(officer), store(officer, DataClass.R), factor(officer)
    assert rotation.count_by_key() == {"f1": 4, "c1": 1}
    assert (keys.add_key(Ring.FIELD), keys.add_key(Ring.COMPARTMENT)) == ("f2", "c2")
    assert rotation.rotate() == 5
    assert rotation.count_by_key() == {"f2": 4, "c2": 1}
    for file in (row, compartment):
        assert services.read_file(StoredFile.objects.get(pk=file.pk)) == b"a secret"
        assert StoredFile.objects.get(pk=file.pk).name == "a.txt"
    shown.refresh_from_db()
    assert decrypt(shown.data["secret"]) == "SECRET"


def test_rotating_again_does_nothing_and_a_third_key_works_too(officer: StaffUser) -> None:
    row = store(officer)
    for key_id in ("f2", "f3"):
        assert keys.add_key(Ring.FIELD) == key_id
        assert rotation.rotate() == 2
        assert rotation.rotate() == 0
    assert StoredFile.objects.get(pk=row.pk).name == "a.txt"
    assert keys.ids(Ring.FIELD) == ["f3", "f2", "f1"]


def test_an_interrupted_rotation_goes_on_where_it_stopped(
    officer: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(officer)
    store(officer)
    keys.add_key(Ring.FIELD)
    with monkeypatch.context() as broken:
        broken.setattr(rotation, "reseal_file", lambda file: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rotation.rotate()
    assert rotation.count_by_key() == {"f2": 2, "f1": 2}
    assert rotation.rotate() == 2
    assert rotation.count_by_key() == {"f2": 4}


def test_without_the_old_key_what_it_sealed_cannot_be_read(officer: StaffUser) -> None:
    row = store(officer)
    keys.add_key(Ring.FIELD)
    keys.remove_key(Ring.FIELD, "f1")
    with pytest.raises(UnknownKey, match="f1"):
        _ = StoredFile.objects.get(pk=row.pk).name


def test_the_writing_key_is_never_taken_away(db: None) -> None:
    keys.load()
    with pytest.raises(ValueError, match="writing key"):
        keys.remove_key(Ring.FIELD, "f1")
    assert keys.ids(Ring.FIELD) == ["f1"]


def words(staff: StaffUser) -> Incident:
    now = timezone.now()
    told = {"opened_by": staff, "noticed_at": now, "notify_by": now}
    return Incident.objects.create(code="I1", kind="OTHER", what="A bag was lost", **told)


@pytest.mark.parametrize("sealed", [factor, store, words], ids=["a factor", "a file", "words"])
def test_no_new_keys_are_made_beside_what_is_sealed_already(
    officer: StaffUser,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    sealed: Callable[[StaffUser], object],
) -> None:
    own = Path(settings.KEYS_FILE)
    monkeypatch.setattr(keys, "sealed_already", [rotation.holds_sealed])
    first = keys.load().index
    own.unlink()
    assert keys.load().index != first, "nothing is sealed yet: a first start"
    sealed(officer)
    kept = own.read_bytes()
    own.unlink()
    with pytest.raises(keys.KeysFileMissing, match="bring-back"):
        keys.load()
    assert not own.exists()
    own.write_bytes(kept)
    own.chmod(0o600)
    assert keys.load().index == json.loads(kept)["index"].encode()
