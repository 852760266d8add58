"""The page that places money of ours with a partner bank."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from handup.lending.models import Facility, Lender
from handup.lending.rules.codes import LenderMode
from handup.lending.tests.cast import World, make_world, staff
from handup.org.models import AuditLine, StaffUser
from handup.org.rules.access import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """The small world of the lending tests."""
    return make_world()


def signed_in(person: StaffUser) -> Client:
    client = Client()
    client.force_login(person)
    return client


def a_lender(world: World, mode: LenderMode) -> Lender:
    return Lender.objects.create(
        code=mode.value[:20],
        name="Partner bank",
        mode=mode.value,
        currency="USD",
        programme=world.programme,
        book=world.book,
        active_from=date(2024, 1, 1),
    )


def test_a_facility_is_read_back_and_placed_by_the_finance_manager(world: World) -> None:
    finance = staff("finance-2", Role.FINANCE_MANAGER)
    lender = a_lender(world, LenderMode.BANK_FACILITY)
    browser = signed_in(finance)
    new = reverse("lending:facility_new", args=[lender.pk])
    page = reverse("lending:lender_detail", args=[lender.pk])
    assert new in browser.get(page).content.decode()
    told = {"limit_units": "250 000", "revolving": "on", "signed_date": "2026-03-02"}
    assert "250,000.00" in browser.post(new, told).content.decode()
    assert not Facility.objects.exists()
    assert browser.post(new, told | {"_read_back": "1"}).status_code == 302
    placed = Facility.objects.get()
    assert (placed.limit_units, placed.revolving, placed.currency) == (250_000_00, True, "USD")
    assert "250,000.00" in browser.get(page).content.decode()
    assert AuditLine.objects.filter(action="lending.place_facility").count() == 1


def test_a_bank_that_lends_its_own_money_has_no_such_button_nor_has_who_may_not(
    world: World,
) -> None:
    finance = staff("finance-2", Role.FINANCE_MANAGER)
    own = a_lender(world, LenderMode.BANK_GUARANTEED)
    ours = a_lender(world, LenderMode.BANK_FACILITY)
    page = reverse("lending:lender_detail", args=[own.pk])
    assert "facilities/new" not in signed_in(finance).get(page).content.decode()
    officer = signed_in(world.cast.officer)
    new = reverse("lending:facility_new", args=[ours.pk])
    assert officer.get(new).status_code in (403, 404)
    told = {"limit_units": "1", "_read_back": "1"}
    assert officer.post(new, told).status_code in (403, 404)
    assert not Facility.objects.exists()
