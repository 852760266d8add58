"""What was on a device that is lost: persons and fields, told by the domains that put them there.

    exposure.tells.append(on_her_phone)   # in apps.py: device -> Exposed

What the house knows itself is whom a token of the device has read since it was enrolled.
"""

from collections.abc import Callable
from dataclasses import dataclass

from handup.org.models import Device, Door, ReadAction, ReadEntry


@dataclass(frozen=True, slots=True)
class Exposed:
    """Persons by id, and the names of the fields that were on the device."""

    persons: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()


tells: list[Callable[[Device], Exposed]] = []


def of_device(device: Device) -> Exposed:
    """Everything that is known to have been on a device."""
    parts = [read_by(device), *(tell(device) for tell in tells)]
    return Exposed(
        frozenset(person for part in parts for person in part.persons),
        frozenset(name for part in parts for name in part.fields),
    )


def read_by(device: Device) -> Exposed:
    """Whom its holder has read by a token since it was enrolled; nothing when it had none."""
    if not device.tokens.exists():
        return Exposed()
    rows = ReadEntry.objects.filter(
        staff_id=device.staff_id,
        door__in=(Door.SYNC.value, Door.API.value),
        at__gte=device.recorded_at.replace(microsecond=0),  # an entry keeps thousandths only
    ).exclude(action=ReadAction.DENIED.value)
    return Exposed(frozenset(str(person) for row in rows.iterator() for person in row.persons))
