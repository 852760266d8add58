"""What ODK Collect asks for and sends: the forms of open rounds, an interviewer's own cases, and
answers placed by the key of a case (surveys.md 4.6).
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from lxml import etree

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org import services as house
from handup.org.classes import DataClass
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, may
from handup.org.scanning import NotScanned, require_clean
from handup.org.scope import hidden_from, without_opened
from handup.org.services.files import sum_of_sealed, sums_of_sealed
from handup.org.web.money import as_decimal
from handup.projects.models import Programme
from handup.surveys.models import (
    Answer,
    Attachment,
    Case,
    CompiledForm,
    Flag,
    QuestionnaireVersion,
    Submission,
    UnplacedAnswers,
)
from handup.surveys.rules.codes import (
    FOUND_INELIGIBLE,
    Channel,
    FlagRule,
    Outcome,
    RoundState,
    SubmissionState,
    VersionState,
)
from handup.surveys.rules.form.filling import NotAnswers, from_xml, leaves, parsed
from handup.surveys.rules.form.loading import PARSER
from handup.surveys.rules.form.texts import XF
from handup.surveys.rules.xlsform.columns import language_code
from handup.surveys.services.form_answers import (
    Envelope,
    FormSubmissionIn,
    envelope,
    record_form_submission,
    says_no,
)
from handup.surveys.services.refusals import (
    FormUnknown,
    NoInstanceId,
    OtherFileKept,
    UnreadableAnswers,
)
from handup.surveys.services.unplaced_files import keep_beside
from handup.surveys.services.uploads import form_of

CASES_MOST = 2_000_000
CHUNK = 500
ENDED = (Outcome.INTERVIEWED, Outcome.REFUSED, Outcome.MOVED, *FOUND_INELIGIBLE)
CASE_FIELDS = frozenset({"case", "case_key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request of a device: the body, its media by name, who sent it from which device."""

    programme: Programme
    body: bytes
    media: Mapping[str, bytes]
    device: str = ""


def open_forms(staff: StaffUser, programme: Programme) -> list[CompiledForm]:
    """The published forms of the programme's open rounds in which she has cases or sees all."""
    if not may(staff, "surveys.record_submission"):
        return []
    cases = Case.objects.visible_to(without_opened(staff)).filter(
        round__programme=programme, round__state=RoundState.OPEN
    )
    rows = CompiledForm.objects.filter(
        version__state=VersionState.PUBLISHED,
        version__questionnaire__in=cases.values("round__questionnaire"),
    ).select_related("version__questionnaire")
    return list(rows.order_by("version__questionnaire__code"))


def served(row: CompiledForm) -> bytes:
    """The XForm as devices get it: byte for byte as it is kept, but for the texts of languages that
    are not offered yet.
    """
    return _without(row.xform, tuple(row.version.languages))


def _code(translation: etree._Element) -> str:
    name = translation.get("lang") or "default"
    return "en" if name == "default" else language_code(name)


@lru_cache(maxsize=64)
def _without(xform: str, offered: tuple[str, ...]) -> bytes:
    document = etree.fromstring(xform.encode(), PARSER)
    texts = list(document.iter(f"{XF}translation"))
    kept = [one for one in texts if _code(one) in offered]
    if not kept or len(kept) == len(texts):
        return xform.encode()
    for one in texts:
        above = one.getparent()
        if one not in kept and above is not None:
            above.remove(one)
    if not any(one.get("default") for one in kept):
        kept[0].set("default", "true()")
    return bytes(etree.tostring(document, encoding="utf-8"))


def due_cases(staff: StaffUser, programme: Programme, questionnaire_id: UUID) -> list[Case]:
    """Her own cases of open rounds that are not ended; whom she may not know of is left out."""
    rows = (
        Case.objects.visible_to(without_opened(staff))
        .filter(
            interviewer=staff,
            round__programme=programme,
            round__questionnaire_id=questionnaire_id,
            round__state=RoundState.OPEN,
        )
        .exclude(outcome__in=ENDED)
        .select_related("round", "person", "household", "enterprise", "area")
        .order_by(F("due_date").asc(nulls_last=True), "id")
    )
    hidden = hidden_from(staff)
    return [row for row in rows if row.person_id not in hidden]


def cases_csv(staff: StaffUser, programme: Programme, version: QuestionnaireVersion) -> bytes:
    """The interviewer's cases as a list the form reads: key, label, village, round, earlier core
    answers by name; whole rows only, at most 2 MB, what is due first first.
    """
    cases = due_cases(staff, programme, version.questionnaire_id)
    names = list(
        version.questions.filter(core=True, sensitive=False, repeat_path="")
        .order_by("number")
        .values_list("name", flat=True)
    )
    earlier = earlier_answers(cases, names)
    lines = [_line(["name", "key", "label", "village", "round", *names])]
    length = len(lines[0])
    for case in cases:
        given = earlier.get(case.subject_id, {})
        area = str(case.area) if case.area is not None else ""
        key = case.pk.hex
        values = [key, key, str(case.subject), area, case.round.name]
        line = _line([*values, *(given.get(name, "") for name in names)])
        length += len(line)
        if length > CASES_MOST:
            break
        lines.append(line)
    return b"".join(lines)


def _line(values: Sequence[str]) -> bytes:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerow(values)
    return target.getvalue().encode()


def case_values(case: Case, version: QuestionnaireVersion) -> dict[str, str]:
    """The row of one case as the form reads it, with earlier core answers."""
    names = list(
        version.questions.filter(core=True, sensitive=False, repeat_path="").values_list(
            "name", flat=True
        )
    )
    return row_of(case, names, earlier_answers([case], names).get(case.subject_id, {}))


def row_of(case: Case, names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """The row of a case as the form reads it, with what is known of these questions."""
    key = case.pk.hex
    area = str(case.area) if case.area is not None else ""
    known = {"name": key, "key": key, "label": str(case.subject), "village": area}
    return known | {"round": case.round.name} | {name: given.get(name, "") for name in names}


def earlier_answers(cases: Sequence[Case], names: Sequence[str]) -> dict[UUID, dict[str, str]]:
    """The newest accepted answers of the subjects in this programme to these questions; amounts as
    they were typed.
    """
    if not cases or not names:
        return {}
    found: dict[UUID, dict[str, str]] = {}
    rows = (
        Answer.objects.filter(
            submission__state=SubmissionState.ACCEPTED,
            submission__case__subject_id__in=[case.subject_id for case in cases],
            submission__round__questionnaire_id=cases[0].round.questionnaire_id,
            submission__round__programme_id=cases[0].round.programme_id,
            question__name__in=names,
            question__sensitive=False,
            question__repeat_path="",
        )
        .select_related("question", "submission__case")
        .order_by("submission__answered_date", "submission_id")
    )
    for row in rows:
        found.setdefault(row.submission.case.subject_id, {})[row.question.name] = _typed(row)
    return found


def _typed(row: Answer) -> str:
    """An answer as the form takes it: an amount in whole and parts of its currency."""
    told: str = row.value
    if not row.currency:
        return told
    try:
        amount = as_decimal(int(told), row.currency)
    except ValueError:
        return told
    return str(int(amount)) if amount == int(amount) else f"{amount:f}"


def version_of(programme: Programme, code: str, version: str) -> QuestionnaireVersion:
    """The compiled version a form names. Raises FormUnknown."""
    row = (
        QuestionnaireVersion.objects.filter(
            questionnaire__code=code,
            version=version,
            state__in=(VersionState.PUBLISHED, VersionState.RETIRED),
            compiled_form__isnull=False,
            questionnaire__rounds__programme=programme,
        )
        .distinct()
        .first()
    )
    if row is None:
        raise FormUnknown(code=code, version=version)
    found: QuestionnaireVersion = row
    return found


def receive_sent(*, acting_staff: StaffUser, sent: Sent) -> Submission | UnplacedAnswers:
    """Receive what a device sent; what names no case is kept apart and returned as such.

    Raises UnreadableAnswers and NoInstanceId (the body is kept), FormUnknown, RoundNotOpen,
    NotScanned (to be sent again), TooManyFiles. A conflict is returned as a row in state CONFLICT.
    """
    try:
        read = envelope(sent.body)
    except (UnreadableAnswers, NoInstanceId) as refusal:
        keep_unplaced(acting_staff=acting_staff, sent=sent, reason=str(refusal))
        raise
    code = read.element.get("id") or ""
    version = version_of(sent.programme, code, read.element.get("version") or "")
    case = _case_of(sent, read, version)
    row = _record(acting_staff, sent, version, case) if case is not None else None
    if row is None:
        reason = "CASE_UNKNOWN" if case is None else "OTHER_INTERVIEWER"
        kept = keep_unplaced(
            acting_staff=acting_staff, sent=sent, reason=reason, instance=read.instance_id
        )
        _keep_with(acting_staff, kept, sent.media)
        return kept
    if row.consented and row.state != SubmissionState.CONFLICT:
        keep_media(acting_staff, row, sent.media)
    return row


def _keep_with(staff: StaffUser, kept: UnplacedAnswers, media: Mapping[str, bytes]) -> None:
    """Keep files with answers nobody could place, or with those they were placed as since."""
    placed = kept.placed_as
    if placed is None:
        keep_beside(staff, kept, media)
    elif placed.consented and placed.body:
        keep_media(staff, placed, media)


def _record(
    staff: StaffUser, sent: Sent, version: QuestionnaireVersion, case: Case
) -> Submission | None:
    """Record answers to a case; nothing for one she may not know of: to her it is as unknown."""
    own = case.interviewer_id == staff.pk
    if not own and not Case.objects.visible_to(staff).filter(pk=case.pk).exists():
        return None
    try:
        return record_form_submission(
            acting_staff=staff,
            submission=FormSubmissionIn(
                case=case,
                version=version,
                body=sent.body,
                channel=Channel.OPENROSA,
                device=sent.device,
                doubts=() if own else ("OTHER_INTERVIEWER",),
            ),
        )
    except OutOfSight:
        return None


def _case_of(sent: Sent, read: Envelope, version: QuestionnaireVersion) -> Case | None:
    """The case whose key the answers name, in a round of this programme and questionnaire."""
    form = form_of(version)
    if form is None:
        return None
    keys = (
        set(version.questions.filter(handup_key="case").values_list("name", flat=True))
        | CASE_FIELDS
    )
    for field, node in leaves(form.root, from_xml(form, read.element).root):
        if field.name in keys and node.text:
            return _by_key(sent.programme, version, node.text)
    return None


def _by_key(programme: Programme, version: QuestionnaireVersion, key: str) -> Case | None:
    try:
        pk = UUID(key.strip())
    except ValueError:
        return None
    row: Case | None = (
        Case.objects.filter(
            pk=pk,
            round__programme=programme,
            round__questionnaire_id=version.questionnaire_id,
        )
        .select_related("round__programme", "round__questionnaire")
        .first()
    )
    return row


def keep_unplaced(
    *, acting_staff: StaffUser, sent: Sent, reason: str, instance: str = ""
) -> UnplacedAnswers:
    """Keep a body nobody can place yet, of a refusal only that it came; the same body again
    changes nothing.
    """
    digest = sum_of_sealed(sent.body)
    held = UnplacedAnswers.objects.filter(sent_by=acting_staff, keyed_sum=digest).first()
    if held is not None:
        found: UnplacedAnswers = held
        return found
    row = UnplacedAnswers(
        programme=sent.programme,
        sent_by=acting_staff,
        device=sent.device[:80],
        reason=reason[:300],
        instance_id=instance[:80],
        keyed_sum=digest,
        body=_kept(sent).decode("utf-8", "backslashreplace").replace("\x00", "\\x00"),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record(acting_staff, "surveys.keep_unplaced", row)
    except IntegrityError:  # the same body came in beside this one
        same: UnplacedAnswers = UnplacedAnswers.objects.get(sent_by=acting_staff, keyed_sum=digest)
        return same
    return row


def _kept(sent: Sent) -> bytes:
    """The body, or nothing when it can be read and consent is refused in it."""
    try:
        element = parsed(sent.body)
        code, version = element.get("id") or "", element.get("version") or ""
        known = version_of(sent.programme, code, version)
    except (NotAnswers, FormUnknown):
        return sent.body
    form = form_of(known)
    refused = form is not None and says_no(form, from_xml(form, element), known.questions.all())
    return b"" if refused else sent.body


def keep_media(
    staff: StaffUser,
    row: Submission,
    media: Mapping[str, bytes],
    *,
    agreed_at: datetime | None = None,
) -> None:
    """Keep the files the answers name, no others; those that came before change nothing. A file
    that is no picture or paper, or that the scanner knows, refuses no answers: it stays among the
    missing, and a flag tells why; so it does of another file under a name that is kept.
    `agreed_at`: when the person agreed to a photograph. Raises NotScanned when the scanner is
    silent: whoever sends keeps the file and sends it again.
    """
    kept = {one.name: one.keyed_sum for one in row.attachments.all()} if media else {}
    named = _named(row) if media else set()
    for name, content in media.items():
        sums = sums_of_sealed(name.encode() + b"\0" + content)
        if name in kept and kept[name] not in sums:
            _flag_refused(staff, row, OtherFileKept())
        if name in kept or name not in named:
            continue
        try:
            require_clean(content)
            with transaction.atomic():
                file = house.store_file(
                    acting_staff=staff, owner=row, name=name, content=content, klass=DataClass.S
                )
                Attachment.objects.create(
                    submission=row, name=name, keyed_sum=sums[0], file=file,
                    came_sum=sum_of_sealed(content), agreed_at=agreed_at,
                )  # fmt: skip
        except NotScanned:
            raise
        except IntegrityError:  # the same file came in beside this one
            continue
        except Refusal as refusal:
            _flag_refused(staff, row, refusal)


def _flag_refused(staff: StaffUser, row: Submission, refusal: Refusal) -> None:
    """Mark answers a file of which was not kept, once for each reason."""
    with transaction.atomic():
        _flag, fresh = Flag.objects.get_or_create(
            submission=row, rule=FlagRule.FILE_REFUSED, detail=refusal.said()[:200]
        )
        if fresh:
            audit.record(staff, "surveys.refuse_file", row, {"why": refusal.code})


def refused_files(row: Submission) -> list[str]:
    """Why files of these answers were not kept, in words."""
    told = row.flags.filter(rule=FlagRule.FILE_REFUSED, resolved_at=None)
    return list(told.values_list("detail", flat=True))


def missing_media(row: Submission) -> list[str]:
    """The names of files the answers speak of that have not arrived."""
    return sorted(_named(row) - {one.name for one in row.attachments.all()})


def _named(row: Submission) -> set[str]:
    """The names of files the answers speak of."""
    form = form_of(row.version)
    if form is None or not row.body:
        return set()
    return {
        node.text
        for field, node in leaves(form.root, from_xml(form, row.body.encode()).root)
        if field.type == "binary" and node.text
    }
