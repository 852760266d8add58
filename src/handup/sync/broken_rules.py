"""What a rule of a group that a fact of its phone broke is called at the office: in the words that
the phone says before money moves."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BROKEN: Mapping[str, Promise] = {
    "ABOVE_LIMIT": _("This is more than may be borrowed now."),
    "ABOVE_MAXIMUM": _("More shares than one meeting allows."),
    "BELOW_MINIMUM": _("Fewer shares than a meeting asks for."),
    "CARRIED_IN_ALREADY": _("This line of the paper book was brought in already."),
    "COUNTER_STANDS": _("Who stands does not count the ballots."),
    "CYCLE_CLOSED": _("This cycle has ended already."),
    "CYCLE_ENDS": _("Nothing is lent at a share-out."),
    "DUES_IN_ARREARS": _("Who is in arrears does not vote"),
    "ELECTION_OVER": _("This election was counted or ended before. That count stands."),
    "FIRST_CYCLE": _("A group borrows nothing outside before it has shared out once."),
    "FUND_NOT_LENDABLE": _("This fund is not lent."),
    "FUND_OVERDRAWN": _("There is not so much in the box."),
    "HAS_AN_OFFICE": _("This member holds another office already."),
    "HAS_A_HOLDER": _("This key has a holder already."),
    "HAS_A_KEY": _("This member holds another key already."),
    "IS_OFFICER": _("Who chairs, writes or keeps the money holds no key."),
    "MONEY_AWAY": _("Bring the money of the loan fund from the bank to the box first."),
    "MORE_VOTES_THAN_PRESENT": _("More votes than members who are here."),
    "NOT_AGREED": _("The key holders have not agreed."),
    "NOT_A_MEMBER": _("This person is not a member on that day."),
    "NOT_A_SHARE_OUT": _("A share-out is held in a meeting of its own."),
    "NOT_COUNTED": _("The box has not been counted."),
    "NOT_IN_SHARES": _("This group does not save in shares."),
    "NOT_MARKED": _("Some members are not marked yet."),
    "NOT_PAYABLE_IN_COINS": _("This amount cannot be paid in coins."),
    "NOT_PRESENT": _("This member is not here today."),
    "NOT_REPRESENTABLE": _("The constitution lets nobody be represented."),
    "NOT_SHARED_OUT": _("The savings have not been shared out."),
    "NOT_THE_FIRST_MEETING": _("The paper book is brought in at the first meeting."),
    "NO_QUORUM": _("Too few members are here to vote."),
    "NO_SHARES": _("Nobody holds a share of this cycle."),
    "NO_SUCH_KEY": _("The box has no such key."),
    "OUTSIDE_DEBT_FIRST": _("The group pays back what it owes outside first."),
    "PAID_AT_CYCLE_END": _("Who leaves is paid at the end of the cycle."),
    "PAIR_NOT_ZERO": _("What was taken back and its right entry do not come to nothing together."),
    "SHARES_ONLY": _("This group saves in shares."),
    "STATEMENT_NEEDED": _("The statement of the bank has not been read."),
    "STEP_ORDER": _("The steps of a meeting keep their order."),
    "TERM_LIMIT": _("Terms in a row at most"),
    "TERM_TOO_LONG": _("The time to repay is longer than the constitution allows."),
    "TOO_FEW_KEYS": _("Too few key holders are here, and too few members confirm instead."),
    "VOTE_NOT_PASSED": _("The group has not voted for this."),
}
