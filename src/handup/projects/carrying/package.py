"""The sealed package of a hand-over: one ZIP file of sealed tables and files, and the manifest that
names each with its SHA-256, signed by the house that sends it.

The key that opens it and the public half of the key that signed it are carried apart, in a small
file of their own: whoever finds the package alone reads nobody's name in it.
"""

import base64
import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Field, JSONField, Model

from handup.kernel.crypto import Keyring, Place, is_signed, new_key, sign
from handup.kernel.errors import Refusal
from handup.org import keys
from handup.org.encryption import EncryptedJSONField
from handup.org.services.files import sums_key
from handup.projects.rules.handover import Total

FORMAT = 1
KEY_ID = "handover"
SUMS = "sums"  # the keys of the sums of files, sealed in the manifest
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
MOST = {MANIFEST: 32 * 1024 * 1024, SIGNATURE: 1024}  # bytes, read before the signature is proven
LOCKED = 0x1  # the flag of an encrypted member of a ZIP file
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(OSError, EOFError, KeyError, ValueError, RuntimeError),
)


class PackageUnreadable(Refusal):
    """This is no package of a hand-over, or its manifest cannot be read."""


class PackageNotSigned(Refusal):
    """The manifest was not signed by the house the key file names."""


class PackageChanged(Refusal):
    """{name} is not as it was sent."""


class PackageIncomplete(Refusal):
    """{name} is missing from the package."""


class PackageHoldsMore(Refusal):
    """{name} is in the package but not in its manifest."""


class WrongKey(Refusal):
    """The key does not open this package."""


class OtherVersion(Refusal):
    """The package was made by another version of the program ({at}: {theirs}; here {ours}). Bring
    both houses to the same version."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What is carried apart from the package: the key that opens it, and who signed it."""

    key: str
    sender: str

    def text(self) -> str:
        """It as the text of its file."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def read(cls, text: str) -> "Opening":
        """Read it. Raises WrongKey."""
        try:
            told = json.loads(text)
            return cls(str(told["key"]), str(told["sender"]))
        except (ValueError, KeyError, TypeError) as fault:
            raise WrongKey from fault


def new_opening() -> Opening:
    """Make a new key for one package of this house."""
    return Opening(new_key(), keys.load().public)


def plain(value: Any) -> Any:
    """A value of a column as JSON holds it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def value_of(field: "Field[Any, Any]", told: Any) -> Any:
    """The value of a column again."""
    if told is None or isinstance(field, JSONField | EncryptedJSONField):
        return told
    if field.get_internal_type() == "BinaryField":
        return base64.b64decode(told)
    return field.to_python(told)


def fields_of(model: type[Model]) -> list["Field[Any, Any]"]:
    """The columns of a table that travel: all but those worked out when a row is stored."""
    return [field for field in model._meta.concrete_fields if not hasattr(field, "source")]


def canonical(told: Mapping[str, Any]) -> bytes:
    """A manifest as the bytes that are signed."""
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Writer:
    """Writes a package part by part; it is whole only once it is closed with its manifest."""

    def __init__(self, path: Path, opening: Opening) -> None:
        self.path = path
        self.ring = Keyring({KEY_ID: opening.key})
        self.draft = path.with_name(f"{path.name}.part")
        self.draft.unlink(missing_ok=True)
        self.draft.touch(mode=0o600)
        self.zip = zipfile.ZipFile(self.draft, "w", zipfile.ZIP_STORED)
        self.parts: list[dict[str, Any]] = []
        self.placed = False

    def add(self, name: str, text: str, **about: Any) -> None:
        """Seal one part under its own name."""
        content = self.ring.encrypt(text, Place("handover", name, str(FORMAT))).encode()
        self.zip.writestr(name, content)
        self.parts.append({"name": name, "sha256": _sum(content), "bytes": len(content), **about})

    def close(self, manifest: Mapping[str, Any]) -> str:
        """Add the signed manifest; return the package's SHA-256. It is not in its place yet."""
        known = dict.fromkeys((sums_key(), *keys.load().sums))
        sums = self.ring.encrypt(
            " ".join(key.hex() for key in known), Place("handover", SUMS, str(FORMAT))
        )
        told = {**manifest, SUMS: sums, "format": FORMAT, "parts": self.parts}
        whole = canonical(told)
        self.zip.writestr(MANIFEST, whole)
        self.zip.writestr(SIGNATURE, sign(keys.load().signing, whole))
        self.zip.close()
        return sum_of_file(self.draft)

    def put(self) -> None:
        """Put the whole package in its place."""
        self.draft.replace(self.path)
        self.placed = True

    def give_up(self) -> None:
        """Leave nothing of a package that was not finished or is recorded nowhere."""
        self.zip.close()
        self.draft.unlink(missing_ok=True)
        if self.placed:
            self.path.unlink(missing_ok=True)


def _is_whole(told: Mapping[str, Any]) -> bool:
    """Tell whether a manifest says everything a house reads in it."""
    texts = ("batch", "programme", "title", "packed", "successor")
    if not all(isinstance(told.get(name), str) for name in texts):
        return False
    shapes, totals, parts = (told.get(name) for name in ("shapes", "totals", "parts"))
    if not (isinstance(shapes, dict) and isinstance(totals, list) and isinstance(parts, list)):
        return False
    counts = [[type(value) for value in one] for one in totals if isinstance(one, list)]
    return counts == [[str, int, int, str]] * len(totals) and all(map(_is_part, parts))


def _is_part(part: Any) -> bool:
    """Tell whether this is a part of a manifest: of a table, or of a file."""
    if not isinstance(part, dict) or ("file" in part) == ("table" in part):
        return False
    of_all = {"name": str, "sha256": str, "bytes": int}
    more = {"file": str} if "file" in part else {"table": str, "fields": list, "rows": int}
    return all(isinstance(part.get(name), kind) for name, kind in (of_all | more).items())


def sum_of_file(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Package:
    """A package that was received: nothing of it is used before all its sums hold."""

    def __init__(self, path: Path, opening: Opening) -> None:
        try:
            self.zip = zipfile.ZipFile(path)
            whole = self._member(MANIFEST, MOST[MANIFEST])
            signature = self._member(SIGNATURE, MOST[SIGNATURE]).decode()
            told = json.loads(whole)
        except (*UNREADABLE, RecursionError) as fault:
            raise PackageUnreadable from fault
        if not is_signed(opening.sender, whole, signature):
            raise PackageNotSigned
        if not isinstance(told, dict):
            raise PackageUnreadable
        if told.get("format") != FORMAT:
            raise OtherVersion(theirs=told.get("format"), ours=FORMAT, at=MANIFEST)
        if not _is_whole(told):
            raise PackageUnreadable
        self.manifest: dict[str, Any] = told
        self.opening = opening
        try:
            self.ring = Keyring({KEY_ID: opening.key})
        except ValueError as fault:
            raise WrongKey from fault

    def _member(self, name: str, most: int) -> bytes:
        """The bytes of a member that is stored as it is: nothing swells when it is read."""
        info = self.zip.getinfo(name)
        plain_one = info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & LOCKED
        if not plain_one or info.file_size != info.compress_size or info.file_size > most:
            raise zipfile.BadZipFile(name)
        return self.zip.read(info)

    def check(self) -> int:
        """Compare every part with the manifest, byte by byte, and read every row and file of it;
        return how many parts there are.

        Raises PackageIncomplete, PackageChanged, PackageHoldsMore, WrongKey.
        """
        there = self.zip.namelist()
        told = {part["name"]: part for part in self.manifest["parts"]}
        for name in there:
            if name not in told and name not in (MANIFEST, SIGNATURE):
                raise PackageHoldsMore(name=name)
        if len(there) != len(set(there)) or len(told) != len(self.manifest["parts"]):
            raise PackageHoldsMore(name="a part twice")
        for name, part in told.items():
            if name not in there:
                raise PackageIncomplete(name=name)
            self._check_part(name, part)
        return len(told)

    def _check_part(self, name: str, part: Mapping[str, Any]) -> None:
        try:
            content = self._member(name, part["bytes"])
        except UNREADABLE as fault:
            raise PackageChanged(name=name) from fault
        if len(content) != part["bytes"] or _sum(content) != part["sha256"]:
            raise PackageChanged(name=name)
        if "file" in part:
            self.content(name)
        elif sum(len(row) == len(part["fields"]) for row in self.rows(part)) != part["rows"]:
            raise PackageChanged(name=name)

    def text(self, name: str) -> str:
        """Open one part. Raises WrongKey, PackageChanged."""
        try:
            content = self.zip.read(name).decode()
        except UNREADABLE as fault:
            raise PackageChanged(name=name) from fault
        try:
            return self.ring.decrypt(content, Place("handover", name, str(FORMAT)))
        except Refusal as fault:
            raise WrongKey from fault

    def content(self, name: str) -> bytes:
        """The bytes of a file's part. Raises WrongKey, PackageChanged."""
        try:
            return bytes.fromhex(self.text(name))
        except ValueError as fault:
            raise PackageChanged(name=name) from fault

    def rows(self, part: Mapping[str, Any]) -> Iterator[list[Any]]:
        """The rows of a table's part, a line each: a text in them may hold any other sign that
        ends a line. Raises WrongKey, PackageChanged.
        """
        for line in self.text(part["name"]).split("\n"):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as fault:
                raise PackageChanged(name=part["name"]) from fault
            if not isinstance(row, list):
                raise PackageChanged(name=part["name"])
            yield row

    def sums_keys(self) -> tuple[bytes, ...]:
        """The keys by which the sending house made the sums of its files, and the houses before it
        theirs; nothing where it told none. Raises WrongKey.
        """
        try:
            sealed = str(self.manifest.get(SUMS, ""))
            told = sealed and self.ring.decrypt(sealed, Place("handover", SUMS, str(FORMAT)))
            return tuple(map(bytes.fromhex, told.split()))
        except (Refusal, ValueError) as fault:
            raise WrongKey from fault

    @property
    def totals(self) -> list[Total]:
        """The control totals the sending house counted."""
        return [Total(*told) for told in self.manifest["totals"]]


def totals_told(totals: Iterable[Total]) -> list[list[Any]]:
    """Control totals as a manifest holds them."""
    return [[one.name, one.count, one.units, one.currency] for one in totals]
