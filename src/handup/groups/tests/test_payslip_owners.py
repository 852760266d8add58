"""Whose a payslip is by her person and not by one place in the group, which loans milk repays, what
keeps a producer from being forgotten, and what a refusal does not tell of a hidden one."""

from functools import partial

import pytest

from handup.groups.models import CollectionPoint, Meeting, Member, Producer
from handup.groups.models.dues import Place
from handup.groups.models.payslips import DeductionKind
from handup.groups.persons import held, holds
from handup.groups.rules.money import SOCIAL
from handup.groups.services import (
    NewMember,
    admit_members,
    collection,
    deductions,
    elect_officer,
    pay_out_loan,
    paying,
    payslips,
)
from handup.groups.services.payslips import OwnPayslip
from handup.groups.tests.conftest import FORMED, close, save
from handup.groups.tests.test_bulk_back import hiding
from handup.groups.tests.test_payslips import (
    PAID,
    START,
    approve,
    bring,
    dairy,
    draft,
    money_in,
    off,
    producers,
    proofs_hold,
    supervisor,
)
from handup.org.models import StaffUser

__all__ = ("dairy", "producers", "supervisor")


def joined(producer: Producer, officer: StaffUser) -> Member:
    """Somebody who delivered as no member joins."""
    assert producer.person is not None
    (member,) = admit_members(
        acting_staff=officer,
        group=producer.group,
        members=[NewMember(FORMED, person=producer.person)],
    )
    return member


def test_who_delivered_before_she_joined_does_not_approve_her_own_payslip(
    dairy: CollectionPoint,
    producers: list[Producer],
    members: list[Member],
    officer: StaffUser,
) -> None:
    member = joined(producers[2], officer)
    elect_officer(
        acting_staff=officer,
        group=dairy.group,
        office="COMMITTEE",
        member=member,
        from_date=FORMED,
    )
    bring(dairy, officer, START, p3=10)
    run = draft(dairy, officer)
    with pytest.raises(OwnPayslip):
        approve(run, officer, member)
    bring_two = approve(run, officer, members[1])
    assert payslips.missing_approvals(bring_two) == {run.slips.get().pk}
    assert approve(run, officer, members[2]).state == "APPROVED"


def test_an_own_approval_does_not_count_beside_those_of_others(
    dairy: CollectionPoint,
    producers: list[Producer],
    members: list[Member],
    officer: StaffUser,
) -> None:
    member = joined(producers[2], officer)
    elect_officer(
        acting_staff=officer,
        group=dairy.group,
        office="COMMITTEE",
        member=member,
        from_date=FORMED,
    )
    bring(dairy, officer, START, p2=10, p3=10)
    run = approve(draft(dairy, officer), officer, member, members[1])
    assert run.state == "DRAFT"
    hers = run.slips.get(producer=producers[2])
    assert payslips.missing_approvals(run) == {hers.pk}


def test_her_loan_is_hers_by_whatever_number_she_delivers(
    dairy: CollectionPoint,
    producers: list[Producer],
    meeting: Meeting,
    members: list[Member],
    officer: StaffUser,
) -> None:
    save(meeting, officer, dict.fromkeys(members, 2_500))
    loan = pay_out_loan(
        acting_staff=officer, meeting=meeting, member=members[3], units=1_000, term_periods=1, yes=3
    )
    close(meeting, officer, 9_000)
    two = producers[1]
    Producer.objects.filter(pk=two.pk).update(member=None)
    two.refresh_from_db()
    assert off(two, officer, DeductionKind.LOAN, 500, loan=loan).loan == loan


def test_milk_repays_no_loan_of_the_social_fund(
    dairy: CollectionPoint,
    producers: list[Producer],
    meeting: Meeting,
    members: list[Member],
    officer: StaffUser,
) -> None:
    save(meeting, officer, dict.fromkeys(members, 2_500))
    loan = pay_out_loan(
        acting_staff=officer, meeting=meeting, member=members[3], units=1_000, term_periods=1, yes=3
    )
    close(meeting, officer, 9_000)
    loan.fund = SOCIAL
    loan.save(update_fields=("fund",))
    with pytest.raises(deductions.SocialLoan):
        off(producers[1], officer, DeductionKind.LOAN, 500, loan=loan)


def test_who_owes_for_inputs_is_not_forgotten_and_reads_what_was_taken_off(
    dairy: CollectionPoint, producers: list[Producer], members: list[Member], officer: StaffUser
) -> None:
    stranger = producers[2]
    assert stranger.person_id is not None
    off(stranger, officer, DeductionKind.INPUTS, 500)
    assert [one.reason for one in holds(stranger.person_id, PAID)] == ["SAVINGS"]
    bring(dairy, officer, START, p3=10)
    approve(draft(dairy, officer), officer, members[0], members[1])
    told = held(stranger.person_id)
    (taken,) = told["Taken off payslips of a group"]
    assert (taken["For"], taken["Taken so far"]) == ("inputs", "XTS\u00a02.40")
    (slip,) = told["Payslips of a group"]
    assert slip["Taken home"] == "XTS\u00a01.60"
    proofs_hold()


def test_refusals_count_nobody_who_is_hidden(
    dairy: CollectionPoint,
    producers: list[Producer],
    members: list[Member],
    officer: StaffUser,
    supervisor: StaffUser,
) -> None:
    money_in(dairy.group, officer, 9_000)
    bring(dairy, officer, START, p1=10, p2=10)
    run = approve(draft(dairy, officer), officer, members[1], members[2])
    paying.pay_all(acting_staff=officer, run=run, on=PAID, place=Place.BANK)
    with hiding(members[3]), pytest.raises(payslips.PaidAlready) as refused:
        payslips.take_back_payslips(acting_staff=supervisor, run=run, on=PAID)
    assert "2" not in str(refused.value)
    assert not refused.value.places


def test_the_same_person_registers_once(
    dairy: CollectionPoint, producers: list[Producer], officer: StaffUser
) -> None:
    member = joined(producers[2], officer)
    with pytest.raises(collection.ProducerThere):
        collection.register_producer(
            acting_staff=officer, group=dairy.group, member=member, from_date=START
        )


def test_an_approval_or_a_payment_sent_again_is_the_same(
    dairy: CollectionPoint, producers: list[Producer], members: list[Member], officer: StaffUser
) -> None:
    money_in(dairy.group, officer, 9_000)
    bring(dairy, officer, START, p2=10)
    run = draft(dairy, officer)
    for _twice in range(2):
        assert approve(run, officer, members[1]).state == "DRAFT"
    for _twice in range(2):
        assert approve(run, officer, members[2]).state == "APPROVED"
    assert run.approvals.count() == 2
    pay = partial(paying.pay_payslip, acting_staff=officer, slip=run.slips.get(), on=PAID)
    assert pay(place=Place.BANK) == pay(place=Place.BANK)
    with pytest.raises(paying.NothingToPay):
        pay(place=Place.BOX)
    proofs_hold()
