"""What the acts of `people` are called that no page of their own names: words for the trail of who
did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "people.add_case_action": _("Say what is to be done"),
    "people.add_case_document": _("Keep a paper"),
    "people.add_case_note": _("Write a note"),
    "people.add_name": _("Add a name"),
    "people.answer_subject_request": _("Answer the request"),
    "people.adopt_model": _("Adopt or refuse weights of the duplicate check"),
    "people.propose_model": _("Estimate weights of the duplicate check"),
    "people.check_register": _("Look for records of one person"),
    "people.close_enterprise": _("Close an enterprise"),
    "people.register_enterprise": _("Register her enterprise"),
    "people.correct_enterprise": _("Correct what was written of an enterprise"),
    "people.correct_person": _("Correct what was written"),
    "people.draft_referral": _("Refer her to somebody"),
    "people.draft_impact": _("Write an impact assessment"),
    "people.end_consent": _("A consent ended"),
    "people.end_status": _("A status ended"),
    "people.erase_person": _("Erase a person"),
    "people.finish_case_action": _("It is done"),
    "people.hold_erasure": _("A court or a law keeps her data"),
    "people.join_case_team": _("Let somebody else know of it"),
    "people.join_grievance_team": _("Let somebody else know of it"),
    "people.join_household": _("Somebody joins the household"),
    "people.leave_case_team": _("Let her know of it no longer"),
    "people.leave_grievance_team": _("Let her know of it no longer"),
    "people.leave_household": _("Somebody left the household"),
    "people.take_back_leaving": _("Took back that somebody left the household"),
    "people.lift_hold": _("Lift what was held by hand"),
    "people.look_at_merge": _("Records made one"),
    "people.move_referral": _("Record the next step"),
    "people.propose_selection": _("Propose a selection"),
    "people.prove_erasure": _("Prove an erasure"),
    "people.publish_card": _("Publish a scorecard"),
    "people.publish_test": _("Publish a proxy means test"),
    "people.record_outreach_event": _("Record an open day"),
    "people.record_subject_request": _("Record a request about her data"),
    "people.refuse_disclosure": _("Refuse to give data"),
    "people.register_household": _("Register her household"),
    "people.score_household": _("Score the household by a proxy means test"),
    "people.set_line": _("Decide on a line of a selection"),
    "people.split_household": _("Some of them move out"),
    "people.take_alias_away": _("Take a spelling away"),
    "people.take_disclosure": _("Data fetched by who may have them"),
    "people.take_over_case": _("Take over a case"),
    "people.withdraw_consent": _("Withdraw a consent"),
    "people.approve_erasure": _("Approve the erasure"),
    "people.decide_appeal": _("Decide on an appeal"),
}
