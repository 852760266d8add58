"""Paper is set whatever script a name is written in."""

from pathlib import Path

import pytest
import typst

from handup.org.web.paper import set_pdf

ACCESSIBLE = b"pdfuaid"
NOWHERE = "\ue123"
"""A sign for private use: no font has it."""


def template(folder: Path, text: str = "#sys.inputs.name") -> Path:
    path = folder / "paper.typ"
    path.write_text(f'#set document(title: "Name")\n#set text(lang: "en")\n{text}', "utf-8")
    return path


def test_a_name_the_fonts_have_is_set_for_readers_aloud(tmp_path: Path) -> None:
    assert ACCESSIBLE in set_pdf(template(tmp_path), {"name": "Անահիտ Бат Uwase"})


def test_a_sign_no_font_has_loses_nobody_her_paper(tmp_path: Path) -> None:
    made = set_pdf(template(tmp_path), {"name": f"王 {NOWHERE}"})
    assert made.startswith(b"%PDF-")
    assert ACCESSIBLE not in made


def test_a_template_that_is_wrong_is_told(tmp_path: Path) -> None:
    with pytest.raises(typst.TypstError):
        set_pdf(template(tmp_path, "#nothing-like-this"), {})
