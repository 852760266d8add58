"""Hand a programme over to a local institution: options, papers, readiness, gates, the way back."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _t

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.kernel.money import decimal_text
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import Area, StaffUser
from handup.org.permissions import require
from handup.projects import handover as lists
from handup.projects.models import (
    Document,
    Handover,
    HandoverMove,
    HandoverOption,
    Organisation,
    Programme,
    ReadinessItem,
)
from handup.projects.rules.handover import (
    STANDARD_ITEMS,
    HandoverState,
    ReadinessSection,
    ReadinessState,
    Way,
    earlier,
    following,
    score,
    unmet,
)
from handup.projects.rules.states import DocumentState
from handup.projects.services import handover_checks as checks
from handup.projects.services.programmes import CodeTaken, TitleMissing
from handup.projects.services.store import add, change


class HandoverUnderWay(Refusal):
    """This programme is being handed over already."""


class TimetableEmpty(Refusal):
    """A timetable has at least one year of handing over."""


class OptionsDecided(Refusal):
    """The options were decided on. Send the hand-over back to compare them anew."""


class OptionIncomplete(Refusal):
    """Write cost, risk, law and reach of each way."""


class PaperOfAnotherProgramme(Refusal):
    """This document belongs to another programme."""


class PaperNotFinal(Refusal):
    """Decision, legal advice and minutes are final documents; this one is a draft."""


class EvidenceMissing(Refusal):
    """An item is met by its evidence: a document, or words that say where it is seen."""


class HardItemApplies(Refusal):
    """This item must be met; it cannot be set aside."""


class RecordsSayOtherwise(Refusal):
    """The records do not show this item as met: {told}"""


class GateClosed(Refusal):
    """This gate is closed. Still open: {missing}."""


class NoGateAhead(Refusal):
    """The successor is independent; no gate lies ahead."""


class NotAnEarlierState(Refusal):
    """A hand-over goes back to a state it has passed."""


class WhyMissing(Refusal):
    """Write the reason."""


class NotSupervised(Refusal):
    """Disbursement is stopped only while the successor decides under supervision."""


class StoppedAlready(Refusal):
    """Disbursement is stopped already, since {since}."""


class NotStopped(Refusal):
    """Disbursement is not stopped."""


def oldest_area(programme: Programme) -> Area | None:
    """The area the programme has worked in for longest: exit starts there."""
    link = (
        programme.area_links.select_related("area")
        .exclude(from_date=None)
        .order_by("from_date", "recorded_at")
        .first()
    ) or programme.area_links.select_related("area").order_by("recorded_at").first()
    return None if link is None else link.area


def open_handover(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    title: str,
    starts: date,
    set_up_years: int = 2,
    expansion_years: int = 3,
    handover_years: int = 2,
    exit_area: Area | None = None,
    id: UUID | None = None,
) -> Handover:
    """Begin to hand a programme over, with the standard checklist of nine sections.

    Years of setting up, expansion and handing over are 2, 3 and 2 unless told; exit starts in the
    oldest area unless another is named. Raises TitleMissing, TimetableEmpty, HandoverUnderWay.
    Source: projects_and_markets.md 4.8 and 5.
    """
    row = Handover(
        id=id or new_id(),
        programme=programme,
        title=title.strip(),
        starts=starts,
        set_up_years=set_up_years,
        expansion_years=expansion_years,
        handover_years=handover_years,
        exit_area=exit_area or oldest_area(programme),
        opened_by=acting_staff,
    )
    require(acting_staff, "projects.open_handover", programme)
    if (
        known := already_stored(Handover, id, acting_staff, programme=programme, starts=starts)
    ) is not None:
        return known
    if not row.title:
        raise TitleMissing(field="title")
    if handover_years < 1 or min(set_up_years, expansion_years) < 0:
        raise TimetableEmpty(field="handover_years")
    if programme.handovers.exclude(state=HandoverState.INDEPENDENT.value).exists():
        raise HandoverUnderWay(field="programme")
    items = [
        ReadinessItem(
            handover=row,
            section=item.section.value,
            code=item.code,
            hard=item.hard,
            weight=item.weight,
            gate=item.gate.value,
            position=place,
        )
        for place, item in enumerate(STANDARD_ITEMS, 1)
    ]
    with transaction.atomic():
        add(acting_staff, "projects.open_handover", row, {"items": len(items)})
        ReadinessItem.objects.bulk_create(items)
    return row


def compare_option(
    *,
    acting_staff: StaffUser,
    handover: Handover,
    way: Way,
    cost: str,
    risk: str,
    law: str,
    reach: str,
) -> HandoverOption:
    """Write what one way of lending would cost, risk, need by law and reach; again to change it.

    Raises OptionsDecided, OptionIncomplete.
    """
    require(acting_staff, "projects.compare_option", handover)
    if handover.state != HandoverState.OPTIONS:
        raise OptionsDecided
    told = {"cost": cost.strip(), "risk": risk.strip(), "law": law.strip(), "reach": reach.strip()}
    for name, text in told.items():
        if not text:
            raise OptionIncomplete(field=name)
    held = handover.options.filter(way=way.value).first()
    if held is not None:
        change(acting_staff, "projects.compare_option", held, written_by=acting_staff, **told)
        return held
    row = HandoverOption(handover=handover, way=way.value, written_by=acting_staff, **told)
    add(acting_staff, "projects.compare_option", row, {"way": way.value})
    return row


def record_handover_papers(
    *,
    acting_staff: StaffUser,
    handover: Handover,
    successor: Organisation | None,
    way: Way | None,
    study: Document | None = None,
    decision: Document | None = None,
    legal_advice: Document | None = None,
    registration_no: str = "",
    registered_date: date | None = None,
) -> Handover:
    """Record to whom, which way and by which papers: the study, the decision, the legal advice,
    the registration.

    Raises PaperOfAnotherProgramme, PaperNotFinal, and GatePassed for another paper than the one a
    gate was passed with.
    """
    require(acting_staff, "projects.record_handover_papers", handover)
    for name, paper in (("study", study), ("decision", decision), ("legal_advice", legal_advice)):
        _check_paper(handover, name, paper)
    told: dict[str, object] = {
        "successor": successor,
        "way": "" if way is None else way.value,
        "study": study,
        "decision": decision,
        "legal_advice": legal_advice,
        "registration_no": registration_no.strip(),
        "registered_date": registered_date,
    }
    with transaction.atomic():
        held = Handover.objects.select_for_update().get(pk=handover.pk)
        checks.refuse_changed_papers(held, told)
        change(acting_staff, "projects.record_handover_papers", handover, **told)
    return handover


def _check_paper(handover: Handover, name: str, paper: Document | None) -> None:
    if paper is None:
        return
    if paper.programme_id != handover.programme_id:
        raise PaperOfAnotherProgramme(field=name)
    if paper.state != DocumentState.FINAL:
        raise PaperNotFinal(field=name)


def add_readiness_item(
    *,
    acting_staff: StaffUser,
    handover: Handover,
    section: ReadinessSection,
    code: str,
    title: str,
    gate: HandoverState,
    hard: bool = False,
    weight: int = 1,
) -> ReadinessItem:
    """Add an item of one's own to the checklist. Raises TitleMissing, CodeTaken."""
    require(acting_staff, "projects.add_readiness_item", handover)
    if not title.strip():
        raise TitleMissing(field="title")
    if handover.items.filter(code=code).exists():
        raise CodeTaken(field="code", code=code)
    last = handover.items.order_by("-position").first()
    row = ReadinessItem(
        handover=handover,
        section=section.value,
        code=code,
        title=title.strip(),
        gate=gate.value,
        hard=hard,
        weight=weight,
        position=1 if last is None else last.position + 1,
    )
    add(acting_staff, "projects.add_readiness_item", row)
    return row


def assess_readiness(
    *,
    acting_staff: StaffUser,
    item: ReadinessItem,
    state: ReadinessState,
    on: date,
    evidence: Document | None = None,
    evidence_text: str = "",
    owner: StaffUser | None = None,
    due_date: date | None = None,
) -> ReadinessItem:
    """Say how far an item is, and by what that is seen.

    Raises DayAhead, EvidenceMissing, HardItemApplies, and RecordsSayOtherwise where the house's own
    records of that day show that it is not met.
    """
    require(acting_staff, "projects.assess_readiness", item)
    checks.refuse_day_ahead(on)
    if item.hard and state is ReadinessState.NOT_APPLICABLE:
        raise HardItemApplies(field="state")
    if evidence is not None and evidence.programme_id != item.handover.programme_id:
        raise PaperOfAnotherProgramme(field="evidence")
    if state is ReadinessState.MET:
        if evidence is None and not evidence_text.strip():
            raise EvidenceMissing(field="evidence")
        refuted = [
            one.text
            for one in lists.told(item.handover.programme, item.code, on=on)
            if one.enough is False
        ]
        if refuted:
            raise RecordsSayOtherwise(field="state", told="; ".join(refuted))
    change(
        acting_staff,
        "projects.assess_readiness",
        item,
        state=state.value,
        evidence=evidence,
        evidence_text=evidence_text.strip(),
        owner=owner,
        due_date=due_date,
        assessed_by=acting_staff,
        assessed_date=on,
    )
    return item


def score_text(handover: Handover) -> str:
    """The weight met of the weight that applies, in percent with one decimal."""
    share = score([item.fact for item in handover.items.all()])
    return _t("not defined") if share is None else f"{decimal_text(share * 100, 1)}%"


def missing_for(handover: Handover, to: HandoverState) -> tuple[str, ...]:
    """What a gate still asks for, in words: papers first, then the hard items."""
    papers: list[tuple[HandoverState, bool, str]] = [
        (
            HandoverState.DECIDED,
            handover.options.count() == len(Way),
            _t("all three ways compared"),
        ),
        (HandoverState.DECIDED, handover.study is not None, _t("the options study")),
        (HandoverState.DECIDED, handover.decision is not None, _t("the decision")),
        (HandoverState.DECIDED, handover.way != "", _t("the way of lending")),
        (HandoverState.DECIDED, handover.successor is not None, _t("the successor")),
        (HandoverState.REGISTERED, handover.legal_advice is not None, _t("the legal advice")),
        (
            HandoverState.REGISTERED,
            bool(handover.registration_no and handover.registered_date),
            _t("the registration with its day"),
        ),
    ]
    passed = (*earlier(to), to)
    open_papers = [text for gate, held, text in papers if gate in passed and not held]
    items = [item.fact for item in handover.items.all()]
    return (*open_papers, *unmet(items, to))


def pass_gate(
    *,
    acting_staff: StaffUser,
    handover: Handover,
    on: date,
    minutes: Document | None,
    reason: str = "",
) -> Handover:
    """Pass the next gate, with the minutes of the successor's board, by another person than
    whoever assessed the items it asks for: its own and those of every gate before it.

    The records of that day are asked again. Raises NoGateAhead, GateClosed with everything still
    open, PaperNotFinal, SamePerson, DayAhead, BeforeLastMove.
    """
    require(acting_staff, "projects.pass_gate", handover)
    with transaction.atomic():
        handover = Handover.objects.select_for_update().get(pk=handover.pk)
        to = following(HandoverState(handover.state))
        if to is None:
            raise NoGateAhead
        _check_paper(handover, "minutes", minutes)
        missing = (*missing_for(handover, to), *checks.refuted(handover, to, on))
        if minutes is None:
            missing = (_t("the minutes of the successor's board"), *missing)
        if missing:
            raise GateClosed(field="minutes", missing="; ".join(missing))
        asked = handover.items.filter(hard=True, gate__in=(*earlier(to), to))
        hands = asked.exclude(assessed_by=None)
        require_other_person(
            acting_staff,
            *{item.assessed_by_id for item in hands},
            step="projects.pass_gate",
            reason=reason,
            obj=handover,
        )
        _move(acting_staff, "projects.pass_gate", handover, to, on, minutes, reason)
    return handover


def send_back_handover(
    *, acting_staff: StaffUser, handover: Handover, to: HandoverState, on: date, reason: str
) -> Handover:
    """Send a hand-over back to a state it has passed, with the reason. Raises WhyMissing,
    NotAnEarlierState, DayAhead, BeforeLastMove."""
    require(acting_staff, "projects.send_back_handover", handover)
    if not reason.strip():
        raise WhyMissing(field="reason")
    with transaction.atomic():
        handover = Handover.objects.select_for_update().get(pk=handover.pk)
        if to not in earlier(HandoverState(handover.state)):
            raise NotAnEarlierState(field="to")
        _move(acting_staff, "projects.send_back_handover", handover, to, on, None, reason)
    return handover


def _move(
    staff: StaffUser,
    action: str,
    handover: Handover,
    to: HandoverState,
    on: date,
    minutes: Document | None,
    reason: str,
) -> None:
    checks.refuse_day_of_move(handover, on)
    move = HandoverMove(
        handover=handover,
        from_state=handover.state,
        to_state=to.value,
        moved_date=on,
        minutes=minutes,
        reason=reason.strip(),
        score_text=score_text(handover),
        moved_by=staff,
    )
    move.save(force_insert=True)
    change(staff, action, handover, state=to.value, stopped_date=None, stop_reason="")


def stop_disbursement(
    *, acting_staff: StaffUser, handover: Handover, on: date, reason: str
) -> Handover:
    """Stop disbursement while the successor decides under supervision: the old house's right.

    Raises WhyMissing, NotSupervised, StoppedAlready.
    """
    require(acting_staff, "projects.stop_disbursement", handover)
    if not reason.strip():
        raise WhyMissing(field="reason")
    if handover.state != HandoverState.SUPERVISED:
        raise NotSupervised
    if handover.stopped_date is not None:
        raise StoppedAlready(since=handover.stopped_date)
    change(
        acting_staff,
        "projects.stop_disbursement",
        handover,
        stopped_date=on,
        stop_reason=reason.strip(),
    )
    return handover


def let_disbursement_go_on(*, acting_staff: StaffUser, handover: Handover) -> Handover:
    """End a stop of disbursement. Raises NotStopped."""
    require(acting_staff, "projects.let_disbursement_go_on", handover)
    if handover.stopped_date is None:
        raise NotStopped
    change(
        acting_staff,
        "projects.let_disbursement_go_on",
        handover,
        stopped_date=None,
        stop_reason="",
    )
    return handover
