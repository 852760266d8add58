"""Which target groups persons belong to on a day: legal statuses, told and derived categories,
sex, age, area."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from handup.people.models import (
    HouseholdFact,
    LegalStatus,
    Membership,
    Person,
    PovertyLine,
    Vulnerability,
)
from handup.people.queries.households import chunks
from handup.people.queries.instruments import great_difficulty
from handup.people.rules.categories import (
    HouseholdView,
    MemberFact,
    age_band,
    age_in_years,
    derive,
)
from handup.people.rules.codes import SEALED_CATEGORIES, Derived, HouseholdRole


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """What a person counts as on one day. `categories` overlap; `unknown` were not asked or
    cannot be computed."""

    person_id: UUID
    sex: str
    age: int | None
    age_band: str
    area_id: UUID | None
    programme_id: UUID | None
    household_id: UUID | None
    is_head: bool
    statuses: frozenset[str]
    told: frozenset[str]
    derived: Mapping[Derived, bool | None] = field(default_factory=dict)
    home: HouseholdView | None = None

    @property
    def categories(self) -> frozenset[str]:
        """Every target group she belongs to: statuses, told, derived; none from sealed answers."""
        return self.statuses | self.told | self.computed

    @property
    def computed(self) -> frozenset[str]:
        """The derived categories she belongs to, but those of sealed answers."""
        return frozenset(
            kind.value
            for kind, held in self.derived.items()
            if held and kind not in SEALED_CATEGORIES
        )

    @property
    def unknown(self) -> frozenset[str]:
        """The derived categories that cannot be computed for want of facts."""
        return frozenset(
            kind.value
            for kind, held in self.derived.items()
            if held is None and kind not in SEALED_CATEGORIES
        )


Dated = dict[UUID, list[tuple[str, date, date | None]]]


def _dated(
    model: type[LegalStatus] | type[Vulnerability], column: str, ids: Sequence[UUID], last: date
) -> Dated:
    """What persons were said to be until a day, with its first and last day."""
    found: Dated = defaultdict(list)
    dated = model._base_manager.filter(from_date__lte=last, person_id__in=ids).order_by()
    rows: Iterable[tuple[Any, ...]] = dated.values_list("person_id", column, "from_date", "to_date")
    for person_id, code, first, until in rows:
        found[person_id].append((code, first, until))
    return found


def _holding(told: Iterable[tuple[str, date, date | None]], on: date) -> frozenset[str]:
    return frozenset(code for code, first, last in told if _holds(first, last, on))


def _holds(first: date, last: date | None, on: date) -> bool:
    return first <= on and (last is None or on <= last)


Lines = list[tuple[date, UUID, tuple[int, str]]]


def _lines() -> Lines:
    """Every poverty line, the earliest first."""
    rows = PovertyLine._base_manager.order_by("from_date")
    return [(row.from_date, row.programme_id, (row.per_head_units, row.currency)) for row in rows]


def household_views(
    household_ids: Iterable[UUID], *, on: date, without: Collection[UUID] = ()
) -> dict[UUID, HouseholdView]:
    """Return households as they were on a day: members with age, and what was last told of them.

    `without` leaves persons out: a page names those its reader may not know of.
    """
    asked = {(household_id, on) for household_id in household_ids}
    views = household_views_on(asked, without=without)
    return {household_id: view for (household_id, _day), view in views.items()}


def household_views_on(
    asked: Collection[tuple[UUID, date]], *, without: Collection[UUID] = ()
) -> dict[tuple[UUID, date], HouseholdView]:
    """Return households as they were, each on its own day."""
    lines = _lines()
    days: dict[UUID, list[date]] = defaultdict(list)
    for household_id, on in asked:
        days[household_id].append(on)
    views: dict[tuple[UUID, date], HouseholdView] = {}
    for piece in chunks(days):
        last = max(on for household_id in piece for on in days[household_id])
        members, told = _members(piece, last, without), _told(piece, last)
        for household_id in piece:
            for on in days[household_id]:
                views[household_id, on] = _view(
                    members[household_id], told[household_id], lines, on
                )
    return views


@dataclass(frozen=True, slots=True)
class _Member:
    """Somebody of a household, from a day to a day."""

    first: date
    last: date | None
    is_head: bool
    sex: str
    born: date | None
    precision: str


def _members(
    household_ids: Sequence[UUID], last: date, without: Collection[UUID]
) -> dict[UUID, list[_Member]]:
    found: dict[UUID, list[_Member]] = defaultdict(list)
    held = Membership._base_manager.filter(from_date__lte=last, household_id__in=household_ids)
    rows: Iterable[tuple[Any, ...]] = (
        held.exclude(person_id__in=without)
        .order_by("id")
        .values_list(
            "household_id",
            "from_date",
            "to_date",
            "role",
            "person__sex",
            "person__birth_date",
            "person__birth_precision",
        )
    )
    for household_id, first, until, role, *rest in rows:
        found[household_id].append(_Member(first, until, role == HouseholdRole.HEAD, *rest))
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """What a household said of itself on a day."""

    on: date
    adults: int | None
    children: int | None
    income_units: int | None
    currency: str
    programme_id: UUID | None


def _told(household_ids: Sequence[UUID], last: date) -> dict[UUID, list[_Told]]:
    """What households said until a day, the latest last."""
    found: dict[UUID, list[_Told]] = defaultdict(list)
    facts = HouseholdFact._base_manager.filter(fact_date__lte=last, household_id__in=household_ids)
    rows: Iterable[tuple[Any, ...]] = facts.order_by("fact_date", "id").values_list(
        "household_id",
        "fact_date",
        "adults",
        "children",
        "monthly_income_units",
        "currency",
        "household__programme_id",
    )
    for household_id, *rest in rows:
        found[household_id].append(_Told(*rest))
    return found


def _view(
    members: Sequence[_Member], told: Sequence[_Told], lines: Lines, on: date
) -> HouseholdView:
    present = [
        MemberFact(row.sex, age_in_years(row.born, row.precision, on), row.is_head)
        for row in members
        if _holds(row.first, row.last, on)
    ]
    fact = next((row for row in reversed(told) if row.on <= on), None)
    if fact is None:
        return HouseholdView(present)
    line = next(
        (
            line
            for first, programme_id, line in reversed(lines)
            if programme_id == fact.programme_id and first <= on
        ),
        None,
    )
    comparable = line is not None and line[1] == fact.currency
    return HouseholdView(
        present,
        told_adults=fact.adults,
        told_children=fact.children,
        income_units=fact.income_units,
        line_units=line[0] if line and comparable else None,
    )


def category_facts(
    person_ids: Iterable[UUID], *, on: date, without: Collection[UUID] = ()
) -> dict[UUID, CategoryFacts]:
    """Return what each person counts as on a day, in a fixed number of statements per 500
    persons."""
    return category_facts_on(dict.fromkeys(person_ids, on), without=without)


def category_facts_on(
    days: Mapping[UUID, date], *, without: Collection[UUID] = ()
) -> dict[UUID, CategoryFacts]:
    """Return what each person counts as, each on her own day, in as many statements as for one
    day. `without` leaves other persons out of the homes: those a reader may not know of.
    """
    found: dict[UUID, CategoryFacts] = {}
    others = frozenset(without).difference(days)
    difficult = great_difficulty(days)
    for piece in chunks(days):
        last = max(days[person_id] for person_id in piece)
        statuses = _dated(LegalStatus, "status", piece, last)
        told = _dated(Vulnerability, "kind", piece, last)
        membership = _memberships(piece, days, last)
        homes = household_views_on(
            {(home, days[person_id]) for person_id, (home, _head) in membership.items()},
            without=others,
        )
        rows = Person._base_manager.filter(pk__in=piece).values_list(
            "id", "sex", "birth_date", "birth_precision", "area_id", "programme_id"
        )
        for person_id, sex, born, precision, area_id, programme_id in rows:
            on = days[person_id]
            household_id, is_head = membership.get(person_id, (None, False))
            home = homes.get((household_id, on)) if household_id else None
            age = age_in_years(born, precision, on)
            found[person_id] = CategoryFacts(
                person_id=person_id,
                sex=sex,
                age=age,
                age_band=age_band(age),
                area_id=area_id,
                programme_id=programme_id,
                household_id=household_id,
                is_head=is_head,
                statuses=_holding(statuses[person_id], on),
                told=_holding(told[person_id], on),
                derived=derive(
                    is_head=is_head,
                    sex=sex,
                    age=age,
                    home=home,
                    great_difficulty=difficult.get(person_id),
                ),
                home=home,
            )
    return found


def _memberships(
    ids: Sequence[UUID], days: Mapping[UUID, date], last: date
) -> dict[UUID, tuple[UUID, bool]]:
    """The household of each person on her day, the one joined last where there are two, and whether
    she heads it."""
    rows = Membership._base_manager.filter(from_date__lte=last, person_id__in=ids)
    return {
        person_id: (household_id, role == HouseholdRole.HEAD)
        for person_id, household_id, role, first, until in rows.order_by(
            "from_date", "id"
        ).values_list("person_id", "household_id", "role", "from_date", "to_date")
        if _holds(first, until, days[person_id])
    }


def derived_of(person_id: UUID, *, on: date) -> Mapping[Derived, bool | None]:
    """Return the derived categories of one person on a day."""
    facts = category_facts([person_id], on=on).get(person_id)
    return facts.derived if facts else {}


def any_of_count(
    facts: Iterable[CategoryFacts], categories: Iterable[str]
) -> tuple[dict[str, int], int]:
    """Count persons per category and once in the total of any of them; the lines overlap, the
    total does not."""
    wanted = list(categories)
    counts = dict.fromkeys(wanted, 0)
    total = 0
    for fact in facts:
        held = fact.categories.intersection(wanted)
        for code in held:
            counts[code] += 1
        total += bool(held)
    return counts, total
