"""From interviews to signs that they deserve a second look (surveys.md 4.7): what one set of
answers shows by itself, what shows only beside the others of its round, what an interviewer shows.

Plain values in, plain values out; details name questions and counts, never what was answered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from statistics import median

from handup.surveys.rules import quality as q
from handup.surveys.rules.codes import AMOUNT_KEYS, FlagRule, QuestionType
from handup.surveys.rules.quality import USUAL, Limits, Place, Stop

NO_ANSWER = frozenset({"DONT_KNOW", "REFUSED", "dont_know", "refused"})
CHOSEN = frozenset({QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE})
SCALE_KEYS = frozenset({"income_change", "life_change", "satisfied"})
# Words that stand in an order; a question whose codes are among one of these is a scale.
LADDERS = (
    frozenset({"MUCH_BETTER", "BETTER", "SAME", "WORSE", "MUCH_WORSE"}),
    frozenset({"NEVER", "RARELY", "SELDOM", "SOMETIMES", "OFTEN", "ALWAYS"}),
    frozenset({"STRONGLY_AGREE", "AGREE", "NEITHER", "NEUTRAL", "DISAGREE", "STRONGLY_DISAGREE"}),
    frozenset({"VERY_GOOD", "GOOD", "FAIR", "BAD", "POOR", "VERY_BAD", "VERY_POOR"}),
    frozenset({"NOT_AT_ALL", "A_LITTLE", "SOMEWHAT", "MOSTLY", "FULLY", "COMPLETELY"}),
)
PHONE_NAMES = frozenset({"phone", "telephone", "mobile", "phone_number"})


@dataclass(frozen=True, slots=True)
class Q:
    """One question as the signs need it: its codes in their order."""

    name: str
    type: QuestionType
    key: str = ""
    core: bool = False
    codes: tuple[str, ...] = ()
    repeats: bool = False

    @property
    def is_amount(self) -> bool:
        """Whether it asks for money."""
        return self.type is QuestionType.AMOUNT or self.key in AMOUNT_KEYS

    @property
    def is_phone(self) -> bool:
        """Whether it asks for a telephone number."""
        return self.key == "phone" or self.name.lower() in PHONE_NAMES

    @property
    def steps(self) -> tuple[str, ...]:
        """The codes of a scale in their order; nothing when it is none."""
        if self.type is not QuestionType.SELECT_ONE:
            return ()
        codes = tuple(code for code in self.codes if code not in NO_ANSWER)
        if len(codes) < 3:
            return ()
        known = {code.upper() for code in codes}
        numbered = all(code.lstrip("-").isdigit() for code in codes)
        on_ladder = any(known <= ladder for ladder in LADDERS)
        return codes if numbered or on_ladder or self.key in SCALE_KEYS else ()


@dataclass(frozen=True, slots=True)
class Told:
    """One answer; an amount in whole and parts of its currency, as it was typed."""

    name: str
    value: str
    index: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Interview:
    """One set of answers: by whom, of whom, on which version, when, with what was told."""

    id: str
    interviewer: str
    subject: str
    version: str
    received: datetime
    start: datetime | None = None
    end: datetime | None = None
    answered: date | None = None
    told: tuple[Told, ...] = ()

    @property
    def minutes(self) -> float | None:
        """How long it took, where both clocks were read and can be."""
        if self.start is None or self.end is None or self.end < self.start:
            return None
        return (self.end - self.start) / timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign on one set of answers."""

    id: str
    rule: FlagRule
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RoundSign:
    """One sign on what an interviewer, or a question, shows over a round."""

    rule: FlagRule
    interviewer: str = ""
    question: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of a subject from before: the day of the baseline, amounts by question."""

    baseline: date | None = None
    amounts: Mapping[tuple[str, str], float] = field(default_factory=dict)


NOTHING = Earlier()


def at_receipt(
    one: Interview,
    questions: Sequence[Q],
    *,
    earlier: Earlier = NOTHING,
    durations: Sequence[float] = (),
    limits: Limits = USUAL,
) -> list[Sign]:
    """What one set of answers shows when it arrives: DURATION, STRAIGHT_LINE, IMPOSSIBLE, JUMP,
    DONT_KNOW (CLOCK and LATE are seen where its times are read)."""
    first = {told.name: told.value for told in reversed(one.told) if told.index == 0}
    found = [
        _duration(one, durations, limits),
        _straight(one, questions, first, limits),
        _impossible(one, questions, first, earlier),
        _jump(one, questions, earlier, limits),
        _unanswered(one, questions, limits),
    ]
    return [sign for sign in found if sign is not None]


def _duration(one: Interview, durations: Sequence[float], limits: Limits) -> Sign | None:
    minutes = one.minutes
    if minutes is None or not q.too_short(minutes, durations, limits):
        return None
    return Sign(one.id, FlagRule.DURATION, f"{minutes:.0f} min")


def _straight(
    one: Interview, questions: Sequence[Q], first: Mapping[str, str], limits: Limits
) -> Sign | None:
    names = [
        name
        for group in scale_groups(questions, limits.scale_questions)
        if q.straight_line([first.get(name, "") for name in group], limits)
        for name in group
    ]
    return Sign(one.id, FlagRule.STRAIGHT_LINE, _listed(names)) if names else None


def scale_groups(questions: Sequence[Q], least: int) -> list[list[str]]:
    """Scale questions that follow one another with the same codes, so many or more of them."""
    found = []
    asked = [one for one in questions if one.type is not QuestionType.CALCULATE]
    for steps, group in groupby(asked, key=lambda one: one.steps):
        names = [one.name for one in group]
        if steps and len(names) >= least:
            found.append(names)
    return found


def _impossible(
    one: Interview, questions: Sequence[Q], first: Mapping[str, str], earlier: Earlier
) -> Sign | None:
    by_key = {question.key: first.get(question.name, "") for question in questions if question.key}
    days = [
        value
        for told in one.told
        if (value := _number(told.value)) is not None
        and any(x.key == "worker_days_last_30" and x.name == told.name for x in questions)
    ]
    wrong = q.impossible(
        sales=_number(by_key.get("sales_month", "")),
        profit=_number(by_key.get("profit_month", "")),
        full_time=sum(min(1.0, day * 12 / 240) for day in days) if days else None,
        workers=_number(by_key.get("workers", "")),
    )
    if earlier.baseline is not None and one.answered is not None:
        wrong += ["follow_up < baseline"] if one.answered < earlier.baseline else []
    return Sign(one.id, FlagRule.IMPOSSIBLE, _listed(wrong)) if wrong else None


def _jump(one: Interview, questions: Sequence[Q], earlier: Earlier, limits: Limits) -> Sign | None:
    core = {x.name for x in questions if x.is_amount and (x.core or x.key in AMOUNT_KEYS)}
    names = []
    for told in one.told:
        before = earlier.amounts.get((told.name, told.currency))
        now = _number(told.value)
        if told.name in core and before is not None and now is not None:
            names += [told.name] if q.jump(before, now, limits) else []
    return Sign(one.id, FlagRule.JUMP, _listed(names)) if names else None


def _unanswered(one: Interview, questions: Sequence[Q], limits: Limits) -> Sign | None:
    asked = {x.name for x in questions if x.type is not QuestionType.CALCULATE}
    codes = [told.value for told in one.told if told.name in asked]
    if not q.unanswered(codes, limits):
        return None
    empty = sum(1 for code in codes if code in NO_ANSWER)
    return Sign(one.id, FlagRule.DONT_KNOW, f"{empty} / {len(codes)}")


def beside_others(
    interviews: Sequence[Interview], questions: Mapping[str, Sequence[Q]], limits: Limits = USUAL
) -> list[Sign]:
    """What sets of answers show only beside the others of their round: OUTLIER, SAME_PLACE, TRAVEL,
    SAME_PHONE, and DURATION by the median of all; questions by version.
    """
    return [
        *_outliers(interviews, questions, limits),
        *_by_place(interviews, questions, limits),
        *_by_phone(interviews, questions, limits),
        *_short(interviews, limits),
    ]


def _outliers(
    interviews: Sequence[Interview], questions: Mapping[str, Sequence[Q]], limits: Limits
) -> list[Sign]:
    amounts = {
        version: {one.name for one in asked if one.is_amount}
        for version, asked in questions.items()
    }
    groups: dict[tuple[str, str, str], list[tuple[str, float]]] = {}
    for one in interviews:
        for told in one.told:
            if told.name in amounts.get(one.version, ()):
                value = _number(told.value)
                if value is not None:
                    key = (one.version, told.name, told.currency)
                    groups.setdefault(key, []).append((one.id, value))
    names: dict[str, list[str]] = {}
    for (_version, name, _unit), given in groups.items():
        for place in q.outliers([value for _id, value in given], limits):
            names.setdefault(given[place][0], []).append(name)
    return [Sign(id, FlagRule.OUTLIER, _listed(found)) for id, found in names.items()]


def _by_place(
    interviews: Sequence[Interview], questions: Mapping[str, Sequence[Q]], limits: Limits
) -> list[Sign]:
    stops: dict[str, list[Stop]] = {}
    for one in interviews:
        where = place_of(one, questions.get(one.version, ()))
        if where is None or one.minutes is None:
            continue
        assert one.start is not None
        assert one.end is not None
        stop = Stop(one.id, one.start, one.end, where, one.subject)
        stops.setdefault(one.interviewer, []).append(stop)
    found = []
    for given in stops.values():
        found += [Sign(id, FlagRule.TRAVEL) for id in q.too_fast(given, limits)]
        for near in _neighbours(given, limits.same_place_km):
            found += [Sign(id, FlagRule.SAME_PLACE) for id in q.same_place(near, limits)]
    return list(dict.fromkeys(found))


def _neighbours(stops: Sequence[Stop], reach_km: float) -> list[list[Stop]]:
    """Stops with those that may be within reach, found by cells of latitude: far ones are not
    compared with each other."""
    size = max(reach_km, 0.001) / 111.0
    rows: dict[int, list[Stop]] = {}
    for stop in stops:
        rows.setdefault(int(stop.place.latitude // size), []).append(stop)
    return [[*rows.get(row - 1, ()), *given, *rows.get(row + 1, ())] for row, given in rows.items()]


def place_of(one: Interview, questions: Sequence[Q]) -> Place | None:
    """Where an interview was: its first answer that is a place on the map."""
    names = {x.name for x in questions if x.type is QuestionType.GEOPOINT}
    for told in one.told:
        parts = told.value.split()
        if told.name in names and len(parts) >= 2:
            north, east = _number(parts[0]), _number(parts[1])
            if north is not None and east is not None:
                return Place(north, east)
    return None


def _by_phone(
    interviews: Sequence[Interview], questions: Mapping[str, Sequence[Q]], limits: Limits
) -> list[Sign]:
    subjects: dict[str, set[str]] = {}
    calls: list[tuple[str, str]] = []
    for one in interviews:
        names = {x.name for x in questions.get(one.version, ()) if x.is_phone}
        for told in one.told:
            number = "".join(sign for sign in told.value if sign.isdigit())
            if told.name in names and len(number) >= 5:
                subjects.setdefault(number, set()).add(one.subject)
                calls.append((one.id, number))
    shared = set(q.same_phone(subjects, limits))
    return list(
        dict.fromkeys(Sign(id, FlagRule.SAME_PHONE) for id, number in calls if number in shared)
    )


def _short(interviews: Sequence[Interview], limits: Limits) -> list[Sign]:
    taken: dict[str, list[float]] = {}
    for one in interviews:
        if one.minutes is not None:
            taken.setdefault(one.version, []).append(one.minutes)
    middles = {version: [median(given)] for version, given in taken.items()}
    found = [_duration(one, middles.get(one.version, ()), limits) for one in interviews]
    return [sign for sign in found if sign is not None]


def of_interviewers(
    interviews: Sequence[Interview], questions: Mapping[str, Sequence[Q]], limits: Limits = USUAL
) -> list[RoundSign]:
    """What interviewers show over a round: HEAPING of an interviewer's amounts (told only), and
    INTERVIEWER, a core scale question whose answers depend on who asks.
    """
    amounts: dict[str, list[int]] = {}
    for one in interviews:
        names = {x.name for x in questions.get(one.version, ()) if x.is_amount}
        for told in one.told:
            value = _number(told.value) if told.name in names else None
            if value:
                amounts.setdefault(one.interviewer, []).append(round(value))
    found = [
        RoundSign(FlagRule.HEAPING, interviewer=who, detail=str(len(given)))
        for who, given in amounts.items()
        if q.heaped(given, limits)
    ]
    for name, by_interviewer in scale_answers(interviews, questions).items():
        effect = q.interviewer_effect(by_interviewer, limits)
        if effect is not None:
            found.append(
                RoundSign(FlagRule.INTERVIEWER, question=name, detail=f"rho {effect.rho:.2f}")
            )
    return found


def scale_answers(
    interviews: Iterable[Interview], questions: Mapping[str, Sequence[Q]]
) -> dict[str, dict[str, list[float]]]:
    """The answers to core scale questions as numbers, by question and interviewer."""
    found: dict[str, dict[str, list[float]]] = {}
    for one in interviews:
        core = {x.name: x for x in questions.get(one.version, ()) if x.core and not x.repeats}
        for told in one.told:
            asked = core.get(told.name)
            value = _step(asked, told.value) if asked is not None else None
            if value is not None:
                by_interviewer = found.setdefault(told.name, {})
                by_interviewer.setdefault(one.interviewer, []).append(value)
    return found


def _step(asked: Q, value: str) -> float | None:
    if asked.type is QuestionType.RANGE:
        return _number(value)
    steps = asked.steps
    return float(steps.index(value)) if value in steps else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e300 else None


def _listed(names: Sequence[str]) -> str:
    """Names one after the other, as many as fit."""
    text = ", ".join(dict.fromkeys(names))
    return text if len(text) <= 200 else text[:199] + "\u2026"


Check = Callable[[Interview, Sequence[Q]], Sequence[str]]
