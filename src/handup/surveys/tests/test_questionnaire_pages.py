"""Pages of questionnaires from spreadsheets: faults with their cells, a version, paper, files."""

import json
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from handup.org.models import StaffUser
from handup.surveys import compiling, services
from handup.surveys.models import CompiledForm, Questionnaire, QuestionnaireVersion
from handup.surveys.rules.codes import VersionState
from handup.surveys.tests.sheets import CASES, SURVEY, Rows, questionnaire
from handup.surveys.views.questionnaires import UploadForm


@pytest.fixture(autouse=True, scope="module")
def compiled_once() -> Iterator[None]:
    """The same spreadsheet is compiled once for all these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "run_compiler", lru_cache(compiling.run_compiler))
        yield


def upload(client: Client, staff: StaffUser, content: bytes) -> tuple[int, str, str]:
    """Hand a spreadsheet over; status, page, where it leads."""
    client.force_login(staff)
    file = SimpleUploadedFile("household.xlsx", content)
    answer = client.post("/surveys/questionnaires/upload", {"file": file})
    return answer.status_code, answer.content.decode(), answer.headers.get("Location", "")


def test_every_fault_stands_on_the_page_with_its_cell(client: Client, officer: StaffUser) -> None:
    rows: Rows = [*SURVEY, ("audio", "noise", "Noise"), ("text", "size", "Again", "", "${no} = 1")]
    status, page, _to = upload(client, officer, questionnaire(rows))
    assert status == 422
    for line in (
        "Sheet survey, cell A18 (type): audio is not taken; use text instead.",
        "Sheet survey, cell B19 (name): The name size stands in row 8 too.",
        "Sheet survey, cell E19 (relevant): There is no question with the name no.",
    ):
        assert line in page
    assert not Questionnaire.objects.exists()
    status, page, _to = upload(client, officer, b"no spreadsheet")
    assert status == 422
    assert "cannot be read as a spreadsheet" in page


def test_a_sound_one_is_taken_published_by_another_and_printed(
    client: Client, officer: StaffUser, second: StaffUser, outsider: StaffUser
) -> None:
    status, _page, to = upload(client, officer, questionnaire(CASES))
    version = QuestionnaireVersion.objects.get()
    assert (status, to) == (302, f"/surveys/versions/{version.pk}/")
    page = client.get(to).content.decode()
    kept = CompiledForm.objects.get()
    assert kept.xform_sha256 in page
    assert "Where does money come from?" in page
    paper = client.get(f"{to}paper").content.decode()
    assert "☐ 1 North" in paper
    assert client.get(f"{to}file.xml").content == kept.xform.encode()
    assert client.get(f"{to}file.xlsx").content == bytes(kept.sheet)
    told = client.get(f"{to}file.json")
    assert (sha256(told.content).hexdigest(), told["Content-Type"]) == (
        kept.json_sha256, "application/json",
    )  # fmt: skip
    assert json.loads(told.content)["name"] == "household"
    assert client.get(f"{to}file.exe").status_code == 404
    assert client.post(f"{to}publish").status_code == 422
    client.force_login(second)
    assert client.post(f"{to}publish").status_code == 302
    version.refresh_from_db()
    assert version.state == VersionState.PUBLISHED
    client.force_login(outsider)
    assert client.get(f"{to}file.xml").status_code == 403
    assert client.post("/surveys/questionnaires/upload").status_code == 403


def test_what_old_answers_become_is_written_line_by_line() -> None:
    file = {"file": SimpleUploadedFile("a.xlsx", b"x")}
    form = UploadForm({"code_map": "region south north\n\nregion west north"}, file)
    assert form.is_valid()
    assert form.cleaned_data["code_map"] == {"region": {"south": "north", "west": "north"}}
    wrong = UploadForm({"code_map": "region south north\nregion south"}, file)
    assert "Line 2" in str(wrong.errors["code_map"])


def test_paper_says_when_a_question_is_asked_and_reads_in_each_language(
    officer: StaffUser, client: Client
) -> None:
    survey = (
        (*SURVEY[0], "label::Armenian (hy)"),
        *((*row, *[""] * (len(SURVEY[0]) - len(row)), "Հարց") for row in SURVEY[1:]),
        ("integer", "late", "How late?", "", "selected(${sources}, 'farm') and ${size} > 2"),
        ("integer", "else", "What else?", "", "not(${region} = 'north') or ${card} != ''"),
    )
    version = services.upload_questionnaire(
        acting_staff=officer, content=questionnaire(survey), filename="a.xlsx",
        draft_languages=["hy"],
    )  # fmt: skip
    client.force_login(officer)
    page = client.get(f"/surveys/versions/{version.pk}/").content.decode()
    way = f"/surveys/versions/{version.pk}/paper"
    for code in ("en", "hy"):
        assert f"{way}?language={code}" in page
    paper = unescape(client.get(way).content.decode())
    numbers = dict(version.questions.values_list("name", "number"))
    trades, sources, size = (numbers[name] for name in ("trades", "sources", "size"))
    assert f"Ask only where: question {trades} is “yes”" in paper
    assert f"question {sources} has “Farm” and question {size} > 2" in paper
    assert (
        f"not (question {numbers['region']} is “North”) or question {numbers['card']} is answered"
        in paper
    )
    other = client.get(f"{way}?language=hy").content.decode()
    assert "Հարց" in other
    assert "Does she sell?" not in other
    assert client.get(f"{way}?language=<x>").status_code == 200
