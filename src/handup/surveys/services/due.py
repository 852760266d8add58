"""What an interviewer's phone carries away from the office: whom she is to ask, by what, and why
something was sent back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.scope import without_opened
from handup.projects.models import Programme
from handup.surveys.models import Case, QuestionnaireVersion, Submission
from handup.surveys.queries import current_version
from handup.surveys.rules.codes import RoundState, SubmissionState
from handup.surveys.services.collecting import ENDED, due_cases, earlier_answers, row_of
from handup.surveys.services.uploads import form_of

CHUNK = 500


@dataclass(frozen=True, slots=True)
class DueInterview:
    """A case to be asked, by which version, and the row of it the form reads. `sent_back`: the ids
    of the answers to it which the office sent back, and `why`, the note of the last.
    """

    case: Case
    version: QuestionnaireVersion
    row: dict[str, str]
    sent_back: Sequence[str] = ()
    why: str = ""


def due_interviews(staff: StaffUser, *, most: int) -> list[DueInterview]:
    """Her own due cases of every open round whose questionnaire came from a spreadsheet, what is
    due first first: what her phone carries away from the office.
    """
    if not may(staff, "surveys.record_submission"):
        return []
    open_rounds = (
        Case.objects.visible_to(without_opened(staff))
        .filter(interviewer=staff, round__state=RoundState.OPEN)
        .exclude(outcome__in=ENDED)
    )
    found: list[DueInterview] = []
    asked = open_rounds.values_list("round__programme", "round__questionnaire").distinct()
    for programme_id, questionnaire_id in asked.order_by("round__programme"):
        version = current_version(questionnaire_id=questionnaire_id)
        if version is None or form_of(version) is None:
            continue
        programme = Programme.objects.get(pk=programme_id)
        cases = due_cases(staff, programme, questionnaire_id)[:most]
        names = list(
            version.questions.filter(core=True, sensitive=False, repeat_path="").values_list(
                "name", flat=True
            )
        )
        earlier = earlier_answers(cases, names)
        back = sent_back_to(cases)
        found += [
            DueInterview(
                one,
                version,
                row_of(one, names, earlier.get(one.subject_id, {})),
                *back.get(one.pk, ((), "")),
            )
            for one in cases
        ]
    found.sort(key=lambda one: (one.case.due_date is None, one.case.due_date, str(one.case.pk)))
    return found[:most]


def sent_back_to(cases: Sequence[Case]) -> dict[UUID, tuple[list[str], str]]:
    """By case: the ids of its answers which were sent back, and why the last of them was."""
    found: dict[UUID, tuple[list[str], str]] = {}
    for start in range(0, len(cases), CHUNK):
        rows = Submission.objects.filter(
            case__in=cases[start : start + CHUNK], state=SubmissionState.SENT_BACK
        ).order_by("decided_at", "id")
        for case, instance, note in rows.values_list("case_id", "instance_id", "note"):
            ids, _why = found.get(case, ([], ""))
            found[case] = ([*ids, instance], note)
    return found
