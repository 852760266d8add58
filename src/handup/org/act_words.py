"""What the acts of `org` are called that no page of their own names: words for the trail of who
did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "org.answer_grant_request": _("A role asked for was given or refused"),
    "org.ask_grant": _("Ask for a role"),
    "org.begin_webhook": _("Begin a webhook"),
    "org.end_webhook": _("End a webhook"),
    "org.take_over_webhook": _("Take over a webhook"),
    "org.send_again": _("Send again what failed for good"),
    "org.begin_job_again": _("Begin a task of the background again"),
    "org.call_off_trip": _("Call off the trip"),
    "org.give_up_job": _("Take a task of the background away"),
    "org.change_office": _("Change an office"),
    "org.change_setting": _("Change a setting"),
    "org.delete_filter": _("Delete a kept filter"),
    "org.disable_staff": _("Close the account"),
    "org.end_edited_list": _("The review of an edited list ended"),
    "org.end_area": _("An area that was given up"),
    "org.end_session": _("Sign out there"),
    "org.issue_password": _("Give a new password"),
    "org.take_factor_away": _("Take away a lost second factor"),
    "org.load_shape": _("Load the shape of an area"),
    "org.lapse_grant": _("A role lapsed"),
    "org.move_incident": _("Take the next step"),
    "org.ask_for_notices": _("Ask for notices by e-mail"),
    "org.end_notices": _("End the notices by e-mail"),
    "org.open_incident": _("Report an incident"),
    "org.take_sealed_copy": _("Take a sealed copy of the keys away"),
    "org.prove_sealed_keys": _("Prove that a sealed copy of the keys opens"),
    "org.record_rate": _("Add a rate"),
    "org.receive_edited_list": _("Load an edited list"),
    "org.rename_area": _("Names of an area"),
    "org.rename_filter": _("Rename a kept filter"),
    "org.revoke_token": _("Revoke a token"),
    "org.save_filter": _("Keep a filter"),
    "org.seal_keys": _("Make a sealed copy of the keys"),
    "org.set_duty_amounts": _("From which amount a step asks"),
    "org.set_number": _("Numbers of protection"),
    "org.set_periods": _("How long what is kept"),
    "org.set_up_installation": _("Size and parts"),
    "org.start_installation": _("Set up the installation"),
    "org.store_file": _("Keep a paper"),
    "org.take_edited_cells": _("Take changes of an edited list"),
    "org.tell_settlement": _("Town or countryside of an area"),
    "org.withdraw_closed_day": _("Take a day out of the calendar"),
}
