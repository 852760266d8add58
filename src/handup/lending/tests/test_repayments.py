"""Recording and reversing repayments: splits, books, projections, order of arrival, repeated
ids.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.lending import errors, services
from handup.lending.models import Loan, LoanDue, LoanEvent, PaymentSplit
from handup.lending.rules.codes import EventKind, LoanState, Method, Source
from handup.lending.services import RepaymentIn
from handup.lending.services.days import DAYS_KEY
from handup.lending.tests.cast import START, World, clean, make_person, repay, running, signed
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded
from handup.org.models import AuditLine, Setting
from handup.org.permissions import NotAllowed, OutOfSight

FEBRUARY = date(2025, 2, 15)
MARCH = date(2025, 3, 15)


def test_a_repayment_pays_interest_then_principal_and_posts_both(world: World, loan: Loan) -> None:
    first = loan.dues.get(number=1)
    assert (first.due_date, first.interest_units) == (FEBRUARY, 24_00)
    event = repay(world, loan, FEBRUARY, first.due_units)
    split = event.splits.get()
    assert (split.number, split.interest_units) == (first.number, 24_00)
    assert split.principal_units == first.principal_units
    loan.refresh_from_db()
    assert loan.principal_units == 1_200_00 - first.principal_units
    assert loan.interest_paid_units == 24_00
    assert loan.next_due_date == MARCH
    first.refresh_from_db()
    assert first.settled_date == FEBRUARY
    assert balance(world.book, "CASH") == first.due_units
    assert balance(world.book, "LOANS", ("loan", loan.pk)) == loan.principal_units
    assert balance(world.book, "INTEREST_DUE", ("loan", loan.pk)) == -24_00
    clean()


def test_paid_at_the_bank_the_money_is_at_the_bank(world: World, loan: Loan) -> None:
    before = balance(world.book, "BANK")
    repay(world, loan, FEBRUARY, 100_00, method=Method.BANK)
    assert balance(world.book, "BANK") == before + 100_00
    assert balance(world.book, "CASH") == 0


def test_a_repayment_leaves_one_audit_line_without_names(world: World, loan: Loan) -> None:
    event = repay(world, loan, FEBRUARY, 100_00)
    line = AuditLine.objects.get(action="lending.record_repayment")
    assert line.object_id == str(event.pk)
    assert line.staff == world.cast.accountant
    assert line.facts == {"loan": str(loan.pk)}


def test_the_last_repayment_settles_the_loan(world: World, loan: Loan) -> None:
    total = sum(due.due_units for due in loan.dues.all())
    repay(world, loan, MARCH, total)
    loan.refresh_from_db()
    assert loan.state == LoanState.SETTLED
    assert loan.settled_date == MARCH
    assert loan.next_due_date is None
    assert loan.principal_units == 0
    clean()


def test_what_is_paid_too_much_belongs_to_the_borrower(world: World, loan: Loan) -> None:
    total = sum(due.due_units for due in loan.dues.all())
    event = repay(world, loan, MARCH, total + 5_00)
    assert event.splits.get(number=None).overpaid_units == 5_00
    loan.refresh_from_db()
    assert loan.overpaid_units == 5_00
    assert balance(world.book, "BORROWER_CREDIT", ("loan", loan.pk)) == -5_00
    clean()


def test_the_same_id_twice_counts_once(world: World, loan: Loan) -> None:
    mark = new_id()
    first = repay(world, loan, FEBRUARY, 100_00, id=mark)
    again = repay(world, loan, FEBRUARY, 100_00, id=mark)
    assert first.pk == again.pk == mark
    assert loan.events.filter(kind=EventKind.REPAID).count() == 1
    assert balance(world.book, "CASH") == 100_00


def test_the_same_id_twice_in_one_batch_counts_once(world: World, loan: Loan) -> None:
    item = RepaymentIn(loan.pk, FEBRUARY, 100_00, id=new_id())
    first, again = services.record_repayments([item, item], acting_staff=world.cast.accountant)
    assert first.pk == again.pk
    assert balance(world.book, "CASH") == 100_00


def test_the_same_id_with_other_content_is_refused_loudly(world: World, loan: Loan) -> None:
    mark = new_id()
    repay(world, loan, FEBRUARY, 100_00, id=mark)
    with pytest.raises(SameIdOtherContent):
        repay(world, loan, FEBRUARY, 101_00, id=mark)
    assert balance(world.book, "CASH") == 100_00


def test_a_back_dated_repayment_is_split_as_if_it_had_come_in_time(
    world: World, loan: Loan
) -> None:
    instalment = loan.dues.get(number=1).due_units
    later = repay(world, loan, MARCH, instalment)
    early = repay(world, loan, FEBRUARY, instalment)
    assert early.splits.get().number == 1
    live = later.splits.filter(replaced_at=None)
    assert [split.number for split in live] == [2]
    assert later.splits.exclude(replaced_at=None).get().number == 1
    loan.refresh_from_db()
    assert loan.next_due_date == date(2025, 4, 15)
    clean()


def test_a_back_dated_repayment_moves_interest_of_later_ones_in_the_books(
    world: World, loan: Loan
) -> None:
    first, second = loan.dues.get(number=1), loan.dues.get(number=2)
    repay(world, loan, MARCH, 10_00)
    repay(world, loan, FEBRUARY, first.due_units)
    loan.refresh_from_db()
    assert loan.interest_paid_units == 24_00 + 10_00
    assert second.interest_units > 10_00
    assert balance(world.book, "INTEREST_DUE", ("loan", loan.pk)) == -34_00
    clean()


def test_order_of_arrival_leaves_the_same_rows(world: World) -> None:
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    one, two = running(world), running(world, person=person)
    paid = [(FEBRUARY, 50_00), (date(2025, 2, 20), 80_00), (MARCH, 120_00)]
    for day, units in paid:
        repay(world, one, day, units)
    for day, units in reversed(paid):
        repay(world, two, day, units)
    columns = (
        "number",
        "principal_paid_units",
        "interest_paid_units",
        "settled_date",
    )
    assert list(one.dues.filter(replaced_at=None).values_list(*columns)) == list(
        two.dues.filter(replaced_at=None).values_list(*columns)
    )
    clean()


def test_a_reversed_repayment_leaves_the_loan_as_before(world: World, loan: Loan) -> None:
    before = {name: getattr(loan, name) for name in ("principal_units", "next_due_date", "state")}
    event = repay(world, loan, FEBRUARY, 150_00)
    services.reverse_repayment(
        acting_staff=world.cast.accountant,
        event=event,
        reason="Wrong loan",
        value_date=MARCH,
    )
    loan.refresh_from_db()
    assert {name: getattr(loan, name) for name in before} == before
    assert not PaymentSplit.objects.filter(loan=loan, replaced_at=None).exists()
    assert balance(world.book, "CASH") == 0
    assert balance(world.book, "LOANS", ("loan", loan.pk)) == 1_200_00
    clean()


def test_reversing_splits_later_repayments_anew_and_posts_the_difference(
    world: World, loan: Loan
) -> None:
    wrong = repay(world, loan, FEBRUARY, 24_00)
    kept = repay(world, loan, MARCH, 100_00)
    services.reverse_repayment(
        acting_staff=world.cast.accountant, event=wrong, reason="Not hers", value_date=MARCH
    )
    split = kept.splits.get(replaced_at=None)
    assert (split.number, split.interest_units) == (1, 24_00)
    assert balance(world.book, "INTEREST_DUE", ("loan", loan.pk)) == -24_00
    clean()


def test_reversing_a_repayment_that_was_moved_before_takes_back_all_of_it(
    world: World, loan: Loan
) -> None:
    later = repay(world, loan, MARCH, 100_00)
    repay(world, loan, FEBRUARY, 24_00)
    services.reverse_repayment(
        acting_staff=world.cast.accountant, event=later, reason="Bounced", value_date=MARCH
    )
    loan.refresh_from_db()
    assert loan.interest_paid_units == 24_00
    assert loan.principal_paid_units == 0
    clean()


def test_a_reversal_is_not_dated_before_what_it_reverses(world: World, loan: Loan) -> None:
    event = repay(world, loan, FEBRUARY, 100_00)
    with pytest.raises(errors.BeforeItsEvent):
        services.reverse_repayment(
            acting_staff=world.cast.accountant,
            event=event,
            reason="Twice",
            value_date=FEBRUARY - timedelta(days=1),
        )
    assert not loan.events.filter(kind=EventKind.REVERSED).exists()
    assert balance(world.book, "CASH") == 100_00


def test_a_repayment_is_reversed_once(world: World, loan: Loan) -> None:
    event = repay(world, loan, FEBRUARY, 100_00)
    reverse: dict[str, Any] = {"event": event, "reason": "Twice", "value_date": MARCH}
    services.reverse_repayment(acting_staff=world.cast.accountant, **reverse)
    with pytest.raises(errors.AlreadyReversed):
        services.reverse_repayment(acting_staff=world.cast.accountant, **reverse)
    assert loan.events.filter(kind=EventKind.REVERSED).count() == 1


def test_a_reversal_needs_a_reason(world: World, loan: Loan) -> None:
    event = repay(world, loan, FEBRUARY, 100_00)
    with pytest.raises(ReasonNeeded):
        services.reverse_repayment(
            acting_staff=world.cast.accountant, event=event, reason=" ", value_date=MARCH
        )
    assert not loan.events.filter(kind=EventKind.REVERSED).exists()


def test_a_disbursement_is_not_reversed_as_a_repayment(world: World, loan: Loan) -> None:
    event = loan.events.get(kind=EventKind.DISBURSED)
    with pytest.raises(errors.NotReversible):
        services.reverse_repayment(
            acting_staff=world.cast.accountant, event=event, reason="x", value_date=MARCH
        )


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"units": 0}, errors.AmountNotPositive),
        ({"units": -5}, errors.AmountNotPositive),
        ({"day": START - timedelta(days=1)}, errors.BeforeDisbursement),
        ({"currency": "EUR"}, errors.CurrencyMismatch),
    ],
)
def test_a_wrong_repayment_is_refused_and_nothing_moves(
    world: World, loan: Loan, changes: dict[str, object], refusal: type[Exception]
) -> None:
    fields: dict[str, Any] = {"day": FEBRUARY, "units": 100_00, **changes}
    entries = Entry.objects.count()
    with pytest.raises(refusal):
        repay(world, loan, **fields)
    assert loan.events.count() == 2
    assert Entry.objects.count() == entries


def test_a_day_that_has_not_come_is_refused(world: World, loan: Loan) -> None:
    with pytest.raises(errors.FutureDate):
        repay(world, loan, timezone.localdate() + timedelta(days=1), 100_00)
    assert loan.events.count() == 2


def test_an_old_day_needs_a_second_person(world: World, loan: Loan) -> None:
    Setting.objects.filter(key=DAYS_KEY).delete()
    with pytest.raises(errors.BackDated):
        services.record_repayment(
            acting_staff=world.cast.cashier, loan=loan, value_date=FEBRUARY, units=100_00
        )
    assert loan.events.count() == 2


def test_a_bank_file_brings_its_own_evidence_of_an_old_day(world: World, loan: Loan) -> None:
    Setting.objects.filter(key=DAYS_KEY).delete()
    services.record_repayment(
        acting_staff=world.cast.cashier,
        loan=loan,
        value_date=FEBRUARY,
        units=100_00,
        source=Source.BANK_FILE,
    )
    assert loan.events.count() == 3


def test_a_loan_not_paid_out_takes_no_repayment(world: World) -> None:
    loan = signed(world)
    with pytest.raises(errors.NotRunning):
        repay(world, loan, FEBRUARY, 100_00)
    assert loan.events.count() == 1


def test_who_has_no_such_role_records_nothing(world: World, loan: Loan) -> None:
    with pytest.raises(NotAllowed):
        services.record_repayment(
            acting_staff=world.cast.committee, loan=loan, value_date=FEBRUARY, units=100_00
        )
    assert loan.events.count() == 2


def test_a_loan_of_another_office_is_out_of_sight(world: World, loan: Loan) -> None:
    with pytest.raises(OutOfSight):
        services.record_repayment(
            acting_staff=world.cast.outsider,
            loan=loan,
            value_date=timezone.localdate(),
            units=100_00,
        )
    assert loan.events.count() == 2


def test_one_bad_repayment_leaves_nothing_of_the_batch(world: World, loan: Loan) -> None:
    items = [RepaymentIn(loan.pk, FEBRUARY, 100_00), RepaymentIn(loan.pk, FEBRUARY, 0)]
    with pytest.raises(errors.AmountNotPositive):
        services.record_repayments(items, acting_staff=world.cast.accountant)
    assert loan.events.count() == 2


def test_single_and_batch_leave_the_same_rows(world: World) -> None:
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    one, many = running(world), running(world, person=person)
    paid = [(FEBRUARY, 50_00), (FEBRUARY, 70_00), (MARCH, 300_00), (date(2025, 4, 15), 1)]
    for day, units in paid:
        repay(world, one, day, units)
    services.record_repayments(
        [RepaymentIn(many.pk, day, units) for day, units in paid],
        acting_staff=world.cast.accountant,
    )

    def rows(loan: Loan) -> list[object]:
        loan.refresh_from_db()
        dues = loan.dues.order_by("number").values_list(
            "number", "principal_paid_units", "interest_paid_units", "settled_date"
        )
        splits = loan.splits.order_by("value_date", "event__seq", "number").values_list(
            "value_date", "number", "principal_units", "interest_units", "overpaid_units"
        )
        return [list(dues), list(splits), loan.principal_units, loan.next_due_date]

    assert rows(one) == rows(many)
    clean()


def test_a_batch_with_a_payment_out_of_order_replays_that_loan(world: World, loan: Loan) -> None:
    services.record_repayments(
        [RepaymentIn(loan.pk, MARCH, 60_00), RepaymentIn(loan.pk, FEBRUARY, 60_00)],
        acting_staff=world.cast.accountant,
    )
    repay(world, loan, date(2025, 2, 1), 10_00)
    clean()


def test_a_mirror_of_a_banks_loan_posts_nothing(world: World) -> None:
    from handup.lending.tests.cast import clean, make_product

    product = make_product(world.cast, world.mirror, "REFERRED")
    loan = running(world, product_version=product)
    entries = Entry.objects.count()
    repay(world, loan, FEBRUARY, 100_00)
    assert Entry.objects.count() == entries
    loan.refresh_from_db()
    assert loan.interest_paid_units == 24_00
    clean()


def test_a_repayment_costs_at_most_twenty_statements(world: World, loan: Loan) -> None:
    repay(world, loan, FEBRUARY, 10_00)
    world.cast.cashier.access  # noqa: B018 (read once per signed-in request)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        services.record_repayment(
            acting_staff=world.cast.cashier,
            loan=loan,
            value_date=timezone.localdate(),
            units=100_00,
            id=new_id(),
        )
    assert len(seen) <= 20, [query["sql"][:80] for query in seen]


@pytest.mark.parametrize("model", [LoanEvent, PaymentSplit, LoanDue])
def test_what_happened_cannot_be_edited_or_deleted(
    world: World, loan: Loan, model: type[LoanEvent]
) -> None:
    repay(world, loan, FEBRUARY, 100_00)
    row = model.objects.filter(loan=loan).first()
    assert row is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=row.pk).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(recorded_at=timezone.now())
    assert model.objects.filter(pk=row.pk).exists()
