"""A loan's standing as JSON and back, so that one can go on from where its last fold stood.

Days are kept as ordinals and rows as short lists: a loan of 260 rows is read back in a few
milliseconds. Whatever the fold needs is here; nothing is worked out anew.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from handup.kernel.credit.allocation import Charge, Instalment, Ledger, OpenRow
from handup.kernel.credit.apart import Apart
from handup.kernel.credit.codes import Component, RowKind
from handup.kernel.credit.daily_rate import DailyRate
from handup.kernel.credit.dates import Pause
from handup.kernel.credit.penalties import Lateness, Track
from handup.kernel.credit.reading import field_values, plain, terms_data, typed
from handup.kernel.credit.recalculation import BalancePlan
from handup.kernel.credit.standing import PastRow, Standing
from handup.kernel.credit.terms import Allocation, Terms

Data = dict[str, Any]
AnyStanding = TypeVar("AnyStanding", bound=Standing)

_TOTALS = (
    "disbursed",
    "capitalised",
    "base",
    "overpaid",
    "refunded",
    "money_in",
    "written_off",
    "recovered",
    "stopped",
    "early_fees",
    "fees_dropped",
)
_BALANCE = ("unpaid", "left", "current", "counted", "ahead", "skip", "waiting", "instalment")


def standing_data(loan: Standing) -> Data:
    """All of a standing as JSON values."""
    found: Data = {name: getattr(loan, name) for name in _TOTALS}
    allocation = loan.allocation
    found |= {
        "terms": _terms_text(loan.terms),
        "allocation": None if allocation is None else plain(allocation),
        "waived": list(loan.waived),
        "written_off_parts": list(loan.written_off_parts),
        "handed_over": list(loan.handed_over),
        "rows": [_row_data(row) for row in loan.ledger.rows],
        "charges": [
            [charge.component.value, _day(charge.due_date), charge.units, _day(charge.value_date)]
            for charge in loan.ledger.charges
        ],
        "past": [[_row_data(item.row), _day(item.to_date), item.tariff] for item in loan.past],
        "segments": [
            [number, [[_day(day), units] for day, units in pieces]]
            for number, pieces in loan.segments.items()
        ],
        "tariff": [list(pair) for pair in loan.tariff.items()],
        "carried": [list(pair) for pair in loan.carried.items()],
        "fees_carried": [[number, *fees] for number, fees in loan.fees_carried.items()],
        "apart": [
            [list(pair) for pair in getattr(loan.apart, item.name).items()]
            for item in fields(Apart)
        ],
        "frozen": _pauses(loan.frozen),
        "rests": _pauses(loan.rests),
        "late": [
            [
                number,
                track.first_base,
                _day(track.counted_to),
                track.added,
                track.charged,
                track.once,
                track.fee_done,
                list(track.fee),
                list(track.stands),
            ]
            for number, track in loan.lateness.tracks.items()
        ],
        "late_pauses": _pauses(loan.lateness.pauses),
        "balance": None if loan.by_balance is None else _balance_data(loan.by_balance),
        "daily": None if loan.by_day is None else _daily_data(loan.by_day),
    }
    return found


def standing_of(kind: type[AnyStanding], data: Mapping[str, Any]) -> AnyStanding:
    """A loan that stands where the other stood."""
    terms = _terms_of(data["terms"])
    allocation: Allocation | None = None
    if data["allocation"] is not None:
        allocation = typed(Allocation, data["allocation"])
    loan = kind(allocation, terms, **{name: data[name] for name in _TOTALS})
    loan.waived = tuple(data["waived"])
    loan.written_off_parts = tuple(data["written_off_parts"])
    loan.handed_over = tuple(data["handed_over"])
    ledger = Ledger(allocation or terms.allocation, ())
    ledger.rows = [_row_of(item) for item in data["rows"]]
    ledger.charges = [
        Charge(Component(code), _date(due), units, _date_or_none(value))
        for code, due, units, value in data["charges"]
    ]
    loan.ledger = ledger
    loan.past = [
        PastRow(_row_of(row), _date(to_date), tariff) for row, to_date, tariff in data["past"]
    ]
    loan.segments = {
        number: [(_date(day), units) for day, units in pieces]
        for number, pieces in data["segments"]
    }
    loan.tariff = dict(data["tariff"])
    loan.carried = dict(data["carried"])
    loan.fees_carried = {
        number: (units, premium) for number, units, premium in data["fees_carried"]
    }
    loan.apart = Apart(*(dict(item) for item in data["apart"]))
    loan.frozen = _pauses_of(data["frozen"])
    loan.rests = _pauses_of(data["rests"])
    loan.lateness = Lateness(terms)
    loan.lateness.pauses = _pauses_of(data["late_pauses"])
    loan.lateness.tracks = {
        number: Track(
            *(base, _date(to), added, charged, once, done),
            fee=(fee[0], fee[1]),
            stands=(stands[0], stands[1]),
        )
        for number, base, to, added, charged, once, done, fee, stands in data["late"]
    }
    rows = {row.number: row for row in ledger.rows}
    if data["balance"] is not None:
        loan.by_balance = _balance_of(data["balance"], ledger, rows)
    if data["daily"] is not None:
        loan.by_day = _daily_of(data["daily"], terms, ledger, rows)
    return loan


def _balance_data(balance: BalancePlan) -> Data:
    later = balance.later
    return {
        **{name: getattr(balance, name) for name in _BALANCE},
        "terms": _terms_text(balance.terms),
        "rows": [row.number for row in balance.rows],
        "bounds": [_day(day) for day in balance.bounds],
        "cut": _day(balance.cut),
        "planned": balance.planned,
        "pauses": _pauses(balance.pauses),
        "holiday": list(balance.holiday),
        "periods": list(balance.periods),
        "later": None if later is None else [later[0], _terms_text(later[1])],
    }


def _balance_of(
    data: Mapping[str, Any], ledger: Ledger, rows: Mapping[int, OpenRow]
) -> BalancePlan:
    balance = BalancePlan(
        _terms_of(data["terms"]),
        ledger,
        [_date(day) for day in data["bounds"]],
        [rows[number] for number in data["rows"]],
        0,
        data["periods"],
    )
    for name in _BALANCE:
        setattr(balance, name, data[name])
    balance.cut = _date(data["cut"])
    balance.planned = list(data["planned"])
    balance.pauses = _pauses_of(data["pauses"])
    balance.holiday = (data["holiday"][0], data["holiday"][1])
    if data["later"] is not None:
        balance.later = (data["later"][0], _terms_of(data["later"][1]))
    return balance


def _daily_data(daily: DailyRate) -> Data:
    return {
        "rows": [row.number for row in daily.rows],
        "starts_on": _day(daily.starts[0]),
        "late": daily.late,
        "late_paid": daily.late_paid,
        "less": daily.less,
        "accrued_to": _day(daily.accrued_to),
        "served_on": _day(daily.served_on),
        "pauses": _pauses(daily.pauses),
    }


def _daily_of(
    data: Mapping[str, Any], terms: Terms, ledger: Ledger, rows: Mapping[int, OpenRow]
) -> DailyRate:
    daily = DailyRate(
        terms, ledger, [rows[number] for number in data["rows"]], _date(data["starts_on"])
    )
    daily.late, daily.late_paid = list(data["late"]), list(data["late_paid"])
    daily.less = list(data["less"])
    daily.accrued_to = _date(data["accrued_to"])
    daily.served_on = _date_or_none(data["served_on"])
    daily.pauses = _pauses_of(data["pauses"])
    return daily


def _row_data(row: OpenRow) -> list[Any]:
    return [
        row.number,
        row.kind.value,
        row.due_date.toordinal(),
        row.begins.toordinal(),
        row.ends.toordinal(),
        row.from_date.toordinal(),
        row.due.copy(),
        row.open.copy(),
        row.early,
        row.late,
        _day(row.settled_date),
        row.ended,
    ]


def _row_of(data: Sequence[Any]) -> OpenRow:
    number, kind, due_date, begins, ends, from_date, due, still, early, late, settled, ended = data
    row = OpenRow(
        Instalment(_date(due_date), 0, 0, kind=RowKind(kind)),
        number,
        _date(begins),
        _date(ends),
        _date(from_date),
    )
    row.due, row.open = list(due), list(still)
    row.left = sum(row.open)
    row.early, row.late, row.ended = early, late, ended
    row.settled_date = _date_or_none(settled)
    return row


def _terms_text(terms: Terms) -> str:
    return json.dumps(terms_data(terms), sort_keys=True)


@lru_cache(maxsize=512)
def _terms_of(text: str) -> Terms:
    return Terms(**field_values(json.loads(text)))


def _pauses(pauses: Sequence[Pause]) -> list[list[int]]:
    return [[pause.first.toordinal(), pause.last.toordinal()] for pause in pauses]


def _pauses_of(data: Sequence[Sequence[int]]) -> list[Pause]:
    return [Pause(_date(first), _date(last)) for first, last in data]


def _day(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


_date = date.fromordinal


def _date_or_none(ordinal: int | None) -> date | None:
    return None if ordinal is None else _date(ordinal)
