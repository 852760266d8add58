"""Who stands behind a loan is named only to who may see her, on the pages, on paper and in a call;
and exactly the persons named stand in the read log.
"""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from handup.lending import services
from handup.lending.models import Application, JointGroup, Loan, SecurityCall
from handup.lending.rules.security import CollateralKind
from handup.lending.services import calling, joint, security
from handup.lending.tests.cast import START, World, approved, make_person, repay
from handup.lending.tests.test_hidden_from_the_bank import again, hide, logged
from handup.lending.tests.test_joint import LATE, WORD, call, group, lend
from handup.lending.tests.test_pages import at
from handup.org.models import StaffUser
from handup.org.scope import hidden_changed
from handup.org.tests.standing import standing
from handup.people.models import Compartment, Person

__all__ = ["group"]


@standing
def uncle(world: World) -> Person:
    return make_person(world.programme, world.office, world.cast.advisor, "Uncle 0001")


@standing
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


def called(staff: StaffUser, loan: Loan) -> list[tuple[str, int]]:
    """Whom she calls for what, on a day when 226.94 is overdue."""
    calls = joint.call_security(
        acting_staff=staff, loan=loan, called_date=LATE, due_date=LATE + timedelta(days=14)
    )
    return [(each.payer, each.units) for each in calls]


def test_the_part_of_a_hidden_guarantor_moves_to_nobody_else(
    world: World, group: JointGroup, uncle: Person, aunt: Person
) -> None:
    """Uncle answers for 120.00, aunt for 60.00; of the 226.94 a member answers for the rest."""
    late = lend(world, group, "Late", 1_200_00)
    lend(world, group, "Member 03", 600_00)
    assert late.agreement is not None
    for person, cap in ((uncle, 120_00), (aunt, 60_00)):
        security.record_guarantor(
            acting_staff=world.cast.officer,
            application=late.agreement.application,
            person=person,
            cap_units=cap,
            recorded_date=START,
            word=WORD,
        )
    hide(uncle, world.cast.manager)
    officer = again(world.cast.officer)
    wanted = calling.demand(late, LATE, officer)
    assert (wanted.shortfall_units, wanted.uncalled_units) == (226_94, 120_00)
    assert called(officer, late) == [("Aunt 0002", 60_00), ("Member 03", 46_94)]
    with pytest.raises(joint.NobodyToCall):
        called(officer, late)
    _seen_again(uncle)
    assert called(again(world.cast.officer), late) == [("Uncle 0001", 120_00)]


def test_the_place_of_a_guarantor_counts_whom_her_recorder_knows(
    world: World, uncle: Person, aunt: Person
) -> None:
    row = secured(world, uncle)
    hide(uncle, world.cast.manager)
    second = security.record_guarantor(
        acting_staff=again(world.cast.officer), application=row, person=aunt, share_bps=2500,
        recorded_date=START, word=WORD,
    )  # fmt: skip
    assert second.place == 1


def test_further_calls_bring_a_member_nothing_of_a_hidden_one(
    world: World, group: JointGroup
) -> None:
    """The others owe 600.00 and 300.00, so 151.29 and 75.65 of the 226.94; the first is hidden."""
    late = lend(world, group, "Late", 1_200_00)
    first = lend(world, group, "First 01", 600_00)
    lend(world, group, "Second 02", 300_00)
    assert first.person is not None
    hide(first.person, world.cast.manager)
    officer = again(world.cast.officer)
    assert called(officer, late) == [("Second 02", 75_65)]
    assert calling.demand(late, LATE, officer).uncalled_units == 151_29
    with pytest.raises(joint.NobodyToCall):
        called(officer, late)
    assert SecurityCall.objects.count() == 1


def _seen_again(person: Person) -> None:
    Compartment._base_manager.filter(person=person).update(closed_date=date(2024, 1, 2))
    hidden_changed()


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
