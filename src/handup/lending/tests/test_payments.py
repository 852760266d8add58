"""Payment orders: drafted, checked, released by another, sent as valid files, answered, paid."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from lxml import etree

from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.errors import (
    AccountNotNamed,
    AccountSlip,
    AlreadyOrdered,
    BatchNotReady,
    LoanOfAnotherBook,
    NoPayments,
    NotAgreed,
    NotAnAccount,
    PaymentUnknown,
)
from handup.lending.models import BankAccount, BankStatement, Loan, PaymentBatch
from handup.lending.rules.banking import answers, statement
from handup.lending.rules.banking.codes import (
    BatchState,
    BookWhen,
    LineFate,
    OrderState,
    PainVersion,
    Reason,
)
from handup.lending.rules.codes import LoanState
from handup.lending.tests.bankmade import DAY, OTHER_IBAN, Move, camt
from handup.lending.tests.cast import World, clean, make_person, make_product, signed, staff
from handup.lending.tests.test_pain import schema
from handup.org.duties import SamePerson
from handup.org.models import Grant
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.org.services.files import sum_of_sealed
from handup.org.tests.standing import standing

TODAY = timezone.localdate()
NOON = datetime(2025, 2, 17, 12, 0, tzinfo=UTC)


@standing
def loan(world: World) -> Loan:
    """A signed loan with the account of its borrower."""
    found = signed(world)
    services.name_loan_account(
        acting_staff=world.cast.accountant, loan=found, number=OTHER_IBAN, holder="Ann Alba"
    )
    return found


Drafted = Callable[..., PaymentBatch]


@pytest.fixture
def drafted(world: World, account: BankAccount, loan: Loan) -> Drafted:
    def do(*loans: Loan, **more: Any) -> PaymentBatch:
        return services.prepare_payments(
            acting_staff=more.get("by", world.cast.accountant),
            account=account,
            loans=loans or (loan,),
            execution_date=TODAY,
            on=TODAY,
        )

    return do


def sent(world: World, batch: PaymentBatch) -> bytes:
    services.check_payments(acting_staff=world.cast.accountant, batch=batch)
    services.release_payments(acting_staff=world.cast.manager, batch=batch, on=TODAY)
    return services.send_payments(acting_staff=world.cast.accountant, batch=batch)


def bring(world: World, account: BankAccount, *moves: Move) -> BankStatement:
    return services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="s",
        content=camt(moves, kind=54),
    )[0]


def answer(batch: PaymentBatch, group: str = "", one: str = "", reason: str = "") -> bytes:
    order = batch.orders.get(row=1)
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    transaction = (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch.message_id}</OrgnlPmtInfId><TxInfAndSts>"
        f"<OrgnlEndToEndId>{order.end_to_end}</OrgnlEndToEndId><TxSts>{one}</TxSts>{why}"
        "</TxInfAndSts></OrgnlPmtInfAndSts>"
        if one
        else ""
    )
    status = f"<GrpSts>{group}</GrpSts>{why}" if group else ""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>A</MsgId></GrpHdr><OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>{batch.message_id}</OrgnlMsgId>{status}</OrgnlGrpInfAndSts>{transaction}"
        "</CstmrPmtStsRpt></Document>"
    ).encode()


def test_a_batch_goes_its_way_to_the_statement_that_shows_it(
    world: World, account: BankAccount, loan: Loan, drafted: Drafted
) -> None:
    bank = balance(world.book, "BANK")
    made = drafted()
    assert (made.state, made.orders_total, made.total_units) == ("DRAFT", 1, 1_200_00)
    content = sent(world, made)
    made.refresh_from_db()
    assert made.state == BatchState.SENT
    assert made.sha256 == sum_of_sealed(content)
    assert services.send_payments(acting_staff=world.cast.accountant, batch=made) == content
    schema(PainVersion.V09).assertValid(etree.fromstring(content))
    loan.refresh_from_db()
    assert (loan.state, balance(world.book, "BANK")) == (LoanState.AGREED, bank)
    order = made.orders.get()
    shown = bring(world, account, Move(-1_200_00, "", "B1", end_to_end=order.end_to_end))
    loan.refresh_from_db()
    order.refresh_from_db()
    made.refresh_from_db()
    assert (loan.state, loan.disbursed_date) == (LoanState.ACTIVE, DAY)
    assert (order.state, order.event_id) == (OrderState.CONFIRMED, order.pk)
    assert made.state == BatchState.CONFIRMED
    line = shown.lines.get()
    assert (line.fate, line.reasons[0][0], line.event_id) == ("MATCHED", Reason.ORDER, order.pk)
    assert (balance(world.book, "BANK"), balance(world.book, "SUSPENSE")) == (bank - 1_200_00, 0)
    clean()


def test_fees_kept_back_are_not_paid_out(world: World, account: BankAccount) -> None:
    fees = [{"code": "FILE", "ppm": 20_000, "taken": "WITHHELD"}]
    product = make_product(world.cast, world.direct, "FEE", terms={"fees": fees})
    loan = signed(world, product_version=product)
    services.name_loan_account(
        acting_staff=world.cast.accountant, loan=loan, number=OTHER_IBAN, holder="Ann"
    )
    made = services.prepare_payments(
        acting_staff=world.cast.accountant,
        account=account,
        loans=[loan],
        execution_date=TODAY,
        on=TODAY,
    )
    assert made.total_units == 1_176_00
    sent(world, made)
    code = made.orders.get().end_to_end
    bring(world, account, Move(-1_176_00, "", "B1", end_to_end=code))
    loan.refresh_from_db()
    assert (loan.state, loan.disbursed_units) == (LoanState.ACTIVE, 1_200_00)
    clean()


def test_money_is_never_released_by_who_prepared_it_or_decided_the_loan(
    world: World, account: BankAccount, loan: Loan, drafted: Drafted
) -> None:
    made = drafted(by=world.cast.manager)
    services.check_payments(acting_staff=world.cast.manager, batch=made)
    with pytest.raises(SamePerson):
        services.release_payments(acting_staff=world.cast.manager, batch=made, on=TODAY)
    decider = world.cast.committee
    Grant.objects.create(
        staff=decider,
        role=Role.FINANCE_MANAGER,
        scope=ScopeKind.ALL,
        starts=TODAY - timedelta(days=1),
        ends=TODAY + timedelta(days=9),
    )
    fresh = type(decider).objects.get(pk=decider.pk)
    with pytest.raises(SamePerson):
        services.release_payments(acting_staff=fresh, batch=made, on=TODAY)
    with pytest.raises(NotAllowed):
        services.release_payments(acting_staff=world.cast.cashier, batch=made, on=TODAY)
    made.refresh_from_db()
    assert made.state == BatchState.CHECKED


def test_where_the_account_says_so_a_loan_is_paid_out_at_release(
    world: World, account: BankAccount, loan: Loan, drafted: Drafted
) -> None:
    BankAccount.objects.update(book_when=BookWhen.RELEASED)
    account.refresh_from_db()
    bank = balance(world.book, "BANK")
    made = drafted()
    sent(world, made)
    loan.refresh_from_db()
    assert (loan.state, balance(world.book, "BANK")) == (LoanState.ACTIVE, bank - 1_200_00)
    order = made.orders.get()
    bring(world, account, Move(-1_200_00, "", "B1", end_to_end=order.end_to_end))
    order.refresh_from_db()
    assert order.state == OrderState.CONFIRMED
    assert (loan.events.count(), balance(world.book, "BANK")) == (2, bank - 1_200_00)
    clean()


def test_a_refused_draft_leaves_nothing(
    world: World, account: BankAccount, loan: Loan, drafted: Drafted
) -> None:
    bob = make_person(world.programme, world.office, world.cast.advisor, "Bob")
    nameless = signed(world, 500_00, person=bob)
    with pytest.raises(AccountNotNamed):
        drafted(loan, nameless)
    with pytest.raises(NoPayments):
        services.prepare_payments(
            acting_staff=world.cast.accountant,
            account=account,
            loans=[],
            execution_date=TODAY,
            on=TODAY,
        )
    assert not PaymentBatch.objects.exists()
    drafted(loan)
    with pytest.raises(AlreadyOrdered):
        drafted(loan)
    mirror = signed(
        world,
        500_00,
        product_version=make_product(world.cast, world.mirror, "REF"),
        person=make_person(world.programme, world.office, world.cast.advisor, "Cid"),
    )
    services.name_loan_account(
        acting_staff=world.cast.accountant, loan=mirror, number="0788123456", holder="Cid"
    )
    with pytest.raises(LoanOfAnotherBook):
        drafted(mirror)
    services.disburse_loan(acting_staff=world.cast.manager, loan=nameless, value_date=TODAY)
    with pytest.raises(NotAgreed):
        drafted(nameless)
    assert PaymentBatch.objects.count() == 1


def test_a_step_out_of_turn_is_refused(world: World, drafted: Drafted) -> None:
    made = drafted()
    with pytest.raises(BatchNotReady):
        services.release_payments(acting_staff=world.cast.manager, batch=made, on=TODAY)
    with pytest.raises(BatchNotReady):
        services.send_payments(acting_staff=world.cast.accountant, batch=made)
    sent(world, made)
    with pytest.raises(BatchNotReady):
        services.cancel_payments(
            acting_staff=world.cast.accountant, batch=made, on=TODAY, reason="slip"
        )


def test_a_cancelled_batch_sets_its_loans_free(
    world: World, account: BankAccount, loan: Loan, drafted: Drafted
) -> None:
    BankAccount.objects.update(book_when=BookWhen.RELEASED)
    account.refresh_from_db()
    bank = balance(world.book, "BANK")
    made = drafted()
    services.check_payments(acting_staff=world.cast.accountant, batch=made)
    services.release_payments(acting_staff=world.cast.manager, batch=made, on=TODAY)
    services.cancel_payments(
        acting_staff=world.cast.accountant, batch=made, on=TODAY, reason="wrong day"
    )
    loan.refresh_from_db()
    assert (loan.state, balance(world.book, "BANK")) == (LoanState.AGREED, bank)
    assert drafted().pk != made.pk
    clean()


def test_a_draft_a_bank_would_refuse_is_not_checked(
    world: World, loan: Loan, drafted: Drafted
) -> None:
    loan.accounts.update(bic="NOBANK")
    made = drafted()
    with pytest.raises(Faults) as told:
        services.check_payments(acting_staff=world.cast.accountant, batch=made)
    assert [each.code for each in told.value.faults] == ["BIC_NOT_READABLE"]
    made.refresh_from_db()
    assert made.state == BatchState.DRAFT


@pytest.mark.parametrize(
    ("group", "one", "order_state", "batch_state"),
    [
        ("ACCP", "", OrderState.ACCEPTED, BatchState.ACCEPTED),
        ("ACTC", "", OrderState.ACCEPTED, BatchState.ACCEPTED),
        ("RJCT", "", OrderState.REJECTED, BatchState.REJECTED),
        ("PART", "RJCT", OrderState.REJECTED, BatchState.REJECTED),
        ("", "ACSC", OrderState.ACCEPTED, BatchState.ACCEPTED),
        ("PDNG", "", OrderState.SENT, BatchState.SENT),
    ],
)
def test_the_banks_answer_is_noted(
    world: World, drafted: Drafted, group: str, one: str, order_state: str, batch_state: str
) -> None:
    made = drafted()
    sent(world, made)
    told = answer(made, group, one, "AC01" if "RJCT" in (group, one) else "")
    for _again in range(2):
        services.import_payment_status(acting_staff=world.cast.accountant, content=told, on=TODAY)
    made.refresh_from_db()
    order = made.orders.get()
    assert (order.state, made.state) == (order_state, batch_state)
    if order_state == OrderState.REJECTED:
        assert order.answer_code == "AC01"


def test_a_rejected_order_that_was_booked_is_taken_back(
    world: World, account: BankAccount, loan: Loan, drafted: Drafted
) -> None:
    BankAccount.objects.update(book_when=BookWhen.RELEASED)
    account.refresh_from_db()
    bank = balance(world.book, "BANK")
    made = drafted()
    sent(world, made)
    services.import_payment_status(
        acting_staff=world.cast.accountant, content=answer(made, "RJCT"), on=TODAY
    )
    loan.refresh_from_db()
    assert (loan.state, balance(world.book, "BANK")) == (LoanState.AGREED, bank)
    clean()


def test_an_answer_to_what_was_not_sent_from_here_is_refused(
    world: World, drafted: Drafted
) -> None:
    made = drafted()
    sent(world, made)
    strange = answer(made, "RJCT").replace(made.message_id.encode(), b"STRANGE")
    with pytest.raises(PaymentUnknown):
        services.import_payment_status(
            acting_staff=world.cast.accountant, content=strange, on=TODAY
        )
    for broken, refusal in (
        (b"<!DOCTYPE x []><x/>", statement.XmlForbidden),
        (b"<x/>", statement.WrongSchema),
        (b"<x", statement.XmlBroken),
    ):
        with pytest.raises(refusal):
            answers.read(broken)
    assert made.orders.get().state == OrderState.SENT


def test_the_banks_clerk_answers_for_her_own_bank_only(world: World, drafted: Drafted) -> None:
    made = drafted()
    sent(world, made)
    far = staff("far", Role.BANK_CLERK, organisation_id=new_id())
    with pytest.raises(PaymentUnknown):
        services.import_payment_status(acting_staff=far, content=answer(made, "ACCP"), on=TODAY)
    assert PaymentBatch.objects.visible_to(far).count() == 0
    assert PaymentBatch.objects.visible_to(world.cast.clerk).count() == 1
    services.import_payment_status(
        acting_staff=world.cast.clerk, content=answer(made, "ACCP"), on=TODAY
    )
    made.refresh_from_db()
    assert made.state == BatchState.ACCEPTED


def test_a_payment_that_comes_back_makes_the_loan_unpaid_again(
    world: World, account: BankAccount, loan: Loan, drafted: Drafted
) -> None:
    bank = balance(world.book, "BANK")
    made = drafted()
    sent(world, made)
    code = made.orders.get().end_to_end
    bring(world, account, Move(-1_200_00, "", "B1", end_to_end=code))
    back = bring(world, account, Move(1_200_00, "AC04", "B2", end_to_end=code, reversal=True))
    assert back.lines.get().fate == LineFate.MATCHED
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED
    assert made.orders.get().state == OrderState.RETURNED
    assert (balance(world.book, "BANK"), balance(world.book, "SUSPENSE")) == (bank, 0)
    clean()


def test_a_payment_that_comes_back_after_repayments_waits_for_a_person(
    world: World, account: BankAccount, loan: Loan, drafted: Drafted
) -> None:
    made = drafted()
    sent(world, made)
    code = made.orders.get().end_to_end
    bring(world, account, Move(-1_200_00, "", "B1", end_to_end=code))
    bring(world, account, Move(5_00, loan.code, "B3", day=DAY + timedelta(days=1)))
    back = bring(world, account, Move(1_200_00, "AC04", "B2", end_to_end=code, reversal=True))
    line = back.lines.get()
    assert (line.fate, line.reasons[0][0]) == (LineFate.OPEN, Reason.LATER_EVENTS)
    assert balance(world.book, "SUSPENSE") == -1_200_00
    clean()


def test_a_statement_that_shows_another_amount_waits_for_a_person(
    world: World, account: BankAccount, loan: Loan, drafted: Drafted
) -> None:
    made = drafted()
    sent(world, made)
    code = made.orders.get().end_to_end
    shown = bring(world, account, Move(-1_199_00, "", "B1", end_to_end=code))
    assert shown.lines.get().reasons[0][0] == Reason.OTHER_AMOUNT
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED


def test_a_loan_on_its_way_is_paid_out_by_nobody_else(
    world: World, account: BankAccount, loan: Loan, drafted: Drafted
) -> None:
    made = drafted()
    with pytest.raises(AlreadyOrdered):
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=TODAY)
    sent(world, made)
    with pytest.raises(AlreadyOrdered):
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=TODAY)
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED
    Loan.objects.filter(pk=loan.pk).update(state=LoanState.ACTIVE)  # whatever way it came about
    code = made.orders.get().end_to_end
    shown = bring(world, account, Move(-1_200_00, "", "B1", end_to_end=code))
    assert shown.lines.get().reasons[0][0] == Reason.ALREADY_PAID_OUT
    assert balance(world.book, "SUSPENSE") == 1_200_00


def test_a_loan_on_its_way_is_not_cancelled_until_its_order_is(
    world: World, loan: Loan, drafted: Drafted
) -> None:
    made = drafted()

    def cancel() -> None:
        services.cancel_loan(
            acting_staff=world.cast.officer, loan=loan, value_date=TODAY, reason="Changed her mind"
        )

    with pytest.raises(AlreadyOrdered):
        cancel()
    loan.refresh_from_db()
    assert (loan.state, made.orders.get().state) == (LoanState.AGREED, OrderState.WAITING)
    services.cancel_payments(
        acting_staff=world.cast.accountant, batch=made, on=TODAY, reason="Changed her mind"
    )
    cancel()
    loan.refresh_from_db()
    assert loan.state == LoanState.CANCELLED


@pytest.mark.parametrize(
    ("number", "refusal"), [("12", NotAnAccount), ("GB33BUKB20201555555556", AccountSlip)]
)
def test_a_number_with_a_slip_is_no_account(
    world: World, loan: Loan, number: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        services.name_loan_account(
            acting_staff=world.cast.accountant, loan=loan, number=number, holder="Ann"
        )
    assert loan.accounts.count() == 1


def test_who_may_not_see_the_loan_names_no_account(world: World, loan: Loan) -> None:
    with pytest.raises(NotAllowed):
        services.name_loan_account(
            acting_staff=world.cast.clerk, loan=loan, number=OTHER_IBAN, holder="Ann"
        )
    far = staff(
        "far", Role.ACCOUNTANT, kind=ScopeKind.OFFICE, office=None, organisation_id=new_id()
    )
    with pytest.raises(OutOfSight):
        services.name_loan_account(acting_staff=far, loan=loan, number=OTHER_IBAN, holder="Ann")
