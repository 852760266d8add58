"""Bad input, line by line (surveys.md section 7): a named refusal beside what was wrong, nothing
stored of a spreadsheet, nothing lost of answers, and never a fault of the server.
"""

from collections.abc import Iterator
from functools import lru_cache
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from handup.org.models import StaffUser
from handup.surveys import compiling
from handup.surveys.models import Case, PaperEntry, Questionnaire, QuestionnaireVersion, Submission
from handup.surveys.rules.codes import SubmissionState
from handup.surveys.tests.sheets import CHOICES, SETTINGS, SURVEY, Rows, questionnaire
from handup.surveys.tests.test_survey_doors import Caller

ROW = len(SURVEY) + 1
CURLY = "${trades} = \u201cyes\u201d"


@pytest.fixture(autouse=True, scope="module")
def compiled_once() -> Iterator[None]:
    """The same spreadsheet is compiled once for all these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "run_compiler", lru_cache(compiling.run_compiler))
        yield


LINES: list[tuple[tuple[str, ...], str, str]] = [
    (("integer", "x", "X", "", "${size} >> 3 ("), f"E{ROW} (relevant)", ""),
    (("calculate", "x", "", "", "", "", "", "frob(1)"), f"H{ROW} (calculation)", "frob"),
    (("calculate", "x", "", "", "", "", "", "round(1, 2, 3)"), f"H{ROW} (calculation)", "round"),
    (("integer", "x", "X", "", "${nobody} = 1"), f"E{ROW} (relevant)", "nobody"),
    (("integer", "size", "Again"), f"B{ROW} (name)", "size stands in row 8 too"),
    (("select_one nolist", "x", "X"), f"A{ROW} (type)", "nolist"),
    (("calculate", "x", "", "", "", "", "", "${x} + 1"), f"H{ROW} (calculation)", "x"),
    (("audio", "x", "X"), f"A{ROW} (type)", "use text instead"),
    (("select_one_from_file towns.csv", "x", "X"), f"A{ROW} (type)", ""),
    (
        ("text", "x", "X", "", "${trades} = \u201cyes\u201d"),
        f"E{ROW} (relevant)",
        "straight quotes",
    ),
    (("text", "x\u0430", "Cyrillic a"), "", ""),
    (("integer", "x", "X", "", "", ". < " + "9" * 400), "", ""),
    (("integer", "x", "X", "", "(" * 3000 + "1" + ")" * 3000), f"E{ROW} (relevant)", ""),
]


@pytest.mark.parametrize(("row", "cell", "says"), LINES, ids=range(len(LINES)))
def test_a_line_of_a_spreadsheet_is_refused_with_its_cell_and_nothing_is_stored(
    row: tuple[str, ...], cell: str, says: str, client: Client, officer: StaffUser
) -> None:
    client.force_login(officer)
    file = SimpleUploadedFile("household.xlsx", questionnaire([*SURVEY, row]))
    answer = client.post("/surveys/questionnaires/upload", {"file": file})
    page = unescape(answer.content.decode())
    if not cell:
        assert answer.status_code in {302, 422}, "taken or refused, as it may be meant"
        assert Questionnaire.objects.exists() == (answer.status_code == 302)
        return
    assert answer.status_code == 422
    assert f"Sheet survey, cell {cell}" in page
    assert says in page
    assert not Questionnaire.objects.exists()


@pytest.mark.parametrize(
    "sheets",
    [
        ((), CHOICES, SETTINGS),
        (SURVEY[:1], CHOICES, SETTINGS),
        (SURVEY, (), SETTINGS),
        ((("type",), *[("text",)] * 3), CHOICES, SETTINGS),
        (SURVEY, CHOICES, (SETTINGS[0], ("household", "H", "x" * 5000))),
        (SURVEY, CHOICES, (("form_id",), ("../../etc",))),
    ],
    ids=range(6),
)
def test_sheets_that_are_empty_or_strange_are_refused(
    sheets: tuple[Rows, Rows, Rows], client: Client, officer: StaffUser
) -> None:
    client.force_login(officer)
    file = SimpleUploadedFile("household.xlsx", questionnaire(*sheets))
    answer = client.post("/surveys/questionnaires/upload", {"file": file})
    assert answer.status_code == 422
    assert not Questionnaire.objects.exists()


TEXTS = [
    "\u0663\u0664", "9" * 400, "1e400", "-0", "NaN", "2026-02-30", "0000-00-00", "\ud800",
    "\u202e3",
    " ", "MUCH_BETTER SAME", "a" * 100_000, "<x>&", "\u0000", "=1+1",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_answers_of_any_kind_are_held_or_refused_and_never_break_the_door(
    text: str, cases: list[Case], version: QuestionnaireVersion, officer: StaffUser
) -> None:
    api = Caller(officer)
    for name in ("income_change", "profit_month", "satisfied", "nobody_asks"):
        answers = [{"name": name, "value": text}, {"name": "life_change", "value": "SAME"}]
        status, told = api.call(
            "post", f"/cases/{cases[0].pk}/submissions",
            version_id=version.pk, answers=answers, answered_date="2026-06-10",
        )  # fmt: skip
        assert status in {201, 422}, (name, status, told)
        if status == 201:
            assert told["state"] != SubmissionState.ACCEPTED
    typed = {"income_change": [text]}
    status, _told = api.call("post", f"/cases/{cases[1].pk}/paper", typed=typed)
    assert status in {200, 422}
    assert PaperEntry.objects.count() == (status == 200)
    for row in Submission.objects.all():
        assert api.call("get", f"/submissions/{row.pk}")[0] == 200


@pytest.mark.parametrize("day", ["2026-13-01", "0001-01-01", "9999-12-31", "", None, 5, "today"])
def test_days_that_are_none_are_refused_beside_the_day(
    day: object, cases: list[Case], version: QuestionnaireVersion, officer: StaffUser
) -> None:
    status, _told = Caller(officer).call(
        "post", f"/cases/{cases[0].pk}/submissions",
        version_id=version.pk, answers=[{"name": "life_change", "value": "SAME"}],
        answered_date=day,
    )  # fmt: skip
    assert status in {201, 422}
