"""Borrowers who answer for each other: joining, the stop on new loans, the calls, what is paid."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.errors import FutureDate, StopRule
from handup.lending.models import (
    Application,
    CallPayment,
    JointGroup,
    JointMember,
    Loan,
    SecurityCall,
)
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.services import calling, joint, security
from handup.lending.services.security import Word
from handup.lending.tests.cast import (
    START,
    World,
    applied,
    approved,
    clean,
    make_person,
    repay,
)
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.tests.standing import standing
from handup.people.rules.codes import ConsentMethod

WORD = Word(agreed_date=START - timedelta(days=4), agreed_how=ConsentMethod.WITNESSED)
JOINED = START - timedelta(days=3)
LATE = date(2025, 3, 20)  # the instalments of 15 February and 15 March are unpaid


@standing
def group(world: World) -> JointGroup:
    """Three neighbours."""
    return joint.form_joint_group(
        acting_staff=world.cast.officer,
        name="Three neighbours",
        programme=world.programme,
        office=world.office,
        formed_date=JOINED,
    )


def join(
    world: World, group: JointGroup, row: Application, cap_units: int | None = None
) -> JointMember:
    """Her loan stands with the others."""
    return joint.join_joint_group(
        acting_staff=world.cast.officer,
        joint_group=group,
        application=row,
        word=WORD,
        recorded_date=JOINED,
        cap_units=cap_units,
    )


def lend(world: World, group: JointGroup, name: str, units: int, cap: int | None = None) -> Loan:
    """A running loan of the joint group."""
    person = make_person(world.programme, world.office, world.cast.advisor, name)
    row = approved(world, units, person=person)
    join(world, group, row, cap)
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=START
    )
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    return loan


def call(world: World, loan: Loan, on: date = LATE) -> list[SecurityCall]:
    """Call for what is overdue."""
    return joint.call_security(
        acting_staff=world.cast.officer,
        loan=loan,
        called_date=on,
        due_date=on + timedelta(days=14),
    )


def test_a_loan_joins_before_it_is_signed_and_once(world: World, group: JointGroup) -> None:
    row = approved(world)
    join(world, group, row)
    with pytest.raises(joint.InJointGroup):
        join(world, group, row)
    services.sign_agreement(acting_staff=world.cast.officer, application=row, signed_date=START)
    other = approved(
        world, person=make_person(world.programme, world.office, world.cast.advisor, "Second")
    )
    services.sign_agreement(acting_staff=world.cast.officer, application=other, signed_date=START)
    other.refresh_from_db()
    with pytest.raises(joint.SignedBefore):
        join(world, group, other)
    assert group.members.count() == 1


def test_only_who_forms_loans_forms_a_joint_group(world: World, group: JointGroup) -> None:
    row = applied(world)
    for staff, refusal in ((world.cast.cashier, NotAllowed), (world.cast.outsider, OutOfSight)):
        with pytest.raises(refusal):
            joint.join_joint_group(
                acting_staff=staff,
                joint_group=group,
                application=row,
                word=WORD,
                recorded_date=JOINED,
            )
    assert not JointMember.objects.exists()


def test_new_loans_stop_while_a_member_is_more_than_30_days_late(
    world: World, group: JointGroup
) -> None:
    """The first instalment falls due on 15 February; on 17 March it is exactly 30 days late."""
    lend(world, group, "Late", 1_200_00)
    good = lend(world, group, "In time", 600_00)
    repay(world, good, date(2025, 2, 15), 600_00)
    again = good.person
    on_time = applied(world, person=again, submitted_date=date(2025, 3, 17))
    assert on_time.state == "SUBMITTED"
    with pytest.raises(StopRule) as refused:
        applied(world, person=again, submitted_date=date(2025, 3, 18))
    assert refused.value.places["stops"] == ["JOINT_MEMBER_LATE"]
    assert "31 / 30" in str(refused.value)
    assert Application.objects.filter(person=again).count() == 2


def test_who_would_join_a_late_group_is_refused_and_so_is_signing(
    world: World, group: JointGroup
) -> None:
    lend(world, group, "Late", 1_200_00)
    row = approved(world)
    with pytest.raises(StopRule):
        joint.join_joint_group(
            acting_staff=world.cast.officer,
            joint_group=group,
            application=row,
            word=WORD,
            recorded_date=LATE,
        )
    assert not JointMember.objects.filter(application=row).exists()
    join(world, group, row)
    with pytest.raises(StopRule):
        services.sign_agreement(acting_staff=world.cast.officer, application=row, signed_date=LATE)
    row.refresh_from_db()
    assert row.state == "APPROVED"


def test_a_closed_group_stops_nobody(world: World, group: JointGroup) -> None:
    late = lend(world, group, "Late", 1_200_00)
    with pytest.raises(joint.JointGroupOwes):
        joint.close_joint_group(
            acting_staff=world.cast.officer, joint_group=group, closed_date=LATE
        )
    repay(world, late, LATE, sum(due.due_units for due in late.dues.all()))
    joint.close_joint_group(acting_staff=world.cast.officer, joint_group=group, closed_date=LATE)
    with pytest.raises(joint.JointGroupClosed):
        join(world, group, applied(world))
    assert applied(world, person=late.person, submitted_date=LATE).state == "SUBMITTED"


def test_a_shortfall_is_called_of_the_members_by_what_they_owe(
    world: World, group: JointGroup
) -> None:
    """226.94 is overdue; the others owe 600.00 and 300.00 of principal, so 151.29 and 75.65."""
    late = lend(world, group, "Late", 1_200_00)
    first = lend(world, group, "First", 600_00)
    second = lend(world, group, "Second", 300_00)
    calls = call(world, late)
    assert [(row.payer, row.units) for row in calls] == [
        (str(first.person), 151_29),
        (str(second.person), 75_65),
    ]
    assert {row.shortfall_units for row in calls} == {226_94}


def test_nobody_is_called_above_her_cap(world: World, group: JointGroup) -> None:
    late = lend(world, group, "Late", 1_200_00)
    lend(world, group, "Capped", 600_00, 20_00)
    lend(world, group, "Free", 300_00)
    assert [row.units for row in call(world, late)] == [20_00, 206_94]


def test_guarantors_are_called_before_members(world: World, group: JointGroup) -> None:
    late = lend(world, group, "Late", 1_200_00)
    lend(world, group, "Other", 600_00)
    assert late.agreement is not None
    security.record_guarantor(
        acting_staff=world.cast.officer,
        application=late.agreement.application,
        word=WORD,
        recorded_date=START,
        person=world.person,
        cap_units=100_00,
    )
    calls = call(world, late)
    assert [(row.guarantor is not None, row.units) for row in calls] == [
        (True, 100_00),
        (False, 126_94),
    ]


def test_nobody_is_called_before_the_days_are_over(world: World, group: JointGroup) -> None:
    late = lend(world, group, "Late", 1_200_00)
    lend(world, group, "Other", 600_00)
    with pytest.raises(calling.NotLateEnough):
        call(world, late, date(2025, 3, 17))
    with pytest.raises(joint.PayBefore):
        joint.call_security(
            acting_staff=world.cast.officer,
            loan=late,
            called_date=LATE,
            due_date=LATE - timedelta(days=1),
        )
    with pytest.raises(FutureDate):
        call(world, late, timezone.localdate() + timedelta(days=1))
    assert not SecurityCall.objects.exists()


def test_what_is_called_is_not_called_twice(world: World, group: JointGroup) -> None:
    late = lend(world, group, "Late", 1_200_00)
    lend(world, group, "Other", 600_00)
    call(world, late)
    with pytest.raises(joint.NobodyToCall):
        call(world, late)
    assert SecurityCall.objects.count() == 1


def test_without_anybody_behind_it_nobody_is_called(world: World) -> None:
    row = approved(world)
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=START
    )
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    with pytest.raises(joint.NobodyToCall):
        call(world, loan)


def test_what_a_member_pays_settles_the_loan_and_is_her_claim(
    world: World, group: JointGroup
) -> None:
    late = lend(world, group, "Late", 1_200_00)
    lend(world, group, "Other", 600_00)
    before = balance(world.book, "CASH")
    only = call(world, late)[0]
    mark = new_id()
    for _ in range(2):
        event = joint.record_call_payment(
            acting_staff=world.cast.accountant,
            call=only,
            value_date=LATE,
            units=100_00,
            id=mark,
        )
    assert event.kind == EventKind.MEMBER_PAID_FOR
    assert (calling.paid_units(only), calling.open_units(only)) == (100_00, 126_94)
    assert balance(world.book, "CASH") - before == 100_00
    with pytest.raises(joint.MoreThanCalled):
        joint.record_call_payment(
            acting_staff=world.cast.accountant, call=only, value_date=LATE, units=126_95
        )
    joint.record_call_payment(
        acting_staff=world.cast.accountant, call=only, value_date=LATE, units=126_94
    )
    late.refresh_from_db()
    assert late.next_due_date == date(2025, 4, 15)
    assert CallPayment.objects.count() == 2
    clean()


def test_a_reversed_payment_opens_the_call_again(world: World, group: JointGroup) -> None:
    late = lend(world, group, "Late", 1_200_00)
    lend(world, group, "Other", 600_00)
    only = call(world, late)[0]
    event = joint.record_call_payment(
        acting_staff=world.cast.accountant, call=only, value_date=LATE, units=100_00
    )
    services.reverse_repayment(
        acting_staff=world.cast.accountant, event=event, reason="Wrong loan", value_date=LATE
    )
    fresh = SecurityCall.objects.get(pk=only.pk)
    assert calling.open_units(fresh) == 226_94
    clean()


def test_a_withdrawn_call_takes_no_money_and_frees_the_cap(world: World, group: JointGroup) -> None:
    late = lend(world, group, "Late", 1_200_00)
    lend(world, group, "Other", 600_00, 120_00)
    only = call(world, late)[0]
    joint.withdraw_call(acting_staff=world.cast.officer, call=only, withdrawn_date=LATE)
    with pytest.raises(joint.CallWithdrawn):
        joint.record_call_payment(
            acting_staff=world.cast.accountant, call=only, value_date=LATE, units=1_00
        )
    with pytest.raises(joint.CallWithdrawn):
        joint.withdraw_call(acting_staff=world.cast.officer, call=only, withdrawn_date=LATE)
    assert [row.units for row in call(world, late)] == [120_00]
    late.refresh_from_db()
    assert late.state == LoanState.ACTIVE
