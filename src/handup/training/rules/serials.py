"""Certificate serials with a check digit, and the signed text of the code on a certificate
(training.md 4.7).
"""

from dataclasses import dataclass
from datetime import date

from handup.kernel import luhn

MAX_QR_BYTES = 213
SIGNATURE_CHARACTERS = 86
CUT_MARK = "~"
FORMAT = "1"
SEALED_FORMAT = "1s"
"""What a code says first that was printed before its course was closed: genuine, but only its
address tells whether it became valid.
"""
ATTENDANCE_FORMAT = "1a"
"""What a code says first of somebody who came, whether or not she completed the course."""
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ADDRESS_LENGTH = 13


class TooLongForCode(ValueError):
    """The text does not fit the code printed on a certificate."""


def serial(programme: str, year: int, number: int) -> str:
    """Return `<programme>-<year>-<6 digits>-<check digit over year and digits>`."""
    if not 0 < number < 1_000_000:
        raise ValueError("a serial number has six digits")
    return f"{programme}-{year:04d}-{number:06d}-{luhn.serial_check_digit(year, number)}"


def is_serial(text: str) -> bool:
    """Tell whether a typed serial is well formed and its check digit right."""
    parts = text.rsplit("-", 3)
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() for part in parts[1:]):
        return False
    _, year, number, check = parts
    if (len(year), len(number), len(check)) != (4, 6, 1):
        return False
    return luhn.serial_check_digit(int(year), int(number)) == check


def address_of(random_bytes: bytes) -> str:
    """Turn at least 9 random bytes into 13 base32 characters (65 bits)."""
    value = int.from_bytes(random_bytes, "big")
    if len(random_bytes) < 9:
        raise ValueError("an address needs 65 random bits")
    return "".join(BASE32[(value >> (5 * i)) & 31] for i in range(ADDRESS_LENGTH))


@dataclass(frozen=True, slots=True)
class Printed:
    """What the signed text of a certificate says."""

    serial: str
    course: str
    issued_date: date
    valid_to: date | None
    name: str
    key_id: int
    sealed: bool = False
    attendance: bool = False

    @property
    def format(self) -> str:
        """What its code says first."""
        if self.attendance:
            return ATTENDANCE_FORMAT
        return SEALED_FORMAT if self.sealed else FORMAT


def payload(printed: Printed, limit: int) -> str:
    """Return the text that is signed, at most `limit` bytes: a longer name is cut at a character
    and marked.
    """
    head = "|".join(
        (
            printed.format,
            printed.serial,
            printed.course,
            printed.issued_date.strftime("%y%m%d"),
            printed.valid_to.strftime("%y%m%d") if printed.valid_to else "",
            str(printed.key_id),
            "",
        )
    )
    room = limit - len(head.encode())
    if room < 2:
        raise TooLongForCode
    return head + cut(" ".join(printed.name.replace("|", " ").split()), room)


def cut(name: str, room: int) -> str:
    """Cut a name to `room` bytes of UTF-8 at a character boundary, with a mark when something is
    missing.
    """
    if len(name.encode()) <= room:
        return name
    kept = name.encode()[: room - len(CUT_MARK)].decode(errors="ignore").rstrip()
    return kept + CUT_MARK


def payload_limit(address: str) -> int:
    """Return how many bytes the payload may have beside this address."""
    return MAX_QR_BYTES - len(address.encode()) - 2 - SIGNATURE_CHARACTERS


def code_text(address: str, signed: str, signature: str) -> str:
    """Return `<address>#<payload>.<signature>`; more than 213 bytes would need a larger code and
    is refused.
    """
    text = f"{address}#{signed}.{signature}"
    if len(text.encode()) > MAX_QR_BYTES:
        raise TooLongForCode
    return text


def code_parts(text: str) -> tuple[str, str, str] | None:
    """Split a scanned text into address, payload and signature; None when it is not one of ours."""
    address, hash_mark, rest = text.partition("#")
    signed, dot, signature = rest.rpartition(".")
    return (address, signed, signature) if hash_mark and dot and address else None
