"""Lenders and products."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Book
from handup.ledger.rules.words import BookKind
from handup.lending import services
from handup.lending.facts import limits
from handup.lending.forms import FacilityForm, LenderForm
from handup.lending.models import Lender, Loan, ProductVersion
from handup.lending.models.labels import LENDER_MODES
from handup.lending.models.statements import hidden_loans
from handup.lending.rules.codes import LenderMode, LoanState
from handup.lending.views.funds import fund_facts, may_name
from handup.lending.views.products import PRODUCT_COLUMNS
from handup.lending.views.provisions import bucket_rows
from handup.org.rules.access import ScopeKind
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile
from handup.projects.models import Organisation, Programme

OPEN = Action(
    _("Add a lender"),
    "lending:lender_new",
    "lending.open_lender",
    scopes=frozenset({ScopeKind.ALL, ScopeKind.PROJECT}),
)


class LenderList(ListPage):
    """Whose money is lent."""

    model = Lender
    permission = "lending.view_lender"
    title = _("Lenders")
    related = ("organisation", "programme")
    columns = (
        Column("name", _("Name"), Kind.LINK, sort="name", url_name="lending:lender_detail"),
        Column("mode", _("Whose money"), value=lambda row: row.get_mode_display(), sort="mode"),
        Column("currency", _("Currency")),
        Column("programme", _("Programme"), value=lambda row: row.programme and str(row.programme)),
        Column("active_from", _("Lends from"), Kind.DATE),
        Column("active_to", _("until"), Kind.DATE),
    )
    filters = (Search(("name", "code")), Choice("mode", _("Whose money"), LENDER_MODES))
    order = "name"
    primary = OPEN
    empty = EmptyState(_("No lenders yet"), _("Add the bank, or the programme itself."), OPEN)


class LenderPage(RecordPage):
    """One lender with its loans, limits and products."""

    model = Lender
    permission = "lending.view_lender"
    related = ("organisation", "programme", "book", "fund")

    def header(self) -> Header:
        """Name and mode."""
        return Header(
            self.record.name,
            self.record.get_mode_display(),
            actions=(
                Action(_("Bring a bank file"), "lending:bank_file_new", "lending.import_bank_file"),
                Action(
                    _("Move loans to another lender"),
                    "lending:transfer_new",
                    "lending.propose_change",
                    (self.record.pk,),
                ),
                *self._facility_action(),
                *self._guarantee_action(),
                *self._premiums_action(),
                *self._fund_action(),
                Action(
                    _("Shares set aside for losses"),
                    "lending:provision_table",
                    "lending.set_provision_table",
                    args=(self.record.pk,),
                ),
            ),
            crumbs=(Crumb(_("Lenders"), reverse("lending:lender_list")),),
        )

    def _fund_action(self) -> tuple[Action, ...]:
        """Name the fund, where there are several and its loans are kept in a book of ours."""
        if not self.record.posts_loans or not may_name(self.staff):
            return ()
        name, code = "lending:lender_fund", "lending.name_fund"
        return (Action(_("Fund its loans are lent out of"), name, code, (self.record.pk,)),)

    def _facility_action(self) -> tuple[Action, ...]:
        """Place money with a bank that lends ours."""
        if self.record.mode != LenderMode.BANK_FACILITY:
            return ()
        name, code = "lending:facility_new", "lending.place_facility"
        return (Action(_("Place a facility"), name, code, (self.record.pk,)),)

    def _guarantee_action(self) -> tuple[Action, ...]:
        """Give a guarantee, where loans are guaranteed."""
        if self.record.mode != LenderMode.BANK_GUARANTEED:
            return ()
        name, code = "lending:guarantee_new", "lending.give_guarantee"
        return (Action(_("Give a guarantee"), name, code, (self.record.pk,)),)

    def _premiums_action(self) -> tuple[Action, ...]:
        """What is owed to insurers, where loans are kept in a book of ours."""
        if not self.record.posts_loans or self.record.book is None:
            return ()
        name, code = "lending:lender_premiums", "lending.view_premium"
        return (Action(_("Premiums owed to insurers"), name, code, (self.record.pk,)),)

    def tiles(self) -> Sequence[Tile]:
        """Loans the reader may see, and what can still be lent."""
        lender = self.record
        loans = Loan.objects.visible_to(self.staff).filter(lender=lender)
        sums = loans.aggregate(
            lent=Sum("disbursed_units"),
            left=Sum("principal_units"),
            running=Count("pk", filter=Q(state=LoanState.ACTIVE)),
        )
        href = f"{reverse('lending:loan_list')}?lender={lender.pk}"
        found = [
            Tile(_("Lent"), format_money(sums["lent"] or 0, lender.currency), href=href),
            Tile(
                _("Outstanding"),
                format_money(sums["left"] or 0, lender.currency),
                of=_now("%(count)s running loans") % {"count": sums["running"]},
                href=href,
            ),
        ]
        limit = limits(lender, timezone.localdate(), hidden_loans(self.staff))
        for label, units in (
            (_("Facility still free"), limit.facility_units),
            (_("Guarantee reaches for"), limit.guarantee_units),
        ):
            if units is not None:
                found.append(Tile(label, format_money(max(units, 0), lender.currency)))
        return found

    def facts(self) -> Sequence[FactGroup]:
        """Who and since when."""
        lender = self.record
        return [
            FactGroup(
                _("Lender"),
                [
                    Fact(_("Code"), lender.code),
                    Fact(_("Organisation"), lender.organisation),
                    Fact(_("Programme"), lender.programme),
                    Fact(_("Book its loans are kept in"), lender.book),
                    *fund_facts(_("Lends out of the fund"), lender.fund),
                    Fact(_("Lends from"), lender.active_from),
                    Fact(_("until"), lender.active_to),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Products, facilities, guarantees."""
        lender = self.record
        products = ProductVersion.objects.filter(product__lender=lender).select_related("product")
        money = lender.currency
        return [
            Table(_("Products"), PRODUCT_COLUMNS, products),
            Table(
                _("Facilities"),
                (
                    Column("signed_date", _("Signed"), Kind.DATE),
                    Column("limit_units", _("Limit"), Kind.MONEY, currency=money),
                    Column("revolving", _("May be lent again"), Kind.TICK),
                    Column("expiry_date", _("Expires"), Kind.DATE),
                ),
                lender.facilities.all(),
            ),
            Table(
                _("Guarantees"),
                (
                    Column(
                        "signed_date",
                        _("Signed"),
                        Kind.LINK,
                        value=lambda row: format_day(row.signed_date),
                        url_name="lending:guarantee_detail",
                    ),
                    Column("deposit_units", _("Deposit"), Kind.MONEY, currency=money),
                    Column(
                        "cover",
                        _("Cover, percent"),
                        Kind.NUMBER,
                        value=lambda row: row.cover_bps // 100,
                    ),
                    Column("expiry_date", _("Expires"), Kind.DATE),
                ),
                lender.guarantees.all(),
            ),
            Table(
                _("Set aside for losses"),
                (
                    Column("days", _("Days late"), value=lambda row: row[0]),
                    Column("share", _("Share of principal"), value=lambda row: row[1]),
                ),
                bucket_rows(lender) if lender.posts_loans else (),
            ),
        ]


class OpenLender(FormPage):
    """Add a lender."""

    form_class = LenderForm
    permission = "lending.open_lender"
    title = _("Add a lender")
    verb = _("Add")

    def form_options(self) -> dict[str, Any]:
        """Banks, programmes and books the reader may see."""
        return {
            "choices": {
                "organisation": Organisation.objects.visible_to(self.staff),
                "programme": Programme.objects.visible_to(self.staff),
                "book": Book.objects.visible_to(self.staff).exclude(kind=BookKind.GROUP.value),
            }
        }

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"active_from": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Add."""
        return services.open_lender(
            acting_staff=self.staff,
            id=self.new_id,
            **{
                **values,
                "mode": LenderMode(values["mode"]),
                "currency": values["currency"].upper(),
            },
        )

    def success_url(self, result: Any) -> str:
        """The lender's page."""
        return reverse("lending:lender_detail", args=[result.pk])


class PlaceFacility(FormPage):
    """Place money with a partner bank, which lends it up to a limit."""

    form_class = FacilityForm
    permission = "lending.place_facility"
    subject_model = Lender
    subject: Lender
    title = _("Place a facility")
    verb = _("Place the facility")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The lender's currency."""
        return {"currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"signed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Place it."""
        return services.place_facility(
            acting_staff=self.staff, lender=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The lender's page."""
        return reverse("lending:lender_detail", args=[self.subject.pk])
