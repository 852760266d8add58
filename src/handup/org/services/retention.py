"""Retention: what is due is listed by the night's job and blanked when a person approves."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit, retention
from handup.org.jobs import job
from handup.org.models import RetentionListing, RetentionState, StaffUser
from handup.org.permissions import require


class NotDue(Refusal):
    """This is not due any more. Look at the list again."""


@job
def list_what_is_due() -> None:
    """The job of the night."""
    list_due(timezone.localdate())


def list_due(on: date) -> list[RetentionListing]:
    """List what each rule finds due on a day; one that waits for approval is counted anew."""
    listed = []
    for rule in retention.rules.values():
        limit = retention.before(rule, on)
        with transaction.atomic():
            row = _waiting(rule.code)
            count = rule.due(limit)
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


def _waiting(code: str) -> RetentionListing | None:
    rows = RetentionListing.objects.select_for_update()
    return rows.filter(rule=code, state=RetentionState.DUE.value).first()


def approve_retention(
    *, acting_staff: StaffUser, listing: RetentionListing, on: date
) -> RetentionListing:
    """Blank what is older than the day a listing names; all of it or nothing. listing: as it was
    shown to who approves. Counted anew since, or kept for another time now, it is listed first.

    Raises NotAllowed, NotDue.
    """
    require(acting_staff, "org.approve_retention")
    with transaction.atomic():
        row = RetentionListing.objects.select_for_update().get(pk=listing.pk)
        rule = retention.rules.get(row.rule)
        if row.state != RetentionState.DUE.value or rule is None:
            raise NotDue
        if row.before_date != listing.before_date or row.kept_days != retention.days_of(rule):
            raise NotDue
        row.blanked = rule.blank(row.before_date)
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
