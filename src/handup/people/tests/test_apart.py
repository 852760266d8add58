"""What counted of an erased person leaves her id (protection.md 4.8, docs/decisions/0021)."""

from typing import Any

import pytest
from django.test import Client

from handup.org import erased
from handup.org.models import AuditLine, StaffUser
from handup.people.models import (
    Alias,
    Consent,
    LegalStatus,
    Participation,
    Person,
    SubjectRequest,
    TargetingRow,
    TargetingRun,
)
from handup.people.queries import category_facts
from handup.people.rules import codes as c
from handup.people.services import erasure, record_status
from handup.people.tests.conftest import DAY
from handup.people.tests.test_subject_requests import (
    approve,
    director,
    dpo,
    erasable,
    identified,
    today,
)
from handup.projects.models import Programme

__all__ = ("director", "dpo", "erasable")

SEALED: dict[str, Any] = {"groups": {}}


def test_what_counted_of_her_leaves_her_id(
    application: Participation, erasable: SubjectRequest, ani: Person, clerk: StaffUser,
    dpo: StaffUser, desk: Client,
) -> None:  # fmt: skip
    """Who holds her id, from a card, a list or the log, learns nothing of what she was."""
    record_status(acting_staff=clerk, person=ani, status=c.LegalStatusKind.REFUGEE, from_date=DAY)
    old = Person.objects.create(
        registration_no="8", display_name="Ani S.", sort_key="s ani", sex="F",
        registered_date=DAY, registered_by=clerk, merged_date=DAY,
    )  # fmt: skip
    Alias.objects.create(old=old, person=ani)
    before = category_facts([ani.pk], on=DAY)[ani.pk]
    erasure.erase_person(acting_staff=dpo, request=erasable, on=today())
    for one in (ani.pk, old.pk):
        left = Person.objects.get(pk=one)
        assert (left.sex, left.birth_date, left.area_id) == ("NOT_ASKED", None, None)
        assert (left.registered_date, left.erased_date) == (today(), today())
        told = category_facts([one], on=DAY)[one]
        assert (told.statuses, told.age_band, told.household_id) == (frozenset(), "", None)
        assert not Participation.objects.filter(person=one).exists()
        assert not Consent.objects.filter(person=one).exists()
    key = Person.objects.get(participations=application)
    after = category_facts([key.pk], on=DAY)[key.pk]
    assert (after.sex, after.age_band) == ("F", before.age_band)
    assert after.statuses == {"REFUGEE"}
    assert (key.registered_date, key.erased_date) == (DAY, DAY), "no day of the erasure"
    assert key.recorded_at.date() == DAY
    assert not key.history.exists()
    status = LegalStatus.objects.get(person=key)
    line = AuditLine.objects.get(action="people.record_status", object_id=str(status.pk))
    assert line.facts == {}, "the line of the status names it, and no longer her"
    assert key.registration_no not in desk.get("/people/persons/").content.decode()
    assert "erased" in desk.get(f"/people/persons/{key.pk}/").content.decode()


def test_two_records_of_one_person_are_set_apart_once_after_a_restore(
    application: Participation, ani: Person, clerk: StaffUser
) -> None:
    old = Person.objects.create(
        registration_no="8", display_name="Ani S.", sort_key="s ani", sex="F",
        registered_date=DAY, registered_by=clerk, merged_date=DAY,
    )  # fmt: skip
    Alias.objects.create(old=old, person=ani)
    for one in (ani, old):
        erased.add(one.pk, DAY, "ASKED")
    assert erasure.replay_erasures() == 1
    assert erasure.replay_erasures() == 0
    key = Person.objects.get(participations=application)
    gone = Person.objects.exclude(erased_date=None).values_list("pk", flat=True)
    assert set(gone) == {ani.pk, old.pk, key.pk}


def test_what_she_has_twice_since_two_records_were_made_one_is_set_apart_too(
    application: Participation, erasable: SubjectRequest, ani: Person, clerk: StaffUser,
    dpo: StaffUser, programme: Programme,
) -> None:  # fmt: skip
    """A run is frozen: it took both records of hers, and holds them still."""
    old = Person.objects.create(
        registration_no="8", display_name="Ani S.", sort_key="s ani", sex="F",
        registered_date=DAY, registered_by=clerk, merged_date=DAY,
    )  # fmt: skip
    run = TargetingRun.objects.create(
        programme=programme, title="Spring", run_date=DAY, kind="POINTS", run_by=clerk
    )
    rows = [
        TargetingRow.objects.create(
            run=run, person=one, participation=application, state="APPLIED",
            applied_date=DAY, rank=rank, **SEALED,
        )
        for rank, one in enumerate((ani, old), start=1)
    ]  # fmt: skip
    Alias.objects.create(old=old, person=ani)
    certificate = erasure.erase_person(acting_staff=dpo, request=erasable, on=today())
    assert certificate.found == 0
    key = Person.objects.get(participations=application)
    held = list(TargetingRow.objects.filter(run=run).order_by("rank"))
    assert [row.pk for row in held] == [row.pk for row in rows]
    first, second = (row.person for row in held)
    assert first == key
    assert {ani.pk, old.pk}.isdisjoint({key.pk, second.pk})
    assert Alias.objects.get(old=second).person == key, "one person, as before"
    assert (second.erased_date, second.merged_date, str(second)) == (DAY, DAY, "erased")


def test_a_second_request_erases_nobody_again_and_is_certified(
    application: Participation, erasable: SubjectRequest, ani: Person, clerk: StaffUser,
    dpo: StaffUser, director: StaffUser, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("handup.org.cleaning.clean", lambda tables: True)
    again = approve(identified(clerk, ani), dpo, director)
    erasure.erase_person(acting_staff=dpo, request=erasable, on=today())
    persons = Person.objects.count()
    certificate = erasure.erase_person(acting_staff=dpo, request=again, on=today())
    assert (certificate.found, certificate.figures) == (0, {})
    assert certificate.request.state == "CERTIFIED"
    assert Person.objects.count() == persons
