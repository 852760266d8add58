"""Which target groups persons belong to on a day: legal statuses, told and derived categories,
sex, age, area."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from handup.people.models import (
    HouseholdFact,
    LegalStatus,
    Membership,
    Person,
    PovertyLine,
    Vulnerability,
)
from handup.people.queries.households import chunks, holds_on
from handup.people.rules.categories import (
    HouseholdView,
    MemberFact,
    age_band,
    age_in_years,
    derive,
)
from handup.people.rules.codes import Derived, HouseholdRole


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
        """Every target group she belongs to: statuses, told, derived."""
        computed = frozenset(kind.value for kind, held in self.derived.items() if held)
        return self.statuses | self.told | computed

    @property
    def unknown(self) -> frozenset[str]:
        """The derived categories that cannot be computed for want of facts."""
        return frozenset(kind.value for kind, held in self.derived.items() if held is None)


def _dated(
    model: type[LegalStatus] | type[Vulnerability], column: str, ids: Sequence[UUID], on: date
) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    rows = model._base_manager.filter(holds_on(on), person_id__in=ids)
    for person_id, code in rows.values_list("person_id", column):
        found[person_id].add(code)
    return found


def _lines(on: date) -> dict[UUID, tuple[int, str]]:
    rows = PovertyLine._base_manager.filter(from_date__lte=on).order_by("from_date")
    return {row.programme_id: (row.per_head_units, row.currency) for row in rows}


def household_views(
    household_ids: Iterable[UUID], *, on: date, without: Collection[UUID] = ()
) -> dict[UUID, HouseholdView]:
    """Return households as they were on a day: members with age, and what was last told of them.

    `without` leaves persons out: a page names those its reader may not know of.
    """
    lines = _lines(on)
    views: dict[UUID, HouseholdView] = {}
    for piece in chunks(household_ids):
        members: dict[UUID, list[MemberFact]] = defaultdict(list)
        rows = Membership._base_manager.filter(holds_on(on), household_id__in=piece)
        seen = rows.exclude(person_id__in=without)
        for household_id, role, sex, born, precision in seen.order_by("id").values_list(
            "household_id",
            "role",
            "person__sex",
            "person__birth_date",
            "person__birth_precision",
        ):
            age = age_in_years(born, precision, on)
            members[household_id].append(MemberFact(sex, age, role == HouseholdRole.HEAD))
        told = HouseholdFact._base_manager.filter(fact_date__lte=on, household_id__in=piece)
        last = {
            fact.household_id: fact
            for fact in told.select_related("household").order_by("fact_date", "id")
        }
        for household_id in piece:
            views[household_id] = _view(members[household_id], last.get(household_id), lines)
    return views


def _view(
    members: list[MemberFact],
    fact: HouseholdFact | None,
    lines: Mapping[UUID, tuple[int, str]],
) -> HouseholdView:
    if fact is None:
        return HouseholdView(members)
    programme = fact.household.programme_id
    line = lines.get(programme) if programme else None
    comparable = line is not None and line[1] == fact.currency
    return HouseholdView(
        members,
        told_adults=fact.adults,
        told_children=fact.children,
        income_units=fact.monthly_income_units,
        line_units=line[0] if line and comparable else None,
    )


def category_facts(person_ids: Iterable[UUID], *, on: date) -> dict[UUID, CategoryFacts]:
    """Return what each person counts as on a day, in a fixed number of statements per 500
    persons."""
    found: dict[UUID, CategoryFacts] = {}
    for piece in chunks(person_ids):
        statuses = _dated(LegalStatus, "status", piece, on)
        told = _dated(Vulnerability, "kind", piece, on)
        membership = {
            person_id: (household_id, role == HouseholdRole.HEAD)
            for person_id, household_id, role in Membership._base_manager.filter(
                holds_on(on), person_id__in=piece
            )
            .order_by("from_date", "id")
            .values_list("person_id", "household_id", "role")
        }
        homes = household_views({home for home, _ in membership.values()}, on=on)
        rows = Person._base_manager.filter(pk__in=piece).values_list(
            "id", "sex", "birth_date", "birth_precision", "area_id", "programme_id"
        )
        for person_id, sex, born, precision, area_id, programme_id in rows:
            household_id, is_head = membership.get(person_id, (None, False))
            home = homes.get(household_id) if household_id else None
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
                statuses=frozenset(statuses[person_id]),
                told=frozenset(told[person_id]),
                derived=derive(is_head=is_head, sex=sex, age=age, home=home),
                home=home,
            )
    return found


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
