"""What the answers to a published instrument come to: score, band, flags (people.md 4.5).

Nothing is guessed: a missing answer makes a score missing and a status unknown, and an answer that
is not in the list counts as missing and is named for review. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from handup.kernel.errors import Fault, Refusal
from handup.people.rules.structures import STRUCTURES, Structure

Answers = Mapping[str, object]

DIFFICULTIES = frozenset({1, 2, 3, 4})
A_LOT_OF_DIFFICULTY = 3
NOT_TOLD = frozenset({888, 999})
COPED = frozenset({20, 30})
COPING_CLASSES = ("stress", "crisis", "emergency")
UNKNOWN = "UNKNOWN"


class Instrument(StrEnum):
    """The instruments there are rules for."""

    WG_SS = "WG_SS"
    HHS = "HHS"
    FCS = "FCS"
    RCSI = "RCSI"
    LCS_EN = "LCS_EN"
    LCS_FS = "LCS_FS"


class FcsThreshold(StrEnum):
    """Which pair of limits of the food consumption score a programme uses."""

    LOW = "LOW"
    HIGH = "HIGH"


class FcsMissing(StrEnum):
    """What a missing item does to the food consumption score: missing too, or no day of it."""

    MISSING = "MISSING"
    ZERO = "ZERO"


class Flag(StrEnum):
    """A score so low or high that a person looks at it again."""

    LOW = "LOW"
    HIGH = "HIGH"


class TooYoungForInstrument(Refusal):
    """These questions are asked from the age of {min_age}; this person is {age}."""


class UnknownInstrument(Refusal):
    """There is no instrument {code}."""


class FixedInstrument(Refusal):
    """{code} is used as published: {part} must not be changed."""


class ClassUnusable(Refusal):
    """The class "{name}" has no items or is none of the three."""


class ItemUnusable(Refusal):
    """The item "{item}" has no code or stands twice."""


@dataclass(frozen=True, slots=True)
class InstrumentSettings:
    """What an installation may choose: `instruments.fcs_threshold`, `instruments.fcs_missing`."""

    fcs_threshold: FcsThreshold = FcsThreshold.LOW
    fcs_missing: FcsMissing = FcsMissing.MISSING


USUAL = InstrumentSettings()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the answers came to, with the version used.

    `score` is None where the instrument has none or it is missing. `result` is the band, the
    status or the class; None where the score is missing. `missing` names the items without a usable
    answer, `review` those answered with something not listed or in contradiction.
    """

    instrument: str
    version: int
    score: Decimal | None = None
    result: str | None = None
    flags: tuple[Flag, ...] = ()
    missing: tuple[str, ...] = ()
    review: tuple[str, ...] = ()


def is_blank(answer: object) -> bool:
    """Whether nothing was answered."""
    return answer is None or (isinstance(answer, str) and not answer.strip())


def code_of(answer: object) -> int | None:
    """The whole number an answer is, given as a number or written in digits; None if it is none."""
    if isinstance(answer, str):
        text = answer.strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
    if isinstance(answer, bool) or not isinstance(answer, int | float | Decimal):
        return None
    number = Decimal(answer)
    whole = number.is_finite() and abs(number) < 10**9 and number == int(number)
    return int(number) if whole else None


@dataclass(slots=True)
class _Reading:
    """Answers while they are read: the usable codes, what is missing, what a person looks at."""

    answers: Answers
    missing: list[str]
    review: list[str]

    @classmethod
    def of(cls, answers: Answers, items: Iterable[str]) -> "_Reading":
        """Answers to items that are not of the instrument are named for review."""
        known = set(items)
        return cls(answers, [], [name for name in answers if name not in known])

    def code(
        self, item: str, listed: Iterable[int], told_missing: Iterable[int] = ()
    ) -> int | None:
        """The answer to an item if it is listed; otherwise it is missing."""
        answer = self.answers.get(item)
        code = code_of(answer)
        if code is not None and code in listed:
            return code
        if not is_blank(answer) and (code is None or code not in told_missing):
            self.review.append(item)
        self.missing.append(item)
        return None

    def outcome(
        self,
        structure: Structure,
        *,
        score: Decimal | None = None,
        result: str | None = None,
        flags: tuple[Flag, ...] = (),
    ) -> Outcome:
        """Put the result beside what was missing and what is to be looked at, each once."""
        return Outcome(
            str(structure["code"]),
            int(structure["version"]),
            score,
            result,
            flags,
            tuple(dict.fromkeys(self.missing)),
            tuple(dict.fromkeys(self.review)),
        )


def _band(score: Decimal, bands: Sequence[Sequence[Any]]) -> str:
    return next(str(name) for low, high, name in bands if low <= score <= high)


def score_wg_ss(structure: Structure, answers: Answers, age: int | None = None) -> Outcome:
    """Washington Group Short Set: YES, NO or UNKNOWN for a person (an unknown age may be asked).

    Raises TooYoungForInstrument.
    """
    if age is not None and age < structure["min_age"]:
        raise TooYoungForInstrument(field="age", min_age=structure["min_age"], age=age)
    items = structure["items"]
    reading = _Reading.of(answers, items)
    codes = [reading.code(item, DIFFICULTIES, NOT_TOLD) for item in items]
    if any(code is not None and code >= A_LOT_OF_DIFFICULTY for code in codes):
        result = "YES"
    else:
        result = UNKNOWN if None in codes else "NO"
    return reading.outcome(structure, result=result)


def score_hhs(structure: Structure, answers: Answers) -> Outcome:
    """Household Hunger Scale, 0 to 6. Yes without how often, or no with it, is missing."""
    items = structure["items"]
    often = {item: f"{item}_freq" for item in items}
    reading = _Reading.of(answers, [*items, *often.values()])
    occurred = {int(code) for code in structure["occurrence"]}
    frequencies = {int(code) for code in structure["frequency"]}
    points: list[int] = []
    for item in items:
        yes = reading.code(item, occurred)
        if yes == 1:
            frequency = reading.code(often[item], frequencies)
            if frequency is not None:
                points.append(structure["points"][str(frequency)])
        elif not is_blank(answers.get(often[item])):
            reading.missing.append(item)
            reading.review.append(item)
        elif yes == 0:
            points.append(structure["points"]["0"])
    if reading.missing:
        return reading.outcome(structure)
    score = Decimal(sum(points))
    flags = (Flag.HIGH,) if score >= structure["flag_from"] else ()
    return reading.outcome(
        structure, score=score, result=_band(score, structure["bands"]), flags=flags
    )


def _days(structure: Structure, reading: _Reading) -> dict[str, int | None]:
    """The days of every item that weighs; one outside the range is missing."""
    low, high = structure["item_range"]
    weights = structure["weights"]
    return {
        item: reading.code(item, range(low, high + 1))
        for item, weight in weights.items()
        if Decimal(weight)
    }


def fcs_band(structure: Structure, score: Decimal, threshold: FcsThreshold) -> str:
    """POOR, BORDERLINE or ACCEPTABLE under one of the two pairs of limits."""
    limits = structure["thresholds"][threshold.value]
    if score <= Decimal(limits["poor_max"]):
        return "POOR"
    return "BORDERLINE" if score <= Decimal(limits["borderline_max"]) else "ACCEPTABLE"


def score_fcs(
    structure: Structure, answers: Answers, settings: InstrumentSettings = USUAL
) -> Outcome:
    """Food Consumption Score, 0 to 112; condiments weigh nothing and may be left out."""
    weights = structure["weights"]
    reading = _Reading.of(answers, weights)
    days = _days(structure, reading)
    if None in days.values() and settings.fcs_missing is FcsMissing.MISSING:
        return reading.outcome(structure)
    score = sum((Decimal(weights[item]) * (day or 0) for item, day in days.items()), Decimal(0))
    flags = []
    if score < Decimal(structure["flags"]["low_below"]):
        flags.append(Flag.LOW)
    if score > Decimal(structure["flags"]["high_above"]):
        flags.append(Flag.HIGH)
    band = fcs_band(structure, score, settings.fcs_threshold)
    return reading.outcome(structure, score=score, result=band, flags=tuple(flags))


def score_rcsi(structure: Structure, answers: Answers) -> Outcome:
    """Reduced Coping Strategies Index, 0 to 56."""
    weights = structure["weights"]
    reading = _Reading.of(answers, weights)
    days = _days(structure, reading)
    score = Decimal(0)
    for item, day in days.items():
        if day is None:
            return reading.outcome(structure)
        score += Decimal(weights[item]) * day
    flags = []
    if score <= structure["flags"]["low_max"]:
        flags.append(Flag.LOW)
    if score >= structure["flags"]["high_min"]:
        flags.append(Flag.HIGH)
    band = _band(score, structure["bands"])
    return reading.outcome(structure, score=score, result=band, flags=tuple(flags))


def score_lcs(structure: Structure, answers: Answers) -> Outcome:
    """Livelihood coping: the highest class used, "1" (none) to "4" (emergency), or UNKNOWN while a
    higher class is undecided.
    """
    classes = structure["classes"]
    reading = _Reading.of(answers, [item for name in COPING_CLASSES for item in classes[name]])
    listed = {int(code) for code in structure["answers"]}
    level, undecided = 1, 1
    for number, name in enumerate(COPING_CLASSES, 2):
        codes = [reading.code(item, listed) for item in classes[name]]
        if any(code in COPED for code in codes):
            level = number
        elif None in codes:
            undecided = number
    if undecided > level:
        return reading.outcome(structure, result=UNKNOWN)
    return reading.outcome(structure, score=Decimal(level), result=str(level))


def assess(
    structure: Structure,
    answers: Answers,
    *,
    settings: InstrumentSettings = USUAL,
    age: int | None = None,
) -> Outcome:
    """Score the answers by a version of an instrument; `age` counts for the person's ones.

    Raises UnknownInstrument, TooYoungForInstrument.
    """
    code = structure.get("code")
    if code == Instrument.WG_SS:
        return score_wg_ss(structure, answers, age)
    if code == Instrument.HHS:
        return score_hhs(structure, answers)
    if code == Instrument.FCS:
        return score_fcs(structure, answers, settings)
    if code == Instrument.RCSI:
        return score_rcsi(structure, answers)
    if code in {Instrument.LCS_EN, Instrument.LCS_FS}:
        return score_lcs(structure, answers)
    raise UnknownInstrument(code=code)


def structure_faults(structure: Structure) -> list[Fault]:
    """List what keeps a version of an instrument from being used; empty means it may be.

    Only the items of a coping class may differ from the published instrument.
    """
    code = str(structure.get("code"))
    published = STRUCTURES.get(code)
    if published is None:
        return [_fault(UnknownInstrument(code=code), "code", code)]
    own = {"version", "note"}
    if "adaptable" in published:
        own |= {"classes", "wfp_names"}
    parts = [*published, *(part for part in structure if part not in published)]
    found = [
        _fault(FixedInstrument(code=code, part=part), part)
        for part in parts
        if part not in own and structure.get(part) != published.get(part)
    ]
    version = structure.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        found.append(_fault(FixedInstrument(code=code, part="version"), "version", str(version)))
    return found + (_class_faults(structure) if "adaptable" in published else [])


def _class_faults(structure: Structure) -> list[Fault]:
    classes = structure.get("classes")
    if not isinstance(classes, Mapping):
        classes = {}
    found: list[Fault] = []
    seen: set[str] = set()
    for name in dict.fromkeys([*COPING_CLASSES, *map(str, classes)]):
        items = classes.get(name)
        place = f"classes.{name}"
        if name not in COPING_CLASSES or not isinstance(items, list | tuple) or not items:
            found.append(_fault(ClassUnusable(name=name), place))
            continue
        for number, item in enumerate(items):
            if not isinstance(item, str) or not item.strip() or item in seen:
                found.append(_fault(ItemUnusable(item=item), f"{place}[{number}]", str(item)))
            seen.add(str(item))
    return found


def _fault(refusal: Refusal, place: str, value: str | None = None) -> Fault:
    return Fault(refusal.code, refusal.said(), place, value=value)
