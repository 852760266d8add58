"""Questionnaires published by a second person, rounds drawn once and locked."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, Setting, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people.models import Enterprise, Person
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.models import Case, Question, Questionnaire, QuestionnaireVersion, Round
from handup.surveys.queries import current_version, flow_of_cases
from handup.surveys.rules.codes import (
    Outcome,
    Purpose,
    QuestionType,
    RoundKind,
    RoundState,
    SamplePlan,
    SubjectKind,
    VersionState,
    Way,
)
from handup.surveys.rules.samples import order
from handup.surveys.services import refusals
from handup.surveys.tests.conftest import OPENS, MakePerson, interview

LABEL = {"en": "How old is the well?"}


def draft(officer: StaffUser, **more: object) -> QuestionnaireVersion:
    values: dict[str, object] = {
        "code": "wells",
        "title": "Wells",
        "purpose": Purpose.CHECKLIST,
        "subject_kind": SubjectKind.HOUSEHOLD,
        "version": "1",
        "questions": [
            services.QuestionIn(name="age", type=QuestionType.INTEGER, labels=LABEL),
        ],
    }
    return services.draft_questionnaire(acting_staff=officer, **(values | more))  # type: ignore[arg-type]


def test_the_shipped_questionnaires_use_the_keys_reports_read(officer: StaffUser) -> None:
    for code in ("impact", "enterprise_visit"):
        services.install_questionnaire(acting_staff=officer, code=code)
    keys = set(Question.objects.values_list("handup_key", flat=True))
    assert {
        "income_change",
        "life_change",
        "income_month",
        "aid_last_3_months",
        "plans_to_leave",
        "saves",
        "satisfied",
        "operating",
        "last_sale_date",
        "sales_month",
        "costs_month",
        "profit_month",
        "working_capital",
        "records_kept",
        "new_product",
        "formalised",
        "new_equipment",
        "worker_days_last_30",
    } <= keys


def test_installing_twice_changes_nothing(officer: StaffUser) -> None:
    first = services.install_questionnaire(acting_staff=officer, code="impact")
    again = services.install_questionnaire(acting_staff=officer, code="impact")
    assert first == again
    assert Question.objects.count() == 7
    assert current_version(questionnaire_id=first.questionnaire_id) == first


def test_a_second_person_publishes(officer: StaffUser, second: StaffUser) -> None:
    row = draft(officer)
    with pytest.raises(refusals.WroteItHerself):
        services.publish_version(acting_staff=officer, version=row)
    row.refresh_from_db()
    assert row.state == VersionState.DRAFT
    services.publish_version(acting_staff=second, version=row)
    row.refresh_from_db()
    assert (row.state, row.published_by) == (VersionState.PUBLISHED, second)
    with pytest.raises(refusals.NotInThisState):
        services.publish_version(acting_staff=second, version=row)


def test_an_unfinished_language_is_not_published(officer: StaffUser, second: StaffUser) -> None:
    row = draft(officer, languages=["en", "rw"])
    with pytest.raises(refusals.LanguageUnfinished, match="age"):
        services.publish_version(acting_staff=second, version=row)
    row.refresh_from_db()
    assert row.state == VersionState.DRAFT


def test_a_questionnaire_without_questions_is_not_published(
    officer: StaffUser, second: StaffUser
) -> None:
    row = draft(officer, questions=[])
    with pytest.raises(refusals.NoQuestions):
        services.publish_version(acting_staff=second, version=row)


def test_a_version_never_changes(officer: StaffUser) -> None:
    draft(officer)
    with pytest.raises(refusals.SameVersionOtherContent):
        draft(officer, questions=[])
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.update(name="changed")
    assert Question.objects.get().name == "age"


def test_a_round_needs_a_published_version(officer: StaffUser, programme: Programme) -> None:
    row = draft(officer)
    with pytest.raises(refusals.NoPublishedVersion):
        services.plan_round(
            acting_staff=officer,
            questionnaire=row.questionnaire,
            programme=programme,
            name="R",
            kind=RoundKind.VISIT,
            opens_date=OPENS,
            closes_date=OPENS,
        )
    assert not Round.objects.exists()


def test_a_round_does_not_close_before_it_opens(
    officer: StaffUser, version: QuestionnaireVersion, programme: Programme
) -> None:
    with pytest.raises(refusals.ClosesBeforeItOpens):
        services.plan_round(
            acting_staff=officer,
            questionnaire=version.questionnaire,
            programme=programme,
            name="R",
            kind=RoundKind.VISIT,
            opens_date=OPENS,
            closes_date=OPENS - timedelta(days=1),
        )
    assert not Round.objects.exists()


def test_an_outsider_plans_nothing(
    outsider: StaffUser, version: QuestionnaireVersion, programme: Programme
) -> None:
    with pytest.raises(NotAllowed):
        services.plan_round(
            acting_staff=outsider,
            questionnaire=version.questionnaire,
            programme=programme,
            name="R",
            kind=RoundKind.VISIT,
            opens_date=OPENS,
            closes_date=OPENS,
        )
    assert not Round.objects.exists()
    assert not Questionnaire.objects.visible_to(outsider).exists()


def test_the_same_round_sent_twice_is_one(
    officer: StaffUser, planned: Round, programme: Programme
) -> None:
    def again(name: str) -> Round:
        return services.plan_round(
            acting_staff=officer,
            questionnaire=planned.questionnaire,
            programme=programme,
            name=name,
            kind=RoundKind.FOLLOW_UP,
            opens_date=OPENS,
            closes_date=OPENS,
            id=planned.pk,
        )

    assert again("Follow-up 2026") == planned
    with pytest.raises(SameIdOtherContent):
        again("Another")


def test_everybody_is_asked_when_few(
    officer: StaffUser, planned: Round, person: MakePerson
) -> None:
    rows = services.draw_sample(
        acting_staff=officer,
        round=planned,
        eligible=[services.EligibleIn(subject=person()) for _ in range(9)],
    )
    planned.refresh_from_db()
    assert (len(rows), planned.eligible_count) == (9, 9)
    assert {row.weight for row in rows} == {1}


def test_a_sample_is_drawn_from_its_seed_with_weights(
    officer: StaffUser, version: QuestionnaireVersion, programme: Programme, person: MakePerson
) -> None:
    Setting.objects.create(key="surveys.census_up_to", value=5)
    people = [person() for _ in range(8)]
    plan = {
        "acting_staff": officer,
        "questionnaire": version.questionnaire,
        "programme": programme,
        "kind": RoundKind.FOLLOW_UP,
        "opens_date": OPENS,
        "closes_date": OPENS,
        "seed": "known",
        "plan": SamplePlan.SIMPLE,
    }
    without = services.plan_round(name="no size", **plan)  # type: ignore[arg-type]
    eligible = [services.EligibleIn(subject=one) for one in people]
    with pytest.raises(refusals.SampleSizeMissing):
        services.draw_sample(acting_staff=officer, round=without, eligible=eligible)
    assert not Case.objects.exists()
    sized = services.plan_round(name="three", sample_size=3, **plan)  # type: ignore[arg-type]
    rows = services.draw_sample(acting_staff=officer, round=sized, eligible=eligible)
    assert [str(row.subject_id) for row in rows] == order([str(p.pk) for p in people], "known")[:3]
    assert {(row.probability_numerator, row.probability_denominator) for row in rows} == {(3, 8)}
    assert sum(row.weight for row in rows) == 8


def test_strata_and_clusters_are_kept_on_the_cases(
    officer: StaffUser, version: QuestionnaireVersion, programme: Programme, person: MakePerson
) -> None:
    Setting.objects.create(key="surveys.census_up_to", value=2)
    eligible = [
        services.EligibleIn(subject=person(), stratum="ab"[n % 2], cluster=f"village {n % 4}")
        for n in range(16)
    ]
    for plan, size in ((SamplePlan.STRATIFIED, 6), (SamplePlan.CLUSTER, 4)):
        round = services.plan_round(
            acting_staff=officer,
            questionnaire=version.questionnaire,
            programme=programme,
            name=plan.value,
            kind=RoundKind.BASELINE,
            opens_date=OPENS,
            closes_date=OPENS,
            plan=plan,
            sample_size=size,
            cluster_count=2,
        )
        rows = services.draw_sample(acting_staff=officer, round=round, eligible=eligible)
        assert len(rows) == size
        assert sum(row.weight for row in rows) == 16


def test_a_round_is_drawn_once(officer: StaffUser, planned: Round, person: MakePerson) -> None:
    with pytest.raises(refusals.NobodyEligible):
        services.draw_sample(acting_staff=officer, round=planned, eligible=[])
    with pytest.raises(refusals.NobodyEligible):
        services.open_round(acting_staff=officer, round=planned)
    eligible = [services.EligibleIn(subject=person())]
    services.draw_sample(acting_staff=officer, round=planned, eligible=eligible)
    with pytest.raises(refusals.AlreadyDrawn):
        services.draw_sample(acting_staff=officer, round=planned, eligible=eligible)
    assert Case.objects.count() == 1


def test_a_questionnaire_about_persons_asks_no_enterprise(
    officer: StaffUser, planned: Round
) -> None:
    shop = Enterprise.objects.create(
        code="E1", trade="bakery", registered_date=OPENS, registered_by=officer
    )
    with pytest.raises(refusals.WrongSubject, match="person"):
        services.draw_sample(
            acting_staff=officer, round=planned, eligible=[services.EligibleIn(subject=shop)]
        )
    assert not Case.objects.exists()


def test_an_interviewer_sees_only_her_cases(
    cases: list[Case], interviewer: StaffUser, outsider: StaffUser
) -> None:
    assert Case.objects.visible_to(interviewer).count() == 4
    Case.objects.filter(pk=cases[0].pk).update(interviewer=None)
    assert Case.objects.visible_to(interviewer).count() == 3
    assert not Case.objects.visible_to(outsider).exists()
    cases[0].refresh_from_db()
    with pytest.raises(OutOfSight):
        services.record_contact(
            acting_staff=interviewer, case=cases[0], attempt_date=OPENS, way=Way.VISIT
        )
    assert not cases[0].attempts.exists()


def test_not_found_needs_three_tries_on_two_days(cases: list[Case], interviewer: StaffUser) -> None:
    case = cases[0]
    for day in (1, 1, 1):
        services.record_contact(
            acting_staff=interviewer,
            case=case,
            attempt_date=date(2026, 6, day),
            way=Way.PHONE,
        )
    give_up = {"case": case, "outcome": Outcome.NOT_FOUND, "outcome_date": date(2026, 6, 3)}
    with pytest.raises(refusals.TooFewAttempts):
        services.record_outcome(acting_staff=interviewer, **give_up)  # type: ignore[arg-type]
    case.refresh_from_db()
    assert case.outcome == ""
    services.record_contact(
        acting_staff=interviewer, case=case, attempt_date=date(2026, 6, 2), way=Way.VISIT
    )
    services.record_outcome(acting_staff=interviewer, **give_up)  # type: ignore[arg-type]
    assert flow_of_cases(case.round).traced == 0
    assert AuditLine.objects.get(action="surveys.record_outcome").facts == {"outcome": "NOT_FOUND"}


def test_a_refusal_is_final_and_an_interview_is_not_typed(
    cases: list[Case], interviewer: StaffUser
) -> None:
    with pytest.raises(refusals.NotInThisState):
        services.record_outcome(
            acting_staff=interviewer,
            case=cases[0],
            outcome=Outcome.INTERVIEWED,
            outcome_date=OPENS,
        )
    services.record_outcome(
        acting_staff=interviewer, case=cases[0], outcome=Outcome.REFUSED, outcome_date=OPENS
    )
    with pytest.raises(refusals.CaseFinal):
        services.record_contact(
            acting_staff=interviewer, case=cases[0], attempt_date=OPENS, way=Way.VISIT
        )


def test_a_round_goes_from_planned_to_locked(
    officer: StaffUser,
    second: StaffUser,
    interviewer: StaffUser,
    cases: list[Case],
    version: QuestionnaireVersion,
) -> None:
    round = cases[0].round
    with pytest.raises(refusals.NotInThisState):
        services.lock_round(acting_staff=officer, round=round)
    row = services.record_submission(
        acting_staff=interviewer, submission=interview(cases[0], version)
    )
    services.close_round(acting_staff=officer, round=round)
    with pytest.raises(refusals.RoundNotOpen):
        services.record_submission(
            acting_staff=interviewer, submission=interview(cases[1], version)
        )
    with pytest.raises(refusals.SubmissionsOpen, match="1 sets"):
        services.lock_round(acting_staff=officer, round=round)
    services.accept_submission(acting_staff=officer, submission=row)
    services.lock_round(acting_staff=officer, round=round)
    round.refresh_from_db()
    assert round.state == RoundState.LOCKED
    assert round.locked_at is not None


def test_cases_are_due_so_many_days_after_the_registration_of_each(
    officer: StaffUser, version: QuestionnaireVersion, programme: Programme, person: MakePerson
) -> None:
    opens = date(2026, 1, 10)
    round = services.plan_round(
        acting_staff=officer, questionnaire=version.questionnaire, programme=programme,
        name="After registration", kind=RoundKind.FOLLOW_UP, opens_date=opens,
        closes_date=date(2026, 6, 30), seed="s", anchor="REGISTERED", anchor_days=90,
    )  # fmt: skip
    first, early, late = person(), person(), person()
    for one, day in (
        (first, date(2026, 1, 5)),
        (early, date(2025, 1, 5)),
        (late, date(2026, 6, 1)),
    ):
        Person.objects.filter(pk=one.pk).update(registered_date=day)
    services.draw_sample(
        acting_staff=officer, round=round,
        eligible=[services.EligibleIn(subject=one) for one in (first, early, late)],
    )  # fmt: skip
    due = dict(round.cases.values_list("subject_id", "due_date"))
    assert due == {
        first.pk: date(2026, 4, 5),
        early.pk: opens,
        late.pk: date(2026, 6, 30),
    }, "inside the window of the round"
