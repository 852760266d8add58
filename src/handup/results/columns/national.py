"""The view of a country: the snapshots of several houses counted together, with nobody's identity,
and small counts hidden as in everything that leaves a house (protection.md 4.9).

What each house sends was made for whoever counts, under an agreement. A person counts once over all
houses only where her papers could be opened and she has the one that most have (`joining`); else
the houses' counts are added, and the figure says so and why.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import ibis

from handup.kernel.errors import Refusal
from handup.results.columns.asking import SETS, Answer, Fetch, Sum, ask
from handup.results.columns.expressing import Lake, chosen
from handup.results.columns.writing import Written, read_manifest
from handup.results.computing import asked_with
from handup.results.definitions import BY_SETTLEMENT, catalogue
from handup.results.published import LARGEST_PART
from handup.results.report import counted_in
from handup.results.rules.declared import DECLARED
from handup.results.rules.engine import ValueKind
from handup.results.rules.expressions import Asked
from handup.results.rules.safe_tables import Outcome, safe_line

LEAST_OF_A_SHARE = 10
SENSITIVE_SPLITS = frozenset({"displacement", "disability", "target_category"})


class SameHouse(Refusal):
    """{folder} and another one are of the same programme of one house; each counts once."""


class MadeForNobody(Refusal):
    """{folder} is what a house keeps for itself. To be counted with others it is made under an
    agreement.
    """


class DayNotKnown(Refusal):
    """{folder} knows only the days up to {day}. Ask for a day that every house knows."""


class EndsBeforeItBegins(Refusal):
    """The first day, {since}, lies after the last one, {until}."""


class NothingToCount(Refusal):
    """Name at least one snapshot."""


class Counted(StrEnum):
    """How units of several houses were counted together."""

    EXACT = "EXACT"
    """Each unit belongs to one house, or there is one house."""
    DISTINCT = "DISTINCT"
    """Persons known to several houses count once."""
    AT_MOST = "AT_MOST"
    """The houses' counts are added: somebody known to two of them counts twice."""


class Why(StrEnum):
    """Why counts were added."""

    NOT_OPENED = "NOT_OPENED"
    """The papers could not be opened: a secret is missing."""
    WITHOUT_PAPER = "WITHOUT_PAPER"
    """Some persons counted have no identity paper on record, or another one than most."""
    NO_IDENTITY = "NO_IDENTITY"
    """Households, enterprises and the like have no identity over houses."""


@dataclass(frozen=True, slots=True)
class NationalFigure:
    """One indicator of a country.

    sums: by currency, without those of too few; lines: by dimension and code, without what is
    hidden; hidden: how many lines are; unkeyed: persons counted without an identity paper;
    behind: of amounts, how many persons or houses have a part in each currency.
    """

    code: str
    counted: Counted
    why: tuple[Why, ...]
    unkeyed: int
    sums: Mapping[str, Sum]
    lines: Mapping[str, Mapping[str, Sum]]
    hidden: int
    value: str | None
    behind: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The figure as other programs read it."""
        return {
            "code": self.code,
            "name": catalogue()[self.code].name,
            "unit": catalogue()[self.code].unit,
            "counted": self.counted.value,
            "why": [one.value for one in self.why],
            "without_paper": self.unkeyed,
            "counted_in": counted_in(self.code),
            "value": self.value,
            "sums": [{"currency": key or None, **_told(one)} for key, one in self.sums.items()],
            "by": {
                name: [{"code": key, **_told(one)} for key, one in lines.items()]
                for name, lines in self.lines.items()
            },
            "hidden_lines": self.hidden,
        }


def _told(one: Sum) -> dict[str, int | None]:
    return {"numerator": one.numerator, "denominator": one.denominator}


def houses_of(folders: Sequence[Path], asked: Asked) -> list[Written]:
    """The snapshots of a view, each looked through. Raises NothingToCount, EndsBeforeItBegins,
    SameHouse, DayNotKnown, MadeForNobody, NotASnapshot, SnapshotChanged."""
    if not folders:
        raise NothingToCount
    if asked.start is not None and asked.start > asked.cut_off:
        raise EndsBeforeItBegins(since=asked.start.isoformat(), until=asked.cut_off.isoformat())
    found: list[Written] = []
    for folder in folders:
        held = read_manifest(folder, check=True)
        if len(folders) > 1 and not held.agreement:
            raise MadeForNobody(folder=folder.name)
        if any(
            held.house == one.house and set(held.programmes) & set(one.programmes) for one in found
        ):
            raise SameHouse(folder=folder.name)
        if held.day < asked.cut_off:
            raise DayNotKnown(folder=folder.name, day=held.day.isoformat())
        found.append(held)
    return found


def count(
    houses: Sequence[Written],
    lake: Lake,
    fetch: Fetch,
    codes: Iterable[str],
    asked: Asked,
    *,
    k: int,
    shared: bool = False,
    dimensions: Sequence[str] | None = None,
    at_once: int = 1,
) -> list[NationalFigure]:
    """Count indicators over all houses and hide what stands for one to k - 1 persons.

    shared: the lake holds them with each person under one number (`joining.joined`).
    """
    wanted = list(codes)
    split = _beside_areas(wanted, dimensions)
    answers = ask(lake, fetch, wanted, asked, split, at_once=at_once, by_holder=True)
    unkeyed = _unkeyed(lake, fetch, wanted, asked) if shared and len(houses) > 1 else {}
    return [
        _figure(answers[code], len(houses), shared=shared, unkeyed=unkeyed.get(code, 0), k=k)
        for code in wanted
    ]


def _beside_areas(codes: Iterable[str], asked: Sequence[str] | None) -> list[str]:
    """The ways to split: town and countryside never beside areas, from which they could be taken
    where few live in the towns of an area.
    """
    names = asked
    if names is None:
        names = [name for code in codes for name in DECLARED[code].dimensions]
    has_areas = not {"area1", "area2"}.isdisjoint(names)
    return [name for name in dict.fromkeys(names) if not (has_areas and name == BY_SETTLEMENT)]


def _unit(code: str) -> str:
    item = DECLARED[code]
    return item.counted.unit if item.counted_as is ValueKind.COUNT_DISTINCT else "record"


def _unkeyed(lake: Lake, fetch: Fetch, codes: Iterable[str], asked: Asked) -> dict[str, int]:
    """How many persons behind each count of persons lack the paper that most have."""
    parts = []
    for code in codes:
        if _unit(code) != "person":
            continue
        item, keyed = DECLARED[code], lake.stored["keyed"]
        for _is_base, side in item.sides:
            kind = catalogue()[code].period_kind
            rows = chosen(lake, side, kind, asked_with(item, asked))
            without = rows.anti_join(keyed, rows["person"] == keyed["person"])
            parts.append(
                without.aggregate(n=without.count()).select(
                    code=ibis.literal(code, type="string"), n="n"
                )
            )
    found: dict[str, int] = {}
    if parts:
        question = ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
        for row in fetch(question):
            found[row["code"]] = max(found.get(row["code"], 0), int(row["n"]))
    return found


def _how(code: str, houses: int, unkeyed: int, *, shared: bool) -> tuple[Counted, tuple[Why, ...]]:
    unit = _unit(code)
    if houses == 1 or unit in ("record", "loan", "grp", "area"):
        return Counted.EXACT, ()
    if unit != "person":
        return Counted.AT_MOST, (Why.NO_IDENTITY,)
    if not shared:
        return Counted.AT_MOST, (Why.NOT_OPENED,)
    if unkeyed:
        return Counted.AT_MOST, (Why.WITHOUT_PAPER,)
    return Counted.DISTINCT, ()


def _figure(held: Answer, houses: int, *, shared: bool, unkeyed: int, k: int) -> NationalFigure:
    counted, why = _how(held.code, houses, unkeyed, shared=shared)
    is_amount = any(side.amount for _base, side in DECLARED[held.code].sides)
    sums = {key: one for key, one in held.sums.items() if _may_leave(held, key, one, k)}
    lines, hidden = ({}, 0) if is_amount or not sums else _safe_lines(held, k)
    value = held.value_text() if len(sums) == len(held.sums) == 1 else None
    behind = {key: _behind(held, key) for key in sums} if is_amount else {}
    return NationalFigure(held.code, counted, why, unkeyed, sums, lines, hidden, value, behind)


def _behind(held: Answer, currency: str) -> int:
    """How many have a part in an amount: the fewest that are known of."""
    counts = [count for _most, count in held.holders.get(currency, {}).values() if count]
    return min([*counts, *([held.behind[currency]] if currency in held.behind else [])], default=0)


def _may_leave(held: Answer, currency: str, one: Sum, k: int) -> bool:
    """Whether a total stands for enough; an amount does when enough persons are behind it."""
    if not _is_spread(held, currency, one, k):
        return False
    behind = held.behind.get(currency)
    if behind is not None:
        return not 0 < behind < k
    whole = one.denominator
    if 0 < one.numerator < k:
        return False
    if whole is None:
        return True
    return not 0 < whole < LEAST_OF_A_SHARE and not 0 < whole - one.numerator < k


def _is_spread(held: Answer, currency: str, one: Sum, k: int) -> bool:
    """Whether neither an amount, nor what it is of, nor what lies between them is of one to k - 1
    holders, or nearly all of one (results.md 4.5).
    """
    rest = None if one.denominator is None else one.denominator - one.numerator
    for side, total in ((3, one.numerator), (4, one.denominator), (5, rest)):
        largest, count = held.holders.get(currency, {}).get(side, (0, 0))
        if total is None:
            continue
        if 0 < count < k or (total > 0 and largest > LARGEST_PART * total):
            return False
    return True


def _safe_lines(held: Answer, k: int) -> tuple[dict[str, dict[str, Sum]], int]:
    """The lines that may leave, and how many may not."""
    found: dict[str, dict[str, Sum]] = {}
    hidden = 0
    for name, lines in held.lines.items():
        keep = _open_codes(held, name, lines, k)
        hidden += len(lines) - len(keep)
        if keep:
            found[name] = {code: lines[code] for code in lines if code in keep}
    return found, hidden


def _open_codes(held: Answer, name: str, lines: Mapping[str, Sum], k: int) -> set[str]:
    """The codes of one dimension that may be shown: of a ratio, what is counted and what is not
    are both made safe. Sets overlap: each stands beside its own rest alone."""
    codes = list(lines)
    whole = sum(one.numerator for one in held.sums.values())
    is_sensitive = name in SENSITIVE_SPLITS
    keep = set(codes)
    for values in _parts(lines):
        if name in SETS:
            keep &= {
                code
                for code, units in zip(codes, values, strict=True)
                if not 0 < units < k and not 0 < whole - units < k
            }
            continue
        if not values or min(values) < 0:  # a unit counted in one line and told of in another
            return set()
        safe = safe_line(values, k=k, zeros_small=is_sensitive)
        if safe.outcome is not Outcome.PUBLISHED:
            return set()
        keep -= {codes[place] for place in safe.hidden}
    return keep if name in SETS else keep - _of_few(lines, keep)


def _of_few(lines: Mapping[str, Sum], keep: set[str]) -> set[str]:
    """Lines of a share of fewer than ten, and one more where the total would tell of one alone."""
    wholes = {code: lines[code].denominator or 0 for code in keep}
    few = {code for code, whole in wholes.items() if 0 < whole < LEAST_OF_A_SHARE}
    others = sorted((whole, code) for code, whole in wholes.items() if whole and code not in few)
    if len(few) + len(lines) - len(keep) == 1 and few and others:
        few.add(others[0][1])
    return few


def _parts(lines: Mapping[str, Sum]) -> Iterator[list[int]]:
    told = list(lines.values())
    yield [one.numerator for one in told]
    if all(one.denominator is not None for one in told):
        yield [(one.denominator or 0) - one.numerator for one in told]
