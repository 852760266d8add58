"""Where an expression stands when it is evaluated, and what it may ask of the world around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from handup.surveys.rules.xpath.nodes import Node


def _no_label(_node: Node, _value: str, _question: str) -> str:
    return ""


def _no_id() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class World:
    """What does not change during one look at a form: its root, the time, the lists of choices.

    `choice_label` gives the label of a choice of a question named by its path or by `${name}`.
    """

    root: Node
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    instances: Mapping[str, Node] = field(default_factory=dict)
    choice_label: Callable[[Node, str, str], str] = _no_label
    make_id: Callable[[], str] = _no_id


class Scope:
    """The current node, its place among those a predicate looks at, and where it all started."""

    __slots__ = ("node", "origin", "position", "size", "world")

    def __init__(
        self, world: World, node: Node, origin: Node | None = None, position: int = 1, size: int = 1
    ) -> None:
        """Stand on a node."""
        self.world = world
        self.node = node
        self.origin = origin or node
        self.position = position
        self.size = size
