"""What another program may be told of, and in which words: an event names its kind, its time and
the id of a record, never what is in it. Whoever wants more asks the interface with a token of hers,
and sees what its roles allow.

    webhooks.offer("lending.disburse_loan", "lending.record_repayment")    # in a domain's apps.py

Each telling is a POST with three headers:

    Handup-Delivery: the id of this telling; the same when it is sent again
    Handup-Time: seconds since 1970
    Handup-Signature: v1=<HMAC-SHA-256 with the secret over "<Handup-Time>.<body>", in hexadecimal>

Who receives works the signature out herself, compares, and refuses what is older than some minutes.
"""

import hashlib
import hmac

from handup.org.models import WebhookDelivery
from handup.org.posting_out import as_json

offered: list[str] = []
"""Codes of the acts another program may be told of. None of them is about one person's record."""


def offer(*acts: str) -> None:
    """Add acts; one that is there already stays once."""
    offered.extend(act for act in acts if act not in offered)


def body_of(delivery: WebhookDelivery) -> bytes:
    """What is sent."""
    return as_json(
        {
            "id": str(delivery.pk),
            "event": delivery.act,
            "at": delivery.happened_at.isoformat(timespec="seconds"),
            "type": delivery.object_type,
            "record": delivery.object_id,
        }
    )


def sign(secret: str, seconds: int, body: bytes) -> str:
    """The signature of a body sent at a time in seconds since 1970."""
    told = f"{seconds}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()


def headers_of(delivery: WebhookDelivery, secret: str, seconds: int, body: bytes) -> dict[str, str]:
    """What is sent beside the body."""
    return {
        "Handup-Delivery": str(delivery.pk),
        "Handup-Time": str(seconds),
        "Handup-Signature": sign(secret, seconds, body),
    }
