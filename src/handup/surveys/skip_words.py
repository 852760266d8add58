"""When a question is asked, in words: what stands on paper beside a question that not everybody is
asked (surveys.md section 6).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from handup.surveys.rules.xlsform.definition import Definition, Item
from handup.surveys.rules.xpath.faults import ExpressionError
from handup.surveys.rules.xpath.parser import parse
from handup.surveys.rules.xpath.tree import (
    Binary,
    Call,
    Expression,
    Minus,
    Number,
    Path,
    Reference,
    Text,
)

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SkipWords:
    """Says the conditions of one questionnaire in one language; `numbers`: the number of each
    question on paper, by its name.
    """

    definition: Definition
    numbers: Mapping[str, int]
    language: str

    def note(self, name: str) -> str:
        """When a question is asked: its own condition and those of the groups around it; empty when
        everybody is asked.
        """
        found = [self._condition(item) for item in self._around(name)]
        return "; ".join(text for text in found if text)

    def _around(self, name: str) -> list[Item]:
        own = next((one for one in self.definition.items if one.name == name), None)
        if own is None:
            return []
        groups = [
            one
            for one in self.definition.items
            if one.is_group and one is not own and own.path[: len(one.path)] == one.path
        ]
        return [*groups, own]

    def _condition(self, item: Item) -> str:
        written = item.cell("relevant").strip()
        if not written:
            return ""
        try:
            return self._said(parse(written))
        except ExpressionError:
            return written

    def _said(self, one: Expression) -> str:
        if isinstance(one, Binary) and one.operator in {"and", "or"}:
            joined = _("{left} and {right}") if one.operator == "and" else _("{left} or {right}")
            return joined.format(left=self._said(one.left), right=self._said(one.right))
        if isinstance(one, Call) and one.name == "not" and len(one.arguments) == 1:
            return _("not ({condition})").format(condition=self._said(one.arguments[0]))
        if isinstance(one, Call) and one.name == "selected" and len(one.arguments) == 2:
            asked, given = one.arguments
            return _("{question} has “{answer}”").format(
                question=self._value(asked), answer=self._answer(asked, given)
            )
        if isinstance(one, Binary) and one.operator in COMPARED:
            return self._compared(one)
        return self._value(one)

    def _compared(self, one: Binary) -> str:
        asked, given = one.left, one.right
        if isinstance(given, Text) and given.value == "" and one.operator in {"=", "!="}:
            said = _("{question} is empty") if one.operator == "=" else _("{question} is answered")
            return said.format(question=self._value(asked))
        answer = self._answer(asked, given)
        if one.operator in {"=", "!="} and isinstance(given, Text):
            said = (
                _("{question} is “{answer}”")
                if one.operator == "="
                else _("{question} is not “{answer}”")
            )
            return said.format(question=self._value(asked), answer=answer)
        return f"{self._value(asked)} {COMPARED[one.operator]} {answer}"

    def _answer(self, asked: Expression, given: Expression) -> str:
        """An answer as its choice reads, where it is one."""
        if isinstance(given, Text) and isinstance(asked, Reference):
            item = next((i for i in self.definition.items if i.name == asked.name), None)
            choices = self.definition.lists.get(item.list_name, ()) if item is not None else ()
            for choice in choices:
                if choice.name == given.value:
                    return self._text(choice.labels) or given.value
        return self._value(given)

    def _value(self, one: Expression) -> str:
        if isinstance(one, Reference):
            return self._question(one.name)
        if isinstance(one, Text):
            return one.value
        if isinstance(one, Number):
            return f"{one.value:g}"
        if isinstance(one, Minus):
            return f"-{self._value(one.operand)}"
        if isinstance(one, Call):
            return f"{one.name}({', '.join(self._value(part) for part in one.arguments)})"
        if isinstance(one, Binary):
            return f"{self._value(one.left)} {one.operator} {self._value(one.right)}"
        return _path(one)

    def _question(self, name: str) -> str:
        number = self.numbers.get(name)
        return _("question {number}").format(number=number) if number is not None else name

    def _text(self, texts: Texts) -> str:
        return texts.get(self.language) or next(iter(texts.values()), "")


COMPARED = {"=": "=", "!=": "\u2260", "<": "<", "<=": "\u2264", ">": ">", ">=": "\u2265"}


def _path(one: Path) -> str:
    steps = "/".join(step.name for step in one.steps)
    return f"/{steps}" if one.absolute else steps
