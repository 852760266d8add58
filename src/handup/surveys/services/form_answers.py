"""Answers to a compiled form: the bytes as they came, judged again by their own version.

Every door (OpenRosa, web page, device) calls `record_form_submission` with XML. Commit first,
answer after: what it returns is stored (surveys.md 4.4, 4.5).
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
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
from handup.surveys.rules.answers import AnswerFault
from handup.surveys.rules.codes import (
    AMOUNT_KEYS,
    Channel,
    FlagRule,
    Outcome,
    RoundState,
    SubmissionState,
)
from handup.surveys.rules.form.filling import (
    Filled,
    NotAnswers,
    from_xml,
    leaves,
    most_rows,
    parsed,
)
from handup.surveys.rules.form.model import Form
from handup.surveys.rules.form.recheck import leaves_empty, recheck
from handup.surveys.rules.xpath.days import read_instant
from handup.surveys.services.cases import (
    end_cases,
    is_withdrawn,
    kept_conflict,
    locked_outcomes,
)
from handup.surveys.services.edits import AFTER_REFUSAL, FAULTS_COUNTED, PLACE, arrange, doubt
from handup.surveys.services.quality import flags_at_receipt
from handup.surveys.services.refusals import (
    FormUnknown,
    NoInstanceId,
    RoundNotOpen,
    UnreadableAnswers,
)
from handup.surveys.services.submissions import Judged, flags_of, refuse_version
from handup.surveys.services.uploads import form_of

logger = logging.getLogger("handup.surveys")
NO = frozenset({"no", "n", "0", "false", "refused"})
CONSENT_MISSING = "CONSENT_MISSING"
JUDGE_FAILED = "JUDGE_FAILED"
TOO_MANY_ROWS = "TOO_MANY_ROWS"
ROWS_MOST = 500
INDEX_MOST = 32_767
YEARS = range(1900, 2200)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSubmissionIn:
    """One set of answers as XML, of the subject of a case, to one version; doubts hold it.
    `clock_off`: the clock of the device stood more than a day off when it was sent; `asked_by`: who
    asked, where another person hands it in.
    """

    case: Case
    version: QuestionnaireVersion
    body: bytes
    doubts: tuple[str, ...] = ()
    channel: Channel
    device: str = ""
    answered_date: date | None = None
    clock_off: bool = False
    asked_by: StaffUser | None = None


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

    The same id with the same bytes returns what is stored, whatever became of the round; with
    other bytes, or as an edit of a state that was edited already, it is kept and returned in state
    CONFLICT. An edit of something not yet here is HELD until that arrives; one of answers of
    another case is HELD and changes nothing there. Raises RoundNotOpen, FormUnknown,
    UnreadableAnswers, NoInstanceId, VersionOfOtherQuestionnaire, VersionNotPublished.
    """
    case = submission.case
    round: Round = case.round
    if case.person_id in hidden_from(acting_staff):
        raise OutOfSight
    require(acting_staff, "surveys.record_submission", case)
    read = envelope(submission.body)
    digest = sha256(submission.body).hexdigest()
    stored = _current(read.instance_id)
    if stored is not None and stored.sha256 == digest and stored.case_id == case.pk:
        return stored
    if round.state != RoundState.OPEN:
        raise RoundNotOpen(round=round.name)
    refuse_version(submission.version, round)
    form = form_of(submission.version)
    if form is None:
        raise FormUnknown(code=round.questionnaire.code, version=submission.version.version)
    try:
        return _stored(acting_staff, submission, judged_of(acting_staff, submission, form, read))
    except IntegrityError:  # the same id came in beside this one: look at what it left
        return _stored(acting_staff, submission, judged_of(acting_staff, submission, form, read))


def _current(instance_id: str) -> Submission | None:
    """The row of an id."""
    found: Submission | None = (
        Submission.objects.filter(instance_id=instance_id)
        .exclude(state=SubmissionState.CONFLICT)
        .first()
    )
    return found


def judged_of(staff: StaffUser, submission: FormSubmissionIn, form: Form, read: Envelope) -> Judged:
    """Read and judge a body before anything is locked. Without consent only the refusal stays."""
    row = _row(staff, submission, read, sha256(submission.body).hexdigest())
    filled = from_xml(form, read.element)
    questions = {one.name: one for one in Question.objects.filter(version=submission.version)}
    flags: list[Flag] = []
    if _times(form, filled, row, given=submission.answered_date) or submission.clock_off:
        flags.append(Flag(submission=row, rule=FlagRule.CLOCK))
    withdrawn = is_withdrawn([row.case_id])
    if withdrawn or says_no(form, filled, questions.values()):
        row.consented = bool(withdrawn)
        row.state = SubmissionState.WITHDRAWN if withdrawn else SubmissionState.SET_ASIDE
        row.body = ""
    else:
        row.faults = _faults(form, filled, row, questions)
    for kind in submission.doubts:
        doubt(row, kind, str(row.case_id))
    row.fault_count = min(len(row.faults), FAULTS_COUNTED)
    told = row.consented and not withdrawn
    answers = list(_answers(row, form, filled, questions)) if told else []
    flags += flags_at_receipt(row, answers, questions.values())
    return Judged(row, answers, flags)


def _faults(
    form: Form, filled: Filled, row: Submission, questions: Mapping[str, Question]
) -> list[dict[str, str]]:
    """Every fault; answers that cannot be judged are held, never refused."""
    now = row.end_at or timezone.localtime(row.received_at)
    kinds: list[str] = []
    faults: list[AnswerFault] = []
    if most_rows(form, filled.root) > ROWS_MOST:
        kinds.append(TOO_MANY_ROWS)
    else:
        consents = {one.name for one in questions.values() if one.handup_key == "consent"}
        try:
            if consents and leaves_empty(form, filled, consents, now=now):
                kinds.append(CONSENT_MISSING)
            faults = recheck(form, filled, now=now)
        except (ArithmeticError, ValueError, LookupError, TypeError, RecursionError) as error:
            # Only what kind of fault it was: its words may hold an answer.
            logger.error("answers %s not judged: %s", row.pk, type(error).__name__)
            kinds.append(JUDGE_FAILED)
    return [
        {"path": f.path, "kind": f.kind.value, "value": f.value, "expected": f.expected}
        for f in faults
    ] + [{"path": "", "kind": kind, "value": "", "expected": ""} for kind in kinds]


def _stored(staff: StaffUser, submission: FormSubmissionIn, judged: Judged) -> Submission:
    """Store a judged row in its place among the answers of its case, the case locked."""
    row = judged.row
    with transaction.atomic():
        outcome = locked_outcomes([row.case_id])[row.case_id]
        if not Round.objects.filter(pk=row.round_id, state=RoundState.OPEN).exists():
            raise RoundNotOpen(round=row.round.name)
        stored = _current(row.instance_id)
        if stored is not None:
            same = (stored.sha256, stored.case_id) == (row.sha256, row.case_id)
            return stored if same else _keep_conflict(staff, row)
        if is_withdrawn([row.case_id]):
            return _keep_withdrawn(staff, row)
        others = Submission.objects.filter(case=row.case_id).defer("body").order_by("pk")
        known = Submission.objects.filter(instance_id=row.deprecated_id).exclude(case=row.case_id)
        elsewhere = bool(row.deprecated_id) and known.exists()
        refused = outcome == Outcome.REFUSED and row.consented and not row.deprecated_id
        if refused:
            doubt(row, AFTER_REFUSAL, "")
        placed = arrange(row, list(others.select_for_update()), elsewhere=elsewhere)
        if placed.conflict:
            _save(placed.changed)
            return _keep_conflict(staff, row)
        second = placed.second and placed.newest is row
        told = {one.rule for one in judged.flags}
        seen = flags_of(row, submission.version, second=second)
        flags = placed.flags + judged.flags + [one for one in seen if one.rule not in told]
        row.save(force_insert=True)
        _save(placed.changed)
        Answer.objects.bulk_create(judged.answers, batch_size=500)
        Flag.objects.bulk_create(flags)
        if not placed.second and not refused:
            end_cases([placed.newest])
        audit.record(staff, "surveys.record_submission", row, {"state": row.state})
    return row


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
        interviewer=submission.asked_by or staff,
    )


def _keep_conflict(staff: StaffUser, row: Submission) -> Submission:
    """Keep a second body under the same id; the same second body again changes nothing."""
    if (held := kept_conflict(row.instance_id, row.sha256)) is not None:
        return held
    row.state = SubmissionState.CONFLICT
    row.save(force_insert=True)
    audit.record(staff, "surveys.record_submission", row, {"state": row.state})
    return row


def _keep_withdrawn(staff: StaffUser, row: Submission) -> Submission:
    """Keep that something came of answers that were withdrawn, and nothing of it."""
    row.state, row.body, row.faults, row.fault_count = SubmissionState.WITHDRAWN, "", [], 0
    row.save(force_insert=True)
    audit.record(staff, "surveys.record_submission", row, {"state": row.state})
    return row


def _save(rows: Iterable[Submission]) -> None:
    for one in rows:
        one.save(update_fields=PLACE)


def _times(form: Form, filled: Filled, row: Submission, *, given: date | None) -> bool:
    """When it began and ended, by the clock of the device; true when that cannot have been."""
    values: dict[str, datetime | None] = {}
    wrong = False
    for field, node in leaves(form.root, filled.root):
        if field.preload.startswith("timestamp") and node.text:
            moment = read_instant(node.text)
            if moment is None or moment.year not in YEARS:
                wrong, moment = True, None
            values[field.preload] = moment
    row.start_at = values.get("timestamp start")
    row.end_at = values.get("timestamp end")
    if given is None and row.end_at is not None:
        row.answered_date = timezone.localdate(row.end_at)
    return wrong


def says_no(form: Form, filled: Filled, questions: Iterable[Question]) -> bool:
    """Whether consent is refused."""
    names = {one.name for one in questions if one.handup_key == "consent"}
    return any(
        field.name in names and node.text.strip().lower() in NO
        for field, node in leaves(form.root, filled.root)
    )


def _answers(
    row: Submission, form: Form, filled: Filled, questions: Mapping[str, Question]
) -> Iterator[Answer]:
    """What was answered, by question; rows of a repeat are numbered through, empty ones too, so
    that the answers of one row have one number.
    """
    currency = row.round.programme.currency
    counted: dict[UUID, int] = {}
    for field, node in leaves(form.root, filled.root):
        question = questions.get(field.name)
        if question is None:
            continue
        index = counted.get(question.pk, 0)
        counted[question.pk] = index + 1
        if node.text == "" or index > INDEX_MOST:
            continue
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
