"""Grants and what they reach: given by another, bounded, ended, lapsed; visible_to with every
scope.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import installation, services
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded
from handup.org.models import Area, AuditLine, DutyException, Grant, Office, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import GrantFact, Place, Role, ScopeKind, incompatible_pair, reaches
from handup.org.rules.duties import Profile
from handup.org.scope import ScopePaths, grant_q
from handup.org.services import access
from handup.org.tests.conftest import with_role

TODAY = date(2025, 6, 1)


@pytest.fixture
def newcomer(db: None) -> StaffUser:
    """Somebody without any grant."""
    return StaffUser.objects.create_user("newcomer", display_name="New")


@pytest.fixture
def dpo(db: None) -> StaffUser:
    """The data protection officer."""
    return with_role("dpo", Role.DPO)


def give(administrator: StaffUser, staff: StaffUser, **changed: Any) -> Grant:
    given: dict[str, Any] = {
        "role": Role.CLERK,
        "scope": ScopeKind.ALL,
        "starts": TODAY,
        "ends": TODAY + timedelta(days=30),
    }
    return services.give_grant(acting_staff=administrator, staff=staff, **{**given, **changed})


def test_a_grant_is_given_with_its_audit_line(
    administrator: StaffUser, newcomer: StaffUser
) -> None:
    grant = give(administrator, newcomer)
    assert (grant.given_by, grant.role) == (administrator, "CLERK")
    line = AuditLine.objects.get(action="org.give_grant")
    assert line.facts == {"role": "CLERK", "scope": "ALL", "staff": str(newcomer.pk)}


def test_the_same_grant_sent_twice_is_one(administrator: StaffUser, newcomer: StaffUser) -> None:
    key = new_id()
    assert give(administrator, newcomer, id=key) == give(administrator, newcomer, id=key)
    with pytest.raises(SameIdOtherContent):
        give(administrator, newcomer, id=key, role=Role.ADVISOR)
    assert Grant.objects.filter(staff=newcomer).count() == 1


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"ends": TODAY - timedelta(days=1)}, access.GrantEndsBeforeItStarts),
        ({"ends": TODAY + timedelta(days=367)}, access.GrantTooLong),
        ({"scope": ScopeKind.OFFICE}, access.ScopeNeedsPlace),
        ({"scope": ScopeKind.AREA}, access.ScopeNeedsPlace),
        ({"scope": ScopeKind.PROJECT}, access.ScopeNeedsPlace),
    ],
)
def test_a_grant_without_bounds_is_refused(
    administrator: StaffUser,
    newcomer: StaffUser,
    changed: dict[str, Any],
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        give(administrator, newcomer, **changed)
    assert not Grant.objects.filter(staff=newcomer).exists()


def test_nobody_gives_herself_a_grant(administrator: StaffUser) -> None:
    with pytest.raises(access.OwnGrant):
        give(administrator, administrator)
    assert Grant.objects.filter(staff=administrator).count() == 1


def test_only_an_administrator_gives_grants(officer: StaffUser, newcomer: StaffUser) -> None:
    with pytest.raises(NotAllowed):
        give(officer, newcomer)
    assert not Grant.objects.filter(staff=newcomer).exists()


@pytest.mark.parametrize(
    ("held", "new"),
    [
        (Role.CASHIER, Role.ACCOUNTANT),
        (Role.ACCOUNTANT, Role.CASHIER),
        (Role.DPO, Role.ADMINISTRATOR),
        (Role.ADMINISTRATOR, Role.CLERK),
        (Role.TARGETING_OFFICER, Role.COMPLAINTS_OFFICER),
    ],
)
def test_incompatible_roles_do_not_meet_in_one_person(
    administrator: StaffUser, newcomer: StaffUser, held: Role, new: Role
) -> None:
    assert incompatible_pair([held], new) is held
    give(administrator, newcomer, role=held)
    with pytest.raises(access.IncompatibleRoles):
        give(administrator, newcomer, role=new, starts=TODAY + timedelta(days=20))
    assert [row.role for row in Grant.objects.filter(staff=newcomer)] == [held]


def test_after_the_first_grant_has_ended_the_other_role_may_come(
    administrator: StaffUser, newcomer: StaffUser
) -> None:
    first = give(administrator, newcomer, role=Role.CASHIER)
    services.end_grant(acting_staff=administrator, grant=first)
    assert give(administrator, newcomer, role=Role.ACCOUNTANT).role == "ACCOUNTANT"


def test_solo_gives_with_a_reason_and_reports(administrator: StaffUser) -> None:
    installation.put(installation.PROFILE, Profile.SOLO.value)
    with pytest.raises(ReasonNeeded):
        give(administrator, administrator, role=Role.LOAN_OFFICER)
    give(administrator, administrator, role=Role.LOAN_OFFICER, reason="I am the programme")
    assert DutyException.objects.get().step == "org.give_grant"


def test_an_ended_grant_stays_ended(
    administrator: StaffUser, newcomer: StaffUser, dpo: StaffUser
) -> None:
    grant = services.end_grant(acting_staff=dpo, grant=give(administrator, newcomer))
    for again in (services.end_grant, services.review_grant):
        with pytest.raises(access.GrantAlreadyEnded):
            again(acting_staff=dpo, grant=grant)


def test_a_grant_opens_nothing_before_after_or_once_ended(newcomer: StaffUser) -> None:
    today = timezone.localdate()
    for starts, ends, ended in (
        (today + timedelta(days=1), today + timedelta(days=9), None),
        (today - timedelta(days=9), today - timedelta(days=1), None),
        (today, today, timezone.now()),
    ):
        Grant.objects.create(
            staff=newcomer, role="CLERK", scope="ALL", starts=starts, ends=ends, ended_at=ended
        )
    assert StaffUser.objects.get(pk=newcomer.pk).access == ()
    Grant.objects.create(staff=newcomer, role="CLERK", scope="ALL", starts=today, ends=today)
    assert StaffUser.objects.get(pk=newcomer.pk).holds(Role.CLERK)


def test_grants_nobody_reviewed_lapse_after_a_quarter_and_its_grace(
    administrator: StaffUser, newcomer: StaffUser, dpo: StaffUser
) -> None:
    kept, lost = give(administrator, newcomer), give(administrator, newcomer, role=Role.ADVISOR)
    then = timezone.now() - timedelta(days=123)
    Grant.objects.filter(pk__in=[kept.pk, lost.pk]).update(recorded_at=then)
    services.review_grant(acting_staff=dpo, grant=kept)
    assert services.lapse_unreviewed_grants(acting_staff=dpo, on=TODAY) == 0
    on = timezone.localdate()
    Grant.objects.filter(staff=newcomer).update(ends=on)
    assert services.lapse_unreviewed_grants(acting_staff=dpo, on=on) == 1
    assert Grant.objects.get(pk=lost.pk).ended_at is not None
    assert Grant.objects.get(pk=kept.pk).ended_at is None
    assert AuditLine.objects.filter(action="org.lapse_grant").count() == 1


@pytest.mark.parametrize("where", ["solo", "demonstration"])
def test_grants_do_not_lapse_where_nobody_could_review_them(
    administrator: StaffUser, newcomer: StaffUser, dpo: StaffUser, where: str
) -> None:
    if where == "solo":
        installation.put(installation.PROFILE, Profile.SOLO.value)
    else:
        installation.put(installation.DEMONSTRATION, True)
    Grant.objects.update(recorded_at=timezone.now() - timedelta(days=300))
    on = timezone.localdate()
    assert services.lapse_unreviewed_grants(acting_staff=dpo, on=on) == 0


def test_a_grant_of_an_area_reaches_everything_below_it(newcomer: StaffUser) -> None:
    top = Area.objects.create(code="T", names={"en": "Top"})
    below = Area.objects.create(code="B", names={"en": "Below"}, parent=top)
    beside = Area.objects.create(code="TX", names={"en": "Beside"})
    today = timezone.localdate()
    Grant.objects.create(
        staff=newcomer, role="CLERK", scope="AREA", area=top, starts=today, ends=today
    )
    (grant,) = newcomer.access
    assert grant.area_ids == {top.pk, below.pk}
    assert beside.pk not in grant.area_ids


A, B, ME = new_id(), new_id(), new_id()


def fact(scope: ScopeKind, **places: Any) -> GrantFact:
    return GrantFact(role=Role.CLERK, scope=scope, starts=TODAY, ends=TODAY, **places)


@pytest.mark.parametrize(
    ("grant", "place", "seen"),
    [
        (fact(ScopeKind.ALL), Place(), True),
        (fact(ScopeKind.ALL, organisation_id=A), Place(organisation_id=A), True),
        (fact(ScopeKind.ALL, organisation_id=A), Place(organisation_id=B), False),
        (fact(ScopeKind.ALL, organisation_id=A), Place(), False),
        (fact(ScopeKind.PROJECT, programme_id=A), Place(programme_id=A), True),
        (fact(ScopeKind.PROJECT, programme_id=A), Place(programme_id=B), False),
        (fact(ScopeKind.PROJECT), Place(), False),
        (fact(ScopeKind.OFFICE, office_id=A), Place(office_id=A), True),
        (fact(ScopeKind.OFFICE, office_id=A), Place(office_id=B), False),
        (fact(ScopeKind.OFFICE), Place(), False),
        (fact(ScopeKind.AREA, area_ids=frozenset({A})), Place(area_id=A), True),
        (fact(ScopeKind.AREA, area_ids=frozenset({A})), Place(area_id=B), False),
        (fact(ScopeKind.AREA, area_ids=frozenset({A})), Place(), False),
        (fact(ScopeKind.CASELOAD), Place(caseload_staff_id=ME), True),
        (fact(ScopeKind.CASELOAD), Place(caseload_staff_id=A), False),
        (fact(ScopeKind.CASELOAD), Place(), False),
    ],
)
def test_a_grant_reaches_what_its_scope_says(grant: GrantFact, place: Place, seen: bool) -> None:
    assert reaches(grant, place, ME) is seen


def test_a_clerk_of_no_bank_reaches_nothing(newcomer: StaffUser) -> None:
    clerk = GrantFact(role=Role.BANK_CLERK, scope=ScopeKind.ALL, starts=TODAY, ends=TODAY)
    assert not reaches(clerk, Place(organisation_id=A), ME)
    assert grant_q(ScopePaths(organisation="organisation_id"), clerk, newcomer) is None
    hers = replace(clerk, organisation_id=A)
    assert reaches(hers, Place(organisation_id=A), ME)
    assert grant_q(ScopePaths(organisation="organisation_id"), hers, newcomer) is not None


@pytest.mark.parametrize("scope", list(ScopeKind))
def test_a_model_without_that_path_is_out_of_reach(scope: ScopeKind, newcomer: StaffUser) -> None:
    q = grant_q(ScopePaths(), fact(scope), newcomer)
    assert (q is not None) is (scope is ScopeKind.ALL)


def test_reference_data_is_for_everyone_signed_in(newcomer: StaffUser) -> None:
    Office.objects.create(code="K", name="K")
    assert Office.objects.visible_to(newcomer).count() == 1
    assert AuditLine.objects.visible_to(newcomer).count() == 0
    assert isinstance(newcomer.pk, UUID)
