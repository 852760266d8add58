"""Needs of technology, what was shown or tried, who took it up, and what came of it."""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.markets.models import (
    Commodity,
    TechnologyAdoption,
    TechnologyNeed,
    TechnologyTrial,
)
from handup.markets.models.labels import Heard, TrialKind
from handup.markets.services.chains import DayAhead, MoreThanAll, NameMissing, not_to_come
from handup.markets.services.prices import EndsBeforeItStarts
from handup.markets.services.store import add, change, held
from handup.org.devices import already_stored
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
from handup.people.models import Person
from handup.people.services.store import refuse_erased
from handup.projects.models import Organisation, Programme


class TakenUpByOne(Refusal):
    """Name the person or the organisation that took it up, one of them."""


class TakenUpAlready(Refusal):
    """This technology is recorded as taken up by her already."""


class NothingAnswered(Refusal):
    """Answer at least one of the three questions."""


def record_need(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    title: str,
    told_by_whom: str,
    told_date: date,
    commodity: Commodity | None = None,
    office: Office | None = None,
    area: Area | None = None,
    id: UUID | None = None,
) -> TechnologyNeed:
    """Record what entrepreneurs said they lack. Raises NameMissing, DayAhead."""
    row = TechnologyNeed(
        id=id or new_id(),
        programme=programme,
        office=office,
        area=area,
        commodity=commodity,
        title=title.strip(),
        told_by_whom=told_by_whom.strip(),
        told_date=told_date,
        recorded_by=acting_staff,
    )
    require(acting_staff, "markets.record_need", row)
    known = already_stored(TechnologyNeed, id, acting_staff, programme=programme, title=row.title)
    if known is not None:
        return known
    if not row.title or not row.told_by_whom:
        raise NameMissing(field="told_by_whom" if row.title else "title")
    not_to_come(told_date, field="told_date")
    add(acting_staff, "markets.record_need", row)
    return row


def record_trial(
    *,
    acting_staff: StaffUser,
    need: TechnologyNeed,
    technology: str,
    kind: TrialKind,
    held_date: date,
    today: date,
    supplier: Organisation | None = None,
    cost_units: int | None = None,
    place: str = "",
    people: int | None = None,
    women: int | None = None,
    id: UUID | None = None,
) -> TechnologyTrial:
    """Record that a technology was shown or tried because of a need. Raises NameMissing, DayAhead,
    MoreThanAll.
    """
    require(acting_staff, "markets.record_need", need)
    known = already_stored(
        TechnologyTrial, id, acting_staff, need=need, technology=technology.strip()
    )
    if known is not None:
        return known
    if not technology.strip():
        raise NameMissing(field="technology")
    if held_date > today:
        raise DayAhead(field="held_date")
    if women is not None and people is not None and women > people:
        raise MoreThanAll(field="women")
    row = TechnologyTrial(
        id=id or new_id(),
        need=need,
        technology=technology.strip(),
        kind=kind.value,
        supplier=supplier,
        currency=need.programme.currency,
        cost_units=cost_units,
        held_date=held_date,
        place=place,
        people=people,
        women=women,
        held_by=acting_staff,
    )
    add(acting_staff, "markets.record_trial", row)
    return row


def record_adoption(
    *,
    acting_staff: StaffUser,
    trial: TechnologyTrial,
    adopted_date: date,
    today: date,
    person: Person | None = None,
    organisation: Organisation | None = None,
    cost_units: int | None = None,
    id: UUID | None = None,
) -> TechnologyAdoption:
    """Record who took a technology up. Raises TakenUpByOne, TakenUpAlready, PersonErased, DayAhead,
    EndsBeforeItStarts when it is before the trial.
    """
    require(acting_staff, "markets.record_adoption", trial)
    known = already_stored(TechnologyAdoption, id, acting_staff, trial=trial, person=person)
    if known is not None:
        return known
    if (person is None) == (organisation is None):
        raise TakenUpByOne(field="registration_no")
    if person is not None:
        require(acting_staff, "people.view_person", person)
        refuse_erased(person)
    if adopted_date > today:
        raise DayAhead(field="adopted_date")
    if adopted_date < trial.held_date:
        raise EndsBeforeItStarts(field="adopted_date")
    with transaction.atomic():
        now = held(trial)
        if now.adoptions.filter(person=person, organisation=organisation).exists():
            raise TakenUpAlready(field="registration_no")
        row = TechnologyAdoption(
            id=id or new_id(),
            trial=now,
            person=person,
            organisation=organisation,
            adopted_date=adopted_date,
            currency=now.currency,
            cost_units=cost_units,
            recorded_by=acting_staff,
        )
        add(acting_staff, "markets.record_adoption", row)
    return row


def record_result(
    *,
    acting_staff: StaffUser,
    adoption: TechnologyAdoption,
    asked_date: date,
    today: date,
    better_quality: Heard = Heard.UNKNOWN,
    higher_output: Heard = Heard.UNKNOWN,
    wider_market: Heard = Heard.UNKNOWN,
    in_her_words: str = "",
) -> TechnologyAdoption:
    """Record what she said of the result when she was asked later; asked again, the newest answer
    counts. Raises NothingAnswered, DayAhead, EndsBeforeItStarts.
    """
    require(acting_staff, "markets.record_adoption", adoption)
    answers = (better_quality, higher_output, wider_market)
    if all(answer is Heard.UNKNOWN for answer in answers):
        raise NothingAnswered(field="better_quality")
    if asked_date > today:
        raise DayAhead(field="asked_date")
    if asked_date < adoption.adopted_date:
        raise EndsBeforeItStarts(field="asked_date")
    change(
        acting_staff,
        "markets.record_result",
        adoption,
        asked_date=asked_date,
        better_quality=better_quality.value,
        higher_output=higher_output.value,
        wider_market=wider_market.value,
        in_her_words=in_her_words.strip(),
    )
    return adoption
