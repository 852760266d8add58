"""From the parts of a fact to the lines of its entry: event kind x part -> debit role, credit role
(ledger.md 4.3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
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


class Part(NamedTuple):
    """One part of a fact in smallest units, with the subjects its two sides belong to."""

    units: int
    debit_subject: tuple[str, UUID] | None = None
    credit_subject: tuple[str, UUID] | None = None


RuleTable = Mapping[tuple[str, str], PostingRule]
Subject = tuple[str, UUID] | None
Key = tuple[str, str, int]
Side = tuple[str, Subject, int]
"""A role, the subject its line belongs to, and the units."""


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
    debits: dict[Key, Side] = {}
    credits: dict[Key, Side] = {}
    for name, part in parts.items():
        rule = rules.get((event_kind, name))
        if rule is None:
            raise RuleMissing(part=name, kind=event_kind)
        debit = money_role if rule.debit == MONEY else rule.debit
        credit = money_role if rule.credit == MONEY else rule.credit
        _add(debits, debit, part.debit_subject, part.units)
        _add(credits, credit, part.credit_subject, -part.units)
    return [
        LineIn(
            units=units,
            account_role=role,
            subject=subject,
            currency=currency,
            fund=fund,
            branch=branch,
        )
        for role, subject, units in (*debits.values(), *credits.values())
        if units
    ]


def _add(sides: dict[Key, Side], role: str, subject: Subject, units: int) -> None:
    # Keyed by the subject's number: hashing a UUID costs more than adding up.
    key = (role, "", 0) if subject is None else (role, subject[0], subject[1].int)
    known = sides.get(key)
    sides[key] = (role, subject, units if known is None else known[2] + units)


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
