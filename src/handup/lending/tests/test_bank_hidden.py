"""Who may not know of a person learns nothing of her from a bank's file, and the rest of the file
is posted.
"""

from datetime import date

from django.utils import timezone

from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.models import BankAccount, BankFile, Loan
from handup.lending.rules.banking.codes import OrderState
from handup.lending.rules.codes import LineState, LoanState
from handup.lending.tests.bankmade import Move, camt
from handup.lending.tests.cast import World, clean, make_person, make_product, signed, staff
from handup.lending.tests.test_bank import HEAD
from handup.lending.tests.test_bank_once import sent
from handup.org.models import StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.scope import hidden_changed
from handup.org.tests.standing import standing
from handup.people.models import Compartment, Person
from handup.projects.models import Programme

TODAY = timezone.localdate()
NOBODY = "B-0000001"


def hide(world: World, person: Person) -> None:
    """Put a person into a compartment of which none of the cast is."""
    Compartment._base_manager.create(
        person=person,
        kind="PERSON",
        opened_by=world.cast.manager,
        opened_date=date(2024, 1, 1),
    )
    hidden_changed()


def again(who: StaffUser) -> StaffUser:
    """The same person, her grants and what is hidden from her read anew."""
    return StaffUser.objects.get(pk=who.pk)


@standing
def pair(world: World) -> tuple[Loan, Loan]:
    """Two signed loans of the partner bank: one of a person to be hidden, one of another."""
    product = make_product(world.cast, world.mirror, "REFERRED")
    other = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    return (
        signed(world, product_version=product),
        signed(world, product_version=product, person=other),
    )


def paid_out(*codes: str) -> bytes:
    rows = [f"{code};DISBURSEMENT;2025-01-16;1200.00;D{n};USD" for n, code in enumerate(codes)]
    return (HEAD + "\n".join(rows) + "\n").encode()


def told(file: BankFile) -> list[tuple[str, str]]:
    return [(line.state, line.fault_code) for line in file.lines.all()]


def test_a_row_of_a_hidden_person_reads_as_one_of_no_loan_and_the_others_post(
    world: World, pair: tuple[Loan, Loan]
) -> None:
    hidden, open_loan = pair
    hide(world, world.person)
    clerk = again(world.cast.clerk)
    content = paid_out(hidden.code, open_loan.code, NOBODY)
    checked = services.check_bank_file(
        acting_staff=clerk, lender=world.mirror, file_name="a", content=content
    )
    assert [item.state for item in checked.lines] == ["FAULT", "READY", "FAULT"]
    file = services.import_bank_file(
        acting_staff=clerk, lender=world.mirror, file_name="a", content=content
    )
    assert told(file) == [
        (LineState.FAULT, "LOAN_UNKNOWN"),
        (LineState.POSTED, ""),
        (LineState.FAULT, "LOAN_UNKNOWN"),
    ]
    first, _posted, last = file.lines.all()
    assert first.fault_message.replace(hidden.code, NOBODY) == last.fault_message
    assert (first.loan_id, last.loan_id) == (None, None)
    hidden.refresh_from_db()
    open_loan.refresh_from_db()
    assert (hidden.state, open_loan.state) == (LoanState.AGREED, LoanState.ACTIVE)


def test_a_row_posted_before_she_was_hidden_is_of_no_loan_afterwards(
    world: World, pair: tuple[Loan, Loan]
) -> None:
    hidden, _other = pair
    services.import_bank_file(
        acting_staff=world.cast.clerk,
        lender=world.mirror,
        file_name="a",
        content=paid_out(hidden.code),
    )
    hide(world, world.person)
    file = services.import_bank_file(
        acting_staff=again(world.cast.clerk),
        lender=world.mirror,
        file_name="b",
        content=paid_out(hidden.code, NOBODY),
    )
    assert told(file) == [(LineState.FAULT, "LOAN_UNKNOWN")] * 2
    assert hidden.events.filter(kind="DISBURSED").count() == 1


def test_a_loan_out_of_the_importers_reach_is_of_no_loan_and_the_others_post(
    world: World, pair: tuple[Loan, Loan]
) -> None:
    far, near = pair
    other = Programme.objects.create(code="OTH", title="Other", currency="USD")
    Loan.objects.filter(pk=far.pk).update(programme=other)
    reach = {"kind": ScopeKind.PROJECT, "programme_id": world.programme.pk}
    file = services.import_bank_file(
        acting_staff=staff("near", Role.BANK_CLERK, organisation_id=world.bank.pk, **reach),
        lender=world.mirror,
        file_name="a",
        content=paid_out(far.code, near.code),
    )
    assert told(file) == [(LineState.FAULT, "LOAN_UNKNOWN"), (LineState.POSTED, "")]


def test_the_order_of_a_hidden_person_lies_on_suspense_as_any_money_that_went(
    world: World, account: BankAccount
) -> None:
    loan = signed(world)
    order = sent(world, account, loan).orders.get()
    hide(world, world.person)
    moves = [
        Move(-1_200_00, "x", f"B{n}", end_to_end=code, day=TODAY)
        for n, code in enumerate((order.end_to_end, "E" * 26))
    ]
    (statement,) = services.import_statement(
        acting_staff=again(world.cast.accountant),
        account=account,
        file_name="s",
        content=camt(moves, kind=54),
    )
    first, second = statement.lines.all()
    assert (first.fate, first.reasons, first.order_id) == ("OPEN", second.reasons, None)
    order.refresh_from_db()
    loan.refresh_from_db()
    assert (order.state, loan.state) == (OrderState.SENT, LoanState.AGREED)
    assert balance(world.book, "SUSPENSE") == 2_400_00
    clean()
