"""The columns of an export: what is known of each set of answers, then a column a question, and
for each repeat a table of its own.

What is classified stays out: names, numbers of persons, places on the map, pictures, the key of a
case, questions marked sensitive; free texts too, unless they are asked for. A computed value stays
where it is a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils.translation import gettext as _

from handup.surveys.models import Question
from handup.surveys.models.questionnaires import in_language
from handup.surveys.rules.codes import AMOUNT_KEYS, QuestionType
from handup.surveys.rules.signs import PHONE_NAMES

T = QuestionType
TEXTS = frozenset({T.TEXT, T.HIDDEN})
KEYS_OUT = frozenset({"case", "phone"})
# The table of the sets of answers, and the code book beside it.
MAIN = "answers"
CODEBOOK = "codebook"
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
    question, and for one of several answers which code. `known`: the codes of every version of the
    questionnaire, the oldest first, so that a code has one number in all of them.
    """

    name: str
    label: str
    kind: Kind
    decimals: int = 0
    codes: Sequence[tuple[str, str]] = ()
    question: str = ""
    code: str = ""
    width: int = 80
    known: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the sets of answers, and those of each repeat by the name of its table;
    `asked`: every question of a repeat, those left out too, for they tell how many rows it has.
    """

    about: Sequence[Column]
    answers: Sequence[Column]
    repeats: Mapping[str, Sequence[Column]]
    left_out: Sequence[str]
    asked: Mapping[str, Sequence[str]]

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


def layout(
    questions: Sequence[Question],
    *,
    digits: int,
    texts: bool = False,
    known: Mapping[str, Sequence[str]] | None = None,
) -> Layout:
    """The columns of a version's questions in their order; `digits` of the currency; `known`: the
    codes of all versions by the name of their question.
    """
    answers: list[Column] = []
    repeats: dict[str, list[Column]] = {}
    tables = _tables([one.repeat_path for one in questions if one.repeat_path])
    asked: dict[str, list[str]] = {}
    left_out = []
    for one in questions:
        name = tables.get(one.repeat_path, "")
        if name:
            asked.setdefault(name, []).append(one.name)
        if _is_classified(one, texts=texts):
            left_out.append(one.name)
            continue
        found = _of_question(one, digits, (known or {}).get(one.name, ()))
        if name:
            repeats.setdefault(name, row_keys()).extend(found)
        else:
            answers += found
    for name in repeats:
        label = _("Rows of {name}").format(name=name)
        answers.append(Column(f"{name}_rows", label, Kind.NUMBER, question=f"{name}/"))
    first = about()
    main = _unlike([*first, *answers])[len(first) :]
    apart = {name: _unlike(columns) for name, columns in repeats.items()}
    return Layout(first, main, apart, left_out, asked)


def _unlike(columns: Sequence[Column]) -> list[Column]:
    """Columns of one table with a name each, the later of two numbered."""
    taken: set[str] = {column.name.lower() for column in columns}
    held: set[str] = set()
    found = []
    for column in columns:
        name, number = column.name, 1
        while name.lower() in held or (number > 1 and name.lower() in taken):
            number += 1
            name = f"{column.name}{number}"
        held.add(name.lower())
        found.append(replace(column, name=name))
    return found


def _tables(paths: Sequence[str]) -> dict[str, str]:
    """A table of its own for each repeat, called by the last word of its path where that is free
    (in any case of letters, as some disks do not tell them apart).
    """
    found: dict[str, str] = {}
    taken = {MAIN, CODEBOOK}
    for path in dict.fromkeys(paths):
        plain = path.rpartition("/")[2]
        name, number = plain, 1
        while name.lower() in taken:
            number += 1
            name = f"{plain}{number}"
        taken.add(name.lower())
        found[path] = name
    return found


def _is_classified(one: Question, *, texts: bool) -> bool:
    kind = T(one.type)
    named = one.handup_key in KEYS_OUT or one.name.lower() in NAMES_OUT
    if one.sensitive or named or kind not in KINDS:
        return True
    return kind in TEXTS and not texts


def _of_question(one: Question, digits: int, known: Sequence[str]) -> list[Column]:
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
            known=known,
            width=2000 if kind in TEXTS else 80,
        )
    ]
