"""What surveys keep for a while only: answers that belong to no case (surveys.md section 7)."""

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from handup.org.retention import Rule
from handup.surveys.models import UnplacedAnswers

MONTH = 30


def _held(before: date) -> QuerySet[UnplacedAnswers, UnplacedAnswers]:
    """Answers received before a day that nobody placed."""
    return UnplacedAnswers._base_manager.filter(recorded_at__date__lt=before, placed_as=None)


def due(before: date) -> int:
    """How many nobody placed."""
    return _held(before).count()


def blank(before: date) -> int:
    """Let them go: they belong to no case, and nothing else is known of them."""
    count, _by_table = _held(before).delete()
    return count


RULES = (
    Rule(
        "UNPLACED_ANSWERS",
        _("Answers that belong to no case"),
        _("The answers as they came and who sent them; those placed on a case stay with it."),
        MONTH,
        due,
        blank,
    ),
)
