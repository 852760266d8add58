"""OSS and FSS of a book, from its accounts and from what was stated of the outside world."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from handup.ledger.models import AccountRole, Book, StatedInput
from handup.ledger.rules import sustainability as rules
from handup.ledger.rules.sustainability import Adjustments, Figures, Inputs
from handup.ledger.rules.words import AccountType, InputKind
from handup.ledger.statements import income_statement
from handup.ledger.sums import sums_of

FIXED_ROLES = ("FIXED_ASSETS", "DEPRECIATION")
BORROWED_ROLES = ("BORROWINGS",)
EQUITY_TYPES = frozenset({AccountType.EQUITY, AccountType.INCOME, AccountType.EXPENSE})


@dataclass(frozen=True, slots=True)
class Sustainability:
    """Both ratios of a period with every figure they are made of."""

    since: date
    on: date
    figures: Figures
    portfolio_income: int
    inputs: Inputs
    stated: tuple[StatedInput, ...]
    adjustments: Adjustments | None

    @property
    def oss(self) -> Fraction | None:
        """Operating self-sufficiency in percent."""
        return rules.oss(self.figures)

    @property
    def fss(self) -> Fraction | None:
        """Financial self-sufficiency in percent; None while an input is missing."""
        return rules.fss(self.figures, self.adjustments)


def sustainability(book: Book, since: date, on: date) -> Sustainability:
    """OSS and FSS of a book between two days."""
    roles: dict[str, set[UUID]] = {}
    for role, account in AccountRole.objects.filter(book=book).values_list("role", "account"):
        roles.setdefault(role, set()).add(account)
    figures, earned = _figures(book, since, on, roles)
    stated = tuple(
        StatedInput.objects.filter(book=book, starts__lte=on, ends__gte=since).order_by(
            "kind", "id"
        )
    )
    inputs = _inputs(book, since, on, roles, stated, figures)
    return Sustainability(since, on, figures, earned, inputs, stated, rules.adjustments(inputs))


def _accounts(roles: dict[str, set[UUID]], names: Sequence[str]) -> set[UUID]:
    return {account for name in names for account in roles.get(name, set())}


def _figures(book: Book, since: date, on: date, roles: dict[str, set[UUID]]) -> tuple[Figures, int]:
    """The figures, and what of the revenue came from loans."""
    income = income_statement(book, since, on)
    grants = _accounts(roles, sorted(rules.GRANT_ROLES))
    financial = _accounts(roles, sorted(rules.FINANCIAL_ROLES))
    impairment = _accounts(roles, sorted(rules.IMPAIRMENT_ROLES))
    costs = [(row.account.pk, row.base_units) for row in income.expenses]
    loans = _accounts(roles, sorted(rules.LOAN_INCOME_ROLES))
    earned = sum(row.base_units for row in income.income if row.account.pk in loans)
    figures = Figures(
        revenue=sum(row.base_units for row in income.income if row.account.pk not in grants),
        financial=sum(units for pk, units in costs if pk in financial),
        impairment=sum(units for pk, units in costs if pk in impairment),
        operating=sum(units for pk, units in costs if pk not in financial | impairment),
    )
    return figures, earned


def month_ends(since: date, on: date) -> list[date]:
    """The day before a period, then every month end in it, and its last day."""
    days = [since - timedelta(days=1)]
    month = since.replace(day=1)
    while True:
        following = (month + timedelta(days=32)).replace(day=1)
        end = following - timedelta(days=1)
        if end >= on:
            return [*days, on]
        days.append(end)
        month = following


def _inputs(
    book: Book,
    since: date,
    on: date,
    roles: dict[str, set[UUID]],
    stated: Sequence[StatedInput],
    figures: Figures,
) -> Inputs:
    fixed, borrowed = _accounts(roles, FIXED_ROLES), _accounts(roles, BORROWED_ROLES)
    equity_accounts = {
        pk for pk, kind in book.accounts.values_list("pk", "type") if kind in EQUITY_TYPES
    }
    held: dict[str, list[int]] = {"equity": [], "fixed": [], "borrowed": []}
    for day in month_ends(since, on):
        sums = sums_of(book, None, day)
        for name, accounts, sign in (
            ("equity", equity_accounts, -1),
            ("fixed", fixed, 1),
            ("borrowed", borrowed, -1),
        ):
            held[name].append(
                sign * sum(part.net_base for (pk, _cur), part in sums.items() if pk in accounts)
            )

    def over(kind: InputKind) -> Fraction | None:
        found = [
            rules.Stated(row.starts, row.ends, row.value) for row in stated if row.kind == kind
        ]
        return rules.over(found, since, on)

    return Inputs(
        inflation_ppm=over(InputKind.INFLATION),
        market_rate_ppm=over(InputKind.MARKET_RATE),
        in_kind_units=over(InputKind.IN_KIND),
        average_equity=rules.average(held["equity"]),
        average_fixed_assets=rules.average(held["fixed"]),
        average_borrowings=rules.average(held["borrowed"]),
        interest_paid=figures.financial,
    )
