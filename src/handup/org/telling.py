"""Tells webhooks what happened: reads the trail, writes down what is to be told, sends it.

Nobody who records waits for another program, and nothing of a write fails with it: what is to be
told is read from the trail every minute. Each telling is claimed first, so that no other worker
sends it too; what is not taken is tried again after growing pauses and is dead in the end, when a
person decides (Settings, Webhooks). Of whoever is kept apart nothing is told, neither then nor
later: it is asked again before each try.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from handup.kernel.ids import from_number
from handup.org import audit, jobs, nightly, outgoing, posting_out
from handup.org.jobs import job
from handup.org.models import AuditLine, DeliveryState, Webhook, WebhookDelivery
from handup.org.scope import on_no_team
from handup.org.webhooks import body_of, headers_of

WAITS = tuple(timedelta(minutes=pause) for pause in (1, 5, 30, 120, 360, 720, 1440))
"""How long after each failure it is tried again; after the last it is dead."""
TRIES = len(WAITS) + 1
KEPT_BY_SOMEBODY = Q(kept_by=None, made_by__is_active=True) | Q(kept_by__is_active=True)
"""Nobody answers for a webhook whose keeper's account is closed: nothing is told until another
administrator takes it over."""
LATEST = timedelta(hours=1)
"""So long a transaction may take whose lines are still found."""
AT_ONCE = 200
ASKED = 20
"""So many are sent before it is asked anew who is kept apart."""
KEPT = timedelta(days=90)


def live(now: datetime) -> list[Webhook]:
    """Those that are told of events today."""
    rows = Webhook._base_manager.filter(ended_at=None, ends__gte=timezone.localdate(now))
    kept = rows.filter(KEPT_BY_SOMEBODY)
    return list(kept.select_related("made_by", "kept_by").order_by("pk"))


def _due(now: datetime) -> QuerySet[WebhookDelivery]:
    """What waits, is due, and is somebody's to send."""
    rows: QuerySet[WebhookDelivery] = WebhookDelivery._base_manager.filter(
        state=DeliveryState.WAITING, next_try_at__lte=now
    )
    return rows.filter(webhook__in=Webhook._base_manager.filter(KEPT_BY_SOMEBODY).values("pk"))


def look(now: datetime) -> int:
    """Write down what happened since the last look, and have it sent; how much is new."""
    new = sum(_gather(webhook, now) for webhook in live(now))
    if _due(now).exists():
        send_deliveries.enqueue()
    return new


def _gather(webhook: Webhook, now: datetime) -> int:
    """Write down what one webhook is to be told: what it was told already is left out by the
    database.
    """
    since = max(webhook.looked_until - LATEST, webhook.recorded_at)
    told = list(webhook.deliveries.filter(happened_at__gte=since).values_list("line", flat=True))
    happened = Q(id__gte=_first_id(since), recorded_at__gte=since, action__in=webhook.acts)
    happened &= ~Q(pk__in=told)
    new = [
        WebhookDelivery(
            webhook=webhook,
            line=line.pk,
            act=line.action,
            object_type=line.object_type,
            object_id=line.object_id,
            happened_at=line.recorded_at,
            next_try_at=now,
        )
        for line in _open_lines(webhook, happened)
    ]
    WebhookDelivery._base_manager.bulk_create(new, ignore_conflicts=True, batch_size=AT_ONCE)
    Webhook._base_manager.filter(pk=webhook.pk, looked_until__lt=now).update(looked_until=now)
    return len(new)


def _open_lines(webhook: Webhook, happened: Q) -> Iterable[AuditLine]:
    """The lines it may be told of. Who is kept apart is asked, which reads every table, only where
    something happened at all."""
    if not AuditLine._base_manager.filter(happened).exists():
        return ()
    lines = audit.lines_for_webhooks(on_no_team(webhook.keeper))
    return lines.filter(happened).order_by("id")


def _first_id(moment: datetime) -> UUID:
    """The least id a line of the trail written at that moment can have: ids rise with the time."""
    return from_number(int(moment.timestamp() * 1000) << 80)


@job
def send_deliveries() -> None:
    """Send what waits and is due, to each program its own: one that is away is left alone until the
    next round and keeps nobody else waiting.
    """
    rows = _due(timezone.now())
    hooks = Webhook._base_manager.filter(pk__in=rows.values("webhook"))
    for webhook in list(hooks.select_related("made_by", "kept_by").order_by("pk")):
        due = list(rows.filter(webhook=webhook).order_by("id")[:AT_ONCE])
        for at in range(0, len(due), ASKED):
            if not _send(webhook, due[at : at + ASKED]):
                break


def _send(webhook: Webhook, rows: Sequence[WebhookDelivery]) -> bool:
    """Send a few of one webhook; False where its program is away."""
    lines = audit.lines_for_webhooks(on_no_team(webhook.keeper))
    told_of = set(lines.filter(pk__in=[row.line for row in rows]).values_list("pk", flat=True))
    for row in rows:
        if row.line not in told_of:
            row.delete()  # whoever it is about is kept apart since: no list says that it was there
        elif not send_delivery(row.pk, timezone.now()):
            return False
    return True


def send_delivery(pk: UUID, now: datetime) -> bool:
    """Send one, claimed first; False where the other program could not be reached or asked to be
    left alone.
    """
    if not outgoing.claim(WebhookDelivery, pk, now):
        return True
    row = WebhookDelivery._base_manager.select_related("webhook").get(pk=pk)
    reached = True
    if row.webhook.ended_at is not None or row.webhook.ends < timezone.localdate(now):
        row.state, row.why = DeliveryState.DROPPED, "ENDED"
    else:
        reached = _hand_over(row, now)
    outgoing.settle(row)
    return reached


def _hand_over(row: WebhookDelivery, now: datetime) -> bool:
    body = body_of(row)
    headers = headers_of(row, row.webhook.secret, int(time.time()), body)
    fault = outgoing.hand_over(
        row,
        lambda: posting_out.post(row.webhook.address, body, headers, settings.HOOK_HOSTS),
        WAITS,
        DeliveryState.DEAD,
        now,
    )
    return fault is None or fault.final


jobs.every_minute.append(look)


@job
def forget_old_deliveries() -> None:
    """Every night: what was told three months ago is taken out of the list."""
    done = (DeliveryState.SENT, DeliveryState.DROPPED)
    before = timezone.now() - KEPT
    WebhookDelivery._base_manager.filter(state__in=done, happened_at__lt=before).delete()


nightly.register(forget_old_deliveries)


def dead() -> int:
    """How much failed for good and may still be sent again."""
    rows = WebhookDelivery._base_manager.filter(state=DeliveryState.DEAD, webhook__ended_at=None)
    return rows.filter(webhook__ends__gte=timezone.localdate()).count()
