"""XML from outside, read so that it can do no harm: no document type, no entities, no network.

The prologue is read by expat alone and refused at the first declaration; only then does lxml read
the whole, with everything switched off that would fetch or expand.
"""

from typing import Any
from xml.parsers import expat

from lxml import etree

from handup.lending.rules.banking.statement import XmlBroken, XmlForbidden, check_size


class _RootSeen(Exception):
    """The prologue is over."""


class _Declared(Exception):
    """A document type or an entity is declared."""


def _look_at_prologue(content: bytes) -> None:
    def root(*_told: Any) -> None:
        raise _RootSeen

    def declared(*_told: Any) -> None:
        raise _Declared

    parser = expat.ParserCreate()
    parser.StartElementHandler = root
    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    try:
        parser.Parse(content, True)
    except _RootSeen:
        return
    except _Declared:
        raise XmlForbidden from None
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise XmlBroken(reason=str(error)) from error
    raise XmlBroken(reason="no element found")


def parse(content: bytes) -> Any:
    """The root element. Raises FileTooLarge, XmlForbidden, XmlBroken."""
    check_size(len(content))
    _look_at_prologue(content)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=False,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise XmlBroken(reason=str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise XmlForbidden
    return root


def name_of(element: Any) -> tuple[str, str]:
    """Namespace and local name of an element."""
    name = etree.QName(element)
    return name.namespace or "", name.localname
