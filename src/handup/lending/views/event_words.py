"""What an event of a loan says beyond its kind and amount, in a few words."""

from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext as _now

from handup.lending.models import LoanEvent
from handup.lending.models.labels import COMPONENTS, PAYERS
from handup.lending.models.termlabels import ADVANCES, EARLY_EFFECTS
from handup.lending.rules.codes import EventKind
from handup.org.web.money import format_day

Words = Callable[[LoanEvent], str]


def _component(event: LoanEvent) -> str:
    return str(dict(COMPONENTS).get(event.payload.get("component", ""), ""))


def _charged(event: LoanEvent) -> str:
    due = event.payload.get("due_date")
    part = _component(event)
    if not due:
        return part
    return _now("%(part)s, to be paid by %(day)s") % {
        "part": part,
        "day": format_day(date.fromisoformat(due)),
    }


def _early(event: LoanEvent) -> str:
    effect = event.payload.get("effect")
    return str(dict(EARLY_EFFECTS).get(effect, "")) if effect else ""


def _received(event: LoanEvent) -> str:
    """Who brought it, and where what was more than due went, as far as it was said."""
    payer, ahead = event.payload.get("payer"), event.payload.get("advance_to")
    told = []
    if payer:
        told.append(_now("brought by %(who)s") % {"who": dict(PAYERS).get(payer, "")})
    if ahead:
        told.append(_now("more than due to: %(rows)s") % {"rows": dict(ADVANCES).get(ahead, "")})
    return "; ".join(told)


WORDS: dict[EventKind, Words] = {
    EventKind.CHARGED: _charged,
    EventKind.WAIVED: _component,
    EventKind.EARLY_REPAID: _early,
    EventKind.REPAID: _received,
}
"""By kind; a page of other kinds adds its own."""


def words_of(event: LoanEvent) -> str:
    """Which part, until when, with what effect; empty where the kind says it all."""
    says = WORDS.get(EventKind(event.kind))
    return says(event) if says is not None else ""
