"""What every table is gathered with: the programme, the day, who is left out, and how a person may
be counted by."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db.models import Q

from handup.org.models import Area, ExchangeRate, Office
from handup.org.scope import of_hidden_only
from handup.org.settlements import Settlements
from handup.people.models import Enterprise, Household, Membership, Participation, Person
from handup.people.queries.categories import CategoryFacts, category_facts_on
from handup.people.queries.merging import present_ids
from handup.people.rules.categories import age_band, age_in_years
from handup.people.rules.codes import Derived
from handup.projects.models import Phase, Programme
from handup.projects.rates import DayRates
from handup.projects.rates import Found as RateFound
from handup.results.rules.expressions import Asked, Cell, Row

AT_ONCE = 500
SEXES = frozenset({"F", "M", "OTHER"})
FIRST_OF = (
    *("REFUGEE", "ASYLUM_SEEKER", "STATELESS", "IDP", "RETURNED_ASYLUM_SEEKER"),
    *("RETURNEE", "NATURALISED", "HOST"),
)
"""Of several legal statuses the first of these counts (results.md 4.2)."""


def seconds(moment: datetime) -> int:
    """An instant as whole seconds since 1970."""
    return int(moment.timestamp())


def made_id(*parts: object) -> str:
    """An id of its own for what is a row here and no record of the house."""
    return str(uuid5(NAMESPACE_OID, ":".join(map(str, parts))))


def yes_no(held: bool | None) -> str:
    """A derived category as a code; "" where it cannot be computed."""
    return "" if held is None else "YES" if held else "NO"


Gather = Callable[["Source"], Iterable[Row]]
Derive = Callable[["Source", Asked], Iterable[Row]]
STORED: dict[str, Gather] = {}
"""How each stored table is read; `gathering.tables` fills it."""
DERIVED: dict[str, Derive] = {}
"""How each derived table is made for a question."""


class Source:
    """The records of one programme up to the end of a day, `without` persons left out."""

    def __init__(self, programme: Programme, cut_off: date, without: Collection[UUID] = ()) -> None:
        self.programme = programme
        self.cut_off = cut_off
        self.without = frozenset(without)
        self.kept: dict[Any, list[Row]] = {}
        self.watched: UUID | None = None
        self.days_watched: set[date] = set()
        self._same: dict[UUID, Mapping[str, Cell]] = {}
        self.price_gaps: dict[tuple[str, str, date], set[str]] = {}
        """Whose amounts were left out of a change by their question, currency and month, because
        the price index of the month is missing."""

    def table(self, name: str, asked: Asked | None = None) -> list[Row]:
        """The rows of a table; of a derived one those for what is asked. Read once, then kept."""
        if name in STORED:
            if name not in self.kept:
                self.kept[name] = list(STORED[name](self))
            return self.kept[name]
        assert asked is not None
        key = (name, asked.cut_off, asked.start, asked.known_at, *sorted(asked.params.items()))
        if key not in self.kept:
            self.kept[key] = list(DERIVED[name](self, asked))
        return self.kept[key]

    @cached_property
    def _rates(self) -> DayRates:
        reporting = self.programme.currency
        rows = ExchangeRate.objects.filter(Q(from_currency=reporting) | Q(to_currency=reporting))
        pairs = rows.values_list("from_currency", "to_currency").distinct()
        held = {code for pair in pairs for code in pair} - {reporting}
        return DayRates(reporting, held, self.cut_off)

    def rate_on(self, currency: str, day: date) -> RateFound | None:
        """What one unit of the programme's currency was worth on a day in another one."""
        return self._rates.on(currency, day)

    @cached_property
    def areas(self) -> dict[UUID, tuple[str, str]]:
        """The codes of level 1 and level 2 of every area."""
        rows = {area.code: area for area in Area.objects.all()}
        found = {}
        for area in rows.values():
            levels = {
                rows[code].level: code for code in area.path.split("/") if code and code in rows
            }
            found[area.pk] = (levels.get(1, ""), levels.get(2, ""))
        return found

    @cached_property
    def settlements(self) -> Settlements:
        """Town or countryside of every area by the day."""
        return Settlements()

    @cached_property
    def offices(self) -> dict[UUID, str]:
        """The code of every office."""
        return dict(Office.objects.values_list("pk", "code"))

    @cached_property
    def phases(self) -> dict[UUID, str]:
        """The code of every phase of the programme."""
        return dict(Phase.objects.filter(programme=self.programme).values_list("pk", "code"))

    @cached_property
    def present(self) -> dict[UUID, UUID]:
        """The id somebody is known by now, by every id she had before her records were joined."""
        return present_ids()

    def days_asked_of(self, person: UUID) -> set[date]:
        """The days on which any row asks how old a person was."""
        self.watched, self.kept = self.whose(person), {}
        for name in STORED:
            self.table(name)
        return self.days_watched

    def whose(self, person: UUID) -> UUID:
        """The id a person is known by now: records that were joined are one unit."""
        return self.present.get(person, person)

    def leaves_out(self, person: UUID | None, subject: UUID) -> bool:
        """Whether an answer is about somebody left out, or a home or enterprise of nobody else."""
        return person in self.without or subject in self._unseen

    @cached_property
    def _unseen(self) -> set[UUID]:
        if not self.without:
            return set()
        found: set[UUID] = set()
        for model in (Household, Enterprise):
            found |= of_hidden_only(model, model.SCOPE, self.without)
        return found

    @cached_property
    def participations(self) -> dict[UUID, Participation]:
        """How each person takes part, by person; the first where there are two."""
        rows = Participation._base_manager.filter(programme=self.programme).exclude(state="MERGED")
        found: dict[UUID, Participation] = {}
        for row in rows.order_by("applied_date", "id"):
            if row.person_id not in self.without:
                found.setdefault(self.whose(row.person_id), row)
        return found

    @cached_property
    def categories(self) -> dict[UUID, CategoryFacts]:
        """What each of them counted as on the day she applied."""
        days = {person: row.applied_date for person, row in self.participations.items()}
        return category_facts_on(days, without=self.without)

    @cached_property
    def _births(self) -> dict[UUID, tuple[date | None, str]]:
        rows = Person._base_manager.filter(participations__programme=self.programme)
        return {
            pk: (born, how)
            for pk, born, how in rows.values_list("pk", "birth_date", "birth_precision")
        }

    @cached_property
    def _homes(self) -> dict[UUID, list[tuple[date, date | None, UUID]]]:
        rows = Membership._base_manager.filter(
            person__participations__programme=self.programme
        ).order_by("from_date", "id")
        found: dict[UUID, list[tuple[date, date | None, UUID]]] = defaultdict(list)
        for person, first, last, home in rows.values_list(
            "person_id", "from_date", "to_date", "household_id"
        ):
            found[self.whose(person)].append((first, last, home))
        return found

    def household_on(self, person: UUID, day: date) -> str:
        """The household a person is counted in on a day; who has none counts as one of her own."""
        homes = self._homes.get(person, ())
        if len(homes) == 1:
            [(first, _last, home)] = homes
            return str(home if first <= day else person)
        held = [
            home for first, last, home in homes if first <= day and (last is None or day <= last)
        ]
        before = [home for first, _last, home in homes if first <= day]
        return str(held[-1] if held else before[-1] if before else person)

    @cached_property
    def _places_of_homes(self) -> dict[UUID, UUID]:
        """Where the households of those lie who moved from one to another."""
        moved = [home for homes in self._homes.values() if len(homes) > 1 for _f, _l, home in homes]
        found: dict[UUID, UUID] = {}
        for start in range(0, len(moved), AT_ONCE):
            rows = Household._base_manager.filter(pk__in=moved[start : start + AT_ONCE])
            found |= dict(rows.exclude(area=None).values_list("pk", "area_id"))
        return found

    def area_on(self, person: UUID, day: date, registered: UUID | None) -> UUID | None:
        """Where a person lived on a day: of who moved to another household, the place of the one
        she belonged to then; of everybody else, and where that place is not known, her own.
        """
        homes = self._homes.get(person, ())
        if len(homes) < 2:
            return registered
        held = [home for first, last, home in homes if first <= day and (not last or day <= last)]
        return self._places_of_homes.get(held[-1], registered) if held else registered

    def person_cells(self, person: UUID | None, day: date) -> dict[str, Cell]:
        """How a row about a person may be split: targeting as she applied, age and place on the
        day, sex as it is known now."""
        if person is None:
            return {**NOBODY, "person": None}
        area1, area2, kind = self.place_on(person, day)
        return {
            **self.same_cells(person),
            "age_band": self.age_band_on(person, day),
            "area1": area1,
            "area2": area2,
            "urban_rural": kind,
        }

    def same_cells(self, person: UUID) -> Mapping[str, Cell]:
        """What rows about a person say of her whatever their day."""
        found = self._same.get(person)
        if found is None:
            fact = self._told_of(person)
            found = _nobody_but(person, self.without) if fact is None else _same_of(person, fact)
            self._same[person] = found
        return found

    def _told_of(self, person: UUID) -> CategoryFacts | None:
        return None if person in self.without else self.categories.get(person)

    def age_band_on(self, person: UUID, day: date) -> str:
        """How old somebody was on a day, as a band."""
        if self._told_of(person) is None:
            return ""
        self.watch(person, day)
        born, how = self._births.get(person, (None, ""))
        return age_band(age_in_years(born, how, day)) if born else ""

    def watch(self, person: UUID, day: date) -> None:
        """Note a day on which a row asks how old the watched person was."""
        if person == self.watched:
            self.days_watched.add(day)

    def place_on(self, person: UUID, day: date) -> tuple[str, str, str]:
        """Where somebody lived on a day: both levels of areas, and whether it was a town."""
        fact = self._told_of(person)
        if fact is None:
            return ("", "", "")
        area = self.area_on(person, day, fact.area_id)
        return (*(self.areas.get(area, ("", "")) if area else ("", "")),
                self.settlements.on(area, day))  # fmt: skip

    def row(
        self,
        record: object,
        day: date | None,
        received: datetime,
        cells: Mapping[str, Cell],
        *,
        person: UUID | None = None,
        phase: UUID | None = None,
        office: UUID | None = None,
    ) -> dict[str, Cell]:
        """A row with the columns every table has. Its phase and office are those of the record,
        else of how the person takes part."""
        return {
            "record": str(record),
            "day": day,
            "received": seconds(received),
            "programme": self.programme.code,
            "project_phase": self.phase_of(person, phase),
            "branch": self.branch_of(person, office),
            **cells,
        }

    def phase_of(self, person: UUID | None, phase: UUID | None = None) -> str:
        """The phase of a record, else the one the person takes part in."""
        joined = self.participations.get(person) if person else None
        phase = phase or (joined.phase_id if joined else None)
        return self.phases.get(phase, "") if phase else ""

    def branch_of(self, person: UUID | None, office: UUID | None = None) -> str:
        """The office of a record, else the one the person takes part at."""
        joined = self.participations.get(person) if person else None
        office = office or (joined.office_id if joined else None)
        return self.offices.get(office, "") if office else ""


def _same_of(person: UUID, fact: CategoryFacts) -> Mapping[str, Cell]:
    derived = fact.derived
    return {
        "person": str(person),
        "sex": fact.sex if fact.sex in SEXES else "",
        "displacement": next((code for code in FIRST_OF if code in fact.statuses), ""),
        "woman_head": yes_no(derived.get(Derived.WOMAN_HEAD)),
        "low_income": yes_no(derived.get(Derived.LOW_INCOME)),
        "disability": yes_no(derived.get(Derived.DISABILITY)),
        "target_category": fact.categories,
    }


def _nobody_but(person: UUID, without: Collection[UUID]) -> Mapping[str, Cell]:
    """Of somebody of whom nothing is known her id alone; of somebody left out not even that."""
    return {**NOBODY, "person": None if person in without else str(person)}


NOBODY: Mapping[str, Cell] = {
    "sex": "",
    "age_band": "",
    "displacement": "",
    "woman_head": "",
    "low_income": "",
    "disability": "",
    "target_category": frozenset(),
    "area1": "",
    "area2": "",
    "urban_rural": "",
}
