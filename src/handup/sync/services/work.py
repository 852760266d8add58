"""What an officer's own phone recorded away from the office: each fact becomes the call of a
service that the web makes too.

A fact is told once under its device's id. What cannot be taken is kept with its reason and tried
again: nothing is refused for being late, and nothing that was told is lost.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from handup.kernel.chain import digest
from handup.kernel.crypto import BadPhone
from handup.kernel.errors import Faults, Refusal
from handup.kernel.ids import is_device_id
from handup.lending.models import EarlierRecord, Loan
from handup.lending.rules.codes import Source
from handup.lending.services.collecting import SheetOf
from handup.lending.services.sheet_lines import CollectedIn
from handup.lending.services.told_again import report_collection
from handup.org import audit
from handup.org.duties import ReasonNeeded
from handup.org.models import Device, StaffUser
from handup.org.permissions import require
from handup.people.models import Person
from handup.people.queries.merging import by_number
from handup.people.services.store import FaultsOfOne
from handup.surveys.models import Case, QuestionnaireVersion
from handup.surveys.rules.codes import Channel, SubmissionState
from handup.surveys.services import FormSubmissionIn, kept_sum, record_form_submission
from handup.sync.errors import (
    ComplaintStays,
    NotAWorkPhone,
    NotThatInterview,
    NotThatPerson,
    NotThatSession,
)
from handup.sync.models import GroupPhone, WorkFact, WorkState
from handup.sync.rules.bodies import has_nul, is_day, is_number
from handup.sync.rules.bodies import is_device_id as is_id_text
from handup.sync.rules.words import shown
from handup.sync.services import work_appraisals as appraisals
from handup.sync.services import work_contracts as contracts
from handup.sync.services import work_corrections as corrections
from handup.sync.services import work_dossiers as dossiers
from handup.sync.services import work_grievances as grievances
from handup.sync.services import work_loans as loans
from handup.sync.services import work_members as members
from handup.sync.services import work_months as months
from handup.sync.services import work_needs as needs
from handup.sync.services import work_people as people
from handup.sync.services import work_places as places
from handup.sync.services import work_plans as plans
from handup.sync.services import work_points as points
from handup.sync.services import work_prices as prices
from handup.sync.services import work_rules as rules
from handup.sync.services import work_scores as scores
from handup.sync.services import work_tests as tests
from handup.sync.services.work_told import Handler, WorkTold, is_word
from handup.training.models import Enrolment, Session
from handup.training.rules.attendance import Mark, Method
from handup.training.services.attendance import record_attendance

log = logging.getLogger(__name__)
MOST = 50
CLOCK_MOST = timedelta(hours=24)
REASON_MAX = 300
XML_MOST = 500_000
REFUSED = "REFUSED"
STORED = frozenset({WorkState.DONE, WorkState.HANDED_ON})
"""What cannot be read at all: the phone keeps it."""


@dataclass(frozen=True, slots=True)
class WorkAnswer:
    """What became of one fact; `id` as it was sent. `sha256`: of an interview's answers as they are
    stored, the proof that they are; empty of any other fact and while they are not."""

    id: str
    state: str
    reason: str = ""
    sha256: str = ""


def receive_work(
    facts: Sequence[Mapping[str, Any]],
    *,
    acting_staff: StaffUser,
    device: Device,
    sent_at: datetime | None = None,
) -> list[WorkAnswer]:
    """Take what an officer's phone recorded, each fact for itself, in their order.

    facts: `id` (UUIDv7 of the device), `name`, `happened_date`, `recorded_at` (with offset), `body`
    (`HANDLERS`). The same fact again changes nothing. Answers DONE, HANDED_ON (a second person
    decides), WAITING (kept, with the reason, and tried again) or REFUSED (cannot be read, or its id
    says something else already). `sent_at` is what the clock of the phone says now. Raises
    NotAllowed, NotAWorkPhone.
    """
    require(acting_staff, "sync.carry_work")
    if GroupPhone.objects.filter(device=device).exists():
        raise NotAWorkPhone
    clock_off = sent_at is not None and abs(timezone.now() - sent_at) > CLOCK_MOST
    return [
        _proved(told, _receive(told, acting_staff, device, clock_off=clock_off))
        for told in facts[:MOST]
    ]


def _proved(raw: Mapping[str, Any], answer: WorkAnswer) -> WorkAnswer:
    """The answer with the proof that an interview is stored, worked out from what is."""
    if answer.state not in STORED or raw.get("name") != "record_interview":
        return answer
    body = raw["body"]
    return replace(answer, sha256=kept_sum(UUID(body["case"]), body["xml"].encode()))


def keep_work(facts: Sequence[Mapping[str, Any]], *, device: Device) -> list[WorkAnswer]:
    """Keep what a phone that is out of use still had; the same fact again changes nothing.

    Nothing is made of it by itself, for whoever found the phone may have written it: it waits until
    a second person has looked and takes it or leaves it out. facts as for `receive_work`. Raises
    NotAWorkPhone.
    """
    if GroupPhone.objects.filter(device=device).exists():
        raise NotAWorkPhone
    return [
        _proved(told, _receive(told, device.staff, device, clock_off=False, last=True))
        for told in facts
    ]


def _receive(
    raw: Mapping[str, Any],
    staff: StaffUser,
    device: Device,
    *,
    clock_off: bool,
    last: bool = False,
) -> WorkAnswer:
    """Keep a fact and, unless it is the `last` of a phone out of use, make of it what it says."""
    told, hashed = read_work(raw), _hash_of(raw)
    if told is None or not hashed:
        return WorkAnswer(shown(raw.get("id", ""))[:36], REFUSED, "BAD_CONTENT")
    first = {
        "device": device,
        "staff": staff,
        "office_id": staff.home_office_id if last else None,
        "name": told.name,
        "happened_date": told.happened_date,
        "told_at": told.recorded_at,
        # Beside what was told: whoever takes it again knows as much of the clock as now.
        "told": json.dumps({**raw, "clock_off": clock_off}),
        "digest": hashed,
        "state": WorkState.WAITING,
        "reason": str(_("Its phone was out of use: look before you take it.")) if last else "",
        "replaces": told.body.get("replaces"),
    }
    with transaction.atomic():
        # What was told stands before anything is made of it; the same at once waits here.
        WorkFact.objects.get_or_create(pk=told.id, defaults=first)
        row = _locked(told.id)
        if row.digest != hashed:
            return WorkAnswer(str(told.id), REFUSED, "SAME_ID_OTHER_CONTENT")
        if last or row.state != WorkState.WAITING:
            return WorkAnswer(str(told.id), row.state, row.reason)
        people.put_aside(row)
        return _settle(row, replace(told, clock_off=clock_off or _was_off(row)), staff)


def _was_off(row: WorkFact) -> bool:
    """Whether the clock of the phone was off when it told this first."""
    return json.loads(row.told).get("clock_off") is True


def _locked(id: UUID) -> WorkFact:
    """A fact as it stands now, held until the transaction ends."""
    rows = WorkFact.objects.select_for_update(of=("self",)).select_related("staff", "device")
    return rows.get(pk=id)


def _hash_of(raw: Mapping[str, Any]) -> str:
    """The hash of what was sent; nothing of what no chain or database keeps."""
    try:
        return "" if has_nul(raw) else digest(dict(raw))
    except (TypeError, ValueError, RecursionError):
        return ""


def _settle(row: WorkFact, told: WorkTold, staff: StaffUser, *, asks: bool = False) -> WorkAnswer:
    """Make the call; what it refuses waits with what it said. asks: somebody is there to write why
    one person does several steps. Raises ReasonNeeded then."""
    try:
        with transaction.atomic():
            row.reason = ""  # what a second person decides may say why
            row.state = HANDLERS[told.name](told, staff, row)
            row.settled_at = timezone.now()
            row.save()
            WorkFact.objects.filter(pk=row.pk).update(told="")
            audit.record(staff, "sync.receive_work", row, {"name": told.name})
    except Refusal as refusal:
        if asks and isinstance(refusal, ReasonNeeded):
            raise
        row.state, row.reason = WorkState.WAITING, _said(refusal)[:REASON_MAX]
    except Exception as fault:  # one fact this server fails at keeps no other out
        log.exception("a fact of a phone was kept: %s", type(fault).__name__)
        row.state, row.reason = WorkState.WAITING, "SERVER_FAULT"
    if row.state == WorkState.WAITING:
        row.settled_at = None
        row.save()
    else:
        row.told = ""
    return WorkAnswer(str(row.pk), row.state, row.reason)


def _said(refusal: Refusal) -> str:
    """Why a fact waits: of several faults each in its words, for their number mends nothing."""
    if isinstance(refusal, FaultsOfOne):
        return " ".join(dict.fromkeys(map(_unnumbered, refusal.refusals)))
    if isinstance(refusal, Faults):
        return " ".join(dict.fromkeys(fault.message for fault in refusal.faults))
    return _unnumbered(refusal)


def _unnumbered(refusal: Refusal) -> str:
    """Its words without the telephone that was told: that lies sealed, and the reason does not."""
    return str(BadPhone(text="…")) if isinstance(refusal, BadPhone) else str(refusal)


def take_work_again(*, acting_staff: StaffUser, fact: WorkFact) -> WorkFact:
    """Try a fact that waits once more, in the name of who recorded it. Where it waits for the
    reason why one person does several steps, the door tells it. Raises NotAllowed, ReasonNeeded."""
    require(acting_staff, "sync.decide_work", fact)
    with transaction.atomic():
        row = _locked(fact.pk)
        if row.state == WorkState.WAITING and (told := read_work(json.loads(row.told))) is not None:
            looked = acting_staff.pk != row.staff_id
            if row.name in SEEN:
                looked = looked and SEEN[row.name](told.body, acting_staff)
            seen = replace(told, clock_off=_was_off(row), is_looked_at=looked)
            _settle(row, seen, row.staff, asks=True)
    return row


def leave_work_out(*, acting_staff: StaffUser, fact: WorkFact, reason: str) -> WorkFact:
    """Say that a fact that waits is not taken, and why; what was told is kept, until whoever
    answered asks for it to go. A registration makes nobody known whom it could be kept for: what it
    told goes at once. A complaint is left out by nobody: who decides here may be complained of.
    Raises NotAllowed, ComplaintStays."""
    require(acting_staff, "sync.decide_work", fact)
    with transaction.atomic():
        row = WorkFact.objects.select_for_update().get(pk=fact.pk)
        if row.state == WorkState.WAITING and row.name == grievances.NAME:
            raise ComplaintStays
        if row.state == WorkState.WAITING:
            row.state, row.settled_at = WorkState.LEFT_OUT, timezone.now()
            row.reason = reason.strip()[:REASON_MAX]
            row.told = "" if row.name == people.REGISTERS else row.told
            row.save(update_fields=("state", "settled_at", "reason", "told"))
            audit.record(acting_staff, "sync.leave_work_out", row)
    return row


def read_work(raw: Mapping[str, Any]) -> WorkTold | None:
    """A fact that can be read; None of one that is nothing this door knows."""
    try:
        id, name, body = UUID(raw["id"]), raw["name"], raw["body"]
        at = datetime.fromisoformat(raw["recorded_at"])
        day = date.fromisoformat(raw["happened_date"])
        at.astimezone(UTC)  # an instant outside the calendar lies in no database
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    fits = (
        isinstance(name, str)
        and name in HANDLERS
        and isinstance(body, Mapping)
        and at.tzinfo is not None
    )
    if not fits or not is_device_id(id) or not READABLE[name](body):
        return None
    return WorkTold(id, name, day, at, body)


def _is_attendance(body: Mapping[str, Any]) -> bool:
    who = is_id_text(body.get("enrolment")) or is_word(body.get("person_no"), most=40)
    return (
        is_id_text(body.get("session"))
        and who
        and body.get("mark") in list(Mark)
        and is_number(body.get("minutes", 0), most=24 * 60)
    )


def _is_collection(body: Mapping[str, Any]) -> bool:
    lines = body.get("lines")
    return (
        is_day(body.get("data_date"))
        and is_number(body.get("counted_units"))
        and isinstance(lines, list)
        and 0 < len(lines) <= 500
        and all(_is_line(line) for line in lines)
    )


def _is_line(line: object) -> bool:
    return (
        isinstance(line, Mapping)
        and is_id_text(line.get("loan"))
        and is_number(line.get("units", 0))
        and isinstance(line.get("absent", False), bool)
    )


def _is_interview(body: Mapping[str, Any]) -> bool:
    xml = body.get("xml")
    return (
        is_id_text(body.get("case"))
        and is_id_text(body.get("version"))
        and isinstance(xml, str)
        and 0 < len(xml) <= XML_MOST
    )


def _attend(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Somebody came to a session, or did not: from the list, or by her card."""
    body = told.body
    sessions = Session.objects.reached_with(staff, "training.record_attendance")
    session = sessions.select_related("cohort").filter(pk=body["session"]).first()
    if session is None:
        raise NotThatSession
    enrolment, person = None, None
    if "enrolment" in body:
        rows = Enrolment.objects.visible_to(staff).filter(cohort=session.cohort)
        enrolment = rows.filter(pk=body["enrolment"]).first()
    else:
        person = by_number(Person.objects.visible_to(staff), body["person_no"])
    if enrolment is None and person is None:
        raise NotThatPerson
    row.office_id = session.cohort.office_id
    record_attendance(
        acting_staff=staff,
        session=session,
        enrolment=enrolment,
        person=person,
        minutes=body.get("minutes", 0),
        mark=Mark(body["mark"]),
        method=Method.SCAN if person is not None else Method.ROSTER,
        recorded_at=told.recorded_at,
        id=told.id,
    )
    return WorkState.DONE


def _collect(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Money collected on a sheet and counted. What looks recorded already waits in `lending` for a
    second person; a sheet is compared there, however old it is."""
    lines = [
        CollectedIn(UUID(line["loan"]), line.get("units", 0), line.get("absent", False))
        for line in told.body["lines"]
    ]
    first = Loan.objects.filter(pk=told.body["lines"][0]["loan"])
    row.office_id = first.values_list("office_id", flat=True).first()
    made = report_collection(
        acting_staff=staff,
        held_date=told.happened_date,
        counted_units=told.body["counted_units"],
        lines=lines,
        data_date=date.fromisoformat(told.body["data_date"]),
        compared=True,
        sheet=SheetOf(officer=staff),
        source=Source.DEVICE,
        id=told.id,
    )
    return WorkState.HANDED_ON if isinstance(made, EarlierRecord) else WorkState.DONE


def _interview(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Answers to a questionnaire, judged again here; what is held or conflicts waits in `surveys`
    for a second person."""
    cases = Case.objects.visible_to(staff).select_related(
        "round__programme", "round__questionnaire"
    )
    case = cases.filter(pk=told.body["case"]).first()
    version = QuestionnaireVersion.objects.filter(pk=told.body["version"]).first()
    if case is None or version is None:
        raise NotThatInterview
    row.office_id = case.office_id
    made = record_form_submission(
        acting_staff=staff,
        submission=FormSubmissionIn(
            case=case,
            version=version,
            body=told.body["xml"].encode(),
            channel=Channel.APP,
            device=str(row.device_id),
            clock_off=told.clock_off,
        ),
    )
    held = made.state in {SubmissionState.HELD, SubmissionState.CONFLICT}
    return WorkState.HANDED_ON if held else WorkState.DONE


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "record_attendance": _attend,
        "record_collection": _collect,
        "record_interview": _interview,
        "register_person": people.register,
        "register_household": people.register_home,
        "record_visit": people.visit,
        "miss_visit": people.miss,
        "record_price": prices.ask,
        contracts.NAME: contracts.deliver,
        needs.NAME: needs.record,
        scores.NAME: scores.fill,
        dossiers.NAME: dossiers.share,
        rules.NAME: rules.adopt,
        members.NAME: members.join,
        corrections.NAME: corrections.correct,
        places.NAME: places.record,
        loans.NAME: loans.ask,
        grievances.NAME: grievances.say,
        plans.NAME: plans.write,
        tests.NAME: tests.sit,
        appraisals.NAME: appraisals.appraise,
        months.NAME: months.tell,
        "record_delivery": points.deliver,
        "record_gate": points.arrive,
        "take_back_delivery": points.take_back,
    }
)
"""From the name of a fact to the service it becomes."""
READABLE: Mapping[str, Callable[[Mapping[str, Any]], bool]] = MappingProxyType(
    {
        "record_attendance": _is_attendance,
        "record_collection": _is_collection,
        "record_interview": _is_interview,
        "register_person": people.is_person,
        "register_household": people.is_household,
        "record_visit": people.is_visit,
        "miss_visit": people.is_missed,
        "record_price": prices.is_price,
        contracts.NAME: contracts.is_delivery,
        needs.NAME: needs.is_needs,
        scores.NAME: scores.is_filled,
        dossiers.NAME: dossiers.is_shared,
        rules.NAME: rules.is_voted,
        members.NAME: members.is_joining,
        corrections.NAME: corrections.is_correction,
        places.NAME: places.is_place,
        loans.NAME: loans.is_small_loan,
        grievances.NAME: grievances.is_grievance,
        plans.NAME: plans.is_plan,
        tests.NAME: tests.is_sitting,
        appraisals.NAME: appraisals.is_appraisal,
        months.NAME: months.is_month,
        "record_delivery": points.is_delivery,
        "record_gate": points.is_gate,
        "take_back_delivery": points.is_back,
    }
)
"""Whether the body of a fact says what it must."""
SEEN: Mapping[str, Callable[[Mapping[str, Any], StaffUser], bool]] = MappingProxyType(
    {corrections.NAME: corrections.is_seen, contracts.NAME: contracts.is_seen}
)
"""Of which facts another person sees what was told before she takes it: whether she may."""
