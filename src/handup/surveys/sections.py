"""What surveys adds to the page of a person, to merging two persons into one, and to what is
told or erased when she asks.
"""

from collections.abc import Mapping, Sequence
from secrets import token_bytes
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.money import format_day
from handup.org.web.pages import Table
from handup.people.merging import Merge
from handup.people.rules.merging import MergeLook
from handup.surveys.models import (
    Answer,
    ArrivingFile,
    Attachment,
    BackCheck,
    Case,
    PaperEntry,
    Submission,
)
from handup.surveys.rules.codes import Outcome, SubmissionState
from handup.surveys.services.blanking import blank_answers, blank_unstored, unplaced_of
from handup.surveys.services.edits import COUNTS

TONES = {"INTERVIEWED": Tone.GOOD, "REFUSED": Tone.WARN}


def record_tables(staff: StaffUser, person_id: UUID) -> Sequence[Table]:
    """The rounds a person was drawn for, as far as the reader may see them."""
    if not may(staff, "surveys.view_case"):
        return []
    rows = list(
        Case.objects.visible_to(staff)
        .filter(person_id=person_id)
        .select_related("round")
        .order_by("-round__opens_date")[:50]
    )
    if not rows:
        return []
    columns = (
        Column(
            "round",
            _("Round"),
            Kind.LINK,
            value=lambda row: row.round.name,
            url_name="surveys:case_detail",
        ),
        Column("outcome", _("Outcome"), Kind.STATE, tones=TONES),
        Column("outcome_date", _("On"), Kind.DATE),
    )
    return [Table(_("Survey rounds"), columns, rows)]


def move_rows(merge: Merge) -> None:
    """Give a merged person's cases to the survivor.

    Where both were asked in one round, the earliest accepted set of answers stays, the other is set
    aside and its case is a duplicate: one person is counted once.
    """
    mine = {row.round_id: row for row in Case._base_manager.filter(person_id=merge.survivor)}
    twice = []
    for row in Case._base_manager.filter(person_id=merge.merged, round__in=list(mine)):
        _set_later_aside(merge, mine[row.round_id], row)
        merge.look(MergeLook.SAME_ROUND.value)
        twice.append(row.pk)
    moved = merge.give(Case, rows=Case._base_manager.exclude(pk__in=twice))
    merge.change(Case._base_manager.filter(pk__in=moved), subject_id=merge.survivor)


def _set_later_aside(merge: Merge, first: Case, second: Case) -> None:
    """Let the case of the record that stays carry the answers that count, or may yet count, under
    her id: what she tells in other rounds is paired with them.
    """
    live = Submission._base_manager.filter(case__in=(first, second), state__in=COUNTS)
    rows = list(live.order_by("received_at", "id"))
    accepted = [row for row in rows if row.state == SubmissionState.ACCEPTED]
    merge.change(accepted[1:], state=SubmissionState.SET_ASIDE.value)
    if not accepted and not any(row.case_id == first.pk for row in rows):
        accepted = rows
    if accepted and accepted[0].case_id == second.pk:
        states = Submission._base_manager.filter(case=second, root_id=accepted[0].root_id)
        merge.change(list(states), case_id=first.pk)
        merge.change([first], outcome=second.outcome, outcome_date=second.outcome_date)
    merge.change([second], outcome=Outcome.DUPLICATE.value)


def _typed(place: object) -> str:
    """What was typed at one place of a paper: the question and its answers; "" where nothing."""
    match place:
        case [str() as question, [*texts]]:
            return f"{question}: {' '.join(map(str, texts))}" if any(texts) else ""
    return str(place)


def told_of(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What surveys holds of a person, in words, for her own request."""
    rows = Answer.objects.filter(submission__case__person_id=person_id).select_related(
        "question", "submission"
    )
    files = Attachment._base_manager.filter(submission__case__person_id=person_id)
    on_their_way = ArrivingFile._base_manager.filter(submission__case__person_id=person_id)
    return {
        str(_("Survey answers")): [
            {
                str(_("Question")): str(row.question),
                str(_("Answer")): row.question.word(row.value),
                str(_("Answered")): str(row.submission.answered_date),
            }
            for row in rows
        ],
        str(_("Answers when asked again")): [
            {
                str(_("Question")): name,
                str(_("Answer")): value,
                str(_("Answered")): str(check.check_date),
            }
            for check in BackCheck._base_manager.filter(
                submission__case__person_id=person_id
            ).exclude(check_date=None)
            for name, value in check.told
        ],
        str(_("Answers being typed from paper")): [
            {str(_("Answer")): said}
            for row in PaperEntry._base_manager.filter(
                case__in=_cases_of(person_id), submission=None
            )
            for said in map(_typed, row.typed)
            if said
        ],
        str(_("Pictures and files sent with answers")): [
            {
                str(_("File")): row.name,
                str(_("Answered")): str(row.submission.answered_date),
            }
            for rows in (files, on_their_way)
            for row in rows.select_related("submission")
        ],
        str(_("Answers that belong to no case")): [
            {
                str(_("Received")): format_day(timezone.localdate(row.recorded_at)),
                str(_("As it came")): row.body,
                str(_("Files")): ", ".join(one.name for one in row.files.all()),
            }
            for row in unplaced_of(_cases_of(person_id))
        ],
    }


def erase(person_id: UUID) -> None:
    """Blank the bytes as sent and every answer that is no code, number or day, and every sensitive
    one, in whatever state; pictures and files go. Coded answers stay uncounted to nobody and keep
    the figures.
    """
    blank_unstored(_cases_of(person_id))
    mine = Case._base_manager.filter(Q(person=person_id) | Q(replaces__person=person_id))
    mine.update(replace_reason="")
    hers = Submission._base_manager.filter(case__person_id=person_id)
    blank_answers(hers, whole=False)


def set_apart(ids: Sequence[UUID], key: UUID) -> None:
    """What an erased person answered is paired over the rounds by the key she is counted by; a
    second case of one round, which is a duplicate, by a number of its own.
    """
    asked: set[UUID] = set()
    for one in ids:
        rows = Case._base_manager.filter(subject_id=one)
        rounds = dict(rows.values_list("pk", "round_id"))
        for twice in [pk for pk, round_id in rounds.items() if round_id in asked]:
            rows.filter(pk=twice).update(subject_id=UUID(bytes=token_bytes(16)))
        asked.update(rounds.values())
        rows.update(subject_id=key)


def _cases_of(person_id: UUID) -> list[UUID]:
    return list(Case._base_manager.filter(person_id=person_id).values_list("pk", flat=True))
