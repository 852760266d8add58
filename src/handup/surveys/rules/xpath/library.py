"""What each function of an expression does, once its arguments are known (surveys.md 4.1)."""

import math
from collections.abc import Callable, Sequence

from handup.surveys.rules.xpath import days
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.rules.xpath.patterns import NotAPattern, pattern_of
from handup.surveys.rules.xpath.scope import Scope
from handup.surveys.rules.xpath.values import (
    Value,
    boolean,
    number,
    numbers,
    rounded,
    text,
    texts,
)

Function = Callable[[Scope, Sequence[Value]], Value]
_INSTANT_MARK = "T"


def nodes_of(value: Value) -> list[Node]:
    """The nodes a path found; none for a single value."""
    return value if isinstance(value, list) else []


def _matches(given: str, pattern: str) -> bool:
    try:
        return pattern_of(pattern).found_in(given)
    except (NotAPattern, RecursionError):
        return False


def _selected_at(given: str, place: float) -> str:
    codes = given.split()
    if math.isnan(place) or not 0 <= place < len(codes):
        return ""
    return codes[int(place)]


def _part(given: str, start: float, end: float) -> str:
    if math.isnan(start) or math.isnan(end):
        return ""
    length = len(given)
    first = int(max(-length, min(start, length)))
    last = int(max(-length, min(end, length)))
    first += length if first < 0 else 0
    last += length if last < 0 else 0
    return given[first:last]


def _translate(given: str, old: str, new: str) -> str:
    table: dict[int, str | None] = {}
    for place, character in enumerate(old):
        table.setdefault(ord(character), new[place] if place < len(new) else None)
    return given.translate(table)


def _whole(value: float) -> float:
    return value if math.isnan(value) or math.isinf(value) else float(math.trunc(value))


def _power(base: float, exponent: float) -> float:
    try:
        found = math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan
    return found


def _sum(value: Value) -> float:
    """Exact; numbers whose sum no float holds give infinity, as in a browser."""
    found = numbers(value)
    try:
        return math.fsum(found)
    except (OverflowError, ValueError):
        return sum(found)


def _extreme(choose: Callable[[list[float]], float], arguments: Sequence[Value]) -> float:
    found = [one for argument in arguments for one in numbers(argument)]
    if not found or any(map(math.isnan, found)):
        return math.nan
    return choose(found)


def _date(value: Value) -> str:
    if isinstance(value, float):
        return days.date_text(value)
    given = text(value).strip()
    if days.read_date(given) is not None:
        return given
    moment = days.read_instant(given)
    if moment is not None:
        return given[:10]
    return days.date_text(number(given))


def _position(scope: Scope, arguments: Sequence[Value]) -> float:
    if not arguments:
        return float(scope.position)
    found = nodes_of(arguments[0])
    return float(found[0].index + 1) if found else math.nan


def _ancestors(node: Node) -> list[Node]:
    found = [node]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return found


def _indexed_repeat(_scope: Scope, arguments: Sequence[Value]) -> Value:
    """The nodes of the first argument whose repeats stand at the places asked for."""
    found = nodes_of(arguments[0])
    for place in range(1, len(arguments) - 1, 2):
        names = {node.name for node in nodes_of(arguments[place])}
        index = number(arguments[place + 1]) - 1
        found = [
            node
            for node in found
            if any(one.name in names and one.index == index for one in _ancestors(node))
        ]
    return found


def _lookup(scope: Scope, arguments: Sequence[Value]) -> str:
    """The value of a column in the row of a list where another column has this value."""
    name, column, key, wanted = (text(argument) for argument in arguments)
    root = scope.world.instances.get(name)
    for row in root.every() if root is not None else ():
        keys = row.children.get(key)
        if keys and keys[0].text == wanted:
            values = row.children.get(column)
            return values[0].text if values else ""
    return ""


def _instance(scope: Scope, arguments: Sequence[Value]) -> Value:
    """The list of this name, as the node above its root."""
    root = scope.world.instances.get(text(arguments[0]))
    if root is None:
        return []
    above = Node("")
    above.children["root"] = [root]
    return [above]


def _now(scope: Scope) -> str:
    moment = scope.world.now
    return moment.isoformat(timespec="milliseconds")


def _own(scope: Scope, arguments: Sequence[Value]) -> Value:
    return arguments[0] if arguments else scope.node.string()


def _decimal(value: Value) -> float:
    return days.days_of(value.strip()) if isinstance(value, str) else number(value)


LIBRARY: dict[str, Function] = {
    "selected": lambda s, a: text(a[1]).strip() in text(a[0]).split(),
    "selected-at": lambda s, a: _selected_at(text(a[0]), number(a[1])),
    "count-selected": lambda s, a: float(len(text(a[0]).split())),
    "count": lambda s, a: float(len(nodes_of(a[0]))),
    "count-non-empty": lambda s, a: float(sum(1 for one in texts(a[0]) if one)),
    "sum": lambda s, a: _sum(a[0]),
    "min": lambda s, a: _extreme(min, a),
    "max": lambda s, a: _extreme(max, a),
    "round": lambda s, a: rounded(number(a[0]), number(a[1]) if len(a) > 1 else 0.0),
    "int": lambda s, a: _whole(number(a[0])),
    "abs": lambda s, a: abs(number(a[0])),
    "pow": lambda s, a: _power(number(a[0]), number(a[1])),
    "not": lambda s, a: not boolean(a[0]),
    "true": lambda s, a: True,
    "false": lambda s, a: False,
    "boolean": lambda s, a: boolean(a[0]),
    "boolean-from-string": lambda s, a: text(a[0]).lower() in {"true", "1"},
    "number": lambda s, a: number(_own(s, a)),
    "string": lambda s, a: text(_own(s, a)),
    "concat": lambda s, a: "".join(one for argument in a for one in texts(argument)),
    "contains": lambda s, a: text(a[1]) in text(a[0]),
    "starts-with": lambda s, a: text(a[0]).startswith(text(a[1])),
    "ends-with": lambda s, a: text(a[0]).endswith(text(a[1])),
    "substr": lambda s, a: _part(
        text(a[0]), number(a[1]), number(a[2]) if len(a) > 2 else math.inf
    ),
    "string-length": lambda s, a: float(len(text(_own(s, a)))),
    "normalize-space": lambda s, a: " ".join(text(_own(s, a)).split()),
    "translate": lambda s, a: _translate(text(a[0]), text(a[1]), text(a[2])),
    "regex": lambda s, a: _matches(text(a[0]), text(a[1])),
    "today": lambda s, a: s.world.now.date().isoformat(),
    "now": lambda s, a: _now(s),
    "date": lambda s, a: _date(a[0]),
    "format-date": lambda s, a: days.formatted(_date_or_instant(a[0]), text(a[1])),
    "decimal-date-time": lambda s, a: _decimal(text(a[0]) if isinstance(a[0], list) else a[0]),
    "position": _position,
    "indexed-repeat": _indexed_repeat,
    "jr:choice-name": lambda s, a: s.world.choice_label(s.node, text(a[0]), text(a[1])),
    "pulldata": _lookup,
    "instance": _instance,
    "current": lambda s, a: [s.origin],
    "uuid": lambda s, a: s.world.make_id(),
}


def _date_or_instant(value: Value) -> str:
    given = text(value).strip()
    return given if _INSTANT_MARK in given else _date(value)
