"""Publish a version of a questionnaire, and keep what persons and households answered to it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people import choices_made
from handup.people.models import Household, Instrument, InstrumentAnswer, Person
from handup.people.queries.households import households_of
from handup.people.rules import instruments as rules
from handup.people.rules.categories import age_in_years
from handup.people.rules.structures import STRUCTURES
from handup.people.rules.wording import items_of, wording_faults
from handup.people.services.store import insert, refuse_erased


class InstrumentWithoutTitle(Refusal):
    """Give the questionnaire a title."""


class InstrumentBeforeLast(Refusal):
    """The present version holds from {published_date}; a new one begins later."""


class AskedBeforeInstrument(Refusal):
    """This version holds from {published_date}."""


class AskedAhead(Refusal):
    """{date} has not come yet."""


class NoHousehold(Refusal):
    """These questions are about a household. Register hers first."""


class NotAsked(Refusal):
    """This is not among the questions: {item}."""


def publish_instrument(
    *,
    acting_staff: StaffUser,
    code: str,
    title: str,
    published_date: date,
    wording: Mapping[str, str] | None = None,
    language: str = "",
    classes: Mapping[str, list[str]] | None = None,
    id: UUID | None = None,
) -> Instrument:
    """Publish the next version of an instrument; it is never changed.

    Items, order, weights and limits are the published ones. Only the items of the two coping
    instruments may be replaced for a country (`classes`: stress, crisis, emergency). The wording is
    the publisher's, one text an item, or none.

    Raises UnknownInstrument, InstrumentWithoutTitle, InstrumentBeforeLast, and Faults naming every
    place that must not differ or is missing.
    """
    require(acting_staff, "people.publish_instrument")
    if code not in STRUCTURES:
        raise rules.UnknownInstrument(field="code", code=code)
    if not title.strip():
        raise InstrumentWithoutTitle(field="title")
    known = already_stored(Instrument, id, acting_staff, code=code, title=title.strip())
    if known is not None:
        return known
    last = Instrument.objects.filter(code=code).order_by("-version").first()
    if last is not None and published_date <= last.published_date:
        told = last.published_date.isoformat()
        raise InstrumentBeforeLast(field="published_date", published_date=told)
    version = 1 if last is None else last.version + 1
    structure: dict[str, Any] = {**STRUCTURES[code], "version": version}
    if classes is not None:
        structure["classes"] = {name: list(items) for name, items in classes.items()}
    faults = rules.structure_faults(structure)
    if not faults:
        faults = wording_faults(structure, title, wording or {})
    if faults:
        raise Faults(faults)
    row = Instrument(
        id=id or new_id(),
        code=code,
        version=version,
        title=title.strip(),
        language=language,
        structure=structure,
        wording=dict(wording or {}),
        published_date=published_date,
        published_by=acting_staff,
    )
    with transaction.atomic():
        insert([row], acting_staff)
        facts: audit.Facts = {"code": code, "version": version}
        audit.record(acting_staff, "people.publish_instrument", row, facts)
    return row


def ask_instrument(
    *,
    acting_staff: StaffUser,
    instrument: Instrument,
    person: Person,
    answers: Mapping[str, str | int | None],
    asked_date: date,
    id: UUID | None = None,
) -> InstrumentAnswer:
    """Keep what a person answered, for herself or for her household, and what it came to.

    `answers` holds a code for each item; what is left out is missing, and a missing answer makes a
    score missing and a status unknown. What is outside the list counts as missing and is named for
    review. Source: WFP RAM scripts and the publishers of each instrument; people.md 4.5.

    Raises AskedBeforeInstrument, AskedAhead, TooYoungForInstrument, NoHousehold, NotAsked,
    PersonErased.
    """
    require(acting_staff, "people.ask_instrument", person)
    told = _told(instrument, answers)
    known = already_stored(
        InstrumentAnswer,
        id,
        acting_staff,
        person_id=person.pk,
        instrument_id=instrument.pk,
        answers=told,
    )
    if known is not None:
        return known
    refuse_erased(person)
    _check_day(instrument, asked_date)
    home = _household(instrument, person, asked_date)
    personal = instrument.structure["level"] == "PERSON"
    age = age_in_years(person.birth_date, person.birth_precision, asked_date) if personal else None
    found = rules.assess(
        instrument.structure, told, settings=choices_made.instrument_settings(), age=age
    )
    sealed: dict[str, Any] = {"answers": told, "outcome": outcome_data(found)}
    row = InstrumentAnswer(
        id=id or new_id(),
        instrument=instrument,
        person=person,
        household=home,
        asked_date=asked_date,
        **sealed,
        asked_by=acting_staff,
    )
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.ask_instrument", row, {"person": str(person.pk)})
    return row


def _told(instrument: Instrument, answers: Mapping[str, str | int | None]) -> dict[str, str | None]:
    items = items_of(instrument.structure)
    unknown = [item for item in answers if item not in items]
    if unknown:
        raise Faults(Fault(NotAsked.code, str(NotAsked(item=item)), item) for item in unknown)
    told = {item: str(value).strip() for item, value in answers.items() if value is not None}
    return {item: told.get(item) or None for item in items}


def _check_day(instrument: Instrument, asked_date: date) -> None:
    if asked_date < instrument.published_date:
        begins = instrument.published_date.isoformat()
        raise AskedBeforeInstrument(field="asked_date", published_date=begins)
    if asked_date > timezone.localdate():
        raise AskedAhead(field="asked_date", date=asked_date)


def _household(instrument: Instrument, person: Person, on: date) -> Household | None:
    if instrument.structure["level"] == "PERSON":
        return None
    home = households_of([person.pk], on=on).get(person.pk)
    if home is None:
        raise NoHousehold
    return Household._base_manager.get(pk=home)


def outcome_data(found: rules.Outcome) -> dict[str, Any]:
    """An outcome as it is kept: the score in plain digits."""
    return {
        "score": None if found.score is None else format(found.score, "f"),
        "result": found.result,
        "flags": [flag.value for flag in found.flags],
        "missing": list(found.missing),
        "review": list(found.review),
    }
