"""What surveys do at night: look over the answers of rounds that are not locked."""

from handup.org.jobs import job
from handup.surveys.services.back_checks import review_open_rounds
from handup.surveys.services.quality import look_over_open_rounds


@job
def look_over_answers() -> None:
    """Flag what shows only beside the other answers of a round, and hold what came in since of
    whose answers differ when asked again.
    """
    look_over_open_rounds()
    review_open_rounds()
