"""What the acts of `desk` are called that no page of their own names: words for the trail of who
did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "desk.take_over": _("Take a file over"),
    "desk.decide_pair": _("Decide who is twice in a file"),
    "desk.reject_import": _("Reject a file"),
    "desk.add_area": _("Add an area"),
    "desk.tell_case_counts": _("Tell the cases of a year"),
    "desk.check_import": _("Check a file"),
    "desk.commit_import": _("Take a file in"),
    "desk.receive_import": _("Bring a file"),
}
