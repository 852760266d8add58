"""What missions found: an action is recorded, handed over, ended."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import Document, MissionAction, Programme
from handup.projects.rules.missions import MissionActionState
from handup.projects.services.memoranda import DoneAhead, ResultMissing
from handup.projects.services.store import add, change

# What never changes once it is recorded; whose it is and its day may be handed over.
SAID = ("mission", "mission_date", "document", "finding", "action")


class FindingMissing(Refusal):
    """Write what was found and what is to be done."""


class DueBeforeMission(Refusal):
    """It falls due before the mission itself, on {mission}."""


class ActionEnded(Refusal):
    """This was ended already, on {ended}."""


class EndedBeforeMission(Refusal):
    """This day lies before the mission, on {mission}."""


class PaperOfAnother(Refusal):
    """This report belongs to another programme."""


class OwnerGone(Refusal):
    """{name} does not work here any more. Name somebody who does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionActionIn:
    """What a mission found on its day, what is to be done, by whom and until when."""

    mission: str
    mission_date: date
    finding: str
    action: str
    owner: StaffUser
    due_date: date
    document: Document | None = None
    id: UUID | None = None


def record_mission_action(
    *, acting_staff: StaffUser, programme: Programme, told: MissionActionIn, today: date
) -> MissionAction:
    """Record a finding of a mission with the action agreed on it.

    Raises FindingMissing, DoneAhead (the mission is still to come), DueBeforeMission, OwnerGone,
    PaperOfAnother, SameIdOtherContent.
    """
    require(acting_staff, "projects.record_mission_action", programme)
    row = MissionAction(
        id=told.id or new_id(),
        programme=programme,
        mission=told.mission.strip(),
        mission_date=told.mission_date,
        document=told.document,
        finding=told.finding.strip(),
        action=told.action.strip(),
        owner=told.owner,
        due_date=told.due_date,
        recorded_by=acting_staff,
    )
    said = {name: getattr(row, name) for name in SAID}
    stored = already_stored(MissionAction, told.id, acting_staff, programme=programme, **said)
    if stored is not None:
        return stored
    if not (row.mission and row.finding and row.action):
        raise FindingMissing(field="finding")
    if row.mission_date > today:
        raise DoneAhead(field="mission_date")
    if row.due_date < row.mission_date:
        raise DueBeforeMission(field="due_date", mission=row.mission_date)
    if told.document is not None and told.document.programme_id != programme.pk:
        raise PaperOfAnother(field="document")
    _works_here(told.owner)
    add(acting_staff, "projects.record_mission_action", row)
    return row


def hand_over_mission_action(
    *, acting_staff: StaffUser, mission_action: MissionAction, owner: StaffUser, due_date: date
) -> MissionAction:
    """Give an open action to somebody else, or another day. Raises ActionEnded, DueBeforeMission,
    OwnerGone.
    """
    require(acting_staff, "projects.record_mission_action", mission_action)
    _works_here(owner)
    if due_date < mission_action.mission_date:
        raise DueBeforeMission(field="due_date", mission=mission_action.mission_date)
    with transaction.atomic():
        row = _open(mission_action)
        change(
            acting_staff,
            "projects.hand_over_mission_action",
            row,
            owner=owner,
            due_date=due_date,
        )
    return row


def end_mission_action(
    *,
    acting_staff: StaffUser,
    mission_action: MissionAction,
    state: MissionActionState,
    ended_date: date,
    result: str,
    today: date,
) -> MissionAction:
    """Record that an action was done, or dropped, and what came of it or why.

    Told again the same, nothing changes. Raises ActionEnded, ResultMissing, DoneAhead,
    EndedBeforeMission.
    """
    require(acting_staff, "projects.end_mission_action", mission_action)
    if not result.strip():
        raise ResultMissing(field="result")
    if ended_date > today:
        raise DoneAhead(field="ended_date")
    if ended_date < mission_action.mission_date:
        raise EndedBeforeMission(field="ended_date", mission=mission_action.mission_date)
    told = (state.value, ended_date, result.strip())
    with transaction.atomic():
        row = MissionAction.objects.select_for_update().get(pk=mission_action.pk)
        if (row.state, row.ended_date, row.result) == told:
            return row
        row = _open(row)
        change(
            acting_staff,
            "projects.end_mission_action",
            row,
            state=state.value,
            ended_date=ended_date,
            result=result.strip(),
        )
    return row


def _open(action: MissionAction) -> MissionAction:
    """The row as it stands, held. Raises ActionEnded."""
    row: MissionAction = MissionAction.objects.select_for_update().get(pk=action.pk)
    if row.state != MissionActionState.OPEN:
        raise ActionEnded(ended=row.ended_date)
    return row


def _works_here(owner: StaffUser) -> None:
    if not owner.is_active:
        raise OwnerGone(field="owner", name=str(owner))
