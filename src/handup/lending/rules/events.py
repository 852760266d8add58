"""What happens to a loan: one dated fact after another, and the order in which they count.

Facts arrive in any order; `order` puts them by the day they count from, by rank within a day, then
by when they were written down. How facts are stored as JSON stands here too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from handup.kernel.credit.changes import Moratorium, Restructuring, Scope, Treatment
from handup.kernel.credit.codes import AdvanceTo, Component, EarlyEffect, RowKind
from handup.kernel.credit.dates import DuePlan, Pause
from handup.kernel.credit.reading import field_values, terms_data
from handup.kernel.credit.rescheduling import Request
from handup.kernel.credit.standing import ZERO, SignedRow
from handup.kernel.credit.terms import Terms
from handup.lending.rules.codes import EventKind

PlannedRow = SignedRow
"""One row of a schedule as signed."""

_RANK = {
    EventKind.AGREED: 0,
    EventKind.OPENING_POSITION: 1,
    EventKind.DISBURSED: 1,
    EventKind.RESCHEDULED: 2,
    EventKind.RESTRUCTURED: 2,
    EventKind.MORATORIUM: 2,
    EventKind.CHARGED: 3,
    EventKind.WAIVED: 4,
    EventKind.REFUNDED: 6,
    EventKind.WRITTEN_OFF: 7,
    EventKind.RECOVERED: 8,
    EventKind.TRANSFERRED: 9,
    EventKind.CANCELLED: 9,
}
_PAYMENT_RANK = 5

PAYMENTS = frozenset(
    {
        EventKind.REPAID,
        EventKind.GUARANTOR_PAID,
        EventKind.MEMBER_PAID_FOR,
        EventKind.SAVINGS_SET_OFF,
    }
)
"""Money that settles rows by the loan's allocation; who paid differs, the split does not."""

SEVERAL_WAIT = sorted(
    kind.value
    for kind in (
        EventKind.REPAID,
        EventKind.EARLY_REPAID,
        EventKind.RECOVERED,
        EventKind.CHARGED,
    )
)
"""What may happen to a loan more than once while it waits for a second person: what happened on
earlier days (`back_dating`). Pay-outs wait one at a time: a transfer told twice is paid once.
"""
PAYMENT_KINDS = sorted(kind.value for kind in PAYMENTS)
"""The same, spelt as they are stored."""

RECEIVED = PAYMENTS | {
    EventKind.EARLY_REPAID,
    EventKind.PAID_OFF,
    EventKind.WITHDRAWN,
    EventKind.INSURANCE_PAID,
}
"""Money that came in for a loan; one that a new loan closed received none."""

RECEIVED_KINDS = sorted(kind.value for kind in RECEIVED)
"""The same, spelt as they are stored."""

MONEY_IN = RECEIVED | {EventKind.REFINANCED}
"""Every kind of event that settles rows."""

MONEY_IN_KINDS = sorted(kind.value for kind in MONEY_IN)
"""The same, spelt as they are stored."""


def received_units(units: int, payload: Mapping[str, Any]) -> int:
    """All that came in with a payment, as stored: what paid the loan and what was saved with it,
    less the fees given back in the same act.
    """
    back: int = sum(payload.get("given_back", ()))
    return units + int(payload.get("saved", 0)) - back


def received_on(value_date: date, payload: Mapping[str, Any]) -> date:
    """The day money came in: that of an insurer comes after the day it counts from."""
    day = payload.get("received_date")
    return date.fromisoformat(day) if day else value_date


@dataclass(frozen=True, slots=True)
class Event:
    """One dated fact.

    `rows` of DISBURSED and OPENING_POSITION is the schedule in force from that day; a further
    DISBURSED is a tranche, for which rows are worked out. What a kind says beyond an amount:
    CHARGED and WAIVED a component (a charge its due date), EARLY_REPAID an effect, RESCHEDULED,
    RESTRUCTURED and MORATORIUM what was agreed, OPENING_POSITION since when the loan runs.
    `restructured`: a loan that pays an old one off, or goes on from one, counts as such since then;
    one that goes on keeps the days of its moratoria (`frozen`, `rests`). `given_back`: fees and
    premiums that come back with a withdrawal. `seq` is the order of
    arrival.
    """

    id: UUID
    kind: EventKind
    value_date: date
    recorded_at: datetime
    received_at: datetime
    units: int = 0
    reverses: UUID | None = None
    rows: tuple[PlannedRow, ...] = ()
    advance_to: AdvanceTo | None = None
    seq: int = 0
    capitalised: int = 0
    component: Component | None = None
    due_date: date | None = None
    effect: EarlyEffect | None = None
    agreed: Request | Restructuring | Moratorium | None = None
    since: date | None = None
    restructured: date | None = None
    frozen: tuple[Pause, ...] = ()
    rests: tuple[Pause, ...] = ()
    given_back: tuple[int, ...] = ()

    @property
    def sort_date(self) -> date:
        """The day it counts from: a charge from the earlier of its two days."""
        if self.kind is EventKind.CHARGED and self.due_date is not None:
            return min(self.value_date, self.due_date)
        return self.value_date


def order(event: Event) -> tuple[date, int, datetime, UUID]:
    """Where an event stands among the loan's events, whenever it arrived."""
    return event.sort_date, _RANK.get(event.kind, _PAYMENT_RANK), event.recorded_at, event.id


def effective(
    events: Iterable[Event], as_of: date | None = None, known_at: datetime | None = None
) -> list[Event]:
    """Return the events that count, in order: known by then, not reversed, dated by then.

    A reversal takes its target away whatever its own date; as known at an earlier instant it is not
    yet there.
    """
    known = [item for item in events if known_at is None or item.received_at <= known_at]
    reversed_ids = {item.reverses for item in known if item.kind is EventKind.REVERSED}
    live = [
        item
        for item in known
        if item.kind is not EventKind.REVERSED
        and item.id not in reversed_ids
        and (as_of is None or item.value_date <= as_of)
    ]
    return sorted(live, key=order)


def rows_to_json(rows: Sequence[PlannedRow]) -> list[dict[str, Any]]:
    """A schedule as it is kept in an event's payload."""
    return [
        {
            "number": row.number,
            "due_date": row.due_date.isoformat(),
            "principal": row.principal,
            "interest": row.interest,
            **({"fee": row.fee} if row.fee else {}),
            **({"paid": list(row.paid)} if any(row.paid) else {}),
            **({} if row.kind is RowKind.INSTALMENT else {"kind": row.kind.value}),
            **({} if row.ends in (None, row.due_date) else {"ends": row.ends.isoformat()}),
        }
        for row in rows
    ]


def rows_from_json(data: Sequence[dict[str, Any]]) -> tuple[PlannedRow, ...]:
    """The schedule of an event's payload."""
    return tuple(
        PlannedRow(
            item["number"],
            date.fromisoformat(item["due_date"]),
            item["principal"],
            item["interest"],
            item.get("fee", 0),
            tuple(item["paid"]) if "paid" in item else ZERO,
            RowKind(item["kind"]) if "kind" in item else RowKind.INSTALMENT,
            date.fromisoformat(item["ends"]) if "ends" in item else None,
        )
        for item in data
    )


def pauses_to_json(pauses: Iterable[Pause]) -> list[list[str]]:
    """Days of moratoria as they are kept in an event's payload."""
    return [[pause.first.isoformat(), pause.last.isoformat()] for pause in pauses]


Agreed = Request | Restructuring | Moratorium


def agreed_to_json(agreed: Agreed) -> dict[str, Any]:
    """What was agreed in a change of the loan, as it is kept in the event's payload."""
    if isinstance(agreed, Request):
        return {
            "from_date": agreed.from_date.isoformat(),
            "shift_to": _day_text(agreed.shift_to),
            "principal_grace": agreed.principal_grace,
            "extra_instalments": agreed.extra_instalments,
            "new_rate_ppm": agreed.new_rate_ppm,
            **({"alone": True} if agreed.alone else {}),
        }
    if isinstance(agreed, Moratorium):
        return {
            "until": agreed.until.isoformat(),
            "scope": agreed.scope.value,
            "interest_runs": agreed.interest_runs,
            "ageing_runs": agreed.ageing_runs,
            "begins": _day_text(agreed.begins),
        }
    plan = agreed.plan
    return {
        "terms": terms_data(agreed.terms),
        "bounds": None if plan is None else [day.isoformat() for day in plan.bounds],
        "due_dates": None if plan is None else [day.isoformat() for day in plan.due_dates],
        "interest": agreed.interest.value,
        "fee": agreed.fee.value,
        "penalty": agreed.penalty.value,
    }


def agreed_from_json(kind: EventKind, data: Mapping[str, Any]) -> Agreed:
    """What was agreed, read back. Raises TermsNotReadable, BadTerms."""
    if kind is EventKind.RESCHEDULED:
        return Request(
            date.fromisoformat(data["from_date"]),
            _day(data.get("shift_to")),
            data.get("principal_grace", 0),
            data.get("extra_instalments", 0),
            data.get("new_rate_ppm"),
            data.get("alone", False),
        )
    if kind is EventKind.MORATORIUM:
        return Moratorium(
            date.fromisoformat(data["until"]),
            Scope(data["scope"]),
            data["interest_runs"],
            data["ageing_runs"],
            _day(data.get("begins")),
        )
    plan = None
    if data.get("bounds"):
        plan = DuePlan(
            tuple(date.fromisoformat(day) for day in data["bounds"]),
            tuple(date.fromisoformat(day) for day in data["due_dates"]),
        )
    return Restructuring(
        Terms(**field_values(data["terms"])),
        plan,
        Treatment(data["interest"]),
        Treatment(data["fee"]),
        Treatment(data["penalty"]),
    )


CHANGES = frozenset({EventKind.RESCHEDULED, EventKind.RESTRUCTURED, EventKind.MORATORIUM})
"""Kinds whose payload is what was agreed."""


def event_payload(event: Event) -> dict[str, Any]:
    """All that an event says beyond its columns, as JSON; nothing where it says no more."""
    found: dict[str, Any] = {}
    if event.rows:
        found["rows"] = rows_to_json(event.rows)
    if event.advance_to is not None:
        found["advance_to"] = event.advance_to.value
    if event.capitalised:
        found["capitalised"] = event.capitalised
    if event.component is not None:
        found["component"] = event.component.value
    if event.due_date is not None:
        found["due_date"] = event.due_date.isoformat()
    if event.since is not None:
        found["since"] = event.since.isoformat()
    if event.effect is not None:
        found["effect"] = event.effect.value
    if event.agreed is not None:
        found["agreed"] = agreed_to_json(event.agreed)
    if event.given_back:
        found["given_back"] = list(event.given_back)
    if event.restructured is not None:
        found["restructured"] = event.restructured.isoformat()
    for name, pauses in (("frozen", event.frozen), ("rests", event.rests)):
        if pauses:
            found[name] = pauses_to_json(pauses)
    return found


def payload_fields(kind: EventKind, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an `Event` that its payload holds."""
    found: dict[str, Any] = {}
    if "rows" in payload:
        found["rows"] = rows_from_json(payload["rows"])
    if "capitalised" in payload:
        found["capitalised"] = payload["capitalised"]
    if "given_back" in payload:
        found["given_back"] = tuple(payload["given_back"])
    for name in ("due_date", "since", "restructured"):
        if name in payload:
            found[name] = date.fromisoformat(payload[name])
    for name, code in (
        ("advance_to", AdvanceTo),
        ("component", Component),
        ("effect", EarlyEffect),
    ):
        if name in payload:
            found[name] = code(payload[name])
    for name in ("frozen", "rests"):
        if name in payload:
            found[name] = tuple(
                Pause(date.fromisoformat(first), date.fromisoformat(last))
                for first, last in payload[name]
            )
    if kind in CHANGES and "agreed" in payload:
        found["agreed"] = agreed_from_json(kind, payload["agreed"])
    return found


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
