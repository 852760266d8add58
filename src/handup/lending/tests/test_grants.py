"""Grants and kits: proposed, approved, paid by three persons; conditions, use, handing over."""

from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.errors import (
    AlreadyProposed,
    AmountNotPositive,
    BackDated,
    BeforeItsEvent,
    FutureDate,
)
from handup.lending.models import AssetTransfer, EarlierRecord, EnterpriseGrant, GrantTranche
from handup.lending.rules.codes import EarlierKind, Method, ProposalState
from handup.lending.services import grant_money, grants
from handup.lending.services.days import DAYS_KEY
from handup.lending.services.grants import AssetIn, TrancheIn
from handup.lending.tests.cast import World, clean, staff
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_pages import at, do
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.models import Setting
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.standing import standing
from handup.people.models import Consent
from handup.people.queries import ConsentMissing

DAY = date(2025, 2, 3)
LATER = date(2025, 3, 3)


def proposed(world: World, **changes: Any) -> EnterpriseGrant:
    """300.00 in two tranches and a kit worth 150.00."""
    told: dict[str, Any] = {
        "programme": world.programme,
        "purpose": "Rebuild the bakery",
        "criteria": ["Lost the oven"],
        "proposed_date": DAY,
        "tranches": [
            TrancheIn(200_00, DAY),
            TrancheIn(100_00, LATER, "The oven stands"),
        ],
        "assets": [AssetIn("Baking kit", 150_00)],
        "person": world.person,
        "book": world.book,
        **changes,
    }
    return grants.propose_grant(acting_staff=world.cast.advisor, **told)


@standing
def grant(world: World) -> EnterpriseGrant:
    """Approved by the director."""
    return grants.approve_grant(
        acting_staff=world.cast.director, grant=proposed(world), decided_date=DAY
    )


def tranche(grant: EnterpriseGrant, number: int) -> GrantTranche:
    """One of its tranches."""
    return grant.tranches.get(number=number)


def pay(world: World, row: GrantTranche, on: date = DAY, **changes: Any) -> GrantTranche:
    """The cashier pays."""
    told = {"method": Method.BANK, "receipt": "R-1", **changes}
    return grant_money.pay_tranche(
        acting_staff=world.cast.cashier, tranche=row, paid_date=on, **told
    )


def test_a_grant_is_the_sum_of_its_parts_and_waits_for_another_person(world: World) -> None:
    row = proposed(world)
    assert (row.approved_units, row.state) == (450_00, ProposalState.PROPOSED)
    assert row.criteria_met == ["Lost the oven"]
    with pytest.raises(grants.GrantNotApproved):
        pay(world, tranche(row, 1))
    assert not GrantTranche.objects.exclude(paid_date=None).exists()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"tranches": [], "assets": []}, grants.GrantEmpty),
        ({"criteria": [" "]}, grants.CriteriaMissing),
        ({"tranches": [TrancheIn(0, DAY)]}, AmountNotPositive),
        ({"assets": [AssetIn("Goat", 1_00, 0)]}, AmountNotPositive),
    ],
)
def test_half_a_grant_is_refused(
    world: World, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        proposed(world, **changes)
    assert not EnterpriseGrant.objects.exists()


def test_without_her_consent_nothing_is_proposed(world: World) -> None:
    Consent.objects.filter(person=world.person, purpose="SERVICE").delete()
    with pytest.raises(ConsentMissing):
        proposed(world)
    assert not EnterpriseGrant.objects.exists()


def test_who_proposed_does_not_approve_and_who_approved_does_not_pay(world: World) -> None:
    row = proposed(world)
    with pytest.raises(NotAllowed):
        grants.approve_grant(acting_staff=world.cast.advisor, grant=row, decided_date=DAY)
    mine = grants.propose_grant(
        acting_staff=world.cast.manager,
        programme=world.programme,
        purpose="A goat",
        criteria=["No land"],
        proposed_date=DAY,
        tranches=[TrancheIn(10_00, DAY)],
        person=world.person,
    )
    with pytest.raises(SamePerson):
        grants.approve_grant(acting_staff=world.cast.manager, grant=mine, decided_date=DAY)
    grants.approve_grant(acting_staff=world.cast.director, grant=mine, decided_date=DAY)
    with pytest.raises(SamePerson):
        grant_money.pay_tranche(
            acting_staff=world.cast.manager,
            tranche=tranche(mine, 1),
            paid_date=DAY,
            method=Method.CASH,
            receipt="R-1",
        )
    mine.refresh_from_db()
    assert tranche(mine, 1).paid_date is None


def test_a_declined_grant_needs_a_reason_and_is_decided_once(world: World) -> None:
    row = proposed(world)
    with pytest.raises(ReasonNeeded):
        grants.approve_grant(
            acting_staff=world.cast.director, grant=row, decided_date=DAY, approve=False
        )
    grants.approve_grant(
        acting_staff=world.cast.director,
        grant=row,
        decided_date=DAY,
        approve=False,
        reason="Already helped",
    )
    with pytest.raises(grants.GrantDecided):
        grants.approve_grant(acting_staff=world.cast.director, grant=row, decided_date=DAY)
    row.refresh_from_db()
    assert row.state == ProposalState.DECLINED


def test_a_tranche_is_paid_once_against_a_receipt_and_posted(
    world: World, grant: EnterpriseGrant
) -> None:
    before = balance(world.book, "BANK")
    with pytest.raises(grant_money.ReceiptMissing):
        pay(world, tranche(grant, 1), receipt=" ")
    pay(world, tranche(grant, 1))
    assert before - balance(world.book, "BANK") == 200_00
    assert balance(world.book, "GRANTS_GIVEN") == 200_00
    with pytest.raises(grant_money.TranchePaid):
        pay(world, tranche(grant, 1))
    assert balance(world.book, "GRANTS_GIVEN") == 200_00
    clean()


def test_the_next_tranche_waits_for_its_condition_and_for_the_use_of_the_one_before(
    world: World, grant: EnterpriseGrant
) -> None:
    second = tranche(grant, 2)
    with pytest.raises(grant_money.ConditionNotMet):
        pay(world, second, LATER)
    with pytest.raises(grants.PaperMissing):
        grants.meet_tranche_condition(
            acting_staff=world.cast.officer, tranche=second, met_date=LATER, document=""
        )
    grants.meet_tranche_condition(
        acting_staff=world.cast.officer, tranche=second, met_date=LATER, document="Photo 3"
    )
    with pytest.raises(grants.NoCondition):
        grants.meet_tranche_condition(
            acting_staff=world.cast.officer, tranche=second, met_date=LATER, document="Photo 4"
        )
    with pytest.raises(grant_money.TrancheBefore):
        pay(world, second, LATER)
    pay(world, tranche(grant, 1))
    with pytest.raises(grant_money.TrancheBefore):
        pay(world, second, LATER)
    check: dict[str, Any] = {"tranche": tranche(grant, 1), "checked_date": LATER}
    grants.check_tranche_use(
        acting_staff=world.cast.officer, as_agreed=False, note="Spent on rent", **check
    )
    with pytest.raises(grant_money.UsedOtherwise):
        pay(world, second, LATER)
    grants.check_tranche_use(acting_staff=world.cast.officer, as_agreed=True, **check)
    pay(world, second, LATER)
    assert balance(world.book, "GRANTS_GIVEN") == 300_00


def test_the_same_id_with_other_parts_is_refused(world: World) -> None:
    key = new_id()
    assert proposed(world, id=key) == proposed(world, id=key)
    others: list[dict[str, Any]] = [
        {"tranches": [TrancheIn(100_00, DAY), TrancheIn(200_00, LATER, "The oven stands")]},
        {"assets": [AssetIn("Another kit", 150_00)]},
        {"criteria": ["other"]},
    ]
    for changed in others:
        with pytest.raises(SameIdOtherContent):
            proposed(world, id=key, **changed)


def test_a_wrong_payment_is_taken_back_and_paid_anew(world: World, grant: EnterpriseGrant) -> None:
    first = pay(world, tranche(grant, 1), LATER)
    with pytest.raises(NotAllowed):
        grant_money.take_back_tranche(
            acting_staff=world.cast.cashier, tranche=first, taken_date=LATER, reason="Wrong"
        )
    with pytest.raises(BeforeItsEvent):
        grant_money.take_back_tranche(
            acting_staff=world.cast.accountant, tranche=first, taken_date=DAY, reason="Wrong"
        )
    grant_money.take_back_tranche(
        acting_staff=world.cast.accountant, tranche=first, taken_date=LATER, reason="Wrong person"
    )
    assert balance(world.book, "GRANTS_GIVEN") == 0
    clean()
    pay(world, tranche(grant, 1), LATER, method=Method.BANK, receipt="R-2")
    assert balance(world.book, "GRANTS_GIVEN") == 200_00
    clean()


def test_nothing_is_paid_before_approval_or_on_a_day_to_come(
    world: World, grant: EnterpriseGrant
) -> None:
    with pytest.raises(grants.GrantBefore):
        pay(world, tranche(grant, 1), DAY - timedelta(days=1))
    with pytest.raises(FutureDate):
        pay(world, tranche(grant, 1), timezone.localdate() + timedelta(days=1))
    with pytest.raises(OutOfSight):
        grant_money.pay_tranche(
            acting_staff=world.cast.outsider,
            tranche=tranche(grant, 1),
            paid_date=DAY,
            method=Method.CASH,
            receipt="R-1",
        )
    assert balance(world.book, "GRANTS_GIVEN") == 0


def test_a_kit_is_handed_over_once_posted_when_bought_and_checked(
    world: World, grant: EnterpriseGrant
) -> None:
    kit: AssetTransfer = grant.assets.get()
    with pytest.raises(grants.NotHandedOver):
        grants.check_asset(
            acting_staff=world.cast.officer, asset=kit, checked_date=DAY, still_held=True
        )
    grant_money.hand_over_asset(
        acting_staff=world.cast.cashier,
        asset=kit,
        handed_over_date=DAY,
        receipt="K-1",
        method=Method.BANK,
    )
    assert balance(world.book, "GRANTS_GIVEN") == 150_00
    with pytest.raises(grant_money.AlreadyHandedOver):
        grant_money.hand_over_asset(
            acting_staff=world.cast.cashier, asset=kit, handed_over_date=DAY, receipt="K-2"
        )
    with pytest.raises(ReasonNeeded):
        grants.check_asset(
            acting_staff=world.cast.officer, asset=kit, checked_date=LATER, still_held=False
        )
    grants.check_asset(
        acting_staff=world.cast.officer, asset=kit, checked_date=LATER, still_held=True
    )
    kit.refresh_from_db()
    assert kit.still_held is True
    clean()


def test_a_kit_from_the_store_posts_nothing(world: World, grant: EnterpriseGrant) -> None:
    grant_money.hand_over_asset(
        acting_staff=world.cast.cashier,
        asset=grant.assets.get(),
        handed_over_date=DAY,
        receipt="K-1",
    )
    assert balance(world.book, "GRANTS_GIVEN") == 0
    clean()


def test_a_grant_goes_through_its_pages(client: Client, world: World) -> None:
    cast, today = world.cast, timezone.localdate().isoformat()
    assert at(client, cast.manager, "grant_new").status_code == 200
    told = {
        "receiver": world.person.registration_no,
        "programme": str(world.programme.pk),
        "book": str(world.book.pk),
        "purpose": "Rebuild the bakery",
        "criteria": "Lost the oven\nFive children",
        "proposed_date": today,
        "tranche_1_amount": "200",
        "tranche_1_date": today,
        "tranche_2_amount": "100",
        "tranche_2_date": today,
        "tranche_2_condition": "The oven stands",
        "asset_1_what": "Baking kit",
        "asset_1_value": "150",
    }
    half = do(client, cast.manager, "grant_new", **{**told, "tranche_1_date": ""})
    assert half.status_code == 422
    assert not EnterpriseGrant.objects.exists()
    made = do(client, cast.manager, "grant_new", **told)
    assert made.status_code == 302, made.content.decode()[-3000:]
    row = EnterpriseGrant.objects.get()
    assert (row.approved_units, row.assets.get().quantity) == (450_00, 1)
    done = do(client, cast.director, "grant_decide", row.pk, approve="yes", decided_date=today)
    assert done.status_code == 302
    first, second = row.tranches.all()
    for name, part, data in (
        ("tranche_pay", first, {"paid_date": today, "method": "BANK", "receipt": "R-1"}),
        ("asset_hand_over", row.assets.get(), {"handed_over_date": today, "receipt": "K-1"}),
    ):
        assert at(client, cast.cashier, name, part.pk).status_code == 200
        done = do(client, cast.cashier, name, part.pk, **data)
        assert done.status_code == 302, done.content.decode()[-2000:]
    for name, part, data in (
        ("tranche_use", first, {"checked_date": today, "as_agreed": "yes"}),
        ("tranche_condition", second, {"met_date": today, "document": "Photo 3"}),
        ("asset_check", row.assets.get(), {"checked_date": today, "still_held": "yes"}),
    ):
        assert at(client, cast.officer, name, part.pk).status_code == 200
        done = do(client, cast.officer, name, part.pk, **data)
        assert done.status_code == 302, done.content.decode()[-2000:]
    back = do(
        client, cast.accountant, "tranche_take_back", first.pk, taken_date=today, reason="Wrong"
    )
    assert back.status_code == 302
    page = at(client, cast.officer, "grant_detail", row.pk).content.decode()
    assert "The oven stands" in page
    assert "Five children" not in page  # criteria are nobody's to read on a page
    assert "Still there" in page
    listed = at(client, cast.officer, "grant_list").content.decode()
    assert row.code in listed
    assert at(client, cast.outsider, "grant_detail", row.pk).status_code == 404


def test_the_api_takes_a_grant_from_proposal_to_receipt(client: Client, world: World) -> None:
    cast = world.cast
    made = post(
        client,
        cast.manager,
        "/grants",
        programme_id=str(world.programme.pk),
        purpose="A goat",
        criteria=["No land"],
        proposed_date="2025-02-03",
        person_id=str(world.person.pk),
        tranches=[{"units": 50_00, "planned_date": "2025-02-04", "condition": "A stable"}],
        assets=[{"description": "Goat", "value_units": 90_00}],
    )
    assert made.status_code == 201, made.content
    where = f"/grants/{made.json()['id']}"
    decided = post(
        client, cast.director, f"{where}/decision", approve=True, decided_date="2025-02-03"
    )
    assert decided.json()["state"] == "APPROVED"
    shown = get(client, cast.officer, where).json()
    assert "criteria" not in str(shown)
    part, thing = f"/tranches/{shown['tranches'][0]['id']}", f"/assets/{shown['assets'][0]['id']}"
    steps: list[tuple[Any, str, dict[str, Any]]] = [
        (cast.officer, f"{part}/condition", {"met_date": "2025-02-04", "document": "Photo"}),
        (
            cast.cashier,
            f"{part}/payment",
            {"paid_date": "2025-02-04", "method": "CASH", "receipt": "R-1"},
        ),
        (cast.officer, f"{part}/use", {"checked_date": "2025-02-05", "as_agreed": True}),
        (cast.cashier, f"{thing}/hand-over", {"handed_over_date": "2025-02-04", "receipt": "K"}),
        (cast.officer, f"{thing}/check", {"checked_date": "2025-02-05", "still_held": True}),
        (cast.accountant, f"{part}/reversal", {"taken_date": "2025-02-06", "reason": "Wrong"}),
    ]
    for by, path, data in steps:
        answer = post(client, by, path, **data)
        assert answer.status_code == 201, (path, answer.content)
    assert get(client, cast.officer, "/grants").json()["items"]


# --- early days -----------------------------------------------------------------------------------


def test_a_grant_is_not_decided_nor_paid_on_an_early_day_by_one_person(world: World) -> None:
    row, cast = proposed(world), world.cast
    clerk = staff("second_hand", Role.FINANCE_MANAGER)
    Setting.objects.filter(key=DAYS_KEY).delete()

    def approve(on: date) -> None:
        grants.approve_grant(acting_staff=cast.director, grant=row, decided_date=on)

    tomorrow = timezone.localdate() + timedelta(days=1)
    for on, refusal in ((DAY - timedelta(days=1), grants.DecidedBefore), (tomorrow, FutureDate)):
        with pytest.raises(refusal):
            approve(on)
    with patch.object(grants, "may", return_value=False), pytest.raises(BackDated):
        approve(DAY)
    row.refresh_from_db()
    assert row.state == ProposalState.PROPOSED
    approve(DAY)  # who may confirm early days: with the one who proposed it, two persons' word
    first = tranche(row, 1)
    with pytest.raises(BackDated):
        pay(world, first)

    def say(kind: EarlierKind, **told: Any) -> EarlierRecord:
        return services.propose_earlier(
            acting_staff=clerk,
            kind=kind,
            value_date=DAY,
            told=told,
            proposed_date=timezone.localdate(),
            reason="The receipt came by post",
        )

    told = {"tranche": first, "method": Method.BANK, "receipt": "R-1"}
    held = say(EarlierKind.GRANT_PAID, **told)
    with pytest.raises(AlreadyProposed):
        say(EarlierKind.GRANT_PAID, **told)
    first.refresh_from_db()
    assert (first.paid_date, held.units, held.currency) == (None, first.units, row.currency)
    with pytest.raises(SamePerson):  # she approved the grant
        services.decide_earlier(acting_staff=cast.director, record=held, decided_date=DAY)
    services.decide_earlier(acting_staff=cast.manager, record=held, decided_date=DAY)
    first.refresh_from_db()
    assert (first.paid_date, first.receipt) == (DAY, "R-1")
    wrong: dict[str, Any] = {"acting_staff": clerk, "tranche": first, "reason": "Wrong"}
    with pytest.raises(BackDated):
        grant_money.take_back_tranche(taken_date=DAY, **wrong)
    kit = row.assets.get()
    with pytest.raises(BackDated):
        grant_money.hand_over_asset(
            acting_staff=cast.cashier, asset=kit, handed_over_date=DAY, receipt="R-2"
        )
    kit.refresh_from_db()
    assert kit.handed_over_date is None
