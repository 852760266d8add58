"""An IATI file from outside, read so that it can do no harm: no document type, no entities, no
network, not too large.
"""

from xml.parsers import expat

from lxml import etree

from handup.kernel.errors import Refusal

MOST_BYTES = 50_000_000
ACTIVITIES, ORGANISATIONS = "iati-activities", "iati-organisations"


class FileTooLarge(Refusal):
    """The file is larger than {most} MB. Ask for it in parts."""


class EntitiesDeclared(Refusal):
    """The file declares a document type or entities (line {line}). Such a file is not read."""


class NotWellFormed(Refusal):
    """The file is not whole XML. Line {line}: {reason}"""


class NotIati(Refusal):
    """The file starts with {root} (line {line}). An IATI file starts with iati-activities or
    iati-organisations.
    """


class OldVersion(Refusal):
    """The file says it is version {version} (line {line}). Versions 2.01, 2.02 and 2.03 are
    read.
    """


class _RootSeenError(Exception):
    """The prologue is over."""


class _DeclaredError(Exception):
    """A document type or an entity is declared."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


def read_iati(content: bytes) -> etree._Element:
    """The root of an IATI file, with its comments.

    Raises FileTooLarge, EntitiesDeclared, NotWellFormed, NotIati.
    """
    if len(content) > MOST_BYTES:
        raise FileTooLarge(most=MOST_BYTES // 1_000_000, field="file")
    _look_at_prologue(content)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise NotWellFormed(line=line, reason=_reason(error), field="file") from error
    if root.getroottree().docinfo.doctype:
        raise EntitiesDeclared(line=1, field="file")
    if root.tag not in {ACTIVITIES, ORGANISATIONS}:
        raise NotIati(root=str(root.tag)[:60], line=root.sourceline or 1, field="file")
    return root


def require_version(root: etree._Element) -> str:
    """The version of a file that can be taken over. Raises OldVersion."""
    version = (root.get("version") or "").strip()
    if version not in {"2.01", "2.02", "2.03"}:
        raise OldVersion(version=version[:20] or "?", line=root.sourceline or 1, field="file")
    return version


def _reason(error: Exception) -> str:
    return str(error).split(", line ")[0][:200]


def _look_at_prologue(content: bytes) -> None:
    """Refuse at the first declaration, before anything is expanded."""

    def root(*_told: object) -> None:
        raise _RootSeenError

    def declared(*_told: object) -> None:
        raise _DeclaredError(parser.CurrentLineNumber)

    parser = expat.ParserCreate()
    parser.StartElementHandler = root
    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    try:
        parser.Parse(content, True)
    except _RootSeenError:
        return
    except _DeclaredError as error:
        raise EntitiesDeclared(line=error.line, field="file") from None
    except expat.ExpatError as error:
        raise NotWellFormed(line=error.lineno, reason=_reason(error), field="file") from error
    except (ValueError, LookupError) as error:
        raise NotWellFormed(line=1, reason=_reason(error), field="file") from error
    raise NotWellFormed(line=1, reason="no element found", field="file")
