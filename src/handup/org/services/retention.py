"""Retention: what is due is listed by the night's job and blanked when a person approves."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit, installation, retention, safety
from handup.org.jobs import job
from handup.org.models import RetentionListing, RetentionState, Setting, StaffUser
from handup.org.permissions import require


class KeptTooShort(Refusal):
    """This is kept for at least {least} days."""


class UnknownPeriod(Refusal):
    """Nothing called {name} is kept here."""


class OutOfBounds(Refusal):
    """This lies between {least} and {most}."""


def set_periods(*, acting_staff: StaffUser, days: Mapping[str, int]) -> Setting:
    """Say for how many days each kind is kept, by the code of its rule; the others stay.

    What waits for approval is counted anew in the next night: approval refuses a listing whose
    period has changed. Raises UnknownPeriod, KeptTooShort.
    """
    require(acting_staff, "org.set_protection")
    for code, count in days.items():
        rule = retention.rules.get(code)
        if rule is None:
            raise UnknownPeriod(name=code)
        if count < rule.least:
            raise KeptTooShort(field=code, least=rule.least)
    with transaction.atomic():
        row = Setting.objects.select_for_update().filter(key=retention.SETTING).first()
        held = row.value if row is not None and isinstance(row.value, dict) else {}
        setting = installation.put(retention.SETTING, held | dict(days))
        audit.record(acting_staff, "org.set_periods", setting, dict(days))
    return setting


def set_numbers(*, acting_staff: StaffUser, numbers: Mapping[str, int]) -> int:
    """Set numbers of protection (`org.safety`); how many changed. Raises OutOfBounds,
    UnknownPeriod.
    """
    require(acting_staff, "org.set_protection")
    changed = 0
    with transaction.atomic():
        for key, count in numbers.items():
            number = safety.NUMBERS.get(key)
            if number is None:
                raise UnknownPeriod(name=key)
            if not number.least <= count <= number.most:
                raise OutOfBounds(field=key, least=number.least, most=number.most)
            if safety.value(key) != count:
                setting = installation.put(key, count)
                audit.record(acting_staff, "org.set_number", setting, {"key": key, "to": count})
                changed += 1
    return changed


class NotDue(Refusal):
    """This is not due any more. Look at the list again."""


@job
def list_what_is_due() -> None:
    """The job of the night."""
    list_due(timezone.localdate())


def list_due(on: date) -> list[RetentionListing]:
    """List what each rule finds due on a day; one that waits for approval is counted anew.

    Counting reads large tables: it is done before the transaction, which nobody writes beside on
    SQLite. What was approved meanwhile is left to the next night.
    """
    listed = []
    for rule in retention.rules.values():
        limit = retention.before(rule, on)
        waited = _waiting(rule.code).exists()
        count = rule.due(limit)
        with transaction.atomic():
            row = _waiting(rule.code).select_for_update().first()
            if row is None and waited:
                continue
            if count:
                row = row or RetentionListing(rule=rule.code)
                row.before_date, row.found = limit, count
                row.kept_days = retention.days_of(rule)
                row.save()
                listed.append(row)
            elif row is not None:
                row.state, row.found = RetentionState.LAPSED.value, 0
                row.save(update_fields=("state", "found"))
    return listed


def _waiting(code: str) -> QuerySet[Any, Any]:
    return RetentionListing.objects.filter(rule=code, state=RetentionState.DUE.value)


def approve_retention(
    *, acting_staff: StaffUser, listing: RetentionListing, on: date
) -> RetentionListing:
    """Blank what is older than the day a listing names; all of it or nothing. listing: as it was
    shown to who approves. Counted anew since, or kept for another time now, it is listed first.

    Raises NotAllowed, NotDue.
    """
    require(acting_staff, "org.approve_retention")
    asked = retention.rules.get(listing.rule)
    chosen = asked.chosen(listing.before_date, on) if asked is not None else ()
    with transaction.atomic():
        row = RetentionListing.objects.select_for_update().get(pk=listing.pk)
        rule = retention.rules.get(row.rule)
        if row.state != RetentionState.DUE.value or rule is None:
            raise NotDue
        if row.before_date != listing.before_date or row.kept_days != retention.days_of(rule):
            raise NotDue
        row.blanked = rule.carry_out(acting_staff, row.before_date, on, chosen)
        row.state = RetentionState.BLANKED.value
        row.approved_by, row.approved_date = acting_staff, on
        row.save()
        facts: audit.Facts = {
            "rule": row.rule,
            "before": row.before_date.isoformat(),
            "blanked": row.blanked,
        }
        audit.record(acting_staff, "org.approve_retention", row, facts)
    return row
