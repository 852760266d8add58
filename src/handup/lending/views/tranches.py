"""The parts of a loan: on its page and its agreement, the next one paid out, a condition met."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.forms import DisburseForm
from handup.lending.models import Loan, LoanTranche
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.services.tranches import Standing, next_tranche, standing_of
from handup.lending.views.steps import DatedForm
from handup.org.web.columns import Column, Kind
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Action, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import State, Table


def _state(item: Standing) -> State:
    if item.event is not None:
        return State(_("Paid out"), Tone.GOOD)
    if item.tranche.is_open:
        return State(_("Waits for its condition"), Tone.WARN)
    return State(_("To be paid out"), Tone.PLAIN)


def _meet(item: Standing) -> str:
    """Where an open condition is checked off; nothing where none is open."""
    if item.event is None and item.tranche.is_open:
        return reverse("lending:tranche_meet", args=[item.tranche.pk])
    return ""


def tranche_table(loan: Loan, *, named: bool) -> list[Table]:
    """The parts of a loan that is paid out in parts, as they stand. named: whether the reader may
    know who borrows, and so read what was written in free words.
    """
    found = standing_of(loan) if loan.tranches.exists() else []
    if not found:
        return []
    condition = Column("tranche.condition", _("What has to be there first"))
    columns = (
        Column("tranche.number", _("Part"), Kind.NUMBER),
        Column("tranche.planned_date", _("Planned for"), Kind.DATE),
        Column("tranche.units", _("Amount"), Kind.MONEY, currency=loan.currency),
        *((condition,) if named else ()),
        Column("tranche.met_date", _("Seen on"), Kind.DATE),
        Column("event.value_date", _("Paid out"), Kind.DATE, value=_paid_on),
        Column("state", _("State"), Kind.STATE, value=_state, href=_meet),
    )
    return [Table(_("Paid out in parts"), columns, found)]


def _paid_on(item: Standing) -> Any:
    return item.event.value_date if item.event is not None else None


def planned_table(loan: Loan) -> list[Table]:
    """The parts as they are printed on the agreement."""
    rows = list(loan.tranches.order_by("number"))
    if not rows:
        return []
    columns = (
        Column("number", _("Part"), Kind.NUMBER),
        Column("planned_date", _("Planned for"), Kind.DATE),
        Column("units", _("Amount"), Kind.MONEY, currency=loan.currency),
        Column("condition", _("What has to be there first")),
    )
    return [Table(_("Paid out in parts"), columns, rows)]


def tranche_actions(loan: Loan) -> Sequence[Action]:
    """The way to pay the next part, where one is left."""
    if loan.state != LoanState.ACTIVE or loan.approved_units <= loan.disbursed_units:
        return ()
    if next_tranche(loan) is None:
        return ()
    return (
        Action(
            _("Pay out the next part"),
            "lending:pay_out_tranche",
            "lending.disburse_loan",
            (loan.pk,),
        ),
    )


class PayOutTranche(DatedForm):
    """The next part of a loan is handed over."""

    form_class = DisburseForm
    permission = "lending.disburse_loan"
    title = _("Pay out the next part")
    verb = _("Pay out")
    reads_back = True
    kind = EventKind.DISBURSED
    record = staticmethod(services.pay_out_tranche)

    def lead(self) -> str:
        """How much, and what it waits for."""
        part = next_tranche(self.subject)
        if part is None:
            return ""
        text = _now("Part %(number)s: %(amount)s, planned for %(day)s.") % {
            "number": part.number,
            "amount": format_money(part.units, self.subject.currency),
            "day": part.planned_date.isoformat(),
        }
        return f"{text} {part.condition}".strip()

    def recorded_message(self) -> str:
        """Said when it is stored."""
        return _now("The part is paid out; the schedule is worked out anew.")


class MeetForm(HouseForm):
    """When it was seen, on which paper."""

    met_date = DayField(label=_("Seen on"))
    document = forms.CharField(label=_("Paper"), max_length=120, required=False)


class MeetTranche(FormPage):
    """What a part waits for is there."""

    form_class = MeetForm
    permission = "lending.meet_tranche"
    subject_model = LoanTranche
    title = _("What this part waits for is there")
    verb = _("Check it off")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"met_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Check it off."""
        return services.meet_tranche(acting_staff=self.staff, tranche=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The loan's page."""
        return reverse("lending:loan_detail", args=[self.subject.loan_id])
