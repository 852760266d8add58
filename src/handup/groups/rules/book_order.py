"""The steps of a meeting: what may be passed and gone back to, and how a meeting that stood still
goes on (groups_meeting.md M5 and 5)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from handup.groups.rules.book import Step
from handup.groups.rules.book_offices import open_with_keys
from handup.groups.rules.voted import BETWEEN


def _pass(step: Step) -> None:
    """A step is passed with its reason; of five nothing is ever passed (STEP_ORDER)."""
    step.breach(step.body["step"] in BETWEEN, "STEP_ORDER")


def _return(step: Step) -> None:
    """The meeting goes back; after the first closing count only with a reason (STEP_ORDER)."""
    counted = any(way == "OUT" for way, _fund in step.sitting.counts)
    step.breach(step.body["step"] in ("ROLL", *BETWEEN), "STEP_ORDER")
    step.breach(not counted or "reason" in step.body, "STEP_ORDER")


ORDER_HANDLERS: Mapping[str, Callable[[Step], None]] = MappingProxyType(
    {"pass_step": _pass, "return_to_step": _return, "resume_meeting": open_with_keys}
)
"""A meeting that stood still goes on with the keys that open the box, as it was opened (M4)."""
