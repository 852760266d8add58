"""Savings of a batch of payments: the same few statements whatever its length, and one account of
one saver behind several loans.
"""

from datetime import date, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.models import Loan, ProductVersion, SavingsAccount, SavingsMove
from handup.lending.services import savings_kept as kept
from handup.lending.services.repayments import RepaymentIn
from handup.lending.services.savings_shares import shares
from handup.lending.tests.cast import World, clean, make_person, repay, running
from handup.lending.tests.test_savings import FIRST, opened, owed_to_savers, pay_in, product
from handup.org.models import AuditLine
from handup.org.tests.standing import standing

MANY = 6


@standing
def saving(world: World) -> ProductVersion:
    found: ProductVersion = product(world)
    return found


def loans_of(world: World, saving: ProductVersion, count: int) -> list[Loan]:
    """Loans of as many savers."""
    people = [
        make_person(world.programme, world.office, world.cast.advisor, f"Saver {n}")
        for n in range(count)
    ]
    return [running(world, 500_00, product_version=saving, person=person) for person in people]


def came_in(world: World, loans: list[Loan], day: date) -> int:
    """How many statements it takes to record a payment of each, with 10.00 saved."""
    items = [
        RepaymentIn(
            loan=loan.pk,
            value_date=day,
            units=sum(row.due_units - row.paid_units for row in loan.dues.filter(due_date__lte=day))
            + 10_00,
            id=new_id(),
        )
        for loan in loans
    ]
    with CaptureQueriesContext(connection) as asked:
        made = services.record_repayments(items, acting_staff=world.cast.accountant)
    assert [event.payload for event in made] == [{"saved": 10_00}] * len(loans)
    return len(asked)


def asked_about(table: str, asked: CaptureQueriesContext) -> int:
    """How many statements name a table."""
    return sum(1 for each in asked.captured_queries if table in str(each["sql"]))


def test_payments_with_savings_cost_the_same_statements_whatever_their_number(
    world: World, saving: ProductVersion
) -> None:
    loans = loans_of(world, saving, MANY + 2)
    came_in(world, loans[:1], FIRST)
    few, many = came_in(world, loans[1:2], FIRST), came_in(world, loans[2:], FIRST)
    assert many == few
    assert SavingsAccount.objects.count() == MANY + 2
    assert AuditLine.objects.filter(action="lending.open_savings").count() == MANY + 2
    again = date(2025, 3, 15)
    came_in(world, loans[:1], again)  # the first of its month in the books
    assert came_in(world, loans[2:], again) == came_in(world, loans[1:2], again) < few
    assert owed_to_savers(world) == 2 * (MANY + 2) * 10_00
    clean()


def test_loans_of_one_saver_in_one_batch_share_one_account(
    world: World, saving: ProductVersion
) -> None:
    loans = [running(world, 500_00, product_version=saving) for _ in range(2)]
    came_in(world, loans, FIRST)
    account = SavingsAccount.objects.get()
    assert account.opened_date == FIRST
    assert kept.by_loan(account) == {loan.pk: 10_00 for loan in loans}
    clean()


def test_an_account_is_opened_and_locked_once_for_all_its_loans(
    world: World, saving: ProductVersion
) -> None:
    loans = [running(world, 500_00, product_version=saving) for _ in range(3)]
    later = FIRST + timedelta(days=1)
    with CaptureQueriesContext(connection) as asked:
        found = kept.locked_accounts([(loan, later) for loan in loans], world.cast.accountant)
    assert len({account.pk for account in found.values()}) == 1
    assert (
        len([each for each in asked.captured_queries if "savingsaccount" in str(each["sql"])]) == 2
    )
    with CaptureQueriesContext(connection) as asked:
        again = kept.locked_accounts([(loan, FIRST) for loan in loans], world.cast.accountant)
    assert len(asked) == 2, "the ids their savers had before, and the accounts"
    assert again == found
    assert SavingsAccount.objects.get().opened_date == later


def test_who_saves_nothing_with_an_instalment_is_not_asked_about(world: World) -> None:
    account = opened(world)
    pay_in(world, account, 150_00)
    before = product(world, savings_instalment_units=0, savings_ppm=100_000)
    loan = running(world, product_version=before)
    item = RepaymentIn(loan=loan.pk, value_date=FIRST, units=200_00)
    with CaptureQueriesContext(connection) as asked:
        assert shares({loan.pk: loan}, [item], ()) == {}
    assert len(asked) == 0


def test_taking_a_payment_back_asks_for_savings_only_where_some_were_saved(
    world: World, saving: ProductVersion
) -> None:
    loan = running(world, product_version=saving)
    due = loan.dues.get(number=1).due_units
    plain, with_savings = repay(world, loan, FIRST, 50_00), repay(world, loan, FIRST, due)
    assert (plain.payload, with_savings.payload) == ({}, {"saved": 10_00})
    asked = {}
    for event in (with_savings, plain):
        with CaptureQueriesContext(connection) as seen:
            services.reverse_repayment(
                acting_staff=world.cast.accountant, event=event, reason="Slip", value_date=FIRST
            )
        asked[event.pk] = [
            each for each in seen.captured_queries if "savingsmove" in str(each["sql"])
        ]
    assert len(asked[plain.pk]) == 0
    assert len(asked[with_savings.pk]) > 0
    assert sum(move.units for move in SavingsMove.objects.all()) == 0
    clean()
