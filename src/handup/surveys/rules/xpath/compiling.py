"""Turns a tree into something that is called once an answer is there: nothing is read twice."""

import math
from collections.abc import Callable

from handup.surveys.rules.xpath.library import LIBRARY
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.rules.xpath.parser import parse
from handup.surveys.rules.xpath.scope import Scope
from handup.surveys.rules.xpath.tree import (
    Binary,
    Call,
    Expression,
    Minus,
    Number,
    Path,
    Reference,
    Step,
    Text,
)
from handup.surveys.rules.xpath.values import (
    Value,
    boolean,
    divided,
    equal,
    number,
    ordered,
    remainder,
    text,
)

Evaluate = Callable[[Scope], Value]
Resolve = Callable[[str], Path]

ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "div": divided,
    "mod": remainder,
}


def compile_text(given: str, resolve: Resolve) -> Evaluate:
    """Read an expression and prepare it. Raises ExpressionError."""
    return compile_tree(parse(given), resolve)


def compile_tree(expression: Expression, resolve: Resolve) -> Evaluate:
    """Prepare a tree; `resolve` says where the answer of `${name}` stands.

    The tree was checked before: an unknown function raises KeyError.
    """
    if isinstance(expression, Number | Text):
        value: Value = expression.value
        return lambda scope: value
    if isinstance(expression, Reference):
        return _path(resolve(expression.name), resolve)
    if isinstance(expression, Minus):
        operand = compile_tree(expression.operand, resolve)
        return lambda scope: -number(operand(scope))
    if isinstance(expression, Binary):
        return _binary(expression, resolve)
    if isinstance(expression, Call):
        return _call(expression, resolve)
    return _path(expression, resolve)


def _binary(expression: Binary, resolve: Resolve) -> Evaluate:
    left = compile_tree(expression.left, resolve)
    right = compile_tree(expression.right, resolve)
    sign = expression.operator
    if sign == "and":
        return lambda scope: boolean(left(scope)) and boolean(right(scope))
    if sign == "or":
        return lambda scope: boolean(left(scope)) or boolean(right(scope))
    if sign in {"=", "!="}:
        wanted = sign == "="
        return lambda scope: equal(left(scope), right(scope), wanted=wanted)
    if sign in ARITHMETIC:
        operation = ARITHMETIC[sign]
        return lambda scope: operation(number(left(scope)), number(right(scope)))
    return lambda scope: ordered(sign, left(scope), right(scope))


def _call(expression: Call, resolve: Resolve) -> Evaluate:
    arguments = [compile_tree(one, resolve) for one in expression.arguments]
    if expression.name == "if":
        condition, yes, no = arguments
        return lambda scope: yes(scope) if boolean(condition(scope)) else no(scope)
    if expression.name == "coalesce":
        return lambda scope: _first_filled(arguments, scope)
    if expression.name == "once":
        return lambda scope: scope.node.text or text(arguments[0](scope))
    function = LIBRARY[expression.name]
    if len(arguments) == 1:
        only = arguments[0]
        return lambda scope: function(scope, (only(scope),))
    return lambda scope: function(scope, [one(scope) for one in arguments])


def _first_filled(arguments: list[Evaluate], scope: Scope) -> Value:
    for argument in arguments:
        value = text(argument(scope))
        if value:
            return value
    return ""


def _path(path: Path, resolve: Resolve) -> Evaluate:
    base = compile_tree(path.base, resolve) if path.base is not None else None
    first = [compile_tree(one, resolve) for one in path.predicates]
    if base is None and all(_is_plain(step) for step in path.steps):
        return _plain(path)
    steps = [
        (step.name, [compile_tree(one, resolve) for one in step.predicates]) for step in path.steps
    ]

    def evaluate(scope: Scope) -> Value:
        if base is not None:
            found = base(scope)
            nodes = found if isinstance(found, list) else []
            nodes = _filtered(nodes, first, scope)
        else:
            nodes = [_top(scope.world.root)] if path.absolute else [scope.node]
        for name, predicates in steps:
            nodes = _stepped(nodes, name, predicates, scope)
        return nodes

    return evaluate


def _is_plain(step: Step) -> bool:
    return not step.predicates and step.name != "*"


def _plain(path: Path) -> Evaluate:
    """A path of names only, up first and then down: the common case, kept quick."""
    names = [step.name for step in path.steps if step.name != "."]
    absolute = path.absolute
    if ".." in names[names.count("..") :]:
        return _mixed(names, absolute=absolute)
    ups = names.count("..")
    downs = names[ups:]

    def evaluate(scope: Scope) -> Value:
        node = scope.node
        if absolute:
            return _down([_top(scope.world.root)], downs)
        for _ in range(ups):
            if node.parent is None:
                return []
            node = node.parent
        return _down([node], downs)

    return evaluate


def _mixed(names: list[str], *, absolute: bool) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        nodes = [_top(scope.world.root)] if absolute else [scope.node]
        for name in names:
            nodes = _stepped(nodes, name, [], scope)
        return nodes

    return evaluate


def _down(nodes: list[Node], names: list[str]) -> list[Node]:
    for name in names:
        if len(nodes) == 1:
            nodes = nodes[0].children.get(name, [])
        else:
            nodes = [child for node in nodes for child in node.children.get(name, ())]
    return nodes


def _top(root: Node) -> Node:
    """The node above the root, whose one child is the root."""
    if root.parent is None:
        root.parent = Node("")
        root.parent.children[root.name] = [root]
    return root.parent


def _stepped(nodes: list[Node], name: str, predicates: list[Evaluate], scope: Scope) -> list[Node]:
    found: list[Node] = []
    seen: set[int] = set()
    for node in nodes:
        for one in _filtered(_reached(node, name), predicates, scope):
            if id(one) not in seen:
                seen.add(id(one))
                found.append(one)
    return found


def _reached(node: Node, name: str) -> list[Node]:
    if name == ".":
        return [node]
    if name == "..":
        return [node.parent] if node.parent is not None else []
    if name == "*":
        return list(node.every())
    return node.children.get(name, [])


def _filtered(nodes: list[Node], predicates: list[Evaluate], scope: Scope) -> list[Node]:
    for predicate in predicates:
        kept = []
        for position, node in enumerate(nodes, 1):
            inner = Scope(scope.world, node, scope.origin, position, len(nodes))
            value = predicate(inner)
            fits = value == position if type(value) is float else boolean(value)
            if fits:
                kept.append(node)
        nodes = kept
    return nodes


def written(value: Value) -> str:
    """The text a value leaves in the answers: not-a-number leaves nothing."""
    found = text(value)
    return "" if found == "NaN" or (type(value) is float and math.isnan(value)) else found
