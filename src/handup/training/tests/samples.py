"""One record of each kind the addresses of `training` name, for the tests that walk every
address.
"""

from datetime import date

from django.db.models import Model

from handup.org.models import Office, StaffUser
from handup.people.models import Person
from handup.projects.models import Organisation, Programme
from handup.training.models import (
    ApprenticeshipAgreement,
    ApprenticeVisit,
    Attendance,
    CalendarFeed,
    Certificate,
    Cohort,
    Course,
    CourseLink,
    Curriculum,
    DropoutCase,
    Enrolment,
    FollowUp,
    GraduateOffer,
    LogDay,
    LogTask,
    NeedsAssessment,
    NeedTopic,
    Observation,
    Placement,
    PlatformResult,
    ProviderClaim,
    ProviderClaimLine,
    ProviderTerms,
    Qualification,
    QualificationProof,
    QualificationStep,
    Session,
    SkillLevel,
    SpokenAnswer,
    SpokenQuestion,
    SupportPayment,
    SupportRule,
    Test,
    TestResult,
    TracerResponse,
    TracerRound,
    TradeSkill,
    Workshop,
)
from handup.training.rules.states import CurriculumState, EnrolmentState, SessionState
from handup.training.services.certificates import current_key

DAY = date(2026, 3, 2)


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A cohort of one completed person with everything that can follow."""
    programme = Programme.objects.create(code="WALK-T", title="Walk", currency="XTS")
    curriculum = Curriculum.objects.create(
        code="WALK",
        language="en",
        title="Walk",
        state=CurriculumState.APPROVED,
        prepared_by=staff,
    )
    course = Course.objects.create(code="WALK", title="Walk", curriculum=curriculum)
    cohort = Cohort.objects.create(
        code="WALK",
        course=course,
        programme=programme,
        office=office,
        capacity=5,
        starts_date=DAY,
        ends_date=DAY,
    )
    session = Session.objects.create(
        cohort=cohort,
        number=1,
        session_date=DAY,
        minutes_planned=60,
        minutes_held=60,
        state=SessionState.HELD,
    )
    person = Person.objects.create(
        registration_no="77000001",
        display_name="Walker",
        sort_key="walker",
        programme=programme,
        office=office,
        registered_date=DAY,
        registered_by=staff,
    )
    enrolment = Enrolment.objects.create(
        person=person,
        cohort=cohort,
        state=EnrolmentState.COMPLETED,
        applied_date=DAY,
        enrolled_date=DAY,
        completed_date=DAY,
        name_consent_date=DAY,
    )
    return [programme, curriculum, cohort, session, enrolment, *_after(staff, session, enrolment)]


def _after(staff: StaffUser, session: Session, enrolment: Enrolment) -> list[Model]:
    cohort = session.cohort
    attendance = Attendance.objects.create(
        session=session, enrolment=enrolment, minutes=60, recorded_by=staff
    )
    test = Test.objects.create(
        cohort=cohort,
        kind="POST",
        form="PRACTICAL",
        title="Walk",
        max_score=20,
        test_date=DAY,
        task_form="A",
    )
    sitting = TestResult.objects.create(
        test=test, enrolment=enrolment, score=3, sat_date=DAY, recorded_by=staff
    )
    question = SpokenQuestion.objects.create(test=test, number=1, text="Walk?", most_points=5)
    answer = SpokenAnswer.objects.create(
        result=sitting, question=question, points=3, heard_by=staff
    )
    certificate = Certificate.objects.create(
        serial="WALK-2026-000001-0",
        address="WALKWALKWALK2",
        enrolment=enrolment,
        printed_name="Walker",
        issued_date=DAY,
        code_text="WALKWALKWALK2#walk.walk",
        signing_key=current_key(),
        issued_by=staff,
    )
    workshop = Workshop.objects.create(name="Walk", trade="walking", master_name="Master")
    agreement = ApprenticeshipAgreement.objects.create(
        enrolment=enrolment,
        workshop=workshop,
        trade="walking",
        start_date=DAY,
        currency="XTS",
        recorded_by=staff,
    )
    placement = Placement.objects.create(
        enrolment=enrolment,
        kind="WAGE",
        started_date=DAY,
        currency="XTS",
        claimed_date=DAY,
        claimed_by=staff,
    )
    found: list[Model] = [attendance, test, certificate, agreement, placement]
    found += [sitting, question, answer]
    found += _in_workshop(staff, agreement)
    return [*found, *_beside(staff, session, enrolment)]


def _in_workshop(staff: StaffUser, agreement: ApprenticeshipAgreement) -> list[Model]:
    """Her card, her log, a visit to her, an offer."""
    skill = TradeSkill.objects.create(trade="walking", name="Steps")
    level = SkillLevel.objects.create(
        agreement=agreement, skill=skill, level=2, judged_date=DAY, recorded_by=staff
    )
    day = LogDay.objects.create(agreement=agreement, day=DAY, recorded_by=staff)
    task = LogTask.objects.create(log_day=day, skill=skill)
    visit = ApprenticeVisit.objects.create(
        agreement=agreement,
        visit_date=DAY,
        body="PROGRAMME",
        visitor_name="Visitor",
        recorded_by=staff,
    )
    offer = GraduateOffer.objects.create(
        agreement=agreement, kind="CREDIT_REFERRAL", offered_date=DAY
    )
    return [skill, level, day, task, visit, offer, *_qualified(staff)]


def _qualified(staff: StaffUser) -> list[Model]:
    """Two on the register, one of whom watched the other."""
    office = Office.objects.order_by("pk").first()
    rows = [
        Qualification.objects.create(
            field="TRAINER",
            name=name,
            office=office,
            level="MASTER",
            granted_date=DAY,
            valid_to=DAY,
        )
        for name in ("Holder", "Observer")
    ]
    step = QualificationStep.objects.create(
        qualification=rows[0], level="MASTER", granted_date=DAY, valid_to=DAY, granted_by=staff
    )
    proof = QualificationProof.objects.create(
        qualification=rows[0], proof="LED", proof_date=DAY, reference="Walk", recorded_by=staff
    )
    seen = Observation.objects.create(
        qualification=rows[0],
        observer=rows[1],
        observed_date=DAY,
        score_x10=30,
        recorded_by=staff,
    )
    return [*rows, step, proof, seen]


def _beside(staff: StaffUser, session: Session, enrolment: Enrolment) -> list[Model]:
    """Support for coming, who asks after her, what became of her."""
    cohort = session.cohort
    rule = SupportRule.objects.create(
        programme=cohort.programme,
        kind="MEAL",
        unit="SESSION",
        amount_units=100,
        starts=DAY,
        set_by=staff,
    )
    support = SupportPayment.objects.create(
        rule=rule,
        enrolment=enrolment,
        session=session,
        kind="MEAL",
        amount_units=100,
        currency="XTS",
        drawn_by=staff,
    )
    task = FollowUp.objects.create(
        enrolment=enrolment, kind="ABSENCE", assigned_to=staff, opened_date=DAY, due_date=DAY
    )
    case = DropoutCase.objects.create(
        follow_up=task, opened_date=DAY, opened_by=staff, reason="FAMILY_DUTY"
    )
    round = TracerRound.objects.create(
        programme=cohort.programme,
        month=6,
        opened_date=DAY,
        seed=1,
        due=1,
        threshold_units=0,
        currency="XTS",
        opened_by=staff,
    )
    answer = TracerResponse.objects.create(round=round, enrolment=enrolment)
    feed = CalendarFeed.objects.create(staff=staff, address_hash="0" * 64)
    needs = NeedsAssessment.objects.create(
        programme=cohort.programme,
        office=cohort.office,
        asked_date=DAY,
        asked_by="MEETING",
        women=3,
        men=2,
        findings="Walk",
        recorded_by=staff,
    )
    topic = NeedTopic.objects.create(assessment=needs, topic="Walk", wanted=2)
    found = [rule, support, task, case, round, answer, feed, needs, topic]
    link = CourseLink.objects.create(
        course=cohort.course, title="Walk", address="https://example.org/walk", linked_by=staff
    )
    result = PlatformResult.objects.create(
        link=link, enrolment=enrolment, completed_date=DAY, score_bps=8_000, brought_by=staff
    )
    return [*found, link, result, *_claimed(staff, enrolment)]


def _claimed(staff: StaffUser, enrolment: Enrolment) -> list[Model]:
    """What a provider is paid for her."""
    provider = Organisation.objects.create(code="WALK-P", name="Walk provider")
    terms = ProviderTerms.objects.create(
        programme=enrolment.cohort.programme,
        provider=provider,
        result="COMPLETED",
        amount_units=100,
        starts=DAY,
        ends=DAY,
        set_by=staff,
    )
    claim = ProviderClaim.objects.create(
        terms=terms, until=DAY, persons=1, amount_units=100, currency="XTS", drawn_by=staff
    )
    line = ProviderClaimLine.objects.create(claim=claim, terms=terms, enrolment=enrolment)
    return [terms, claim, line]
