"""Write the facts of all programmes in columns for whoever counts them elsewhere: who did it, how
much and with or without status stands in the trail and in the read log (protection.md 2, R5)."""

import shutil
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from handup.org import audit, reads
from handup.org.models import StaffUser
from handup.org.permissions import require_over
from handup.plans.refusals import InTheFuture
from handup.projects.models import Programme
from handup.results.columns.writing import Written, write_snapshot


def write_columns(
    *, acting_staff: StaffUser, day: date, sensitive: bool = False, folder: Path | None = None
) -> Written:
    """Write a snapshot up to a day. Only a grant over everything will do: it holds all programmes.

    sensitive: with status, disability and target groups, which asks for a permission of its own.
    Raises NotAllowed, InTheFuture, EngineMissing, NationalKeyTooShort.
    """
    require_over(acting_staff, "results.write_columns")
    if sensitive:
        require_over(acting_staff, "results.write_columns_with_status")
    if day > timezone.localdate():
        raise InTheFuture(field="as_of", date=day)
    reads.write_entry(
        staff=acting_staff,
        door="COMMAND",
        action="EXPORT",
        persons=(),
        highest="S" if sensitive else "P",
        purpose=f"snapshot in columns of all persons up to {day.isoformat()}",
    )
    written = write_snapshot(day, sensitive=sensitive, folder=folder)
    try:
        _note(acting_staff, written)
    except BaseException:
        shutil.rmtree(written.folder, ignore_errors=True)
        raise
    return written


def _note(staff: StaffUser, written: Written) -> None:
    facts: dict[str, str | int | bool | None] = {
        "day": written.day.isoformat(),
        "status": written.sensitive,
        "rows": sum(written.rows.values()),
        "sha256": written.sha256,
    }
    programmes = Programme.objects.order_by("code")
    with transaction.atomic():
        audit.record_many(
            audit.line(staff, "results.write_columns", row, facts) for row in programmes
        )
