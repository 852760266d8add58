"""Signs that answers deserve a second look: pure rules over plain values (surveys.md 4.7).

No rule changes an answer. Every threshold comes in with its usual value; those marked in the
specification as unverified are settings of the questionnaire.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

EARTH_KM = 6371.0088
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds of a questionnaire, in the units of the specification."""

    least_minutes: float = 5
    least_share_of_median: float = 0.4
    scale_questions: int = 5
    outlier_z: float = 3.5
    jump_factor: float = 10
    same_place: int = 3
    same_place_km: float = 0.010
    same_phone: int = 2
    travel_kmh: float = 60
    dont_know_percent: float = 15
    clock_minutes: float = 10
    clock_hours: float = 24
    late_days: int = 14
    heaping_percent: float = 80
    heaping_least: int = 20
    icc: float = 0.10
    interviewers: int = 4
    answers_each: int = 10
    agreement_percent: float = 80
    back_check_percent: int = 10
    back_check_least: int = 5
    back_check_days: int = 14
    back_check_questions: int = 5
    trim: int = 5


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an interview was, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Stop:
    """One interview of an interviewer: which, from when to when, where, of which subject."""

    id: str
    start: datetime
    end: datetime
    place: Place
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a back-check agrees, with its Wilson interval, as shares."""

    equal: int
    compared: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Equal of compared."""
        return self.equal / self.compared


@dataclass(frozen=True, slots=True)
class Correlation:
    """The variance between and within interviewers, and their intra-class correlation."""

    between: float
    within: float
    size: float
    rho: float


def too_short(minutes: float, of_version: Sequence[float], limits: Limits = USUAL) -> bool:
    """DURATION: below the least, or below a share of the version's median."""
    usual = limits.least_share_of_median * median(of_version) if of_version else 0.0
    return minutes < max(limits.least_minutes, usual)


def straight_line(codes: Sequence[str], limits: Limits = USUAL) -> bool:
    """STRAIGHT_LINE: one code throughout a group of scale questions."""
    given = [code for code in codes if code]
    return len(given) >= limits.scale_questions and len(set(given)) == 1


def modified_z(amounts: Sequence[float]) -> list[float | None]:
    """0.6745 (ln x - median) / MAD of each amount; nothing for what is not above 0 or at MAD 0."""
    logs = [math.log(x) if x > 0 else None for x in amounts]
    known = [x for x in logs if x is not None]
    if not known:
        return [None] * len(amounts)
    middle = median(known)
    spread = median(abs(x - middle) for x in known)
    if spread == 0:
        return [None] * len(amounts)
    return [None if x is None else 0.6745 * (x - middle) / spread for x in logs]


def outliers(amounts: Sequence[float], limits: Limits = USUAL) -> list[int]:
    """OUTLIER: the places of amounts far from all others of one version and unit."""
    return [
        place
        for place, z in enumerate(modified_z(amounts))
        if z is not None and abs(z) > limits.outlier_z
    ]


def impossible(
    *,
    sales: float | None = None,
    profit: float | None = None,
    full_time: float | None = None,
    workers: float | None = None,
    baseline: datetime | None = None,
    follow_up: datetime | None = None,
) -> list[str]:
    """IMPOSSIBLE: names of what cannot be true together."""
    found = []
    if sales is not None and profit is not None and profit > sales:
        found.append("profit > sales")
    if full_time is not None and workers is not None and full_time > workers:
        found.append("full_time > workers")
    if baseline is not None and follow_up is not None and follow_up < baseline:
        found.append("follow_up < baseline")
    return found


def jump(before: float, now: float, limits: Limits = USUAL) -> bool:
    """JUMP: more than so many times, or less than such a part of, the amount of the last round."""
    if before <= 0 or now <= 0:
        return False
    return now > before * limits.jump_factor or now < before / limits.jump_factor


def distance_km(a: Place, b: Place) -> float:
    """The way between two places over the round earth."""
    lat1, lat2 = math.radians(a.latitude), math.radians(b.latitude)
    north = math.sin((lat2 - lat1) / 2) ** 2
    east = math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(north + math.cos(lat1) * math.cos(lat2) * east))


def same_place(stops: Sequence[Stop], limits: Limits = USUAL) -> list[str]:
    """SAME_PLACE: interviews of one interviewer with more than so many subjects within reach."""
    found = []
    for one in stops:
        near = {
            other.subject
            for other in stops
            if distance_km(one.place, other.place) <= limits.same_place_km
        }
        if len(near) > limits.same_place:
            found.append(one.id)
    return found


def same_phone(subjects_by_phone: Mapping[str, set[str]], limits: Limits = USUAL) -> list[str]:
    """SAME_PHONE: numbers that stand for more than so many subjects."""
    return sorted(
        phone
        for phone, subjects in subjects_by_phone.items()
        if phone and len(subjects) > limits.same_phone
    )


def too_fast(stops: Sequence[Stop], limits: Limits = USUAL) -> list[str]:
    """TRAVEL: interviews reached from the one before faster than so many kilometres an hour."""
    ordered = sorted(stops, key=lambda stop: (stop.start, stop.id))
    found = []
    for before, after in pairwise(ordered):
        hours = (after.start - before.end) / timedelta(hours=1)
        way = distance_km(before.place, after.place)
        if way > max(hours, 0.0) * limits.travel_kmh and way > limits.same_place_km:
            found.append(after.id)
    return found


def unanswered(codes: Iterable[str], limits: Limits = USUAL) -> bool:
    """DONT_KNOW: too large a share of asked questions without an answer in substance."""
    asked = [code for code in codes if code]
    empty = sum(1 for code in asked if code in {"DONT_KNOW", "REFUSED", "dont_know", "refused"})
    return bool(asked) and 100 * empty > limits.dont_know_percent * len(asked)


def clock_wrong(
    *,
    start: datetime,
    end: datetime,
    received: datetime,
    device_now: datetime | None = None,
    limits: Limits = USUAL,
) -> bool:
    """CLOCK: ended before it began, began after it was received, or a device clock is off."""
    if end < start or start > received + timedelta(minutes=limits.clock_minutes):
        return True
    return device_now is not None and abs(device_now - received) > timedelta(
        hours=limits.clock_hours
    )


def late(*, end: datetime, received: datetime, limits: Limits = USUAL) -> bool:
    """LATE: received so many days after it ended."""
    return received > end + timedelta(days=limits.late_days)


def heaped(amounts: Sequence[int], limits: Limits = USUAL) -> bool:
    """HEAPING: nearly all of an interviewer's amounts end in 000 (information only)."""
    round_ones = sum(1 for amount in amounts if amount % 1000 == 0)
    enough = len(amounts) >= limits.heaping_least
    return enough and 100 * round_ones > limits.heaping_percent * len(amounts)


def correlation(answers: Mapping[str, Sequence[float]]) -> Correlation | None:
    """How far answers depend on who asks: analysis of variance over interviewers of unequal size.

    m0 = (N - sum n_i^2 / N) / (k - 1); rho = (MSB - MSW) / (MSB + (m0 - 1) MSW). Nothing with fewer
    than two interviewers, no spare answer, or no variance at all.
    """
    groups = [list(map(float, given)) for given in answers.values() if given]
    k, n = len(groups), sum(map(len, groups))
    if k < 2 or n <= k:
        return None
    mean = sum(map(sum, groups)) / n
    means = [sum(given) / len(given) for given in groups]
    between = sum(len(g) * (m - mean) ** 2 for g, m in zip(groups, means, strict=True)) / (k - 1)
    within = sum((x - m) ** 2 for g, m in zip(groups, means, strict=True) for x in g) / (n - k)
    size = (n - sum(len(g) ** 2 for g in groups) / n) / (k - 1)
    below = between + (size - 1) * within
    if below == 0:
        return None
    return Correlation(between, within, size, (between - within) / below)


def interviewer_effect(
    answers: Mapping[str, Sequence[float]], limits: Limits = USUAL
) -> Correlation | None:
    """INTERVIEWER: the correlation when it passes the threshold and enough was asked by enough."""
    enough = {name: given for name, given in answers.items() if len(given) >= limits.answers_each}
    if len(enough) < limits.interviewers:
        return None
    found = correlation(enough)
    return found if found is not None and found.rho > limits.icc else None


def same_answer(first: str, second: str, *, amount: bool = False) -> bool:
    """Whether a question asked again got the same answer; amounts within a tenth of the first."""
    if not amount:
        return first == second
    try:
        a, b = float(first), float(second)
    except ValueError:
        return first == second
    return abs(a - b) <= 0.1 * abs(a)


def agreement(equal: int, compared: int) -> Agreement:
    """The agreement of a back-check with its Wilson interval (z = 1.96)."""
    if not 0 <= equal <= compared or compared == 0:
        raise ValueError("equal lies between 0 and compared, which is not 0")
    share, z2 = equal / compared, Z95**2
    middle = (share + z2 / (2 * compared)) / (1 + z2 / compared)
    half = (
        Z95
        / (1 + z2 / compared)
        * math.sqrt(share * (1 - share) / compared + z2 / (4 * compared**2))
    )
    return Agreement(equal, compared, max(0.0, middle - half), min(1.0, middle + half))


def needs_review(found: Agreement, limits: Limits = USUAL) -> bool:
    """Whether all interviews of the interviewer in the round go to review."""
    return 100 * found.equal < limits.agreement_percent * found.compared


def back_check_size(interviews: int, *, percent: int = 10, least: int = 5) -> int:
    """How many of an interviewer's interviews are asked again."""
    return min(interviews, max(least, -(-interviews * percent // 100)))
