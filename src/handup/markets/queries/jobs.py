"""Who is still in her job, which jobs are to be looked at, and how jobs divide by kind."""

from dataclasses import dataclass
from datetime import date

from handup.markets.models import JobCheck, JobMatch, JobPlacement, JobTarget, Vacancy
from handup.markets.models.labels import JobKind, MatchState
from handup.markets.rules.jobs import MARKS, Balance, Placed, Stayed, balance, due_on, stayed
from handup.org.models import StaffUser


@dataclass(frozen=True, slots=True)
class Way:
    """The way from a vacancy to a job, counted among what a reader may see."""

    places: int
    proposed: int
    placed: int
    stayed: tuple[Stayed, ...]


def placements(staff: StaffUser) -> list[JobPlacement]:
    """Return the placements a reader may see with their looks, oldest first."""
    rows = JobPlacement.objects.visible_to(staff).select_related(
        "match__vacancy", "match__vacancy__employer", "person"
    )
    return list(rows.prefetch_related("checks").order_by("started_date", "pk"))


def way(staff: StaffUser, rows: list[JobPlacement], *, on: date) -> Way:
    """Count the way from a vacancy to a job that lasts."""
    vacancies = Vacancy.objects.visible_to(staff).filter(opened_date__lte=on)
    matches = JobMatch.objects.visible_to(staff).filter(matched_date__lte=on)
    facts = [
        Placed(row.started_date, tuple((one.month, one.still_there) for one in row.checks.all()))
        for row in rows
    ]
    return Way(
        sum(vacancies.values_list("places", flat=True)),
        matches.count(),
        matches.filter(state=MatchState.PLACED.value).count(),
        stayed(facts, on=on),
    )


@dataclass(frozen=True, slots=True)
class Look:
    """A placement that is to be looked at."""

    placement: JobPlacement
    month: int
    due: date


def looks_due(rows: list[JobPlacement], *, on: date) -> list[Look]:
    """Return the looks whose day has come and that nobody took, the longest due first."""
    found = [
        Look(row, month, due_on(row.started_date, month))
        for row in rows
        for month in MARKS
        if due_on(row.started_date, month) <= on
        and month not in {check.month for check in row.checks.all()}
    ]
    return sorted(found, key=lambda look: (look.due, look.placement.pk))


def balance_of(staff: StaffUser, rows: list[JobPlacement]) -> tuple[Balance, ...]:
    """Divide the placements a reader may see by kind of work, beside the newest aim."""
    targets: dict[str, int] = {}
    for target in JobTarget.objects.visible_to(staff).order_by("pk"):
        targets[target.job_kind] = target.share_bps
    kinds = [kind.value for kind in JobKind]
    return balance(kinds, [row.match.vacancy.job_kind for row in rows], targets)


def checks_of(placement: JobPlacement) -> list[JobCheck]:
    """Return the looks at one placement."""
    return list(placement.checks.select_related("checked_by"))
