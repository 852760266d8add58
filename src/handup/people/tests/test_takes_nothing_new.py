"""Whoever was erased takes nothing new: no act writes anything of her under the id that is left."""

from collections.abc import Callable
from typing import Any

import pytest

from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
from handup.people.models import (
    Consent,
    ConsentNotice,
    ConsentRefusal,
    Grievance,
    LegalStatus,
    Participation,
    Person,
    SeasonPlace,
    Vulnerability,
)
from handup.people.rules import codes as c
from handup.people.rules.codes import Season
from handup.people.rules.grievances import GrievanceKind
from handup.people.services import (
    ApplicationIn,
    PlaceIn,
    apply_to_programme,
    give_consent,
    record_place,
    record_status,
    record_vulnerability,
)
from handup.people.services.consents import NoIn, refuse_consent
from handup.people.services.grievances import GrievanceIn, record_grievance
from handup.people.services.store import PersonErased
from handup.people.tests.conftest import DAY, agreed

KEPT = (
    Consent,
    ConsentRefusal,
    Grievance,
    LegalStatus,
    Participation,
    SeasonPlace,
    Vulnerability,
)

Act = Callable[[StaffUser, Person, ConsentNotice], Any]


def _no(staff: StaffUser, person: Person, notice: ConsentNotice) -> Any:
    told = NoIn(c.ConsentPurpose.SHARE_BANK, notice, c.ConsentMethod.MARK, DAY)
    return refuse_consent(acting_staff=staff, person=person, told=told)


def _applies(staff: StaffUser, person: Person, notice: ConsentNotice) -> Any:
    assert person.programme is not None
    told = ApplicationIn(person=person, programme=person.programme, applied_date=DAY)
    return apply_to_programme(acting_staff=staff, application=told)


ACTS: dict[str, Act] = {
    "place": lambda staff, person, notice: record_place(
        acting_staff=staff, person=person, told=PlaceIn(Season.WINTER, DAY, place="Her spring")
    ),
    "consent": lambda staff, person, notice: give_consent(
        acting_staff=staff, person=person, consent=agreed(notice, c.ConsentPurpose.SHARE_BANK)
    ),
    "refusal": _no,
    "status": lambda staff, person, notice: record_status(
        acting_staff=staff, person=person, status=c.LegalStatusKind.REFUGEE, from_date=DAY
    ),
    "told": lambda staff, person, notice: record_vulnerability(
        acting_staff=staff, person=person, kind=c.VulnerabilityKind.WIDOWED, from_date=DAY
    ),
    "complaint": lambda staff, person, notice: record_grievance(
        acting_staff=staff,
        grievance=GrievanceIn(
            kind=GrievanceKind.SERVICE, text="Nobody came", received_date=DAY, person=person
        ),
    ),
    "application": _applies,
}


def kept(person: Person) -> int:
    """How many rows lie under her id."""
    return sum(model._base_manager.filter(person=person).count() for model in KEPT)


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_written_of_whoever_was_erased(
    clerk: StaffUser, ani: Person, notice: ConsentNotice, act: str
) -> None:
    before = kept(ani)
    Person._base_manager.filter(pk=ani.pk).update(erased_date=DAY)
    left = Person._base_manager.get(pk=ani.pk)
    with pytest.raises(PersonErased) as refused:
        ACTS[act](clerk, left, notice)
    assert isinstance(refused.value, Refusal)
    assert kept(ani) == before
    Person._base_manager.filter(pk=ani.pk).update(erased_date=None)
    ACTS[act](clerk, Person._base_manager.get(pk=ani.pk), notice)
    assert kept(ani) == before + 1, "of anybody else it is written"
