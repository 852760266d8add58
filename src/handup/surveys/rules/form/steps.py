"""What holds for one set of answers: what applies, what is computed, which choices are offered."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from handup.surveys.rules.form.filling import new_row
from handup.surveys.rules.form.model import Choices, Field, Form, Phrase, Rule
from handup.surveys.rules.xpath.compiling import written
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.rules.xpath.scope import Scope, World
from handup.surveys.rules.xpath.values import boolean, number, text

ROUNDS_MOST = 8


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a set of answers: the form, the tree, and the world its rules ask."""

    form: Form
    root: Node
    world: World
    language: str = ""
    fields: Mapping[str, Field] = field(default_factory=dict)


def look(
    form: Form,
    root: Node,
    *,
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC),
    language: str = "",
    lists: Mapping[str, Node] | None = None,
    make_id: Callable[[], str] | None = None,
) -> Look:
    """Prepare to look at answers; `lists` are those the form reads from outside (cases)."""
    code = language if language in form.languages else next(iter(form.languages))

    def label(node: Node, value: str, question: str) -> str:
        return choice_label(form, code, value, question)

    world = World(
        root=root,
        now=now,
        instances={**form.instances, **(lists or {})},
        choice_label=label,
        make_id=make_id or (lambda: ""),
    )
    return Look(form, root, world, code)


def choice_label(form: Form, language: str, value: str, question: str) -> str:
    """The label of a choice of the question at a path, in a language; empty when there is none."""
    path = question.strip()
    found = next(
        (
            one
            for one in form.root.every()
            if one.choices and (one.path == path or one.name == path.strip("${} "))
        ),
        None,
    )
    if found is None or found.choices is None:
        return ""
    for item in form.items.get(found.choices.instance, {}).get(value, ()):
        return item_label(form, found.choices, item, language)
    return ""


def item_label(form: Form, choices: Choices, item: Node, language: str) -> str:
    """How a choice reads in a language."""
    ids = item.children.get("itextId")
    if ids:
        texts = form.labels.get(ids[0].text, {})
        return texts.get(language) or next(iter(texts.values()), "")
    held = item.children.get("label")
    return held[0].text if held else ""


def holds(look: Look, rule: Rule, node: Node) -> bool:
    """Whether a yes-or-no rule holds at a node."""
    return boolean(rule.evaluate(Scope(look.world, node)))


def applies(look: Look, field: Field, node: Node) -> bool:
    """Whether a node applies, not asking about the groups around it."""
    return field.relevant is None or holds(look, field.relevant, node)


def computed(look: Look, rule: Rule, node: Node) -> str:
    """The text a calculation gives at a node."""
    return written(rule.evaluate(Scope(look.world, node)))


def count_of(look: Look, rule: Rule, parent: Node) -> int | None:
    """How many rows a repeat has to have, as its parent sees it; nothing when it is no number."""
    value = number(rule.evaluate(Scope(look.world, Node("", parent))))
    return int(value) if value == value and abs(value) < 1e9 else None


def offered(look: Look, choices: Choices, node: Node) -> Iterator[Node]:
    """Yield the choices a question offers at a node."""
    root = look.world.instances.get(choices.instance)
    for item in root.every() if root is not None else ():
        if passes(look, choices, item, node):
            yield item


def passes(look: Look, choices: Choices, item: Node, node: Node) -> bool:
    """Whether a choice passes the filter of its question."""
    return all(boolean(one(Scope(look.world, item, node))) for one in choices.filters)


def say(look: Look, phrases: Mapping[str, Phrase], node: Node) -> str:
    """A text in the language of the look, its values filled in."""
    phrase = phrases.get(look.language) or next(iter(phrases.values()), ())
    return "".join(
        part if isinstance(part, str) else text(part.evaluate(Scope(look.world, node)))
        for part in phrase
    )


def settle(look: Look) -> None:
    """Compute every calculation and set the number of rows, again until nothing changes; what does
    not apply keeps its answer but counts as empty only once sent (see `drop_irrelevant`).
    """
    for _ in range(ROUNDS_MOST):
        if not _settle_once(look, look.form.root, look.root):
            return


def _settle_once(look: Look, field: Field, node: Node) -> bool:
    changed = False
    if field.calculate is not None and not field.children:
        again = field.calculate.steady or not node.text
        value = computed(look, field.calculate, node) if again else node.text
        if value != node.text:
            node.text = value
            changed = True
    for child in field.children:
        if child.kind == "repeat" and child.count is not None:
            wanted = count_of(look, child.count, node) or 0
            rows = node.children.setdefault(child.name, [])
            while len(rows) < min(wanted, 200):
                new_row(child, node)
                changed = True
            while len(rows) > max(wanted, 0) and not answered(child, rows[-1]):
                del rows[-1]
                changed = True
        for one in node.children.get(child.name, ()):
            changed = _settle_once(look, child, one) or changed
    return changed


def answered(field: Field, node: Node) -> bool:
    """Whether somebody answered something in a row: it stays until it is sent, a slip of the pen in
    the number of rows loses nothing.
    """
    if not field.children:
        return field.control != "" and node.text not in {"", field.default}
    return any(
        answered(child, one)
        for child in field.children
        for one in node.children.get(child.name, ())
    )


def drop_irrelevant(look: Look) -> list[str]:
    """Empty what does not apply, until nothing more is dropped; return the paths that lost an
    answer.
    """
    dropped: list[str] = []
    for _ in range(ROUNDS_MOST):
        before = len(dropped)
        _drop(look, look.form.root, look.root, dropped)
        if len(dropped) == before:
            break
    return dropped


def _drop(look: Look, field: Field, node: Node, dropped: list[str]) -> None:
    if not applies(look, field, node):
        _empty(field, node, dropped)
        return
    for child in field.children:
        for one in node.children.get(child.name, ()):
            _drop(look, child, one, dropped)


def _empty(field: Field, node: Node, dropped: list[str]) -> None:
    if node.text:
        dropped.append(field.path)
        node.text = ""
    for child in field.children:
        for one in node.children.get(child.name, ()):
            _empty(child, one, dropped)
