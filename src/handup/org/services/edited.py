"""Load an edited list, take what of it is right, end the review (rulings 35).

Loading writes nothing but the differences. Each change that is taken goes through the one service
of its domain, with its permission and its line in the trail; a record that was changed in the house
meanwhile is not overwritten.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Fault, Refusal
from handup.org import audit, editing
from handup.org.devices import already_stored
from handup.org.editing import EditableList
from handup.org.models import CellState, EditedCell, EditedList, House, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight, require
from handup.org.scanning import require_clean
from handup.org.services.files import sum_of_sealed

LOAD = "org.load_edited_list"
FAULTS_KEPT = 500


class FileMissing(Refusal):
    """Choose the file."""


class ReviewEnded(Refusal):
    """This review has ended. Load the list again."""


class ChangedMeanwhile(Refusal):
    """It was changed here after the list was taken out. Nothing was overwritten."""


class OutOfReach(Refusal):
    """You may not change this record."""


@dataclass(slots=True)
class Taking:
    """What became of the cells that were to be taken."""

    taken: list[EditedCell] = field(default_factory=list)
    refused: list[EditedCell] = field(default_factory=list)


def receive_edited_list(
    *, acting_staff: StaffUser, code: str, name: str, content: bytes, id: UUID | None = None
) -> EditedList:
    """Compare a loaded workbook with what it was made from and keep the cells that differ; nothing
    else is written. The same file again, while its review lasts, comes back as it is; a file that
    differs in nothing is ended at once.

    Raises NotAllowed, ListUnknown, FileMissing, NotAWorkbook, FileTooLarge, TooManyRows,
    EmptyTable, TooManyChanges.
    """
    require(acting_staff, LOAD)
    of = editing.list_for(acting_staff, code)
    if not content:
        raise FileMissing(field="file")
    sha256 = sum_of_sealed(content)
    known = already_stored(
        EditedList, id, acting_staff, code=code, sha256=sha256, received_by=acting_staff
    )
    if known is None:
        open_ones = EditedList.objects.filter(received_by=acting_staff, ended_at=None)
        known = open_ones.filter(code=code, sha256=sha256).first()
    if known is not None:
        return known
    require_clean(content)
    found = editing.differences(of, acting_staff, content)
    with transaction.atomic():
        edited = EditedList(
            code=code,
            name=name.replace("\x00", "")[-200:],
            sha256=sha256,
            received_by=acting_staff,
            fault_count=len(found.faults),
            faults=json.dumps([asdict(fault) for fault in found.faults[:FAULTS_KEPT]]),
            ended_at=None if found.changes else timezone.now(),
            **({"id": id} if id else {}),
        )
        edited.save(force_insert=True)
        cells = [EditedCell(edited=edited, **asdict(change)) for change in found.changes]
        EditedCell.objects.bulk_create(cells)
        told: audit.Facts = {"list": code, "changes": len(cells), "faults": len(found.faults)}
        audit.record(acting_staff, "org.receive_edited_list", edited, told)
    return edited


def faults_of(edited: EditedList) -> list[Fault]:
    """What of the file could not be read, with its cell."""
    return [Fault(**told) for told in json.loads(edited.faults or "[]")]


def take_edited_cells(
    *, acting_staff: StaffUser, edited: EditedList, cells: Collection[UUID]
) -> Taking:
    """Take changed cells over, each record in one call of its domain's service; a record that is
    refused leaves the others as they are. Cells taken before change nothing.

    Raises NotAllowed, ListUnknown, ReviewEnded. What is refused comes back with its reason:
    ChangedMeanwhile, OutOfReach, and what the domain's service says.
    """
    require(acting_staff, LOAD)
    of = editing.list_for(acting_staff, edited.code)
    taking = Taking()
    with transaction.atomic():
        edited = EditedList.objects.select_for_update().get(pk=edited.pk)
        if edited.ended_at is not None:
            raise ReviewEnded
        asked = edited.cells.filter(pk__in=list(cells)).exclude(state=CellState.TAKEN)
        by_record: dict[UUID, list[EditedCell]] = defaultdict(list)
        for cell in asked:
            by_record[cell.record].append(cell)
        for record, told in by_record.items():
            _take(of, acting_staff, record, told, taking)
        edited.taken_count += len(taking.taken)
        edited.refused_count = edited.cells.filter(state=CellState.REFUSED).count()
        edited.save()
        counts: audit.Facts = {"taken": len(taking.taken), "refused": len(taking.refused)}
        audit.record(acting_staff, "org.take_edited_cells", edited, counts)
    return taking


def _take(
    of: EditableList,
    staff: StaffUser,
    record_id: UUID,
    cells: Sequence[EditedCell],
    taking: Taking,
) -> None:
    """Take the cells of one record, all or none of those nobody changed meanwhile."""
    record = of.rows(staff).filter(pk=record_id).first()
    if record is not None:  # held until this is written, so that nobody changes it in between
        of.model._base_manager.select_for_update().filter(pk=record_id).first()
        record = of.rows(staff).get(pk=record_id)
    going: list[EditedCell] = []
    for cell in cells:
        now = None if record is None else of.column(cell.column).text_of(record)
        if now is None:
            _refused(cell, OutOfReach(), taking)
        elif now not in (cell.was, cell.wanted):
            _refused(cell, ChangedMeanwhile(), taking)
        else:
            going.append(cell)
    if record is None or not going:
        return
    try:
        with transaction.atomic():
            of.change(staff, record, {cell.column: cell.wanted for cell in going})
    except (NotAllowed, OutOfSight):
        for cell in going:
            _refused(cell, OutOfReach(), taking)
    except Refusal as refusal:
        for cell in going:
            _refused(cell, refusal, taking)
    else:
        for cell in going:
            cell.state, cell.reason = CellState.TAKEN.value, ""
            cell.save()
        taking.taken += going


def _refused(cell: EditedCell, refusal: Refusal, taking: Taking) -> None:
    cell.state, cell.reason = CellState.REFUSED.value, refusal.said()[:500]
    cell.save()
    taking.refused.append(cell)


def end_edited_list(*, acting_staff: StaffUser, edited: EditedList) -> EditedList:
    """End the review: what was not taken is forgotten, the counts stay. Again changes nothing."""
    require(acting_staff, LOAD)
    with transaction.atomic():
        edited = EditedList.objects.select_for_update().get(pk=edited.pk)
        if edited.ended_at is None:
            forget(edited)
            audit.record(acting_staff, "org.end_edited_list", edited)
    return edited


def forget(edited: EditedList) -> None:
    """Take what was read of the file away and end the review."""
    edited.cells.all().delete()
    edited.faults, edited.name, edited.ended_at = "", "–", timezone.now()
    edited.save()


def here_now(of: EditableList, record: House | None, cell: EditedCell) -> str | None:
    """What stands in the house now, where that is neither what the file was made from nor what it
    asks for: then it was changed here meanwhile. None where nothing came between.
    """
    if record is None or cell.state == CellState.TAKEN:
        return None
    now = of.column(cell.column).text_of(record)
    return None if now in (cell.was, cell.wanted) else now
