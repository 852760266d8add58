"""A person's own rows, blanked before they are set apart from her (protection.md 4.8).

What figures counted stays in its coarsest form: sex, an age band, the statuses of the days that
counted, the place of level 2 (`apart` gives it to a count key). Names, papers, telephones, places,
words and everything that history kept of them go. The books are not touched: they hold codes and
ids only.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from handup.org.models import Area
from handup.org.names_at_rest import names_of
from handup.people import subject
from handup.people.models import (
    BreakGlass,
    Consent,
    Enquiry,
    Enterprise,
    Household,
    HouseholdFact,
    LegalStatus,
    Membership,
    Ownership,
    Participation,
    Person,
    PersonDocument,
    PersonName,
    Referral,
    ReferralPriority,
    SeasonPlace,
    SubjectRequest,
    Vulnerability,
)
from handup.people.rules.codes import BirthPrecision, Kinship, StatusSource
from handup.people.rules.erasure import counted_area, counted_birth, held_on
from handup.people.services.apart import LAST, erased_word
from handup.people.services.protection import empty
from handup.people.services.registration import registration_numbers
from handup.people.services.sharing import give_no_file_of


def erase(person_id: UUID) -> None:
    """Blank her own rows and their history. Doing it twice changes nothing."""
    person = Person._base_manager.filter(pk=person_id).first()
    if person is None:
        return
    days = _days_that_counted(person_id)
    looked_at = {day for told in subject.days for day in told(person_id)}
    _tombstone(person, days | looked_at)
    _statuses(person_id, _own_days(person_id))
    for rows in (PersonName, PersonDocument):
        rows._base_manager.filter(person_id=person_id).delete()
        _forget(rows, person_id=person_id)
    Enquiry._base_manager.filter(person_id=person_id).update(
        name="", phone="", phone_hash="", wish="", closed_reason="", language=""
    )
    Consent._base_manager.filter(person_id=person_id).update(signatory="")
    Participation._base_manager.filter(person_id=person_id).update(decision={}, sealed_facts="")
    Membership._base_manager.filter(person_id=person_id).update(relation=Kinship.NOT_KNOWN.value)
    for table in (Participation, Membership, Ownership):
        _forget(table, person_id=person_id)
    asked = SubjectRequest._base_manager.filter(person_id=person_id)
    asked.update(asker="", details="", answer="", language="")
    BreakGlass._base_manager.filter(person_id=person_id).update(words="", finding="")
    sent = Referral._base_manager.filter(person_id=person_id)
    sent.update(need="", answer="", override="")
    ReferralPriority._base_manager.filter(person_id=person_id).delete()
    SeasonPlace._base_manager.filter(person_id=person_id).delete()
    give_no_file_of(person_id)
    empty(person_id)
    _homes(person_id)
    _enterprises(person_id)


def _own_days(person_id: UUID) -> set[date]:
    """The days on which figures looked at her: those on which she applied."""
    rows = Participation._base_manager.filter(person_id=person_id)
    return set(rows.values_list("applied_date", flat=True))


def _days_that_counted(person_id: UUID) -> set[date]:
    """Her own days, and those of whoever shares a household with her: her age counts there too."""
    homes = Membership._base_manager.filter(person_id=person_id).values("household_id")
    shared = Membership._base_manager.filter(household_id__in=homes).values("person_id")
    rows = Participation._base_manager.filter(person_id__in=shared)
    return _own_days(person_id) | set(rows.values_list("applied_date", flat=True))


def _tombstone(person: Person, days: Collection[date]) -> None:
    """She counts as she did; whoever holds her card finds nobody with it."""
    born = counted_birth(person.birth_date, person.birth_precision, days)
    precision = BirthPrecision.UNKNOWN if born is None else BirthPrecision.AGE
    number = person.registration_no
    if not number.startswith("X"):
        (number,) = registration_numbers(1, Person, "X")
    (named, _father) = names_of(Person)
    Person._base_manager.filter(pk=person.pk).update(
        registration_no=number,
        display_name=named.at(person.pk, erased_word()),
        sort_key=LAST,
        father_name="",
        birth_date=born,
        birth_precision=precision.value,
        languages=[],
        phone="",
        phone_hash="",
        address="",
        area=_coarse(person.area),
    )
    _forget(Person, id=person.pk)


def _coarse(area: Area | None) -> Area | None:
    """The place of level 2 a place lies in."""
    code = counted_area(area.path, area.level) if area is not None else ""
    return Area.objects.get(code=code) if code else area


def _statuses(person_id: UUID, days: Collection[date]) -> None:
    """What she was said to be stays for the days that counted, without paper or source."""
    for model in (LegalStatus, Vulnerability):
        for row in model._base_manager.filter(person_id=person_id):
            held = held_on(row.from_date, row.to_date, days)
            if held is None:
                row.delete()
                continue
            row.from_date, row.to_date = held
            row.source = StatusSource.TOLD.value
            if isinstance(row, LegalStatus):
                row.document = None
            row.save()
        _forget(model, person_id=person_id)


def _alone(table: Any, links: Any, column: str, person_id: UUID) -> list[Any]:
    """The households or enterprises of nobody but her and persons erased before."""
    link = links._base_manager.filter(**{column: OuterRef("pk")}).exclude(person_id=person_id)
    others = link.filter(person__erased_date=None)
    mine = links._base_manager.filter(person_id=person_id).values(f"{column}_id")
    return list(table._base_manager.filter(pk__in=mine).exclude(Exists(others)))


def _homes(person_id: UUID) -> None:
    """A household of hers alone keeps how many and what they lived on, on the days that counted."""
    days = sorted(_days_that_counted(person_id))
    for home in _alone(Household, Membership, "household", person_id):
        rows = Household._base_manager.filter(pk=home.pk)
        rows.update(address="", area=_coarse(home.area))
        _forget(Household, id=home.pk)
        told = list(HouseholdFact._base_manager.filter(household=home).order_by("fact_date", "id"))
        latest = (_latest(told, day) for day in days)
        counted = {pk for pk in latest if pk is not None}
        HouseholdFact._base_manager.filter(household=home).exclude(pk__in=counted).delete()


def _latest(told: Iterable[HouseholdFact], day: date) -> UUID | None:
    """What was last told by a day."""
    before = [row.pk for row in told if row.fact_date <= day]
    return before[-1] if before else None


def _enterprises(person_id: UUID) -> None:
    """A business of hers alone keeps its trade and days, which figures count; not its name."""
    for item in _alone(Enterprise, Ownership, "enterprise", person_id):
        rows = Enterprise._base_manager.filter(pk=item.pk)
        rows.update(name="", area=_coarse(item.area))
        _forget(Enterprise, id=item.pk)


def _forget(table: Any, **which: Any) -> None:
    """Delete what history kept of a row."""
    table.history.model._base_manager.filter(**which).delete()
