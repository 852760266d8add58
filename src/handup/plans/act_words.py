"""What the acts of `plans` are called that no page of their own names: words for the trail of who
did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "plans.confirm_prices": _("Confirm the prices"),
    "plans.keep_difference": _("Keep where a phone came to something else"),
    "plans.write_plan": _("Write a whole plan"),
    "plans.keep_beside": _("Keep a draft beside another"),
    "plans.set_draft_aside": _("Set a draft aside"),
    "plans.choose_draft": _("Go on with this draft"),
    "plans.correct_actual_month": _("Correct a month as it was"),
    "plans.record_back_check": _("Make a visit again"),
    "plans.repeat_plan": _("Make a plan again"),
    "plans.schedule_visits": _("Plan visits"),
    "plans.set_segments": _("Set the segments"),
    "plans.take_back_financed": _("Take back that a plan was financed"),
    "plans.take_over_plans": _("Take plans over"),
}
