"""Proofs of results: what was frozen is as it was frozen."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from handup.org.verify import Check, Difference
from handup.results.freezing import row_sum, snapshot_sum
from handup.results.models import FrozenRow, Snapshot
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


CHECKS = (
    Check("RESULTS_SNAPSHOTS", _("Frozen figures sum to their checksum"), snapshots_hold),
    Check("RESULTS_ROWS", _("Rows behind frozen figures hash to their digest"), rows_hold),
)
