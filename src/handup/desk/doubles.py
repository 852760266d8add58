"""Who of a file may be registered twice: found while it is tried, decided by the adjudicator before
another person takes it over; or the file is rejected (people.md PE8, 5)."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from handup.desk.importing.taking import Taking
from handup.desk.models import ImportBatch, ImportKey, ImportPair
from handup.desk.rules.imports import ENDED, BatchState, RejectReason, joined
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.people.models import Alias, Match, Person
from handup.people.queries.duplicates import in_use
from handup.people.queries.match_models import model_in_use
from handup.people.queries.merging import current_id
from handup.people.queries.persons import hidden_from_all
from handup.people.rules.duplicates import MatchReason, MatchState, allowed
from handup.people.rules.matching.decide import Finding
from handup.people.services.batches import BatchCheck, Decided, doubles_of, keep_batch
from handup.people.services.days import DayToCome
from handup.people.services.duplicates import DecisionMissing, ReasonDoesNotFit

TABLE = "persons"


class PairsWait(Refusal):
    """{count} pairs of this file wait for the adjudicator: somebody may be registered twice."""


class BatchEnded(Refusal):
    """This file was taken over or rejected already."""


class PairGone(Refusal):
    """The file was checked again meanwhile; this row is not compared with that any more."""


class RejectReasonMissing(Refusal):
    """Say why the file is not taken over."""


def new_persons(taking: Taking) -> dict[UUID, str]:
    """The persons a run made, with their keys in the file."""
    made = taking.known.get(TABLE, {}).values()
    same = taking.same
    return {
        row.record: row.key for row in made
        if row.batch_id == taking.batch.pk and row.key not in same
    }  # fmt: skip


def look(taking: Taking) -> tuple[BatchCheck, list[ImportPair]]:
    """Compare whom a trial registered with each other and with everybody; inside the trial."""
    keys = new_persons(taking)
    check = doubles_of(list(keys), hidden=hidden_from_all())
    wanted = {UUID(side) for item in check.findings for side in (item.first, item.second)}
    rows = Person._base_manager.filter(pk__in=wanted & set(keys)).select_related("area")
    shown = {row.pk: told_of(row) for row in rows.prefetch_related("names", "documents")}
    version = model_in_use().version
    return check, [_pair(taking.batch, item, keys, shown, version) for item in check.findings]


def told_of(person: Person) -> dict[str, Any]:
    """What is shown of a row: texts and codes, secrets only as being there."""
    names = list(person.names.all())
    return {
        "first_name": " / ".join(dict.fromkeys(row.first_name for row in names)),
        "last_name": " / ".join(dict.fromkeys(row.last_name for row in names if row.last_name)),
        "father_name": person.father_name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "sex": person.sex,
        "phone": bool(person.phone_hash),
        "settlement": str(person.area or ""),
        "document": [paper.kind for paper in person.documents.all()],
    }


def _pair(
    batch: ImportBatch,
    item: Finding,
    keys: Mapping[UUID, str],
    shown: Mapping[UUID, Any],
    version: str,
) -> ImportPair:
    first, second = sorted((UUID(item.first), UUID(item.second)), key=lambda pk: pk not in keys)
    both = second in keys
    if both and keys[second] < keys[first]:
        first, second = second, first
    return ImportPair(
        batch=batch,
        key=keys[first],
        other_key=keys[second] if both else "",
        record=None if both else second,
        verdict=item.verdict.value,
        guard=item.guard.value,
        bits_milli=round(item.bits * 1000),
        chance_ppm=round(item.p * 1_000_000),
        parts=[
            {"field": part.field, "fitting": part.fitting.value, "milli": round(part.bits * 1000)}
            for part in item.parts
        ],
        model=version,
        shown=json.dumps([shown[first], shown[second] if both else None]),
    )


def keep_pairs(batch: ImportBatch, found: Iterable[ImportPair]) -> None:
    """Keep what a trial found: a pair decided before stays decided, one not found any more goes."""
    held = {(row.key, row.other_key, row.record): row for row in batch.pairs.all()}
    for pair in found:
        old = held.pop((pair.key, pair.other_key, pair.record), None)
        if old is not None:
            pair.pk, pair.state, pair.reason = old.pk, old.state, old.reason
            pair.decided_by_id, pair.decided_date = old.decided_by_id, old.decided_date
            pair.save(force_update=True)
        else:
            pair.id = new_id()
            pair.save(force_insert=True)
    ImportPair.objects.filter(pk__in=[row.pk for row in held.values()]).delete()


def seen_pairs(staff: StaffUser) -> QuerySet[ImportPair, ImportPair]:
    """Pairs of rows, and of a row with a record she may know of: of the others nothing is told."""
    seen = Person.objects.visible_to(staff).values("pk")
    former = Alias._base_manager.filter(person__in=seen).values("old")
    rows: QuerySet[ImportPair, ImportPair] = ImportPair.objects.visible_to(staff)
    return rows.filter(Q(record=None) | Q(record__in=seen) | Q(record__in=former))


def _hidden_now() -> set[UUID]:
    """Everybody who is hidden, by every id that stands for them."""
    hidden = hidden_from_all()
    former = Alias._base_manager.filter(person__in=hidden).values_list("old", flat=True)
    return {*hidden, *former}


def waiting(batch: ImportBatch) -> list[ImportPair]:
    """The pairs nobody decided yet; one with a record that is hidden, erased or joined another one
    since waits for nobody here."""
    rows = list(batch.pairs.filter(state=MatchState.OPEN.value))
    records = {row.record for row in rows if row.record} - _hidden_now()
    here = set(
        Person._base_manager.filter(pk__in=records, erased_date=None, merged_date=None)
        .values_list("pk", flat=True)
    )  # fmt: skip
    return [row for row in rows if row.record is None or row.record in here]


def state_of(batch: ImportBatch, *, usable: bool = True) -> BatchState:
    """Where a batch without faults stands."""
    if waiting(batch):
        return BatchState.ADJUDICATING
    return BatchState.CHECKED if usable else BatchState.VALIDATED


def decide_pair(
    *,
    acting_staff: StaffUser,
    pair: ImportPair,
    state: MatchState,
    reason: MatchReason,
    decided_date: date,
) -> ImportPair:
    """Say whether a row is somebody already there. Counts when the file is taken over by another
    person: a row told to be the same makes no new record; UNSURE is registered and waits in the
    queue. May be told anew until then.

    Raises OutOfSight where the record is not hers to know of, DecisionMissing, ReasonDoesNotFit,
    DayToCome, BatchEnded, PairGone.
    """
    require(acting_staff, "desk.decide_pair", pair)
    if not seen_pairs(acting_staff).filter(Q(pk=pair.pk)).exists():
        raise OutOfSight
    if state is MatchState.OPEN:
        raise DecisionMissing(field="state")
    if not allowed(state, reason):
        raise ReasonDoesNotFit(field="reason")
    if decided_date > timezone.localdate():
        raise DayToCome(field="decided_date", date=decided_date)
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=pair.batch_id)
        if batch.state in ENDED:
            raise BatchEnded
        held = ImportPair.objects.filter(pk=pair.pk).first()
        if held is None:
            raise PairGone
        pair = held
        pair.state, pair.reason = state.value, reason.value
        pair.decided_by, pair.decided_date = acting_staff, decided_date
        pair.save(update_fields=["state", "reason", "decided_by", "decided_date"])
        if batch.state == BatchState.ADJUDICATING:
            batch.state = state_of(batch).value
            batch.save(update_fields=["state"])
        facts: audit.Facts = {"as": state.value, "reason": reason.value}
        audit.record(acting_staff, "desk.decide_pair", pair, facts)
    return pair


def reject_import(
    *, acting_staff: StaffUser, batch: ImportBatch, reason: RejectReason
) -> ImportBatch:
    """Do not take a file over. What it held is kept for a while, then blanked.

    Raises BatchEnded.
    """
    require(acting_staff, "desk.import_file", batch)
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.state in ENDED:
            raise BatchEnded
        batch.state, batch.reject_reason = BatchState.REJECTED.value, reason.value
        batch.rejected_by, batch.rejected_at = acting_staff, timezone.now()
        batch.save()
        audit.record(acting_staff, "desk.reject_import", batch, {"reason": reason.value})
    return batch


def same_rows(batch: ImportBatch) -> Mapping[str, tuple[str, str]]:
    """Which rows were told to be another row or a record, for the take-over. A row that is somebody
    hidden since is registered like any other; that they are one is then found for her team alone.
    """
    rows = batch.pairs.filter(state=MatchState.SAME.value).exclude(record__in=_hidden_now())
    told = rows.values_list("key", "other_key", "record")
    return joined((key, other, str(record or "")) for key, other, record in told)


def deciders(batch: ImportBatch) -> set[UUID]:
    """Who decided about a record that money was booked for or that takes part: taking the file over
    is the second word on it, and another person's."""
    rows = batch.pairs.exclude(decided_by=None).exclude(record=None)
    rows = rows.exclude(record__in=_hidden_now())
    used = in_use([row.record for row in rows if row.record])
    return {row.decided_by_id for row in rows if row.record in used and row.decided_by_id}


def keep(taking: Taking, batch: ImportBatch, staff: StaffUser) -> None:
    """After a take-over: decisions become those of the register, newcomers are looked for, and what
    stood in the rows is blanked beside them."""
    known = taking.known.get(TABLE, {})
    decided = []
    for pair in batch.pairs.exclude(state=MatchState.OPEN.value):
        one, other = known.get(pair.key), known.get(pair.other_key)
        first = one.record if one else None
        second = _present(pair.record) if pair.record else (other.record if other else None)
        if pair.state != MatchState.SAME and first and second and first != second:
            decided.append(_decided(pair, first, second))
    keep_batch(acting_staff=staff, persons=list(new_persons(taking)), decided=decided)
    batch.pairs.update(shown="")


def _present(record: UUID) -> UUID | None:
    now = current_id(record)
    held = Person._base_manager.filter(pk=now, erased_date=None)
    return now if held.exists() else None


def _decided(pair: ImportPair, first: UUID, second: UUID) -> Decided:
    copied = ("verdict", "guard", "bits_milli", "chance_ppm", "parts", "model")
    return Decided(
        first,
        second,
        Match(**{name: getattr(pair, name) for name in copied}),
        MatchState(pair.state),
        MatchReason(pair.reason),
        pair.decided_by_id,
        pair.decided_date,
    )


def erase(person_id: UUID) -> None:
    """Forget with a person which rows of files were compared with her record, and which became
    hers."""
    ImportPair.objects.filter(record=person_id).delete()
    keys = ImportKey.objects.filter(record=person_id, table=TABLE)
    for batch, key in keys.values_list("batch_id", "key"):
        ImportPair.objects.filter(batch=batch, key=key).update(shown="")
        ImportPair.objects.filter(batch=batch, other_key=key).update(shown="")
