"""Answers corrected by the office, as a new state of the same set with its reason, and answers
withdrawn by whoever gave them (surveys.md section 5).

A correction changes nothing that was sent: every earlier state stays with its bytes. It is judged
again like answers that arrive, and a third person decides on it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.services.days import refuse_to_come
from handup.surveys.models import Answer, Case, Flag, Question, Round, Submission
from handup.surveys.rules.codes import (
    Channel,
    FlagRule,
    Outcome,
    QuestionType,
    RoundState,
    SubmissionState,
)
from handup.surveys.rules.form.filling import from_xml, leaves, to_xml
from handup.surveys.rules.form.model import Form
from handup.surveys.rules.form.sending import prepare
from handup.surveys.rules.form.steps import look, settle
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.services.blanking import blank_answers, blank_unstored
from handup.surveys.services.cases import end_cases
from handup.surveys.services.collecting import case_values
from handup.surveys.services.edits import PLACE, arrange
from handup.surveys.services.form_answers import (
    FormSubmissionIn,
    envelope,
    judged_of,
)
from handup.surveys.services.refusals import (
    ChangedAlready,
    NothingCorrected,
    NothingKept,
    NothingToWithdraw,
    NotInThisState,
    QuestionUnknown,
    ReasonMissing,
    RoundLocked,
)
from handup.surveys.services.submissions import (
    AnswerIn,
    Judged,
    SubmissionIn,
    content_of,
    flags_of,
    judged_plain,
)
from handup.surveys.services.uploads import form_of

CORRECTABLE = frozenset(
    {
        SubmissionState.RECEIVED,
        SubmissionState.HELD,
        SubmissionState.SENT_BACK,
        SubmissionState.ACCEPTED,
    }
)
REASON_MOST = 300
Place = tuple[str, int]
"""The name of a question and the row of its repeat, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeIn:
    """One answer as it should have been, empty for none; `index`: the row of a repeat, from 0.

    An amount is in the smallest unit of its currency, but in a questionnaire from a spreadsheet as
    it is typed there.
    """

    name: str
    value: str
    index: int = 0


def answers_now(submission: Submission) -> dict[Place, str]:
    """Every place of a set of answers where something may stand, with what stands there now, in the
    order of the questionnaire. Raises NothingKept when the answers were erased.
    """
    if not submission.body:
        raise NothingKept
    form = form_of(submission.version)
    if form is not None:
        return {
            place: node.text
            for place, node in _nodes(form, from_xml(form, submission.body.encode()).root).items()
        }
    given = {
        (one["name"], int(one["index"])): str(one["value"])
        for one in content_of(submission)["answers"]
    }
    found: dict[Place, str] = {}
    for question in submission.version.questions.all():
        rows = [index for name, index in given if name == question.name]
        last = max(rows, default=0) + (1 if question.repeat_path else 0)
        found |= {
            (question.name, index): given.get((question.name, index), "")
            for index in range(last + 1)
        }
    return found | given


def _nodes(form: Form, root: Node) -> dict[Place, Node]:
    """The leaves of a tree by question and row, rows numbered through as answers are."""
    counted: dict[str, int] = {}
    found: dict[Place, Node] = {}
    for field, node in leaves(form.root, root):
        index = counted.get(field.name, 0)
        counted[field.name] = index + 1
        found[field.name, index] = node
    return found


def correct_submission(
    *,
    acting_staff: StaffUser,
    submission: Submission,
    changes: Sequence[ChangeIn],
    reason: str,
    id: UUID | None = None,
) -> Submission:
    """Keep a new state of a set of answers in which some are as they should have been.

    What is computed is computed again, the whole is judged again and flagged; the new state waits
    for a decision by somebody who neither asked nor corrected. Of an accepted set it is HELD, and
    takes its place only when it is accepted. The same `id` again changes nothing. Raises
    SameIdOtherContent, ReasonMissing, RoundLocked (reopen it first), NotInThisState,
    ChangedAlready, QuestionUnknown, NothingCorrected, NothingKept.
    """
    require(acting_staff, "surveys.correct_submission", submission)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    instance = f"uuid:{id or new_id()}"
    with transaction.atomic():
        Case.objects.select_for_update().order_by("pk").get(pk=submission.case_id)
        others = list(
            Submission.objects.filter(case=submission.case_id).order_by("pk").select_for_update()
        )
        made = next((one for one in others if one.instance_id == instance), None)
        if made is not None:
            if not _is_same(made, acting_staff, submission, changes, reason):
                raise SameIdOtherContent(field="changes")
            return made
        row = next(one for one in others if one.pk == submission.pk)
        _refuse(row, others)
        judged = _corrected(acting_staff, row, changes, instance)
        judged.row.corrected_by = acting_staff
        judged.row.reason = reason.strip()[:REASON_MOST]
        return _placed(acting_staff, judged, others)


def _is_same(
    made: Submission,
    staff: StaffUser,
    submission: Submission,
    changes: Sequence[ChangeIn],
    reason: str,
) -> bool:
    """Whether a state is this correction told again. What did not apply was dropped from it, and
    what was blanked since is compared no more."""
    if (made.corrected_by_id, made.supersedes_id) != (staff.pk, submission.pk):
        return False
    if not made.body:
        return True
    now, typed = answers_now(made), questions_of(made)
    return made.reason == reason.strip()[:REASON_MOST] and all(
        now.get((one.name, one.index), "") in {one.value.strip(), ""}
        for one in changes
        if one.name in typed
    )


def _refuse(row: Submission, others: Iterable[Submission]) -> None:
    if Round.objects.filter(pk=row.round_id, state=RoundState.LOCKED).exists():
        raise RoundLocked
    if row.state not in CORRECTABLE:
        raise NotInThisState(state=row.get_state_display())
    if any(one.supersedes_id == row.pk and one.state != SubmissionState.CONFLICT for one in others):
        raise ChangedAlready


def _corrected(
    staff: StaffUser, row: Submission, changes: Sequence[ChangeIn], instance: str
) -> Judged:
    """The new state, judged but not yet kept. Whoever asked stays who asked, and when it was asked
    and arrived stays too: only the answers differ.
    """
    now = answers_now(row)
    told = {(one.name, one.index): one.value.strip() for one in changes}
    for place in told:
        if place not in now:
            raise QuestionUnknown(field="changes", question=place[0])
    if all(now[place] == value for place, value in told.items()):
        raise NothingCorrected(field="changes")
    form = form_of(row.version)
    if form is None:
        judged = judged_plain(row.interviewer, _plain(row, told, instance))
    else:
        body = _form_body(row, form, told, instance)
        sent = FormSubmissionIn(
            case=row.case, version=row.version, body=body, channel=Channel(row.channel),
            device=row.device, answered_date=row.answered_date,
        )  # fmt: skip
        judged = judged_of(row.interviewer, sent, form, envelope(body))
    made = judged.row
    made.deprecated_id, made.received_at = row.instance_id, row.received_at
    made.start_at, made.end_at = row.start_at, row.end_at
    return judged


def _plain(row: Submission, told: Mapping[Place, str], instance: str) -> SubmissionIn:
    given = {(one["name"], int(one["index"])): one for one in content_of(row)["answers"]}
    currency = row.round.programme.currency
    amounts = set(
        row.version.questions.filter(type=QuestionType.AMOUNT).values_list("name", flat=True)
    )
    found: list[AnswerIn] = []
    for place in dict.fromkeys([*given, *told]):
        before: Mapping[str, Any] = given.get(place, {})
        value = told.get(place, str(before.get("value", "")))
        if value == "":
            continue
        month = str(before.get("month") or "")
        unit = str(before.get("currency") or (currency if place[0] in amounts else ""))
        found.append(
            AnswerIn(
                name=place[0], index=place[1], value=value, currency=unit,
                reference_month=date.fromisoformat(month) if month else None,
            )
        )  # fmt: skip
    return SubmissionIn(
        case=row.case, version=row.version, answers=found, answered_date=row.answered_date,
        consented=row.consented, channel=Channel(row.channel), start_at=row.start_at,
        end_at=row.end_at, device=row.device, instance_id=instance,
    )  # fmt: skip


def _form_body(row: Submission, form: Form, told: Mapping[Place, str], instance: str) -> bytes:
    """The answers as XML with the changes in their places, what follows from them computed again.
    What was read from the list of cases that day stays as it was read.
    """
    root = from_xml(form, row.body.encode()).root
    nodes = _nodes(form, root)
    for place, value in told.items():
        nodes[place].text = value
    read = [
        (node, node.text)
        for field, node in leaves(form.root, root)
        if field.calculate is not None and field.calculate.external
    ]
    cases = Node("root")
    item = cases.add("item")
    for name, value in case_values(row.case, row.version).items():
        item.add(name, value)
    moment = row.end_at or timezone.localtime(row.received_at)
    here = look(form, root, now=moment, lists={"cases": cases})
    settle(here)
    prepare(here)
    for node, text in read:
        node.text = text
    return to_xml(form, root, instance_id=instance, deprecated_id=row.instance_id)


def _placed(staff: StaffUser, judged: Judged, others: Sequence[Submission]) -> Submission:
    row = judged.row
    placed = arrange(row, others, elsewhere=False)
    second = placed.second and placed.newest is row
    seen = {one.rule for one in judged.flags}
    early = [one for one in flags_of(row, row.version, second=second) if one.rule not in seen]
    ours = [one for one in placed.flags if one.rule != FlagRule.EDIT_AFTER_ACCEPTED]
    row.save(force_insert=True)
    for one in placed.changed:
        one.save(update_fields=PLACE)
    Answer.objects.bulk_create(judged.answers, batch_size=500)
    Flag.objects.bulk_create([*ours, *judged.flags, *early])
    if not placed.second:
        end_cases([row])
    audit.record(
        staff,
        "surveys.correct_submission",
        row,
        {"corrects": str(row.supersedes_id), "state": row.state},
    )
    return row


def withdraw_answers(
    *, acting_staff: StaffUser, case: Case, asked_date: date, reason: str = ""
) -> Case:
    """Take the answers of an interview out of all future figures, because whoever gave them asks
    for it on `asked_date`.

    Every state of them is blanked with its pictures and what was asked again; that there were some,
    and that they were withdrawn, stays and is counted. What was published before stays as it was
    told. It is done in whatever state the round is; what waits of them on its way in goes too, and
    what arrives later is not kept either. Raises NothingToWithdraw, DayToCome.
    """
    require(acting_staff, "surveys.withdraw_answers", case)
    refuse_to_come("asked_date", asked_date)
    with transaction.atomic():
        held = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        rows = Submission.objects.filter(case=held).exclude(state=SubmissionState.WITHDRAWN)
        live = rows.filter(consented=True)
        count = live.exclude(state=SubmissionState.CONFLICT).count()
        waiting = blank_unstored([held.pk])
        if not count and not waiting:
            raise NothingToWithdraw
        blank_answers(live, whole=True)
        live.exclude(state=SubmissionState.CONFLICT).update(
            state=SubmissionState.WITHDRAWN,
            decided_by=acting_staff,
            decided_at=timezone.now(),
            note=reason.strip()[:REASON_MOST],
        )
        if held.outcome in {"", Outcome.INTERVIEWED}:
            held.outcome, held.outcome_date = Outcome.REFUSED, asked_date
            held.save(update_fields=("outcome", "outcome_date"))
        audit.record(acting_staff, "surveys.withdraw_answers", held, {"states": count})
    return held


def questions_of(submission: Submission) -> dict[str, Question]:
    """The questions of a set of answers somebody answers herself, by name."""
    rows = submission.version.questions.exclude(
        type__in=(QuestionType.CALCULATE, QuestionType.HIDDEN, QuestionType.IMAGE)
    )
    return {one.name: one for one in rows}


def plain_changes(before: Mapping[Place, str], after: Mapping[Place, str]) -> list[ChangeIn]:
    """What differs between answers as they are and as they were typed."""
    return [
        ChangeIn(name=name, index=index, value=value)
        for (name, index), value in after.items()
        if before.get((name, index), "") != value
    ]
