"""What files that were taken over hold of an erased person (protection.md 4.8, step 3): the file
goes, and the numbers she had in it are kept as keyed hashes alone, so that the same row again
brings nobody back and no number leads from her to what counts.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from handup.desk import doubles
from handup.desk.importing.taking import forgotten
from handup.desk.models import ImportBatch, ImportKey, ImportPair
from handup.desk.rules.imports import ENDED
from handup.lending.models import Loan
from handup.org.services.files import destroy_file
from handup.people import subject
from handup.people.models import Membership, Ownership
from handup.training.models import Attendance, Enrolment

WITH_HER_NUMBER = ("persons", "client", "enrolments", "attendance")
"""Tables whose keys hold the number of a person."""


def _records(person_id: UUID) -> Iterator[UUID]:
    """What rows of files may have become of her: she, and what is told of her beside."""
    yield person_id
    hers: tuple[tuple[Any, str, str], ...] = (
        (Enrolment, "person", "pk"),
        (Attendance, "enrolment__person", "pk"),
        (Loan, "person", "pk"),
        (Membership, "person", "household_id"),
        (Ownership, "person", "enterprise_id"),
    )
    for model, way, column in hers:
        yield from model._base_manager.filter(**{way: person_id}).values_list(column, flat=True)


def erase(person_id: UUID) -> None:
    """Take the files away in which she stands; of her rows stays that they are known."""
    keys = ImportKey._base_manager.filter(record__in=list(_records(person_id)))
    _files(ImportBatch._base_manager.filter(keys__in=keys).order_by("recorded_at"))
    for row in keys.filter(table__in=WITH_HER_NUMBER).exclude(digest=""):
        known = forgotten(row.source, row.table, row.key)
        ImportKey._base_manager.filter(pk=row.pk).update(key=known, digest="")


def _files(hers: "QuerySet[ImportBatch, ImportBatch]") -> None:
    """The file she came in goes, and with it each later one of its kind, which may repeat her row.
    What was found in them stays: how many rows, their sum, who took them over.
    """
    first: dict[tuple[str, UUID | None], datetime] = {}
    for batch in hers:
        first.setdefault((batch.profile, batch.programme_id), batch.recorded_at)
    ended = ImportBatch._base_manager.filter(state__in=ENDED).exclude(file=None)
    for (profile, programme), since in first.items():
        rows = ended.filter(profile=profile, programme=programme, recorded_at__gte=since)
        for batch in rows.select_related("file"):
            file = batch.file
            assert file is not None
            ImportBatch._base_manager.filter(pk=batch.pk).update(file=None)
            destroy_file(file)


def register() -> None:
    """Add what the import centre forgets to the named lists of people, once."""
    if erase not in subject.erase:
        subject.erase += (doubles.erase, erase)
        subject.tables += (ImportKey, ImportPair)
