"""Out of whose fund a loan is lent: every line its postings write carries that fund, and money of a
fund is lent only while the fund has it (ledger.md 4.7).

A loan keeps the fund it was signed with. Savings and money that belongs to nobody yet are of no
donor: they stay unrestricted, and what of them pays a loan comes to its fund through the bank. What
one fund takes on of another stands on INTERFUND in both, until it is settled.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.ledger.models import Fund
from handup.ledger.queries import balance
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.ledger.services import EntryIn, LineIn
from handup.lending.models import Lender, Loan, Product
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require_over
from handup.org.web.money import format_money

STEP = "lending.name_fund"
OF_NO_DONOR = frozenset({"SUSPENSE", "COMPULSORY_SAVINGS"})
MONEY_ROLES = ("CASH", "BANK")
PLACED = "FACILITY_PLACED"


class FundShort(Refusal):
    """The fund {fund} has {free} left on {date}; {needed} are to be paid out of it."""


class FundUnknown(Refusal):
    """There is no fund {fund} in the currency of this portfolio."""


class FundNotOfCurrency(Refusal):
    """The fund {fund} is kept in {expected}, not in {given}."""


class ProductElsewhere(Refusal):
    """The product {product} is not one of {lender}."""


def name_fund(
    *, acting_staff: StaffUser, lender: Lender, fund: Fund, product: Product | None = None
) -> Lender:
    """Say out of which fund a lender lends from now on, or one of its products; loans signed before
    keep theirs.

    Raises NotAllowed, FundNotOfCurrency, ProductElsewhere.
    """
    require_over(
        acting_staff, STEP, programme=lender.programme_id, organisation=lender.organisation_id
    )
    check_currency(fund, lender.currency)
    if product is not None and product.lender_id != lender.pk:
        raise ProductElsewhere(field="product", product=product.name, lender=lender.name)
    row = lender if product is None else product
    with transaction.atomic():
        row.fund = fund
        row.save(update_fields=("fund",))
        audit.record(acting_staff, STEP, row, {"fund": fund.code})
    return lender


def check_currency(fund: Fund | None, currency: str) -> None:
    """Refuse a fund that is kept in another currency. Raises FundNotOfCurrency."""
    if fund is not None and fund.currency not in ("", currency):
        raise FundNotOfCurrency(
            field="fund", fund=fund.code, expected=fund.currency, given=currency
        )


def fund_of_product(product: Product) -> UUID:
    """The fund a new loan of a product is lent out of: the product's own, else the lender's."""
    return product.fund_id or product.lender.fund_id or UNRESTRICTED_ID


def in_funds(loan: Loan, lines: list[LineIn], into: UUID | None = None) -> list[LineIn]:
    """The lines of a loan's entry, each with its fund, balanced in every fund; `into`: another loan
    that some of them are of.
    """
    own = loan.fund_id
    other = own
    if into is not None:
        other = Loan.objects.values_list("fund_id", flat=True).get(pk=into)
    if own == other == UNRESTRICTED_ID:
        return lines
    placed: list[LineIn] = []
    for line in lines:
        fund = other if into is not None and line.subject == ("loan", into) else own
        of_none = line.account_role in OF_NO_DONOR
        placed.append(line._replace(fund=UNRESTRICTED_ID if of_none else fund))
    return placed + _between(placed)


def _between(lines: Sequence[LineIn]) -> list[LineIn]:
    """What balances each fund: money that moves to it at the bank, or what it owes another."""
    left: dict[UUID, int] = defaultdict(int)
    for line in lines:
        assert line.fund is not None
        left[line.fund] += line.units
    through = any(line.account_role in OF_NO_DONOR for line in lines)
    role = "BANK" if through else "INTERFUND"
    like = lines[0] if lines else LineIn(0)
    return [
        LineIn(-units, role, currency=like.currency, fund=fund, branch=like.branch)
        for fund, units in left.items()
        if units
    ]


def hold_to_money(entries: Iterable[EntryIn]) -> None:
    """Refuse to pay out more of a fund than it has, that day and now; what has happened already is
    a fact. The unrestricted fund is held by what lies in its accounts. Raises FundShort.
    """
    wanted: dict[tuple[UUID, UUID, str, bool], int] = defaultdict(int)
    first: dict[tuple[UUID, UUID, str, bool], EntryIn] = {}
    for entry in entries:
        if entry.already_happened:
            continue
        for line in entry.lines:
            placed = line.account_role == PLACED
            if line.fund in (None, UNRESTRICTED_ID) or line.units > 0:
                continue
            if not placed and line.account_role not in MONEY_ROLES:
                continue
            assert line.fund is not None
            key = (entry.book.pk, line.fund, line.currency, placed)
            wanted[key] -= line.units
            if key not in first or entry.happened_date < first[key].happened_date:
                first[key] = entry
    for key, units in wanted.items():
        _hold(first[key], key[1], key[2], (PLACED,) if key[3] else MONEY_ROLES, units)


def _hold(entry: EntryIn, fund: UUID, currency: str, roles: Sequence[str], units: int) -> None:
    on, book = entry.happened_date, entry.book
    currency = currency or book.base_currency
    free = min(
        sum(balance(book, role, on=day, currency=currency, fund=fund) for role in roles)
        for day in (on, None)
    )
    if units > free:
        raise FundShort(
            fund=Fund.objects.get(pk=fund).code,
            free=format_money(max(free, 0), currency),
            needed=format_money(units, currency),
            date=on,
        )
