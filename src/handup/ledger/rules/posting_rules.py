"""From the parts of a fact to the lines of its entry: event kind x part -> debit role, credit role
(ledger.md 4.3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from handup.ledger.errors import RuleMissing
from handup.ledger.rules.journal import LineIn
from handup.ledger.rules.words import BookKind

MONEY = "MONEY"


@dataclass(frozen=True, slots=True)
class PostingRule:
    """One row of the table; MONEY stands for the cash or bank account the fact names."""

    event_kind: str
    part: str
    books: frozenset[BookKind]
    debit: str
    credit: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a fact in smallest units, with the subjects its two sides belong to."""

    units: int
    debit_subject: tuple[str, UUID] | None = None
    credit_subject: tuple[str, UUID] | None = None


RuleTable = Mapping[tuple[str, str], PostingRule]
Side = tuple[str, tuple[str, UUID] | None]


def lines_of(
    rules: RuleTable,
    event_kind: str,
    parts: Mapping[str, Part],
    *,
    money_role: str = "BANK",
    currency: str = "",
    fund: UUID | None = None,
    branch: UUID | None = None,
) -> list[LineIn]:
    """Return the lines of a fact: one per account role and subject, debits first, nothing for a
    part of zero.

    A negative part is the same posting the other way round. Raises RuleMissing for a part no rule
    names.
    """
    sums: dict[tuple[bool, Side], int] = {}

    def add(debit: bool, side: Side, units: int) -> None:
        sums[debit, side] = sums.get((debit, side), 0) + units

    for name, part in parts.items():
        rule = rules.get((event_kind, name))
        if rule is None:
            raise RuleMissing(part=name, kind=event_kind)
        debit = money_role if rule.debit == MONEY else rule.debit
        credit = money_role if rule.credit == MONEY else rule.credit
        add(True, (debit, part.debit_subject), part.units)
        add(False, (credit, part.credit_subject), -part.units)
    return [
        LineIn(
            units=units,
            account_role=role,
            subject=subject,
            currency=currency,
            fund=fund,
            branch=branch,
        )
        for (_debit, (role, subject)), units in sorted(sums.items(), key=_debits_first)
        if units
    ]


def _debits_first(item: tuple[tuple[bool, Side], int]) -> bool:
    return not item[0][0]


def roles_needed(rules: Sequence[PostingRule], kind: BookKind) -> frozenset[str]:
    """Every role a chart of this kind of book must have for its rules to post."""
    named = {
        role
        for rule in rules
        if kind in rule.books
        for role in (rule.debit, rule.credit)
        if role != MONEY
    }
    return frozenset(named | {"CASH", "BANK", "RETAINED"})
