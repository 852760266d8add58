"""What may still change the figures of a day before they are checked (results.md 5): interviews
that are held, phones that have not sent since, price indexes that are missing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import ngettext

from handup.org.models import Device, Grant
from handup.org.scope import leave_out
from handup.projects.models import Programme
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.price_gaps import PriceGap, price_gaps
from handup.results.report import codes_of
from handup.surveys.models import Submission
from handup.surveys.rules.codes import SubmissionState

UNDECIDED = (
    SubmissionState.RECEIVED.value,
    SubmissionState.HELD.value,
    SubmissionState.CONFLICT.value,
)
IN_USE = ("ENROLLED", "ACTIVE")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many interviews held by a day are not decided, how many phones of who works in the
    programme have not sent since, and which months lack a price index.
    """

    interviews: int
    phones: int
    prices: tuple[PriceGap, ...] = ()

    def words(self) -> list[str]:
        """What is to be told of it, a sentence each."""
        found = []
        if self.interviews:
            found.append(
                ngettext(
                    "%(count)s interview of this time is not accepted yet; it does not count.",
                    "%(count)s interviews of this time are not accepted yet; they do not count.",
                    self.interviews,
                )
                % {"count": self.interviews}
            )
        if self.phones:
            found.append(
                ngettext(
                    "%(count)s phone has not sent since this day; it may hold work of this time.",
                    "%(count)s phones have not sent since this day; they may hold work of this"
                    " time.",
                    self.phones,
                )
                % {"count": self.phones}
            )
        return [*found, *(gap.words for gap in self.prices)]


def waiting(programme: Programme, day: date, without: Collection[UUID] = ()) -> Waiting:
    """What waits of a programme up to the end of a day; `without` persons, who are told to nobody
    here.
    """
    rows = Submission._base_manager.filter(
        round__programme=programme, state__in=UNDECIDED, answered_date__lte=day
    )
    chosen = [definition(code) for code in codes_of(programme)]
    gaps = price_gaps(Facts(programme, day, without), chosen)
    return Waiting(leave_out(rows, without).count(), _silent(programme, day), tuple(gaps))


def _silent(programme: Programme, day: date) -> int:
    """Phones in use that were enrolled by the day and have not been heard of since, of those whose
    grants reach the programme or are bound to none.
    """
    after = datetime.combine(day + timedelta(days=1), time(), timezone.get_current_timezone())
    today = timezone.localdate()
    works_here = Grant.objects.filter(starts__lte=today, ends__gte=day).filter(
        Q(programme_id=programme.pk) | Q(programme_id=None)
    )
    rows = Device.objects.filter(state__in=IN_USE, recorded_at__lt=after)
    rows = rows.filter(Q(last_seen_at=None) | Q(last_seen_at__lt=after))
    return rows.filter(staff__in=works_here.values("staff")).count()
