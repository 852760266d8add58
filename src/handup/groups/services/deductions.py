"""What is taken off a producer's payslips: inputs she got, a loan of the group, charges
(groups_cooperatives.md K7)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.groups.errors import NumberGivenUp
from handup.groups.models import Deduction, Group, InternalLoan, Producer
from handup.groups.models.money import InternalLoanStatus
from handup.groups.models.payslips import DeductionKind
from handup.groups.phones import require_office
from handup.groups.queries import money_now, terms_of
from handup.groups.rules.money import LOAN, MoneyState, Owed, owed_on
from handup.groups.services.assembly import stream_of
from handup.groups.services.facts import FactIn
from handup.groups.services.outside import PRODUCER, Moved, move_money, require_come, take_back
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require

DRAFT = "groups.draft_payslips"
MOST = 10**12


class DeductionOutOfRange(Refusal):
    """Write how much is taken off in all, from 1 on."""


class NotHerLoan(Refusal):
    """This is no open loan of the group to her."""


class SocialLoan(Refusal):
    """This loan is owed to the social fund; it is paid back at a meeting."""


class LoanMissing(Refusal):
    """A deduction for a loan names the loan; others name none."""


class TakenOffAlready(Refusal):
    """Something of it was taken off a payslip already; what is left stays due."""


@transaction.atomic
def record_deduction(
    *,
    acting_staff: StaffUser,
    producer: Producer,
    kind: DeductionKind,
    units: int,
    on: date,
    loan: InternalLoan | None = None,
    id: UUID | None = None,
) -> Deduction:
    """Write down what is taken off a producer's payslips until it is paid. Inputs are sold to her
    on that day; charges are income when they are taken; a loan is repaid by what is taken.

    The same id with the same content returns it unchanged. Raises DeductionOutOfRange, LoanMissing,
    NumberGivenUp, NotHerLoan, SocialLoan, InTheFuture, PhoneKeepsRecord, SameIdOtherContent.
    """
    require(acting_staff, DRAFT, producer.group)
    stream = stream_of(producer.group)
    told = {
        "group": producer.group,
        "producer": producer,
        "kind": kind.value,
        "units": units,
        "from_date": on,
        "loan": loan,
    }
    if (known := already_stored(Deduction, id, acting_staff, **told)) is not None:
        return known
    require_come(on, "on")
    if not 0 < units <= MOST:
        raise DeductionOutOfRange(field="units")
    if (ended := Producer.objects.get(pk=producer.pk).ended_date) is not None:
        raise NumberGivenUp(field="producer", number=producer.number, day=ended)
    _check_loan(producer, kind, loan)
    pk = id or new_id()
    body: dict[str, Json] = {
        "deduction": str(pk),
        "producer": str(producer.pk),
        "kind": kind.value,
        "units": units,
    }
    if kind is DeductionKind.INPUTS:
        fact = move_money(
            acting_staff,
            stream,
            name="charge_inputs",
            body=body,
            on=on,
            moved=[Moved("AMOUNT", units, debit=producer.pk, kinds=(PRODUCER, PRODUCER))],
            uses_box=False,
        )
    else:
        body |= {"loan": str(loan.pk)} if loan else {}
        (fact,) = stream.append([FactIn("record_deduction", body, on)], acting_staff)
    row = Deduction.objects.create(id=pk, fact=fact, **told)
    audit.record(acting_staff, DRAFT, row, {"units": units})
    return row


def _check_loan(producer: Producer, kind: DeductionKind, loan: InternalLoan | None) -> None:
    if (kind is DeductionKind.LOAN) != (loan is not None):
        raise LoanMissing(field="loan")
    if loan is None:
        return
    hers = loan.member_id == producer.member_id
    if producer.person_id is not None:
        hers = hers or loan.member.person_id == producer.person_id
    if not hers or loan.group_id != producer.group_id or loan.status != InternalLoanStatus.OPEN:
        raise NotHerLoan(field="loan")
    if loan.fund != LOAN:
        raise SocialLoan(field="loan")
    require_office(producer.group_id)


@transaction.atomic
def take_back_deduction(*, acting_staff: StaffUser, deduction: Deduction, on: date) -> Deduction:
    """Take a deduction back of which nothing was taken off yet. Raises TakenOffAlready,
    TakenBackAlready, TakenBackBefore, InTheFuture."""
    require(acting_staff, "groups.reverse_fact", deduction.group)
    stream = stream_of(deduction.group)
    stored = Deduction.objects.select_related("fact").get(pk=deduction.pk)
    if stored.taken_units or stored.lines.filter(slip__run__state="DRAFT").exists():
        raise TakenOffAlready
    take_back(acting_staff, stream, stored.fact, on)
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    audit.record(acting_staff, "groups.take_back_deduction", stored, {"units": stored.units})
    return stored


def owed_of(loan: InternalLoan, on: date, money: MoneyState) -> Owed:
    """What a loan owes on a day. money: of its group as it stands."""
    return owed_on(
        terms_of(loan),
        days=(on - loan.paid_out_date).days,
        principal_left=money.principal.get(str(loan.pk), 0),
        charge_paid=money.charge_paid.get(str(loan.pk), 0),
    )


def settle_loans(group: Group, loans: list[InternalLoan]) -> None:
    """Loans stand as the book says after something was taken off for them, or given back."""
    principal = money_now(group).principal
    for loan in loans:
        loan.status = (
            InternalLoanStatus.OPEN if principal.get(str(loan.pk), 0) else InternalLoanStatus.REPAID
        )
        loan.save(update_fields=("status",))
