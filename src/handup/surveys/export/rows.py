"""The rows of an export, read piece by piece so that memory stays small however many there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.crypto import keyed_hash
from handup.org import keys
from handup.org.web.money import as_decimal, currency_digits
from handup.people.pseudonyms import code_of
from handup.surveys.export.columns import Column, Kind, Layout, layout
from handup.surveys.models import Answer, Flag, QuestionnaireVersion, Round, Submission
from handup.surveys.quality_queries import weights_of
from handup.surveys.rules.xpath.days import read_instant
from handup.surveys.services.quality import COUNTS

CHUNK = 500
Cell = str | Decimal | int | date | datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is exported: sets of answers of a round to one version; whose the reader may not know
    of are left out; `texts`: free texts too.
    """

    round: Round
    version: QuestionnaireVersion
    rows: QuerySet[Submission]
    texts: bool = False

    def layout(self) -> Layout:
        """Its columns, in the active language."""
        questions = list(self.version.questions.order_by("number"))
        digits = currency_digits(self.round.programme.currency)
        return layout(questions, digits=digits, texts=self.texts)


def wanted(
    rows: QuerySet[Submission], round: Round, version: QuestionnaireVersion, *, texts: bool = False
) -> Wanted:
    """The sets of answers among these that are exported: with consent, not set aside."""
    kept = rows.filter(round=round, version=version, state__in=COUNTS, consented=True)
    return Wanted(round, version, kept, texts)


def _interviewer(pk: UUID) -> str:
    """A code that stands for an interviewer in every export."""
    return f"I-{keyed_hash(keys.load().lasting_key('surveys.interviewer'), str(pk))[:10].upper()}"


@dataclass(frozen=True, slots=True)
class Row:
    """One set of answers: its own cells, and for each repeat the cells of its rows."""

    main: list[Cell]
    repeats: Mapping[str, list[list[Cell]]]


def rows_of(wish: Wanted, shape: Layout) -> Iterator[Row]:
    """Yield every set of answers in the order of its arrival."""
    weights = weights_of(wish.round).by_case
    ids = list(wish.rows.order_by("received_at", "pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        piece = ids[start : start + CHUNK]
        held = {
            row.pk: row
            for row in Submission.objects.filter(pk__in=piece)
            .select_related("case__area", "round", "version")
            .defer("body", "faults")
        }
        told = _told(piece)
        flags = _flags(piece)
        for pk in piece:
            row = held[pk]
            weight = weights.get(row.case_id)
            about = _about(row, flags.get(pk, 0), None if weight is None else float(weight))
            yield _row(about, told.get(pk, {}), shape)


def _told(piece: Sequence[UUID]) -> dict[UUID, dict[str, dict[int, str]]]:
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


def _flags(piece: Sequence[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    rows = Flag.objects.filter(submission__in=piece, resolved_by=None)
    for pk in rows.values_list("submission_id", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found


def _about(row: Submission, flags: int, weight: float | None) -> list[Cell]:
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
        str(case.area) if case.area is not None else "",
        case.stratum,
        case.cluster,
        _interviewer(row.interviewer_id),
        row.answered_date,
        minutes,
        row.state,
        flags,
        round(design, 6),
        None if weight is None else round(Decimal(weight), 6),
    ]


def _row(about: list[Cell], told: Mapping[str, Mapping[int, str]], shape: Layout) -> Row:
    main = [*about, *(_main_cell(column, told) for column in shape.answers)]
    repeats: dict[str, list[list[Cell]]] = {}
    for name, columns in shape.repeats.items():
        own = columns[2:]
        count = _count(own, told)
        repeats[name] = [
            [about[0], index + 1, *(cell(c, told.get(c.question, {}).get(index, "")) for c in own)]
            for index in range(count)
        ]
        place = next(n for n, one in enumerate(shape.answers) if one.question == f"{name}/")
        main[len(about) + place] = count
    return Row(main, repeats)


def _count(columns: Sequence[Column], told: Mapping[str, Mapping[int, str]]) -> int:
    rows = [index for column in columns for index in told.get(column.question, ())]
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
