"""Who stands behind a loan is named only to who may see her, on the pages, on paper and in a call;
and exactly the persons named stand in the read log.
"""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from handup.lending import services
from handup.lending.models import Application, JointGroup, Loan, SecurityCall
from handup.lending.rules.security import CollateralKind
from handup.lending.services import joint, security
from handup.lending.tests.cast import START, World, approved, make_person, repay
from handup.lending.tests.test_hidden_from_the_bank import again, hide, logged
from handup.lending.tests.test_joint import WORD, call, group, lend
from handup.lending.tests.test_pages import at
from handup.people.models import Person

__all__ = ["group"]


@pytest.fixture
def uncle(world: World) -> Person:
    return make_person(world.programme, world.office, world.cast.advisor, "Uncle 0001")


@pytest.fixture
def aunt(world: World) -> Person:
    return make_person(world.programme, world.office, world.cast.advisor, "Aunt 0002")


def secured(world: World, *people: Person) -> Application:
    """An approved application they answer for, the first to a half, then a quarter."""
    row = approved(world)
    for place, person in enumerate(people, 1):
        security.record_guarantor(
            acting_staff=world.cast.officer,
            application=row,
            person=person,
            share_bps=5000 // place,
            recorded_date=START,
            word=WORD,
        )
    return row


def lent(world: World, row: Application) -> Loan:
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=START
    )
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    return loan


def test_the_printed_agreement_names_guarantors_to_who_may_see_them(
    client: Client, world: World, uncle: Person, aunt: Person
) -> None:
    loan = lent(world, secured(world, uncle, aunt))
    page = at(client, world.cast.officer, "agreement_paper", loan.pk).content.decode()
    assert "Uncle 0001" in page
    assert "Aunt 0002" in page
    assert logged() == {str(each.pk) for each in (world.person, uncle, aunt)}
    page = at(client, world.cast.cashier, "agreement_paper", loan.pk).content.decode()
    assert "Loan agreement" in page
    assert "Uncle 0001" not in page
    assert logged() == {str(world.person.pk)}
    hide(uncle, world.cast.manager)
    page = at(client, again(world.cast.officer), "agreement_paper", loan.pk).content.decode()
    assert "Uncle 0001" not in page
    assert "Aunt 0002" in page
    assert logged() == {str(each.pk) for each in (world.person, aunt)}


def test_a_pledge_of_a_hidden_owner_is_not_printed(
    client: Client, world: World, uncle: Person
) -> None:
    row = approved(world)
    security.record_collateral(
        acting_staff=world.cast.officer,
        application=row,
        kind=CollateralKind.MACHINE,
        description="Sewing machine",
        value_units=800_00,
        valued_date=START - timedelta(days=5),
        owner=uncle,
        recorded_date=START,
        word=WORD,
    )
    loan = lent(world, row)
    assert "Sewing machine" in (
        at(client, world.cast.officer, "agreement_paper", loan.pk).content.decode()
    )
    assert logged() == {str(world.person.pk), str(uncle.pk)}
    hide(uncle, world.cast.manager)
    officer = again(world.cast.officer)
    for name in ("agreement_paper", "loan_detail"):
        assert "Sewing machine" not in at(client, officer, name, loan.pk).content.decode()
        assert logged() == {str(world.person.pk)}


def test_a_hidden_member_is_not_printed_with_the_others(
    client: Client, world: World, group: JointGroup
) -> None:
    first, second, third = (
        lend(world, group, name, 600_00) for name in ("First 01", "Second 02", "Third 03")
    )
    page = at(client, world.cast.officer, "agreement_paper", first.pk).content.decode()
    assert "Second 02" in page
    assert "Third 03" in page
    assert second.person is not None
    hide(second.person, world.cast.manager)
    officer = again(world.cast.officer)
    for name in ("agreement_paper", "loan_detail"):
        page = at(client, officer, name, first.pk).content.decode()
        assert "Second 02" not in page
        assert "Third 03" in page
        assert logged() == {str(first.person_id), str(third.person_id)}


def test_a_call_names_and_reaches_only_whom_the_caller_may_see(
    client: Client, world: World, uncle: Person, aunt: Person
) -> None:
    loan = lent(world, secured(world, uncle, aunt))
    page = at(client, world.cast.officer, "call_new", loan.pk).content.decode()
    assert "Uncle 0001" in page
    assert logged() >= {str(uncle.pk)}
    hide(uncle, world.cast.manager)
    officer = again(world.cast.officer)
    page = at(client, officer, "call_new", loan.pk).content.decode()
    assert "Uncle 0001" not in page
    assert "Aunt 0002" in page
    assert str(uncle.pk) not in logged()
    today = timezone.localdate()
    calls = joint.call_security(
        acting_staff=officer, loan=loan, called_date=today, due_date=today + timedelta(days=14)
    )
    assert [each.payer for each in calls] == ["Aunt 0002"]


def test_only_a_hidden_guarantor_leads_to_no_call(
    client: Client, world: World, uncle: Person
) -> None:
    loan = lent(world, secured(world, uncle))
    assert "Call who answers for it" in (
        at(client, world.cast.officer, "loan_detail", loan.pk).content.decode()
    )
    hide(uncle, world.cast.manager)
    officer = again(world.cast.officer)
    page = at(client, officer, "loan_detail", loan.pk).content.decode()
    assert "Call who answers for it" not in page
    assert "Uncle 0001" not in page
    assert logged() == {str(world.person.pk)}
    today = timezone.localdate()
    with pytest.raises(joint.NobodyToCall):
        joint.call_security(acting_staff=officer, loan=loan, called_date=today, due_date=today)
    assert not SecurityCall.objects.exists()


def test_the_call_on_a_hidden_member_is_not_seen(
    client: Client, world: World, group: JointGroup
) -> None:
    late, payer = (lend(world, group, name, 1_200_00) for name in ("Late 01", "Payer 02"))
    for day in (START + timedelta(days=31), START + timedelta(days=59)):
        repay(world, payer, day, 113_47)
    (made,) = call(world, late)
    page = at(client, world.cast.officer, "loan_detail", late.pk).content.decode()
    assert "Payer 02" in page
    assert logged() == {str(late.person_id), str(payer.person_id)}
    assert payer.person is not None
    hide(payer.person, world.cast.manager)
    officer = again(world.cast.officer)
    assert "Payer 02" not in at(client, officer, "loan_detail", late.pk).content.decode()
    assert logged() == {str(late.person_id)}
    assert at(client, officer, "call_detail", made.pk).status_code == 404
