"""Demonstration sign-ins: only in a database marked DEMONSTRATION, only at this machine (rulings
19d).

Passwords and authenticator secrets are made anew for each demonstration and kept in a file of the
data folder that only its owner may read; the database holds the password hash and the sealed secret
like everybody's.
"""

import base64
import hmac
import ipaddress
import json
import os
import secrets
import struct
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest

from handup.kernel.errors import Refusal
from handup.org import installation

if TYPE_CHECKING:
    from handup.org.models import StaffUser

# A domain that holds real persons adds a callable that tells whether the database does.
holds_real_data: list[Callable[[], bool]] = []


FORWARDED = ("X-Forwarded-For", "X-Real-IP")


class NotADemonstration(Refusal):
    """This database is not marked as a demonstration. Demonstration sign-ins are not made in it."""


class HoldsRealData(Refusal):
    """This database holds real persons. The demonstration is not loaded into it; use another data
    folder.
    """


class OnlyAtThisMachine(Refusal):
    """This is a demonstration: its sign-ins work only at the computer it runs on."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One printed sign-in: what a newcomer types."""

    username: str
    role: str
    password: str
    totp_secret: str

    def code(self, now: float | None = None) -> str:
        """Return the six digits of this half minute."""
        return totp_code(self.totp_secret, time.time() if now is None else now)


def is_demonstration() -> bool:
    """Tell whether this database is marked."""
    return installation.read().demonstration


def mark() -> None:
    """Mark this database as a demonstration. Raises HoldsRealData."""
    if is_demonstration():
        return
    if any(holds() for holds in holds_real_data):
        raise HoldsRealData
    installation.put(installation.DEMONSTRATION, True)


def require_here(request: HttpRequest) -> None:
    """Refuse a sign-in to a demonstration from any other machine. Raises OnlyAtThisMachine."""
    if not is_here(request) and is_demonstration():
        raise OnlyAtThisMachine


def is_here(request: HttpRequest) -> bool:
    """Tell whether a request comes from this machine: every address it names must be its own.

    What a proxy passes on can be written by anyone, so it can only take the right away.
    """
    named = [request.META.get("REMOTE_ADDR", "")]
    for header in FORWARDED:
        named += request.headers.get(header, "").split(",") if header in request.headers else []
    return "Forwarded" not in request.headers and all(is_loopback(one.strip()) for one in named)


def is_loopback(address: str) -> bool:
    """Tell whether an address is this machine's own."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return bool((mapped or ip).is_loopback)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sign-in before it is stored: whose, and the hash of its password, still being made."""

    staff: "StaffUser"
    item: SignIn
    password_hash: Future[str]


def draw_sign_ins(staff_and_role: Iterable[tuple["StaffUser", str]]) -> list[Drawn]:
    """Draw each staff user a fresh password and authenticator secret, and begin to hash.

    A hash is slow on purpose (0.25 s). One thread makes them, one at a time, for each takes 100 MB;
    whoever has other work to do meanwhile loses no time.
    """
    hashing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="password-hash")
    drawn = []
    for staff, role in staff_and_role:
        item = SignIn(staff.username, role, new_password(), new_totp_secret())
        drawn.append(Drawn(staff, item, hashing.submit(make_password, item.password)))
    hashing.shutdown(wait=False)
    return drawn


def make_sign_ins(staff_and_role: Iterable[tuple["StaffUser", str]]) -> list[SignIn]:
    """Give each staff user a fresh password and authenticator secret and write the file. Raises
    NotADemonstration.
    """
    if not is_demonstration():
        raise NotADemonstration
    return store_sign_ins(draw_sign_ins(staff_and_role))


def store_sign_ins(drawn: Iterable[Drawn]) -> list[SignIn]:
    """Store what was drawn and write the file. Raises NotADemonstration."""
    if not is_demonstration():
        raise NotADemonstration
    made = {item.username: item for item in sign_ins()}
    with transaction.atomic():
        for new in drawn:
            new.staff.password = new.password_hash.result()
            new.staff.save(update_fields=["password"])
            Authenticator.objects.update_or_create(
                user=new.staff,
                type=Authenticator.Type.TOTP,
                defaults={"data": {"secret": encrypt(new.item.totp_secret)}},
            )
            made[new.item.username] = new.item
        _write(list(made.values()))
    return list(made.values())


def sign_ins() -> list[SignIn]:
    """Read the sign-ins of this demonstration; empty when there are none."""
    try:
        text = sign_ins_file().read_text()
    except FileNotFoundError:
        return []
    return [SignIn(**item) for item in json.loads(text)]


def sign_ins_file() -> Path:
    """Return where they are kept."""
    return Path(settings.DATA_DIR) / "demonstration.json"


def _write(items: list[SignIn]) -> None:
    path = sign_ins_file()
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump([asdict(item) for item in items], file, indent=1)
    os.replace(draft, path)


def new_password() -> str:
    """Return a password of 16 letters and digits in groups of four, easy to type."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def new_totp_secret() -> str:
    """Return a fresh secret for an authenticator app, base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def totp_code(secret: str, now: float) -> str:
    """Return the six digits of RFC 6238 (SHA-1, 30 seconds) at an instant in seconds."""
    counter = struct.pack(">Q", int(now) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, sha1).digest()
    offset = digest[-1] & 0x0F
    value = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{value % 1_000_000:06d}"
