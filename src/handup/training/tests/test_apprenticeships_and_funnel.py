"""From the open day to a permanent job, counted from records; and what it cost."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from handup.org.models import AuditLine, Setting, StaffUser
from handup.org.permissions import NotAllowed
from handup.projects.models import Organisation, Programme
from handup.training import services
from handup.training.models import (
    ApprenticeshipAgreement,
    Enrolment,
    Placement,
    Workshop,
)
from handup.training.queries import (
    funnel_counts,
    funnel_enrolments,
    funnel_lines,
)
from handup.training.rules.funnel import APPRENTICESHIP, Step
from handup.training.rules.states import (
    AgreementForm,
    ApprenticeshipState,
    CourseType,
    EnrolmentState,
    PlacementKind,
    PlacementState,
)
from handup.training.services import refusals
from handup.training.tests.conftest import START, MakePerson, terms

END = date(2026, 9, 10)


def graduation(row: ApprenticeshipAgreement, **more: object) -> services.GraduationIn:
    values: dict[str, object] = {
        "agreement": row,
        "assessed_date": END,
        "skills": [2, 3, 2],
        "log_attended": 115,
        "log_due": 120,
        "assessor_name": "Marie Assessor",
    }
    return services.GraduationIn(**(values | more))  # type: ignore[arg-type]


def placement(enrolment: Enrolment, **more: object) -> services.PlacementIn:
    values: dict[str, object] = {
        "enrolment": enrolment,
        "kind": PlacementKind.WAGE,
        "started_date": date(2026, 10, 1),
        "claimed_date": date(2026, 11, 5),
        "currency": "RWF",
        "income_units": 40_000,
        "permanent": True,
        "employer": "Carpentry of the market",
    }
    return services.PlacementIn(**(values | more))  # type: ignore[arg-type]


@pytest.fixture
def graduates(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser
) -> list[ApprenticeshipAgreement]:
    """Both apprentices graduated."""
    return services.graduate_apprentices(
        acting_staff=officer, items=[graduation(row) for row in agreements]
    )


def test_an_agreement_holds_money_in_both_directions(
    agreements: list[ApprenticeshipAgreement],
) -> None:
    row = ApprenticeshipAgreement.objects.get(pk=agreements[0].pk)
    assert (row.programme_fee_units, row.allowance_units, row.term_months) == (30_000, 5_000, 6)
    assert row.state == ApprenticeshipState.ACTIVE
    assert Enrolment.objects.get(pk=row.enrolment_id).started_date == START


@pytest.mark.usefixtures("years_later")
@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"term_months": 0}, refusals.TermOutOfRange),
        ({"term_months": 49}, refusals.TermOutOfRange),
        ({"form": AgreementForm.ORAL, "witnesses": "Anna"}, refusals.WitnessesMissing),
        ({"signed_date": date(2027, 1, 21)}, refusals.WorkshopNotVetted),
        ({"stipend_units": 11_999}, refusals.ShortfallNotAcknowledged),
    ],
)
def test_terms_that_are_refused(
    apprentices: list[Enrolment],
    workshop: Workshop,
    officer: StaffUser,
    change: dict[str, object],
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        services.sign_apprenticeship(
            acting_staff=officer, terms=terms(apprentices[0], workshop, **change)
        )
    assert not ApprenticeshipAgreement.objects.exists()


def test_a_stipend_below_transport_is_acknowledged_first(
    apprentices: list[Enrolment], workshop: Workshop, officer: StaffUser
) -> None:
    low = {"stipend_units": 9_000}
    with pytest.raises(refusals.ShortfallNotAcknowledged, match="3000"):
        services.sign_apprenticeship(
            acting_staff=officer, terms=terms(apprentices[0], workshop, **low)
        )
    row = services.sign_apprenticeship(
        acting_staff=officer,
        terms=terms(apprentices[0], workshop, shortfall_acknowledged=True, **low),
    )
    assert row.shortfall_acknowledged


def test_a_spoken_agreement_has_two_witnesses(
    apprentices: list[Enrolment], workshop: Workshop, officer: StaffUser
) -> None:
    row = services.sign_apprenticeship(
        acting_staff=officer,
        terms=terms(apprentices[0], workshop, form=AgreementForm.ORAL, witnesses="Anna, Paul"),
    )
    assert row.form == AgreementForm.ORAL


@pytest.mark.parametrize(
    ("born", "change", "refusal"),
    [
        (date(2012, 1, 1), {}, refusals.UnderLegalAge),
        (date(2009, 1, 1), {}, refusals.GuardianMissing),
        (
            date(2009, 1, 1),
            {"guardian_name": "Mother", "trade": "Welding"},
            refusals.HazardousTrade,
        ),
        (
            date(2009, 1, 1),
            {"guardian_name": "Mother", "trade": "Arc-WELDING and gates"},
            refusals.HazardousTrade,
        ),
    ],
)
def test_the_young_are_protected(
    apprentices: list[Enrolment],
    workshop: Workshop,
    officer: StaffUser,
    born: date,
    change: dict[str, object],
    refusal: type[Exception],
) -> None:
    Setting.objects.create(key="training.hazardous_trades", value=["welding"])
    young = apprentices[0]
    young.person.birth_date = born
    with pytest.raises(refusal):
        services.sign_apprenticeship(acting_staff=officer, terms=terms(young, workshop, **change))
    assert not ApprenticeshipAgreement.objects.exists()
    young.person.birth_date = None
    with pytest.raises(refusals.BirthDateMissing):
        services.sign_apprenticeship(acting_staff=officer, terms=terms(young, workshop))
    young.person.birth_date = date(2009, 1, 1)
    workshop.trade = "Welding"  # a helper there works with the same sparks
    with pytest.raises(refusals.HazardousTrade):
        services.sign_apprenticeship(
            acting_staff=officer, terms=terms(young, workshop, guardian_name="Mother")
        )
    workshop.trade = "carpentry"
    services.sign_apprenticeship(
        acting_staff=officer, terms=terms(young, workshop, guardian_name="Mother")
    )


def test_nobody_begins_younger_than_the_agreement_says(
    apprentices: list[Enrolment], workshop: Workshop, officer: StaffUser
) -> None:
    """She is fifteen on the agreed day, and fourteen a day before."""
    young = apprentices[0]
    young.person.birth_date = START.replace(year=START.year - 15)
    row = services.sign_apprenticeship(
        acting_staff=officer, terms=terms(young, workshop, guardian_name="Mother")
    )
    with pytest.raises(refusals.UnderLegalAge):
        services.start_apprenticeships(
            acting_staff=officer, agreements=[row], started_date=START - timedelta(days=1)
        )
    row.refresh_from_db(fields=["state", "started_date"])
    assert (row.state, row.started_date) == (ApprenticeshipState.SIGNED, None)
    services.start_apprenticeships(acting_staff=officer, agreements=[row], started_date=START)


def test_a_master_takes_at_most_three(
    apprentices: list[Enrolment], workshop: Workshop, officer: StaffUser
) -> None:
    Workshop.objects.filter(pk=workshop.pk).update(max_apprentices=1)
    workshop.refresh_from_db()
    with pytest.raises(refusals.WorkshopFull):
        services.sign_apprenticeships(
            acting_staff=officer, items=[terms(row, workshop) for row in apprentices]
        )
    assert not ApprenticeshipAgreement.objects.exists()
    services.sign_apprenticeship(acting_staff=officer, terms=terms(apprentices[0], workshop))
    with pytest.raises(refusals.WorkshopFull):
        services.sign_apprenticeship(acting_staff=officer, terms=terms(apprentices[1], workshop))


def test_a_master_with_two_workshops_takes_three_in_both_together(
    apprentices: list[Enrolment], workshop: Workshop, officer: StaffUser
) -> None:
    """One master is one whatever the order of the names; "Master 1" is not "Master 2"."""
    Workshop.objects.filter(pk=workshop.pk).update(max_apprentices=1)
    workshop.refresh_from_db()
    second, other, numbered, next_number = (
        services.register_workshop(
            acting_staff=officer,
            name=f"Carpentry of {name}",
            trade="carpentry",
            master_name=name,
            vetted_date=date(2026, 1, 20),
            max_apprentices=1,
        )
        for name in ("MASTER, Jean", "Joan Master", "Jean Master 1", "Jean Master 2")
    )
    services.sign_apprenticeship(acting_staff=officer, terms=terms(apprentices[0], workshop))
    with pytest.raises(refusals.WorkshopFull):
        services.sign_apprenticeship(acting_staff=officer, terms=terms(apprentices[1], second))
    row = services.sign_apprenticeship(acting_staff=officer, terms=terms(apprentices[1], other))
    for place in (numbered, next_number):
        services.end_apprenticeship(
            acting_staff=officer, agreement=row, ended_date=START, reason="Moved"
        )
        row = services.sign_apprenticeship(acting_staff=officer, terms=terms(apprentices[1], place))
    assert row.workshop == next_number
    Workshop.objects.filter(pk=second.pk).update(max_apprentices=2)
    services.end_apprenticeship(
        acting_staff=officer, agreement=row, ended_date=START, reason="Moved"
    )
    services.sign_apprenticeship(acting_staff=officer, terms=terms(apprentices[1], second))


def test_only_somebody_on_the_roll_is_apprenticed(
    apprentices: list[Enrolment], workshop: Workshop, officer: StaffUser, person: MakePerson
) -> None:
    applicant = services.record_application(
        acting_staff=officer,
        cohort=apprentices[0].cohort,
        person=person(),
        applied_date=START,
    )
    with pytest.raises(refusals.NotEnrolled):
        services.sign_apprenticeship(acting_staff=officer, terms=terms(applicant, workshop))


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"skills": [2, 1, 3]}, refusals.SkillsNotMet),
        ({"skills": []}, refusals.SkillsNotMet),
        ({"assessor_name": "jean master "}, refusals.AssessorFromWorkshop),
        ({"assessor_name": "MASTER  Jeán"}, refusals.AssessorFromWorkshop),
        ({"assessor_name": ""}, refusals.AssessorFromWorkshop),
        ({"log_attended": 95}, refusals.LogAttendanceShort),
        ({"log_due": 0}, refusals.LogAttendanceShort),
        ({"assessed_date": START - timedelta(days=1)}, refusals.DateBefore),
    ],
)
def test_no_graduate_without_skills_log_and_an_outside_assessor(
    agreements: list[ApprenticeshipAgreement],
    officer: StaffUser,
    change: dict[str, object],
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        services.graduate_apprentices(
            acting_staff=officer, items=[graduation(agreements[0], **change)]
        )
    row = ApprenticeshipAgreement.objects.get(pk=agreements[0].pk)
    assert row.state == ApprenticeshipState.ACTIVE


def test_the_assessor_is_not_from_the_same_workshop(
    agreements: list[ApprenticeshipAgreement], workshop: Workshop, officer: StaffUser
) -> None:
    with pytest.raises(refusals.AssessorFromWorkshop):
        services.graduate_apprentices(
            acting_staff=officer, items=[graduation(agreements[0], assessor_workshop=workshop)]
        )
    house = Organisation.objects.create(code="H", name="House of trades")
    Workshop.objects.filter(pk=workshop.pk).update(organisation=house)
    row = ApprenticeshipAgreement.objects.get(pk=agreements[0].pk)
    same_house = services.register_workshop(
        acting_staff=officer,
        name="Joinery",
        trade="joinery",
        master_name="Paul",
        organisation=house,
    )
    with pytest.raises(refusals.AssessorFromWorkshop):
        services.graduate_apprentices(
            acting_staff=officer, items=[graduation(row, assessor_workshop=same_house)]
        )
    officer.display_name = row.workshop.master_name
    with pytest.raises(refusals.AssessorFromWorkshop):
        services.graduate_apprentices(
            acting_staff=officer, items=[graduation(row, assessor=officer)]
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        ApprenticeshipAgreement.objects.update(state=ApprenticeshipState.GRADUATED)


def test_a_graduate_has_completed(graduates: list[ApprenticeshipAgreement]) -> None:
    row = Enrolment.objects.get(pk=graduates[0].enrolment_id)
    assert (row.state, row.completed_date) == (EnrolmentState.COMPLETED, END)
    assert AuditLine.objects.filter(action="training.graduate_apprentice").count() == 2


def test_an_apprenticeship_ends_early_with_a_reason(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser
) -> None:
    with pytest.raises(refusals.ReasonMissing):
        services.end_apprenticeship(
            acting_staff=officer, agreement=agreements[0], ended_date=END, reason=""
        )
    services.end_apprenticeship(
        acting_staff=officer, agreement=agreements[0], ended_date=END, reason="moved away"
    )
    with pytest.raises(refusals.NotInThisState):
        services.graduate_apprentices(acting_staff=officer, items=[graduation(agreements[0])])
    with pytest.raises(refusals.NotInThisState):
        services.start_apprenticeships(
            acting_staff=officer, agreements=[agreements[0]], started_date=START
        )


@pytest.mark.usefixtures("years_later")
def test_a_placement_is_verified_by_another_person(
    graduates: list[ApprenticeshipAgreement], officer: StaffUser, second: StaffUser
) -> None:
    row = services.record_placement(
        acting_staff=officer, placement=placement(graduates[0].enrolment)
    )
    with pytest.raises(refusals.VerifierIsClaimant):
        services.verify_placement(
            acting_staff=officer, placement=row, verified_date=date(2027, 3, 1)
        )
    row.refresh_from_db()
    assert row.state == PlacementState.CLAIMED
    with pytest.raises(refusals.DateBefore):
        services.verify_placement(
            acting_staff=second, placement=row, verified_date=date(2026, 11, 1)
        )
    with pytest.raises(refusals.DateBefore, match="lies before 2027-02-23"):  # six months, 15 days
        services.verify_placement(
            acting_staff=second, placement=row, verified_date=date(2027, 2, 22)
        )
    stale = Placement.objects.get(pk=row.pk)
    services.verify_placement(acting_staff=second, placement=row, verified_date=date(2027, 3, 1))
    with pytest.raises(refusals.NotInThisState):
        services.verify_placement(
            acting_staff=second,
            placement=stale,
            verified_date=date(2027, 3, 2),
            rejected=True,
            reason="gone",
        )
    row.refresh_from_db()
    assert (row.state, row.verified_by) == (PlacementState.VERIFIED, second)
    with pytest.raises(refusals.NotInThisState):
        services.verify_placement(
            acting_staff=second, placement=row, verified_date=date(2027, 3, 2)
        )


@pytest.mark.usefixtures("years_later")
def test_a_rejected_placement_has_a_reason_and_may_be_told_anew(
    graduates: list[ApprenticeshipAgreement], officer: StaffUser, second: StaffUser
) -> None:
    row = services.record_placement(
        acting_staff=officer, placement=placement(graduates[0].enrolment)
    )
    with pytest.raises(refusals.PlacementTwice):
        services.record_placement(acting_staff=officer, placement=placement(graduates[0].enrolment))
    with pytest.raises(refusals.ReasonMissing):
        services.verify_placement(
            acting_staff=second,
            placement=row,
            verified_date=date(2027, 3, 1),
            rejected=True,
        )
    services.verify_placement(
        acting_staff=second,
        placement=row,
        verified_date=date(2027, 3, 1),
        rejected=True,
        reason="the workshop does not know her",
    )
    services.record_placement(acting_staff=officer, placement=placement(graduates[0].enrolment))
    assert Placement.objects.count() == 2


def test_no_placement_before_completion(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser, outsider: StaffUser
) -> None:
    with pytest.raises(refusals.NotCompleted):
        services.record_placement(
            acting_staff=officer, placement=placement(agreements[0].enrolment)
        )
    with pytest.raises(NotAllowed):
        services.record_placement(
            acting_staff=outsider, placement=placement(agreements[0].enrolment)
        )
    assert not Placement.objects.exists()


@pytest.fixture
def story(
    apprentices: list[Enrolment],
    officer: StaffUser,
    second: StaffUser,
    person: MakePerson,
    years_later: None,
) -> None:
    """34 came to an open day, 22 enrolled, 21 graduated, 13 hold a permanent paid job."""
    cohort = apprentices[0].cohort
    services.record_applications(
        acting_staff=officer,
        items=[
            services.ApplicationIn(
                cohort=cohort,
                person=person(birth_date=date(2001, 1, 1)),
                applied_date=date(2026, 2, 1),
                open_day_date=date(2026, 2, 1),
            )
            for _ in range(32)
        ],
    )
    waiting = list(Enrolment.objects.filter(state=EnrolmentState.APPLIED).order_by("id"))[:20]
    enrolled = apprentices + services.enrol_persons(
        acting_staff=officer,
        items=[
            services.EnrolmentIn(cohort=cohort, person=row.person, enrolled_date=START)
            for row in waiting
        ],
    )
    shops = [
        services.register_workshop(
            acting_staff=officer,
            name=f"Workshop {n}",
            trade="tailoring",
            master_name=f"Master {n}",
            vetted_date=date(2026, 1, 20),
        )
        for n in range(8)
    ]
    rows = services.sign_apprenticeships(
        acting_staff=officer,
        items=[terms(row, shops[n // 3]) for n, row in enumerate(enrolled)],
    )
    services.start_apprenticeships(acting_staff=officer, agreements=rows, started_date=START)
    done = services.graduate_apprentices(
        acting_staff=officer, items=[graduation(row) for row in rows[:21]]
    )
    claims = services.record_placements(
        acting_staff=officer,
        items=[
            placement(row.enrolment, permanent=n < 13, kind=PlacementKind.WAGE)
            for n, row in enumerate(done[:15])
        ],
    )
    services.verify_placements(
        acting_staff=second, placements=claims, verified_date=date(2027, 3, 1)
    )


@pytest.mark.usefixtures("story")
def test_the_story_size_funnel_is_counted_from_records(programme: Programme) -> None:
    ask = {
        "programme_id": programme.pk,
        "steps": APPRENTICESHIP,
        "on": date(2027, 12, 31),
        "course_types": [CourseType.APPRENTICESHIP],
    }
    assert list(funnel_counts(**ask).values()) == [34, 22, 21, 13]  # type: ignore[arg-type]
    lines = funnel_lines(**ask)  # type: ignore[arg-type]
    assert [line.of_previous for line in lines][1:] == ["64.7", "95.5", "61.9"]
    assert funnel_enrolments(**ask).count() == 13  # type: ignore[arg-type]
    early = funnel_counts(programme_id=programme.pk, steps=APPRENTICESHIP, on=date(2027, 2, 28))
    assert early[Step.PERMANENT_JOB] == 0
    assert funnel_counts(
        programme_id=programme.pk, steps=[Step.PLACED], on=date(2027, 12, 31), month=6
    ) == {Step.PLACED: 15}
    assert funnel_counts(
        programme_id=programme.pk, steps=[Step.PLACED], on=date(2027, 12, 31), month=12
    ) == {Step.PLACED: 0}
