"""What waits for a role today: each domain's queues, ordered by harm of delay, one action each.

A queue is asked only when the reader may do what ends it, and shows only what her grants reach.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from handup.desk import closed_days, courses, exceptions, lessons, merges, safety, stray, write_offs
from handup.groups.models import Group, Meeting
from handup.groups.models.facts import MeetingStatus
from handup.ledger.models import Draft, DraftBatch
from handup.lending.models import Application, Loan
from handup.lending.nameless import named_only
from handup.lending.queries import loans_in_arrears
from handup.lending.rules.codes import LoanState
from handup.lending.rules.follow_up import PromiseState
from handup.lending.services.earlier import waiting_earlier
from handup.lending.services.proposals import waiting_proposals
from handup.lending.services.statements import SUSPENSE_DAYS
from handup.lending.still_here import loans_here
from handup.lending.views.links import proposal_href
from handup.lending.waiting import Step, to_pay_out, waiting_for
from handup.lending.work_list import promises_due, reminders
from handup.org.models import ProofOutcome, ProofRun, StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Tone
from handup.org.web.money import format_money, format_number
from handup.org.web.pages import Action, Task, TaskGroup
from handup.people.models import Enquiry
from handup.people.queries.grievances import open_grievances
from handup.people.queries.participation import to_decide
from handup.people.rules.codes import EnquiryState
from handup.people.rules.grievances import Deadlines, GrievanceState, due_date
from handup.surveys.models import Submission
from handup.surveys.rules.codes import SubmissionState

SHOWN = 5
LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Queue:
    """One kind of work: who may end it, what it is called, its tasks, where all of them are."""

    permission: str
    title: "str | Promise"
    tasks: Callable[[StaffUser, date], Sequence[Task]]
    all_url: str


def _loans(staff: StaffUser) -> QuerySet[Loan]:
    """The loans of this house she may see and whose borrower she may know by name."""
    return named_only(loans_here(Loan.objects.visible_to(staff)), staff)


def _late_loans(staff: StaffUser, today: date) -> list[Task]:
    late = loans_in_arrears(today, _loans(staff))
    return [
        Task(
            f"{row.loan.code} · {row.loan.borrower}",
            _("%(days)s days late, %(amount)s overdue")
            % {
                "days": format_number(row.position.arrears_days),
                "amount": format_money(row.position.overdue_units, row.loan.currency),
            },
            reverse("lending:loan_detail", args=[row.loan.pk]),
            Action(
                _("Record repayment"),
                "lending:record_repayment",
                "lending.record_repayment",
                args=(row.loan.pk,),
            ),
            Tone.BAD if row.position.arrears_days > 30 else Tone.WARN,
            person=row.loan.person_id,
        )
        for row in late[: SHOWN + 1]
    ]


def _promises(staff: StaffUser, today: date) -> list[Task]:
    """Promises of her own loans that are broken, or due today."""
    lines = promises_due(_loans(staff).filter(officer=staff), today)
    return [
        Task(
            f"{line.loan.code} · {line.loan.borrower}",
            (
                _("promise broken, %(amount)s still to come")
                if line.outcome.state is PromiseState.BROKEN
                else _("promised for today, %(amount)s still to come")
            )
            % {"amount": format_money(line.left_units, line.loan.currency)},
            reverse("lending:loan_detail", args=[line.loan.pk]),
            Action(
                _("Record a talk"),
                "lending:contact_new",
                "lending.record_contact",
                args=(line.loan.pk,),
            ),
            Tone.BAD if line.outcome.state is PromiseState.BROKEN else Tone.PLAIN,
            due=line.contact.promised_date,
            person=line.loan.person_id,
        )
        for line in lines[: SHOWN + 1]
    ]


def _reminders(staff: StaffUser, today: date) -> list[Task]:
    """Instalments of her own loans in the coming days, to call about."""
    ahead = reminders(today + timedelta(days=1), _loans(staff).filter(officer=staff), days=2)
    return [
        Task(
            f"{item.loan.code} · {item.loan.borrower}",
            format_money(item.due_units, item.loan.currency),
            reverse("lending:loan_detail", args=[item.loan.pk]),
            Action(
                _("Record a talk"),
                "lending:contact_new",
                "lending.record_contact",
                args=(item.loan.pk,),
            ),
            due=item.due_date,
            person=item.loan.person_id,
        )
        for item in ahead[: SHOWN + 1]
    ]


def _due_today(staff: StaffUser, today: date) -> list[Task]:
    rows = _loans(staff).filter(state=LoanState.ACTIVE, next_due_date=today)
    return [
        Task(
            f"{row.code} · {row.borrower}",
            _("due today"),
            reverse("lending:loan_detail", args=[row.pk]),
            Action(
                _("Record repayment"),
                "lending:record_repayment",
                "lending.record_repayment",
                args=(row.pk,),
            ),
            due=today,
            person=row.person_id,
        )
        for row in rows.select_related("person", "enterprise", "group").order_by("code")[
            : SHOWN + 1
        ]
    ]


def _changes(staff: StaffUser, today: date) -> list[Task]:
    """Changes of loans that others proposed and she may decide."""
    return [
        Task(
            f"{row.loan.code} · {row.get_kind_display()}",
            row.reason,
            reverse("lending:loan_detail", args=[row.loan_id]),
            Action(_("Decide"), href=proposal_href(row)),
            due=row.proposed_date,
            person=row.loan.person_id,
        )
        for row in waiting_proposals(staff)[: SHOWN + 1]
    ]


def _earlier(staff: StaffUser, today: date) -> list[Task]:
    """What others said of earlier days and she may confirm."""
    return [
        Task(
            f"{row.get_kind_display()} · {format_money(row.units, row.currency)}",
            row.reason,
            reverse("lending:earlier_decide", args=[row.pk]),
            due=row.proposed_date,
        )
        for row in waiting_earlier(staff)[: SHOWN + 1]
    ]


def _applications(step: Step, verb: "str | Promise", url: str) -> Any:
    """The applications that wait for this step of hers."""

    def tasks(staff: StaffUser, today: date) -> list[Task]:
        rows = Application.objects.visible_to(staff).select_related("person", "enterprise", "group")
        return [
            Task(
                f"{row.code} · {row.borrower}",
                format_money(row.asked_units, row.currency),
                reverse("lending:application_detail", args=[row.pk]),
                Action(verb, url, step.value, args=(row.pk,)),
                due=row.submitted_date,
                person=row.person_id,
            )
            for row in islice(waiting_for(step, rows, staff, today), SHOWN + 1)
        ]

    return tasks


def _to_pay_out(staff: StaffUser, today: date) -> list[Task]:
    """Signed loans; never those the reader advised, appraised, voted on or decided."""
    rows = _loans(staff).filter(state=LoanState.AGREED).order_by("agreed_date")
    seen = rows.select_related("person", "enterprise", "group")[:LOOKED_AT]
    return [
        Task(
            f"{row.code} · {row.borrower}",
            format_money(row.approved_units, row.currency),
            reverse("lending:loan_detail", args=[row.pk]),
            Action(_("Pay out"), "lending:disburse_loan", "lending.disburse_loan", args=(row.pk,)),
            due=row.agreed_date,
            person=row.person_id,
        )
        for row in to_pay_out(seen, staff)[: SHOWN + 1]
    ]


def _to_decide(staff: StaffUser, today: date) -> list[Task]:
    rows = to_decide(staff).select_related("person", "programme")
    return [
        Task(
            str(row.person),
            str(row.programme),
            reverse("people:participation_detail", args=[row.pk]),
            Action(
                _("Decide"),
                "people:participation_decide",
                "people.decide_eligibility",
                args=(row.pk,),
            ),
            due=row.applied_date,
            person=row.person_id,
        )
        for row in rows[: SHOWN + 1]
    ]


def _enquiries(staff: StaffUser, today: date) -> list[Task]:
    rows = Enquiry.objects.visible_to(staff).filter(state=EnquiryState.OPEN.value)
    return [
        Task(
            row.name or _("Somebody who gave no name"),
            row.wish,
            reverse("people:enquiry_detail", args=[row.pk]),
            due=row.enquiry_date,
            person=row.person_id,
        )
        for row in rows.order_by("enquiry_date")[: SHOWN + 1]
    ]


def _grievances(staff: StaffUser, today: date) -> list[Task]:
    return [
        Task(
            row.code,
            row.get_sensitivity_display() or row.get_kind_display(),
            reverse("people:grievance_detail", args=[row.pk]),
            tone=Tone.BAD if row.sensitivity else Tone.PLAIN,
            due=due_date(
                GrievanceState(row.state), Deadlines(row.acknowledge_date, row.resolve_date)
            ),
            person=row.person_id,
        )
        for row in open_grievances(staff)[: SHOWN + 1]
    ]


def _meetings(staff: StaffUser, today: date) -> list[Task]:
    rows = Meeting.objects.visible_to(staff).filter(status=MeetingStatus.OPEN)
    return [
        Task(
            str(row.group),
            _("The meeting is still open. Count the box and close it."),
            reverse("groups:meeting_detail", args=[row.pk]),
            tone=Tone.WARN,
            due=row.held_date,
        )
        for row in rows.select_related("group").order_by("held_date")[: SHOWN + 1]
    ]


def _groups_due(staff: StaffUser, today: date) -> list[Task]:
    rows = (
        Group.objects.visible_to(staff)
        .filter(status="ACTIVE", officer=staff, meetings__next_date__lte=today)
        .exclude(meetings__held_date__gte=today)
        .distinct()
    )
    return [
        Task(
            str(row),
            str(row.area),
            reverse("groups:group_detail", args=[row.pk]),
            Action(
                _("Open a meeting"), "groups:meeting_new", "groups.open_meeting", args=(row.pk,)
            ),
        )
        for row in rows.select_related("area").order_by("name")[: SHOWN + 1]
    ]


def _submissions(staff: StaffUser, today: date) -> list[Task]:
    rows = Submission.objects.visible_to(staff).filter(
        state__in=(SubmissionState.RECEIVED, SubmissionState.HELD)
    )
    return [
        Task(
            str(row.case),
            row.get_state_display(),
            reverse("surveys:submission_detail", args=[row.pk]),
            tone=Tone.WARN if row.state == SubmissionState.HELD else Tone.PLAIN,
            person=row.case.person_id,
        )
        for row in rows.select_related("case").order_by("received_at")[: SHOWN + 1]
    ]


def _drafts(staff: StaffUser, today: date) -> list[Task]:
    rows = Draft.objects.visible_to(staff).filter(status="DRAFT", batch=None)
    files = DraftBatch.objects.visible_to(staff).filter(status="DRAFT")
    return [
        *(
            Task(
                str(row),
                _("%(count)s entries of a file") % {"count": row.entries},
                reverse("ledger:draftbatch_detail", args=[row.pk]),
                due=row.last_date,
            )
            for row in files.order_by("last_date")[: SHOWN + 1]
        ),
        *(
            Task(str(row), "", reverse("ledger:draft_detail", args=[row.pk]), due=row.happened_date)
            for row in rows.order_by("happened_date")[: SHOWN + 1]
        ),
    ]


def _proofs(staff: StaffUser, today: date) -> list[Task]:
    """The last run of all proofs, while it found something."""
    last = ProofRun.objects.visible_to(staff).order_by("-pk").first()
    if last is None or last.outcome == ProofOutcome.HOLDS:
        return []
    return [
        Task(
            str(last.get_outcome_display()),
            _("%(count)s differences") % {"count": last.differences},
            reverse("org:proof_detail", args=[last.pk]),
            tone=Tone.BAD,
        )
    ]


QUEUES: tuple[Queue, ...] = (
    *(Queue(*row) for row in safety.QUEUES),
    Queue("org.view_proofs", _("The program does not prove itself"), _proofs, "org:proof_list"),
    Queue("lending.record_contact", _("Promises to pay"), _promises, "lending:arrears"),
    Queue("lending.record_repayment", _("Loans that are late"), _late_loans, "lending:arrears"),
    Queue("lending.record_repayment", _("Instalments due today"), _due_today, "lending:loan_list"),
    Queue("lending.record_contact", _("Reminders to give"), _reminders, "lending:reminders"),
    Queue("groups.close_meeting", _("Meetings still open"), _meetings, "groups:group_list"),
    Queue("lending.disburse_loan", _("Loans to pay out"), _to_pay_out, "lending:loan_list"),
    Queue(
        Step.APPRAISE.value,
        _("Applications to appraise"),
        _applications(Step.APPRAISE, _("Appraise"), "lending:appraise"),
        "lending:application_list",
    ),
    Queue(
        Step.VOTE.value,
        _("Applications to vote on"),
        _applications(Step.VOTE, _("Vote"), "lending:vote"),
        "lending:application_list",
    ),
    Queue(
        Step.DECIDE.value,
        _("Applications to decide"),
        _applications(Step.DECIDE, _("Decide"), "lending:decide"),
        "lending:application_list",
    ),
    Queue(
        Step.SIGN.value,
        _("Agreements to sign"),
        _applications(Step.SIGN, _("Sign"), "lending:sign"),
        "lending:application_list",
    ),
    Queue(
        "lending.view_borrower",
        _("Changes of loans to decide"),
        _changes,
        "lending:proposals_to_decide",
    ),
    Queue(
        "lending.confirm_back_date",
        _("Earlier days to confirm"),
        _earlier,
        "lending:earlier_to_confirm",
    ),
    Queue(
        "lending.match_line",
        format_lazy(_("Money that waits for more than {days} days"), days=SUSPENSE_DAYS),
        stray.late_lines,
        "lending:suspense",
    ),
    Queue(
        "lending.place_stray_cash", _("Cash of nobody known"), stray.to_place, "lending:stray_list"
    ),
    Queue(
        "lending.confirm_stray_cash",
        _("Cash of nobody known, to agree to"),
        stray.to_agree,
        "lending:stray_list",
    ),
    Queue(
        "lending.propose_write_off",
        _("Loans to write off"),
        write_offs.to_propose,
        "lending:to_write_off",
    ),
    Queue(
        "lending.propose_change",
        _("Instalments on closed days"),
        closed_days.to_move,
        "lending:on_closed_days",
    ),
    Queue(
        "lending.write_off_loan", _("Write-offs to decide"), write_offs.to_decide, "lending:arrears"
    ),
    Queue(
        "people.decide_eligibility",
        _("People waiting for an answer"),
        _to_decide,
        "people:to_decide",
    ),
    Queue(
        "people.handle_grievance",
        _("Complaints to answer"),
        _grievances,
        "people:grievance_list",
    ),
    Queue("people.look_at_merge", _("Records made one"), merges.to_look_at, "people:merge_list"),
    Queue("people.close_enquiry", _("Open enquiries"), _enquiries, "people:enquiry_list"),
    Queue("groups.open_meeting", _("Groups that meet"), _groups_due, "groups:group_list"),
    Queue(
        "projects.decide_lesson",
        _("Lessons to review"),
        lessons.to_review,
        "projects:lesson_list",
    ),
    Queue(*courses.TO_ASK_AFTER),
    Queue(*courses.TO_TELL),
    Queue(*courses.TO_VISIT),
    Queue(
        "training.approve_support",
        _("Support to approve"),
        courses.support_to_approve,
        "training:support_list",
    ),
    Queue(
        "training.pay_support",
        _("Support to pay"),
        courses.support_to_pay,
        "training:support_list",
    ),
    Queue(
        "training.close_cohort", _("Courses under way"), courses.under_way, "training:cohort_list"
    ),
    Queue(
        "training.verify_placement",
        _("Jobs to verify"),
        courses.to_verify,
        "training:placement_queue",
    ),
    Queue(
        "surveys.accept_submission", _("Answers to accept"), _submissions, "surveys:submission_list"
    ),
    Queue("org.review_duty", _("Done alone last month"), exceptions.to_review, "org:duty_sample"),
    Queue("ledger.approve_draft", _("Entries to approve"), _drafts, "ledger:draft_list"),
)


def task_groups(staff: StaffUser, today: date) -> list[TaskGroup]:
    """The queues of this reader that hold anything, the most harmful delay first."""
    found = []
    for queue in QUEUES:
        if not may(staff, queue.permission):
            continue
        tasks = list(queue.tasks(staff, today))
        if tasks:
            more = Action(_("See all"), queue.all_url) if len(tasks) > SHOWN else None
            found.append(TaskGroup(queue.title, tasks[:SHOWN], more))
    return found
