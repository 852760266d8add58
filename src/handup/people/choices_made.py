"""What an installation may choose of how people are asked, ranked and compared: each with its usual
value and its limits. None of the usual limits was verified in the field, so all can be changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from handup.org.models import Setting
from handup.people.rules.accuracy import ALERT_BELOW, LEAST_POOR
from handup.people.rules.instruments import FcsMissing, FcsThreshold, InstrumentSettings
from handup.people.rules.ranking import RERANK_ABOVE


@dataclass(frozen=True, slots=True)
class Chosen:
    """One choice: its usual value, and either the values it may take or its limits."""

    usual: str | int
    of: tuple[str, ...] = ()
    least: int = 0
    most: int = 0

    def fits(self, value: object) -> bool:
        """Whether a value may be chosen."""
        if self.of:
            return value in self.of
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and self.least <= int(str(value)) <= self.most


FCS_THRESHOLD, FCS_MISSING = "instruments.fcs_threshold", "instruments.fcs_missing"
RERANK, LEAST, ALERT = (
    "people.rerank_above_spread",
    "people.disparity_least_poor",
    "people.disparity_alert_below_percent",
)
ENQUIRY_DAYS = "people.enquiry_task_days"

CHOICES: Mapping[str, Chosen] = {
    FCS_THRESHOLD: Chosen(FcsThreshold.LOW.value, tuple(code.value for code in FcsThreshold)),
    FCS_MISSING: Chosen(FcsMissing.MISSING.value, tuple(code.value for code in FcsMissing)),
    RERANK: Chosen(RERANK_ABOVE, least=1, most=100),
    LEAST: Chosen(LEAST_POOR, least=1, most=10_000),
    ALERT: Chosen(int(ALERT_BELOW * 100), least=1, most=100),
    ENQUIRY_DAYS: Chosen(7, least=1, most=90),
}


def made() -> dict[str, str | int]:
    """Every choice as it stands; what does not fit counts as not chosen."""
    held = dict(Setting.objects.filter(key__in=CHOICES).values_list("key", "value"))
    return {
        key: held[key] if key in held and choice.fits(held[key]) else choice.usual
        for key, choice in CHOICES.items()
    }


def number(key: str) -> int:
    """A choice that is a number."""
    return int(made()[key])


def instrument_settings() -> InstrumentSettings:
    """How the food consumption score is read."""
    now = made()
    return InstrumentSettings(
        fcs_threshold=FcsThreshold(str(now[FCS_THRESHOLD])),
        fcs_missing=FcsMissing(str(now[FCS_MISSING])),
    )
