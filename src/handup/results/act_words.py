"""What the acts of `results` are called that no page of their own names: words for the trail of who
did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "results.set_reporting_day": _("Choose the day of the report"),
}
