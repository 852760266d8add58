"""The stored rows of loans against the fold: when each instalment is due and what it asks for, what
each payment paid of which, on which day, and until when the loan was agreed to last.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from handup.lending.models import LoanDue, LoanEnd, PaymentSplit
from handup.lending.rules.ends import End, ends_of
from handup.lending.rules.events import Event
from handup.lending.rules.state import State
from handup.lending.services.replaying import (
    DueKey,
    SplitKey,
    due_key,
    settles,
    split_key,
    wanted_dues,
    wanted_split,
)
from handup.org.plain import rows_where
from handup.org.verify import Difference

KNOWN_NOW = 'AND "replaced_at" IS NULL'


@dataclass(slots=True)
class StoredRows:
    """What is stored of one loan: its instalments, in force or not any more, its splits, and the
    last due dates agreed before.
    """

    dues: Counter[DueKey] = field(default_factory=Counter)
    splits: Counter[tuple[UUID, SplitKey]] = field(default_factory=Counter)
    ends: Counter[End] = field(default_factory=Counter)

    def differ(self, code: str, state: State, events: Sequence[Event]) -> Iterator[Difference]:
        """Name the instalments, the payments and the days on which the last due date was moved of
        which something else is stored than the fold says.
        """
        dues = Counter(key for key, _row in wanted_dues(state))
        yield from _differ(f"loan {code} instalment", self.dues, dues)
        splits = Counter((split.event_id, wanted_split(split)) for split in state.splits)
        yield from _differ(f"loan {code} event", self.splits, splits)
        ends = Counter(ends_of(state, events))
        yield from _differ(f"loan {code} last due until", self.ends, ends)


def rows_of(ids: list[UUID]) -> dict[UUID, StoredRows]:
    """What is stored of some loans, as known now."""
    found: dict[UUID, StoredRows] = defaultdict(StoredRows)
    for due in rows_where(LoanDue, "loan_id", ids, also=KNOWN_NOW):
        found[due.loan_id].dues[due_key(due)] += 1
    for split in rows_where(PaymentSplit, "loan_id", ids, also=KNOWN_NOW):
        if settles(split):
            found[split.loan_id].splits[split.event_id, split_key(split)] += 1
    for end in rows_where(LoanEnd, "loan_id", ids, also=KNOWN_NOW):
        found[end.loan_id].ends[End(end.to_date, end.due_date)] += 1
    return found


def _differ(label: str, stored: Counter[Any], wanted: Counter[Any]) -> Iterator[Difference]:
    """One difference for each number, or event, that begins a key."""
    if stored == wanted:
        return
    left, right = stored - wanted, wanted - stored
    for first in sorted({key[0] for key in (*left, *right)}):
        yield Difference(f"{label} {first}", _shown(left, first), _shown(right, first))


def _shown(keys: Iterable[Any], first: Any) -> str:
    told = [key[1:] for key in keys if key[0] == first]
    return "; ".join(" ".join(_words(key)) for key in told) or "none"


def _words(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, tuple):
            yield from _words(value)
        else:
            yield "-" if value is None else str(value)
