"""What the acts of `projects` are called that no page of their own names: words for the trail of
who did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "projects.add_document_type": _("Add a kind of document"),
    "projects.approve_budget": _("Approve the budget"),
    "projects.change_document_type": _("Change a kind of document"),
    "projects.confirm_transfer": _("Confirm that a programme has moved"),
    "projects.ask_withdrawal": _("Record a request for money"),
    "projects.end_withdrawal": _("Record the answer of the funder"),
    "projects.plan_purchase": _("Plan a purchase"),
    "projects.move_purchase": _("Record the next step of a purchase"),
    "projects.end_mission_action": _("End the action of a mission"),
    "projects.hand_over_mission_action": _("Give the action of a mission to somebody else"),
    "projects.record_mission_action": _("Record what a mission found"),
    "projects.load_transfer": _("Load a programme from another house"),
    "projects.pack_transfer": _("Pack a programme for its successor"),
    "projects.record_memorandum": _("Record a memorandum"),
    "projects.record_obligation": _("Record what is owed"),
    "projects.revise_budget": _("Revise the budget"),
    "projects.supersede_document": _("Replace a document"),
}
