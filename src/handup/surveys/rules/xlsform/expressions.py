"""Every expression of a questionnaire, checked in its cell; and what texts and defaults name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from handup.surveys.rules.xlsform.columns import EXPRESSIONS
from handup.surveys.rules.xlsform.definition import Choice, Item
from handup.surveys.rules.xlsform.faults import SheetKind, gettext_noop
from handup.surveys.rules.xlsform.table import Findings
from handup.surveys.rules.xpath.check import Known, check_tree
from handup.surveys.rules.xpath.faults import ExpressionError, ExpressionKind
from handup.surveys.rules.xpath.parser import parse
from handup.surveys.rules.xpath.tree import Call, Expression, Reference, walk

YES_NO = frozenset({"yes", "no", "true", "false", "true()", "false()"})
_NAMED = re.compile(r"\$\{\s*([^}]*?)\s*\}")
_CALL = re.compile(r"[a-z][a-z:-]*\s*\(.*\)", re.DOTALL)
_SUMS = frozenset({"sum", "min", "max"})


@dataclass(frozen=True, slots=True)
class Read:
    """An expression that could be read, where it stands."""

    item: Item
    column: str
    tree: Expression


def check_expressions(
    items: Sequence[Item],
    lists: Mapping[str, Sequence[Choice]],
    sheet: str,
    findings: Findings,
) -> list[Read]:
    """Check every expression, default, trigger and text; return the trees that could be read."""
    names = frozenset(item.name for item in items if item.name)
    tables = {name: _columns(choices) for name, choices in lists.items()}
    found: list[Read] = []
    for item in items:
        for column, text in _expressions(item):
            if not text.strip():
                findings.add(
                    sheet,
                    item.row,
                    column,
                    SheetKind.EMPTY_EXPRESSION,
                    gettext_noop("The cell holds only spaces or line breaks; empty it."),
                )
                continue
            columns = tables.get(item.list_name) if column == "choice_filter" else None
            known = Known(names, lists=tables, columns=columns, predicates=False)
            tree = _check(item, column, text, known, sheet, findings)
            if tree is not None:
                found.append(Read(item, column, tree))
                _warn_sum(item, column, tree, items, sheet, findings)
        _check_texts(item, names, sheet, findings)
        _check_rest(item, names, sheet, findings)
    return found


def _columns(choices: Iterable[Choice]) -> frozenset[str]:
    return frozenset({"name", "label"}.union(*(choice.extra for choice in choices)))


def _expressions(item: Item) -> Iterator[tuple[str, str]]:
    for column in EXPRESSIONS:
        text = item.cell(column)
        if not text or (column in {"required", "read_only"} and text.strip().lower() in YES_NO):
            continue
        yield column, text
    default = item.cell("default")
    if "${" in default or _CALL.fullmatch(default.strip()):
        yield "default", default


def _check(
    item: Item, column: str, text: str, known: Known, sheet: str, findings: Findings
) -> Expression | None:
    tree = None
    try:
        tree = parse(text)
    except ExpressionError as error:
        faults = [error.fault]
    else:
        faults = check_tree(tree, known)
    stopped = False
    for fault in faults:
        warning = fault.kind is ExpressionKind.UNKNOWN_COLUMN
        stopped = stopped or not warning
        findings.add(
            sheet,
            item.row,
            column,
            fault.kind.value,
            fault.sentence,
            warning=warning,
            **dict(fault.parts),
        )
    return None if stopped else tree


def _warn_sum(
    item: Item,
    column: str,
    tree: Expression,
    items: Sequence[Item],
    sheet: str,
    findings: Findings,
) -> None:
    """A sum over an empty cell is empty, which is seldom meant."""
    sums = [one for one in walk(tree) if isinstance(one, Call) and one.name in _SUMS]
    if not sums:
        return
    open_names = {one.name for one in items if one.cell("required").strip().lower() != "yes"}
    for one in sums:
        named = [a.name for a in one.arguments if isinstance(a, Reference)]
        if any(name in open_names for name in named):
            findings.add(
                sheet,
                item.row,
                column,
                SheetKind.EMPTY_SUM,
                gettext_noop(
                    "{function} of {name} is empty where one answer is empty; make it required or"
                    " compute coalesce({example}, 0) beside it."
                ),
                warning=True,
                function=one.name,
                name=named[0],
                example=f"${{{named[0]}}}",
            )


def _check_texts(item: Item, names: frozenset[str], sheet: str, findings: Findings) -> None:
    texts = {
        "label": item.labels,
        "hint": item.hints,
        "constraint_message": item.constraint_messages,
        "required_message": item.required_messages,
    }
    for column, by_language in texts.items():
        missing = {name for text in by_language.values() for name in _NAMED.findall(text)} - names
        _missing(item, column, sorted(missing), sheet, findings)


def _check_rest(item: Item, names: frozenset[str], sheet: str, findings: Findings) -> None:
    wanted = _NAMED.findall(item.cell("trigger"))
    _missing(item, "trigger", [one for one in wanted if one not in names], sheet, findings)
    if item.type == "calculate" and not (item.cell("calculation") or item.cell("default")):
        findings.add(
            sheet,
            item.row,
            "calculation",
            SheetKind.CALCULATION_MISSING,
            gettext_noop("A row of type calculate needs its calculation."),
        )
    if item.type == "range":
        _check_range(item, sheet, findings)


def _missing(item: Item, column: str, names: Iterable[str], sheet: str, findings: Findings) -> None:
    for name in names:
        findings.add(
            sheet,
            item.row,
            column,
            "UNKNOWN_QUESTION",
            gettext_noop("There is no question with the name {name}."),
            name=name,
        )


def _check_range(item: Item, sheet: str, findings: Findings) -> None:
    for part in item.cell("parameters").replace(",", " ").replace(";", " ").split():
        key, _, value = part.partition("=")
        try:
            good = key in {"start", "end", "step", "tick_interval", "placeholder"} and (
                key == "placeholder" or float(value) == float(value)
            )
        except ValueError:
            good = False
        if not good:
            findings.add(
                sheet,
                item.row,
                "parameters",
                SheetKind.BAD_PARAMETER,
                gettext_noop("{part} is not understood; write start=1 end=10 step=1."),
                part=part,
            )
