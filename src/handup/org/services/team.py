"""The first persons of a house and the roles of their part of the work, given in one act."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org.models import Grant, StaffUser
from handup.org.rules.access import ScopeKind
from handup.org.rules.duties import Profile
from handup.org.rules.parts import ROLES_OF, Part
from handup.org.services.access import give_grant, held_roles
from handup.org.services.house import start_installation
from handup.org.services.staff import issue_password, register_staff

YEAR = timedelta(days=365)


class NothingToGive(Refusal):
    """She holds all roles of this part already."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who begins to work here, and her part."""

    display_name: str
    username: str
    part: Part


@dataclass(frozen=True, slots=True)
class Started:
    """The first administrator, and each colleague with the password she signs in with first."""

    administrator: StaffUser
    passwords: Sequence[tuple[StaffUser, str]]


def give_part(
    *,
    acting_staff: StaffUser,
    staff: StaffUser,
    part: Part,
    on: date | None = None,
    reason: str = "",
) -> list[Grant]:
    """Give every role of a part that she does not hold yet, over everything, for twelve months.

    Raises NothingToGive, and what `give_grant` raises: nothing is given then.
    """
    day = on or timezone.localdate()
    held = held_roles(staff, on=day)
    wanted = [role for role in ROLES_OF[part] if role not in held]
    if not wanted:
        raise NothingToGive(field="part")
    with transaction.atomic():
        return [
            give_grant(
                acting_staff=acting_staff,
                staff=staff,
                role=role,
                scope=ScopeKind.ALL,
                starts=day,
                ends=day + YEAR,
                reason=reason,
            )
            for role in wanted
        ]


def start_with_team(
    *, profile: Profile, team: Iterable[Colleague] = (), on: date, reason: str, **first: Any
) -> Started:
    """Set up an empty installation with the persons who do the work: `first` is what
    `start_installation` takes. In SOLO the administrator holds both parts herself, for `reason`.

    Raises what `start_installation`, `register_staff` and `give_grant` raise: nothing is set up
    then.
    """
    with transaction.atomic():
        administrator = start_installation(profile=profile, on=on, **first)
        if profile is Profile.SOLO:
            for part in Part:
                give_part(
                    acting_staff=administrator,
                    staff=administrator,
                    part=part,
                    on=on,
                    reason=reason,
                )
            return Started(administrator, ())
        passwords = []
        for one in team:
            staff = register_staff(
                acting_staff=administrator, username=one.username, display_name=one.display_name
            )
            give_part(acting_staff=administrator, staff=staff, part=one.part, on=on)
            passwords.append((staff, issue_password(acting_staff=administrator, staff=staff)))
    return Started(administrator, tuple(passwords))
