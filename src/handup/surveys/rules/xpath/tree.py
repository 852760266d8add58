"""What an expression says once it is read: a tree of frozen values, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float
    at: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Reference:
    """`${name}`: the answer to a question."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple["Expression", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Minus:
    """A minus sign before something."""

    operand: "Expression"
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Two sides and the operator between them."""

    operator: str
    left: "Expression"
    right: "Expression"
    at: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: a name, `*`, `.` or `..`, with its predicates."""

    name: str
    predicates: tuple["Expression", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Path:
    """A path: from the root, from here, or from what `base` finds."""

    absolute: bool
    base: "Expression | None"
    predicates: tuple["Expression", ...]
    steps: tuple[Step, ...]
    at: int


Expression = Number | Text | Reference | Call | Minus | Binary | Path


def parts(expression: Expression) -> Iterator[Expression]:
    """Yield what an expression is made of, one level down."""
    if isinstance(expression, Call):
        yield from expression.arguments
    elif isinstance(expression, Minus):
        yield expression.operand
    elif isinstance(expression, Binary):
        yield expression.left
        yield expression.right
    elif isinstance(expression, Path):
        if expression.base is not None:
            yield expression.base
        yield from expression.predicates
        for step in expression.steps:
            yield from step.predicates


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and everything inside it, in the order it is written."""
    waiting = [expression]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(list(parts(one))))
