"""From the shared calculation vectors to the rules of the inbox and back. Computes nothing."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from handup.sync.rules.upload import Row, Shelf, Upload, keep, look
from handup.sync.rules.words import Bad, Flag

Case = Mapping[str, Any]


def meeting_upload(given: Case) -> Case:
    """`sync.meeting_upload`."""
    shelf = Shelf({event["id"]: event["content"] for event in given["stored_events"]})
    for row in given["stored_meetings"]:
        shelf.put_meeting(row["meeting"], row["group"], date.fromisoformat(row["held_date"]))
    results = []
    for told in given["uploads"]:
        upload = _upload(told)
        verdict = look(upload, shelf, late_after_days=given["late_after_days"])
        keep(upload, verdict, shelf)
        results.append(
            {
                "meeting": upload.meeting,
                "outcome": verdict.outcome.value,
                "flags": [flag.value for flag in verdict.flags],
                "stored": len(verdict.new),
                "savings_total": verdict.savings_total,
            }
        )
    return {
        "results": results,
        "events_stored": len(shelf.contents),
        "meetings_stored": len(shelf.meetings),
    }


def _upload(told: Case) -> Upload:
    return Upload(
        meeting=told["meeting"],
        group=told["group"],
        held_date=date.fromisoformat(told["held_date"]),
        received_date=date.fromisoformat(told["received_date"]),
        rows=tuple(
            Row(
                event["id"],
                event["content"],
                event["savings"],
                () if event["valid"] else (Bad(Flag.INVALID_ROW, event["id"]),),
            )
            for event in told["events"]
        ),
        told_savings=told["savings_total"],
    )


ADAPTERS: Mapping[str, Callable[[Case], Any]] = {"sync.meeting_upload": meeting_upload}
