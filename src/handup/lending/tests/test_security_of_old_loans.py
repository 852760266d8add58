"""Guarantors and collateral of a loan that came from an old book and never had an application."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.models import Collateral, Guarantor, Loan, SecurityCall
from handup.lending.rules.codes import LoanState
from handup.lending.rules.security import CollateralKind
from handup.lending.services import joint, security
from handup.lending.tests.cast import (
    START,
    World,
    applied,
    clean,
    make_person,
    repay,
    running,
    staff,
)
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_old_book import existing
from handup.lending.tests.test_security import WORD, guarantee, pledge
from handup.org.models import ReadEntry
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.standing import standing
from handup.people.models import Person

TODAY = START - timedelta(days=8)


@standing
def old(world: World) -> Loan:
    """1,200.00 lent in 1998, interest-free in twelve months, in the main office."""
    item = existing(world, office=world.office)
    (loan,) = services.enter_loans([item], acting_staff=world.cast.accountant)
    loan.refresh_from_db()
    return loan


@standing
def uncle(world: World) -> Person:
    return make_person(world.programme, world.office, world.cast.advisor, "Uncle 0001")


def other(world: World) -> Person:
    return make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")


def behind(world: World, loan: Loan, **changes: Any) -> Guarantor:
    told: dict[str, Any] = {"cap_units": 500_00, "word": WORD, "recorded_date": TODAY, **changes}
    return security.record_guarantor(acting_staff=world.cast.officer, loan=loan, **told)


def pledged(world: World, loan: Loan, **changes: Any) -> Collateral:
    told: dict[str, Any] = {
        "kind": CollateralKind.MACHINE,
        "description": "Sewing machine",
        "value_units": 800_00,
        "valued_date": TODAY,
        "word": WORD,
        "recorded_date": TODAY,
        **changes,
    }
    return security.record_collateral(acting_staff=world.cast.officer, loan=loan, **told)


def test_an_old_loan_is_secured_called_and_released(world: World, old: Loan, uncle: Person) -> None:
    row = behind(world, old, person=uncle)
    thing = pledged(world, old)
    today = timezone.localdate()
    calls = joint.call_security(
        acting_staff=world.cast.officer, loan=old, called_date=today, due_date=today
    )
    assert [(call.guarantor, call.units) for call in calls] == [(row, 500_00)]
    joint.record_call_payment(
        acting_staff=world.cast.accountant, call=calls[0], value_date=today, units=500_00
    )
    for item in (row, thing):
        with pytest.raises(security.StillOwed):
            security.release_security(
                acting_staff=world.cast.officer, item=item, released_date=today
            )
    clean()
    repay(world, old, today, 700_00)
    for item in (row, thing):
        security.release_security(acting_staff=world.cast.officer, item=item, released_date=today)
    assert Loan.objects.get(pk=old.pk).state == LoanState.SETTLED
    clean()
    with pytest.raises(security.NothingToSecure):
        pledged(world, old)


def test_the_borrower_and_the_same_guarantor_twice_are_refused(
    world: World, old: Loan, uncle: Person
) -> None:
    with pytest.raises(security.GuaranteesHerself):
        behind(world, old, person=world.person)
    behind(world, old, person=uncle)
    with pytest.raises(security.AlreadyGuarantor):
        behind(world, old, person=uncle)
    assert Guarantor.objects.count() == 1


def test_a_loan_that_was_asked_for_keeps_its_security_at_its_application(
    world: World, uncle: Person
) -> None:
    loan = running(world)
    row = behind(world, loan, person=uncle, recorded_date=START)
    assert loan.agreement is not None
    assert (row.loan, row.application) == (None, loan.agreement.application)


def test_security_hangs_on_one_of_the_two(world: World, old: Loan, uncle: Person) -> None:
    row = applied(world, person=other(world))
    with pytest.raises(security.ApplicationOrLoan):
        guarantee(world, row, person=uncle, loan=old)
    with pytest.raises(security.ApplicationOrLoan):
        security.record_guarantor(
            acting_staff=world.cast.officer, word=WORD, recorded_date=TODAY, person=uncle
        )
    made = behind(world, old, person=uncle)
    made.pk, made.application = new_id(), row
    with pytest.raises(IntegrityError), transaction.atomic():
        Guarantor.objects.bulk_create([made])


def test_only_who_reaches_the_loan_sees_and_changes_what_secures_it(
    world: World, old: Loan, uncle: Person
) -> None:
    """By office, by programme and by organisation: the loan says where it lies."""
    row = behind(world, old, person=uncle)
    pledge(world, applied(world, person=other(world)))
    near = staff("near", Role.LOAN_OFFICER, kind=ScopeKind.OFFICE, office=world.office)
    own = staff("own", Role.LOAN_OFFICER, kind=ScopeKind.CASELOAD)
    assert Guarantor.objects.visible_to(near).get() == row
    assert Collateral.objects.visible_to(near).count() == 1
    assert not Guarantor.objects.visible_to(own).exists()
    assert Guarantor.objects.visible_to(world.cast.officer).count() == 1
    assert not Guarantor.objects.visible_to(world.cast.outsider).exists()
    assert not Guarantor.objects.visible_to(world.cast.clerk).exists()
    with pytest.raises(OutOfSight):
        security.release_security(acting_staff=world.cast.outsider, item=row, released_date=TODAY)
    with pytest.raises(NotAllowed):
        security.record_guarantor(
            acting_staff=world.cast.cashier,
            loan=old,
            person=uncle,
            cap_units=1,
            word=WORD,
            recorded_date=TODAY,
        )
    row.refresh_from_db()
    assert row.released_date is None


def test_a_bank_sees_what_secures_its_own_old_loans(world: World, uncle: Person) -> None:
    item = existing(world, lender=world.mirror)
    (loan,) = services.enter_loans([item], acting_staff=world.cast.accountant)
    row = behind(world, loan, person=uncle)
    assert Guarantor.objects.visible_to(world.cast.clerk).get() == row


def test_pages_show_and_take_security_of_an_old_loan(
    client: Client, world: World, old: Loan, uncle: Person
) -> None:
    client.force_login(world.cast.officer)
    page = client.get(reverse("lending:loan_detail", args=[old.pk])).content.decode()
    assert reverse("lending:loan_guarantor_new", args=[old.pk]) in page
    told = {
        "person": uncle.registration_no,
        "cap_units": "500",
        "order": "IN_ORDER",
        "agreed_date": TODAY.isoformat(),
        "agreed_how": "SIGNATURE",
        "_read_back": "1",
    }
    answer = client.post(reverse("lending:loan_guarantor_new", args=[old.pk]), told)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    told = {
        "kind": "MACHINE",
        "description": "Loom",
        "value_units": "800",
        "valued_date": TODAY.isoformat(),
        "haircut_bps": "0",
        "agreed_date": TODAY.isoformat(),
        "agreed_how": "SIGNATURE",
        "_read_back": "1",
    }
    answer = client.post(reverse("lending:loan_collateral_new", args=[old.pk]), told)
    home = reverse("lending:loan_detail", args=[old.pk])
    assert answer["Location"] == home
    page = client.get(home).content.decode()
    assert "Uncle 0001" in page
    assert "Loom" in page
    assert str(uncle.pk) in ReadEntry.objects.latest("number").persons
    assert "Call who answers for it" in page
    thing = Collateral.objects.get()
    told = {"value_units": "600", "valued_date": TODAY.isoformat(), "haircut_bps": "10"}
    client.post(reverse("lending:collateral_value", args=[thing.pk]), told)
    thing.refresh_from_db()
    assert thing.value_units == 600_00


def test_the_api_takes_security_of_an_old_loan_once(
    client: Client, world: World, old: Loan, uncle: Person
) -> None:
    key, told = (
        new_id(),
        {
            "person_id": str(uncle.pk),
            "share_bps": 5_000,
            "agreed_date": TODAY.isoformat(),
            "agreed_how": "SIGNATURE",
            "recorded_date": TODAY.isoformat(),
        },
    )
    path = f"/loans/{old.pk}"
    first = post(client, world.cast.officer, f"{path}/guarantors", key, **told)
    again = post(client, world.cast.officer, f"{path}/guarantors", key, **told)
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    pledge_told: dict[str, Any] = {
        "kind": "LAND",
        "description": "Field",
        "value_units": 900_00,
        "valued_date": date(2020, 1, 1).isoformat(),
        "agreed_date": TODAY.isoformat(),
        "agreed_how": "SIGNATURE",
        "recorded_date": TODAY.isoformat(),
    }
    assert post(client, world.cast.officer, f"{path}/collateral", **pledge_told).status_code == 201
    seen = get(client, world.cast.officer, f"{path}/security").json()
    assert (len(seen["guarantors"]), len(seen["collateral"])) == (1, 1)
    assert get(client, world.cast.outsider, f"{path}/security").status_code == 404
    assert not SecurityCall.objects.exists()
