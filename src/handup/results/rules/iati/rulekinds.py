"""The kinds of rules an IATI ruleset is made of (rulesets/SPEC.rst), each a pure function.

What that text leaves open is settled by results.md 4.9: a year is at most 365 days, sums are
rounded to four decimals, an empty text passes a pattern, one-or-all holds where there is nothing to
ask, a day's zone is dropped, and a missing day skips the rule. A condition of a loop's rule that is
not named among what is filled in stays as it is written.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import product
from typing import Any

from lxml import etree

Node = Any
"""An element, or the text of an attribute that knows its element."""

Case = Mapping[str, Any]
YEAR = timedelta(days=365)
XML = {"xml": "http://www.w3.org/XML/1998/namespace"}
ALL_OF = {
    "lang": "boolean(.//narrative[not(@xml:lang)])",
    "sector": "boolean(transaction[not(sector)])",
    "currency": "boolean((.//value | .//forecast | .//loan-status)[not(@currency)])",
}
NEEDS_REGISTRY = "idCondition"


@cache
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=XML)


class Place:
    """The element a rule looks at, the day it looks, and the value a loop is at."""

    __slots__ = ("each", "element", "on", "registered")

    def __init__(
        self, element: etree._Element, on: date, registered: frozenset[str], each: str = ""
    ) -> None:
        self.element, self.on, self.registered, self.each = element, on, registered, each

    def ask(self, path: str) -> Any:
        """What an XPath gives here; `$each` is the value of the loop."""
        return _compiled(path)(self.element, each=self.each)

    def holds(self, path: str) -> bool:
        """Whether an XPath is true here."""
        return bool(self.ask(path))

    def nodes(self, paths: str | Iterable[str]) -> list[Node]:
        """What paths find, in their order."""
        found: list[Node] = []
        for path in (paths,) if isinstance(paths, str) else paths:
            told = self.ask(path)
            found.extend(told if isinstance(told, list) else [told])
        return found


def text_of(node: Node) -> str:
    """The text of an element or attribute."""
    return "".join(node.itertext()) if isinstance(node, etree._Element) else str(node)


def day_of(node: Node) -> date | None:
    """The day of an ISO day or instant, without its zone; None where there is none."""
    match = re.match(r"\s*(\d{4}-\d{2}-\d{2})", text_of(node))
    if match is None:
        return None
    try:
        return date.fromisoformat(match.group(1))
    except ValueError:
        return None


def number_of(node: Node) -> Decimal | None:
    """The number of a text; None where it is none."""
    try:
        number = Decimal(text_of(node).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


Culprits = list[Node]


def _if(failed: bool, at: Place, nodes: Sequence[Node] = ()) -> Culprits:
    """The first node it is about, else the element itself, where a rule failed."""
    return [nodes[0] if nodes else at.element] if failed else []


def _atleast_one(case: Case, at: Place) -> Culprits:
    return _if(not at.nodes(case["paths"]), at)


def _no_more_than_one(case: Case, at: Place) -> Culprits:
    nodes = at.nodes(case["paths"])
    return _if(len(nodes) > 1, at, nodes[1:])


def _only_one_of(case: Case, at: Place) -> Culprits:
    nodes = at.nodes(case["paths"])
    wanted = 0 if at.nodes(case["excluded"]) else 1
    return _if(len(nodes) != wanted, at, nodes)


def _one_or_all(case: Case, at: Place) -> Culprits:
    if at.holds(case["one"]):
        return []
    missing = ALL_OF.get(case["all"], f"not({case['all']})")
    return _if(at.holds(missing), at)


def _dependent(case: Case, at: Place) -> Culprits:
    found = [bool(at.nodes(path)) for path in case["paths"]]
    return _if(any(found) and not all(found), at)


def _sum(case: Case, at: Place) -> Culprits:
    nodes = at.nodes(case["paths"])
    numbers = [number_of(node) for node in nodes]
    told = [number for number in numbers if number is not None]
    wanted = Decimal(str(case["sum"]))
    try:
        differs = round(sum(told, Decimal(0)), 4) != round(wanted, 4)
    except InvalidOperation:
        differs = True
    return _if(bool(nodes) and differs, at, nodes)


def _date_order(case: Case, at: Place) -> Culprits:
    earlier = _days(case["less"], at)
    later = _days(case["more"], at)
    if case["more"] == "NOW":
        return [node for node, day in earlier if day > at.on]
    if case["less"] == "NOW":
        return [node for node, day in later if day < at.on]
    wrong = [node for (node, first), (_more, last) in product(earlier, later) if first > last]
    return wrong[:1]


def _days(path: str, at: Place) -> list[tuple[Node, date]]:
    if path == "NOW":
        return []
    days = ((node, day_of(node)) for node in at.nodes(path))
    return [(node, day) for node, day in days if day is not None]


def _date_now(case: Case, at: Place) -> Culprits:
    return [node for node, day in _days(case["date"], at) if day > at.on]


def _time_limit(case: Case, at: Place) -> Culprits:
    starts, ends = _days(case["start"], at), _days(case["end"], at)
    pairs = zip(starts, ends, strict=False)
    return [node for (node, first), (_end, last) in pairs if last - first > YEAR]


def _between_dates(case: Case, at: Place) -> Culprits:
    starts, ends = _days(case["start"], at), _days(case["end"], at)
    days = _days(case["date"], at)
    return [
        node for node, day in days if (starts and day < starts[0][1]) or (ends and day > ends[0][1])
    ]


def _regex_matches(case: Case, at: Place) -> Culprits:
    pattern = re.compile(case["regex"])
    nodes = ((node, text_of(node)) for node in at.nodes(case["paths"]))
    return [node for node, text in nodes if text.strip() and not pattern.search(text)]


def _regex_no_matches(case: Case, at: Place) -> Culprits:
    pattern = re.compile(case["regex"])
    nodes = ((node, text_of(node)) for node in at.nodes(case["paths"]))
    return [node for node, text in nodes if text.strip() and pattern.search(text)]


def _startswith(case: Case, at: Place) -> Culprits:
    if case["prefix"] == ["ORG-ID-PREFIX"]:
        starts = [one.rpartition("-")[0] for one in at.registered]
    else:
        starts = [text_of(node) for node in at.nodes(case["prefix"])]
    between = case.get("separator", "")
    heads = tuple(start + between for start in starts if start)
    return [node for node in at.nodes(case["paths"]) if not text_of(node).startswith(heads)]


def _unique(case: Case, at: Place) -> Culprits:
    seen: set[str] = set()
    twice = []
    for node in at.nodes(case["paths"]):
        text = text_of(node)
        if text in seen:
            twice.append(node)
        seen.add(text)
    return twice


def _if_then(case: Case, at: Place) -> Culprits:
    failed = at.holds(case["if"]) and not at.holds(case["then"])
    return _if(failed, at, at.nodes(case["paths"]) if failed and "paths" in case else ())


def _no_spaces(case: Case, at: Place) -> Culprits:
    nodes = ((node, text_of(node)) for node in at.nodes(case["paths"]))
    return [node for node, text in nodes if text != text.strip()]


def _range(case: Case, at: Place) -> Culprits:
    low, high = Decimal(str(case["min"])), Decimal(str(case["max"]))
    found = []
    for node in at.nodes(case["paths"]):
        number = number_of(node)
        if number is not None and not low <= number <= high:
            found.append(node)
    return found


def _loop(case: Case, at: Place) -> Culprits:
    """Every rule of a loop for each value, put in where the case says so."""
    values = dict.fromkeys(text_of(node) for node in at.nodes(case["foreach"]))
    found: Culprits = []
    for kind, body in case["do"].items():
        for inner in body["cases"]:
            filled = {
                key: _filled(told) if key in case["subs"] else told for key, told in inner.items()
            }
            for value in values:
                each = Place(at.element, at.on, at.registered, value)
                found += culprits(kind, filled, each)
    return found


def _filled(told: Any) -> Any:
    if isinstance(told, list):
        return [_filled(one) for one in told]
    return told.replace("'$1'", "$each") if isinstance(told, str) else told


KINDS: Mapping[str, Callable[[Case, Place], Culprits]] = {
    "atleast_one": _atleast_one,
    "between_dates": _between_dates,
    "date_now": _date_now,
    "date_order": _date_order,
    "dependent": _dependent,
    "if_then": _if_then,
    "loop": _loop,
    "no_more_than_one": _no_more_than_one,
    "no_spaces": _no_spaces,
    "one_or_all": _one_or_all,
    "only_one_of": _only_one_of,
    "range": _range,
    "regex_matches": _regex_matches,
    "regex_no_matches": _regex_no_matches,
    "startswith": _startswith,
    "strict_sum": _sum,
    "sum": _sum,
    "time_limit": _time_limit,
    "unique": _unique,
}


def culprits(kind: str, case: Case, at: Place) -> Culprits:
    """What fails a rule at one element; nothing where it holds or its condition does not."""
    condition = case.get("condition")
    if condition is not None and not at.holds(condition):
        return []
    if NEEDS_REGISTRY in case and not _is_unknown(case, at):
        return []
    return KINDS[kind](case, at)


def _is_unknown(case: Case, at: Place) -> bool:
    """Whether what the rule is about is not an identifier of the Registry's list."""
    texts = [text_of(node) for node in at.nodes(case["paths"])]
    if case[NEEDS_REGISTRY] == "NOT_EXISTING_ORG_ID_PREFIX":
        heads = tuple(f"{one}-" for one in at.registered)
        return not all(text.startswith(heads) for text in texts)
    return not all(text in at.registered for text in texts)
