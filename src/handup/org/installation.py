"""What this installation is: its profile, which domains are on, whether it is a demonstration
(rulings A1).
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from handup.org import phones
from handup.org.models import Setting
from handup.org.prepared import prepared
from handup.org.rules.access import SWITCHABLE
from handup.org.rules.duties import Profile

PROFILE, DOMAINS, DEMONSTRATION = "profile", "domains", "DEMONSTRATION"


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
    held: dict[str, Any] = dict(_settings([PROFILE, DOMAINS, DEMONSTRATION]))
    return Installation(
        profile=Profile(held.get(PROFILE, Profile.STANDARD)),
        domains=frozenset(held.get(DOMAINS, SWITCHABLE)),
        demonstration=held.get(DEMONSTRATION) is True,
        set_up=PROFILE in held,
    )


@prepared
def _settings(names: list[str]) -> QuerySet[Any, Any]:
    """Settings by name, asked for each page and by each act that two persons take part in."""
    return Setting.objects.filter(key__in=names).values_list("key", "value")


def profile() -> Profile:
    """Return the profile."""
    return read().profile


def put(key: str, value: object) -> Setting:
    """Store one setting; services call it and write the audit line."""
    if key == phones.SETTING:
        phones.forget()
    setting, _ = Setting.objects.update_or_create(key=key, defaults={"value": value})
    return setting
