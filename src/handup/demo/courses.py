"""The business course of the credit programme: five modules, cohorts, attendance, test,
certificate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from handup.demo.chance import number
from handup.demo.credit import trained_places
from handup.demo.foundation import Ground
from handup.demo.people import Family, Progress
from handup.demo.profiles import CreditSize
from handup.org.rules.access import Role
from handup.training import services as training
from handup.training.models import Cohort, Course, Enrolment, Session
from handup.training.models import Test as CourseTest
from handup.training.rules.attendance import Mark
from handup.training.rules.states import CourseType, PassRule, TestForm, TestKind

MODULES = (
    "Management",
    "Types of business",
    "Accounting and taxation",
    "Marketing",
    "Business planning",
)
MINUTES = 300
SEATS = 28
LEAVERS = 2


@dataclass(frozen=True, slots=True)
class Seat:
    """One person of a cohort; a leaver misses the last sessions and does not complete."""

    family: Family
    is_leaver: bool


def load_courses(
    ground: Ground, families: Sequence[Family], size: CreditSize, progress: Progress
) -> list[Cohort]:
    """Teach cohorts in the order of registration; each takes two who do not finish."""
    course = offer_course(ground)
    going = trained_places(size)
    staying_away = [place for place in range(size.families) if place not in set(going)]
    order = sorted(going, key=lambda place: families[place].head.registered_date)
    cohorts = []
    step = SEATS - LEAVERS
    for index, start in enumerate(range(0, len(order), step)):
        leavers = staying_away[index * LEAVERS : index * LEAVERS + LEAVERS]
        seats = [Seat(families[place], False) for place in order[start : start + step]]
        latest = max(seat.family.head.registered_date for seat in seats)
        seats += [
            Seat(families[place], True)
            for place in leavers
            if families[place].head.registered_date <= latest
        ]
        cohorts.append(teach(ground, course, index + 1, seats, latest))
        progress(len(seats))
    return cohorts


def offer_course(ground: Ground) -> Course:
    """Write the curriculum, have it approved by another person, and offer the course."""
    cast = ground.cast
    curriculum = training.draft_curriculum(
        acting_staff=cast[Role.TRAINING_OFFICER],
        code="MED-BUSINESS",
        title="Micro-enterprise training",
        language="en",
        source="National Institute of Economy",
    )
    for title in MODULES:
        training.add_module(
            acting_staff=cast[Role.TRAINING_OFFICER],
            curriculum=curriculum,
            title=title,
            plans=[training.PlanIn(title, MINUTES)],
        )
    training.submit_curriculum(acting_staff=cast[Role.TRAINING_OFFICER], curriculum=curriculum)
    training.approve_curriculum(
        acting_staff=cast[Role.DIRECTOR], curriculum=curriculum, approved_date=date(1997, 5, 5)
    )
    return training.offer_course(
        acting_staff=cast[Role.TRAINING_OFFICER],
        curriculum=curriculum,
        code="MED-BUSINESS",
        title="Micro-enterprise training",
        type=CourseType.BUSINESS,
        pass_rule=PassRule.TEST,
    )


def teach(
    ground: Ground, course: Course, index: int, seats: Sequence[Seat], latest: date
) -> Cohort:
    """One cohort from opening to certificates."""
    cast = ground.cast
    officer = cast[Role.TRAINING_OFFICER]
    starts = latest + timedelta(days=10)
    ends = starts + timedelta(days=7 * len(MODULES))
    cohort = training.open_cohort(
        acting_staff=officer,
        course=course,
        programme=ground.programme,
        phase=ground.phase,
        code=f"{ground.programme.code}-{index:03d}",
        title=f"Micro-enterprise training {index}",
        capacity=SEATS,
        starts_date=starts,
        ends_date=ends,
        provider=ground.organisations["NIE"],
        office=cast.offices["AM"],
        area=seats[0].family.head.area,
        childcare_room=True,
    )
    trainer = cast.trainers[index % len(cast.trainers)]
    training.name_trainer(acting_staff=officer, cohort=cohort, staff=trainer, leads=True)
    enrolments = training.enrol_persons(
        acting_staff=officer,
        items=[
            training.EnrolmentIn(
                cohort=cohort,
                person=seat.family.head,
                enrolled_date=starts,
                agrees_to_name=True,
            )
            for seat in seats
        ],
    )
    sessions = hold_sessions(ground, cohort, starts, ends)
    attend(ground, sessions, seats, enrolments)
    examine(ground, cohort, seats, enrolments, ends)
    training.close_cohort(acting_staff=officer, cohort=cohort, closed_date=ends)
    done = Enrolment.objects.filter(cohort=cohort, completed_date__isnull=False)
    training.issue_certificates(
        acting_staff=officer,
        items=[
            training.CertificateIn(enrolment=row, issued_date=ends)
            for row in done.select_related("person", "cohort__course", "cohort__programme")
        ],
    )
    return cohort


def hold_sessions(ground: Ground, cohort: Cohort, starts: date, ends: date) -> list[Session]:
    """A session a module, a week apart."""
    trainer = ground.cast[Role.TRAINING_OFFICER]
    sessions = []
    for place, title in enumerate(MODULES):
        session = training.schedule_session(
            acting_staff=trainer,
            cohort=cohort,
            session_date=starts + timedelta(days=7 * place),
            minutes_planned=MINUTES,
            title=title,
        )
        sessions.append(
            training.hold_session(
                acting_staff=trainer, session=session, minutes_held=MINUTES, on=ends
            )
        )
    return sessions


def attend(
    ground: Ground,
    sessions: Sequence[Session],
    seats: Sequence[Seat],
    enrolments: Sequence[Enrolment],
) -> None:
    """Minutes of everybody in every session; a leaver comes twice."""
    items = []
    for place, session in enumerate(sessions):
        for index, (seat, enrolment) in enumerate(zip(seats, enrolments, strict=True)):
            away = seat.is_leaver and place >= 2
            late = number(f"late-{session.pk.int % 997}", index, 15) == 0
            items.append(
                training.AttendanceIn(
                    session=session,
                    enrolment=enrolment,
                    minutes=0 if away else MINUTES - (20 if late else 0),
                    mark=Mark.ABSENT if away else Mark.PRESENT,
                )
            )
    training.record_attendances(acting_staff=ground.cast[Role.TRAINING_OFFICER], items=items)


def examine(
    ground: Ground,
    cohort: Cohort,
    seats: Sequence[Seat],
    enrolments: Sequence[Enrolment],
    ends: date,
) -> None:
    """The practical end test: cost price, selling price, profit or loss, own loan request."""
    officer = ground.cast[Role.TRAINING_OFFICER]
    test: CourseTest = training.set_test(
        acting_staff=officer,
        cohort=cohort,
        kind=TestKind.POST,
        title="Four practical tasks",
        max_score=100,
        test_date=ends,
        form=TestForm.PRACTICAL,
    )
    training.record_tests(
        acting_staff=officer,
        items=[
            training.ResultIn(
                test=test,
                enrolment=enrolment,
                score=None if seat.is_leaver else 65 + number("score", place, 34),
                sat_date=ends,
            )
            for place, (seat, enrolment) in enumerate(zip(seats, enrolments, strict=True))
        ],
    )
