"""Opening books and funds, loading charts of accounts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.ledger.errors import CodeTaken, RuleNotADonors
from handup.ledger.models import Account, AccountRole, Book, Fund
from handup.ledger.models.books import DONOR_RULE_LABELS
from handup.ledger.packs import PackAccount, chart_pack, pack_version
from handup.ledger.rules.conversion import ConvertBy
from handup.ledger.rules.words import BookKind, CashKind, FundKind
from handup.ledger.services.cash import below_zero, lowest_balances
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import Office, StaffUser
from handup.org.permissions import require, require_over


@dataclass(frozen=True, slots=True)
class BookIn:
    """A book to open.

    owner: the opaque (kind, id) of whom it belongs to, e.g. ("group", id). pack: the chart, empty
    for the one of its kind. bank_overdraft_units: how far its bank accounts may fall below zero;
    None for without limit.
    """

    code: str
    name: str
    kind: BookKind
    base_currency: str
    owner: tuple[str, UUID] | None = None
    pack: str = ""
    programme_id: UUID | None = None
    organisation_id: UUID | None = None
    office: Office | None = None
    fiscal_year_start: int = 1
    practice: bool = False
    bank_overdraft_units: int | None = 0
    id: UUID | None = None


def open_book(
    *,
    acting_staff: StaffUser,
    code: str,
    name: str,
    kind: BookKind,
    base_currency: str,
    owner: tuple[str, UUID] | None = None,
    pack: str = "",
    programme_id: UUID | None = None,
    organisation_id: UUID | None = None,
    office: Office | None = None,
    fiscal_year_start: int = 1,
    practice: bool = False,
    bank_overdraft_units: int | None = 0,
    id: UUID | None = None,
) -> Book:
    """Open one book with its chart: the batch form with one. See open_books."""
    if (
        row := already_stored(Book, id, acting_staff, code=code, base_currency=base_currency)
    ) is not None:
        return row
    book = BookIn(
        code=code,
        name=name,
        kind=kind,
        base_currency=base_currency,
        owner=owner,
        pack=pack,
        programme_id=programme_id,
        organisation_id=organisation_id,
        office=office,
        fiscal_year_start=fiscal_year_start,
        practice=practice,
        bank_overdraft_units=bank_overdraft_units,
        id=id,
    )
    return open_books([book], acting_staff=acting_staff)[0]


def open_books(books: Sequence[BookIn], *, acting_staff: StaffUser) -> list[Book]:
    """Open books, each with its chart of accounts.

    A book without an owner in another domain needs the permission ledger.open_book over its
    programme or organisation; one with an owner is opened by the owner's own service, which has
    asked. Raises NotAllowed, CodeTaken, ChartFault.
    """
    for book in books:
        if book.owner is None:
            require_over(
                acting_staff,
                "ledger.open_book",
                programme=book.programme_id,
                organisation=book.organisation_id,
            )
    codes = [book.code for book in books]
    taken = set(Book.objects.filter(code__in=codes).values_list("code", flat=True))
    taken |= {code for code in codes if codes.count(code) > 1}
    if taken:
        raise CodeTaken(field="code", code=min(taken))
    with transaction.atomic():
        named = {item.pack or item.kind.value for item in books}
        versions = {pack: pack_version(pack) for pack in named}
        made: list[Book] = Book.objects.bulk_create(_book(item, versions) for item in books)
        _store_charts(
            (book, chart_pack(book.chart_pack, BookKind(book.kind)), item.bank_overdraft_units)
            for book, item in zip(made, books, strict=True)
        )
        audit.record_many(
            audit.line(acting_staff, "ledger.open_book", book, {"code": book.code}) for book in made
        )
    return made


def _book(item: BookIn, versions: Mapping[str, int]) -> Book:
    owner_kind, owner_id = item.owner or ("", None)
    pack = item.pack or item.kind.value
    return Book(
        id=item.id or new_id(),
        code=item.code,
        name=item.name,
        kind=item.kind,
        owner_kind=owner_kind,
        owner_id=owner_id,
        programme_id=item.programme_id,
        organisation_id=item.organisation_id,
        office=item.office,
        base_currency=item.base_currency,
        chart_pack=pack,
        chart_version=versions[pack],
        fiscal_year_start=item.fiscal_year_start,
        practice=item.practice,
    )


def _store_charts(
    charts: Iterable[tuple[Book, tuple[PackAccount, ...], int | None]],
) -> None:
    accounts: list[Account] = []
    roles: list[AccountRole] = []
    for book, pack, overdraft in charts:
        sums = {row.parent for row in pack}
        by_code: dict[str, Account] = {}
        for row in pack:
            account = account_of(book, row, row.code not in sums, overdraft)
            account.parent = by_code.get(row.parent)
            by_code[row.code] = account
            roles += [
                AccountRole(book=book, role=role, currency=row.currency, account=account)
                for role in row.roles
            ]
        accounts += by_code.values()
    Account.objects.bulk_create(accounts)
    AccountRole.objects.bulk_create(roles)


def account_of(book: Book, row: PackAccount, leaf: bool, overdraft: int | None) -> Account:
    """The account a row of a chart makes."""
    return Account(
        book=book,
        code=row.code,
        names=dict(row.names),
        type=row.type,
        leaf=leaf,
        currency=row.currency,
        cash_kind=row.cash_kind,
        cash_class=row.cash_class,
        overdraft_units=overdraft if row.cash_kind is CashKind.BANK else 0,
        fund_required=row.fund_required,
    )


def set_overdraft(*, acting_staff: StaffUser, account: Account, units: int | None) -> Account:
    """Say how far a bank account may fall below zero, in units; None: without limit.

    Raises CashBelowZero when it has been lower than that already.
    """
    require(acting_staff, "ledger.set_overdraft", account)
    with transaction.atomic():
        for lowest, currency, on in lowest_balances(account):
            if units is not None and lowest < -units:
                raise below_zero(account.code, lowest, currency, on)
        account.overdraft_units = units
        account.save(update_fields=["overdraft_units"])
        touch(account.book)
        audit.record(acting_staff, "ledger.set_overdraft", account, {"units": units})
    return account


def touch(book: Book, *fields: str) -> None:
    """Say that what processes have read of the chart is no longer current."""
    book.chart_stamp = new_id()
    book.save(update_fields=["chart_stamp", *fields])


def open_fund(
    *,
    acting_staff: StaffUser,
    code: str,
    name: str,
    kind: FundKind,
    agreement_key: str = "",
    currency: str = "",
    starts: date | None = None,
    ends: date | None = None,
    account_codes: Sequence[str] = (),
    budget_lines: Sequence[str] = (),
    id: UUID | None = None,
) -> Fund:
    """Open a fund: money bound by an agreement. Empty lists allow every account and budget line.

    A fund that names its agreement is opened by the agreement's own service, which has asked.
    Raises CodeTaken.
    """
    if not agreement_key:
        require(acting_staff, "ledger.open_fund")
    if (row := already_stored(Fund, id, acting_staff, code=code, kind=kind)) is not None:
        return row
    if Fund.objects.filter(code=code).exists():
        raise CodeTaken(field="code", code=code)
    with transaction.atomic():
        fund: Fund = Fund.objects.create(
            id=id or new_id(),
            code=code,
            name=name,
            kind=kind,
            agreement_key=agreement_key,
            currency=currency,
            starts=starts,
            ends=ends,
            account_codes=list(account_codes),
            budget_lines=list(budget_lines),
        )
        audit.record(acting_staff, "ledger.open_fund", fund, {"code": code})
    return fund


def set_donor_report(
    *, acting_staff: StaffUser, fund: Fund, report_currency: str, convert_by: ConvertBy
) -> Fund:
    """Say in which currency a fund's donor is told what was spent, and by which rule.

    A rule for statements (CLOSING, MONTH) is none for a donor: RuleNotADonors.
    """
    require(acting_staff, "ledger.open_fund")
    if convert_by not in DONOR_RULE_LABELS:
        raise RuleNotADonors(field="convert_by")
    with transaction.atomic():
        fund.report_currency, fund.convert_by = report_currency, convert_by
        fund.save(update_fields=["report_currency", "convert_by"])
        audit.record(acting_staff, "ledger.set_donor_report", fund, {"rule": convert_by.value})
    return fund
