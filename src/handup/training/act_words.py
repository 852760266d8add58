"""What the acts of `training` are called that no page of their own names: words for the trail of
who did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "training.add_module": _("Add a module"),
    "training.agree_to_name": _("She agrees to her name in print"),
    "training.correct_attendance": _("Correct the attendance"),
    "training.draft_curriculum": _("Draft a curriculum"),
    "training.issue_certificate": _("Issue a certificate"),
    "training.record_attendance": _("Record the attendance"),
    "training.record_cost": _("Record the cost of a course"),
    "training.record_test": _("Record a test"),
}
