"""Money between two books, by hand: two drafts joined by a pair, approved or declined as one."""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.ledger.chart import INTERBOOK, chart_of, check_usable
from handup.ledger.errors import BooksTheSame, EmptyLine
from handup.ledger.models import Book, Draft, DraftLine
from handup.ledger.rules.journal import check_reach
from handup.ledger.rules.words import MANUAL, UNRESTRICTED_ID
from handup.ledger.services.drafts import check_funds
from handup.ledger.typed import check_come, check_currency
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require


def draft_transfer(
    *,
    acting_staff: StaffUser,
    giver: Book,
    taker: Book,
    from_account: str,
    to_account: str,
    units: int,
    happened_date: date,
    remark: str,
    currency: str = "",
    fund: UUID | None = None,
    id: UUID | None = None,
) -> Draft:
    """Keep money that goes from one book to another for approval; returns the giver's side.

    from_account and to_account are codes, e.g. of the two banks; INTERBOOK stands against each.
    Raises BooksTheSame, EmptyLine, AccountUnknown, AccountNotLeaf, AccountClosed, WrongCurrency,
    RoleMissing, FundNotAllowed, CurrencyUnknown, DayToCome.
    """
    for book in (giver, taker):
        require(acting_staff, "ledger.draft_entry", book)
    currency = currency or giver.base_currency
    told = {"book": giver, "happened_date": happened_date, "remark": remark}
    if (known := already_stored(Draft, id, acting_staff, **told)) is not None:
        return _same(known, taker, (from_account, to_account), (units, currency, fund))
    if giver.pk == taker.pk:
        raise BooksTheSame(field="taker")
    if units <= 0:
        raise EmptyLine(field="units")
    check_come(happened_date)
    check_currency(currency, field="currency")
    for book in (giver, taker):
        check_reach(happened_date, book.first_month, book.last_month)
    check_funds({fund} if fund is not None else set())
    pair = new_id()
    with transaction.atomic():
        sides = [
            _side(book, code, sign * units, currency, fund)
            for book, code, sign in ((giver, from_account, -1), (taker, to_account, 1))
        ]
        drafts = [
            Draft.objects.create(
                id=pk,
                book=book,
                kind=MANUAL,
                happened_date=happened_date,
                branch_id=book.office_id,
                remark=remark,
                pair_id=pair,
                drafted_by=acting_staff,
            )
            for pk, book in ((id or new_id(), giver), (new_id(), taker))
        ]
        for draft, lines in zip(drafts, sides, strict=True):
            for line in lines:
                line.draft = draft
            DraftLine.objects.bulk_create(lines)
            audit.record(acting_staff, "ledger.draft_transfer", draft, {"pair": str(pair)})
    return drafts[0]


def _same(
    known: Draft, taker: Book, accounts: tuple[str, str], told: tuple[int, str, UUID | None]
) -> Draft:
    """A transfer sent again, with the same content only. Raises SameIdOtherContent."""
    other = Draft.objects.filter(pair_id=known.pair_id).exclude(pk=known.pk).first()
    if other is None or other.book_id != taker.pk:
        raise SameIdOtherContent(field="taker")
    units, currency, fund = told
    for draft, code, sign in ((known, accounts[0], -1), (other, accounts[1], 1)):
        held = draft.lines.filter(no=1).values_list("account__code", "units", "currency", "fund")
        if list(held) != [(code, sign * units, currency, fund or UNRESTRICTED_ID)]:
            raise SameIdOtherContent(field="units")
    return known


def _side(book: Book, code: str, units: int, currency: str, fund: UUID | None) -> list[DraftLine]:
    """One book's side: its account, and INTERBOOK against it."""
    chart = chart_of(book.pk, book.code, book.chart_stamp)
    account = chart.of_code(code)
    check_usable(account, currency)
    other = chart.of_role(INTERBOOK, currency)
    return [
        DraftLine(
            no=no,
            account_id=pk,
            units=amount,
            currency=currency,
            fund_id=fund or UNRESTRICTED_ID,
        )
        for no, (pk, amount) in enumerate(((account.id, units), (other.id, -units)), 1)
    ]
