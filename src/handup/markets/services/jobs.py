"""Vacancies, persons proposed and placed, and who is still in the job at 6 and 12 months."""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.markets.models import JobCheck, JobMatch, JobPlacement, JobTarget, Vacancy
from handup.markets.models.labels import JobKind, MatchState, VacancyState
from handup.markets.rules.jobs import MARKS, due_on
from handup.markets.services.chains import DayAhead, NameMissing, currency_of, not_to_come
from handup.markets.services.prices import EndsBeforeItStarts, LimitOutOfRange
from handup.markets.services.store import add, change, held
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_from, on_no_team
from handup.people.models import Person
from handup.people.services.store import refuse_erased
from handup.projects.models import Organisation, Programme


class EmployerMissing(Refusal):
    """Say who offers the work."""


class VacancyNotOpen(Refusal):
    """This vacancy is not open."""


class ProposedAlready(Refusal):
    """This person is proposed here already."""


class NotProposed(Refusal):
    """This proposal was answered already."""


class PlacesTaken(Refusal):
    """All places of this vacancy are taken."""


class EndedAlready(Refusal):
    """This job ended already."""


class MarkUnknown(Refusal):
    """A job is looked at after 6 and after 12 months."""


class TooEarly(Refusal):
    """This job is looked at on {day} at the earliest."""


class LookedAtAlready(Refusal):
    """This job was looked at for that month already."""


class PersonUnknown(Refusal):
    """There is no person with this number among those you may see."""


class JobReasonMissing(Refusal):
    """Write why."""


class StillThereThoughEnded(Refusal):
    """This job ended before that day; nobody is still there."""


def open_vacancy(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    title: str,
    job_kind: JobKind,
    opened_date: date,
    employer: Organisation | None = None,
    employer_name: str = "",
    places: int = 1,
    permanent: bool = False,
    wage_units: int | None = None,
    wage_per: str = "",
    currency: str = "",
    requirements: str = "",
    closes_date: date | None = None,
    office: Office | None = None,
    area: Area | None = None,
    id: UUID | None = None,
) -> Vacancy:
    """Record places of work an employer offers. Raises NameMissing, EmployerMissing,
    LimitOutOfRange, EndsBeforeItStarts, DayAhead.
    """
    row = Vacancy(
        id=id or new_id(),
        programme=programme,
        office=office,
        area=area,
        employer=employer,
        employer_name="" if employer else employer_name.strip(),
        title=title.strip(),
        job_kind=job_kind.value,
        places=places,
        permanent=permanent,
        currency=currency_of(currency or programme.currency),
        wage_units=wage_units,
        wage_per=wage_per,
        requirements=requirements,
        opened_date=opened_date,
        closes_date=closes_date,
        opened_by=acting_staff,
    )
    require(acting_staff, "markets.open_vacancy", row)
    known = already_stored(Vacancy, id, acting_staff, programme=programme, title=row.title)
    if known is not None:
        return known
    if not row.title:
        raise NameMissing(field="title")
    if employer is None and not row.employer_name:
        raise EmployerMissing(field="employer")
    if not 1 <= places <= 10_000:
        raise LimitOutOfRange(field="places")
    not_to_come(opened_date, field="opened_date")
    if closes_date is not None and closes_date < opened_date:
        raise EndsBeforeItStarts(field="closes_date")
    add(acting_staff, "markets.open_vacancy", row)
    return row


def close_vacancy(*, acting_staff: StaffUser, vacancy: Vacancy) -> Vacancy:
    """Say that a vacancy is open no more. Raises VacancyNotOpen."""
    require(acting_staff, "markets.open_vacancy", vacancy)
    with transaction.atomic():
        row = held(vacancy)
        if row.state != VacancyState.OPEN:
            raise VacancyNotOpen
        change(acting_staff, "markets.close_vacancy", row, state=VacancyState.CLOSED.value)
    return row


def propose_person(
    *,
    acting_staff: StaffUser,
    vacancy: Vacancy,
    person: Person,
    matched_date: date,
    id: UUID | None = None,
) -> JobMatch:
    """Propose a participant for a vacancy. Raises VacancyNotOpen, ProposedAlready, PersonErased,
    DayAhead.
    """
    require(acting_staff, "markets.propose_person", vacancy)
    require(acting_staff, "people.view_person", person)
    known = already_stored(JobMatch, id, acting_staff, vacancy=vacancy, person=person)
    if known is not None:
        return known
    refuse_erased(person)
    not_to_come(matched_date, field="matched_date")
    with transaction.atomic():
        row = held(vacancy)
        if row.state != VacancyState.OPEN:
            raise VacancyNotOpen
        if row.matches.filter(person=person).exists():
            raise ProposedAlready(field="registration_no")
        match = JobMatch(
            id=id or new_id(),
            vacancy=row,
            person=person,
            matched_date=matched_date,
            matched_by=acting_staff,
        )
        add(acting_staff, "markets.propose_person", match, {"vacancy": str(vacancy.pk)})
    return match


def decline_match(*, acting_staff: StaffUser, match: JobMatch, reason: str) -> JobMatch:
    """Record that a proposal came to nothing, and why. Raises NotProposed, JobReasonMissing."""
    require(acting_staff, "markets.propose_person", match)
    if not reason.strip():
        raise JobReasonMissing(field="reason")
    with transaction.atomic():
        row = held(match)
        if row.state != MatchState.PROPOSED:
            raise NotProposed
        change(
            acting_staff,
            "markets.decline_match",
            row,
            state=MatchState.DECLINED.value,
            reason=reason.strip(),
        )
    return row


def place_person(
    *,
    acting_staff: StaffUser,
    match: JobMatch,
    started_date: date,
    today: date,
    id: UUID | None = None,
) -> JobPlacement:
    """Record that a proposed person began; the vacancy is filled with its last place, of those
    whom anybody may know of: who is hidden fills none, or its state would tell of her.

    Raises NotProposed, PlacesTaken, DayAhead.
    """
    require(acting_staff, "markets.propose_person", match)
    known = already_stored(JobPlacement, id, acting_staff, match=match, started_date=started_date)
    if known is not None:
        return known
    if started_date > today:
        raise DayAhead(field="started_date")
    with transaction.atomic():
        vacancy = held(match.vacancy)
        row = held(match)
        if row.state != MatchState.PROPOSED:
            raise NotProposed
        taken = _taken(acting_staff, vacancy)
        if taken >= vacancy.places:
            raise PlacesTaken
        placement = JobPlacement(
            id=id or new_id(),
            match=row,
            person_id=row.person_id,
            started_date=started_date,
            placed_by=acting_staff,
        )
        add(acting_staff, "markets.place_person", placement, {"vacancy": str(vacancy.pk)})
        change(acting_staff, "markets.place_person", row, state=MatchState.PLACED.value)
        in_sight = _taken(on_no_team(acting_staff), vacancy)
        if in_sight >= vacancy.places and vacancy.state == VacancyState.OPEN:
            state = VacancyState.FILLED.value
            change(acting_staff, "markets.close_vacancy", vacancy, state=state)
    return placement


def _taken(staff: StaffUser, vacancy: Vacancy) -> int:
    """How many places are taken as far as this staff user may know, as places of a course are: work
    said to be filled with a place free would tell that somebody hidden has it (protection.md R5).
    """
    rows = vacancy.matches.filter(state=MatchState.PLACED.value)
    return rows.exclude(person_id__in=hidden_from(staff)).count()


def end_job(
    *,
    acting_staff: StaffUser,
    placement: JobPlacement,
    ended_date: date,
    reason: str,
    today: date,
) -> JobPlacement:
    """Record that a job ended and why. Raises EndedAlready, JobReasonMissing,
    EndsBeforeItStarts, DayAhead.
    """
    require(acting_staff, "markets.propose_person", placement)
    if not reason.strip():
        raise JobReasonMissing(field="reason")
    if ended_date > today:
        raise DayAhead(field="ended_date")
    with transaction.atomic():
        row = held(placement)
        if row.ended_date is not None:
            raise EndedAlready
        if ended_date < row.started_date:
            raise EndsBeforeItStarts(field="ended_date")
        change(
            acting_staff,
            "markets.end_job",
            row,
            ended_date=ended_date,
            end_reason=reason.strip(),
        )
    return row


def check_job(
    *,
    acting_staff: StaffUser,
    placement: JobPlacement,
    month: int,
    checked_date: date,
    still_there: bool,
    today: date,
    other_job: bool = False,
    remark: str = "",
    reason: str = "",
    id: UUID | None = None,
) -> JobCheck:
    """Look whether somebody is still in her job 6 or 12 months after its first day; another person
    than placed her looks.

    Raises MarkUnknown, TooEarly, LookedAtAlready, StillThereThoughEnded, DayAhead, SamePerson or
    ReasonNeeded by profile.
    """
    require(acting_staff, "markets.check_job", placement)
    known = already_stored(JobCheck, id, acting_staff, placement=placement, month=month)
    if known is not None:
        return known
    if month not in MARKS:
        raise MarkUnknown(field="month")
    if checked_date > today:
        raise DayAhead(field="checked_date")
    with transaction.atomic():
        row = held(placement)
        due = due_on(row.started_date, month)
        if checked_date < due:
            raise TooEarly(field="checked_date", day=due.isoformat())
        if still_there and row.ended_date is not None and row.ended_date < due:
            raise StillThereThoughEnded(field="still_there")
        if row.checks.filter(month=month).exists():
            raise LookedAtAlready(field="month")
        require_other_person(
            acting_staff, row.placed_by_id, step="markets.check_job", reason=reason, obj=row
        )
        look = JobCheck(
            id=id or new_id(),
            placement=row,
            month=month,
            checked_date=checked_date,
            checked_by=acting_staff,
            still_there=still_there,
            other_job=other_job and not still_there,
            remark=remark,
        )
        add(acting_staff, "markets.check_job", look, {"month": month})
    return look


def set_job_target(
    *, acting_staff: StaffUser, programme: Programme, job_kind: JobKind, share_bps: int
) -> JobTarget:
    """Set which share of its jobs a programme aims at for one kind. Raises LimitOutOfRange."""
    require(acting_staff, "markets.set_job_target", programme)
    if not 0 <= share_bps <= 10_000:
        raise LimitOutOfRange(field="share")
    row = JobTarget(
        programme=programme, job_kind=job_kind.value, share_bps=share_bps, set_by=acting_staff
    )
    add(acting_staff, "markets.set_job_target", row)
    return row
