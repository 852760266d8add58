"""What a table of entries is: its rows, the entries they make, what is wrong with its cells."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from handup.kernel.errors import Refusal
from handup.ledger.rules.words import AccountType


@dataclass(frozen=True, slots=True)
class RowIn:
    """One row of a table: its number there, the entry it belongs to, what stands in its cells."""

    number: int
    entry: str
    on: date
    account: str
    debit: Decimal | None
    credit: Decimal | None
    currency: str = ""
    base: Decimal | None = None
    fund: str = ""
    budget_line: str = ""
    branch: str = ""
    text: str = ""


class RowFault(NamedTuple):
    """What is wrong with a cell: the row's number, the column's name, the refusal."""

    number: int
    column: str | None
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class LineRead:
    """One line of an entry as the table tells it, every look-up done."""

    account_id: UUID
    account_code: str
    account_type: AccountType
    units: int
    currency: str
    worth: int
    """In the book's currency."""
    fixed: bool
    """Whether `worth` holds as it stands; else the day's rate gives it when it is posted."""
    fund: UUID
    budget_line: str
    number: int

    @property
    def base_units(self) -> int | None:
        """What posting takes over; None where it works it out itself."""
        return self.worth if self.fixed else None


@dataclass(slots=True)
class EntryRead:
    """One entry of a table."""

    key: str
    kind: str
    happened_date: date
    branch: UUID | None
    remark: str
    number: int
    lines: list[LineRead] = field(default_factory=list)


@dataclass(slots=True)
class TableRead:
    """The entries of a table, by day, and everything that is wrong with it."""

    entries: list[EntryRead] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
