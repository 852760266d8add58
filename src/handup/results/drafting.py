"""The first draft of a report: the sections of a template, filled from the programme's records;
every number of a figure as a placeholder of its frozen snapshot (results.md 4.8).
"""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from uuid import UUID

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.org.web.money import format_money
from handup.projects.models import Budget, Document, Lesson
from handup.projects.models.labels import Access
from handup.projects.rules.states import BudgetState, DocumentState, LessonState
from handup.projects.spending import SpentLine, spent_lines
from handup.results.budgets import spent_of
from handup.results.definitions import catalogue, definition
from handup.results.frozen_targets import parts_to_tell
from handup.results.models import (
    FrozenEstimate,
    FrozenFigure,
    FrozenTyped,
    RowIndicator,
    Snapshot,
)
from handup.results.telling import Figures, figures_of, flow_may_be_told
from handup.results.told import main_of

STANDARD = "standard"
HEADINGS = {
    "SUMMARY": _("Summary"),
    "CONTEXT": _("Context"),
    "RESULTS": _("Results"),
    "IMPACT": _("Impact"),
    "FINANCE": _("Finance"),
    "LESSONS": _("Lessons and where they were applied"),
    "DOCUMENTS": _("Documents"),
    "NEXT": _("Next period"),
}
NAMES = {"baseline": _("baseline"), "target": _("target"), "achieved": _("achieved")}
LEARNED = (LessonState.ACCEPTED.value, LessonState.APPLIED.value, LessonState.REVIEWED.value)


class UnknownTemplate(Refusal):
    """There is no template {template}."""


@cache
def templates() -> dict[str, tuple[str, ...]]:
    """The sections of each template, in order."""
    text = (files("handup.results") / "data" / "report_templates.csv").read_text(encoding="utf-8")
    found: dict[str, list[tuple[int, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["template"], []).append((int(row["position"]), row["section"]))
    return {name: tuple(one for _at, one in sorted(rows)) for name, rows in found.items()}


def draft_text(snapshot: Snapshot, language: str, template: str = STANDARD) -> str:
    """The text a report over a frozen snapshot begins with: the sections of which the records tell
    something; no heading stands over nothing. Raises UnknownTemplate, SnapshotNotFrozen.
    """
    with override(language):
        parts = [
            f"# {HEADINGS[section]}\n\n{text}"
            for section, text in _sections(snapshot, template)
            if text
        ]
    return "\n\n".join(parts)


def to_write(snapshot: Snapshot, template: str = STANDARD) -> list[str]:
    """The headings of a template under which the records tell nothing: what is left to its author,
    in the active language. Raises UnknownTemplate, SnapshotNotFrozen.
    """
    return [str(HEADINGS[name]) for name, text in _sections(snapshot, template) if not text]


def _sections(snapshot: Snapshot, template: str) -> list[tuple[str, str]]:
    """Each section of a template with its text in the active language."""
    if template not in templates():
        raise UnknownTemplate(template=template, field="template")
    figures = [row for row in figures_of(snapshot).values() if row.may_leave]
    return [
        (section, "\n".join(FILLED[section](snapshot, figures)).strip())
        for section in templates()[template]
    ]


def _item(row: FrozenFigure | FrozenTyped) -> str:
    return f"- {gettext(catalogue()[row.code].name)}: {{{{ {row.code} }}}}"


def _summary(_snapshot: Snapshot, figures: list[FrozenFigure]) -> Iterator[str]:
    yield from map(_item, figures)


def _context(snapshot: Snapshot, _figures: list[FrozenFigure]) -> Iterator[str]:
    yield from (
        text for text in (snapshot.programme.summary, snapshot.programme.objectives) if text
    )


def _results(snapshot: Snapshot, figures: list[FrozenFigure]) -> Iterator[str]:
    """By the rows of the logframe, each figure beside what was promised of it; without one, every
    figure that is no sample's.
    """
    held = {row.code: row for row in figures}
    frozen = figures_of(snapshot)
    names = {code: one for code, one in frozen.typed.items() if one.may_leave}
    if promised := list(_promised(frozen, held.keys() | names.keys())):
        yield from promised
        return
    signs = RowIndicator._base_manager.filter(
        row__phase__programme=snapshot.programme_id, removed_at=None, row__removed_at=None
    ).select_related("row")
    last = None
    for sign in signs.order_by("row__phase__code", "row__position", "position"):
        if sign.code not in held and sign.code not in names:
            continue
        if sign.row_id != last:
            last = sign.row_id
            yield from ("", f"## {sign.row.statement}", "")
        yield _item(held.get(sign.code) or names[sign.code])
    if last is None:
        yield from (_item(row) for row in figures if not definition(row.code).indicator.is_sample)


def _promised(frozen: Figures, told: Collection[str]) -> Iterator[str]:
    """Each indicator of the logframes as they were frozen: what was counted, baseline, target and
    how far it is. Of one whose figure is not told, what was promised alone.
    """
    last = None
    phases: dict[str, set[str]] = {}
    for row in frozen.targets:
        phases.setdefault(row.statement, set()).add(row.phase_code)
    for row in frozen.targets:
        parts = parts_to_tell(row, frozen.targets)
        if row.code not in told:
            is_held_back = row.code in frozen or row.code in frozen.typed
            parts = [] if is_held_back else parts
            if not parts:
                continue
        if (row.phase_code, row.statement) != last:
            last = (row.phase_code, row.statement)
            several = len(phases[row.statement]) > 1
            of = gettext(" (phase %(code)s)") % {"code": row.phase_code} if several else ""
            yield from ("", f"## {row.statement}{of}", "")
        value = f"{{{{ {row.code} }}}}" if row.code in told else gettext("no figure yet")
        words = [f"{NAMES[part]} {written}" for part, written in parts]
        name = gettext(catalogue()[row.code].name) if row.code in catalogue() else row.code
        yield f"- {name}: {'; '.join([value, *words])}"


def _impact(snapshot: Snapshot, figures: list[FrozenFigure]) -> Iterator[str]:
    """What analyses showed, then what samples say."""
    for one in FrozenEstimate._base_manager.filter(snapshot=snapshot, may_leave=True):
        main = main_of(one.told)
        if main is not None:
            bounds = f" ({{{{ {one.code} | interval }}}})" if main["low"] is not None else ""
            yield f"- {one.title}: {{{{ {one.code} }}}}{bounds}"
            if flow_may_be_told(one):
                yield gettext("- Found again: %(followed)s of %(eligible)s") % {
                    "followed": f"{{{{ {one.code} | followed }}}}",
                    "eligible": f"{{{{ {one.code} | eligible }}}}",
                }
    yield from (_item(row) for row in figures if definition(row.code).indicator.is_sample)


def _finance(snapshot: Snapshot, _figures: list[FrozenFigure]) -> Iterator[str]:
    """What was planned on each line of the approved budgets, and spent by the snapshot's day."""
    budgets = Budget._base_manager.filter(
        programme=snapshot.programme_id, state=BudgetState.APPROVED.value
    )
    for budget in budgets.order_by("phase__code", "version"):
        rows = spent_lines(budget)
        spent = _spent_by(rows, spent_of(budget, snapshot.day))
        for one in rows:
            units = spent[one.line.pk]
            yield gettext("- %(line)s: planned %(planned)s, spent %(spent)s") % {
                "line": one.line.title,
                "planned": format_money(one.planned_units, one.line.currency),
                "spent": "–" if units is None else format_money(units, one.line.currency),
            }


def _spent_by(rows: Sequence[SpentLine], own: Mapping[UUID, int | None]) -> dict[UUID, int | None]:
    """What was spent on each line and those below it; None where they differ in currency, or no
    rate can tell it. A line stands above those below it.
    """
    found: dict[UUID, int | None] = {}
    for row in reversed(rows):
        total = own.get(row.line.pk, 0)
        for below in rows:
            if below.line.parent_id != row.line.pk:
                continue
            more = found.get(below.line.pk)
            same = below.line.currency == row.line.currency
            total = None if total is None or more is None or not same else total + more
        found[row.line.pk] = total
    return found


def _lessons(snapshot: Snapshot, _figures: list[FrozenFigure]) -> Iterator[str]:
    rows = Lesson._base_manager.filter(programme=snapshot.programme_id, state__in=LEARNED)
    for row in rows.prefetch_related("applications").order_by("id"):
        applied = "; ".join(one.what_changed for one in row.applications.all())
        yield f"- {row.statement} {applied}".strip()


def _documents(snapshot: Snapshot, _figures: list[FrozenFigure]) -> Iterator[str]:
    rows = Document._base_manager.filter(
        programme=snapshot.programme_id,
        access=Access.PUBLIC.value,
        state=DocumentState.FINAL.value,
    )
    yield from (f"- {row.title}" for row in rows.order_by("type__position", "title"))


def _nothing(_snapshot: Snapshot, _figures: list[FrozenFigure]) -> Iterator[str]:
    yield from ()


FILLED: dict[str, Callable[[Snapshot, list[FrozenFigure]], Iterator[str]]] = {
    "SUMMARY": _summary,
    "CONTEXT": _context,
    "RESULTS": _results,
    "IMPACT": _impact,
    "FINANCE": _finance,
    "LESSONS": _lessons,
    "DOCUMENTS": _documents,
    "NEXT": _nothing,
}
