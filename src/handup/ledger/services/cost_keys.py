"""Costs shared between funds by a stated key: split to the last unit, the key kept (ledger.md 4.7).

What is left in the pool is shared, so that a run again shares only what came since; in each fund
INTERFUND stands against the cost, since every fund balances by itself.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from handup.kernel.ids import new_id
from handup.kernel.money import split
from handup.ledger.budgets import check_spending
from handup.ledger.errors import (
    AccountUnknown,
    KeyNotOfDay,
    NoShares,
    NothingToRun,
    PeriodTurned,
    SharedLater,
)
from handup.ledger.models import Account, Book, CostKey, CostShare, Run, RunTotal
from handup.ledger.rules.journal import LineIn
from handup.ledger.rules.words import CLOSING, COST_SHARED, UNRESTRICTED_ID, AccountType, RunKind
from handup.ledger.runs import Group
from handup.ledger.services.drafts import check_funds
from handup.ledger.services.runs import begin
from handup.ledger.services.year_end import post_run, rate_of
from handup.ledger.sql import as_uuid, day, places, uid
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require

INTERFUND = "INTERFUND"


@dataclass(frozen=True, slots=True)
class ShareIn:
    """One share: where it goes, and how much it weighs beside the others."""

    fund: UUID
    weight: int
    budget_line: str = ""


def state_cost_key(
    *,
    acting_staff: StaffUser,
    book: Book,
    name: str,
    starts: date,
    ends: date,
    basis: str,
    shares: Sequence[ShareIn],
    pool_fund: UUID | None = None,
    pool_line: str = "",
    account_codes: Sequence[str] = (),
    id: UUID | None = None,
) -> CostKey:
    """State by which key costs of a pool are shared on some days, and what it rests on.

    Raises PeriodTurned, NoShares, AccountUnknown, FundNotAllowed, SameIdOtherContent.
    """
    require(acting_staff, "ledger.state_cost_key", book)
    told: dict[str, Any] = {
        "book": book,
        "name": name,
        "starts": starts,
        "ends": ends,
        "pool_fund_id": pool_fund or UNRESTRICTED_ID,
        "pool_line": pool_line,
        "account_codes": list(account_codes),
        "basis": basis,
    }
    if (row := already_stored(CostKey, id, acting_staff, **told)) is not None:
        _check_same(row, shares)
        return row
    if ends < starts:
        raise PeriodTurned(field="ends")
    if len(shares) < 2 or any(share.weight <= 0 for share in shares):
        raise NoShares(field="shares")
    check_funds({share.fund for share in shares} | {pool_fund or UNRESTRICTED_ID})
    known = set(
        Account.objects.filter(
            book=book, type=AccountType.EXPENSE, leaf=True, code__in=account_codes
        ).values_list("code", flat=True)
    )
    if unknown := sorted(set(account_codes) - known):
        raise AccountUnknown(field="account_codes", book=book.name, account=unknown[0])
    with transaction.atomic():
        key: CostKey = CostKey.objects.create(id=id or new_id(), stated_by=acting_staff, **told)
        CostShare.objects.bulk_create(
            CostShare(
                key=key,
                place=place,
                fund_id=share.fund,
                budget_line=share.budget_line,
                weight=share.weight,
            )
            for place, share in enumerate(shares, 1)
        )
        audit.record(acting_staff, "ledger.state_cost_key", key, {"name": name})
    return key


def _check_same(key: CostKey, shares: Sequence[ShareIn]) -> None:
    """Refuse a key sent again with other shares. Raises SameIdOtherContent."""
    held = key.shares.order_by("place").values_list("fund", "weight", "budget_line")
    if list(held) != [(share.fund, share.weight, share.budget_line) for share in shares]:
        raise SameIdOtherContent(field="id")


class Pooled(NamedTuple):
    """What is left in the pool on one account, currency, branch and budget line."""

    account: UUID
    currency: str
    branch: UUID | None
    budget_line: str
    units: int
    base_units: int


def share_costs(*, acting_staff: StaffUser, key: CostKey, through: date) -> Run:
    """Share what is left in the pool of a key's days up to a day; again, only what came since.

    Raises KeyNotOfDay, AheadOfToday, SharedLater, NothingToRun, PeriodClosed, BudgetExceeded
    and what post_entries raises.
    """
    require(acting_staff, "ledger.share_costs", key)
    if not key.starts <= through <= key.ends:
        raise KeyNotOfDay(field="through", key=key.name, starts=key.starts, ends=key.ends)
    with transaction.atomic():
        draft = begin(key.book, RunKind.SHARING, through, acting_staff)
        _check_later(key, through)
        shares = list(key.shares.all())
        draft.rules = json.dumps(
            [str(key.pk), [[str(s.fund_id), s.budget_line, s.weight] for s in shares]]
        )
        pools = _left(key, through)
        parts = [(pool, _parts(pool, shares)) for pool in pools]
        asked = (
            (share.fund_id, share.budget_line, pool.currency, units)
            for pool, split_parts in parts
            for share, (units, _base) in zip(shares, split_parts, strict=True)
        )
        check_spending(asked, through)
        entries = [
            (
                Group(pool.branch, key.pk, key.pool_fund_id, pool.currency),
                pool.units,
                COST_SHARED,
                _lines(key, pool, shares, split_parts),
            )
            for pool, split_parts in parts
        ]
        return post_run(draft, entries) if entries else _known(key, through)


def _check_later(key: CostKey, through: date) -> None:
    """What a later day shared cannot be told apart from what was there before it."""
    later = RunTotal.objects.filter(
        run__book=key.book_id,
        run__kind=RunKind.SHARING,
        run__through__gt=through,
        fund=key.pool_fund_id,
        entry__reversal__isnull=True,
    )
    last = later.aggregate(day=Max("run__through"))["day"]
    if last is not None:
        raise SharedLater(field="through", date=last)


def _known(key: CostKey, through: date) -> Run:
    """The run by this key and up to this day that left nothing to share. Raises NothingToRun."""
    runs = Run.objects.filter(kind=RunKind.SHARING, through=through, totals__product_id=key.pk)
    run = runs.order_by("-no").first()
    if run is None:
        raise NothingToRun(book=key.book.name)
    return run


def _parts(pool: Pooled, shares: Sequence[CostShare]) -> list[tuple[int, int]]:
    """Units and base units of each share; both sums come back to the whole."""
    units = split(abs(pool.units), [share.weight for share in shares]).parts
    base = split(abs(pool.base_units), units).parts if pool.base_units else (0,) * len(units)
    sign, base_sign = (-1 if total < 0 else 1 for total in (pool.units, pool.base_units))
    return [(sign * part, base_sign * worth) for part, worth in zip(units, base, strict=True)]


def _lines(
    key: CostKey,
    pool: Pooled,
    shares: Sequence[CostShare],
    parts: Sequence[tuple[int, int]],
) -> list[LineIn]:
    """The cost leaves the pool and comes to each fund; INTERFUND stands against it in each."""
    rate = rate_of(key.book, pool.currency, pool.units, pool.base_units)

    def line(
        units: int, base: int, fund: UUID, account: UUID | None = None, budget_line: str = ""
    ) -> LineIn:
        return LineIn(
            units=units,
            account_id=account,
            account_role="" if account else INTERFUND,
            currency=pool.currency,
            fund=fund,
            budget_line=budget_line,
            branch=pool.branch,
            base_units=base,
            rate=rate,
        )

    own = key.pool_fund_id
    lines = [line(-pool.units, -pool.base_units, own, pool.account, pool.budget_line)]
    away, away_base = 0, 0
    for share, (units, base) in zip(shares, parts, strict=True):
        if not units:
            continue
        lines.append(line(units, base, share.fund_id, pool.account, share.budget_line))
        if share.fund_id != own:
            lines.append(line(-units, -base, share.fund_id))
            away += units
            away_base += base
    if away:
        lines.append(line(away, away_base, own))
    return lines


def _left(key: CostKey, through: date) -> list[Pooled]:
    """What stands on the pool's accounts for the key's days up to a day, not yet shared.

    The first line of a sharing takes from the pool; its other lines are shares. One that stays in
    the pool's own fund is not shared again, one that comes from another pool is.
    """
    sql = (
        "SELECT l.account_id, l.currency, l.branch_id, l.budget_line,"
        " SUM(l.units), SUM(l.base_units)"
        " FROM ledger_account a JOIN ledger_line l ON l.account_id = a.id"
        " JOIN ledger_entry e ON e.id = l.entry_id"
        " LEFT JOIN ledger_entry o ON o.id = e.reverses_id"
        " WHERE a.book_id = %s AND a.type = %s AND l.fund_id = %s AND e.kind <> %s"
        " AND e.entry_date >= %s AND e.entry_date <= %s"
        " AND NOT (COALESCE(o.kind, e.kind) = %s AND l.no > 1 AND EXISTS ("
        "SELECT 1 FROM ledger_line f WHERE f.entry_id = e.id AND f.no = 1"
        " AND f.fund_id = l.fund_id"
        " AND (f.budget_line = l.budget_line OR CAST(%s AS text) = '')))"
    )
    values = [
        uid(key.book_id),
        AccountType.EXPENSE.value,
        uid(key.pool_fund_id),
        CLOSING,
        day(key.starts),
        day(through),
        COST_SHARED,
        key.pool_line,
    ]
    if key.pool_line:
        sql, values = f"{sql} AND l.budget_line = %s", [*values, key.pool_line]
    if key.account_codes:
        sql = f"{sql} AND a.code IN ({places(key.account_codes)})"
        values = [*values, *key.account_codes]
    sql += (
        " GROUP BY l.account_id, l.currency, l.branch_id, l.budget_line"
        " HAVING SUM(l.units) <> 0 ORDER BY 1, 2, 3, 4"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [
            Pooled(
                as_uuid(account),
                currency,
                None if branch is None else as_uuid(branch),
                line,
                int(units),
                int(base),
            )
            for account, currency, branch, line, units, base in cursor.fetchall()
        ]
