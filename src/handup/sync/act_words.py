"""What the acts of `sync` are called that no page of their own names: words for the trail of who
did what.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "sync.accept_gap": _("Go on without a missing meeting"),
    "sync.choose_record": _("Choose between two records of a meeting"),
    "sync.deliver_packets": _("Deliver packets of phones"),
    "sync.end_gap": _("A missing meeting turned up"),
    "sync.end_phone": _("Take a group's phone out of use"),
    "sync.enrol_phone": _("Enrol a phone by its code"),
    "sync.give_seat": _("Say who keeps a group's record"),
    "sync.leave_work_out": _("Leave out what was recorded away"),
    "sync.offer_enrolment": _("Offer a code for a phone"),
    "sync.phone_wiped": _("A phone says it has deleted everything"),
    "sync.receive_packet": _("Receive a packet of a phone"),
    "sync.receive_picture": _("Receive a picture of a phone"),
    "sync.take_carried": _("Take in a sealed file of a phone"),
    "sync.set_snapshot_life": _("Say how long phones keep names"),
    "sync.receive_work": _("Take what was recorded away from the office"),
}
