"""Going on over facts that never came, and what happens when they come after all (groups_meeting.md
5, upload rule 3)."""

from django.utils import timezone

from handup.groups.services.records import close_gap
from handup.org import audit
from handup.org.models import StaffUser
from handup.sync.models import Choice
from handup.sync.services.shelves import Desk


def end_gaps(desk: Desk, staff: StaffUser) -> None:
    """Where the missing facts now reach the place the group went on from, take its named lines
    back."""
    for found in desk.beside.values():
        for branch, reception in found:
            if branch.choice != Choice.GAP or reception.head != branch.tip:
                continue
            branch.ended_at = timezone.now()
            branch.save(update_fields=["ended_at"])
            close_gap(acting_staff=staff, group=branch.group, fact=branch.fact)
            audit.record(staff, "sync.end_gap", branch.group, {"to": branch.tip[:12]})
