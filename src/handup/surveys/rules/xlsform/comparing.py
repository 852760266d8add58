"""What a version of a questionnaire changes in the one before it (surveys.md 4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from handup.surveys.rules.xlsform.definition import Definition, Item

RULES = ("relevant", "required", "constraint", "calculation", "choice_filter", "repeat_count")


class ChangeKind(StrEnum):
    """How a question differs."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    RETYPED = "RETYPED"
    RULES = "RULES"
    CODES_ADDED = "CODES_ADDED"
    CODES_REMOVED = "CODES_REMOVED"
    TEXTS = "TEXTS"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `codes` are the choices that came or went."""

    kind: ChangeKind
    name: str
    core: bool
    required: bool = False
    codes: tuple[str, ...] = ()


def is_core(item: Item) -> bool:
    """Whether figures are computed from a question."""
    return item.cell("core").strip().lower() in {"yes", "true", "1", "x"}


def changes(old: Definition, new: Definition) -> list[Change]:
    """Every difference between two versions, in the order of the old and then of the new."""
    before = {item.name: item for item in old.questions()}
    after = {item.name: item for item in new.questions()}
    found: list[Change] = []
    for name, item in before.items():
        if name not in after:
            found.append(Change(ChangeKind.REMOVED, name, is_core(item)))
        else:
            found += _differences(item, after[name], _codes(old, item), _codes(new, after[name]))
    for name, item in after.items():
        if name not in before:
            required = item.cell("required").strip().lower() not in {"", "no", "false", "false()"}
            found.append(Change(ChangeKind.ADDED, name, is_core(item), required))
    return found


def _codes(definition: Definition, item: Item) -> frozenset[str]:
    return frozenset(choice.name for choice in definition.lists.get(item.list_name, ()))


def _differences(
    old: Item, new: Item, before: frozenset[str], after: frozenset[str]
) -> list[Change]:
    core = is_core(old) or is_core(new)
    found = []
    if (old.type, old.repeat) != (new.type, new.repeat):
        found.append(Change(ChangeKind.RETYPED, old.name, core))
    if any(old.cell(rule).split() != new.cell(rule).split() for rule in RULES):
        found.append(Change(ChangeKind.RULES, old.name, core))
    if before - after:
        gone = tuple(sorted(before - after))
        found.append(Change(ChangeKind.CODES_REMOVED, old.name, core, codes=gone))
    if after - before:
        come = tuple(sorted(after - before))
        found.append(Change(ChangeKind.CODES_ADDED, old.name, core, codes=come))
    if (old.labels, old.hints) != (new.labels, new.hints):
        found.append(Change(ChangeKind.TEXTS, old.name, core))
    return found


def needs_map(change: Change, code_map: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether a core question is removed or re-coded without saying what its codes become."""
    if not change.core:
        return False
    given = code_map.get(change.name, {})
    if change.kind is ChangeKind.REMOVED or change.kind is ChangeKind.RETYPED:
        return not given
    return change.kind is ChangeKind.CODES_REMOVED and not set(change.codes) <= set(given)


def may_change_while_open(change: Change) -> bool:
    """While a round is open only texts and new optional questions may change."""
    added = change.kind is ChangeKind.ADDED and not change.required
    return added or change.kind is ChangeKind.TEXTS
