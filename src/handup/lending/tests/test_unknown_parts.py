"""Ratios over the books are the same, for who may not know of a hidden borrower, with her and
without her (protection.md R5): neither left out because she is there, nor told with her in.
"""

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from handup.ledger import services as books
from handup.lending import reported, services
from handup.lending.models import Loan
from handup.lending.services.ratios import books_for
from handup.lending.tests.cast import World, make_person, repay, running, staff
from handup.lending.tests.test_bank_hidden import again, hide
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people.models import Person

YEAR = (date(2025, 1, 1), date(2025, 12, 31))
OVER_BOOKS = {"RISK_COVER", "YIELD", "OPEX", "IMPAIRMENT"}


def month_ends(world: World) -> None:
    """Two ends of a period, each with interest earned and the allowance for losses."""
    for on in (date(2025, 6, 30), YEAR[1]):
        books.post_accrual(acting_staff=world.cast.accountant, book=world.book, through=on)
        books.post_provision(acting_staff=world.cast.accountant, book=world.book, through=on)


def ratios_of(reader: StaffUser) -> dict[str, tuple[int, int]]:
    """Both numbers of each ratio, as she is told."""
    loans = Loan.objects.visible_to(reader).filter(currency="USD")
    found = reported.report(*YEAR, loans, "USD", books_for(reader), reader=reader)
    return {each.code: (each.ratio.numerator, each.ratio.denominator) for each in found.ratios}


def lend_to_her(world: World) -> Person:
    """One loan of which a little was paid, and one that was written off."""
    her = make_person(world.programme, world.office, world.cast.advisor, "Zabel")
    late = running(world, 3_000_00, person=her)
    repay(world, late, date(2025, 3, 3), 150_00)
    lost = running(world, 700_00, person=her)
    proposal = services.propose_write_off(
        acting_staff=world.cast.manager, loan=lost, proposed_date=date(2025, 9, 1), reason="Left"
    )
    services.write_off_loan(
        acting_staff=staff("finance", Role.FINANCE_MANAGER),
        proposal=proposal,
        value_date=date(2025, 9, 1),
    )
    return her


def page_of(client: Client, reader: StaffUser) -> Any:
    client.force_login(reader)
    answer = client.get(reverse("lending:portfolio") + "?from=2025-01-01&to=2025-12-31")
    assert answer.status_code == 200
    return answer.content.decode()


def test_ratios_over_the_books_do_not_tell_of_her(client: Client, world: World) -> None:
    paid = running(world, 1_000_00)
    repay(world, paid, date(2025, 2, 15), 90_00)
    reader = world.cast.manager
    with transaction.atomic():
        month_ends(world)
        without, page = ratios_of(reader), page_of(client, reader)
        transaction.set_rollback(True)
    assert set(without) >= OVER_BOOKS

    her = lend_to_her(world)
    month_ends(world)
    whole = ratios_of(reader)
    assert all(whole[code] != without[code] for code in OVER_BOOKS - {"OPEX"}), "nothing is proved"
    hide(world, her)
    reader = again(reader)
    assert ratios_of(reader) == without
    seen = page_of(client, reader)
    for code in OVER_BOOKS:
        assert (code in page, code in seen) == (True, True), code


@pytest.mark.parametrize("day", [date(2025, 5, 15), date(2025, 11, 11)], ids=str)
def test_nor_between_two_runs(world: World, day: date) -> None:
    running(world, 1_000_00)

    def told() -> dict[str, tuple[int, int]]:
        reader = again(world.cast.manager)
        loans = Loan.objects.visible_to(reader)
        found = reported.report(YEAR[0], day, loans, "USD", [world.book], reader=reader)
        return {each.code: (each.ratio.numerator, each.ratio.denominator) for each in found.ratios}

    with transaction.atomic():
        month_ends(world)
        without = told()
        transaction.set_rollback(True)
    her = make_person(world.programme, world.office, world.cast.advisor, "Zabel")
    repay(world, running(world, 3_000_00, person=her), date(2025, 8, 8), 200_00)
    month_ends(world)
    hide(world, her)
    assert told() == without
