"""Answers of a round as files: each opens again with what was told, and nothing names anybody."""

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pyreadstat
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.org.models import Area, ReadEntry, StaffUser
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.export import rows
from handup.surveys.export.columns import Column, Kind, layout
from handup.surveys.export.files import numbers_of
from handup.surveys.export.rows import Cell, cell, row_of, wanted
from handup.surveys.models import Case, Question, QuestionnaireVersion, Round, Submission
from handup.surveys.rules.codes import Purpose, QuestionType, RoundKind, SubjectKind
from handup.surveys.services import AnswerIn, QuestionIn
from handup.surveys.tests.conftest import MakePerson

T = QuestionType
YES_NO = {"YES": {"en": "yes"}, "NO": {"en": "no"}, "DONT_KNOW": {"en": "don't know"}}
QUESTIONS = [
    QuestionIn(name="consent", type=T.SELECT_ONE, labels={"en": "May we?"}, handup_key="consent",
               choice_labels=YES_NO),
    QuestionIn(name="trades", type=T.SELECT_ONE, labels={"en": "Does she trade?"},
               choice_labels=YES_NO),
    QuestionIn(name="sales", type=T.AMOUNT, labels={"en": "Sales"}, handup_key="sales_month"),
    QuestionIn(name="sources", type=T.SELECT_MULTIPLE, labels={"en": "Sources"},
               choice_labels={"farm": {"en": "Farm"}, "shop": {"en": "Shop"}}),
    QuestionIn(name="seen", type=T.DATE, labels={"en": "Day"}),
    QuestionIn(name="phone", type=T.TEXT, labels={"en": "Telephone"}),
    QuestionIn(name="wish", type=T.TEXT, labels={"en": "What does she wish?"}),
    QuestionIn(name="health", type=T.TEXT, labels={"en": "Health"}, sensitive=True),
    QuestionIn(name="where", type=T.GEOPOINT, labels={"en": "Where"}),
    QuestionIn(name="age", type=T.INTEGER, labels={"en": "Age"}, repeat_path="worker"),
    QuestionIn(name="kind", type=T.SELECT_ONE, labels={"en": "Kind"}, repeat_path="worker",
               choice_labels={"PAID": {"en": "paid"}, "OWNER": {"en": "owner"}}),
]  # fmt: skip
TOLD = {
    "consent": "YES", "trades": "DONT_KNOW", "sales": "150050", "sources": "shop",
    "seen": "2026-06-09", "phone": "091223344", "wish": "=a new stall", "health": "well",
    "where": "40.1 44.5 0 0",
}  # fmt: skip


@pytest.fixture
def answered(
    officer: StaffUser, second: StaffUser, interviewer: StaffUser, programme: Programme,
    person: MakePerson,
) -> Round:  # fmt: skip
    """A round of two interviews on one questionnaire with a repeat."""
    version = services.draft_questionnaire(
        acting_staff=officer, code="all_kinds", title="All kinds", purpose=Purpose.IMPACT,
        subject_kind=SubjectKind.PERSON, version="1", questions=QUESTIONS,
    )  # fmt: skip
    services.publish_version(acting_staff=second, version=version)
    today = timezone.localdate()
    round = services.plan_round(
        acting_staff=officer, questionnaire=version.questionnaire, programme=programme,
        name="First", kind=RoundKind.BASELINE, opens_date=today, closes_date=today, seed="s",
    )  # fmt: skip
    people = [services.EligibleIn(subject=person(), interviewer=interviewer) for _ in range(2)]
    cases = services.draw_sample(acting_staff=officer, round=round, eligible=people)
    services.open_round(acting_staff=officer, round=round)
    for case in cases:
        _answer(case, version, interviewer)
    return round


def _answer(case: Case, version: QuestionnaireVersion, staff: StaffUser) -> Submission:
    workers = [("34", "OWNER"), ("", "PAID"), ("19", "PAID")]
    given = [
        AnswerIn(name=n, value=v, currency="AMD" if n == "sales" else "") for n, v in TOLD.items()
    ]
    given += [AnswerIn(name="age", value=age, index=n) for n, (age, _k) in enumerate(workers)]
    given += [AnswerIn(name="kind", value=kind, index=n) for n, (_a, kind) in enumerate(workers)]
    return services.record_submission(
        acting_staff=staff,
        submission=services.SubmissionIn(
            case=case, version=version, answers=given, answered_date=timezone.localdate()
        ),
    )


def fetched(client: Client, round: Round, **asked: str) -> bytes:
    address = reverse("surveys:round_answers", args=[round.pk])
    answer = client.get(address, {"version": "1", **asked})
    assert answer.status_code == 200, answer.content[:500]
    return bytes(answer.getvalue())


def test_each_kind_of_file_opens_again_with_what_was_answered(
    answered: Round, officer: StaffUser, client: Client, tmp_path: Path
) -> None:
    client.force_login(officer)
    page = client.get(reverse("surveys:round_answers", args=[answered.pk])).content.decode()
    assert "For SPSS, with labels" in page
    with zipfile.ZipFile(io.BytesIO(fetched(client, answered, **{"as": "sav"}))) as archive:
        assert sorted(archive.namelist()) == ["answers.sav", "worker.sav"]
        archive.extractall(tmp_path)
    frame, about = pyreadstat.read_sav(str(tmp_path / "answers.sav"), user_missing=True)
    assert list(frame["trades"]) == [-8, -8]
    assert about.variable_value_labels["trades"] == {1: "yes", 2: "no", -8: "don't know"}
    assert about.column_names_to_labels["sales"] == "Sales"
    assert (frame["sales"][0], frame["sources_shop"][0], frame["sources_farm"][0]) == (1500.5, 1, 0)
    assert (str(frame["seen"][0]), frame["worker_rows"][0]) == ("2026-06-09", 3)
    workers, told = pyreadstat.read_sav(str(tmp_path / "worker.sav"))
    assert workers["age"].isna().tolist() == [False, True, False] * 2
    assert list(workers["kind"]) == [2, 1, 1] * 2
    assert told.variable_value_labels["kind"] == {1: "paid", 2: "owner"}
    assert list(workers["answers_id"])[::3] == list(frame["answers_id"])
    book = openpyxl.load_workbook(io.BytesIO(fetched(client, answered, **{"as": "xlsx"})))
    assert book.sheetnames == ["answers", "worker", "codebook"]
    head, first, *_rest = book["answers"].iter_rows(values_only=True)
    row = dict(zip(head, first, strict=True))
    assert (row["trades"], row["sales"], row["sources_shop"]) == ("don't know", 1500.5, 1)
    lines = [line[1:] for line in book["codebook"].iter_rows(values_only=True)]
    assert ("trades", None, None, "DONT_KNOW = -8", "don't know") in lines
    with zipfile.ZipFile(io.BytesIO(fetched(client, answered, **{"as": "csv"}))) as archive:
        text = archive.read("answers.csv").decode("utf-8-sig")
        (one, other) = csv.DictReader(io.StringIO(text))
        assert (one["trades"], one["sales"], one["weight"]) == ("DONT_KNOW", "1500.50", "")
        assert one["subject"] != other["subject"]
        assert "worker.csv" in archive.namelist()


def test_nothing_classified_leaves_and_each_file_is_noted(
    answered: Round, officer: StaffUser, interviewer: StaffUser, client: Client
) -> None:
    client.force_login(officer)
    raw = fetched(client, answered, **{"as": "csv"})
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        whole = "".join(archive.read(name).decode() for name in archive.namelist())
    names = [str(case.subject) for case in answered.cases.all()]
    for word in ("091223344", "well", "40.1", "a new stall", *names):
        assert word not in whole
    entry = ReadEntry.objects.order_by("-number").first()
    assert entry is not None
    assert (entry.action, len(entry.persons), entry.highest) == ("EXPORT", 2, "S")
    with_texts = fetched(client, answered, **{"as": "csv", "texts": "1"})
    with zipfile.ZipFile(io.BytesIO(with_texts)) as archive:
        text = archive.read("answers.csv").decode()
    assert "'=a new stall" in text, "no cell runs as a formula"
    assert "well" not in text
    client.force_login(interviewer)
    address = reverse("surveys:round_answers", args=[answered.pk])
    assert client.get(address, {"version": "1", "as": "csv"}).status_code == 403


def test_a_code_has_one_number_in_every_version(answered: Round, officer: StaffUser) -> None:
    words = {"YES": {"en": "yes"}, "PARTLY": {"en": "partly"}, "NO": {"en": "no"}}
    services.draft_questionnaire(
        acting_staff=officer, code="all_kinds", title="All kinds", purpose=Purpose.IMPACT,
        subject_kind=SubjectKind.PERSON, version="2", questions=[
            QuestionIn(name="trades", type=T.SELECT_ONE, labels={"en": "Does she trade?"},
                       choice_labels=words),
        ],
    )  # fmt: skip
    for version in QuestionnaireVersion.objects.filter(questionnaire=answered.questionnaire):
        shape = wanted(Submission.objects.all(), answered, version).layout()
        (column,) = [one for one in shape.answers if one.name == "trades"]
        numbers = numbers_of(column)
        assert (numbers["YES"], numbers["NO"], numbers["PARTLY"]) == (1, 2, 3)
        assert len(column.codes) == 3, "its own words only"


def test_no_village_leaves_but_the_area_above_it(
    answered: Round, officer: StaffUser, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    above = None
    for level, name in ((1, "Country"), (2, "Province"), (3, "District"), (4, "Hamlet")):
        above = Area.objects.create(code=f"A{level}", names={"en": name}, level=level, parent=above)
    answered.cases.update(area=above, cluster="Hamlet")
    client.force_login(officer)
    for least, expected in ((2, "Province"), (20, "Country")):
        monkeypatch.setattr(rows, "PERSONS_LEAST", least)
        raw = fetched(client, answered, **{"as": "csv"})
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            text = archive.read("answers.csv").decode("utf-8-sig")
        (one, other) = csv.DictReader(io.StringIO(text))
        assert (one["area"], one["cluster"]) == (expected, other["cluster"])
        assert "Hamlet" not in text


def test_cells_hold_what_their_column_says_or_nothing() -> None:
    number, tick = Column("n", "", Kind.NUMBER), Column("t", "", Kind.TICK, code="a")
    assert [str(cell(number, text)) for text in ("1.50", "nan", "x", "1e999", "")] == [
        "1.50", "None", "None", "None", "None",
    ]  # fmt: skip
    assert [cell(tick, text) for text in ("a b", "b", "")] == [1, 0, None]
    assert cell(Column("d", "", Kind.DAY), "2026-13-01") is None
    rated = Column("s", "", Kind.CODE, codes=[("1", "bad"), ("5", "good"), ("REFUSED", "refused")])
    assert numbers_of(rated) == {"1": 1, "5": 5, "REFUSED": -8}
    for codes in (["1", "01"], ["\u00b2", "1"]):
        column = Column("s", "", Kind.CODE, codes=[(code, code) for code in codes])
        assert numbers_of(column) == {codes[0]: 1, codes[1]: 2}, "a number each"


def test_tables_and_columns_have_a_name_each_and_a_row_with_a_name_only_counts() -> None:
    asked = [
        Question(name="state", type=T.INTEGER, labels={"en": "State"}),
        Question(name="sources", type=T.SELECT_MULTIPLE, choice_labels={"shop": {"en": "Shop"}}),
        Question(name="sources_shop", type=T.INTEGER),
        Question(name="age", type=T.INTEGER, repeat_path="home/worker"),
        Question(name="who", type=T.TEXT, repeat_path="home/worker"),
        Question(name="hours", type=T.INTEGER, repeat_path="shop/worker"),
        Question(name="more", type=T.INTEGER, repeat_path="answers"),
    ]
    shape = layout(asked, digits=2)
    assert list(shape.repeats) == ["worker", "worker2", "answers2"]
    names = [column.name for column in shape.main]
    assert len(set(names)) == len(names)
    assert names[-6:-3] == ["state2", "sources_shop", "sources_shop2"]
    told = {"state": {0: "7"}, "age": {0: "34", 1: "19"}, "who": {2: "Third"}, "hours": {0: "8"}}
    about: list[Cell] = ["id", *[None] * (len(shape.about) - 1)]
    row = row_of(about, told, shape)
    assert dict(zip(names, row.main, strict=True))["worker_rows"] == 3
    assert dict(zip(names, row.main, strict=True))["state2"] == 7
    assert [len(lines) for lines in row.repeats.values()] == [3, 1, 0]
