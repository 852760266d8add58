"""One call of a bank on a guarantee: paid, withdrawn, what came back, each taken back."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import WHOLE_BPS
from handup.lending.forms import ReverseForm
from handup.lending.guarantee_forms import (
    GuaranteeRecoveryForm,
    PayGuaranteeForm,
    WithdrawGuaranteeForm,
)
from handup.lending.models import GuaranteeCall, GuaranteeMove
from handup.lending.nameless import READ_NAMES, hide_names, shown
from handup.lending.rules.codes import EarlierKind
from handup.lending.rules.codes import GuaranteeMoveKind as MoveKind
from handup.lending.services import guarantees as services
from handup.lending.services.guarantee_funds import fund_of
from handup.lending.views.guarantees import call_state
from handup.lending.views.steps import EarlierMoney, EarlierPage
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.columns import State as Shown
from handup.org.web.forms import FormPage
from handup.org.web.lists import EmptyState
from handup.org.web.money import format_day, format_money, format_share
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table


class GuaranteeCallPage(RecordPage):
    """One call: what was asked, paid and came back."""

    model = GuaranteeCall
    permission = "lending.view_guarantee"
    related = (
        *("guarantee__lender", "loan__person", "loan__enterprise", "loan__group"),
        *("recorded_by", "withdrawn_by"),
    )
    person_path = "loan__person_id"

    @cached_property
    def standing(self) -> GuaranteeCall:
        """The call with where it stands."""
        rows = GuaranteeCall.objects.filter(pk=self.record.pk)
        found: GuaranteeCall = services.with_standing(rows).get()
        return found

    def header(self) -> Header:
        """The loan, and the next step."""
        row, pk = self.record, (self.record.pk,)
        primary: Action | None = None
        actions: tuple[Action, ...] = ()
        stands = vars(self.standing)
        if row.withdrawn_date is None and not stands["paid"]:
            primary = Action(
                _("Pay the bank"), "lending:guarantee_pay", "lending.pay_guarantee", pk
            )
            let_go = _("Withdraw the call")
            code = "lending.call_guarantee"
            actions = (Action(let_go, "lending:guarantee_withdraw", code, pk),)
        elif stands["out"]:
            code = "lending.record_guarantee_recovery"
            primary = Action(_("Record what came back"), "lending:guarantee_recovery", code, pk)
        return Header(
            _now("Call for %(loan)s") % {"loan": row.loan.code},
            format_money(row.units, row.loan.currency),
            state=call_state(self.standing),
            primary=primary,
            actions=actions,
            crumbs=(
                Crumb(
                    _now("Guarantee for %(lender)s") % {"lender": row.guarantee.lender.name},
                    reverse("lending:guarantee_detail", args=[row.guarantee_id]),
                ),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What was owed and asked."""
        row = self.record
        hide_names(self.staff, [row.loan])
        loan_href = reverse("lending:loan_detail", args=[row.loan_id])
        return [
            FactGroup(
                _("Call"),
                [
                    Fact(_("Loan"), row.loan.code, loan_href),
                    Fact(_("Borrower"), shown(row.loan)),
                    Fact(_("Called on"), row.called_date),
                    Fact(_("Days late then"), row.arrears_days),
                    Fact(
                        _("Principal owed then"), format_money(row.principal_units, self._currency)
                    ),
                    Fact(_("Covered of each loan"), format_share(row.cover_bps, WHOLE_BPS)),
                    Fact(_("Called for"), format_money(row.units, self._currency)),
                    Fact(_("Number of its letter"), row.reference),
                    Fact(_("Recorded by"), row.recorded_by),
                    *self._withdrawn(),
                ],
            )
        ]

    def _withdrawn(self) -> Sequence[Fact]:
        row = self.record
        if row.withdrawn_date is None:
            return ()
        named = may(self.staff, READ_NAMES, row.loan)
        return (
            Fact(_("Withdrawn on"), row.withdrawn_date),
            Fact(_("Withdrawn by"), row.withdrawn_by),
            Fact(_("Reason"), row.withdrawn_reason if named else ""),
        )

    @property
    def _currency(self) -> str:
        return str(self.record.loan.currency)

    def tables(self) -> Sequence[Table]:
        """What was paid and what came back."""
        moves = self.record.moves.select_related("recorded_by")
        columns = (
            Column("value_date", _("On"), Kind.LINK, value=_day, url_name="lending:guarantee_move"),
            Column("kind", _("What"), value=lambda move: move.get_kind_display()),
            Column(
                "units",
                _("Amount"),
                Kind.MONEY,
                value=lambda move: abs(move.units),
                currency=self._currency,
            ),
            Column("recovered_units", _("Recovered"), Kind.MONEY, currency=self._currency),
            Column("reference", _("Reference")),
            Column("recorded_by", _("Recorded by")),
        )
        empty = EmptyState(_("Nothing paid yet"), _("The call waits for another person to pay it."))
        return [Table(_("Money of this call"), columns, moves, empty)]


def _day(move: GuaranteeMove) -> str:
    return format_day(move.value_date)


class CallStep(FormPage):
    """A step on one call; afterwards its page."""

    subject_model = GuaranteeCall
    person_path = "loan__person_id"

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"value_date": timezone.localdate(), "withdrawn_date": timezone.localdate()}

    def subject_name(self) -> str:
        """The loan it is for."""
        return _now("Call for %(loan)s") % {"loan": self.subject.loan.code}

    def success_url(self, result: Any) -> str:
        """The call's page."""
        return reverse("lending:guarantee_call", args=[self.subject.pk])


class CallMoney(EarlierMoney, CallStep):
    """Money of one call; of a day too long ago, it waits for another person."""

    def place(self) -> dict[str, Any]:
        """The call."""
        return {"call": self.subject}


class PayGuaranteeCall(CallMoney):
    """The fund pays the bank."""

    form_class = PayGuaranteeForm
    permission = "lending.pay_guarantee"
    title = _("Pay the bank from the guarantee")
    verb = _("Record the payment")
    reads_back = True
    earlier = EarlierKind.GUARANTEE_PAID
    record = staticmethod(services.pay_guarantee_call)

    def lead(self) -> str:
        """How much, and what is left."""
        fund = fund_of(self.subject.guarantee, self.staff)
        currency = self.subject.loan.currency
        told = {
            "units": format_money(self.subject.units, currency),
            "left": format_money(fund.money, currency),
        }
        return _now("The bank is paid %(units)s; %(left)s is left of the deposit.") % told


class RecordGuaranteeRecovery(CallMoney):
    """The bank recovered something: our share comes back."""

    form_class = GuaranteeRecoveryForm
    permission = "lending.record_guarantee_recovery"
    title = _("Record what came back from the bank")
    verb = _("Record what came back")
    reads_back = True
    earlier = EarlierKind.GUARANTEE_RECOVERED
    record = staticmethod(services.record_guarantee_recovery)

    def form_options(self) -> dict[str, Any]:
        """The loan's currency."""
        return {**super().form_options(), "currency": self.subject.loan.currency}

    def lead(self) -> str:
        """What share comes back, and of how much at most."""
        told = {
            "share": format_share(self.subject.cover_bps, WHOLE_BPS),
            "left": format_money(services.out_units(self.subject), self.subject.loan.currency),
        }
        return (
            _now("%(share)s of what the bank recovers comes back to the fund, at most %(left)s.")
            % told
        )


class WithdrawGuaranteeCall(CallStep):
    """A call is let go."""

    form_class = WithdrawGuaranteeForm
    permission = "lending.call_guarantee"
    title = _("Withdraw the call")
    verb = _("Withdraw the call")

    def perform(self, values: dict[str, Any]) -> Any:
        """Let it go."""
        return services.withdraw_guarantee_call(
            acting_staff=self.staff, call=self.subject, **values
        )


class GuaranteeMovePage(RecordPage):
    """One payment or recovery, and the way to take it back."""

    model = GuaranteeMove
    permission = "lending.view_guarantee"
    related = ("call__loan__person", "call__guarantee__lender", "recorded_by", "reverses")
    person_path = "call__loan__person_id"

    def header(self) -> Header:
        """What it was, and its reversal."""
        row = self.record
        back = Action(
            _("Take back"), "lending:guarantee_reverse", "lending.reverse_guarantee", (row.pk,)
        )
        stands = row.kind != MoveKind.REVERSED and not hasattr(row, "reversed_by")
        taken = None if stands else Shown(_("Taken back"), Tone.PLAIN)
        call = _now("Call for %(loan)s") % {"loan": row.call.loan.code}
        return Header(
            format_money(abs(row.units), row.call.loan.currency),
            row.get_kind_display(),
            state=None if row.kind == MoveKind.REVERSED else taken,
            actions=(back,) if stands else (),
            crumbs=(Crumb(call, reverse("lending:guarantee_call", args=[row.call_id])),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """When, how, by whom."""
        row = self.record
        return [
            FactGroup(
                _("Money of this call"),
                [
                    Fact(_("On"), row.value_date),
                    Fact(_("What"), row.get_kind_display()),
                    Fact(_("The bank recovered"), self._recovered()),
                    Fact(_("How"), row.get_method_display()),
                    Fact(_("Reference"), row.reference),
                    Fact(_("Reason"), row.reason),
                    Fact(_("Recorded by"), row.recorded_by),
                ],
            )
        ]

    def _recovered(self) -> str:
        units = self.record.recovered_units
        return "" if units is None else format_money(units, self.record.call.loan.currency)


class ReverseGuaranteeMove(EarlierPage):
    """Take a payment or a recovery back."""

    subject_model = GuaranteeMove
    form_class = ReverseForm
    earlier = EarlierKind.GUARANTEE_REVERSED
    permission = "lending.reverse_guarantee"
    title = _("Take back")
    verb = _("Take back")
    person_path = "call__loan__person_id"

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"value_date": timezone.localdate()}

    def subject_name(self) -> str:
        """What is taken back."""
        amount = format_money(abs(self.subject.units), self.subject.call.loan.currency)
        return f"{self.subject.get_kind_display()} {amount}"

    def place(self) -> dict[str, Any]:
        """The call."""
        return {"call": self.subject.call}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back, or propose it with the reason why only now."""
        late = values.pop("late_reason", "")
        if late:
            told = {"move": self.subject, "reason": values["reason"]}
            return self.propose(late, values["value_date"], told)
        return services.reverse_guarantee_move(
            acting_staff=self.staff, move=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The call's page."""
        return reverse("lending:guarantee_call", args=[self.subject.call_id])
