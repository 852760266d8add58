"""What was told of a country stays told (protection.md 4.9, rule 6): a later view in which only a
few changed keeps what an earlier one told, so that the difference of two days names nobody.

An amount does not tell how many changed it: within a quarter it is told anew only where a few more
or fewer than then have a part in it.

Every view is kept in the data folder of who counts: totals and lines as they were told, and how
many have a part in each amount.
"""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from handup.results.columns.asking import Sum
from handup.results.columns.national import NationalFigure
from handup.results.exchange.phases import moved_by_few
from handup.results.releases import BETWEEN_SUMS
from handup.results.rules.expressions import Asked

Told = Mapping[str, Any]


def place() -> Path:
    """Where the views of a country are kept."""
    return Path(settings.DATA_DIR) / "national"


def remembered(figures: Sequence[NationalFigure], *, k: int, asked: Asked) -> list[NationalFigure]:
    """The figures of a view beside all that was told before: one that moved by a few is told as it
    was, and of a dimension in which a line moved by a few nothing; an amount that may have been
    moved by a few is left out. asked: the days of the view.
    """
    before: dict[str, list[Told]] = {}
    for view in _views():
        for one in view.get("figures", ()):
            told = {**one, "as_of": view.get("as_of"), "since": view.get("since")}
            before.setdefault(str(one.get("code")), []).append(told)
    return [
        _amounts_beside(_beside(figure, then, k), then, asked, k)
        for figure in figures
        for then in [before.get(figure.code, [])]
    ]


def as_kept(figure: NationalFigure) -> Told:
    """A figure as it is kept beside the view that told it."""
    return {**figure.as_json(), "behind": dict(figure.behind)}


def keep(view: Mapping[str, Any]) -> Path:
    """Keep a view that is told now."""
    folder = place()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{view['as_of']}-{secrets.token_hex(8)}.json"
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(view, indent=1) + "\n", encoding="utf-8")
    return fresh.replace(file)


def _views() -> Iterator[Told]:
    """The views that were told, the newest first."""
    files = sorted(place().glob("*.json"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files:
        with suppress(ValueError):
            told = json.loads(file.read_text(encoding="utf-8"))
            if isinstance(told, dict):
                yield told


def _beside(figure: NationalFigure, before: Sequence[Told], k: int) -> NationalFigure:
    now = figure.sums.get("")
    for then in before:
        was = next((_sum(one) for one in then["sums"] if not one["currency"]), None)
        if now is not None and was is not None and _moved(now, was, k):
            lines = {name: _lines(told) for name, told in then["by"].items()}
            return replace(
                figure,
                sums={"": was},
                lines=lines,
                hidden=int(then["hidden_lines"]),
                value=then["value"],
            )
        figure = _lines_beside(figure, then, k)
    return figure


def _amounts_beside(
    figure: NationalFigure, before: Sequence[Told], asked: Asked, k: int
) -> NationalFigure:
    """Without the amounts that differ from one told of a day close by while about as many have a
    part in them: the difference may be the part of a few.
    """
    gone = {
        currency
        for currency, now in figure.sums.items()
        if currency and any(_is_close(figure, currency, now, then, asked, k) for then in before)
    }
    if not gone:
        return figure
    kept = {currency: one for currency, one in figure.sums.items() if currency not in gone}
    return replace(figure, sums=kept, value=None)


def _is_close(
    figure: NationalFigure, currency: str, now: Sum, then: Told, asked: Asked, k: int
) -> bool:
    was = next((_sum(one) for one in then["sums"] if one["currency"] == currency), None)
    if was is None or was == now:
        return False
    came = abs(figure.behind.get(currency, 0) - int(then.get("behind", {}).get(currency, 0)))
    return came < k and _are_near(asked, _day(then["since"]), _day(then["as_of"]))


def _are_near(asked: Asked, since: date | None, as_of: date | None) -> bool:
    """Whether one period is the other and less than a quarter more, at its beginning or its end."""
    if as_of is None:
        return False
    if asked.start == since:
        return abs((asked.cut_off - as_of).days) < BETWEEN_SUMS
    if asked.cut_off != as_of or asked.start is None or since is None:
        return False
    return abs((asked.start - since).days) < BETWEEN_SUMS


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None


def _lines_beside(figure: NationalFigure, then: Told, k: int) -> NationalFigure:
    kept, hidden = dict(figure.lines), figure.hidden
    for name, lines in figure.lines.items():
        was = _lines(then["by"].get(name, ()))
        if any(code in was and _moved(one, was[code], k) for code, one in lines.items()):
            del kept[name]
            hidden += len(lines)
    return replace(figure, lines=kept, hidden=hidden)


def _moved(now: Sum, was: Sum, k: int) -> bool:
    return moved_by_few((now.numerator, now.denominator), (was.numerator, was.denominator), k)


def _lines(told: Sequence[Told]) -> dict[str, Sum]:
    return {str(one["code"]): _sum(one) for one in told}


def _sum(told: Told) -> Sum:
    return Sum(int(told["numerator"]), told["denominator"])
