"""Secrets at rest: bound ciphertexts with key ids, keyed hashes to look them up, signatures.

A stored value is `<key id>:<Fernet token>`. Its plaintext begins with table, column and row id,
checked on reading, so a value copied to another row is refused. The index key is never the field
key; each field gets its own key by HKDF, so equal phones in two tables have different hashes.
"""

import hmac
import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from handup.kernel.errors import Refusal

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_SEPARATOR = "\x1f"


class UnknownKey(Refusal):
    """The value of {place} is locked with key {key_id}, which this installation does not hold."""


class BrokenSecret(Refusal):
    """The value of {place} cannot be unlocked: it was changed outside the program."""


class MovedSecret(Refusal):
    """The value of {place} belongs to another record and is not shown."""


class BadPhone(Refusal):
    """{text} is not a telephone number. Write it with the country code, like +250788123456."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret lives: it opens only there."""

    table: str
    column: str
    row_id: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column} {self.row_id}"

    @property
    def binding(self) -> str:
        """What the plaintext begins with."""
        return _SEPARATOR.join((self.table, self.column, self.row_id)) + _SEPARATOR


def new_key() -> str:
    """A fresh 32-byte key, URL-safe base64."""
    return Fernet.generate_key().decode("ascii")


class Keyring:
    """Field keys by id, the first for writing, all for reading."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        if not keys:
            raise ValueError("a keyring needs at least one key")
        for key_id in keys:
            if not _KEY_ID.fullmatch(key_id):
                raise ValueError(f"{key_id!r} is no key id: letters, digits, - and _ only")
        self._boxes = {key_id: Fernet(key) for key_id, key in keys.items()}
        self.writing_key_id = next(iter(keys))

    def encrypt(self, plaintext: str, place: Place) -> str:
        """The stored form of a text at its place."""
        token = self._boxes[self.writing_key_id].encrypt((place.binding + plaintext).encode())
        return f"{self.writing_key_id}:{token.decode('ascii')}"

    def decrypt(self, stored: str, place: Place) -> str:
        """The text behind a stored form. Raises UnknownKey, BrokenSecret, MovedSecret."""
        key_id, _, token = stored.partition(":")
        box = self._boxes.get(key_id)
        if box is None:
            shown = key_id if _KEY_ID.fullmatch(key_id) else "?"
            raise UnknownKey(place=str(place), key_id=shown)
        try:
            plaintext = box.decrypt(token.encode()).decode()
        except (InvalidToken, UnicodeError):
            raise BrokenSecret(place=str(place)) from None
        if not plaintext.startswith(place.binding):
            raise MovedSecret(place=str(place))
        return plaintext.removeprefix(place.binding)

    def rotate(self, stored: str, place: Place) -> str:
        """The same text under the writing key; unchanged when it already is."""
        if key_id_of(stored) == self.writing_key_id:
            return stored
        return self.encrypt(self.decrypt(stored, place), place)


def key_id_of(stored: str) -> str:
    """The id of the key a stored form was written with."""
    return stored.partition(":")[0]


@lru_cache(maxsize=256)
def field_key(index_key: bytes, field: str) -> bytes:
    """The 32-byte key of one field ("people.person.phone") derived from the index key (HKDF)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=field.encode()).derive(index_key)


class IndexKind(StrEnum):
    """How a value is made comparable before it is hashed."""

    DOCUMENT = "DOCUMENT"
    PHONE = "PHONE"
    NAME = "NAME"
    EXACT = "EXACT"


def normal_document(text: str) -> str:
    """Upper case, letters and digits only."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())


def normal_phone(text: str, country_code: str = "") -> str:
    """E.164: "+", country code, number, at most 15 digits.

    `country_code` ("250") completes a number written as at home: one leading 0 is dropped.
    Raises BadPhone.
    """
    plain = re.sub(r"[\s().\-/]", "", unicodedata.normalize("NFKC", text))
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    if not plain.startswith("+"):
        if not country_code:
            raise BadPhone(text=text)
        plain = f"+{country_code}{plain.removeprefix('0')}"
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", plain):
        raise BadPhone(text=text)
    return plain


def normal_name(text: str) -> str:
    """NFKC, case folded, one space between words: equality of a written name, no likeness."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def normalise(value: str, kind: IndexKind, country_code: str = "") -> str:
    """The comparable form of a value of that kind."""
    if kind is IndexKind.DOCUMENT:
        return normal_document(value)
    if kind is IndexKind.PHONE:
        return normal_phone(value, country_code)
    if kind is IndexKind.NAME:
        return normal_name(value)
    return value


def blind_index(key: bytes, value: str, kind: IndexKind, country_code: str = "") -> str:
    """HMAC-SHA256 of the comparable form under the field's key, 64 hexadecimal digits."""
    return keyed_hash(key, normalise(value, kind, country_code))


def keyed_hash(key: bytes, message: str) -> str:
    """HMAC-SHA256, 64 hexadecimal digits."""
    return hmac.new(key, message.encode(), sha256).hexdigest()


def new_signing_key() -> str:
    """A fresh Ed25519 private key, URL-safe base64 without padding."""
    return _to_text(Ed25519PrivateKey.generate().private_bytes_raw())


def public_key_of(signing_key: str) -> str:
    """The public key that checks what this key signs; may be printed and kept for ever."""
    public = _private(signing_key).public_key()
    return _to_text(public.public_bytes(Encoding.Raw, PublicFormat.Raw))


def sign(signing_key: str, message: bytes) -> str:
    """The Ed25519 signature, 86 characters."""
    return _to_text(_private(signing_key).sign(message))


def is_signed(public_key: str, message: bytes, signature: str) -> bool:
    """True when the signature was made over this message with the private half of the key."""
    try:
        Ed25519PublicKey.from_public_bytes(_to_bytes(public_key)).verify(
            _to_bytes(signature), message
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(signing_key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_to_bytes(signing_key))


def _to_text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _to_bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
