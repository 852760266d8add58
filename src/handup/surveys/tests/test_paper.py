"""Answers typed from paper: the whole questionnaire on one page, kept as typed, judged beside each
answer, typed twice and compared where the questionnaire asks for it.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.org.models import StaffUser
from handup.org.retention import rules as kept_for
from handup.org.rules.access import Role, ScopeKind
from handup.people import subject
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.models import Case, PaperEntry, QuestionnaireVersion, Submission
from handup.surveys.rules.codes import Outcome, PaperState, SubmissionState
from handup.surveys.rules.form.whole import marks, same_answer
from handup.surveys.services import refusals
from handup.surveys.tests.collect import Field, open_field, taken
from handup.surveys.tests.conftest import MakePerson, member_of_staff
from handup.surveys.tests.sheets import CASES, SETTINGS, questionnaire
from handup.surveys.tests.test_survey_doors import Caller

DAY = "2026-03-05"
TWICE = ((*SETTINGS[0], "double_entry"), ("household", "Household and business", "2026-1", "yes"))
TYPED = {
    "/household/trades": "1",
    "/household/business/sales": "500",
    "/household/business/costs": "120",
    "/household/size": "3",
    "/household/card": "",
    "/household/region": "2",
    "/household/town": "2",
    "/household/sources": "1 2",
    "/household/worker[1]/age": "30",
    "/household/worker[2]/age": "12",
    "/household/worker[2]/days": "4.5",
    "/household/seen": "2026-03-04",
}


@pytest.fixture(autouse=True)
def without_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def clerk(db: None) -> StaffUser:
    """Who types."""
    return member_of_staff("clerk", Role.CLERK, scope=ScopeKind.ALL)


@pytest.fixture
def colleague(db: None) -> StaffUser:
    """Who types it the second time."""
    return member_of_staff("colleague", Role.CLERK, scope=ScopeKind.ALL)


@pytest.fixture
def field(officer: StaffUser, second: StaffUser, programme: Programme, person: MakePerson) -> Field:
    """An open round of the household questionnaire."""
    return open_field(officer, second, programme, person)


def as_told(typed: dict[str, str]) -> dict[str, list[str]]:
    return {place: [text] for place, text in typed.items()}


def keep(staff: StaffUser, case: Case, **changed: str) -> PaperEntry:
    """Type the paper of a household that trades, with some answers otherwise."""
    typed = TYPED | {f"/household/{name}": text for name, text in changed.items()}
    return services.keep_paper(
        acting_staff=staff, case=case, typed=as_told(typed), answered_date=date(2026, 3, 5)
    )


def test_marks_are_codes_where_these_are_numbers_and_else_places() -> None:
    assert marks(["yes", "no", "7"]) == {"yes": "1", "no": "2", "7": "3"}
    assert marks(["7", "99"]) == {"7": "7", "99": "99"}
    assert same_answer("05.0", "5")
    assert same_answer(" Ara  Petrosyan", "ara petrosyan")
    assert not same_answer("5", "")
    assert not same_answer("2026-03-05", "2026-03-06")


def test_a_paper_is_typed_by_marks_and_received_as_asked_by_the_interviewer(
    field: Field, clerk: StaffUser
) -> None:
    case = field.cases[0]
    with pytest.raises(refusals.NothingTyped):
        services.finish_paper(acting_staff=clerk, case=case)
    keep(clerk, case)
    row = services.finish_paper(acting_staff=clerk, case=case)
    kept = row.submission
    assert kept is not None
    assert (kept.state, kept.channel, kept.interviewer) == (
        SubmissionState.RECEIVED,
        "PAPER",
        field.interviewer,
    )
    assert (kept.answered_date, kept.start_at) == (date(2026, 3, 5), None)
    told = {(a.question.name, a.repeat_index): a.value for a in kept.answers.all()}
    assert told["trades", 0] == "yes"
    assert told["profit", 0] == "380"
    assert told["sources", 0] == "farm shop"
    assert (told["region", 0], told["town", 0]) == ("south", "beta")
    assert [told["age", n] for n in range(2)] == ["30", "12"]
    case.refresh_from_db()
    assert case.outcome == Outcome.INTERVIEWED
    row.refresh_from_db()
    assert (row.state, row.typed) == (PaperState.TYPED, [])


def test_who_typed_does_not_accept_it(
    field: Field, officer: StaffUser, second: StaffUser, client: Client
) -> None:
    keep(officer, field.cases[0])
    kept = services.finish_paper(acting_staff=officer, case=field.cases[0]).submission
    assert kept is not None
    with pytest.raises(refusals.OwnInterview):
        services.accept_submission(acting_staff=officer, submission=kept)
    client.force_login(officer)
    assert "Nothing to decide" in client.get("/surveys/answers/decide").content.decode()
    assert services.accept_submission(acting_staff=second, submission=kept).decided_by == second


def test_what_does_not_pass_is_refused_with_its_place_unless_the_paper_says_so(
    field: Field, clerk: StaffUser
) -> None:
    case = field.cases[0]
    keep(clerk, case, size="77", card="ar12", trades="2")
    with pytest.raises(refusals.PaperFaulty) as refused:
        services.finish_paper(acting_staff=clerk, case=case)
    found = {(one.place, one.code) for one in refused.value.faults}
    assert {
        ("/household/size", "CONSTRAINT"),
        ("/household/card", "CONSTRAINT"),
        ("/household/business/sales", "IRRELEVANT"),
        ("/household/worker[1]/age", "IRRELEVANT"),
    } <= found
    assert not Submission.objects.exists()
    row = services.finish_paper(acting_staff=clerk, case=case, as_written=True)
    assert row.submission is not None
    assert row.submission.state == SubmissionState.HELD
    kinds = {(one["path"], one["kind"]) for one in row.submission.faults}
    assert ("/household/size", "CONSTRAINT") in kinds
    assert ("/household/business/sales", "IRRELEVANT") in kinds


def test_the_page_keeps_judges_resumes_and_hands_in(
    field: Field, clerk: StaffUser, client: Client, outsider: StaffUser
) -> None:
    case = field.cases[0]
    way = f"/surveys/cases/{case.pk}/paper"
    client.force_login(outsider)
    assert client.get(way).status_code in {403, 404}
    client.force_login(clerk)
    assert way in client.get(f"/surveys/cases/{case.pk}/").content.decode()
    page = client.get(way).content.decode()
    assert 'name="/household/business/sales"' in page, "also what does not apply yet"
    assert "1 yes · 2 no" in page
    assert 'name="/household/photo"' not in page
    assert "<script>" not in page
    begun = {
        "/household/trades": "1",
        "/household/size": "77",
        "/household/town": "x",
        "answered_date": DAY,
        "asked_by": str(field.interviewer.pk),
    }
    shown = client.post(way, begun)
    assert shown.status_code == 422
    text = shown.content.decode()
    assert "1 to 30" in text, "the words of the questionnaire beside the answer"
    assert "Choose one of the answers offered." in text
    assert "must be answered" not in text, "what is not typed yet is no fault"
    row = PaperEntry.objects.get()
    assert row.entered_by == clerk
    again = Client()
    again.force_login(clerk)
    resumed = again.get(way).content.decode()
    assert 'value="77"' in resumed, "it is gone on with another day, on another machine"
    assert (
        again.post(way, begun | {"/household/size": "3", "/household/town": ""}).status_code == 302
    )
    rows = again.get(way).content.decode()
    assert 'name="/household/worker[2]/age"' in rows, "rows follow what was typed"
    lacking = again.post(
        way, begun | {"/household/size": "3", "/household/town": "", "_finish": "1"}
    )
    assert lacking.status_code == 422
    assert "must be answered" in lacking.content.decode()
    assert "The paper says so" in lacking.content.decode()
    listed = again.post("/surveys/cases/papers/", {"q": "x", "waits": "draft"}, follow=True)
    assert listed.status_code == 200
    assert way in again.get("/surveys/cases/papers/").content.decode()
    done = {**TYPED, "answered_date": DAY, "asked_by": str(field.other.pk), "_finish": "1"}
    answer = again.post(way, done)
    assert answer.status_code == 302, answer.content.decode()[:4000]
    kept = Submission.objects.get()
    assert (kept.interviewer, kept.state) == (field.other, SubmissionState.RECEIVED)
    assert "Typed from paper" in again.get(f"/surveys/cases/{case.pk}/").content.decode()
    assert not again.get("/surveys/cases/papers/").content.decode().count(way)


@pytest.fixture
def twice(
    field: Field, officer: StaffUser, second: StaffUser, clerk: StaffUser, colleague: StaffUser
) -> Case:
    """A case of a questionnaire that is typed twice, typed once."""
    settings = (TWICE[0], ("household", "Household and business", "2026-2", "yes"))
    version = taken(officer, questionnaire(CASES, settings=settings))
    assert version.double_entry
    services.publish_version(acting_staff=second, version=version)
    keep(clerk, field.cases[0])
    row = services.finish_paper(acting_staff=clerk, case=field.cases[0])
    assert (row.state, row.submission, row.version) == (PaperState.TYPED, None, version)
    return field.cases[0]


def test_typed_twice_by_two_people_and_compared(
    twice: Case, clerk: StaffUser, colleague: StaffUser
) -> None:
    with pytest.raises(refusals.TypedAlready):
        keep(clerk, twice)
    with pytest.raises(refusals.TypedAlready):
        services.finish_paper(acting_staff=clerk, case=twice)
    keep(colleague, twice, **{"worker[2]/age": "21", "worker[2]/days": "4.50"})
    with pytest.raises(refusals.TypedOtherwise) as refused:
        services.finish_paper(acting_staff=colleague, case=twice)
    (fault,) = refused.value.faults
    assert (fault.place, "12" in fault.message) == ("/household/worker[2]/age", True)
    keep(colleague, twice, **{"worker[2]/age": "22"})
    with pytest.raises(refusals.TypedOtherwise):
        services.finish_paper(acting_staff=colleague, case=twice, seen=refused.value.seen)
    keep(colleague, twice, **{"worker[2]/age": "21"})
    row = services.finish_paper(acting_staff=colleague, case=twice, seen=refused.value.seen)
    assert row.submission is not None
    assert (row.compared, row.differing) == (11, ["/household/worker[2]/age"])
    told = row.submission.answers.filter(question__name="age").values_list("repeat_index", "pk")
    assert len(told) == 2
    assert row.submission.papers.count() == 2
    assert {tuple(one.typed) for one in PaperEntry.objects.all()} == {()}


def test_the_second_page_shows_nothing_of_the_first_until_it_differs(
    twice: Case, clerk: StaffUser, colleague: StaffUser, client: Client
) -> None:
    way = f"/surveys/cases/{twice.pk}/paper"
    client.force_login(clerk)
    assert "You typed it" in client.get(way).content.decode()
    client.force_login(colleague)
    page = client.get(way).content.decode()
    assert "Type it again from the paper" in page
    assert 'value="500"' not in page
    asker = twice.interviewer_id
    told = {**TYPED, "/household/business/sales": "550", "answered_date": DAY,
            "asked_by": str(asker), "_finish": "1"}  # fmt: skip
    shown = client.post(way, told)
    assert shown.status_code == 422
    assert "The first time “500” was typed." in shown.content.decode()
    seen = shown.content.decode().split('name="_seen" value="')[1].split('"')[0]
    assert client.post(way, told | {"_seen": seen}).status_code == 302
    assert Submission.objects.get().state == SubmissionState.RECEIVED


def test_the_api_keeps_and_hands_in(
    twice: Case, colleague: StaffUser, interviewer: StaffUser
) -> None:
    api, way = Caller(colleague), f"/cases/{twice.pk}/paper"
    typed = as_told(TYPED | {"/household/size": "4", "/household/worker[3]/age": "9"})
    status, made = api.call("post", way, typed=typed, answered_date=DAY)
    assert (status, made.get("state")) == (200, "DRAFT"), made
    status, said = api.call("post", f"{way}/finish")
    assert status == 422
    assert "/household/size" in str(said)
    seen = str(said).split("seen: ")[1][:64]
    assert api.call("post", f"{way}/finish", seen=seen)[1]["differing"] == [
        "/household/size",
        "/household/worker[3]/age",
    ]
    assert Caller(interviewer).call("post", way, typed={})[0] in {403, 404}


def test_a_questionnaire_without_a_spreadsheet_is_typed_too(
    cases: list[Case], version: QuestionnaireVersion, clerk: StaffUser, client: Client
) -> None:
    client.force_login(clerk)
    way = f"/surveys/cases/{cases[0].pk}/paper"
    begun = {"answered_date": "2026-06-10", "asked_by": str(cases[0].interviewer_id)}
    assert client.post(way, begun | {"q1-0": "BETTER"}).status_code == 302
    assert "selected" in client.get(way).content.decode()
    told = begun | {"q1-0": "BETTER", "consented": "1", "_finish": "1"}
    assert client.post(way, told).status_code == 422
    assert client.post(way, told | {"q2-0": "SAME"}).status_code == 302
    kept = Submission.objects.get()
    assert (kept.state, kept.channel, kept.answers.count()) == ("RECEIVED", "PAPER", 2)
    assert kept.interviewer_id == cases[0].interviewer_id
    assert version.double_entry is False


def test_a_paper_goes_with_withdrawal_and_erasure_and_after_a_while(
    field: Field, clerk: StaffUser, officer: StaffUser
) -> None:
    case, other = field.cases[:2]
    keep(clerk, case)
    person = case.person_id
    assert person is not None
    assert "500" in str([told(person) for told in subject.collect])
    services.withdraw_answers(acting_staff=officer, case=case, asked_date=date(2026, 3, 6))
    assert not PaperEntry.objects.exists()
    keep(clerk, other)
    rule = kept_for["PAPERS_BEING_TYPED"]
    tomorrow = timezone.localdate() + timedelta(days=2)
    assert (rule.due(timezone.localdate()), rule.due(tomorrow)) == (0, 1)
    rule.blank(tomorrow)
    assert not PaperEntry.objects.exists()


def test_a_closed_round_takes_no_paper(field: Field, clerk: StaffUser, officer: StaffUser) -> None:
    round = field.cases[0].round
    keep(clerk, field.cases[0])
    services.close_round(acting_staff=officer, round=round)
    with pytest.raises(refusals.RoundNotOpen):
        services.finish_paper(acting_staff=clerk, case=field.cases[0])
    assert PaperEntry.objects.count() == 1, "what was typed stays"


def test_what_was_typed_stands_on_the_page_when_the_round_was_closed_meanwhile(
    field: Field, clerk: StaffUser, officer: StaffUser, client: Client
) -> None:
    case = field.cases[0]
    services.close_round(acting_staff=officer, round=case.round)
    client.force_login(clerk)
    shown = client.post(
        f"/surveys/cases/{case.pk}/paper", {**TYPED, "answered_date": DAY, "_finish": "1"}
    )
    assert shown.status_code == 422
    page = shown.content.decode()
    assert "is not open" in page
    assert 'value="4.5"' in page, "nothing she typed is gone"
    assert not PaperEntry.objects.exists()


def test_what_is_too_long_is_refused_and_never_cut(field: Field, clerk: StaffUser) -> None:
    case = field.cases[0]
    keep(clerk, case, card="k" * 2_000)
    with pytest.raises(refusals.TypedTooMuch):
        keep(clerk, case, card="k" * 2_001)
    with pytest.raises(refusals.TypedTooMuch):
        services.keep_paper(
            acting_staff=clerk, case=case, typed={f"/household/p{n}": [""] for n in range(20_001)}
        )
    row = PaperEntry.objects.get()
    assert ["/household/card", ["k" * 2_000]] in row.typed
