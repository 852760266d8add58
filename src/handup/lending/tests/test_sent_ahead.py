"""A payment says which instalments to come it settles, and who brought it: through service and
API, taken back, sent again, and in any order of arrival.
"""

from datetime import date
from functools import partial
from typing import Any

import pytest
from django.test import Client

from handup.kernel.credit.codes import AdvanceTo, EarlyEffect
from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.errors import NothingSentAhead
from handup.lending.models import Loan, LoanEvent
from handup.lending.rules.codes import Payer
from handup.lending.rules.terms import read_terms, sends_ahead
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import World, clean, repay
from handup.lending.tests.changing import nothing_happened
from handup.lending.tests.loans import KINDS
from handup.lending.tests.test_api import post
from handup.lending.tests.test_changed_rows import paid_out, store, stored_loan
from handup.lending.tests.test_pages import at
from handup.org.devices import SameIdOtherContent

DAY = date(2025, 2, 15)
INSTALMENT = 113_47


def paid(loan: Loan) -> list[int]:
    """What is paid of each instalment."""
    rows = loan.dues.filter(replaced_at=None, to_date=None).order_by("due_date")
    return [row.paid_units for row in rows]


def by_balance(world: World) -> Loan:
    """A loan of an older book whose interest follows the balance."""
    of = KINDS[f"balance {EarlyEffect.REDUCE_NUMBER}"]
    loan = stored_loan(world, of)
    store(world, loan, [paid_out(of)])
    return loan


def agrees(loan: Loan) -> None:
    """The rows stored are those of the fold."""
    assert paid(loan) == [sum(row.paid) for row in state_as_of(loan, date(2026, 12, 31)).rows]


@pytest.mark.parametrize(
    ("ahead", "first", "second", "last"),
    [
        (None, INSTALMENT, 50_00, 0),
        (AdvanceTo.NEXT_INSTALMENT, INSTALMENT, 50_00, 0),
        (AdvanceTo.LAST_INSTALMENT, INSTALMENT, 0, 50_00),
        (AdvanceTo.SPREAD_EVENLY, INSTALMENT, 4_55, 4_50),
    ],
    ids=str,
)
def test_more_than_due_goes_where_the_payment_says(
    world: World, loan: Loan, ahead: AdvanceTo | None, first: int, second: int, last: int
) -> None:
    event = repay(world, loan, DAY, INSTALMENT + 50_00, advance_to=ahead)
    found = paid(loan)
    assert (found[0], found[1], found[-1]) == (first, second, last)
    assert sum(found) == INSTALMENT + 50_00
    assert event.payload == ({} if ahead is None else {"advance_to": ahead.value})
    agrees(loan)
    clean()


def test_the_next_payment_is_told_by_the_rows_as_they_were_left(world: World, loan: Loan) -> None:
    repay(world, loan, DAY, INSTALMENT + 50_00, advance_to=AdvanceTo.LAST_INSTALMENT)
    loan.refresh_from_db()
    repay(world, loan, date(2025, 3, 15), INSTALMENT)
    assert paid(loan)[:3] == [INSTALMENT, INSTALMENT, 0]
    agrees(loan)
    clean()


def test_one_that_arrives_later_ends_in_the_same_rows(world: World, loan: Loan) -> None:
    repay(world, loan, date(2025, 3, 15), INSTALMENT)
    event = repay(world, loan, DAY, INSTALMENT + 50_00, advance_to=AdvanceTo.LAST_INSTALMENT)
    assert (paid(loan)[:2], paid(loan)[-1]) == ([INSTALMENT, INSTALMENT], 50_00)
    agrees(loan)
    services.reverse_repayment(
        acting_staff=world.cast.accountant, event=event, reason="Wrong loan", value_date=DAY
    )
    assert paid(loan)[:2] == [INSTALMENT, 0]
    agrees(loan)
    clean()


def test_terms_that_decide_it_themselves_refuse_a_choice(world: World) -> None:
    loan = by_balance(world)
    assert not sends_ahead(read_terms(loan.terms))
    nothing_happened(
        loan,
        lambda: repay(world, loan, DAY, 1_00, advance_to=AdvanceTo.LAST_INSTALMENT),
        NothingSentAhead,
    )
    repay(world, loan, DAY, 1_00)


def test_the_same_payment_sent_again_says_the_same(world: World, loan: Loan) -> None:
    told: dict[str, Any] = {"id": new_id(), "payer": Payer.BUYER}
    told["advance_to"] = AdvanceTo.SPREAD_EVENLY
    first = repay(world, loan, DAY, 200_00, **told)
    assert first.payload == {"advance_to": "SPREAD_EVENLY", "payer": "BUYER"}
    assert repay(world, loan, DAY, 200_00, **told) == first
    for other in ({"payer": Payer.GROUP}, {"advance_to": None}):
        nothing_happened(
            loan,
            partial(repay, world, loan, DAY, 200_00, **{**told, **other}),
            SameIdOtherContent,
        )


def test_the_api_takes_both(client: Client, world: World, loan: Loan) -> None:
    made = post(
        client,
        world.cast.accountant,
        f"/loans/{loan.pk}/repayments",
        units=INSTALMENT + 50_00,
        value_date=DAY.isoformat(),
        advance_to="LAST_INSTALMENT",
        payer="GROUP",
    )
    assert made.status_code == 201, made.content
    assert paid(loan)[-1] == 50_00
    event = LoanEvent.objects.get(kind="REPAID")
    assert event.payload["payer"] == "GROUP"
    page = at(client, world.cast.accountant, "event_detail", event.pk).content.decode()
    assert "brought by the group; more than due to: the last instalment" in page
    wrong = post(
        client,
        world.cast.accountant,
        f"/loans/{loan.pk}/repayments",
        units=1,
        value_date=DAY.isoformat(),
        payer="NEIGHBOUR",
    )
    assert wrong.status_code == 422
