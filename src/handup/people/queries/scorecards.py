"""The scorecards in use on a day, and the last score of many persons at once."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from handup.people.models import Assessment, Scorecard
from handup.people.queries.households import chunks
from handup.people.rules.eligibility import Value

SCORE_FACTS = frozenset({"score", "targeted"})
"""What a score tells a rule: of one card `score:CODE` and `targeted:CODE`; without a code only
while the house has one card, for two cards count differently.
"""


def cards_on(on: date) -> list[Scorecard]:
    """The newest version of each card that holds on a day, the newest card first."""
    newest: dict[str, Scorecard] = {}
    for row in Scorecard.objects.filter(published_date__lte=on).order_by("version"):
        newest[row.code] = row
    return sorted(newest.values(), key=lambda row: row.published_date, reverse=True)


def of_card(name: str, code: str) -> str:
    """The fact of one card."""
    return f"{name}:{code}"


def card_codes() -> frozenset[str]:
    """The codes of all cards ever published."""
    return frozenset(Scorecard.objects.order_by().values_list("code", flat=True).distinct())


def score_facts() -> frozenset[str]:
    """The facts of scores a rule may ask for."""
    codes = card_codes()
    named = {of_card(name, code) for name in SCORE_FACTS for code in codes}
    return SCORE_FACTS.union(named) if len(codes) < 2 else frozenset(named)


def last_scores(days: Mapping[UUID, date]) -> dict[UUID, dict[str, Value]]:
    """What the last assessment of each person by each card on or before her day came to.

    A person who was never assessed by a card, or left something unanswered then, has no score of
    it: not known.
    """
    found: dict[UUID, dict[str, Value]] = {}
    for piece in chunks(days):
        rows = Assessment._base_manager.filter(person_id__in=piece)
        rows = rows.order_by("assessed_date", "recorded_at", "id")
        told = rows.values_list(
            "person_id", "scorecard__code", "assessed_date", "score", "targeted"
        )
        for person_id, code, assessed_date, score, targeted in told:
            if assessed_date <= days[person_id]:
                facts = found.setdefault(person_id, {})
                facts[of_card("score", code)] = score
                facts[of_card("targeted", code)] = targeted
    codes = card_codes() if found else frozenset()
    if len(codes) == 1:
        (code,) = codes
        for facts in found.values():
            facts.update({name: facts[of_card(name, code)] for name in SCORE_FACTS})
    return found
