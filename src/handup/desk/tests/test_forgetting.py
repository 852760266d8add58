"""What files that were taken over held of a person who is erased: nothing is left of it."""

from handup.desk import forgetting
from handup.desk.importing.taking import persons_of_imports
from handup.desk.models import ImportBatch, ImportKey
from handup.desk.services import commit_import
from handup.desk.tests.conftest import taker, workbook
from handup.desk.tests.test_intake import ATTENDANCE, ENROLMENTS, PERSONS, cohort, received
from handup.org.models import StaffUser, StoredFile
from handup.people.models import Person
from handup.people.traces import tables
from handup.projects.models import Programme
from handup.training.models import Cohort

__all__ = ("cohort",)

BOOK = {"persons": PERSONS, "enrolments": ENROLMENTS, "attendance": ATTENDANCE}


def taken_over(importer: StaffUser, programme: Programme) -> ImportBatch:
    batch = received(importer, programme, workbook(BOOK))
    return commit_import(acting_staff=taker(), batch=batch)


def test_no_file_and_no_number_of_hers_stays_and_the_same_row_brings_her_not_back(
    importer: StaffUser, programme: Programme, cohort: Cohort
) -> None:
    """Her number in the file stood with her id and with her course: it led to what counts."""
    first, again = taken_over(importer, programme), taken_over(importer, programme)
    assert again.counts["persons"]["UNCHANGED"] == 2
    assert StoredFile.objects.count() == 2
    anna = Person.objects.get(display_name__contains="Anna")
    before = ImportKey.objects.count()
    assert ImportKey.objects.get(record=anna.pk).key == "P1"
    forgetting.erase(anna.pk)
    forgetting.erase(anna.pk)
    for batch in (first, again):
        batch.refresh_from_db()
        assert (batch.file, batch.state) == (None, "TAKEN_OVER")
        assert len(batch.sha256) == 64
    assert not StoredFile.objects.exists()
    keys = list(ImportKey.objects.values_list("key", flat=True))
    assert (len(keys), len(set(keys))) == (before, before)
    assert {key.split()[0] for key in keys if not key.startswith("~")} == {"P2"}
    assert persons_of_imports(programme, ["P1", "P2"]).keys() == {"P2"}
    third = taken_over(importer, programme)
    assert third.counts["persons"]["UNCHANGED"] == 2
    assert sum(counts["NEW"] for counts in third.counts.values()) == 0
    assert Person.objects.count() == 2
    assert ImportKey in tables(), "its pages are given up anew"
