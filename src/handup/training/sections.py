"""What training adds to the page of a person, to merging two persons into one, and to what is
told or erased when she asks.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import Moment, Table
from handup.people.merging import Merge
from handup.people.rules.merging import MergeLook
from handup.training.models import (
    ApprenticeshipAgreement,
    ApprenticeVisit,
    Attendance,
    Certificate,
    ContactAttempt,
    DropoutCase,
    Enrolment,
    GraduateOffer,
    LogDay,
    Placement,
    SkillLevel,
    SupportPayment,
    TracerResponse,
)
from handup.training.queries import enrolments_of
from handup.training.services.spoken import answered, forget_answers

TONES = {"ENROLLED": Tone.INFO, "COMPLETED": Tone.GOOD, "DROPPED_OUT": Tone.WARN}


def record_tables(staff: StaffUser, person_id: UUID) -> Sequence[Table]:
    """A person's courses and certificates, as far as the reader may see them."""
    if not may(staff, "training.view_enrolment"):
        return []
    rows = list(enrolments_of(person_id=person_id, staff=staff)[:50])
    if not rows:
        return []
    certificates = Certificate.objects.visible_to(staff).filter(enrolment__in=rows)
    return [
        Table(
            _("Courses"),
            (
                Column(
                    "cohort",
                    _("Cohort"),
                    Kind.LINK,
                    value=lambda row: str(row.cohort),
                    url_name="training:enrolment_detail",
                ),
                Column("cohort.course.title", _("Course")),
                Column("state", _("State"), Kind.STATE, tones=TONES),
                Column("completed_date", _("Completed"), Kind.DATE),
            ),
            rows,
        ),
        Table(
            _("Certificates"),
            (
                Column("serial", _("Serial"), Kind.LINK, url_name="training:certificate_detail"),
                Column("issued_date", _("Issued"), Kind.DATE),
                Column("state", _("State"), Kind.STATE),
            ),
            certificates,
        ),
    ]


def record_moments(staff: StaffUser, person_id: UUID) -> Sequence[Moment]:
    """The steps of a person's courses for her time line."""
    if not may(staff, "training.view_enrolment"):
        return []
    found = []
    for row in enrolments_of(person_id=person_id, staff=staff)[:50]:
        course = row.cohort.course.title
        href = reverse("training:enrolment_detail", args=[row.pk])
        if row.enrolled_date:
            found.append(Moment(row.enrolled_date, _("Enrolled in a course"), course, href))
        if row.completed_date:
            done = Moment(row.completed_date, _("Completed a course"), course, href, Tone.GOOD)
            found.append(done)
        elif row.ended_date:
            found.append(
                Moment(row.ended_date, str(row.get_state_display()), course, href, Tone.WARN)
            )
    return found


def move_rows(merge: Merge) -> None:
    """Give a merged person's enrolments to the survivor; of one cohort both were in, hers stays."""
    taken = Enrolment._base_manager.filter(person_id=merge.survivor).values("cohort_id")
    twice = Enrolment._base_manager.filter(person_id=merge.merged, cohort_id__in=taken)
    if aside := list(twice.values_list("pk", flat=True)):
        merge.look(MergeLook.SAME_COHORT.value)
    merge.give(Enrolment, rows=Enrolment._base_manager.exclude(pk__in=aside))


def told_of(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What training holds of a person, in words, for her own request."""
    rows = Enrolment.objects.filter(person_id=person_id).select_related("cohort__course")
    courses: list[Mapping[str, str]] = [
        {
            str(_("Course")): row.cohort.course.title,
            str(_("State")): str(row.get_state_display()),
            str(_("Enrolled")): str(row.enrolled_date or ""),
            str(_("Completed")): str(row.completed_date or ""),
            str(_("Minutes attended")): str(row.attended_minutes or ""),
        }
        for row in rows
    ]
    certificates: list[Mapping[str, str]] = [
        {
            str(_("Serial")): row.serial,
            str(_("Name")): row.printed_name,
            str(_("Issued")): str(row.issued_date),
        }
        for row in Certificate.objects.filter(enrolment__person_id=person_id)
    ]
    places: list[Mapping[str, str]] = [
        {str(_("Kind of work")): str(row.get_kind_display()), str(_("Employer")): row.employer}
        for row in Placement.objects.filter(enrolment__person_id=person_id)
    ]
    return {
        str(_("Courses")): courses,
        str(_("Certificates")): certificates,
        str(_("Placements")): places,
        **_told_beside(person_id),
        **answered(person_id),
    }


def _told_beside(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """Who asked after her and what she got for coming."""
    contacts: list[Mapping[str, str]] = [
        {
            str(_("Day")): str(row.contact_date),
            str(_("How")): str(row.get_way_display()),
            str(_("What was said")): row.told,
        }
        for row in ContactAttempt.objects.filter(follow_up__enrolment__person_id=person_id)
    ]
    left: list[Mapping[str, str]] = [
        {
            str(_("Since")): str(row.opened_date),
            str(_("Reason")): str(row.get_reason_display()),
            str(_("In words")): row.reason_text,
        }
        for row in DropoutCase.objects.filter(follow_up__enrolment__person_id=person_id)
    ]
    support: list[Mapping[str, str]] = [
        {
            str(_("Kind")): str(row.get_kind_display()),
            str(_("Session")): str(row.session.session_date),
            str(_("Amount")): format_money(row.amount_units, row.currency),
            str(_("State")): str(row.get_state_display()),
        }
        for row in SupportPayment.objects.filter(enrolment__person_id=person_id).select_related(
            "session"
        )
    ]
    after: list[Mapping[str, str]] = [
        {
            str(_("Asked on")): str(row.asked_date),
            str(_("What she does")): str(row.get_outcome_display()),
            str(_("Income a month")): ""
            if row.income_units is None
            else format_money(row.income_units, row.round.currency),
        }
        for row in TracerResponse.objects.filter(enrolment__person_id=person_id)
        .exclude(outcome="")
        .select_related("round")
    ]
    return {
        **_told_of_workshop(person_id),
        str(_("After the course")): after,
        str(_("Support")): support,
        str(_("Contacts")): contacts,
        str(_("Drop-out cases")): left,
    }


def _told_of_workshop(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """Her card, her log and the visits to her, where she was an apprentice."""
    levels: list[Mapping[str, str]] = [
        {
            str(_("Skill")): str(row.skill),
            str(_("Level")): str(row.get_level_display()),
            str(_("Day")): str(row.judged_date),
            str(_("Judged by")): row.judge_name,
        }
        for row in SkillLevel.objects.filter(
            agreement__enrolment__person_id=person_id
        ).select_related("skill")
    ]
    days: list[Mapping[str, str]] = [
        {
            str(_("Day")): str(row.day),
            str(_("Came")): _("yes") if row.came else _("no"),
            str(_("Why it is told again")): row.reason,
        }
        for row in LogDay.objects.filter(agreement__enrolment__person_id=person_id)
    ]
    visits: list[Mapping[str, str]] = [
        {
            str(_("Day")): str(row.visit_date),
            str(_("Who visited")): row.visitor_name,
            str(_("What was found")): row.found,
            str(_("What was agreed")): row.agreed,
        }
        for row in ApprenticeVisit.objects.filter(agreement__enrolment__person_id=person_id)
    ]
    offers: list[Mapping[str, str]] = [
        {
            str(_("What is offered")): str(row.get_kind_display()),
            str(_("Answer")): str(row.get_state_display()),
        }
        for row in GraduateOffer.objects.filter(agreement__enrolment__person_id=person_id)
    ]
    return {
        str(_("Skills card")): levels,
        str(_("Log of days")): days,
        str(_("Visits in the workshop")): visits,
        str(_("Offers after graduation")): offers,
    }


def erase(person_id: UUID) -> None:
    """Blank names and free texts; counts and dates stay, so that figures do not change."""
    TracerResponse.objects.filter(enrolment__person_id=person_id).update(income_units=None)
    ContactAttempt.objects.filter(follow_up__enrolment__person_id=person_id).update(told="")
    DropoutCase.objects.filter(follow_up__enrolment__person_id=person_id).update(reason_text="")
    Certificate.objects.filter(enrolment__person_id=person_id).update(
        printed_name="", code_text="", revoke_reason=""
    )
    Attendance.objects.filter(enrolment__person_id=person_id).update(reason="")
    forget_answers(person_id)
    Enrolment.objects.filter(person_id=person_id).update(
        reason_text="", referral_source="", targeting_score=None
    )
    LogDay.objects.filter(agreement__enrolment__person_id=person_id).update(reason="")
    SkillLevel.objects.filter(agreement__enrolment__person_id=person_id).update(judge_name="")
    ApprenticeVisit.objects.filter(agreement__enrolment__person_id=person_id).update(
        visitor_name="", found="", agreed=""
    )
    ApprenticeshipAgreement.objects.filter(enrolment__person_id=person_id).update(
        guardian_name="", witnesses="", assessor_name="", end_reason=""
    )
    Placement.objects.filter(enrolment__person_id=person_id).update(
        employer="", income_units=None, reject_reason=""
    )
