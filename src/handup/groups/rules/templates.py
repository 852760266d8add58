"""Templates of a constitution: for each way groups usually work at most six questions; the rest is
decided as such groups decide it, and can be voted later (groups.md G1). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from handup.groups.rules.constitution import settings_for

MOST_QUESTIONS = 6


@dataclass(frozen=True, slots=True)
class Template:
    """One way of working: the kind of group, the settings it asks for, and those it decides."""

    kind: str
    questions: tuple[str, ...]
    decided: Mapping[str, Any] = field(default_factory=dict)

    def settings(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The whole constitution from the answers. Raises Faults."""
        asked = {name: answers[name] for name in self.questions}
        return settings_for(self.kind, {**self.decided, **asked})


TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        "shares": Template(
            "SAVINGS",
            (
                *("meeting_interval_days", "share_value_units", "shares_max", "charge_rate_bps"),
                *("social_contribution_units", "fine_late_units"),
            ),
        ),
        "same": Template(
            "SHG",
            (
                *("meeting_interval_days", "share_value_units", "charge_rate_bps"),
                *("loan_term_periods_max", "fine_absent_units"),
            ),
        ),
        "free": Template(
            "SAVINGS",
            (
                *("meeting_interval_days", "share_value_units", "charge_rate_bps"),
                *("loan_multiple_x100", "leave_pay"),
            ),
            {"savings_mode": "FREE", "profit_by": "BY_MONTH_ENDS"},
        ),
        "help": Template(
            "SAVINGS",
            (
                *("share_value_units", "social_contribution_units", "social_grants"),
                *("social_at_end", "charge_rate_bps"),
            ),
            {"social_lendable": True},
        ),
        "bank": Template(
            "SAVINGS",
            (
                *("meeting_interval_days", "share_value_units", "shares_max", "charge_rate_bps"),
                *("social_contribution_units", "leave_pay"),
            ),
            {"count_by_statement": True},
        ),
        "cooperative": Template(
            "COOP_PRIMARY",
            ("share_value_units", "charge_rate_bps", "quorum_bps", "office_term_months"),
        ),
    }
)
