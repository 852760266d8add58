"""Every fault of a set of answers, judged again by the rules of its own form (surveys.md 4.4).

In the order of the form: what does not apply is empty, what is required is filled, types,
constraints, calculations, choices, numbers of rows. The same for XML and JSON. Rules that read the
list of cases are not judged again: only the device knows the list it had that day.
"""

import math
import re
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime

from handup.surveys.rules.answers import AnswerFault, FaultKind
from handup.surveys.rules.form.filling import Filled, leaves, place_of
from handup.surveys.rules.form.model import Field, Form, Rule
from handup.surveys.rules.form.steps import (
    Look,
    applies,
    computed,
    count_of,
    holds,
    item_label,
    look,
    passes,
)
from handup.surveys.rules.xpath.days import read_date, read_instant
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.rules.xpath.values import number_of_text

CLOSE = 1e-9
SHOWN_CODES = 20
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_TIME = re.compile(
    r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?", re.ASCII
)


def _is_place(value: str) -> bool:
    parts = value.split()
    if not 2 <= len(parts) <= 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return False
    return abs(float(parts[0])) <= 90 and abs(float(parts[1])) <= 180


TYPES: dict[str, Callable[[str], bool]] = {
    "int": lambda value: _WHOLE.fullmatch(value) is not None,
    "decimal": lambda value: _NUMBER.fullmatch(value) is not None,
    "date": lambda value: read_date(value) is not None or read_instant(value) is not None,
    "time": lambda value: _TIME.fullmatch(value) is not None,
    "dateTime": lambda value: read_instant(value) is not None,
    "geopoint": _is_place,
}


def recheck(form: Form, filled: Filled, *, now: datetime | None = None) -> list[AnswerFault]:
    """Return every fault in the order of the form; an empty list means all is as it should be.

    What does not apply is emptied in `filled`: it is told as a fault and counts in no figure.
    """
    here = look(form, filled.root, now=now or datetime(1970, 1, 1, tzinfo=UTC))
    faults = [
        AnswerFault(path, FaultKind.UNKNOWN_QUESTION, value, "") for path, value in filled.strangers
    ]
    irrelevant: dict[int, list[AnswerFault]] = {}
    while form.root.decides and _mark(here, form.root, filled.root, irrelevant):
        pass
    _judge(here, form.root, filled.root, irrelevant, faults)
    return faults


def _mark(here: Look, field: Field, node: Node, found: dict[int, list[AnswerFault]]) -> bool:
    """Empty what does not apply; true when an answer was lost, so that others look again."""
    if field.relevant is not None:
        if id(node) in found:
            return False
        if _blind(here, field.relevant):
            if not any(one.text for _leaf, one in leaves(field, node)):
                found[id(node)] = []
                return False
        elif not applies(here, field, node):
            faults = [
                AnswerFault(place_of(leaf, one, here.form), FaultKind.IRRELEVANT, one.text, "")
                for leaf, one in leaves(field, node)
                if one.text
            ]
            found[id(node)] = faults
            if faults:
                node.clear()
            return bool(faults)
    emptied = False
    for child in field.children:
        if child.decides:
            for one in node.children.get(child.name, ()):
                emptied = _mark(here, child, one, found) or emptied
    return emptied


def _blind(here: Look, rule: Rule) -> bool:
    """Whether a rule reads a list that is not here: then what was sent stands, filled or empty."""
    return rule.external and _alone(here)


def _alone(here: Look) -> bool:
    return here.world.instances.keys() <= here.form.instances.keys()


def _judge(
    here: Look,
    field: Field,
    node: Node,
    irrelevant: dict[int, list[AnswerFault]],
    faults: list[AnswerFault],
) -> None:
    if field.relevant is not None and id(node) in irrelevant:
        faults += irrelevant[id(node)]
        return
    for child in field.children:
        if child.kind == "meta":
            continue
        if child.count is not None:
            faults += _of_count(here, child, node, irrelevant)
        for one in node.children.get(child.name, ()):
            if child.children:
                _judge(here, child, one, irrelevant, faults)
            elif child.relevant is not None and id(one) in irrelevant:
                faults += irrelevant[id(one)]
            elif one.text or child.required is not None or child.calculate is not None:
                faults += _of_answer(here, child, one)


def _of_count(
    here: Look, field: Field, parent: Node, irrelevant: dict[int, list[AnswerFault]]
) -> Iterator[AnswerFault]:
    rule = field.count
    if rule is None or rule.external:
        return
    rows = [one for one in parent.children.get(field.name, ()) if id(one) not in irrelevant]
    example = Node(field.name, parent)
    relevant = field.relevant
    if (
        not rows
        and relevant is not None
        and (_blind(here, relevant) or not holds(here, relevant, example))
    ):
        return
    wanted = max(count_of(here, rule, parent) or 0, 0)
    if len(rows) != wanted:
        path = place_of(field, example, here.form)
        path = path.removesuffix("[1]")
        yield AnswerFault(path, FaultKind.REPEAT_COUNT, str(len(rows)), str(wanted))


def _of_answer(here: Look, field: Field, node: Node) -> Iterator[AnswerFault]:
    value = node.text
    if value == "":
        if _asks(here, field.required, node):
            yield _fault(here, field, node, FaultKind.REQUIRED, "")
    else:
        judge = TYPES.get(field.type)
        if judge is not None and not judge(value):
            yield _fault(here, field, node, FaultKind.TYPE, field.type)
            return
        if field.limits is not None and not _within(field.limits, value):
            low, high = field.limits
            yield _fault(here, field, node, FaultKind.TYPE, f"{low:g}\u2013{high:g}")
        limit = field.constraint
        if limit is not None and not _blind(here, limit) and not holds(here, limit, node):
            yield _fault(here, field, node, FaultKind.CONSTRAINT, limit.text)
    if field.calculate is not None:
        yield from _of_calculation(here, field, node)
    if value != "" and field.choices is not None:
        yield from _of_choice(here, field, node)


def leaves_empty(form: Form, filled: Filled, names: Collection[str], *, now: datetime) -> bool:
    """Whether a question with one of these names applies and has no answer."""
    return _left(look(form, filled.root, now=now), form.root, filled.root, names)


def _left(here: Look, field: Field, node: Node, names: Collection[str]) -> bool:
    if field.relevant is not None and (
        _blind(here, field.relevant) or not applies(here, field, node)
    ):
        return False
    if not field.children:
        return field.name in names and not node.text
    return any(
        _left(here, child, one, names)
        for child in field.children
        for one in node.children.get(child.name, ())
    )


def _asks(here: Look, rule: Rule | None, node: Node) -> bool:
    return rule is not None and not _blind(here, rule) and holds(here, rule, node)


def faults_at(here: Look, field: Field, node: Node) -> list[FaultKind]:
    """What is wrong with one answer that applies, calculations apart: for a page that asks it."""
    kinds = [fault.kind for fault in _of_answer(here, field, node)]
    return [kind for kind in kinds if kind is not FaultKind.CALCULATION]


def _fault(
    here: Look, field: Field, node: Node, kind: FaultKind, expected: str, value: str | None = None
) -> AnswerFault:
    found = node.text if value is None else value
    return AnswerFault(place_of(field, node, here.form), kind, found, expected)


def _within(limits: tuple[float, float], value: str) -> bool:
    given = number_of_text(value)
    return limits[0] <= given <= limits[1]


def _of_calculation(here: Look, field: Field, node: Node) -> Iterator[AnswerFault]:
    rule = field.calculate
    if rule is None or not rule.steady or rule.external:
        return
    expected = computed(here, rule, node)
    if _same(expected, node.text):
        return
    if rule.labels and any(
        _same(computed(look(here.form, here.root, language=code), rule, node), node.text)
        for code in here.form.languages
    ):
        return
    yield _fault(here, field, node, FaultKind.CALCULATION, expected)


def _same(expected: str, found: str) -> bool:
    """Equal as texts, or as numbers within 10^-9 (relative above 1)."""
    if expected == found:
        return True
    a, b = number_of_text(expected), number_of_text(found)
    return (
        not math.isnan(a) and not math.isnan(b) and math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE)
    )


def _of_choice(here: Look, field: Field, node: Node) -> Iterator[AnswerFault]:
    choices = field.choices
    if choices is None or choices.instance not in here.form.items:
        return
    items = here.form.items[choices.instance]
    filters = () if choices.external and _alone(here) else choices.filters
    for code in node.text.split() if field.several else [node.text]:
        found = items.get(code, ())
        if not found or (filters and not any(passes(here, choices, item, node) for item in found)):
            yield _fault(here, field, node, FaultKind.CHOICE, _codes(here, field, node), code)


def _codes(here: Look, field: Field, node: Node) -> str:
    choices = field.choices
    assert choices is not None
    codes = [
        code
        for code, items in here.form.items[choices.instance].items()
        if not choices.filters or any(passes(here, choices, item, node) for item in items)
    ]
    more = " \u2026" if len(codes) > SHOWN_CODES else ""
    return " ".join(codes[:SHOWN_CODES]) + more


def labels_of(form: Form, field: Field, language: str) -> dict[str, str]:
    """The words of every choice of a question in a language, by code."""
    if field.choices is None:
        return {}
    return {
        code: item_label(form, field.choices, items[0], language)
        for code, items in form.items.get(field.choices.instance, {}).items()
    }
