"""The icons: drawn into the page, always beside a word, never alone.

The front-end build collects the paths of the icons used from Tabler Icons into
`static/dist/icons.json`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ICONS_FILE = Path(__file__).resolve().parents[2] / "static" / "dist" / "icons.json"


@cache
def _paths() -> dict[str, str]:
    if not ICONS_FILE.exists():
        return {}
    found: dict[str, str] = json.loads(ICONS_FILE.read_text(encoding="utf-8"))
    return found


def icon(name: str) -> SafeString:
    """The icon as inline SVG hidden from screen readers (the word beside it speaks)."""
    paths = mark_safe(_paths().get(name, ""))  # noqa: S308  (made by our own build)
    return format_html(
        '<svg class="icon" width="20" height="20" viewBox="0 0 24 24" aria-hidden="true"'
        ' focusable="false">{}</svg>',
        paths,
    )
