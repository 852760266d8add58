"""A lost second factor is taken away in person, before a second member of staff."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from handup.org.models import AuditLine, StaffSession, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.services.lost_factors import (
    KnownBy,
    NobodyVouches,
    NoFactorThere,
    NotYourOwnFactor,
    take_factor_away,
)
from handup.org.tests.conftest import with_role


@pytest.fixture
def ana(db: None) -> StaffUser:
    """A clerk with an app and recovery codes, signed in on one browser."""
    staff = with_role("ana", Role.CLERK)
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=staff, type=kind, data={"secret": "x"})
    browser = Client()
    browser.force_login(staff)
    browser.get("/")
    return staff


def factors(staff: StaffUser) -> int:
    return int(Authenticator.objects.filter(user=staff).count())


def test_how_she_was_known_and_who_stood_by_is_kept(
    ana: StaffUser, administrator: StaffUser, officer: StaffUser
) -> None:
    assert (factors(ana), StaffSession.objects.filter(staff=ana).count()) == (2, 1)
    take_factor_away(
        acting_staff=administrator, staff=ana, known_by=KnownBy.PAPER_SEEN, vouched_by=officer
    )
    assert (factors(ana), StaffSession.objects.filter(staff=ana).count()) == (0, 0)
    line = AuditLine.objects.get(action="org.take_factor_away")
    assert (line.staff_id, line.object_id) == (administrator.pk, str(ana.pk))
    assert line.facts == {"known_by": "PAPER_SEEN", "vouched_by": str(officer.pk)}


def test_without_a_second_person_or_by_oneself_it_stays(
    ana: StaffUser, administrator: StaffUser, officer: StaffUser
) -> None:
    def tried(by: StaffUser, staff: StaffUser, other: StaffUser) -> None:
        take_factor_away(
            acting_staff=by, staff=staff, known_by=KnownBy.WORKS_HERE, vouched_by=other
        )

    left = with_role("left", Role.CLERK)
    left.is_active = False
    left.save()
    for other in (administrator, ana, left):
        with pytest.raises(NobodyVouches):
            tried(administrator, ana, other)
    with pytest.raises(NotYourOwnFactor):
        tried(administrator, administrator, officer)
    with pytest.raises(NotAllowed):
        tried(officer, ana, administrator)
    with pytest.raises(NoFactorThere):
        tried(administrator, officer, ana)
    assert factors(ana) == 2
    assert not AuditLine.objects.filter(action="org.take_factor_away").exists()


def test_the_page_asks_both_and_refuses_beside_the_field(
    ana: StaffUser, administrator: StaffUser, officer: StaffUser, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    browser = Client()
    browser.force_login(administrator)
    page = reverse("org:staff_factor", args=[ana.pk])
    assert page in browser.get(reverse("org:staff_detail", args=[ana.pk])).content.decode()
    told = {"known_by": "WORKS_HERE", "vouched_by": str(administrator.pk)}
    assert browser.post(page, told).status_code == 422
    assert browser.post(page, {"vouched_by": str(officer.pk)}).status_code == 422
    assert factors(ana) == 2
    assert browser.post(page, told | {"vouched_by": str(officer.pk)}).status_code == 302
    assert factors(ana) == 0
