"""The official pack as plain values: schemas, codelists and where they hold, the ruleset.

It is read from a folder outside the program (`results/iati_pack.py`), so that a newer pack needs no
new program.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lxml import etree

from handup.kernel.errors import Refusal


class PackBroken(Refusal):
    """The pack of IATI rules cannot be read: {reason}"""


class Severity(StrEnum):
    """How much a finding matters: the first two block publishing, a warning is signed for."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    ADVISORY = "advisory"


BLOCKING = frozenset({Severity.CRITICAL, Severity.ERROR})


@dataclass(frozen=True, slots=True)
class Codelist:
    """A codelist: what its codes are called, which are withdrawn, and whether it is complete."""

    name: str
    is_complete: bool
    names: Mapping[str, str]
    withdrawn: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mapped:
    """Where a codelist holds: a path to attributes or texts, with its condition put in."""

    path: str
    codelist: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One case of the ruleset: of which elements, which kind of rule, what it compares."""

    context: str
    kind: str
    case: Mapping[str, Any]
    id: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything a check needs. `registered` is the Registry's list of organisation identifiers;
    without it the rules that ask for it are skipped and named.
    """

    schemas: Mapping[str, etree.XMLSchema]
    codelists: Mapping[str, Codelist]
    mappings: Sequence[Mapped]
    rules: Sequence[Rule]
    registered: frozenset[str] = field(default_factory=frozenset)


def _parse(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise PackBroken(reason=str(error)) from error


def codelist_of(content: bytes) -> Codelist:
    """A codelist file. Raises PackBroken."""
    root = _parse(content)
    names: dict[str, str] = {}
    withdrawn = set()
    for item in root.iterfind(".//codelist-item"):
        code = (item.findtext("code") or "").strip()
        names[code] = (item.findtext("name/narrative") or "").strip()
        if item.get("status") == "withdrawn":
            withdrawn.add(code)
    return Codelist(
        name=root.get("name") or "",
        is_complete=root.get("complete") == "1",
        names=names,
        withdrawn=frozenset(withdrawn),
    )


def mappings_of(content: bytes) -> list[Mapped]:
    """The file that says which list holds where. Raises PackBroken."""
    found = []
    for one in _parse(content).iterfind("mapping"):
        path = (one.findtext("path") or "").strip()
        condition = (one.findtext("condition") or "").strip()
        listed = one.find("codelist")
        if not path or listed is None:
            raise PackBroken(reason="mapping without path or list")
        if condition:
            holder, _slash, last = path.rpartition("/")
            path = f"{holder}[{condition}]/{last}"
        found.append(Mapped(_from_the_root(path), listed.get("ref") or ""))
    return found


def _from_the_root(path: str) -> str:
    """The path from the top of the file: one that looks everywhere takes ten times as long."""
    for root, one in (
        ("iati-activities", "iati-activity"),
        ("iati-organisations", "iati-organisation"),
    ):
        if path.startswith(f"//{one}/"):
            return f"/{root}/{path[2:]}"
        if path.startswith(f"//{root}/"):
            return path[1:]
    return path


def rules_of(content: bytes) -> list[Rule]:
    """A ruleset as its cases, in its order. Raises PackBroken."""
    try:
        told = json.loads(content)
    except ValueError as error:
        raise PackBroken(reason=str(error)) from error
    return [
        _rule(context, kind, case)
        for context, kinds in told.items()
        for kind, body in kinds.items()
        for case in body["cases"]
    ]


def _rule(context: str, kind: str, case: Mapping[str, Any]) -> Rule:
    told = case
    if kind == "loop":
        [(_inner, body)] = case["do"].items()
        [told] = body["cases"]
    info = told.get("ruleInfo") or {}
    return Rule(
        context=context,
        kind=kind,
        case=case,
        id=str(info.get("id", kind)),
        severity=Severity(_SEVERITIES.get(info.get("severity", "error"), "error")),
        message=str(info.get("message", "")),
    )


_SEVERITIES = {
    "critical": "critical",
    "danger": "critical",
    "error": "error",
    "warning": "warning",
    "advisory": "advisory",
    "info": "advisory",
    "notice": "advisory",
}
