"""What is wrong with this installation, in plain words, worst first: disk, copies, jobs, clock,
keys, phones, proofs. Each says what to do.

    condition.register(look_at_lines)      # a domain adds a look of its own, in its apps.py
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from handup.kernel.errors import Refusal
from handup.org import copies, following, jobs, telling
from handup.org.meters import Gauge
from handup.org.models import Device, DeviceState, ProofOutcome, ProofRun, ReadEntry, Setting
from handup.org.nightly import KEY as NIGHT
from handup.org.nightly import night_of
from handup.org.services.sealed_keys import what_is_missing

GB = 1_000_000_000
LITTLE_PERCENT, TOO_LITTLE_PERCENT = 15, 5
LITTLE, TOO_LITTLE = 5 * GB, GB
COPY_LATE, COPY_MISSING = timedelta(hours=36), timedelta(days=4)
QUEUE_LATE = timedelta(hours=1)
CLOCK_OFF = timedelta(minutes=2)
SILENT = timedelta(days=7)
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""No release was made before: a clock that says so is wrong."""


class Weight(IntEnum):
    """How bad it is."""

    STOPS = 1
    SOON = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: its code, what it is, what to do, the page where."""

    code: str
    weight: Weight
    what: str
    do: str
    url_name: str = ""


Look = Callable[[datetime], Iterable[Finding]]


def size(count: int) -> str:
    """Bytes in words: 12.3 GB, 640 MB."""
    return f"{count / GB:.1f} GB" if count >= GB else f"{count // 1_000_000} MB"


def disk(now: datetime) -> Iterator[Finding]:
    """How much room is left where the data lie, and where the copies lie."""
    places = {Path(settings.DATA_DIR), Path(settings.KEYS_FILE).parent, Path(settings.HEADS_DIR)}
    if settings.COPY_DIR is not None:
        places.add(settings.COPY_DIR)
    seen: set[tuple[int, int]] = set()
    for place in sorted(one for one in places if one.exists()):
        total, _used, free = shutil.disk_usage(place)
        if (total, free) in seen:
            continue
        seen.add((total, free))
        percent = free * 100 // total
        little = free < LITTLE and percent < LITTLE_PERCENT
        if not little:
            continue
        stops = free < TOO_LITTLE or percent < TOO_LITTLE_PERCENT
        yield Finding(
            "DISK",
            Weight.STOPS if stops else Weight.SOON,
            _now("Only %(free)s are free on the disk of %(place)s.")
            % {"free": size(free), "place": place},
            _now("Make room: carry old copies away, or get a larger disk. When it is full, nothing"
                 " can be recorded."),
        )  # fmt: skip


def backup(now: datetime) -> Iterator[Finding]:
    """How old the newest whole copy is."""
    whole = copies.moments()
    do = _now("Run `handup backup`, and look why the nightly copy is not made.")
    if not whole:
        yield Finding("BACKUP", Weight.STOPS, _now("There is no copy of the data."), do)
        return
    age = now - whole[-1]
    if age >= COPY_LATE:
        yield Finding(
            "BACKUP",
            Weight.STOPS if age >= COPY_MISSING else Weight.SOON,
            _now("The last copy of the data is %(hours)s hours old.")
            % {"hours": int(age.total_seconds() // 3600)},
            do,
        )


def followed(now: datetime) -> Iterator[Finding]:
    """Whether what changes in the embedded database still comes to the other place: a whole state
    is due there every day, whatever changed.
    """
    if settings.COPY_DIR is None or connection.vendor != "sqlite":
        return
    do = f"handup follow \u2192 {settings.COPY_DIR}"
    held = following.pieces(Path(settings.COPY_DIR))
    if not held:
        yield Finding("FOLLOW", Weight.STOPS, _now("There is no copy of the data."), do)
        return
    age = now - held[-1][0]
    if age >= following.WHOLE_EVERY + QUEUE_LATE:
        yield Finding(
            "FOLLOW",
            Weight.STOPS if age >= COPY_MISSING else Weight.SOON,
            _now("The last copy of the data is %(hours)s hours old.")
            % {"hours": int(age.total_seconds() // 3600)},
            do,
        )


def archive(now: datetime) -> Iterator[Finding]:
    """Whether PostgreSQL can keep the pieces of its log."""
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('archive_mode'), last_failed_time, last_archived_time"
            " FROM pg_stat_archiver"
        )
        mode, failed, kept = cursor.fetchone()
    if mode != "off" and failed is not None and (kept is None or failed > kept):
        yield Finding(
            "ARCHIVE",
            Weight.STOPS,
            _now("The database cannot keep its log: it could not be brought back to a moment."),
            _now(
                "Look into the log of PostgreSQL (archive_command), and whether its disk is full."
            ),
        )


def work(now: datetime) -> Iterator[Finding]:
    """Jobs that failed for good, and a queue nobody works on."""
    if gone := len(jobs.dead()):
        yield Finding(
            "JOBS_DEAD",
            Weight.STOPS,
            _now("%(count)s tasks in the background failed for good.") % {"count": gone},
            _now("Open the list: begin each again once its cause is mended, or take it away."),
            "org:job_list",
        )
    waiting = DBTaskResult.objects.ready().filter(enqueued_at__lt=now - QUEUE_LATE)
    at_work = DBTaskResult.objects.running().filter(started_at__gte=now - jobs.LONGEST)
    if waiting.exists() and not at_work.exists():
        yield Finding(
            "JOBS_WAIT",
            Weight.STOPS,
            _now("Tasks in the background have waited for more than an hour."),
            _now("Nobody works on them: start the service again (handup-worker, or handup)."),
            "org:job_list",
        )
    night = Setting.objects.filter(key=NIGHT).values_list("value", flat=True).first()
    if night is not None and night < (night_of(now) - timedelta(days=1)).isoformat():
        yield Finding(
            "NIGHT",
            Weight.SOON,
            _now("The work of the night was last done on %(day)s.") % {"day": night},
            _now("Leave the computer on at night, or look whether the service runs."),
        )


def clock(now: datetime) -> Iterator[Finding]:
    """Whether the clock can be right: after the release, not before what was recorded already, and
    that of the database's machine too.
    """
    last = ReadEntry.objects.order_by("-number").values_list("at", flat=True).first()
    wrong = now < BUILT or (last is not None and last > now + CLOCK_OFF)
    there = clock_of_database()
    if wrong or (there is not None and abs(there - now) > CLOCK_OFF):
        yield Finding(
            "CLOCK",
            Weight.STOPS,
            _now("The clock of this computer is wrong, or was."),
            _now("Set it, and let it be set from the network. What was recorded keeps its order."),
        )


def clock_of_database() -> datetime | None:
    """What time it is where the database runs; None where it runs in this program."""
    if connection.vendor != "postgresql":
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    return there


KEYS = {
    "NONE": _(
        "There is no sealed copy of the keys: if this disk breaks, no secret can be read again."
    ),
    "STALE": _("The sealed copy of the keys holds older keys."),
    "UNPROVED": _("Nobody has opened the sealed copy of the keys yet."),
}


def sealed_keys(now: datetime) -> Iterator[Finding]:
    """Whether the keys can be read, and come back if they are lost."""
    try:
        missing = what_is_missing()
    except (Refusal, OSError) as fault:
        do = _now("Bring the file of keys back from its sealed copy.")
        text = str(fault) if isinstance(fault, Refusal) else _now("The keys cannot be read.")
        yield Finding("KEYS", Weight.STOPS, text, do, "org:sealed_keys_list")
        return
    if missing:
        weight = Weight.STOPS if missing == "NONE" else Weight.SOON
        do = _now("Open sealed copies of the keys.")
        yield Finding("KEYS", weight, str(KEYS[missing]), do, "org:sealed_keys_list")


def phones(now: datetime) -> Iterator[Finding]:
    """Phones that sent nothing for a week: what is on them is nowhere else."""
    silent = Device.objects.filter(
        state=DeviceState.ACTIVE, ended_at=None, last_seen_at__lt=now - SILENT
    ).count()
    if silent:
        yield Finding(
            "PHONES",
            Weight.SOON,
            _now("%(count)s phones have sent nothing for a week.") % {"count": silent},
            _now("Ask who holds them: what was written on them may be nowhere else."),
            "org:device_list",
        )


def proofs(now: datetime) -> Iterator[Finding]:
    """Whether the last proof of everything held."""
    last = ProofRun.objects.order_by("-pk").first()
    if last is None or last.outcome == ProofOutcome.HOLDS:
        return
    differs = last.outcome == ProofOutcome.DIFFERS
    yield Finding(
        "PROOFS",
        Weight.STOPS if differs else Weight.SOON,
        _now("What is stored differs from what it is worked out from.")
        if differs
        else _now("The proofs of the night could not be run."),
        _now("Open the proofs, and tell whoever keeps the program what stands there."),
        "org:proof_list",
    )


def webhooks(now: datetime) -> Iterator[Finding]:
    """Whether something could not be told to another program."""
    if count := telling.dead():
        yield Finding(
            "WEBHOOKS",
            Weight.SOON,
            _now("%(count)s events could not be told to another program.") % {"count": count},
            _now("Open the webhook: look why, then send them again or end it."),
            "org:webhook_list",
        )


def name_of(look: Look) -> str:
    """What a look is called in the code."""
    return str(getattr(look, "__name__", "look"))


looks: list[Look] = [
    *(disk, backup, followed, archive, work, clock, sealed_keys, phones, proofs),
    webhooks,
]


def register(*added: Look) -> None:
    """Add looks; one that is there already stays once."""
    looks.extend(one for one in added if one not in looks)


def findings(now: datetime) -> list[Finding]:
    """Everything that is wrong, worst first. A look that fails is itself something wrong."""
    found: list[Finding] = []
    for look in looks:
        try:
            found += look(now)
        except (DatabaseError, OSError):
            found.append(
                Finding(
                    f"NOT_LOOKED_{name_of(look).upper()}",
                    Weight.STOPS,
                    _now("One thing could not be looked at: %(what)s.") % {"what": name_of(look)},
                    _now("Look into the log of the program."),
                )
            )
    return sorted(found, key=lambda one: one.weight)


def _one(value: float | None) -> list[tuple[tuple[tuple[str, str], ...], float]]:
    return [] if value is None else [((), value)]


def _copy_age() -> float | None:
    whole = copies.moments()
    return (timezone.now() - whole[-1]).total_seconds() if whole else None


def _jobs() -> list[tuple[tuple[tuple[str, str], ...], float]]:
    waiting, running = DBTaskResult.objects.ready().count(), DBTaskResult.objects.running().count()
    told = (("waiting", waiting), ("running", running), ("dead", len(jobs.dead())))
    return [((("state", name),), count) for name, count in told]


GAUGES = (
    Gauge(
        "handup_free_bytes",
        "Room left where the data lie.",
        lambda: _one(shutil.disk_usage(Path(settings.DATA_DIR)).free),
    ),
    Gauge("handup_copy_age_seconds", "Age of the newest whole copy.", lambda: _one(_copy_age())),
    Gauge("handup_jobs", "Tasks in the background.", _jobs),
    Gauge(
        "handup_findings",
        "What the page What is wrong tells.",
        lambda: _one(len(findings(timezone.now()))),
    ),
)
"""What a program that watches asks for; each is a number of the machine, none of anybody."""
