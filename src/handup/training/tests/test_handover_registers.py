"""Curricula and courses the new house has already are matched by code; an approved one never
changes. Of what is counted by the programme's code its own goes, and money that was paid is held
equal.
"""

from typing import Any
from uuid import UUID

import pytest
from django.db.models import Model

from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.projects.carrying.gather import gather
from handup.projects.carrying.matching import Known, MeansAnother
from handup.projects.carrying.totals import totals
from handup.projects.models import Programme
from handup.projects.rules.handover import Total, differences
from handup.training.handover_mover import MOVER
from handup.training.models import (
    Course,
    Curriculum,
    Module,
    SerialCounter,
    SessionPlan,
    SupportPayment,
)
from handup.training.tests.conftest import Payday
from handup.training.tests.test_support import paid

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


def test_only_the_serials_of_the_programme_go(programme: Programme) -> None:
    Programme.objects.create(code="OTHER", title="A programme that stays", currency="RWF")
    for code, year, last in (
        (programme.code, 2025, 7),
        (programme.code, 2026, 12),
        ("OTHER", 2026, 40),
    ):
        SerialCounter.objects.create(programme_code=code, year=year, last_number=last)
    going = gather([MOVER], programme, [])
    own = SerialCounter.objects.filter(programme_code=programme.code)
    assert going.of(SerialCounter) == set(own.values_list("pk", flat=True))
    assert own.count() == 2
    assert Total("training.SerialCounter", 2) in totals([MOVER], going.rows)


def test_support_that_was_paid_is_equal_to_the_last_unit(
    payday: Payday, officer: StaffUser, second: StaffUser
) -> None:
    """12.34 + 10.02 + 12.34: one unit less in the other house is a difference."""
    rows = paid(payday, officer, second)
    code = rows[0].currency
    here = totals([MOVER])
    assert Total("support PAID", 3, 34_70, code) in here
    SupportPayment.objects.filter(pk=rows[0].pk).update(amount_units=rows[0].amount_units - 1)
    there = totals([MOVER])
    assert Total("support PAID", 3, 34_69, code) in there
    assert differences(here, there)[0] == "support PAID AMD: 3 / 3470 ≠ 3 / 3469"
