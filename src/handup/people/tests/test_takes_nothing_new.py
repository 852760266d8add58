"""Whoever was erased takes nothing new: no act writes anything of her under the id that is left."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
from handup.people.models import (
    Consent,
    ConsentNotice,
    ConsentRefusal,
    Enterprise,
    Grievance,
    Household,
    LegalStatus,
    MeansScore,
    Membership,
    Ownership,
    Participation,
    Person,
    SeasonPlace,
    Vulnerability,
)
from handup.people.queries import heads_on, household_members_on
from handup.people.rules import codes as c
from handup.people.rules.codes import Season
from handup.people.rules.grievances import GrievanceKind
from handup.people.services import (
    ApplicationIn,
    EnterpriseIn,
    HouseholdFactIn,
    HouseholdIn,
    MemberIn,
    OwnerIn,
    PlaceIn,
    apply_to_programme,
    change_head,
    correct_enterprise,
    end_status,
    give_consent,
    join_household,
    leave_household,
    move_participation,
    record_household_fact,
    record_place,
    record_status,
    record_vulnerability,
    register_enterprise,
    register_household,
    split_household,
    take_back_leaving,
)
from handup.people.services.consents import NoIn, refuse_consent
from handup.people.services.grievances import GrievanceIn, record_grievance
from handup.people.services.means import score_household
from handup.people.services.store import PersonErased
from handup.people.tests.conftest import DAY, agreed, person_in
from handup.people.tests.test_means import publish
from handup.projects.models import Programme

KEPT = (
    Consent,
    ConsentRefusal,
    Grievance,
    LegalStatus,
    Membership,
    Ownership,
    Participation,
    SeasonPlace,
    Vulnerability,
)
HEAD, LATER = c.HouseholdRole.HEAD, date(2026, 6, 1)

Act = Callable[[StaffUser, Person, ConsentNotice], Any]


def _no(staff: StaffUser, person: Person, notice: ConsentNotice) -> Any:
    told = NoIn(c.ConsentPurpose.SHARE_BANK, notice, c.ConsentMethod.MARK, DAY)
    return refuse_consent(acting_staff=staff, person=person, told=told)


def _applies(staff: StaffUser, person: Person, notice: ConsentNotice) -> Any:
    assert person.programme is not None
    told = ApplicationIn(person=person, programme=person.programme, applied_date=DAY)
    return apply_to_programme(acting_staff=staff, application=told)


def _sheet(staff: StaffUser, programme: Programme, *members: MemberIn) -> Household:
    told = HouseholdIn(members=members, registered_date=DAY, programme=programme)
    return register_household(acting_staff=staff, household=told).household


def _joins(staff: StaffUser, person: Person, notice: ConsentNotice) -> Any:
    assert person.programme is not None
    home = _sheet(staff, person.programme, MemberIn(person_in(person.programme, "Nare"), HEAD))
    return join_household(acting_staff=staff, household=home, person=person, from_date=DAY)


def _lives(staff: StaffUser, person: Person, notice: ConsentNotice) -> Any:
    assert person.programme is not None
    return _sheet(staff, person.programme, MemberIn(person, HEAD))


def _owns(staff: StaffUser, person: Person, notice: ConsentNotice | None) -> Any:
    told = EnterpriseIn(
        trade="Tailor",
        owners=(OwnerIn(person),),
        registered_date=DAY,
        programme=person.programme,
    )
    return register_enterprise(acting_staff=staff, enterprise=told)


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
    "household joined": _joins,
    "household sheet": _lives,
    "enterprise": _owns,
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


def erased(person: Person) -> Person:
    """Her record as an erasure leaves it."""
    Person._base_manager.filter(pk=person.pk).update(erased_date=LATER)
    return Person._base_manager.get(pk=person.pk)


def test_a_household_lives_on_without_whoever_was_erased(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    nare = MemberIn(person_in(programme, "Nare"))
    home = _sheet(clerk, programme, MemberIn(ani, HEAD), nare)
    left, her = home.memberships.get(person=ani), erased(ani)
    (nare_now,) = Person._base_manager.exclude(pk=ani.pk)
    with pytest.raises(PersonErased):
        split_household(
            acting_staff=clerk, household=home, members=[MemberIn(her, HEAD)], split_date=LATER
        )
    change_head(acting_staff=clerk, household=home, new_head=nare_now, change_date=LATER)
    assert heads_on([home.pk], on=LATER) == {home.pk: nare_now.pk}
    assert household_members_on(home.pk, on=LATER).count() == 1
    assert Membership._base_manager.filter(person=ani).count() == 1, "she is no member from then on"
    left = Membership._base_manager.select_related("person", "household").get(pk=left.pk)
    with pytest.raises(PersonErased):
        take_back_leaving(acting_staff=clerk, membership=left, reason=c.LeavingMistake.OTHER_PERSON)
    assert Household._base_manager.count() == 1


def test_nobody_erased_heads_a_household_nor_keeps_its_head_there(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    nare = MemberIn(person_in(programme, "Nare"), HEAD)
    home = _sheet(clerk, programme, nare, MemberIn(ani))
    her = erased(ani)
    with pytest.raises(PersonErased):
        change_head(acting_staff=clerk, household=home, new_head=her, change_date=LATER)
    head = home.memberships.get(role=HEAD)
    assert leave_household(acting_staff=clerk, membership=head, last_date=LATER).to_date == LATER


def test_what_was_hers_alone_tells_nothing_more(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    home = _sheet(clerk, programme, MemberIn(ani, HEAD))
    shop = _owns(clerk, ani, None)
    erased(ani)
    with pytest.raises(PersonErased):
        record_household_fact(
            acting_staff=clerk, household=home, fact=HouseholdFactIn(LATER, adults=1)
        )
    with pytest.raises(PersonErased):
        correct_enterprise(
            acting_staff=clerk, enterprise=shop, name="Ani the tailor", trade="Tailor",
            formality=c.Formality.INFORMAL, job_kind=None, workers_family=1, workers_paid=0,
            workers_women=1, area=None, start_date=None,
        )  # fmt: skip
    assert not home.facts.exists()
    assert Enterprise._base_manager.get().name == ""


def test_no_score_no_step_and_no_end_is_written_of_her(
    clerk: StaffUser, manager: StaffUser, targeting: StaffUser, ani: Person,
    programme: Programme, application: Participation,
) -> None:  # fmt: skip
    test = publish(manager)
    home = _sheet(clerk, programme, MemberIn(ani), MemberIn(person_in(programme, "Nare"), HEAD))
    status = record_status(
        acting_staff=clerk, person=ani, status=c.LegalStatusKind.REFUGEE, from_date=DAY
    )
    her = erased(ani)
    nare = home.memberships.get(role=HEAD).person
    facts = {"wall": "BRICK", "area": "OTHER"}
    for one, members in ((her, {}), (nare, {her.pk: {"age": 9}})):
        with pytest.raises(PersonErased):
            score_household(
                acting_staff=clerk, person=one, test=test, facts=facts, members=members,
                scored_date=DAY,
            )  # fmt: skip
    assert not MeansScore._base_manager.exists()
    with pytest.raises(PersonErased):
        end_status(
            acting_staff=clerk,
            status=LegalStatus._base_manager.get(pk=status.pk),
            last_date=LATER,
        )
    part = Participation._base_manager.get(pk=application.pk)
    with pytest.raises(PersonErased):
        move_participation(
            acting_staff=targeting, participation=part, on=LATER,
            to_state=c.ParticipationState.EXITED, reason=c.Reason.MOVED.value,
        )  # fmt: skip
    assert Participation._base_manager.get(pk=part.pk).state == "APPLIED"
    score = score_household(
        acting_staff=clerk, person=nare, test=test, facts=facts, members={}, scored_date=DAY
    )
    assert score.person_id == nare.pk
