"""The desk tells of cash of nobody known: whose word it waits for, and nothing of whom one may not
know.
"""

from datetime import timedelta

from django.utils import timezone

from handup.desk import today as desk
from handup.desk.stray import to_agree, to_place
from handup.lending import services
from handup.lending.models import Loan, StrayCash
from handup.lending.rules.stray import StrayKind
from handup.lending.services import PartIn
from handup.lending.tests.cast import World
from handup.lending.tests.conftest import loan, world
from handup.lending.tests.test_bank_hidden import again, hide

__all__ = ["loan", "world"]
TODAY = timezone.localdate()


def test_the_desk_lists_it_with_its_age_then_the_second_word_and_nothing_of_the_hidden(
    world: World, loan: Loan
) -> None:
    cast = world.cast
    cash: list[StrayCash] = [
        services.take_stray_cash(
            acting_staff=cast.cashier,
            lender=world.direct,
            units=units,
            received_date=TODAY - timedelta(days=3),
            told="a boy",
        )
        for units in (10_00, 20_00)
    ]
    pages = [row.get_absolute_url() for row in cash]
    assert [task.href for task in to_place(cast.accountant, TODAY)] == pages
    late = to_place(cast.accountant, TODAY + timedelta(days=40))
    assert (late[0].tone, late[0].due) == ("bad", TODAY - timedelta(days=3))
    services.place_stray_cash(
        acting_staff=cast.accountant,
        stray=cash[0],
        kind=StrayKind.LOANS,
        parts=[PartIn(loan, 10_00)],
        on=TODAY,
    )
    assert to_agree(cast.accountant, TODAY) == to_agree(cast.cashier, TODAY) == []
    assert [task.href for task in to_agree(cast.manager, TODAY)] == pages[:1]
    told = [task.href for queue in desk.QUEUES for task in queue.tasks(cast.manager, TODAY)]
    assert {*pages} <= {*told}
    hide(world, world.person)
    reader = again(cast.manager)
    assert to_agree(reader, TODAY) == []
    assert [task.href for task in to_place(reader, TODAY)] == pages[1:]
