"""What plans do every night: work out anew what is usual in each trade and area."""

from django.utils import timezone

from handup.org.jobs import job
from handup.plans.services.benchmarks import renew_where_visited


@job
def renew_benchmarks_at_night() -> None:
    """Work out what is usual in every programme from the visits of the last two years."""
    renew_where_visited(timezone.localdate())
