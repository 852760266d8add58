"""A lender's old book: its loans come in as they stand, each once."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.kernel.importing.reading import Line, Source
from handup.ledger.queries import balance
from handup.lending import errors, services
from handup.lending.models import Loan
from handup.lending.rules.codes import LoanState
from handup.lending.rules.old_book_tables import LOANS, loans_of
from handup.lending.rules.terms import TermsNotOffered, read_terms
from handup.lending.services import ExistingLoanIn
from handup.lending.tests.cast import World, clean, repay


def existing(world: World, **changes: Any) -> ExistingLoanIn:
    fields: dict[str, Any] = {
        "lender": world.direct,
        "programme": world.programme,
        "terms": {"preset": "handup-interest-free", "currency": "USD", "instalments": 12},
        "units": 1_200_00,
        "disbursed_date": date(1998, 3, 1),
        "officer": world.cast.officer,
        "person": world.person,
        "external_reference": "5314",
        "stated_status": "B",
        "stated_date": date(1998, 12, 31),
    }
    return ExistingLoanIn(**{**fields, **changes})


def test_a_loan_of_an_old_book_keeps_what_its_lender_says(world: World) -> None:
    (loan,) = services.enter_loans([existing(world)], acting_staff=world.cast.accountant)
    loan.refresh_from_db()
    assert (loan.stated_status, loan.state) == ("B", LoanState.ACTIVE)
    assert loan.agreement is None
    assert {due.principal_units for due in loan.dues.all()} == {100_00}
    assert balance(world.book, "LOANS", ("loan", loan.pk)) == 1_200_00
    clean()


def test_the_same_old_loan_twice_is_entered_once(world: World) -> None:
    first = services.enter_loans([existing(world)], acting_staff=world.cast.accountant)
    again = services.enter_loans([existing(world)], acting_staff=world.cast.accountant)
    assert [loan.pk for loan in first] == [loan.pk for loan in again]
    assert Loan.objects.count() == 1


def test_one_reference_twice_in_a_batch_is_one_old_loan(world: World) -> None:
    items = [existing(world), existing(world), existing(world, external_reference="2")]
    first, again, other = services.enter_loans(items, acting_staff=world.cast.accountant)
    assert first.pk == again.pk != other.pk
    assert balance(world.book, "LOANS") == 2_400_00
    clean()


def test_lenders_number_is_kept_once_whoever_writes(world: World) -> None:
    (loan,) = services.enter_loans([existing(world)], acting_staff=world.cast.accountant)
    loan.pk, loan.code = new_id(), "L-OTHER"
    with pytest.raises(IntegrityError), transaction.atomic():
        Loan.objects.bulk_create([loan])


def test_an_old_loan_paid_out_tomorrow_is_refused(world: World) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(errors.FutureDate):
        services.enter_loans(
            [existing(world, disbursed_date=tomorrow)], acting_staff=world.cast.accountant
        )
    assert not Loan.objects.exists()


def test_an_old_loan_without_borrower_leaves_nothing_of_its_batch(world: World) -> None:
    items = [existing(world), existing(world, person=None, external_reference="2")]
    with pytest.raises(errors.OneBorrower):
        services.enter_loans(items, acting_staff=world.cast.accountant)
    assert not Loan.objects.exists()


def test_terms_of_an_old_loan_hold_as_a_whole(world: World) -> None:
    """A field without effect would mislead whoever reads the terms later."""
    terms = {
        "preset": "handup-declining",
        "currency": "USD",
        "rate_ppm": 240_000,
        "method": "FLAT",
        "smoothing": "ONCE",
    }
    with pytest.raises(Faults) as refused:
        services.enter_loans([existing(world, terms=terms)], acting_staff=world.cast.accountant)
    assert [fault.place for fault in refused.value.faults] == ["smoothing"]
    assert not Loan.objects.exists()


def test_an_old_loan_on_a_daily_rate_keeps_its_convention(world: World) -> None:
    terms = {"preset": "mifos-daily", "currency": "USD", "rate_ppm": 658, "instalments": 12}
    (loan,) = services.enter_loans([existing(world, terms=terms)], acting_staff=world.cast.manager)
    loan.refresh_from_db()
    first = loan.dues.order_by("number")[0]
    assert first.interest_units == round(1_200_00 * 658 * 31 / 1_000_000)
    before = first.interest_units
    repay(world, loan, date(1998, 4, 11), 100_00)
    second = loan.dues.get(number=2, replaced_at=None, to_date=None)
    late = round(first.principal_units * 658 * 10 / 1_000_000)
    paid = loan.splits.get(replaced_at=None, number=1)
    assert (paid.interest_units, paid.principal_units) == (before, 100_00 - before)
    plain = round((1_200_00 - first.principal_units) * 658 * 30 / 1_000_000)
    assert second.interest_units == plain + late
    clean()


def test_an_old_loan_the_books_cannot_carry_is_refused_by_name(world: World) -> None:
    terms = {"preset": "mifos-daily", "currency": "USD", "rate_ppm": 658}
    terms |= {"arrears_tolerance_units": 5}
    with pytest.raises(TermsNotOffered):
        services.enter_loans([existing(world, terms=terms)], acting_staff=world.cast.accountant)
    assert not Loan.objects.exists()


def test_a_daily_rate_of_an_old_book_keeps_every_decimal() -> None:
    told: dict[str, Any] = {"loan": "7", "person": "P", "amount": 1_200_00}
    told |= {"disbursed_date": date(1998, 3, 1), "rate_percent": Decimal("0.0657534247")}
    source = Source(lines={LOANS: [Line(LOANS, 2, told, {}, "loans.csv")]})
    (loan,) = loans_of(source, date(1999, 1, 1)).loans
    terms = read_terms({"preset": "mifos-daily", "currency": "USD", **loan.terms})
    assert Fraction(terms.rate_ppm, terms.rate_whole) == Fraction("0.000657534247")
