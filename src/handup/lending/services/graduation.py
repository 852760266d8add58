"""Graduating from a pathway: proposed by one person, decided by another, who reads what each
criterion comes to on that day; what is not known is never met.
"""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.models import GraduationDecision, PathwayEnrolment
from handup.lending.rules.codes import EnrolmentState, ProposalState
from handup.lending.rules.pathways import Standing
from handup.lending.services.pathway_facts import standing_of
from handup.lending.services.pathways import end_enrolment, locked_enrolment
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import ReasonNeeded, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require


class GraduationWaits(Refusal):
    """A graduation of {code} waits for a decision already."""


class GraduationDecided(Refusal):
    """This graduation is already decided."""


class NotGraduatedYet(Refusal):
    """{met} of {needed} criteria are met; still open: {missing}."""


class DecidedBefore(Refusal):
    """{date} is before it was proposed on {proposed}."""


def propose_graduation(
    *,
    acting_staff: StaffUser,
    enrolment: PathwayEnrolment,
    proposed_date: date,
    note: str = "",
    id: UUID | None = None,
) -> GraduationDecision:
    """Propose that a participant has graduated; enough criteria must be met that day.

    Raises NotAllowed, OutOfSight, PathwayEnded, BeforeEnrolment, FutureDate, GraduationWaits,
    NotGraduatedYet.
    """
    require(acting_staff, "lending.propose_graduation", enrolment)
    content = {"enrolment": enrolment, "proposed_date": proposed_date}
    if (stored := already_stored(GraduationDecision, id, acting_staff, **content)) is not None:
        return stored
    with transaction.atomic():
        held = locked_enrolment(enrolment, proposed_date, "proposed_date")
        if held.graduations.filter(state=ProposalState.PROPOSED.value).exists():
            raise GraduationWaits(code=held.code)
        standing = standing_of(held, proposed_date)
        _require_ready(standing)
        row = GraduationDecision(
            id=id or new_id(),
            enrolment=held,
            proposed_date=proposed_date,
            proposed_by=acting_staff,
            proposal_note=note.strip(),
            reasons=_reasons(standing),
        )
        row.save(force_insert=True)
        audit.record(acting_staff, "lending.propose_graduation", row, {"met": standing.met})
    return row


def decide_graduation(
    *,
    acting_staff: StaffUser,
    graduation: GraduationDecision,
    decided_date: date,
    approve: bool,
    reason: str = "",
) -> GraduationDecision:
    """Decide as another person than who proposed it and than whoever saw what is counted by hand;
    every criterion is judged again as of that day and kept with the decision.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, GraduationDecided, PathwayEnded,
    DecidedBefore, FutureDate, NotGraduatedYet.
    """
    require(acting_staff, "lending.decide_graduation", graduation)
    if not approve and not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        held = locked_enrolment(graduation.enrolment, decided_date, "decided_date")
        row = GraduationDecision._base_manager.select_for_update().get(pk=graduation.pk)
        if row.state != ProposalState.PROPOSED:
            raise GraduationDecided()
        if decided_date < row.proposed_date:
            raise DecidedBefore(field="decided_date", date=decided_date, proposed=row.proposed_date)
        standing = standing_of(held, decided_date)
        require_other_person(
            acting_staff,
            row.proposed_by_id,
            *{UUID(item.reading.by) for item in standing.judged if item.reading.by},
            step="lending.decide_graduation",
            reason=reason,
            obj=row,
        )
        if approve:
            _require_ready(standing)
        row.state = (ProposalState.APPROVED if approve else ProposalState.DECLINED).value
        row.decided_date, row.decided_by = decided_date, acting_staff
        row.reasons, row.decision_reason = _reasons(standing), reason.strip()
        row.save(
            update_fields=("state", "decided_date", "decided_by", "reasons", "decision_reason")
        )
        if approve:
            end_enrolment(
                held, EnrolmentState.GRADUATED, decided_date, acting_staff, reason.strip()
            )
        audit.record(acting_staff, "lending.decide_graduation", row, {"state": row.state})
    return row


def _reasons(standing: Standing) -> list[dict[str, str]]:
    return [item.as_data() for item in standing.judged]


def _require_ready(standing: Standing) -> None:
    if standing.is_ready:
        return
    missing = [item.criterion.label for item in standing.judged if item.judgement != "MET"]
    raise NotGraduatedYet(met=standing.met, needed=standing.needed, missing=", ".join(missing))
