"""What plans do every night: work out anew what is usual in each trade and area, and let plans
expire whose prices are half a year old.
"""

from django.utils import timezone

from handup.org.jobs import job
from handup.plans.services.benchmarks import renew_where_visited
from handup.plans.services.plans import let_plans_expire


@job
def renew_benchmarks_at_night() -> None:
    """Work out what is usual in every programme from the visits of the last two years."""
    renew_where_visited(timezone.localdate())


@job
def let_plans_expire_at_night() -> None:
    """Say of plans that were ready for six months that their prices must be confirmed."""
    let_plans_expire(timezone.localdate())
