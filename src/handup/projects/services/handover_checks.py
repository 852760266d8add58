"""What guards the gates of a hand-over: their papers stay as they were, today's assessment is asked
of the records again, and days follow each other.
"""

from collections.abc import Mapping
from datetime import date

from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.projects import handover as lists
from handup.projects.models import Handover
from handup.projects.rules.handover import PAPERS, HandoverState, earlier


class GatePassed(Refusal):
    """A gate that was passed asked for this. Send the hand-over back to change it."""


class DayAhead(Refusal):
    """This day has not come yet."""


class BeforeLastMove(Refusal):
    """The hand-over moved last on {moved}; write that day or a later one."""


def refuse_changed_papers(held: Handover, told: Mapping[str, object]) -> None:
    """Raise GatePassed when a paper differs that a passed gate asked for; what is held empty may
    be filled in.

    told: the new values by their fields.
    """
    state = HandoverState(held.state)
    for gate in (*earlier(state), state):
        for name in PAPERS.get(gate, ()):
            value = getattr(held, name)
            if value and value != told[name]:
                raise GatePassed(field=name)


def refuted(handover: Handover, to: HandoverState, on: date) -> tuple[str, ...]:
    """The hard items up to a gate that were assessed as met and are not by the records of a day."""
    rows = handover.items.filter(hard=True, gate__in=(*earlier(to), to))
    return tuple(
        f"{item}: {one.text}"
        for item in rows
        for one in lists.told(handover.programme, item.code, on=on)
        if item.fact.met and one.enough is False
    )


def refuse_day_ahead(on: date) -> None:
    """Raise DayAhead for a day that has not come."""
    if on > timezone.localdate():
        raise DayAhead(field="on")


def refuse_day_of_move(handover: Handover, on: date) -> None:
    """Raise DayAhead, or BeforeLastMove for a day before the last gate or step back."""
    refuse_day_ahead(on)
    last = handover.moves.order_by("-moved_date").first()
    if last is not None and on < last.moved_date:
        raise BeforeLastMove(field="on", moved=last.moved_date)
