"""A snapshot as a job of the night."""

from datetime import timedelta

from django.utils import timezone

from handup.org.jobs import job
from handup.results.columns.writing import write_snapshot


@job
def snapshot_of_yesterday() -> None:
    """Write the facts up to the day that is over; without status and disability."""
    write_snapshot(timezone.localdate() - timedelta(days=1))
