"""The rows of an export, read piece by piece so that memory stays small however many there are."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Protocol
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.crypto import keyed_hash
from handup.org import keys
from handup.org.models import Area
from handup.org.web.money import as_decimal, currency_digits
from handup.people.pseudonyms import code_of
from handup.surveys.export.columns import Column, Kind, Layout, layout
from handup.surveys.models import Answer, Flag, Question, QuestionnaireVersion, Round, Submission
from handup.surveys.rules.codes import QuestionType
from handup.surveys.rules.xpath.days import read_instant
from handup.surveys.services.quality import COUNTS
from handup.surveys.weight_queries import weights_of

CHUNK = 500
PERSONS_LEAST = 20
Cell = str | Decimal | int | date | datetime | None


class Exported(Protocol):
    """What is written as a file: sets of answers with their columns, read piece by piece."""

    @property
    def rows(self) -> QuerySet[Submission]:
        """Whose answers leave, for the read log."""

    @property
    def title(self) -> str:
        """What the file is about."""

    @property
    def name(self) -> str:
        """What the file is called."""

    @property
    def subject(self) -> str:
        """What the read log says it was for."""

    def layout(self) -> Layout:
        """Its columns, in the active language."""

    def told(self, shape: Layout) -> Iterator["Row"]:
        """Its rows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is exported: sets of answers of a round to one version; whose the reader may not know
    of are left out; `texts`: free texts too.
    """

    round: Round
    version: QuestionnaireVersion
    rows: QuerySet[Submission]
    texts: bool = False
    without: Collection[UUID] = ()

    @property
    def title(self) -> str:
        """What the file is about."""
        return f"{self.round.questionnaire.title} {self.round.name}"

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"{self.round.questionnaire.code} {self.round.name} {self.version.version}"

    @property
    def subject(self) -> str:
        """What the read log says it was for."""
        return f"answers {self.round.pk}"

    def told(self, shape: Layout) -> Iterator["Row"]:
        """Its rows."""
        return rows_of(self, shape)

    def layout(self) -> Layout:
        """Its columns, in the active language."""
        questions = list(self.version.questions.order_by("number"))
        digits = currency_digits(self.round.programme.currency)
        known = codes_of_all(self.round.questionnaire_id)
        return layout(questions, digits=digits, texts=self.texts, known=known)


def codes_of_all(questionnaire: UUID) -> dict[str, list[str]]:
    """The codes each question had in any version, the oldest version first: a later one only adds
    to them.
    """
    rows = Question.objects.filter(
        version__questionnaire=questionnaire, type=QuestionType.SELECT_ONE
    ).order_by("version__recorded_at", "version", "number")
    found: dict[str, dict[str, None]] = {}
    for name, labels in rows.values_list("name", "choice_labels"):
        found.setdefault(name, {}).update(dict.fromkeys(labels))
    return {name: list(codes) for name, codes in found.items()}


def wanted(
    rows: QuerySet[Submission],
    round: Round,
    version: QuestionnaireVersion,
    *,
    texts: bool = False,
    without: Collection[UUID] = (),
) -> Wanted:
    """The sets of answers among these that are exported: with consent, not set aside. Weights are
    those of the round `without` whom the reader may not know of.
    """
    kept = rows.filter(round=round, version=version, state__in=COUNTS, consented=True)
    return Wanted(round, version, kept, texts, without)


def _interviewer(pk: UUID) -> str:
    """A code that stands for an interviewer in every export."""
    return f"I-{keyed_hash(keys.load().lasting_key('surveys.interviewer'), str(pk))[:10].upper()}"


def _cluster(name: str) -> str:
    """A code that stands for a cluster, often a village, in every export."""
    if not name:
        return ""
    return f"C-{keyed_hash(keys.load().lasting_key('surveys.cluster'), name)[:10].upper()}"


def areas_of(wish: Wanted) -> dict[UUID, str]:
    """Where the asked live, by the id of their area: the area of level 2 above it, of level 1 where
    fewer than twenty are told of there (protection.md 4.5).
    """
    pairs = set(
        wish.rows.exclude(case__area=None)
        .order_by()
        .values_list("case__area_id", "case__subject_id")
    )
    areas = Area.objects.in_bulk() if pairs else {}

    def above(area: Area, level: int) -> Area:
        while area.level > level and area.parent_id in areas:
            area = areas[area.parent_id]
        return area

    found = {pk: above(areas[pk], 2) for pk, _subject in pairs}
    counts: dict[UUID, int] = {}
    for pk, _subject in pairs:
        counts[found[pk].pk] = counts.get(found[pk].pk, 0) + 1
    return {
        pk: str(area if counts[area.pk] >= PERSONS_LEAST else above(area, 1))
        for pk, area in found.items()
    }


def weights_by_case(round: Round, without: Collection[UUID]) -> dict[UUID, Decimal]:
    """The weight of each case for those not reached, as a file tells it."""
    found = weights_of(round, without=without).by_case
    return {
        pk: _six(Decimal(weight.numerator) / Decimal(weight.denominator))
        for pk, weight in found.items()
    }


def _six(value: Decimal) -> Decimal:
    return round(value, 6)


@dataclass(frozen=True, slots=True)
class Row:
    """One set of answers: its own cells, and for each repeat the cells of its rows."""

    main: list[Cell]
    repeats: Mapping[str, list[list[Cell]]]


def rows_of(wish: Wanted, shape: Layout) -> Iterator[Row]:
    """Yield every set of answers in the order of its arrival."""
    weights = weights_by_case(wish.round, wish.without)
    areas = areas_of(wish)
    ids = list(wish.rows.order_by("received_at", "pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        piece = ids[start : start + CHUNK]
        held = {
            row.pk: row
            for row in Submission.objects.filter(pk__in=piece)
            .select_related("case", "round", "version")
            .defer("body", "faults")
        }
        told = told_of(piece)
        flags = flags_of(piece)
        for pk in piece:
            row = held[pk]
            weight = weights.get(row.case_id)
            area = areas.get(row.case.area_id, "") if row.case.area_id else ""
            about = about_of(row, area, flags.get(pk, 0), weight)
            yield row_of(about, told.get(pk, {}), shape)


def told_of(piece: Sequence[UUID]) -> dict[UUID, dict[str, dict[int, str]]]:
    """Answers by set, question and row, amounts as they were typed."""
    sealed = Answer._meta.get_field("value")
    found: dict[UUID, dict[str, dict[int, str]]] = {}
    rows = Answer.objects.filter(submission__in=piece).order_by("pk")
    fields = ("pk", "submission_id", "question__name", "repeat_index", "currency", "value")
    for pk, row, name, index, unit, value in rows.values_list(*fields).iterator(chunk_size=5000):
        text = sealed.open_at(pk, value)
        if unit:
            text = _in_main(text, unit)
        found.setdefault(row, {}).setdefault(name, {})[index] = text
    return found


def _in_main(text: str, currency: str) -> str:
    try:
        return str(as_decimal(int(text), currency))
    except ValueError:
        return text


def flags_of(piece: Sequence[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    rows = Flag.objects.filter(submission__in=piece, resolved_by=None)
    for pk in rows.values_list("submission_id", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found


def about_of(row: Submission, area: str, flags: int, weight: Decimal | None) -> list[Cell]:
    case = row.case
    minutes = None
    if row.start_at is not None and row.end_at is not None and row.end_at >= row.start_at:
        minutes = Decimal(round((row.end_at - row.start_at).total_seconds() / 6)) / 10
    design = Decimal(case.probability_denominator) / Decimal(case.probability_numerator)
    return [
        row.instance_id,
        code_of(case.subject_id),
        row.round.name,
        row.round.kind,
        row.version.version,
        area,
        case.stratum,
        _cluster(case.cluster),
        _interviewer(row.interviewer_id),
        row.answered_date,
        minutes,
        row.state,
        flags,
        round(design, 6),
        weight,
    ]


def row_of(about: list[Cell], told: Mapping[str, Mapping[int, str]], shape: Layout) -> Row:
    main = [*about, *(_main_cell(column, told) for column in shape.answers)]
    repeats: dict[str, list[list[Cell]]] = {}
    for name, columns in shape.repeats.items():
        own = columns[2:]
        repeats[name] = [
            [about[0], index + 1, *(cell(c, told.get(c.question, {}).get(index, "")) for c in own)]
            for index in range(_count(shape.asked[name], told))
        ]
    for place, column in enumerate(shape.answers, len(about)):
        if column.question.endswith("/"):
            main[place] = _count(shape.asked[column.question[:-1]], told)
    return Row(main, repeats)


def _count(questions: Sequence[str], told: Mapping[str, Mapping[int, str]]) -> int:
    rows = [index for name in questions for index in told.get(name, ())]
    return max(rows, default=-1) + 1


def _main_cell(column: Column, told: Mapping[str, Mapping[int, str]]) -> Cell:
    if column.question.endswith("/"):
        return 0
    return cell(column, told.get(column.question, {}).get(0, ""))


def cell(column: Column, text: str) -> Cell:
    """An answer as its column holds it; what cannot be read as such is left empty."""
    if text == "":
        return None
    if column.kind is Kind.TICK:
        return int(column.code in text.split()) if column.code else int(text == "OK")
    if column.kind is Kind.NUMBER:
        return _number(text)
    if column.kind is Kind.DAY:
        return _day(text)
    if column.kind is Kind.INSTANT:
        moment = read_instant(text)
        return None if moment is None else timezone.localtime(moment)
    return text


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < Decimal(10) ** 15 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def as_text(value: Cell) -> str:
    """A cell in a text file: ISO days, a point before decimals."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
