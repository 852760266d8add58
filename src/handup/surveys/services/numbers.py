"""The numbers an installation may set otherwise: up to how many everybody is asked, and how often
and on how many days somebody is looked for (surveys.md 4.2, 4.3).
"""

from dataclasses import asdict, dataclass

from django.db import transaction

from handup.org import audit, installation
from handup.org.models import Setting, StaffUser
from handup.org.permissions import require
from handup.surveys.rules import flow, samples
from handup.surveys.services.refusals import NumberOutOfBounds

MOST = {"census_up_to": 100_000, "attempts": 20, "days": 20}


@dataclass(frozen=True, slots=True)
class Numbers:
    """As they are set, or as usual."""

    census_up_to: int = samples.CENSUS_UP_TO
    attempts: int = flow.ATTEMPTS
    days: int = flow.DAYS


KEYS = {
    "census_up_to": "surveys.census_up_to",
    "attempts": "surveys.not_found_attempts",
    "days": "surveys.not_found_days",
}


def numbers() -> Numbers:
    """The numbers in force."""
    held = dict(Setting.objects.filter(key__in=KEYS.values()).values_list("key", "value"))
    return Numbers(**{name: int(held[key]) for name, key in KEYS.items() if key in held})


def set_numbers(*, acting_staff: StaffUser, told: Numbers) -> Numbers:
    """Set them; what is set now holds for what is recorded from now on. Raises
    NumberOutOfBounds.
    """
    require(acting_staff, "surveys.set_numbers")
    before = asdict(numbers())
    for name, value in asdict(told).items():
        if not 1 <= value <= MOST[name] or (name == "days" and value > told.attempts):
            raise NumberOutOfBounds(field=name, least=1, most=min(MOST[name], told.attempts)
                                    if name == "days" else MOST[name])  # fmt: skip
    with transaction.atomic():
        for name, value in asdict(told).items():
            if before[name] != value:
                row = installation.put(KEYS[name], value)
                audit.record(acting_staff, "surveys.set_numbers", row, {"from": before[name]})
    return told
