"""What an event of a loan says beyond its kind and amount, in a few words."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from django.utils.translation import gettext as _now

from handup.lending.models import LoanEvent
from handup.lending.models.labels import COMPONENTS, PAYERS
from handup.lending.models.termlabels import ADVANCES, EARLY_EFFECTS
from handup.lending.rules.codes import EventKind
from handup.org.models import StaffUser
from handup.org.web.money import format_day
from handup.projects.models import Organisation

Names = Mapping[str, str]
Words = Callable[[LoanEvent, Names], str]


def _component(event: LoanEvent, _names: Names) -> str:
    return str(dict(COMPONENTS).get(event.payload.get("component", ""), ""))


def _charged(event: LoanEvent, names: Names) -> str:
    due = event.payload.get("due_date")
    part = _component(event, names)
    if not due:
        return part
    return _now("%(part)s, to be paid by %(day)s") % {
        "part": part,
        "day": format_day(date.fromisoformat(due)),
    }


def _early(event: LoanEvent, _names: Names) -> str:
    effect = event.payload.get("effect")
    return str(dict(EARLY_EFFECTS).get(effect, "")) if effect else ""


def _received(event: LoanEvent, _names: Names) -> str:
    """Who brought it, and where what was more than due went, as far as it was said."""
    payer, ahead = event.payload.get("payer"), event.payload.get("advance_to")
    told = []
    if payer:
        told.append(_now("brought by %(who)s") % {"who": dict(PAYERS).get(payer, "")})
    if ahead:
        told.append(_now("more than due to: %(rows)s") % {"rows": dict(ADVANCES).get(ahead, "")})
    return "; ".join(told)


def _insured(event: LoanEvent, names: Names) -> str:
    return _now("%(insurer)s, received on %(day)s") % {
        "insurer": names.get(event.payload.get("insurer", ""), ""),
        "day": format_day(event.received_date),
    }


WORDS: dict[EventKind, Words] = {
    EventKind.CHARGED: _charged,
    EventKind.WAIVED: _component,
    EventKind.EARLY_REPAID: _early,
    EventKind.REPAID: _received,
    EventKind.INSURANCE_PAID: _insured,
}


def names_in(events: Iterable[LoanEvent], staff: StaffUser) -> Names:
    """The names of the organisations that events tell of, as far as she may see them: one question
    for all, none where no event tells of one.
    """
    ids = {event.payload["insurer"] for event in events if "insurer" in event.payload}
    if not ids:
        return {}
    rows = Organisation.objects.visible_to(staff).filter(pk__in=ids)
    return {str(row.pk): str(row) for row in rows}


def words_of(event: LoanEvent, names: Names) -> str:
    """Which part, until when, with what effect; empty where the kind says it all."""
    says = WORDS.get(EventKind(event.kind))
    return says(event, names) if says is not None else ""
