"""A grant is narrowed to a programme or an organisation by its name, on the page of settings."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.services.access import NotKeptHere, OrganisationNeeded, give_grant
from handup.org.tests.staff import staff_with
from handup.projects.models import Organisation, Programme
from handup.projects.models.labels import OrgKind
from handup.projects.services import register_organisation


@pytest.fixture
def administrator(db: None) -> StaffUser:
    return staff_with("administrator", Role.ADMINISTRATOR)


@pytest.fixture
def newcomer(db: None) -> StaffUser:
    return StaffUser.objects.create_user("newcomer", display_name="Newcomer")


@pytest.fixture
def bank(manager: StaffUser) -> Organisation:
    return register_organisation(
        acting_staff=manager, code="BANK", name="Valley Bank", kinds=(OrgKind.BANK,)
    )


def give(
    administrator: StaffUser,
    newcomer: StaffUser,
    role: Role,
    *,
    programme_id: UUID | None = None,
    organisation_id: UUID | None = None,
) -> Grant:
    today: date = timezone.localdate()
    return give_grant(
        acting_staff=administrator,
        staff=newcomer,
        role=role,
        scope=ScopeKind.PROJECT if programme_id else ScopeKind.ALL,
        starts=today,
        ends=today + timedelta(days=90),
        programme_id=programme_id,
        organisation_id=organisation_id,
    )


def test_a_clerk_of_a_partner_bank_is_named_with_her_bank(
    administrator: StaffUser, newcomer: StaffUser, bank: Organisation
) -> None:
    with pytest.raises(OrganisationNeeded) as refused:
        give(administrator, newcomer, Role.BANK_CLERK)
    assert refused.value.field == "organisation"
    assert not newcomer.grants.exists()
    give(administrator, newcomer, Role.BANK_CLERK, organisation_id=bank.pk)
    assert newcomer.grants.get().organisation_id == bank.pk


def test_a_number_that_nobody_keeps_is_refused(
    administrator: StaffUser, newcomer: StaffUser, bank: Organisation
) -> None:
    with pytest.raises(NotKeptHere) as refused:
        give(administrator, newcomer, Role.MANAGER, programme_id=bank.pk)
    assert refused.value.field == "programme"
    with pytest.raises(NotKeptHere):
        give(administrator, newcomer, Role.BANK_CLERK, organisation_id=new_id())
    assert not newcomer.grants.exists()


def test_the_page_offers_programmes_and_organisations_by_name(
    administrator: StaffUser, newcomer: StaffUser, programme: Programme, bank: Organisation
) -> None:
    browser = Client()
    browser.force_login(administrator)
    address = f"/settings/staff/{newcomer.pk}/role/"
    form = browser.get(address).content.decode()
    assert f'<option value="{programme.pk}">{programme.title}</option>' in form
    assert f'<option value="{bank.pk}">Valley Bank</option>' in form
    today = timezone.localdate()
    data = {
        "role": "BANK_CLERK",
        "scope": "PROJECT",
        "programme": str(programme.pk),
        "organisation": str(bank.pk),
        "starts": str(today),
        "ends": str(today + timedelta(days=90)),
        "_read_back": "1",
    }
    wrong = browser.post(address, data | {"organisation": "Valley Bank"})
    assert wrong.status_code == 422
    assert 'href="#id_organisation"' in wrong.content.decode()
    assert browser.post(address, data).status_code == 302
    grant = newcomer.grants.get()
    assert (grant.programme_id, grant.organisation_id) == (programme.pk, bank.pk)
    shown = browser.get(f"/settings/staff/{newcomer.pk}/").content.decode()
    assert f"{programme.title} · Valley Bank" in shown
