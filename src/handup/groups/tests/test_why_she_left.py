"""Why she left: a code in the facts that stay for ever, her words sealed beside the member."""

from typing import Any

import pytest
from django.db import connection

from handup.groups import persons
from handup.groups.models import Group, Member
from handup.groups.models.group import LeaveReason, MemberStatus
from handup.groups.services import end_membership
from handup.groups.tests.conftest import FIRST
from handup.org.models import AuditLine, StaffUser
from handup.people import subject

SAID = "Her husband took the passbook and hits her."


def test_what_a_leaver_says_is_in_no_fact_and_no_audit_line(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    left = end_membership(
        acting_staff=officer,
        member=members[0],
        left_date=FIRST,
        reason=LeaveReason.OTHER,
        reason_text=f" {SAID} ",
    )
    fact = group.facts.get(name="end_membership")
    assert fact.body == {"member": str(left.pk), "reason": "OTHER"}
    line = AuditLine.objects.get(action="groups.end_membership")
    assert line.facts == {"reason": "OTHER"}
    left.refresh_from_db()
    assert (left.left_reason, left.left_reason_text) == ("OTHER", SAID)
    with connection.cursor() as cursor:
        cursor.execute("SELECT left_reason_text FROM groups_member WHERE left_date IS NOT NULL")
        (stored,) = cursor.fetchone()
    assert stored
    assert "husband" not in stored


def test_a_reason_outside_the_list_ends_nothing(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    said: Any = SAID
    with pytest.raises(ValueError, match="LeaveReason"):
        end_membership(acting_staff=officer, member=members[0], left_date=FIRST, reason=said)
    members[0].refresh_from_db()
    assert members[0].status == MemberStatus.ACTIVE
    assert not group.facts.filter(name="end_membership").exists()


def test_who_died_is_shown_so(members: list[Member], officer: StaffUser) -> None:
    left = end_membership(
        acting_staff=officer, member=members[0], left_date=FIRST, reason=LeaveReason.DIED
    )
    assert left.status == MemberStatus.DIED


def test_her_words_are_told_to_her_and_blanked_with_her(
    members: list[Member], officer: StaffUser
) -> None:
    left = end_membership(
        acting_staff=officer,
        member=members[0],
        left_date=FIRST,
        reason=LeaveReason.MOVED,
        reason_text=SAID,
    )
    assert left.person_id is not None
    assert persons.held in subject.collect
    assert persons.blank in subject.erase
    (row,) = persons.held(left.person_id)["Memberships in groups"]
    assert (row["Why she left"], row["In her words"]) == ("moved away", SAID)
    persons.blank(left.person_id)
    left.refresh_from_db()
    assert (left.left_reason, left.left_reason_text) == ("MOVED", "")
