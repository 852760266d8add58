"""Paper set by typst: one place that knows the fonts and the standard of a printed document."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import typst
from django.conf import settings

FONT_FOLDERS = (
    Path(settings.BASE_DIR) / "static" / "dist" / "fonts",
    Path(settings.BASE_DIR).parents[1] / "frontend" / "node_modules" / "@expo-google-fonts",
)


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Read the fonts once: the built ones beside those typst brings; never the system's."""
    folders = [folder for folder in FONT_FOLDERS if folder.is_dir()]
    return typst.Fonts(include_system_fonts=False, font_paths=folders)


def set_pdf(template: Path, inputs: Mapping[str, str]) -> bytes:
    """Set a template with its inputs (texts) as PDF/UA."""
    made = typst.compile(
        template,
        format="pdf",
        sys_inputs=dict(inputs),
        font_paths=fonts(),
        pdf_standards="ua-1",
    )
    assert isinstance(made, bytes)
    return made
