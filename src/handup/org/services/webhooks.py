"""Webhooks: begun by an administrator for a reason and until a day, ended, sent again by hand, and
taken over by another where the account of whoever kept it is closed.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import DeliveryState, StaffUser, Webhook
from handup.org.permissions import require
from handup.org.posting_out import host_of, is_fit
from handup.org.webhooks import offered

KEEP = "org.keep_webhooks"
LONGEST_DAYS = 366


class AddressUnfit(Refusal):
    """Write an address that begins with https://, without a name or a password in it."""


class HostNotListed(Refusal):
    """{host} is not on the list of this house. Whoever keeps the server adds it to HANDUP_HOOKS."""


class NoEvents(Refusal):
    """Choose at least one event."""


class NotOffered(Refusal):
    """Other programs are not told of {act}."""


class ReasonMissing(Refusal):
    """Write what the other program needs it for."""


class EndsTooEarly(Refusal):
    """The last day is today or later."""


class EndsTooLate(Refusal):
    """A webhook lasts at most {days} days. Begin it again then, if it is still needed."""


class SecretShown(Refusal):
    """It stands already, and its secret was shown once. End it and make another if it is lost."""


class WebhookEnded(Refusal):
    """It has ended. Nothing is sent to it any more."""


class StillKept(Refusal):
    """Whoever keeps it still works here. She may end it."""


class NothingDead(Refusal):
    """Nothing has failed for good: there is nothing to send again."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A webhook with its secret, which is shown once."""

    row: Webhook
    secret: str


def begin_webhook(
    *,
    acting_staff: StaffUser,
    label: str,
    address: str,
    acts: Sequence[str],
    reason: str,
    ends: date,
    id: UUID | None = None,
) -> Begun:
    """Tell another program of events from now on, until the end of a day.

    Raises NotAllowed, AddressUnfit, HostNotListed, NoEvents, NotOffered, ReasonMissing,
    EndsTooEarly, EndsTooLate, SecretShown where the same one is asked for again.
    """
    require(acting_staff, KEEP)
    address, reason = address.strip(), reason.strip()
    chosen = sorted(set(acts))
    told = {"address": address, "acts": chosen, "reason": reason, "ends": ends}
    if already_stored(Webhook, id, acting_staff, label=label.strip(), **told) is not None:
        raise SecretShown
    _look_at(address, chosen, reason, ends)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = Webhook(
            id=id or new_id(),
            label=label.strip(),
            host=host_of(address),
            secret=secret,
            made_by=acting_staff,
            **told,
        )
        row.save(force_insert=True)
        facts: audit.Facts = {"host": row.host, "events": len(chosen), "ends": ends.isoformat()}
        audit.record(acting_staff, "org.begin_webhook", row, facts)
    return Begun(row, secret)


def _look_at(address: str, acts: Sequence[str], reason: str, ends: date) -> None:
    if not is_fit(address):
        raise AddressUnfit(field="address")
    if (host := host_of(address)) not in settings.HOOK_HOSTS:
        raise HostNotListed(field="address", host=host)
    if not acts:
        raise NoEvents(field="acts")
    for act in acts:
        if act not in offered:
            raise NotOffered(field="acts", act=act)
    if not reason:
        raise ReasonMissing(field="reason")
    today = timezone.localdate()
    if ends < today:
        raise EndsTooEarly(field="ends")
    if ends > today + timedelta(days=LONGEST_DAYS):
        raise EndsTooLate(field="ends", days=LONGEST_DAYS)


def end_webhook(*, acting_staff: StaffUser, webhook: Webhook) -> Webhook:
    """End it at once; what waits is not sent. Raises NotAllowed, WebhookEnded."""
    require(acting_staff, KEEP)
    with transaction.atomic():
        row = Webhook.objects.select_for_update(of=("self",)).get(pk=webhook.pk)
        if row.ended_at is not None:
            raise WebhookEnded
        row.ended_at, row.ended_by = timezone.now(), acting_staff
        row.save(update_fields=["ended_at", "ended_by"])
        row.deliveries.filter(state=DeliveryState.WAITING).update(
            state=DeliveryState.DROPPED, why="ENDED"
        )
        audit.record(acting_staff, "org.end_webhook", row)
    return row


def take_over_webhook(*, acting_staff: StaffUser, webhook: Webhook, reason: str) -> Webhook:
    """Answer for a webhook from now on whose keeper's account is closed; what happened meanwhile is
    told. Taken over by herself before, nothing changes.

    Raises NotAllowed, WebhookEnded, StillKept, ReasonMissing.
    """
    require(acting_staff, KEEP)
    reason = reason.strip()
    with transaction.atomic():
        held = Webhook.objects.select_for_update(of=("self",))
        row: Webhook = held.select_related("made_by", "kept_by").get(pk=webhook.pk)
        if row.ended_at is not None or row.ends < timezone.localdate():
            raise WebhookEnded
        if row.kept_by == acting_staff:
            return row
        if row.keeper.is_active:
            raise StillKept
        if not reason:
            raise ReasonMissing(field="reason")
        row.kept_by, row.kept_why = acting_staff, reason
        row.save(update_fields=["kept_by", "kept_why"])
        audit.record(acting_staff, "org.take_over_webhook", row)
    return row


def send_again(*, acting_staff: StaffUser, webhook: Webhook) -> int:
    """Let everything that failed for good wait again, with all its tries; how many.

    Raises NotAllowed, WebhookEnded, NothingDead.
    """
    require(acting_staff, KEEP)
    with transaction.atomic():
        row = Webhook.objects.select_for_update(of=("self",)).get(pk=webhook.pk)
        if row.ended_at is not None or row.ends < timezone.localdate():
            raise WebhookEnded
        again = row.deliveries.filter(state=DeliveryState.DEAD).update(
            state=DeliveryState.WAITING, tries=0, why="", next_try_at=timezone.now()
        )
        if not again:
            raise NothingDead
        audit.record(acting_staff, "org.send_again", row, {"events": again})
    return again
