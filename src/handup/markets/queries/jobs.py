"""Who is still in her job, which jobs are to be looked at, and how jobs divide by kind."""

from dataclasses import dataclass
from datetime import date

from handup.markets.models import JobCheck, JobMatch, JobPlacement, JobTarget, Vacancy
from handup.markets.models.labels import JobKind, MatchState
from handup.markets.rules.jobs import MARKS, Balance, Placed, Stayed, balance, due_on, stayed
from handup.org.models import StaffUser
from handup.projects.models import Programme


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
        "match__vacancy__programme", "match__vacancy__employer", "person"
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


def balances_of(
    staff: StaffUser, rows: list[JobPlacement]
) -> list[tuple[Programme | None, tuple[Balance, ...]]]:
    """Divide the placements a reader may see by kind of work, each programme by itself beside its
    own newest aim; without a programme where there is neither a job nor an aim.
    """
    kinds = [kind.value for kind in JobKind]
    programmes: dict[Programme, tuple[list[str], dict[str, int]]] = {}
    for row in rows:
        vacancy = row.match.vacancy
        programmes.setdefault(vacancy.programme, ([], {}))[0].append(vacancy.job_kind)
    aims = JobTarget.objects.visible_to(staff).select_related("programme").order_by("pk")
    for target in aims:
        told = programmes.setdefault(target.programme, ([], {}))
        told[1][target.job_kind] = target.share_bps
    if not programmes:
        return [(None, balance(kinds, [], {}))]
    ordered = sorted(programmes.items(), key=lambda item: item[0].code)
    return [(programme, balance(kinds, *told)) for programme, told in ordered]


def checks_of(placement: JobPlacement) -> list[JobCheck]:
    """Return the looks at one placement."""
    return list(placement.checks.select_related("checked_by"))
