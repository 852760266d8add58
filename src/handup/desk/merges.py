"""What was left to look at when two records were made one: open loans, savings, guarantees, homes.
It waits on the Today page of who may say that it was looked at.
"""

from collections.abc import Sequence
from datetime import date

from handup.org.models import StaffUser
from handup.org.web.columns import Tone
from handup.org.web.pages import Task
from handup.people.models import MergeRecord
from handup.people.views.merging import in_state, looks_of

SHOWN = 5


def to_look_at(staff: StaffUser, today: date) -> Sequence[Task]:
    """Merges that stand and left something to look at, the oldest first."""
    rows = in_state(MergeRecord.objects.visible_to(staff), "look").select_related("survivor")
    return [
        Task(
            str(row.survivor),
            looks_of(row),
            row.get_absolute_url(),
            tone=Tone.WARN,
            due=row.merged_date,
            person=row.survivor_id,
        )
        for row in rows.order_by("merged_date", "id")[: SHOWN + 1]
    ]
