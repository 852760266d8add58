"""Lenders and products."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Book
from handup.lending import services
from handup.lending.facts import limits
from handup.lending.forms import LenderForm, ProductForm
from handup.lending.models import Lender, Loan, ProductVersion
from handup.lending.models.labels import LENDER_MODES
from handup.lending.rules.codes import LenderMode, LoanState
from handup.lending.rules.schedules import planned_rows
from handup.lending.rules.terms import read_terms
from handup.lending.views.provisions import bucket_rows
from handup.org.rules.access import ScopeKind
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile
from handup.org.web.pages import State as Shown
from handup.projects.models import Organisation, Programme

OPEN = Action(
    _("Add a lender"),
    "lending:lender_new",
    "lending.open_lender",
    scopes=frozenset({ScopeKind.ALL, ScopeKind.PROJECT}),
)
PROPOSE = Action(_("Propose a product"), "lending:product_new", "lending.propose_product")


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
    related = ("organisation", "programme", "book")

    def header(self) -> Header:
        """Name and mode."""
        return Header(
            self.record.name,
            self.record.get_mode_display(),
            actions=(
                Action(_("Bring a bank file"), "lending:bank_file_new", "lending.import_bank_file"),
                Action(
                    _("Shares set aside for losses"),
                    "lending:provision_table",
                    "lending.set_provision_table",
                    args=(self.record.pk,),
                ),
            ),
            crumbs=(Crumb(_("Lenders"), reverse("lending:lender_list")),),
        )

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
        limit = limits(lender, timezone.localdate())
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
                    Column("signed_date", _("Signed"), Kind.DATE),
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
                "book": Book.objects.visible_to(self.staff),
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


def _approved(row: ProductVersion) -> Shown:
    if row.approved_by_id is None:
        return Shown(_("Waits for approval"), Tone.WARN)
    return Shown(_("Approved"), Tone.GOOD)


PRODUCT_COLUMNS = (
    Column("product.name", _("Product"), Kind.LINK, url_name="lending:product_detail"),
    Column("number", _("Version"), Kind.NUMBER),
    Column("effective_date", _("Offered from"), Kind.DATE, sort="effective_date"),
    Column("approved", _("State"), Kind.STATE, value=_approved),
)


class ProductList(ListPage):
    """Products with their versions."""

    model = ProductVersion
    permission = "lending.view_product"
    title = _("Loan products")
    related = ("product__lender",)
    columns = (*PRODUCT_COLUMNS, Column("product.lender.name", _("Lender")))
    filters = (Search(("product__name", "product__code")),)
    order = "-pk"
    primary = PROPOSE
    empty = EmptyState(
        _("No products yet"), _("A product says on what terms is lent, and to whom."), PROPOSE
    )


class ProductPage(RecordPage):
    """One version of a product: terms, preconditions, an example."""

    model = ProductVersion
    permission = "lending.view_product"
    related = ("product__lender", "proposed_by", "approved_by")

    def header(self) -> Header:
        """Name, version, approval."""
        row = self.record
        primary = None
        if row.approved_by_id is None:
            primary = Action(
                _("Approve"), "lending:product_approve", "lending.approve_product", (row.pk,)
            )
        return Header(
            row.product.name,
            _now("Version %(number)s") % {"number": row.number},
            state=_approved(row),
            primary=primary,
            crumbs=(Crumb(_("Loan products"), reverse("lending:product_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Terms and preconditions as they are stored."""
        row = self.record
        terms = read_terms(row.terms)

        def money(units: int | None) -> str:
            return "" if units is None else format_money(units, terms.currency)

        return [
            FactGroup(
                _("Terms"),
                [
                    Fact(_("Lender"), row.product.lender),
                    Fact(_("Currency"), terms.currency),
                    Fact(_("Interest"), f"{terms.rate_ppm / 10_000:g} % {terms.rate_per.lower()}"),
                    Fact(_("Interest on"), terms.method),
                    Fact(_("Repayment"), terms.repayment),
                    Fact(_("Days are counted as"), terms.day_count),
                    Fact(_("Most instalments"), terms.instalments),
                    Fact(_("Every"), f"{terms.every} {terms.unit}"),
                    Fact(_("Smallest loan"), money(terms.principal_min_units)),
                    Fact(_("Largest loan"), money(terms.principal_max_units)),
                ],
            ),
            FactGroup(
                _("Preconditions and decision"),
                [
                    *(Fact(name, str(value)) for name, value in row.eligibility.items()),
                    *(Fact(_("Who decides"), str(band)) for band in row.bands),
                    Fact(_("Proposed by"), row.proposed_by),
                    Fact(_("Approved by"), row.approved_by),
                    Fact(_("First used"), row.used_at),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """An example: the largest loan, paid out on the first day of the version."""
        row = self.record
        terms = read_terms(row.terms)
        if terms.unit == "MEETING":
            return []
        units = terms.principal_max_units or 1000 * 10**terms.digits
        rows = planned_rows(terms, units, row.effective_date)
        currency = terms.currency
        columns = (
            Column("number", _("No."), Kind.NUMBER),
            Column("due_date", _("Due"), Kind.DATE),
            Column("principal", _("Principal"), Kind.MONEY, currency=currency),
            Column("interest", _("Interest"), Kind.MONEY, currency=currency),
        )
        title = _now("Example: a loan of %(amount)s") % {"amount": format_money(units, currency)}
        return [Table(title, columns, rows)]


class ProposeProduct(FormPage):
    """Propose a product or its next version."""

    form_class = ProductForm
    permission = "lending.propose_product"
    title = _("Propose a product")
    intro = _("Another person approves it. A code that exists gets its next version.")
    verb = _("Propose")

    def form_options(self) -> dict[str, Any]:
        """Lenders the reader may see."""
        return {"lenders": Lender.objects.visible_to(self.staff)}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"effective_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Propose."""
        form = ProductForm(self.request.POST, **self.form_options())
        form.is_valid()
        members = values["members"]
        return services.propose_product(
            acting_staff=self.staff,
            code=values["code"],
            name=values["name"],
            lender=values["lender"],
            programme=values["lender"].programme,
            terms=form.terms(),
            effective_date=values["effective_date"],
            eligibility={
                "certificate_required": values["certificate_required"],
                "savings_ppm": int(values["savings_percent"] * 10_000),
            },
            bands=[{"members": members, "quorum": members // 2 + 1}],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The version's page."""
        return reverse("lending:product_detail", args=[result.pk])


class ApproveProduct(FormPage):
    """The second person's word on a product."""

    form_class = HouseForm
    permission = "lending.approve_product"
    subject_model = ProductVersion
    title = _("Approve the product")
    intro = _("From now on loans may be asked for under these terms.")
    verb = _("Approve")

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve."""
        return services.approve_product(
            acting_staff=self.staff, version=self.subject, approved_date=timezone.localdate()
        )

    def success_url(self, result: Any) -> str:
        """The version's page."""
        return reverse("lending:product_detail", args=[self.subject.pk])
