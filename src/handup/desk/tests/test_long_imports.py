"""A long list of persons: every fault is named with its cell, nothing of it is written, and mended
it comes in whole, in statements whose number does not grow with each row.
"""

import gc
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handup.desk.importing.taking import CHUNK
from handup.desk.models import ImportBatch
from handup.desk.services import commit_import, faults_of, receive_import
from handup.desk.tests import large
from handup.desk.tests.conftest import taker
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people import services as people
from handup.people.models import Person
from handup.projects.models import Programme

ROWS, EVERY = 1_500, 50


def receive(importer: StaffUser, programme: Programme, content: bytes) -> ImportBatch:
    return receive_import(
        acting_staff=importer, name="persons.csv", content=content, profile_code="intake",
        programme=programme,
    )  # fmt: skip


def test_a_long_list_with_faults_names_each_and_mended_comes_in_whole(
    importer: StaffUser, programme: Programme
) -> None:
    content, told = large.with_faults(ROWS, EVERY)
    batch = receive(importer, programme, content)
    assert batch.fault_count == len(told) == ROWS // EVERY
    named = [(fault.place.rpartition("!")[2], fault.code) for fault in faults_of(batch)]
    assert sorted(named) == sorted(told)
    assert not Person.objects.exists()
    with CaptureQueriesContext(connection) as sent:
        batch = receive(importer, programme, large.sound(ROWS))
    assert (batch.fault_count, batch.counts["persons"]["NEW"]) == (0, ROWS)
    assert len(sent) < ROWS / 3, "what is asked grows with parts of a file, not with its rows"
    commit_import(acting_staff=taker(), batch=batch)
    assert Person.objects.count() == ROWS
    again = receive(importer, programme, large.sound(ROWS))
    assert again.counts["persons"]["UNCHANGED"] == ROWS


def test_no_more_than_one_piece_of_a_long_list_is_held_at_a_time(
    importer: StaffUser, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a row tells of a person is let go when its piece is registered, and so is the record."""
    held: list[int] = []
    register = people.register_persons

    def counted(**told: Any) -> list[Person]:
        gc.collect()
        alive = [type(one) for one in gc.get_objects() if type(one) in (people.PersonIn, Person)]
        held.append(len(alive))
        made: list[Person] = register(**told)
        return made

    monkeypatch.setattr(people, "register_persons", counted)
    batch = receive(importer, programme, large.sound(ROWS))
    assert batch.counts["persons"]["NEW"] == ROWS
    assert len(held) == ROWS / CHUNK
    assert max(held) <= 2 * CHUNK + 10, held


def test_a_file_under_the_key_of_another_programme_is_not_shown(
    importer: StaffUser, programme: Programme
) -> None:
    told: dict[str, Any] = {
        "name": "persons.csv", "content": large.sound(3), "profile_code": "intake",
        "programme": programme, "id": new_id(),
    }  # fmt: skip
    first = receive_import(acting_staff=importer, **told)
    assert receive_import(acting_staff=importer, **told) == first
    elsewhere = Programme.objects.create(code="ELSE", title="Elsewhere", currency="USD")
    stranger = staff_with(
        "stranger", Role.INTEGRATION, scope=ScopeKind.PROJECT, programme_id=elsewhere.pk
    )
    with pytest.raises(SameIdOtherContent):
        receive_import(acting_staff=stranger, **told)
    assert ImportBatch.objects.count() == 1
