"""Whom to ask in the place of somebody who was not reached: a new case with its reason, drawn as
the round was, so that nobody is picked by hand (surveys.md 4.2).
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.surveys.models import Case, Round
from handup.surveys.rules import samples
from handup.surveys.rules.codes import Outcome, RoundState, SubjectKind
from handup.surveys.services.refusals import (
    CaseNotEnded,
    InterviewedAlready,
    NobodyLeft,
    ReasonMissing,
    ReplacedAlready,
    RoundNotOpen,
)
from handup.surveys.services.rounds import EligibleIn, case_of, due_by_anchor, refuse_other_kind

REASON_MOST = 200


def replace_case(
    *,
    acting_staff: StaffUser,
    case: Case,
    eligible: Sequence[EligibleIn],
    reason: str,
    id: UUID | None = None,
) -> Case:
    """Draw the next one in the place of a case that ended without an interview.

    Of those eligible who were registered by the time of the draw and have no case in the round, the
    first in the order of the seed is taken: from the same stratum or cluster where the round was
    drawn by them. The case replaced stays with its outcome. The new one has the same chance written
    to it; what a wider draw does to the weights is worked out where they are read
    (`rules.weights.widened`). The same `id` again changes nothing. Raises ReasonMissing,
    RoundNotOpen, CaseNotEnded, InterviewedAlready, ReplacedAlready, WrongSubject, NobodyLeft.
    """
    require(acting_staff, "surveys.replace_case", case)
    existing = already_stored(Case, id, acting_staff, replaces=case)
    if existing is not None:
        return existing
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        round = Round.objects.select_for_update(of=("self",)).get(pk=case.round_id)
        held = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        _refuse(round, held)
        refuse_other_kind(SubjectKind(held.subject_kind), eligible)
        item = _next(round, held, eligible)
        chance = samples.Drawn(str(item.subject.pk), held.stratum, 1 / held.weight)
        row = case_of(round, item, chance)
        due_by_anchor(round, [row])
        row.pk = id or new_id()
        row.replaces, row.replace_reason = held, reason.strip()[:REASON_MOST]
        row.interviewer = item.interviewer or held.interviewer
        row.save(force_insert=True)
        audit.record(acting_staff, "surveys.replace_case", row, {"replaces": str(held.pk)})
    return row


def _refuse(round: Round, held: Case) -> None:
    if round.state != RoundState.OPEN:
        raise RoundNotOpen(round=round.name)
    if held.outcome == "":
        raise CaseNotEnded
    if held.outcome == Outcome.INTERVIEWED:
        raise InterviewedAlready
    if Case._base_manager.filter(replaces=held).exists():
        raise ReplacedAlready


def _next(round: Round, held: Case, eligible: Sequence[EligibleIn]) -> EligibleIn:
    """The first in the order of the seed who may stand for this case and has none yet."""
    asked = set(Case._base_manager.filter(round=round).values_list("subject_id", flat=True))
    pool = samples.pool(round.plan, held.stratum, held.cluster)
    left = {
        str(one.subject.pk): one
        for one in eligible
        if one.subject.pk not in asked
        and (round.drawn_at is None or one.subject.recorded_at <= round.drawn_at)
        and samples.pool(round.plan, one.stratum, one.cluster) == pool
    }
    order = samples.order(list(left), round.seed)
    if not order:
        raise NobodyLeft
    return left[order[0]]
