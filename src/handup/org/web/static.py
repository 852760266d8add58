"""Names of static files: the build writes each under a name with its hash, kept for ever."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.contrib.staticfiles.storage import StaticFilesStorage

NAMED_FILE = Path(__file__).resolve().parents[2] / "static" / "dist" / "named.json"


@cache
def _named() -> dict[str, str]:
    if not NAMED_FILE.exists():
        return {}
    found: dict[str, str] = json.loads(NAMED_FILE.read_text(encoding="utf-8"))
    return found


class NamedStorage(StaticFilesStorage):
    """Leads from `dist/house.css` to the hashed file of the last build."""

    def url(self, name: str | None) -> str:
        """The address of a static file; a name the build does not know stays as it is."""
        folder, _, last = (name or "").rpartition("/")
        if folder == "dist":
            name = f"dist/{_named().get(last, last)}"
        return super().url(name)
