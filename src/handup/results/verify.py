"""Proofs of results: what was frozen is as it was frozen."""

from collections.abc import Iterator

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from handup.org.verify import Check, Difference
from handup.people.models import Person
from handup.results.freezing import row_sum, snapshot_sum
from handup.results.models import FrozenFigure, FrozenRow, Snapshot
from handup.results.rules.states import SnapshotState


def snapshots_hold() -> Iterator[Difference]:
    """Every frozen snapshot sums to its checksum."""
    for snapshot in Snapshot._base_manager.filter(state=SnapshotState.FROZEN.value):
        now = snapshot_sum(snapshot)
        if now != snapshot.sha256:
            yield Difference(f"results.Snapshot {snapshot.pk}", snapshot.sha256, now)


def rows_hold() -> Iterator[Difference]:
    """Every row that is still there hashes to its digest."""
    for row in FrozenRow._base_manager.exclude(kind="").iterator(2000):
        now = (
            ""
            if row.on is None
            else row_sum(
                row.salt,
                row.unit,
                row.holder,
                row.kind,
                row.record,
                row.on,
                row.amount,
                row.currency,
            )
        )
        if now != row.digest:
            yield Difference(f"results.FrozenRow {row.pk}", row.digest, now)


def blanked_hold() -> Iterator[Difference]:
    """A row is blank only where somebody was erased after it was counted."""
    figures = FrozenFigure._base_manager.filter(rows__kind="").distinct()
    for figure in figures.select_related("snapshot"):
        since = localdate(figure.snapshot.computed_at)
        if not Person._base_manager.filter(erased_date__gte=since).exists():
            yield Difference(f"results.FrozenFigure {figure.pk}", "no row blank", "blank rows")


CHECKS = (
    Check("RESULTS_SNAPSHOTS", _("Frozen figures sum to their checksum"), snapshots_hold),
    Check("RESULTS_BLANKED", _("Blank rows are of persons who were erased"), blanked_hold),
    Check("RESULTS_ROWS", _("Rows behind frozen figures hash to their digest"), rows_hold),
)
