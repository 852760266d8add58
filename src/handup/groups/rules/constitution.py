"""The settings a group votes, their defaults by kind and their ranges (groups.md G1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from handup.groups.rules.voted import (
    USUAL_STEPS,
    VOTED,
    is_names,
    is_steps,
    is_table,
    is_vote,
    is_weights,
)
from handup.kernel.errors import Fault, Faults, Refusal


class FixedInCycle(Refusal):
    """The price of a share and the way of saving change only between cycles."""


class NeverBackwards(Refusal):
    """A new version takes effect after {last}, from the next meeting on."""


SAVINGS, SHG, COOPERATIVE, ASSOCIATION = "S", "H", "C", "A"
FAMILY = {
    "SAVINGS": SAVINGS,
    "SHG": SHG,
    "COOP_PRIMARY": COOPERATIVE,
    "COOP_SECONDARY": COOPERATIVE,
    "FEDERATION": COOPERATIVE,
    "ASSOCIATION": ASSOCIATION,
}


@dataclass(frozen=True, slots=True)
class SettingRule:
    """One setting: its default, or one for each family, and what it may be. also: single numbers
    outside the range. written: whether a text says what it has to, and how it is written."""

    default: Any
    low: int | None = None
    high: int | None = None
    codes: tuple[str, ...] = ()
    also: tuple[int, ...] = ()
    written: tuple[Callable[[str], bool], str] | None = None

    def default_for(self, family: str) -> Any:
        """The value a group of this family starts from."""
        if isinstance(self.default, Mapping):
            return self.default.get(family, self.default.get(""))
        return self.default

    def allows(self, value: Any) -> bool:
        """Tell whether a value lies in the range."""
        if self.written:
            return isinstance(value, str) and self.written[0](value)
        if self.codes:
            return value in self.codes
        if isinstance(self.default, bool):
            return isinstance(value, bool)
        if isinstance(value, bool) or not isinstance(value, int):
            return False
        if value in self.also:
            return True
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    @property
    def allowed_text(self) -> str:
        """The allowed values, for the message."""
        if self.written:
            return self.written[1]
        if self.codes:
            return ", ".join(self.codes)
        if isinstance(self.default, bool):
            return "yes, no"
        return ", ".join([*map(str, self.also), f"{self.low} to {self.high}"])


AMOUNTS = (is_table, "written as name = amount; name = amount")
NAMES = (is_names, "names with commas between them, each once")
STEPS = (is_steps, "all fourteen steps: KEYS COUNT_IN ROLL first, COUNT_OUT CLOSE last")
VOTE = (is_vote, "HALF_PLUS or 5001 to 10000, then REGISTERED, PRESENT or CAST, then SECRET or not")
WEIGHTS = (is_weights, "written as member number = weight; member number = weight")

RULES: dict[str, SettingRule] = {
    "meeting_interval_days": SettingRule({SAVINGS: 7, SHG: 7, "": 30}, 1, 92),
    "members_min": SettingRule({SAVINGS: 15, SHG: 10, "": 1}, 1, 100_000),
    "members_max": SettingRule({SAVINGS: 30, SHG: 15, "": 0}, 1, 100_000, also=(0,)),
    "step_order": SettingRule(USUAL_STEPS, written=STEPS),
    "quorum_bps": SettingRule(5000, 0, 10_000),
    "latecomer_after_minutes": SettingRule(15, 0, 120),
    "representative_allowed": SettingRule(True),
    "cycle_kind": SettingRule(
        {SAVINGS: "SHARE_OUT", "": "CONTINUING"}, codes=("SHARE_OUT", "CONTINUING")
    ),
    "cycle_weeks": SettingRule(52, 12, 156),
    "join_until_week": SettingRule({SAVINGS: 8, "": 156}, 0, 156),
    "savings_mode": SettingRule(
        {SAVINGS: "SHARES", SHG: "FIXED", "": "FREE"}, codes=("SHARES", "FIXED", "FREE")
    ),
    "share_value_units": SettingRule(None, 1, 10**12),
    "shares_min": SettingRule(1, 0, 1000),
    "shares_max": SettingRule(5, 1, 1000),
    "zero_shares_allowed": SettingRule(False),
    "cash_unit_units": SettingRule(1, 1, 10**6),
    "loan_multiple_x100": SettingRule(300, 100, 1000),
    "loan_multiple_outside_x100": SettingRule(500, 100, 1000),
    "loans_open_max": SettingRule(0, 0, 10),
    "loan_term_periods_max": SettingRule(3, 1, 36),
    "charge_rate_bps": SettingRule(None, 0, 10_000),
    "charge_basis": SettingRule(
        "FLAT_PER_PERIOD", codes=("FLAT_ONCE", "FLAT_PER_PERIOD", "DECLINING")
    ),
    "charge_period_days": SettingRule(30, 7, 31),
    "charge_counting": SettingRule("COMPLETED", codes=("COMPLETED", "STARTED")),
    "repayment_order": SettingRule("CHARGE_FIRST", codes=("CHARGE_FIRST", "PRINCIPAL_FIRST")),
    "outside_debt_from_cycle": SettingRule(2, 1, 99),
    "outside_debt_cap": SettingRule("PREVIOUS_SHARE_OUT", codes=("PREVIOUS_SHARE_OUT", "NONE")),
    "social_contribution_units": SettingRule(0, 0, 10**12),
    "social_lendable": SettingRule(False),
    "social_grants": SettingRule("", written=AMOUNTS),
    "fine_late_units": SettingRule(0, 0, 10**12),
    "fine_absent_units": SettingRule(0, 0, 10**12),
    "fine_disorder_units": SettingRule(0, 0, 10**12),
    "fine_other_units": SettingRule(0, 0, 10**12),
    "fine_fund": SettingRule("LOAN", codes=("LOAN", "SOCIAL")),
    "blind_counts": SettingRule(2, 1, 3),
    "count_by_coin": SettingRule(True),
    "count_by_statement": SettingRule(False),
    "loan_majority_bps": SettingRule(7500, 5001, 10_000),
    **{name: SettingRule(usual, written=VOTE) for name, usual in VOTED.items()},
    "offices": SettingRule("", written=NAMES),
    "two_offices_allowed": SettingRule(False),
    "office_term_months": SettingRule({ASSOCIATION: 24, "": 12}, 1, 60),
    "office_terms_max": SettingRule(2, 1, 10),
    "keys_held": SettingRule(3, 1, 7),
    "keys_needed": SettingRule(3, 1, 7),
    "debts_at_share_out": SettingRule("NET", codes=("NET", "CARRY")),
    "share_out_rounding": SettingRule(
        "LARGEST_REMAINDER", codes=("LARGEST_REMAINDER", "WHOLE_SHARE_VALUE")
    ),
    "social_at_end": SettingRule("CARRY_FORWARD", codes=("CARRY_FORWARD", "EQUAL_SPLIT")),
    "leftover_to": SettingRule("SOCIAL", codes=("SOCIAL", "NEXT_CYCLE")),
    "profit_by": SettingRule(
        {SHG: "BY_BALANCE", "": "SHARES"},
        codes=("SHARES", "EQUAL", "BY_BALANCE", "BY_MONTH_ENDS", "VOTED_WEIGHTS"),
    ),
    "profit_weights": SettingRule("", written=WEIGHTS),
    "leave_pay": SettingRule(
        "SAVINGS_ONLY", codes=("SAVINGS_ONLY", "SAVINGS_AND_GAIN", "AT_CYCLE_END")
    ),
    "members_instead_of_keys": SettingRule(5, 3, 50, also=(0,)),
    "key_holder_may_be_officer": SettingRule(False),
}


LATER_DEFAULTS: Mapping[str, Any] = {
    **{
        name: RULES[name].default
        for name in (
            "debts_at_share_out",
            "share_out_rounding",
            "social_at_end",
            "leftover_to",
            "leave_pay",
            "members_instead_of_keys",
            "key_holder_may_be_officer",
            "office_terms_max",
            "step_order",
            "repayment_order",
            "outside_debt_from_cycle",
            "outside_debt_cap",
            "social_grants",
            "fine_disorder_units",
            "fine_other_units",
            "fine_fund",
            *VOTED,
            "offices",
            "two_offices_allowed",
            "count_by_coin",
            "count_by_statement",
            "profit_weights",
        )
    },
    "profit_by": "SHARES",
    "members_max": 0,
    "join_until_week": 156,
    "office_term_months": 12,
}
"""What a version voted before there was such a setting says of it: nothing that was not asked for
then is refused by it."""


def completed(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of a stored version with those that came later at their defaults; nothing for
    a version that is not known."""
    return {**LATER_DEFAULTS, **settings} if settings else settings


FROZEN_IN_CYCLE = ("share_value_units", "savings_mode", "profit_by")
"""What stands still while a cycle runs (groups.md G1)."""


def require_unfrozen(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Refuse a change, inside a cycle, of what changes only between cycles. Raises FixedInCycle."""
    for name in FROZEN_IN_CYCLE:
        if completed(before)[name] != after[name]:
            raise FixedInCycle(field=name)


def settings_for(kind: str, voted: Mapping[str, Any]) -> dict[str, Any]:
    """Complete what a group voted with the defaults of its kind.

    Raises Faults naming every setting that is unknown, outside its range, or needs a vote and has
    none.
    """
    family = FAMILY[kind]
    settings = {name: rule.default_for(family) for name, rule in RULES.items()}
    settings.update(voted)
    faults = []
    for name, value in settings.items():
        rule = RULES.get(name)
        if rule is None:
            faults.append(Fault("UNKNOWN_SETTING", f"There is no setting {name}.", place=name))
        elif value is None:
            faults.append(Fault("VOTE_NEEDED", f"The group must choose {name}.", place=name))
        elif not rule.allows(value):
            faults.append(
                Fault(
                    "SETTING_OUT_OF_RANGE",
                    f"{name} must be {rule.allowed_text}, not {value}.",
                    place=name,
                    value=str(value),
                )
            )
    if not faults and settings["shares_min"] > settings["shares_max"]:
        faults.append(
            Fault("SETTING_OUT_OF_RANGE", "shares_min is above shares_max.", place="shares_min")
        )
    if not faults and settings["share_value_units"] % settings["cash_unit_units"]:
        faults.append(
            Fault(
                "SETTING_OUT_OF_RANGE",
                "share_value_units must be a multiple of cash_unit_units.",
                place="share_value_units",
            )
        )
    if not faults and settings["profit_by"] == "VOTED_WEIGHTS" and not settings["profit_weights"]:
        faults.append(
            Fault("VOTE_NEEDED", "The group must choose profit_weights.", place="profit_weights")
        )
    if faults:
        raise Faults(faults)
    return settings
