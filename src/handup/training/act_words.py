"""What the acts of `training` are called that no page of their own names: words for the trail of
who did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "training.activate_certificate": _("Make a certificate valid that was printed ahead"),
    "training.strike_certificate": _("Strike a certificate that was printed ahead"),
    "training.add_module": _("Add a module"),
    "training.agree_to_name": _("She agrees to her name in print"),
    "training.answer_offer": _("Record the answer of a graduate"),
    "training.approve_support": _("Approve support"),
    "training.close_dropout_case": _("Close a drop-out case"),
    "training.correct_attendance": _("Correct the attendance"),
    "training.draw_back_checks": _("Draw answers to ask again"),
    "training.draft_curriculum": _("Draft a curriculum"),
    "training.draw_up_support": _("Draw up support"),
    "training.end_follow_up": _("End a task to ask after somebody"),
    "training.end_support_rule": _("End a rule of support"),
    "training.hand_over_follow_up": _("Hand over a task to ask after somebody"),
    "training.grant_level": _("Grant a step of a qualification"),
    "training.issue_certificate": _("Issue a certificate"),
    "training.record_apprentice_visit": _("Record a visit to an apprentice"),
    "training.record_attendance": _("Record the attendance"),
    "training.record_contact": _("Record a contact"),
    "training.record_cost": _("Record the cost of a course"),
    "training.log_day": _("Write a day into the log of an apprentice"),
    "training.lapse_invitation": _("Let an invitation lapse"),
    "training.offer_to_graduate": _("Offer what comes after graduation"),
    "training.end_calendar_feed": _("End the address of a calendar"),
    "training.open_calendar_feed": _("Make an address of a calendar"),
    "training.open_dropout_case": _("Open a drop-out case"),
    "training.open_follow_up": _("Hand out a task to ask after somebody"),
    "training.open_tracer_round": _("Open a tracer round"),
    "training.set_provider_terms": _("Set terms of a provider"),
    "training.draw_up_claim": _("Count a claim"),
    "training.approve_claim": _("Approve the claim"),
    "training.refuse_claim": _("Refuse the claim"),
    "training.pay_claim": _("Pay the claim"),
    "training.take_back_claim": _("Take back the payment of a claim"),
    "training.pay_support": _("Pay support"),
    "training.record_needs_assessment": _("Record a needs assessment"),
    "training.record_observation": _("Record an observation"),
    "training.record_proof": _("Record evidence of a qualification"),
    "training.record_skill": _("Judge the skills of an apprentice"),
    "training.record_test": _("Record a test"),
    "training.record_tracer": _("Record what became of a graduate"),
    "training.register_qualification": _("Put somebody on the register of the qualified"),
    "training.refuse_support": _("Refuse support"),
    "training.set_test": _("Set a test"),
    "training.set_trade_skill": _("Add a skill of a trade"),
    "training.set_support_rule": _("Set a rule of support"),
    "training.take_back_support": _("Take back a payment"),
    "training.tell_invited": _("Tell the invited"),
}
