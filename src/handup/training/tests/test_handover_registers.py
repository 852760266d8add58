"""Curricula and courses the new house has already are matched by code; an approved one never
changes.
"""

from typing import Any
from uuid import UUID

import pytest
from django.db.models import Model

from handup.kernel.ids import new_id
from handup.projects.carrying.matching import Known, MeansAnother
from handup.training.handover_mover import MOVER
from handup.training.models import Course, Curriculum, Module, SessionPlan

TABLES: tuple[type[Model], ...] = (Curriculum, Module, SessionPlan, Course)
Rows = dict[type[Model], list[dict[str, Any]]]


def theirs() -> Rows:
    """The rows of this house as another one would hold them: the same codes, ids of its own."""
    ids: dict[UUID, UUID] = {}
    found: Rows = {}
    for model in TABLES:
        rows = list(model._base_manager.order_by("pk").values())
        ids |= {row["id"]: new_id() for row in rows}
        found[model] = [
            {name: ids.get(value, value) if isinstance(value, UUID) else value
             for name, value in row.items()}
            for row in rows
        ]  # fmt: skip
    return found


def take(rows: Rows) -> dict[type[Model], list[dict[str, Any]]]:
    """What of the rows is new to this house."""
    known = Known.of([MOVER])
    by_table = {match.table: match for match in MOVER.matched}
    return {model: known.take(by_table[model._meta.label], rows[model]) for model in TABLES}


def test_the_same_curriculum_is_known_by_code_with_all_that_lies_under_it(course: Course) -> None:
    assert not any(take(theirs()).values())
    second = theirs()
    second[Curriculum][0] |= {"version": "2", "title": "Start and improve"}
    second[Course] = []
    fresh = take(second)
    assert {model: len(rows) for model, rows in fresh.items()} == {
        Curriculum: 1, Module: 1, SessionPlan: 2, Course: 0,
    }  # fmt: skip
    assert fresh[Module][0]["curriculum_id"] == fresh[Curriculum][0]["id"]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (Curriculum, "title", "Something else"),
        (Module, "title", "Something else"),
        (SessionPlan, "minutes", 60),
        (Module, "number", 2),
        (SessionPlan, "number", 3),
        (Course, "pass_rule", "ATTENDANCE_ONLY"),
    ],
)
def test_the_same_code_with_other_content_is_refused(
    course: Course, table: type[Model], column: str, value: Any
) -> None:
    rows = theirs()
    rows[table][-1][column] = value
    with pytest.raises(MeansAnother):
        take(rows)


def test_what_only_this_house_teaches_under_the_same_code_is_refused(course: Course) -> None:
    rows = theirs()
    rows[SessionPlan].pop()
    with pytest.raises(MeansAnother, match="Costing"):
        take(rows)
    rows = theirs()
    rows[Curriculum], rows[Module], rows[SessionPlan], rows[Course] = [], [], [], []
    assert not any(take(rows).values()), "what is not in the package is nobody's concern"
