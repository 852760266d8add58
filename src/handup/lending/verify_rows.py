"""The stored rows of loans against the fold: when each instalment is due and what it asks for, and
what each payment paid of which, on which day.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from handup.lending.models import LoanDue, PaymentSplit
from handup.lending.rules.state import State
from handup.lending.services.replaying import (
    DueKey,
    SplitKey,
    due_key,
    split_key,
    wanted_dues,
    wanted_split,
)
from handup.org.plain import rows_where
from handup.org.verify import Difference

KNOWN_NOW = 'AND "replaced_at" IS NULL'


@dataclass(slots=True)
class StoredRows:
    """What is stored of one loan: its instalments, in force or not any more, and its splits."""

    dues: Counter[DueKey] = field(default_factory=Counter)
    splits: Counter[tuple[UUID, SplitKey]] = field(default_factory=Counter)

    def differ(self, code: str, state: State) -> Iterator[Difference]:
        """Name the instalments and the payments of which something else is stored than the fold
        says.
        """
        dues = Counter(key for key, _row in wanted_dues(state))
        yield from _differ(f"loan {code} instalment", self.dues, dues)
        splits = Counter((split.event_id, wanted_split(split)) for split in state.splits)
        yield from _differ(f"loan {code} event", self.splits, splits)


def rows_of(ids: list[UUID]) -> dict[UUID, StoredRows]:
    """What is stored of some loans, as known now."""
    found: dict[UUID, StoredRows] = defaultdict(StoredRows)
    for due in rows_where(LoanDue, "loan_id", ids, also=KNOWN_NOW):
        found[due.loan_id].dues[due_key(due)] += 1
    for split in rows_where(PaymentSplit, "loan_id", ids, also=KNOWN_NOW):
        found[split.loan_id].splits[split.event_id, split_key(split)] += 1
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
