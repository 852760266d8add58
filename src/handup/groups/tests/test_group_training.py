"""A group enrolled in a course in one act: all of it or its heads, together or nobody."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import Group, Member
from handup.groups.services import elect_officer
from handup.groups.services.training import NobodyToEnrol, enrol_group
from handup.groups.tests.conftest import FORMED, staff_with
from handup.groups.tests.test_bulk_back import hiding
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.training import services as training
from handup.training.models import Cohort, Course, Enrolment
from handup.training.rules.states import PassRule
from handup.training.services.refusals import CohortFull

DAY = date(2026, 2, 2)


def cohort_of(programme: Programme, capacity: int) -> Cohort:
    """An open cohort of so many places."""
    first = staff_with("trainer-office", Role.TRAINING_OFFICER, programme=programme.pk)
    second = staff_with("training-manager", Role.MANAGER)
    plan = training.draft_curriculum(
        acting_staff=first, code="COOP", title="Running a cooperative", language="en"
    )
    training.add_module(
        acting_staff=first,
        curriculum=plan,
        title="The board",
        plans=[training.PlanIn("What a board does", 120)],
    )
    training.submit_curriculum(acting_staff=first, curriculum=plan)
    plan = training.approve_curriculum(acting_staff=second, curriculum=plan, approved_date=FORMED)
    course: Course = training.offer_course(
        acting_staff=second,
        curriculum=plan,
        code="COOP",
        title="Running a cooperative",
        pass_rule=PassRule.ATTENDANCE_ONLY,
    )
    return training.open_cohort(
        acting_staff=second,
        course=course,
        programme=programme,
        code="2026-C",
        title="For boards",
        capacity=capacity,
        starts_date=DAY,
        ends_date=DAY + timedelta(days=5),
    )


def test_all_members_or_the_heads_are_enrolled_together_once(
    group: Group, members: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    cohort = cohort_of(group.programme, 4)
    enrol = partial(enrol_group, group=group, cohort=cohort, on=DAY)
    with pytest.raises(NobodyToEnrol):
        enrol(acting_staff=officer, heads_only=True)
    elect_officer(
        acting_staff=officer,
        group=group,
        office="CHAIRPERSON",
        member=members[1],
        from_date=FORMED,
    )
    (head,) = enrol(acting_staff=officer, heads_only=True)
    assert head.person_id == members[1].person_id
    rows = enrol(acting_staff=officer)
    assert {row.person_id for row in rows} == {one.person_id for one in members}
    assert Enrolment.objects.filter(state="ENROLLED").count() == 4
    assert len(enrol(acting_staff=officer)) == Enrolment.objects.count()
    with pytest.raises(OutOfSight):
        enrol(acting_staff=outsider)


def test_where_places_are_missing_nobody_is_enrolled(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    cohort = cohort_of(group.programme, 3)
    with pytest.raises(CohortFull):
        enrol_group(acting_staff=officer, group=group, cohort=cohort, on=DAY)
    assert not Enrolment.objects.exists()


def test_who_is_hidden_is_not_enrolled_by_whoever_does_not_see_her(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    cohort = cohort_of(group.programme, 4)
    with hiding(members[0]):
        rows = enrol_group(acting_staff=officer, group=group, cohort=cohort, on=DAY)
    assert members[0].person_id not in {row.person_id for row in rows}
    assert len(rows) == 3


def test_a_group_is_enrolled_on_its_page(
    client: Client, group: Group, members: list[Member], officer: StaffUser
) -> None:
    cohort = cohort_of(group.programme, 4)
    client.force_login(officer)
    address = reverse("groups:group_enrol", args=[group.pk])
    assert address in client.get(reverse("groups:group_detail", args=[group.pk])).content.decode()
    sent = {"cohort": str(cohort.pk), "who": "ALL", "on": DAY.isoformat(), "_read_back": "1"}
    answer = client.post(address, sent, follow=True).content.decode()
    assert "4 of the group are on the roll" in answer
    assert cohort.enrolments.count() == 4
