"""Answers to a compiled form: the bytes as they came, judged again by their own version.

Every door (OpenRosa, web page, device) calls `record_form_submission` with XML. Commit first,
answer after: what it returns is stored (surveys.md 4.4, 4.5).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from lxml import etree

from handup.kernel.money import units_from_text
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.scope import hidden_from
from handup.org.web.money import currency_digits
from handup.surveys.models import (
    Answer,
    Case,
    Flag,
    Question,
    QuestionnaireVersion,
    Round,
    Submission,
)
from handup.surveys.rules.codes import (
    AMOUNT_KEYS,
    Channel,
    FlagRule,
    RoundState,
    SubmissionState,
)
from handup.surveys.rules.form.filling import Filled, NotAnswers, from_xml, leaves, parsed
from handup.surveys.rules.form.model import Form
from handup.surveys.rules.form.recheck import recheck
from handup.surveys.rules.xpath.days import read_instant
from handup.surveys.services.refusals import (
    FormUnknown,
    NoInstanceId,
    RoundNotOpen,
    UnreadableAnswers,
    VersionOfOtherQuestionnaire,
)
from handup.surveys.services.submissions import answered_cases, end_cases, flags_of
from handup.surveys.services.uploads import form_of

NO = frozenset({"no", "n", "0", "false", "refused"})
WAITS = "WAITS_FOR_EARLIER"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSubmissionIn:
    """One set of answers as XML, of the subject of a case, to one version; doubts hold it."""

    case: Case
    version: QuestionnaireVersion
    body: bytes
    doubts: tuple[str, ...] = ()
    channel: Channel
    device: str = ""
    answered_date: date | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around the answers: their id, the id they change, when they were given."""

    element: etree._Element
    instance_id: str
    deprecated_id: str


def envelope(body: bytes) -> Envelope:
    """Read the ids of a body. Raises UnreadableAnswers, NoInstanceId."""
    try:
        element = parsed(body)
        body.decode("utf-8")
    except (NotAnswers, UnicodeDecodeError) as error:
        raise UnreadableAnswers(field="xml_submission_file", reason=str(error)[:200]) from error
    found = {
        etree.QName(one).localname: (one.text or "").strip()
        for meta in element
        if etree.QName(meta).localname == "meta"
        for one in meta
    }
    instance_id = found.get("instanceID", "")
    if not instance_id or len(instance_id) > 80:
        raise NoInstanceId(field="xml_submission_file")
    return Envelope(element, instance_id, found.get("deprecatedID", "")[:80])


def record_form_submission(*, acting_staff: StaffUser, submission: FormSubmissionIn) -> Submission:
    """Receive one set of answers to a compiled form.

    The same id with the same bytes returns what is stored; with other bytes, or as an edit of a
    state that was edited already, it is kept and returned in state CONFLICT. An edit of something
    not yet here is HELD until that arrives. Raises RoundNotOpen, FormUnknown, UnreadableAnswers,
    NoInstanceId, VersionOfOtherQuestionnaire.
    """
    round: Round = submission.case.round
    if round.state != RoundState.OPEN:
        raise RoundNotOpen(round=round.name)
    if submission.version.questionnaire_id != round.questionnaire_id:
        raise VersionOfOtherQuestionnaire(field="version")
    if submission.case.person_id in hidden_from(acting_staff):
        raise OutOfSight
    require(acting_staff, "surveys.record_submission", submission.case)
    form = form_of(submission.version)
    if form is None:
        raise FormUnknown(code=round.questionnaire.code, version=submission.version.version)
    read = envelope(submission.body)
    with transaction.atomic():
        stored = _current(read.instance_id)
        digest = sha256(submission.body).hexdigest()
        if stored is not None and stored.sha256 == digest:
            return stored
        row = _row(acting_staff, submission, read, digest)
        if stored is not None:
            return _keep_conflict(acting_staff, row)
        return _receive(acting_staff, submission, form, read, row)


def _current(instance_id: str) -> Submission | None:
    """The row of an id, locked so that five sendings at once are one."""
    found: Submission | None = (
        Submission.objects.select_for_update()
        .filter(instance_id=instance_id)
        .exclude(state=SubmissionState.CONFLICT)
        .first()
    )
    return found


def _row(staff: StaffUser, submission: FormSubmissionIn, read: Envelope, digest: str) -> Submission:
    now = timezone.now()
    return Submission(
        instance_id=read.instance_id,
        root_id=read.instance_id,
        deprecated_id=read.deprecated_id,
        version=submission.version,
        round=submission.case.round,
        case=submission.case,
        answered_date=submission.answered_date or timezone.localdate(now),
        received_at=now,
        device=submission.device,
        channel=submission.channel,
        sha256=digest,
        body=submission.body.decode(),
        state=SubmissionState.RECEIVED,
        interviewer=staff,
    )


def _keep_conflict(staff: StaffUser, row: Submission) -> Submission:
    """Keep a second body under the same id; the same second body again changes nothing."""
    held: Submission | None = Submission.objects.filter(
        instance_id=row.instance_id, sha256=row.sha256, state=SubmissionState.CONFLICT
    ).first()
    if held is not None:
        return held
    row.state = SubmissionState.CONFLICT
    row.save(force_insert=True)
    audit.record(staff, "surveys.record_submission", row, {"state": row.state})
    return row


def _receive(
    staff: StaffUser,
    submission: FormSubmissionIn,
    form: Form,
    read: Envelope,
    row: Submission,
) -> Submission:
    filled = from_xml(form, read.element)
    questions = {one.name: one for one in Question.objects.filter(version=submission.version)}
    _times(form, filled, row, given=submission.answered_date)
    _consent(filled, form, questions, row)
    faults: list[dict[str, str]] = []
    if row.consented:
        faults = [
            {"path": f.path, "kind": f.kind.value, "value": f.value, "expected": f.expected}
            for f in recheck(form, filled, now=row.end_at or row.received_at)
        ]
    flags: list[Flag] = []
    conflict = _place_edit(row, faults, flags)
    if conflict:
        return _keep_conflict(staff, row)
    faults += [
        {"path": "", "kind": kind, "value": str(row.case_id), "expected": ""}
        for kind in submission.doubts
    ]
    row.faults, row.fault_count = faults, len(faults)
    if faults and row.state == SubmissionState.RECEIVED:
        row.state = SubmissionState.HELD
    second = _is_second(row)
    flags += flags_of(row, submission.version, second=second)
    row.save(force_insert=True)
    if row.consented:
        Answer.objects.bulk_create(_answers(row, form, filled, questions), batch_size=500)
    Flag.objects.bulk_create(flags)
    if not second:
        end_cases([row])
    _join_later_edits(row)
    audit.record(staff, "surveys.record_submission", row, {"state": row.state})
    return row


def _is_second(row: Submission) -> bool:
    """Whether another set of answers of this subject and round is here that is no state of it."""
    if row.supersedes is not None or row.deprecated_id:
        return False
    edits = Submission.objects.filter(deprecated_id=row.instance_id, supersedes=None)
    return not edits.exists() and bool(answered_cases([row.case_id]))


def _times(form: Form, filled: Filled, row: Submission, *, given: date | None) -> None:
    """When it began and ended, by the clock of the device."""
    values = {
        field.preload: read_instant(node.text)
        for field, node in leaves(form.root, filled.root)
        if field.preload.startswith("timestamp")
    }
    row.start_at = values.get("timestamp start")
    row.end_at = values.get("timestamp end")
    if given is None and row.end_at is not None:
        row.answered_date = timezone.localdate(row.end_at)


def _consent(
    filled: Filled, form: Form, questions: Mapping[str, Question], row: Submission
) -> None:
    """Without consent only the refusal is kept: the answers leave the body too."""
    for field, node in leaves(form.root, filled.root):
        question = questions.get(field.name)
        if question is not None and question.handup_key == "consent" and node.text.lower() in NO:
            row.consented = False
            row.state = SubmissionState.SET_ASIDE
            row.body = ""
            return


def _place_edit(row: Submission, faults: list[dict[str, str]], flags: list[Flag]) -> bool:
    """Join an edit to the state it changes; true when that state was changed already."""
    if not row.deprecated_id:
        return False
    earlier = _current(row.deprecated_id)
    if earlier is None:
        faults.append({"path": "", "kind": WAITS, "value": row.deprecated_id, "expected": ""})
        row.state = SubmissionState.HELD
        return False
    if earlier.superseded_by.exclude(state=SubmissionState.CONFLICT).exists():
        return True
    _supersede(earlier, row, flags)
    return False


def _supersede(earlier: Submission, later: Submission, flags: list[Flag]) -> None:
    later.supersedes = earlier
    later.root_id = earlier.root_id
    if earlier.state == SubmissionState.ACCEPTED:
        later.state = SubmissionState.HELD
        flags.append(Flag(submission=later, rule=FlagRule.EDIT_AFTER_ACCEPTED))
    elif earlier.state != SubmissionState.SET_ASIDE:
        Submission.objects.filter(pk=earlier.pk).update(state=SubmissionState.SET_ASIDE)


def _join_later_edits(row: Submission) -> None:
    """An edit that arrived before what it changes takes its place now."""
    waiting = (
        Submission.objects.select_for_update()
        .filter(deprecated_id=row.instance_id, supersedes=None, state=SubmissionState.HELD)
        .first()
    )
    if waiting is None:
        return
    flags: list[Flag] = []
    _supersede(row, waiting, flags)
    waiting.faults = [one for one in waiting.faults if one["kind"] != WAITS]
    waiting.fault_count = len(waiting.faults)
    if not waiting.faults and not flags:
        waiting.state = SubmissionState.RECEIVED
    waiting.save(update_fields=("supersedes", "root_id", "faults", "fault_count", "state"))
    Flag.objects.bulk_create(flags)
    if row.state != SubmissionState.ACCEPTED:
        row.state = SubmissionState.SET_ASIDE
    Submission.objects.filter(root_id=waiting.instance_id).exclude(pk=waiting.pk).update(
        root_id=row.root_id
    )


def _answers(
    row: Submission, form: Form, filled: Filled, questions: Mapping[str, Question]
) -> Iterator[Answer]:
    """What was answered, by question; rows of a repeat are numbered through."""
    currency = row.round.programme.currency
    counted: dict[UUID, int] = {}
    for field, node in leaves(form.root, filled.root):
        question = questions.get(field.name)
        if question is None or node.text == "":
            continue
        index = counted.get(question.pk, 0)
        counted[question.pk] = index + 1
        value, unit = _amount(question, node.text, currency)
        yield Answer(
            submission=row, question=question, repeat_index=index, value=value, currency=unit
        )


def _amount(question: Question, text: str, currency: str) -> tuple[str, str]:
    """An amount of money in the smallest unit of the programme's currency."""
    if question.handup_key not in AMOUNT_KEYS:
        return text, ""
    try:
        return str(units_from_text(text, currency_digits(currency))), currency
    except ValueError:
        return text, ""
