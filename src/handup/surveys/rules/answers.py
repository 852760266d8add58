"""Checks a set of answers again on the server: type, required, choice (surveys.md 4.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from handup.kernel.money import units_from_text
from handup.surveys.rules.codes import DONT_KNOW, REFUSED, QuestionType


class FaultKind(StrEnum):
    """What is wrong with an answer."""

    UNKNOWN_QUESTION = "UNKNOWN_QUESTION"
    REQUIRED = "REQUIRED"
    TYPE = "TYPE"
    CHOICE = "CHOICE"
    IRRELEVANT = "IRRELEVANT"
    CONSTRAINT = "CONSTRAINT"
    CALCULATION = "CALCULATION"
    REPEAT_COUNT = "REPEAT_COUNT"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the check needs it."""

    name: str
    type: QuestionType
    required: bool = False
    choices: frozenset[str] = frozenset()
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class AnswerFault:
    """One fault: where, what, the value found and what was expected."""

    path: str
    kind: FaultKind
    value: str
    expected: str


@dataclass(frozen=True, slots=True)
class Given:
    """One answer: a row of a repeat has its index, everything else 0."""

    name: str
    value: str
    index: int = 0


def question_in(path: str) -> str:
    """The name of the question a place of answers ends in: /data/worker[2]/age and age[2] are
    age.
    """
    return path.rpartition("/")[2].partition("[")[0]


def recheck(questions: Sequence[Asked], answers: Sequence[Given]) -> list[AnswerFault]:
    """Return every fault in document order; an empty list means the answers may be received."""
    by_name: dict[str, list[Given]] = {}
    for answer in answers:
        by_name.setdefault(answer.name, []).append(answer)
    known = {question.name for question in questions}
    faults = [
        AnswerFault(answer.name, FaultKind.UNKNOWN_QUESTION, answer.value, "")
        for answer in answers
        if answer.name not in known
    ]
    for question in questions:
        given = by_name.get(question.name, [])
        filled = [answer for answer in given if answer.value != ""]
        if question.required and not question.repeats and not filled:
            faults.append(AnswerFault(question.name, FaultKind.REQUIRED, "", ""))
        for answer in filled:
            faults += _check(question, answer)
    return faults


def _check(question: Asked, answer: Given) -> list[AnswerFault]:
    value = answer.value
    path = f"{question.name}[{answer.index}]" if question.repeats else question.name
    if question.type in {QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE}:
        single = question.type is QuestionType.SELECT_ONE
        codes = [value] if single else value.split()
        wrong = [code for code in codes if code not in question.choices]
        expected = " ".join(sorted(question.choices))
        return [AnswerFault(path, FaultKind.CHOICE, code, expected) for code in wrong]
    if value in {DONT_KNOW, REFUSED} or _reads(question.type, value):
        return []
    return [AnswerFault(path, FaultKind.TYPE, value, question.type.value)]


def _reads(kind: QuestionType, value: str) -> bool:
    try:
        if kind in {QuestionType.INTEGER, QuestionType.AMOUNT}:
            int(value)
        elif kind is QuestionType.DECIMAL:
            units_from_text(value, 6)
        elif kind is QuestionType.DATE:
            date.fromisoformat(value)
    except ValueError:
        return False
    return True
