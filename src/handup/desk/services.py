"""The import centre: a file is received and tried, then taken over by another person."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.desk import doubles
from handup.desk.importing import bank_book, books, intake
from handup.desk.importing.profiles import profile_of
from handup.desk.importing.taking import Taking
from handup.desk.models import ColumnMatch, ImportBatch, ImportPair
from handup.desk.rules.imports import ENDED, BatchState, Verdict
from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.ids import new_id
from handup.kernel.importing.profiles import Profile
from handup.kernel.importing.reading import Source, read_source
from handup.org import audit
from handup.org.classes import DataClass
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, may, require
from handup.org.scanning import require_clean
from handup.org.services import read_file, store_file
from handup.org.services.files import FileDamaged, sum_of_sealed
from handup.people.services.batches import BatchCheck
from handup.projects.models import Programme
from handup.projects.services import open_programme

TAKERS = {
    "intake": intake.take_over,
    "bank_book": bank_book.take_over,
    "books": books.take_over,
}
FAULTS_KEPT = 1000
TAKE_OVER = "desk.take_over"
COMPARED = frozenset(("intake",))
"""Takers whose persons are compared with everybody else; a bank's book names nobody."""
DRAFTED = frozenset(("books",))
"""Takers whose records wait for another person anyway."""


class ProgrammeNeeded(Refusal):
    """Choose the programme the records belong to."""


class ProgrammeUnknown(Refusal):
    """There is no programme {code}."""


class FileEmpty(Refusal):
    """The file is empty."""


class TablesNotAllowed(NotAllowed):
    """Your roles do not include what these tables need: {needed}."""


class ColumnUnknown(Refusal):
    """The profile has no column {column}."""


class Rollback(Exception):
    """Takes everything back that a trial did."""


def receive_import(
    *,
    acting_staff: StaffUser,
    name: str,
    content: bytes,
    profile_code: str,
    programme: Programme | None = None,
    id: UUID | None = None,
) -> ImportBatch:
    """Keep a file and try its import: every fault with its cell, every row's outcome counted.

    Nothing of it stays but the batch. Raises NotAllowed, UnknownProfile, ProgrammeNeeded,
    TablesNotAllowed, FileEmpty, FileTooLarge, NotAWorkbook, NoTableKnown.
    """
    require(acting_staff, "desk.import_file")
    profile = profile_of(profile_code)
    sha256 = sum_of_sealed(content)
    known = already_stored(ImportBatch, id, acting_staff, sha256=sha256, profile=profile_code)
    if known is not None:
        require(acting_staff, "desk.import_file", known)
        return known
    if not content:
        raise FileEmpty(field="file")
    if profile.needs_programme and programme is None:
        raise ProgrammeNeeded(field="programme")
    require_clean(content)
    source = read_source(content, name, matched(profile))
    _require_tables(acting_staff, profile, source)
    with transaction.atomic():
        batch = ImportBatch(
            id=id or new_id(),
            profile=profile.code,
            programme=programme,
            name=name.replace("\x00", "")[-200:],
            sha256=sha256,
            received_by=acting_staff,
        )
        require(acting_staff, "desk.import_file", batch)
        batch.save(force_insert=True)
        batch.file = store_file(
            acting_staff=acting_staff, owner=batch, name=name, content=content, klass=DataClass.S
        )
        _check(batch, acting_staff, profile, source)
        audit.record(acting_staff, "desk.receive_import", batch, {"faults": batch.fault_count})
    return batch


def check_import(*, acting_staff: StaffUser, batch: ImportBatch) -> ImportBatch:
    """Try a batch again, after columns were matched or missing records were made. One taken over
    or rejected, meanwhile too, comes back as it is."""
    require(acting_staff, "desk.import_file", batch)
    profile = profile_of(batch.profile)
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.state in ENDED:
            return batch
        source = _read(batch, profile)
        _require_tables(acting_staff, profile, source)
        _check(batch, acting_staff, profile, source)
        audit.record(acting_staff, "desk.check_import", batch, {"faults": batch.fault_count})
    return batch


def commit_import(
    *, acting_staff: StaffUser, batch: ImportBatch, why_alone: str = ""
) -> ImportBatch:
    """Take a checked batch over in one transaction; one taken over before comes back unchanged.

    Another person does it than who handed the file over, and than who decided about a record in
    use; entries for the books are drafts and wait for another person there. Raises NotAllowed,
    OutOfSight, TablesNotAllowed, BatchEnded, PairsWait, SamePerson, in an institution of one
    ReasonNeeded (`why_alone`), and Faults: then nothing was written. Cells of rows that joined a
    record which stays as it is are told by `faults_of`.
    """
    require(acting_staff, "desk.import_file", batch)
    profile = profile_of(batch.profile)
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.state == BatchState.TAKEN_OVER:
            return batch
        if batch.state == BatchState.REJECTED:
            raise doubles.BatchEnded
        if waiting := doubles.waiting(batch):
            raise doubles.PairsWait(count=len(waiting))
        if profile.taker not in DRAFTED:
            hands = {batch.received_by_id, *doubles.deciders(batch)}
            require_other_person(acting_staff, *hands, step=TAKE_OVER, reason=why_alone, obj=batch)
        source = _read(batch, profile)
        _require_tables(acting_staff, profile, source)
        taking = _take(batch, acting_staff, profile, source, doubles.same_rows(batch))
        faults = [*source.faults, *taking.faults]
        if faults:
            raise Faults(faults)
        batch.programme = taking.programme
        if profile.taker in COMPARED:
            doubles.keep(taking, batch, acting_staff)
        batch.counts, batch.state = taking.counts, BatchState.TAKEN_OVER.value
        batch.faults = json.dumps([asdict(cell) for cell in taking.left])
        batch.imported_by, batch.imported_at = acting_staff, timezone.now()
        batch.save()
        audit.record(acting_staff, "desk.commit_import", batch, {"new": counted(batch, "NEW")})
    return batch


def match_columns(
    *, acting_staff: StaffUser, profile_code: str, matches: Mapping[tuple[str, str], str]
) -> list[ColumnMatch]:
    """Remember which heading stands for which column, for every later file of the profile."""
    require(acting_staff, "desk.match_columns")
    profile = profile_of(profile_code)
    known = {(table.name, column.name) for table in profile.tables for column in table.columns}
    made = []
    with transaction.atomic():
        for (table, column), heading in matches.items():
            if (table, column) not in known:
                raise ColumnUnknown(column=f"{table}.{column}")
            row, _new = ColumnMatch.objects.update_or_create(
                profile=profile_code,
                table=table,
                column=column,
                defaults={"heading": heading.strip()[:200]},
            )
            audit.record(acting_staff, "desk.match_columns", row, {"column": column})
            made.append(row)
    return made


def matched(profile: Profile) -> Profile:
    """The profile with the headings that were matched to it by hand."""
    rows = ColumnMatch.objects.filter(profile=profile.code)
    return profile.matched({(row.table, row.column): row.heading for row in rows})


def faults_of(batch: ImportBatch) -> list[Fault]:
    """The faults of a batch, as far as they are kept; of one taken over, the cells that were left
    because the record they joined stays as it is."""
    return [Fault(**told) for told in json.loads(batch.faults or "[]")]


def counted(batch: ImportBatch, verdict: str) -> int:
    """How many rows of a batch have one outcome."""
    counts: Mapping[str, Mapping[str, int]] = batch.counts
    return sum(table.get(verdict, 0) for table in counts.values())


def programme_of(code: str, acting_staff: StaffUser) -> Programme | None:
    """The programme of that code, None for an empty one; one she may not see is not known to her.
    Raises ProgrammeUnknown.
    """
    if not code:
        return None
    found: Programme | None = Programme.objects.visible_to(acting_staff).filter(code=code).first()
    if found is None:
        raise ProgrammeUnknown(field="programme", code=code)
    return found


def _read(batch: ImportBatch, profile: Profile) -> Source:
    if batch.file is None:
        raise FileDamaged
    return read_source(read_file(batch.file), batch.name, matched(profile))


def _require_tables(staff: StaffUser, profile: Profile, source: Source) -> None:
    needed = {
        code
        for table in profile.tables
        if source.lines.get(table.name)
        for code in table.permissions
        if not may(staff, code)
    }
    if needed:
        raise TablesNotAllowed(needed=", ".join(sorted(needed)))


def _check(batch: ImportBatch, staff: StaffUser, profile: Profile, source: Source) -> None:
    """Import in a transaction that is taken back, and keep what it would have done."""
    taking: Taking | None = None
    check: BatchCheck | None = None
    pairs: list[ImportPair] = []
    try:
        with transaction.atomic():
            taking = _take(batch, staff, profile, source)
            if profile.taker in COMPARED and not (source.faults or taking.faults):
                check, pairs = doubles.look(taking)
            raise Rollback
    except Rollback:
        pass
    assert taking is not None
    for table, refused in source.refused.items():
        if refused:
            taking.count(table, Verdict.REFUSED, refused)
    faults = [*source.faults, *taking.faults]
    batch.counts = taking.counts
    batch.fault_count = len(faults)
    batch.faults = json.dumps([asdict(fault) for fault in faults[:FAULTS_KEPT]])
    batch.unknown = {table: list(names) for table, names in source.unknown.items() if names}
    if source.not_read:
        batch.unknown[""] = list(source.not_read)
    batch.without_key = check.without_key if check else 0
    state = BatchState.RECEIVED
    if not faults:
        doubles.keep_pairs(batch, pairs)
        state = doubles.state_of(batch, usable=check is None or check.usable)
    batch.state = state.value
    batch.save()


def _take(
    batch: ImportBatch,
    staff: StaffUser,
    profile: Profile,
    source: Source,
    same: Mapping[str, tuple[str, str]] | None = None,
) -> Taking:
    programme = batch.programme or _own_programme(profile, staff)
    taking = Taking(
        staff, profile, batch, programme, f"{profile.code}:{programme.code}", same=same or {}
    )
    taking.load()
    TAKERS[profile.taker](taking, source)
    return taking


def _own_programme(profile: Profile, staff: StaffUser) -> Programme:
    """The programme a profile brings with it, opened once."""
    own = profile.own["programme"]
    found: Programme | None = Programme.objects.filter(code=own["code"]).first()
    return found or open_programme(
        acting_staff=staff, code=own["code"], title=own["title"], currency=own["currency"]
    )
