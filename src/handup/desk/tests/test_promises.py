"""Today shows the officer the promises that were not kept, and only to who follows them up."""

from datetime import date, timedelta

from django.utils import timezone

from handup.desk.today import task_groups
from handup.lending.models import Loan
from handup.lending.rules.follow_up import Channel, SpokeWith
from handup.lending.services.follow_up import PromiseIn, record_contact
from handup.lending.tests.cast import World
from handup.lending.tests.conftest import loan, world

__all__ = ["loan", "world"]


def promised(world: World, loan: Loan, made: date) -> None:
    """She promises 100.00 within nine days."""
    record_contact(
        acting_staff=world.cast.officer,
        loan=loan,
        contact_date=made,
        channel=Channel.CALL,
        spoke_with=SpokeWith.BORROWER,
        promise=PromiseIn(100_00, made + timedelta(days=9)),
    )


def test_today_shows_the_officer_broken_promises(world: World, loan: Loan) -> None:
    promised(world, loan, date(2025, 3, 1))
    groups = task_groups(world.cast.officer, timezone.localdate())
    titles = [str(task.title) for group in groups for task in group.tasks]
    assert str(groups[0].title) == "Promises to pay"
    assert any(loan.code in title for title in titles)
    assert not [
        group
        for group in task_groups(world.cast.cashier, timezone.localdate())
        if str(group.title) == "Promises to pay"
    ]


def test_a_promise_whose_day_is_to_come_is_no_task(world: World, loan: Loan) -> None:
    promised(world, loan, timezone.localdate())
    groups = task_groups(world.cast.officer, timezone.localdate())
    assert "Promises to pay" not in {str(group.title) for group in groups}
