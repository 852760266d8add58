"""The panel of a questionnaire as one table: a row a subject and round, the columns of all versions
beside each other, so that who was asked again can be followed (surveys.md 2.14).

Of each subject the accepted answers count, one set a round. A code of an older version is told as
what the newer one made of it, by the map that was given when it was taken in. A question that
changed what it holds has a column a kind. Rows of repeats stay in the files of a round; here stands
how many there were.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from handup.org.web.money import currency_digits
from handup.people.pseudonyms import code_of
from handup.projects.models import Programme
from handup.surveys.export import rows as of_rounds
from handup.surveys.export.columns import Column, Kind, Layout, layout
from handup.surveys.export.rows import CHUNK, Cell, Row, Wanted
from handup.surveys.models import (
    CompiledForm,
    Question,
    Questionnaire,
    QuestionnaireVersion,
    Round,
    Submission,
)
from handup.surveys.rules.codes import RoundKind, SubmissionState

Told = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True)
class Panel:
    """What is exported: the accepted answers of every round of a questionnaire in a programme, as
    far as the reader may see them; `texts`: free texts too.
    """

    questionnaire: Questionnaire
    programme: Programme
    rows: QuerySet[Submission]
    texts: bool = False
    without: Collection[UUID] = field(default=())

    @property
    def title(self) -> str:
        """What the file is about."""
        return f"{self.questionnaire.title} {self.programme}"

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"{self.questionnaire.code} {self.programme.code} panel"

    @property
    def subject(self) -> str:
        """What the read log says it was for."""
        return f"panel {self.questionnaire.pk}"

    @cached_property
    def rounds(self) -> list[Round]:
        """The rounds with accepted answers, the first first."""
        held = self.rows.order_by().values("round")
        found = Round.objects.filter(pk__in=held).select_related("programme", "questionnaire")
        return list(found.order_by("opens_date", "pk"))

    @cached_property
    def versions(self) -> list[QuestionnaireVersion]:
        """The versions they were answered on, the oldest first."""
        held = self.rows.order_by().values("version")
        rows = QuestionnaireVersion.objects.filter(pk__in=held)
        return list(rows.order_by("recorded_at", "pk"))

    @cached_property
    def _questions(self) -> dict[UUID, list[Question]]:
        """The questions of each version as the file has them: what is sensitive in one version is
        so in all, and what holds something else than the newest of its name has another name.
        """
        by_version = {one.pk: list(one.questions.order_by("number")) for one in self.versions}
        secret = {q.name for held in by_version.values() for q in held if q.sensitive}
        newest = {q.name: q for held in by_version.values() for q in held}
        for held in by_version.values():
            for question in held:
                question.sensitive = question.name in secret
                kept = newest[question.name]
                if _kind(question) != _kind(kept):
                    question.name = f"{question.name}_{question.type}"
        return by_version

    def layout(self) -> Layout:
        """Its columns, in the active language: of all versions, the newest words first."""
        merged: dict[str, Question] = {}
        for held in self._questions.values():
            for question in held:
                before = merged.get(question.name)
                if before is not None:
                    question.choice_labels = _labels(before, question)
                merged[question.name] = question
        known = of_rounds.codes_of_all(self.questionnaire.pk)
        digits = currency_digits(self.programme.currency)
        shape = layout(list(merged.values()), digits=digits, texts=self.texts, known=known)
        return Layout(_about(shape.about), shape.answers, {}, shape.left_out, shape.asked)

    def told(self, shape: Layout) -> Iterator[Row]:
        """Yield a row a subject and round: subject by subject, each in the order of the rounds."""
        place = {one.pk: number for number, one in enumerate(self.rounds, 1)}
        held = self.rows.order_by().values_list("pk", "case__subject_id", "round_id")
        order = sorted((code_of(who), place[asked], pk) for pk, who, asked in held.iterator())
        counts = self._rounds_of()
        first = self._baseline()
        weights, areas = self._weights(), self._areas()
        for start in range(0, len(order), CHUNK):
            piece = order[start : start + CHUNK]
            keys = [pk for _code, _number, pk in piece]
            given, flags = of_rounds.told_of(keys), of_rounds.flags_of(keys)
            held_rows = Submission.objects.filter(pk__in=keys).select_related(
                "case", "round", "version"
            )
            by_pk = {row.pk: row for row in held_rows.defer("body", "faults")}
            for code, number, pk in piece:
                row = by_pk[pk]
                weight = weights.get(row.case_id)
                area = areas.get(row.round_id, {}).get(row.case.area_id or pk, "")
                about = of_rounds.about_of(row, area, flags.get(pk, 0), weight)
                cells: list[Cell] = [
                    about[1], number, counts[row.case.subject_id], int(code in first), about[0],
                    *about[2:],
                ]  # fmt: skip
                yield of_rounds.row_of(cells, self._mapped(row, given.get(pk, {})), shape)

    def _rounds_of(self) -> dict[UUID, int]:
        """In how many rounds each subject answered."""
        rows = self.rows.order_by().values_list("case__subject_id")
        return dict(rows.annotate(n=Count("pk")).iterator())

    def _baseline(self) -> set[str]:
        """Who answered in a baseline."""
        rows = self.rows.filter(round__kind=RoundKind.BASELINE).order_by()
        return {code_of(pk) for pk in rows.values_list("case__subject_id", flat=True).iterator()}

    def _weights(self) -> dict[UUID, Decimal]:
        found: dict[UUID, Decimal] = {}
        for one in self.rounds:
            found |= of_rounds.weights_by_case(one, self.without)
        return found

    def _areas(self) -> dict[UUID, dict[UUID, str]]:
        return {
            one.pk: of_rounds.areas_of(
                Wanted(one, self.versions[-1], self.rows.filter(round=one), without=self.without)
            )
            for one in self.rounds
        }

    def _mapped(self, row: Submission, told: Told) -> Told:
        """Answers under the names of the file, old codes as the newest version knows them."""
        maps = self._maps[row.version_id]
        names = self._names[row.version_id]
        return {
            names.get(name, name): {
                index: _recoded(text, maps.get(name, {})) for index, text in given.items()
            }
            for name, given in told.items()
        }

    @cached_property
    def _names(self) -> dict[UUID, dict[str, str]]:
        """By version: the name of a question as it is told, and its name in the file."""
        found = {}
        for version, held in self._questions.items():
            real = dict(Question.objects.filter(version=version).values_list("pk", "name"))
            found[version] = {real[q.pk]: q.name for q in held}
        return found

    @cached_property
    def _maps(self) -> dict[UUID, dict[str, dict[str, str]]]:
        """By version: what its codes became, through every later version."""
        given = dict(
            CompiledForm.objects.filter(version__questionnaire=self.questionnaire).values_list(
                "version_id", "code_map"
            )
        )
        every = QuestionnaireVersion.objects.filter(questionnaire=self.questionnaire)
        order = list(every.order_by("recorded_at", "pk").values_list("pk", flat=True))
        found: dict[UUID, dict[str, dict[str, str]]] = {}
        later: dict[str, dict[str, str]] = {}
        for version in reversed(order):
            found[version] = later
            whole = {name: dict(codes) for name, codes in later.items()}
            for name, codes in (given.get(version) or {}).items():
                after = later.get(name, {})
                whole.setdefault(name, {}).update(
                    {old: after.get(new, new) for old, new in codes.items()}
                )
            later = whole
        return found


def panel_of(
    rows: QuerySet[Submission],
    questionnaire: Questionnaire,
    programme: Programme,
    *,
    texts: bool = False,
    without: Collection[UUID] = (),
) -> Panel:
    """The panel among these sets of answers: accepted, with consent."""
    kept = rows.filter(
        round__questionnaire=questionnaire,
        round__programme=programme,
        state=SubmissionState.ACCEPTED,
        consented=True,
    )
    return Panel(questionnaire, programme, kept, texts, without)


def _kind(question: Question) -> tuple[str, bool]:
    return question.type, bool(question.repeat_path)


def _labels(before: Question, now: Question) -> dict[str, dict[str, str]]:
    return {**now.choice_labels, **{
        code: words for code, words in before.choice_labels.items()
        if code not in now.choice_labels
    }}  # fmt: skip


def _recoded(text: str, codes: Mapping[str, str]) -> str:
    if not codes or text in codes:
        return codes.get(text, text)
    return " ".join(codes.get(one, one) for one in text.split()) if " " in text else text


def _about(about: Sequence[Column]) -> list[Column]:
    """The columns of a round's file, who and when first."""
    return [
        about[1],
        Column("wave", _("Number of the round, the first is 1"), Kind.NUMBER),
        Column("rounds_answered", _("Rounds she or he answered in"), Kind.NUMBER),
        Column("in_baseline", _("Answered in a baseline"), Kind.TICK),
        about[0],
        *about[2:],
    ]
