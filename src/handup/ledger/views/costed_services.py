"""What a service costs and earns: the register of services, and cost recovery of a book's days."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.cost_recovery import CostRecovery, ServiceRow, cost_recovery
from handup.ledger.models import Account, Book, CostedService
from handup.ledger.rules.sustainability import GRANT_ROLES, percent_text
from handup.ledger.rules.words import AccountType
from handup.ledger.statements import year_start
from handup.ledger.views.fund_pages import BookPeriodPage
from handup.ledger.views.journal import books_of
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage, Search
from handup.org.web.money import format_money, format_percent
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile

HOW = _(
    "Cost recovery = fees \u00f7 full cost. Full cost = what the service bears alone + its part of"
    " every other expense of the book, by the weights stated. Grants are no fees."
)


class ServiceList(ListPage):
    """Services as stated last, by code."""

    model = CostedService
    permission = "ledger.view_account"
    title = _("Services and their costs")
    intro = _("A service is a training, a visit or other work whose fees are set beside its cost.")
    related = ("book",)
    columns = (
        Column("name", _("Name"), Kind.LINK, sort="name", url_name="ledger:service_detail"),
        Column("code", _("Code"), sort="code"),
        Column("book.name", _("Book")),
        Column("starts", _("From"), Kind.DATE, sort="starts"),
        Column("ends", _("Until"), Kind.DATE),
        Column("weight", _("Weight in the shared costs"), Kind.NUMBER),
    )
    filters = (
        Search(("code", "name"), label=_("Name or code")),
        Choice("book", _("Book"), books_of),
    )
    order = "code"
    empty = EmptyState(_("No services yet"), _("A service is stated on the page of its book."))

    def rows(self) -> QuerySet[CostedService]:
        """Only what was stated last of each service; what was before stands on its page."""
        rows: QuerySet[CostedService] = super().rows()
        last = (
            CostedService.objects.filter(book=OuterRef("book"), code=OuterRef("code"))
            .order_by("-starts", "-recorded_at", "-id")
            .values("pk")[:1]
        )
        return rows.annotate(last=Subquery(last)).filter(pk=F("last"))


def _codes(codes: Sequence[str], line: str, empty: Any) -> Any:
    """Accounts and budget line in one text."""
    if not codes and not line:
        return empty
    accounts = ", ".join(codes) or str(_("every account"))
    if not line:
        return accounts
    return _("%(accounts)s, budget line %(line)s") % {"accounts": accounts, "line": line}


class ServicePage(RecordPage):
    """One service: what it earns on, what it bears, and what was stated before."""

    model = CostedService
    permission = "ledger.view_account"
    related = ("book", "stated_by")
    record: CostedService

    def header(self) -> Header:
        """Name and book; the page of its figures; stating it again."""
        row = self.record
        again = f"{reverse('ledger:service_new', args=[row.book_id])}?again={row.pk}"
        return Header(
            row.name,
            subtitle=row.book.name,
            primary=Action(
                _("What it costs and earns"), "ledger:cost_recovery", args=(row.book_id,)
            ),
            actions=(Action(_("State it again"), permission="ledger.state_service", href=again),),
            crumbs=(Crumb(_("Services and their costs"), reverse("ledger:service_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What was stated."""
        row = self.record
        return (
            FactGroup(
                _("What it earns and bears"),
                (
                    Fact(_("Code"), row.code),
                    Fact(_("From"), row.starts),
                    Fact(_("Until"), row.ends or _("still given")),
                    Fact(_("Fees"), _codes(row.fee_codes, row.fee_line, _("no fee is asked"))),
                    Fact(
                        _("Costs it bears alone"), _codes(row.cost_codes, row.cost_line, _("none"))
                    ),
                    Fact(_("Weight in the shared costs"), row.weight),
                    Fact(_("What it rests on"), row.basis),
                    Fact(_("Stated by"), row.stated_by),
                    Fact(_("Stated at"), row.recorded_at),
                ),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """Everything stated of it, the newest first."""
        columns = (
            Column("starts", _("From"), Kind.LINK, url_name="ledger:service_detail"),
            Column("ends", _("Until"), Kind.DATE),
            Column("weight", _("Weight"), Kind.NUMBER),
            Column("basis", _("What it rests on")),
        )
        rows = CostedService.objects.filter(book=self.record.book_id, code=self.record.code)
        return (Table(_("As it was stated"), columns, rows.order_by("-starts", "-recorded_at")),)


class ServiceForm(HouseForm):
    """A service: its accounts, budget lines and weight."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=160)
    starts = DayField(label=_("From"))
    ends = DayField(label=_("Until"), required=False, help_text=_("Empty: still given."))
    fee_codes = forms.MultipleChoiceField(
        label=_("Accounts of its fees"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: no fee is asked."),
    )
    fee_line = forms.CharField(
        label=_("Budget line of its fees"),
        max_length=80,
        required=False,
        help_text=_("Only where an account takes the fees of several services."),
    )
    cost_codes = forms.MultipleChoiceField(
        label=_("Accounts of the costs it bears alone"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every account of the budget line below."),
    )
    cost_line = forms.CharField(
        label=_("Budget line of the costs it bears alone"), max_length=80, required=False
    )
    weight = forms.IntegerField(
        label=_("Weight in the shared costs"),
        min_value=0,
        max_value=10**9,
        help_text=_("For example days worked. Every other expense is shared by these weights."),
    )
    basis = forms.CharField(
        label=_("What it rests on"),
        max_length=300,
        help_text=_("For example: days worked, by the time sheets of March."),
    )

    def __init__(self, *args: Any, book: Book, **options: Any) -> None:
        """Offer the book's income accounts but those of grants, and its expense accounts."""
        super().__init__(*args, **options)
        leaves = Account.objects.filter(book=book, leaf=True, active=True)
        grants = Q(roles__role__in=sorted(GRANT_ROLES))
        offered = {
            "fee_codes": leaves.filter(type=AccountType.INCOME).exclude(grants),
            "cost_codes": leaves.filter(type=AccountType.EXPENSE),
        }
        for name, accounts in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(row.code, str(row)) for row in accounts]


class StateService(FormPage):
    """State what a service earns on and bears."""

    form_class = ServiceForm
    permission = "ledger.state_service"
    subject_model = Book
    title = _("State a service and its costs")
    intro = HOW
    verb = _("State the service")
    subject: Book

    def form_options(self) -> dict[str, Any]:
        """The book."""
        return {"book": self.subject}

    def initial(self) -> dict[str, Any]:
        """The book's year; or a service stated before, to be stated again."""
        starts = year_start(self.subject, timezone.localdate())
        again = self._again()
        if again is None:
            return {"starts": starts, "weight": 0}
        names = ("code", "name", "fee_codes", "fee_line", "cost_codes", "cost_line", "weight")
        return {"starts": starts, **{name: getattr(again, name) for name in names}}

    def _again(self) -> CostedService | None:
        told = self.request.GET.get("again", "")
        rows = CostedService.objects.visible_to(self.staff).filter(book=self.subject)
        return next((row for row in rows if str(row.pk) == told), None)

    def perform(self, values: dict[str, Any]) -> CostedService:
        """State it."""
        return services.state_service(
            acting_staff=self.staff, book=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: CostedService) -> str:
        """The service's page."""
        return reverse("ledger:service_detail", args=[result.pk])

    def done_message(self, result: CostedService) -> str:
        """What was done."""
        return str(_("The service is stated."))


class CostRecoveryPage(BookPeriodPage):
    """What each service of a book earned and cost in some days."""

    def header(self) -> Header:
        """What, whose, when, and stating a service."""
        return Header(
            _("What a service costs and earns"),
            subtitle=self.subtitle(),
            primary=Action(
                _("State a service"), "ledger:service_new", "ledger.state_service",
                args=(self.record.pk,),
            ),
            crumbs=self.crumbs(),
        )  # fmt: skip

    @cached_property
    def found(self) -> CostRecovery:
        """The services with their figures."""
        return cost_recovery(self.record, *self.days)

    def tiles(self) -> Sequence[Tile]:
        """All fees and all costs, and what nobody's weight takes."""
        currency = self.record.base_currency
        tiles = [
            Tile(_("Fees of all services"), format_money(self.found.fees, currency)),
            Tile(_("Full cost of all services"), format_money(self.found.full, currency), how=HOW),
        ]
        if self.found.unshared:
            tiles.append(
                Tile(
                    _("Not shared"),
                    format_money(self.found.unshared, currency),
                    how=_("No service has a weight: these costs stand with no service."),
                )
            )
        return tiles

    def tables(self) -> Sequence[Table]:
        """A row for each service."""
        currency = self.record.base_currency

        def money(name: str, label: Any) -> Column:
            return Column(
                name,
                label,
                Kind.MONEY,
                value=lambda row: getattr(row.found, name),
                currency=currency,
            )

        columns = (
            Column("service.name", _("Service"), Kind.LINK, href=_service_page),
            money("fees", _("Fees")),
            money("direct", _("Costs it bears alone")),
            money("allocated", _("Its part of shared costs")),
            money("full", _("Full cost")),
            Column("recovery", _("Cost recovery"), Kind.FIGURE, value=_recovery),
        )
        empty = EmptyState(
            _("No services in these days"), _("State a service to see what it costs and earns.")
        )
        return (Table(_("Services"), columns, self.found.rows, empty),)


def _service_page(row: ServiceRow) -> str:
    return reverse("ledger:service_detail", args=[row.service.pk])


def _recovery(row: ServiceRow) -> Any:
    percent = row.found.recovery
    return _("not defined") if percent is None else format_percent(percent_text(percent))
