"""Grading a group by a scorecard, and what the group disputes (groups.md G7).

A mark links to the entries of the group that speak for it: the newest of the kinds its card names,
of the year before. They are entries of the group as a whole, never of one member.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from handup.groups.models import (
    AssessmentMark,
    Group,
    GroupAssessment,
    GroupFact,
    MarkDispute,
    MarkEvidence,
)
from handup.groups.models.facts import VOID
from handup.groups.models.scoring import DisputeState, Given
from handup.groups.rules.grading import CardRounding, Criterion, Graded, Mark, grade_card
from handup.groups.scorecards import Card, bands_of, card_of
from handup.groups.services.assembly import stream_of
from handup.groups.services.facts import FactIn
from handup.groups.services.outside import require_come
from handup.kernel.chain import Json
from handup.kernel.dates import add_months
from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require

ASSESS = "groups.assess_group"
DISPUTE = "groups.dispute_mark"
ANSWER = "groups.answer_dispute"
MOST_EVIDENCE = 6
MOST_PEOPLE = 500


class NotForThisGroup(Refusal):
    """This card is not made for this kind of group."""


class AssessedThatDay(Refusal):
    """This card was filled with this group on that day already."""


class BeforeFormed(Refusal):
    """The group was formed on {formed}; nothing of it was assessed before."""


class PeopleMissing(Refusal):
    """Say how many people took part, from 1 to 500."""


class WhyMissing(Refusal):
    """Write down why."""


class DisputedAlready(Refusal):
    """This mark is disputed already and not answered yet."""


class AnsweredAlready(Refusal):
    """This dispute was answered before."""


class OwnAssessment(Refusal):
    """Whoever made the assessment does not answer its disputes. Let somebody else do it."""


class AnswerBefore(Refusal):
    """It was said on {before}; nothing of it was disputed or answered earlier."""


@dataclass(frozen=True, slots=True)
class MarkIn:
    """What a criterion got; points only where it is SCORED."""

    given: Given
    points: int = 0


def _graded(card: Mapping[str, object], marks: Iterable[AssessmentMark]) -> Graded:
    """Grade marks by the card their assessment keeps. Raises NothingScored."""
    return grade_card(
        [
            Criterion(
                Fraction(mark.most_points),
                Fraction(mark.points) if mark.given == Given.SCORED else None,
                Mark(mark.given),
            )
            for mark in marks
        ],
        bands_of(card),
        rounding=CardRounding(str(card["rounding"])),
        eligible_from=Fraction(str(card["eligible_from"])),
    )


def _marks(card: Card, given: Mapping[int, MarkIn]) -> list[AssessmentMark]:
    """A mark a criterion; what is not told is not answered. Raises Faults naming wrong marks."""
    numbers = {asked.no: asked for asked in card.criteria}
    faults = [
        Fault("NO_SUCH_CRITERION", f"The card has no criterion {no}.", place=f"mark_{no}")
        for no in sorted(given.keys() - numbers.keys())
    ]
    rows = []
    for no, asked in numbers.items():
        told = given.get(no, MarkIn(Given.UNANSWERED))
        points = told.points if told.given == Given.SCORED else 0
        if not 0 <= points <= asked.points:
            message = f"From 0 to {asked.points} points."
            place = f"mark_{no}"
            faults.append(Fault("POINTS_OUT_OF_RANGE", message, place=place, value=str(points)))
        rows.append(
            AssessmentMark(
                no=no,
                section=asked.section,
                text=asked.text,
                most_points=asked.points,
                given=told.given,
                points=points,
            )
        )
    if faults:
        raise Faults(faults)
    return rows


@transaction.atomic
def assess_group(
    *,
    acting_staff: StaffUser,
    group: Group,
    card_code: str,
    marks: Mapping[int, MarkIn],
    people_count: int,
    on: date,
    id: UUID | None = None,
) -> GroupAssessment:
    """Keep a filled card with its grade, and link each mark to the entries that speak for it.
    marks: by the number of the criterion; what is missing counts as not answered. The same id with
    the same content returns it unchanged.

    Raises NoSuchCard, NotForThisGroup, PeopleMissing, BeforeFormed, InTheFuture, AssessedThatDay,
    NothingScored, SameIdOtherContent, and Faults naming every mark out of its range.
    """
    require(acting_staff, ASSESS, group)
    stream = stream_of(group)
    card = card_of(card_code)
    told = {"card_code": card.code, "assessed_date": on, "people_count": people_count}
    known = already_stored(GroupAssessment, id, acting_staff, group=group, **told)
    if known is not None:
        if known.fact.body["marks"] != _told_marks(_marks(card, marks)):
            raise SameIdOtherContent(field="id")
        return known
    if stream.group.kind not in card.kinds:
        raise NotForThisGroup(field="card")
    if not 0 < people_count <= MOST_PEOPLE:
        raise PeopleMissing(field="people_count")
    require_come(on, "on")
    if on < stream.group.formed_date:
        raise BeforeFormed(field="on", formed=stream.group.formed_date)
    if stream.group.assessments.filter(card_code=card.code, assessed_date=on).exists():
        raise AssessedThatDay(field="on")
    rows, stored = _marks(card, marks), card.as_stored()
    graded = _graded(stored, rows)
    body: dict[str, Json] = {
        "card": card.code,
        "version": card.version,
        "people": people_count,
        "marks": _told_marks(rows),
    }
    (fact,) = stream.append([FactIn("assess_group", body, on)], acting_staff)
    assessment = GroupAssessment.objects.create(
        id=id or new_id(),
        group=stream.group,
        card_version=card.version,
        card=stored,
        assessed_by=acting_staff,
        fact=fact,
        **told,
        **_figures(graded),
    )
    for row in rows:
        row.assessment = assessment
    AssessmentMark.objects.bulk_create(rows)
    _link(assessment, card, rows)
    audit.record(acting_staff, ASSESS, assessment, {"grade": graded.grade})
    return assessment


def _told_marks(rows: Iterable[AssessmentMark]) -> list[Json]:
    """The marks as the fact of the group keeps them."""
    return [{"no": row.no, "given": str(row.given), "points": row.points} for row in rows]


def _figures(graded: Graded) -> dict[str, object]:
    return {
        "points": int(graded.points),
        "most_points": int(graded.most),
        "grade": graded.grade,
        "is_eligible": graded.is_eligible,
    }


def _link(assessment: GroupAssessment, card: Card, rows: Iterable[AssessmentMark]) -> None:
    """Link each mark to the newest entries of the kinds its criterion names."""
    on = assessment.assessed_date
    names = {name for asked in card.criteria for name in asked.evidence}
    found: dict[str, list[UUID]] = {name: [] for name in names}
    facts = GroupFact.objects.filter(
        group_id=assessment.group_id,
        name__in=names,
        happened_date__lte=on,
        happened_date__gt=add_months(on, -12),
        reversed_by=None,
    ).exclude(meeting__status__in=VOID)
    for pk, name in facts.order_by("-happened_date", "-seq").values_list("pk", "name"):
        if len(found[name]) < MOST_EVIDENCE:
            found[name].append(pk)
    asked = {one.no: one for one in card.criteria}
    MarkEvidence.objects.bulk_create(
        MarkEvidence(mark=row, fact_id=pk)
        for row in rows
        if row.given == Given.SCORED
        for name in asked[row.no].evidence
        for pk in found[name]
    )


@transaction.atomic
def dispute_mark(
    *, acting_staff: StaffUser, mark: AssessmentMark, why: str, on: date, id: UUID | None = None
) -> MarkDispute:
    """Keep that the group says a mark is wrong, and why. The same id with the same content returns
    it unchanged.

    Raises WhyMissing, DisputedAlready, AnswerBefore, InTheFuture, SameIdOtherContent.
    """
    group = mark.assessment.group
    require(acting_staff, DISPUTE, group)
    stream = stream_of(group)
    stored = AssessmentMark.objects.select_related("assessment").get(pk=mark.pk)
    why = _reason("why", why)
    told = {"mark": stored, "why": why, "disputed_date": on}
    if (known := already_stored(MarkDispute, id, acting_staff, **told)) is not None:
        return known
    require_come(on, "on")
    if on < stored.assessment.assessed_date:
        raise AnswerBefore(field="on", before=stored.assessment.assessed_date)
    if stored.disputes.filter(state=DisputeState.OPEN).exists():
        raise DisputedAlready(field="why")
    body: dict[str, Json] = {
        "assessment": str(stored.assessment_id),
        "mark": stored.no,
        "why": why,
    }
    (fact,) = stream.append([FactIn("dispute_mark", body, on)], acting_staff)
    dispute = MarkDispute.objects.create(
        id=id or new_id(), points_before=stored.points, fact=fact, **told
    )
    audit.record(acting_staff, DISPUTE, dispute, {"mark": stored.no})
    return dispute


def _reason(field: str, text: str) -> str:
    told = text.strip()[:500]
    if not told:
        raise WhyMissing(field=field)
    return told


@transaction.atomic
def answer_dispute(
    *,
    acting_staff: StaffUser,
    dispute: MarkDispute,
    answer: str,
    on: date,
    given: Given | None = None,
    points: int = 0,
) -> MarkDispute:
    """Answer a dispute: the mark stands (given None), or becomes another and the card is graded
    anew. Whoever assessed does not answer; the same answer again changes nothing.

    Raises WhyMissing, AnsweredAlready, OwnAssessment, AnswerBefore, InTheFuture, NothingScored, and
    Faults where the points are out of range.
    """
    group = dispute.mark.assessment.group
    require(acting_staff, ANSWER, group)
    stream = stream_of(group)
    stored = MarkDispute.objects.select_related("mark__assessment").get(pk=dispute.pk)
    mark, assessment = stored.mark, stored.mark.assessment
    if stored.state != DisputeState.OPEN:
        told = (stored.answer, stored.answered_date, stored.answered_by_id)
        if told == (answer.strip()[:500], on, acting_staff.pk) and _same_mark(
            stored, given, points
        ):
            return stored
        raise AnsweredAlready(field="answer")
    if assessment.assessed_by_id == acting_staff.pk:
        raise OwnAssessment(field="answer")
    answer = _reason("answer", answer)
    require_come(on, "on")
    if on < stored.disputed_date:
        raise AnswerBefore(field="on", before=stored.disputed_date)
    points = points if given == Given.SCORED else 0
    if not 0 <= points <= mark.most_points:
        message = f"From 0 to {mark.most_points} points."
        raise Faults([Fault("POINTS_OUT_OF_RANGE", message, place="points", value=str(points))])
    body: dict[str, Json] = {
        "assessment": str(assessment.pk),
        "mark": mark.no,
        "answer": answer,
        "given": str(given or ""),
        "points": points,
    }
    stream.append([FactIn("answer_dispute", body, on)], acting_staff)
    stored.state = DisputeState.STANDS if given is None else DisputeState.CHANGED
    stored.answer, stored.answered_date, stored.answered_by = answer, on, acting_staff
    stored.save(update_fields=("state", "answer", "answered_date", "answered_by"))
    if given is not None:
        mark.given, mark.points = given, points
        mark.save(update_fields=("given", "points"))
        for name, value in _figures(_graded(assessment.card, assessment.marks.all())).items():
            setattr(assessment, name, value)
        assessment.save(update_fields=("points", "most_points", "grade", "is_eligible"))
    audit.record(acting_staff, ANSWER, stored, {"state": str(stored.state)})
    return stored


def _same_mark(dispute: MarkDispute, given: Given | None, points: int) -> bool:
    """Whether a dispute was answered with this mark."""
    if given is None:
        return dispute.state == DisputeState.STANDS
    mark = dispute.mark
    worth = points if given == Given.SCORED else 0
    return dispute.state == DisputeState.CHANGED and (mark.given, mark.points) == (given, worth)


@dataclass(frozen=True, slots=True)
class Due:
    """When a group's card falls due: the last time it was filled, and by when it is again."""

    card: Card
    last: date | None
    due: date

    def is_overdue(self, on: date) -> bool:
        """The day has passed."""
        return self.due < on


def due_cards(group: Group, cards: Iterable[Card]) -> list[Due]:
    """For each card when it falls due: its months after it was filled last, or after the group was
    formed (groups_cooperatives.md K1)."""
    filled = group.assessments.order_by("assessed_date")
    last: dict[str, date] = dict(filled.values_list("card_code", "assessed_date"))
    return [
        Due(
            card,
            last.get(card.code),
            add_months(last.get(card.code, group.formed_date), card.every_months),
        )
        for card in cards
        if card.every_months
    ]
