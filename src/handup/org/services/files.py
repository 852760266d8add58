"""Files: typed by their content, at most 10 MB, under a random name, encrypted where their class
asks.
"""

import hashlib
import os
import re
import secrets
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import models, transaction

from handup.kernel.crypto import Place, key_id_of, keyed_hash
from handup.kernel.errors import Refusal
from handup.org import audit, images, keys, scanning
from handup.org.classes import ORDER, DataClass
from handup.org.devices import SameIdOtherContent
from handup.org.keys import Ring
from handup.org.models import StaffUser, StoredFile

LARGEST = 10 * 1024 * 1024
SEALED_FROM = DataClass.P
STORED_NAME = re.compile(r"[0-9a-f]{32,64}")

# What a file may be, by its first bytes; a name's ending is never believed.
KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"PK\x03\x04", "application/zip"),
)
TEXT = "text/plain"
SOUNDS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"OggS", "audio/ogg"),
    (0, b"\x1a\x45\xdf\xa3", "audio/webm"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (4, b"ftyp", "audio/mp4"),
    (8, b"WAVE", "audio/wav"),
)
"""What recorded sound may be: where its mark stands, the mark, the kind. Only what asks for sound
keeps it."""


class FileTooLarge(Refusal):
    """A file may have {megabytes} MB at most."""


class FileEmpty(Refusal):
    """The file is empty."""


class UnknownFileKind(Refusal):
    """Only PDF, PNG, JPEG, spreadsheets, documents and plain text are kept."""


class FileDamaged(Refusal):
    """The stored file is missing or was changed outside the program."""


def kind_of(content: bytes, *, sound: bool = False) -> str:
    """Tell what a file is by its content; recorded sound only where that is asked for. Raises
    UnknownFileKind.
    """
    for place, mark, kind in SOUNDS if sound else ():
        if content[place : place + len(mark)] == mark:
            return kind
    for start, kind in KINDS:
        if content.startswith(start):
            return kind
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise UnknownFileKind(field="file") from fault
    if any(ord(letter) < 32 and letter not in "\t\r\n" for letter in text):
        raise UnknownFileKind(field="file")
    return TEXT


def store_file(
    *,
    acting_staff: StaffUser,
    owner: models.Model,
    name: str,
    content: bytes,
    klass: DataClass,
    id: UUID | None = None,
    made_here: bool = False,
    sound: bool = False,
) -> StoredFile:
    """Keep a file of a record. Whoever calls it has checked what she may do to the record, and had
    the file looked through before her transaction began (`scanning.require_clean`); what the house
    itself wrote (`made_here`) is not looked through.

    The bytes are on the disk before the row is; a row is never without its file. A picture is
    written anew without what tells where it was taken.
    """
    if not content:
        raise FileEmpty(field="file")
    if len(content) > LARGEST:
        raise FileTooLarge(field="file", megabytes=LARGEST // 1024 // 1024)
    if not made_here:
        scanning.require_clean(content)
    content = content if sound else kept_form(content)
    sha256 = sum_of(content, klass)
    if id is not None and (held := StoredFile.objects.filter(pk=id).first()) is not None:
        if (held.sha256, held.object_id) != (sha256, str(owner.pk)):
            raise SameIdOtherContent(field="id")
        return held
    row = StoredFile(
        name=Path(name).name[:200] or "file",
        content_type=kind_of(content, sound=sound),
        size=len(content),
        sha256=sha256,
        klass=klass.value,
        stored_name=secrets.token_hex(24),
        object_type=owner._meta.label_lower,
        object_id=str(owner.pk),
        added_by=acting_staff,
        **({"id": id} if id else {}),
    )
    _write(path_of(row), _sealed(row, content))
    with transaction.atomic():
        row.save(force_insert=True)
        if klass is DataClass.R:  # told by the owner's own pages
            audit.record(acting_staff, "org.store_file", owner)
        else:
            audit.record(acting_staff, "org.store_file", row, {"owner": str(owner.pk)})
    return row


def kept_form(content: bytes) -> bytes:
    """The bytes that are kept of a file: a picture's points alone, other files as they are. Raises
    UnknownFileKind, PictureTooLarge, PictureDamaged.
    """
    return images.plain(content, kind_of(content))


def sum_of(content: bytes, klass: DataClass) -> str:
    """What proves that a file is unchanged. A plain sum would tell who holds a copy that it lies
    here: that of a sealed file is keyed, and what is restricted has none, its seal proves it.
    """
    if klass is DataClass.R:
        return ""
    plain = hashlib.sha256(content).hexdigest()
    if ORDER.index(klass) < ORDER.index(SEALED_FROM):
        return plain
    return keyed_of(plain)


def keyed_of(plain: str) -> str:
    """The keyed sum of a file whose plain SHA-256 is known. No change of the index key changes
    it."""
    return keyed_hash(sums_key(), plain)


def sums_key() -> bytes:
    """The key of the sums of sealed files. It leaves the house sealed, with a programme handed
    over, so that its successor knows the files again.
    """
    return keys.load().lasting_key("org.stored_file")


def known_sums(plain: str) -> tuple[str, ...]:
    """The keyed sums by which a file with this SHA-256 may be kept here: our own, then those of the
    houses a programme was taken over from.
    """
    return (keyed_of(plain), *(keyed_hash(key, plain) for key in keys.load().sums))


def sum_of_sealed(content: bytes) -> str:
    """By what a file that holds names and numbers of persons is known again: keyed like the sum of
    its stored bytes.
    """
    return sum_of(content, DataClass.S)


def sums_of_sealed(content: bytes) -> tuple[str, ...]:
    """By what such a file is looked up: it may have come to the house before this one."""
    return known_sums(hashlib.sha256(content).hexdigest())


def read_file(row: StoredFile) -> bytes:
    """Return the bytes of a stored file, checked against their sum. Raises FileDamaged."""
    try:
        content = path_of(row).read_bytes()
    except FileNotFoundError as fault:
        raise FileDamaged from fault
    if row.sealed_with:
        ring = keys.load().rings[Ring(row.sealed_with)]
        content = bytes.fromhex(ring.decrypt(content.decode(), _place(row)))
    if row.sha256 and sum_of(content, DataClass(row.klass)) != row.sha256:
        raise FileDamaged
    return content


def _sealed(row: StoredFile, content: bytes) -> bytes:
    """The bytes as they lie on the disk: the class of a file alone decides how it is sealed."""
    klass = DataClass(row.klass)
    row.sealed_with = ""
    if ORDER.index(klass) < ORDER.index(SEALED_FROM):
        return content
    ring = Ring.COMPARTMENT if klass is DataClass.R else Ring.FIELD
    row.sealed_with = ring.value
    return keys.load().rings[ring].encrypt(content.hex(), _place(row)).encode()


def keep_again(row: StoredFile, content: bytes, written: list[Path]) -> None:
    """Write the bytes of a row that came from another house under a name and a seal of this one:
    nothing the row says decides where they lie. The place is told to `written` before anything is
    there. Raises FileDamaged where the bytes are not what the row says, UnknownFileKind.
    """
    if row.klass not in {klass.value for klass in DataClass}:
        raise FileDamaged
    if not content or len(content) != row.size:
        raise FileDamaged
    if kind_of(content, sound=row.content_type.startswith("audio/")) != row.content_type:
        raise FileDamaged
    row.stored_name = secrets.token_hex(24)
    row.sha256 = sum_of(content, DataClass(row.klass))
    kept = _sealed(row, content)
    written.append(path_of(row))
    _write(path_of(row), kept)
    row.save(update_fields=["stored_name", "sha256", "sealed_with"])


def sweep_unnamed() -> int:
    """Take away files that no row names, as a load that was cut off leaves them; how many."""
    named = set(StoredFile.objects.values_list("stored_name", flat=True))
    lie = [
        path
        for path in Path(settings.MEDIA_ROOT).glob("??/*")
        if STORED_NAME.fullmatch(path.name) and path.name not in named
    ]
    for path in lie:
        path.unlink(missing_ok=True)
    return len(lie)


def files_of(*owners: models.Model) -> list[StoredFile]:
    """The files of records of one kind, the first first. Whoever asks has checked that she may see
    the records.
    """
    rows = StoredFile.objects.filter(
        object_type__in={owner._meta.label_lower for owner in owners},
        object_id__in=[str(owner.pk) for owner in owners],
    )
    return list(rows.order_by("recorded_at", "pk"))


def key_of_file(row: StoredFile) -> str:
    """Return the id of the key a sealed file was written with."""
    with path_of(row).open("rb") as file:
        return key_id_of(file.read(64).decode("ascii", "replace"))


def reseal_file(row: StoredFile) -> bool:
    """Seal a file with the writing key of its ring; False when it already is."""
    ring = keys.load().rings[Ring(row.sealed_with)]
    if key_of_file(row) == ring.writing_key_id:
        return False
    path = path_of(row)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    _write(draft, ring.rotate(path.read_text(), _place(row)).encode())
    os.replace(draft, path)
    return True


def destroy_file(row: StoredFile) -> None:
    """Take a file away for good, as a person's erasure asks: its row now, its bytes once that is
    committed. What pointed to it points nowhere by then; backups lose it as they age. A row with a
    name this program never gives has no bytes here.
    """
    path = path_of(row) if STORED_NAME.fullmatch(row.stored_name) else None
    with transaction.atomic():
        row.delete()
        if path is not None:
            transaction.on_commit(partial(path.unlink, missing_ok=True))


def path_of(row: StoredFile) -> Path:
    """Return where the bytes lie: outside every folder that is served. Raises FileDamaged for a
    name this program never gives, which might lead elsewhere.
    """
    if not STORED_NAME.fullmatch(row.stored_name):
        raise FileDamaged
    return Path(settings.MEDIA_ROOT) / row.stored_name[:2] / row.stored_name


def _place(row: StoredFile) -> Place:
    return Place(StoredFile._meta.db_table, "content", str(row.pk))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
