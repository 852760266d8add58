"""Whom a newcomer may already be: met by her stored keys, weighed by the engine, in few questions
to the register (people.md 4.7)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from django.db.models import Count, QuerySet

from handup.org.models import StaffUser
from handup.org.names_at_rest import name_key
from handup.org.scope import hidden_from
from handup.people import merging
from handup.people.models import Match, MatchKey, Participation, Person, PersonName
from handup.people.queries.match_models import model_in_use
from handup.people.queries.matching import (
    Aliases,
    Sealer,
    aliases,
    records_of,
    told_different,
)
from handup.people.rules.codes import ParticipationState
from handup.people.rules.matching.blocks import LIMIT, TooLarge
from handup.people.rules.matching.decide import Finding, Fitting
from handup.people.rules.matching.engine import Judge, Report, compare_with
from handup.people.rules.matching.model import FIXED_1, Model
from handup.people.rules.matching.records import Record
from handup.people.rules.matching.scheme import Row, Shares

MAX_HINTS = 10
LARGE, KEPT_SECONDS = 50_000, 600.0
_size_kept: list[tuple[float, int, int]] = []


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """A person a newcomer may already be, how sure that is, and what each field adds to it."""

    person: Person
    finding: Finding

    @property
    def percent(self) -> int:
        """The chance that they are one person, 0 to 99: nothing is certain before it is
        decided."""
        return min(int(self.finding.p * 100), 99)

    @property
    def agreeing(self) -> tuple[str, ...]:
        """The fields that are equal, nearly so, or similar."""
        good = (Fitting.EQUAL, Fitting.CLOSE, Fitting.SIMILAR)
        return tuple(part.field for part in self.finding.parts if part.fitting in good)


def register_size() -> tuple[int, int]:
    """How many persons are registered, and how many with a settlement.

    Counted each time while they are few; of a large register kept for ten minutes, as a share
    hardly changes meanwhile.
    """
    if _size_kept and monotonic() - _size_kept[0][0] < KEPT_SECONDS:
        return _size_kept[0][1:]
    _size_kept.clear()
    told = Person._base_manager.filter(merged_date=None).aggregate(
        persons=Count("pk"), places=Count("area")
    )
    if told["persons"] >= LARGE:
        _size_kept.append((monotonic(), told["persons"], told["places"]))
    return told["persons"], told["places"]


def _size_without(unseen: Collection[UUID]) -> tuple[int, int]:
    """The same as if these had never come; an id that joined another is counted nowhere."""
    persons, places = register_size()
    if unseen:
        hers = Person._base_manager.filter(pk__in=unseen, merged_date=None)
        told = hers.aggregate(persons=Count("pk"), places=Count("area"))
        persons, places = persons - told["persons"], places - told["places"]
    return persons, places


def find_for(
    record: Record,
    *,
    unseen: Collection[UUID] = (),
    model: Model = FIXED_1,
    spelled: Aliases = None,
) -> Report:
    """Compare one stored record with all it shares a key with.

    `unseen` are persons the reader may not know of: what the report says of the others is as if
    these had never come. They are compared too; who asks takes them out of what she tells.
    """
    seal, own = Sealer(), UUID(record.id)
    texts = seal.every(record)
    met = MatchKey._base_manager.filter(key__in=list(texts)).exclude(person=own)
    known = met.exclude(person__in=unseen) if unseen else met
    sizes = dict(known.values_list("key").annotate(Count("pk")).order_by())
    skipped = [TooLarge(texts[key], n + 1) for key, n in sizes.items() if n >= LIMIT]
    looked = [key for key, n in sizes.items() if n < LIMIT]
    ids = set(known.filter(key__in=looked).values_list("person_id", flat=True)) if looked else set()
    if unseen:
        ids |= set(met.filter(person__in=unseen).values_list("person_id", flat=True))
    judge, size = Judge(model), 0
    others = [(other, judge.row(other)) for other in records_of(sorted(ids), spelled)]
    told: set[tuple[str, str]] = set()
    if others:
        persons, places = _size_without(unseen)
        size = persons - 1
        shares = _shares(judge, record, others, size, places, unseen, spelled)
        judge.weigh_by(shares)
        told = told_different(own)
    return compare_with(
        judge, record, others, size=size, told_different=told, skipped=skipped, keyed=bool(texts)
    )


def _shares(
    judge: Judge,
    record: Record,
    others: Sequence[tuple[Record, Row]],
    persons: int,
    places: int,
    unseen: Collection[UUID],
    spelled: Aliases,
) -> Shares:
    """Count the values of the newcomer that somebody she met has too; the rest is not asked."""
    row = judge.row(record)
    equal: dict[str, set[str]] = {code: set() for code in judge.scheme.by_share}
    for _other, other_row in others:
        outcomes = judge.outcomes(row, other_row)
        for code, outcome in zip(judge.scheme.codes, outcomes, strict=True):
            if isinstance(outcome, str) and code in equal:
                equal[code].add(outcome)
    names = (
        PersonName._base_manager.exclude(person__in=unseen)
        if unseen
        else PersonName._base_manager.all()
    )
    homes = Person._base_manager.exclude(pk__in=unseen) if unseen else Person._base_manager.all()
    counts = {
        "first_name": _count(names, "normal_first", equal["first_name"], spelled),
        "last_name": _count(names, "normal_last", equal["last_name"], spelled),
        "settlement": {
            area: homes.filter(area_id=UUID(area)).count() for area in equal["settlement"]
        },
    }
    return Shares(
        counts, {"first_name": persons + 1, "last_name": persons + 1, "settlement": places}
    )


def _count(
    names: QuerySet[PersonName, PersonName], column: str, values: set[str], spelled: Aliases
) -> dict[str, int]:
    """How many persons bear each name, in any spelling that means it."""
    found = {}
    for value in values:
        forms = [value, *(form for form, target in (spelled or {}).items() if target == value)]
        rows = names.filter(**{f"{column}__in": list(map(name_key, forms))}).order_by()
        found[value] = rows.aggregate(n=Count("person", distinct=True))["n"]
    return found


def possible_duplicates(
    staff: StaffUser, person: Person
) -> tuple[tuple[PossibleDuplicate, ...], Report]:
    """Persons `staff` may see who may be this one, the likeliest first; and the whole report, of
    which she is told nothing more."""
    spelled = aliases()
    (record,) = records_of([person.pk], spelled)
    report = find_for(
        record, unseen=hidden_from(staff) - {person.pk}, model=model_in_use(), spelled=spelled
    )
    others = {other_of(finding, person.pk): finding for finding in report.findings}
    if not others:
        return (), report
    seen = Person.objects.visible_to(staff).filter(pk__in=list(others)).in_bulk()
    hints = [
        PossibleDuplicate(seen[other], finding)
        for other, finding in others.items()
        if other in seen
    ]
    return tuple(hints[:MAX_HINTS]), report


def other_of(finding: Finding, person: UUID) -> UUID:
    """The other one of a pair."""
    one, other = UUID(finding.first), UUID(finding.second)
    return other if one == person else one


def in_use(persons: Collection[UUID]) -> set[UUID]:
    """Those of these persons for whom money was booked, or who take part in a programme now."""
    state = ParticipationState.ACTIVE.value
    rows = Participation._base_manager.filter(person__in=persons, state=state)
    found = set(rows.values_list("person_id", flat=True))
    return found.union(*(booked(persons) for booked in merging.in_books))


def matches_told(pairs: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Match]:
    """The stored matches of these pairs, each in its order."""
    firsts = {first for first, _second in pairs}
    rows = Match._base_manager.filter(first__in=firsts)
    return {pair: row for row in rows if (pair := (row.first_id, row.second_id)) in pairs}
