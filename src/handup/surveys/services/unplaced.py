"""Answers that belong to no case: whoever knows whose they are places them on a case."""

import re
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_from, leave_out
from handup.surveys.models import Case, Submission, UnplacedAnswers
from handup.surveys.rules.codes import Channel, RoundState
from handup.surveys.services.collecting import keep_media, version_of
from handup.surveys.services.form_answers import (
    FormSubmissionIn,
    envelope,
    record_form_submission,
)
from handup.surveys.services.unplaced_files import let_files_go, taken_from

BY_HAND = "PLACED_BY_HAND"
_KEY = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class PlacedAlready(Refusal):
    """These answers are placed on a case already."""


class NothingLeftToPlace(Refusal):
    """The answers were erased; there is nothing left to place."""


class CaseOfOtherProgramme(Refusal):
    """This case belongs to another programme than the answers."""


class NoSuchCase(Refusal):
    """Nobody with this number is asked in an open round of this programme."""


class SeveralCases(Refusal):
    """Several open cases have this number. Write the key of the case."""


def place_answers(*, acting_staff: StaffUser, answers: UnplacedAnswers, case: Case) -> Submission:
    """Receive answers that named no case as those of this case; a second person decides on them.

    They are recorded through `record_form_submission` as sent by whom they came from, held for the
    decision; what was kept apart leaves then, its files go with them, so that nothing is kept twice
    (or after a refusal at all). Raises PlacedAlready, NothingLeftToPlace, CaseOfOtherProgramme,
    FormUnknown, NotScanned and what `record_form_submission` raises.
    """
    require(acting_staff, "surveys.place_answers", answers)
    with transaction.atomic():
        row = UnplacedAnswers._base_manager.select_for_update().get(pk=answers.pk)
        if row.placed_as_id is not None:
            raise PlacedAlready
        if not row.body:
            raise NothingLeftToPlace
        if case.round.programme_id != row.programme_id:
            raise CaseOfOtherProgramme(field="case")
        body = row.body.encode()
        read = envelope(body)
        code = read.element.get("id") or ""
        version = version_of(row.programme, code, read.element.get("version") or "")
        known = set(
            Submission._base_manager.filter(instance_id=read.instance_id).values_list(
                "pk", flat=True
            )
        )
        placed = record_form_submission(
            acting_staff=acting_staff,
            submission=FormSubmissionIn(
                case=case,
                version=version,
                body=body,
                doubts=(BY_HAND,),
                channel=Channel.OPENROSA,
                device=row.device,
            ),
        )
        if placed.pk not in known:
            Submission._base_manager.filter(pk=placed.pk).update(interviewer=row.sent_by_id)
        if placed.consented and placed.body:
            for name, content in taken_from(row):
                keep_media(acting_staff, placed, {name: content})
        let_files_go([row.pk])
        UnplacedAnswers._base_manager.filter(pk=row.pk).update(body="", placed_as=placed)
        audit.record(acting_staff, "surveys.place_answers", row, {"submission": str(placed.pk)})
    placed.refresh_from_db()
    return placed


def case_with(staff: StaffUser, answers: UnplacedAnswers, number: str) -> Case:
    """The case of an open round by its key or by the number of whom it asks. Raises NoSuchCase,
    SeveralCases.
    """
    told = number.strip()
    rows = _open_cases(staff, answers)
    try:
        found = list(rows.filter(pk=UUID(told))[:2])
    except ValueError:
        paths = ("person__registration_no", "household__code", "enterprise__code")
        found = [row for path in paths for row in rows.filter(**{path: told})[:2]]
    if not found:
        raise NoSuchCase(field="number")
    if len(found) > 1:
        raise SeveralCases(field="number")
    return found[0]


def case_named_by(answers: UnplacedAnswers) -> Case | None:
    """The case whose key stands somewhere in the answers, whoever may see it."""
    keys = {UUID(key) for key in _KEY.findall(answers.body)}
    row: Case | None = (
        Case._base_manager.filter(pk__in=keys, round__programme=answers.programme_id)
        .select_related("round", "person", "household", "enterprise")
        .first()
    )
    return row


def _open_cases(staff: StaffUser, answers: UnplacedAnswers) -> QuerySet[Case]:
    rows = Case.objects.visible_to(staff).filter(
        round__programme=answers.programme_id, round__state=RoundState.OPEN
    )
    return leave_out(rows, hidden_from(staff)).select_related(
        "round__programme", "round__questionnaire"
    )
