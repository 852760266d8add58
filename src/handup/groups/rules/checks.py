"""May it be done, and if not why: the checks a group makes before it acts. Each returns every
reason that speaks against, in a fixed order; none means yes."""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction


class Reason(StrEnum):
    """What speaks against."""

    TOO_FEW_KEYS = "TOO_FEW_KEYS"
    IS_OFFICER = "IS_OFFICER"
    NO_BANK_ACCOUNT = "NO_BANK_ACCOUNT"
    TOO_YOUNG = "TOO_YOUNG"
    LOW_ATTENDANCE = "LOW_ATTENDANCE"
    PRINCIPLES_NOT_FOLLOWED = "PRINCIPLES_NOT_FOLLOWED"
    NOT_GRADED = "NOT_GRADED"
    RECEIVED_BEFORE = "RECEIVED_BEFORE"
    FIXED_IN_CYCLE = "FIXED_IN_CYCLE"
    NOT_PRESENT = "NOT_PRESENT"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    NOT_AGREED = "NOT_AGREED"
    ALREADY_REVERSED = "ALREADY_REVERSED"
    TERM_LIMIT = "TERM_LIMIT"
    DUES_IN_ARREARS = "DUES_IN_ARREARS"
    BELOW_MINIMUM_SHARE = "BELOW_MINIMUM_SHARE"
    TOO_LATE = "TOO_LATE"


def _reasons(*found: tuple[bool, Reason]) -> list[Reason]:
    return [reason for speaks_against, reason in found if speaks_against]


def open_box(
    *, keys_present: int, keys_needed: int, members_present: int, members_needed: int | None
) -> list[Reason]:
    """The box opens with enough key holders, or enough members instead (groups_meeting.md M4).

    `members_needed` None: members never stand in for keys.
    """
    by_members = members_needed is not None and members_present >= members_needed
    return _reasons((keys_present < keys_needed and not by_members, Reason.TOO_FEW_KEYS))


OFFICERS = frozenset({"CHAIRPERSON", "SECRETARY", "TREASURER"})


def hold_key(*, role: str, officers_may: bool) -> list[Reason]:
    """Who chairs, writes or keeps the money holds no key unless the constitution says so."""
    return _reasons((role in OFFICERS and not officers_may, Reason.IS_OFFICER))


def revolving_fund(
    *,
    has_bank_account: bool,
    age_months: int,
    min_age_months: int,
    attendance: Fraction,
    min_attendance: Fraction,
    follows_principles: bool,
    first_grading_passed: bool,
    received_before: bool,
) -> list[Reason]:
    """Whether a self-help group gets the revolving fund (groups_cooperatives.md section 5)."""
    return _reasons(
        (not has_bank_account, Reason.NO_BANK_ACCOUNT),
        (age_months < min_age_months, Reason.TOO_YOUNG),
        (attendance < min_attendance, Reason.LOW_ATTENDANCE),
        (not follows_principles, Reason.PRINCIPLES_NOT_FOLLOWED),
        (not first_grading_passed, Reason.NOT_GRADED),
        (received_before, Reason.RECEIVED_BEFORE),
    )


def change_share_value(*, cycle_open: bool, old_value: int, new_value: int) -> list[Reason]:
    """The price of a share stands while a cycle runs (groups.md G1)."""
    return _reasons((cycle_open and old_value != new_value, Reason.FIXED_IN_CYCLE))


def record_savings(*, is_there: bool, sent: bool, is_member: bool) -> list[Reason]:
    """Savings come from a member who is there, or who sent them with somebody."""
    return _reasons(
        (not is_there and not sent, Reason.NOT_PRESENT), (not is_member, Reason.NOT_A_MEMBER)
    )


def correct_entry(*, agreed: bool, already_reversed: bool) -> list[Reason]:
    """A mistake of any age is reversed once, with the key holders (groups_meeting.md M6)."""
    return _reasons((not agreed, Reason.NOT_AGREED), (already_reversed, Reason.ALREADY_REVERSED))


def stand_for_board(*, terms_served: int, terms_most: int, dues_in_arrears: bool) -> list[Reason]:
    """Who has served her terms in a row, or owes dues, does not stand."""
    return _reasons(
        (terms_served >= terms_most, Reason.TERM_LIMIT),
        (dues_in_arrears, Reason.DUES_IN_ARREARS),
    )


def join_by_refunds(
    *, refunds_held: Sequence[int], minimum_share: int, years_since_first: int, years_allowed: int
) -> list[Reason]:
    """A non-member's gathered refunds buy her membership (groups_cooperatives.md K3)."""
    return _reasons(
        (sum(refunds_held) < minimum_share, Reason.BELOW_MINIMUM_SHARE),
        (years_since_first > years_allowed, Reason.TOO_LATE),
    )
