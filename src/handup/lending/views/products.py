"""Loan products: what they ask for, what a loan under them comes to, and the approval of each
version by a second person.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal
from handup.lending import services
from handup.lending.bankforms import PerhapsReasonForm
from handup.lending.forms import CRITERIA
from handup.lending.models import Lender, ProductVersion
from handup.lending.models.labels import STOP_LABELS
from handup.lending.product_forms import ProductForm, initial_of_version
from handup.lending.rules.eligibility import Grid, Preconditions, bands_of
from handup.lending.rules.offer import Asked, Offer, offer_of
from handup.lending.rules.repeat import LoanStep
from handup.lending.rules.terms import check_offered, read_terms
from handup.lending.views.funds import fund_facts
from handup.lending.views.terms import cost_facts, offer_facts, offer_table, share, term_facts
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_money, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.org.web.pages import State as Shown

PROPOSE = Action(_("Propose a product"), "lending:product_new", "lending.propose_product")


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
        new = Action(
            _("Propose the next version"),
            "lending:product_next",
            "lending.propose_product",
            (row.pk,),
        )
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
            actions=(new,),
            crumbs=(Crumb(_("Loan products"), reverse("lending:product_list")),),
        )

    def offer(self) -> Offer | None:
        """The largest loan, paid out on the first day of the version."""
        row = self.record
        terms = read_terms(row.terms)
        units = terms.principal_max_units or 1000 * 10**terms.digits
        try:
            return offer_of(Asked(terms, units, row.effective_date))
        except Refusal:
            return None

    def facts(self) -> Sequence[FactGroup]:
        """Terms and preconditions in words."""
        row = self.record
        terms = read_terms(row.terms)
        offer = self.offer()
        return [
            FactGroup(
                _("Terms"),
                [
                    Fact(_("Lender"), row.product.lender),
                    *fund_facts(_("Lent out of the fund"), row.product.fund),
                    *term_facts(terms),
                ],
            ),
            FactGroup(_("Fees and what else it costs"), list(cost_facts(terms))),
            *([offer_facts(offer)] if offer is not None else ()),
            FactGroup(_("For whom?"), list(_precondition_facts(row, terms))),
            FactGroup(
                _("Who decides?"),
                [
                    *_band_facts(row, terms),
                    *_grid_facts(row),
                    Fact(_("Proposed by"), row.proposed_by),
                    Fact(_("Approved by"), row.approved_by),
                    Fact(_("First used"), row.used_at),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """An example."""
        offer = self.offer()
        return [] if offer is None else [offer_table(offer)]


def _precondition_facts(row: ProductVersion, terms: Terms) -> Iterator[Fact]:
    pre = Preconditions.of(row.eligibility)
    yes, no = _now("yes"), _now("no")
    yield Fact(_("A certificate of training is required"), yes if pre.certificate_required else no)
    yield Fact(_("A business plan is required"), yes if pre.plan_required else no)
    yield Fact(_("Savings before the loan, percent of it"), share(pre.savings_ppm))
    if pre.savings_min_units:
        yield Fact(_("Savings at least"), format_money(pre.savings_min_units, terms.currency))
    yield Fact(_("Youngest age"), pre.age_min)
    yield Fact(_("Money for instalments, percent of them at least"), pre.dscr_min_x100)
    if pre.indebtedness_max_x100 is not None:
        label = _("Debts, percent of what is owned at most")
        yield Fact(label, format_number(pre.indebtedness_max_x100))
    yield Fact(_("Days another loan may be late"), pre.arrears_days_allowed)
    yield Fact(_("Days an application stays open"), pre.expires_after_days)
    for label, number in (
        (_("Instalments at least"), pre.instalments_min),
        (_("Instalments at most"), pre.instalments_max),
    ):
        if number is not None:
            yield Fact(label, format_number(number))
    for step in pre.steps:
        which = _now("Loan number %(number)s and on") % {"number": step.loan}
        yield Fact(which, step_words(step, terms.currency))
    if pre.documents:
        yield Fact(_("Documents the borrower shows"), ", ".join(pre.documents))
    if pre.waivable:
        labels = ", ".join(str(STOP_LABELS[stop]) for stop in sorted(pre.waivable))
        yield Fact(_("A committee may set aside"), labels)


def step_words(step: LoanStep, currency: str) -> str:
    """What a borrower's loan of a number may be."""
    told = []
    if step.units is not None:
        told.append(_now("at most %(amount)s") % {"amount": format_money(step.units, currency)})
    if step.instalments is not None:
        told.append(
            ngettext("%(n)s instalment at most", "%(n)s instalments at most", step.instalments)
            % {"n": format_number(step.instalments)}
        )
    return ", ".join(told)


def _band_facts(row: ProductVersion, terms: Terms) -> Iterator[Fact]:
    for band in bands_of(row.bands):
        text = _now("%(quorum)s of %(members)s members must vote") % {
            "quorum": band.quorum,
            "members": band.members,
        }
        if band.one_page:
            text = f"{text} · {_now('asked for and appraised on one page')}"
        if band.up_to_units is None:
            yield Fact(_("Who decides"), text)
        else:
            label = _now("Up to %(amount)s") % {
                "amount": format_money(band.up_to_units, terms.currency)
            }
            yield Fact(label, text)


def _grid_facts(row: ProductVersion) -> Iterator[Fact]:
    grid = Grid.of(row.grid)
    weights = ", ".join(
        f"{CRITERIA.get(name, name)} {weight}" for name, weight in grid.weights.items()
    )
    yield Fact(_("Weights of the scoring"), weights)
    yield Fact(_("Points from which it is discussed"), grid.discuss_from)
    yield Fact(_("Points from which it is favoured"), grid.favour_from)


class ProposeProduct(FormPage):
    """Propose a product or its next version, with a schedule to try it on."""

    form_class = ProductForm
    permission = "lending.propose_product"
    title = _("Propose a product")
    intro = _("Another person approves it. A code that exists gets its next version.")
    verb = _("Propose")
    template = "lending/product_form.html"
    before: ProductVersion | None = None
    offer: Offer | None = None

    def form_options(self) -> dict[str, Any]:
        """Lenders the reader may see."""
        return {"lenders": Lender.objects.visible_to(self.staff)}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"effective_date": timezone.localdate()}

    def context(self) -> dict[str, Any]:
        """The schedule of the sample loan, once it was asked for."""
        if self.offer is None:
            return {}
        return {"sample": offer_table(self.offer), "sample_facts": offer_facts(self.offer)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show a schedule when only that is asked for; else propose."""
        if "_preview" not in request.POST:
            return super().post(request, *args, **kwargs)
        form = ProductForm(request.POST, initial=self.initial(), **self.form_options())
        self.new_id = self.kept_id(request)
        if form.is_valid():
            try:
                self.offer = self._sample(form)
            except Refusal as refusal:
                form.refuse(refusal)
        answer = self._show(form)
        answer.status_code = 200
        return answer

    @staticmethod
    def _sample(form: ProductForm) -> Offer:
        """The sample loan under the terms as they are. Raises what the terms are refused for."""
        terms = read_terms(form.terms())
        check_offered(terms)
        data = form.cleaned_data
        units = data.get("sample_units") or terms.principal_max_units or 1
        return offer_of(Asked(terms, units, data["effective_date"]))

    def perform(self, values: dict[str, Any]) -> Any:
        """Propose."""
        form = ProductForm(self.request.POST, **self.form_options())
        form.is_valid()
        kept = self.before.eligibility if self.before is not None else {}
        return services.propose_product(
            acting_staff=self.staff,
            code=values["code"],
            name=values["name"],
            lender=values["lender"],
            programme=values["lender"].programme,
            terms=form.terms(),
            effective_date=values["effective_date"],
            eligibility=form.eligibility(kept),
            bands=form.bands(),
            grid=form.grid(),
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The version's page."""
        return reverse("lending:product_detail", args=[result.pk])


class ProposeNextVersion(ProposeProduct):
    """The next version of a product: the form begins with all of this one."""

    subject_model = ProductVersion
    title = _("Propose the next version")
    intro = _("Loans that are signed keep their terms. Another person approves the new ones.")

    def find_subject(self, pk: Any) -> Any:
        """The version it comes after."""
        self.before = super().find_subject(pk)
        return self.before

    def initial(self) -> dict[str, Any]:
        """What holds now, from today."""
        return {**initial_of_version(self.subject), **super().initial()}


class ApproveProduct(FormPage):
    """The second person's word on a product."""

    form_class = PerhapsReasonForm
    permission = "lending.approve_product"
    subject_model = ProductVersion
    title = _("Approve the product")
    intro = _("From now on loans may be asked for under these terms.")
    verb = _("Approve")

    def subject_name(self) -> str:
        """The product and its version."""
        told = _now("Version %(number)s") % {"number": self.subject.number}
        return f"{self.subject.product.name}: {told}"

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve."""
        return services.approve_product(
            acting_staff=self.staff,
            version=self.subject,
            approved_date=timezone.localdate(),
            reason=values["reason"],
        )

    def success_url(self, result: Any) -> str:
        """The version's page."""
        return reverse("lending:product_detail", args=[self.subject.pk])
