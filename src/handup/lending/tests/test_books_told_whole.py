"""Ratios over the books take from the book what its statements say, and from the loans what the
reader may know: a hidden borrower makes no page differ from another, and no book is left out for
her (docs/decisions/0018).
"""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.ledger import services as books
from handup.ledger.queries import balance
from handup.ledger.sustainability import month_ends as month_ends_of
from handup.ledger.sustainability import sustainability
from handup.lending import reported, services
from handup.lending.models import Loan, RatioRecord
from handup.lending.services.ratios import books_for
from handup.lending.tests.cast import World, make_person, repay, running, staff
from handup.lending.tests.test_bank_hidden import again, hide
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people.models import BreakGlass, CaseTeamMember, Compartment, Person

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


def test_ratios_over_the_books_say_what_the_book_says_and_count_her_loans_nowhere(
    client: Client, world: World
) -> None:
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
    known = ratios_of(reader)
    assert all(known[code] != without[code] for code in OVER_BOOKS - {"OPEX"}), "nothing is proved"
    hide(world, her)
    reader = again(reader)
    told = ratios_of(reader)
    assert {code: told[code] for code in set(told) - OVER_BOOKS} == {
        code: without[code] for code in set(without) - OVER_BOOKS
    }
    for code in OVER_BOOKS:
        assert told[code] == (known[code][0], without[code][1]), code
    assert told["RISK_COVER"][1] == told["PAR30"][0]
    book, days = sustainability(world.book, *YEAR), len(month_ends_of(*YEAR))
    assert (told["YIELD"][0], told["IMPAIRMENT"][0], told["RISK_COVER"][0]) == (
        book.portfolio_income * days,
        book.figures.impairment * days,
        -balance(world.book, "ALLOWANCE", on=YEAR[1]),
    )
    seen = page_of(client, reader)
    for code in OVER_BOOKS:
        assert (code in page, code in seen) == (True, True), code


def test_what_is_kept_leaves_out_whom_only_the_one_who_keeps_it_knows_of(world: World) -> None:
    running(world, 1_000_00)
    her = lend_to_her(world)
    month_ends(world)
    hide(world, her)

    def kept(who: StaffUser) -> list[RatioRecord]:
        rows: list[RatioRecord] = services.record_ratios(
            acting_staff=again(who), since=YEAR[0], on=YEAR[1], currency="USD"
        )
        return rows

    others = kept(world.cast.manager)
    assert {row.ratio for row in others} >= OVER_BOOKS
    whole = set(Loan.objects.visible_to(again(world.cast.manager)))
    compartment = Compartment._base_manager.get(person=her)
    CaseTeamMember._base_manager.create(
        compartment=compartment, staff=world.cast.manager, joined_date=YEAR[0]
    )
    accountant, now = world.cast.accountant, timezone.now()
    BreakGlass._base_manager.create(
        code="N-1",
        person=her,
        staff=accountant,
        reason="SAFETY",
        state="OPEN",
        opened_at=now,
        ends_at=now + timedelta(hours=1),
        review_by=timezone.localdate(),
    )
    for who in (world.cast.manager, accountant):
        assert len(Loan.objects.visible_to(again(who))) == len(whole) + 2, "she knows of her"
        assert kept(who) == others
