"""Out of whose fund a loan is lent: every line its postings write carries that fund, and money of a
fund is lent only while the fund has it (ledger.md 4.7).

A loan keeps the fund it was signed with. Savings and money that belongs to nobody yet are of no
donor: they stay unrestricted, and what of them pays a loan comes to its fund through the bank. What
one fund takes on of another stands on INTERFUND in both, until it is settled.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.ledger.errors import FundClosed
from handup.ledger.models import Book, Fund
from handup.ledger.queries import balance, moved_after
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.ledger.services import EntryIn, LineIn, heads
from handup.lending.models import Lender, Loan, Product
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require_over
from handup.org.web.money import format_money

STEP = "lending.name_fund"
OF_NO_DONOR = frozenset({"SUSPENSE", "COMPULSORY_SAVINGS"})
MONEY_ROLES = ("CASH", "BANK")
PLACED = "FACILITY_PLACED"
OWED = "INTERFUND"


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


def in_funds(
    loan: Loan, lines: list[LineIn], into: UUID | None = None, money: str = "BANK"
) -> list[LineIn]:
    """The lines of a loan's entry, each with its fund, balanced in every fund; `into`: another loan
    that some of them are of; `money`: where money of no donor lies that pays it.
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
    return placed + _between(placed, money)


def _between(lines: Sequence[LineIn], money: str) -> list[LineIn]:
    """What balances each fund: money that moves to it where it lies, or what it owes another."""
    left: dict[UUID, int] = defaultdict(int)
    for line in lines:
        assert line.fund is not None
        left[line.fund] += line.units
    through = any(line.account_role in OF_NO_DONOR for line in lines)
    role = money if through else OWED
    of_none = (line for line in lines if line.account_role in OF_NO_DONOR)
    like = next(of_none, lines[0] if lines else LineIn(0))
    return [
        LineIn(-units, role, currency=like.currency, fund=fund, branch=like.branch)
        for fund, units in left.items()
        if units
    ]


def hold_to_money(entries: Iterable[EntryIn], *, decided: bool = False) -> None:
    """Refuse to pay out more of a fund than it has, on any day since; what has happened already is
    a fact. The unrestricted fund is held by what lies in its accounts. What a fund owes another is
    not free.

    decided: of a step decided now, that also takes on loans of another fund or pays back: the fund
    must be able to settle what it comes to owe, and be open. Raises FundShort, FundClosed.
    """
    wanted: dict[_Pot, int] = defaultdict(int)
    first: dict[_Pot, EntryIn] = {}
    for entry in entries:
        if entry.already_happened and not decided:
            continue
        for line in entry.lines:
            pot = _pot_of(entry.book, line, decided)
            if pot is None:
                continue
            wanted[pot] -= line.units
            if pot not in first or entry.happened_date < first[pot].happened_date:
                first[pot] = entry
            if line.account_role == OWED:
                _hold_open(pot.fund, entry.happened_date)
    if wanted:  # nobody else pays out of these books until this is posted
        heads.lock({entry.book.pk for entry in first.values()})
    for pot, units in wanted.items():
        _hold(first[pot], pot, units)


class _Pot(NamedTuple):
    """Money of one fund in one book: in hand, or placed at a bank that lends it."""

    book: UUID
    fund: UUID
    currency: str
    placed: bool


def _pot_of(book: Book, line: LineIn, decided: bool) -> _Pot | None:
    """Out of which money a line pays, or comes to owe; None when it does neither."""
    if line.units > 0 or line.fund is None:
        return None
    placed = line.account_role == PLACED
    pays = (placed or line.account_role in MONEY_ROLES) and line.fund != UNRESTRICTED_ID
    if not pays and not (decided and line.account_role == OWED):
        return None
    return _Pot(book.pk, line.fund, line.currency or book.base_currency, placed)


def _hold_open(pk: UUID, on: date) -> None:
    fund = Fund.objects.get(pk=pk)
    begun = fund.starts is None or fund.starts <= on
    if not (fund.active and begun and (fund.ends is None or on <= fund.ends)):
        raise FundClosed(fund=fund.code, date=on)


def _hold(entry: EntryIn, pot: _Pot, units: int) -> None:
    free = _least(entry.book, pot, entry.happened_date)
    if units > free:
        raise FundShort(
            fund=Fund.objects.get(pk=pot.fund).code,
            free=format_money(max(free, 0), pot.currency),
            needed=format_money(units, pot.currency),
            date=entry.happened_date,
        )


def _least(book: Book, pot: _Pot, on: date) -> int:
    """The least that was free of it at the end of that day or any day since."""
    roles = (PLACED,) if pot.placed else (*MONEY_ROLES, OWED)
    held = {
        role: balance(book, role, on=on, currency=pot.currency, fund=pot.fund) for role in roles
    }
    moves: dict[date, list[tuple[str, int]]] = defaultdict(list)
    for role in roles:
        for day, units in moved_after(book, role, on, pot.currency, pot.fund).items():
            moves[day].append((role, units))
    least = _free(held)
    for day in sorted(moves):
        for role, units in moves[day]:
            held[role] += units
        least = min(least, _free(held))
    return least


def _free(held: Mapping[str, int]) -> int:
    money = sum(units for role, units in held.items() if role != OWED)
    return money + min(held.get(OWED, 0), 0)


def funds_between(loan: Loan, payload: Mapping[str, Any]) -> tuple[Fund, Fund] | None:
    """Out of which fund a loan is lent, and out of which it would be when a proposal goes through;
    None where that is the same one, or another book, which is settled between the books.
    """
    after: UUID | None = None
    if into := payload.get("into"):
        after = Loan.objects.filter(pk=into).values_list("fund_id", flat=True).first()
    elif payload.get("goes_on") and (to := payload.get("to")):
        beside = Lender.objects.exclude(book=None).filter(pk=to, book=loan.lender.book_id)
        after = beside.values_list("fund_id", flat=True).first()
    if after is None or after == loan.fund_id:
        return None
    funds = Fund.objects.in_bulk([loan.fund_id, after])
    return funds[loan.fund_id], funds[after]
