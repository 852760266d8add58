"""Two savers turn out to be one person: what stands behind a loan stands behind it still."""

from handup.lending.models import Loan, SavingsAccount
from handup.lending.services import savings_kept as kept
from handup.lending.services.history import _savings
from handup.lending.services.savings_set_off import can_be_set_off
from handup.lending.tests.cast import START, World, clean, make_person, repay
from handup.lending.tests.test_savings import FIRST, account_of, lent, opened, pay_in
from handup.people.models import Alias


def test_a_merge_leaves_the_savings_behind_the_loan_they_stand_behind(world: World) -> None:
    loan = lent(world)
    repay(world, loan, FIRST, 200_00)
    behind = account_of(loan)
    saved = kept.by_loan(behind)[loan.pk]
    owed = can_be_set_off(loan, FIRST)
    assert saved == 10_00
    other = make_person(world.programme, world.office, world.cast.advisor)
    second = opened(world, person=other)
    pay_in(world, second, 5_00)
    # as lending.merging does: the second account at one lender stays under the id it has
    Loan._base_manager.filter(pk=loan.pk).update(person=other)
    Alias.objects.create(old=world.person, person=other)
    loan = Loan.objects.get(pk=loan.pk)
    assert account_of(loan) == behind
    assert kept.locked_account(loan, world.cast.accountant, FIRST) == behind
    assert can_be_set_off(loan, FIRST) == owed
    assert _savings(other.pk, FIRST)[loan.currency][0] == saved + 5_00
    repay(world, loan, FIRST, 50_00)
    assert SavingsAccount.objects.count() == 2
    assert kept.by_loan(second) == {None: 5_00}
    assert (START < FIRST, kept.by_loan(behind)[loan.pk] >= saved) == (True, True)
    clean()
