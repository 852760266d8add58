"""Who paid and what they wrote is kept as long as it must be, and blanked by rule and by right."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from tests import walking

from handup.ledger.queries import balance
from handup.lending import persons, services
from handup.lending.models import (
    Application,
    ApplicationDocument,
    BankAccount,
    BankStatement,
    Loan,
    LoanEvent,
    StatementLine,
)
from handup.lending.rules.banking.codes import LineFate
from handup.lending.rules.codes import Method
from handup.lending.services import keeping
from handup.lending.services.store import state_as_of
from handup.lending.tests.bankmade import DAY, Move, camt
from handup.lending.tests.cast import START, World, applied, clean, repay, running
from handup.lending.tests.test_runs import write_off
from handup.lending.tests.test_savings import opened, pay_in
from handup.org import retention
from handup.org.models import Setting
from handup.org.permissions import NotAllowed
from handup.org.retention import Rule
from handup.org.services.retention import approve_retention, list_due
from handup.people.models import Grievance, SubjectRequest

PAPERS = keeping.PAPERS_DAYS
LATER = DAY + timedelta(days=PAPERS + 1)
PAPERS_RULE, _CASH, EXPLAINED, REJECTED = keeping.RULES
FAR = date(2099, 1, 1)


@pytest.fixture
def brought(world: World, account: BankAccount, loan: Loan) -> BankStatement:
    """Three lines: one of a loan, one for suspense, one that is wrong."""
    moves = [
        Move(113_47, f"for {loan.code}", "B1", name="Ann Alba", account="DE89370400440532013000"),
        Move(50_00, "for my loan", "B2", name="Bob Bari"),
        Move(50_00, "later", "B3", name="Cem Cato", day=timezone.localdate() + timedelta(days=9)),
    ]
    return bring(world, account, moves)


def blank(rule: Rule, before: date) -> int:
    """Blank what a rule keeps from before a day; of how many."""
    assert rule.blank is not None
    return rule.blank(before)


def bring(world: World, account: BankAccount, moves: list[Move]) -> BankStatement:
    (statement,) = services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="s.xml",
        content=camt(moves, kind=54),
    )
    return statement


def lines(statement: BankStatement) -> dict[str, StatementLine]:
    return {line.bank_reference: line for line in statement.lines.all()}


def test_the_rules_are_known_to_the_house() -> None:
    assert retention.rules["STATEMENT_LINES"] is EXPLAINED
    assert retention.rules["REJECTED_LINES"] is REJECTED


@pytest.mark.usefixtures("db")
def test_no_setting_blanks_papers_of_the_accounts_within_five_years() -> None:
    Setting.objects.create(key=retention.SETTING, value={EXPLAINED.code: 30, REJECTED.code: 30})
    assert [retention.days_of(rule) for rule in (EXPLAINED, REJECTED)] == [5 * 365, 30]


def test_a_line_is_due_when_it_is_older_than_papers_are_kept(brought: BankStatement) -> None:
    assert lines(brought)["B1"].fate == LineFate.MATCHED
    assert EXPLAINED.due(DAY) == 0, "the day itself is not older"
    assert EXPLAINED.due(DAY + timedelta(days=1)) == 1


def test_blanked_a_line_keeps_its_money_and_what_it_is_known_by(
    world: World, account: BankAccount, brought: BankStatement
) -> None:
    before = lines(brought)["B1"]
    assert blank(EXPLAINED, DAY + timedelta(days=1)) == 1
    after = lines(brought)["B1"]
    assert (after.name, after.text, after.end_to_end, after.payer_account) == ("", "", "", "")
    assert after.candidates == []
    same = ("units", "book_date", "value_date", "fate", "loan_id", "event_id", "entry_key")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert EXPLAINED.due(LATER) == 0, "what is blanked is not due again"
    assert blank(EXPLAINED, LATER) == 0
    again = bring(world, account, [Move(113_47, "other words", "B1", name="Ann Alba")])
    assert again.lines_known == 1, "an entry that came before is still recognised"
    clean()


def test_what_lies_on_suspense_keeps_who_paid(world: World, brought: BankStatement) -> None:
    blank(EXPLAINED, LATER)
    blank(REJECTED, LATER)
    waiting = lines(brought)["B2"]
    assert (waiting.fate, waiting.name, waiting.text) == (LineFate.OPEN, "Bob Bari", "for my loan")
    assert balance(world.book, "SUSPENSE") == -50_00


def test_of_a_rejected_line_goes_what_was_written_and_the_fault_stays(
    brought: BankStatement,
) -> None:
    wrong = lines(brought)["B3"]
    assert wrong.fate == LineFate.FAULT
    (fault,) = wrong.faults
    assert fault["value"]
    far = timezone.localdate() + timedelta(days=10)
    assert REJECTED.due(far) == 1
    assert blank(REJECTED, far) == 1
    wrong.refresh_from_db()
    assert (wrong.name, wrong.text) == ("", "")
    assert wrong.faults == [{**fault, "value": ""}]
    assert REJECTED.due(far) == 0


def test_what_could_not_be_read_alone_is_due_as_well(brought: BankStatement) -> None:
    rows = StatementLine.objects.filter(bank_reference="B3")
    rows.update(**keeping.BLANK)
    assert REJECTED.due(date(2100, 1, 1)) == 1, "the value of its fault is left"
    blank(REJECTED, date(2100, 1, 1))
    assert REJECTED.due(date(2100, 1, 1)) == 0


def test_a_sealed_account_alone_is_due(brought: BankStatement) -> None:
    line = lines(brought)["B2"]
    line.fate, line.payer_account = LineFate.BOOKED.value, "DE89370400440532013000"
    line.save(update_fields=("fate", "payer_account"))
    StatementLine.objects.filter(pk=line.pk).update(name="", text="", candidates=[])
    with connection.cursor() as cursor:
        cursor.execute("SELECT payer_account FROM lending_statementline WHERE name = ''")
        assert cursor.fetchall()[0][0]
    assert EXPLAINED.due(LATER) == 2
    blank(EXPLAINED, LATER)
    line.refresh_from_db()
    assert line.payer_account == ""


def test_it_is_listed_and_blanked_by_the_officer_only(world: World, brought: BankStatement) -> None:
    (listed,) = [row for row in list_due(LATER) if row.rule == EXPLAINED.code]
    assert listed.found == 1
    with pytest.raises(NotAllowed):
        approve_retention(acting_staff=world.cast.accountant, listing=listed, on=LATER)
    assert lines(brought)["B1"].name == "Ann Alba"
    officer = walking.staff_everywhere("dpo")
    assert approve_retention(acting_staff=officer, listing=listed, on=LATER).blanked == 1
    assert lines(brought)["B1"].name == ""


def test_the_statements_do_not_grow_with_the_lines(
    world: World, account: BankAccount, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    bring(world, account, [Move(10_00, "x", f"N{number}", name="Ann") for number in range(40)])
    StatementLine.objects.update(fate=LineFate.BOOKED.value)
    with django_assert_max_num_queries(4):
        assert blank(EXPLAINED, LATER) == 40


# --- the right to be erased -----------------------------------------------------------------------


def test_a_reason_behind_the_append_only_trigger_is_blanked_and_nothing_else_changes(
    world: World, loan: Loan
) -> None:
    assert loan.next_due_date is not None
    event = repay(world, loan, loan.next_due_date, 10_00, reference="paper 7")
    services.reverse_repayment(
        acting_staff=world.cast.manager,
        event=event,
        reason="She paid for her sister",
        value_date=timezone.localdate(),
    )
    kept = ("id", "kind", "value_date", "units", "seq", "payload", "reverses")
    before = list(LoanEvent.objects.order_by("seq").values(*kept))
    persons.blank(world.person.pk)
    told = LoanEvent.objects.filter(loan=loan).values_list("reason", "reference")
    assert set(told) == {("", "")}
    assert list(LoanEvent.objects.order_by("seq").values(*kept)) == before
    clean()


@pytest.mark.parametrize("column", ["units", "value_date", "kind", "seq", "payload", "method"])
def test_the_rest_of_an_event_still_refuses_to_change(loan: Loan, column: str) -> None:
    row = LoanEvent.objects.filter(loan=loan).values(column)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        LoanEvent.objects.filter(loan=loan).update(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        LoanEvent.objects.filter(loan=loan).update(reason="", **row)


def test_her_lines_on_statements_are_told_and_blanked_with_her(
    world: World, brought: BankStatement
) -> None:
    (told,) = persons.held(world.person.pk)["Her payments on bank statements"]
    assert told["From or to"] == "Ann Alba"
    persons.blank(world.person.pk)
    found = lines(brought)
    assert (found["B1"].name, found["B1"].text) == ("", "")
    assert found["B2"].name == "Bob Bari", "whose it is nobody knows yet"
    clean()


def paper_of(loan: Loan, world: World) -> None:
    """A paper seen for its application, and the loan over."""
    assert loan.agreement is not None
    ApplicationDocument.objects.create(
        application=loan.agreement.application,
        kind="Lease",
        number="L-7",
        seen_date=START,
        seen_by=world.cast.officer,
    )
    Loan.objects.filter(pk=loan.pk).update(state="SETTLED", settled_date=START)


def held_by(world: World) -> dict[str, Callable[[], object]]:
    """What keeps the papers of a loan that is over, by name."""
    today, her = timezone.localdate(), world.person
    asked = partial(
        SubjectRequest.objects.create,
        code="D1",
        kind="ERASURE",
        state="HELD",
        person=her,
        programme=world.programme,
        office=world.office,
        handler=world.cast.officer,
        received_date=START,
        due_date=START,
        recorded_by=world.cast.officer,
    )
    return {
        "another loan of hers": lambda: running(world),
        "an application that waits": lambda: Application.objects.filter(
            pk=applied(world).pk
        ).update(expires_date=today),
        "savings": lambda: pay_in(world, opened(world), 5_00),
        "a complaint": lambda: Grievance.objects.create(
            code="K1",
            kind="SERVICE",
            person=her,
            tracking="A",
            taken_by=world.cast.officer,
            received_date=START,
            acknowledge_date=START,
            resolve_date=START,
        ),
        "a court": lambda: asked(hold_reason="COURT"),
        "a law, until today": lambda: asked(hold_reason="LAW", held_until=today),
    }


def test_papers_of_who_is_held_stay(world: World, loan: Loan) -> None:
    paper_of(loan, world)
    assert PAPERS_RULE.due(FAR) == 1
    for name, hold in held_by(world).items():
        with transaction.atomic():
            hold()
            assert (PAPERS_RULE.due(FAR), blank(PAPERS_RULE, FAR)) == (0, 0), name
            transaction.set_rollback(True)
    for over in (
        {"hold_reason": "LAW", "held_until": timezone.localdate() - timedelta(days=1)},
        {"hold_reason": "COURT", "state": "REFUSED"},
    ):
        with transaction.atomic():
            held_by(world)["a court"]()
            SubjectRequest.objects.update(**over)
            assert PAPERS_RULE.due(FAR) == 1, over
            transaction.set_rollback(True)
    assert blank(PAPERS_RULE, FAR) == 1


def test_papers_of_a_loan_written_off_stay_until_all_of_it_came_in(
    world: World, loan: Loan
) -> None:
    paper_of(loan, world)
    Loan.objects.filter(pk=loan.pk).update(state="ACTIVE", settled_date=None)
    loan.refresh_from_db()
    write_off(world, loan, date(2025, 9, 1))
    assert PAPERS_RULE.due(FAR) == 0
    loan.refresh_from_db()
    left = recoverable(loan)
    for units, due in ((loan.written_off_units, 0), (left - loan.written_off_units, 1)):
        services.record_recovery(
            acting_staff=world.cast.accountant,
            loan=loan,
            value_date=date(2025, 10, 1),
            units=units,
            method=Method.BANK,
            reference=f"R {units}",
        )
        assert PAPERS_RULE.due(FAR) == due, units


def recoverable(loan: Loan) -> int:
    """All that was written off of a loan: principal, interest, fees."""
    return sum(state_as_of(loan, timezone.localdate()).written_off_parts)
