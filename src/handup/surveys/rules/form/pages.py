"""A form one group at a time: which steps there are, what each shows, where answers stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from handup.surveys.rules.form.filling import place_of
from handup.surveys.rules.form.model import Field, Form
from handup.surveys.rules.form.steps import Look, applies
from handup.surveys.rules.xpath.nodes import Node

HIDDEN = frozenset({"meta"})


@dataclass(frozen=True, slots=True)
class Step:
    """One page: a group or repeat by its path, or the questions that stand between groups."""

    title: Field | None
    fields: tuple[Field, ...]
    known: frozenset[str] = frozenset()  # names of questions the page answers by itself


@dataclass(frozen=True, slots=True)
class Shown:
    """One question as it stands on a page: its field, its node, its place in the answers."""

    field: Field
    node: Node
    place: str


def steps_of(form: Form, known: frozenset[str] = frozenset()) -> list[Step]:
    """Every step of a form in its order; questions whose answer is known are not asked."""
    found: list[Step] = []
    loose: list[Field] = []
    for child in form.root.children:
        if child.kind in HIDDEN:
            continue
        if child.kind == "question":
            loose.append(child)
            continue
        if loose:
            found.append(Step(None, tuple(loose), known))
            loose = []
        found.append(Step(child, (child,), known))
    if loose:
        found.append(Step(None, tuple(loose), known))
    return [step for step in found if _asks(step)]


def _asks(step: Step) -> bool:
    inside = (one for field in step.fields for one in field.every())
    return any(_is_shown(one) and one.name not in step.known for one in inside)


def _is_shown(field: Field) -> bool:
    """Whether a person sees it: it has a control; what is computed or preloaded has none."""
    return field.kind == "question" and field.control != ""


def shown(look: Look, step: Step) -> list[Shown]:
    """The questions of a step that apply now, rows of repeats one after the other."""
    return [
        one
        for field in step.fields
        for node in look.root.children.get(field.name, ())
        for one in _shown(look, field, node)
        if one.field.name not in step.known
    ]


def _shown(look: Look, field: Field, node: Node) -> Iterator[Shown]:
    if not applies(look, field, node):
        return
    if _is_shown(field):
        yield Shown(field, node, place_of(field, node, look.form))
    for child in field.children:
        for one in node.children.get(child.name, ()):
            yield from _shown(look, child, one)


def growing(look: Look, step: Step) -> list[tuple[Field, Node, str]]:
    """The repeats of a step that get another row when asked: repeat, its parent, its place."""
    found = []
    waiting = [(field, look.root) for field in step.fields]
    while waiting:
        field, parent = waiting.pop(0)
        if field.kind == "repeat" and field.count is None:
            example = Node(field.name, parent)
            if applies(look, field, example):
                found.append((field, parent, place_of(field, example, look.form)))
        for node in parent.children.get(field.name, ()):
            if applies(look, field, node):
                waiting += [(child, node) for child in field.children if child.children]
    return found


def next_step(look: Look, steps: list[Step], after: int) -> int:
    """The next step that shows anything; as many as there are when none does."""
    for number in range(after + 1, len(steps)):
        if shown(look, steps[number]) or growing(look, steps[number]):
            return number
    return len(steps)


def step_before(look: Look, steps: list[Step], before: int) -> int:
    """The step before that shows anything; the first when none does."""
    for number in range(min(before, len(steps)) - 1, -1, -1):
        if shown(look, steps[number]) or growing(look, steps[number]):
            return number
    return 0


def row_of(place: str) -> str:
    """The numbers of the rows a place stands in, as a person counts them: 2, or 1.3."""
    return ".".join(re.findall(r"\[(\d+)\]", place))
