"""Proofs of the inbox: phones' streams recomputed from what was hashed, and what was told compared
with the group's book."""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from handup.groups.models import GroupFact, Meeting, Member
from handup.groups.models.facts import MeetingStatus
from handup.groups.rules.facts import closing_code
from handup.kernel.chain import digest
from handup.org import verify
from handup.org.verify import Check, Difference
from handup.sync.models import Packet, PacketState

UNITS = ("units", "shares", "charge", "principal", "overpaid", "difference", "total_units")


def phones_told_what_is_kept() -> Iterator[Difference]:
    """A phone's fact is kept as it was hashed, and the house's words for it say the same: the same
    member, the same amounts."""
    numbers = {
        str(pk): number for pk, number in Member._base_manager.values_list("pk", "member_no")
    }
    for fact in GroupFact.objects.exclude(told=None).iterator(2000):
        told = fact.told or {}
        if digest(told) != fact.content_hash or told["id"] != str(fact.pk):
            yield Difference(str(fact.pk), fact.content_hash[:12], "what the phone hashed")
            continue
        said, kept = told["body"], fact.body
        if "member_no" in said and numbers.get(kept.get("member", "")) != said["member_no"]:
            yield Difference(str(fact.pk), str(kept.get("member")), f"member {said['member_no']}")
        for name in UNITS:
            ours = "owed" if fact.name == "charge_fine" and name == "units" else name
            if said.get(name) != kept.get(ours):
                yield Difference(f"{fact.pk} {name}", str(kept.get(ours)), str(said.get(name)))


def closing_codes_hold() -> Iterator[Difference]:
    """The code of a meeting a phone closed is that of the hash its closing has."""
    rows = GroupFact.objects.filter(name="close_meeting").exclude(told=None)
    for meeting_id, chain in rows.values_list("meeting", "chain_hash"):
        ended = (MeetingStatus.CLOSED, MeetingStatus.NOT_KEPT)
        meeting = Meeting.objects.filter(pk=meeting_id, status__in=ended).first()
        kept = meeting.closing_code if meeting else ""
        if kept != closing_code(chain):
            yield Difference(str(meeting_id), kept, closing_code(chain))


def nothing_received_is_lost() -> Iterator[Difference]:
    """Every fact that was answered as stored is in its group's stream, and what was not stored is
    still here as it came."""
    kept: dict[UUID, int] = {}
    for packet in Packet.objects.prefetch_related("lines").iterator(500):
        if packet.state != PacketState.DONE and not packet.told:
            yield Difference(str(packet.packet_id), "nothing", "the packet as it came")
        for line in packet.lines.all():
            if line.meeting_id is not None and line.stored:
                kept[line.meeting_id] = kept.get(line.meeting_id, 0) + line.stored
    for meeting_id, told in kept.items():
        stored = GroupFact.objects.filter(meeting=meeting_id).exclude(told=None).count()
        if stored != told:
            yield Difference(str(meeting_id), str(stored), f"{told} answered as stored")


CHECKS = (
    Check(
        "SYNC_FACTS",
        _("Facts of phones are kept as they were told"),
        phones_told_what_is_kept,
        proves="V9",
    ),
    Check("SYNC_CODES", _("Closing codes are those of their streams"), closing_codes_hold),
    Check("SYNC_RECEIPTS", _("Nothing answered as stored is missing"), nothing_received_is_lost),
)


def register() -> None:
    """Offer the proofs to `handup verify`."""
    verify.checks.extend(check for check in CHECKS if check not in verify.checks)
