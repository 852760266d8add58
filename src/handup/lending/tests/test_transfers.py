"""Loans that move to another lender: totals agreed, both books posted, the history goes along."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from handup.kernel.credit.codes import Component
from handup.kernel.ids import new_id
from handup.ledger.models import Book, Entry
from handup.ledger.queries import balance
from handup.ledger.rules.words import BookKind
from handup.ledger.services import open_book, post_accrual
from handup.lending import queries, services
from handup.lending.errors import CurrencyMismatch, FutureDate, LenderNotActive, NoLoans
from handup.lending.facts import Ask, consent_purpose, person_facts
from handup.lending.models import (
    Collateral,
    Guarantor,
    JointMember,
    Lender,
    Loan,
    LoanEvent,
    LoanProposal,
)
from handup.lending.rules.codes import LenderMode, LoanState, ProposalState
from handup.lending.services.history import histories_of
from handup.lending.services.joint import form_joint_group
from handup.lending.services.store import state_as_of
from handup.lending.services.transfers import (
    Controls,
    ControlSum,
    FiguresChanged,
    MovesTogether,
    OtherTransferDate,
    PenaltyOpen,
    SameLender,
    StandsJointly,
    TooManyTogether,
    controls_of,
    transfers_of,
)
from handup.lending.tests.cast import World, clean, fill, make_person, make_product, repay, running
from handup.lending.tests.changing import nothing_happened
from handup.lending.tests.test_agreed import agree, same_on_every_day
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import Grant, Office, StaffUser
from handup.org.permissions import OutOfSight
from handup.org.tests.standing import standing

DAY = date(2025, 4, 1)
OWED = Controls(1, 1_200_00, 1_110_53, 33_39, 0)


@standing
def other(world: World) -> Lender:
    """A lender of ours with a book of its own and some money."""
    cast = world.cast
    book = open_book(
        acting_staff=cast.manager,
        code="SECOND",
        name="The fund that goes on",
        kind=BookKind.LENDER,
        base_currency="USD",
    )
    fill(book, 9_000_00, cast.manager)
    return lender(world, "SECOND", LenderMode.DIRECT, book)


def lender(
    world: World, code: str, mode: LenderMode, book: Book | None = None, **changed: Any
) -> Lender:
    told: dict[str, Any] = {
        "code": code,
        "name": f"Lender {code}",
        "mode": mode,
        "book": book,
        "currency": "USD",
        "active_from": date(2020, 1, 1),
        "programme": world.programme,
    }
    return services.open_lender(acting_staff=world.cast.manager, **{**told, **changed})


@standing
def paying(world: World, loan: Loan) -> Loan:
    """The loan with its first instalment paid."""
    repay(world, loan, date(2025, 2, 15), 113_47)
    loan.refresh_from_db()
    return loan


def propose(world: World, loans: list[Loan], to: Lender, **changed: Any) -> UUID:
    told: dict[str, Any] = {
        "acting_staff": world.cast.officer,
        "loans": loans,
        "to": to,
        "proposed_date": DAY,
        "reason": "The programme ends here",
        "controls": OWED,
    }
    return services.propose_transfers(**{**told, **changed})


def move(world: World, batch: UUID, **changed: Any) -> list[LoanEvent | None]:
    told: dict[str, Any] = {"acting_staff": world.cast.manager, "value_date": DAY}
    return services.transfer_loans(batch=batch, **{**told, **changed})


def moved(world: World, loan: Loan, to: Lender, **changed: Any) -> Loan:
    """The loan under its new lender."""
    controls = controls_of([loan], changed.get("proposed_date", DAY))
    batch = propose(world, [loan], to, **{"controls": controls, **changed})
    (event,) = move(world, batch, value_date=changed.get("proposed_date", DAY))
    assert event is not None
    loan.refresh_from_db()
    return Loan.objects.get(pk=event.payload["into"])


def test_principal_and_interest_move_between_two_books_of_ours(
    world: World, paying: Loan, other: Lender
) -> None:
    old_book, new_book = world.book, other.book
    assert new_book is not None
    accountant = world.cast.accountant
    post_accrual(acting_staff=accountant, book=old_book, through=DAY)
    assert controls_of([paying], DAY) == OWED
    new = moved(world, paying, other)
    assert (paying.state, paying.principal_units) == (LoanState.TRANSFERRED, 0)
    assert (new.state, new.principal_units, new.lender) == (LoanState.ACTIVE, 1_110_53, other)
    assert (new.disbursed_date, new.external_reference) == (paying.disbursed_date, paying.code)
    assert balance(old_book, "LOANS", ("loan", paying.pk)) == 0
    assert balance(old_book, "INTEREST_DUE") == 0
    assert balance(old_book, "INTERBOOK") == 1_110_53 + 33_39
    assert balance(new_book, "LOANS", ("loan", new.pk)) == 1_110_53
    assert balance(new_book, "INTEREST_DUE") == 33_39
    assert balance(new_book, "INTERBOOK") == -(1_110_53 + 33_39)
    kinds = Entry.objects.filter(kind__in=("LOAN_HANDED_OVER", "LOAN_TAKEN_OVER"))
    assert kinds.count() == 2
    clean()
    post_accrual(acting_staff=accountant, book=new_book, through=date(2025, 4, 30))
    post_accrual(acting_staff=accountant, book=old_book, through=date(2025, 4, 30))
    assert balance(old_book, "INTEREST_DUE") == 0
    assert balance(new_book, "INTEREST_DUE") > 33_39
    clean()


def test_a_loan_that_goes_on_elsewhere_counts_once_for_the_next(
    world: World, paying: Loan, other: Lender
) -> None:
    """LIMIT_CYCLE counts loans, not lenders."""
    ask = {new_id(): Ask(world.person.pk, DAY + timedelta(days=60))}
    sharing = consent_purpose(world.direct)
    (before,) = person_facts(ask, sharing).values()
    moved(world, paying, other)
    (after,) = person_facts(ask, sharing).values()
    assert (before.loans_before, after.loans_before) == (1, 1)
    assert after.arrears_days == before.arrears_days == 77


def test_the_history_of_a_loan_goes_along(world: World, paying: Loan, other: Lender) -> None:
    """A credit passport tells each instalment once, before and after the move."""
    repay(world, paying, date(2025, 3, 15), 113_47)
    paying.refresh_from_db()
    days = (DAY - timedelta(days=1), DAY, date(2025, 5, 1))
    before = [histories_of(world.person.pk, day) for day in days]
    assert [(row.instalments_due, row.instalments_in_time) for (row,) in before] == [
        (2, 2),
        (2, 2),
        (3, 2),
    ]
    moved(world, paying, other)
    assert [histories_of(world.person.pk, day) for day in days[1:]] == before[1:]


def test_every_day_is_answered_by_the_lender_of_its_time(
    world: World, paying: Loan, other: Lender
) -> None:
    before = state_as_of(paying, DAY)
    new = moved(world, paying, other)
    same_on_every_day(paying)
    same_on_every_day(new)
    after = state_as_of(new, DAY)
    assert after.arrears_days(DAY) == before.arrears_days(DAY) == 17
    assert sum(after.overdue(DAY)) == sum(before.overdue(DAY))
    for day, loans in ((DAY - timedelta(days=1), [paying.pk]), (DAY, [new.pk])):
        assert [item.loan_id for item in queries.positions(day)] == loans
    repay(world, new, date(2025, 6, 1), 1_500_00)
    new.refresh_from_db()
    assert new.state == LoanState.SETTLED
    clean()


def test_a_restructured_loan_stays_restructured(world: World, paying: Loan, other: Lender) -> None:
    agree(world, paying, services.propose_restructure, instalments=6)
    day = date(2025, 5, 20)
    new = moved(world, paying, other, proposed_date=day)
    assert (new.restructured, new.restructured_date) == (True, DAY)
    assert new.principal_units == state_as_of(paying, day - timedelta(days=1)).principal
    same_on_every_day(new, day)
    book = other.book
    assert book is not None
    post_accrual(acting_staff=world.cast.accountant, book=book, through=date(2025, 6, 30))
    repay(world, new, date(2025, 12, 1), 1_500_00)
    post_accrual(acting_staff=world.cast.accountant, book=book, through=date(2025, 12, 31))
    assert balance(book, "INTEREST_DUE") == 0
    clean()


def test_who_answers_and_what_is_pledged_stand_behind_the_loan_that_goes_on(
    world: World, paying: Loan, other: Lender
) -> None:
    agreement = paying.agreement
    assert agreement is not None
    told: dict[str, Any] = {
        "agreed_date": date(2025, 1, 10),
        "agreed_how": "SIGNATURE",
        "recorded_by": world.cast.officer,
    }
    who = make_person(world.programme, world.office, world.cast.manager, "Guarantor")
    guarantor = Guarantor.objects.create(
        application=agreement.application, person=who, cap_units=500_00, **told
    )
    pledge = Collateral.objects.create(
        application=agreement.application,
        kind="MACHINE",
        description="Sewing machine",
        value_units=900_00,
        valued_date=date(2025, 1, 10),
        owner=who,
        **told,
    )
    new = moved(world, paying, other)
    assert [row.person for row in new.guarantors.all()] == [who]
    assert [row.value_units for row in new.collateral.all()] == [900_00]
    for row in (guarantor, pledge):
        row.refresh_from_db()
        assert (row.released_date, row.release_reason) == (DAY, "The programme ends here")
    clean()


def test_within_one_book_the_loan_that_goes_on_owes_it(world: World, paying: Loan) -> None:
    bank = lender(world, "PLACED", LenderMode.BANK_FACILITY, world.book)
    services.place_facility(
        acting_staff=world.cast.director,
        lender=bank,
        limit_units=5_000_00,
        signed_date=date(2020, 1, 1),
    )
    post_accrual(acting_staff=world.cast.accountant, book=world.book, through=DAY)
    new = moved(world, paying, bank)
    assert balance(world.book, "LOANS", ("loan", paying.pk)) == 0
    assert balance(world.book, "LOANS", ("loan", new.pk)) == 1_110_53
    assert balance(world.book, "INTEREST_DUE") == 33_39
    assert balance(world.book, "INTERBOOK") == 0
    clean()
    post_accrual(acting_staff=world.cast.accountant, book=world.book, through=date(2025, 4, 30))
    clean()


def test_a_loan_may_leave_for_a_bank_that_pays_for_it(world: World, paying: Loan) -> None:
    bank = lender(world, "BUYER", LenderMode.BANK_OWN)
    money = balance(world.book, "BANK")
    post_accrual(acting_staff=world.cast.accountant, book=world.book, through=DAY)
    batch = propose(world, [paying], bank, goes_on=False)
    (event,) = move(world, batch)
    paying.refresh_from_db()
    assert event is not None
    assert "into" not in event.payload
    assert paying.state == LoanState.TRANSFERRED
    assert Loan.objects.count() == 1
    assert balance(world.book, "BANK") == money + 1_110_53 + 33_39
    clean()


def test_a_mirror_becomes_ours_and_ours_a_mirror(world: World, paying: Loan, other: Lender) -> None:
    bank = lender(world, "MIRROR2", LenderMode.BANK_OWN)
    there = moved(world, paying, bank)
    assert (there.state, there.principal_units) == (LoanState.ACTIVE, 1_110_53)
    book = other.book
    assert book is not None
    money = balance(book, "BANK")
    back = moved(world, there, other)
    assert balance(book, "BANK") == money - 1_110_53 - 33_39
    assert balance(book, "LOANS", ("loan", back.pk)) == 1_110_53
    clean()


def test_totals_that_differ_stop_the_whole_move(world: World, paying: Loan, other: Lender) -> None:
    wrong = replace(OWED, loans=2, interest_units=33_40)
    with pytest.raises(ControlSum) as refused:
        propose(world, [paying], other, controls=wrong)
    assert [fault.place for fault in refused.value.faults] == ["loans", "interest_units"]
    assert not LoanProposal.objects.exists()


def test_what_happened_since_stops_the_move(world: World, paying: Loan, other: Lender) -> None:
    second = running(world)
    both = [paying, second]
    batch = propose(world, both, other, controls=controls_of(both, DAY))
    repay(world, second, date(2025, 3, 20), 50_00)
    nothing_happened(paying, lambda: move(world, batch), FiguresChanged)
    for loan in both:
        loan.refresh_from_db()
        assert loan.state == LoanState.ACTIVE
    states = set(transfers_of(batch).values_list("state", flat=True))
    assert states == {ProposalState.PROPOSED}
    assert move(world, batch, approve=False, reason="Wait") == [None, None]


def test_later_payments_belong_to_the_loan_before_it_moves(
    world: World, paying: Loan, other: Lender
) -> None:
    repay(world, paying, date(2025, 4, 15), 10_00)
    paying.refresh_from_db()
    with pytest.raises(FiguresChanged):
        propose(world, [paying], other)


def test_who_and_when_is_refused_by_name(world: World, paying: Loan, other: Lender) -> None:
    mine = world.direct
    closed = lender(world, "CLOSED", LenderMode.BANK_OWN)
    Lender.objects.filter(pk=closed.pk).update(active_to=date(2025, 3, 1))
    closed.refresh_from_db()
    euro = lender(world, "EURO", LenderMode.BANK_OWN, currency="EUR")
    tomorrow = timezone.localdate() + timedelta(days=1)
    refused: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"to": mine}, SameLender),
        ({"to": closed}, LenderNotActive),
        ({"to": euro}, CurrencyMismatch),
        ({"loans": []}, NoLoans),
        ({"loans": [paying] * 501}, TooManyTogether),
        ({"proposed_date": tomorrow, "controls": controls_of([paying], tomorrow)}, FutureDate),
    ]
    for changed, fault in refused:
        told = {"loans": [paying], "to": other, **changed}
        nothing_happened(paying, partial(propose, world, **told), fault)
    batch = propose(world, [paying], other, acting_staff=world.cast.manager)
    nothing_happened(paying, lambda: move(world, batch), SamePerson)
    nothing_happened(
        paying,
        lambda: move(world, batch, value_date=DAY + timedelta(days=1)),
        OtherTransferDate,
        SamePerson,
    )


def test_a_penalty_paid_in_part_is_settled_first(world: World, other: Lender) -> None:
    penalty = {"kind": "PER_DAY", "ppm": 10_000}
    world.product = make_product(world.cast, world.direct, code="LATE", terms={"penalty": penalty})
    loan = running(world)
    repay(world, loan, date(2025, 3, 1), 1_00)
    loan.refresh_from_db()
    with pytest.raises(PenaltyOpen):
        propose(world, [loan], other, controls=controls_of([loan], DAY))


def test_a_penalty_charged_by_hand_is_settled_first(
    world: World, paying: Loan, other: Lender
) -> None:
    services.charge_loan(
        acting_staff=world.cast.manager,
        loan=paying,
        value_date=date(2025, 3, 1),
        due_date=date(2025, 3, 1),
        component=Component.PENALTY,
        units=5_00,
        reason="Cheque bounced",
    )
    paying.refresh_from_db()
    with pytest.raises(PenaltyOpen):
        propose(world, [paying], other, controls=controls_of([paying], DAY))


def test_days_of_a_moratorium_stay_uncounted_under_the_new_lender(
    world: World, paying: Loan, other: Lender
) -> None:
    agree(
        world,
        paying,
        services.propose_moratorium,
        proposed_date=date(2025, 3, 20),
        begins=date(2025, 3, 20),
        until=date(2025, 3, 29),
    )
    before = state_as_of(paying, DAY).arrears_days(DAY)
    new = moved(world, paying, other)
    assert (before, state_as_of(new, DAY).arrears_days(DAY)) == (7, 7)
    assert [(row.first_date, row.last_date) for row in new.pauses.all()] == [
        (date(2025, 3, 20), date(2025, 3, 29))
    ]
    same_on_every_day(new)
    clean()


def test_a_loan_in_a_joint_group_stays_with_those_who_answer_for_it(
    world: World, paying: Loan, other: Lender
) -> None:
    agreement = paying.agreement
    assert agreement is not None
    group = form_joint_group(
        acting_staff=world.cast.officer,
        name="Five sisters",
        programme=world.programme,
        formed_date=date(2025, 1, 2),
    )
    JointMember.objects.create(
        joint_group=group,
        application=agreement.application,
        agreed_date=date(2025, 1, 2),
        agreed_how="SIGNATURE",
        recorded_by=world.cast.officer,
    )
    nothing_happened(paying, lambda: propose(world, [paying], other), StandsJointly)
    propose(world, [paying], other, goes_on=False)


def test_no_part_of_a_move_is_made_alone(world: World, paying: Loan, other: Lender) -> None:
    both = [paying, running(world)]
    batch = propose(world, both, other, controls=controls_of(both, DAY))
    manager = world.cast.manager
    one, second = transfers_of(batch).order_by("loan__code")

    def alone() -> None:
        services.decide_change(acting_staff=manager, proposal=one, value_date=DAY)

    nothing_happened(paying, alone, MovesTogether)
    Grant.objects.filter(staff=manager).update(scope="OFFICE", office=second.loan.office)
    elsewhere = Office.objects.get(code="OTHER")
    Loan.objects.filter(pk=one.loan_id).update(office=elsewhere)
    seeing_one = StaffUser.objects.get(pk=manager.pk)
    nothing_happened(paying, lambda: move(world, batch, acting_staff=seeing_one), OutOfSight)
    services.decide_change(
        acting_staff=manager, proposal=second, value_date=DAY, approve=False, reason="Not this one"
    )
    Loan.objects.filter(pk=one.loan_id).update(office=second.loan.office)
    nothing_happened(paying, lambda: move(world, batch), MovesTogether)


def test_the_key_of_a_move_names_that_move_only(world: World, paying: Loan, other: Lender) -> None:
    key = new_id()
    propose(world, [paying], other, id=key)
    another = running(world)
    for changed in ({"loans": [another]}, {"goes_on": False}):
        told: dict[str, Any] = {"loans": [paying], **changed}
        nothing_happened(
            paying, partial(propose, world, to=other, id=key, **told), SameIdOtherContent
        )
    assert propose(world, [], other, id=key) == key
    assert transfers_of(key).count() == 1


def test_the_same_batch_twice_is_one(world: World, paying: Loan, other: Lender) -> None:
    key = new_id()
    for _again in range(2):
        assert propose(world, [paying], other, id=key) == key
    assert transfers_of(key).count() == 1
    assert len(move(world, key)) == 1
    assert move(world, key) == []
    assert Loan.objects.count() == 2
