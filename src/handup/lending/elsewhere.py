"""Entries of a book that was taken over whose event stayed in the house it came from: of loans
repaid long ago by borrowers who were not handed over.
"""

from uuid import UUID

from handup.ledger.models import Entry
from handup.lending.models import LoanEvent
from handup.org import installation
from handup.org.models import Setting

STAYED_ELSEWHERE = "events_stayed_elsewhere"


def stayed_elsewhere() -> frozenset[UUID]:
    """The ids of the events that stayed."""
    held = Setting.objects.filter(key=STAYED_ELSEWHERE).first()
    return frozenset() if held is None else frozenset(UUID(one) for one in held.value)


def note_what_stayed() -> None:
    """Remember, in the new house, which entries came without the event they were posted for."""
    posted = Entry._base_manager.filter(source_domain="lending", source_purpose="").order_by()
    sources = set(posted.values_list("source_id", flat=True))
    sources -= set(LoanEvent._base_manager.order_by().values_list("pk", flat=True))
    if sources:
        installation.put(STAYED_ELSEWHERE, sorted(str(one) for one in sources))
