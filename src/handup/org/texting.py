"""Short messages to telephones: handed to a gateway over HTTP, or written to a file.

Without `HANDUP_SMS` nothing leaves the house: each message is a line of a file of its day under
`messages` in the data folder, its number hidden but for three digits, so that one sees what would
go out; the files of days before are dropped. With the address of a gateway each is one POST of
JSON, with the key of `HANDUP_SMS_KEY`:

    {"id": "<id of the message>", "to": "+37499777555", "text": "..."}

The id is the same when a message is sent again, so that a gateway can tell it from another.
"""

import json
import os
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from handup.org.jobs import job
from handup.org.posting_out import as_json, post

FOLDER = "messages"
OLD_FILE = "messages.jsonl"
"""Where all days stood together before."""


def send(id: UUID, to: str, text: str) -> None:
    """Hand one message over. Raises NotTaken."""
    if not settings.SMS:
        _write_down(id, to, text)
        return
    body = as_json({"id": str(id), "to": to, "text": text})
    post(settings.SMS, body, {"Authorization": f"Bearer {settings.SMS_KEY}"})


def _write_down(id: UUID, to: str, text: str) -> None:
    drop_written_down()
    at = timezone.localtime()
    told = {
        "at": at.isoformat(timespec="seconds"),
        "id": str(id),
        "to": f"…{to[-3:]}",
        "text": text,
    }
    folder = Path(settings.DATA_DIR) / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    place = folder / f"{at.date()}.jsonl"
    with os.fdopen(os.open(place, flags, 0o600), "a", encoding="utf-8") as file:
        file.write(f"{json.dumps(told, ensure_ascii=False)}\n")


def drop_written_down() -> None:
    """Take away what was written down on days before: words to persons are not kept in the open.
    Every night, and before each that is written down.
    """
    data = Path(settings.DATA_DIR)
    today = f"{timezone.localdate()}.jsonl"
    for file in [data / OLD_FILE, *(data / FOLDER).glob("*.jsonl")]:
        if file.name != today:
            file.unlink(missing_ok=True)


@job
def drop_at_night() -> None:
    """The job of the night: nothing of the day before lies there."""
    drop_written_down()
