"""What the acts of `surveys` are called that no page of their own names: words for the trail of who
did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "surveys.accept_submission": _("Accept answers"),
    "surveys.draft_questionnaire": _("Take a questionnaire from a spreadsheet"),
    "surveys.finish_paper": _("Hand in what was typed from paper"),
    "surveys.keep_paper": _("Keep what is typed from paper"),
    "surveys.keep_unplaced": _("answers that belong to no case"),
    "surveys.publish_version": _("Publish a questionnaire"),
    "surveys.receive_file": _("Receive a picture of answers"),
    "surveys.refuse_file": _("a file sent with answers was not kept"),
    "surveys.set_aside_submission": _("Set answers aside"),
}
