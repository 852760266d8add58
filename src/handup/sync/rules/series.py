"""A parcel as a series of QR codes: cut into parts that are read in any order, each twice if need
be, and put together again. The twin of `field/core/series.ts`.

A part is `HUP/<sum>/<no>/<count>/<check>/<letters>`: `sum` the first eight hexadecimal digits of
the SHA-256 of the whole, `check` the CRC-32 of this part's bytes, both in capitals; `letters` the
bytes in base 45 (RFC 9285), so that a code holds them in its alphanumeric mode. The first byte of
the whole is 0 (the rest is as it is) or 1 (the rest is compressed: raw DEFLATE, RFC 1951).
"""

import zlib
from collections.abc import Iterable
from hashlib import sha256

HEAD = "HUP"
PART_BYTES = 400
MOST_PARTS = 999
MOST_BYTES = 2_000_000
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
PLAIN, COMPRESSED = b"\x00", b"\x01"


class NotASeries(ValueError):
    """These texts are no parts of one parcel, or not all of them."""


def base45(data: bytes) -> str:
    """Bytes in base 45: two bytes become three letters, a last one two."""
    letters = []
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair, "big")
        for _letter in range(len(pair) + 1):
            number, rest = divmod(number, 45)
            letters.append(LETTERS[rest])
    return "".join(letters)


def from_base45(text: str) -> bytes:
    """The bytes of a text in base 45. Raises NotASeries."""
    found = bytearray()
    for at in range(0, len(text), 3):
        letters = text[at : at + 3]
        places = [LETTERS.find(letter) for letter in letters]
        number = sum(place * 45**power for power, place in enumerate(places))
        size = len(letters) - 1
        if min(places) < 0 or size == 0 or number >= 256**size:
            raise NotASeries
        found += number.to_bytes(size, "big")
    return bytes(found)


def cut(data: bytes, part_bytes: int = PART_BYTES) -> list[str]:
    """The texts of the codes of a parcel. Raises NotASeries when it needs more than 999."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    whole = COMPRESSED + squeezer.compress(data) + squeezer.flush()
    parts = [whole[at : at + part_bytes] for at in range(0, len(whole), part_bytes)]
    if len(parts) > MOST_PARTS:
        raise NotASeries
    name = _name(whole)
    return [
        f"{HEAD}/{name}/{no}/{len(parts)}/{_check(part)}/{base45(part)}"
        for no, part in enumerate(parts, 1)
    ]


def _name(whole: bytes) -> str:
    return sha256(whole).hexdigest()[:8].upper()


def _check(part: bytes) -> str:
    return f"{zlib.crc32(part):08X}"


def gather(texts: Iterable[str]) -> bytes:
    """The parcel that these texts make together, in any order and however often. Raises
    NotASeries."""
    parts: dict[int, bytes] = {}
    names: set[tuple[str, str]] = set()
    for text in texts:
        pieces = text.split("/", 5)
        if len(pieces) != 6 or pieces[0] != HEAD or not pieces[2].isdecimal():
            raise NotASeries
        part = from_base45(pieces[5])
        if _check(part) != pieces[4]:
            raise NotASeries
        names.add((pieces[1], pieces[3]))
        parts[int(pieces[2])] = part
    if len(names) != 1:
        raise NotASeries
    name, count = next(iter(names))
    whole = b"".join(parts[no] for no in sorted(parts))
    if str(len(parts)) != count or _name(whole) != name:
        raise NotASeries
    return _unpacked(whole)


def _unpacked(whole: bytes) -> bytes:
    if whole[:1] == PLAIN:
        return whole[1:]
    opener = zlib.decompressobj(-15)
    try:
        data = opener.decompress(whole[1:], MOST_BYTES)
    except zlib.error as fault:
        raise NotASeries from fault
    if opener.unconsumed_tail or not opener.eof:
        raise NotASeries
    return data
