"""Compulsory savings: whose they are, when they come, behind which loan they stand, when they are
free, how they pay a loan, and that the books and the proofs agree at every step.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.errors import (
    AlreadyReversed,
    AmountNotPositive,
    BeforeItsEvent,
    FutureDate,
    NotReversible,
    StopRule,
)
from handup.lending.models import (
    BankAccount,
    Loan,
    LoanEvent,
    LoanProposal,
    SavingsAccount,
    SavingsMove,
)
from handup.lending.rules.codes import LoanState, Method, SavingsGround
from handup.lending.services import savings_kept as kept
from handup.lending.services.never_lent import SavingsLent
from handup.lending.services.payoff import payoff_of
from handup.lending.services.repayments import RepaymentIn
from handup.lending.services.savings import MoreThanFree, SavingsHeld
from handup.lending.services.savings_kept import SavingsGone
from handup.lending.services.savings_set_off import (
    MoreThanOwed,
    MoreThanSaved,
    NoSavings,
    NotLateEnough,
    WordMissing,
    can_be_set_off,
)
from handup.lending.tests.bankmade import Move, camt
from handup.lending.tests.cast import (
    START,
    World,
    approved,
    clean,
    main_account,
    make_product,
    repay,
)
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.models import AuditLine
from handup.org.permissions import NotAllowed
from handup.org.tests.standing import standing

BANK = {"savings_holder": "BANK"}
WITH_EACH = {**BANK, "savings_instalment_units": 10_00}
BEFORE = date(2025, 1, 2)
FIRST = date(2025, 2, 15)


def product(world: World, code: str = "SAVES", **terms: Any) -> Any:
    return make_product(world.cast, world.direct, code, terms={**WITH_EACH, **terms})


def agreed(world: World, units: int = 1_200_00, **terms: Any) -> Loan:
    return services.sign_agreement(
        acting_staff=world.cast.officer,
        application=approved(world, units, product_version=product(world, **terms)),
        signed_date=START,
    )


def lent(world: World, units: int = 1_200_00, **terms: Any) -> Loan:
    loan = agreed(world, units, **terms)
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    return loan


def account_of(loan: Loan) -> SavingsAccount:
    found = kept.account_of(loan)
    assert found is not None
    return found


def opened(world: World, **how: Any) -> SavingsAccount:
    told = {
        "acting_staff": world.cast.officer,
        "lender": world.direct,
        "programme": world.programme,
        "opened_date": BEFORE,
        "person": world.person,
        **how,
    }
    return services.open_savings(**told)


def pay_in(world: World, account: SavingsAccount, units: int, on: date = BEFORE) -> SavingsMove:
    return services.pay_in_savings(
        acting_staff=world.cast.accountant,
        account=account,
        value_date=on,
        units=units,
        method=Method.BANK,
    )


def owed_to_savers(world: World) -> int:
    return -balance(world.book, "COMPULSORY_SAVINGS")


# --- terms ----------------------------------------------------------------------------------------


def test_only_the_lender_takes_savings_with_an_instalment(world: World) -> None:
    for holder in ("SEEN", "GROUP"):
        with pytest.raises(Faults):
            product(world, holder, savings_holder=holder)


# --- with an instalment ---------------------------------------------------------------------------


def test_what_is_more_than_due_is_saved_up_to_what_the_terms_ask(world: World) -> None:
    loan = lent(world)
    due = loan.dues.get(number=1).due_units
    event = repay(world, loan, FIRST, due + 10_00)
    assert (event.units, event.payload["saved"]) == (due, 10_00)
    assert kept.by_loan(account_of(loan)) == {loan.pk: 10_00}
    assert owed_to_savers(world) == 10_00
    late = repay(world, loan, date(2025, 3, 15), due)
    assert late.payload == {}
    third = repay(world, loan, date(2025, 4, 15), due + 30_00)
    assert third.payload["saved"] == 20_00
    loan.refresh_from_db()
    assert owed_to_savers(world) == 30_00
    clean()


def test_a_share_of_the_loan_is_saved_before_the_loan_where_the_terms_say_so(world: World) -> None:
    loan = lent(
        world,
        savings_instalment_units=0,
        savings_instalment_ppm=10_000,
        savings_position="BEFORE_DUE",
    )
    event = repay(world, loan, FIRST, 50_00)
    assert (event.units, event.payload["saved"]) == (38_00, 12_00)
    clean()


def test_money_that_comes_early_pays_the_next_instalment_first(world: World) -> None:
    loan = lent(world)
    due = loan.dues.get(number=1).due_units
    assert repay(world, loan, date(2025, 2, 1), due).payload == {}
    event = repay(world, loan, date(2025, 2, 1), 25_00)
    assert (event.units, event.payload["saved"]) == (15_00, 10_00)
    clean()


def test_several_payments_of_one_batch_are_divided_one_after_the_other(world: World) -> None:
    loan = lent(world)
    due = loan.dues.get(number=1).due_units
    made = services.record_repayments(
        [
            RepaymentIn(loan=loan.pk, value_date=day, units=due + 7_00)
            for day in (date(2025, 3, 15), FIRST)
        ],
        acting_staff=world.cast.accountant,
    )
    assert [event.payload["saved"] for event in made] == [7_00, 7_00]
    assert kept.by_loan(account_of(loan)) == {loan.pk: 14_00}
    clean()


def test_a_payment_too_small_to_be_divided_pays_the_loan(world: World) -> None:
    loan = lent(world, savings_position="BEFORE_DUE")
    event = repay(world, loan, FIRST, 8_00)
    assert (event.units, event.payload) == (8_00, {})
    assert not SavingsMove.objects.exists()


def test_a_payment_sent_twice_saves_once_and_another_under_its_number_is_refused(
    world: World,
) -> None:
    loan = lent(world)
    units = loan.dues.get(number=1).due_units + 10_00
    key = new_id()
    first = repay(world, loan, FIRST, units, id=key)
    assert repay(world, loan, FIRST, units, id=key) == first
    with pytest.raises(SameIdOtherContent):
        repay(world, loan, FIRST, units - 10_00, id=key)
    assert SavingsMove.objects.count() == 1


def test_a_loan_that_keeps_no_savings_keeps_none(world: World, loan: Loan) -> None:
    repay(world, loan, FIRST, loan.dues.get(number=1).due_units + 10_00)
    assert not SavingsMove.objects.exists()
    assert not SavingsAccount.objects.exists()


def test_a_reversed_payment_takes_its_savings_back(world: World) -> None:
    loan = lent(world)
    event = repay(world, loan, FIRST, loan.dues.get(number=1).due_units + 10_00)
    services.reverse_repayment(
        acting_staff=world.cast.accountant, event=event, reason="Wrong loan", value_date=FIRST
    )
    assert sum(kept.by_loan(account_of(loan)).values()) == 0
    assert owed_to_savers(world) == 0
    clean()


@standing
def account(world: World) -> BankAccount:
    return main_account(world, world.bank)


def test_a_line_of_the_bank_is_divided_too_and_taken_back_whole(
    world: World, account: BankAccount
) -> None:
    loan = lent(world)
    due = loan.dues.get(number=1).due_units
    content = camt([Move(due + 10_00, f"instalment {loan.code}", "B1")])
    (statement,) = services.import_statement(
        acting_staff=world.cast.accountant, account=account, file_name="s.xml", content=content
    )
    event = statement.lines.get().event
    assert event is not None
    assert (event.units, event.payload["saved"]) == (due, 10_00)
    assert balance(world.book, "SUSPENSE") == 0
    clean()
    services.undo_match(
        acting_staff=world.cast.manager,
        line=statement.lines.get(),
        on=FIRST,
        reason="Of another",
    )
    assert owed_to_savers(world) == 0
    assert balance(world.book, "SUSPENSE") == -(due + 10_00)
    clean()


# --- before the loan ------------------------------------------------------------------------------


def test_savings_before_a_loan_are_put_behind_it_when_it_is_paid_out(world: World) -> None:
    account = opened(world)
    pay_in(world, account, 150_00)
    loan = agreed(world, savings_ppm=100_000)
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    assert kept.by_loan(account) == {None: 30_00, loan.pk: 120_00}
    assert kept.free_units(account) == 30_00
    assert owed_to_savers(world) == 150_00
    assert Entry.objects.filter(kind="SAVINGS_BOUND").count() == 1
    clean()


def test_a_loan_is_not_paid_out_before_its_savings_are_there(world: World) -> None:
    account = opened(world)
    pay_in(world, account, 150_00)
    loan = agreed(world, savings_ppm=100_000)
    services.pay_out_savings(
        acting_staff=world.cast.accountant,
        account=account,
        value_date=START,
        units=40_00,
        method=Method.BANK,
    )
    with pytest.raises(StopRule):
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED
    assert not LoanEvent.objects.filter(loan=loan, kind="DISBURSED").exists()


def test_the_account_counts_at_appraisal(world: World) -> None:
    with pytest.raises(StopRule):
        agreed(world, savings_ppm=100_000)
    assert not Loan.objects.exists()


def test_savings_are_never_lent(world: World) -> None:
    account = opened(world)
    money = balance(world.book, "BANK") + balance(world.book, "CASH")
    pay_in(world, account, 500_00)
    made = make_product(
        world.cast,
        world.direct,
        "LARGE",
        terms={**BANK, "principal_max_units": money + 500_00},
    )
    loan = services.sign_agreement(
        acting_staff=world.cast.officer,
        application=approved(world, money + 100_00, product_version=made),
        signed_date=START,
    )
    with pytest.raises(SavingsLent):
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED


# --- accounts, money out, taken back --------------------------------------------------------------


def test_a_saver_has_one_account_at_a_lender(world: World) -> None:
    key = new_id()
    account = opened(world, id=key)
    assert opened(world, id=key) == account
    with pytest.raises(SavingsHeld):
        opened(world)
    with pytest.raises(NotAllowed):
        opened(world, acting_staff=world.cast.accountant)
    assert SavingsAccount.objects.count() == 1


def test_only_what_is_free_is_paid_out_and_all_is_when_the_loan_is_repaid(world: World) -> None:
    loan = lent(world)
    repay(world, loan, FIRST, loan.dues.get(number=1).due_units + 10_00)
    account = account_of(loan)
    out: dict[str, Any] = {
        "acting_staff": world.cast.accountant,
        "account": account,
        "method": Method.BANK,
        "value_date": date(2025, 3, 1),
    }
    with pytest.raises(MoreThanFree):
        services.pay_out_savings(**out, units=1)
    services.pay_off_loan(
        acting_staff=world.cast.accountant,
        loan=loan,
        units=payoff_of(loan, date(2025, 3, 1)).total,
        value_date=date(2025, 3, 1),
        method=Method.BANK,
    )
    with pytest.raises(MoreThanFree):
        services.pay_out_savings(**out, units=10_01)
    with pytest.raises(AmountNotPositive):
        services.pay_out_savings(**out, units=0)
    services.pay_out_savings(**out, units=10_00)
    assert owed_to_savers(world) == 0
    assert kept.free_units(account) == 0
    clean()


def test_a_deposit_is_taken_back_once_and_not_when_it_is_gone(world: World) -> None:
    account = opened(world)
    move = pay_in(world, account, 50_00)
    told: dict[str, Any] = {"acting_staff": world.cast.accountant, "on": START}
    with pytest.raises(ReasonNeeded):
        services.reverse_savings(**told, move=move, reason=" ")
    for day, why in (
        (move.value_date - timedelta(days=1), BeforeItsEvent),
        (timezone.localdate() + timedelta(days=1), FutureDate),
    ):
        with pytest.raises(why):
            services.reverse_savings(**{**told, "on": day}, move=move, reason="Twice")
    assert owed_to_savers(world) == 50_00
    assert SavingsMove.objects.count() == 1
    out = services.pay_out_savings(
        acting_staff=world.cast.accountant,
        account=account,
        value_date=START,
        units=20_00,
        method=Method.BANK,
    )
    with pytest.raises(SavingsGone):
        services.reverse_savings(**told, move=move, reason="Twice")
    services.reverse_savings(**told, move=out, reason="Not handed over")
    back = services.reverse_savings(**told, move=move, reason="Twice")
    with pytest.raises(AlreadyReversed):
        services.reverse_savings(**told, move=move, reason="Again")
    with pytest.raises(NotReversible):
        services.reverse_savings(**told, move=back, reason="Again")
    assert owed_to_savers(world) == 0
    clean()


# --- set off --------------------------------------------------------------------------------------


def propose(world: World, loan: Loan, units: int, **how: Any) -> LoanProposal:
    told = {
        "acting_staff": world.cast.officer,
        "loan": loan,
        "units": units,
        "ground": SavingsGround.AGREED,
        "agreed_date": date(2025, 3, 1),
        "proposed_date": date(2025, 3, 1),
        "reason": "She asked for it",
        **how,
    }
    return services.propose_set_off(**told)


def decide(world: World, made: LoanProposal, on: date = date(2025, 3, 1), **how: Any) -> Any:
    told = {"acting_staff": world.cast.manager, "proposal": made, "value_date": on, **how}
    return services.decide_change(**told)


@standing
def saving(world: World) -> Loan:
    """A loan with 10.00 behind it and 200.00 free."""
    loan = lent(world)
    repay(world, loan, FIRST, loan.dues.get(number=1).due_units + 10_00)
    pay_in(world, account_of(loan), 200_00, FIRST)
    return loan


def test_savings_pay_the_loan_when_the_saver_and_a_second_person_agree(
    world: World, saving: Loan
) -> None:
    assert can_be_set_off(saving, date(2025, 3, 1)) == 210_00
    made = propose(world, saving, 100_00)
    assert owed_to_savers(world) == 210_00
    with pytest.raises(NotAllowed):
        decide(world, made, acting_staff=world.cast.officer)
    before = saving.principal_units
    event = decide(world, made)
    saving.refresh_from_db()
    assert (event.kind, event.units, event.method) == ("SAVINGS_SET_OFF", 100_00, "SAVINGS")
    assert saving.principal_units < before
    assert kept.by_loan(account_of(saving)) == {None: 110_00}
    assert owed_to_savers(world) == 110_00
    assert AuditLine.objects.filter(action="lending.set_off_savings").exists()
    clean()


def test_who_proposed_does_not_approve_and_a_declined_proposal_leaves_all(
    world: World, saving: Loan
) -> None:
    made = propose(world, saving, 100_00, acting_staff=world.cast.manager)
    with pytest.raises(SamePerson):
        decide(world, made)
    assert decide(world, made, acting_staff=world.cast.director, approve=False, reason="No") is None
    assert owed_to_savers(world) == 210_00


@pytest.mark.parametrize(
    ("how", "refusal"),
    [
        ({"units": 0}, AmountNotPositive),
        ({"units": 210_01}, MoreThanSaved),
        ({"agreed_date": None}, WordMissing),
        ({"agreed_date": date(2025, 3, 2)}, WordMissing),
        ({"ground": SavingsGround.LATE}, NotLateEnough),
        ({"reason": " "}, ReasonNeeded),
    ],
)
def test_what_cannot_be_set_off_is_refused(
    world: World, saving: Loan, how: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        propose(world, saving, **{"units": 100_00, **how})
    assert not LoanProposal.objects.exists()


def test_no_more_is_set_off_than_is_owed_and_nothing_of_others(world: World, loan: Loan) -> None:
    with pytest.raises(NoSavings):
        propose(world, loan, 1)
    account = opened(world)
    pay_in(world, account, 2_000_00)
    with pytest.raises(MoreThanOwed):
        propose(world, loan, 2_000_00)
    assert not LoanProposal.objects.exists()


def test_a_loan_late_for_long_needs_no_word_of_the_saver(world: World, saving: Loan) -> None:
    on = date(2025, 7, 1)
    told: dict[str, Any] = {"ground": SavingsGround.LATE, "agreed_date": None}
    made = propose(world, saving, 210_00, proposed_date=on, **told)
    event = decide(world, made, on)
    assert event.units == 210_00
    assert kept.by_loan(account_of(saving)) == {}
    clean()


def test_a_set_off_taken_back_gives_the_savings_back(world: World, saving: Loan) -> None:
    event = decide(world, propose(world, saving, 100_00))
    services.reverse_repayment(
        acting_staff=world.cast.accountant,
        event=event,
        reason="She did not agree",
        value_date=date(2025, 3, 1),
    )
    assert owed_to_savers(world) == 210_00
    assert sum(kept.by_loan(account_of(saving)).values()) == 210_00
    saving.refresh_from_db()
    clean()
