"""Posts payments in processes that are killed at random points, then proves the books; a program.

    python -m tests.kills ROUNDS SEED

Each round a child posts payments, some alone and some in batches, and tells of each only after it
is stored; the parent kills it without warning. What was not told of is sent again, as a device
would. It prints one line of JSON: what was sent, told of, found, and what the proofs say.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import django

LONGEST_SECONDS = 0.01
NEW_A_ROUND = 12
READY = b"ready\n"
Payment = tuple[UUID, UUID, date, int]  # its id, the loan, the day, the units
LOANS = 4


def prepare() -> Any:
    """Tables and a small world with running loans."""
    django.setup()
    from handup.cli.migrate import make_tables

    make_tables()
    from handup.lending.tests.cast import make_person, make_world, running

    world = make_world()
    office, advisor = world.office, world.cast.advisor
    people = [make_person(world.programme, office, advisor, f"P {n}") for n in range(LOANS)]
    return world, [running(world, 4_000_00 + n, person=p) for n, p in enumerate(people)]


def post(world: Any, payments: list[Payment], tell: int) -> None:
    """Post payments and tell of each once it is stored; runs in the child."""
    from handup.lending import services
    from handup.lending.models import Loan
    from handup.lending.services import RepaymentIn

    loans = Loan.objects.in_bulk([loan for _id, loan, _day, _units in payments])
    os.write(tell, READY)
    place = 0
    while place < len(payments):
        batch = payments[place : place + 1 + 4 * (place % 3 == 2)]
        if len(batch) == 1:
            ((key, loan, day, units),) = batch
            services.record_repayment(
                acting_staff=world.cast.accountant,
                loan=loans[loan],
                value_date=day,
                units=units,
                id=key,
            )
        else:
            services.record_repayments(
                [RepaymentIn(loan, day, units, id=key) for key, loan, day, units in batch],
                acting_staff=world.cast.accountant,
            )
        os.write(tell, "".join(f"{key}\n" for key, *_rest in batch).encode())
        place += len(batch)


def one_round(
    world: Any, payments: list[Payment], kill_after: tuple[int, float] | None
) -> set[UUID]:
    """Fork a child that posts; kill it once it told of so many payments and so many seconds have
    gone by; return what it told of.
    """
    from django.db import connections

    connections.close_all()
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hear)
        try:
            post(world, payments, tell)
        except Exception:  # noqa: BLE001 (told in full; a child must not run on in the parent)
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(tell)
    ready = os.read(hear, len(READY))
    assert ready == READY
    first = b""
    if kill_after is not None:
        count, seconds = kill_after
        while first.count(b"\n") < count and (more := os.read(hear, 4096)):
            first += more
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(hear) as told:
        lines = (first.decode() + told.read()).splitlines()
    _child, status = os.waitpid(child, 0)
    assert kill_after is not None or status == 0
    return {UUID(line) for line in lines if len(line) == 36}


def main(rounds: int, seed: int) -> dict[str, Any]:
    """Kill so many children, send the rest again, and prove the books."""
    from handup.kernel.ids import new_id

    world, loans = prepare()
    chance = random.Random(seed)
    sent: dict[UUID, Payment] = {}
    told: set[UUID] = set()
    killed_within = 0
    for _number in range(rounds):
        for _more in range(NEW_A_ROUND):
            day = date(2025, 2, 1) + timedelta(days=chance.randint(0, 40))
            payment = (new_id(), chance.choice(loans).pk, day, chance.randint(1, 50))
            sent[payment[0]] = payment
        waiting = [payment for key, payment in sent.items() if key not in told]
        moment = chance.randrange(NEW_A_ROUND // 2), chance.uniform(0, LONGEST_SECONDS)
        heard = one_round(world, waiting, moment)
        killed_within += len(heard) < len(waiting)
        told |= heard
    before = set(told)
    rest = [payment for key, payment in sent.items() if key not in told]
    told |= one_round(world, rest, None)
    return _prove(sent, told, before) | {"killed_within": killed_within, "rounds": rounds}


def _prove(sent: dict[UUID, Payment], told: set[UUID], before: set[UUID]) -> dict[str, Any]:
    from handup.ledger.models import Entry
    from handup.lending.models import LoanEvent
    from handup.org import verify

    events = {row.pk: row for row in LoanEvent.objects.filter(kind="REPAID")}
    entries = Counter(
        Entry.objects.filter(source_domain="lending", source_kind="REPAID", source_purpose="")
        .values_list("source_id", flat=True)
    )  # fmt: skip
    return {
        "sent": len(sent),
        "told_under_fire": len(before),
        "told": len(told),
        "stored": len(events),
        "lost": len([key for key in before if key not in events]),
        "strange": len([key for key in events if key not in sent]),
        "wrong": len([k for k, row in events.items() if k in sent and row.units != sent[k][3]]),
        "doubled": len([key for key, count in entries.items() if count != 1]),
        "not_in_the_books": len([key for key in events if not entries[key]]),
        "differences": [
            outcome.check.code for outcome in verify.run_checks(deep=True) if not outcome.holds
        ],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))) + "\n")
