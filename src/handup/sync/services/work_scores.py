"""A scorecard filled with a group away from the office."""

from collections.abc import Mapping
from typing import Any

from handup.groups.models import Group
from handup.groups.models.scoring import Given
from handup.groups.scorecards import card_of
from handup.groups.services import scoring
from handup.org.models import StaffUser
from handup.sync.errors import NotThatCard, NotThatGroup
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_device_id, is_number
from handup.sync.services.work_told import WorkTold, is_word

NAME = "assess_group"
CODE_MOST, CRITERIA_MOST, POINTS_MOST = 20, 200, 1000


def is_filled(body: Mapping[str, Any]) -> bool:
    """Whether a body says what was filled: `group`, `card` and its `version`, how many `people`
    took part, `marks` as rows of `no`, `given` and, where it is scored, `points`."""
    rows = body.get("marks")
    return (
        is_device_id(body.get("group"))
        and is_word(body.get("card"), most=CODE_MOST)
        and is_number(body.get("version"), 1)
        and is_number(body.get("people"), 1, scoring.MOST_PEOPLE)
        and isinstance(rows, list)
        and len(rows) <= CRITERIA_MOST
        and all(isinstance(row, Mapping) and _is_mark(row) for row in rows)
        and len({row["no"] for row in rows}) == len(rows)
    )


def _is_mark(row: Mapping[str, Any]) -> bool:
    scored = row.get("given") == Given.SCORED
    return (
        is_number(row.get("no"), 1, CRITERIA_MOST)
        and row.get("given") in list(Given)
        and is_number(row.get("points", 0), 0, POINTS_MOST)
        and ("points" in row) == scored
    )


def fill(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Keep the card with its grade. Raises NotThatGroup, NotThatCard, and what `assess_group`
    does."""
    body = told.body
    group = Group.objects.visible_to(staff).filter(pk=body["group"]).first()
    if group is None:
        raise NotThatGroup
    if card_of(body["card"]).version != body["version"]:
        raise NotThatCard
    row.office_id = group.office_id
    scoring.assess_group(
        acting_staff=staff,
        group=group,
        card_code=body["card"],
        marks={
            one["no"]: scoring.MarkIn(Given(one["given"]), one.get("points", 0))
            for one in body["marks"]
        },
        people_count=body["people"],
        on=told.happened_date,
        id=told.id,
    )
    return WorkState.DONE
