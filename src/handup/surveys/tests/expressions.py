"""The form of the shared table of expressions, for tests: questions, one repeat, one list."""

from collections.abc import Mapping

from handup.surveys.rules.xpath.compiling import compile_text, written
from handup.surveys.rules.xpath.nodes import Node, tree_of
from handup.surveys.rules.xpath.scope import Scope, World
from handup.surveys.rules.xpath.tree import Path, Step

ANSWERS: Mapping[str, object] = {
    "a": "5",
    "b": "2.5",
    "e": "",
    "t": "Ani",
    "m": "x y z",
    "s": "yes",
    "d": "2026-03-15",
    "worker": [{"w": "22"}, {"w": "11"}, {"w": ""}],
}
QUESTIONS = frozenset({"a", "b", "e", "t", "m", "s", "d", "w", "worker"})
LABELS = {"yes": "Yes, we do"}


def path_of(name: str) -> Path:
    """Where a question of the table stands."""
    names = ["data", "worker", "w"] if name == "w" else ["data", name]
    return Path(True, None, (), tuple(Step(one, (), 0) for one in names), 0)


def result(expression: str, answers: Mapping[str, object] = ANSWERS) -> str:
    """The text an expression gives for the answers of the table."""
    root = tree_of("data", answers)
    world = World(root=root, choice_label=lambda _node, value, _question: LABELS.get(value, ""))
    return written(compile_text(expression, path_of)(Scope(world, Node("calculated", root))))
