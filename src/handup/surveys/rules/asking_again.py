"""Asking again: which interviews, which questions, how far answers agree (surveys.md 4.7)."""

from collections.abc import Collection, Mapping, Sequence

from handup.surveys.rules.codes import QuestionType
from handup.surveys.rules.quality import USUAL, Limits, back_check_size, same_answer
from handup.surveys.rules.samples import order
from handup.surveys.rules.signs import NO_ANSWER, Q

QUESTIONS_MOST = 10
# So many more are asked than have to be compared: some are not answered in substance twice.
SPARE = 3
# What does not change within two weeks and can be compared: no free texts, no places, no clocks.
COMPARED = (
    QuestionType.SELECT_ONE,
    QuestionType.INTEGER,
    QuestionType.AMOUNT,
    QuestionType.DATE,
    QuestionType.RANGE,
    QuestionType.DECIMAL,
    QuestionType.SELECT_MULTIPLE,
)


def drawn(
    interviews: Mapping[str, Sequence[str]],
    seed: str,
    *,
    already: Collection[str] = (),
    limits: Limits = USUAL,
) -> list[str]:
    """Which interviews are asked again, by interviewer: the draw of 4.2 with a seed of its own.

    What was drawn before stays; as more are interviewed, more are drawn.
    """
    found = []
    for who in sorted(interviews):
        ids = interviews[who]
        size = back_check_size(
            len(ids), percent=limits.back_check_percent, least=limits.back_check_least
        )
        held = [one for one in ids if one in already]
        rest = [one for one in order(ids, f"{seed}:back-check") if one not in already]
        found += rest[: max(0, size - len(held))]
    return found


def questions_again(
    questions: Sequence[Q], answered: Collection[str], limits: Limits = USUAL
) -> list[str]:
    """The questions asked again, in their order: core ones first, others until there are enough
    and some to spare; only what was answered in substance and does not repeat.
    """
    known = [
        one
        for one in questions
        if one.type in COMPARED
        and not one.repeats
        and one.name in answered
        and one.key != "consent"
    ]
    core = [one.name for one in known if one.core]
    others = [one.name for one in known if not one.core]
    kinds = {one.name: COMPARED.index(one.type) for one in known}
    others.sort(key=lambda name: kinds[name])
    missing = max(0, limits.back_check_questions + SPARE - len(core))
    chosen = set(core[:QUESTIONS_MOST] + others[:missing])
    return [one.name for one in known if one.name in chosen]


def least_compared(names: Collection[str], limits: Limits = USUAL) -> int:
    """How many of the questions asked again must be compared for the answers to tell something."""
    return max(1, min(limits.back_check_questions, len(names) - SPARE))


def compared(
    first: Mapping[str, str], second: Mapping[str, str], amounts: Collection[str]
) -> tuple[int, list[str]]:
    """How many answers were compared, and the questions that were answered otherwise; what was not
    answered in substance both times is not compared.
    """
    names = [name for name, value in second.items() if value and first.get(name)]
    both = [n for n in names if not {first[n], second[n]} & NO_ANSWER]
    differing = [
        name
        for name in both
        if not same_answer(_plain(first[name]), _plain(second[name]), amount=name in amounts)
    ]
    return len(both), differing


def _plain(value: str) -> str:
    """An answer without what does not change it: the order of choices, zeros before a number."""
    parts = sorted(value.split())
    if len(parts) == 1:
        try:
            return str(float(parts[0]))
        except ValueError:
            return parts[0]
    return " ".join(parts)
