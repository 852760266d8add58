"""What the house already knows of a participant of a pathway, criterion by criterion: what was
given to her, her savings, her plans, her answers; and what was seen at visits.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q

from handup.groups.models import Member
from handup.ledger.queries import balances_by_subject
from handup.lending.models import (
    AssetTransfer,
    EnterpriseGrant,
    GrantTranche,
    PathwayCheck,
    PathwayEnrolment,
    SavingsAccount,
)
from handup.lending.rules import pathways as rules
from handup.lending.rules.codes import ProposalState
from handup.lending.rules.pathways import Criterion, Fact, Reading, Standing, Why
from handup.lending.services.savings_kept import by_loan
from handup.people.queries.merging import all_ids
from handup.plans.queries import ready_by_person
from handup.surveys.queries import answers_by_key
from handup.surveys.rules.codes import DONT_KNOW, REFUSED

UNANSWERED = frozenset({"", DONT_KNOW, REFUSED})


def standing_of(enrolment: PathwayEnrolment, on: date) -> Standing:
    """Where a participant stands at the end of a day, by the criteria she came in under."""
    criteria = rules.read_criteria(enrolment.version.criteria)
    house = {item.code: _of_house(enrolment, item, on) for item in criteria}
    return rules.judge(
        criteria,
        enrolment.version.needed,
        house=house,
        by_hand=_by_hand(enrolment, on),
        on=on,
    )


def _by_hand(enrolment: PathwayEnrolment, on: date) -> dict[str, Reading]:
    """The latest value of each criterion that somebody saw by that day."""
    found: dict[str, Reading] = {}
    rows = PathwayCheck.objects.filter(enrolment=enrolment, check_date__lte=on)
    for row in rows.select_related("checked_by").order_by("check_date", "recorded_at", "id"):
        for code, text in dict(row.findings).items():
            value = rules.number(str(text))
            if value is not None:
                by = row.checked_by
                found[code] = Reading(value, row.check_date, by=str(by.pk), by_name=str(by))
    return found


def _of_house(enrolment: PathwayEnrolment, item: Criterion, on: date) -> Reading:
    if item.fact is Fact.ASSETS:
        return _assets(enrolment, item, on)
    if item.fact is Fact.RECEIVED:
        return _received(enrolment, on)
    if item.fact is Fact.SAVINGS:
        return _savings(enrolment, item, on)
    if item.fact is Fact.PLAN:
        return _plans(enrolment, item, on)
    if item.fact is Fact.ANSWER:
        return _answer(enrolment, item, on)
    return Reading()


def _grants(enrolment: PathwayEnrolment) -> Q:
    """Her grants of this programme, in its currency."""
    return Q(
        grant__in=EnterpriseGrant._base_manager.filter(
            person_id=enrolment.person_id,
            programme_id=enrolment.programme_id,
            currency=enrolment.programme.currency,
            state=ProposalState.APPROVED.value,
        ).values("pk")
    )


def _assets(enrolment: PathwayEnrolment, item: Criterion, on: date) -> Reading:
    """What of the things handed over to her was still there when last seen within the window."""
    rows = AssetTransfer._base_manager.filter(_grants(enrolment), handed_over_date__lte=on)
    total, seen = 0, on
    for row in rows.only("value_units", "handed_over_date", "checked_date", "still_held"):
        assert row.handed_over_date is not None
        checked = row.checked_date if row.checked_date and row.checked_date <= on else None
        last = checked or row.handed_over_date
        if last < item.earliest(on):
            return Reading(None, last, Why.NOT_CHECKED)
        seen = min(seen, last)
        total += row.value_units if checked is None or row.still_held else 0
    return Reading(Decimal(total), seen)


def _received(enrolment: PathwayEnrolment, on: date) -> Reading:
    paid = GrantTranche._base_manager.filter(_grants(enrolment), paid_date__lte=on)
    given = AssetTransfer._base_manager.filter(_grants(enrolment), handed_over_date__lte=on)
    total = sum(paid.values_list("units", flat=True))
    total += sum(given.values_list("value_units", flat=True))
    return Reading(Decimal(total), on)


def _savings(enrolment: PathwayEnrolment, item: Criterion, on: date) -> Reading:
    """The lowest of what she has saved in groups and beside loans, on each day it is asked of."""
    members = list(
        Member._base_manager.filter(
            person_id=enrolment.person_id, joined_date__lte=on, group__practice=False
        ).select_related("group__book")
    )
    accounts = list(
        SavingsAccount._base_manager.filter(
            person_id__in=all_ids(enrolment.person_id), opened_date__lte=on
        )
    )
    if not members and not accounts:
        return Reading(None, None, Why.NOWHERE)
    currency = enrolment.programme.currency
    mine = [row for row in members if row.group.book.base_currency == currency]
    kept = [row for row in accounts if row.currency == currency]
    if not mine and not kept:
        return Reading(None, None, Why.OTHER_CURRENCY)
    lowest = min(_saved(mine, kept, day) for day in rules.days_held(item, on))
    return Reading(Decimal(lowest), on)


def _saved(members: Sequence[Member], accounts: Sequence[SavingsAccount], on: date) -> int:
    total = 0
    for row in members:
        held = balances_by_subject(row.group.book, "SAVINGS", "member", [row.pk], on)
        total -= held.get(row.pk, 0)
    return total + sum(sum(by_loan(row, on).values()) for row in accounts)


def _plans(enrolment: PathwayEnrolment, item: Criterion, on: date) -> Reading:
    """How many of her plans were approved by that day and still counted within the window."""
    plans = ready_by_person([enrolment.person_id]).get(enrolment.person_id, [])
    first = item.earliest(on)
    known = [plan for plan in plans if plan.ready_from <= on and plan.ready_until >= first]
    return Reading(Decimal(len(known)), on)


def _answer(enrolment: PathwayEnrolment, item: Criterion, on: date) -> Reading:
    """Her last accepted answer to the question, when it is a number."""
    facts = answers_by_key(
        keys=[item.key],
        programme_id=enrolment.programme_id,
        person_id=enrolment.person_id,
        on=on,
    )
    last = None
    for fact in facts:
        if fact.value not in UNANSWERED and (
            last is None or fact.answered_date >= last.answered_date
        ):
            last = fact
    if last is None:
        return Reading(None, None, Why.NO_ANSWER)
    if item.is_money and last.currency and last.currency != enrolment.programme.currency:
        return Reading(None, last.answered_date, Why.OTHER_CURRENCY)
    value = rules.number(last.value)
    if value is None:
        return Reading(None, last.answered_date, Why.NO_NUMBER)
    return Reading(value, last.answered_date)
