"""The copy in columns as a job of the night."""

from handup.lending.columns.copying import make_copy
from handup.org.jobs import job


@job
def copy_columns() -> None:
    """Copy the loans as they stand this night."""
    make_copy()
