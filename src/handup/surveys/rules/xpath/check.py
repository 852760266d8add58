"""Everything wrong with one expression at once: functions, arguments, questions, files."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from handup.surveys.rules.xpath.faults import (
    ExpressionError,
    ExpressionFault,
    ExpressionKind,
    gettext_noop,
)
from handup.surveys.rules.xpath.functions import SIGNATURES
from handup.surveys.rules.xpath.parser import parse
from handup.surveys.rules.xpath.patterns import NotAPattern, pattern_of
from handup.surveys.rules.xpath.tree import (
    Call,
    Expression,
    Path,
    Reference,
    Text,
    parts,
)


@dataclass(frozen=True, slots=True)
class Known:
    """What an expression may name: questions, lists with their columns, files the server serves.

    `columns` are those of the list a choice_filter looks at; there a bare name is a column.
    """

    questions: Collection[str]
    lists: Mapping[str, Collection[str]] = field(default_factory=dict)
    files: Collection[str] = ("cases",)
    columns: Collection[str] | None = None
    predicates: bool = True


def check(text: str, known: Known) -> list[ExpressionFault]:
    """Return every fault of an expression, in the order of its text; none when it is right."""
    try:
        tree = parse(text)
    except ExpressionError as error:
        return [error.fault]
    return check_tree(tree, known)


def check_tree(tree: Expression, known: Known) -> list[ExpressionFault]:
    """Return every fault of what was read."""
    found: list[ExpressionFault] = []
    waiting: list[tuple[Expression, Known]] = [(tree, known)]
    while waiting:
        one, here = waiting.pop()
        found += _faults(one, here)
        inside = _inside(one, here)
        waiting += [(part, inside) for part in parts(one)]
    return sorted(found, key=lambda fault: fault.at)


def _inside(one: Expression, known: Known) -> Known:
    """In the predicates of a list a bare name is one of its columns."""
    name = _list_of(one)
    if name is None:
        return known
    return replace(known, columns=known.lists.get(name, _ANY))


def _list_of(one: Expression) -> str | None:
    if isinstance(one, Path) and isinstance(one.base, Call) and one.base.name == "instance":
        given = one.base.arguments[0] if one.base.arguments else None
        return given.value if isinstance(given, Text) else ""
    return None


class _Any(frozenset[str]):
    """The columns of a list whose columns are not known."""

    def __contains__(self, name: object) -> bool:
        return True


_ANY = _Any()


def _fault(kind: ExpressionKind, at: int, sentence: str, **parts: str) -> ExpressionFault:
    return ExpressionFault(kind, at, sentence, tuple(parts.items()))


def _faults(one: Expression, known: Known) -> Iterator[ExpressionFault]:
    if isinstance(one, Reference) and one.name not in known.questions:
        yield _fault(
            ExpressionKind.UNKNOWN_QUESTION,
            one.at,
            gettext_noop("There is no question with the name {name}."),
            name=one.name,
        )
    elif isinstance(one, Call):
        yield from _call_faults(one, known)
    elif isinstance(one, Path):
        yield from _path_faults(one, known)


def _call_faults(call: Call, known: Known) -> Iterator[ExpressionFault]:
    signature = SIGNATURES.get(call.name)
    if signature is None:
        yield _fault(
            ExpressionKind.UNKNOWN_FUNCTION,
            call.at,
            gettext_noop("There is no function {name} in questionnaires."),
            name=call.name,
        )
        return
    count = len(call.arguments)
    odd = call.name == "indexed-repeat" and count % 2 == 0
    if not signature.takes(count) or odd:
        yield _fault(
            ExpressionKind.WRONG_ARGUMENT_COUNT,
            call.at,
            gettext_noop("{name} takes {expected} values in its brackets, not {count}."),
            name=call.name,
            expected="3, 5, 7" if call.name == "indexed-repeat" else signature.expected(),
            count=str(count),
        )
        return
    for place in sorted(signature.nodes):
        if place < count and not isinstance(call.arguments[place], Reference | Path):
            if _gives_nodes(call.arguments[place]):
                continue
            yield _fault(
                ExpressionKind.WRONG_ARGUMENT,
                call.at,
                gettext_noop(
                    "{name} needs a question such as {example} at place {place}, not a value."
                ),
                example="${name}",
                name=call.name,
                place=str(place + 1),
            )
    special = _SPECIAL.get(call.name)
    if special is not None:
        yield from special(call, known)


def _gives_nodes(argument: Expression) -> bool:
    return isinstance(argument, Call) and argument.name in {"instance", "current", "indexed-repeat"}


def _pattern_faults(call: Call, _known: Known) -> Iterator[ExpressionFault]:
    pattern = call.arguments[1]
    if isinstance(pattern, Text):
        try:
            pattern_of(pattern.value)
        except (NotAPattern, RecursionError):
            yield _fault(
                ExpressionKind.WRONG_ARGUMENT,
                pattern.at,
                gettext_noop("The pattern {pattern} cannot be read."),
                pattern=pattern.value,
            )


def _list_faults(call: Call, known: Known) -> Iterator[ExpressionFault]:
    name = call.arguments[0]
    if not isinstance(name, Text):
        yield _fault(
            ExpressionKind.WRONG_ARGUMENT,
            call.at,
            gettext_noop("{name} needs the name of a list in quotes."),
            name=call.name,
        )
    elif name.value not in known.lists and name.value not in known.files:
        yield from _file_fault(name)


def _pulled_faults(call: Call, known: Known) -> Iterator[ExpressionFault]:
    name = call.arguments[0]
    if not isinstance(name, Text):
        yield from _list_faults(call, known)
    elif name.value not in known.files:
        yield from _file_fault(name)


def _file_fault(name: Text) -> Iterator[ExpressionFault]:
    yield _fault(
        ExpressionKind.EXTERNAL_FILE,
        name.at,
        gettext_noop(
            "The list {name} would be a file of its own; put it on the sheet of choices, or read"
            " from cases."
        ),
        name=name.value,
    )


def _choice_name_faults(call: Call, known: Known) -> Iterator[ExpressionFault]:
    """The second value of jr:choice-name is a text that names a question."""
    question = call.arguments[1]
    if not isinstance(question, Text):
        return
    given = re.fullmatch(r"\s*\$\{\s*([^}]*?)\s*\}\s*", question.value)
    if given and given[1] not in known.questions:
        yield _fault(
            ExpressionKind.UNKNOWN_QUESTION,
            question.at,
            gettext_noop("There is no question with the name {name}."),
            name=given[1],
        )


_SPECIAL: dict[str, Callable[[Call, Known], Iterator[ExpressionFault]]] = {
    "regex": _pattern_faults,
    "instance": _list_faults,
    "pulldata": _pulled_faults,
    "jr:choice-name": _choice_name_faults,
}


def _path_faults(path: Path, known: Known) -> Iterator[ExpressionFault]:
    if isinstance(path.base, Call) and not _gives_nodes(path.base):
        yield _fault(
            ExpressionKind.WRONG_ARGUMENT,
            path.at,
            gettext_noop("{name} gives a value, not questions: no path can follow it."),
            name=path.base.name,
        )
    listed = isinstance(path.base, Call) and path.base.name == "instance"
    used = bool(path.predicates) or any(step.predicates for step in path.steps)
    if used and not listed and not known.predicates:
        yield _fault(
            ExpressionKind.UNSUPPORTED,
            path.at,
            gettext_noop("Conditions in [ ] can only be used on lists of choices."),
        )
    yield from _name_faults_of(path, known)


def _name_faults_of(path: Path, known: Known) -> Iterator[ExpressionFault]:
    """A name without ${ } is a column in a choice_filter, else the name of a question."""
    names = [step.name for step in path.steps if step.name not in {".", "..", "*"}]
    if path.base is not None or not names:
        return
    bare = not path.absolute and path.steps[0].name == names[0]
    if bare and known.columns is not None:
        if names[0] not in known.columns:
            yield _fault(
                ExpressionKind.UNKNOWN_COLUMN,
                path.at,
                gettext_noop("The list of choices has no column {name}; no choice has it."),
                name=names[0],
            )
    elif path.absolute and len(names) == 1:
        return
    elif names[-1] not in known.questions:
        yield _fault(
            ExpressionKind.UNKNOWN_QUESTION,
            path.at,
            gettext_noop("There is no question with the name {name}."),
            name=names[-1],
        )
