"""What others say of an entrepreneur, and what is known beside the figures of her plan."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org.web.forms import DayField, HouseForm
from handup.org.web.money import format_number
from handup.org.web.pages import Fact, FactGroup
from handup.plans import services
from handup.plans.models import Plan
from handup.plans.models.labels import EVIDENCE, choices
from handup.plans.models.references import OPINION, SOURCE
from handup.plans.rules.household import Evidence
from handup.plans.rules.references import Opinion, Source
from handup.plans.standing import Standing, standing_of
from handup.plans.views.forms import PlanStep


class ReferenceForm(HouseForm):
    """Who was asked, and what was said."""

    source = forms.TypedChoiceField(
        label=_("Who was asked"), choices=choices(SOURCE), coerce=Source, help_text=_("No name.")
    )
    opinion = forms.TypedChoiceField(
        label=_("What was said"), choices=choices(OPINION), coerce=Opinion
    )
    asked_date = DayField(label=_("Asked on"))


class RecordReference(PlanStep):
    """Record what somebody said of her."""

    form_class = ReferenceForm
    permission = "plans.record_reference"
    title = _("Record what others say")
    verb = _("Record it")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"asked_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_reference(
            acting_staff=self.staff, plan=self.subject, id=self.new_id, **values
        )


def standing_group(plan: Plan) -> FactGroup:
    """What is known beside the figures, as of today."""
    known = standing_of(plan, timezone.localdate())
    return FactGroup(
        _t("What is known beside the figures"),
        [
            Fact(_t("Certificates"), ", ".join(known.certificates) or _t("none")),
            Fact(_t("In this trade"), _in_trade(known)),
            Fact(_t("What others say"), _said(known) or _t("nobody was asked")),
            Fact(_t("How the household's figures are known"), _evidence(known)),
        ],
    )


def _in_trade(known: Standing) -> str:
    if known.trade_months is None:
        return _t("not known")
    years, months = divmod(known.trade_months, 12)
    parts = []
    if years:
        text = ngettext("%(n)s year", "%(n)s years", years)
        parts.append(text % {"n": format_number(years)})
    if months or not years:
        text = ngettext("%(n)s month", "%(n)s months", months)
        parts.append(text % {"n": format_number(months)})
    return ", ".join(parts)


def _said(known: Standing) -> str:
    return "; ".join(
        f"{SOURCE[Source(source)]}: {OPINION[Opinion(opinion)]} ({format_number(count)})"
        for (source, opinion), count in sorted(known.references.items())
    )


def _evidence(known: Standing) -> str:
    return ", ".join(
        f"{EVIDENCE[mark]}: {format_number(known.evidence[mark.value])}"
        for mark in Evidence
        if known.evidence.get(mark.value)
    )
