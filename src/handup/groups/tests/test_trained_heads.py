"""Groups with a trained head: counted by kind, each share with both counts."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from handup.groups.models import Group, Member
from handup.groups.services import elect_officer
from handup.groups.tests.conftest import FORMED
from handup.groups.tests.test_bulk_back import hiding
from handup.groups.tests.test_group_training import DAY, cohort_of
from handup.groups.trained import TrainedHeads, trained_heads
from handup.org.models import StaffUser
from handup.training.models import Enrolment

DONE = DAY + timedelta(days=5)


def elect(officer: StaffUser, group: Group, member: Member, office: str) -> None:
    elect_officer(acting_staff=officer, group=group, office=office, member=member, from_date=FORMED)


def complete(group: Group, member: Member) -> None:
    assert member.person is not None
    Enrolment.objects.create(
        person=member.person,
        cohort=cohort_of(group.programme, 4),
        state="COMPLETED",
        applied_date=DAY,
        enrolled_date=DAY,
        completed_date=DONE,
    )


def test_a_group_counts_when_one_of_its_heads_completed_a_course(
    group: Group, members: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    (line,) = trained_heads(officer, DONE)
    assert line == TrainedHeads(line.kind, 1, 0, 0, 0)
    elect(officer, group, members[0], "CHAIRPERSON")
    elect(officer, group, members[1], "RECORDER")
    complete(group, members[1])
    assert trained_heads(officer, DONE - timedelta(days=1))[0].trained == 0
    assert trained_heads(officer, DONE) == [TrainedHeads(line.kind, 1, 1, 2, 1)]
    Enrolment.objects.update(person_id=members[2].person_id)
    assert trained_heads(officer, DONE)[0].with_trained == 0, "a member without an office is none"
    Group.objects.filter(pk=group.pk).update(status="CLOSED")
    assert trained_heads(officer, DONE) == []
    assert trained_heads(outsider, DONE) == []


def test_whom_a_reader_may_not_know_of_is_no_head(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    elect(officer, group, members[0], "CHAIRPERSON")
    complete(group, members[0])
    with hiding(members[0]):
        (line,) = trained_heads(StaffUser.objects.get(pk=officer.pk), DONE)
    assert (line.with_trained, line.heads) == (0, 0)


def test_the_page_and_the_api_show_both_counts(
    group: Group, members: list[Member], officer: StaffUser, client: Client
) -> None:
    elect(officer, group, members[0], "CHAIRPERSON")
    complete(group, members[0])
    client.force_login(officer)
    page = client.get(reverse("groups:trained_heads"))
    assert "1 / 1 (100" in page.content.decode()
    (line,) = client.get("/api/v1/groups/trained-heads").json()
    assert (line["groups"], line["with_trained"], line["trained"]) == (1, 1, 1)
