"""A snapshot as a job of the night."""

from datetime import timedelta

from django.utils import timezone

from handup.org import reads
from handup.org.jobs import job
from handup.results.columns.writing import write_snapshot


@job
def snapshot_of_yesterday() -> None:
    """Write the facts up to the day that is over; without status and disability."""
    day = timezone.localdate() - timedelta(days=1)
    reads.write_entry(
        staff=None,
        door="JOB",
        action="EXPORT",
        persons=(),
        highest="P",
        purpose=f"snapshot in columns of all persons up to {day.isoformat()}",
    )
    write_snapshot(day)
