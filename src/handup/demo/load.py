"""`load`: the three demonstration programmes into an empty database, step by step with progress."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from handup.demo import cast as casting
from handup.demo.credit import load_credit
from handup.demo.foundation import make_areas, make_grounds
from handup.demo.profiles import SIZES, Profile
from handup.kernel.errors import Refusal
from handup.org import installation
from handup.org.models import StaffUser

LOADED = "demonstration_profile"


class AlreadyLoaded(Refusal):
    """This database already holds the demonstration ({profile}). Nothing was changed."""


class NotEmpty(Refusal):
    """This database is already in use. The demonstration is loaded only into an empty one."""


@dataclass(slots=True)
class Step:
    """One step of the load: what it is called and how many records it makes."""

    title: str
    total: int


Report = Callable[[str, int, int], None]


def loaded_profile() -> str:
    """Which profile this database holds, empty when none."""
    row = installation.Setting.objects.filter(key=LOADED).first()
    return str(row.value) if row else ""


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

    with transaction.atomic():
        administrator = casting.start()
        areas = make_areas()
        cast = casting.make_cast(administrator, areas)
        grounds = make_grounds(cast, areas)
    size = sizes.credit
    run(
        "Credit programme",
        size.families + size.loans,
        lambda progress: load_credit(grounds["IOM-AM"], size, progress),
    )
    casting.make_sign_ins(cast)
    installation.put(LOADED, profile.value)
    return seconds
