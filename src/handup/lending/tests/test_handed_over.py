"""Once the successor has proved equal totals, the books that went take no money here."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from handup.kernel.crypto import new_signing_key, public_key_of, sign
from handup.ledger.errors import BookMoved
from handup.ledger.models import Entry
from handup.ledger.rules.words import BookKind
from handup.ledger.services import heads, open_book
from handup.lending.errors import LoanMoved
from handup.lending.models import Lender, Loan, LoanEvent
from handup.lending.services.loans import disburse_loan
from handup.lending.services.reversals import reverse_repayment
from handup.lending.tests.cast import START, World, clean, fill, make_world, repay, signed
from handup.lending.tests.test_handover import agree, pack, prepared
from handup.people.models import Person
from handup.projects.carrying import sending as s
from handup.projects.carrying.package import canonical
from handup.projects.models import Handover, Memorandum, TransferBatch

TODAY = date(2026, 3, 2)


@pytest.fixture
def old_house(db: None, tmp_path: Path, settings: Settings) -> tuple[World, Handover, list[Person]]:
    settings.MEDIA_ROOT = tmp_path / "files"
    world = make_world()
    return world, *prepared(world)


def receive(world: World, batch: TransferBatch, *, on: date = TODAY) -> TransferBatch:
    """The other house proves equal totals."""
    theirs = new_signing_key()
    body = {"batch": str(batch.pk), "sha256": batch.sha256, "totals": batch.totals}
    receipt = json.dumps({"receipt": body, "signature": sign(theirs, canonical(body))})
    return s.confirm_transfer(
        acting_staff=world.cast.director,
        batch=batch,
        receipt=receipt,
        receiver=public_key_of(theirs),
        on=on,
    )


def moved_away(
    world: World,
    row: Handover,
    persons: list[Person],
    path: Path,
    *,
    on: date = TODAY,
    **changed: Any,
) -> None:
    """The programme has gone, and the other house has proved equal totals."""
    assert row.successor is not None
    agree(world, row.successor, *persons)
    batch, _opening = pack(world, row, path)
    if changed:
        TransferBatch.objects.update(**changed)
    receive(world, batch, on=on)


def test_what_has_moved_takes_no_money_in_the_old_house(
    old_house: tuple[World, Handover, list[Person]], tmp_path: Path
) -> None:
    world, row, persons = old_house
    loan = Loan.objects.get()
    waiting = signed(world, person=persons[1])
    other = open_book(
        acting_staff=world.cast.manager,
        code="NEXT",
        name="Next programme",
        kind=BookKind.PROGRAMME,
        base_currency="USD",
    )
    before = Entry.objects.count(), loan.principal_units, LoanEvent.objects.count()
    moved_away(world, row, persons, tmp_path / "p")
    paid = LoanEvent.objects.get(loan=loan, kind="REPAID")
    with pytest.raises(LoanMoved, match="recorded by the successor"):
        repay(world, loan, START + timedelta(days=60), 100_00)
    with pytest.raises(LoanMoved):
        reverse_repayment(
            acting_staff=world.cast.accountant, event=paid, value_date=TODAY, reason="typed twice"
        )
    with pytest.raises(LoanMoved):
        disburse_loan(acting_staff=world.cast.manager, loan=waiting, value_date=TODAY)
    with pytest.raises(BookMoved):
        fill(world.book, 100_00, world.cast.manager)
    assert Entry.objects.count() == before[0]
    fill(other, 100_00, world.cast.manager)  # another programme's book goes on
    loan.refresh_from_db()
    assert (Entry.objects.count() - 1, loan.principal_units, LoanEvent.objects.count()) == before
    clean()
    client = Client()
    client.force_login(world.cast.manager)
    page = client.get(reverse("ledger:book_detail", args=[world.book.pk])).content.decode()
    assert "Handed over" in page


def test_a_loan_in_no_book_of_ours_takes_nothing_after_it_went(
    old_house: tuple[World, Handover, list[Person]], tmp_path: Path
) -> None:
    world, row, persons = old_house
    loan = Loan.objects.get()
    moved_away(world, row, persons, tmp_path / "p")
    loan.refresh_from_db()
    assert loan.moved_date is not None
    Lender.objects.filter(pk=loan.lender_id).update(mode="BANK_OWN", book=None)
    before = LoanEvent.objects.count()
    with pytest.raises(LoanMoved):
        repay(world, loan, START + timedelta(days=60), 100_00)
    assert LoanEvent.objects.count() == before


def test_an_agreement_that_ended_after_packing_does_not_stop_what_is_proven(
    old_house: tuple[World, Handover, list[Person]], tmp_path: Path
) -> None:
    world, row, persons = old_house
    late = TODAY + timedelta(days=3)
    Memorandum.objects.update(ended_date=TODAY)
    moved_away(world, row, persons, tmp_path / "p", on=late)
    assert row.batches.get().state == "MOVED"


def test_a_package_that_names_no_successor_is_packed_again(
    old_house: tuple[World, Handover, list[Person]], tmp_path: Path
) -> None:
    world, row, persons = old_house
    with pytest.raises(s.PackedForNobody, match="Pack it again"):
        moved_away(world, row, persons, tmp_path / "p", successor=None)


def test_the_books_are_held_before_what_goes_is_counted(
    old_house: tuple[World, Handover, list[Person]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A payment that comes in as the books are locked is counted, so the move is refused."""
    world, row, persons = old_house
    loan = Loan.objects.get()
    real = heads.lock
    seen: list[int] = []

    def lock(ids: Iterable[UUID]) -> Any:
        monkeypatch.setattr(heads, "lock", real)
        repay(world, loan, START + timedelta(days=60), 100_00)
        found = real(ids)
        seen.append(len(found))
        return found

    monkeypatch.setattr(heads, "lock", lock)
    with pytest.raises(s.PackedChanged):
        moved_away(world, row, persons, tmp_path / "p")
    assert seen == [1]
