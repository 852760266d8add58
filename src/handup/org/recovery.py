"""Recovery codes of the second factor: ten, random, each hashed by itself, each works once
(protection.md 4.10, V6.5).

allauth derives its codes from one sealed seed, so that whoever holds the field keys and the
database reads all of them, and it has no setting for another way. `install` gives its class these
methods instead. New codes lie sealed until they are shown, once; from then on only their hashes are
kept, by the house's password hasher with a salt each, as ten digits alone could be guessed from a
fast hash.
"""

import json
import secrets
import time
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import decrypt, encrypt
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

DIGITS = 10
LENGTHS = frozenset({DIGITS, app_settings.RECOVERY_CODE_DIGITS})
"""Digits of a code of now, and of one that was derived from a seed before."""
UNSEEN = "\u2022" * 4

_from_seed = RecoveryCodes.generate_codes
"""All codes of a seed, as allauth derives them."""


def new_codes() -> list[str]:
    """As many codes as the setting says, all different."""
    found: set[str] = set()
    while len(found) < settings.MFA_RECOVERY_CODE_COUNT:
        found.add(f"{secrets.randbelow(10**DIGITS):0{DIGITS}}")
    return sorted(found, key=lambda _code: secrets.randbits(32))


def kept(codes: list[str]) -> dict[str, Any]:
    """What is kept of new codes: their hashes, and themselves sealed until they are shown."""
    return {
        "hashes": [make_password(code) for code in codes],
        "unseen": encrypt(json.dumps(codes)),
    }


def activate(cls: type[Any], user: Any) -> Any:
    """The codes of a staff user, made if she has none."""
    rows = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES)
    row = rows.first()
    if row is None:
        row = Authenticator(
            user=user, type=Authenticator.Type.RECOVERY_CODES, data=kept(new_codes())
        )
        row.save()
    return cls(row)


def derived(codes: Any) -> list[str]:
    """The codes of a seed from before that are still unused."""
    used = codes.instance.data.get("used_mask", 0)
    return [code for place, code in enumerate(_from_seed(codes)) if not used >> place & 1]


def _converted(codes: Any) -> dict[str, Any]:
    """What a row holds; codes derived from a seed become hashes first. They were shown already."""
    data: dict[str, Any] = codes.instance.data
    if "hashes" not in data:
        left = derived(codes)
        data = {"hashes": [make_password(code) for code in left], "viewed_at": time.time()}
        codes.instance.data = data
        codes.instance.save(update_fields=["data"])
    return data


def get_unused_codes(self: Any) -> list[str]:
    """The codes while they may still be shown; afterwards as many dots as are left."""
    shown: list[str] | None = getattr(self, "shown", None)
    data = _converted(self)
    if shown is None and "unseen" in data:
        shown = json.loads(decrypt(data["unseen"]))
    return shown if shown is not None else [UNSEEN] * len(data["hashes"])


def generate_codes(self: Any) -> list[str]:
    """The same: no code can be worked out again."""
    return get_unused_codes(self)


@transaction.atomic
def validate_code(self: Any, code: str) -> bool:
    """Whether it is one of the codes left; it works once. What has not as many digits as a code
    costs no hashing.
    """
    code = "".join(code.split())
    if self.instance.pk is not None:
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)
    data = _converted(self)
    if not code.isascii() or not code.isdigit() or len(code) not in LENGTHS:
        return False
    for place, hashed in enumerate(data["hashes"]):
        if check_password(code, hashed):
            del data["hashes"][place]
            data.pop("unseen", None)
            self.instance.save(update_fields=["data"])
            return True
    return False


def mark_as_viewed(self: Any) -> None:
    """They are shown now: from here on only their hashes are kept."""
    data = _converted(self)
    if "unseen" in data:
        self.shown = json.loads(decrypt(data.pop("unseen")))
    if not data.get("viewed_at"):
        data["viewed_at"] = time.time()
        self.instance.save(update_fields=["data"])


def install() -> None:
    """Let allauth keep recovery codes this way."""
    RecoveryCodes.activate = classmethod(activate)
    RecoveryCodes.generate_codes = generate_codes
    RecoveryCodes.get_unused_codes = get_unused_codes
    RecoveryCodes.validate_code = validate_code
    RecoveryCodes.mark_as_viewed = mark_as_viewed
