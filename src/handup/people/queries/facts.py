"""The facts an eligibility rule may ask for, gathered for many persons at once; nothing
restricted is among them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from handup.org.models import Area
from handup.people.models import Participation
from handup.people.queries.categories import CategoryFacts, category_facts_on
from handup.people.queries.households import chunks
from handup.people.queries.instruments import FACTS as OF_INSTRUMENTS
from handup.people.queries.instruments import household_facts
from handup.people.queries.scorecards import SCORE_FACTS, last_scores, score_facts
from handup.people.rules.codes import Derived, ParticipationState
from handup.people.rules.eligibility import FactKind, Value
from handup.projects.models import Programme

# A higher domain adds the facts it knows (a score, a certificate): names, and persons -> facts on
# a day.
Provider = Callable[[Sequence[UUID], date], Mapping[UUID, Mapping[str, Value]]]
providers: list[tuple[frozenset[str], Provider]] = []

KINDS: Mapping[str, FactKind] = {
    "age_years": FactKind.NUMBER,
    "sex": FactKind.CODE,
    "area": FactKind.CODE,
    "areas": FactKind.CODES,
    "statuses": FactKind.CODES,
    "categories": FactKind.CODES,
    "woman_head": FactKind.YES_NO,
    "woman_headed_household": FactKind.YES_NO,
    "child_head": FactKind.YES_NO,
    "large_family": FactKind.YES_NO,
    "low_income": FactKind.YES_NO,
    "children": FactKind.NUMBER,
    "household_size": FactKind.NUMBER,
    "active_in_similar": FactKind.YES_NO,
    "disability": FactKind.YES_NO,
    **dict.fromkeys(OF_INSTRUMENTS.values(), FactKind.CODE),
}
"""The facts of people, each with what it holds."""
FACT_NAMES = frozenset(KINDS)
SCORES = {
    "score": FactKind.NUMBER,
    "targeted": FactKind.YES_NO,
    "referral_priority": FactKind.YES_NO,
}
"""The same of scores, of any card, and of who comes first."""
SEALED_FACTS = frozenset({"disability"})
"""Facts a rule may use, which a decision keeps sealed."""

NO_SCORE: dict[str, Value] = dict.fromkeys(SCORE_FACTS)


def fact_kinds() -> dict[str, FactKind]:
    """What each fact holds; one of a higher domain that does not say so is not here."""
    scores = {name: SCORES[name.partition(":")[0]] for name in score_facts()}
    return {**KINDS, **SCORES, **scores}


def known_facts() -> frozenset[str]:
    """Name every fact a rule may use: those of people and those higher domains provide."""
    return FACT_NAMES.union(score_facts(), *(names for names, _ in providers))


def _area_codes(ids: set[UUID]) -> dict[UUID, tuple[str, tuple[str, ...]]]:
    found: dict[UUID, tuple[str, tuple[str, ...]]] = {}
    for piece in chunks(ids):
        for area_id, code, path in Area.objects.filter(pk__in=piece).values_list(
            "id", "code", "path"
        ):
            found[area_id] = (code, tuple(part for part in path.split("/") if part))
    return found


def _active_elsewhere(ids: Sequence[UUID], programme: Programme) -> set[UUID]:
    found: set[UUID] = set()
    for piece in chunks(ids):
        rows = Participation._base_manager.filter(
            person_id__in=piece, state=ParticipationState.ACTIVE.value
        ).exclude(programme=programme)
        found.update(rows.values_list("person_id", flat=True))
    return found


def _facts(
    fact: CategoryFacts, area: tuple[str, tuple[str, ...]] | None, elsewhere: bool
) -> dict[str, Value]:
    home = fact.home
    return {
        "age_years": fact.age,
        "sex": fact.sex,
        "area": area[0] if area else None,
        "areas": area[1] if area else None,
        "statuses": tuple(sorted(fact.statuses | fact.told)),
        "categories": tuple(sorted(fact.categories)),
        "woman_head": fact.derived.get(Derived.WOMAN_HEAD),
        "woman_headed_household": home.woman_headed if home else None,
        "child_head": fact.derived.get(Derived.CHILD_HEAD),
        "large_family": fact.derived.get(Derived.LARGE_FAMILY),
        "low_income": fact.derived.get(Derived.LOW_INCOME),
        "children": home.children if home else None,
        "household_size": home.size if home else None,
        "active_in_similar": elsewhere,
        "disability": fact.derived.get(Derived.DISABILITY),
    }


def facts_for(
    person_ids: Sequence[UUID], *, programme: Programme, on: date, without: Collection[UUID] = ()
) -> dict[UUID, dict[str, Value]]:
    """Gather every fact of many persons as of a day; a fact that is not known is None."""
    return facts_on(dict.fromkeys(person_ids, on), programme=programme, without=without)


def facts_on(
    days: Mapping[UUID, date], *, programme: Programme, without: Collection[UUID] = ()
) -> dict[UUID, dict[str, Value]]:
    """Gather every fact of many persons, each as of her own day. Of a home only those count whom
    `without` does not name: whoever reads or decides by these facts may not know of them.
    """
    categories = category_facts_on(days, without=without)
    areas = _area_codes({fact.area_id for fact in categories.values() if fact.area_id})
    elsewhere = _active_elsewhere(list(days), programme)
    scores = last_scores(days)
    homes = {person_id: fact.household_id for person_id, fact in categories.items()}
    answered = household_facts(days, homes)
    unanswered: dict[str, Value] = dict.fromkeys(OF_INSTRUMENTS.values())
    found = {
        person_id: _facts(
            fact, areas.get(fact.area_id) if fact.area_id else None, person_id in elsewhere
        )
        for person_id, fact in categories.items()
    }
    for person_id, told in found.items():
        told.update(NO_SCORE | scores.get(person_id, {}))
        told.update(unanswered | answered.get(person_id, {}))
    for _names, provide in providers:
        by_day: dict[date, list[UUID]] = {}
        for person_id, on in days.items():
            by_day.setdefault(on, []).append(person_id)
        for on, persons in by_day.items():
            for person_id, more in provide(persons, on).items():
                found[person_id].update(more)
    return found
