"""Values a form sets by itself: when it is opened, and when another answer changes."""

from collections.abc import Iterator, Mapping

from handup.surveys.rules.form.filling import leaves, place_of
from handup.surveys.rules.form.model import Action, Field
from handup.surveys.rules.form.steps import Look, computed
from handup.surveys.rules.xpath.nodes import Node


def opened(look: Look) -> None:
    """Set what is set once, when the form is opened; what is answered already stays."""
    for action in look.form.actions:
        if action.trigger:
            continue
        for _field, node in _at(look, action.path):
            if not node.text:
                node.text = computed(look, action.value, node)


def triggers(look: Look) -> dict[str, str]:
    """The answers that set others when they change, by their places."""
    paths = {action.trigger for action in look.form.actions if action.trigger}
    return {
        place_of(field, node, look.form): node.text
        for field, node in leaves(look.form.root, look.root)
        if field.path in paths
    }


def changed(look: Look, before: Mapping[str, str]) -> None:
    """Set what is set by answers that changed since; inside a repeat only in the same row."""
    for action in look.form.actions:
        for field, node in _at(look, action.trigger) if action.trigger else ():
            if before.get(place_of(field, node, look.form), "") != node.text:
                _set(look, action, node)


def _set(look: Look, action: Action, trigger: Node) -> None:
    around = set(map(id, _above(trigger)))
    for field, node in _at(look, action.path):
        row = _row_of(look, field, node)
        if row is None or id(row) in around:
            node.text = computed(look, action.value, node)


def _row_of(look: Look, field: Field, node: Node) -> Node | None:
    """The row of a repeat a node stands in, the nearest."""
    path = field.path
    for above in _above(node):
        path = path.rpartition("/")[0]
        if path in look.form.repeats:
            return above
    return None


def _above(node: Node) -> Iterator[Node]:
    here = node.parent
    while here is not None:
        yield here
        here = here.parent


def _at(look: Look, path: str) -> Iterator[tuple[Field, Node]]:
    for field, node in leaves(look.form.root, look.root):
        if field.path == path:
            yield field, node
