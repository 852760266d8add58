"""Answers typed from paper through the API: kept as they are typed, then handed in."""

from uuid import UUID

from handup.kernel.errors import Refusal
from handup.org.interface import StaffRequest
from handup.org.permissions import OutOfSight
from handup.surveys import services
from handup.surveys.api.more_schemas import PaperFinished, PaperOut, PaperTold
from handup.surveys.api.operations import router, seen
from handup.surveys.forms.paper import askers
from handup.surveys.models import Case, PaperEntry
from handup.surveys.services.refusals import TypedOtherwise


class DifferencesTold(Refusal):
    """{count} places were typed otherwise the first time: {places}. To go on tell seen: {seen}."""


@router.post("/cases/{uuid:case_id}/paper", response=PaperOut)
def keep_paper(request: StaffRequest, case_id: UUID, told: PaperTold) -> PaperEntry:
    """Keep what is typed of a paper so far, right or wrong; again replaces it."""
    asked_by = None
    if told.asked_by_id is not None:
        asked_by = askers().filter(pk=told.asked_by_id).first()
        if asked_by is None:
            raise OutOfSight
    return services.keep_paper(
        acting_staff=request.auth_staff,
        case=seen(Case, request.auth_staff, case_id),
        typed=told.typed,
        answered_date=told.answered_date,
        asked_by=asked_by,
    )


@router.post("/cases/{uuid:case_id}/paper/finish", response=PaperOut)
def finish_paper(request: StaffRequest, case_id: UUID, told: PaperFinished) -> PaperEntry:
    """Hand in what is typed of a paper; where it is typed twice it waits for the second time."""
    try:
        return services.finish_paper(
            acting_staff=request.auth_staff,
            case=seen(Case, request.auth_staff, case_id),
            as_written=told.as_written,
            seen=told.seen,
            answers=[services.AnswerIn(**one.dict()) for one in told.answers],
            consented=told.consented,
        )
    except TypedOtherwise as refusal:
        places = ", ".join(one.place for one in refusal.faults)
        raise DifferencesTold(
            field="seen", count=len(refusal.faults), places=places, seen=refusal.seen
        ) from refusal
