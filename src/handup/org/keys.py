"""The secret keys of an installation: one file outside the database, made on the first start,
readable by its owner only.

The file is JSON: `field` and `compartment` hold keys by id (the first writes, all read), `index` is
the key of the blind indexes, `former` what it was while rows still lie under it, `lasting` makes
the hashes that leave the database and can never be made anew (pseudonyms, the register of who was
erased, sums of files), `sums` are the keys of sums of files that houses taken over from made,
`signing` signs the head of the read log. Without it no secret can be read again: back it up apart.
"""

import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from handup.kernel.crypto import Keyring, Place, field_key, new_key, new_signing_key, public_key_of
from handup.kernel.errors import Refusal

# Secrets of second factors: allauth seals them before their row has an id.
FACTOR_PLACE = Place("mfa_authenticator", "data", "-")


class KeysFileBroken(Refusal):
    """The file of keys {path} cannot be read: {reason} Restore it from its sealed copy."""


class KeysFileMissing(Refusal):
    """There are no keys at {path}, and this database holds what only its keys can open. Put the
    file of keys back there, or bring it back from its sealed copy with both slips: handup keys
    bring-back FILE. No new keys were made.
    """


class KeysFileOpen(Refusal):
    """The file of keys {path} may be read by others. Set its mode to 0600."""


class Ring(StrEnum):
    """Which keys lock a column: ordinary secrets, or restricted compartments."""

    FIELD = "field"
    COMPARTMENT = "compartment"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one file, ready to use."""

    rings: dict[Ring, Keyring]
    index: bytes
    lasting: bytes
    signing: str
    former: tuple[bytes, ...] = ()
    sums: tuple[bytes, ...] = ()

    @property
    def public(self) -> str:
        """The public half of the signing key."""
        return public_key_of(self.signing)

    def index_key(self, name: str) -> bytes:
        """Derive the key of one blind index."""
        return field_key(self.index, name)

    def index_keys(self, name: str) -> list[bytes]:
        """Derive the keys of one blind index under which rows may still lie, the present first."""
        return [field_key(key, name) for key in (self.index, *self.former)]

    def lasting_key(self, name: str) -> bytes:
        """Derive a key that no change of the index key changes."""
        return field_key(self.lasting, name)


sealed_already: list[Callable[[], bool]] = []
"""Who tells whether anything lies sealed already: then a file that is not there is lost, and new
keys beside it would hide that. Filled by `rotation.guard_keys`.
"""


def load() -> Keys:
    """Return the keys of settings.KEYS_FILE, making the file for a database that holds nothing
    sealed yet. Raises KeysFileMissing, KeysFileOpen, KeysFileBroken.
    """
    file = settings.KEYS_FILE
    try:
        changed = os.stat(file).st_mtime_ns
    except FileNotFoundError:
        if any(holds() for holds in sealed_already):
            raise KeysFileMissing(path=file) from None
        _create(Path(file))
        changed = os.stat(file).st_mtime_ns
    return _read(file, changed)


@lru_cache(maxsize=8)
def _read(file: Path | str, changed: int) -> Keys:
    path = Path(file)
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeysFileOpen(path=path)
    try:
        content = json.loads(path.read_text())
        return Keys(
            rings={ring: Keyring(content[ring.value]) for ring in Ring},
            index=content["index"].encode(),
            lasting=content.get("lasting", content["index"]).encode(),
            signing=content["signing"],
            former=tuple(key.encode() for key in content.get("former", ())),
            sums=tuple(bytes.fromhex(key) for key in content.get("sums", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise KeysFileBroken(path=path, reason=f"{type(fault).__name__}.") from fault


def _create(path: Path) -> None:
    content = {
        Ring.FIELD.value: {"f1": new_key()},
        Ring.COMPARTMENT.value: {"c1": new_key()},
        "index": new_key(),
        "signing": new_signing_key(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process of the same start was first: its keys are used
    finally:
        draft.unlink()


def _draft(path: Path, content: dict[str, Any]) -> Path:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return draft


def ids(ring: Ring) -> list[str]:
    """Return the ids of a ring's keys, the writing one first."""
    load()
    return list(json.loads(Path(settings.KEYS_FILE).read_text())[ring.value])


def add_key(ring: Ring) -> str:
    """Put a fresh key first in a ring, so that it writes from now on; return its id."""
    load()
    path = Path(settings.KEYS_FILE)
    content = json.loads(path.read_text())
    held: dict[str, str] = content[ring.value]
    number = 1 + max(int(key_id[1:]) for key_id in held)
    key_id = f"{ring.value[0]}{number}"
    content[ring.value] = {key_id: new_key(), **held}
    os.replace(_draft(path, content), path)
    _read.cache_clear()
    return key_id


def add_index_key() -> None:
    """Hash with a fresh index key from now on; what lies under the one before is still found."""
    load()
    path = Path(settings.KEYS_FILE)
    content = json.loads(path.read_text())
    content.setdefault("lasting", content["index"])
    content["former"] = [content["index"], *content.get("former", ())]
    content["index"] = new_key()
    os.replace(_draft(path, content), path)
    _read.cache_clear()


def add_sums_key(key: bytes) -> None:
    """Know files again whose sums another house made with this key; again changes nothing."""
    load()
    path = Path(settings.KEYS_FILE)
    content = json.loads(path.read_text())
    held: list[str] = content.get("sums", [])
    if key.hex() in held:
        return
    content["sums"] = [*held, key.hex()]
    os.replace(_draft(path, content), path)
    _read.cache_clear()


def remove_former_index_keys() -> int:
    """Forget the index keys from before; the caller has counted that no row lies under them. How
    many there were.
    """
    path = Path(settings.KEYS_FILE)
    content = json.loads(path.read_text())
    gone = content.pop("former", [])
    os.replace(_draft(path, content), path)
    _read.cache_clear()
    return len(gone)


def remove_key(ring: Ring, key_id: str) -> None:
    """Take an old key out of a ring; the caller has counted that no row needs it. The writing key
    stays.
    """
    path = Path(settings.KEYS_FILE)
    content = json.loads(path.read_text())
    held: dict[str, str] = content[ring.value]
    if key_id == next(iter(held)):
        raise ValueError(f"{key_id} is the writing key")
    del held[key_id]
    os.replace(_draft(path, content), path)
    _read.cache_clear()
