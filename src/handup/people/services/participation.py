"""Apply, decide by the programme's rule, take part, pause, graduate, leave: each move dated, with
a coded reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.bulk import unsaved
from handup.org.devices import already_stored
from handup.org.models import Office, StaffUser
from handup.org.permissions import require, require_over
from handup.org.scope import hidden_from
from handup.people.models import (
    EligibilityRule,
    Household,
    Participation,
    ParticipationEvent,
    Person,
)
from handup.people.queries import ConsentMissing, households_of
from handup.people.queries.consents import not_consenting
from handup.people.queries.facts import SEALED_FACTS, fact_kinds, facts_on, known_facts
from handup.people.queries.participation import rules_on
from handup.people.rules import codes as c
from handup.people.rules.eligibility import Result, Value, evaluate, facts_used, faults
from handup.people.rules.taking_part import ENDED, UNDECIDED, may_move
from handup.people.services.days import DayToCome, refuse_to_come
from handup.people.services.store import (
    PersonErased,
    audit_all,
    change,
    in_chunks,
    insert,
    refuse_all,
    refuse_erased,
    require_places,
)
from handup.projects.models import Phase, Programme

S = c.ParticipationState
DECIDED: dict[Result, tuple[S, str]] = {
    Result.ELIGIBLE: (S.ELIGIBLE, c.Reason.RULE_MET.value),
    Result.NOT_ELIGIBLE: (S.NOT_ELIGIBLE, ""),
    Result.NEEDS_INFORMATION: (S.NEEDS_INFORMATION, c.Reason.MISSING_FACTS.value),
}


class AlreadyApplied(Refusal):
    """This person is already known to the programme: {state}."""


class NoRule(Refusal):
    """No rule of the programme holds on {on}. A manager publishes one first."""


class AlreadyDecided(Refusal):
    """This application is decided. An appeal reopens it."""


class MoveNotAllowed(Refusal):
    """From "{before}" a participation cannot go to "{after}"."""


class ReasonNeeded(Refusal):
    """Choose the reason."""


class MoveBeforeLast(Refusal):
    """The last step was on {last_date}; the next one cannot lie before it."""


class PhaseOfAnother(Refusal):
    """This phase belongs to another programme."""


class RuleWithoutTitle(Refusal):
    """Give the rule a title."""


class RuleBeforeLast(Refusal):
    """The present version holds from {valid_from}; a new one begins later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationIn:
    """A person applies. With `decided_date` the rule is asked in the same act, with
    `started_date` an eligible
    person takes part from that day: the way of imports and loads, each step recorded as if taken
    alone.
    """

    person: Person
    programme: Programme
    applied_date: date
    phase: Phase | None = None
    household: Household | None = None
    office: Office | None = None
    case_officer: StaffUser | None = None
    decided_date: date | None = None
    started_date: date | None = None
    id: UUID | None = None


@dataclass(slots=True)
class Batch:
    """Participations of a batch with the moves they made, before they are stored."""

    rows: list[Participation] = field(default_factory=list)
    events: list[ParticipationEvent] = field(default_factory=list)

    def move(self, row: Participation, to: S, reason: str, on: date, staff: StaffUser) -> None:
        """Set a state in memory and remember the event."""
        before = "" if row._state.adding and to is S.APPLIED else row.state
        self.events.append(
            unsaved(
                ParticipationEvent,
                participation_id=row.pk,
                from_state=before,
                to_state=to.value,
                reason=reason,
                event_date=on,
                recorded_by_id=staff.pk,
            )
        )
        row.state, row.reason = to.value, reason
        if to is S.ACTIVE and row.started_date is None:
            row.started_date = on
        if to in ENDED:
            row.ended_date = on


def publish_rule(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    title: str,
    tree: Mapping[str, object],
    valid_from: date,
    appeal_route: str = "",
) -> EligibilityRule:
    """Publish the next version of a programme's rule; the version before ends the day before.

    Raises NotAllowed without a grant over this programme (to know it is not enough),
    RuleWithoutTitle, RuleBeforeLast, and Faults naming every place of the tree that cannot be used.
    """
    require_over(acting_staff, "people.publish_rule", programme=programme.pk)
    if not title.strip():
        raise RuleWithoutTitle(field="title")
    if found := faults(tree, known_facts(), kinds=fact_kinds()):
        raise Faults(
            [Fault(code=f.code, message=f.code, place=f.place) for f in found], field="tree"
        )
    last = programme.eligibility_rules.order_by("-version").first()
    if last is not None and valid_from <= last.valid_from:
        raise RuleBeforeLast(field="valid_from", valid_from=last.valid_from.isoformat())
    row = EligibilityRule(
        programme=programme,
        version=1 if last is None else last.version + 1,
        title=title.strip(),
        tree=dict(tree),
        appeal_route=appeal_route,
        valid_from=valid_from,
        published_by=acting_staff,
    )
    with transaction.atomic():
        if last is not None and last.valid_to is None:
            change(last, acting_staff, valid_to=date.fromordinal(valid_from.toordinal() - 1))
        insert([row], acting_staff)
        audit.record(acting_staff, "people.publish_rule", row, {"version": row.version})
    return row


def _without_consent(items: Sequence[ApplicationIn]) -> set[UUID]:
    asked = {(item.person.pk, item.applied_date) for item in items}
    return {person for person, _day in not_consenting(asked, c.ConsentPurpose.SERVICE)}


def _known(items: Sequence[ApplicationIn]) -> dict[tuple[UUID, UUID], str]:
    found: dict[tuple[UUID, UUID], str] = {}
    for piece in in_chunks([item.person.pk for item in items]):
        rows = Participation._base_manager.filter(person_id__in=piece).exclude(state="MERGED")
        for person_id, programme_id, state in rows.values_list(
            "person_id", "programme_id", "state"
        ):
            found[person_id, programme_id] = state
    return found


def _check(items: Sequence[ApplicationIn]) -> list[tuple[int, Refusal]]:
    unasked, known = _without_consent(items), _known(items)
    refusals: list[tuple[int, Refusal]] = []
    today = timezone.localdate()
    for row, item in enumerate(items):
        days = (item.applied_date, item.decided_date, item.started_date)
        if any(day is not None and day > today for day in days):
            ahead = max(day for day in days if day is not None)
            refusals.append((row, DayToCome(field="applied_date", date=ahead)))
        if item.person.erased_date is not None:
            refusals.append((row, PersonErased(field="person")))
        key = (item.person.pk, item.programme.pk)
        if key in known:
            refusals.append((row, AlreadyApplied(field="person", state=known[key])))
        known[key] = S.APPLIED.value
        if item.person.pk in unasked:
            purpose = c.ConsentPurpose.SERVICE.value
            refusals.append((row, ConsentMissing(field="person", purpose=purpose)))
        if item.phase is not None and item.phase.programme_id != item.programme.pk:
            refusals.append((row, PhaseOfAnother(field="phase")))
    return refusals


def _build(items: Sequence[ApplicationIn], staff: StaffUser) -> Batch:
    batch = Batch()
    homes: dict[tuple[UUID, date], UUID] = {}
    unnamed = [item for item in items if item.household is None]
    for day in {item.applied_date for item in unnamed}:
        ids = [item.person.pk for item in unnamed if item.applied_date == day]
        homes |= {(pk, day): home for pk, home in households_of(ids, on=day).items()}
    for item in items:
        home = (
            item.household.pk if item.household else homes.get((item.person.pk, item.applied_date))
        )
        row = Participation(
            id=item.id or new_id(),
            person=item.person,
            programme=item.programme,
            phase=item.phase,
            household_id=home,
            applied_date=item.applied_date,
            office=item.office or item.person.office,
            case_officer=item.case_officer or item.person.case_officer,
        )
        batch.rows.append(row)
        batch.move(row, S.APPLIED, "", item.applied_date, staff)
    return batch


def _decide(batch: Batch, pairs: Sequence[tuple[Participation, date]], staff: StaffUser) -> None:
    """Ask the rule for each participation on its day, in memory, one set of facts per programme.

    Of a home those count whom who decides may know of: she has to be able to explain the decision
    (docs/decisions/0020). What a home says of itself counts whoever lives there.
    """
    groups: dict[UUID, list[tuple[Participation, date]]] = {}
    for row, day in pairs:
        groups.setdefault(row.programme_id, []).append((row, day))
    for asked in groups.values():
        programme = asked[0][0].programme
        rules = rules_on(programme, {day for _row, day in asked})
        days = {row.person_id: day for row, day in asked}
        facts = facts_on(days, programme=programme, without=hidden_from(staff))
        for row, day in asked:
            rule = rules[day]
            if rule is None:
                raise NoRule(field="decided_date", on=day.isoformat())
            _judge(batch, row, rule, facts[row.person_id], day, staff)


def _judge(
    batch: Batch,
    row: Participation,
    rule: EligibilityRule,
    facts: Mapping[str, Value],
    day: date,
    staff: StaffUser,
) -> None:
    verdict = evaluate(rule.tree, facts)
    state, reason = DECIDED[verdict.result]
    used = facts_used(rule.tree)
    row.rule, row.decided_date = rule, day
    row.decision = {
        "rule": str(rule.pk),
        "version": rule.version,
        "on": day.isoformat(),
        "result": verdict.result.value,
        "reasons": list(verdict.reasons),
        "missing": list(verdict.missing),
        "facts": {
            name: list(value) if isinstance(value := facts.get(name), tuple) else value
            for name in used
            if name not in SEALED_FACTS
        },
    }
    row.sealed_facts = {name: facts.get(name) for name in used if name in SEALED_FACTS}
    first = verdict.reasons[0] if verdict.reasons else ""
    batch.move(row, state, reason or first, day, staff)


def _store(
    items: Sequence[ApplicationIn], staff: StaffUser, *, single: bool
) -> list[Participation]:
    with transaction.atomic():
        _hold_persons(items)
        refuse_all(_check(items), single=single)
        return _store_held(items, staff)


def _hold_persons(items: Sequence[ApplicationIn]) -> None:
    """Let one application of a person wait for another that is being stored."""
    for piece in in_chunks(sorted({item.person.pk for item in items})):
        held = Person._base_manager.filter(pk__in=piece).order_by("pk")
        list(held.select_for_update().values_list("pk"))


def _store_held(items: Sequence[ApplicationIn], staff: StaffUser) -> list[Participation]:
    batch = _build(items, staff)
    require_places(staff, "people.apply_to_programme", batch.rows)
    pairs = list(zip(items, batch.rows, strict=True))
    decided = [(row, item.decided_date) for item, row in pairs if item.decided_date]
    if decided:
        require_places(staff, "people.decide_eligibility", [row for row, _ in decided])
        _decide(batch, decided, staff)
    for item, row in pairs:
        if item.started_date is not None and row.state == S.ELIGIBLE:
            batch.move(row, S.ACTIVE, c.Reason.PLACE_FOUND.value, item.started_date, staff)
    insert(batch.rows, staff)
    insert(batch.events, staff)
    facts: list[audit.Facts] = [{"state": row.state} for row in batch.rows]
    audit_all(staff, "people.apply_to_programme", batch.rows, facts)
    audit_all(staff, "people.decide_eligibility", [row for row, _ in decided])
    return batch.rows


def apply_all(*, acting_staff: StaffUser, items: Sequence[ApplicationIn]) -> list[Participation]:
    """Let many persons apply, and where their rows say so be decided and take part, in one
    transaction.

    Raises Faults by row, NoRule. Nothing is stored when any row has a fault.
    """
    require(acting_staff, "people.apply_to_programme")
    return _store(items, acting_staff, single=False)


def apply_to_programme(*, acting_staff: StaffUser, application: ApplicationIn) -> Participation:
    """Let a person apply. Raises ConsentMissing without consent to be served, AlreadyApplied,
    PhaseOfAnother, DayToCome."""
    require(acting_staff, "people.apply_to_programme", application.person)
    with transaction.atomic():
        _hold_persons([application])
        known = already_stored(
            Participation,
            application.id,
            acting_staff,
            person_id=application.person.pk,
            programme_id=application.programme.pk,
        )
        if known is not None:
            require(acting_staff, "people.apply_to_programme", known)
            return known
        return _store([application], acting_staff, single=True)[0]


def decide_eligibility(
    *, acting_staff: StaffUser, participation: Participation, decided_date: date
) -> Participation:
    """Ask the rule of the programme and keep what it saw and said. Raises AlreadyDecided,
    NoRule."""
    return decide_all(
        acting_staff=acting_staff, participations=[participation], decided_date=decided_date
    )[0]


def decide_all(
    *, acting_staff: StaffUser, participations: Sequence[Participation], decided_date: date
) -> list[Participation]:
    """Decide many applications on one day, in one transaction. Raises AlreadyDecided, NoRule,
    MoveBeforeLast, DayToCome, PersonErased."""
    require(acting_staff, "people.decide_eligibility")
    refuse_to_come("decided_date", decided_date)
    batch = Batch(rows=list(participations))
    for row in batch.rows:
        require(acting_staff, "people.decide_eligibility", row)
        if decided_date < row.applied_date:
            raise MoveBeforeLast(field="decided_date", last_date=row.applied_date.isoformat())
    with transaction.atomic():
        _hold_undecided(batch.rows)
        _decide(batch, [(row, decided_date) for row in batch.rows], acting_staff)
        for row in batch.rows:
            change(
                row,
                acting_staff,
                state=row.state,
                reason=row.reason,
                rule=row.rule,
                decision=row.decision,
                sealed_facts=row.sealed_facts,
                decided_date=decided_date,
            )
        insert(batch.events, acting_staff)
        facts: list[audit.Facts] = [{"state": row.state} for row in batch.rows]
        audit_all(acting_staff, "people.decide_eligibility", batch.rows, facts)
    return batch.rows


def _hold_undecided(rows: Sequence[Participation]) -> None:
    """Lock these until they are decided. Raises AlreadyDecided, also for what was so meanwhile, and
    PersonErased."""
    for piece in in_chunks([row.pk for row in rows]):
        held = Participation._base_manager.filter(pk__in=piece).order_by("pk")
        states = held.select_for_update().values_list("state", flat=True)
        if set(states) - UNDECIDED:
            raise AlreadyDecided
        if held.exclude(person__erased_date=None).exists():
            raise PersonErased(field="person")


def move_participation(
    *,
    acting_staff: StaffUser,
    participation: Participation,
    to_state: c.ParticipationState,
    reason: str,
    on: date,
) -> Participation:
    """Take one step after the decision: waiting list, take part, pause, graduate, leave, reopen
    on appeal.

    Raises MoveNotAllowed, ReasonNeeded, MoveBeforeLast, DayToCome, PersonErased.
    """
    require(acting_staff, "people.move_participation", participation)
    refuse_erased(participation.person)
    refuse_to_come("on", on)
    decision = to_state in {S.ELIGIBLE, S.NOT_ELIGIBLE, S.NEEDS_INFORMATION, S.MERGED}
    with transaction.atomic():
        now = Participation._base_manager.select_for_update()
        participation.refresh_from_db(from_queryset=now)
        if decision or not may_move(S(participation.state), to_state):
            before = participation.state
            raise MoveNotAllowed(field="to_state", before=before, after=to_state.value)
        if not reason:
            raise ReasonNeeded(field="reason")
        last = participation.events.order_by("-event_date", "-id").first()
        if last is not None and on < last.event_date:
            raise MoveBeforeLast(field="on", last_date=last.event_date.isoformat())
        batch = Batch(rows=[participation])
        batch.move(participation, to_state, reason, on, acting_staff)
        if to_state is S.APPLIED:
            participation.ended_date = None
        change(
            participation,
            acting_staff,
            state=participation.state,
            reason=reason,
            started_date=participation.started_date,
            ended_date=participation.ended_date,
        )
        insert(batch.events, acting_staff)
        audit.record(
            acting_staff, "people.move_participation", participation, {"to": to_state.value}
        )
    return participation


def activate_participation(
    *, acting_staff: StaffUser, participation: Participation, on: date
) -> Participation:
    """Let an eligible or waiting person take part from a day on. Raises MoveNotAllowed,
    MoveBeforeLast."""
    return move_participation(
        acting_staff=acting_staff,
        participation=participation,
        to_state=S.ACTIVE,
        reason=c.Reason.PLACE_FOUND.value,
        on=on,
    )


def assign_case_officer(
    *, acting_staff: StaffUser, person: Person, case_officer: StaffUser
) -> Person:
    """Put a person and her open participations into somebody's caseload. Raises PersonErased."""
    require(acting_staff, "people.assign_case_officer", person)
    refuse_erased(person)
    ended = [state.value for state in ENDED]
    with transaction.atomic():
        change(person, acting_staff, case_officer=case_officer)
        for row in person.participations.exclude(state__in=ended):
            change(row, acting_staff, case_officer=case_officer)
        audit.record(
            acting_staff, "people.assign_case_officer", person, {"officer": str(case_officer.pk)}
        )
    return person
