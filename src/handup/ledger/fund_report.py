"""What a fund received, spent, lent and still has, in one book and period (ledger.md 4.7).

Money first: opening + received + income - spent - lent + repaid +- transfers = closing, exact.
Costs shared by a key count where they ended; what another fund paid for them is a transfer.
Beside it what is bound: loans the fund holds, grants not yet earned, what was written off.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, Sum

from handup.ledger.cash_flow import CashFlow, CashRow, cash_flow
from handup.ledger.models import AccountRole, Balance, Book, Fund, Line
from handup.ledger.rules.words import COST_SHARED, AccountType
from handup.ledger.sums import By, Only, SumsBy, sums_of

RECEIVED = frozenset({"GRANT_DEFERRED", "GRANT_INCOME", "CAPITAL", "BORROWINGS", "SHARE_CAPITAL"})
LENT = frozenset({"LOANS", "FACILITY_PLACED", "GUARANTEE_DEPOSIT", "GUARANTEE_CALLED"})
EARNED_ON_LOANS = frozenset({"INTEREST_DUE", "FEES_DUE"})
WRITTEN_OFF = "LOAN_WRITTEN_OFF"
TRANSFER = frozenset({"INTERFUND", "INTERBOOK"})


@dataclass(frozen=True, slots=True)
class FundReport:
    """One fund in one book and period, in the book's currency."""

    fund: Fund
    opening: int
    received: int
    income: int
    spent: int
    lent: int
    repaid: int
    transfers: int
    other: int
    closing: int
    loans: int
    not_yet_earned: int
    released: int
    written_off: int
    budget: tuple[tuple[str, int], ...]

    @property
    def free(self) -> int:
        """Money the fund has, less grants not yet earned: what no donor still binds."""
        return self.closing - self.not_yet_earned


def fund_report(book: Book, fund: Fund, since: date, on: date, by: By = By.POSTED) -> FundReport:
    """What a fund received, spent, lent and has."""
    roles: dict[UUID, set[str]] = {}
    for role, account in AccountRole.objects.filter(book=book).values_list("role", "account"):
        roles.setdefault(account, set()).add(role)
    only = Only(fund=fund.pk)
    flow = cash_flow(book, since, on, only, by)
    parts = _parts(flow, roles)
    # Another fund's money paid for it: spent here, and a transfer to here.
    shared = _shared(book, fund, since, on, by)
    parts["spent"] += shared
    parts["transfers"] += shared
    moved = sums_of(book, since, on, only, by)
    held = sums_of(book, None, on, only, by)

    def total(sums: SumsBy, role: str) -> int:
        return sum(
            part.net_base for (pk, _cur), part in sums.items() if role in roles.get(pk, set())
        )

    return FundReport(
        fund=fund,
        opening=flow.opening,
        closing=flow.closing,
        loans=total(held, "LOANS"),
        not_yet_earned=-total(held, "GRANT_DEFERRED"),
        released=-total(moved, "GRANT_INCOME"),
        written_off=_written_off(book, fund, since, on, by),
        budget=_budget(book, fund, since, on, by),
        **parts,
    )


def _parts(flow: CashFlow, roles: dict[UUID, set[str]]) -> dict[str, int]:
    parts = dict.fromkeys(
        ("received", "income", "spent", "lent", "repaid", "transfers", "other"), 0
    )
    for rows in flow.rows.values():
        for row in rows:
            _sort(row, roles.get(row.account.pk, set()), parts)
    return parts


def _sort(row: CashRow, roles: set[str], parts: dict[str, int]) -> None:
    kind = row.account.type
    if roles & TRANSFER:
        parts["transfers"] += row.net
    elif roles & LENT:
        parts["lent"] += row.paid
        parts["repaid"] += row.received
    elif roles & RECEIVED:
        parts["received"] += row.net
    elif kind == AccountType.INCOME or roles & EARNED_ON_LOANS:
        parts["income"] += row.net
    elif kind == AccountType.EXPENSE or "PAYABLE" in roles:
        parts["spent"] -= row.net
    else:
        parts["other"] += row.net


def _written_off(book: Book, fund: Fund, since: date, on: date, by: By) -> int:
    entries = Q(entry__kind=WRITTEN_OFF) | Q(entry__reverses__kind=WRITTEN_OFF)
    found: int | None = Line.objects.filter(
        entries,
        account__in=AccountRole.objects.filter(book=book, role="LOANS").values("account"),
        fund=fund,
        entry__book=book,
        **{f"entry__{by.column}__gte": since, f"entry__{by.column}__lte": on},
    ).aggregate(total=Sum("base_units"))["total"]
    return -int(found or 0)


def _shared(book: Book, fund: Fund, since: date, on: date, by: By) -> int:
    """Costs that came to a fund by a key of shared costs, less those that left it."""
    entries = Q(entry__kind=COST_SHARED) | Q(entry__reverses__kind=COST_SHARED)
    found: int | None = Line.objects.filter(
        entries,
        account__type=AccountType.EXPENSE,
        fund=fund,
        entry__book=book,
        **{f"entry__{by.column}__gte": since, f"entry__{by.column}__lte": on},
    ).aggregate(total=Sum("base_units"))["total"]
    return int(found or 0)


def _budget(book: Book, fund: Fund, since: date, on: date, by: By) -> tuple[tuple[str, int], ...]:
    """What was spent per budget line, by its key."""
    rows = (
        Line.objects.filter(
            fund=fund,
            entry__book=book,
            account__type=AccountType.EXPENSE,
            **{f"entry__{by.column}__gte": since, f"entry__{by.column}__lte": on},
        )
        .exclude(budget_line="")
        .order_by("budget_line")
        .values_list("budget_line")
        .annotate(total=Sum("base_units"))
    )
    return tuple((line, int(units)) for line, units in rows if units)


def funds_of(book: Book, on: date) -> list[Fund]:
    """The funds that have lines in a book up to a day."""
    found = Balance.objects.filter(book=book, month__lte=on.replace(day=1)).values("fund")
    return list(Fund.objects.filter(pk__in=found).order_by("code"))
