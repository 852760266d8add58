"""What groups do every night: see which of them stopped meeting."""

from django.utils import timezone

from handup.groups.services.life import let_rest
from handup.org.jobs import job


@job
def put_groups_to_rest() -> None:
    """Show as dormant the groups without a meeting for three of their intervals."""
    let_rest(timezone.localdate())
