"""What pathways add to a person's page and journey, and to what is done with her records."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from handup.lending.models import GraduationDecision, PathwayCheck, PathwayEnrolment
from handup.lending.rules.codes import EnrolmentState, ProposalState
from handup.lending.views.enrolments import TONES, why
from handup.org.models import StaffUser
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.money import format_day
from handup.org.web.pages import Moment, Table
from handup.people import merging, sections, subject
from handup.people.rules.codes import Reason
from handup.people.rules.merging import MergeLook


def tables(staff: StaffUser, person_id: UUID) -> Sequence[Table]:
    """The pathways she is or was on, as far as the reader may see them."""
    rows = PathwayEnrolment.objects.visible_to(staff).filter(person_id=person_id)
    found = list(rows.select_related("version__pathway"))
    if not found:
        return ()
    columns = (
        Column("code", _("Number"), Kind.LINK, url_name="lending:enrolment_detail"),
        Column("version.pathway.name", _("Pathway")),
        Column("enrolled_date", _("Since"), Kind.DATE),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("ended_date", _("Ended on"), Kind.DATE),
    )
    return (Table(_("Pathway out of extreme poverty"), columns, found),)


def moments(staff: StaffUser, person_id: UUID) -> Sequence[Moment]:
    """Came in, was visited, graduated or left."""
    found: list[Moment] = []
    rows = PathwayEnrolment.objects.visible_to(staff).filter(person_id=person_id)
    for row in rows.select_related("version__pathway").prefetch_related("checks"):
        href = row.get_absolute_url()
        name = row.version.pathway.name
        found.append(Moment(row.enrolled_date, _("Came onto a pathway"), name, href))
        found.extend(
            Moment(check.check_date, _("Visited on her pathway"), name, href)
            for check in row.checks.all()
        )
        if row.ended_date is not None and row.state == EnrolmentState.GRADUATED:
            found.append(
                Moment(row.ended_date, _("Graduated from her pathway"), name, href, Tone.GOOD)
            )
        elif row.ended_date is not None:
            found.append(Moment(row.ended_date, _("Left her pathway"), name, href, Tone.WARN))
    return found


def move(merge: merging.Merge) -> None:
    """Give the pathways of a person registered twice to whom she is. Of two she is on in one
    programme the earlier goes on, with what was given on the other; the other ends that day."""
    running = PathwayEnrolment._base_manager.filter(state=EnrolmentState.RUNNING.value)
    hers = {row.programme_id: row for row in running.filter(person=merge.survivor)}
    for row in running.filter(person=merge.merged):
        if (other := hers.get(row.programme_id)) is not None:
            goes_on, ends = sorted((other, row), key=_since)
            _end_for(merge, ends, goes_on)
    merge.give(PathwayEnrolment)


def _since(row: PathwayEnrolment) -> tuple[object, object, UUID]:
    return row.enrolled_date, row.recorded_at, row.pk


def _end_for(merge: merging.Merge, ends: PathwayEnrolment, goes_on: PathwayEnrolment) -> None:
    """End one of two enrolments: what waits for a decision falls, its grants hang on the other."""
    on, reason = max(merge.on, ends.enrolled_date), Reason.DUPLICATE.value
    merge.change(
        ends.graduations.filter(state=ProposalState.PROPOSED.value),
        state=ProposalState.DECLINED.value,
        decided_date=on,
        decided_by_id=merge.by,
        decision_reason=reason,
    )
    merge.change(
        [ends],
        state=EnrolmentState.LEFT.value,
        ended_date=on,
        ended_by_id=merge.by,
        end_reason=reason,
    )
    merge.change(ends.grants.all(), pathway_id=goes_on.pk)
    merge.look(MergeLook.SAME_PATHWAY.value)


def held(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What is held of her pathways."""
    rows = PathwayEnrolment._base_manager.filter(person_id=person_id)
    checks = PathwayCheck._base_manager.filter(enrolment__person_id=person_id)
    decisions = GraduationDecision._base_manager.filter(enrolment__person_id=person_id)
    return {
        _("Pathways out of extreme poverty"): [
            {
                _("Number"): row.code,
                _("Pathway"): row.version.pathway.name,
                _("Since"): format_day(row.enrolled_date),
                _("State"): row.get_state_display(),
                _("Why it ended"): why(row.end_reason),
            }
            for row in rows.select_related("version__pathway")
        ],
        _("Visits on her pathway"): [
            {
                _("Seen on"): format_day(row.check_date),
                _("What was found"): _words(row),
                _("Note"): row.note,
            }
            for row in checks.select_related("enrolment__version")
        ],
        _("Graduation"): [
            {
                _("Proposed on"): format_day(row.proposed_date),
                _("State"): row.get_state_display(),
                _("Note"): row.proposal_note,
                _("Criteria"): "; ".join(_reason(item) for item in row.reasons),
                _("Reason"): why(row.decision_reason),
            }
            for row in decisions
        ],
    }


def _words(row: PathwayCheck) -> str:
    labels = {
        str(item.get("code")): str(item.get("label")) for item in row.enrolment.version.criteria
    }
    return "; ".join(f"{labels.get(code, code)}: {text}" for code, text in row.findings.items())


def _reason(item: Mapping[str, str]) -> str:
    return " ".join(str(item.get(name, "")) for name in ("label", "judgement", "value", "seen"))


def blank(person_id: UUID) -> None:
    """Blank what was seen and written of her; that she was on a pathway and how it ended stays."""
    rows = PathwayEnrolment._base_manager.filter(person_id=person_id)
    rows.update(end_reason="")
    checks = PathwayCheck._base_manager.filter(enrolment__person_id=person_id)
    checks.update(findings={}, note="")
    decisions = GraduationDecision._base_manager.filter(enrolment__person_id=person_id)
    decisions.update(reasons=[], proposal_note="", decision_reason="")


def register() -> None:
    """Add all of it to the named lists of people, once."""
    if tables in sections.record_sections:
        return
    sections.record_sections.append(tables)
    sections.record_moments.append(moments)
    merging.on_merge.append(move)
    subject.collect.append(held)
    subject.erase.append(blank)
