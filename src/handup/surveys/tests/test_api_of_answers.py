"""Questionnaires, answers and the quality of data over the API: the same services as the pages."""

from functools import lru_cache
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.surveys import compiling, services
from handup.surveys.models import Case, QuestionnaireVersion
from handup.surveys.tests.conftest import answers, interview, member_of_staff
from handup.surveys.tests.sheets import SURVEY, questionnaire
from handup.surveys.tests.test_survey_doors import Caller

MORE = {"aid_last_3_months": "NO", "plans_to_leave": "NO", "saves": "YES", "satisfied": "4"}


def uploaded(api: Caller, content: bytes, **more: str) -> tuple[int, Any]:
    file = SimpleUploadedFile("household.xlsx", content)
    answer = Client().post(
        "/api/v1/surveys/questionnaires/upload",
        {"file": file, **more},
        headers={"Authorization": f"Bearer {api.token}", "Idempotency-Key": str(new_id())},
    )
    return answer.status_code, answer.json()


def test_a_spreadsheet_is_taken_with_every_fault_named_by_row_and_column(
    officer: StaffUser, second: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "run_compiler", lru_cache(compiling.run_compiler))
    api = Caller(officer)
    broken = [list(row) for row in SURVEY]
    broken[4][5] = ". >= ${gone}"
    broken[7][1] = "two words"
    status, problem = uploaded(api, questionnaire(broken))
    assert (status, problem["code"]) == (422, "FAULTS"), problem["faults"]
    places = {(one["place"], one["row"], one["column"]) for one in problem["faults"]}
    assert {("survey", 5, "constraint"), ("survey", 8, "name")} <= places
    assert uploaded(api, questionnaire(), code_map="[1]")[1]["code"] == "NOT_A_CODE_MAP"
    content = questionnaire()
    status, version = uploaded(api, content)
    assert (status, version["state"]) == (201, "CHECKED")
    assert uploaded(api, content)[1]["id"] == version["id"], "the same bytes again"
    path = f"/versions/{version['id']}"
    assert api.call("post", f"{path}/publish")[0] in {409, 422}, "not by who prepared it"
    assert Caller(second).call("post", f"{path}/publish")[1]["state"] == "PUBLISHED"
    full = api.call("get", path)[1]
    assert full["compiled_with"].startswith("pyxform")
    assert [one["name"] for one in full["questions"]][:2] == ["trades", "sales"]


def test_answers_and_the_quality_of_a_round(
    cases: list[Case], version: QuestionnaireVersion, officer: StaffUser, interviewer: StaffUser
) -> None:
    rows = [
        services.record_submission(
            acting_staff=interviewer,
            submission=interview(
                case, version, *answers(**MORE), answered_date=timezone.localdate()
            ),
        )
        for case in cases[:2]
    ]
    api, round = Caller(officer), cases[0].round
    other = member_of_staff("other", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)
    path = f"/rounds/{round.pk}"
    assert api.call("get", path)[1]["name"] == round.name
    assert api.call("get", f"/cases/{cases[0].pk}")[1]["outcome"] == "INTERVIEWED"
    assert len(api.call("get", f"{path}/submissions")[1]["items"]) == 2
    assert api.call("get", f"{path}/submissions?state=HELD")[1]["items"] == []
    full = api.call("get", f"/submissions/{rows[0].pk}")[1]
    assert {"name": "saves", "index": 0, "value": "YES", "currency": ""} in full["answers"]
    assert api.call("post", f"{path}/limits", limits={"icc": 9})[1]["code"] == "LIMIT_OUT_OF_BOUNDS"
    told = api.call("post", f"{path}/limits", limits={"dont_know_percent": 0})[1]
    assert told["limits"]["dont_know_percent"] == 0
    assert api.call("post", f"{path}/look")[1]["looked_at"]
    quality = api.call("get", f"{path}/quality")[1]
    assert [one["received"] for one in quality["interviewers"]] == [2]
    assert api.call("get", "/flags?settled=false")[1]["items"] == []
    status, drawn = api.call("post", f"{path}/back-checks")
    assert (status, len(drawn)) == (201, 2)
    check = f"/back-checks/{drawn[0]['id']}"
    assert api.call("post", f"{check}/assign", checker_id=interviewer.pk)[0] in {409, 422}
    assert api.call("post", f"{check}/assign", checker_id=other.pk)[0] == 200
    hers = Caller(other)
    assert [one["id"] for one in hers.call("get", "/back-checks")[1]["items"]] == [drawn[0]["id"]]
    first = {"income_change": "BETTER", "life_change": "SAME", **MORE}
    again = {name: first[name] for name in drawn[0]["question_names"]}
    day = timezone.localdate().isoformat()
    status, done = hers.call("post", f"{check}/record", check_date=day, answers=again)
    assert (status, done["equal"], done["differing"]) == (200, len(again), [])
    assert hers.call("get", "/flags")[0] == 403
