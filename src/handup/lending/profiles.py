"""The ready ways to read a bank's or an operator's table: data in `bank_profiles/`, one file each.

Copy one to make another; an account keeps its own copy, so that a changed file changes no account.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from handup.lending.rules.banking.table import TableProfile

FOLDER = "bank_profiles"


@cache
def _all() -> dict[str, dict[str, Any]]:
    """Every ready profile by its code, in order; each is checked when it is read first."""
    found = {}
    folder = files("handup.lending") / FOLDER
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        if path.name.endswith(".json"):
            data = json.loads(path.read_text(encoding="utf-8"))
            TableProfile.of(data["profile"])
            found[path.name.removesuffix(".json")] = data
    return found


def profile_choices() -> list[tuple[str, str]]:
    """Code and name of each."""
    return [(code, str(data["name"])) for code, data in _all().items()]


def profile(code: str) -> dict[str, Any]:
    """A ready profile by its code, a copy; empty for an unknown one."""
    data = _all().get(code)
    return dict(data["profile"]) if data else {}
