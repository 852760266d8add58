"""What a guarantee stands for is said beside the books: given when it is signed, ended with it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.errors import BeforeItsEvent, FutureDate
from handup.lending.models import Guarantee
from handup.lending.services import guarantee_entries
from handup.lending.services.guarantee_entries import EndsLater, GuaranteeEnded, end_guarantee
from handup.lending.tests.cast import World, clean, guaranteed
from handup.lending.tests.test_api import post
from handup.lending.tests.test_pages import at, do
from handup.lending.verify_guarantees import guarantees_given
from handup.org.permissions import NotAllowed
from handup.org.tests.standing import standing

SIGNED, OVER = date(2025, 1, 2), date(2025, 6, 30)


@standing
def guarantee(world: World) -> Guarantee:
    """A deposit of 500.00 that stands for twice as much, kept beside our book."""
    lender = guaranteed(world)
    assert not Entry.objects.filter(kind="GUARANTEE_GIVEN").exists()  # it has no book
    return services.give_guarantee(
        acting_staff=world.cast.director,
        lender=lender,
        deposit_units=500_00,
        max_leverage_x100=200,
        signed_date=SIGNED,
        book=world.book,
    )


def beside(world: World) -> tuple[int, int]:
    return balance(world.book, "GUARANTEE_GIVEN"), balance(world.book, "GUARANTEE_CONTRA")


def end(world: World, guarantee: Guarantee, on: date = OVER, **changes: Any) -> Guarantee:
    by = changes.get("by", world.cast.director)
    return end_guarantee(acting_staff=by, guarantee=guarantee, ended_date=on)


def test_it_is_given_when_it_is_signed_and_ends_once(world: World, guarantee: Guarantee) -> None:
    money = balance(world.book, "BANK")
    assert beside(world) == (1_000_00, -1_000_00)
    entry = Entry.objects.get(kind="GUARANTEE_GIVEN")
    assert (entry.happened_date, entry.source_id) == (SIGNED, guarantee.pk)
    clean()
    end(world, guarantee)
    assert (beside(world), balance(world.book, "BANK")) == ((0, 0), money)
    guarantee.refresh_from_db()
    assert guarantee.expiry_date == OVER
    assert end(world, guarantee) == guarantee
    with pytest.raises(GuaranteeEnded, match="2025-06-30"):
        end(world, guarantee, OVER + timedelta(days=1))
    assert Entry.objects.filter(kind="GUARANTEE_ENDED").count() == 1
    clean()


def test_no_other_day_and_nobody_else_ends_it(world: World, guarantee: Guarantee) -> None:
    Guarantee.objects.filter(pk=guarantee.pk).update(expiry_date=OVER)
    guarantee.refresh_from_db()
    for on, by, why in (
        (timezone.localdate() + timedelta(days=1), world.cast.director, FutureDate),
        (SIGNED - timedelta(days=1), world.cast.director, BeforeItsEvent),
        (OVER + timedelta(days=1), world.cast.director, EndsLater),
        (OVER, world.cast.officer, NotAllowed),
    ):
        with pytest.raises(why):
            end(world, guarantee, on, by=by)
    assert beside(world) == (1_000_00, -1_000_00)


def test_one_without_a_book_ends_by_its_day_alone(world: World) -> None:
    lender = guaranteed(world)
    row = Guarantee.objects.get(lender=lender)
    end(world, row)
    assert Guarantee.objects.get(pk=row.pk).expiry_date == OVER
    assert not Entry.objects.filter(source_kind="GUARANTEE_CONTRACT").exists()


def test_the_proof_tells_what_was_given_and_never_said(world: World, guarantee: Guarantee) -> None:
    assert list(guarantees_given()) == []
    Guarantee.objects.filter(pk=guarantee.pk).update(deposit_units=600_00)
    (found,) = guarantees_given()
    assert (found.stored, found.computed) == ("100000", "120000")


def test_the_page_warns_of_one_that_expired_and_ends_it(
    client: Client, world: World, guarantee: Guarantee
) -> None:
    Guarantee.objects.filter(pk=guarantee.pk).update(expiry_date=OVER)
    director = world.cast.director
    shown = at(client, director, "guarantee_detail", guarantee.pk).content.decode()
    assert "record its end" in shown
    form = at(client, director, "guarantee_end", guarantee.pk).content.decode()
    assert OVER.isoformat() in form
    told = {"ended_date": OVER.isoformat()}
    assert do(client, director, "guarantee_end", guarantee.pk, **told).status_code == 302
    assert not guarantee_entries.is_given(guarantee)
    shown = at(client, director, "guarantee_detail", guarantee.pk).content.decode()
    assert "record its end" not in shown
    refused = post(client, world.cast.officer, f"/guarantees/{guarantee.pk}/end", None, **told)
    assert refused.status_code == 403
