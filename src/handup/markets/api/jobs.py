"""Vacancies, placements, policy issues and technology over the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.markets.api.shapes import Day, Line, Units, found, named
from handup.markets.models import (
    JobCheck,
    JobMatch,
    JobPlacement,
    PolicyEvent,
    PolicyIssue,
    Vacancy,
)
from handup.markets.models.labels import JobKind
from handup.markets.queries import jobs as queries
from handup.markets.rules.policy import PolicyStage
from handup.markets.services import jobs, linkages
from handup.org import reads
from handup.org.interface import (
    After,
    Currency,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.models import Area, Office
from handup.people.models import Person
from handup.projects.models import Document, Organisation, Programme

router = Router()
Sentence = Annotated[Text, Field(max_length=300)]


class VacancyTold(Schema):
    """Places of work an employer offers."""

    programme_id: UUID
    title: Annotated[Text, Field(min_length=1, max_length=160)]
    job_kind: JobKind
    opened_date: Day
    employer_id: UUID | None = None
    employer_name: Annotated[Text, Field(max_length=160)] = ""
    places: Annotated[int, Field(ge=1, le=10_000)] = 1
    permanent: bool = False
    wage_units: Units | None = None
    wage_per: Annotated[Text, Field(max_length=40)] = ""
    currency: Currency | None = None
    requirements: Sentence = ""
    closes_date: Day | None = None
    office_id: UUID | None = None
    area_id: UUID | None = None


class VacancyOut(Schema):
    """A vacancy."""

    id: UUID
    programme_id: UUID
    title: str
    job_kind: str
    employer_words: str
    places: int
    opened_date: date
    state: str


class MatchTold(Schema):
    """Whom to propose, since when."""

    person_id: UUID
    matched_date: Day


class MatchOut(Schema):
    """A person proposed."""

    id: UUID
    vacancy_id: UUID
    person_id: UUID
    matched_date: date
    state: str


class PlacedTold(Schema):
    """The first day of a job."""

    started_date: Day


class PlacementOut(Schema):
    """A job somebody began."""

    id: UUID
    match_id: UUID
    person_id: UUID
    started_date: date
    ended_date: date | None


class LookTold(Schema):
    """Whether she is still there, 6 or 12 months after the first day."""

    month: Annotated[int, Field(ge=6, le=12)]
    checked_date: Day
    still_there: bool
    other_job: bool = False
    remark: Sentence = ""
    reason: Sentence = ""


class LookOut(Schema):
    """A look."""

    id: UUID
    placement_id: UUID
    month: int
    checked_date: date
    still_there: bool
    other_job: bool


class StayedOut(Schema):
    """Who is still in the job at a mark, of those whose day has come and who were looked at."""

    month: int
    due: int
    looked: int
    still: int


class WayOut(Schema):
    """The way from a vacancy to a job that lasts."""

    places: int
    proposed: int
    placed: int
    stayed: list[StayedOut]


class IssueTold(Schema):
    """A policy issue to open."""

    programme_id: UUID
    title: Annotated[Text, Field(min_length=1, max_length=200)]
    ask: Annotated[LongText, Field(min_length=1)]
    target: Annotated[Text, Field(min_length=1, max_length=200)]
    association_id: UUID | None = None
    office_id: UUID | None = None
    area_id: UUID | None = None


class IssueOut(Schema):
    """A policy issue."""

    id: UUID
    programme_id: UUID
    title: str
    target: str
    stage: int
    state: str
    claim: str


class EventTold(Schema):
    """What happened to an issue; `after`: the stage it moves to, null when it stays."""

    event_date: Day
    note: Annotated[Text, Field(min_length=1, max_length=300)]
    after: Annotated[int, Field(ge=1, le=7)] | None = None
    document_id: UUID | None = None
    official: bool = False


class EventOut(Schema):
    """What happened."""

    id: UUID
    issue_id: UUID
    event_date: date
    before: int
    after: int
    note: Line
    official: bool


@router.get("/vacancies", response=PageOut[VacancyOut])
def list_vacancies(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The vacancies the caller may see."""
    rows = Vacancy.objects.visible_to(request.auth_staff).select_related("employer")
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/vacancies", response={201: VacancyOut})
def open_vacancy(request: StaffRequest, key: IdempotencyKey, told: VacancyTold) -> Status[Vacancy]:
    """Record places of work."""
    staff = request.auth_staff
    row = jobs.open_vacancy(
        acting_staff=staff,
        programme=found(Programme, staff, told.programme_id),
        employer=named(Organisation, staff, told.employer_id),
        office=named(Office, staff, told.office_id),
        area=named(Area, staff, told.area_id),
        currency=told.currency or "",
        id=key,
        **told.dict(exclude={"programme_id", "employer_id", "office_id", "area_id", "currency"}),
    )
    return Status(201, row)


@router.post("/vacancies/{uuid:vacancy_id}/matches", response={201: MatchOut})
def propose_person(
    request: StaffRequest, vacancy_id: UUID, key: IdempotencyKey, told: MatchTold
) -> Status[JobMatch]:
    """Propose a participant for a vacancy."""
    staff = request.auth_staff
    person = found(Person, staff, told.person_id)
    reads.note(request, persons=[person.pk], highest="P")
    row = jobs.propose_person(
        acting_staff=staff,
        vacancy=found(Vacancy, staff, vacancy_id),
        person=person,
        matched_date=told.matched_date,
        id=key,
    )
    return Status(201, row)


@router.post("/matches/{uuid:match_id}/placement", response={201: PlacementOut})
def place_person(
    request: StaffRequest, match_id: UUID, key: IdempotencyKey, told: PlacedTold
) -> Status[JobPlacement]:
    """Record that a proposed person began."""
    staff = request.auth_staff
    match = found(JobMatch, staff, match_id)
    reads.note(request, persons=[match.person_id], highest="P")
    row = jobs.place_person(
        acting_staff=staff,
        match=match,
        started_date=told.started_date,
        today=timezone.localdate(),
        id=key,
    )
    return Status(201, row)


@router.post("/placements/{uuid:placement_id}/looks", response={201: LookOut})
def check_job(
    request: StaffRequest, placement_id: UUID, key: IdempotencyKey, told: LookTold
) -> Status[JobCheck]:
    """Look whether somebody is still in her job."""
    staff = request.auth_staff
    placement = found(JobPlacement, staff, placement_id)
    reads.note(request, persons=[placement.person_id], highest="P")
    row = jobs.check_job(
        acting_staff=staff,
        placement=placement,
        today=timezone.localdate(),
        id=key,
        **told.dict(),
    )
    return Status(201, row)


@router.get("/jobs/way", response=WayOut)
def job_way(request: StaffRequest) -> WayOut:
    """Count the way from a vacancy to a job that lasts, among what the caller may see."""
    staff = request.auth_staff
    way = queries.way(staff, queries.placements(staff), on=timezone.localdate())
    return WayOut(
        places=way.places,
        proposed=way.proposed,
        placed=way.placed,
        stayed=[
            StayedOut(month=one.month, due=one.due, looked=one.looked, still=one.still)
            for one in way.stayed
        ],
    )


@router.get("/policy-issues", response=PageOut[IssueOut])
def list_issues(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The policy issues the caller may see."""
    items, following = page(PolicyIssue.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/policy-issues", response={201: IssueOut})
def open_issue(request: StaffRequest, key: IdempotencyKey, told: IssueTold) -> Status[PolicyIssue]:
    """Open a policy issue at its first stage."""
    staff = request.auth_staff
    row = linkages.open_issue(
        acting_staff=staff,
        programme=found(Programme, staff, told.programme_id),
        association=named(Organisation, staff, told.association_id),
        office=named(Office, staff, told.office_id),
        area=named(Area, staff, told.area_id),
        id=key,
        **told.dict(exclude={"programme_id", "association_id", "office_id", "area_id"}),
    )
    return Status(201, row)


@router.post("/policy-issues/{uuid:issue_id}/events", response={201: EventOut})
def record_policy_event(
    request: StaffRequest, issue_id: UUID, key: IdempotencyKey, told: EventTold
) -> Status[PolicyEvent]:
    """Record what happened to an issue, and whether it moves a stage."""
    staff = request.auth_staff
    row = linkages.record_policy_event(
        acting_staff=staff,
        issue=found(PolicyIssue, staff, issue_id),
        event_date=told.event_date,
        note=told.note,
        after=None if told.after is None else PolicyStage(told.after),
        document=named(Document, staff, told.document_id),
        official=told.official,
        today=timezone.localdate(),
        id=key,
    )
    return Status(201, row)
