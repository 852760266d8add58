"""Somebody else asked in the place of who was not reached: a new case with its reason, the next of
the draw, counted.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from handup.kernel.ids import new_id
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import sections, services
from handup.surveys.models import Case, QuestionnaireVersion, Round
from handup.surveys.queries import answers_by_key, flow_of_cases
from handup.surveys.rules import samples
from handup.surveys.rules.codes import Outcome, RoundKind, SamplePlan
from handup.surveys.rules.weights import widened
from handup.surveys.services import refusals
from handup.surveys.tests.conftest import OPENS, MakePerson, interview
from handup.surveys.tests.test_survey_doors import Caller
from handup.surveys.weight_queries import weights_of

DAY = date(2026, 6, 10)


def drawn(
    officer: StaffUser,
    version: QuestionnaireVersion,
    programme: Programme,
    eligible: Sequence[services.EligibleIn],
    *,
    plan: SamplePlan = SamplePlan.SIMPLE,
    size: int = 3,
) -> Round:
    """An open round of some of those eligible."""
    round = services.plan_round(
        acting_staff=officer, questionnaire=version.questionnaire, programme=programme,
        name="Endline", kind=RoundKind.ENDLINE, opens_date=OPENS,
        closes_date=OPENS + timedelta(days=30), plan=plan, sample_size=size, seed="2026-end",
    )  # fmt: skip
    services.draw_sample(acting_staff=officer, round=round, eligible=eligible)
    services.open_round(acting_staff=officer, round=round)
    return round


@pytest.fixture
def people(person: MakePerson) -> list[Person]:
    """Ten who may be asked."""
    return [person() for _ in range(10)]


@pytest.fixture
def open_round(
    officer: StaffUser, version: QuestionnaireVersion, programme: Programme, people: list[Person]
) -> Round:
    """Three of ten drawn."""
    return drawn(officer, version, programme, [services.EligibleIn(subject=p) for p in people])


def ended(case: Case, outcome: Outcome = Outcome.REFUSED) -> Case:
    """The case as it ended."""
    Case.objects.filter(pk=case.pk).update(outcome=outcome, outcome_date=DAY)
    return Case.objects.get(pk=case.pk)


def test_the_next_of_the_draw_takes_the_place_and_the_case_stays(
    open_round: Round, people: list[Person], officer: StaffUser, person: MakePerson
) -> None:
    order = samples.order([str(p.pk) for p in people], open_round.seed)
    assert {str(c.subject_id) for c in open_round.cases.all()} == set(order[:3])
    case = ended(open_round.cases.get(subject_id=order[1]))
    later = person()  # registered after the draw, so never eligible in it
    eligible = [services.EligibleIn(subject=p) for p in [later, *reversed(people)]]
    key = new_id()
    for _ in range(2):
        row = services.replace_case(
            acting_staff=officer, case=case, eligible=eligible, reason=" refused twice ", id=key
        )
    assert (str(row.subject_id), row.pk) == (order[3], key)
    assert (row.replaces_id, row.replace_reason) == (case.pk, "refused twice")
    assert (row.outcome, row.due_date, row.weight) == ("", open_round.closes_date, Fraction(10, 3))
    case.refresh_from_db()
    assert case.outcome == Outcome.REFUSED, "the case replaced stays as it is"
    counts = flow_of_cases(open_round)
    assert (counts.eligible, counts.sampled, counts.replaced, counts.open) == (10, 4, 1, 3)
    assert AuditLine.objects.filter(action="surveys.replace_case").count() == 1
    second = services.replace_case(
        acting_staff=officer, case=ended(row, Outcome.MOVED), eligible=eligible, reason="moved"
    )
    assert str(second.subject_id) == order[4]


def test_what_cannot_be_replaced_is_refused_by_name(
    open_round: Round,
    people: list[Person],
    officer: StaffUser,
    interviewer: StaffUser,
    version: QuestionnaireVersion,
) -> None:
    first, second, third = open_round.cases.order_by("pk")
    eligible = [services.EligibleIn(subject=p) for p in people]

    def ask(case: Case, staff: StaffUser = officer, reason: str = "not met") -> Case:
        return services.replace_case(
            acting_staff=staff, case=case, eligible=eligible, reason=reason
        )

    with pytest.raises(refusals.CaseNotEnded):
        ask(first)
    services.record_submission(acting_staff=officer, submission=interview(second, version))
    with pytest.raises(refusals.InterviewedAlready):
        ask(second)
    gone = ended(first)
    with pytest.raises(refusals.ReasonMissing):
        ask(gone, reason=" ")
    with pytest.raises(NotAllowed):
        ask(gone, staff=interviewer)
    ask(gone)
    with pytest.raises(refusals.ReplacedAlready):
        ask(gone)
    eligible = [services.EligibleIn(subject=c.subject) for c in open_round.cases.all()]
    with pytest.raises(refusals.NobodyLeft):
        ask(ended(third))
    services.close_round(acting_staff=officer, round=Round.objects.get(pk=open_round.pk))
    with pytest.raises(refusals.RoundNotOpen):
        ask(Case.objects.get(pk=third.pk))
    assert open_round.cases.count() == 4


def test_the_place_is_taken_from_the_same_stratum(
    officer: StaffUser, version: QuestionnaireVersion, programme: Programme, people: list[Person]
) -> None:
    eligible = [
        services.EligibleIn(subject=p, stratum="north" if n < 4 else "south")
        for n, p in enumerate(people)
    ]
    round = drawn(officer, version, programme, eligible, plan=SamplePlan.STRATIFIED, size=5)
    assert round.cases.filter(stratum="north").count() == 2
    for number in range(2):
        case = ended(round.cases.filter(stratum="north", outcome="").order_by("pk")[0])
        row = services.replace_case(
            acting_staff=officer, case=case, eligible=eligible, reason="not met"
        )
        assert (row.stratum, row.subject in people[:4]) == ("north", True), number
    case = ended(round.cases.filter(stratum="north", outcome="").order_by("pk")[0])
    with pytest.raises(refusals.NobodyLeft):
        services.replace_case(acting_staff=officer, case=case, eligible=eligible, reason="none")
    assert round.cases.filter(stratum="south").count() == 3


def test_a_wider_draw_makes_each_stand_for_less(
    open_round: Round,
    people: list[Person],
    officer: StaffUser,
    second: StaffUser,
    version: QuestionnaireVersion,
) -> None:
    assert widened(Fraction(10, 3), drawn=3, replacements=1) == Fraction(5, 2)
    gone, *met = open_round.cases.order_by("pk")
    taken = services.replace_case(
        acting_staff=officer, case=ended(gone), reason="refused",
        eligible=[services.EligibleIn(subject=p) for p in people],
    )  # fmt: skip
    rows = [
        services.record_submission(acting_staff=officer, submission=interview(case, version))
        for case in (*met, taken)
    ]
    services.accept_submissions(acting_staff=second, submissions=rows)
    found = weights_of(open_round)
    assert sum(found.by_case.values()) == 10, "ten were eligible, four drawn, three answered"
    read = list(answers_by_key(keys=["income_change"], weighted=True))
    assert [fact.weight for fact in read] == [Fraction(10, 3)] * 3, "as indicators read them"
    drawn_as = list(answers_by_key(keys=["income_change"]))
    assert {fact.weight for fact in drawn_as} == {Fraction(10, 3)}
    ended(taken, Outcome.DIED)
    assert sum(weights_of(open_round).by_case.values()) == Fraction(15, 2), (
        "one of four drawn was not eligible, so that seven and a half of ten are"
    )


def test_the_page_and_the_api_replace_a_case(
    client: Client,
    open_round: Round,
    people: list[Person],
    officer: StaffUser,
    interviewer: StaffUser,
    settings: Any,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    first, second, _third = open_round.cases.order_by("pk")
    way = f"/surveys/cases/{first.pk}/replace"
    client.force_login(officer)
    assert way not in client.get(f"/surveys/cases/{first.pk}/").content.decode()
    ended(first)
    assert way in client.get(f"/surveys/cases/{first.pk}/").content.decode()
    assert client.post(way, {"reason": ""}).status_code == 422
    answer = client.post(way, {"reason": "refused at the door"}, follow=True)
    row = Case.objects.get(replaces=first)
    shown = answer.content.decode()
    assert "refused at the door" in shown
    assert f"/surveys/cases/{first.pk}/" in shown
    back = client.get(f"/surveys/cases/{first.pk}/").content.decode()
    assert f"/surveys/cases/{row.pk}/" in back
    assert way not in back
    assert (
        "Asked in the place of others"
        in client.get(f"/surveys/rounds/{open_round.pk}/").content.decode()
    )
    ended(second, Outcome.MOVED)
    told = {"reason": "moved", "eligible": [{"subject_id": str(p.pk)} for p in people]}
    api = Caller(officer)
    status, made = api.call("post", f"/cases/{second.pk}/replace", **told)
    assert (status, made["replaces_id"], made["outcome"]) == (201, str(second.pk), "")
    assert api.call("get", f"/rounds/{open_round.pk}/flow")[1]["replaced"] == 2
    assert Caller(interviewer).call("post", f"/cases/{second.pk}/replace", **told)[0] in {403, 404}


def test_the_reason_goes_when_either_person_is_erased(
    open_round: Round, people: list[Person], officer: StaffUser
) -> None:
    case = ended(open_round.cases.order_by("pk")[0])
    row = services.replace_case(
        acting_staff=officer, case=case, reason="her husband refused",
        eligible=[services.EligibleIn(subject=p) for p in people],
    )  # fmt: skip
    sections.erase(case.subject_id)
    row.refresh_from_db()
    assert (row.replace_reason, row.replaces_id) == ("", case.pk)
