"""The API door of `sync`: a phone enrols, fetches its pack, sends packets and reads its receipts.

A phone's token reaches nothing else. Whoever may deliver packets may carry those of any phone.
"""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import StaffRequest, Text
from handup.org.limits import require_within
from handup.org.models import Device
from handup.sync import queries, services
from handup.sync.area_api import router as areas
from handup.sync.errors import NotADevice
from handup.sync.figures_api import router as figures
from handup.sync.models import Packet
from handup.sync.phones_seen import BEARER, device_of
from handup.sync.picture_api import router as pictures
from handup.sync.record_api import router as choosing
from handup.sync.rules.stream import Line
from handup.sync.rules.words import Bad
from handup.sync.services.packets import Answer
from handup.sync.services.work import MOST
from handup.sync.sound_api import router as sounds
from handup.sync.work_api import WorkAnswerOut
from handup.sync.work_api import router as work

router = Router(tags=["sync"])
router.add_router("", choosing)
router.add_router("", work)
router.add_router("", areas)
router.add_router("", pictures)
router.add_router("", sounds)
router.add_router("", figures)


class EnrolIn(Schema):
    """What a phone sends to enrol itself: the code it was shown, its public key (P-256, the
    uncompressed point in base64), and its signature over both, without which a code that was used
    gives no new token."""

    code: Annotated[Text, Field(min_length=20, max_length=60)]
    public_key: Annotated[Text, Field(min_length=80, max_length=120)]
    device_id: UUID | None = None
    signature: Annotated[Text, Field(max_length=120)] = ""


class EnrolOut(Schema):
    """An enrolled phone. The token is shown this once; it reaches `sync` alone. `group_id` null: it
    is an officer's own, for her work."""

    device_id: UUID
    group_id: UUID | None
    token: str
    server_time: datetime


class PackMember(Schema):
    """A member as her group's phone knows her; amounts in smallest units. `shares` of the cycle;
    `due` to her of the share-out, `claim`: what the box could not pay her; `votes`: of today."""

    member_no: int
    name: str
    joined_date: date
    left_date: date | None
    savings: int
    overpaid: int
    shares: int
    due: int
    claim: int
    votes: int


class PackElection(Schema):
    """An election that is going, by member number: who stood, who is voted on or drawn now, how
    many seats nobody has, and who is elected so far, most votes first."""

    election_id: UUID
    seats: list[str]
    candidates: list[int]
    standing: list[int]
    seats_open: int
    state: str
    elected: list[int]


class PackLoan(Schema):
    """An open loan inside the group, with the terms frozen at its pay-out: `units` paid out,
    `principal` left."""

    loan_id: UUID
    member_no: int
    fund: str
    units: int
    rate_bps: int
    basis: str
    periods: int
    period_days: int
    counting: str
    principal: int
    charge_paid: int
    paid_out_date: date
    due_date: date


class PackFine(Schema):
    """A fine still owed."""

    fine_id: UUID
    member_no: int
    owed: int


class PackFigures(Schema):
    """What the group as a whole has and keeps, so that cash + `away` + principal = savings +
    overpaid + due + claims + `outside_debt` + `retained` + `social` + `income` - `expense` +
    `differences`.

    Where a member of the group is not in the pack, all that it kept is in `retained`, and `social`,
    `income`, `expense` and `differences` are 0."""

    social: int
    income: int
    expense: int
    differences: int
    outside_debt: int
    overpaid_total: int
    away: int
    retained: int


class PackPlace(Schema):
    """What a fund has at the bank or on a mobile account."""

    fund: str
    place: str
    units: int


class PackKey(Schema):
    """Who holds a key of the box now."""

    slot: int
    member_no: int


class PackOffice(Schema):
    """Who holds an office now, and how many terms in a row with this one."""

    office: str
    member_no: int
    terms: int


class PackPhone(Schema):
    """A phone of the group, and the public point of the key it signs with, in base64."""

    device_id: UUID
    public_key: str


class PackCycle(Schema):
    """The cycle that runs, or the last that ended."""

    number: int
    start_date: date
    planned_end_date: date | None
    is_open: bool


class PackOut(Schema):
    """What a phone carries of one group: rules, members, balances, and where its stream ends;
    `closed_hash` is of the last closing, whose code stands on the last slip.
    `may_share_out`: the phone knows everybody, so that it can divide what the group has;
    `delegates`: how many it sends to the tier above."""

    group_id: UUID
    name: str
    kind: str
    currency: str
    currency_digits: int
    has_seat: bool
    head_seq: int
    head_hash: str
    head_code: str
    closed_hash: str
    phones: list[PackPhone]
    open_meeting_id: UUID | None
    next_number: int
    cycle: PackCycle | None
    may_share_out: bool
    last_share_out: int | None
    last_held_date: date | None
    constitution_version: int
    settings: dict[str, int | bool | str]
    cash: dict[str, int]
    places: list[PackPlace]
    figures: PackFigures
    members: list[PackMember]
    offices: list[PackOffice]
    elections: list[PackElection]
    delegates: int
    keys: list[PackKey]
    loans: list[PackLoan]
    fines: list[PackFine]


class PacksOut(Schema):
    """The packs of all groups of a phone, and the server's time."""

    server_time: datetime
    packs: list[PackOut]


class PacketsIn(Schema):
    """Packets as their devices signed them (README of `sync`)."""

    packets: list[dict[str, Any]] = Field(min_length=1, max_length=50)


class FaultOut(Schema):
    """One thing wrong with one fact."""

    code: str
    fact: str
    field: str
    value: str


class LineOut(Schema):
    """What became of the facts of one meeting; `savings_total` is the sum of what came, `breaches`
    the rules of the group that facts broke which stand, each with the name of its fact as field."""

    meeting_id: UUID | None
    outcome: str
    flags: list[str]
    faults: list[FaultOut]
    breaches: list[FaultOut]
    stored: int
    savings_total: int | None


class ReceiptOut(Schema):
    """The answer about one packet, in the place of what was sent; what is UNREADABLE has an id as
    far as that could be read."""

    packet_id: UUID | None
    state: str
    lines: list[LineOut]


class ReceiptsOut(Schema):
    """One answer for each packet."""

    receipts: list[ReceiptOut]


class NoteOut(Schema):
    """What became of packets of another phone, to be carried back to it: `text` is JSON of
    `device_id`, `made_at` and `receipts`; that phone proves it by its `sum`."""

    device_id: UUID
    text: str
    sum: str


class SentOut(ReceiptsOut):
    """One answer for each packet, and a note for each other phone whose packets were among them."""

    notes: list[NoteOut]


def _phone(request: StaffRequest) -> Device:
    device = device_of(request)
    if device is None:
        raise NotADevice
    return device


@router.post("/enrol", response={201: EnrolOut}, auth=None)
def enrol(request: HttpRequest, told: EnrolIn) -> Status[EnrolOut]:
    """Enrol the phone that shows a code from an officer's screen."""
    require_within(request, "verify")
    done = services.enrol_phone(
        code=told.code,
        public_key=told.public_key,
        device_id=told.device_id,
        signature=told.signature,
    )
    answer = EnrolOut(
        device_id=done.device.pk,
        group_id=done.group_id,
        token=done.token,
        server_time=timezone.now(),
    )
    return Status(201, answer)


@router.get("/pack", response=PacksOut)
def pack(request: StaffRequest) -> dict[str, Any]:
    """What this phone carries of its groups; nothing of any other."""
    device, reader = _phone(request), request.auth_staff
    packs = queries.pack_of(device, reader)
    reads.note(request, persons=queries.persons_in(device, reader), action="LIST", highest="P")
    return {"server_time": timezone.now(), "packs": packs}


class FactOut(Schema):
    """One stored fact: where it stands, and what its device hashed (null: the office wrote it, or
    it says something of a member who is not on this phone; then `name` is empty too). `chain_hash`
    follows from `prev_hash` and `content_hash`."""

    seq: int
    name: str
    prev_hash: str
    content_hash: str
    chain_hash: str
    told: dict[str, Any] | None


class StreamOut(Schema):
    """Stored facts in their order; fewer than 500 are the last."""

    facts: list[FactOut]


@router.get("/stream", response=StreamOut)
def stream(
    request: StaffRequest, group: UUID, after_seq: Annotated[int, Query(ge=0)] = 0
) -> dict[str, Any]:
    """The stored facts of a group's meetings, for one of its phones that goes on or is restored."""
    device, reader = _phone(request), request.auth_staff
    facts = queries.stream_of(device, group, reader, after_seq=after_seq)
    persons = queries.persons_in(device, reader, group)
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"facts": facts}


@router.post("/packets", response=SentOut)
def send_packets(request: StaffRequest, told: PacketsIn) -> SentOut:
    """Send packets, of this phone or carried for another. The same packet twice changes nothing."""
    require_within(request, "sync")
    device = device_of(request)
    answers = services.receive_packets(told.packets, acting_staff=request.auth_staff)
    taken = [answer.packet_id for answer in answers if answer.packet_id is not None]
    notes = services.notes_for(taken, besides=device.pk) if device is not None else []
    return SentOut(
        receipts=[_receipt(answer) for answer in answers],
        notes=[NoteOut(device_id=note.device_id, text=note.text, sum=note.sum) for note in notes],
    )


class FarewellIn(Schema):
    """What a phone sends whose token is refused: packets not yet sent, facts of an officer's own
    work, or that it has wiped itself."""

    packets: list[dict[str, Any]] = Field(default_factory=list, max_length=50)
    facts: list[dict[str, Any]] = Field(default_factory=list, max_length=MOST)
    is_wiped: bool = False


class FarewellOut(Schema):
    """What became of its packets and, in `answers`, of its facts; `wipe`: once they are taken it
    deletes key, stores and caches."""

    wipe: bool
    receipts: list[ReceiptOut]
    answers: list[WorkAnswerOut]


@router.post("/farewell", response=FarewellOut, auth=None)
def farewell(request: HttpRequest, told: FarewellIn) -> FarewellOut:
    """The last contact of a phone whose token has ended: it sends its work, then wipes itself."""
    bearer = request.headers.get("Authorization", "")
    if not bearer.startswith(BEARER):
        raise NotADevice
    require_within(request, "verify")
    done = services.say_farewell(
        token=bearer.removeprefix(BEARER).strip(),
        packets=told.packets,
        facts=told.facts,
        is_wiped=told.is_wiped,
    )
    return FarewellOut(
        wipe=done.wipe,
        receipts=[_receipt(answer) for answer in done.answers],
        answers=[
            WorkAnswerOut(id=a.id, state=a.state, reason=a.reason, sha256=a.sha256)
            for a in done.kept
        ],
    )


def _receipt(answer: Answer) -> ReceiptOut:
    return ReceiptOut(
        packet_id=answer.packet_id,
        state=answer.state,
        lines=[_line(line) for line in answer.lines],
    )


def _told(item: Bad) -> FaultOut:
    return FaultOut(code=str(item.code), fact=item.fact, field=item.field, value=item.value)


def _line(line: Line) -> LineOut:
    return LineOut(
        meeting_id=UUID(line.meeting_id) if line.meeting_id else None,
        outcome=line.outcome.value,
        flags=[flag.value for flag in line.flags],
        faults=[_told(item) for item in line.faults],
        breaches=[_told(item) for item in line.breaches],
        stored=len(line.new),
        savings_total=line.savings_total,
    )


@router.get("/receipts", response=ReceiptsOut)
def receipts(
    request: StaffRequest, packet: Annotated[list[UUID], Query(min_length=1, max_length=50)]
) -> dict[str, list[Packet]]:
    """Read back what became of this phone's own packets, before it forgets them."""
    rows = queries.receipts_of(_phone(request), packet)
    return {"receipts": rows}
