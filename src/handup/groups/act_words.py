"""What the acts of `groups` are called that no page of their own names: words for the trail of who
did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "groups.adopt_constitution": _("Adopt the rules of a group"),
    "groups.adopt_statutes": _("Adopt the statutes"),
    "groups.assess_group": _("Fill a scorecard"),
    "groups.cancel_election": _("Cancel an election"),
    "groups.elect_delegates": _("Write down delegates"),
    "groups.cancel_meeting": _("Cancel a meeting"),
    "groups.pay_out_loan": _("Pay out a loan of the group"),
    "groups.record_from_phone": _("Take a meeting from the group's phone"),
    "groups.record_in_meeting": _("Record in a meeting"),
    "groups.keep_bulk_orders": _("Keep the bulk orders"),
    "groups.name_next_of_kin": _("Name a next of kin"),
    "groups.name_representative": _("Name who votes for a firm"),
    "groups.end_representative": _("End that somebody votes for a firm"),
    "groups.record_needs": _("Keep what a community needs"),
    "groups.decide_needs": _("Decide which need is met"),
    "groups.tell_needs": _("Tell a community what became of its needs"),
    "groups.transcribe_sheet": _("Attach the paper sheet of a meeting"),
    "groups.confirm_sheet": _("Keep what the recorder says of a sheet"),
    "groups.settle_members": _("Pay leavers, a share-out or what is open"),
    "groups.keep_shares": _("Keep the share accounts"),
    "groups.collect_produce": _("Collect produce at a point"),
    "groups.keep_debts": _("Write down what a group borrows and pays back"),
    "groups.take_back_debt": _("Take a debt of a group back"),
    "groups.keep_collection": _("Keep points, producers and rate charts"),
    "groups.take_back_delivery": _("Take a delivery back"),
    "groups.take_back_gate": _("Take a gate entry back"),
    "groups.take_up_issue": _("Stand behind an issue"),
    "groups.process_produce": _("Write down what was processed"),
    "groups.sell_produce": _("Sell produce of a group"),
    "groups.take_back_sale": _("Take a sale or its payment back"),
    "groups.take_back_stock": _("Take a batch or a loss back"),
    "groups.draft_payslips": _("Draft the payslips of a period"),
    "groups.approve_payslips": _("Approve the payslips of a period"),
    "groups.pay_payslips": _("Pay payslips"),
    "groups.drop_payslips": _("Drop a draft of payslips"),
    "groups.take_back_deduction": _("Take a deduction back"),
    "groups.take_back_payslips": _("Take payslips back"),
    "groups.record_uses": _("Write down what members used"),
    "groups.set_dues_category": _("Set which dues a member pays"),
    "groups.take_back_bulk": _("Take back what was recorded of an order"),
    "groups.take_back_dues": _("Take a payment of dues back"),
    "groups.take_back_shares": _("Take a payment for shares back"),
    "groups.take_back_payout": _("Take a payment of the surplus back"),
    "groups.take_back_surplus": _("Take a divided surplus back"),
    "groups.tell_groups": _("Record which groups were told"),
}
