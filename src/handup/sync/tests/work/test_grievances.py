"""Complaints written down on an officer's own phone: stored once with the code she was given, kept
from whoever may not know, and nothing of them in what waits is shown."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.people.models import Grievance
from handup.people.services.grievances import state_by_code
from handup.sync import services
from handup.sync.errors import ComplaintStays
from handup.sync.models import WorkFact
from handup.sync.persons import held
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_people import told
from handup.sync.work_queries import work_of
from handup.training.tests.conftest import member_of_staff

CODE = "ABCDEFGHJKMN"


@pytest.fixture
def out(office: Office) -> StaffUser:
    """A field officer who sees her own caseload."""
    staff = member_of_staff("out", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)
    staff.home_office = office
    staff.save()
    return staff


def said(**more: Any) -> dict[str, Any]:
    body = {"kind": "SERVICE", "text": "Nobody came.", "tracking": CODE, "language": "en"}
    return told("record_grievance", body | more)


def test_a_complaint_is_stored_once_with_the_code_she_was_given(
    out: StaffUser, person: Any
) -> None:
    device = own_phone(out).device
    ani = person("Ani", case_officer=out)
    fact = said(person=str(ani.pk))
    for _time in range(2):
        assert states(services.receive_work([fact], acting_staff=out, device=device)) == ["DONE"]
    row = Grievance.objects.get()
    assert (row.pk, row.person_id, row.text, row.anonymous) == (
        row.pk.__class__(fact["id"]),
        ani.pk,
        "Nobody came.",
        False,
    )
    assert state_by_code("abcd efgh jkmn") == row
    assert row.received_date.isoformat() == fact["happened_date"]
    assert WorkFact.objects.get().told == ""
    assert work_of(out)[0]["complaints"] is True


def test_a_code_that_was_given_goes_on_leading_to_whoever_has_it(out: StaffUser) -> None:
    device = own_phone(out).device
    first, second = said(), said(text="Something else.")
    answers = services.receive_work([first, second], acting_staff=out, device=device)
    assert states(answers) == ["DONE", "DONE"], "nothing that is said is lost"
    found = state_by_code(CODE)
    assert found is not None
    assert str(found.pk) == first["id"]
    other = Grievance.objects.get(pk=second["id"])
    assert state_by_code(str(other.tracking)) == other


def test_what_few_may_know_is_kept_from_the_others_and_nobody_need_say_who_she_is(
    out: StaffUser, office: Office
) -> None:
    member_of_staff("focal", Role.FOCAL_POINT)
    device = own_phone(out).device
    facts = [said(sensitivity="FRAUD", tracking="ABCDEFGHJKMP"), said(contact="At the well")]
    assert states(services.receive_work(facts, acting_staff=out, device=device)) == ["DONE"] * 2
    hidden, open_ = (Grievance.objects.get(pk=fact["id"]) for fact in facts)
    assert (hidden.text, hidden.restricted_text, hidden.anonymous) == ("", "Nobody came.", True)
    assert (open_.contact, open_.anonymous) == ("At the well", False)
    assert not Grievance.objects.visible_to(out).filter(pk=hidden.pk).exists()
    lead = member_of_staff("lead", Role.GROUP_SUPERVISOR, scope=ScopeKind.OFFICE, office=office)
    listed = WorkFact.objects.visible_to(lead).values_list("pk", flat=True)
    assert set(listed) == {open_.pk}, "not even that somebody said it"


def test_nobody_leaves_out_what_somebody_complains_of(
    client: Client, out: StaffUser, office: Office, person: Any
) -> None:
    other = person("Somebody of another officer")
    lead = member_of_staff("lead", Role.MANAGER, scope=ScopeKind.ALL)
    fact = said(person=str(other.pk), kind="STAFF", sensitivity="FRAUD")  # nobody to tell
    services.receive_work([fact], acting_staff=out, device=own_phone(out).device)
    row = WorkFact.objects.visible_to(lead).get()
    client.force_login(lead)
    page = client.get(reverse("sync:work_detail", args=[row.pk])).content.decode()
    assert reverse("sync:work_again", args=[row.pk]) in page
    assert reverse("sync:work_leave_out", args=[row.pk]) not in page
    with pytest.raises(ComplaintStays):
        services.leave_work_out(acting_staff=lead, fact=row, reason="Nothing to it")
    row.refresh_from_db()
    assert (row.state, "Nobody came." in row.told) == ("WAITING", True)


def test_a_complaint_of_somebody_the_officer_no_longer_knows_is_recorded_without_her(
    out: StaffUser, person: Any
) -> None:
    """It would be read by nobody while it waits; and no answer tells whether there is such a
    person."""
    device = own_phone(out).device
    other, nobody = str(person("Somebody of another officer").pk), str(new_id())
    facts = [said(person=other), said(person=nobody, contact="At the well")]
    assert states(services.receive_work(facts, acting_staff=out, device=device)) == ["DONE"] * 2
    first, second = (Grievance.objects.get(pk=fact["id"]) for fact in facts)
    assert (first.person, second.person, first.anonymous) == (None, None, False)
    assert other in first.contact
    assert second.contact.startswith("At the well ")
    assert nobody in second.contact


def test_what_does_not_fit_waits_or_is_not_read(out: StaffUser, person: Any) -> None:
    device = own_phone(out).device
    other = person("Somebody of another officer")
    facts = [
        said(person=str(other.pk), sensitivity="FRAUD"),
        said(tracking="abcdefghjkmn"),
        said(tracking="ABC"),
        said(text=""),
        said(kind="WEATHER"),
        said(sensitivity=""),
        said(contact="x" * 201),
    ]
    answers = services.receive_work(facts, acting_staff=out, device=device)
    assert states(answers) == ["WAITING", *["REFUSED"] * 6]
    assert not Grievance.objects.exists()
    heading = "Visits, households, groups and complaints recorded away and not taken"
    waiting = held(other.pk)[heading]
    assert "Nobody came." in waiting[0]["As it came"]
