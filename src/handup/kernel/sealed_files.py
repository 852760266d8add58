"""Files sealed whole, piece by piece, for copies that are carried away.

A sealed file begins with MARK and sixteen random bytes; from them and the key comes the key of
this one file (HKDF). Then pieces of 1 MiB, each by AES-256-GCM, bound to the file's name, its place
in the file and to whether it is the last: a piece that was changed, moved, left out or cut off is
refused.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from handup.kernel.errors import Refusal

MARK = b"HANDUP SEALED 1\n"
SALT = 16
PIECE = 1 << 20
TAG = 16
END = ".sealed"


class SealBroken(Refusal):
    """{name} cannot be opened: it was changed or cut off, or it was sealed with other keys."""


def _box(key: bytes, salt: bytes) -> AESGCM:
    own = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"handup sealed file").derive(key)
    return AESGCM(own)


def _pieces(file: Path, length: int, begin: int = 0) -> Iterator[tuple[bytes, bool]]:
    """The pieces of a file, each with whether it is the last; an empty file has one empty piece."""
    with file.open("rb") as held:
        held.seek(begin)
        piece = held.read(length)
        while True:
            following = held.read(length)
            yield piece, not following
            if not following:
                return
            piece = following


def _bound(name: str, last: bool) -> bytes:
    return f"{name}\n{int(last)}".encode()


def sealed_size(size: int) -> int:
    """How many bytes a file of so many has when it is sealed."""
    return len(MARK) + SALT + size + TAG * max(1, -(-size // PIECE))


def seal_file(file: Path, to: Path, *, key: bytes, name: str) -> None:
    """Write `file` sealed to `to` and bring it to the disk; name: what it is bound to."""
    salt = os.urandom(SALT)
    box = _box(key, salt)
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(MARK + salt)
        for number, (piece, last) in enumerate(_pieces(file, PIECE)):
            out.write(box.encrypt(number.to_bytes(12, "big"), piece, _bound(name, last)))
        out.flush()
        os.fsync(out.fileno())


def open_file(file: Path, to: Path, *, key: bytes, name: str) -> None:
    """Write what is sealed in `file` to `to`. Raises SealBroken; `to` is then taken away again."""
    with file.open("rb") as held:
        head = held.read(len(MARK) + SALT)
    if not head.startswith(MARK) or len(head) != len(MARK) + SALT:
        raise SealBroken(name=name)
    box = _box(key, head[len(MARK) :])
    try:
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for number, (piece, last) in enumerate(_pieces(file, PIECE + TAG, len(head))):
                out.write(box.decrypt(number.to_bytes(12, "big"), piece, _bound(name, last)))
            out.flush()
            os.fsync(out.fileno())
    except (InvalidTag, ValueError) as fault:
        to.unlink(missing_ok=True)
        raise SealBroken(name=name) from fault
