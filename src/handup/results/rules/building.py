"""Definitions of figures that a house builds for itself: which fact, which of its rows, what is
counted, how it is split; and the same as lines of text (rulings 39). Pure.

    count each person of service
    where kind is "VISIT"
    where day at-least 2025-01-01
    those sex is "F"
    split area1

`where` says which rows count; `those` which of them are the share, so that the figure is a share of
the others. A definition becomes a `Declared` like those of the catalogue, and counts by the same
rules over rows in memory and over columns.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from handup.kernel.errors import Refusal
from handup.results.rules.catalogue import Indicator
from handup.results.rules.engine import PeriodKind, ValueKind
from handup.results.rules.expressions import Cell, Declared, Op, Pick, Plain, Rows, Test
from handup.results.rules.fact_tables import TABLES, Column, Kind

FACTS = (
    *("service", "client", "enrolment", "graduate", "visit", "plan", "pathway"),
    *("loan", "disbursement", "position", "borrower"),
    *("group_service", "membership", "meeting_member", "assessment"),
    *("enterprise", "check", "product", "cost"),
)
"""The fact tables somebody may build on. Answers of surveys are told by analyses, with their
intervals."""
HIDDEN = frozenset({"record", "received", "seq"})
MOST_TESTS = 10
MOST_SPLITS = 3
MOST_SIGNS = 4_000
LARGEST = 10**15
PERSON_FIRST = (("person", "person"), ("grp", "group"), ("enterprise", "enterprise"))
OPS: Mapping[Kind, tuple[Op, ...]] = {
    Kind.TEXT: (Op.IS, Op.IS_NOT),
    Kind.WHOLE: (Op.IS, Op.LEAST, Op.MOST, Op.OVER, Op.UNDER),
    Kind.DAY: (Op.LEAST, Op.MOST, Op.KNOWN, Op.MISSING),
    Kind.FLAG: (Op.IS,),
}
WORDS: Mapping[Op, str] = {
    Op.IS: "is",
    Op.IS_NOT: "is-not",
    Op.LEAST: "at-least",
    Op.MOST: "at-most",
    Op.OVER: "over",
    Op.UNDER: "under",
    Op.KNOWN: "is-known",
    Op.MISSING: "is-missing",
}
ALONE = frozenset({Op.KNOWN, Op.MISSING})
_OPS = {word: op for op, word in WORDS.items()}
_COUNT = re.compile(r"count (?:(rows)|each ([a-z_]+)|sum of ([a-z_]+)) of ([a-z_]+)")
_TEST = re.compile(r"(where|those) ([a-z_0-9]+) ([a-z-]+)(?: (.+))?")
_SPLIT = re.compile(r"split ([a-z_0-9]+)")


class NotADefinition(Refusal):
    """Line {line} cannot be read: {text}"""


class UnknownFact(Refusal):
    """There is no fact {fact} to count."""


class UnknownColumn(Refusal):
    """{column} is nothing that {fact} can be asked for here."""


class ValueDoesNotFit(Refusal):
    """{value} is no value of {column}."""


class TooManyParts(Refusal):
    """A definition has at most {most} of these: {what}."""


class How(StrEnum):
    """What is counted."""

    ROWS = "ROWS"
    EACH = "EACH"
    """Each unit once."""
    SUM = "SUM"


@dataclass(frozen=True, slots=True)
class Built:
    """A definition: the fact, which rows, which of them are the share, what is counted, the
    splits. `of` is the unit that counts once, or what is added up.
    """

    fact: str
    how: How = How.ROWS
    of: str = ""
    where: tuple[Test, ...] = ()
    those: tuple[Test, ...] = ()
    split: tuple[str, ...] = ()

    def declared(self, code: str) -> Declared:
        """The same as a declaration of the catalogue. What is not known adds nothing to a sum."""
        known = (Test(self.of, Op.KNOWN),) if self.how is How.SUM else ()
        base = Rows(
            self.fact,
            (*self.where, *known),
            unit=self.of if self.how is How.EACH else "record",
            pick=Pick.FIRST if self.how is How.EACH else Pick.ALL,
            amount=self.of if self.how is How.SUM else "",
            opens=opens(self.fact),
        )
        counted = replace(base, tests=(*base.tests, *self.those)) if self.those else base
        kinds = {
            How.ROWS: ValueKind.COUNT,
            How.EACH: ValueKind.COUNT_DISTINCT,
            How.SUM: ValueKind.SUM,
        }
        return Declared(
            code,
            counted,
            base if self.those else None,
            counted_as=kinds[self.how],
            dimensions=self.split,
            money="currency" if self._is_money else "",
            over_one=self.how is How.SUM,
        )

    @property
    def _is_money(self) -> bool:
        return self.how is How.SUM and "currency" in TABLES[self.fact].columns

    def words(self, code: str, name: str) -> Indicator:
        """What a catalogue says of it: a figure of what happened in a period."""
        return Indicator(
            code=code,
            name=name,
            level="output",
            unit="currency" if self._is_money else self.of or "rows",
            is_up_better=True,
            value_kind=ValueKind.RATIO if self.those else self.declared(code).counted_as,
            period_kind=PeriodKind.FLOW,
            additive_over_periods=False,
            additive_over_areas=False,
            parameters="",
            numerator="",
            denominator="",
            counting_rule="",
            dimensions=self.split,
            frequency="",
            data_source="",
            domain="",
            programmes=(),
            standards="",
        )


def opens(fact: str) -> tuple[str, str]:
    """What kind of record a row of a fact opens to, and the column that names it."""
    columns = TABLES[fact].columns
    if fact in ("loan", "position"):
        return "loan", "record"
    found = next(((kind, name) for name, kind in PERSON_FIRST if name in columns), None)
    return found or ("record", "record")


def asked_columns(fact: str) -> dict[str, Column]:
    """The columns of a fact that can be asked for: no unit, nothing of status or disability, whose
    rows would say it of persons.
    """
    return {
        name: item
        for name, item in _table(fact).items()
        if name not in HIDDEN and item.kind in OPS and item.data_class != "S"
    }


def units(fact: str) -> list[str]:
    """What of a fact can be counted once each."""
    return [
        name
        for name, item in _table(fact).items()
        if item.kind is Kind.KEY and name not in HIDDEN and name != "household"
    ]


def amounts(fact: str) -> list[str]:
    """What of a fact can be added up."""
    names = (name for name, item in _table(fact).items() if item.kind is Kind.WHOLE)
    return [
        name
        for name in names
        if name not in HIDDEN and (name.endswith("units") or name in ("days", "work_days"))
    ]


def splits(fact: str) -> list[str]:
    """How a fact can be split."""
    return [name for name, item in asked_columns(fact).items() if item.kind is Kind.TEXT]


def _table(fact: str) -> Mapping[str, Column]:
    if fact not in FACTS:
        raise UnknownFact(fact=fact, field="definition")
    return TABLES[fact].columns


def condition_of(fact: str, column: str, op: Op, text: str) -> Test:
    """One condition out of what was written. Raises UnknownColumn, ValueDoesNotFit."""
    item = asked_columns(fact).get(column)
    if item is None or op not in OPS[item.kind]:
        raise UnknownColumn(column=column, fact=fact, field="definition")
    if op in ALONE:
        return Test(column, op)
    return Test(column, op, _value(item, text.strip()))


def _value(item: Column, text: str) -> Plain:
    try:
        if item.kind is Kind.DAY:
            return date.fromisoformat(text)
        if item.kind is Kind.FLAG:
            return {"yes": True, "no": False}[text.lower()]
        if item.kind is Kind.WHOLE:
            number = int(text)
            if abs(number) > LARGEST or not text.lstrip("-").isascii():
                raise ValueError(text)
            return number
    except (ValueError, KeyError):
        raise ValueDoesNotFit(value=text, column=item.name, field="definition") from None
    if not text or len(text) > 200 or not text.isprintable():
        raise ValueDoesNotFit(value=text, column=item.name, field="definition")
    return text


def value_text(value: object) -> str:
    """A value as somebody writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


def as_code(built: Built) -> str:
    """A definition as lines of text; `read_code` reads it back."""
    what = {
        How.ROWS: "rows",
        How.EACH: f"each {built.of}",
        How.SUM: f"sum of {built.of}",
    }[built.how]
    lines = [f"count {what} of {built.fact}"]
    for word, tests in (("where", built.where), ("those", built.those)):
        lines += [_line(word, test) for test in tests]
    return "\n".join([*lines, *(f"split {name}" for name in built.split)])


def _line(word: str, test: Test) -> str:
    told = f"{word} {test.column} {WORDS[test.op]}"
    if test.op in ALONE:
        return told
    plain = value_text(test.value)
    if isinstance(test.value, str):
        plain = json.dumps(plain, ensure_ascii=False)
    return f"{told} {plain}"


def read_code(text: str) -> Built:
    """A definition out of its lines. Raises NotADefinition with the line, UnknownFact,
    UnknownColumn, ValueDoesNotFit, TooManyParts.
    """
    if len(text) > MOST_SIGNS:
        raise TooManyParts(most=MOST_SIGNS, what="signs", field="definition")
    lines = [
        (number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()
    ]
    head = _COUNT.fullmatch(lines[0][1]) if lines else None
    if head is None:
        number, line = lines[0] if lines else (1, "")
        raise NotADefinition(line=number, text=line, field="definition")
    rows, each, added, fact = head.groups()
    how = How.ROWS if rows else How.EACH if each else How.SUM
    built = Built(fact, how, each or added or "")
    for number, line in lines[1:]:
        built = _with_line(built, number, line)
    return checked(built)


def _with_line(built: Built, number: int, line: str) -> Built:
    if split := _SPLIT.fullmatch(line):
        return replace(built, split=(*built.split, split[1]))
    found = _TEST.fullmatch(line)
    op = _OPS.get(found[3]) if found else None
    if found is None or op is None or (found[4] is None) is not (op in ALONE):
        raise NotADefinition(line=number, text=line, field="definition")
    test = condition_of(built.fact, found[2], op, _plain(found[4] or "", number, line))
    if found[1] == "where":
        return replace(built, where=(*built.where, test))
    return replace(built, those=(*built.those, test))


def _plain(text: str, number: int, line: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        told = json.loads(text)
    except ValueError:
        raise NotADefinition(line=number, text=line, field="definition") from None
    return str(told)


def checked(built: Built) -> Built:
    """The definition, where all of it fits together. Raises UnknownFact, UnknownColumn,
    TooManyParts.
    """
    allowed: dict[How, Sequence[str]] = {
        How.ROWS: ("",),
        How.EACH: units(built.fact),
        How.SUM: amounts(built.fact),
    }
    if built.of not in allowed[built.how]:
        raise UnknownColumn(column=built.of, fact=built.fact, field="definition")
    for name in built.split:
        if name not in splits(built.fact):
            raise UnknownColumn(column=name, fact=built.fact, field="definition")
    if len(built.where) + len(built.those) > MOST_TESTS:
        raise TooManyParts(most=MOST_TESTS, what="where, those", field="definition")
    if len(built.split) > MOST_SPLITS or len(set(built.split)) < len(built.split):
        raise TooManyParts(most=MOST_SPLITS, what="split", field="definition")
    return built


def values_of(rows: Sequence[Mapping[str, Cell]], column: str, most: int = 30) -> list[str]:
    """The texts a column holds, the commonest first, to choose from."""
    counts: dict[str, int] = {}
    for row in rows:
        held = row.get(column)
        if isinstance(held, str) and held:
            counts[held] = counts.get(held, 0) + 1
    return sorted(counts, key=lambda text: (-counts[text], text))[:most]
