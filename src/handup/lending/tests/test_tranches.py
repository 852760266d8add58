"""A loan paid out in parts: planned with the agreement, held up by what has to be there first, paid
out one after another, its schedule fixed anew each time, every earlier day answered as it was.
"""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.credit.schedule import Disbursement
from handup.kernel.credit.tranches import TrancheNotPlanned
from handup.ledger import services as books
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.errors import BeforeDisbursement, NotRunning, StopRule
from handup.lending.models import Loan, LoanTranche
from handup.lending.rules.codes import LenderMode, LoanState
from handup.lending.rules.offer import Asked, offer_of
from handup.lending.rules.terms import TermsNotOffered, read_terms
from handup.lending.rules.tranches import (
    TooManyTranches,
    TrancheIn,
    TrancheOfNothing,
    TranchesNotRising,
    TranchesSum,
)
from handup.lending.services.paying_parts import pay_out_tranche
from handup.lending.services.store import state_as_of
from handup.lending.services.tranches import (
    NothingToMeet,
    NoTrancheLeft,
    TrancheHeldUp,
    standing_of,
)
from handup.lending.tests.cast import (
    START,
    World,
    approved,
    clean,
    make_product,
    repay,
    signed,
    staff,
)
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_pages import at, do
from handup.org.duties import SamePerson
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role

APRIL = date(2025, 4, 15)
PARTS = (
    TrancheIn(800_00, START),
    TrancheIn(400_00, APRIL, "The roof is on"),
)


def product(world: World, **changes: Any) -> Any:
    terms = {"tranches_max": 3, **changes.pop("terms", {})}
    lender = changes.pop("lender", world.direct)
    return make_product(world.cast, lender, changes.pop("code", "PARTS"), terms=terms, **changes)


def in_parts(world: World, parts: Any = PARTS, **changes: Any) -> Loan:
    """1,200.00 over twelve months at 24 %, 800.00 at once and 400.00 in April, signed."""
    return services.sign_agreement(
        acting_staff=world.cast.officer,
        application=approved(world, product_version=product(world, **changes)),
        signed_date=START,
        tranches=parts,
    )


def begun(world: World, **changes: Any) -> Loan:
    """The same with its first part paid out."""
    loan = in_parts(world, **changes)
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    return loan


def meet(world: World, loan: Loan, number: int = 2) -> LoanTranche:
    return services.meet_tranche(
        acting_staff=world.cast.officer,
        tranche=loan.tranches.get(number=number),
        met_date=date(2025, 4, 10),
        document="Photo 7",
    )


def pay(world: World, loan: Loan, day: date = APRIL, **changes: Any) -> Any:
    made = pay_out_tranche(
        **{"acting_staff": world.cast.manager, "loan": loan, "value_date": day, **changes}
    )
    loan.refresh_from_db()
    return made


def held(world: World, role: str, on: date | None = None) -> int:
    return balance(world.book, role, on=on)


def test_the_agreement_prints_the_parts_and_a_schedule_with_all_of_them(
    client: Client, world: World
) -> None:
    loan = in_parts(world)
    assert loan.agreement is not None
    rows = loan.agreement.schedule
    assert sum(row["principal"] for row in rows) == 1_200_00
    assert [row["interest"] for row in rows[:4]] == [16_00, 14_81, 13_59, 20_35]
    client.force_login(world.cast.officer)
    page = client.get(reverse("lending:agreement_paper", args=[loan.pk])).content.decode()
    assert "The roof is on" in page
    assert "400.00" in page


def test_conditions_stay_shut_to_who_may_not_know_who_borrows(client: Client, world: World) -> None:
    loan = begun(world)
    for who, told in ((world.cast.officer, True), (staff("reader", Role.ME_READER), False)):
        client.force_login(who)
        page = client.get(reverse("lending:loan_detail", args=[loan.pk])).content.decode()
        assert "400.00" in page
        assert ("The roof is on" in page) is told
        (_first, second) = get(client, who, f"/loans/{loan.pk}/tranches").json()
        assert second["condition"] == ("The roof is on" if told else "")


def test_the_first_part_brings_a_schedule_of_its_own(world: World) -> None:
    loan = begun(world)
    assert (loan.state, loan.disbursed_units, loan.principal_units) == ("ACTIVE", 800_00, 800_00)
    first = loan.dues.get(number=1)
    assert (first.interest_units, first.principal_units) == (16_00, 59_65)
    assert held(world, "LOANS") == 800_00
    assert held(world, "BANK") == 100_000_00 - 800_00
    clean()


def test_the_second_part_is_paid_when_its_condition_is_met(world: World) -> None:
    """Three instalments of 75.65 are paid; then 400.00 come and nine equal ones follow."""
    loan = begun(world)
    for month in (2, 3, 4):
        repay(world, loan, date(2025, month, 15), 75_65)
    with pytest.raises(TrancheHeldUp):
        pay(world, loan)
    loan.refresh_from_db()
    assert loan.disbursed_units == 800_00
    meet(world, loan)
    event = pay(world, loan)
    assert (event.units, event.payload) == (400_00, {"tranche": 2})
    assert (loan.disbursed_units, loan.principal_units) == (1_200_00, 1_017_45)
    live = list(loan.dues.filter(replaced_at=None, to_date=None).order_by("number"))
    assert [row.due_units for row in live[3:]] == [124_65] * 8 + [124_68]
    assert (live[3].interest_units, live[3].principal_units) == (20_35, 104_30)
    before = state_as_of(loan, date(2025, 4, 14))
    assert before.rows[3].due[2:] == [12_35, 63_30]
    assert held(world, "LOANS") == 1_017_45
    books.post_accrual(
        acting_staff=world.cast.accountant, book=world.book, through=date(2025, 4, 30)
    )
    assert held(world, "INTEREST_INCOME") == -(16_00 + 14_81 + 13_59 + 10_18)
    clean()


def test_a_part_inside_a_period_is_counted_from_its_day(world: World) -> None:
    loan = begun(world)
    meet(world, loan)
    pay(world, loan, date(2025, 3, 1))
    row = loan.dues.get(replaced_at=None, to_date=None, number=2)
    left = 800_00 - 59_65
    whole = 28
    assert whole == (date(2025, 3, 15) - date(2025, 2, 15)).days
    assert row.interest_units == 7_40 + 11_40 == 18_80
    assert left == 740_35
    clean()


def test_repayments_go_on_after_the_second_part_to_the_end(world: World) -> None:
    loan = begun(world)
    meet(world, loan)
    pay(world, loan)
    live = loan.dues.filter(replaced_at=None, to_date=None).order_by("due_date")
    for row in live:
        repay(world, loan, row.due_date, row.due_units)
    loan.refresh_from_db()
    assert (loan.state, loan.principal_units) == (LoanState.SETTLED, 0)
    books.post_accrual(
        acting_staff=world.cast.accountant, book=world.book, through=date(2026, 1, 31)
    )
    assert (held(world, "LOANS"), held(world, "INTEREST_DUE")) == (0, 0)
    with pytest.raises(NotRunning):
        pay(world, loan)
    clean()


def test_a_back_dated_part_moves_what_payments_settled(world: World) -> None:
    loan = begun(world)
    repay(world, loan, date(2025, 2, 15), 75_65)
    repay(world, loan, date(2025, 3, 15), 75_65)
    meet(world, loan)
    pay(world, loan, date(2025, 2, 20), acting_staff=world.cast.manager)
    splits = loan.splits.filter(replaced_at=None, value_date=date(2025, 3, 15))
    assert sum(split.interest_units for split in splits) == 21_37
    assert held(world, "LOANS") == loan.principal_units
    clean()


def test_a_part_paid_by_mistake_is_taken_back(world: World) -> None:
    loan = begun(world)
    meet(world, loan)
    event = pay(world, loan)
    services.reverse_loan_event(
        acting_staff=world.cast.manager, event=event, reason="Other loan", value_date=APRIL
    )
    loan.refresh_from_db()
    assert (loan.disbursed_units, loan.principal_units) == (800_00, 800_00)
    assert [item.event is not None for item in standing_of(loan)] == [True, False]
    assert held(world, "LOANS") == 800_00
    clean()


def test_who_pays_a_part_had_no_hand_in_the_loan(world: World) -> None:
    loan = begun(world)
    meet(world, loan)
    with pytest.raises(NotAllowed):
        pay(world, loan, acting_staff=world.cast.advisor)
    with pytest.raises((SamePerson, NotAllowed)):
        pay(world, loan, acting_staff=world.cast.committee)
    loan.refresh_from_db()
    assert loan.disbursed_units == 800_00


def test_the_same_part_sent_twice_is_paid_once(world: World) -> None:
    loan = begun(world)
    meet(world, loan)
    event = pay(world, loan)
    assert pay(world, loan, id=event.pk) == event
    with pytest.raises(NoTrancheLeft):
        pay(world, loan)
    with pytest.raises(NothingToMeet):
        meet(world, loan)
    assert loan.disbursed_units == 1_200_00


def test_a_part_is_refused_before_the_first_and_after_the_last_due_date(world: World) -> None:
    loan = begun(world)
    meet(world, loan)
    with pytest.raises(BeforeDisbursement):
        pay(world, loan, date(2025, 1, 10))
    with pytest.raises(TrancheNotPlanned):
        pay(world, loan, date(2026, 1, 16))
    loan.refresh_from_db()
    assert loan.disbursed_units == 800_00
    clean()


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ([TrancheIn(800_00, START), TrancheIn(300_00, APRIL)], TranchesSum),
        ([TrancheIn(1_200_00, APRIL), TrancheIn(0, date(2025, 5, 1))], TrancheOfNothing),
        ([TrancheIn(800_00, APRIL), TrancheIn(400_00, START)], TranchesNotRising),
        ([TrancheIn(800_00, date(2025, 1, 1)), TrancheIn(400_00, APRIL)], TranchesNotRising),
        ([TrancheIn(300_00, date(2025, month, 15)) for month in (1, 2, 3, 4)], TooManyTranches),
    ],
)
def test_parts_that_do_not_make_up_the_loan_are_refused(
    world: World, parts: list[TrancheIn], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        in_parts(world, parts)
    assert not Loan.objects.exists()
    assert not LoanTranche.objects.exists()


def test_a_first_part_that_waits_holds_up_the_loan(world: World) -> None:
    loan = in_parts(world, [TrancheIn(800_00, START, "Licence"), TrancheIn(400_00, APRIL)])
    with pytest.raises(TrancheHeldUp):
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED


def test_what_is_not_paid_out_yet_is_held_of_the_facility(world: World) -> None:
    facility = services.open_lender(
        acting_staff=world.cast.manager,
        code="FAC",
        name="Third bank",
        mode=LenderMode.BANK_FACILITY,
        currency="USD",
        active_from=date(2020, 1, 1),
        programme=world.programme,
        book=world.book,
    )
    services.place_facility(
        acting_staff=world.cast.director,
        lender=facility,
        limit_units=1_500_00,
        signed_date=date(2020, 1, 1),
    )
    begun_loan = begun(world, lender=facility, code="PLACED")
    assert begun_loan.disbursed_units == 800_00
    other = make_product(world.cast, facility, "OTHER")
    with pytest.raises(StopRule):
        signed(world, 400_00, product_version=other)


def test_the_parts_stand_on_the_pages_of_the_loan(client: Client, world: World) -> None:
    row = approved(world, product_version=product(world))
    lines = "2025-01-15; 800\n2025-04-15; 400; The roof is on"
    wrong = do(
        client,
        world.cast.officer,
        "sign",
        row.pk,
        signed_date="2025-01-15",
        start_date="2025-01-15",
        tranches="2025-01-15; 800\nApril; 400",
    )
    assert "Line 2" in wrong.content.decode()
    answer = do(
        client,
        world.cast.officer,
        "sign",
        row.pk,
        signed_date="2025-01-15",
        start_date="2025-01-15",
        tranches=lines,
    )
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    loan = Loan.objects.get()
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    page = at(client, world.cast.manager, "loan_detail", loan.pk).content.decode()
    assert "Waits for its condition" in page
    assert reverse("lending:pay_out_tranche", args=[loan.pk]) in page
    part = loan.tranches.get(number=2)
    met = do(client, world.cast.officer, "tranche_meet", part.pk, met_date="2025-04-10")
    assert met.status_code == 302
    asked = at(client, world.cast.manager, "pay_out_tranche", loan.pk).content.decode()
    assert "The roof is on" in asked
    paid = do(
        client, world.cast.manager, "pay_out_tranche", loan.pk,
        value_date="2025-04-15", method="BANK",
    )  # fmt: skip
    assert paid.status_code == 302, paid.content.decode()[-2000:]
    page = at(client, world.cast.manager, "loan_detail", loan.pk).content.decode()
    assert reverse("lending:pay_out_tranche", args=[loan.pk]) not in page
    clean()


def test_the_parts_come_through_the_api(client: Client, world: World) -> None:
    row = approved(world, product_version=product(world))
    made = post(
        client,
        world.cast.officer,
        f"/applications/{row.pk}/agreement",
        signed_date="2025-01-15",
        tranches=[
            {"units": 800_00, "planned_date": "2025-01-15"},
            {"units": 400_00, "planned_date": "2025-04-15", "condition": "Roof"},
        ],
    )
    assert made.status_code == 201, made.content
    loan = Loan.objects.get()
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    client.force_login(world.cast.manager)
    listed = client.get(f"/api/v1/lending/loans/{loan.pk}/tranches").json()
    assert [(item["units"], item["event_id"] is not None) for item in listed] == [
        (800_00, True),
        (400_00, False),
    ]
    path = f"/loans/{loan.pk}/tranches"
    early = post(client, world.cast.manager, path, value_date="2025-04-15")
    assert early.status_code == 422
    met = post(
        client, world.cast.officer, f"/tranches/{listed[1]['id']}/met", met_date="2025-04-10"
    )
    assert met.status_code == 200
    assert post(client, world.cast.manager, path, value_date="2025-04-15").status_code == 201
    loan.refresh_from_db()
    assert loan.disbursed_units == 1_200_00


def test_fees_that_change_with_the_parts_are_not_offered(world: World) -> None:
    for fee in (
        {"code": "F", "units": 1, "taken": "CASH"},
        {"code": "F", "ppm": 1_000, "when": "INSTALMENT", "base": "PRINCIPAL"},
    ):
        with pytest.raises(TermsNotOffered) as refused:
            product(world, terms={"fees": [fee]}, code="FEES")
        assert "of a loan in parts" in str(refused.value)


def test_a_fee_of_the_whole_loan_is_kept_back_from_the_first_part(world: World) -> None:
    fee = {"code": "F", "ppm": 10_000, "base": "PRINCIPAL", "taken": "WITHHELD"}
    loan = begun(world, terms={"fees": [fee]})
    assert held(world, "FEE_INCOME") == -12_00
    assert held(world, "BANK") == 100_000_00 - 788_00
    meet(world, loan)
    pay(world, loan)
    assert held(world, "FEE_INCOME") == -12_00
    assert held(world, "BANK") == 100_000_00 - 1_188_00
    clean()


def test_the_yearly_rate_counts_each_part_from_its_day(world: World) -> None:
    terms = read_terms(product(world).terms)
    offer = offer_of(Asked(terms, 1_200_00, START, later=(Disbursement(APRIL, 400_00),)))
    assert offer.apr_ppm is not None
    assert 26_70 <= offer.apr_ppm // 100 <= 26_95
    assert (offer.us_apr_ppm, offer.flat_apr_ppm) == (None, None)
