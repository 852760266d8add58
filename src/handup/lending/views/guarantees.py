"""A guarantee fund: what it holds and stands for, and the calls of the bank."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.kernel.money import WHOLE_BPS
from handup.ledger.models import Book
from handup.lending import services as lending
from handup.lending.guarantee_forms import (
    CallGuaranteeForm,
    GuaranteeForm,
)
from handup.lending.models import Guarantee, GuaranteeCall, Lender, Loan
from handup.lending.nameless import hide_names, named_only, shown
from handup.lending.queries import LateLoan, loans_in_arrears
from handup.lending.rules.codes import LenderMode
from handup.lending.rules.guarantees import callable_units
from handup.lending.services import guarantee_entries
from handup.lending.services import guarantees as services
from handup.lending.services.guarantee_funds import Fund, fund_of
from handup.lending.views.steps import LoanForm
from handup.org import reads
from handup.org.models import StaffUser
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.columns import State as Shown
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import EmptyState
from handup.org.web.money import format_day, format_money, format_share
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile
from handup.org.web.refusals import message_of

MOST = 100


def call_state(row: GuaranteeCall) -> Shown:
    """Where a call stands; one of those read `with_standing`."""
    told = vars(row)
    if row.withdrawn_date is not None:
        return Shown(_("Withdrawn"), Tone.PLAIN)
    if not told["paid"]:
        return Shown(_("To be paid"), Tone.WARN)
    if told["out"]:
        return Shown(_("Paid, to come back"), Tone.INFO)
    return Shown(_("Paid and come back"), Tone.GOOD)


def _calls_of(staff: StaffUser) -> Any:
    rows = services.with_standing(GuaranteeCall.objects.visible_to(staff))
    return rows.select_related("loan__person", "loan__enterprise", "loan__group")


def guarantee_tables(staff: StaffUser, loan: Loan) -> Sequence[Table]:
    """The calls of the bank for a loan."""
    if loan.lender.mode != LenderMode.BANK_GUARANTEED:
        return ()
    rows = list(_calls_of(staff).filter(loan=loan))
    hide_names(staff, [row.loan for row in rows])
    return (_call_table(rows, loan.currency, of_loan=True),) if rows else ()


def guarantee_action(loan: Loan, days_late: int) -> tuple[Action, ...]:
    """Take down a call, where the loan is late enough for one."""
    if not days_late or loan.lender.mode != LenderMode.BANK_GUARANTEED:
        return ()
    name, code = "lending:guarantee_call_new", "lending.call_guarantee"
    return (Action(_("Take down a call of the bank"), name, code, (loan.pk,)),)


def _call_table(rows: Sequence[GuaranteeCall], currency: str, *, of_loan: bool) -> Table:
    def told(row: GuaranteeCall) -> str:
        return format_day(row.called_date) if of_loan else row.loan.code

    columns = [
        Column("call", _("Call"), Kind.LINK, value=told, url_name="lending:guarantee_call"),
        Column("borrower", _("Borrower"), value=lambda row: shown(row.loan)),
        Column("called_date", _("Called on"), Kind.DATE),
        Column("units", _("Called for"), Kind.MONEY, currency=currency),
        Column(
            "out",
            _("Paid, to come back"),
            Kind.MONEY,
            value=lambda row: vars(row)["out"],
            currency=currency,
        ),
        Column("state", _("State"), value=call_state),
    ]
    empty = EmptyState(_("No calls yet"), _("The bank has called nothing from this guarantee."))
    return Table(_("Calls of the bank"), columns, rows, empty)


class GuaranteePage(RecordPage):
    """One guarantee: what is left of the deposit, what it stands for, what may be called."""

    model = Guarantee
    permission = "lending.view_lender"
    related = ("lender__programme", "book", "lender__book")

    @cached_property
    def fund(self) -> Fund:
        """What it holds and stands for."""
        return fund_of(self.record, self.staff)

    def header(self) -> Header:
        """Whose loans it covers."""
        lender = self.record.lender
        return Header(
            _now("Guarantee for %(lender)s") % {"lender": lender.name},
            _now("signed on %(day)s") % {"day": format_day(self.record.signed_date)},
            actions=self._end(),
            crumbs=(
                Crumb(_("Lenders"), reverse("lending:lender_list")),
                Crumb(lender.name, reverse("lending:lender_detail", args=[lender.pk])),
            ),
        )

    def _end(self) -> tuple[Action, ...]:
        """Record that it is over."""
        over = self.record.expiry_date
        if over is not None and over <= timezone.localdate() and not self.given:
            return ()
        name, code = "lending:guarantee_end", "lending.give_guarantee"
        return (Action(_("End the guarantee"), name, code, (self.record.pk,)),)

    @cached_property
    def given(self) -> bool:
        """Whether the books hold it as given."""
        return guarantee_entries.is_given(self.record)

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """That it stands for more than it may, or is over and the books do not say so yet."""
        over = self.record.expiry_date
        if over is not None and over < timezone.localdate() and self.given:
            words = _now("It expired on %(day)s; record its end, so that the books say so.")
            return ((Tone.WARN, words % {"day": format_day(over)}),)
        if self.fund.left >= 0:
            return ()
        words = _now("The loans it stands for are %(units)s more than it may stand for.")
        return ((Tone.BAD, words % {"units": self._money(-self.fund.left)}),)

    def _money(self, units: int) -> str:
        return format_money(units, self.record.currency)

    def tiles(self) -> Sequence[Tile]:
        """The fund in four figures."""
        fund = self.fund
        return [
            Tile(
                _("Left of the deposit"),
                self._money(fund.money),
                of=_now("of %(units)s") % {"units": self._money(fund.deposit)},
            ),
            Tile(
                _("Stands for"),
                self._money(fund.committed),
                of=_now("of at most %(units)s") % {"units": self._money(fund.held)},
                how=_("The covered share of what is owed on each loan, less what was paid for it."),
            ),
            Tile(_("May still stand for"), self._money(max(fund.left, 0))),
            Tile(
                _("Paid to the bank"),
                self._money(fund.paid),
                of=_now("%(units)s came back") % {"units": self._money(fund.recovered)},
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Its conditions."""
        row = self.record
        leverage = format_share(row.max_leverage_x100, 100)
        return [
            FactGroup(
                _("Conditions"),
                [
                    Fact(_("Covered of each loan"), format_share(row.cover_bps, WHOLE_BPS)),
                    Fact(_("Stands for at most, of the deposit"), leverage),
                    Fact(
                        _("May be called when a loan is late"),
                        _now("more than %(days)s days") % {"days": row.call_after_days},
                    ),
                    Fact(_("Signed on"), row.signed_date),
                    Fact(_("Expires on"), row.expiry_date),
                    Fact(_("Book its payments are kept in"), row.book or row.lender.book),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The calls, and the loans that are late enough for one."""
        row = self.record
        calls = list(_calls_of(self.staff).filter(guarantee=row)[:MOST])
        ready, most = self._ready()
        hide_names(self.staff, [call.loan for call in calls])
        named = [call.loan.person_id for call in calls]
        named += [item.loan.person_id for item in ready]
        reads.note(self.request, persons=[pk for pk in named if pk is not None], action="LIST")
        return [
            _call_table(calls, row.currency, of_loan=False),
            Table(
                _("Late enough to be called"),
                (
                    Column(
                        "loan",
                        _("Loan"),
                        Kind.LINK,
                        value=lambda item: item.loan.code,
                        href=lambda item: reverse("lending:loan_detail", args=[item.loan.pk]),
                    ),
                    Column("borrower", _("Borrower"), value=lambda item: item.loan.borrower),
                    Column(
                        "days",
                        _("Days late"),
                        Kind.NUMBER,
                        value=lambda item: item.position.arrears_days,
                    ),
                    Column(
                        "owed",
                        _("Principal owed"),
                        Kind.MONEY,
                        value=lambda item: item.position.principal_units,
                        currency=row.currency,
                    ),
                    Column(
                        "most",
                        _("May be called"),
                        Kind.MONEY,
                        value=lambda item: most[item.loan.pk],
                        currency=row.currency,
                    ),
                ),
                ready,
                EmptyState(_("No loan is late enough"), _("Nothing can be called today.")),
            ),
        ]

    def _ready(self) -> tuple[list[LateLoan], dict[UUID, int]]:
        """The loans late enough that no call waits for, with what may be called of each."""
        seen = named_only(Loan.objects.visible_to(self.staff), self.staff)
        loans = seen.filter(lender=self.record.lender_id)
        late = loans_in_arrears(timezone.localdate(), loans)
        needed, cover = self.record.call_after_days, self.record.cover_bps
        found = [item for item in late if item.position.arrears_days > needed]
        called = services.waiting_loans([item.loan.pk for item in found])
        found = [item for item in found if item.loan.pk not in called]
        out = services.out_by_loan([item.loan.pk for item in found])
        most = {
            item.loan.pk: callable_units(
                item.position.principal_units, cover, out.get(item.loan.pk, 0)
            )
            for item in found
        }
        return [item for item in found if most[item.loan.pk]][:MOST], most


class GiveGuarantee(FormPage):
    """Agree to cover a share of a bank's loans."""

    subject_model = Lender
    form_class = GuaranteeForm
    permission = "lending.give_guarantee"
    title = _("Give a guarantee")
    verb = _("Give the guarantee")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Currency and books."""
        return {"currency": self.subject.currency, "books": Book.objects.visible_to(self.staff)}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"signed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Give it."""
        leverage = int(values.pop("leverage") * 100)
        return lending.give_guarantee(
            acting_staff=self.staff,
            lender=self.subject,
            id=self.new_id,
            max_leverage_x100=leverage,
            **values,
        )

    def success_url(self, result: Any) -> str:
        """The guarantee's page."""
        return reverse("lending:guarantee_detail", args=[result.pk])


class EndForm(HouseForm):
    """The day a guarantee ends with."""

    ended_date = DayField(label=_("Last day it stands"))


class EndGuarantee(FormPage):
    """A guarantee is over."""

    subject_model = Guarantee
    form_class = EndForm
    permission = "lending.give_guarantee"
    title = _("End the guarantee")
    intro = _("No new call is taken down after that day; those taken down before are paid.")
    verb = _("End it")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """The day it expires, today at the latest."""
        today = timezone.localdate()
        return {"ended_date": min(self.subject.expiry_date or today, today)}

    def subject_name(self) -> str:
        """Whose loans it covers."""
        return _now("Guarantee for %(lender)s") % {"lender": self.subject.lender.name}

    def perform(self, values: dict[str, Any]) -> Any:
        """End it."""
        return guarantee_entries.end_guarantee(
            acting_staff=self.staff, guarantee=self.subject, **values
        )

    def success_url(self, result: Any) -> str:
        """The guarantee's page."""
        return reverse("lending:guarantee_detail", args=[self.subject.pk])


class CallGuarantee(LoanForm):
    """The bank calls the guarantee for a late loan."""

    form_class = CallGuaranteeForm
    permission = "lending.call_guarantee"
    title = _("Take down a call of the bank")
    verb = _("Take down the call")
    reads_back = True
    person_path = "person_id"

    def form_options(self) -> dict[str, Any]:
        """The loan's currency."""
        return {"currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"called_date": timezone.localdate()}

    def lead(self) -> str:
        """What could be called today, or why nothing can."""
        try:
            found = services.demand(self.subject, timezone.localdate())
        except Refusal as refusal:
            return message_of(refusal)
        told = {
            "days": found.arrears_days,
            "owed": format_money(found.principal_units, self.subject.currency),
            "most": format_money(found.most_units, self.subject.currency),
        }
        return (
            _now(
                "Today the loan is %(days)s days late and owes %(owed)s of principal, of which"
                " %(most)s is covered and not yet paid."
            )
            % told
        )

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it down."""
        return services.call_guarantee(
            acting_staff=self.staff, loan=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The call's page."""
        return reverse("lending:guarantee_call", args=[result.pk])
