"""Worked numbers of the impact statistics, and how near a number must come to one."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from handup.results.rules.impact.common import Range


def near(value: float, wanted: float) -> bool:
    return math.isclose(value, wanted, rel_tol=0, abs_tol=_unit(wanted))


def _unit(wanted: float) -> float:
    """Half of the last place a worked number is printed with."""
    text = repr(wanted)
    places = 12 if "e" in text else len(text.partition(".")[2])
    return float(0.5000001 * 10.0**-places)


def ends(found: Range | None) -> tuple[float, float]:
    assert found is not None
    return found.low, found.high


@pytest.fixture(scope="module")
def worked(shared: Path) -> Any:
    return json.loads((shared / "data/results/impact_statistics.json").read_text())
