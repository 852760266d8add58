"""Asking for a loan; of a small one with what whoever visits her found."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group
from handup.lending import services
from handup.lending.models import ProductVersion
from handup.lending.one_page_form import OnePageForm
from handup.lending.rules.codes import ApplicationState, Outcome
from handup.lending.services import ApplicationIn, FoundIn
from handup.lending.services.one_page import any_on_one_page
from handup.org.permissions import may
from handup.org.web.forms import FormPage
from handup.org.web.money import as_decimal
from handup.people.models import Enterprise, Person
from handup.people.queries.merging import number_asked
from handup.plans.models import Plan


class ApplyForLoan(FormPage):
    """Ask for a loan."""

    form_class = OnePageForm
    permission = "lending.apply_for_loan"
    title = _("Apply for a loan")
    verb = _("Apply")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Approved versions in force; whether small loans are appraised with it."""
        versions = self._versions()
        appraises = may(self.staff, "lending.appraise_application")
        appraises = appraises and any_on_one_page(list(versions))
        return {"staff": self.staff, "versions": versions, "appraises": appraises}

    def _versions(self) -> Any:
        versions = ProductVersion.objects.visible_to(self.staff).filter(
            approved_by__isnull=False,
            effective_date__lte=timezone.localdate(),
            product__active=True,
        )
        return versions.select_related("product__lender")

    def initial(self) -> dict[str, Any]:
        """Today; who asks when the page was opened from hers, the figures when from a plan's."""
        told = {name: self.request.GET.get(name, "")[:40] for name in ("borrower", "plan")}
        plan = Plan.objects.visible_to(self.staff).filter(number=told["plan"]).first()
        return {
            "submitted_date": timezone.localdate(),
            "borrower": number_asked(Person.objects.visible_to(self.staff), told["borrower"]),
            "plan_version": told["plan"],
            **asked_in(plan, self._versions()),
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Apply, and appraise what is asked for on one page."""
        borrower, version = values["borrower"], values["product_version"]
        appraised = bool(values.get("recommendation"))
        asked = ApplicationIn(
            programme=version.product.programme or borrower.programme,
            product_version=version,
            units=values["amount_units"],
            instalments=values["instalments"],
            purpose=values["purpose"],
            submitted_date=values["submitted_date"],
            person=borrower if isinstance(borrower, Person) else None,
            enterprise=borrower if isinstance(borrower, Enterprise) else None,
            group=borrower if isinstance(borrower, Group) else None,
            plan_version=values["plan_version"],
            advisor=None if appraised else self.staff,
            savings_units=values["savings_units"] or 0,
            savings_seen_date=values["submitted_date"] if values["savings_units"] else None,
            id=self.new_id,
        )
        if not appraised:
            return services.apply_as_told(acting_staff=self.staff, asked=asked)
        found = FoundIn(
            Outcome(values["recommendation"]),
            values.get("recommended_units"),
            OnePageForm.anchors(values),
            values["note"],
            values["reason"],
        )
        return services.apply_on_one_page(acting_staff=self.staff, asked=asked, found=found)

    def success_url(self, result: Any) -> str:
        """The application's page."""
        return reverse("lending:application_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        if result.state == ApplicationState.APPRAISED:
            return _now("Application %(code)s is appraised.") % {"code": result.code}
        return _now("Application %(code)s waits for appraisal.") % {"code": result.code}


def asked_in(plan: Plan | None, versions: Any) -> dict[str, Any]:
    """The amount, the instalments, the purpose and the product a plan counts on, as a form holds
    them."""
    ask = getattr(plan, "finance_ask", None)
    if plan is None or ask is None:
        return {}
    return {
        "amount": as_decimal(ask.loan_units, plan.currency),
        "instalments": ask.instalments,
        "purpose": ask.purpose or plan.title,
        "product_version": versions.filter(product__code=ask.product_code)
        .order_by("-effective_date")
        .first(),
    }
