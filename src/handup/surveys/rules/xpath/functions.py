"""The functions a questionnaire may use: how many arguments, and which must be questions
(surveys.md 4.1).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function is called; `nodes` are the places (from 0) where a question or path stands;
    without `most` any number of arguments follows.
    """

    least: int
    most: int | None
    nodes: frozenset[int] = frozenset()

    def takes(self, count: int) -> bool:
        """Whether a call with so many arguments is right."""
        return count >= self.least and (self.most is None or count <= self.most)

    def expected(self) -> str:
        """How many it takes, as a person reads it."""
        if self.most is None:
            return f"{self.least}+"
        return str(self.least) if self.least == self.most else f"{self.least}\u2013{self.most}"


def _s(least: int, most: int | None = -1, *nodes: int) -> Signature:
    return Signature(least, least if most == -1 else most, frozenset(nodes))


SIGNATURES: dict[str, Signature] = {
    "if": _s(3),
    "coalesce": _s(2, None),
    "once": _s(1),
    "selected": _s(2),
    "selected-at": _s(2),
    "count-selected": _s(1),
    "count": _s(1, 1, 0),
    "count-non-empty": _s(1, 1, 0),
    "sum": _s(1, 1, 0),
    "min": _s(1, None),
    "max": _s(1, None),
    "round": _s(1, 2),
    "int": _s(1),
    "abs": _s(1),
    "pow": _s(2),
    "not": _s(1),
    "true": _s(0),
    "false": _s(0),
    "boolean": _s(1),
    "boolean-from-string": _s(1),
    "number": _s(0, 1),
    "string": _s(0, 1),
    "concat": _s(1, None),
    "contains": _s(2),
    "starts-with": _s(2),
    "ends-with": _s(2),
    "substr": _s(2, 3),
    "string-length": _s(0, 1),
    "normalize-space": _s(0, 1),
    "translate": _s(3),
    "regex": _s(2),
    "today": _s(0),
    "now": _s(0),
    "date": _s(1),
    "format-date": _s(2),
    "decimal-date-time": _s(1),
    "position": _s(0, 1, 0),
    "indexed-repeat": _s(3, 7, 0, 1, 3, 5),
    "jr:choice-name": _s(2),
    "pulldata": _s(4),
    "instance": _s(1),
    "current": _s(0),
    "uuid": _s(0),
}

# What changes by itself from one look to the next: never recomputed to compare (surveys.md 4.4).
UNSTEADY = frozenset({"today", "now", "uuid", "once"})
