"""What other domains read of training: who was trained, who is certified, what it cost."""

from datetime import date
from functools import partial
from importlib import import_module
from itertools import product

import pytest
from django.apps import apps

from handup.org.models import StaffUser
from handup.people.models import Alias
from handup.projects.models import Programme
from handup.training import services
from handup.training.models import (
    ApprenticeshipAgreement,
    Certificate,
    Cohort,
    CostLine,
    Enrolment,
    Session,
)
from handup.training.queries import (
    completed_facts,
    completion_rate,
    enrolments_of,
    funnel_counts,
    persons_trained,
    training_cost,
)
from handup.training.rules.costs import CostBasis
from handup.training.rules.funnel import JOURNEY, Step
from handup.training.rules.states import (
    CourseType,
    EnrolmentState,
)
from handup.training.services import refusals
from handup.training.tests.conftest import START, attend

END = date(2026, 9, 10)


def graduation(row: ApprenticeshipAgreement) -> services.GraduationIn:
    return services.GraduationIn(
        agreement=row,
        assessed_date=END,
        skills=[2, 3, 2],
        log_attended=115,
        log_due=120,
        assessor_name="Marie Assessor",
    )


@pytest.fixture
def graduates(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser
) -> list[ApprenticeshipAgreement]:
    """Both apprentices graduated."""
    return services.graduate_apprentices(
        acting_staff=officer, items=[graduation(row) for row in agreements]
    )


def test_the_journey_of_a_course_counts_certificates(
    completed: list[Enrolment], officer: StaffUser, programme: Programme
) -> None:
    services.issue_certificate(
        acting_staff=officer, enrolment=completed[0], issued_date=date(2026, 4, 10)
    )
    counts = funnel_counts(programme_id=programme.pk, steps=JOURNEY, on=date(2026, 12, 31))
    assert list(counts.values()) == [3, 3, 3, 3, 2, 1, 0]
    row = Certificate.objects.get()
    services.revoke_certificate(
        acting_staff=officer, certificate=row, reason="error", revoked_date=date(2026, 5, 1)
    )
    counts = funnel_counts(programme_id=programme.pk, steps=JOURNEY, on=date(2026, 12, 31))
    assert counts[Step.CERTIFIED] == 0


def test_a_step_counts_only_those_who_passed_the_one_before(
    completed: list[Enrolment], programme: Programme
) -> None:
    """Of a paper roster nobody knows whether the first was invited: she counts no further."""
    ask = partial(funnel_counts, programme_id=programme.pk, steps=JOURNEY)
    assert list(ask(on=date(2026, 12, 31)).values()) == [3, 3, 3, 3, 2, 0, 0]
    Enrolment.objects.filter(pk=completed[0].pk).update(invited_date=None)
    assert list(ask(on=date(2026, 12, 31)).values()) == [3, 3, 2, 2, 1, 0, 0]
    assert list(ask(on=date(2026, 3, 31)).values()) == [3, 3, 2, 2, 0, 0, 0], "closed in April"


def test_funnel_steps_never_increase_whatever_was_left_out(
    completed: list[Enrolment], programme: Programme
) -> None:
    columns = ("applied_date", "eligible_date", "invited_date", "started_date")
    for known in product((True, False), repeat=len(columns)):
        told = dict(zip(columns, known, strict=True))
        left = {name: START if there else None for name, there in told.items()}
        Enrolment.objects.filter(pk=completed[0].pk).update(**left)
        counts = list(
            funnel_counts(programme_id=programme.pk, steps=JOURNEY, on=date(2026, 12, 31)).values()
        )
        passed = [all(known[: place + 1]) for place in range(len(columns))]
        assert counts == [*(2 + one for one in passed), 1 + passed[-1], 0, 0], told
        assert counts == sorted(counts, reverse=True)


def test_a_person_trained_counts_once_at_her_first_completion(
    completed: list[Enrolment],
    graduates: list[ApprenticeshipAgreement],
    programme: Programme,
) -> None:
    Enrolment.objects.filter(pk=graduates[0].enrolment_id).update(person=completed[0].person)
    trained = persons_trained(programme_id=programme.pk)
    assert len(trained) == 3
    assert trained[completed[0].person_id] == date(2026, 4, 1)
    assert set(persons_trained(on=date(2026, 4, 1))) == {
        completed[0].person_id,
        completed[1].person_id,
    }
    assert set(persons_trained(since=date(2026, 5, 1))) == {graduates[1].enrolment.person_id}
    facts = list(completed_facts(programme_id=programme.pk, on=END))
    assert len(facts) == 4
    assert {fact.course_type for fact in facts} == {
        CourseType.BUSINESS,
        CourseType.APPRENTICESHIP,
    }
    assert len(list(completed_facts(since=date(2026, 5, 1)))) == 2


def test_the_completion_rate_counts_closed_cohorts(
    completed: list[Enrolment], graduates: list[ApprenticeshipAgreement], programme: Programme
) -> None:
    assert completion_rate(programme_id=programme.pk, on=date(2026, 12, 31)) == (2, 3)
    assert completion_rate(programme_id=programme.pk, on=date(2026, 3, 31)) == (0, 0)


def test_a_person_page_lists_her_courses_for_those_who_may_see_them(
    completed: list[Enrolment], officer: StaffUser, outsider: StaffUser
) -> None:
    person_id = completed[0].person_id
    assert [row.pk for row in enrolments_of(person_id=person_id, staff=officer)] == [
        completed[0].pk
    ]
    assert not enrolments_of(person_id=person_id, staff=outsider).exists()


def test_cost_is_direct_plus_a_share_of_the_pools(
    completed: list[Enrolment],
    apprentices: list[Enrolment],
    cohort: Cohort,
    officer: StaffUser,
    programme: Programme,
) -> None:
    record = partial(
        services.record_cost, acting_staff=officer, programme=programme, cost_date=START
    )
    record(title="Trainer and hall", cohort=cohort, amount_units=220_000, currency="AMD")
    record(title="Training of trainers", pool="tot", amount_units=100_000, currency="AMD")
    services.record_cost(
        acting_staff=officer,
        programme=programme,
        title="Booklets",
        cohort=cohort,
        cost_date=START,
        amount_units=100,
        currency="USD",
        rate_numerator=400 * 10**10,
        rate_date=START,
    )
    found = training_cost(programme_id=programme.pk, on=END, currency="AMD")
    assert (found.direct_units, found.shared_units) == (260_000, 100_000)
    assert found.by_cohort[cohort.pk] == 360_000
    assert found.units.per_participant == 120_000
    assert found.units.per_graduate == 180_000
    assert found.units.per_placed is None
    assert found.not_converted == {}
    equal = training_cost(programme_id=programme.pk, on=END, currency="AMD", basis=CostBasis.EQUAL)
    assert equal.by_cohort[cohort.pk] == 310_000
    unknown = [row.person_id for row in completed]
    seen = training_cost(programme_id=programme.pk, on=END, currency="AMD", without=unknown)
    assert seen.by_cohort[cohort.pk] == 260_000, "no share for hours a reader may not know of"
    dollars = training_cost(programme_id=programme.pk, on=END, currency="USD")
    assert (dollars.direct_units, dollars.shared_units) == (100, 0)
    assert dollars.not_converted == {"AMD": 320_000}  # no rate into dollars: never at face value
    with pytest.raises(refusals.CostOfOneThing):
        record(title="?", amount_units=1, currency="AMD")
    wrong: list[tuple[int | None, date | None, type[Exception]]] = [
        (None, None, refusals.CostRateMissing),
        (10**10, None, refusals.CostRateMissing),
        (0, START, refusals.CostRateNotAboveZero),
        (10**10, END, refusals.CostRateAfterItsLine),
    ]
    before = CostLine.objects.count()
    for rate, rate_date, refusal in wrong:
        with pytest.raises(refusal):
            record(
                title="Fuel",
                cohort=cohort,
                amount_units=1,
                currency="USD",
                rate_numerator=rate,
                rate_date=rate_date,
            )
    assert CostLine.objects.count() == before


def test_rates_from_before_lead_from_main_unit_to_main_unit(
    cohort: Cohort, programme: Programme
) -> None:
    """100 cents were 1 000 francs at ten francs a cent: a thousand francs a dollar."""
    Programme.objects.filter(pk=programme.pk).update(currency="RWF")
    rows = {
        currency: CostLine.objects.create(
            programme=programme,
            cohort=cohort,
            title=currency,
            cost_date=START,
            amount_units=100,
            currency=currency,
            rate_numerator=rate,
            rate_date=START,
        )
        for currency, rate in (("USD", 10 * 10**10), ("JPY", 9 * 10**10), ("RWF", None))
    }
    module = import_module("handup.training.migrations.0002_rate_currency")
    module.from_main_unit(apps, None)
    told = {
        currency: CostLine.objects.values_list("rate_currency", "rate_numerator").get(pk=row.pk)
        for currency, row in rows.items()
    }
    assert told == {
        "USD": ("RWF", 1_000 * 10**10),
        "JPY": ("RWF", 9 * 10**10),
        "RWF": ("", None),
    }
    found = training_cost(programme_id=programme.pk, on=END, currency="RWF")
    assert (found.direct_units, found.not_converted) == (1_000 + 900 + 100, {})


def test_a_graduation_course_completes_nobody_by_attendance(
    apprentices: list[Enrolment], officer: StaffUser
) -> None:
    cohort = apprentices[0].cohort
    session: Session = services.schedule_session(
        acting_staff=officer, cohort=cohort, session_date=START, minutes_planned=60
    )
    services.hold_session(acting_staff=officer, session=session, minutes_held=60, on=START)
    for row in apprentices:
        attend(officer, row, session, 60)
    services.close_cohort(acting_staff=officer, cohort=cohort, closed_date=END)
    assert {row.state for row in cohort.enrolments.all()} == {EnrolmentState.NOT_COMPLETED}


def test_two_records_of_one_person_in_one_cohort_count_once(
    completed: list[Enrolment], programme: Programme
) -> None:
    first, second = completed[:2]
    assert completion_rate(programme_id=programme.pk, on=END) == (2, 3)
    Alias.objects.create(old=second.person, person=first.person)
    assert set(persons_trained(programme_id=programme.pk)) == {first.person_id}
    assert completion_rate(programme_id=programme.pk, on=END) == (1, 2)


def test_cost_is_divided_by_persons_not_by_their_records(
    completed: list[Enrolment], programme: Programme, cohort: Cohort, officer: StaffUser
) -> None:
    """Two of three records were one person: two participants, one graduate, 600.00 spent."""
    services.record_cost(
        acting_staff=officer,
        programme=programme,
        cohort=cohort,
        title="Venue",
        cost_date=START,
        amount_units=60_000,
        currency="AMD",
    )

    def told() -> tuple[int | None, int | None]:
        units = training_cost(programme_id=programme.pk, on=END, currency="AMD").units
        return units.per_participant, units.per_graduate

    assert told() == (20_000, 30_000)
    Alias.objects.create(old=completed[1].person, person=completed[0].person)
    assert told() == (30_000, 60_000)
    counts = funnel_counts(programme_id=programme.pk, steps=JOURNEY, on=END)
    assert [counts[step] for step in (Step.STARTED, Step.COMPLETED)] == [2, 1]
