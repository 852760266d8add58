"""A lender belongs to no office: what it lends is agreed by who answers for all of it."""

from datetime import date

import pytest
from django.test import Client

from handup.lending import services
from handup.lending.models import Facility, Guarantee, Lender, ProductVersion
from handup.lending.rules.codes import LenderMode
from handup.lending.tests.cast import START, TERMS, World, staff
from handup.lending.tests.test_api import post
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.standing import standing

FACILITY = {"limit_units": 5_000_00, "signed_date": "2025-01-15"}
GUARANTEE = {"deposit_units": 1_000_00, "signed_date": "2025-01-15"}
HELD = (Role.MANAGER, Role.DIRECTOR, Role.FINANCE_MANAGER)


@standing
def of_one_office(world: World) -> StaffUser:
    return staff("of_one_office", *HELD, kind=ScopeKind.OFFICE, office=world.office)


def test_who_answers_for_one_office_agrees_on_no_facility_and_no_guarantee(
    client: Client, world: World, of_one_office: StaffUser
) -> None:
    at = f"/lenders/{world.mirror.pk}"
    lines = AuditLine.objects.count()
    for address, told in ((f"{at}/facilities", FACILITY), (f"{at}/guarantees", GUARANTEE)):
        assert post(client, of_one_office, address, None, **told).status_code == 403
    assert not Facility.objects.exists()
    assert not Guarantee.objects.exists()
    assert AuditLine.objects.count() == lines


def test_who_answers_for_the_programme_or_the_bank_does(client: Client, world: World) -> None:
    lender = world.mirror
    lender.programme, lender.organisation = world.programme, world.bank
    lender.save()
    own = staff("own", *HELD, kind=ScopeKind.PROJECT, programme_id=world.programme.pk)
    bank = staff("bank", *HELD, organisation_id=world.bank.pk)
    other = staff("other", *HELD, organisation_id=world.programme.pk)
    at = f"/lenders/{lender.pk}/facilities"
    assert [post(client, who, at, None, **FACILITY).status_code for who in (own, bank)] == [201] * 2
    assert post(client, other, at, None, **FACILITY).status_code == 403
    assert Facility.objects.count() == 2


def test_who_answers_for_one_office_opens_no_lender_and_approves_no_product(
    world: World, of_one_office: StaffUser
) -> None:
    with pytest.raises(NotAllowed):
        services.open_lender(
            acting_staff=of_one_office,
            code="NEW",
            name="New bank",
            mode=LenderMode.BANK_OWN,
            currency="USD",
            active_from=START,
        )
    version = services.propose_product(
        acting_staff=world.cast.manager,
        code="P-NEW",
        name="New",
        lender=world.direct,
        terms=TERMS,
        effective_date=date(2025, 2, 1),
    )
    with pytest.raises(NotAllowed):
        services.approve_product(
            acting_staff=of_one_office, version=version, approved_date=date(2025, 2, 1)
        )
    assert not Lender.objects.filter(code="NEW").exists()
    assert ProductVersion.objects.get(pk=version.pk).approved_by_id is None
