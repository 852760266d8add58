"""What moved since a figure was frozen, row by row, each with why (results.md 4.4)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from handup.people.models import Person
from handup.people.queries.persons import hidden_from_all
from handup.results.definitions import definition
from handup.results.entered import recorded_after
from handup.results.facts import Facts
from handup.results.freezing import as_fact, definition_sum
from handup.results.models import FrozenFigure, FrozenRow
from handup.results.report import line_of
from handup.results.rules.engine import FactRow
from handup.results.rules.states import Drift

Key = tuple[bool, str, str, str]


@dataclass(frozen=True, slots=True)
class Moved:
    """One row that is another one now; `row` is None where its person was erased."""

    row: FactRow | None
    cause: Drift
    is_base: bool
    gained: bool
    amount_before: int | None = None


@dataclass(frozen=True, slots=True)
class Drifted:
    """A frozen figure beside the same one counted today."""

    figure: FrozenFigure
    value_now: str
    numerator_now: int
    denominator_now: int | None
    currency_now: str
    has_gap_now: bool
    moved: tuple[Moved, ...]

    @property
    def holds(self) -> bool:
        """Whether both counts are the same today."""
        return (self.numerator_now, self.denominator_now) == (
            self.figure.numerator,
            self.figure.denominator,
        ) and not (self.moved or self.has_gap_now)


def drift_of(figure: FrozenFigure, facts: Facts | None = None) -> Drifted:
    """Count a frozen figure again over the records of today, up to the same day."""
    snapshot = figure.snapshot
    stored = list(FrozenRow._base_manager.filter(figure=figure).order_by("is_base", "on", "id"))
    facts = facts or Facts(snapshot.programme, snapshot.day, _without(stored))
    now = definition(figure.code).compute(facts)
    line = line_of(definition(figure.code), now)
    is_redefined = definition_sum(figure.code) != figure.definition
    frozen = {_key(row.is_base, as_fact(row)): row for row in stored if row.kind}
    today = {
        _key(is_base, row): row
        for is_base, rows in ((False, now.rows), (True, now.base_rows))
        for row in rows
    }
    blanked = Counter(row.is_base for row in stored if not row.kind)
    new = [fact for key, fact in today.items() if key not in frozen]
    erased = _erased(new)
    late = recorded_after(new, snapshot.computed_at)
    moved: list[Moved] = []
    for key, fact in today.items():
        if key not in frozen and fact.whose in erased and blanked[key[0]]:
            blanked[key[0]] -= 1
        elif key not in frozen:
            cause = Drift.LATE if (fact.kind, fact.record) in late else Drift.CORRECTED
            moved.append(Moved(fact, _why(cause, is_redefined), key[0], gained=True))
        elif (frozen[key].amount, frozen[key].on) != (fact.amount, fact.on):
            cause = _why(Drift.CORRECTED, is_redefined)
            moved.append(Moved(fact, cause, key[0], True, frozen[key].amount))
    for is_base, count in blanked.items():
        moved += [Moved(None, Drift.WITHDRAWN, is_base, gained=False)] * count
    lost = [(key, as_fact(row)) for key, row in frozen.items() if key not in today]
    merged = _merged(fact for _key_, fact in lost)
    for key, fact in lost:
        cause = Drift.MERGED if {fact.whose, fact.record} & merged else Drift.CORRECTED
        moved.append(Moved(fact, _why(cause, is_redefined), key[0], gained=False))
    return Drifted(
        figure,
        line.value or "",
        now.numerator,
        now.denominator,
        line.currency,
        now.has_gap,
        tuple(moved),
    )


def _why(cause: Drift, is_redefined: bool) -> Drift:
    return Drift.DEFINITION if is_redefined and cause is not Drift.MERGED else cause


def _key(is_base: bool, row: FactRow) -> Key:
    return (is_base, row.kind, row.record, row.unit)


def _merged(rows: Iterable[FactRow]) -> set[str]:
    """Those of the holders of rows who were found to be somebody else who is kept."""
    ids = {UUID(one) for row in rows for one in (row.whose, row.record) if _is_id(one)}
    found = Person._base_manager.filter(pk__in=ids, merged_date__isnull=False)
    return {str(pk) for pk in found.values_list("pk", flat=True)}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _erased(rows: Iterable[FactRow]) -> set[str]:
    """Those of the holders of rows who were erased: they are counted still, by nobody's name."""
    ids = {UUID(row.whose) for row in rows if _is_id(row.whose)}
    found = Person._base_manager.filter(pk__in=ids, erased_date__isnull=False)
    return {str(pk) for pk in found.values_list("pk", flat=True)}


def _without(stored: Iterable[FrozenRow]) -> set[UUID]:
    """Whoever is hidden, but those who were counted before they were: like is held against like,
    and nothing shows that somebody was hidden since.
    """
    counted = {one for row in stored for one in (row.holder, row.record, row.unit)}
    return {pk for pk in hidden_from_all() if str(pk) not in counted}
