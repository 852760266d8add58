"""What the inbox keeps for a while only: pictures recorded away of which no more came."""

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from handup.org.retention import Rule
from handup.sync.models import WorkPicture

QUARTER = 90


def _half(before: date) -> QuerySet[WorkPicture, WorkPicture]:
    """Pictures that are not whole, and of which nothing more came since before a day."""
    rows = WorkPicture._base_manager.filter(kept_at=None, grown_at__date__lt=before)
    return rows.exclude(received=0)


def half_due(before: date) -> int:
    """How many are not whole and grow no more."""
    return _half(before).count()


def let_half_go(before: date) -> int:
    """Let go what came of them: the phone has the whole picture, and begins it anew."""
    return _half(before).update(content="", received=0, size=0, keyed_sum="")


RULES = (
    Rule(
        "PICTURES_RECORDED_AWAY",
        _("Pictures of visits and deliveries that are not whole"),
        _("What came of pictures whose phone stopped sending; the phone still has them."),
        QUARTER,
        half_due,
        let_half_go,
    ),
)
