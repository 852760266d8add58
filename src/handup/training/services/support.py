"""Support of participants: rules, what is due for a session, approval. Paying it is in
`support_money`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.bulk import update_rows
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.queries.merging import present_ids
from handup.projects.models import Programme
from handup.training.models import Attendance, Course, Enrolment, Session, SupportPayment
from handup.training.models.support import SupportRule
from handup.training.rules.attendance import Record
from handup.training.rules.states import SessionState
from handup.training.rules.support import (
    COUNTED,
    Given,
    SupportKind,
    SupportRefusal,
    SupportState,
    SupportUnit,
    came,
    given_already,
    support_units,
)
from handup.training.services.common import (
    another_person,
    known,
    not_before,
    not_to_come,
    require_each,
    same,
)
from handup.training.services.refusals import (
    NotInThisState,
    RefusalReasonMissing,
    SupportApproverDrewUp,
    SupportNotDue,
    SupportRuleElsewhere,
    SupportRuleTwice,
    SupportTooMuch,
    SupportTwice,
)
from handup.training.support_queries import rules_of

RULE_SAME = ("programme_id", "course_id", "kind", "unit", "amount_units", "most", "starts")
SAME = ("rule_id", "enrolment_id", "session_id", "quantity")


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportIn:
    """One kind of support of one person for one session; `quantity` counts children or
    kilometres and is one otherwise.
    """

    rule: SupportRule
    enrolment: Enrolment
    session: Session
    quantity: int = 1
    id: UUID = field(default_factory=new_id)


def set_support_rule(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    kind: SupportKind,
    unit: SupportUnit,
    amount_units: int,
    starts: date,
    ends: date | None = None,
    most: int = 1,
    course: Course | None = None,
    id: UUID | None = None,
) -> SupportRule:
    """Say what a programme pays who attends, in smallest units of its currency.

    Of every course, or of one; `most` limits children or kilometres a session. A rule of one course
    stands beside one of all courses and goes before it. Raises SupportRuleTwice, DateBefore.
    """
    row = SupportRule(
        id=id or new_id(),
        programme=programme,
        course=course,
        kind=kind,
        unit=unit,
        amount_units=amount_units,
        most=most if unit in COUNTED else 1,
        starts=starts,
        ends=ends,
        set_by=acting_staff,
    )
    require(acting_staff, "training.set_support_rule", row)
    existing: SupportRule | None = SupportRule.objects.filter(pk=row.pk).first()
    if existing is not None:
        return same(existing, row, RULE_SAME)
    if ends is not None:
        not_before(ends, starts, field="ends")
    with transaction.atomic():
        _refuse_overlap(row)
        row.save(force_insert=True)
        audit.record(acting_staff, "training.set_support_rule", row, {"units": amount_units})
    return row


def end_support_rule(*, acting_staff: StaffUser, rule: SupportRule, ends: date) -> SupportRule:
    """End a rule: sessions after the day `ends` get nothing by it. Raises DateBefore."""
    require(acting_staff, "training.set_support_rule", rule)
    not_before(ends, rule.starts, field="ends")
    with transaction.atomic():
        row = SupportRule.objects.select_for_update().get(pk=rule.pk)
        row.ends = ends
        _refuse_overlap(row)
        row.save(update_fields=["ends"])
        audit.record(acting_staff, "training.end_support_rule", row, {"ends": str(ends)})
    return row


def _refuse_overlap(row: SupportRule) -> None:
    """One rule of a kind at a time, for all courses or for one. Raises SupportRuleTwice."""
    # Two who set rules at once wait for each other here: a lock on rows there are none of is none.
    Programme.objects.select_for_update().get(pk=row.programme_id)
    others = SupportRule.objects.filter(
        Q(ends=None) | Q(ends__gte=row.starts),
        programme=row.programme_id,
        course=row.course_id,
        kind=row.kind,
    ).exclude(pk=row.pk)
    if any(row.ends is None or other.starts <= row.ends for other in others):
        raise SupportRuleTwice(field="kind")


def draw_up_support(*, acting_staff: StaffUser, items: Sequence[SupportIn]) -> list[SupportPayment]:
    """Draw up support of persons who were at a session, all or none; each waits for approval.

    Raises SupportNotDue, SupportRuleElsewhere, SupportTooMuch, SupportTwice, NotInThisState,
    SameIdOtherContent.
    """
    cohorts = {item.session.cohort_id: item.session.cohort for item in items}
    require_each(acting_staff, "training.draw_up_support", list(cohorts.values()))
    before = known(SupportPayment, [item.id for item in items])
    rows = [_row(acting_staff, item) for item in items]
    fresh = [item for item in items if item.id not in before]
    for item in fresh:
        _check(item)
    _refuse_passed_over(fresh)
    with transaction.atomic():
        # Two who draw up at once wait for each other here, so that days are counted once.
        persons = sorted({item.enrolment.person_id for item in fresh})
        list(Enrolment.objects.select_for_update().filter(person_id__in=persons).order_by("pk"))
        _hold_to_attendance(fresh)
        _refuse_twice(fresh)
        new = [row for row in rows if row.pk not in before]
        SupportPayment.objects.bulk_create(new, batch_size=200)
        audit.record_many(
            audit.line(acting_staff, "training.draw_up_support", row, {"units": row.amount_units})
            for row in new
        )
    return [same(before[row.pk], row, SAME) if row.pk in before else row for row in rows]


def approve_support(
    *,
    acting_staff: StaffUser,
    payments: Sequence[SupportPayment],
    approved_date: date,
    reason: str = "",
) -> list[SupportPayment]:
    """Approve support that is due or was refused, by another person than who drew it up.

    Raises SupportApproverDrewUp, NotInThisState, SupportNotDue, DateBefore, AfterToday.
    """
    return _decide(acting_staff, payments, approved_date, SupportState.APPROVED, "", reason)


def refuse_support(
    *,
    acting_staff: StaffUser,
    payments: Sequence[SupportPayment],
    refused_date: date,
    refusal: SupportRefusal | str,
    reason: str = "",
) -> list[SupportPayment]:
    """Refuse support that is due or approved; `refusal` says why, by a code.

    Raises SupportApproverDrewUp, NotInThisState, RefusalReasonMissing, DateBefore,
    AfterToday.
    """
    if not refusal:
        raise RefusalReasonMissing(field="refusal")
    why = SupportRefusal(refusal).value
    return _decide(acting_staff, payments, refused_date, SupportState.REFUSED, why, reason)


def hold_to_attendance(payments: Iterable[SupportPayment]) -> None:
    """Refuse payments whose person, by the record that counts, was not there. Raises
    SupportNotDue.
    """
    _hold_to_attendance(payments)


FROM = {
    SupportState.APPROVED: {SupportState.DUE, SupportState.REFUSED},
    SupportState.REFUSED: {SupportState.DUE, SupportState.APPROVED},
}


def _decide(
    staff: StaffUser,
    payments: Sequence[SupportPayment],
    on: date,
    state: SupportState,
    refusal: str,
    reason: str,
) -> list[SupportPayment]:
    cohorts = {row.session.cohort_id: row.session.cohort for row in payments}
    require_each(staff, "training.approve_support", list(cohorts.values()))
    not_to_come(on, field="approved_date")
    with transaction.atomic():
        rows = locked(payments)
        for row in rows:
            if row.state not in FROM[state]:
                raise NotInThisState(state=row.get_state_display())
            not_before(on, row.session.session_date, field="approved_date")
        if state is SupportState.APPROVED:
            _hold_to_attendance(rows)
            _refuse_another(rows)
        for drawer, one in {row.drawn_by_id: row for row in rows}.items():
            another_person(
                staff,
                drawer,
                step="training.approve_support",
                refusal=SupportApproverDrewUp,
                reason=reason,
                obj=one,
            )
        for row in rows:
            row.state, row.refusal = state, refusal
            row.approved_by, row.approved_date = staff, on
        update_rows(SupportPayment, ("state", "refusal", "approved_by", "approved_date"), rows)
        action = "approve" if state is SupportState.APPROVED else "refuse"
        audit.record_many(
            audit.line(staff, f"training.{action}_support", row, {"state": state.value})
            for row in rows
        )
    return rows


def _refuse_another(rows: Sequence[SupportPayment]) -> None:
    """What was refused is not approved beside what was drawn up instead. Raises SupportTwice."""
    for row in rows:
        others = SupportPayment.objects.filter(
            enrolment_id=row.enrolment_id, kind=row.kind, session_id=row.session_id
        )
        if row.state == SupportState.REFUSED and (
            others.exclude(pk=row.pk).exclude(state=SupportState.REFUSED).exists()
        ):
            raise SupportTwice(person=row.enrolment.person, kind=row.get_kind_display())


def locked(payments: Sequence[SupportPayment]) -> list[SupportPayment]:
    """Read the payments again and hold them, in one order for everybody."""
    rows = (
        SupportPayment.objects.select_for_update(of=("self",))
        .filter(pk__in=[row.pk for row in payments])
        .select_related("session__cohort__programme", "enrolment__person", "rule")
        .order_by("pk")
    )
    return list(rows)


def _row(staff: StaffUser, item: SupportIn) -> SupportPayment:
    return SupportPayment(
        id=item.id,
        rule=item.rule,
        enrolment=item.enrolment,
        session=item.session,
        kind=item.rule.kind,
        quantity=item.quantity,
        amount_units=support_units(item.rule.amount_units, item.quantity),
        currency=item.rule.programme.currency,
        drawn_by=staff,
    )


def _check(item: SupportIn) -> None:
    """The rule holds for this session, the number is within it, the person is of the cohort."""
    rule, session = item.rule, item.session
    day = session.session_date
    if session.state != SessionState.HELD:
        raise NotInThisState(state=session.get_state_display())
    fits = (
        rule.programme_id == session.cohort.programme_id
        and item.enrolment.cohort_id == session.cohort_id
        and rule.course_id in (None, session.cohort.course_id)
        and rule.starts <= day
        and (rule.ends is None or day <= rule.ends)
    )
    if not fits:
        raise SupportRuleElsewhere(field="rule")
    if not 1 <= item.quantity <= rule.most:
        raise SupportTooMuch(field="quantity", most=rule.most, quantity=item.quantity)


def _refuse_passed_over(items: Sequence[SupportIn]) -> None:
    """A course's own rule goes before the one of all courses, which then pays nothing. Raises
    SupportRuleElsewhere.
    """
    of_all = [item for item in items if item.rule.course_id is None]
    for session in {item.session.pk: item.session for item in of_all}.values():
        holding = {row.kind: row.pk for row in rules_of(session)}
        for item in of_all:
            if item.session.pk == session.pk and holding.get(item.rule.kind) != item.rule.pk:
                raise SupportRuleElsewhere(field="rule")


def _hold_to_attendance(items: Iterable[SupportIn | SupportPayment]) -> None:
    wanted = list(items)
    records: dict[tuple[UUID, UUID], list[Record]] = {}
    found = Attendance.objects.filter(
        session__in={item.session.pk for item in wanted},
        enrolment__in={item.enrolment.pk for item in wanted},
    )
    for row in found:
        records.setdefault((row.enrolment_id, row.session_id), []).append(row.fact())
    for item in wanted:
        if not came(records.get((item.enrolment.pk, item.session.pk), ())):
            raise SupportNotDue(field="enrolment", person=item.enrolment.person)


def _refuse_twice(items: Sequence[SupportIn]) -> None:
    now = present_ids()
    persons = {now.get(pk, pk) for pk in (item.enrolment.person_id for item in items)}
    theirs = persons | {old for old, person in now.items() if person in persons}
    days = {item.session.session_date for item in items}
    given: dict[UUID, list[Given]] = {}
    standing = SupportPayment.objects.filter(
        enrolment__person_id__in=theirs, session__session_date__in=days
    ).exclude(state=SupportState.REFUSED)
    for whose, what, of, on in standing.values_list(
        "enrolment__person_id", "kind", "session_id", "session__session_date"
    ):
        given.setdefault(now.get(whose, whose), []).append(Given(SupportKind(what), of, on))
    for item in items:
        kind, session = SupportKind(item.rule.kind), item.session
        whose = item.enrolment.person_id
        mine = given.setdefault(now.get(whose, whose), [])
        day, unit = session.session_date, SupportUnit(item.rule.unit)
        if given_already(kind, unit, session.pk, day, mine):
            person, told = item.enrolment.person, item.rule.get_kind_display()
            raise SupportTwice(field="rule", person=person, kind=told)
        mine.append(Given(kind, session.pk, day))
