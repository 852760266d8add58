"""The staff of the demonstration: one sign-in a role, trainers and advisers, two offices."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from handup.org import demonstration, installation
from handup.org.models import Area, Grant, Office, StaffUser
from handup.org.rules.access import OF_AN_ORGANISATION, SWITCHABLE, Role, ScopeKind
from handup.org.rules.duties import Profile
from handup.org.services import open_office
from handup.org.services.access import give_grant
from handup.org.services.staff import register_staff

SHOWN_ROLES = tuple(role for role in Role if role not in {Role.INTEGRATION, Role.SUCCESSOR})
GRANT_DAYS = 360


def words(role: Role) -> str:
    """A role as people read it."""
    return role.value.replace("_", " ").lower().replace("me ", "M&E ").replace("dpo", "DPO")


@dataclass(slots=True)
class Cast:
    """Who acts in the demonstration, by role, and the people of the credit programme."""

    by_role: dict[Role, StaffUser]
    offices: dict[str, Office]
    trainers: list[StaffUser] = field(default_factory=list)
    advisers: list[StaffUser] = field(default_factory=list)
    appraisers: list[StaffUser] = field(default_factory=list)

    def __getitem__(self, role: Role) -> StaffUser:
        return self.by_role[role]


def hire(
    role: Role, name: str, username: str, administrator: StaffUser, language: str
) -> StaffUser:
    """Register a staff user and give the role everywhere for most of a year; a role that is an
    organisation's is given when that organisation is there.
    """
    staff = register_staff(
        acting_staff=administrator, username=username, display_name=name, language=language
    )
    if role not in OF_AN_ORGANISATION:
        give_role(administrator, staff, role)
    return staff


def give_role(
    administrator: StaffUser, staff: StaffUser, role: Role, organisation_id: UUID | None = None
) -> None:
    """Give a role for most of a year, everywhere or what is one organisation's."""
    today = timezone.localdate()
    give_grant(
        acting_staff=administrator,
        staff=staff,
        role=role,
        scope=ScopeKind.ALL,
        organisation_id=organisation_id,
        starts=today,
        ends=today + timedelta(days=GRANT_DAYS),
    )


def start() -> StaffUser:
    """Mark the database as a demonstration and make its first administrator."""
    demonstration.mark()
    installation.put(installation.PROFILE, Profile.STANDARD.value)
    installation.put(installation.DOMAINS, list(SWITCHABLE))
    administrator = StaffUser.objects.create_user(
        "administrator", display_name="Demonstration administrator"
    )
    today = timezone.localdate()
    Grant.objects.create(
        staff=administrator,
        role=Role.ADMINISTRATOR,
        scope=ScopeKind.ALL,
        starts=today,
        ends=today + timedelta(days=GRANT_DAYS),
    )
    return administrator


def make_cast(administrator: StaffUser, areas: dict[str, Area]) -> Cast:
    """Hire one person a role, three trainers, and the pool of advisers and appraisers."""
    offices = {
        code: open_office(
            acting_staff=administrator, code=code, name=f"{areas[code]} office", area=areas[code]
        )
        for code in ("AM", "MN", "RW")
    }
    by_role = {Role.ADMINISTRATOR: administrator}
    for role in SHOWN_ROLES:
        if role is not Role.ADMINISTRATOR:
            username = role.value.lower().replace("_", ".")
            by_role[role] = hire(
                role, f"Demonstration {words(role)}", username, administrator, "en"
            )
    cast = Cast(by_role, offices)
    cast.trainers = [
        hire(Role.TRAINER, f"Institute trainer {n}", f"trainer.{n}", administrator, "en")
        for n in range(1, 4)
    ]
    return cast


def draw_sign_ins(cast: Cast) -> list[demonstration.Drawn]:
    """Draw each role one printed sign-in; stored at the end, when the hashes are made."""
    pairs = [(staff, role.value) for role, staff in cast.by_role.items()]
    return demonstration.draw_sign_ins(pairs)
