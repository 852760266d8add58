"""A form as one page typed from paper: every question that can be typed, whether it applies or not,
and choices by the marks printed beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handup.surveys.rules.answers import FaultKind
from handup.surveys.rules.form.acting import changed, opened, triggers
from handup.surveys.rules.form.filling import empty, new_row, place_of
from handup.surveys.rules.form.model import Choices, Field, Form
from handup.surveys.rules.form.recheck import faults_at
from handup.surveys.rules.form.steps import Look, answered, applies, holds, settle
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.rules.xpath.values import number_of_text

ROUNDS_MOST = 8
ROWS_MOST = 200
NOT_TYPED = frozenset({"binary"})


@dataclass(frozen=True, slots=True)
class OnPaper:
    """One question: its field, its node, its place in the answers, and whether it applies."""

    field: Field
    node: Node
    place: str
    applies: bool


def marks(codes: Sequence[str]) -> dict[str, str]:
    """What is printed beside each choice: its code where all are numbers, else its place from 1."""
    if all(code.isdigit() for code in codes):
        return {code: code for code in codes}
    return {code: str(place) for place, code in enumerate(codes, 1)}


def codes_of(form: Form, choices: Choices) -> list[str]:
    """Every code of a list, in its order."""
    root = form.instances.get(choices.instance)
    held = (item.children.get(choices.value) for item in (root.every() if root is not None else ()))
    return list(dict.fromkeys(one[0].text for one in held if one))


def coded(form: Form, field: Field, typed: str) -> str:
    """The answer that was typed: marks become codes; what is no mark and no code stays."""
    if field.choices is None:
        return typed.strip()
    codes = codes_of(form, field.choices)
    by_mark = {mark: code for code, mark in marks(codes).items()}
    by_code = {code.lower(): code for code in codes}
    words = typed.replace(",", " ").replace(";", " ").split()
    if not field.several and len(words) > 1:
        return typed.strip()
    return " ".join(by_code.get(one.lower()) or by_mark.get(one, one) for one in words)


def questions_on_paper(look: Look, known: frozenset[str]) -> list[OnPaper]:
    """The questions in the order of the form; `known` are answered by the page itself."""
    found: list[OnPaper] = []
    _walk(look, look.form.root, look.root, True, known, found)
    return found


def _walk(
    look: Look, field: Field, node: Node, outer: bool, known: frozenset[str], found: list[OnPaper]
) -> None:
    here = outer and applies(look, field, node)
    if field.kind == "question" and field.control and field.type not in NOT_TYPED:
        told = field.readonly is not None and holds(look, field.readonly, node)
        if field.name not in known and not told:
            found.append(OnPaper(field, node, place_of(field, node, look.form), here))
        return
    if field.kind == "meta":
        return
    for child in field.children:
        for one in node.children.get(child.name, ()):
            _walk(look, child, one, here, known, found)


def type_in(look: Look, typed: Mapping[str, str], known: frozenset[str]) -> list[OnPaper]:
    """Write what was typed into an empty tree, rows and computed values following, until nothing
    more finds its place; return the questions as they stand then.
    """
    opened(look)
    before = triggers(look)
    last: dict[str, str] = {}
    for _ in range(ROUNDS_MOST):
        _grow(look, look.form.root, look.root, typed)
        asked = questions_on_paper(look, known)
        for one in asked:
            if one.place in typed:
                one.node.text = coded(look.form, one.field, typed[one.place])
        changed(look, before)
        before = triggers(look)
        settle(look)
        now = {one.place: one.node.text for one in questions_on_paper(look, known)}
        if now == last:
            break
        last = now
    return questions_on_paper(look, known)


def _grow(look: Look, field: Field, node: Node, typed: Mapping[str, str]) -> None:
    """Rows of repeats whose number is not computed, as far as something was typed in them."""
    for child in field.children:
        if child.kind == "repeat" and child.count is None:
            for _ in range(ROWS_MOST):
                begins = place_of(child, Node(child.name, node), look.form) + "/"
                if not any(place.startswith(begins) for place in typed):
                    break
                new_row(child, node)
        for one in node.children.get(child.name, ()):
            _grow(look, child, one, typed)


def rows_to_add(look: Look) -> list[tuple[Field, str]]:
    """The repeats that get another row when asked for: the repeat and the place of that row."""
    found: list[tuple[Field, str]] = []
    waiting = [(look.form.root, look.root)]
    while waiting:
        field, node = waiting.pop(0)
        for child in field.children:
            rows = node.children.get(child.name, ())
            if child.kind == "repeat" and child.count is None and len(rows) < ROWS_MOST:
                found.append((child, place_of(child, Node(child.name, node), look.form)))
            waiting += [(child, one) for one in rows if child.children]
    return found


def drop_empty_rows(look: Look) -> None:
    """Take away the rows of repeats, whose number is not computed, in which nothing is answered."""
    waiting = [(look.form.root, look.root)]
    while waiting:
        field, node = waiting.pop()
        for child in field.children:
            rows = node.children.get(child.name, [])
            if child.kind == "repeat" and child.count is None:
                rows[:] = [one for one in rows if answered(child, one)]
            waiting += [(child, one) for one in rows if child.children]
    settle(look)


def wrong(look: Look, asked: Sequence[OnPaper], *, whole: bool) -> list[tuple[str, FaultKind]]:
    """What is wrong with what was typed, each with its place; what must be answered and is not is
    wrong only of a `whole` paper.
    """
    found: list[tuple[str, FaultKind]] = []
    for one in asked:
        if not one.applies:
            if one.node.text and one.node.text != one.field.default:
                found.append((one.place, FaultKind.IRRELEVANT))
            continue
        found += [
            (one.place, kind)
            for kind in faults_at(look, one.field, one.node)
            if whole or kind is not FaultKind.REQUIRED
        ]
    return found


def blank(form: Form) -> Node:
    """The tree of a form nobody has answered yet."""
    return empty(form).root


def same_answer(first: str, second: str) -> bool:
    """Whether two people typed the same: as numbers, or as texts but for letters and spaces."""
    if " ".join(first.lower().split()) == " ".join(second.lower().split()):
        return True
    if not first.strip() or not second.strip():
        return False
    a, b = number_of_text(first), number_of_text(second)
    return a == b
