"""What this installation is: its profile, which domains are on, whether it is a demonstration
(rulings A1).
"""

from dataclasses import dataclass
from time import monotonic

from handup.org.models import Setting
from handup.org.rules.access import SWITCHABLE
from handup.org.rules.duties import Profile

PROFILE, DOMAINS, DEMONSTRATION = "profile", "domains", "DEMONSTRATION"
PHONE_CODE, CODE_KEPT_SECONDS = "phone_country_code", 10.0
_code: list[tuple[float, str]] = []


@dataclass(frozen=True, slots=True)
class Installation:
    """The settings every page and service may ask for, read in one query."""

    profile: Profile
    domains: frozenset[str]
    demonstration: bool
    set_up: bool

    def shows(self, domain: str) -> bool:
        """Tell whether a domain is on; what cannot be switched off always is."""
        return domain not in SWITCHABLE or domain in self.domains


def read() -> Installation:
    """Read the installation's settings; before the first-run wizard everything is on, STANDARD."""
    rows = Setting.objects.filter(key__in=(PROFILE, DOMAINS, DEMONSTRATION))
    held = dict(rows.values_list("key", "value"))
    return Installation(
        profile=Profile(held.get(PROFILE, Profile.STANDARD)),
        domains=frozenset(held.get(DOMAINS, SWITCHABLE)),
        demonstration=held.get(DEMONSTRATION) is True,
        set_up=PROFILE in held,
    )


def profile() -> Profile:
    """Return the profile."""
    return read().profile


def phone_country_code() -> str:
    """The digits that stand before a telephone number written as at home; empty when not set.

    Kept for some seconds: a file of many numbers asks once.
    """
    if _code and monotonic() - _code[0][0] < CODE_KEPT_SECONDS:
        return _code[0][1]
    held = Setting.objects.filter(key=PHONE_CODE).values_list("value", flat=True).first()
    told = str(held or "").strip().removeprefix("+").removeprefix("00")
    _code[:] = [(monotonic(), told if told.isascii() and told.isdigit() else "")]
    return _code[0][1]


def forget_phone_code() -> None:
    """Ask again next time."""
    _code.clear()


def put(key: str, value: object) -> Setting:
    """Store one setting; services call it and write the audit line."""
    if key == PHONE_CODE:
        forget_phone_code()
    setting, _ = Setting.objects.update_or_create(key=key, defaults={"value": value})
    return setting
