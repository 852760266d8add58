"""How fast the pure rules are, without any database."""

from collections.abc import Iterator
from datetime import date

from bench import NONE, Figure, benchmark, clock
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.terms import Terms
from handup.kernel.ids import new_id
from handup.kernel.money import split


@benchmark(*NONE)
def dividing() -> Iterator[Figure]:
    """One amount among 24 shares, and ids as a batch makes them."""
    times = 20_000
    shares = [index % 7 + 1 for index in range(24)]
    with clock() as measured:
        for total in range(100_000, 100_000 + times):
            split(total, shares)
    yield Figure("kernel.split into 24", times / measured.seconds, "per second", times)
    with clock() as measured:
        for _ in range(times):
            new_id()
    yield Figure("kernel.new_id", times / measured.seconds, "per second", times)


@benchmark(*NONE)
def scheduling() -> Iterator[Figure]:
    """Loans of 24 equal monthly instalments on the declining balance, a different amount each."""
    times, start = 1_000, date(2025, 1, 31)
    terms = Terms(currency="USD", digits=2, rate_ppm=180_000, instalments=24)
    with clock() as measured:
        for extra in range(times):
            plan = plan_due_dates(terms, start)
            build_schedule(terms, [Disbursement(start, 100_000 + extra)], plan)
    yield Figure("kernel.schedule of 24", times / measured.seconds, "per second", times)
