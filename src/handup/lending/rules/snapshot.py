"""A loan's state as JSON and back: the fold goes on from it instead of replaying every event."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from handup.kernel.credit.snapshot import standing_data, standing_of
from handup.lending.rules.codes import LoanState
from handup.lending.rules.loan import ENGINE_VERSION
from handup.lending.rules.state import Cure, State

Data = dict[str, Any]


def snapshot(state: State) -> Data:
    """All of a state as JSON values, with the version of the engine that made it."""
    last = state.last_order
    return {
        "engine": ENGINE_VERSION,
        "loan": standing_data(state),
        "state": state.state.value,
        "split_before": state.split_before + sum(item.total for item in state.splits),
        "over_before": state.over_before + sum(item.overpaid for item in state.splits),
        "disbursed_date": _day(state.disbursed_date),
        "restructured": state.restructured,
        "restructured_date": _day(state.restructured_date),
        "restarted_date": _day(state.restarted_date),
        "cures": [[_day(cure.first), _day(cure.last)] for cure in state.cures],
        "agreed_until": _day(state.agreed_until),
        "changed": state.changed,
        "arrears_before": state.arrears_before,
        "settled_date": _day(state.settled_date),
        "last_value_date": _day(state.last_value_date),
        "last_recorded_at": _instant(state.last_recorded_at),
        "last_order": None
        if last is None
        else [_day(last[0]), last[1], _instant(last[2]), last[3].hex],
    }


def restored(data: Mapping[str, Any]) -> State | None:
    """The state a snapshot was made of; None when another version of the engine made it."""
    if data["engine"] != ENGINE_VERSION:
        return None
    state = standing_of(State, data["loan"])
    state.state = LoanState(data["state"])
    state.split_before, state.over_before = data["split_before"], data["over_before"]
    state.disbursed_date = _date(data["disbursed_date"])
    state.restructured, state.changed = data["restructured"], data["changed"]
    state.restructured_date = _date(data["restructured_date"])
    state.restarted_date = _date(data["restarted_date"])
    state.cures = [Cure(date.fromordinal(first), _date(last)) for first, last in data["cures"]]
    state.agreed_until = _date(data["agreed_until"])
    state.arrears_before = data["arrears_before"]
    state.settled_date = _date(data["settled_date"])
    state.last_value_date = _date(data["last_value_date"])
    if data["last_recorded_at"] is not None:
        state.last_recorded_at = datetime.fromisoformat(data["last_recorded_at"])
    if data["last_order"] is not None:
        day, rank, at, event_id = data["last_order"]
        state.last_order = (
            date.fromordinal(day),
            rank,
            datetime.fromisoformat(at),
            UUID(hex=event_id),
        )
    return state


def _day(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def _date(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
