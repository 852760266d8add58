"""Every write of groups."""

from handup.groups.services.closing import CashCount, cancel_meeting, close_meeting
from handup.groups.services.lending import pay_out_loan
from handup.groups.services.meetings import open_meeting, record_meeting_lines
from handup.groups.services.members import (
    NewMember,
    admit_members,
    elect_officer,
    end_membership,
)
from handup.groups.services.register import (
    NewGroup,
    adopt_constitution,
    register_group,
    register_groups,
    start_cycle,
)
from handup.groups.services.ruling import change_rules
from handup.groups.services.sheet import MeetingLine

__all__ = [
    "CashCount",
    "MeetingLine",
    "NewGroup",
    "NewMember",
    "admit_members",
    "adopt_constitution",
    "cancel_meeting",
    "change_rules",
    "close_meeting",
    "elect_officer",
    "end_membership",
    "open_meeting",
    "pay_out_loan",
    "record_meeting_lines",
    "register_group",
    "register_groups",
    "start_cycle",
]
