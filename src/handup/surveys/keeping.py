"""What surveys keep for a while only: answers that belong to no case (surveys.md section 7), and
papers nobody goes on typing.
"""

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from handup.org.retention import Rule
from handup.surveys.models import ArrivingFile, PaperEntry, UnplacedAnswers
from handup.surveys.services.unplaced_files import let_files_go

MONTH = 30
QUARTER = 90


def _held(before: date) -> QuerySet[UnplacedAnswers, UnplacedAnswers]:
    """Answers received before a day that nobody placed."""
    return UnplacedAnswers._base_manager.filter(recorded_at__date__lt=before, placed_as=None)


def due(before: date) -> int:
    """How many nobody placed."""
    return _held(before).count()


def blank(before: date) -> int:
    """Let them go: they belong to no case, and nothing else is known of them."""
    let_files_go(list(_held(before).values_list("pk", flat=True)))
    count, _by_table = _held(before).delete()
    return count


def _unfinished(before: date) -> QuerySet[PaperEntry, PaperEntry]:
    """Papers not handed in which nobody touched since before a day."""
    return PaperEntry._base_manager.filter(kept_at__date__lt=before, submission=None)


def unfinished_due(before: date) -> int:
    """How many nobody goes on with."""
    return _unfinished(before).count()


def let_unfinished_go(before: date) -> int:
    """Let them go: the paper itself is still there."""
    count, _by_table = _unfinished(before).delete()
    return count


def _half(before: date) -> QuerySet[ArrivingFile, ArrivingFile]:
    """Pictures of which nothing more came since before a day."""
    return ArrivingFile._base_manager.filter(kept_at__date__lt=before)


def half_due(before: date) -> int:
    """How many are not whole and grow no more."""
    return _half(before).count()


def let_half_go(before: date) -> int:
    """Let them go: the phone has the whole picture, and begins it anew."""
    count, _by_table = _half(before).delete()
    return count


RULES = (
    Rule(
        "PICTURES_ON_THEIR_WAY",
        _("Pictures that are not whole"),
        _("What came of pictures whose phone stopped sending; the phone still has them."),
        QUARTER,
        half_due,
        let_half_go,
    ),
    Rule(
        "PAPERS_BEING_TYPED",
        _("Papers somebody began to type"),
        _("What was typed of papers that were never handed in; the papers themselves stay."),
        QUARTER,
        unfinished_due,
        let_unfinished_go,
    ),
    Rule(
        "UNPLACED_ANSWERS",
        _("Answers that belong to no case"),
        _("The answers as they came and who sent them; those placed on a case stay with it."),
        MONTH,
        due,
        blank,
    ),
)
