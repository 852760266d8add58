"""Loans an older version of the engine worked out: the proof names them, a command replays them,
the books take the differences, and who may not or cannot be replayed is told.
"""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.ledger.models import Entry
from handup.lending.errors import FutureDate
from handup.lending.models import Loan, PaymentSplit
from handup.lending.rules.loan import ENGINE_VERSION
from handup.lending.services.older_engine import replay_older_loans
from handup.lending.tests.cast import World, clean, repay
from handup.lending.tests.changing import held
from handup.lending.verify import of_this_engine
from handup.org.models import AuditLine
from handup.org.permissions import NotAllowed
from handup.org.tests.standing import standing

TODAY = timezone.localdate()


@standing
def old(world: World, loan: Loan) -> Loan:
    """A loan whose first payment an older engine split otherwise: 4.00 of interest as principal."""
    event = repay(world, loan, date(2025, 2, 15), 113_47)
    split = event.splits.get()
    PaymentSplit.objects.filter(pk=split.pk).update(replaced_at=timezone.now())
    PaymentSplit.objects.create(
        loan=loan,
        event=event,
        number=split.number,
        interest_units=split.interest_units - 4_00,
        principal_units=split.principal_units + 4_00,
        value_date=split.value_date,
        received_at=split.received_at,
    )
    Loan.objects.filter(pk=loan.pk).update(engine_version="1")
    return loan


def test_a_loan_of_an_older_engine_is_named_and_stands_anew(world: World, old: Loan) -> None:
    assert [(item.key, item.stored, item.computed) for item in of_this_engine()] == [
        (f"loan {old.code} engine", "1", ENGINE_VERSION)
    ]
    before = held(world, "LOANS", old)
    done = replay_older_loans(acting_staff=world.cast.director, value_date=TODAY)
    assert (done.count, done.changed, done.refused) == (1, [old.code], [])
    assert list(of_this_engine()) == []
    (live,) = PaymentSplit.objects.filter(loan=old, replaced_at=None)
    assert (live.interest_units, live.principal_units) == (24_00, 89_47)
    entry = Entry.objects.get(source_id=old.pk, source_kind="REPLAYED")
    assert sorted(entry.lines.values_list("units", flat=True)) == [-4_00, 4_00]
    assert held(world, "LOANS", old) == before + 4_00
    told = AuditLine.objects.get(action="lending.replay_loans")
    assert told.facts == {"before": "1", "now": ENGINE_VERSION, "changed": 1}
    again = replay_older_loans(acting_staff=world.cast.director, value_date=TODAY)
    assert (again.count, Entry.objects.filter(source_kind="REPLAYED").count()) == (0, 1)


def test_one_that_comes_out_the_same_posts_nothing(world: World, loan: Loan) -> None:
    Loan.objects.filter(pk=loan.pk).update(engine_version="")
    assert [item.stored for item in of_this_engine()] == ["unknown"]
    done = replay_older_loans(acting_staff=world.cast.director, value_date=TODAY)
    assert (done.count, done.changed) == (1, [])
    assert not Entry.objects.filter(source_kind="REPLAYED").exists()
    clean()


def test_who_may_not_and_a_day_to_come_change_nothing(world: World, old: Loan) -> None:
    with pytest.raises(NotAllowed):
        replay_older_loans(acting_staff=world.cast.officer, value_date=TODAY)
    with pytest.raises(FutureDate):
        replay_older_loans(acting_staff=world.cast.director, value_date=TODAY + timedelta(days=1))
    old.refresh_from_db()
    assert old.engine_version == "1"
