"""Who gets a place, in which order, and how an enrolment ends."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from handup.org.models import AuditLine, Office, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.people.models import Person
from handup.people.services.store import PersonErased
from handup.projects.models import Programme
from handup.training import services
from handup.training.models import Cohort, Course, Curriculum, Enrolment
from handup.training.queries import waiting_list
from handup.training.rules.states import (
    CourseType,
    DropoutReason,
    EnrolmentState,
    TestKind,
)
from handup.training.services import refusals
from handup.training.tests.conftest import START, MakePerson, member_of_staff

DAY = date(2026, 2, 10)


def waiting(
    officer: StaffUser, cohort: Cohort, person: MakePerson, *scores: str
) -> list[Enrolment]:
    rows = services.record_applications(
        acting_staff=officer,
        items=[
            services.ApplicationIn(
                cohort=cohort, person=person(), applied_date=DAY, targeting_score=Decimal(score)
            )
            for score in scores
        ],
    )
    return services.decide_application(
        acting_staff=officer, enrolments=rows, eligible=True, decided_date=DAY
    )


def test_an_applicant_waits_is_invited_and_enrolled(
    officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    (row,) = waiting(officer, cohort, person, "70")
    assert row.state == EnrolmentState.WAITING
    services.invite_to_cohort(
        acting_staff=officer, cohort=cohort, enrolments=[row], invited_date=date(2026, 2, 12)
    )
    services.enrol_in_cohort(
        acting_staff=officer, cohort=cohort, person=row.person, enrolled_date=date(2026, 2, 15)
    )
    row.refresh_from_db()
    assert row.state == EnrolmentState.ENROLLED
    assert [row.applied_date, row.eligible_date, row.invited_date, row.enrolled_date] == [
        DAY,
        DAY,
        date(2026, 2, 12),
        date(2026, 2, 15),
    ]
    assert Enrolment.objects.count() == 1


def test_the_waiting_list_goes_by_score(
    officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    rows = waiting(officer, cohort, person, "40", "90", "70")
    assert [row.pk for _place, row in waiting_list(cohort=cohort)] == [
        rows[1].pk,
        rows[2].pk,
        rows[0].pk,
    ]


def test_inviting_out_of_order_needs_a_reason_and_a_second_person(
    officer: StaffUser, second: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    low, _high = waiting(officer, cohort, person, "40", "90")
    invite = {"cohort": cohort, "enrolments": [low], "invited_date": DAY}
    with pytest.raises(refusals.OutOfOrder):
        services.invite_to_cohort(acting_staff=officer, **invite)  # type: ignore[arg-type]
    with pytest.raises(refusals.NeedsAnotherPerson):
        services.invite_to_cohort(acting_staff=officer, reason="lives next door", **invite)  # type: ignore[arg-type]
    with pytest.raises(refusals.NeedsAnotherPerson):
        services.invite_to_cohort(
            acting_staff=officer,
            reason="lives next door",
            asked_by=officer,
            **invite,  # type: ignore[arg-type]
        )
    assert Enrolment.objects.get(pk=low.pk).state == EnrolmentState.WAITING
    services.invite_to_cohort(
        acting_staff=officer,
        reason="lives next door",
        asked_by=second,
        **invite,  # type: ignore[arg-type]
    )
    assert Enrolment.objects.get(pk=low.pk).state == EnrolmentState.INVITED


def test_an_invitation_beyond_capacity_is_refused(
    officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    rows = waiting(officer, cohort, person, "90", "80", "70", "60", "50", "40")
    with pytest.raises(refusals.CohortFull):
        services.invite_to_cohort(
            acting_staff=officer, cohort=cohort, enrolments=rows, invited_date=DAY
        )
    assert not Enrolment.objects.filter(state=EnrolmentState.INVITED).exists()


def test_capacity_holds_for_enrolment_and_a_walk_in_is_flagged(
    officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    for _ in range(5):
        services.enrol_in_cohort(
            acting_staff=officer, cohort=cohort, person=person(), enrolled_date=DAY
        )
    with pytest.raises(refusals.CohortFull):
        services.enrol_in_cohort(
            acting_staff=officer, cohort=cohort, person=person(), enrolled_date=DAY
        )
    assert cohort.enrolments.count() == 5
    row = services.enrol_in_cohort(
        acting_staff=officer, cohort=cohort, person=person(), enrolled_date=DAY, walk_in=True
    )
    assert row.walk_in
    assert cohort.enrolments.count() == 6


def test_who_was_invited_has_a_place_in_a_full_cohort(
    officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    rows = waiting(officer, cohort, person, "90", "80", "70", "60", "50")
    services.invite_to_cohort(
        acting_staff=officer, cohort=cohort, enrolments=rows, invited_date=DAY
    )
    done = services.enrol_in_cohort(
        acting_staff=officer, cohort=cohort, person=rows[0].person, enrolled_date=DAY
    )
    assert done.state == EnrolmentState.ENROLLED


def test_a_person_is_enrolled_once(officer: StaffUser, cohort: Cohort, person: MakePerson) -> None:
    she = person()
    first = services.enrol_in_cohort(
        acting_staff=officer, cohort=cohort, person=she, enrolled_date=DAY
    )
    again = services.enrol_in_cohort(
        acting_staff=officer, cohort=cohort, person=she, enrolled_date=DAY
    )
    assert first == again
    with pytest.raises(refusals.AlreadyEnrolled):
        services.record_application(
            acting_staff=officer, cohort=cohort, person=she, applied_date=DAY
        )
    assert Enrolment.objects.count() == 1


def test_not_eligible_needs_a_reason_and_is_not_enrolled(
    officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    row = services.record_application(
        acting_staff=officer, cohort=cohort, person=person(), applied_date=DAY
    )
    with pytest.raises(refusals.ReasonMissing):
        services.decide_application(
            acting_staff=officer, enrolments=[row], eligible=False, decided_date=DAY
        )
    services.decide_application(
        acting_staff=officer,
        enrolments=[row],
        eligible=False,
        decided_date=DAY,
        reason="lives elsewhere",
    )
    with pytest.raises(refusals.StepNotPossible):
        services.enrol_in_cohort(
            acting_staff=officer, cohort=cohort, person=row.person, enrolled_date=DAY
        )
    row.refresh_from_db()
    assert row.state == EnrolmentState.NOT_ELIGIBLE


def test_a_prerequisite_or_an_exemption_with_its_reason(
    officer: StaffUser,
    course: Course,
    curriculum: Curriculum,
    programme: Programme,
    person: MakePerson,
    completed: list[Enrolment],
) -> None:
    advanced = services.offer_course(
        acting_staff=officer,
        curriculum=curriculum,
        code="ADV",
        title="Grow a business",
        prerequisite=course,
    )
    cohort = services.open_cohort(
        acting_staff=officer,
        course=advanced,
        programme=programme,
        code="ADV-1",
        capacity=9,
        starts_date=START,
        ends_date=START,
    )
    with pytest.raises(refusals.PrerequisiteMissing):
        services.enrol_in_cohort(
            acting_staff=officer,
            cohort=cohort,
            person=completed[2].person,
            enrolled_date=date(2026, 5, 1),
        )
    assert not cohort.enrolments.exists()
    services.enrol_in_cohort(
        acting_staff=officer,
        cohort=cohort,
        person=completed[0].person,
        enrolled_date=date(2026, 5, 1),
    )
    exempted = services.enrol_in_cohort(
        acting_staff=officer,
        cohort=cohort,
        person=completed[2].person,
        enrolled_date=date(2026, 5, 1),
        exempted="ran a shop for ten years",
    )
    assert exempted.exempted == "ran a shop for ten years"


def test_the_literacy_level_test_precedes_book_keeping(
    officer: StaffUser,
    curriculum: Curriculum,
    programme: Programme,
    person: MakePerson,
) -> None:
    def offer(code: str, **more: object) -> Cohort:
        course = services.offer_course(
            acting_staff=officer,
            curriculum=curriculum,
            code=code,
            title=code,
            **more,  # type: ignore[arg-type]
        )
        return services.open_cohort(
            acting_staff=officer,
            course=course,
            programme=programme,
            code=code,
            capacity=9,
            starts_date=START,
            ends_date=START,
        )

    literacy = offer("LIT", type=CourseType.LITERACY)
    books = offer("BOOK", level_test_required=True)
    can, cannot = person(), person()
    test = services.set_test(
        acting_staff=officer,
        cohort=literacy,
        kind=TestKind.LEVEL,
        title="Reading",
        max_score=10,
        test_date=START,
    )
    for she, score in ((can, 6), (cannot, 5)):
        row = services.enrol_in_cohort(
            acting_staff=officer, cohort=literacy, person=she, enrolled_date=START
        )
        services.record_test(
            acting_staff=officer, test=test, enrolment=row, score=score, sat_date=START
        )
    services.enrol_in_cohort(acting_staff=officer, cohort=books, person=can, enrolled_date=START)
    with pytest.raises(refusals.LevelTestMissing):
        services.enrol_in_cohort(
            acting_staff=officer, cohort=books, person=cannot, enrolled_date=START
        )
    assert [row.person for row in books.enrolments.all()] == [can]


def test_a_level_test_counts_for_the_courses_it_comes_before(
    officer: StaffUser, curriculum: Curriculum, programme: Programme, person: MakePerson
) -> None:
    """One of tailoring lets her into more tailoring, not into book-keeping; of literacy the other
    way about.
    """

    def offer(code: str, **more: Any) -> Cohort:
        course = services.offer_course(
            acting_staff=officer,
            curriculum=curriculum,
            code=code,
            title=code,
            **more,
        )
        return services.open_cohort(
            acting_staff=officer,
            course=course,
            programme=programme,
            code=code,
            capacity=9,
            starts_date=START,
            ends_date=START,
        )

    def passed(cohort: Cohort) -> Person:
        she = person()
        test = services.set_test(
            acting_staff=officer,
            cohort=cohort,
            kind=TestKind.LEVEL,
            title="Level",
            max_score=10,
            test_date=START,
        )
        row = services.enrol_in_cohort(
            acting_staff=officer, cohort=cohort, person=she, enrolled_date=START
        )
        services.record_test(
            acting_staff=officer, test=test, enrolment=row, score=9, sat_date=START
        )
        return she

    sews = offer("SEW", type=CourseType.TECHNICAL)
    reads = offer("LIT", type=CourseType.LITERACY)
    books = offer("BOOK", level_test_required=True)
    more = offer("SEW2", level_test_required=True, prerequisite=sews.course)
    sewer, reader = passed(sews), passed(reads)
    for cohort, she, not_she in ((books, reader, sewer), (more, sewer, reader)):
        with pytest.raises(refusals.LevelTestMissing):
            services.enrol_in_cohort(
                acting_staff=officer, cohort=cohort, person=not_she, enrolled_date=START
            )
        services.enrol_in_cohort(
            acting_staff=officer, cohort=cohort, person=she, enrolled_date=START
        )
        assert [row.person for row in cohort.enrolments.all()] == [she]


def test_a_drop_out_has_a_coded_reason(officer: StaffUser, enrolled: list[Enrolment]) -> None:
    with pytest.raises(refusals.ReasonMissing):
        services.end_enrolment(
            acting_staff=officer,
            enrolment=enrolled[0],
            state=EnrolmentState.DROPPED_OUT,
            ended_date=START,
        )
    with pytest.raises(refusals.ReasonMissing):
        services.end_enrolment(
            acting_staff=officer,
            enrolment=enrolled[0],
            state=EnrolmentState.DROPPED_OUT,
            ended_date=START,
            reason=DropoutReason.OTHER,
        )
    assert Enrolment.objects.get(pk=enrolled[0].pk).state == EnrolmentState.ENROLLED
    services.end_enrolment(
        acting_staff=officer,
        enrolment=enrolled[0],
        state=EnrolmentState.DROPPED_OUT,
        ended_date=START,
        reason=DropoutReason.STIPEND_TOO_LOW,
    )
    row = Enrolment.objects.get(pk=enrolled[0].pk)
    assert (row.state, row.state_reason) == (EnrolmentState.DROPPED_OUT, "STIPEND_TOO_LOW")
    line = AuditLine.objects.filter(action="training.end_enrolment").get()
    assert line.facts == {"state": "DROPPED_OUT"}


def test_a_transfer_moves_the_person_and_keeps_the_first_row(
    officer: StaffUser, enrolled: list[Enrolment], course: Course, programme: Programme
) -> None:
    other = services.open_cohort(
        acting_staff=officer,
        course=course,
        programme=programme,
        code="B",
        capacity=3,
        starts_date=START,
        ends_date=START + timedelta(days=9),
    )
    with pytest.raises(refusals.WrongCohort):
        services.end_enrolment(
            acting_staff=officer,
            enrolment=enrolled[0],
            state=EnrolmentState.TRANSFERRED,
            ended_date=START,
        )
    row = services.end_enrolment(
        acting_staff=officer,
        enrolment=enrolled[0],
        state=EnrolmentState.TRANSFERRED,
        ended_date=START,
        to_cohort=other,
    )
    assert row.transferred_to is not None
    assert (row.transferred_to.cohort, row.transferred_to.state) == (other, "ENROLLED")
    assert row.transferred_to.applied_date == row.applied_date


def test_completion_is_never_typed(officer: StaffUser, enrolled: list[Enrolment]) -> None:
    with pytest.raises(refusals.StepNotPossible):
        services.end_enrolment(
            acting_staff=officer,
            enrolment=enrolled[0],
            state=EnrolmentState.COMPLETED,
            ended_date=START,
        )
    assert Enrolment.objects.get(pk=enrolled[0].pk).completed_date is None


def test_nobody_is_enrolled_before_she_applied(
    officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    with pytest.raises(refusals.DateBefore):
        services.enrol_in_cohort(
            acting_staff=officer,
            cohort=cohort,
            person=person(),
            enrolled_date=DAY,
            applied_date=DAY + timedelta(days=1),
        )
    assert not Enrolment.objects.exists()


def test_staff_of_another_office_neither_see_nor_enrol(
    cohort: Cohort, enrolled: list[Enrolment], person: MakePerson, outsider: StaffUser
) -> None:
    south = Office.objects.create(code="south", name="South")
    stranger = member_of_staff("stranger", Role.FIELD_OFFICER, scope=ScopeKind.OFFICE, office=south)
    assert not Enrolment.objects.visible_to(stranger).exists()
    she = person()
    with pytest.raises(OutOfSight):
        services.enrol_in_cohort(
            acting_staff=stranger, cohort=cohort, person=she, enrolled_date=DAY
        )
    with pytest.raises(NotAllowed):
        services.enrol_in_cohort(
            acting_staff=outsider, cohort=cohort, person=she, enrolled_date=DAY
        )
    assert not she.enrolments.exists()


def test_whoever_was_erased_neither_applies_nor_comes_onto_a_roll(
    officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    """Who was on it stays as she was: what comes again of her changes nothing."""
    gone, there = person(), person()
    where: dict[str, Any] = {"acting_staff": officer, "cohort": cohort}
    (row,) = services.enrol_persons(
        acting_staff=officer,
        items=[services.EnrolmentIn(cohort=cohort, person=there, enrolled_date=DAY)],
    )
    for one in (gone, there):
        one.erased_date = DAY
        one.save(update_fields=["erased_date"])
    with pytest.raises(PersonErased):
        services.enrol_in_cohort(**where, person=gone, enrolled_date=DAY)
    with pytest.raises(PersonErased):
        services.record_application(**where, person=gone, applied_date=DAY)
    again = services.enrol_in_cohort(**where, person=there, enrolled_date=DAY)
    assert again.pk == row.pk
    assert Enrolment.objects.count() == 1
