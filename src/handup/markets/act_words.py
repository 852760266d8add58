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
    "markets.offer_contract": _("Write down an offer"),
    "markets.check_contract": _("Look at every point"),
    "markets.record_delivery": _("Record a delivery"),
    "markets.move_contract": _("Say what becomes of the contract"),
    "markets.pay_delivery": _("Record a buyer's payment"),
    "markets.note_default": _("Note a default"),
    "markets.record_linkage": _("Record a linkage"),
    "markets.record_commitment": _("Record a promise"),
    "markets.keep_commitment": _("A promise was kept"),
    "markets.move_issue": _("Move a policy issue"),
    "markets.close_vacancy": _("Close the vacancy"),
    "markets.decline_match": _("A proposal came to nothing"),
    "markets.place_person": _("Place a person"),
    "markets.end_job": _("The job ended"),
    "markets.record_need": _("Record a need"),
    "markets.record_trial": _("Record what was shown or tried"),
    "markets.record_result": _("What came of it?"),
    "markets.open_issue": _("Open a policy issue"),
    "markets.open_vacancy": _("Record a vacancy"),
    "markets.record_adoption": _("Record who took it up"),
    "markets.propose_person": _("Propose a person"),
    "markets.claim_part": _("Say which part the programme had"),
    "markets.record_policy_event": _("Record what happened"),
    "markets.rest_issue": _("Park, close or take up again"),
}
