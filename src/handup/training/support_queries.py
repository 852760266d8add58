"""Reads of support: what is due for a session, what was paid and by the record now should not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from handup.org.models import StaffUser
from handup.org.scope import hidden_from
from handup.training.models import (
    Attendance,
    Enrolment,
    ProviderClaimLine,
    Session,
    SupportPayment,
    SupportRule,
)
from handup.training.rules.attendance import Record
from handup.training.rules.provider_pay import ClaimState
from handup.training.rules.states import SessionState
from handup.training.rules.support import (
    Given,
    SupportKind,
    SupportState,
    SupportUnit,
    came,
    given_already,
)


@dataclass(frozen=True, slots=True)
class DueLine:
    """One kind of support one person may get for one session.

    `usual` is the number the last payment of this kind had; one where there was none.
    """

    rule: SupportRule
    enrolment: Enrolment
    usual: int


def rules_of(session: Session) -> list[SupportRule]:
    """The rules that hold for a session: of each kind the course's own, else that of all."""
    day = session.session_date
    cohort = session.cohort
    found: dict[str, SupportRule] = {}
    rows = SupportRule.objects.filter(
        Q(course=None) | Q(course=cohort.course_id),
        Q(ends=None) | Q(ends__gte=day),
        programme=cohort.programme_id,
        starts__lte=day,
    ).select_related("programme")
    for row in sorted(rows, key=lambda row: row.course_id is not None):
        found[row.kind] = row
    return [found[kind] for kind in sorted(found)]


def due_for(session: Session, staff: StaffUser) -> list[DueLine]:
    """What may be drawn up for a session: everybody who was there, each kind not given yet."""
    rules = rules_of(session)
    if session.state != SessionState.HELD or not rules:
        return []
    there = _there(session)
    rows = (
        session.cohort.enrolments.filter(pk__in=there)
        .exclude(person_id__in=hidden_from(staff))
        .select_related("person")
        .order_by("person__sort_key", "id")
    )
    persons = {row.person_id: row for row in rows}
    given: dict[UUID, list[Given]] = {}
    usual: dict[tuple[UUID, str], int] = {}
    past = (
        SupportPayment.objects.filter(enrolment__person_id__in=list(persons))
        .exclude(state=SupportState.REFUSED)
        .order_by("session__session_date", "id")
    )
    for person, kind, of, day, quantity in past.values_list(
        "enrolment__person_id", "kind", "session_id", "session__session_date", "quantity"
    ):
        given.setdefault(person, []).append(Given(SupportKind(kind), of, day))
        usual[person, kind] = quantity
    return [
        DueLine(rule, row, min(rule.most, usual.get((person, rule.kind), 1)))
        for person, row in persons.items()
        for rule in rules
        if not _stands(rule, session, given.get(person, []))
    ]


def _stands(rule: SupportRule, session: Session, given: Sequence[Given]) -> bool:
    unit = SupportUnit(rule.unit)
    return given_already(SupportKind(rule.kind), unit, session.pk, session.session_date, given)


def _there(session: Session) -> set[UUID]:
    records: dict[UUID, list[Record]] = {}
    for row in Attendance.objects.filter(session=session):
        records.setdefault(row.enrolment_id, []).append(row.fact())
    return {pk for pk, told in records.items() if came(told)}


def paid_without_attendance(session: Session) -> list[SupportPayment]:
    """Payments of a session whose person, by a later correction, was not there."""
    there = _there(session)
    rows = session.support_payments.filter(state=SupportState.PAID)
    return [
        row for row in rows.select_related("enrolment__person") if row.enrolment_id not in there
    ]


PaidByCurrency = dict[str, dict[UUID, int]]
"""Smallest units paid for each cohort, by currency."""


def paid_on_results(*, programme_id: UUID, on: date) -> PaidByCurrency:
    """Paid to providers on results by a day for each cohort of a programme, as the books of that
    day say it: what was taken back later still stood then.
    """
    stands = Q(counts=True, claim__state=ClaimState.PAID)
    back_later = Q(claim__state=ClaimState.BACK, claim__taken_date__gt=on)
    rows = ProviderClaimLine.objects.filter(
        stands | back_later, terms__programme_id=programme_id, claim__paid_date__lte=on
    )
    counted = rows.order_by().values_list("claim__currency", "enrolment__cohort_id")
    return _by_currency(counted.annotate(units=Sum("terms__amount_units")))


def paid_support(*, programme_id: UUID, on: date) -> PaidByCurrency:
    """Support paid by a day for each cohort of a programme."""
    rows = SupportPayment.objects.filter(
        session__cohort__programme_id=programme_id, state=SupportState.PAID, paid_date__lte=on
    )
    counted = rows.order_by().values_list("currency", "session__cohort_id")
    return _by_currency(counted.annotate(units=Sum("amount_units")))


def _by_currency(rows: Iterable[Any]) -> PaidByCurrency:
    """Currency, cohort and smallest units of each row, put together."""
    found: PaidByCurrency = {}
    for currency, cohort, units in rows:
        found.setdefault(currency, {})[cohort] = int(units)
    return found
