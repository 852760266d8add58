"""The loans a loan goes on from or as: what paid it off, what it paid off, where it moved."""

from collections.abc import Mapping
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Loan
from handup.lending.rules.codes import EventKind
from handup.org.models import StaffUser
from handup.org.web.pages import Fact

_NAMED: Mapping[EventKind, tuple[str, str | Promise]] = {
    EventKind.DISBURSED: ("refinances", _("Paid off the loan")),
    EventKind.REFINANCED: ("into", _("Paid off by the loan")),
    EventKind.OPENING_POSITION: ("from", _("Goes on from")),
    EventKind.TRANSFERRED: ("into", _("Goes on as")),
}
"""Which place of an event's payload names the other loan, and what it is to this one."""


def kin_facts(staff: StaffUser, loan: Loan) -> list[Fact]:
    """The other loans, those she may see; what was reversed names none."""
    named: dict[UUID, str | Promise] = {}
    for event in loan.events.filter(kind__in=_NAMED, reversed_by=None):
        place, label = _NAMED[EventKind(event.kind)]
        if place in event.payload:
            named[UUID(event.payload[place])] = label
    if not named:
        return []
    rows = Loan.objects.visible_to(staff).filter(pk__in=named).order_by("code")
    return [
        Fact(named[row.pk], row.code, reverse("lending:loan_detail", args=[row.pk])) for row in rows
    ]
