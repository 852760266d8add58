"""A report as a Word file, with its annex; until it is approved, marked as a draft."""

from io import BytesIO

from django.utils.translation import gettext, override
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from handup.kernel.sheet_text import for_xml
from handup.org.web.money import format_day
from handup.results.annex import annex_cells, annex_heads, annex_of
from handup.results.models import Narrative
from handup.results.rules.states import NarrativeState
from handup.results.telling import Block, BlockKind, blocks, figures_of

STYLES = {
    BlockKind.HEADING: "Heading 2",
    BlockKind.SUBHEADING: "Heading 3",
    BlockKind.ITEM: "List Bullet",
    BlockKind.PARAGRAPH: "Normal",
    BlockKind.CHART: "Caption",
}
LONGEST = 24
"""So many signs the longest bar of a chart has."""
PASSED = frozenset({NarrativeState.APPROVED.value, NarrativeState.SENT.value})


def as_docx(row: Narrative) -> bytes:
    """Write a report in its language."""
    with override(row.language):
        document = Document()
        _prepare(document, row)
        document.add_heading(for_xml(row.title), level=1)
        document.add_paragraph(for_xml(row.programme.title))
        document.add_paragraph(
            gettext("Counted up to the end of %(day)s") % {"day": format_day(row.snapshot.day)}
        )
        for one in blocks(row.text, figures_of(row.snapshot)):
            document.add_paragraph(for_xml(one.text), style=STYLES[one.kind])
            if one.bars:
                _chart(document, one)
        _annex(document, row)
        document.add_paragraph(
            gettext("Figures: snapshot %(number)s, checksum %(sum)s")
            % {"number": row.snapshot.number, "sum": row.snapshot.sha256}
        )
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def _prepare(document: WordDocument, row: Narrative) -> None:
    """Title, language and the mark of a draft."""
    told = document.core_properties
    told.title, told.language, told.author = for_xml(row.title), row.language, ""
    told.created = told.modified = row.recorded_at.replace(tzinfo=None)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Noto Sans", Pt(10.5)
    language = OxmlElement("w:lang")
    for name in ("w:val", "w:eastAsia", "w:bidi"):
        language.set(qn(name), row.language)
    style.element.get_or_add_rPr().append(language)
    if row.state not in PASSED:
        document.sections[0].header.paragraphs[0].text = gettext("DRAFT")


def _chart(document: WordDocument, block: Block) -> None:
    """A chart as a table that is read aloud as one: each line, its bar, its value."""
    drawn = block.chart.drawn_bars()
    table = document.add_table(rows=0, cols=3)
    for one in drawn:
        cells = table.add_row().cells
        cells[0].text = for_xml(str(one["bar"].label))
        cells[1].text = "\u2588" * round(one["width"] * LONGEST / 100)
        cells[2].text = for_xml(one["bar"].shown)


def _annex(document: WordDocument, row: Narrative) -> None:
    lines = annex_of(row)
    if not lines:
        return
    document.add_heading(gettext("Annex: where each figure comes from"), level=2)
    table = document.add_table(rows=1, cols=len(annex_heads()), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, annex_heads(), strict=True):
        cell.text = text
    for line in lines:
        for cell, text in zip(table.add_row().cells, annex_cells(line), strict=True):
            cell.text = text
