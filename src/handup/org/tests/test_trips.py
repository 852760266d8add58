"""Trips, reviews and lapses: a role nobody reviews ends, but never in the middle of a trip."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from handup.kernel.ids import new_id
from handup.org import safety
from handup.org.devices import SameIdOtherContent
from handup.org.models import Device, Grant, StaffUser, Trip
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.services import access
from handup.org.services import devices as d
from handup.org.services.retention import OutOfBounds, set_numbers
from handup.org.tests.conftest import with_role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings: Settings) -> None:
    """The second factor has tests of its own."""
    cache.clear()
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def phone(officer: StaffUser, administrator: StaffUser) -> Device:
    return Device.objects.create(
        staff=officer, label="Phone", state="ACTIVE", enrolled_by=administrator
    )


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def declared(staff: StaffUser, phone: Device, **more: Any) -> Trip:
    told: dict[str, Any] = {"starts": day(-1), "ends": day(5)} | more
    return d.declare_trip(acting_staff=staff, device=phone, **told)


def signed_in(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def again(staff: StaffUser) -> StaffUser:
    return StaffUser.objects.get(pk=staff.pk)


def test_a_role_that_ends_during_a_trip_holds_until_its_end(
    officer: StaffUser, administrator: StaffUser, phone: Device
) -> None:
    Grant.objects.filter(staff=officer).update(starts=day(-30), ends=day(-1))
    assert again(officer).access == ()
    trip = declared(administrator, phone)
    assert again(officer).holds(Role.LOAN_OFFICER)
    d.call_off_trip(acting_staff=administrator, trip=trip)
    assert again(officer).access == ()
    with pytest.raises(d.TripCalledOff):
        d.call_off_trip(acting_staff=administrator, trip=trip)


def test_a_trip_begun_after_the_role_ended_brings_nothing_back(
    officer: StaffUser, administrator: StaffUser, phone: Device
) -> None:
    Grant.objects.filter(staff=officer).update(starts=day(-30), ends=day(-2))
    declared(administrator, phone)
    assert again(officer).access == ()


def test_a_lost_device_is_on_no_trip_and_an_ended_role_stays_ended(
    officer: StaffUser, administrator: StaffUser, phone: Device
) -> None:
    Grant.objects.filter(staff=officer).update(starts=day(-30), ends=day(-1))
    declared(administrator, phone)
    d.report_device_lost(acting_staff=administrator, device=phone)
    assert again(officer).access == ()
    phone.refresh_from_db()
    with pytest.raises(d.DeviceEnded):
        declared(administrator, phone)
    Device.objects.filter(pk=phone.pk).update(state="ACTIVE")
    assert again(officer).access != ()
    Grant.objects.filter(staff=officer).update(ended_at=timezone.now())
    assert again(officer).access == ()


@pytest.mark.parametrize(
    ("starts", "ends", "refusal"),
    [
        (5, 1, d.TripEndsBeforeItStarts),
        (0, 61, d.TripTooLong),
        (-9, -1, d.TripOver),
    ],
)
def test_a_trip_without_bounds_is_refused(
    administrator: StaffUser, phone: Device, starts: int, ends: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        declared(administrator, phone, starts=day(starts), ends=day(ends))
    assert not Trip.objects.exists()


def test_nobody_declares_her_own_trip_and_the_same_twice_is_one(
    officer: StaffUser, administrator: StaffUser, phone: Device
) -> None:
    with pytest.raises(NotAllowed):
        declared(officer, phone)
    Device.objects.filter(pk=phone.pk).update(staff=administrator)
    phone.refresh_from_db()
    with pytest.raises(d.OwnTrip):
        declared(administrator, phone)
    Device.objects.filter(pk=phone.pk).update(staff=officer)
    phone.refresh_from_db()
    key = new_id()
    assert declared(administrator, phone, id=key) == declared(administrator, phone, id=key)
    with pytest.raises(SameIdOtherContent):
        declared(administrator, phone, id=key, ends=day(6))
    assert Trip.objects.count() == 1


def test_the_night_ends_what_nobody_reviewed_but_not_on_a_trip(
    officer: StaffUser,
    administrator: StaffUser,
    accountant: StaffUser,
    protection_officer: StaffUser,
    phone: Device,
) -> None:
    Grant.objects.exclude(staff=administrator).update(
        recorded_at=timezone.now() - timedelta(days=123)
    )
    trip = declared(administrator, phone)
    assert access.lapse(timezone.localdate()) == 1
    lost = Grant.objects.get(staff=accountant)
    assert (lost.lapsed, lost.ended_at is not None) == (True, True)
    assert Grant.objects.get(staff=officer).ended_at is None
    assert access.lapse(timezone.localdate()) == 0
    d.call_off_trip(acting_staff=administrator, trip=trip)
    assert access.lapse(timezone.localdate()) == 1


def test_the_night_locks_nobody_out(
    administrator: StaffUser, accountant: StaffUser, protection_officer: StaffUser
) -> None:
    """The last administrator stays, and so does who alone could review; without her everybody."""
    Grant.objects.update(recorded_at=timezone.now() - timedelta(days=123))
    Grant.objects.filter(staff=protection_officer).update(ended_at=timezone.now())
    assert access.lapse(timezone.localdate()) == 0
    Grant.objects.filter(staff=protection_officer).update(ended_at=None)
    assert access.lapse(timezone.localdate()) == 1
    assert Grant.objects.get(staff=accountant).lapsed
    for staff in (administrator, protection_officer):
        assert not Grant.objects.get(staff=staff).lapsed
    with_role("second", Role.ADMINISTRATOR)
    assert access.lapse(timezone.localdate()) == 1
    assert Grant.objects.get(staff=administrator).lapsed


def test_the_quarter_and_the_grace_are_settings(
    officer: StaffUser, protection_officer: StaffUser
) -> None:
    Grant.objects.filter(staff=officer).update(recorded_at=timezone.now() - timedelta(days=100))
    assert list(access.to_review(Grant.objects.all(), timezone.localdate())) == [
        Grant.objects.get(staff=officer)
    ]
    assert access.lapse(timezone.localdate()) == 0
    for wrong in (-1, 91):
        with pytest.raises(OutOfBounds):
            set_numbers(acting_staff=protection_officer, numbers={"protection.grace_days": wrong})
    with pytest.raises(NotAllowed):
        set_numbers(acting_staff=officer, numbers={"protection.grace_days": 0})
    assert set_numbers(acting_staff=protection_officer, numbers={"protection.grace_days": 0}) == 1
    assert access.lapse(timezone.localdate()) == 1


def test_the_pages_list_roles_to_review_and_take_trips_and_numbers(
    officer: StaffUser, administrator: StaffUser, protection_officer: StaffUser, phone: Device
) -> None:
    Grant.objects.filter(staff=officer).update(recorded_at=timezone.now() - timedelta(days=100))
    browser = signed_in(protection_officer)
    grant = Grant.objects.get(staff=officer)
    due = browser.get("/settings/roles/?due=1").content.decode()
    assert f"/settings/roles/{grant.pk}/" in due
    assert browser.post(f"/settings/roles/{grant.pk}/review/").status_code == 302
    left = browser.get("/settings/roles/?due=1").content.decode()
    assert f"/settings/roles/{grant.pk}/" not in left
    told = {"starts": str(day(0)), "ends": str(day(3))}
    address = f"/settings/devices/{phone.pk}/trip/"
    assert signed_in(officer).post(address, told).status_code == 403
    assert signed_in(administrator).post(address, told).status_code == 302
    trip = Trip.objects.get()
    assert signed_in(administrator).post(f"/settings/trips/{trip.pk}/off/").status_code == 302
    form = browser.get("/settings/protection/numbers/").content.decode()
    assert 'value="72"' in form
    data = {key: safety.value(key) for key in safety.NUMBERS} | {"protection.incident_hours": 48}
    assert browser.post("/settings/protection/numbers/", data).status_code == 302
    assert safety.value("protection.incident_hours") == 48
    assert browser.post("/settings/protection/numbers/", {}).status_code == 422
    assert browser.get("/settings/protection/periods/").status_code == 200
    for page in ("numbers", "periods"):
        assert signed_in(administrator).get(f"/settings/protection/{page}/").status_code == 403
