"""Premiums taken with loans are owed to insurers: due by name, put together by one person, handed
on by another, taken back, and the books agree loan by loan.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.models import Entry, Fund
from handup.lending import services as lending
from handup.lending.errors import BeforeItsEvent, FutureDate
from handup.lending.models import Lender, Loan, PremiumLine, PremiumPayment
from handup.lending.rules.premiums import still_due
from handup.lending.services import premiums as services
from handup.lending.tests.cast import START, World, clean, signed
from handup.lending.tests.donors import donor
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_fee_table import COVER, held, with_fees
from handup.lending.tests.test_funds import named
from handup.lending.tests.test_pages import at, do
from handup.lending.tests.test_withdrawal import TENTH, withdraw
from handup.lending.verify_premiums import premiums_match
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.permissions import NotAllowed
from handup.org.tests.standing import standing
from handup.projects.models import Organisation

FEBRUARY = date(2025, 2, 3)


@standing
def insurer(db: None) -> Organisation:
    return Organisation.objects.create(code="SAFE", name="Safe and Sound")


@standing
def insured(world: World) -> Loan:
    """1,200.00 of which 12.00 are kept back for the insurer."""
    return with_fees(world, {**COVER, "refundable": True})


def name(world: World, insurer: Organisation) -> None:
    services.name_insurer(
        acting_staff=world.cast.manager, lender=world.direct, fee_code="Cover", insurer=insurer
    )


def prepare(world: World, insurer: Organisation, units: int = 12_00, **changes: Any) -> Any:
    told: dict[str, Any] = {"acting_staff": world.cast.accountant, "through_date": FEBRUARY}
    return services.prepare_premiums(
        lender=world.direct, insurer=insurer, units=units, **{**told, **changes}
    )


def pay(world: World, payment: PremiumPayment, on: date = FEBRUARY, **changes: Any) -> Any:
    told: dict[str, Any] = {"acting_staff": world.cast.director, "reference": "P-1", **changes}
    return services.pay_premiums(payment=payment, value_date=on, **told)


def due(lender: Lender) -> list[tuple[str, int]]:
    return [(item.fee_code, item.units) for item in services.premiums_due(lender)]


@pytest.mark.parametrize(
    ("taken", "handed", "back", "refundable", "left"),
    [
        ({}, {}, 0, (), {}),
        ({"A": 5, "B": 7}, {"A": 5}, 0, (), {"B": 7}),
        ({"A": 5, "B": 7}, {}, 5, ("A",), {"B": 7}),
        ({"A": 5}, {"A": 5}, 5, ("A",), {"A": -5}),
        ({"A": 5, "B": 7}, {}, 12, ("B", "A"), {}),
    ],
)
def test_what_is_due_is_what_was_taken_and_neither_handed_on_nor_given_back(
    taken: dict[str, int],
    handed: dict[str, int],
    back: int,
    refundable: tuple[str, ...],
    left: dict[str, int],
) -> None:
    assert still_due(taken, handed, back, refundable) == left


def test_premiums_are_put_together_by_one_and_handed_on_by_another(
    world: World, insured: Loan, insurer: Organisation
) -> None:
    assert [item.insurer for item in services.premiums_due(world.direct)] == [None]
    with pytest.raises(services.NothingDue):
        prepare(world, insurer)
    name(world, insurer)
    assert services.premiums_due(world.direct, START - timedelta(days=1)) == []
    pk = new_id()
    payment = prepare(world, insurer, id=pk)
    assert prepare(world, insurer, id=pk) == payment
    with pytest.raises(SameIdOtherContent):
        prepare(world, insurer, 13_00, id=pk)
    assert due(world.direct) == []
    with pytest.raises(services.PremiumsWaiting):
        prepare(world, insurer)
    same = world.cast.manager
    PremiumPayment.objects.update(prepared_by=same)
    with pytest.raises(SamePerson):
        pay(world, payment, acting_staff=same)
    bank = held(world, "BANK")
    paid = pay(world, payment)
    assert pay(world, payment) == paid
    assert (held(world, "INSURANCE_PAYABLE"), held(world, "BANK")) == (0, bank - 12_00)
    with pytest.raises(services.PremiumsOver):
        pay(world, payment, reference="P-2")
    assert Entry.objects.filter(kind="INSURANCE_HANDED_ON").count() == 1
    clean()


def test_what_is_taken_back_is_due_again(
    world: World, insured: Loan, insurer: Organisation
) -> None:
    name(world, insurer)
    payment = prepare(world, insurer)

    def back(**changes: Any) -> Any:
        told: dict[str, Any] = {"value_date": FEBRUARY, "reason": "Wrong insurer", **changes}
        return services.take_back_premiums(
            acting_staff=changes.pop("by", world.cast.director),
            payment=PremiumPayment.objects.get(pk=payment.pk),
            **{key: told[key] for key in ("value_date", "reason")},
        )

    back(by=world.cast.accountant)
    assert due(world.direct) == [("Cover", 12_00)]
    payment = prepare(world, insurer)
    pay(world, payment)
    with pytest.raises(ReasonNeeded):
        back(reason=" ")
    with pytest.raises(BeforeItsEvent):
        back(value_date=FEBRUARY - timedelta(days=1))
    with pytest.raises(NotAllowed):
        back(by=world.cast.accountant)
    back()
    assert (held(world, "INSURANCE_PAYABLE"), due(world.direct)) == (-12_00, [("Cover", 12_00)])
    with pytest.raises(services.PremiumsOver):
        back()
    clean()


def test_another_amount_a_day_to_come_and_a_changed_loan_are_refused(
    world: World, insured: Loan, insurer: Organisation
) -> None:
    name(world, insurer)
    with pytest.raises(services.PremiumsChanged, match=r"12\.00"):
        prepare(world, insurer, 11_00)
    with pytest.raises(FutureDate):
        prepare(world, insurer, through_date=timezone.localdate() + timedelta(days=1))
    with pytest.raises(services.FeeUnknown):
        services.name_insurer(
            acting_staff=world.cast.manager, lender=world.direct, fee_code="X", insurer=insurer
        )
    assert not PremiumPayment.objects.exists()
    payment = prepare(world, insurer)
    withdraw(world, insured, units=1_207_74 - 12_00)
    with pytest.raises(services.PremiumsChanged):
        pay(world, payment)
    payment.refresh_from_db()
    assert payment.paid_date is None
    assert held(world, "INSURANCE_PAYABLE") == 0
    clean()


def test_a_premium_given_back_after_it_was_handed_on_comes_off_the_next_payment(
    world: World, insured: Loan, insurer: Organisation
) -> None:
    name(world, insurer)
    pay(world, prepare(world, insurer), TENTH)
    withdraw(world, insured, units=1_207_74 - 12_00)
    assert (due(world.direct), held(world, "INSURANCE_PAYABLE")) == ([("Cover", -12_00)], 12_00)
    with pytest.raises(services.NothingDue):
        prepare(world, insurer)
    product = insured.agreement.application.product_version if insured.agreement else None
    other = signed(world, 3_600_00, product_version=product)
    lending.disburse_loan(acting_staff=world.cast.manager, loan=other, value_date=TENTH)
    payment = prepare(world, insurer, 24_00)
    assert sorted(PremiumLine.objects.filter(payment=payment).values_list("units", flat=True)) == [
        -12_00,
        36_00,
    ]
    pay(world, payment)
    assert held(world, "INSURANCE_PAYABLE") == 0
    clean()


def test_a_line_of_no_payment_is_told_by_the_proof(
    world: World, insured: Loan, insurer: Organisation
) -> None:
    assert list(premiums_match()) == []
    name(world, insurer)
    payment = prepare(world, insurer)
    PremiumPayment.objects.filter(pk=payment.pk).update(paid_date=FEBRUARY)
    found = [(item.key, item.stored, item.computed) for item in premiums_match()]
    assert found == [
        (f"loan {insured.code} INSURANCE_PAYABLE", "1200", "0"),
        (f"premium payment {payment.pk}", "no entry", "one entry"),
    ]


def test_the_pages_lead_from_due_to_handed_on_and_back(
    client: Client, world: World, insured: Loan, insurer: Organisation
) -> None:
    cast, lender = world.cast, world.direct
    shown = at(client, cast.manager, "lender_premiums", lender.pk).content.decode()
    assert "not named yet" in shown
    told = {"fee_code": "Cover", "insurer": str(insurer.pk)}
    assert do(client, cast.manager, "premium_insurer", lender.pk, **told).status_code == 302
    form = {
        "insurer": str(insurer.pk),
        "through_date": FEBRUARY.isoformat(),
        "units": "12.00",
    }
    assert at(client, cast.accountant, "premiums_prepare", lender.pk).status_code == 200
    done = do(client, cast.accountant, "premiums_prepare", lender.pk, **form)
    assert done.status_code == 302
    payment = PremiumPayment.objects.get()
    shown = at(client, cast.accountant, "premium_payment", payment.pk).content.decode()
    assert insured.code in shown
    assert "Waits for another person" in shown
    paid = {"value_date": FEBRUARY.isoformat(), "method": "BANK", "reference": "P-1", "reason": ""}
    assert do(client, cast.director, "premiums_pay", payment.pk, **paid).status_code == 302
    back = {"value_date": FEBRUARY.isoformat(), "reason": "Twice"}
    assert do(client, cast.manager, "premiums_back", payment.pk, **back).status_code == 302
    shown = at(client, cast.manager, "lender_premiums", lender.pk).content.decode()
    assert "Taken back" in shown
    assert at(client, cast.officer, "lender_premiums", lender.pk).status_code == 403


def test_the_api_lists_prepares_and_pays(
    client: Client, world: World, insured: Loan, insurer: Organisation
) -> None:
    cast, path = world.cast, f"/lenders/{world.direct.pk}"
    told: dict[str, Any] = {"fee_code": "Cover", "insurer_id": str(insurer.pk)}
    assert post(client, cast.manager, f"{path}/insurers", **told).status_code == 201
    (item,) = get(client, cast.accountant, f"{path}/premiums").json()
    assert (item["loan_id"], item["units"]) == (str(insured.pk), 12_00)
    new: dict[str, Any] = {
        "insurer_id": str(insurer.pk),
        "through_date": FEBRUARY.isoformat(),
        "units": 12_00,
    }
    made = post(client, cast.accountant, f"{path}/premium-payments", **new)
    assert made.status_code == 201, made.content
    paid: dict[str, Any] = {"value_date": FEBRUARY.isoformat()}
    way = f"/premium-payments/{made.json()['id']}"
    assert post(client, cast.director, f"{way}/paid", **paid).json()["paid_date"]
    back: dict[str, Any] = {"value_date": FEBRUARY.isoformat(), "reason": "Twice"}
    assert post(client, cast.director, f"{way}/taken-back", **back).status_code == 201
    assert held(world, "INSURANCE_PAYABLE") == -12_00


def test_what_a_fund_owes_an_insurer_is_handed_on_after_its_last_day(
    world: World, insurer: Organisation
) -> None:
    """It took the premium in while it was open; a new loan out of it stays refused."""
    fund = named(world, donor(world))
    with_fees(world, {**COVER, "refundable": True})
    name(world, insurer)
    payment = prepare(world, insurer)
    Fund.objects.filter(pk=fund.pk).update(ends=START)
    pay(world, payment)
    entry = Entry.objects.get(kind="INSURANCE_HANDED_ON")
    assert "OUTSIDE_FUND" in entry.flags
    assert {line.fund_id for line in entry.lines.all()} == {fund.pk}
    clean()
