"""What a cooperative's statutes settle: the settings, their defaults and ranges
(groups_cooperatives.md K1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from handup.groups.rules.surplus import SurplusRow
from handup.kernel.errors import Fault, Faults

SOURCES = ("POOL", "RATE")
"""Where the dividend comes from: a part of what remains, or a yearly rate on paid shares."""
METHODS = ("EQUAL", "BY_BALANCE", "BY_MONTH_ENDS", "BY_MONTH_STARTS", "BY_DAYS")
DEDUCTIONS = ("INPUTS", "LOAN", "CHARGES")
NET_FUNDS = ("RESERVE", "EDUCATION")
NUMBERS: Mapping[str, tuple[int | None, int, int]] = {
    "share_price_units": (None, 1, 10**12),
    "shares_subscribed_min": (1, 0, 10**6),
    "reserve_bps": (1000, 0, 10_000),
    "reserve_min_bps": (0, 0, 10_000),
    "education_bps": (1000, 0, 10_000),
    "education_max_bps": (10_000, 0, 10_000),
    "dividend_bps": (0, 0, 10_000),
    "dividend_cap_bps": (0, 0, 10_000),
    "dividend_rate_bps": (0, 0, 10_000),
    "min_holding_months": (0, 0, 60),
    "withholding_tax_bps": (0, 0, 5000),
    "refund_cash_bps": (10_000, 0, 10_000),
    "take_home_floor_bps": (4000, 0, 9000),
    "gate_tolerance_bps": (200, 0, 2000),
    "non_member_refund_years": (2, 0, 10),
    "assessment_every_months": (24, 0, 60),
    "payslip_period_days": (15, 7, 31),
    "delegate_size": (0, 0, 10_000),
    "delegate_min": (1, 1, 10_000),
    "delegate_max": (4, 1, 10_000),
}
"""Whole numbers: default (None: the assembly must choose), least and most. reserve and education
are parts of the net surplus; dividend_bps is the part of what remains that is set aside for the
dividend on shares, dividend_cap_bps its most, of the paid shares (0: no dividend). With
dividend_from RATE the dividend is dividend_rate_bps a year on paid shares. delegate_size 0: one
delegate each; assessment_every_months 0: none."""


def statutes_for(voted: Mapping[str, Any]) -> dict[str, Any]:
    """Complete what the assembly voted with the defaults.

    Raises Faults naming every setting that is unknown, outside its range, or needs a vote and has
    none.
    """
    settings: dict[str, Any] = {name: rule[0] for name, rule in NUMBERS.items()}
    settings |= {
        "dividend_method": "BY_DAYS",
        "dividend_from": "POOL",
        "refund_unpaid_shares_first": True,
        "deduction_order": list(DEDUCTIONS),
        **voted,
    }
    faults = [fault for name, value in settings.items() if (fault := _fault(name, value))]
    if not faults:
        faults = list(_together(settings))
    if faults:
        raise Faults(faults)
    order = settings["deduction_order"]
    settings["deduction_order"] = [*order, *(kind for kind in DEDUCTIONS if kind not in order)]
    return settings


def _fault(name: str, value: Any) -> Fault | None:
    if name in NUMBERS:
        if value is None:
            return Fault("VOTE_NEEDED", f"The assembly must choose {name}.", place=name)
        _default, low, high = NUMBERS[name]
        fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        allowed = f"{low} to {high}"
    elif name == "dividend_from":
        fits, allowed = value in SOURCES, ", ".join(SOURCES)
    elif name == "dividend_method":
        fits, allowed = value in METHODS, ", ".join(METHODS)
    elif name == "refund_unpaid_shares_first":
        fits, allowed = isinstance(value, bool), "yes, no"
    elif name == "deduction_order":
        fits = isinstance(value, list) and set(value) <= set(DEDUCTIONS)
        fits = fits and len(set(value)) == len(value)
        allowed = ", ".join(DEDUCTIONS)
    else:
        return Fault("UNKNOWN_SETTING", f"There is no setting {name}.", place=name)
    if fits:
        return None
    told = f"{name} must be {allowed}, not {value}."
    return Fault("SETTING_OUT_OF_RANGE", told, place=name, value=str(value))


def _together(settings: Mapping[str, Any]) -> Sequence[Fault]:
    """What must hold between settings."""
    faults = []
    if settings["reserve_bps"] + settings["education_bps"] > 10_000:
        told = "Reserve and education are more than all of the surplus."
        faults.append(Fault("OVER_100_PERCENT", told, place="reserve_bps"))
    if settings["reserve_bps"] < settings["reserve_min_bps"]:
        told = "The reserve is below the least the law asks."
        faults.append(Fault("BELOW_MINIMUM", told, place="reserve_bps"))
    if settings["education_bps"] > settings["education_max_bps"]:
        told = "Education is above the most the law allows."
        faults.append(Fault("ABOVE_MAXIMUM", told, place="education_bps"))
    if settings["dividend_from"] == "RATE":
        faults += _of_a_rate(settings)
    if settings["delegate_max"] < settings["delegate_min"]:
        told = "The most delegates are fewer than the least."
        faults.append(Fault("SETTING_OUT_OF_RANGE", told, place="delegate_max"))
    return faults


def _of_a_rate(settings: Mapping[str, Any]) -> Sequence[Fault]:
    """A rate is of days, months or balances, never of heads, and within the cap of the law."""
    faults = []
    if settings["dividend_method"] == "EQUAL":
        told = "A rate on shares cannot be the same for everybody."
        faults.append(Fault("RATE_BY_HEADS", told, place="dividend_method"))
    if settings["dividend_rate_bps"] > settings["dividend_cap_bps"]:
        told = "The rate is above the most a dividend may be."
        faults.append(Fault("CAP_EXCEEDED", told, place="dividend_rate_bps"))
    return faults


def surplus_rows(settings: Mapping[str, Any]) -> list[SurplusRow]:
    """The rows of the net surplus that these statutes name, with the bounds of the law."""
    return [
        SurplusRow(
            "RESERVE", _percent(settings["reserve_bps"]), _percent(settings["reserve_min_bps"])
        ),
        SurplusRow(
            "EDUCATION",
            _percent(settings["education_bps"]),
            most=_percent(settings["education_max_bps"]),
        ),
    ]


def _percent(bps: int) -> Fraction:
    return Fraction(bps, 100)


@dataclass(frozen=True, slots=True)
class Opening:
    """A member whose savings become shares: what she saved, how many shares at which price."""

    saved: int
    shares: int
    price: int

    @property
    def units(self) -> int:
        """What goes from her savings to share capital."""
        return self.shares * self.price

    @property
    def fits(self) -> bool:
        """Shares are paid from what she saved, never beyond."""
        return 0 <= self.units <= self.saved
