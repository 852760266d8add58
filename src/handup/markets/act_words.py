"""What the acts of `markets` are called that no page of their own names: words for the trail of who
did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "markets.add_actor": _("Name an actor"),
    "markets.name_unit": _("Name a unit"),
    "markets.finish_study": _("The study is done"),
    "markets.open_chain": _("Open a value chain"),
    "markets.publish_prices": _("Publish the prices"),
    "markets.record_round": _("Record prices and costs"),
    "markets.record_finding": _("Write down what was found"),
    "markets.follow_opportunity": _("Say what becomes of it"),
    "markets.register_commodity": _("Enter a product"),
}
