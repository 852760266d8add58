"""Answers typed from paper: kept as they are typed, judged as a whole, and where the questionnaire
asks for it typed a second time by another person and compared (surveys.md 2.7).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from handup.kernel.chain import canonical
from handup.kernel.errors import Fault
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.scope import hidden_from
from handup.people.services.days import refuse_to_come
from handup.surveys.fault_words import fault_word
from handup.surveys.models import Case, PaperEntry, QuestionnaireVersion, Round, Submission
from handup.surveys.queries import current_version
from handup.surveys.rules.answers import Given, recheck
from handup.surveys.rules.codes import Channel, PaperState, RoundState, SubmissionState
from handup.surveys.rules.form.filling import leaves, to_xml
from handup.surveys.rules.form.model import Form
from handup.surveys.rules.form.sending import prepare
from handup.surveys.rules.form.steps import Look, look
from handup.surveys.rules.form.whole import (
    OnPaper,
    blank,
    drop_empty_rows,
    questions_on_paper,
    same_answer,
    type_in,
    wrong,
)
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.services.collecting import CASE_FIELDS, case_values
from handup.surveys.services.form_answers import FormSubmissionIn, record_form_submission
from handup.surveys.services.refusals import (
    AnswersDiffer,
    DayMissing,
    NoPublishedVersion,
    NothingTyped,
    PaperFaulty,
    RoundNotOpen,
    TypedAlready,
    TypedOtherwise,
    TypedTooMuch,
)
from handup.surveys.services.submissions import AnswerIn, SubmissionIn, record_submission
from handup.surveys.services.uploads import form_of

PLACES_MOST = 20_000
PLACE_MOST = 400
TEXT_MOST = 2_000
Typed = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Paper:
    """What somebody types of a case: her entry (none before she begins), the version it is typed
    by with its form, and whether it is the second time it is typed.
    """

    entry: PaperEntry | None
    version: QuestionnaireVersion
    form: Form | None
    second: bool

    @property
    def is_typed(self) -> bool:
        """Whether she has finished, so that somebody else types it the second time."""
        return self.entry is not None and self.entry.state == PaperState.TYPED


def paper_of(staff: StaffUser, case: Case) -> Paper:
    """The paper of a case as one person types it. Raises NoPublishedVersion."""
    waiting = PaperEntry.objects.filter(case=case, submission=None).select_related("version")
    rows = {row.entered_by_id: row for row in waiting}
    own = rows.pop(staff.pk, None)
    first = next((row for row in rows.values() if row.state == PaperState.TYPED), None)
    held = own or first
    questionnaire = case.round.questionnaire
    version = held.version if held else current_version(questionnaire_id=questionnaire.pk)
    if version is None:
        raise NoPublishedVersion(title=questionnaire.title)
    return Paper(own, version, form_of(version), second=first is not None)


def keep_paper(
    *,
    acting_staff: StaffUser,
    case: Case,
    typed: Typed,
    answered_date: date | None = None,
    asked_by: StaffUser | None = None,
) -> PaperEntry:
    """Keep what was typed so far, right or wrong, to go on with later.

    `typed`: by the place of a question in the form (in a questionnaire that came without a
    spreadsheet by the name of the field) the texts typed there. Raises RoundNotOpen, TypedAlready,
    TypedTooMuch.
    """
    _require(acting_staff, case)
    with transaction.atomic():
        _lock(case)
        paper = paper_of(acting_staff, case)
        if paper.is_typed:
            raise TypedAlready
        row = paper.entry or PaperEntry(case=case, version=paper.version, entered_by=acting_staff)
        _refuse_much(typed)
        row.typed = [[place, list(texts)] for place, texts in typed.items()]
        row.answered_date, row.asked_by = answered_date, asked_by
        row.kept_at = timezone.now()
        row.save()
        audit.record(acting_staff, "surveys.keep_paper", row)
    return row


def _refuse_much(typed: Typed) -> None:
    """Raise TypedTooMuch rather than cut anything that was typed."""
    for place, texts in typed.items():
        if len(place) > PLACE_MOST or any(len(text) > TEXT_MOST for text in texts):
            raise TypedTooMuch(field=place[:PLACE_MOST], most=TEXT_MOST)
    if len(typed) > PLACES_MOST:
        raise TypedTooMuch(most=PLACES_MOST)


def finish_paper(
    *,
    acting_staff: StaffUser,
    case: Case,
    as_written: bool = False,
    seen: str = "",
    answers: Sequence[AnswerIn] = (),
    consented: bool = True,
) -> PaperEntry:
    """Hand in what she has typed of a case.

    Answers that do not pass are refused, each with its place, unless the paper says so
    (`as_written`): then they are held for review. Where the questionnaire is typed twice the first
    one waits for the second, which another person types; what differs is refused with what was
    typed first, until it is handed in with the sum of those differences (`seen`): what stands in
    the second is taken then. `answers` and `consented` are for a questionnaire that came without a
    spreadsheet. Raises NothingTyped, DayMissing, DayToCome, TypedAlready, PaperFaulty,
    TypedOtherwise, RoundNotOpen, AnswersDiffer.
    """
    _require(acting_staff, case)
    with transaction.atomic():
        _lock(case)
        paper = paper_of(acting_staff, case)
        if paper.is_typed:
            raise TypedAlready
        row = paper.entry
        if row is None:
            raise NothingTyped
        if row.answered_date is None:
            raise DayMissing(field="answered_date")
        refuse_to_come("answered_date", row.answered_date)
        if not as_written:
            _judge(row, paper.form, answers, consented=consented)
        others = PaperEntry.objects.filter(case=case, submission=None, state=PaperState.TYPED)
        first = others.exclude(pk=row.pk).select_related("version").first()
        if paper.version.double_entry and first is None:
            row.state, row.kept_at = PaperState.TYPED, timezone.now()
            row.save(update_fields=("state", "kept_at"))
        else:
            if first is not None:
                _compare(first, row, paper.form, seen)
            kept = _record(acting_staff, row, paper.form, as_written, answers, consented)
            _let_go(row, kept)
        audit.record(acting_staff, "surveys.finish_paper", row, {"state": row.state})
    return row


def typed_in(row: PaperEntry) -> dict[str, list[str]]:
    """What was typed, by place."""
    pairs: list[tuple[str, list[str]]] = row.typed
    return {place: list(texts) for place, texts in pairs}


def known_names(version: QuestionnaireVersion) -> frozenset[str]:
    """The questions the page answers by itself: which case it is."""
    keyed = version.questions.filter(handup_key="case").values_list("name", flat=True)
    return CASE_FIELDS | frozenset(keyed)


def look_at(
    form: Form,
    version: QuestionnaireVersion,
    case: Case,
    typed: Typed,
    *,
    language: str = "",
    answered_date: date | None = None,
    asked_by: StaffUser | None = None,
) -> tuple[Look, list[OnPaper]]:
    """The answers as a tree, and every question that can be typed."""
    cases = Node("root")
    item = cases.add("item")
    for name, value in case_values(case, version).items():
        item.add(name, value)
    here = look(
        form, blank(form), now=timezone.localtime(), language=language, lists={"cases": cases},
        make_id=lambda: str(uuid4()),
    )  # fmt: skip
    known = known_names(version)
    asker = asked_by or case.interviewer
    told = {
        "date today": answered_date.isoformat() if answered_date else "",
        "property username": asker.username if asker else "",
        "property deviceid": "paper",
    }
    for field, node in leaves(form.root, here.root):
        if field.name in known:
            node.text = case.pk.hex
        elif field.preload in told:
            node.text = told[field.preload]
    one_each = {place: " ".join(texts) for place, texts in typed.items()}
    return here, type_in(here, one_each, known)


def _require(staff: StaffUser, case: Case) -> None:
    if case.person_id in hidden_from(staff):
        raise OutOfSight
    require(staff, "surveys.enter_paper", case)
    require(staff, "surveys.record_submission", case)


def _lock(case: Case) -> None:
    Case.objects.select_for_update(of=("self",)).order_by("pk").get(pk=case.pk)
    if not Round.objects.filter(pk=case.round_id, state=RoundState.OPEN).exists():
        raise RoundNotOpen(round=case.round.name)


def _look(row: PaperEntry, form: Form) -> tuple[Look, list[OnPaper]]:
    return look_at(
        form, row.version, row.case, typed_in(row), answered_date=row.answered_date,
        asked_by=row.asked_by,
    )  # fmt: skip


def _judge(
    row: PaperEntry, form: Form | None, answers: Sequence[AnswerIn], *, consented: bool
) -> None:
    """Raise PaperFaulty with every fault and its place."""
    found: Iterable[tuple[str, str]]
    if form is not None:
        here, _asked = _look(row, form)
        drop_empty_rows(here)
        asked = questions_on_paper(here, known_names(row.version))
        found = [(place, kind.value) for place, kind in wrong(here, asked, whole=True)]
    elif consented:
        questions = [one.asked() for one in row.version.questions.all()]
        given = [Given(one.name, one.value, one.index) for one in answers]
        found = [(one.path, one.kind.value) for one in recheck(questions, given)]
    else:
        found = []
    faults = [Fault(kind, fault_word(kind), place=place) for place, kind in found]
    if faults:
        raise PaperFaulty(faults)


def _told(row: PaperEntry, form: Form | None) -> dict[str, str]:
    """What was answered, by place."""
    if form is None:
        return {place: " ".join(texts) for place, texts in typed_in(row).items()}
    return {one.place: one.node.text for one in _look(row, form)[1]}


def _compare(first: PaperEntry, row: PaperEntry, form: Form | None, seen: str) -> None:
    """Note how many places differ. Raises TypedOtherwise for differences not yet looked at."""
    before, now = _told(first, form), _told(row, form)
    places = [one for one in dict.fromkeys([*before, *now]) if before.get(one) or now.get(one)]
    other = [one for one in places if not same_answer(before.get(one, ""), now.get(one, ""))]
    days = (first.answered_date, row.answered_date)
    if days[0] != days[1]:
        places.append("answered_date")
        other.append("answered_date")
        before["answered_date"], now["answered_date"] = (str(day) for day in days)
    row.compared, row.differing = len(places), other
    told = [[one, before.get(one, ""), now.get(one, "")] for one in other]
    digest = sha256(canonical({"differences": told})).hexdigest()
    if other and seen != digest:
        raise TypedOtherwise(
            [
                Fault("TYPED_OTHERWISE", _("The first time “{value}” was typed.").format(
                    value=before.get(one, "")), place=one)
                for one in other
            ],
            seen=digest,
        )  # fmt: skip


def _record(
    staff: StaffUser,
    row: PaperEntry,
    form: Form | None,
    as_written: bool,
    answers: Sequence[AnswerIn],
    consented: bool,
) -> Submission:
    """Hand it over as any door does, of whoever asked."""
    asked_by = row.asked_by or row.case.interviewer or staff
    assert row.answered_date is not None
    if form is None:
        return record_submission(
            acting_staff=staff,
            submission=SubmissionIn(
                case=row.case, version=row.version, answers=answers, consented=consented,
                answered_date=row.answered_date, channel=Channel.PAPER, asked_by=asked_by,
                instance_id=str(row.pk),
            ),
        )  # fmt: skip
    here, _asked = _look(row, form)
    drop_empty_rows(here)
    if not as_written:
        prepare(here)
    body = to_xml(form, here.root, instance_id=f"uuid:{row.pk}")
    kept = record_form_submission(
        acting_staff=staff,
        submission=FormSubmissionIn(
            case=row.case, version=row.version, body=body, channel=Channel.PAPER,
            answered_date=row.answered_date, asked_by=asked_by,
        ),
    )  # fmt: skip
    if kept.state == SubmissionState.CONFLICT:
        raise AnswersDiffer
    return kept


def _let_go(row: PaperEntry, kept: Submission) -> None:
    """The answers are received: what was typed is needed no more, by whom it was typed stays."""
    row.state, row.submission, row.typed, row.kept_at = PaperState.TYPED, kept, [], timezone.now()
    row.save(update_fields=("state", "submission", "typed", "kept_at", "compared", "differing"))
    PaperEntry.objects.filter(case=row.case, submission=None, state=PaperState.TYPED).update(
        submission=kept, typed=[]
    )
