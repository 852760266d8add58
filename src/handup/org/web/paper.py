"""Paper set by typst: one place that knows the fonts and the standard of a printed document."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import typst
from django.conf import settings

FONT_FOLDERS = (
    Path(settings.BASE_DIR) / "static" / "dist" / "fonts",
    Path(settings.BASE_DIR).parents[1] / "frontend" / "node_modules" / "@expo-google-fonts",
)


@lru_cache(maxsize=2)
def fonts(system: bool = False) -> typst.Fonts:
    """Read the fonts once: the built ones beside those typst brings; the system's only if asked."""
    folders = [folder for folder in FONT_FOLDERS if folder.is_dir()]
    return typst.Fonts(include_system_fonts=system, font_paths=folders)


def set_pdf(template: Path, inputs: Mapping[str, str]) -> bytes:
    """Set a template with its inputs (texts) as PDF/UA.

    A sign that no font of the house has is looked for in the system's; where they lack it too, it
    stands as an empty box, and the paper is a plain PDF: the standard allows no such box.
    """
    try:
        return _set(template, inputs, fonts(), "ua-1")
    except typst.TypstError as fault:
        if not _lacks_sign(fault):
            raise
    try:
        return _set(template, inputs, fonts(system=True), "ua-1")
    except typst.TypstError as fault:
        if not _lacks_sign(fault):
            raise
    return _set(template, inputs, fonts(), None)


def _lacks_sign(fault: typst.TypstError) -> bool:
    return "could not be displayed with font" in str(fault)


def _set(
    template: Path, inputs: Mapping[str, str], known: typst.Fonts, kind: Literal["ua-1"] | None
) -> bytes:
    made = typst.compile(
        template,
        format="pdf",
        sys_inputs=dict(inputs),
        font_paths=known,
        pdf_standards=[kind] if kind else [],
    )
    assert isinstance(made, bytes)
    return made
