"""The scorecards in use on a day, and the last score of many persons at once."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from handup.people.models import Assessment, Scorecard
from handup.people.queries.households import chunks
from handup.people.rules.eligibility import Value

SCORE_FACTS = frozenset({"score", "targeted"})


def cards_on(on: date) -> list[Scorecard]:
    """The newest version of each card that holds on a day, the newest card first."""
    newest: dict[str, Scorecard] = {}
    for row in Scorecard.objects.filter(published_date__lte=on).order_by("version"):
        newest[row.code] = row
    return sorted(newest.values(), key=lambda row: row.published_date, reverse=True)


def last_scores(days: Mapping[UUID, date]) -> dict[UUID, dict[str, Value]]:
    """What the last assessment of each person on or before her day came to.

    A person who was never assessed, or left something unanswered then, has no score: not known.
    """
    found: dict[UUID, dict[str, Value]] = {}
    for piece in chunks(days):
        rows = Assessment._base_manager.filter(person_id__in=piece)
        rows = rows.order_by("assessed_date", "recorded_at", "id")
        told = rows.values_list("person_id", "assessed_date", "score", "targeted")
        for person_id, assessed_date, score, targeted in told:
            if assessed_date <= days[person_id]:
                found[person_id] = {"score": score, "targeted": targeted}
    return found
