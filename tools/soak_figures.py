"""What the long runs measured, as `make bench` writes it: a list of figures in JSON.

Read from the report of the tests: how long each ran, over at most how many examples or rounds
(`n`: of a property test conftest.py tells it, another may with `record_property`, else 1), and
whether it held.
"""

import json
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from tools.steps import ROOT


def commit() -> str:
    """The commit that ran, marked when there are changes on top of it."""
    words = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    return told.stdout.strip() or "unknown"


def figures(report: Path, ran: str) -> list[dict[str, Any]]:
    """One figure a test, and one that counts those that failed."""
    found, failed = [], 0
    for case in ET.parse(report).getroot().iter("testcase"):
        if case.find("skipped") is not None:
            continue
        failed += case.find("failure") is not None or case.find("error") is not None
        told = {one.get("name", ""): one.get("value", "") for one in case.iter("property")}
        found.append(
            {
                "name": f"soak.{case.get('classname', '')}.{case.get('name', '')}",
                "value": float(case.get("time", "0")),
                "unit": "s",
                "backend": told.get("backend", "sqlite"),
                "n": int(told.get("n", 1)),
                "commit": ran,
            }
        )
    whole = {"name": "soak.failed", "value": failed, "unit": "tests", "backend": "sqlite"}
    return [*found, {**whole, "n": len(found), "commit": ran}]


def write(report: Path, result: Path) -> int:
    """Write the figures of a report; how many there are."""
    told = figures(report, commit())
    result.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return len(told)
