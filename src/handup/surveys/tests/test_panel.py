"""The panel file: a row a subject and round with the columns of every version, and an export of
very many rows in little memory.
"""

import csv
import io
import tracemalloc
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import openpyxl
import pyreadstat
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.bulk import insert_rows, unsaved
from handup.org.models import ReadEntry, StaffUser
from handup.people.models import Person
from handup.people.pseudonyms import code_of
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.export.files import as_csv
from handup.surveys.export.panel import panel_of
from handup.surveys.export.rows import wanted
from handup.surveys.models import (
    Answer,
    Case,
    CompiledForm,
    Question,
    QuestionnaireVersion,
    Round,
    Submission,
)
from handup.surveys.rules.codes import (
    Channel,
    Outcome,
    Purpose,
    QuestionType,
    RoundKind,
    SubjectKind,
    SubmissionState,
)
from handup.surveys.services import AnswerIn, QuestionIn
from handup.surveys.tests.conftest import MakePerson

T = QuestionType
LEVELS = {"LESS": {"en": "less"}, "MORE": {"en": "more"}}
FIRST = [
    QuestionIn(name="change", type=T.SELECT_ONE, labels={"en": "Change"}, choice_labels=LEVELS),
    QuestionIn(name="size", type=T.INTEGER, labels={"en": "How many"}),
    QuestionIn(name="health", type=T.SELECT_ONE, labels={"en": "Health"}, choice_labels=LEVELS),
    QuestionIn(name="age", type=T.INTEGER, labels={"en": "Age"}, repeat_path="worker"),
]
SECOND = [
    QuestionIn(name="change", type=T.SELECT_ONE, labels={"en": "Change since"},
               choice_labels={"WORSE": {"en": "worse"}, "BETTER": {"en": "better"}}),
    QuestionIn(name="size", type=T.SELECT_ONE, labels={"en": "How many, about"},
               choice_labels={"FEW": {"en": "few"}, "MANY": {"en": "many"}}),
    QuestionIn(name="health", type=T.SELECT_ONE, labels={"en": "Health"}, choice_labels=LEVELS,
               sensitive=True),
    QuestionIn(name="age", type=T.INTEGER, labels={"en": "Age"}, repeat_path="worker"),
]  # fmt: skip


def published(
    officer: StaffUser, second: StaffUser, number: str, questions: list[QuestionIn]
) -> QuestionnaireVersion:
    row = services.draft_questionnaire(
        acting_staff=officer, code="panel", title="Panel", purpose=Purpose.IMPACT,
        subject_kind=SubjectKind.PERSON, version=number, questions=questions,
    )  # fmt: skip
    return services.publish_version(acting_staff=second, version=row)


def asked(
    officer: StaffUser, version: QuestionnaireVersion, programme: Programme, kind: RoundKind,
    people: list[Person], given: list[AnswerIn], *, days: int, accepted_by: StaffUser,
) -> Round:  # fmt: skip
    opens = timezone.localdate() - timedelta(days=days)
    round = services.plan_round(
        acting_staff=officer, questionnaire=version.questionnaire, programme=programme,
        name=kind.value, kind=kind, opens_date=opens, closes_date=opens + timedelta(days=90),
        seed="s",
    )  # fmt: skip
    cases = services.draw_sample(
        acting_staff=officer, round=round, eligible=[services.EligibleIn(subject=p) for p in people]
    )
    services.open_round(acting_staff=officer, round=round)
    sent = [
        services.record_submission(
            acting_staff=officer,
            submission=services.SubmissionIn(
                case=case, version=version, answers=given, answered_date=opens
            ),
        )
        for case in cases
    ]
    services.accept_submissions(acting_staff=accepted_by, submissions=sent)
    return services.close_round(acting_staff=officer, round=round)


@pytest.fixture
def panel(
    officer: StaffUser, second: StaffUser, programme: Programme, person: MakePerson
) -> tuple[list[Person], Round]:
    """Two rounds of two versions: both were asked first, one of them again."""
    people = [person(), person()]
    first = published(officer, second, "1", FIRST)
    asked(
        officer, first, programme, RoundKind.BASELINE, people,
        [AnswerIn(name="change", value="LESS"), AnswerIn(name="size", value="4"),
         AnswerIn(name="health", value="LESS"), AnswerIn(name="age", value="30"),
         AnswerIn(name="age", value="31", index=1)],
        days=60, accepted_by=second,
    )  # fmt: skip
    later = published(officer, second, "2", SECOND)
    last = asked(
        officer, later, programme, RoundKind.FOLLOW_UP, people[:1],
        [AnswerIn(name="change", value="BETTER"), AnswerIn(name="size", value="MANY")],
        days=0, accepted_by=second,
    )  # fmt: skip
    CompiledForm.objects.create(
        version=later, filename="panel.xlsx", sheet=b"", sheet_sha256="", survey_json="",
        json_sha256="", xform="", xform_sha256="", compiled_with="",
        code_map={"change": {"LESS": "WORSE", "MORE": "BETTER"}},
    )  # fmt: skip
    return people, last


def lines_of(raw: bytes) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        text = archive.read("answers.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def fetched(client: Client, round: Round, kind: str) -> bytes:
    address = reverse("surveys:round_answers", args=[round.pk])
    answer = client.get(address, {"panel": "1", "as": kind})
    assert answer.status_code == 200
    return bytes(answer.getvalue())


def test_the_panel_has_a_row_a_subject_and_round_with_the_columns_of_every_version(
    panel: tuple[list[Person], Round], officer: StaffUser, client: Client, tmp_path: Path
) -> None:
    (both, once), round = panel
    client.force_login(officer)
    page = client.get(reverse("surveys:round_answers", args=[round.pk])).content.decode()
    assert "Panel: a row a subject and round" in page
    rows = lines_of(fetched(client, round, "csv"))
    told = {(row["subject"], row["wave"]): row for row in rows}
    first, second = told[code_of(both.pk), "1"], told[code_of(both.pk), "2"]
    assert set(told) == {(code_of(both.pk), "1"), (code_of(both.pk), "2"), (code_of(once.pk), "1")}
    assert [row["subject"] for row in rows] == sorted(row["subject"] for row in rows)
    assert (first["rounds_answered"], told[code_of(once.pk), "1"]["rounds_answered"]) == ("2", "1")
    assert (first["change"], second["change"]) == ("WORSE", "BETTER"), "old codes by the map"
    assert (first["size_integer"], first["size"]) == ("4", ""), "another kind, another column"
    assert (second["size_integer"], second["size"]) == ("", "MANY")
    assert (first["worker_rows"], second["worker_rows"]) == ("2", "0")
    assert (first["version"], second["version"]) == ("1", "2")
    assert (second["round_kind"], second["in_baseline"]) == ("FOLLOW_UP", "1")
    assert "health" not in first, "what is sensitive in one version is so in all"
    entry = ReadEntry.objects.order_by("-number").first()
    assert entry is not None
    assert (entry.action, len(entry.persons)) == ("EXPORT", 2)
    book = openpyxl.load_workbook(io.BytesIO(fetched(client, round, "xlsx")))
    assert book.sheetnames == ["answers", "codebook"]
    codes = [line[:2] for line in book["codebook"].iter_rows(values_only=True)]
    assert ("answers", "size_integer") in codes
    with zipfile.ZipFile(io.BytesIO(fetched(client, round, "sav"))) as archive:
        archive.extractall(tmp_path)
    frame, about = pyreadstat.read_sav(str(tmp_path / "answers.sav"), user_missing=True)
    assert sorted(frame["wave"]) == [1, 1, 2]
    assert "worse" in about.variable_value_labels["change"].values()


def test_the_panel_leaves_out_who_is_hidden_and_what_is_not_accepted(
    panel: tuple[list[Person], Round], officer: StaffUser
) -> None:
    (both, once), round = panel
    rows = Submission.objects.exclude(case__person=both)
    found = panel_of(rows, round.questionnaire, round.programme)
    told = list(found.told(found.layout()))
    assert [row.main[0] for row in told] == [code_of(once.pk)]
    Submission.objects.update(state=SubmissionState.RECEIVED)
    found = panel_of(Submission.objects.all(), round.questionnaire, round.programme)
    assert not found.rows.exists()


MANY, FEW, MORE = 40_000, 1_000, 4_000
PIECE = 1_000
BYTES_A_SET = 1_500
"""What the memory of an export may grow by with each set of answers: pieces of the file, and what
is remembered of whose answers left. A set is not held."""


@dataclass
class Ground:
    """A round with one set of answers, and as many more like it as are asked for."""

    version: QuestionnaireVersion
    round: Round
    officer: StaffUser
    programme: Programme
    stored: int = 1

    def fill_up(self, many: int) -> None:
        """Store sets until there are so many."""
        while self.stored < many:
            self._store(range(self.stored, min(self.stored + PIECE, many)))

    def _store(self, numbers: range) -> None:
        held = Submission.objects.earliest("id")
        size, age = (
            Question.objects.get(version=self.version, name=name) for name in ("size", "age")
        )
        people = [
            unsaved(
                Person, registration_no=f"7{number:07d}", display_name="One of many",
                sort_key="one", programme_id=self.programme.pk, registered_by_id=self.officer.pk,
                registered_date=held.answered_date,
            )
            for number in numbers
        ]  # fmt: skip
        cases = [
            unsaved(
                Case, round_id=self.round.pk, subject_kind="PERSON", subject_id=one.pk,
                person_id=one.pk, outcome=Outcome.INTERVIEWED,
            )
            for one in people
        ]  # fmt: skip
        sets = [
            unsaved(
                Submission, instance_id=str(new_id()), root_id="r", version_id=self.version.pk,
                round_id=self.round.pk, case_id=case.pk, answered_date=held.answered_date,
                channel=Channel.APP, sha256=sha256(b"").hexdigest(), body="",
                state=SubmissionState.ACCEPTED, interviewer_id=self.officer.pk,
            )
            for case in cases
        ]  # fmt: skip
        answers = [
            unsaved(Answer, submission_id=row.pk, question_id=question.pk, value=str(number % 90))
            for number, row in zip(numbers, sets, strict=True)
            for question in (size, age)
        ]
        for rows in (people, cases, sets, answers):
            insert_rows(rows)
        self.stored += len(numbers)

    def lines(self) -> dict[str, int]:
        """Export all; how many lines each file has."""
        wish = wanted(Submission.objects.all(), self.round, self.version)
        with as_csv(wish) as file, zipfile.ZipFile(file) as archive:
            return {name: sum(1 for _ in archive.open(name)) for name in archive.namelist()}

    def peak(self) -> int:
        """Bytes held at most while all is exported."""
        tracemalloc.start()
        try:
            self.lines()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.fixture
def ground(
    officer: StaffUser, second: StaffUser, programme: Programme, person: MakePerson
) -> Ground:
    """One person has answered."""
    version = published(officer, second, "1", FIRST)
    round = asked(
        officer, version, programme, RoundKind.BASELINE, [person()],
        [AnswerIn(name="size", value="4"), AnswerIn(name="age", value="30")],
        days=1, accepted_by=second,
    )  # fmt: skip
    return Ground(version, round, officer, programme)


def test_four_times_as_many_sets_leave_in_little_more_memory(ground: Ground) -> None:
    ground.fill_up(FEW)
    ground.peak()  # what is read once and kept is no part of it
    few = ground.peak()
    ground.fill_up(MORE)
    more = ground.peak()
    assert more - few < BYTES_A_SET * (MORE - FEW), f"{few:,} {more:,}"


@pytest.mark.once
def test_forty_thousand_sets_with_a_repeat_leave_whole(ground: Ground) -> None:
    ground.fill_up(MANY)
    counts = ground.lines()
    assert (counts["answers.csv"], counts["worker.csv"]) == (MANY + 1, MANY + 1)
