"""Rules, applications, decisions and the steps after them."""

from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Status

from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.people import services
from handup.people.api import schemas as s
from handup.people.api.schemas import found, named
from handup.people.models import EligibilityRule, Participation, Person
from handup.people.rules.codes import ParticipationState
from handup.people.services import ApplicationIn
from handup.projects.models import Phase, Programme

router = Router()
WantedState = Annotated[ParticipationState | None, Query(None)]
WantedProgramme = Annotated[UUID | None, Query(None)]


@router.get("/rules", response=PageOut[s.RuleOut])
def list_rules(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Every version of every rule."""
    rows = EligibilityRule.objects.visible_to(request.auth_staff)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/rules", response={201: s.RuleOut})
def publish_rule(request: StaffRequest, told: s.RuleTold) -> Status[EligibilityRule]:
    """Publish the next version of a programme's rule."""
    staff = request.auth_staff
    row = services.publish_rule(
        acting_staff=staff,
        programme=found(Programme, staff, told.programme_id),
        title=told.title,
        tree=told.tree,
        valid_from=told.valid_from,
        appeal_route=told.appeal_route,
    )
    return Status(201, row)


@router.get("/participations", response=PageOut[s.ParticipationOut])
def list_participations(
    request: StaffRequest,
    after: After = None,
    limit: PageSize = 50,
    state: WantedState = None,
    programme_id: WantedProgramme = None,
) -> dict[str, object]:
    """Participations the caller may see, of one state or programme if asked."""
    rows = Participation.objects.visible_to(request.auth_staff)
    rows = rows.filter(state=state.value) if state else rows
    rows = rows.filter(programme_id=programme_id) if programme_id else rows
    items, following = page(rows, after, limit)
    reads.note(request, persons=[row.person_id for row in items], action="LIST")
    return {"items": items, "next": following}


@router.post("/participations", response={201: s.ParticipationOut})
def apply_to_programme(
    request: StaffRequest, key: IdempotencyKey, told: s.ApplicationTold
) -> Status[Participation]:
    """Let a person apply to a programme."""
    staff = request.auth_staff
    application = ApplicationIn(
        id=key,
        person=found(Person, staff, told.person_id),
        programme=found(Programme, staff, told.programme_id),
        phase=named(Phase, staff, told.phase_id),
        applied_date=told.applied_date,
    )
    row = services.apply_to_programme(acting_staff=staff, application=application)
    return Status(201, row)


@router.post("/participations/{uuid:participation_id}/decision", response=s.ParticipationOut)
def decide_eligibility(
    request: StaffRequest, participation_id: UUID, told: s.DecisionTold
) -> Participation:
    """Let the rule of the programme decide an application."""
    staff = request.auth_staff
    return services.decide_eligibility(
        acting_staff=staff,
        participation=found(Participation, staff, participation_id),
        decided_date=told.decided_date,
    )


@router.post("/participations/{uuid:participation_id}/moves", response=s.ParticipationOut)
def move_participation(
    request: StaffRequest, participation_id: UUID, told: s.MoveTold
) -> Participation:
    """Take the next step after the decision."""
    staff = request.auth_staff
    return services.move_participation(
        acting_staff=staff,
        participation=found(Participation, staff, participation_id),
        to_state=told.to_state,
        reason=told.reason.value,
        on=told.on,
    )
