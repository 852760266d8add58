"""A sampled figure says what it says of all who were eligible: the weights of the draw and for
those not reached are read (surveys.md 4.3, results.md 4.6 S2)."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.models import ProgrammeIndicator
from handup.results.report import report_line
from handup.results.rules.engine import FactRow, ValueKind, measure
from handup.results.weighted import bounds_of_all, share_of_all
from handup.results.wording import how_sure
from handup.surveys import services
from handup.surveys.models import Case, QuestionnaireVersion, Round
from handup.surveys.rules.codes import RoundKind, RoundState, SamplePlan
from handup.surveys.tests.conftest import (
    OPENS,
    MakePerson,
    answers,
    interview,
    interviewer,
    member_of_staff,
    officer,
    person,
    programme,
    second,
    version,
)

__all__ = ["interviewer", "officer", "person", "programme", "second", "version"]
DAY = date(2026, 6, 30)


def row(unit: str, weight: int, stratum: str = "") -> FactRow:
    return FactRow(unit, DAY, "person", unit, weight=Fraction(weight), stratum=stratum)


def test_each_answer_counts_for_as_many_as_it_stands_for() -> None:
    base = [*(row(f"n{n}", 9, "north") for n in range(3)), *(row(f"s{n}", 1) for n in range(3))]
    figure = measure(ValueKind.RATIO, base[:3], base, (), sample=True)
    assert (figure.numerator, figure.denominator) == (3, 6)
    share = share_of_all(figure)
    assert share is not None
    assert share.value == pytest.approx(27 / 30)
    even = measure(ValueKind.RATIO, base[:1], base[:3] + base[:0], (), sample=True)
    assert share_of_all(even) is None, "where all stand for as many there is nothing to add"
    counted = measure(ValueKind.RATIO, base[:3], base, ())
    assert share_of_all(counted) is None, "everybody counted is no sample"
    assert bounds_of_all(counted) is None


def test_nothing_is_assumed_of_those_without_an_answer() -> None:
    weight = Fraction(3412, 400)
    base = [FactRow(f"h{n}", DAY, "person", f"h{n}", weight=weight) for n in range(400)]
    found = bounds_of_all(measure(ValueKind.RATIO, base[:368], base, (), sample=True))
    assert found is not None
    assert (found.low, found.high) == (Fraction(368, 3412), Fraction(3380, 3412))
    asked = [row(f"h{n}", 1) for n in range(100)]
    census = measure(ValueKind.RATIO, asked[:92], asked, (), sample=True)
    assert bounds_of_all(census) is None, "where everybody answered nothing is left open"


@pytest.fixture
def locked(
    officer: StaffUser, second: StaffUser, version: QuestionnaireVersion, programme: Programme,
    person: MakePerson,
) -> Round:  # fmt: skip
    """Ten of 70 drawn: five of 20 in the north, all better; five of 50 in the south, one better."""
    round = services.plan_round(
        acting_staff=officer, questionnaire=version.questionnaire, programme=programme,
        name="Endline", kind=RoundKind.ENDLINE, opens_date=OPENS, closes_date=DAY,
        plan=SamplePlan.SIMPLE, sample_size=10, seed="weighted",
    )  # fmt: skip
    cases = services.draw_sample(
        acting_staff=officer, round=round,
        eligible=[services.EligibleIn(subject=person()) for _ in range(10)],
    )  # fmt: skip
    Round.objects.filter(pk=round.pk).update(plan=SamplePlan.STRATIFIED)
    for number, case in enumerate(cases):
        stratum, eligible = ("north", 20) if number < 5 else ("south", 50)
        Case.objects.filter(pk=case.pk).update(
            stratum=stratum, probability_numerator=5, probability_denominator=eligible
        )
    services.open_round(acting_staff=officer, round=Round.objects.get(pk=round.pk))
    rows = [
        services.record_submission(
            acting_staff=officer,
            submission=interview(
                Case.objects.get(pk=case.pk), version,
                *answers(income="BETTER" if number <= 5 else "SAME"),
            ),
        )
        for number, case in enumerate(cases)
    ]  # fmt: skip
    services.accept_submissions(acting_staff=second, submissions=rows)
    Round.objects.filter(pk=round.pk).update(state=RoundState.LOCKED)
    return round


def test_an_indicator_of_a_sample_reads_the_weights(
    locked: Round, programme: Programme, client: Client, settings: Any
) -> None:
    line = report_line(definition("MED-IMP-01"), Facts(programme, DAY))
    assert (line.numerator, line.denominator, line.value) == (6, 10, "60.0")
    told = line.as_json()["weighted"]
    assert told["value"] == "42.9", "(5 x 4 + 1 x 10) of (5 x 4 + 5 x 10)"
    open_ends = line.as_json()["bounds"]
    assert open_ends == {"ends": ["8.6", "94.3"], "everybody": 70}, "6 of 70, and 6 + 60 of 70"
    low, high = (float(end) for end in told["interval"])
    assert low < 42.9 < high
    settings.SECOND_FACTOR_REQUIRED = False
    ProgrammeIndicator.objects.create(programme=programme, code="MED-IMP-01", position=1)
    client.force_login(member_of_staff("reads", Role.MANAGER))
    page = client.get(f"/results/{programme.pk}/MED-IMP-01/{DAY.isoformat()}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Of all who could have been asked" in text
    assert "Whatever those without an answer would say" in text
    assert "between 8.6% and 94.3% of all 70" in text
    assert how_sure(line).endswith("would say: between 8.6% and 94.3% of all 70")
