"""Lines on suspense leave it when people say what they are; beyond limits two people say it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.errors import (
    BeforeDisbursement,
    ExplainsLine,
    LineNotOpen,
    LoanOfAnotherBook,
    MatchDecided,
    MoneyWentOut,
    NothingRecorded,
    NothingToUndo,
    NotRunning,
    PartsDoNotAddUp,
    RoleNotOffered,
)
from handup.lending.models import BankAccount, LineMatch, Loan, LoanEvent, StatementLine
from handup.lending.rules.banking.codes import LineFate, MatchState, Reason
from handup.lending.rules.codes import EventKind, Method
from handup.lending.services import PartIn
from handup.lending.tests.bankmade import DAY, Move, camt
from handup.lending.tests.cast import World, clean, make_person, repay, running, signed, staff
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.installation import PROFILE
from handup.org.models import Setting
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role

DUE = 113_47
TODAY = timezone.localdate()


Line = Callable[..., StatementLine]


@pytest.fixture
def line(world: World, account: BankAccount) -> Line:
    def do(units: int = DUE, text: str = "for my loan", **more: Any) -> StatementLine:
        reference = str(new_id())
        (statement,) = services.import_statement(
            acting_staff=world.cast.accountant,
            account=account,
            file_name="s.xml",
            content=camt([Move(units, text, reference, **more)], kind=54),
        )
        return statement.lines.get()

    return do


def match(world: World, line: StatementLine, *parts: tuple[Loan, int], **more: Any) -> LineMatch:
    return services.match_line(
        acting_staff=more.pop("by", world.cast.accountant),
        line=line,
        parts=[PartIn(loan, units) for loan, units in parts],
        on=TODAY,
        **more,
    )


def suspense(world: World) -> int:
    return balance(world.book, "SUSPENSE")


def paid(loan: Loan) -> int:
    loan.refresh_from_db()
    return loan.principal_paid_units + loan.interest_paid_units


def test_a_suggested_match_takes_effect_with_one_gesture(
    world: World, loan: Loan, line: Line
) -> None:
    found = line(name="Participant 0001")
    made = match(world, found, (loan, DUE))
    found.refresh_from_db()
    assert (made.state, made.by_suggestion) == (MatchState.CONFIRMED, True)
    assert (found.fate, found.loan_id, paid(loan)) == (LineFate.MATCHED, loan.pk, DUE)
    event = found.event
    assert event is not None
    assert (event.value_date, event.method) == (DAY, "SUSPENSE")
    assert suspense(world) == 0
    clean()


def test_beyond_the_accounts_limit_a_second_person_agrees(
    world: World, account: BankAccount, loan: Loan, line: Line
) -> None:
    BankAccount.objects.update(second_person_units=100_00)
    found = line(name="Participant 0001")
    made = match(world, found, (loan, DUE))
    found.refresh_from_db()
    assert (made.state, found.fate, paid(loan)) == (MatchState.PROPOSED, LineFate.PROPOSED, 0)
    assert suspense(world) == -DUE
    with pytest.raises(SamePerson):
        services.confirm_match(acting_staff=world.cast.accountant, match=made, on=TODAY)
    assert paid(loan) == 0
    services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    assert (paid(loan), suspense(world)) == (DUE, 0)
    with pytest.raises(MatchDecided):
        services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    clean()


def test_what_the_program_did_not_suggest_waits_for_a_second_person(
    world: World, loan: Loan, line: Line
) -> None:
    found = line(50_00, "no word")
    assert found.candidates == []
    made = match(world, found, (loan, 50_00))
    assert made.state == MatchState.PROPOSED
    services.decline_match(acting_staff=world.cast.manager, match=made, on=TODAY, reason="not hers")
    found.refresh_from_db()
    assert (found.fate, paid(loan), suspense(world)) == (LineFate.OPEN, 0, -50_00)


def test_below_the_amount_of_the_duties_one_person_is_enough(
    world: World, loan: Loan, line: Line
) -> None:
    Setting.objects.create(key="duties", value={"lending.confirm_match": {"STANDARD": 60_00}})
    assert match(world, line(50_00), (loan, 50_00)).state == MatchState.CONFIRMED
    assert match(world, line(60_00), (loan, 60_00)).state == MatchState.PROPOSED


def test_where_one_person_is_all_there_is_she_gives_a_reason(
    world: World, loan: Loan, line: Line
) -> None:
    Setting.objects.update_or_create(key=PROFILE, defaults={"value": "SOLO"})
    made = match(world, line(50_00), (loan, 50_00))
    with pytest.raises(ReasonNeeded):
        services.confirm_match(acting_staff=world.cast.accountant, match=made, on=TODAY)
    services.confirm_match(
        acting_staff=world.cast.accountant, match=made, on=TODAY, reason="alone in the office"
    )
    assert paid(loan) == 50_00


def test_one_line_may_pay_several_loans(world: World, loan: Loan, line: Line) -> None:
    other = running(
        world, 900_00, person=make_person(world.programme, world.office, world.cast.advisor, "Bob")
    )
    found = line(150_00)
    with pytest.raises(PartsDoNotAddUp):
        match(world, found, (loan, 100_00), (other, 49_99))
    made = match(world, found, (loan, 100_00), (other, 50_00))
    services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    assert (paid(loan), paid(other), suspense(world)) == (100_00, 50_00, 0)
    found.refresh_from_db()
    assert (found.fate, found.event_id) == (LineFate.MATCHED, None)
    clean()


def test_what_cannot_be_is_refused_and_nothing_moves(
    world: World, account: BankAccount, loan: Loan, line: Line
) -> None:
    found = line(50_00)
    other_person = make_person(world.programme, world.office, world.cast.advisor, "Bob")
    not_paid_out = signed(world, 900_00, person=other_person)
    mirror = Loan.objects.get(pk=loan.pk)
    mirror.lender = world.mirror
    with pytest.raises(NotRunning):
        match(world, found, (not_paid_out, 50_00))
    with pytest.raises(LoanOfAnotherBook):
        match(world, found, (mirror, 50_00))
    with pytest.raises(MoneyWentOut):
        match(world, line(-5_00), (loan, 5_00))
    with pytest.raises(BeforeDisbursement):
        match(world, line(5_00, value=DAY - timedelta(days=60)), (loan, 5_00))
    with pytest.raises(NotAllowed):
        match(world, found, (loan, 50_00), by=world.cast.clerk)
    assert not LineMatch.objects.exists()
    assert paid(loan) == 0


def test_a_line_is_matched_once(world: World, loan: Loan, line: Line) -> None:
    found = line(50_00)
    id = new_id()
    first = match(world, found, (loan, 50_00), id=id)
    assert match(world, found, (loan, 50_00), id=id).pk == first.pk
    with pytest.raises(LineNotOpen):
        match(world, found, (loan, 50_00))
    assert LineMatch.objects.count() == 1


def test_bank_charges_go_to_costs(world: World, line: Line) -> None:
    found = line(-5_00, "charges")
    with pytest.raises(ReasonNeeded):
        services.book_line(
            acting_staff=world.cast.accountant,
            line=found,
            role="FINANCIAL_COST",
            on=TODAY,
            reason=" ",
        )
    with pytest.raises(RoleNotOffered):
        services.book_line(
            acting_staff=world.cast.accountant, line=found, role="LOANS", on=TODAY, reason="x"
        )
    made = services.book_line(
        acting_staff=world.cast.accountant,
        line=found,
        role="FINANCIAL_COST",
        on=TODAY,
        reason="monthly charge",
    )
    assert balance(world.book, "FINANCIAL_COST") == 0
    services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    found.refresh_from_db()
    assert (found.fate, suspense(world)) == (LineFate.BOOKED, 0)
    assert balance(world.book, "FINANCIAL_COST") == 5_00
    clean()


def test_a_payment_recorded_by_hand_is_paired_not_doubled(
    world: World, loan: Loan, line: Line
) -> None:
    bank = balance(world.book, "BANK")
    with pytest.raises(NothingRecorded):
        services.pair_with_recorded(
            acting_staff=world.cast.accountant, line=line(7_00), loan=loan, on=TODAY
        )
    event = repay(world, loan, DAY, DUE, method=Method.BANK)
    found = line(DUE, loan.code)
    assert found.fate == LineFate.OPEN
    made = services.pair_with_recorded(
        acting_staff=world.cast.accountant, line=found, loan=loan, on=TODAY
    )
    services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    found.refresh_from_db()
    assert (found.event_id, found.fate) == (event.pk, LineFate.MATCHED)
    assert (paid(loan), suspense(world)) == (DUE, -7_00)
    assert balance(world.book, "BANK") == bank + DUE + 7_00
    clean()


def pair(world: World, loan: Loan, line: StatementLine) -> LineMatch:
    return services.pair_with_recorded(
        acting_staff=world.cast.accountant, line=line, loan=loan, on=TODAY
    )


def test_one_recorded_payment_explains_one_line(world: World, loan: Loan, line: Line) -> None:
    """Two payments of the same amount came, one of them was recorded: the other still waits."""
    first = repay(world, loan, DAY, DUE, method=Method.BANK)
    bank = balance(world.book, "BANK")
    one, other = line(), line()
    made = pair(world, loan, one)
    with pytest.raises(NothingRecorded):
        pair(world, loan, other)
    second = repay(world, loan, DAY, DUE, method=Method.BANK)
    later = pair(world, loan, other)
    assert {made.recorded_event, later.recorded_event} == {first, second}
    LineMatch.objects.filter(pk=later.pk).update(recorded_event=first)  # said before this was asked
    services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    later.refresh_from_db()
    with pytest.raises(NothingRecorded):
        services.confirm_match(acting_staff=world.cast.manager, match=later, on=TODAY)
    other.refresh_from_db()
    assert (other.fate, suspense(world)) == (LineFate.PROPOSED, -DUE)
    assert balance(world.book, "BANK") == bank + DUE + DUE
    clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        StatementLine.objects.filter(pk=other.pk).update(fate="MATCHED", event=first)


def test_a_recorded_payment_taken_back_meanwhile_explains_no_line(
    world: World, loan: Loan, line: Line
) -> None:
    event = repay(world, loan, DAY, DUE, method=Method.BANK)
    found = line()
    made = pair(world, loan, found)
    services.reverse_repayment(
        acting_staff=world.cast.accountant, event=event, reason="another's", value_date=TODAY
    )
    bank = balance(world.book, "BANK")
    with pytest.raises(NothingRecorded):
        services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    assert (balance(world.book, "BANK"), suspense(world)) == (bank, -DUE)
    services.decline_match(acting_staff=world.cast.manager, match=made, on=TODAY, reason="gone")
    clean()


@pytest.mark.parametrize("how", ["reference", "hand", "recorded"])
def test_a_payment_a_line_is_matched_to_is_taken_back_with_its_line_only(
    world: World, loan: Loan, line: Line, how: str
) -> None:
    """Its money would leave the books and stay on the bank account."""
    if how == "recorded":
        repay(world, loan, DAY, DUE, method=Method.BANK)
    found = line(DUE, loan.code if how == "reference" else "no word")
    if how != "reference":
        made = pair(world, loan, found) if how == "recorded" else match(world, found, (loan, DUE))
        if made.state == MatchState.PROPOSED:
            services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    event = loan.events.get(kind=EventKind.REPAID)
    with pytest.raises(ExplainsLine):
        services.reverse_repayment(
            acting_staff=world.cast.accountant, event=event, reason="slip", value_date=TODAY
        )
    assert (paid(loan), suspense(world)) == (DUE, 0)
    clean()


def test_the_bank_takes_back_what_was_recorded_by_hand(
    world: World, account: BankAccount, loan: Loan, line: Line
) -> None:
    bank = balance(world.book, "BANK")
    repay(world, loan, DAY, DUE, method=Method.BANK)
    found = line()
    services.confirm_match(
        acting_staff=world.cast.manager, match=pair(world, loan, found), on=TODAY
    )
    back = camt([Move(-DUE, "returned", found.bank_reference, reversal=True)], kind=54)
    services.import_statement(
        acting_staff=world.cast.accountant, account=account, file_name="back", content=back
    )
    found.refresh_from_db()
    assert (found.fate, paid(loan), suspense(world)) == (LineFate.TAKEN_BACK, 0, 0)
    assert balance(world.book, "BANK") == bank
    clean()


@pytest.mark.parametrize("how", ["reference", "hand", "cost", "recorded"])
def test_a_match_can_be_undone_by_another_person(
    world: World, loan: Loan, line: Line, how: str
) -> None:
    other = staff("other", Role.FINANCE_MANAGER)
    if how == "reference":
        found = line(DUE, loan.code)
    elif how == "cost":
        found = line(DUE)
        made = services.book_line(
            acting_staff=world.cast.accountant,
            line=found,
            role="OTHER_INCOME",
            on=TODAY,
            reason="gift",
        )
        services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    elif how == "recorded":
        repay(world, loan, DAY, DUE, method=Method.BANK)
        found = line(DUE, loan.code)
        made = services.pair_with_recorded(
            acting_staff=world.cast.accountant, line=found, loan=loan, on=TODAY
        )
        services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    else:
        found = line(DUE)
        made = match(world, found, (loan, DUE))
        if made.state == MatchState.PROPOSED:
            services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    with pytest.raises(SamePerson):
        services.undo_match(acting_staff=world.cast.accountant, line=found, on=TODAY, reason="slip")
    found.refresh_from_db()
    assert found.fate in (LineFate.MATCHED, LineFate.BOOKED)
    services.undo_match(acting_staff=other, line=found, on=TODAY, reason="slip")
    found.refresh_from_db()
    assert (found.fate, suspense(world)) == (LineFate.OPEN, -DUE)
    assert paid(loan) == (DUE if how == "recorded" else 0)
    with pytest.raises(NothingToUndo):
        services.undo_match(acting_staff=other, line=found, on=TODAY, reason="slip")
    clean()


def test_an_undone_line_can_be_matched_anew(world: World, loan: Loan, line: Line) -> None:
    found = line(DUE, loan.code)
    services.undo_match(acting_staff=world.cast.manager, line=found, on=TODAY, reason="slip")
    made = match(world, found, (loan, DUE))
    if made.state == MatchState.PROPOSED:
        services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    assert (paid(loan), suspense(world)) == (DUE, 0)
    assert loan.events.filter(kind=EventKind.REVERSED).count() == 1
    clean()


def test_the_bank_takes_back_what_was_matched_by_hand(
    world: World, account: BankAccount, loan: Loan, line: Line
) -> None:
    found = line(DUE)
    made = match(world, found, (loan, DUE))
    if made.state == MatchState.PROPOSED:
        services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    assert paid(loan) == DUE
    (statement,) = services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="back",
        content=camt([Move(-DUE, "returned", found.bank_reference, reversal=True)], kind=54),
    )
    assert statement.lines.get().fate == LineFate.MATCHED
    found.refresh_from_db()
    made.refresh_from_db()
    assert (found.fate, made.state) == (LineFate.TAKEN_BACK, MatchState.UNDONE)
    assert (paid(loan), suspense(world)) == (0, 0)
    clean()


def test_what_the_bank_takes_back_is_reversed_for_every_loan_or_for_none(
    world: World, account: BankAccount, loan: Loan, line: Line
) -> None:
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    second = running(world, person=person)
    found = line(20_00)
    made = match(world, found, (loan, 10_00), (second, 10_00))
    services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    proposal = services.propose_write_off(
        acting_staff=world.cast.officer, loan=second, proposed_date=TODAY, reason="Left"
    )
    services.write_off_loan(acting_staff=world.cast.director, proposal=proposal, value_date=TODAY)
    (statement,) = services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="back",
        content=camt([Move(-20_00, "returned", found.bank_reference, reversal=True)], kind=54),
    )
    back = statement.lines.get()
    found.refresh_from_db()
    made.refresh_from_db()
    assert (back.fate, back.reasons[0][0]) == (LineFate.OPEN, Reason.LATER_EVENTS)
    assert (found.fate, made.state) == (LineFate.MATCHED, MatchState.CONFIRMED)
    assert not LoanEvent.objects.filter(kind=EventKind.REVERSED).exists()
    assert (paid(loan), suspense(world)) == (10_00, 20_00)
    clean()
