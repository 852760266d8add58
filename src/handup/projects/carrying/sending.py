"""The sending house: pack a programme for its successor, and mark it moved when the other house
proved equal totals.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from handup.kernel.crypto import is_signed
from handup.kernel.errors import Refusal
from handup.org import audit, reads
from handup.org.duties import require_other_person
from handup.org.models import StaffUser, StoredFile
from handup.org.permissions import require
from handup.org.services.files import read_file
from handup.projects import handover as lists
from handup.projects.carrying.gather import Table, chunks, declared, gather, tied
from handup.projects.carrying.package import (
    Opening,
    Writer,
    canonical,
    fields_of,
    new_opening,
    plain,
    totals_told,
)
from handup.projects.carrying.totals import totals
from handup.projects.models import Handover, TransferBatch, TransferStay
from handup.projects.movers import Change, Going, Own
from handup.projects.rules.handover import (
    HandoverState,
    StayReason,
    Total,
    TransferState,
    differences,
)
from handup.projects.services.memoranda import agreements, require_agreed_by_another
from handup.projects.services.store import change

READY = (HandoverState.SUPERVISED, HandoverState.INDEPENDENT)
Stays = dict[StayReason, frozenset[UUID]]


class NotYetHandedOver(Refusal):
    """Records are handed over once the successor decides: supervised or independent."""


class NobodyGoes(Refusal):
    """Nobody of this programme has agreed to be handed over to {successor}."""


class PlaceTaken(Refusal):
    """{place} is there already. Name a file that is not."""


class ReceiptUnreadable(Refusal):
    """This is no receipt of a hand-over."""


class ReceiptNotSigned(Refusal):
    """The receipt was not signed by the house whose public key you gave."""


class ReceiptOfAnother(Refusal):
    """The receipt is for another package."""


class MovedAlready(Refusal):
    """This package was proven already, on {moved}."""


class PackedChanged(Refusal):
    """What was packed has changed in this house since; nothing is moved. Pack it again. {told}"""


class NoAgreementInForce(Refusal):
    """No agreement on a hand-over with {successor} whose paper is final is in force on {day}.
    Record what was signed on the page of the programme first."""


class PackedForAnother(Refusal):
    """This package was made for {successor}, not for the successor the hand-over names now. Pack it
    again."""


class PackedForNobody(Refusal):
    """This package does not say for whom it was made. Pack it again."""


class TotalsDiffer(Refusal):
    """The control totals differ; nothing is moved. {told}"""


def shapes() -> dict[str, str]:
    """The columns of each table as one sum: both houses must hold the same tables."""
    found: dict[str, str] = {}
    for model in declared(lists.movers).tables:
        told = [f"{field.attname} {field.get_internal_type()}" for field in fields_of(model)]
        found[model._meta.label] = hashlib.sha256("; ".join(told).encode()).hexdigest()[:16]
    return found


def pack_transfer(
    *,
    acting_staff: StaffUser,
    handover: Handover,
    on: date,
    path: Path,
    opening: Opening | None = None,
) -> tuple[TransferBatch, Opening]:
    """Pack everything of the programme for its successor, as of now, and list who stays.

    Only whoever agreed to this successor goes; restricted cases never do. Nothing changes in this
    house but the record of the batch. opening: a new one that was put down already. Returns the
    batch and what opens the package, which is kept nowhere here. Raises NotYetHandedOver,
    MovedAlready, NoAgreementInForce, SamePerson as recorded it, NobodyGoes, PlaceTaken and what a
    domain refuses.
    """
    require(acting_staff, "projects.pack_transfer", handover)
    if HandoverState(handover.state) not in READY or handover.successor is None:
        raise NotYetHandedOver
    _refuse_moved(handover)
    _refuse_unsigned(handover, on)
    require_agreed_by_another(acting_staff, handover.programme_id, handover.successor.pk, on=on)
    if path.exists():
        raise PlaceTaken(place=path)
    said = lists.answers(handover.programme, handover.successor, on=on)
    if not said.going:
        raise NobodyGoes(successor=handover.successor)
    opening = opening or new_opening()
    batch = TransferBatch(
        handover=handover,
        successor=handover.successor,
        packed_date=on,
        prepared_by=acting_staff,
    )
    reads.write_entry(
        staff=acting_staff,
        door="COMMAND",
        action="EXPORT",
        persons=sorted(said.going),
        highest="S",
        purpose=f"hand-over {batch.pk}",
    )
    writer = Writer(path, opening)
    try:
        with transaction.atomic():
            stays = _pack(writer, batch, said)
            batch.save(force_insert=True)
            _note(acting_staff, batch, stays)
            writer.put()
    except BaseException:
        writer.give_up()
        raise
    return batch, opening


def _pack(writer: Writer, batch: TransferBatch, said: lists.Answers) -> Stays:
    """Write everything that goes, tell the batch what it is, and return of whom all or something
    stays, and why.
    """
    going = gather(lists.movers, batch.handover.programme, said.going)
    stays: Stays = {
        StayReason.REFUSED: said.refused,
        StayReason.NOT_ASKED: said.not_asked,
        StayReason.TIED: tied(lists.movers, going, said.going, said.refused | said.not_asked),
    }
    counted = totals(lists.movers, going.rows)
    _write_tables(writer, going)
    _write_files(writer, going)
    batch.parts, batch.totals = len(writer.parts), totals_told(counted)
    batch.going = next((one.count for one in counted if one.name == "people.Person"), 0)
    batch.staying = len(said.refused) + len(said.not_asked)
    batch.sha256 = writer.close(_manifest(batch.handover, batch, counted))
    return stays


def _note(staff: StaffUser, batch: TransferBatch, stays: Stays) -> None:
    """Keep who stays, and tell the trail."""
    TransferStay.objects.bulk_create(
        TransferStay(batch=batch, person_id=person, reason=reason.value)
        for reason, persons in stays.items()
        for person in sorted(persons)
    )
    audit.record(
        staff,
        "projects.pack_transfer",
        batch,
        {"going": batch.going, "staying": batch.staying, "sha256": batch.sha256},
    )


def _manifest(handover: Handover, batch: TransferBatch, counted: list[Total]) -> dict[str, Any]:
    programme = handover.programme
    return {
        "programme": programme.code,
        "title": programme.title,
        "batch": str(batch.pk),
        "successor": str(handover.successor),
        "packed": batch.packed_date.isoformat(),
        "made": timezone.now().isoformat(),
        "shapes": shapes(),
        "going": batch.going,
        "staying": batch.staying,
        "totals": totals_told(counted),
    }


def changes() -> dict[Table, Change]:
    """What a row of a table is changed to: before it leaves, and again where it arrives."""
    return {apps.get_model(m): how for one in lists.movers for m, how in one.change.items()}


def _own() -> dict[Table, Own]:
    """What of a row of the whole house goes, by table: only what is the programme's."""
    return {apps.get_model(m): how for one in lists.movers for m, how in one.own.items()}


def _write_tables(writer: Writer, going: Going) -> None:
    change_of, own_of = changes(), _own()
    told = declared(lists.movers)
    for model in dict.fromkeys(told.tables):
        ids = going.of(model)
        if not ids:
            continue
        label = model._meta.label
        lines = [
            json.dumps(row, ensure_ascii=False, separators=(",", ":"))
            for row in _rows(model, ids, going, change_of.get(model), own_of.get(model))
        ]
        names = [field.attname for field in fields_of(model)]
        writer.add(
            f"tables/{label}.jsonl", "\n".join(lines), table=label, fields=names, rows=len(lines)
        )


def _rows(
    model: Table,
    ids: set[Any],
    going: Going,
    change_row: Change | None,
    own: Own | None,
) -> Iterator[list[Any]]:
    """The rows of a table; what points to a record that stays points nowhere."""
    fields = fields_of(model)
    for part in chunks(ids):
        held = model._base_manager.in_bulk(part)
        for pk in part:
            row = held[pk]
            values = {field.attname: _value(row, field, going) for field in fields}
            if own is not None:
                values = own(going, values)
            if change_row is not None:
                values = change_row(values)
            yield [plain(value) for value in values.values()]


def _value(row: Model, field: Any, going: Going) -> Any:
    value = getattr(row, field.attname)
    if field.is_relation and value is not None and field.null:
        return value if value in going.of(field.related_model) else None
    return value


def _write_files(writer: Writer, going: Going) -> None:
    for part in chunks(going.of(StoredFile)):
        for row in StoredFile.objects.in_bulk(part).values():
            content = read_file(row)
            writer.add(f"files/{row.pk}", content.hex(), file=str(row.pk))


def _refuse_unsigned(handover: Handover, on: date) -> None:
    """Refuse to hand records to somebody without an agreement in force (protection.md R2)."""
    successor = handover.successor_id
    if successor is None or not agreements(handover.programme_id, successor, on=on):
        raise NoAgreementInForce(successor=handover.successor, day=on)


def _refuse_moved(handover: Handover) -> None:
    moved = handover.batches.filter(state=TransferState.MOVED.value).first()
    if moved is not None:
        raise MovedAlready(moved=moved.moved_date)


def _hold(handover: Handover) -> None:
    """Lock what may go before it is counted: whoever writes to it meanwhile has been counted, or
    finds it moved.
    """
    for hold in (one for mover in lists.movers for one in mover.hold):
        hold(handover.programme)
    for hold in (one for mover in lists.movers for one in mover.hold_last):
        hold(handover.programme)


def _refuse_changed(handover: Handover, batch: TransferBatch, on: date) -> Going:
    """Count again what goes: a payment taken, or a consent withdrawn, since it was packed would be
    in one house only. Registers of the whole house, as exchange rates, may have grown. The
    agreement must have been in force when it was packed: it may end while the package is proven.
    """
    if HandoverState(handover.state) not in READY or handover.successor is None:
        raise NotYetHandedOver
    if batch.successor_id is None:
        raise PackedForNobody
    if batch.successor_id != handover.successor_id:
        raise PackedForAnother(successor=batch.successor)
    _refuse_unsigned(handover, batch.packed_date)
    said = lists.answers(handover.programme, handover.successor, on=on)
    going = gather(lists.movers, handover.programme, said.going)
    grown = {label for mover in lists.movers for label in (*mover.every, *mover.coded)}
    packed = [Total(*one) for one in batch.totals if one[0].split(" ")[0] not in grown]
    today = [one for one in totals(lists.movers, going.rows) if one.name.split(" ")[0] not in grown]
    if found := differences(packed, today):
        raise PackedChanged(told="; ".join(found[:20]))
    return going


def confirm_transfer(
    *, acting_staff: StaffUser, batch: TransferBatch, receipt: str, receiver: str, on: date
) -> TransferBatch:
    """Take the successor's receipt: its totals equal ours, or nothing is moved. From then on the
    books that went take no money here.

    receiver: the public key of the house that signed it. Raises ReceiptUnreadable,
    ReceiptNotSigned, ReceiptOfAnother, SamePerson as packed it, MovedAlready (this package or
    another of the hand-over), NotYetHandedOver, PackedForAnother, PackedForNobody,
    TotalsDiffer and PackedChanged with both sides.
    """
    require(acting_staff, "projects.confirm_transfer", batch)
    try:
        told = json.loads(receipt)
        body, signature = dict(told["receipt"]), str(told["signature"])
        theirs = [Total(*one) for one in body["totals"]]
    except (ValueError, KeyError, TypeError) as fault:
        raise ReceiptUnreadable(field="receipt") from fault
    if not is_signed(receiver, canonical(body), signature):
        raise ReceiptNotSigned(field="receiver")
    if body.get("batch") != str(batch.pk) or body.get("sha256") != batch.sha256:
        raise ReceiptOfAnother(field="receipt")
    with transaction.atomic():
        row = Handover.objects.select_for_update().get(pk=batch.handover_id)
        batch = TransferBatch.objects.select_for_update().get(pk=batch.pk)
        _refuse_moved(row)
        require_other_person(
            acting_staff, batch.prepared_by_id, step="projects.confirm_transfer", obj=batch
        )
        if found := differences([Total(*one) for one in batch.totals], theirs):
            raise TotalsDiffer(told="; ".join(found))
        _hold(row)
        going = _refuse_changed(row, batch, on)
        change(
            acting_staff,
            "projects.confirm_transfer",
            batch,
            state=TransferState.MOVED.value,
            receipt=told,
            receiver=receiver,
            moved_date=on,
            confirmed_by=acting_staff,
        )
        for mover in lists.movers:
            for end in mover.moved:
                end(acting_staff, going)
    return batch
