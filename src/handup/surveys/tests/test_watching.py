"""Quality of data while a round runs: flags, settling, back-checks by another person, the pages."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.expressions import Col
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.org import nightly
from handup.org.duties import SamePerson
from handup.org.models import StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.surveys import night, services
from handup.surveys.forms.answers import AgainForm
from handup.surveys.models import (
    BackCheck,
    Case,
    Flag,
    Question,
    QuestionnaireVersion,
    RoundFlag,
    Submission,
)
from handup.surveys.quality_queries import attrition_of, interviewer_lines
from handup.surveys.rules.asking_again import compared
from handup.surveys.rules.codes import FlagRule, QuestionType, RoundState, SubmissionState
from handup.surveys.services import back_checks, quality
from handup.surveys.services.back_checks import NothingToAskAgain
from handup.surveys.services.refusals import (
    BackCheckTwice,
    NoteMissing,
    RoundLocked,
    SameInterviewer,
    TooFewCompared,
)
from handup.surveys.tests.conftest import answers, interview, member_of_staff
from handup.surveys.views import quality as quality_page
from handup.surveys.weight_queries import weights_of

Send = Callable[..., Submission]
MORE = {
    "aid_last_3_months": "NO",
    "plans_to_leave": "NO",
    "saves": "YES",
    "satisfied": "4",
}


@pytest.fixture
def sent(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> list[Submission]:
    """Four interviews of one interviewer, of half an hour each."""
    start = timezone.now() - timedelta(hours=6)
    return [
        services.record_submission(
            acting_staff=interviewer,
            submission=interview(
                case,
                version,
                *answers(**MORE),
                start_at=start + timedelta(hours=n),
                end_at=start + timedelta(hours=n, minutes=30),
                answered_date=timezone.localdate(),
            ),
        )
        for n, case in enumerate(cases)
    ]


@pytest.fixture
def other(db: None) -> StaffUser:
    """Another interviewer, of other people."""
    return member_of_staff("other", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)


def test_flags_are_seen_at_receipt_kept_by_the_look_and_settled_once(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser, officer: StaffUser
) -> None:
    now = timezone.now()
    row = services.record_submission(
        acting_staff=interviewer,
        submission=interview(
            cases[0],
            version,
            *answers("DONT_KNOW", "REFUSED"),
            start_at=now - timedelta(minutes=2),
            end_at=now,
            answered_date=timezone.localdate(),
        ),
    )
    flags = {flag.rule: flag for flag in row.flags.all()}
    assert set(flags) == {"DURATION", "DONT_KNOW"}
    assert flags["DONT_KNOW"].detail == "2 / 2"
    services.look_over_round(acting_staff=officer, round=row.round)
    assert row.flags.count() == 2, "a second look adds nothing"
    with pytest.raises(NoteMissing):
        services.settle_flag(acting_staff=officer, flag=flags["DURATION"], note=" ")
    services.settle_flag(acting_staff=officer, flag=flags["DURATION"], note="Asked her by phone")
    with pytest.raises(quality.SettledAlready):
        services.settle_flag(acting_staff=officer, flag=flags["DURATION"], note="again")
    services.set_limits(acting_staff=officer, round=row.round, limits={"least_minutes": 0})
    assert quality.look_over(row.round) == 0
    assert Flag.objects.get(pk=flags["DURATION"].pk).note == "Asked her by phone"


def test_limits_of_the_round_decide_and_a_locked_round_stays(
    sent: list[Submission], officer: StaffUser
) -> None:
    round = sent[0].round
    assert not Flag.objects.exists()
    services.set_limits(acting_staff=officer, round=round, limits={"least_minutes": 45})
    assert quality.look_over(round) == 4
    services.set_limits(acting_staff=officer, round=round, limits={})
    assert quality.look_over(round) == 0
    assert not Flag.objects.exists(), "what ceased to show and nobody settled is taken back"
    with pytest.raises(quality.UnknownLimit):
        services.set_limits(acting_staff=officer, round=round, limits={"speed": 1})
    with pytest.raises(quality.LimitOutOfBounds):
        services.set_limits(acting_staff=officer, round=round, limits={"icc": 7})
    round.state = RoundState.LOCKED
    with pytest.raises(RoundLocked):
        services.set_limits(acting_staff=officer, round=round, limits={})


def test_the_night_looks_over_rounds_with_something_new(sent: list[Submission]) -> None:
    assert night.look_over_answers in nightly.jobs
    round = sent[0].round
    round.limits = {"least_minutes": 45}
    round.save(update_fields=("limits",))
    assert quality.look_over_open_rounds() == 4
    Flag.objects.all().delete()
    assert quality.look_over_open_rounds() == 0, "nothing came since the last look"
    round.refresh_from_db()
    (line,) = round.quality["interviewers"].values()
    assert line == {"minutes": 30.0, "answers": 24, "unanswered": 0}


def test_another_interviewer_asks_again_and_disagreement_sends_all_to_review(
    sent: list[Submission], officer: StaffUser, interviewer: StaffUser, other: StaffUser
) -> None:
    round = sent[0].round
    checks = services.draw_back_checks(acting_staff=officer, round=round)
    assert len(checks) == 4, "of four interviews all, as five are the least"
    with pytest.raises(NothingToAskAgain):
        services.draw_back_checks(acting_staff=officer, round=round)
    check = checks[0]
    assert len(check.question_names) >= 5
    with pytest.raises(SameInterviewer):
        services.assign_back_check(acting_staff=officer, check=check, checker=interviewer)
    services.assign_back_check(acting_staff=officer, check=check, checker=other)
    assert list(BackCheck.objects.visible_to(other)) == [check]
    assert not Submission.objects.visible_to(other).exists(), "the first answers stay unseen"
    first = {"income_change": "BETTER", "life_change": "SAME", **MORE}
    told = {name: first[name] for name in check.question_names}
    today = timezone.localdate()
    with pytest.raises(TooFewCompared):
        services.record_back_check(
            acting_staff=other, check=check, answers={"saves": "YES"}, check_date=today
        )
    wrong = told | dict.fromkeys(("income_change", "life_change"), "WORSE")
    services.record_back_check(acting_staff=other, check=check, answers=wrong, check_date=today)
    assert (check.compared - check.equal, sorted(check.differing)) == (
        2,
        ["income_change", "life_change"],
    )
    with pytest.raises(BackCheckTwice):
        services.record_back_check(acting_staff=other, check=check, answers=told, check_date=today)
    held = Submission.objects.filter(round=round, state=SubmissionState.HELD)
    assert held.count() == 4
    assert Flag.objects.filter(rule=FlagRule.BACK_CHECK).count() == 4
    (line,) = interviewer_lines(round)
    assert (line.received, line.held, line.checks, line.to_review) == (4, 4, 1, True)


def test_weights_make_up_for_those_not_reached(sent: list[Submission], officer: StaffUser) -> None:
    services.accept_submissions(acting_staff=officer, submissions=sent[:3])
    found = weights_of(sent[0].round)
    assert sum(found.by_case.values()) == 4
    assert not found.trimmed_share
    assert found.effective == 3
    assert attrition_of(sent[0].round) is None, "there is no baseline"


def test_pages_of_the_monitoring_officer(
    sent: list[Submission], officer: StaffUser, other: StaffUser, outsider: StaffUser
) -> None:
    round = sent[0].round
    services.set_limits(acting_staff=officer, round=round, limits={"least_minutes": 45})
    quality.look_over(round)
    RoundFlag.objects.create(round=round, rule=FlagRule.HEAPING, interviewer=other, detail="20")
    check = services.draw_back_checks(acting_staff=officer, round=round)[0]
    client = Client()
    client.force_login(officer)
    page = client.get(reverse("surveys:round_quality", args=[round.pk])).content.decode()
    for words in ("Interviewer", "What deserves a second look", "Quality of the data", "Other"):
        assert words in page
    assert (
        "the interview was very short" in client.get(reverse("surveys:flag_list")).content.decode()
    )
    flag = Flag.objects.first()
    assert flag is not None
    done = client.post(reverse("surveys:flag_settle", args=[flag.pk]), {"note": "Known"})
    assert done.status_code == 302
    over = RoundFlag.objects.get()
    client.post(reverse("surveys:round_flag_settle", args=[over.pk]), {"note": "Round prices"})
    over.refresh_from_db()
    assert over.resolved_by == officer
    shown = client.get(reverse("surveys:round_detail", args=[round.pk])).content.decode()
    for words in ("By interviewer", "By area", "By sex", "By status", "Days ", "100.0%"):
        assert words in shown
    limits = client.get(reverse("surveys:round_limits", args=[round.pk]))
    assert 'value="45.0"' in limits.content.decode()
    client.post(reverse("surveys:back_check_assign", args=[check.pk]), {"checker": str(other.pk)})
    client.force_login(other)
    asked = client.get(reverse("surveys:back_check_ask", args=[check.pk])).content.decode()
    assert "checked" not in asked, "the first answers are not shown"
    names = {q.name: f"q{q.number}" for q in check.submission.version.questions.all()}
    first = {"income_change": "BETTER", "life_change": "SAME", **MORE}
    posted = {names[name]: first[name] for name in check.question_names}
    answer = client.post(
        reverse("surveys:back_check_ask", args=[check.pk]),
        posted | {"check_date": timezone.localdate().isoformat()},
    )
    assert answer.status_code == 302, answer.content.decode()[:3000]
    shown = client.get(reverse("surveys:back_check_detail", args=[check.pk])).content.decode()
    assert "he same answer" in shown, shown
    client.force_login(outsider)
    for name in ("flag_list", "held_list", "back_check_list"):
        assert client.get(reverse(f"surveys:{name}")).status_code == 403


def test_an_amount_of_a_spreadsheet_is_asked_again_in_the_currency() -> None:
    names = {"sales": QuestionType.DECIMAL, "costs": QuestionType.INTEGER}
    keys = {"sales": "sales_month", "costs": "costs_month"}
    questions = [
        Question(number=n, name=name, type=kind, handup_key=keys[name], labels={"en": name})
        for n, (name, kind) in enumerate(names.items())
    ]
    questions.append(Question(number=2, name="size", type=QuestionType.INTEGER))
    posted = {"check_date": "2026-06-10", "q0": "1 500", "q1": "20", "q2": "4"}
    form = AgainForm(posted, questions=questions, currency="AMD")
    assert form.is_valid(), form.errors
    first = {"sales": "150000", "costs": "2000", "size": "4"}
    assert form.answers() == first
    assert compared(first, form.answers(), set(keys)) == (3, [])


def test_the_order_of_codes_outlives_a_database_that_sorts_keys() -> None:
    ladder = ["MUCH_WORSE", "WORSE", "SAME", "BETTER", "MUCH_BETTER"]
    field = Question._meta.get_field("choice_labels")
    kept = field.get_db_prep_value({code: {"en": code} for code in ladder}, connection)
    if not isinstance(kept, str):
        kept = json.dumps(kept.adapted if hasattr(kept, "adapted") else kept.obj)

    def by_length(pairs: list[tuple[str, object]]) -> dict[str, object]:
        return dict(sorted(pairs, key=lambda pair: (len(pair[0]), pair[0])))

    sorted_ = json.dumps(json.loads(kept, object_pairs_hook=by_length))
    found = field.from_db_value(sorted_, Col("q", field), connection)
    assert list(found) == ladder
    assert found["SAME"] == {"en": "SAME"}
    assert field.from_db_value('{"NO": {"en": "no"}}', Col("q", field), connection) == {
        "NO": {"en": "no"}
    }, "what was kept as an object is read"


def test_the_words_of_a_scale_are_offered_in_their_order(version: QuestionnaireVersion) -> None:
    row = Question.objects.get(version=version, name="income_change")
    ladder = ["MUCH_BETTER", "BETTER", "SAME", "WORSE", "MUCH_WORSE"]
    assert [code for code, _word in row.offered()][:5] == ladder


def test_nobody_settles_what_shows_on_her_own_interviews_or_in_a_locked_round(
    sent: list[Submission], officer: StaffUser, second: StaffUser
) -> None:
    row = sent[0]
    Submission._base_manager.filter(pk=row.pk).update(interviewer=officer)
    flags: list[Flag | RoundFlag] = [
        Flag.objects.create(submission=Submission.objects.get(pk=row.pk), rule=FlagRule.DURATION),
        RoundFlag.objects.create(round=row.round, rule=FlagRule.HEAPING, interviewer=officer),
    ]
    for flag in flags:
        with pytest.raises(SamePerson):
            services.settle_flag(acting_staff=officer, flag=flag, note="All in order")
        assert services.settle_flag(acting_staff=second, flag=flag, note="Asked").resolved_by
        flag.resolved_by = None
        with pytest.raises(quality.SettledAlready):
            services.settle_flag(acting_staff=second, flag=flag, note="Twice at once")
    late = Flag.objects.create(submission=sent[1], rule=FlagRule.JUMP)
    late.submission.round.state = RoundState.LOCKED
    with pytest.raises(RoundLocked):
        services.settle_flag(acting_staff=second, flag=late, note="Too late")


def test_what_is_told_of_a_round_leaves_out_who_is_hidden(
    sent: list[Submission], officer: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    round = sent[0].round
    services.accept_submissions(acting_staff=officer, submissions=sent)
    person = sent[0].case.person_id
    assert person is not None
    hidden = frozenset({person})
    monkeypatch.setattr(quality, "hidden_from_all", lambda: hidden)
    quality.look_over(round)
    (line,) = round.quality["interviewers"].values()
    assert line["answers"] == 18, "six each of three"
    assert len(weights_of(round, without=hidden).by_case) == 3
    for module in (back_checks, quality_page):
        monkeypatch.setattr(module, "hidden_from", lambda staff: hidden)
    drawn = services.draw_back_checks(acting_staff=officer, round=round)
    assert {check.submission_id for check in drawn} == {row.pk for row in sent[1:]}
    client = Client()
    client.force_login(officer)
    page = client.get(reverse("surveys:round_quality", args=[round.pk])).content.decode()
    assert "They tell as much as 3 of equal weight." in page


def test_what_comes_after_the_verdict_is_held_in_the_night(
    sent: list[Submission], officer: StaffUser, other: StaffUser
) -> None:
    row = sent[0]
    Submission.objects.exclude(pk=row.pk).update(state=SubmissionState.SET_ASIDE)
    (check,) = services.draw_back_checks(acting_staff=officer, round=row.round)
    services.assign_back_check(acting_staff=officer, check=check, checker=other)
    wrong = dict.fromkeys(("income_change", "life_change"), "WORSE") | {"saves": "DONT_KNOW"}
    services.record_back_check(
        acting_staff=other, check=check, answers=MORE | wrong, check_date=timezone.localdate()
    )
    assert check.compared == len(check.question_names) - 1, "one without an answer is no stop"
    Submission.objects.exclude(pk=row.pk).update(state=SubmissionState.RECEIVED)
    night.look_over_answers.call()
    states = set(Submission.objects.values_list("state", flat=True))
    assert states == {SubmissionState.HELD}
    assert Flag.objects.filter(rule=FlagRule.BACK_CHECK).count() == 4


def test_other_limits_make_the_night_look_again(sent: list[Submission], officer: StaffUser) -> None:
    round = sent[0].round
    assert quality.look_over_open_rounds() == 0
    round.refresh_from_db()
    services.set_limits(acting_staff=officer, round=round, limits={"least_minutes": 45})
    assert quality.look_over_open_rounds() == 4
