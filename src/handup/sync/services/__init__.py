"""Every write of the inbox."""

from handup.sync.services.areas import choose_area
from handup.sync.services.carrying import Brought, take_carried
from handup.sync.services.choosing import accept_branch, accept_gap, accept_lines
from handup.sync.services.farewell import Farewell, say_farewell
from handup.sync.services.notes import Note, latest_of, note_for, notes_for
from handup.sync.services.packets import receive_packets, retry_waiting, take_again
from handup.sync.services.phones import (
    Enrolled,
    end_phone,
    enrol_phone,
    give_seat,
    offer_enrolment,
    return_seat,
)
from handup.sync.services.snapshots import set_snapshot_life
from handup.sync.services.work import leave_work_out, receive_work, take_work_again

__all__ = [
    "Brought",
    "Enrolled",
    "Farewell",
    "Note",
    "accept_branch",
    "accept_gap",
    "accept_lines",
    "choose_area",
    "end_phone",
    "enrol_phone",
    "give_seat",
    "latest_of",
    "leave_work_out",
    "note_for",
    "notes_for",
    "offer_enrolment",
    "receive_packets",
    "receive_work",
    "retry_waiting",
    "return_seat",
    "say_farewell",
    "set_snapshot_life",
    "take_again",
    "take_carried",
    "take_work_again",
]
