"""Calculations and relevance that depend on themselves."""

from collections.abc import Mapping, Sequence

from handup.surveys.rules.xlsform.definition import Item
from handup.surveys.rules.xlsform.expressions import Read
from handup.surveys.rules.xlsform.faults import SheetKind, gettext_noop
from handup.surveys.rules.xlsform.table import Findings
from handup.surveys.rules.xpath.tree import Reference, walk

DECIDING = ("calculation", "relevant")


def check_cycles(
    items: Sequence[Item], reads: Sequence[Read], sheet: str, findings: Findings
) -> None:
    """Name each circle once, in the row of its first question."""
    leans = _leans(items, reads)
    rows = {item.name: item.row for item in items}
    where = {
        (read.item.name, reference.name): read.column
        for read in reads
        for reference in walk(read.tree)
        if isinstance(reference, Reference)
    }
    for circle in circles(leans):
        names = sorted(circle, key=lambda name: rows[name])
        first = names[0]
        column = next((where[first, two] for two in names if (first, two) in where), "calculation")
        findings.add(
            sheet,
            rows[first],
            column,
            SheetKind.CIRCULAR,
            gettext_noop("This depends on itself: {names}."),
            names=" \u2192 ".join([*names, first]),
        )


def _leans(items: Sequence[Item], reads: Sequence[Read]) -> dict[str, set[str]]:
    """What each question needs to be known first; a group's relevance decides for all inside."""
    known = {item.name for item in items}
    found: dict[str, set[str]] = {item.name: set() for item in items}
    for read in reads:
        if read.column in DECIDING:
            found[read.item.name] |= {
                one.name for one in walk(read.tree) if isinstance(one, Reference)
            } & known
    for item in items:
        found[item.name] |= set(item.path[:-1]) & known
    return found


def circles(leans: Mapping[str, set[str]]) -> list[set[str]]:
    """The sets of names that lean on each other (Tarjan, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    held: set[str] = set()
    found: list[set[str]] = []
    for start in leans:
        if start in index:
            continue
        index[start] = low[start] = len(index)
        stack.append(start)
        held.add(start)
        work = [(start, iter(sorted(leans[start])))]
        while work:
            name, rest = work[-1]
            for one in rest:
                if one not in index:
                    index[one] = low[one] = len(index)
                    stack.append(one)
                    held.add(one)
                    work.append((one, iter(sorted(leans[one]))))
                    break
                if one in held:
                    low[name] = min(low[name], index[one])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    found += _closed(name, stack, held, leans)
    return found


def _closed(
    name: str, stack: list[str], held: set[str], leans: Mapping[str, set[str]]
) -> list[set[str]]:
    circle: set[str] = set()
    while True:
        one = stack.pop()
        held.discard(one)
        circle.add(one)
        if one == name:
            break
    return [circle] if len(circle) > 1 or name in leans[name] else []
