"""May a person take part: a tree of all, any, not and leaves in strong Kleene logic (people.md
4.3).

    {"all": [{"fact": "age_years", "op": ">=", "value": 18, "reason": "UNDER_AGE"},
             {"any": [{"fact": "statuses", "op": "has_any", "value": ["REFUGEE"], "reason": "…"}]},
             {"not": {"fact": "active_in_similar", "op": "==", "value": true, "reason": "…"}}]}

A missing fact (None) is UNKNOWN, never false. A refusal names the reasons of the leaves that
decide it, an open question the facts that are missing, both in the order of the rule. Pure.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Value = bool | int | str | None | tuple[str, ...]
Facts = Mapping[str, Value]
Tree = Mapping[str, object]


class FactKind(StrEnum):
    """What a fact tells: a number, one code, yes or no, or several codes."""

    NUMBER = "NUMBER"
    CODE = "CODE"
    YES_NO = "YES_NO"
    CODES = "CODES"


class Result(StrEnum):
    """What a rule says of a person."""

    ELIGIBLE = "ELIGIBLE"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    NEEDS_INFORMATION = "NEEDS_INFORMATION"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result with the reasons of the deciding leaves, or the missing facts, in rule order."""

    result: Result
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleFault:
    """A place in a tree ("all[1].any[0]") that cannot be used, and why (a code)."""

    place: str
    code: str


def _same(have: Value, want: object) -> bool:
    return isinstance(have, bool) == isinstance(want, bool) and have == want


def _members(value: object) -> frozenset[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError("a list of codes is needed")
    return frozenset(str(item) for item in value)


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a whole number is needed")
    return value


OPERATORS: dict[str, Callable[[Value, object], bool]] = {
    "==": _same,
    "!=": lambda have, want: not _same(have, want),
    ">=": lambda have, want: _number(have) >= _number(want),
    "<=": lambda have, want: _number(have) <= _number(want),
    ">": lambda have, want: _number(have) > _number(want),
    "<": lambda have, want: _number(have) < _number(want),
    "in": lambda have, want: str(have) in _members(want),
    "not_in": lambda have, want: str(have) not in _members(want),
    "has_any": lambda have, want: bool(_members(have) & _members(want)),
    "has_all": lambda have, want: _members(have) >= _members(want),
    "has_none": lambda have, want: not _members(have) & _members(want),
}
_NUMBERS = frozenset({">=", "<=", ">", "<"})
_LISTS = frozenset({"in", "not_in", "has_any", "has_all", "has_none"})
_EQUAL = frozenset({"==", "!="})
COMPARED: Mapping[FactKind, frozenset[str]] = {
    FactKind.NUMBER: _NUMBERS | _EQUAL,
    FactKind.CODE: _EQUAL | {"in", "not_in"},
    FactKind.YES_NO: _EQUAL,
    FactKind.CODES: frozenset({"has_any", "has_all", "has_none"}),
}
"""The operators that can decide a fact of each kind."""
EQUAL_TO: Mapping[FactKind, type] = {
    FactKind.NUMBER: int,
    FactKind.CODE: str,
    FactKind.YES_NO: bool,
}
"""What a fact of each kind may be equal to."""
DEEPEST = 20


@dataclass(frozen=True, slots=True)
class _Truth:
    """True, False or None (unknown), with what made it so."""

    value: bool | None
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def _once(parts: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for part in parts for item in part))


def _leaf(leaf: Tree, facts: Facts) -> _Truth:
    name = str(leaf["fact"])
    have = facts.get(name)
    if have is None:
        return _Truth(None, missing=(name,))
    held = OPERATORS[str(leaf["op"])](have, leaf["value"])
    return _Truth(held, reasons=(str(leaf["reason"]),))


def _joined(parts: list[_Truth], deciding: bool) -> _Truth:
    """Join parts of which one equal to `deciding` settles the whole (False for all, True for
    any)."""
    settled = [part for part in parts if part.value is deciding]
    if settled:
        return _Truth(deciding, _once(part.reasons for part in settled))
    unknown = [part for part in parts if part.value is None]
    if unknown:
        return _Truth(None, missing=_once(part.missing for part in unknown))
    return _Truth(not deciding, _once(part.reasons for part in parts))


def _truth(node: Tree, facts: Facts) -> _Truth:
    if "fact" in node:
        return _leaf(node, facts)
    if "not" in node:
        inner = _truth(_tree(node["not"]), facts)
        value = None if inner.value is None else not inner.value
        return _Truth(value, inner.reasons, inner.missing)
    word = "all" if "all" in node else "any"
    parts = [_truth(_tree(child), facts) for child in _children(node[word])]
    return _joined(parts, deciding=word == "any")


def _tree(node: object) -> Tree:
    if not isinstance(node, Mapping):
        raise TypeError("a node of a rule is a mapping")
    return node


def _children(nodes: object) -> Sequence[object]:
    if isinstance(nodes, str) or not isinstance(nodes, Sequence):
        raise TypeError("all and any hold a list")
    return nodes


def evaluate(tree: Tree, facts: Facts) -> Verdict:
    """Judge the facts of one person by a checked tree."""
    truth = _truth(tree, facts)
    if truth.value is None:
        return Verdict(Result.NEEDS_INFORMATION, missing=truth.missing)
    if truth.value:
        return Verdict(Result.ELIGIBLE)
    return Verdict(Result.NOT_ELIGIBLE, reasons=truth.reasons)


def facts_used(tree: Tree) -> tuple[str, ...]:
    """Name the facts a tree asks for, in its order, each once."""
    if "fact" in tree:
        return (str(tree["fact"]),)
    inner = [tree["not"]] if "not" in tree else _children(tree.get("all", tree.get("any")))
    return _once(facts_used(_tree(node)) for node in inner)


def faults(
    tree: object,
    known: frozenset[str],
    place: str = "rule",
    *,
    kinds: Mapping[str, FactKind] | None = None,
) -> list[RuleFault]:
    """List every place of a tree that cannot be used; an empty list means it may be published.

    A fact that is not in `known` is refused, so that nothing restricted can ever be asked for.
    `kinds` tells what each fact holds: a comparison that could never decide it is refused too.
    """
    if not isinstance(tree, Mapping):
        return [RuleFault(place, "NOT_A_NODE")]
    if place.count(".") > DEEPEST:
        return [RuleFault(place, "TOO_DEEP")]
    if "fact" in tree:
        return _leaf_faults(tree, known, place, kinds or {})
    words = [word for word in ("all", "any", "not") if word in tree]
    if len(words) != 1 or len(tree) != 1:
        return [RuleFault(place, "ONE_OF_ALL_ANY_NOT")]
    word = words[0]
    inner = tree[word]
    if word == "not":
        return faults(inner, known, f"{place}.not", kinds=kinds)
    if not isinstance(inner, list) or not inner:
        return [RuleFault(f"{place}.{word}", "EMPTY_LIST")]
    return [
        fault
        for number, node in enumerate(inner)
        for fault in faults(node, known, f"{place}.{word}[{number}]", kinds=kinds)
    ]


def _leaf_faults(
    leaf: Tree, known: frozenset[str], place: str, kinds: Mapping[str, FactKind]
) -> list[RuleFault]:
    reason = leaf.get("reason")
    told = isinstance(reason, str) and reason.strip() and _can_be_kept(reason)
    if set(leaf) != {"fact", "op", "value", "reason"} or not told:
        return [RuleFault(place, "LEAF_NEEDS_FACT_OP_VALUE_REASON")]
    fact, op = leaf["fact"], leaf["op"]
    if not isinstance(fact, str) or fact not in known:
        return [RuleFault(place, "UNKNOWN_FACT")]
    if not isinstance(op, str) or op not in OPERATORS:
        return [RuleFault(place, "UNKNOWN_OPERATOR")]
    if not _fits(op, leaf["value"]):
        return [RuleFault(place, "VALUE_DOES_NOT_FIT")]
    kind = kinds.get(fact)
    decides = kind is None or _decides(kind, op, leaf["value"])
    return [] if decides else [RuleFault(place, "FACT_DOES_NOT_FIT")]


def _decides(kind: FactKind, op: str, value: object) -> bool:
    """Whether a fact of this kind can ever be compared so: statuses are not above 18, an age is
    in no list of words, and nobody's sex equals yes.
    """
    if op not in COMPARED[kind]:
        return False
    return op not in _EQUAL or type(value) is EQUAL_TO[kind]


def _can_be_kept(text: str) -> bool:
    """Whether every database keeps a text: none keeps a NUL or half a sign."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _fits(op: str, value: object) -> bool:
    """Whether an operator can compare with a value: one that never could would decide silently."""
    if isinstance(value, str) and not _can_be_kept(value):
        return False
    if op in _LISTS:
        return (
            isinstance(value, list)
            and bool(value)
            and all(isinstance(item, str) and _can_be_kept(item) for item in value)
        )
    if op in _NUMBERS:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool | int | str)
