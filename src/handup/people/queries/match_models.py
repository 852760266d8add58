"""Which weights two records are compared by now (people.md 4.7)."""

from handup.people.models import MatchModel
from handup.people.rules.duplicates import ModelState
from handup.people.rules.matching.model import FIXED_1, Model, model_from_json


def model_in_use() -> Model:
    """The model adopted last; `fixed-1` where none is."""
    rows = MatchModel._base_manager.filter(state=ModelState.ADOPTED.value)
    held = rows.order_by("-decided_at", "-id").values_list("content", flat=True).first()
    return FIXED_1 if held is None else model_from_json(held)
