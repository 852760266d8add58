"""What becomes of cases when answers come, are withdrawn or are sent back."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from handup.surveys.models import Case, Submission
from handup.surveys.rules.codes import Outcome, SubmissionState

CHUNK = 500


def answered_cases(ids: Sequence[UUID]) -> set[UUID]:
    """The cases among these that have a set of answers which counts or may yet count."""
    found: set[UUID] = set()
    for start in range(0, len(ids), CHUNK):
        found |= set(
            Submission.objects.filter(case__in=ids[start : start + CHUNK])
            .exclude(
                state__in=(
                    SubmissionState.SET_ASIDE,
                    SubmissionState.CONFLICT,
                    SubmissionState.SENT_BACK,
                )
            )
            .values_list("case_id", flat=True)
        )
    return found


def locked_outcomes(ids: Sequence[UUID]) -> dict[UUID, str]:
    """How these cases ended so far; they are locked until the transaction ends."""
    found: dict[UUID, str] = {}
    for start in range(0, len(ids), CHUNK):
        rows = Case.objects.filter(pk__in=ids[start : start + CHUNK]).order_by("pk")
        found |= dict(rows.select_for_update().values_list("pk", "outcome"))
    return found


def kept_conflict(instance_id: str, sha256: str) -> Submission | None:
    """The second body with these bytes that is kept already under an id."""
    found: Submission | None = Submission.objects.filter(
        instance_id=instance_id, sha256=sha256, state=SubmissionState.CONFLICT
    ).first()
    return found


def is_withdrawn(ids: Sequence[UUID]) -> set[UUID]:
    """The cases among these whose answers were withdrawn: nothing more is kept of them."""
    found: set[UUID] = set()
    for start in range(0, len(ids), CHUNK):
        rows = Submission.objects.filter(
            case__in=ids[start : start + CHUNK], state=SubmissionState.WITHDRAWN
        )
        found |= set(rows.values_list("case_id", flat=True))
    return found


def end_cases(rows: Sequence[Submission]) -> None:
    """An interview or a refusal ends its case; a second set of answers or a conflict does not."""
    ended: dict[tuple[Outcome, date], list[UUID]] = {}
    for row in rows:
        outcome = Outcome.INTERVIEWED if row.consented else Outcome.REFUSED
        ended.setdefault((outcome, row.answered_date), []).append(row.case_id)
    for (outcome, day), ids in ended.items():
        for start in range(0, len(ids), CHUNK):
            Case.objects.filter(pk__in=ids[start : start + CHUNK]).update(
                outcome=outcome, outcome_date=day
            )


def ask_again(row: Submission) -> None:
    """Open the case of answers sent back, unless another set of it counts or may yet count."""
    if row.case_id not in answered_cases([row.case_id]):
        Case.objects.filter(pk=row.case_id, outcome=Outcome.INTERVIEWED).update(
            outcome="", outcome_date=None
        )
