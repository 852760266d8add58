"""Money of funders and partners as IATI tells it: promises, and what the books say by month.

Client loans never: a line about a loan, a person or a group is none of it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from handup.kernel.money import amount_text
from handup.ledger.donor_report import WITHIN_BOOK
from handup.ledger.models import AccountRole, Fund, Line
from handup.ledger.rules.words import INTEREST_PAID, REVERSAL, AccountType
from handup.lending.models import Lender
from handup.org.web.money import currency_digits
from handup.projects.models import (
    Budget,
    FundingAgreement,
    Organisation,
    Partner,
    Phase,
    Programme,
)
from handup.projects.models.labels import FundingKind, PartnerRole
from handup.projects.rules.states import BudgetState
from handup.results.rules.iati.activity import Budgeted, Money

INCOMING, DISBURSED, SPENT, INTEREST, REPAID, GUARANTEED = "1", "3", "4", "5", "6", "10"
RECEIVED = frozenset({"GRANT_DEFERRED", "GRANT_INCOME", "CAPITAL"})
BORROWED, PLACED = "BORROWINGS", "FACILITY_PLACED"
COST_OF_MONEY, GUARANTEE = "FINANCIAL_COST", "GUARANTEE_GIVEN"
OF_CLIENTS = ("loan", "person", "group", "enterprise", "application", "household")
FINANCE = {FundingKind.LOAN.value: "421", FundingKind.GRANT.value: "110"}


@dataclass(frozen=True, slots=True)
class Moved:
    """What the books say of one kind of money in one month: units of a currency, never nothing."""

    type: str
    day: date
    currency: str
    units: int
    agreement: FundingAgreement


def main_units(units: int, currency: str) -> str:
    """An amount in main units, as a file tells it."""
    return amount_text(units, currency_digits(currency))


def finance_of(kind: str) -> str:
    """The finance type of a kind of funding."""
    return FINANCE.get(kind, "110")


def agreements_of(programme: Programme) -> list[FundingAgreement]:
    """What funders promised, in order."""
    rows = FundingAgreement._base_manager.filter(programme=programme)
    return list(rows.select_related("funder", "phase").order_by("signed_date", "reference", "id"))


def moved(agreements: Sequence[FundingAgreement], until: date) -> list[Moved]:
    """What the books say of each agreement up to a day, summed by kind, month and currency."""
    funds = _funds(agreements)
    if not funds:
        return []
    lines = (
        Line._base_manager.filter(
            fund__in=funds, entry__entry_date__lte=until, entry__book__practice=False
        )
        .exclude(entry__kind__in=WITHIN_BOOK)
        .exclude(subject_kind__in=OF_CLIENTS)
    )
    roles: dict[UUID, set[str]] = defaultdict(set)
    for account, role in AccountRole._base_manager.filter(
        role__in=[*RECEIVED, BORROWED, PLACED]
    ).values_list("account_id", "role"):
        roles[account].add(role)
    sums: dict[tuple[str, date, str, UUID], int] = defaultdict(int)
    for account, fund, currency, month, units in _by_month(lines, list(roles)):
        kind = _kind(roles[account], units)
        sums[kind, month, currency, fund] += units if kind in {DISBURSED, REPAID} else -units
    interest = _interest(lines, funds)
    spent = lines.filter(account__type=AccountType.EXPENSE).exclude(budget_line="")
    for kind, rows in (
        (SPENT, spent.exclude(pk__in=interest.values("pk"))),
        (INTEREST, interest),
        (GUARANTEED, _guaranteed(lines)),
    ):
        for _account, fund, currency, month, units in _by_month(rows, None):
            sums[kind, month, currency, fund] += units
    return [
        Moved(kind, min(_last_of(month), until), currency, units, funds[fund])
        for (kind, month, currency, fund), units in sorted(sums.items(), key=str)
        if units
    ]


def _interest(lines: QuerySet[Line], agreements: Mapping[UUID, FundingAgreement]) -> QuerySet[Line]:
    """The interest paid on what a funder lent: what an entry books as cost of money where it says
    that it pays interest, or that a part of the loan goes back. Charges of a bank, and the costs of
    taking a loan up, are none.
    """
    lent = [fund for fund, one in agreements.items() if one.kind == FundingKind.LOAN]
    paid = Line._base_manager.filter(
        entry=OuterRef("entry"), fund=OuterRef("fund"), account__roles__role=BORROWED
    )
    costs = lines.filter(fund__in=lent, account__roles__role=COST_OF_MONEY)
    return costs.filter(
        Q(units__gt=0) & Exists(paid.filter(units__gt=0))
        | Q(units__lt=0) & Exists(paid.filter(units__lt=0))
        | Q(entry__kind=INTEREST_PAID)
        | Q(entry__kind=REVERSAL, entry__reverses__kind=INTEREST_PAID)
    )


def _guaranteed(lines: QuerySet[Line]) -> QuerySet[Line]:
    """Guarantees given out of a fund, less those that were taken back as wrong; one that ends is no
    money that comes back.
    """
    given = lines.filter(account__roles__role=GUARANTEE)
    return given.filter(
        Q(units__gt=0) & ~Q(entry__kind=REVERSAL) | Q(units__lt=0, entry__kind=REVERSAL)
    )


def bank_of(agreement: FundingAgreement) -> Organisation | None:
    """The bank that money of an agreement was placed with: the lender that lends out of its fund,
    else the one partner bank of the programme; None where there are several.
    """
    keys = [str(agreement.pk), *([agreement.reference] if agreement.reference else [])]
    found: set[UUID] = set(
        Lender._base_manager.filter(programme=agreement.programme_id, fund__agreement_key__in=keys)
        .exclude(organisation=None)
        .values_list("organisation", flat=True)
    )
    if not found:
        found |= set(
            Partner._base_manager.filter(
                programme=agreement.programme_id, role=PartnerRole.BANK.value
            ).values_list("organisation", flat=True)
        )
    return Organisation._base_manager.get(pk=found.pop()) if len(found) == 1 else None


def _funds(agreements: Sequence[FundingAgreement]) -> dict[UUID, FundingAgreement]:
    """The funds of the books by the agreement whose number, or id, they name."""
    named: dict[str, FundingAgreement] = {}
    for one in agreements:
        named[str(one.pk)] = one
        if one.reference:
            named.setdefault(one.reference, one)
    rows = Fund._base_manager.filter(agreement_key__in=list(named))
    return {fund.pk: named[fund.agreement_key] for fund in rows}


def _by_month(
    lines: QuerySet[Line], accounts: list[UUID] | None
) -> list[tuple[UUID, UUID, str, date, int]]:
    """Sums by account, fund, currency, month and side."""
    found = []
    for side in (Q(units__gt=0), Q(units__lt=0)):
        rows = lines.filter(side)
        if accounts is not None:
            rows = rows.filter(account__in=accounts)
        sums = (
            rows.order_by()
            .annotate(month=TruncMonth("entry__entry_date"))
            .values_list("account_id", "fund_id", "currency", "month")
            .annotate(total=Sum("units"))
        )
        found += list(sums)
    return found


def _kind(roles: set[str], units: int) -> str:
    if PLACED in roles:
        return DISBURSED
    if BORROWED in roles and units > 0:
        return REPAID
    return INCOMING


def _last_of(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def budgets_of(phase: Phase) -> tuple[list[Budgeted], list[str]]:
    """The budgets of a phase by year, of the approved version's lowest lines; and the totals of
    lines without a year, in main units with their currency, which no year is invented for.
    """
    budget = (
        Budget._base_manager.filter(phase=phase, state=BudgetState.APPROVED.value)
        .order_by("-version")
        .first()
    )
    if budget is None:
        return [], []
    lines = list(budget.lines.all())
    above = {line.parent_id for line in lines}
    years: dict[tuple[int, str], int] = defaultdict(int)
    loose: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.pk in above or not line.amount_units:
            continue
        if line.year is not None and 1 <= line.year <= 9999:
            years[line.year, line.currency] += line.amount_units
        else:
            loose[line.currency] += line.amount_units
    kind = "1" if budget.version == 1 else "2"
    made = [
        Budgeted(
            start=f"{year:04d}-01-01",
            end=f"{year:04d}-12-31",
            value=Money(main_units(units, currency), f"{year:04d}-01-01", currency),
            type=kind,
            status="2",
        )
        for (year, currency), units in sorted(years.items())
    ]
    return made, [
        f"{currency} {main_units(units, currency)}" for currency, units in sorted(loose.items())
    ]
