"""Run in the data folder of the browser tests: a savings group with a code for its phone, or what
the server knows of that group's meetings. Answers as JSON."""

import json
import sys
from datetime import timedelta
from typing import Any
from zlib import crc32

from django.utils import timezone

from handup.groups.models import Candidate, Group, GroupFact, Meeting
from handup.groups.models.group import GroupKind
from handup.groups.queries import money_now
from handup.groups.services import (
    NewGroup,
    NewMember,
    admit_members,
    register_group,
)
from handup.ledger.models import Entry
from handup.org.models import Area, StaffUser
from handup.people.models import Person
from handup.projects.models import Programme
from handup.sync.models import GroupPhone, PacketLine, Seat
from handup.sync.services import offer_enrolment


def make(name: str, members: int) -> dict[str, str]:
    """So many members, shares of 5.00, and the code on the officer's screen."""
    today = timezone.localdate()
    formed = today - timedelta(days=60)
    officer = StaffUser.objects.get(username="field-officer")
    programme, _made = Programme.objects.get_or_create(
        code="FIELD", defaults={"title": "Field", "currency": "XTS"}
    )
    area, _made = Area.objects.get_or_create(code="F1", defaults={"names": {"en": "Village"}})
    group = register_group(
        acting_staff=officer,
        programme=programme,
        group=NewGroup(
            name=name,
            kind=GroupKind.SAVINGS,
            area=area,
            formed_date=formed,
            currency="XTS",
            officer=officer,
            settings={
                "share_value_units": 500,
                "charge_rate_bps": 1000,
                "cash_unit_units": 100,
                "fine_late_units": 100,
            },
        ),
    )
    admitted = [
        NewMember(
            person=Person.objects.create(
                registration_no=f"{crc32(name.encode()):08x}-{number}",
                display_name=f"Member {number}",
                sort_key=f"member {number}",
                programme=programme,
                registered_date=formed,
                registered_by=officer,
            ),
            joined_date=formed,
        )
        for number in range(1, members + 1)
    ]
    admit_members(acting_staff=officer, group=group, members=admitted)
    _row, code = offer_enrolment(
        acting_staff=officer, group=group, holder=officer, label="Blue phone"
    )
    return {"code": code}


def code(name: str) -> dict[str, str]:
    """A code for one more phone of a group."""
    officer = StaffUser.objects.get(username="field-officer")
    group = Group.objects.get(name=name)
    _row, plain = offer_enrolment(
        acting_staff=officer, group=group, holder=officer, label="Green phone"
    )
    return {"code": plain}


def seat(name: str) -> dict[str, Any]:
    """Which phone writes the meetings of a group, and how many phones it has."""
    row = Seat.objects.select_related("device").get(group__name=name)
    phones = GroupPhone.objects.filter(group__name=name)
    last = phones.order_by("recorded_at").last()
    assert row.device is not None
    assert last is not None
    return {"label": row.device.label, "is_last": last.device_id == row.device_id}


def tell(name: str) -> dict[str, Any]:
    """The meetings of a group, and the money in its books."""
    group = Group.objects.get(name=name)
    state = money_now(group)
    meetings = Meeting.objects.filter(group=group).order_by("number")
    return {
        "meetings": [
            {
                "status": meeting.status,
                "code": meeting.closing_code,
                "facts": meeting.facts.count(),
                "marks": meeting.attendance.count(),
            }
            for meeting in meetings
        ],
        "entries": Entry.objects.filter(book=group.book).count(),
        "cash": state.cash,
        "savings": sorted(state.savings.values()),
        "principal": sorted(state.principal.values()),
    }


def more(name: str) -> dict[str, Any]:
    """What the phone's facts say besides the money: how it was counted, recited and broken."""
    facts = GroupFact.objects.filter(group__name=name).order_by("seq")
    bodies: dict[str, list[dict[str, Any]]] = {}
    for fact in facts:
        bodies.setdefault(fact.name, []).append(fact.body)
    lines = PacketLine.objects.filter(packet__group__name=name)
    ways = [body["coins"] for body in bodies["record_count"] if body["way"] == "IN"]
    (loan,) = bodies["pay_out_loan"]
    return {
        "flags": sorted({flag for line in lines for flag in line.flags}),
        "coins": [way for place, way in enumerate(ways) if way not in ways[:place]],
        "difference": [body["difference"] for body in bodies["record_difference"]],
        "said": [body["said_units"] for body in bodies["record_recital"]],
        "breach": [loan["reason"], len(loan["keys"])],
        "elected": [
            [one.election.state, count.round, count.ballots, one.term.office, one.member.member_no]
            for one in Candidate.objects.filter(election__group__name=name).exclude(term=None)
            for count in one.election.counts.all()
            if one.term is not None
        ],
    }


def main(word: str, name: str, members: str = "4") -> None:
    """Make the group, or tell of it."""
    told = {"tell": tell, "more": more, "code": code, "seat": seat}
    answer = make(name, int(members)) if word == "make" else told[word](name)
    sys.stdout.write(json.dumps(answer))
