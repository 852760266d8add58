"""Short messages to telephones: handed to a gateway over HTTP, or written to a file.

Without `HANDUP_SMS` nothing leaves the house: each message is a line of `messages.jsonl` in the
data folder, its number hidden but for three digits, so that one sees what would go out. With the
address of a gateway each is one POST of JSON, with the key of `HANDUP_SMS_KEY`:

    {"id": "<id of the message>", "to": "+37499777555", "text": "..."}

The id is the same when a message is sent again, so that a gateway can tell it from another.
"""

import json
import os
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from handup.org.posting_out import as_json, post

FILE = "messages.jsonl"


def send(id: UUID, to: str, text: str) -> None:
    """Hand one message over. Raises NotTaken."""
    if not settings.SMS:
        _write_down(id, to, text)
        return
    body = as_json({"id": str(id), "to": to, "text": text})
    post(settings.SMS, body, {"Authorization": f"Bearer {settings.SMS_KEY}"})


def _write_down(id: UUID, to: str, text: str) -> None:
    at = timezone.now().isoformat(timespec="seconds")
    line = json.dumps(
        {"at": at, "id": str(id), "to": f"…{to[-3:]}", "text": text}, ensure_ascii=False
    )
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    with os.fdopen(os.open(settings.DATA_DIR / FILE, flags, 0o600), "a", encoding="utf-8") as file:
        file.write(f"{line}\n")
