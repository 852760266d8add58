"""What an officer's own phone carries of her work: sessions with who is enrolled, loans with what
is due, whom she asks, registers and visits."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from handup.lending.collecting import lines_of
from handup.lending.models import Loan
from handup.lending.nameless import named_only
from handup.lending.queries import due_on
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.org.web.money import currency_digits
from handup.surveys.rules.form.telling import told_form
from handup.surveys.services import form_of
from handup.surveys.services.collecting import CASE_FIELDS
from handup.surveys.services.due import DueInterview, due_interviews
from handup.sync.appraisals import appraisals_of
from handup.sync.caseload import people_of, registering_of
from handup.sync.contracts import contracts_of
from handup.sync.dossiers import dossiers_of
from handup.sync.figures_carried import reads_figures
from handup.sync.hemisphere import is_southern
from handup.sync.joining import joining_of
from handup.sync.needs import needs_of
from handup.sync.plans_carried import followed_of, planning_of
from handup.sync.points import points_of
from handup.sync.prices import prices_of
from handup.sync.rules_voted import rules_of
from handup.sync.scorecards import scoring_of
from handup.sync.small_loans import before_of, small_loans_of
from handup.sync.snapshot_life import snapshot_days
from handup.sync.tests_carried import enrolled_in, tests_of
from handup.training.models import Session
from handup.training.rules.states import CohortState, SessionState

DAYS_BACK, DAYS_AHEAD, MOST_SESSIONS, MOST_LOANS = 21, 31, 60, 500
MOST_INTERVIEWS = 300
OVER = (CohortState.CLOSED, CohortState.CORRECTED)


def work_of(reader: StaffUser, *, have: Collection[UUID] = ()) -> tuple[dict[str, Any], list[UUID]]:
    """The work pack of a staff member as her phone may have it, and the persons it names. `have`:
    the versions of questionnaires which the phone has."""
    sessions, attending = sessions_of(reader)
    loans, borrowers = _loans(reader)
    due = due_interviews(reader, most=MOST_INTERVIEWS)
    people, known = people_of(reader)
    points, delivering = points_of(reader)
    planning, planned = planning_of(reader, known)
    appraisals, asking = appraisals_of(reader)
    tests, sitting = tests_of(reader)
    before, borrowed = before_of(reader)
    pack = {
        "as_of": timezone.localdate(),
        "keep_days": snapshot_days(reader),
        "south": is_southern(settings.TIME_ZONE),
        "username": reader.username,
        "sessions": sessions,
        "loans": loans,
        "interviews": _interviews(due),
        "forms": _forms(due, have),
        "registering": registering_of(reader),
        **people,
        "points": points,
        "prices": prices_of(reader),
        "contracts": contracts_of(reader),
        "needs": needs_of(reader),
        "scoring": scoring_of(reader),
        "dossiers": dossiers_of(reader),
        "rules": rules_of(reader),
        **joining_of(reader),
        "small_loans": small_loans_of(reader),
        "small_loans_before": before,
        "planning": planning,
        "appraisals": appraisals,
        "tests": tests,
        "followed": followed_of(reader, known),
        "complaints": bool(grants_for(reader, "people.record_grievance")),
        "figures": reads_figures(reader),
    }
    asked = [one.case.person_id for one in due if one.case.person_id]
    named = [*attending, *borrowers, *asked, *known, *delivering, *planned, *asking, *sitting]
    return pack, [*named, *borrowed]


def _interviews(due: Sequence[DueInterview]) -> list[dict[str, Any]]:
    known: dict[UUID, list[str]] = {}
    for version in {one.version for one in due}:
        keyed = version.questions.filter(handup_key="case").values_list("name", flat=True)
        known[version.pk] = sorted(CASE_FIELDS | set(keyed))
    return [
        {
            "case_id": one.case.pk,
            "version_id": one.version.pk,
            "label": one.row["label"],
            "number": one.case.person.registration_no if one.case.person else "",
            "village": one.row["village"],
            "round": one.row["round"],
            "questionnaire": str(one.version.questionnaire),
            "due_date": one.case.due_date,
            "row": one.row,
            "known": known[one.version.pk],
            "sent_back": list(one.sent_back),
            "why": one.why,
        }
        for one in due
    ]


def _forms(due: Sequence[DueInterview], have: Collection[UUID]) -> dict[str, dict[str, Any]]:
    """The questionnaires the phone has not, by version: a version never changes."""
    found = {}
    for version in {one.version for one in due if one.version.pk not in have}:
        form = form_of(version)
        if form is not None:
            found[str(version.pk)] = told_form(form, version.languages)
    return found


def sessions_of(
    reader: StaffUser, cohorts: Collection[UUID] | None = None
) -> tuple[list[dict[str, Any]], list[UUID]]:
    """The sessions around these days whose attendance a reader records, of these cohorts where they
    are told, with who is enrolled; and the persons they name."""
    today = timezone.localdate()
    rows = (
        Session.objects.reached_with(reader, "training.record_attendance")
        .filter(
            session_date__gte=today - timedelta(days=DAYS_BACK),
            session_date__lte=today + timedelta(days=DAYS_AHEAD),
        )
        .exclude(state=SessionState.CANCELLED)
        .exclude(cohort__state__in=OVER)
        .select_related("cohort")
        .order_by("session_date", "number")
    )
    if cohorts is not None:
        rows = rows.filter(cohort__in=cohorts)
    found = list(rows[:MOST_SESSIONS])
    people = enrolled_in(reader, {session.cohort_id for session in found})
    told = [
        {
            "session_id": session.pk,
            "cohort": str(session.cohort),
            "number": session.number,
            "title": session.title,
            "session_date": session.session_date,
            "minutes": session.minutes_held or session.minutes_planned,
            "people": [
                {
                    "enrolment_id": row.pk,
                    "person_no": row.person.registration_no,
                    "name": str(row.person),
                }
                for row in people[session.cohort_id]
            ],
        }
        for session in found
    ]
    return told, [row.person_id for rows in people.values() for row in rows]


def _loans(reader: StaffUser) -> tuple[list[dict[str, Any]], list[UUID]]:
    if not grants_for(reader, "lending.record_collection"):
        return [], []
    loans = Loan.objects.reached_with(reader, "lending.record_collection").filter(officer=reader)
    today = timezone.localdate()
    lines: Sequence[Any] = lines_of(due_on(today, None, named_only(loans, reader)), today)
    told = [
        {
            "loan_id": line.loan.pk,
            "code": line.loan.code,
            "borrower": str(line.loan.borrower),
            "centre": line.centre,
            "currency": line.loan.currency,
            "currency_digits": currency_digits(line.loan.currency),
            "due_units": line.due_units,
            "late_units": line.late_units,
            "savings_units": line.savings_units,
        }
        for line in lines[:MOST_LOANS]
    ]
    return told, [line.loan.person_id for line in lines if line.loan.person_id]
