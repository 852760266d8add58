"""What counted of an erased person leaves her id (protection.md 4.8, docs/decisions/0021)."""

from django.test import Client

from handup.org import erased
from handup.org.models import StaffUser
from handup.people.models import Alias, Consent, Participation, Person, SubjectRequest
from handup.people.queries import category_facts
from handup.people.rules import codes as c
from handup.people.services import erasure, record_status
from handup.people.tests.conftest import DAY
from handup.people.tests.test_subject_requests import director, dpo, erasable, today

__all__ = ("director", "dpo", "erasable")


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
