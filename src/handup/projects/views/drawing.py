"""Pages of money asked of a funder and of the procurement plan."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tick,
    Tone,
)
from handup.org.web.money import format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.projects import services
from handup.projects.forms import one_of
from handup.projects.models import (
    FundingAgreement,
    Organisation,
    Programme,
    Purchase,
    Withdrawal,
)
from handup.projects.models import drawing as words
from handup.projects.models.labels import Labels, choices
from handup.projects.rules.drawing import (
    NEXT,
    PurchaseKind,
    PurchaseMethod,
    PurchaseState,
    WithdrawalState,
)
from handup.projects.views.acts import OnProgramme, today

WITHDRAWAL_TONES = {"ASKED": Tone.INFO, "PAID": Tone.GOOD, "REFUSED": Tone.WARN}
PURCHASE_TONES = {"SIGNED": Tone.INFO, "DELIVERED": Tone.GOOD, "CANCELLED": Tone.WARN}
ENDS: Labels = {
    state: words.WITHDRAWAL_STATE[state]
    for state in (WithdrawalState.PAID, WithdrawalState.REFUSED)
}
WITHDRAWAL_COLUMNS = (
    Column("number", _("Request"), Kind.LINK, url_name="projects:withdrawal_detail"),
    Column("funding", _("Financing"), value=lambda row: str(row.funding)),
    Column("asked_date", _("Asked on"), Kind.DATE, sort="asked_date"),
    Column("asked_units", _("Asked"), Kind.MONEY),
    Column("paid_units", _("Paid"), Kind.MONEY),
    Column("ended_date", _("Paid or refused on"), Kind.DATE),
    Column("state", _("State"), Kind.STATE, tones=WITHDRAWAL_TONES),
)


def purchase_state(row: Purchase) -> State:
    """Where it stands, or that its contract is late."""
    if row.is_late(today()):
        return State(_("late"), Tone.BAD)
    label = words.PURCHASE_STATE[PurchaseState(row.state)]
    return State(label, PURCHASE_TONES.get(row.state, Tone.PLAIN))


PURCHASE_COLUMNS = (
    Column("number", _("Number"), Kind.LINK, url_name="projects:purchase_detail"),
    Column("what", _("What is bought")),
    Column("method", _("How"), value=lambda row: row.get_method_display()),
    Column("planned_units", _("Planned amount"), Kind.MONEY),
    Column("planned_date", _("Contract planned for"), Kind.DATE, sort="planned_date"),
    Column("signed_units", _("Amount of the contract"), Kind.MONEY),
    Column("state", _("State"), Kind.STATE, value=purchase_state),
)


def drawing_tables(programme: Programme, staff: StaffUser) -> list[Table]:
    """Withdrawals and the procurement plan of a programme, as its page shows them."""
    asked = Withdrawal.objects.visible_to(staff).filter(funding__programme=programme)
    bought = Purchase.objects.visible_to(staff).filter(programme=programme)
    return [
        Table(
            _("Money asked of funders"),
            WITHDRAWAL_COLUMNS,
            asked.select_related("funding__funder")[:20],
            more=Action(_("All requests for money"), href=reverse("projects:withdrawal_list")),
        ),
        Table(
            _("Procurement plan"),
            PURCHASE_COLUMNS,
            bought[:20],
            more=Action(_("The whole procurement plan"), href=reverse("projects:purchase_list")),
        ),
    ]


class WithdrawalForm(HouseForm):
    """A request for money under one of the programme's agreements."""

    funding: Any = forms.ModelChoiceField(FundingAgreement.objects.none(), label=_("Financing"))
    number = forms.CharField(label=_("Number of the request"), max_length=40)
    asked_units = MoneyField(label=_("Amount"), help_text=_("In the currency of the financing."))
    asked_date = DayField(label=_("Asked on"))

    def __init__(self, *args: Any, programme: Programme, **options: Any) -> None:
        """The agreements of the programme; the amount is in the currency of the one chosen."""
        super().__init__(*args, **options)
        field, money = self.fields["funding"], self.fields["asked_units"]
        assert isinstance(field, forms.ModelChoiceField)
        assert isinstance(money, MoneyField)
        rows = FundingAgreement.objects.filter(programme=programme).select_related("funder")
        field.queryset = rows
        chosen = str(self.data.get(self.add_prefix("funding"), "")) if self.is_bound else ""
        currencies = {str(row.pk): row.currency for row in rows}
        money.currency = currencies.get(chosen, programme.currency)


class EndWithdrawalForm(HouseForm):
    """What the funder answered."""

    state = one_of(ENDS, _("The request was"))
    ended_date = DayField(label=_("On"))
    paid_units = MoneyField(label=_("Amount paid"), required=False)
    reason = forms.CharField(label=_("Why it was less, or refused"), max_length=300, required=False)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """The amount is in the currency of the request."""
        super().__init__(*args, **options)
        field = self.fields["paid_units"]
        assert isinstance(field, MoneyField)
        field.currency = currency


class WithdrawalList(ListPage):
    """Money asked of funders and paid."""

    model = Withdrawal
    permission = "projects.view_budget"
    title = _("Money asked of funders")
    related = ("funding__funder", "funding__programme")
    columns = (
        *WITHDRAWAL_COLUMNS[:2],
        Column("programme", _("Programme"), value=lambda row: str(row.funding.programme)),
        *WITHDRAWAL_COLUMNS[2:],
    )
    filters = (
        Search(("number", "funding__reference")),
        Choice("state", _("State"), choices(words.WITHDRAWAL_STATE)),
    )
    order = "-asked_date"
    empty = EmptyState(
        _("No money was asked yet"), _("A request is recorded on the page of the programme.")
    )


class WithdrawalPage(RecordPage):
    """One request and what the funder answered."""

    model = Withdrawal
    permission = "projects.view_budget"
    related = ("funding__funder", "funding__programme", "recorded_by")
    record: Withdrawal

    def header(self) -> Header:
        """Its number and what can be recorded."""
        row = self.record
        end = Action(
            _("Record the answer"),
            "projects:withdrawal_end",
            "projects.end_withdrawal",
            (row.pk,),
        )
        return Header(
            row.number,
            subtitle=str(row.funding),
            state=State(row.get_state_display(), WITHDRAWAL_TONES[row.state]),
            primary=end if row.state == WithdrawalState.ASKED else None,
            crumbs=(Crumb(_("Money asked of funders"), reverse("projects:withdrawal_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """How much, when, why."""
        row = self.record
        programme = row.funding.programme
        page = reverse("projects:programme_detail", args=[programme.pk])
        paid = format_money(row.paid_units, row.currency) if row.paid_units is not None else ""
        return [
            FactGroup(
                _("The request"),
                [
                    Fact(_("Programme"), programme, page),
                    Fact(_("Financing"), row.funding),
                    Fact(_("Asked"), format_money(row.asked_units, row.currency)),
                    Fact(_("Asked on"), row.asked_date),
                    Fact(_("Paid"), paid),
                    Fact(_("Paid or refused on"), row.ended_date),
                    Fact(_("Why"), row.reason),
                    Fact(_("Recorded by"), row.recorded_by),
                ],
            )
        ]


class WithdrawalNew(OnProgramme):
    """Record that money was asked."""

    form_class = WithdrawalForm
    permission = "projects.ask_withdrawal"
    title = _("Record a request for money")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"asked_date": today()}

    def perform(self, values: dict[str, Any]) -> Withdrawal:
        """Record it."""
        return services.ask_withdrawal(
            acting_staff=self.staff, id=self.new_id, today=today(), **values
        )

    def success_url(self, result: Withdrawal) -> str:
        """Its page."""
        return reverse("projects:withdrawal_detail", args=[result.pk])


class WithdrawalEnd(FormPage):
    """Record what the funder answered."""

    subject_model = Withdrawal
    subject: Withdrawal
    form_class = EndWithdrawalForm
    permission = "projects.end_withdrawal"
    title = _("Record the answer of the funder")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Which currency."""
        return {"currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"ended_date": today()}

    def perform(self, values: dict[str, Any]) -> Withdrawal:
        """Record it."""
        told = values | {"state": WithdrawalState(values["state"])}
        return services.end_withdrawal(
            acting_staff=self.staff, withdrawal=self.subject, today=today(), **told
        )

    def success_url(self, result: Withdrawal) -> str:
        """Its page."""
        return reverse("projects:withdrawal_detail", args=[result.pk])


class PurchaseForm(HouseForm):
    """A line of the procurement plan."""

    number = forms.CharField(label=_("Number"), max_length=40)
    what = forms.CharField(label=_("What is bought"), max_length=200)
    kind = one_of(words.PURCHASE_KIND, _("Kind"))
    method = one_of(words.PURCHASE_METHOD, _("How the supplier is found"))
    currency = forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"), max_length=3)
    planned_units = MoneyField(label=_("Planned amount"))
    planned_date = DayField(label=_("Contract planned for"))

    def __init__(self, *args: Any, programme: Programme, **options: Any) -> None:
        """The amount is written in the currency typed beside it."""
        super().__init__(*args, **options)
        typed = self.data.get(self.add_prefix("currency"), "") if self.is_bound else ""
        known = len(typed) == 3 and typed.isascii() and typed.isupper()
        money = self.fields["planned_units"]
        assert isinstance(money, MoneyField)
        money.currency = typed if known else programme.currency


class MovePurchaseForm(HouseForm):
    """The next step of a purchase."""

    state = forms.ChoiceField(label=_("What happened"))
    state_date = DayField(label=_("On"))
    supplier: Any = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Supplier, with a contract"), required=False
    )
    signed_units = MoneyField(label=_("Amount of the contract"), required=False)
    reason = forms.CharField(label=_("Reason, when cancelled"), max_length=300, required=False)

    def __init__(self, *args: Any, purchase: Purchase, **options: Any) -> None:
        """The steps that can follow; a form sent twice names the one it was taken to."""
        super().__init__(*args, **options)
        now = PurchaseState(purchase.state)
        steps = [*NEXT[now], *([now] if self.is_bound else [])]
        state, supplier = self.fields["state"], self.fields["supplier"]
        money = self.fields["signed_units"]
        assert isinstance(state, forms.ChoiceField)
        assert isinstance(supplier, forms.ModelChoiceField)
        assert isinstance(money, MoneyField)
        state.choices = [(step.value, words.PURCHASE_STATE[step]) for step in steps]
        supplier.queryset = Organisation.objects.filter(active=True)
        money.currency = purchase.currency


class PurchaseList(ListPage):
    """The procurement plan."""

    model = Purchase
    permission = "projects.view_budget"
    title = _("Procurement plan")
    intro = _("What programmes are to buy, how the supplier is found, and what came of it.")
    related = ("programme", "supplier")
    columns = (
        *PURCHASE_COLUMNS[:2],
        Column("programme", _("Programme")),
        *PURCHASE_COLUMNS[2:],
        Column("supplier", _("Supplier")),
    )
    filters = (
        Search(("number", "what")),
        Choice("state", _("State"), choices(words.PURCHASE_STATE)),
        Choice("kind", _("Kind"), choices(words.PURCHASE_KIND)),
        Tick(
            "late",
            _("only what is late"),
            lambda rows: rows.filter(state__in=("PLANNED", "OPENED"), planned_date__lt=today()),
        ),
    )
    order = "planned_date"
    empty = EmptyState(
        _("Nothing is planned to be bought"),
        _("A line of the plan is added on the page of the programme."),
    )


class PurchasePage(RecordPage):
    """One line of the procurement plan."""

    model = Purchase
    permission = "projects.view_budget"
    related = ("programme", "supplier", "recorded_by")
    record: Purchase

    def header(self) -> Header:
        """What, where it stands, the next step."""
        row = self.record
        move = Action(
            _("Record the next step"), "projects:purchase_move", "projects.plan_purchase", (row.pk,)
        )
        return Header(
            row.what,
            subtitle=row.number,
            state=purchase_state(row),
            primary=move if NEXT[PurchaseState(row.state)] else None,
            crumbs=(Crumb(_("Procurement plan"), reverse("projects:purchase_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The plan beside what came of it."""
        row = self.record
        page = reverse("projects:programme_detail", args=[row.programme_id])
        signed = format_money(row.signed_units, row.currency) if row.signed_units else ""
        return [
            FactGroup(
                _("The plan"),
                [
                    Fact(_("Programme"), row.programme, page),
                    Fact(_("Kind"), row.get_kind_display()),
                    Fact(_("How the supplier is found"), row.get_method_display()),
                    Fact(_("Planned amount"), format_money(row.planned_units, row.currency)),
                    Fact(_("Contract planned for"), row.planned_date),
                ],
            ),
            FactGroup(
                _("What came of it"),
                [
                    Fact(_("State"), row.get_state_display()),
                    Fact(_("Since"), row.state_date),
                    Fact(_("Supplier"), row.supplier),
                    Fact(_("Amount of the contract"), signed),
                    Fact(_("Reason"), row.reason),
                    Fact(_("Recorded by"), row.recorded_by),
                ],
            ),
        ]


class PurchaseNew(OnProgramme):
    """Put a line into the procurement plan."""

    form_class = PurchaseForm
    permission = "projects.plan_purchase"
    title = _("Plan a purchase")
    verb = _("Add it to the plan")

    def initial(self) -> dict[str, Any]:
        """The programme's currency."""
        return {"currency": self.subject.currency}

    def perform(self, values: dict[str, Any]) -> Purchase:
        """Add it."""
        kind, method = PurchaseKind(values["kind"]), PurchaseMethod(values["method"])
        return services.plan_purchase(
            acting_staff=self.staff,
            programme=self.subject,
            id=self.new_id,
            **(values | {"kind": kind, "method": method}),
        )

    def success_url(self, result: Purchase) -> str:
        """Its page."""
        return reverse("projects:purchase_detail", args=[result.pk])


class PurchaseMove(FormPage):
    """Record the next step of a purchase."""

    subject_model = Purchase
    subject: Purchase
    form_class = MovePurchaseForm
    permission = "projects.plan_purchase"
    title = _("Record the next step of a purchase")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Which purchase."""
        return {"purchase": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"state_date": today()}

    def perform(self, values: dict[str, Any]) -> Purchase:
        """Record it."""
        told = values | {"state": PurchaseState(values["state"])}
        return services.move_purchase(
            acting_staff=self.staff, purchase=self.subject, today=today(), **told
        )

    def success_url(self, result: Purchase) -> str:
        """Its page."""
        return reverse("projects:purchase_detail", args=[result.pk])
