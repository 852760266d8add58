"""What the acts of `ledger` are called that no page of their own names: words for the trail of who
did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "ledger.approve_batch": _("Approve the entries of the file"),
    "ledger.approve_draft": _("Approve the entry"),
    "ledger.blank_remarks": _("Blank the remarks of entries"),
    "ledger.change_consolidation": _("Change what is read together"),
    "ledger.decline_batch": _("Decline the entries of the file"),
    "ledger.decline_count": _("Decline the count"),
    "ledger.decline_draft": _("Decline the entry"),
    "ledger.draft_entry": _("Write an entry"),
    "ledger.draft_transfer": _("Money to another book"),
    "ledger.export_audit": _("Auditor's export"),
    "ledger.hand_over_book": _("Hand the book over"),
    "ledger.keep_batch": _("Entries from files"),
    "ledger.rebuild_balances": _("Rebuild the balances"),
    "ledger.set_donor_report": _("How the donor is told"),
    "ledger.set_overdraft": _("Allow an overdraft"),
}
