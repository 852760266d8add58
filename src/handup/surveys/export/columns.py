"""The columns of an export: what is known of each set of answers, then a column a question, and
for each repeat a table of its own.

What is classified stays out: names, numbers of persons, places on the map, pictures, the key of a
case, questions marked sensitive; free texts too, unless they are asked for. A computed value stays
where it is a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from handup.surveys.models import Question
from handup.surveys.models.questionnaires import in_language
from handup.surveys.rules.codes import AMOUNT_KEYS, QuestionType
from handup.surveys.rules.signs import PHONE_NAMES

T = QuestionType
TEXTS = frozenset({T.TEXT, T.HIDDEN})
KEYS_OUT = frozenset({"case", "phone"})
NAMES_OUT = frozenset({"case", "case_key"}) | PHONE_NAMES


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    CODE = "code"
    TICK = "tick"
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"


KINDS: Mapping[QuestionType, Kind] = {
    T.INTEGER: Kind.NUMBER,
    T.DECIMAL: Kind.NUMBER,
    T.RANGE: Kind.NUMBER,
    T.AMOUNT: Kind.NUMBER,
    T.CALCULATE: Kind.NUMBER,
    T.DATE: Kind.DAY,
    T.DATETIME: Kind.INSTANT,
    T.SELECT_ONE: Kind.CODE,
    T.TIME: Kind.TEXT,
    T.TEXT: Kind.TEXT,
    T.HIDDEN: Kind.TEXT,
    T.ACKNOWLEDGE: Kind.TICK,
    T.SELECT_MULTIPLE: Kind.TICK,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, how it reads, what it holds, its codes with their words; of which
    question, and for one of several answers which code.
    """

    name: str
    label: str
    kind: Kind
    decimals: int = 0
    codes: Sequence[tuple[str, str]] = ()
    question: str = ""
    code: str = ""
    width: int = 80


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the sets of answers, and those of each repeat by its name."""

    about: Sequence[Column]
    answers: Sequence[Column]
    repeats: Mapping[str, Sequence[Column]]
    left_out: Sequence[str]

    @property
    def main(self) -> list[Column]:
        """The columns of the table of sets of answers."""
        return [*self.about, *self.answers]


def about() -> list[Column]:
    """What is told of each set of answers: nothing that names a person."""
    states = [
        ("RECEIVED", _("received")),
        ("HELD", _("held for review")),
        ("ACCEPTED", _("accepted")),
    ]
    return [
        Column("answers_id", _("Id of the answers"), Kind.TEXT, width=80),
        Column("subject", _("Who, by a code that is the same in every round"), Kind.TEXT, width=32),
        Column("round", _("Round"), Kind.TEXT, width=120),
        Column("round_kind", _("Kind of round"), Kind.TEXT, width=9),
        Column("version", _("Version of the questionnaire"), Kind.TEXT, width=40),
        Column("area", _("Area"), Kind.TEXT, width=120),
        Column("stratum", _("Stratum"), Kind.TEXT, width=80),
        Column("cluster", _("Cluster"), Kind.TEXT, width=80),
        Column("interviewer", _("Interviewer, by a code"), Kind.TEXT, width=32),
        Column("answered_on", _("Day of the interview"), Kind.DAY),
        Column("minutes", _("Minutes it took"), Kind.NUMBER, decimals=1),
        Column("state", _("State"), Kind.CODE, codes=states),
        Column("flags", _("Flags nobody settled"), Kind.NUMBER),
        Column("design_weight", _("Design weight"), Kind.NUMBER, decimals=6),
        Column("weight", _("Weight for those not reached"), Kind.NUMBER, decimals=6),
    ]


def row_keys() -> list[Column]:
    """What ties a row of a repeat to its set of answers."""
    return [
        Column("answers_id", _("Id of the answers"), Kind.TEXT, width=80),
        Column("row", _("Row"), Kind.NUMBER),
    ]


def layout(questions: Sequence[Question], *, digits: int, texts: bool = False) -> Layout:
    """The columns of a version's questions in their order; `digits` of the currency."""
    answers: list[Column] = []
    repeats: dict[str, list[Column]] = {}
    left_out = []
    for one in questions:
        if _is_classified(one, texts=texts):
            left_out.append(one.name)
            continue
        found = _of_question(one, digits)
        name = one.repeat_path.rpartition("/")[2]
        if name:
            repeats.setdefault(name, row_keys()).extend(found)
        else:
            answers += found
    for name in repeats:
        label = _("Rows of {name}").format(name=name)
        answers.append(Column(f"{name}_rows", label, Kind.NUMBER, question=f"{name}/"))
    return Layout(about(), answers, repeats, left_out)


def _is_classified(one: Question, *, texts: bool) -> bool:
    kind = T(one.type)
    named = one.handup_key in KEYS_OUT or one.name.lower() in NAMES_OUT
    if one.sensitive or named or kind not in KINDS:
        return True
    return kind in TEXTS and not texts


def _of_question(one: Question, digits: int) -> list[Column]:
    kind, label = T(one.type), str(one)
    if kind is T.SELECT_MULTIPLE:
        return [
            Column(
                f"{one.name}_{code}",
                f"{label}: {word}",
                Kind.TICK,
                question=one.name,
                code=code,
            )
            for code, word in one.offered()
        ]
    decimals = {T.DECIMAL: 4, T.RANGE: 4, T.CALCULATE: 4}.get(kind, 0)
    if kind is T.AMOUNT or one.handup_key in AMOUNT_KEYS:
        decimals = digits
    codes = [(code, in_language(words, code)) for code, words in one.choice_labels.items()]
    return [
        Column(
            one.name,
            label,
            KINDS[kind],
            decimals=decimals,
            codes=codes if kind is T.SELECT_ONE else (),
            question=one.name,
            width=2000 if kind in TEXTS else 80,
        )
    ]
