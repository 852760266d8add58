"""How long personal texts are kept, and what is due (protection.md 4.6).

A domain says what it keeps and how it is blanked, set-based:

    retention.register(Rule("STATEMENT_LINES", _("Payers of bank statements"), …))

Every night what is due is listed; the data protection officer approves, and only then is it
blanked. Days are counted by the setting `retention_days`, by the rule's code; without one, as the
rule says itself.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from handup.org.models import Setting, StaffUser

SETTING = "retention_days"
LEAST_DAYS = 30
"""Nothing is blanked sooner, whatever a setting says: a wrong number must not empty a table. A rule
may say that it keeps what it is about longer than that in any case.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is kept how long.

    due: how many records before a day still hold it. blanking: blanks them in a fixed number of
    statements and returns how many. days: kept so long when no setting says otherwise. least: no
    setting makes it fewer. propose: given instead of `blanking` where one approval is not enough:
    asks in the name of who approves for what others decide of each record; returns of how many.
    choose: finds what `propose` is given last, before the transaction that writes begins, as `due`
    is asked outside one: both may read large tables.
    """

    code: str
    title: Any
    says: Any
    days: int
    due: Callable[[date], int]
    blanking: Callable[[date], int] | None
    least: int = LEAST_DAYS
    propose: Callable[[StaffUser, date, date, Collection[UUID]], int] | None = None
    choose: Callable[[date, date], Collection[UUID]] | None = None

    def chosen(self, before: date, on: date) -> Collection[UUID]:
        """What one approval proposes; nothing where it blanks."""
        return self.choose(before, on) if self.choose is not None else ()

    def carry_out(
        self, staff: StaffUser, before: date, on: date, chosen: Collection[UUID] = ()
    ) -> int:
        """Blank what is older than a day, or propose what was chosen; of how many records."""
        if self.propose is not None:
            return self.propose(staff, before, on, chosen)
        return self.blank(before)

    def blank(self, before: date) -> int:
        """Blank what is older than a day; of how many records. A rule that proposes cannot."""
        assert self.blanking is not None, "a rule blanks or proposes"
        return self.blanking(before)


rules: dict[str, Rule] = {}


def register(*added: Rule) -> None:
    """Add rules; one that is there already is put in its place."""
    rules.update((rule.code, rule) for rule in added)


def days_of(rule: Rule) -> int:
    """How many days a rule keeps what it is about: the setting's number, else its own."""
    held = Setting.objects.filter(key=SETTING).values_list("value", flat=True).first()
    told = held.get(rule.code) if isinstance(held, dict) else None
    if not isinstance(told, int) or isinstance(told, bool):
        return rule.days
    return max(told, rule.least)


def before(rule: Rule, on: date) -> date:
    """The day before which everything is due."""
    return on - timedelta(days=days_of(rule))
