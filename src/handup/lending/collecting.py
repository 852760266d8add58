"""The collection sheet of a day: whose loans ask for money by then, what is late, what is to be
saved with it; by officer, centre or village, in pages, with the totals of all of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from handup.groups.models import Group, Member
from handup.kernel.credit.savings import with_instalment
from handup.lending.models import Loan, LoanDue
from handup.lending.queries import SheetLine, due_on
from handup.lending.rules.codes import LoanState
from handup.lending.rules.collection import MOST_LINES, pages
from handup.lending.rules.terms import read_terms
from handup.lending.services.savings_kept import saves
from handup.lending.services.savings_shares import saved_with
from handup.lending.still_here import loans_here
from handup.org.models import Area, StaffUser


class Which(NamedTuple):
    """Whose sheet it is; None: everyone's."""

    officer: UUID | None = None
    group: UUID | None = None
    area: UUID | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One loan of a sheet, in smallest units: due that day, late, to be saved with it."""

    loan: Loan
    due_units: int
    late_units: int
    savings_units: int
    centre: str

    @property
    def total_units(self) -> int:
        """What should be collected."""
        return self.due_units + self.late_units + self.savings_units

    @property
    def part(self) -> tuple[str, str]:
        """Which officer's, which centre's: what a page keeps together."""
        return (str(self.loan.officer), self.centre)


class Totals(NamedTuple):
    """What some lines come to."""

    lines: int
    due_units: int
    late_units: int
    savings_units: int

    @property
    def total_units(self) -> int:
        """What should be collected."""
        return self.due_units + self.late_units + self.savings_units


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one officer and centre."""

    officer: str
    centre: str
    lines: Sequence[Line]

    @property
    def totals(self) -> Totals:
        """What they come to."""
        return totals_of(self.lines)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All lines of one currency by officer, centre and borrower, and where its pages begin."""

    on: date
    currency: str
    currencies: Sequence[str]
    lines: Sequence[Line]
    pages: Sequence[tuple[int, int]]

    @property
    def totals(self) -> Totals:
        """What all of it comes to, whatever the page."""
        return totals_of(self.lines)

    def page(self, number: int) -> Sequence[Line]:
        """The lines of one page, counted from 1; none of a page there is not."""
        if not 1 <= number <= len(self.pages):
            return ()
        first, last = self.pages[number - 1]
        return self.lines[first:last]


def totals_of(lines: Sequence[Line]) -> Totals:
    """What some lines come to."""
    return Totals(
        len(lines),
        sum(line.due_units for line in lines),
        sum(line.late_units for line in lines),
        sum(line.savings_units for line in lines),
    )


def parts_of(lines: Iterable[Line]) -> list[Part]:
    """Lines by officer and centre, as they stand."""
    grouped = groupby(lines, key=lambda line: line.part)
    return [Part(officer, centre, list(found)) for (officer, centre), found in grouped]


def sheet_of(on: date, which: Which, loans: models.QuerySet[Loan]) -> Sheet:
    """The sheet of a day for some loans."""
    found = due_on(on, which.officer, _within(which, loans))
    currencies = sorted({line.loan.currency for line in found})
    currency = which.currency or next(iter(currencies), "")
    lines = lines_of([line for line in found if line.loan.currency == currency], on)
    sizes = [len(part.lines) for part in parts_of(lines)]
    return Sheet(on, currency, currencies, lines, pages(sizes, MOST_LINES))


def lines_named(on: date, loans: models.QuerySet[Loan]) -> list[Line]:
    """A line for each of these loans, also where nothing is due any more: it was on the sheet."""
    due = {line.loan.pk: line for line in due_on(on, None, loans)}
    rows = loans.select_related("person", "enterprise", "group", "officer")
    return lines_of([due.get(loan.pk) or SheetLine(loan, 0, 0) for loan in rows], on)


def lines_of(found: Sequence[SheetLine], on: date) -> list[Line]:
    """Lines with their centre and what is to be saved, in the order of the sheet."""
    centres = _centres(line.loan for line in found)
    savings = _savings(on, [line.loan for line in found if saves(line.loan)])
    lines = [
        Line(
            line.loan,
            line.due_units,
            line.late_units,
            savings.get(line.loan.pk, 0),
            centres.get(line.loan.pk, ""),
        )
        for line in found
    ]
    return sorted(lines, key=lambda line: (*line.part, str(line.loan.borrower), line.loan.code))


def _within(which: Which, loans: models.QuerySet[Loan]) -> models.QuerySet[Loan]:
    if which.group is not None:
        members = Member.objects.filter(group=which.group, left_date=None).values("person")
        loans = loans.filter(Q(group=which.group) | Q(person__in=members))
    if which.area is not None:
        at = which.area
        loans = loans.filter(Q(person__area=at) | Q(group__area=at) | Q(enterprise__area=at))
    return loans


def _centres(loans: Iterable[Loan]) -> dict[UUID, str]:
    """The group that borrows, else the one its borrower joined first and is still in."""
    found: dict[UUID, str] = {}
    asked: dict[UUID, list[UUID]] = {}
    for loan in loans:
        if loan.group is not None:
            found[loan.pk] = loan.group.name
        elif loan.person_id is not None:
            asked.setdefault(loan.person_id, []).append(loan.pk)
    if asked:
        rows = Member.objects.filter(person__in=asked, left_date=None)
        for person, name in rows.order_by("-joined_date", "-id").values_list(
            "person", "group__name"
        ):
            found |= dict.fromkeys(asked[person], name)
    return found


def _savings(on: date, loans: Sequence[Loan]) -> dict[UUID, int]:
    """What is still to be saved with the instalments due by a day, of loans beside which a bank
    keeps savings.
    """
    if not loans:
        return {}
    ids = [loan.pk for loan in loans]
    rows = LoanDue.objects.filter(
        loan__in=ids,
        replaced_at=None,
        to_date=None,
        due_date__lte=on,
        due_date__gt=F("loan__disbursed_date"),
    )
    count = dict(rows.order_by().values_list("loan").annotate(n=Count("pk")))
    saved = saved_with(ids)
    found = {}
    for loan in loans:
        each = with_instalment(read_terms(loan.terms), loan.disbursed_units)
        found[loan.pk] = max(each * count.get(loan.pk, 0) - saved.get(loan.pk, 0), 0)
    return found


Choices = list[tuple[UUID, str]]


@dataclass(frozen=True, slots=True)
class Offered:
    """Whose sheets there are: officers, centres, villages of running loans."""

    officers: Choices
    groups: Choices
    areas: Choices


def offered(loans: models.QuerySet[Loan]) -> Offered:
    """The officers, centres and villages of the running loans among these."""
    running = loans_here(loans).filter(state=LoanState.ACTIVE.value).order_by()
    persons = running.exclude(person=None).values("person")
    theirs = Member.objects.filter(person__in=persons, left_date=None).values("group")
    own = running.exclude(group=None).values("group")
    groups = Group.objects.filter(Q(pk__in=theirs) | Q(pk__in=own))
    areas = Area.objects.filter(
        Q(pk__in=running.values("person__area"))
        | Q(pk__in=running.values("group__area"))
        | Q(pk__in=running.values("enterprise__area"))
    )
    officers = StaffUser.objects.filter(pk__in=running.values("officer"))
    return Offered(
        [(row.pk, row.display_name) for row in officers.order_by("display_name")],
        [(row.pk, row.name) for row in groups.order_by("name")],
        sorted(((row.pk, str(row)) for row in areas), key=lambda pair: pair[1]),
    )


def part_name(part: Part) -> str:
    """An officer and her centre in words."""
    if not part.centre:
        return part.officer
    return _("%(officer)s, %(centre)s") % {"officer": part.officer, "centre": part.centre}
