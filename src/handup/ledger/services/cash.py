"""Money that is not there cannot be paid out: cash accounts never below zero at any day (J8)."""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from handup.kernel.money import amount_text
from handup.ledger.chart import AccountFact
from handup.ledger.errors import CashBelowZero
from handup.ledger.models import Account, Balance, Line
from handup.ledger.rules.words import CASH_BELOW_ZERO_FLAG
from handup.ledger.sql import as_date, as_uuid, day, places, uid, unindexed
from handup.org import statements
from handup.org.prepared import prepared
from handup.org.web.money import currency_digits

if TYPE_CHECKING:
    from handup.ledger.services.posting import Prepared

Key = tuple[UUID, str]


class Held(NamedTuple):
    """What an account holds at the end of all its days, and what it surely never falls below from a
    month on: what it holds at the end less all that came in since.
    """

    total: int
    least: int


@dataclass(slots=True)
class TimeLine:
    """One money account in one currency: its balance before the first day looked at, and what each
    day added.
    """

    start: int = 0
    days: list[date] = field(default_factory=list)
    added: dict[date, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, on: date, units: int) -> None:
        """Note a movement."""
        if on not in self.added:
            insort(self.days, on)
        self.added[on] += units

    def lowest_from(self, on: date) -> tuple[int, date]:
        """The lowest balance at the end of that day or of any later one, and its day."""
        place = bisect_left(self.days, on)
        running = self.start + sum(self.added[known] for known in self.days[:place])
        lowest: tuple[int, date] | None = None
        for known in self.days[place:]:
            running += self.added[known]
            if lowest is None or running < lowest[0]:
                lowest = (running, known)
        return lowest or (running, on)


def check(new: "Sequence[Prepared]") -> None:
    """Refuse what would take a money account below its limit, or flag it where it has already
    happened.

    Costs nothing when no money account goes down in the batch; else one statement, and a second
    where what the months hold does not show that it is enough.
    """
    if not any(item.takes_money for item in new):
        return
    for _item, refusal in refusals(new):
        raise refusal


def refusals(new: "Sequence[Prepared]") -> "Iterator[tuple[Prepared, CashBelowZero]]":
    """Every entry that would take a money account below its limit, with the refusal."""
    movements = [(item, moves) for item in new if (moves := _net(item))]
    out: dict[Key, tuple[int, AccountFact]] = {}
    for _item, moves in movements:
        for key, (units, account) in moves.items():
            if units < 0:
                out[key] = (out.get(key, (0, account))[0] + units, account)
    if not out:
        return
    since = min(item.entry_date for item, _moves in movements)
    held = _held(out, since)
    watched = {
        key
        for key, (units, account) in out.items()
        if held[key].least + units < -(account.overdraft_units or 0)
    }
    if not watched:
        return
    books = {item.head.id for item, _moves in movements}
    timelines = _read({key: held[key].total for key in watched}, books, since)
    for item, moves in movements:
        for key, (units, account) in moves.items():
            if key not in watched:
                continue
            timelines[key].add(item.entry_date, units)
            if units < 0 and (refusal := _judge(item, account, key[1], timelines[key])):
                yield item, refusal


def below_zero(account: str, units: int, currency: str, on: date) -> CashBelowZero:
    """The refusal, with the amount as a person reads it."""
    amount = f"{amount_text(units, currency_digits(currency))} {currency}"
    return CashBelowZero(account=account, amount=amount, units=units, date=on)


def lowest_balances(account: Account) -> list[tuple[int, str, date]]:
    """The lowest balance a money account ever had, with its day, per currency."""
    timelines: dict[str, TimeLine] = defaultdict(TimeLine)
    rows = (
        Line.objects.filter(account=account)
        .order_by()
        .values_list("currency", "entry__entry_date")
        .annotate(total=Sum("units"))
    )
    for currency, on, total in rows:
        timelines[currency].add(on, int(total))
    lowest: list[tuple[int, str, date]] = []
    for currency, timeline in timelines.items():
        units, day_of_it = timeline.lowest_from(date.min)
        lowest.append((units, currency, day_of_it))
    return lowest


def _net(item: "Prepared") -> dict[Key, tuple[int, AccountFact]]:
    accounts = item.head.chart().by_id
    moves: dict[Key, tuple[int, AccountFact]] = {}
    for line in item.lines:
        account = accounts[line.account_id]
        if not account.limited:
            continue
        key = (line.account_id, line.currency)
        moves[key] = (moves.get(key, (0, account))[0] + line.units, account)
    return moves


def _judge(
    item: "Prepared", account: AccountFact, currency: str, timeline: TimeLine
) -> CashBelowZero | None:
    lowest, on = timeline.lowest_from(item.entry_date)
    if lowest >= -(account.overdraft_units or 0):
        return None
    if not item.entry.already_happened:
        return below_zero(account.code, lowest, currency, on)
    if CASH_BELOW_ZERO_FLAG not in item.flags:
        item.flags.append(CASH_BELOW_ZERO_FLAG)
    return None


def _held(keys: Iterable[Key], since: date) -> dict[Key, Held]:
    found: dict[Key, Held] = defaultdict(lambda: Held(0, 0))
    accounts = list({account for account, _currency in keys})
    for account, currency, total, came in _totals(accounts, since.replace(day=1)):
        found[account, currency] = Held(int(total), int(total) - int(came or 0))
    return found


def _read(totals: dict[Key, int], books: set[UUID], since: date) -> dict[Key, TimeLine]:
    timelines = {key: TimeLine(total) for key, total in totals.items()}
    accounts = {account for account, _currency in totals}
    for account, currency, on, total in _later(accounts, books, since):
        timeline = timelines.get((account, currency))
        if timeline is not None:
            timeline.start -= total
            timeline.add(on, total)
    return timelines


@prepared
def _totals(accounts: list[UUID], month: date) -> QuerySet[Any, Any]:
    """What accounts hold in each currency, and what came in since a month began."""
    rows = Balance.objects.filter(account__in=accounts).order_by()
    return rows.values_list("account", "currency").annotate(
        total=Sum(F("debit_units") - F("credit_units")),
        came=Sum("debit_units", filter=Q(month__gte=month)),
    )


def _later(accounts: set[UUID], books: set[UUID], since: date) -> list[tuple[UUID, str, date, int]]:
    """What each day from `since` on moved. Written so that SQLite starts at the entries of those
    days, not at all lines.
    """
    sql = (
        "SELECT l.account_id, l.currency, e.entry_date, SUM(l.units) FROM ledger_entry e"
        " CROSS JOIN ledger_line l"
        f" WHERE l.entry_id = e.id AND e.book_id IN ({places(books)}) AND e.entry_date >= %s"
        f" AND {unindexed('l.account_id')} IN ({places(accounts)})"
        " GROUP BY l.account_id, l.currency, e.entry_date"
    )
    values = [*(uid(book) for book in books), day(since), *(uid(account) for account in accounts)]
    with statements.cursor() as cursor:
        cursor.execute(sql, values)
        return [
            (as_uuid(account), currency, as_date(on), int(total))
            for account, currency, on, total in cursor.fetchall()
        ]
