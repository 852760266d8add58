"""Take rows over through the services of the domains: batch by batch, every refusal at its cell."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from handup.desk.models import ImportBatch, ImportKey
from handup.desk.rules.imports import Verdict
from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.importing.profiles import Profile
from handup.kernel.importing.reading import Line
from handup.org.models import House, StaffUser
from handup.projects.models import Programme

ItemT = TypeVar("ItemT")
RecordT = TypeVar("RecordT", bound=House)
CHUNK = 500
ALWAYS_TOLD = (Verdict.NEW, Verdict.UNCHANGED, Verdict.DIFFERENT, Verdict.REFUSED)


class KeyTwice(Refusal):
    """{key} stands twice in this table; the first time in row {first}."""


class NotFound(Refusal):
    """{key} is not known here."""


@dataclass(frozen=True, slots=True)
class Offer(Generic[ItemT]):
    """One row, its key in the source, and what a service is asked to make of it."""

    line: Line
    key: str
    item: ItemT


@dataclass(frozen=True, slots=True)
class Known:
    """Which record a row of the source became, and in which batch."""

    table: str
    key: str
    digest: str
    record: UUID
    batch_id: UUID


@dataclass(slots=True)
class Taking:
    """One run over a file: who acts, for which programme, what is known, what was found."""

    staff: StaffUser
    profile: Profile
    batch: ImportBatch
    programme: Programme
    source: str
    known: dict[str, dict[str, Known]] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    refused: set[tuple[str, int]] = field(default_factory=set)
    left: list[Fault] = field(default_factory=list)
    """Cells of rows that are somebody registered, whose record stays as it is."""
    same: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Rows of persons told to be somebody else: by key, another row or a record."""

    def load(self) -> None:
        """Read which rows of the source became which records."""
        rows = ImportKey.objects.filter(source=self.source)
        for told in rows.values_list("table", "key", "digest", "record", "batch_id").iterator():
            key = Known(*told)
            self.known.setdefault(key.table, {})[key.key] = key

    def count(self, table: str, verdict: Verdict, number: int = 1) -> None:
        """Count rows of one outcome."""
        counts = self.counts.setdefault(table, {word.value: 0 for word in ALWAYS_TOLD})
        counts[verdict.value] = counts.get(verdict.value, 0) + number

    def fault(self, line: Line, refusal: Refusal, column: str | None = None) -> None:
        """Note a refusal at its cell; a row is counted as refused once."""
        self.note(line, refusal.code, refusal.said(), column or refusal.field)

    def note(self, line: Line, code: str, message: str, column: str | None) -> None:
        """Note a fault at its cell."""
        value = line.text(column)[:100] if column else ""
        self.faults.append(
            Fault(code, message, line.place(column), line.number, column, value or None)
        )
        if (line.table, line.number) not in self.refused:
            self.refused.add((line.table, line.number))
            self.count(line.table, Verdict.REFUSED)

    def leave(self, line: Line, why: Refusal, column: str) -> None:
        """List a cell that is not written, without what stands there; nothing is refused."""
        self.left.append(Fault(why.code, str(why), line.place(column), line.number, column))

    def record_of(self, table: str, key: str) -> UUID | None:
        """The record a row of the source became."""
        found = self.known.get(table, {}).get(key)
        return found.record if found else None

    def fresh(self, lines: Iterable[Line], key_of: Callable[[Line], str]) -> list[tuple[Line, str]]:
        """The rows that are not imported yet; those known are counted, never written again."""
        found: list[tuple[Line, str]] = []
        seen: dict[str, int] = {}
        for line in lines:
            self.count(line.table, Verdict.NEW, 0)
            key = key_of(line)
            if key in seen:
                self.fault(line, KeyTwice(key=key, first=seen[key]))
                continue
            seen[key] = line.number
            known = self.known.get(line.table, {})
            old = known.get(key) or known.get(forgotten(self.source, line.table, key))
            if old is None:
                found.append((line, key))
            elif old.digest in ("", digest_of(line)):
                self.count(line.table, Verdict.UNCHANGED)
            else:
                self.count(line.table, Verdict.DIFFERENT)
                self.different.append(line.place(None))
        return found

    def take(
        self,
        offers: Iterable[Offer[ItemT]],
        service: Callable[[Sequence[ItemT]], Sequence[RecordT]],
    ) -> dict[str, RecordT]:
        """Ask a batch service to make the records; refusals land at their rows. By key."""
        made: dict[str, RecordT] = {}
        for piece in self._pieces(offers, service):
            made |= piece
        return made

    def pass_on(
        self,
        offers: Iterable[Offer[ItemT]],
        service: Callable[[Sequence[ItemT]], Sequence[RecordT]],
    ) -> None:
        """The same where there may be very many: no more than one piece is held at a time."""
        for _piece in self._pieces(offers, service):
            pass

    def _pieces(
        self,
        offers: Iterable[Offer[ItemT]],
        service: Callable[[Sequence[ItemT]], Sequence[RecordT]],
    ) -> Iterator[dict[str, RecordT]]:
        left = iter(offers)
        while chunk := list(islice(left, CHUNK)):
            made = self._take(chunk, service)
            told = (offer for offer in chunk if offer.key in made)
            self.keep((offer.line, offer.key, made[offer.key].pk) for offer in told)
            yield made

    def _take(
        self,
        offers: Sequence[Offer[ItemT]],
        service: Callable[[Sequence[ItemT]], Sequence[RecordT]],
    ) -> dict[str, RecordT]:
        try:
            with transaction.atomic():
                records = service([offer.item for offer in offers])
        except Faults as faults:
            for fault in faults.faults:
                line = offers[(fault.row or 1) - 1].line
                self.note(line, fault.code, fault.message, fault.column)
            return {}
        except Refusal as refusal:
            if len(offers) == 1:
                self.fault(offers[0].line, refusal)
                return {}
            made: dict[str, RecordT] = {}
            for offer in offers:
                made |= self._take([offer], service)
            return made
        return {offer.key: record for offer, record in zip(offers, records, strict=True)}

    def keep(self, made: Iterable[tuple[Line, str, UUID]]) -> None:
        """Remember which rows became which records, and count them as new."""
        self._remember(made, Verdict.NEW)

    def join(self, made: Iterable[tuple[Line, str, UUID]]) -> None:
        """Remember which rows are records that were there already."""
        self._remember(made, Verdict.JOINED)

    def _remember(self, made: Iterable[tuple[Line, str, UUID]], verdict: Verdict) -> None:
        left = iter(made)
        while chunk := list(islice(left, CHUNK)):
            keys = [
                Known(line.table, key, digest_of(line), record, self.batch.pk)
                for line, key, record in chunk
            ]
            ImportKey.objects.bulk_create(
                ImportKey(
                    batch=self.batch,
                    source=self.source,
                    table=key.table,
                    key=key.key,
                    digest=key.digest,
                    record=key.record,
                )
                for key in keys
            )
            for key in keys:
                self.known.setdefault(key.table, {})[key.key] = key
                self.count(key.table, verdict)


def forgotten(source: str, table: str, key: str) -> str:
    """What is kept of a key of an erased person: enough to know the same row again."""
    told = json.dumps([source, table, key], ensure_ascii=False)
    return f"~{salted_hmac('handup.desk.forgotten', told, algorithm='sha256').hexdigest()}"


def digest_of(line: Line) -> str:
    """A keyed digest of a row's values: tells that something differs, never what it was."""
    text = json.dumps(dict(line.values), default=str, sort_keys=True, ensure_ascii=False)
    return salted_hmac("handup.desk.import", text, algorithm="sha256").hexdigest()


def persons_of_imports(programme: Programme, keys: Collection[str]) -> dict[str, UUID]:
    """The persons that earlier files of a programme numbered so, for a portfolio taken over."""
    found: dict[str, UUID] = {}
    listed = sorted(keys)
    for start in range(0, len(listed), CHUNK):
        rows = ImportKey.objects.filter(
            batch__programme=programme,
            table__in=("persons", "client"),
            key__in=listed[start : start + CHUNK],
        )
        found |= dict(rows.order_by("id").values_list("key", "record"))
    return found
