"""The words of a file: the text layer of a PDF, and DOCX, ODT, HTML and plain text.

A scanned or broken file gives no words: it is stored all the same and marked "not searchable".
"""

import io
import logging
import re
import zipfile
import zlib
from dataclasses import dataclass
from time import monotonic

from lxml import etree, html

from handup.projects.rules.words import PAGE_BREAK, kept

logger = logging.getLogger("handup.projects")
LONGEST = 60.0
MOST_PAGES = 2_000
MOST_LETTERS = 5_000_000
MOST_BYTES = 50 * 1024 * 1024
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ODT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_HTML = re.compile(rb"^\s*(<!doctype html|<html|<\?xml[^>]*>\s*<(!doctype )?html)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a file says: its text, and the letter at which each page begins."""

    text: str = ""
    page_map: tuple[int, ...] = ()


def text_of(content: bytes) -> Extracted:
    """Read the words of a file, told by its content; nothing where it has none to read."""
    if content.startswith(b"%PDF-"):
        return _joined(_pdf(content))
    if content.startswith(b"PK\x03\x04"):
        return _joined([_packed(content)])
    try:
        plain = content.decode("utf-8")
    except UnicodeDecodeError:
        return Extracted()
    return _joined([_page(content) if _HTML.match(content) else plain])


def _joined(pages: list[str]) -> Extracted:
    clean = [kept(page).replace(PAGE_BREAK, " ").strip() for page in pages]
    if not any(clean):
        return Extracted()
    starts, place = [], 0
    for page in clean:
        starts.append(place)
        place += len(page) + len(PAGE_BREAK)
    text = PAGE_BREAK.join(clean)[:MOST_LETTERS]
    return Extracted(text, tuple(start for start in starts if start < len(text)))


def is_slow(content: bytes) -> bool:
    """Tell whether reading a file may take longer than somebody waits for a page: a PDF does."""
    return content.startswith(b"%PDF-")


def _pdf(content: bytes) -> list[str]:
    """The pages of a PDF that are read within LONGEST seconds."""
    from pypdf import PdfReader

    until = monotonic() + LONGEST
    pages: list[str] = []
    try:
        for page in PdfReader(io.BytesIO(content)).pages[:MOST_PAGES]:
            if monotonic() > until:
                logger.warning("a PDF is read up to page %d: its time is over", len(pages))
                break
            pages.append(page.extract_text())
    except Exception:
        logger.exception("a PDF is broken or locked: it is kept and cannot be searched")
        return []
    return pages


def _packed(content: bytes) -> str:
    """DOCX and ODT are packed XML; what unpacks to more than MOST_BYTES is not read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as pack:
            names = set(pack.namelist())
            for name, ends in (
                ("word/document.xml", {f"{WORD}p", f"{WORD}br", f"{WORD}tab"}),
                ("content.xml", {f"{ODT}p", f"{ODT}h", f"{ODT}s", f"{ODT}tab"}),
            ):
                if name in names and pack.getinfo(name).file_size <= MOST_BYTES:
                    return _xml(pack.read(name), ends)
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, RuntimeError, OSError):
        # RuntimeError: closed by a password, or packed in a way that zipfile does not know
        logger.warning("a packed text is broken or locked: it cannot be searched", exc_info=True)
        return ""
    return ""


def _xml(content: bytes, ends: set[str]) -> str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    pieces: list[str] = []
    for event, node in etree.iterwalk(etree.fromstring(content, parser), events=("start", "end")):
        if event == "start":
            pieces.append((node.text or "") if isinstance(node.tag, str) else "")
        else:
            pieces.append("\n" if node.tag in ends else "")
            pieces.append(node.tail or "")
    return "".join(pieces)


def _page(content: bytes) -> str:
    parser = html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        tree = html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return ""
    for node in tree.xpath("//script|//style|//template"):
        node.drop_tree()
    return "\n".join(text for text in tree.itertext() if text.strip())
