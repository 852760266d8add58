"""Demonstration families: generated codes for names, invented circumstances, everything asked by
services."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import prefetch_related_objects

from handup.demo.chance import number
from handup.demo.foundation import Ground
from handup.kernel.dates import month_end
from handup.org.models import Area
from handup.org.plain import rows_where
from handup.org.rules.access import Role
from handup.people.models import Household, Membership, Participation, Person
from handup.people.rules import codes as c
from handup.people.services import (
    ApplicationIn,
    ConsentIn,
    HouseholdFactIn,
    HouseholdIn,
    MemberIn,
    NameIn,
    PaperIn,
    PersonIn,
    StatusIn,
    VulnerabilityIn,
    apply_all,
    register_households,
)

BATCH = 500
Progress = Callable[[int], None]
STATUSES = (
    (45, (c.LegalStatusKind.REFUGEE,)),
    (12, (c.LegalStatusKind.RETURNEE,)),
    (4, (c.LegalStatusKind.RETURNED_ASYLUM_SEEKER,)),
    (15, (c.LegalStatusKind.IDP,)),
    (6, (c.LegalStatusKind.REFUGEE, c.LegalStatusKind.NATURALISED)),
    (18, (c.LegalStatusKind.HOST,)),
)


@dataclass(frozen=True, slots=True)
class Family:
    """A registered head of a household and how she takes part."""

    head: Person
    household: Household
    participation: Participation


def statuses_of(seed: str, place: int) -> tuple[c.LegalStatusKind, ...]:
    """Statuses of one family, by shares that overlap."""
    drawn = number(f"{seed}-status", place, 100)
    for share, kinds in STATUSES:
        if drawn < share:
            return kinds
        drawn -= share
    return ()


def person_in(
    ground: Ground,
    *,
    code: str,
    seed: str,
    place: int,
    registered: date,
    area: Area,
    with_status: bool = True,
    women_of_100: int = 52,
) -> PersonIn:
    """One invented person: a code as name, an age, consents, a demonstration paper."""
    on = registered
    born = on - timedelta(days=365 * 20 + number(f"{seed}-age", place, 365 * 40))
    sex = c.Sex.F if number(f"{seed}-sex", place, 100) < women_of_100 else c.Sex.M
    kinds = statuses_of(seed, place) if with_status else ()
    told = number(f"{seed}-told", place, 12)
    vulnerabilities = tuple(c.VulnerabilityKind)
    return PersonIn(
        names=(NameIn("Participant", code),),
        registered_date=on,
        sex=sex,
        birth_date=born,
        area=area,
        office=ground.cast.offices[area.code.split("-")[0]],
        programme=ground.programme,
        case_officer=ground.cast[Role.FIELD_OFFICER],
        papers=(PaperIn(c.PaperKind.NATIONAL_ID, f"DEMO-{seed}-{code}"),),
        statuses=tuple(StatusIn(kind, born) for kind in kinds),
        vulnerabilities=(
            (VulnerabilityIn(vulnerabilities[told], on - timedelta(days=400)),)
            if told < len(vulnerabilities) and with_status
            else ()
        ),
        consents=tuple(
            ConsentIn(purpose, ground.notice, c.ConsentMethod.SIGNATURE, on)
            for purpose in (c.ConsentPurpose.SERVICE, c.ConsentPurpose.SHARE_BANK)
        ),
    )


def household_in(
    ground: Ground, person: PersonIn, *, seed: str, place: int, income: int
) -> HouseholdIn:
    """The household a person heads, with what she told of it."""
    return HouseholdIn(
        members=(MemberIn(person, c.HouseholdRole.HEAD, c.Kinship.SELF),),
        registered_date=person.registered_date,
        area=person.area,
        office=person.office,
        programme=ground.programme,
        case_officer=person.case_officer,
        fact=HouseholdFactIn(
            fact_date=person.registered_date,
            adults=1 + number(f"{seed}-adults", place, 4),
            children=number(f"{seed}-children", place, 6),
            monthly_income_units=income * (40 + number(f"{seed}-income", place, 160)) // 100,
            currency=ground.programme.currency,
        ),
    )


def register_families(
    ground: Ground, households: list[HouseholdIn], *, decided: bool, progress: Progress
) -> list[Family]:
    """Register households with their heads and let each head take part."""
    clerk = ground.cast[Role.CLERK]
    officer = ground.cast[Role.TARGETING_OFFICER] if decided else clerk
    families = []
    for start in range(0, len(households), BATCH):
        chunk = households[start : start + BATCH]
        stored = register_households(acting_staff=clerk, items=chunk)
        heads = heads_of(stored)
        applications = [
            ApplicationIn(
                person=heads[household.pk],
                programme=ground.programme,
                phase=ground.phase,
                household=household,
                office=item.office,
                case_officer=item.case_officer,
                applied_date=item.registered_date,
                decided_date=month_end(item.registered_date) if decided else None,
                started_date=month_end(item.registered_date) if decided else None,
            )
            for household, item in zip(stored, chunk, strict=True)
        ]
        taken = apply_all(acting_staff=officer, items=applications)
        families += [
            Family(heads[household.pk], household, row)
            for household, row in zip(stored, taken, strict=True)
        ]
        progress(len(chunk))
    return families


def heads_of(households: list[Household]) -> dict[UUID, Person]:
    """The head of each household just registered."""
    heads = dict(
        Membership.objects.filter(
            household__in=[household.pk for household in households],
            role=c.HouseholdRole.HEAD.value,
            to_date=None,
        ).values_list("person_id", "household_id")
    )
    persons = rows_where(Person, "id", list(heads))
    prefetch_related_objects(persons, "area", "office")
    return {heads[person.pk]: person for person in persons}
