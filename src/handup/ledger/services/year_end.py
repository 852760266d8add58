"""What the books post about themselves: exchange revaluation, grants earned, the closing of a year.

Each is cumulative: made again, it posts the difference only, and nothing where there is none
(ledger.md 4.2, 4.4, 4.7).
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from handup.ledger.errors import EarlierPeriodOpen, NotAYearEnd, NothingToRun, PeriodClosed
from handup.ledger.models import AccountRole, Book, Period, Run
from handup.ledger.rates import RateBook
from handup.ledger.rules.journal import RATE_ONE, LineIn, Source, rate_between, to_base
from handup.ledger.rules.posting_rules import Part
from handup.ledger.rules.words import (
    CLOSING,
    REVALUATION,
    AccountType,
    FundKind,
    PeriodStatus,
    RunKind,
)
from handup.ledger.runs import Group, last_run
from handup.ledger.services import heads
from handup.ledger.services.posting import EntryIn, fact_lines, post_entries
from handup.ledger.services.runs import SOURCE_KIND, Draft, Posting, begin, seal, store
from handup.ledger.sql import as_uuid, day, places, uid
from handup.ledger.statements import year_start
from handup.ledger.typed import check_over
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import currency_digits

NOT_MONETARY = frozenset({"FIXED_ASSETS", "DEPRECIATION", "GRANT_DEFERRED"})
"""What is no money and no claim to any stays at the rates of its days; only what a disposal left of
it, without any units, is taken off.
"""
NOT_REVALUED = "FX_POSITION"


class Held(NamedTuple):
    """What an account holds for one fund, currency and branch at the end of a day."""

    account: UUID
    fund: UUID
    currency: str
    branch: UUID | None
    units: int
    base_units: int


def _held(book: Book, on: date, types: Sequence[AccountType]) -> list[Held]:
    """What the accounts of some types hold, from their lines, in one statement."""
    sql = (
        "SELECT l.account_id, l.fund_id, l.currency, l.branch_id, SUM(l.units), SUM(l.base_units)"
        " FROM ledger_account a JOIN ledger_line l ON l.account_id = a.id"
        " JOIN ledger_entry e ON e.id = l.entry_id"
        f" WHERE a.book_id = %s AND a.type IN ({places(types)}) AND e.entry_date <= %s"
        " GROUP BY l.account_id, l.fund_id, l.currency, l.branch_id"
        " HAVING SUM(l.units) <> 0 OR SUM(l.base_units) <> 0"
        " ORDER BY l.fund_id, l.currency, l.account_id, l.branch_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [uid(book.pk), *(kind.value for kind in types), day(on)])
        return [
            Held(
                as_uuid(account),
                as_uuid(fund),
                currency,
                None if branch is None else as_uuid(branch),
                int(units),
                int(base),
            )
            for account, fund, currency, branch, units, base in cursor.fetchall()
        ]


def _nothing_posted(draft: Draft) -> Run:
    """The run of that day that is there, or a run that found nothing to post."""
    known = last_run(draft.book, draft.kind, draft.through)
    return known if known is not None and known.through == draft.through else store(draft)


def post_run(draft: Draft, entries: Sequence[tuple[Group, int, str, Sequence[LineIn]]]) -> Run:
    """Post entries (group, amount, kind, lines) and store the run."""
    made = post_entries(
        [
            EntryIn(
                book=draft.book,
                kind=kind,
                source=Source("ledger", SOURCE_KIND, draft.id, str(place)),
                lines=lines,
                happened_date=draft.through,
                branch=group.branch,
                already_happened=True,
                entry_date=draft.through,
            )
            for place, (group, _units, kind, lines) in enumerate(entries, 1)
        ],
        acting_staff=draft.staff,
    )
    for (group, units, _kind, _lines), entry in zip(entries, made, strict=True):
        draft.postings.append(Posting(group, units, units, entry))
    draft.subjects = len(entries)
    return store(draft)


# --- revaluation ----------------------------------------------------------------------------------


def revalue(*, acting_staff: StaffUser, book: Book, through: date) -> Run:
    """Bring what is held in other currencies to the day's rate, the difference to FX_DIFFERENCE.

    FX_POSITION is not revalued, and nothing that is not money.
    Raises PeriodClosed, AheadOfToday, RateMissing, RateTooOld.
    """
    require(acting_staff, "ledger.revalue", book)
    with transaction.atomic():
        draft = begin(book, RunKind.REVALUATION, through, acting_staff)
        entries = [_revaluation(row, units, rate) for row, units, rate in _moved(book, through)]
        return post_run(draft, entries) if entries else _nothing_posted(draft)


def unposted_revaluation(book: Book, through: date) -> int:
    """What a revaluation of a day would move, in the book's currency; nothing where a later day
    was revalued. Raises RateMissing, RateTooOld.
    """
    later = Run.objects.filter(book=book, kind=RunKind.REVALUATION, through__gt=through)
    if later.exists():
        return 0
    return sum(abs(units) for _row, units, _rate in _moved(book, through))


def _moved(book: Book, through: date) -> list[tuple[Held, int, int]]:
    """What the rates of a day change of what a book holds in other currencies: row, difference in
    the book's currency, rate.
    """
    roles = AccountRole.objects.filter(book=book, role__in=(*NOT_MONETARY, NOT_REVALUED))
    apart: dict[UUID, str] = dict(roles.values_list("account", "role"))
    rows = [
        row
        for row in _held(book, through, (AccountType.ASSET, AccountType.LIABILITY))
        if row.currency != book.base_currency and _is_revalued(row, apart.get(row.account, ""))
    ]
    rates = RateBook((row.currency, book.base_currency, through, book.rate_kind) for row in rows)
    found = []
    for row in rows:
        rate = rates.rate(
            row.currency, book.base_currency, through, book.rate_kind, book.max_rate_age_days
        )
        digits = currency_digits(row.currency), currency_digits(book.base_currency)
        worth = to_base(row.units, rate, *digits)
        if worth != row.base_units:
            found.append((row, worth - row.base_units, rate))
    return found


def _is_revalued(row: Held, role: str) -> bool:
    """Whether what an account apart (its role, empty for any other) holds takes the day's rate."""
    return role != NOT_REVALUED and (role not in NOT_MONETARY or not row.units)


def _revaluation(row: Held, units: int, rate: int) -> tuple[Group, int, str, Sequence[LineIn]]:
    def line(base: int, account: UUID | None, role: str) -> LineIn:
        return LineIn(
            units=0,
            account_id=account,
            account_role=role,
            currency=row.currency,
            fund=row.fund,
            branch=row.branch,
            base_units=base,
            rate=rate,
        )

    group = Group(row.branch, None, row.fund, row.currency)
    lines = (line(units, row.account, ""), line(-units, None, "FX_DIFFERENCE"))
    return group, units, REVALUATION, lines


# --- grants earned --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Bound:
    """What a restricted fund received and what it spent on what it was given for."""

    received: int = 0
    earned: int = 0
    spent: int = 0


def release_grants(*, acting_staff: StaffUser, book: Book, through: date) -> Run:
    """Turn restricted grants into income as far as they were spent, or lent from a revolving fund.

    Earned so far = the lesser of received and spent; the difference to what is earned is posted.
    Raises PeriodClosed, AheadOfToday.
    """
    require(acting_staff, "ledger.release_grants", book)
    with transaction.atomic():
        draft = begin(book, RunKind.RELEASE, through, acting_staff)
        for (fund, currency), bound in sorted(_bound(book, through).items(), key=str):
            target = max(0, min(bound.received, bound.spent))
            if target != bound.earned:
                draft.postings.append(
                    Posting(Group(None, None, fund, currency), target, target - bound.earned)
                )
        draft.subjects = len(draft.postings)
        if not draft.postings:
            return _nothing_posted(draft)
        return seal(draft, _release_lines)


def _release_lines(item: Posting) -> tuple[str, Sequence[LineIn]]:
    lines = fact_lines(
        "GRANT_EARNED",
        {"AMOUNT": Part(item.posted_units)},
        currency=item.group.currency,
        fund=item.group.fund,
    )
    return "GRANT_EARNED", lines


def _bound(book: Book, through: date) -> dict[tuple[UUID, str], _Bound]:
    """What restricted funds received, earned and spent in a book, by fund and currency.

    Received is what stands on GRANT_DEFERRED and what was taken from it; lent is what LOANS of a
    revolving fund were paid out, whether repaid or not.
    """
    sql = (
        "SELECT l.fund_id, l.currency, f.kind,"
        " SUM(CASE WHEN r.role = 'GRANT_DEFERRED' THEN -l.units ELSE 0 END),"
        " SUM(CASE WHEN r.role = 'GRANT_DEFERRED' AND e.kind IN ('GRANT_EARNED')"
        " THEN l.units ELSE 0 END),"
        " SUM(CASE WHEN a.type = 'EXPENSE' AND e.kind <> %s THEN l.units ELSE 0 END),"
        " SUM(CASE WHEN r.role = 'LOANS' AND e.kind = 'LOAN_DISBURSED' THEN l.units ELSE 0 END)"
        " FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id"
        " JOIN ledger_account a ON a.id = l.account_id"
        " JOIN ledger_fund f ON f.id = l.fund_id AND f.kind <> 'UNRESTRICTED'"
        " LEFT JOIN (SELECT DISTINCT account_id, role FROM ledger_accountrole"
        " WHERE role IN ('GRANT_DEFERRED', 'LOANS')) r ON r.account_id = l.account_id"
        " WHERE e.book_id = %s AND e.entry_date <= %s GROUP BY l.fund_id, l.currency, f.kind"
    )
    found: dict[tuple[UUID, str], _Bound] = defaultdict(_Bound)
    with connection.cursor() as cursor:
        cursor.execute(sql, [CLOSING, uid(book.pk), day(through)])
        for fund, currency, kind, left, earned, spent, lent in cursor.fetchall():
            bound = found[as_uuid(fund), currency]
            bound.earned = int(earned)
            bound.received = int(left) + int(earned)
            bound.spent = int(spent) + (int(lent) if kind == FundKind.REVOLVING else 0)
    return found


# --- the closing of a year ------------------------------------------------------------------------


def close_year(*, acting_staff: StaffUser, book: Book, through: date) -> Run:
    """Move income and costs of a year to what is kept from earlier years, one entry a fund.

    Every month before the last must be closed for facts; the last may be, since an approved
    adjustment can come after. Made again it moves what came since.
    Raises NotAYearEnd, NotOverYet, EarlierPeriodOpen, PeriodClosed, NothingToRun.
    """
    require(acting_staff, "ledger.close_year", book)
    if year_start(book, through + timedelta(days=1)) != through + timedelta(days=1):
        raise NotAYearEnd(field="through", date=through)
    check_over(through, field="through")
    with transaction.atomic():
        draft = _begin_closing(book, through, acting_staff)
        by_fund: dict[UUID, list[Held]] = defaultdict(list)
        for row in _held(book, through, (AccountType.INCOME, AccountType.EXPENSE)):
            by_fund[row.fund].append(row)
        entries = [_closing(book, fund, rows) for fund, rows in by_fund.items()]
        return post_run(draft, entries) if entries else _nothing_posted(draft)


def _begin_closing(book: Book, through: date, staff: StaffUser) -> Draft:
    heads.lock([book.pk])[book.pk].check_open()
    months = Period.objects.filter(book=book, starts__lte=through).order_by("starts")
    last = months.filter(ends__gte=through).first()
    if last is None:
        raise NothingToRun(book=book.name)
    if last.status == PeriodStatus.CLOSED:
        raise PeriodClosed(field="through", date=through, post_date=last.ends + timedelta(days=1))
    if months.filter(status=PeriodStatus.OPEN, ends__lt=through).exists():
        raise EarlierPeriodOpen()
    number = Run.objects.filter(book=book).order_by("-no").values_list("no", flat=True).first()
    return Draft(book, RunKind.CLOSING, through, staff, (number or 0) + 1)


def _closing(
    book: Book, fund: UUID, rows: Sequence[Held]
) -> tuple[Group, int, str, Sequence[LineIn]]:
    lines = [_taken(book, row) for row in rows]
    kept: dict[tuple[str, UUID | None], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        kept[row.currency, row.branch][0] += row.units
        kept[row.currency, row.branch][1] += row.base_units
    lines += [
        LineIn(
            units=units,
            account_role="RETAINED",
            currency=currency,
            fund=fund,
            branch=branch,
            base_units=base,
            rate=rate_of(book, currency, units, base),
        )
        for (currency, branch), (units, base) in kept.items()
        if units or base
    ]
    moved = -sum(row.base_units for row in rows)
    return Group(None, None, fund, book.base_currency), moved, CLOSING, lines


def _taken(book: Book, row: Held) -> LineIn:
    return LineIn(
        units=-row.units,
        account_id=row.account,
        currency=row.currency,
        fund=row.fund,
        branch=row.branch,
        base_units=-row.base_units,
        rate=rate_of(book, row.currency, row.units, row.base_units),
    )


def rate_of(book: Book, currency: str, units: int, base: int) -> int:
    """The rate that amounts taken over stand at: what they came to, not a day's."""
    if currency == book.base_currency:
        return RATE_ONE
    digits = currency_digits(currency), currency_digits(book.base_currency)
    return rate_between(units, base, *digits)
