"""What was recorded wrongly is taken back on a day of the last week by one person; on an earlier
day another confirms it (lending.md 4.1, 4.4).
"""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending import errors, services
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import EventKind, LoanState, Source
from handup.lending.services.telling import NotToldOfIt, ToldTooLittle
from handup.lending.tests.cast import World, clean, repay, running
from handup.lending.tests.changing import FEBRUARY, INSTALMENT, MARCH, held, nothing_happened
from handup.lending.tests.test_api import post
from handup.lending.tests.test_back_dating import WHY, confirm, propose, strict
from handup.lending.tests.test_pages import at, do
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.permissions import NotAllowed
from handup.org.tests.standing import standing

TODAY = timezone.localdate()
WRONG = "Money of another loan"


@standing
def other(world: World) -> Loan:
    """A loan like it of which nothing is paid."""
    return running(world)


@standing
def paid(world: World, loan: Loan) -> LoanEvent:
    """An instalment of February, recorded long ago."""
    event: LoanEvent = repay(world, loan, FEBRUARY, INSTALMENT)
    loan.refresh_from_db()
    strict()
    return event


def take_back(world: World, event: LoanEvent, **changes: Any) -> LoanEvent:
    told = {"acting_staff": world.cast.accountant, "reason": WRONG, "value_date": TODAY}
    return services.reverse_repayment(event=event, **{**told, **changes})


def ask(world: World, event: LoanEvent, **changes: Any) -> LoanProposal:
    told = {"kind": EventKind.REVERSED, "told": {"event": event, "reason": WRONG}}
    return propose(world, event.loan, **{**told, **changes})


def test_nobody_takes_money_back_on_an_early_day_alone(world: World, paid: LoanEvent) -> None:
    old = TODAY - timedelta(days=8)
    nothing_happened(paid.loan, partial(take_back, world, paid, value_date=old), errors.BackDated)
    assert take_back(world, paid, value_date=TODAY - timedelta(days=7)).source == Source.WEB
    clean()


def test_another_person_confirms_it_and_it_counts_from_its_day(
    world: World, other: Loan, paid: LoanEvent
) -> None:
    made = ask(world, paid, value_date=MARCH)
    assert made.payload == {"value_date": "2025-03-01", "event": str(paid.pk), "reason": WRONG}
    assert not LoanEvent.objects.filter(reverses=paid).exists()
    nothing_happened(
        paid.loan, lambda: confirm(world, made, acting_staff=world.cast.accountant), SamePerson
    )
    event = confirm(world, made)
    assert event is not None
    assert (event.reverses_id, event.value_date, event.source, event.reason) == (
        paid.pk,
        MARCH,
        Source.BACK_DATED,
        WRONG,
    )
    for role in ("LOANS", "INTEREST_DUE"):
        assert held(world, role, paid.loan) == held(world, role, other)
    clean()


def test_a_pay_out_goes_back_the_same_way(world: World, loan: Loan) -> None:
    strict()
    paid_out = loan.events.get(kind=EventKind.DISBURSED)
    told = {"event": paid_out, "reason": "Never handed over"}
    alone = partial(
        services.reverse_loan_event,
        acting_staff=world.cast.manager,
        event=paid_out,
        reason="Never handed over",
        value_date=FEBRUARY,
    )
    nothing_happened(loan, alone, errors.BackDated)
    nothing_happened(loan, lambda: ask(world, paid_out, told=told), NotAllowed)
    made = ask(world, paid_out, told=told, acting_staff=world.cast.manager)
    assert confirm(world, made, acting_staff=world.cast.director) is not None
    loan.refresh_from_db()
    assert (loan.state, held(world, "LOANS", loan)) == (LoanState.AGREED, 0)
    clean()


@pytest.mark.parametrize(
    ("told", "refusal", "field"),
    [
        ({"reason": WRONG}, ToldTooLittle, "event"),
        ({"reason": ""}, ToldTooLittle, "event"),
        ({"reason": WRONG, "units": 5_00}, NotToldOfIt, "units"),
    ],
)
def test_what_is_said_of_it_is_all_that_is_needed_and_no_more(
    world: World, paid: LoanEvent, told: dict[str, Any], refusal: type[Refusal], field: str
) -> None:
    nothing_happened(paid.loan, lambda: ask(world, paid, told=told), refusal)
    with pytest.raises(refusal) as refused:
        ask(world, paid, told=told)
    assert refused.value.field == field


def test_what_is_of_another_loan_or_taken_back_already_is_refused(
    world: World, other: Loan, paid: LoanEvent
) -> None:
    nothing_happened(
        other,
        lambda: propose(
            world, other, kind=EventKind.REVERSED, told={"event": paid, "reason": WRONG}
        ),
        errors.NotReversible,
    )
    made = ask(world, paid)
    take_back(world, paid)
    nothing_happened(paid.loan, lambda: confirm(world, made), errors.AlreadyReversed)


def test_the_same_id_takes_back_once_and_other_content_is_refused(
    world: World, paid: LoanEvent
) -> None:
    key = new_id()
    made = take_back(world, paid, id=key)
    assert take_back(world, paid, id=key) == made
    for other in ({"reason": "A storm"}, {"value_date": TODAY - timedelta(days=1)}):
        nothing_happened(
            paid.loan, partial(take_back, world, paid, id=key, **other), SameIdOtherContent
        )
    paid_out = paid.loan.events.get(kind=EventKind.DISBURSED)
    again = partial(
        services.reverse_loan_event,
        acting_staff=world.cast.manager,
        event=paid_out,
        reason=WRONG,
        value_date=TODAY,
        id=new_id(),
    )
    assert again() == again()


def test_the_page_asks_why_only_now_and_the_queue_confirms(
    client: Client, world: World, paid: LoanEvent
) -> None:
    cast = world.cast
    fields = {"value_date": "2025-03-01", "reason": WRONG}
    refused = do(client, cast.accountant, "reverse_repayment", paid.pk, **fields)
    assert "more than 7 days ago" in refused.context["form"].errors["value_date"][0]
    told = do(client, cast.accountant, "reverse_repayment", paid.pk, **fields, late_reason=WHY)
    assert told.status_code == 302, told.context["form"].errors
    queue = at(client, cast.manager, "proposals_to_decide").content.decode()
    for text in ("What is reversed", "113.47", WRONG, WHY):
        assert text in queue
    made = LoanProposal.objects.get()
    done = do(client, cast.manager, "proposal_decide", made.pk, approve="yes", reason="")
    assert done.status_code == 302, done.context["form"].errors
    assert LoanEvent.objects.get(reverses=paid).value_date == MARCH
    paid_out = paid.loan.events.get(kind=EventKind.DISBURSED)
    page = at(client, cast.manager, "reverse_event", paid_out.pk)
    assert page.content.decode().count('name="late_reason"') == 1


def test_the_api_proposes_it(client: Client, world: World, paid: LoanEvent) -> None:
    path = f"/loans/{paid.loan_id}/back-dated"
    told: dict[str, Any] = {"kind": "REVERSED", "value_date": "2025-03-01", "late_reason": WHY}
    missing = post(client, world.cast.accountant, path, **told, reason=WRONG)
    assert missing.status_code == 422, missing.content
    assert "event_id" in missing.content.decode()
    made = post(client, world.cast.accountant, path, **told, reason=WRONG, event_id=str(paid.pk))
    assert made.status_code == 201, made.content
    assert LoanProposal.objects.get().payload["event"] == str(paid.pk)
