"""The questionnaires in use on a day, and what the last answers of many persons came to."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from handup.people.models import Instrument, InstrumentAnswer
from handup.people.queries.households import chunks
from handup.people.queries.merging import ids_by_person
from handup.people.rules.eligibility import Value
from handup.people.rules.instruments import Instrument as Code

DIFFICULTY = {"YES": True, "NO": False}
FACTS = {
    Code.HHS.value: "hunger",
    Code.FCS.value: "food_consumption",
    Code.RCSI.value: "coping_with_food",
    Code.LCS_EN.value: "coping_with_needs",
    Code.LCS_FS.value: "coping_for_food",
}
"""What a rule may ask of a household's answers: the band or class they came to."""


def instruments_on(on: date) -> list[Instrument]:
    """The newest version of each instrument that holds on a day, by code."""
    newest: dict[str, Instrument] = {}
    for row in Instrument.objects.filter(published_date__lte=on).order_by("version"):
        newest[row.code] = row
    return [newest[code] for code in sorted(newest)]


def great_difficulty(days: Mapping[UUID, date]) -> dict[UUID, bool | None]:
    """Whether each person's last answers to the Washington Group questions, on or before her day,
    say that something is very difficult for her; None where they leave it open. Who was never asked
    is absent.
    """
    found: dict[UUID, bool | None] = {}
    last: list[InstrumentAnswer] = []
    asked_of = ids_by_person(days)
    for piece in chunks(asked_of):
        rows = InstrumentAnswer._base_manager.filter(
            person_id__in=piece, instrument__code=Code.WG_SS.value
        )
        last += rows
    for row in sorted(last, key=lambda row: (row.asked_date, row.recorded_at, row.pk)):
        person = asked_of[row.person_id]
        if row.asked_date <= days[person]:
            outcome = row.outcome
            told = outcome.get("result") if isinstance(outcome, dict) else None
            found[person] = DIFFICULTY.get(str(told))
    return found


def household_facts(
    days: Mapping[UUID, date], homes: Mapping[UUID, UUID | None]
) -> dict[UUID, dict[str, Value]]:
    """What the last answers for each person's household came to, by fact; not known where a score
    is missing.
    """
    asked = {home for home in homes.values() if home is not None}
    by_home: dict[UUID, list[tuple[date, str, Value]]] = {}
    for row in _of_homes(asked):
        outcome = row.outcome
        told = outcome.get("result") if isinstance(outcome, dict) else None
        value: Value = None if told in (None, "UNKNOWN") else str(told)
        assert row.household_id is not None
        line = (row.asked_date, FACTS[row.instrument.code], value)
        by_home.setdefault(row.household_id, []).append(line)
    found: dict[UUID, dict[str, Value]] = {}
    for person_id, home in homes.items():
        for on, fact, value in by_home.get(home, ()) if home else ():
            if on <= days[person_id]:
                found.setdefault(person_id, {})[fact] = value
    return found


def _of_homes(homes: Collection[UUID]) -> list[InstrumentAnswer]:
    rows: list[InstrumentAnswer] = []
    for piece in chunks(homes):
        asked = InstrumentAnswer._base_manager.filter(
            household_id__in=piece, instrument__code__in=FACTS
        )
        rows += asked.select_related("instrument").order_by("asked_date", "recorded_at", "id")
    return rows
