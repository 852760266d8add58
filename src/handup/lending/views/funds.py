"""Out of which fund a lender or one of its products lends, and how a fund is shown."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.groups.queries import BULK_FUND_ID, SOCIAL_FUND_ID
from handup.ledger.models import Fund
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.lending.models import Lender, Loan, Product
from handup.lending.services import funds
from handup.org.models import StaffUser
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.pages import Fact

ALWAYS = (UNRESTRICTED_ID, SOCIAL_FUND_ID, BULK_FUND_ID)
"""Funds that are there in every house; the others are of groups' own books."""


def fund_facts(label: Any, fund: Fund | None) -> list[Fact]:
    """A fund as it is shown: nothing where the house keeps only the one that is always there."""
    if fund is None or (
        fund.pk == UNRESTRICTED_ID and not Fund.objects.exclude(pk__in=ALWAYS).exists()
    ):
        return []
    return [Fact(label, fund)]


def fund_name(loan: Loan | None) -> str:
    """The fund a loan is lent out of, in a list; nothing for the one that is always there."""
    if loan is None or loan.fund_id == UNRESTRICTED_ID:
        return ""
    return loan.fund.name


def may_name(staff: StaffUser) -> QuerySet[Fund]:
    """The funds she may name; none where there is only one, so that nobody is asked."""
    rows: QuerySet[Fund] = Fund.objects.visible_to(staff).filter(active=True)
    rows = rows.exclude(pk__in=(SOCIAL_FUND_ID, BULK_FUND_ID)).order_by("code")
    return rows if rows.exclude(pk=UNRESTRICTED_ID).exists() else rows.none()


class FundForm(HouseForm):
    """Which fund, and whether for one product only."""

    fund = forms.ModelChoiceField(label=_("Fund"), queryset=Fund.objects.none())
    product = forms.ModelChoiceField(
        label=_("Only for this product"),
        queryset=Product.objects.none(),
        required=False,
        help_text=_("Left empty, for all its products that name none of their own."),
    )

    def __init__(self, *args: Any, choices: dict[str, Any], **options: Any) -> None:
        """Offer the funds and products the reader may see."""
        super().__init__(*args, **options)
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


class NameFund(FormPage):
    """Say out of which fund a lender lends."""

    form_class = FundForm
    permission = "lending.name_fund"
    subject_model = Lender
    title = _("Fund its loans are lent out of")
    intro = _("Loans signed before keep the fund they were signed with.")
    verb = _("Name the fund")
    subject: Lender

    def form_options(self) -> dict[str, Any]:
        """Funds, and the products of this lender."""
        products = Product.objects.visible_to(self.staff).filter(lender=self.subject)
        return {"choices": {"fund": may_name(self.staff), "product": products}}

    def initial(self) -> dict[str, Any]:
        """The fund it lends out of now."""
        return {"fund": self.subject.fund_id}

    def perform(self, values: dict[str, Any]) -> Lender:
        """Name it."""
        return funds.name_fund(
            acting_staff=self.staff,
            lender=self.subject,
            fund=values["fund"],
            product=values["product"],
        )

    def success_url(self, result: Lender) -> str:
        """The lender's page."""
        return reverse("lending:lender_detail", args=[result.pk])

    def done_message(self, result: Lender) -> str:
        """What was done."""
        return str(_("The fund is named."))
