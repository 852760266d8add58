"""The enterprise programme: the apprenticeship funnel, enterprises in 71 trades, small loans."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from handup.demo.chance import chosen, number
from handup.demo.foundation import Ground
from handup.demo.monitoring import answer, drawn_round, install
from handup.demo.people import Family, Progress, household_in, person_in, register_families
from handup.demo.profiles import EnterpriseSize
from handup.demo.tables import table
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people.models import Enterprise
from handup.people.rules import codes as c
from handup.people.services import (
    EnterpriseIn,
    OwnerIn,
    publish_rule,
    record_outreach_event,
    register_enterprises,
    start_campaign,
)
from handup.surveys import services as surveys
from handup.surveys.rules.codes import RoundKind
from handup.training import services as training
from handup.training.models import ApprenticeshipAgreement, Cohort, Course, Enrolment
from handup.training.rules.states import CourseType, PassRule, PlacementKind

SEED = "RW"
INCOME = 12_000
RULE: dict[str, Any] = {
    "all": [{"fact": "age_years", "op": ">=", "value": 14, "reason": "UNDER_AGE"}]
}
TERMS = 8
BY_WORKSHOP = 3


def term_start(turn: int) -> date:
    """Two terms a year from 1999."""
    return date(1999 + turn // 2, 3 if turn % 2 == 0 else 9, 1)


def load_enterprises(ground: Ground, size: EnterpriseSize, progress: Progress) -> None:
    """Load the funnel and the enterprises with their visits."""
    publish_rule(
        acting_staff=ground.cast[Role.MANAGER],
        programme=ground.programme,
        title="Rural people of 14 years and more",
        tree=RULE,
        valid_from=date(1996, 1, 1),
    )
    load_funnel(ground, size, progress)
    load_owned(ground, size, progress)


def register(ground: Ground, count: int, first: int, day: date, progress: Progress) -> list[Family]:
    """Register that many heads of households on one day."""
    communes = ground.below("COMMUNE")
    households = []
    for place in range(first, first + count):
        person = person_in(
            ground,
            code=f"{place + 1:05d}",
            seed=SEED,
            place=place,
            registered=day,
            area=communes[number("commune", place, len(communes))],
            with_status=False,
            women_of_100=35,
        )
        households.append(household_in(ground, person, seed=SEED, place=place, income=INCOME))
    return register_families(ground, households, decided=True, progress=progress)


def shares(total: int, parts: int) -> list[int]:
    """Divide a count as evenly as whole persons allow."""
    return [total // parts + (1 if place < total % parts else 0) for place in range(parts)]


def load_funnel(ground: Ground, size: EnterpriseSize, progress: Progress) -> None:
    """Open days, apprentices with masters, graduates, permanent paid jobs: term by term."""
    course = offer_apprenticeship(ground)
    campaign = start_campaign(
        acting_staff=ground.cast[Role.OUTREACH],
        programme=ground.programme,
        code="OPEN-DAYS",
        title="Open days in the communes",
        channel=c.Channel.OPEN_DAY,
        language="rw",
        start_date=date(1999, 1, 11),
    )
    steps = zip(
        shares(size.open_day, TERMS),
        shares(size.enrolled, TERMS),
        shares(size.graduated, TERMS),
        shares(size.permanent_jobs, TERMS),
        strict=True,
    )
    needed = -(-max(shares(size.enrolled, TERMS)) // BY_WORKSHOP)
    workshops: list[Any] = []
    first = 0
    for turn, (came, enrolled, graduated, placed) in enumerate(steps):
        open_day = term_start(turn) - timedelta(days=40)
        if turn % 2 == 0:
            workshops = make_workshops(ground, needed, open_day.year)
        families = register(ground, came, first, open_day, progress)
        first += came
        women = sum(family.head.sex == c.Sex.F for family in families)
        record_outreach_event(
            acting_staff=ground.cast[Role.OUTREACH],
            campaign=campaign,
            title=f"Open day {turn + 1}",
            event_date=open_day,
            heads={"F": {"ALL": women}, "M": {"ALL": came - women}},
        )
        run_term(ground, course, turn, families, workshops, (enrolled, graduated, placed))


def offer_apprenticeship(ground: Ground) -> Course:
    """The apprenticeship as a course whose end is the outside assessment."""
    cast = ground.cast
    curriculum = training.draft_curriculum(
        acting_staff=cast[Role.TRAINING_OFFICER],
        code="APPRENTICESHIP",
        title="Apprenticeship with an experienced enterprise",
        language="rw",
    )
    training.add_module(
        acting_staff=cast[Role.TRAINING_OFFICER],
        curriculum=curriculum,
        title="Work with the master",
        plans=[training.PlanIn("Daily work", 480)],
    )
    training.submit_curriculum(acting_staff=cast[Role.TRAINING_OFFICER], curriculum=curriculum)
    training.approve_curriculum(
        acting_staff=cast[Role.DIRECTOR], curriculum=curriculum, approved_date=date(1998, 9, 1)
    )
    return training.offer_course(
        acting_staff=cast[Role.TRAINING_OFFICER],
        curriculum=curriculum,
        code="APPRENTICE",
        title="Apprenticeship",
        type=CourseType.APPRENTICESHIP,
        pass_rule=PassRule.GRADUATION,
    )


def make_workshops(ground: Ground, count: int, year: int) -> list[Any]:
    """Workshops in the communes, one trade each, vetted at the beginning of a year."""
    communes = ground.below("COMMUNE")
    trades = table("trades")
    return [
        training.register_workshop(
            acting_staff=ground.cast[Role.TRAINING_OFFICER],
            name=f"Workshop {year}-{place + 1:03d}",
            trade=trades[place % len(trades)]["name"],
            master_name=f"Master {place + 1:03d}",
            area=communes[place % len(communes)],
            vetted_date=date(year, 1, 15),
        )
        for place in range(count)
    ]


def run_term(
    ground: Ground,
    course: Course,
    turn: int,
    families: Sequence[Family],
    workshops: Sequence[Any],
    counts: tuple[int, int, int],
) -> None:
    """One term: applications from the open day, agreements, six months, assessment, jobs."""
    enrolled, graduated, placed = counts
    cast = ground.cast
    officer = cast[Role.TRAINING_OFFICER]
    starts = term_start(turn)
    ends = starts + timedelta(days=180)
    cohort = training.open_cohort(
        acting_staff=officer,
        course=course,
        programme=ground.programme,
        phase=ground.phase,
        code=f"APPR-{turn + 1}",
        title=f"Apprentices {starts.year}-{turn % 2 + 1}",
        capacity=max(1, enrolled),
        starts_date=starts,
        ends_date=ends,
        office=cast.offices["RW"],
    )
    enrolments = enrol_from_open_day(officer, cohort, families, enrolled)
    agreements = sign_with_masters(officer, enrolments, workshops, starts)
    training.start_apprenticeships(acting_staff=officer, agreements=agreements, started_date=starts)
    training.graduate_apprentices(
        acting_staff=officer,
        items=[
            training.GraduationIn(
                agreement=row,
                assessed_date=ends,
                skills=[2, 3, 2, 2],
                log_attended=118 + number("log", place, 12),
                log_due=130,
                assessor_name="Outside assessor",
            )
            for place, row in enumerate(agreements[:graduated])
        ],
    )
    for row in agreements[graduated:]:  # their places go to the apprentices of the next term
        training.end_apprenticeship(
            acting_staff=officer,
            agreement=row,
            ended_date=ends,
            reason="Left before the assessment",
        )
    place_graduates(ground, enrolments[:graduated], placed, ends)


def enrol_from_open_day(
    officer: StaffUser, cohort: Cohort, families: Sequence[Family], enrolled: int
) -> list[Enrolment]:
    """Everybody who came to the open day applies; the first ones get the places."""
    starts = cohort.starts_date
    training.record_applications(
        acting_staff=officer,
        items=[
            training.ApplicationIn(
                cohort=cohort,
                person=family.head,
                applied_date=starts - timedelta(days=38),
                open_day_date=starts - timedelta(days=40),
            )
            for family in families
        ],
    )
    return training.enrol_persons(
        acting_staff=officer,
        items=[
            training.EnrolmentIn(
                cohort=cohort,
                person=family.head,
                enrolled_date=starts,
                open_day_date=starts - timedelta(days=40),
                agrees_to_name=True,
            )
            for family in families[:enrolled]
        ],
    )


def sign_with_masters(
    officer: StaffUser, enrolments: Sequence[Enrolment], workshops: Sequence[Any], starts: date
) -> list[ApprenticeshipAgreement]:
    """An agreement with a master for each, three to a workshop."""
    return training.sign_apprenticeships(
        acting_staff=officer,
        items=[
            training.AgreementIn(
                enrolment=row,
                workshop=workshops[place // BY_WORKSHOP],
                trade=workshops[place // BY_WORKSHOP].trade,
                start_date=starts,
                signed_date=starts,
                currency="RWF",
                programme_fee_units=4_000,
                stipend_units=3_000,
                living_cost_units=2_500,
            )
            for place, row in enumerate(enrolments)
        ],
    )


def place_graduates(
    ground: Ground, graduates: Sequence[Enrolment], placed: int, ended: date
) -> None:
    """Permanent paid jobs claimed by the officer and verified by another six months later."""
    rows = list(
        Enrolment.objects.filter(pk__in=[row.pk for row in graduates]).select_related(
            "cohort", "person"
        )
    )
    rows.sort(key=lambda row: str(row.pk))
    claimed = training.record_placements(
        acting_staff=ground.cast[Role.TRAINING_OFFICER],
        items=[
            training.PlacementIn(
                enrolment=row,
                kind=PlacementKind.WAGE,
                started_date=ended + timedelta(days=20),
                claimed_date=ended + timedelta(days=180),
                currency="RWF",
                employer="Enterprise of the commune",
                income_units=9_000 + 500 * number("wage", place, 12),
                permanent=True,
            )
            for place, row in enumerate(rows[:placed])
        ],
    )
    training.verify_placements(
        acting_staff=ground.cast[Role.FIELD_OFFICER],
        placements=claimed,
        verified_date=ended + timedelta(days=185),
    )


def load_owned(ground: Ground, size: EnterpriseSize, progress: Progress) -> None:
    """The enterprises with their owners, and what two visits found."""
    day = date(1999, 5, 5)
    owners = register(ground, size.enterprises, size.open_day, day, progress)
    trades = table("trades")
    items = [
        EnterpriseIn(
            trade=trades[place % size.trades]["name"],
            trade_code=trades[place % size.trades]["code"],
            owners=(OwnerIn(family.head),),
            registered_date=day,
            name=f"Enterprise {place + 1:04d}",
            start_date=day - timedelta(days=200 + number("since", place, 2000)),
            job_kind=list(c.JobKind)[number("jobs", place, 3)],
            workers_family=number("family-workers", place, 3),
            workers_paid=number("paid-workers", place, 2),
            area=family.head.area,
            office=ground.cast.offices["RW"],
            programme=ground.programme,
            case_officer=ground.cast[Role.FIELD_OFFICER],
        )
        for place, family in enumerate(owners)
    ]
    stored: list[Enterprise] = []
    for start in range(0, len(items), 500):
        stored += register_enterprises(
            acting_staff=ground.cast[Role.CLERK], items=items[start : start + 500]
        )
        progress(len(items[start : start + 500]))
    visit(ground, size, stored, progress)


def visit(
    ground: Ground, size: EnterpriseSize, stored: Sequence[Enterprise], progress: Progress
) -> None:
    """A first visit and a later one to those that were followed: capital, records, products."""
    followed = list(stored[: size.strengthened + size.strengthened // 20])
    stronger = chosen("stronger", len(followed), size.strengthened)
    version = install(ground, "enterprise_visit")
    rounds = (
        ("First visits", RoundKind.BASELINE, date(1999, 6, 1), date(1999, 12, 20)),
        ("Later visits", RoundKind.FOLLOW_UP, date(2002, 6, 1), date(2002, 12, 20)),
    )
    for name, kind, opens, closes in rounds:
        later = kind is RoundKind.FOLLOW_UP
        round = drawn_round(
            ground,
            version.questionnaire,
            name,
            kind,
            followed,
            len(followed),
            opens,
            closes,
        )

        def answers(place: int, later: bool = later) -> list[surveys.AnswerIn]:
            better = later and place in stronger
            capital = 4_000 + 900 * number("capital", place, 40)
            yes = {True: "YES", False: "NO"}
            return [
                surveys.AnswerIn(name="operating", value="YES"),
                surveys.AnswerIn(
                    name="working_capital",
                    value=str(capital * (2 if better else 1)),
                    currency="RWF",
                ),
                surveys.AnswerIn(name="records_kept", value=yes[better]),
                surveys.AnswerIn(name="new_product", value=yes[better and place % 3 == 0]),
                surveys.AnswerIn(name="formalised", value=yes[better and place % 5 == 0]),
                surveys.AnswerIn(name="new_equipment", value=yes[better and place % 4 == 0]),
            ]

        answer(ground, round, version, answers, progress)
