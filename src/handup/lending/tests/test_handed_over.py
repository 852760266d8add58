"""Once the successor has proved equal totals, the books that went take no money here."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from handup.kernel.crypto import new_signing_key, public_key_of, sign
from handup.ledger.errors import BookMoved
from handup.ledger.models import Book, Entry
from handup.lending.models import Loan, LoanEvent
from handup.lending.tests.cast import START, World, clean, make_world, repay
from handup.lending.tests.test_handover import agree, pack, prepared
from handup.people.models import Person
from handup.projects.carrying import sending as s
from handup.projects.carrying.package import canonical
from handup.projects.models import Handover

TODAY = date(2026, 3, 2)


@pytest.fixture
def old_house(db: None, tmp_path: Path, settings: Settings) -> tuple[World, Handover, list[Person]]:
    settings.MEDIA_ROOT = tmp_path / "files"
    world = make_world()
    return world, *prepared(world)


def moved_away(world: World, row: Handover, persons: list[Person], path: Path) -> None:
    """The programme has gone, and the other house has proved equal totals."""
    assert row.successor is not None
    agree(world, row.successor, *persons)
    batch, _opening = pack(world, row, path)
    theirs = new_signing_key()
    body = {"batch": str(batch.pk), "sha256": batch.sha256, "totals": batch.totals}
    receipt = json.dumps({"receipt": body, "signature": sign(theirs, canonical(body))})
    s.confirm_transfer(
        acting_staff=world.cast.director,
        batch=batch,
        receipt=receipt,
        receiver=public_key_of(theirs),
        on=TODAY,
    )


def test_what_has_moved_takes_no_money_in_the_old_house(
    old_house: tuple[World, Handover, list[Person]], tmp_path: Path
) -> None:
    world, row, persons = old_house
    loan = Loan.objects.get()
    before = Entry.objects.count(), loan.principal_units, LoanEvent.objects.count()
    moved_away(world, row, persons, tmp_path / "p")
    with pytest.raises(BookMoved, match="recorded by the successor"):
        repay(world, loan, START + timedelta(days=60), 100_00)
    other = Book.objects.exclude(programme_id=world.programme.pk).first()
    assert other is None or other.status == "OPEN"
    loan.refresh_from_db()
    assert (Entry.objects.count(), loan.principal_units, LoanEvent.objects.count()) == before
    clean()
    client = Client()
    client.force_login(world.cast.manager)
    page = client.get(reverse("ledger:book_detail", args=[world.book.pk])).content.decode()
    assert "Handed over" in page
