"""The rows behind every figure: read from each domain's queries, once for each programme and day.

A figure never asks a table itself. `Facts` gathers what a programme's records say up to a
cut-off; each method
returns rows with what they count, when it happened, which record opens, and how they may be
broken down.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from handup.groups.models import Group, Member
from handup.groups.queries import groups_active_on
from handup.lending import queries as lending
from handup.lending.models import Loan, PathwayEnrolment
from handup.lending.rules.codes import EnrolmentState
from handup.lending.rules.ratios import Ratio
from handup.org.models import Area
from handup.org.scope import leave_out, of_hidden_only
from handup.people.models import (
    Enterprise,
    Household,
    Membership,
    Ownership,
    Participation,
)
from handup.people.queries.categories import CategoryFacts, category_facts_on
from handup.people.rules.categories import age_band
from handup.projects.models import Programme
from handup.results.rules.engine import FactRow
from handup.surveys.queries import AnswerFact, answers_by_key
from handup.surveys.rules.codes import RoundKind
from handup.training.models import Enrolment
from handup.training.queries import funnel_enrolments, persons_trained
from handup.training.rules.funnel import Step

UNANSWERED = frozenset({"", "DONT_KNOW", "REFUSED"})
IMPROVEMENTS = ("records_kept", "new_product", "formalised", "new_equipment")
APPRENTICE_STEPS = (Step.ATTENDED_OPEN_DAY, Step.STARTED, Step.COMPLETED, Step.PLACED)
Dims = dict[str, "str | frozenset[str]"]


@dataclass(frozen=True, slots=True)
class Places:
    """An area with the codes of the levels above it."""

    area1: str
    area2: str


class Facts:
    """What one programme's records say up to the end of a day, `without` persons left out."""

    def __init__(self, programme: Programme, cut_off: date, without: Collection[UUID] = ()) -> None:
        self.programme = programme
        self.cut_off = cut_off
        self.without = frozenset(without)

    @cached_property
    def places(self) -> dict[UUID, Places]:
        """Level 1 and level 2 of every area, by code: a name differs by language, and two areas
        may have one.
        """
        areas = {area.code: area for area in Area.objects.all()}
        found = {}
        for area in areas.values():
            chain = [areas[code] for code in area.path.split("/") if code]
            levels = {item.level: item.code for item in chain}
            found[area.pk] = Places(levels.get(1, ""), levels.get(2, ""))
        return found

    @cached_property
    def participations(self) -> list[Participation]:
        """Who applied by the cut-off, the oldest first."""
        rows = Participation._base_manager.filter(
            programme=self.programme, applied_date__lte=self.cut_off
        ).exclude(state="MERGED")
        return list(leave_out(rows, self.without).order_by("applied_date", "id"))

    @cached_property
    def categories(self) -> dict[UUID, CategoryFacts]:
        """What each participant counted as on the day she applied."""
        return category_facts_on({row.person_id: row.applied_date for row in self.participations})

    @cached_property
    def households(self) -> dict[UUID, UUID]:
        """The household of each participant; who has none counts as one of her own."""
        rows = Membership._base_manager.filter(
            person__participations__programme=self.programme, from_date__lte=self.cut_off
        ).order_by("from_date", "id")
        return dict(rows.values_list("person_id", "household_id"))

    def household_of(self, person: UUID) -> str:
        """The household a person is counted in."""
        return str(self.households.get(person, person))

    def dims(self, person: UUID | None, on: date) -> Dims:
        """How a row about a person may be broken down; area and status as when she applied."""
        fact = self.categories.get(person) if person else None
        if fact is None:
            return {}
        place = self.places.get(fact.area_id) if fact.area_id else None
        return {
            "sex": fact.sex if fact.sex in {"F", "M", "OTHER"} else "",
            "age_band": age_band(fact.age),
            "target_category": fact.categories,
            "area1": place.area1 if place else "",
            "area2": place.area2 if place else "",
        }

    def reached(self) -> list[FactRow]:
        """Persons who take part: the first service is the day they began."""
        return [
            FactRow(
                str(row.person_id),
                row.started_date,
                "person",
                str(row.person_id),
                dims=self.dims(row.person_id, row.started_date),
            )
            for row in self.participations
            if row.started_date is not None and row.started_date <= self.cut_off
        ]

    def households_reached(self) -> list[FactRow]:
        """The same by household, which lies where the first of it who began does: members may be
        registered in different areas, and it counts in one."""
        rows = [(self.household_of(UUID(row.unit)), row) for row in self.reached()]
        first: dict[str, FactRow] = {}
        for home, row in sorted(rows, key=lambda pair: (pair[1].on, pair[1].record)):
            first.setdefault(home, row)
        return [
            FactRow(home, row.on, row.kind, row.record, dims=first[home].dims) for home, row in rows
        ]

    def trained(self) -> list[FactRow]:
        """Persons by their first completed course."""
        firsts = persons_trained(programme_id=self.programme.pk, on=self.cut_off)
        return [
            FactRow(str(person), on, "person", str(person), dims=self.dims(person, on))
            for person, on in firsts.items()
            if person not in self.without
        ]

    @cached_property
    def loans(self) -> list[Loan]:
        """Loans paid out by the cut-off."""
        rows = self._queryset().filter(disbursed_date__lte=self.cut_off)
        return list(rows.order_by("disbursed_date", "id"))

    def disbursed(self) -> list[FactRow]:
        """Loans with the day and the amount paid out."""
        return [self._loan_row(loan, loan.disbursed_units) for loan in self.loans]

    def _loan_row(self, loan: Loan, amount: int, unit: str = "") -> FactRow:
        assert loan.disbursed_date is not None
        return FactRow(
            unit or str(loan.pk),
            loan.disbursed_date,
            "loan",
            str(loan.pk),
            amount,
            loan.currency,
            dims=self.dims(loan.person_id, loan.disbursed_date),
            holder=unit or str(loan.person_id or loan.group_id or loan.enterprise_id),
        )

    def families_with_loans(self) -> list[FactRow]:
        """Households with at least one loan."""
        return [
            self._loan_row(loan, 1, self.household_of(loan.person_id))
            for loan in self.loans
            if loan.person_id is not None
        ]

    @cached_property
    def pathway_enrolments(self) -> list[PathwayEnrolment]:
        """Who came onto a pathway by the cut-off, the oldest first."""
        rows = PathwayEnrolment._base_manager.filter(
            programme=self.programme, enrolled_date__lte=self.cut_off
        )
        return list(leave_out(rows, self.without).order_by("enrolled_date", "id"))

    def on_pathways(self) -> list[FactRow]:
        """Persons who came onto a pathway, by the first day."""
        return [self._pathway_row(row, row.enrolled_date) for row in self.pathway_enrolments]

    def graduated(self) -> list[FactRow]:
        """Those of them who had graduated by the cut-off."""
        return [
            self._pathway_row(row, row.ended_date)
            for row in self.pathway_enrolments
            if row.state == EnrolmentState.GRADUATED
            and row.ended_date is not None
            and row.ended_date <= self.cut_off
        ]

    def _pathway_row(self, row: PathwayEnrolment, on: date) -> FactRow:
        return FactRow(
            str(row.person_id),
            on,
            "pathway",
            str(row.pk),
            dims=self.dims(row.person_id, row.enrolled_date),
        )

    def outstanding(self) -> list[FactRow]:
        """Principal outstanding on the day, loan by loan."""
        known = {loan.pk: loan for loan in self.loans}
        return [
            self._loan_row(known[item.loan_id], item.principal_units)
            for item in lending.positions(self.cut_off, self._queryset())
            if item.principal_units and item.loan_id in known
        ]

    def _queryset(self) -> "lending.Loans":
        return leave_out(Loan.objects.filter(programme=self.programme), self.without)

    def ratio_rows(self, ratio: Ratio, *, money: bool) -> tuple[list[FactRow], list[FactRow]]:
        """The loans behind both counts of a ratio of lending, with what each adds to them."""
        known = {loan.pk: loan for loan in self.loans}

        def side(ids: Sequence[UUID], parts: Sequence[int]) -> list[FactRow]:
            added = parts if money else [1] * len(ids)
            pairs = zip(ids, added, strict=True)
            return [self._loan_row(known[pk], units) for pk, units in pairs if pk in known]

        return (
            side(ratio.numerator_ids, ratio.numerator_parts),
            side(ratio.denominator_ids, ratio.denominator_parts),
        )

    def repaid_number(self) -> Ratio:
        """REPAID_NUMBER of lending: the definition is its own."""
        return lending.repaid_number(self.cut_off, self._queryset())

    def repaid_principal(self) -> Ratio:
        """REPAID_PRINCIPAL of lending."""
        return lending.repaid_principal(self.cut_off, self._queryset())

    def on_time(self) -> Ratio:
        """ON_TIME of lending from the first loan to the cut-off."""
        first = min((row.on for row in self.disbursed()), default=self.cut_off)
        return lending.on_time(first, self.cut_off, self._queryset())

    def portfolio_at_risk(self, days: int) -> Ratio:
        """PAR(days) of lending."""
        return lending.portfolio_at_risk(self.cut_off, days, self._queryset())

    def answers(self, key: str, kinds: Iterable[RoundKind] = ()) -> list[tuple[FactRow, str]]:
        """Valid accepted answers to a key with the value given; the latest of each subject."""
        latest: dict[UUID, tuple[FactRow, str]] = {}
        facts = answers_by_key(
            keys=[key],
            programme_id=self.programme.pk,
            on=self.cut_off,
            round_kinds=list(kinds),
            locked_only=True,
            weighted=True,
        )
        for fact in facts:
            if fact.value in UNANSWERED or self._is_left_out(fact):
                continue
            kind = fact.subject_kind.value.lower()
            row = FactRow(
                str(fact.subject_id),
                fact.answered_date,
                kind,
                str(fact.subject_id),
                dims=self.dims(fact.person_id, fact.answered_date),
                holder=str(fact.person_id or ""),
                weight=fact.weight,
                stratum=fact.stratum,
                cluster=fact.cluster,
            )
            latest[fact.subject_id] = (row, fact.value)
        return list(latest.values())

    def _is_left_out(self, fact: AnswerFact) -> bool:
        return fact.person_id in self.without or fact.subject_id in self._unseen

    @cached_property
    def _unseen(self) -> set[UUID]:
        """Households and enterprises of nobody but persons left out."""
        if not self.without:
            return set()
        found: set[UUID] = set()
        for model in (Household, Enterprise):
            found |= of_hidden_only(model, model.SCOPE, self.without)
        return found

    @cached_property
    def groups(self) -> list[Group]:
        """Groups formed and not closed on the day; practice groups never count."""
        rows = groups_active_on([self.programme.pk], self.cut_off)
        return list(rows.select_related("area").order_by("kind", "name"))

    def supported_groups(self) -> list[FactRow]:
        """Groups, cooperatives and associations by kind and place."""
        return [self._group_row(group, str(group.pk)) for group in self.groups]

    def _group_row(self, group: Group, unit: str) -> FactRow:
        place = self.places[group.area_id]
        return FactRow(
            unit,
            group.formed_date,
            "group",
            str(group.pk),
            dims={
                "group_type": group.kind,
                "area1": place.area1,
                "area2": place.area2,
            },
        )

    def members(self) -> list[FactRow]:
        """Members of the groups on the day; who sits in two groups counts once."""
        rows = Member._base_manager.filter(
            group__in=[group.pk for group in self.groups],
            person__isnull=False,
            joined_date__lte=self.cut_off,
            left_date=None,
        ).exclude(person_id__in=self.without)
        return [
            FactRow(
                str(row.person_id),
                row.joined_date,
                "person",
                str(row.person_id),
                dims=self.dims(row.person_id, row.joined_date),
            )
            for row in rows
        ]

    def areas_with_cooperatives(self) -> list[FactRow]:
        """Distinct places of level 2 that have a primary cooperative."""
        return [
            self._group_row(group, str(group.area_id))
            for group in self.groups
            if group.kind == "COOP_PRIMARY" and group.area.level == 2
        ]

    @cached_property
    def enterprises(self) -> list[Enterprise]:
        """Enterprises registered by the cut-off."""
        rows = Enterprise._base_manager.filter(
            programme=self.programme, registered_date__lte=self.cut_off
        )
        return list(leave_out(rows, self.without).order_by("registered_date", "id"))

    @cached_property
    def owners(self) -> dict[UUID, str]:
        """One owner of each enterprise; of several, the one recorded last."""
        rows = Ownership._base_manager.filter(enterprise__programme=self.programme).order_by("id")
        return {
            enterprise: str(person)
            for enterprise, person in rows.values_list("enterprise_id", "person_id")
        }

    def supported_enterprises(self) -> list[FactRow]:
        """Existing enterprises with at least one service: older than their registration."""
        rows = []
        for item in self.enterprises:
            if item.start_date is None or item.start_date < item.registered_date:
                place = self.places.get(item.area_id) if item.area_id else None
                rows.append(
                    FactRow(
                        str(item.pk),
                        item.registered_date,
                        "enterprise",
                        str(item.pk),
                        dims={
                            "enterprise_sector": item.trade,
                            "area1": place.area1 if place else "",
                        },
                        holder=self.owners.get(item.pk, ""),
                    )
                )
        return rows

    def strengthened_enterprises(self) -> list[FactRow]:
        """Supported enterprises in which a later visit found at least one improvement."""
        better = {
            row.unit
            for key in IMPROVEMENTS
            for row, value in self.answers(key, (RoundKind.FOLLOW_UP, RoundKind.VISIT))
            if value == "YES"
        }
        return [row for row in self.supported_enterprises() if row.unit in better]

    def funnel(self, upto: int) -> list[FactRow]:
        """Persons who passed the first `upto` steps from open day to permanent job."""
        rows = funnel_enrolments(
            programme_id=self.programme.pk,
            steps=APPRENTICE_STEPS[:upto],
            on=self.cut_off,
            month=6 if upto == len(APPRENTICE_STEPS) else None,
            without=self.without,
        )
        return [_funnel_row(self, row) for row in rows.only("person_id", "applied_date")]


def _funnel_row(facts: Facts, row: Enrolment) -> FactRow:
    on = row.applied_date or facts.cut_off
    return FactRow(
        str(row.person_id), on, "person", str(row.person_id), dims=facts.dims(row.person_id, on)
    )
