"""What surveys adds to the page of a person, to merging two persons into one, and to what is
told or erased when she asks.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.pages import Table
from handup.people.merging import Merge
from handup.people.rules.merging import MergeLook
from handup.surveys.models import Answer, Case, Submission
from handup.surveys.rules.codes import SubmissionState

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

    Where both were asked in one round, the earliest accepted set of answers stays and the other is
    set aside.
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
    accepted = Submission._base_manager.filter(
        case__in=(first, second), state=SubmissionState.ACCEPTED
    ).order_by("received_at", "id")
    merge.change(list(accepted)[1:], state=SubmissionState.SET_ASIDE.value)


def told_of(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What surveys holds of a person, in words, for her own request."""
    rows = Answer.objects.filter(submission__case__person_id=person_id).select_related(
        "question", "submission"
    )
    return {
        str(_("Survey answers")): [
            {
                str(_("Question")): str(row.question),
                str(_("Answer")): row.question.word(row.value),
                str(_("Answered")): str(row.submission.answered_date),
            }
            for row in rows
        ]
    }


def erase(person_id: UUID) -> None:
    """Blank the bytes as sent and every free or sensitive answer; coded answers stay uncounted to
    nobody and keep the figures."""
    Submission.objects.filter(case__person_id=person_id).update(body="", faults=[], note="")
    mine = Answer.objects.filter(submission__case__person_id=person_id)
    mine.filter(question__sensitive=True).update(value="")
    mine.filter(question__type="text").update(value="")
