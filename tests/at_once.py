"""Run as a process of its own, with a database of its own: a repayment and a hand-over at once,
and two applications of one person, each on its own connection.

python -m tests.at_once

Whoever comes second waits for the other to end, and then finds what happened: the hand-over that
something was paid since it was packed, the repayment that the loan went, the second application
that there is a first. Prints what came of it.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django

LONG_ENOUGH = 60.0
A_MOMENT = 1.0


def within(act: Callable[[], Any], began: threading.Event, end: threading.Event) -> str:
    """Act in a transaction that is held open until told to end; what it was refused by."""
    from django.db import connection, transaction

    from handup.kernel.errors import Refusal

    try:
        with transaction.atomic():
            act()
            began.set()
            assert end.wait(LONG_ENOUGH)
    except Refusal as refusal:
        return type(refusal).__name__
    finally:
        connection.close()
    return ""


class Racer(threading.Thread):
    """Somebody with a connection of her own."""

    def __init__(self, act: Callable[[], Any], end: threading.Event) -> None:
        super().__init__(daemon=True)
        self.act, self.end, self.began = act, end, threading.Event()
        self.refused_by = "it did not end"

    def run(self) -> None:
        self.refused_by = within(self.act, self.began, self.end)


def waits(racer: Racer) -> bool:
    """Whether somebody waits for a lock of another; where the database tells."""
    from django.db import connection

    time.sleep(A_MOMENT)
    if connection.vendor == "postgresql":
        until = time.monotonic() + LONG_ENOUGH
        asked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while time.monotonic() < until and racer.is_alive():
            with connection.cursor() as cursor:
                cursor.execute(asked)
                if cursor.fetchone()[0]:
                    return not racer.began.is_set()
            time.sleep(0.05)
    return racer.is_alive() and not racer.began.is_set()


def one_after_the_other(first: Callable[[], Any], second: Callable[[], Any]) -> dict[str, Any]:
    """Begin the second while the first has not ended; who waited, and what each was refused by."""
    end, at_once = threading.Event(), threading.Event()
    at_once.set()
    ahead = Racer(first, end)
    ahead.start()
    assert ahead.began.wait(LONG_ENOUGH), ahead.refused_by
    behind = Racer(second, at_once)
    behind.start()
    waited = waits(behind)
    end.set()
    for racer in (ahead, behind):
        racer.join(LONG_ENOUGH)
    return {"waited": waited, "first": ahead.refused_by, "second": behind.refused_by}


def applications(world: Any) -> list[Callable[[], Any]]:
    """Two clerks who let one person apply to one programme."""
    from handup.lending.tests.cast import make_person
    from handup.org.rules.access import Role
    from handup.org.tests.staff import staff_with
    from handup.people.services import ApplicationIn, apply_to_programme

    clerk = staff_with("intake", Role.CLERK)
    person = make_person(world.programme, world.office, clerk, "Participant 0002")
    told = ApplicationIn(person=person, programme=world.programme, applied_date=date(2025, 1, 2))
    return [lambda: apply_to_programme(acting_staff=clerk, application=told)] * 2


def main() -> None:
    """The repayment first, then the hand-over first."""
    from django.conf import settings

    from handup.ledger.models import Entry
    from handup.lending.models import Loan, LoanEvent
    from handup.lending.tests.cast import START, make_world, repay
    from handup.lending.tests.test_handed_over import receive
    from handup.lending.tests.test_handover import agree, pack, prepared
    from handup.org import verify

    folder = Path(os.environ["HANDUP_DATA"])
    settings.MEDIA_ROOT = folder / "files"
    world = make_world()
    row, persons = prepared(world)
    assert row.successor is not None
    agree(world, row.successor, *persons)
    loan = Loan.objects.get()
    stored = LoanEvent.objects.count(), Entry.objects.count()

    def pay() -> Any:
        return repay(world, loan, START + timedelta(days=60), 100_00)

    found: dict[str, Any] = {}
    batch, _opening = pack(world, row, folder / "p1")
    found["paid first"] = one_after_the_other(pay, lambda: receive(world, batch))
    batch, _opening = pack(world, row, folder / "p2")
    found["moved first"] = one_after_the_other(lambda: receive(world, batch), pay)
    found["applied"] = one_after_the_other(*applications(world))
    found["payments"] = LoanEvent.objects.count() - stored[0]
    found["entries"] = Entry.objects.count() - stored[1]
    loan.refresh_from_db()
    found["moved"] = loan.moved_date is not None
    found["broken"] = [
        outcome.check.code for outcome in verify.run_checks(deep=True) if not outcome.holds
    ]
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    django.setup()
    main()
