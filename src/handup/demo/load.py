"""`load`: the three demonstration programmes into an empty database, step by step with progress."""

import gc
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from handup.demo import cast as casting
from handup.demo.applicants import AMOUNTS, load_applicants
from handup.demo.courses import load_courses
from handup.demo.credit import load_credit
from handup.demo.dairy import STEPS as DAIRY_STEPS
from handup.demo.dairy import load_dairy
from handup.demo.enterprises import load_enterprises
from handup.demo.foundation import Ground, make_areas, make_grounds
from handup.demo.grouping import load_groups
from handup.demo.market_work import STEPS, load_markets
from handup.demo.monitoring import load_monitoring
from handup.demo.period_end import post_period_ends
from handup.demo.profiles import SIZES, Profile, Sizes
from handup.demo.second_core import second_core
from handup.demo.telling import STEPS as TOLD_STEPS
from handup.demo.telling import tell_of_all
from handup.kernel.errors import Refusal
from handup.org import demonstration, installation
from handup.org.models import Setting, StaffUser
from handup.org.rules.access import Role
from handup.org.table_sizes import learn_all_sizes
from handup.results.services import choose_indicators, set_reporting_day

LOADED = "demonstration_profile"
REPORTING_DAYS = {
    "IOM-AM": date(2005, 6, 30),
    "ADRA-MN": date(2005, 6, 30),
    "IFAD-RW": date(2004, 12, 31),
}
SHOWN = {
    "IOM-AM": (
        "MED-TRN-02",
        "MED-FIN-02",
        "MED-FIN-01v",
        "MED-FIN-01",
        "MED-FIN-05a",
        "MED-FIN-05b",
        "MED-FIN-05c",
        "MED-FIN-04",
        "MED-IMP-01",
        "MED-IMP-02",
        "MED-OUT-02",
        "MED-OUT-01",
    ),
    "ADRA-MN": ("MED-GRP-01", "MED-GRP-06", "MED-GRP-02", "MED-OUT-02", "MED-OUT-01"),
    "IFAD-RW": (
        "MED-ENT-02s",
        "MED-ENT-02",
        "MED-TRN-01",
        "MED-TRN-04",
        "MED-TRN-02",
        "MED-OUT-01",
    ),
}


class AlreadyLoaded(Refusal):
    """This database already holds the demonstration ({profile}). Nothing was changed."""


class NotEmpty(Refusal):
    """This database is already in use. The demonstration is loaded only into an empty one."""


Report = Callable[[str, int, int], None]
Progress = Callable[[int], None]
Run = Callable[[str, int, Callable[[Progress], Any]], Any]


def loaded_profile() -> str:
    """Which profile this database holds, empty when none."""
    row = Setting.objects.filter(key=LOADED).first()
    return str(row.value) if row else ""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for unused objects after 50,000 new ones instead of 700: a load makes millions to keep.

    Measured on the credit programme: 67 instead of 79 processor seconds, 347 instead of 202 MB.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """One transaction for the whole load on SQLite, instead of 3,000 that each wait for the disk
    and write the pages of the indexes again.

    Not on PostgreSQL: it plans by what is committed, and would not learn how the tables grow.
    """
    with transaction.atomic() if connection.vendor == "sqlite" else nullcontext():
        yield


@seldom_collected()
@all_or_nothing()
def load(profile: Profile, report: Report) -> dict[str, float]:
    """Load everything; return the seconds each step took. Raises AlreadyLoaded, NotEmpty."""
    if held := loaded_profile():
        raise AlreadyLoaded(profile=held)
    if StaffUser.objects.exists():
        raise NotEmpty
    seconds: dict[str, float] = {}
    sizes = SIZES[profile]

    def run(title: str, total: int, work: Callable[[Callable[[int], None]], object]) -> object:
        started, done = time.monotonic(), 0

        def progress(count: int) -> None:
            nonlocal done
            done += count
            report(title, done, total)

        report(title, 0, total)
        result = work(progress)
        report(title, total, total)
        seconds[title] = round(time.monotonic() - started, 2)
        return result

    administrator = casting.start()
    areas = make_areas(administrator)
    cast = casting.make_cast(administrator, areas)
    sign_ins = casting.draw_sign_ins(cast)
    grounds = make_grounds(cast, areas)
    with second_core(sizes.credit.loans) as pool:
        load_programmes(grounds, sizes, run, pool)
    for code, codes in SHOWN.items():
        choose_indicators(
            acting_staff=cast[Role.ME_OFFICER], programme=grounds[code].programme, codes=codes
        )
        set_reporting_day(
            acting_staff=cast[Role.ME_OFFICER],
            programme=grounds[code].programme,
            day=REPORTING_DAYS[code],
        )
    if profile is Profile.FULL:
        run(
            "Logframes, frozen figures and a ranking",
            TOLD_STEPS,
            lambda progress: tell_of_all(grounds, REPORTING_DAYS, progress),
        )
    learn_all_sizes()
    demonstration.store_sign_ins(sign_ins)
    installation.put(LOADED, profile.value)
    return seconds


def load_programmes(
    grounds: dict[str, Ground], sizes: Sizes, run: Run, pool: Executor | None
) -> None:
    """Load the three programmes, each step with its own progress."""
    credit, ground = sizes.credit, grounds["IOM-AM"]
    world = run(
        "Credit programme: families and loans",
        credit.families + credit.loans,
        lambda progress: load_credit(ground, credit, progress, pool),
    )
    run(
        "Credit programme: training",
        credit.trained,
        lambda progress: load_courses(ground, world.families, credit, progress),
    )
    borrowers = sorted({loan.family for loan in world.plan})
    run(
        "Credit programme: monitoring",
        credit.monitored,
        lambda progress: load_monitoring(ground, world.families, borrowers, credit, progress),
    )
    run(
        "Credit programme: applicants",
        len(AMOUNTS),
        lambda _progress: load_applicants(ground, world.families, credit, timezone.localdate()),
    )
    group = sizes.group
    formed = run(
        "Group programme",
        group.cooperatives * 2 + group.groups * group.meetings,
        lambda progress: load_groups(grounds["ADRA-MN"], group, progress),
    )
    run(
        "A week of milk",
        DAIRY_STEPS,
        lambda progress: load_dairy(grounds["ADRA-MN"], formed, progress),
    )
    enterprise = sizes.enterprise
    run(
        "Enterprise programme",
        enterprise.open_day + enterprise.enterprises,
        lambda progress: load_enterprises(grounds["IFAD-RW"], enterprise, progress),
    )
    run(
        "Markets of the three programmes",
        STEPS,
        lambda progress: load_markets(grounds, formed, progress),
    )
    run(
        "Interest and allowance in the books",
        len(grounds),
        lambda progress: post_period_ends(grounds, timezone.localdate(), progress),
    )
