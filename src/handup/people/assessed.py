"""What scorecards and rankings hold of a person: told in her file, and blanked when she is erased
(protection.md 4.7, 4.8). The score stays as a figure; what she answered does not.
"""

import json
from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from handup.people.models import (
    Assessment,
    InstrumentAnswer,
    MeansScore,
    Membership,
    RankedPile,
    TargetingRow,
)


def told(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """Her answers to each scorecard, and what they came to."""
    asked = Assessment._base_manager.filter(person_id=person_id).select_related("scorecard")
    found: list[Mapping[str, str]] = [
        {
            _("Scorecard"): str(row.scorecard),
            _("Asked on"): row.assessed_date.isoformat(),
            _("Score"): "" if row.score is None else str(row.score),
            _("Answers"): json.dumps(row.answers, ensure_ascii=False),
            _("How it came about"): json.dumps(row.result, ensure_ascii=False),
        }
        for row in asked
    ]
    told = {_("Scorecards"): found, _("Ranked by neighbours"): _ranked(person_id)}
    return {heading: rows for heading, rows in told.items() if rows}


def _ranked(person_id: UUID) -> list[Mapping[str, str]]:
    """In which pile each group laid a household of hers while she lived there."""
    lived = Membership._base_manager.filter(person_id=person_id)
    rows = RankedPile._base_manager.filter(household__in=lived.values("household_id"))
    spans: dict[UUID, list[Membership]] = {}
    for one in lived:
        spans.setdefault(one.household_id, []).append(one)
    return [
        {
            _("Wealth ranking"): str(row.meeting.ranking),
            _("Group"): row.meeting.group,
            _("Held on"): row.meeting.held_date.isoformat(),
            _("Pile, 1 the best off"): f"{row.pile} / {row.meeting.piles}",
        }
        for row in rows.select_related("meeting__ranking").order_by("meeting__held_date", "id")
        if any(
            one.from_date <= row.meeting.held_date
            and (one.to_date is None or row.meeting.held_date <= one.to_date)
            for one in spans[row.household_id]
        )
    ]


def erase(person_id: UUID) -> None:
    """Blank her answers, the points they gave, and what she answered to questionnaires."""
    Assessment._base_manager.filter(person_id=person_id).update(answers={}, result={})
    asked = InstrumentAnswer._base_manager.filter(person_id=person_id)
    asked.update(answers="", outcome="")
    MeansScore._base_manager.filter(person_id=person_id).update(facts={}, result={})
    TargetingRow._base_manager.filter(person_id=person_id).update(groups="")
