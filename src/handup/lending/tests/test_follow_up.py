"""Talks about late loans: promises kept or broken by what is paid, next steps, reminders."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.errors import AmountNotPositive, FutureDate
from handup.lending.models import ArrearsContact, Loan, LoanEvent
from handup.lending.rules.follow_up import (
    Channel,
    NextStep,
    Outcome,
    Promised,
    PromiseState,
    SpokeWith,
    outcome_of,
)
from handup.lending.services import follow_up
from handup.lending.services.follow_up import PromiseIn
from handup.lending.tests.cast import World, make_person, repay, running, signed
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_pages import at, do
from handup.lending.work_list import follow_ups, promises, promises_due, reminders
from handup.org.permissions import NotAllowed, OutOfSight

MADE, DUE = date(2025, 3, 1), date(2025, 3, 10)
PROMISE = Promised(100_00, MADE, DUE)


def test_a_promise_is_open_until_its_day_and_broken_the_day_after() -> None:
    assert outcome_of(PROMISE, [], [], DUE) == Outcome(PromiseState.OPEN, 0)
    assert outcome_of(PROMISE, [], [], DUE + timedelta(days=1)).state is PromiseState.BROKEN


def test_a_promise_is_kept_by_payments_up_to_its_day_and_no_later() -> None:
    paid = [(MADE, 60_00), (DUE, 40_00)]
    assert outcome_of(PROMISE, paid, [], DUE) == Outcome(PromiseState.KEPT, 100_00)
    late = [(MADE, 60_00), (DUE + timedelta(days=1), 40_00)]
    found = outcome_of(PROMISE, late, [], DUE + timedelta(days=5))
    assert found == Outcome(PromiseState.BROKEN, 60_00)
    before = [(MADE - timedelta(days=1), 100_00)]
    assert outcome_of(PROMISE, before, [], DUE).state is PromiseState.OPEN


def test_a_new_promise_made_in_time_replaces_it_but_none_made_after_it_broke() -> None:
    assert outcome_of(PROMISE, [], [DUE], DUE).state is PromiseState.REPLACED
    after = DUE + timedelta(days=2)
    assert outcome_of(PROMISE, [], [after], after).state is PromiseState.BROKEN


@given(
    st.lists(st.tuples(st.dates(MADE, date(2025, 4, 1)), st.integers(1, 200_00)), max_size=6),
    st.dates(MADE, date(2025, 4, 1)),
)
def test_a_kept_promise_stays_kept_on_every_later_day(
    payments: list[tuple[date, int]], on: date
) -> None:
    if outcome_of(PROMISE, payments, [], on).state is PromiseState.KEPT:
        later = outcome_of(PROMISE, payments, [], date(2026, 1, 1))
        assert later.state is PromiseState.KEPT


def talk(world: World, loan: Loan, on: date, **changes: Any) -> ArrearsContact:
    """The officer telephones the borrower."""
    told = {"channel": Channel.CALL, "spoke_with": SpokeWith.BORROWER, **changes}
    return follow_up.record_contact(
        acting_staff=world.cast.officer, loan=loan, contact_date=on, **told
    )


def promised(world: World, loan: Loan, on: date = MADE, units: int = 100_00) -> ArrearsContact:
    """She promises 100.00 within nine days."""
    return talk(world, loan, on, promise=PromiseIn(units, on + timedelta(days=9)))


def states(loan: Loan, on: date) -> list[PromiseState]:
    """The promises of a loan, the oldest first."""
    return [line.outcome.state for line in promises(loan.contacts.all(), on)]


def test_a_payment_keeps_a_promise_and_its_reversal_breaks_it(world: World, loan: Loan) -> None:
    promised(world, loan)
    event: LoanEvent = repay(world, loan, DUE, 100_00)
    assert states(loan, date(2025, 4, 1)) == [PromiseState.KEPT]
    services.reverse_repayment(
        acting_staff=world.cast.accountant, event=event, reason="Wrong loan", value_date=DUE
    )
    assert states(loan, date(2025, 4, 1)) == [PromiseState.BROKEN]


def test_what_was_said_is_sealed_in_the_database(world: World, loan: Loan) -> None:
    row = talk(world, loan, MADE, note="Her child is ill")
    row.refresh_from_db()
    assert row.note == "Her child is ill"
    assert row.staff == world.cast.officer


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"promise": PromiseIn(0, DUE)}, AmountNotPositive),
        ({"promise": PromiseIn(1, MADE - timedelta(days=1))}, follow_up.PromiseInThePast),
        (
            {"promise": PromiseIn(1, DUE), "spoke_with": SpokeWith.NOBODY},
            follow_up.NobodyPromised,
        ),
        ({"next_step": NextStep.VISIT}, follow_up.NextStepIncomplete),
        ({"next_date": DUE}, follow_up.NextStepIncomplete),
        (
            {"next_step": NextStep.VISIT, "next_date": MADE - timedelta(days=1)},
            follow_up.NextStepInThePast,
        ),
    ],
)
def test_half_a_promise_or_half_a_step_is_refused(
    world: World, loan: Loan, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        talk(world, loan, MADE, **changes)
    assert not ArrearsContact.objects.exists()


def test_a_talk_of_tomorrow_or_about_no_debt_is_refused(world: World, loan: Loan) -> None:
    with pytest.raises(FutureDate):
        talk(world, loan, timezone.localdate() + timedelta(days=1))
    person = make_person(world.programme, world.office, world.cast.advisor, "Second")
    with pytest.raises(follow_up.NothingToFollowUp):
        talk(world, signed(world, person=person), MADE)
    assert not ArrearsContact.objects.exists()


def test_who_may_not_follow_up_records_and_reads_nothing(
    client: Client, world: World, loan: Loan
) -> None:
    for staff, refusal in ((world.cast.cashier, NotAllowed), (world.cast.outsider, OutOfSight)):
        with pytest.raises(refusal):
            follow_up.record_contact(
                acting_staff=staff,
                loan=loan,
                contact_date=MADE,
                channel=Channel.CALL,
                spoke_with=SpokeWith.BORROWER,
            )
    talk(world, loan, MADE, note="Her child is ill")
    page = at(client, world.cast.accountant, "loan_detail", loan.pk).content.decode()
    assert "Her child is ill" not in page


def test_the_last_promise_and_the_last_talk_lead_the_work(world: World, loan: Loan) -> None:
    promised(world, loan)
    last = talk(
        world, loan, date(2025, 3, 20), next_step=NextStep.VISIT, next_date=date(2025, 3, 25)
    )
    work = follow_ups(list(loan.contacts.all()), date(2025, 4, 1))[loan.pk]
    assert work.state is PromiseState.BROKEN
    assert work.last == last
    assert work.next_date == date(2025, 3, 25)


def second(world: World) -> Loan:
    """Another late loan."""
    person = make_person(world.programme, world.office, world.cast.advisor, "Second 0002")
    return running(world, 600_00, person=person)


def test_broken_promises_stand_on_top_and_the_filters_narrow(
    client: Client, world: World, loan: Loan
) -> None:
    other = second(world)
    promised(world, other, units=1_000_00)
    page = at(client, world.cast.officer, "arrears").content.decode()
    assert page.index(other.code) < page.index(loan.code)
    broken = at(client, world.cast.officer, "arrears", promise="BROKEN").content.decode()
    assert other.code in broken
    assert loan.code not in broken
    none = at(client, world.cast.officer, "arrears", promise="NONE").content.decode()
    assert loan.code in none
    assert other.code not in none
    short = at(client, world.cast.officer, "arrears", late="30").content.decode()
    assert "No late loan fits" in short
    hers = at(client, world.cast.officer, "arrears", officer=str(world.cast.officer.pk))
    assert loan.code in hers.content.decode()
    nobodys = at(client, world.cast.officer, "arrears", officer=str(new_id()))
    assert loan.code not in nobodys.content.decode()


def test_a_talk_through_the_page_stands_on_the_loans_page(
    client: Client, world: World, loan: Loan
) -> None:
    today = timezone.localdate()
    data = {
        "contact_date": today.isoformat(),
        "channel": "VISIT",
        "spoke_with": "HOUSEHOLD",
        "note": "The harvest is late",
        "promised_units": "50",
        "promised_date": (today + timedelta(days=3)).isoformat(),
        "next_step": "CALL",
        "next_date": (today + timedelta(days=4)).isoformat(),
    }
    assert at(client, world.cast.officer, "contact_new", loan.pk).status_code == 200
    half = do(client, world.cast.officer, "contact_new", loan.pk, **{**data, "promised_date": ""})
    assert half.status_code == 422
    assert not ArrearsContact.objects.exists()
    done = do(client, world.cast.officer, "contact_new", loan.pk, **data)
    assert done.status_code == 302, done.content.decode()[-2000:]
    page = at(client, world.cast.officer, "loan_detail", loan.pk).content.decode()
    assert "The harvest is late" in page
    assert "50.00" in page
    assert "Open" in page


def test_reminders_list_what_falls_due_in_the_coming_days(
    client: Client, world: World, loan: Loan
) -> None:
    """Due on the 15th of each month; on 10 March the one of February is late, on 7 there is none
    within seven days.
    """
    found = reminders(date(2025, 3, 10), Loan.objects.all())
    assert [(item.due_date, item.due_units, item.late_units) for item in found] == [
        (date(2025, 3, 15), 113_47, 113_47)
    ]
    assert reminders(date(2025, 3, 7), Loan.objects.all()) == []
    assert reminders(date(2025, 3, 10), Loan.objects.all(), new_id()) == []
    page = at(client, world.cast.officer, "reminders", days="30")
    assert page.status_code == 200
    notice = at(client, world.cast.officer, "reminder_paper", loan.pk)
    assert loan.code in notice.content.decode()
    assert at(client, world.cast.outsider, "reminder_paper", loan.pk).status_code == 404


def test_a_promise_for_today_is_due_and_a_later_one_is_not(world: World, loan: Loan) -> None:
    promised(world, loan)
    rows = Loan.objects.all()
    assert promises_due(rows, DUE - timedelta(days=1)) == []
    assert [line.left_units for line in promises_due(rows, DUE)] == [100_00]
    repay(world, loan, DUE, 100_00)
    assert promises_due(rows, date(2025, 4, 1)) == []


def test_the_api_records_talks_and_tells_what_became_of_promises(
    client: Client, world: World, loan: Loan
) -> None:
    where = f"/loans/{loan.pk}/contacts"
    told: dict[str, Any] = {
        "contact_date": "2025-03-01",
        "channel": "CALL",
        "spoke_with": "BORROWER",
        "promised_units": 100_00,
        "promised_date": "2025-03-10",
    }
    key = new_id()
    for _ in range(2):
        assert post(client, world.cast.officer, where, key, **told).status_code == 201
    half = post(client, world.cast.officer, where, **{**told, "promised_date": None})
    assert half.status_code == 422
    shown = get(client, world.cast.officer, where, as_of="2025-03-11").json()
    assert [row["promise_state"] for row in shown] == ["BROKEN"]
    assert get(client, world.cast.cashier, where, as_of="2025-03-11").status_code == 403
    ahead = get(client, world.cast.officer, "/reminders", as_of="2025-03-10").json()
    assert [row["due_units"] for row in ahead] == [113_47]
