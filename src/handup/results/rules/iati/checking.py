"""The check of an IATI file: a pure function of the file, the day and the pack (results.md 4.9).

Schema (critical), codelists, the official ruleset, and two rules of its own: an identifier stands
once, and the file is whole XML.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from threading import Lock
from typing import Any

from lxml import etree

from handup.kernel.errors import Refusal
from handup.results.rules.iati.fields import field_of
from handup.results.rules.iati.pack import BLOCKING, Codelist, Pack, Severity
from handup.results.rules.iati.reading import ACTIVITIES, read_iati
from handup.results.rules.iati.rulekinds import NEEDS_REGISTRY, XML, Place, culprits, text_of

IDENTIFIER_TWICE = "The activity identifier stands in the file more than once."


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: the rule, how much it matters, where, and what to mend in Handup."""

    id: str
    severity: Severity
    message: str
    path: str
    line: int
    field: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found; `skipped` are the rules that need the Registry's list."""

    root: str
    version: str
    activities: int
    findings: tuple[Finding, ...]
    skipped: tuple[str, ...]

    @property
    def is_publishable(self) -> bool:
        """Whether nothing blocks publishing; warnings are signed for."""
        return not any(found.severity in BLOCKING for found in self.findings)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What has to be signed for."""
        return tuple(one for one in self.findings if one.severity is Severity.WARNING)

    def counts(self) -> dict[tuple[str, str], int]:
        """How often each rule failed, by its id and severity."""
        return dict(Counter((one.id, one.severity.value) for one in self.findings))


def check(content: bytes, on: date, pack: Pack, *, for_export: bool = False) -> Checked:
    """Check a file as of a day. A withdrawn code is an advice, on export an error.

    A file that cannot be read has one critical finding.
    """
    try:
        root = read_iati(content)
    except Refusal as refused:
        line = refused.places.get("line")
        finding = Finding(
            f"xml:{type(refused).__name__}",
            Severity.CRITICAL,
            str(refused),
            "/",
            line if isinstance(line, int) else 1,
            "file",
        )
        return Checked("", "", 0, (finding,), ())
    return check_root(root, on, pack, for_export=for_export)


def check_root(root: etree._Element, on: date, pack: Pack, *, for_export: bool = False) -> Checked:
    """Check a file that was read; what matters most comes first, then by line."""
    findings = [
        *schema_findings(root, pack),
        *codelist_findings(root, pack, for_export=for_export),
        *rule_findings(root, on, pack),
        *_identifiers_twice(root),
    ]
    activities = len(root.findall("iati-activity")) if root.tag == ACTIVITIES else 0
    return Checked(
        root=str(root.tag),
        version=root.get("version") or "",
        activities=activities,
        findings=tuple(sorted(findings, key=_weight)),
        skipped=skipped_rules(pack),
    )


_ORDER = {severity: place for place, severity in enumerate(Severity)}


def _weight(finding: Finding) -> tuple[int, int]:
    return (_ORDER[finding.severity], finding.line)


def skipped_rules(pack: Pack) -> tuple[str, ...]:
    """The rules that cannot be asked without the Registry's list, by id."""
    if pack.registered:
        return ()
    ids = (f"rule:{rule.id}" for rule in pack.rules if NEEDS_REGISTRY in rule.case)
    return tuple(dict.fromkeys(ids))


_ONE_AT_A_TIME = Lock()
"""A schema keeps what it found last, for whoever asked."""


def schema_findings(root: etree._Element, pack: Pack) -> Iterator[Finding]:
    """Where a file breaks the schema."""
    schema = pack.schemas[str(root.tag)]
    with _ONE_AT_A_TIME:
        errors = [] if schema.validate(root) else list(schema.error_log)
    for error in errors:
        path = error.path or "/"
        yield Finding(
            f"schema:{error.type_name}",
            Severity.CRITICAL,
            error.message,
            path,
            error.line,
            field_of(path),
        )


@cache
def _xpath(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=XML)


def codelist_findings(
    root: etree._Element, pack: Pack, *, for_export: bool = False
) -> Iterator[Finding]:
    """Codes that are not on their list, or no longer."""
    for mapped in pack.mappings:
        listed = pack.codelists.get(mapped.codelist)
        if listed is None:
            continue
        for node in _xpath(mapped.path)(root):
            code = text_of(node).strip()
            if code in listed.names and code not in listed.withdrawn:
                continue
            yield _code_finding(node, code, listed, for_export=for_export)


def _code_finding(node: Any, code: str, listed: Codelist, *, for_export: bool) -> Finding:
    if code in listed.withdrawn:
        severity = Severity.ERROR if for_export else Severity.ADVISORY
        message = f"{code[:60]} was withdrawn from the list {listed.name}."
    else:
        severity = Severity.ERROR if listed.is_complete else Severity.WARNING
        message = f"{code[:60]} is not on the list {listed.name}."
    return _finding(f"codelist:{listed.name}", severity, message, node, code)


def _finding(id: str, severity: Severity, message: str, node: Any, value: str = "") -> Finding:
    """A finding at an element or at the text of an attribute."""
    element = node if isinstance(node, etree._Element) else node.getparent()
    path = element.getroottree().getpath(element)
    if not isinstance(node, etree._Element) and node.is_attribute:
        name = str(node.attrname).replace(f"{{{XML['xml']}}}", "xml:")
        path = f"{path}/@{name}"
    return Finding(
        id, severity, message, path, element.sourceline or 0, field_of(path), value[:200]
    )


def rule_findings(root: etree._Element, on: date, pack: Pack) -> Iterator[Finding]:
    """What breaks the official ruleset."""
    for rule in pack.rules:
        if NEEDS_REGISTRY in rule.case and not pack.registered:
            continue
        for element in _xpath(rule.context)(root):
            for node in culprits(rule.kind, rule.case, Place(element, on, pack.registered)):
                yield _finding(f"rule:{rule.id}", rule.severity, rule.message, node)


def _identifiers_twice(root: etree._Element) -> Iterator[Finding]:
    seen = set()
    for element in root.iterfind("iati-activity/iati-identifier"):
        told = (element.text or "").strip()
        if told and told in seen:
            yield _finding("rule:1.1.2", Severity.ERROR, IDENTIFIER_TWICE, element, told)
        seen.add(told)
