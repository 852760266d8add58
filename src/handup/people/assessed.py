"""What scorecards hold of a person: told in her file, and blanked when she is erased
(protection.md 4.7, 4.8). The score stays as a figure; what she answered does not.
"""

import json
from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from handup.people.models import Assessment, InstrumentAnswer, MeansScore, TargetingRow


def told(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """Her answers to each scorecard, and what they came to."""
    rows = Assessment._base_manager.filter(person_id=person_id).select_related("scorecard")
    found: list[Mapping[str, str]] = [
        {
            _("Scorecard"): str(row.scorecard),
            _("Asked on"): row.assessed_date.isoformat(),
            _("Score"): "" if row.score is None else str(row.score),
            _("Answers"): json.dumps(row.answers, ensure_ascii=False),
            _("How it came about"): json.dumps(row.result, ensure_ascii=False),
        }
        for row in rows
    ]
    return {_("Scorecards"): found} if found else {}


def erase(person_id: UUID) -> None:
    """Blank her answers, the points they gave, and what she answered to questionnaires."""
    Assessment._base_manager.filter(person_id=person_id).update(answers={}, result={})
    asked = InstrumentAnswer._base_manager.filter(person_id=person_id)
    asked.update(answers="", outcome="")
    MeansScore._base_manager.filter(person_id=person_id).update(facts={}, result={})
    TargetingRow._base_manager.filter(person_id=person_id).update(groups="")
