"""Forms of a plan's parts: start, household sheet, one-page costing, the loan."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handup.kernel.credit.codes import Method, Repayment
from handup.kernel.money import WHOLE_BPS
from handup.org.web.columns import Label
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question, dress
from handup.plans.models import Plan
from handup.plans.models.labels import (
    CONVENTION,
    COST_KIND,
    DEPTH,
    EVIDENCE,
    METHOD,
    REPAYMENT,
    SECTION,
    SOURCE,
    SPAN,
    choices,
)
from handup.plans.rules.household import Evidence, MonthConvention, Section, Span
from handup.plans.rules.inputs import THOUSAND, CostKind, DrawingsFrom, Source
from handup.plans.rules.states import Depth
from handup.plans.services import (
    CostingIn,
    CostLineIn,
    FinanceIn,
    HouseholdLineIn,
    InvestmentIn,
    ProductLineIn,
)

MONEY = (
    "own_cash_units",
    "grant_units",
    "opening_stock_units",
    "capital_units",
    "liabilities_units",
    "buffer_units",
)
THINGS, PRODUCTS, COSTS = 4, 3, 4
USUAL_LINES: dict[Section, tuple[Label, ...]] = {
    Section.SALES: (_("goods sold"), _("services, orders")),
    Section.COST_OF_SALES: (_("goods bought to sell"), _("materials")),
    Section.BUSINESS_EXPENSE: (
        _("rent, water, light"),
        _("transport"),
        _("wages"),
        _("other running costs"),
    ),
    Section.OTHER_INCOME: (_("wages of the family"), _("pension, help, money sent")),
    Section.HOUSEHOLD_EXPENSE: (_("food"), _("rent, water, light"), _("transport"), _("clothes")),
    Section.OTHER_EXPENSE: (_("school"), _("doctor and medicine"), _("feasts and other")),
    Section.DEBT_PAYMENT: (_("bank or programme"), _("shop, neighbours, relatives")),
}
SEASONS = [
    ("5000", pgettext_lazy("season", "lean")),
    ("10000", pgettext_lazy("season", "normal")),
    ("15000", pgettext_lazy("season", "good")),
    ("0", pgettext_lazy("season", "nothing")),
]


class StartForm(HouseForm):
    """What the plan is about."""

    title = forms.CharField(label=_("What is the business?"), max_length=200)
    enterprise = forms.ChoiceField(label=_("Her enterprise"), required=False)
    idea = forms.CharField(
        label=_("The idea, and who benefits"), required=False, widget=forms.Textarea
    )
    start_month = DayField(label=_("First month of the plan"))
    horizon_months = forms.IntegerField(label=_("Months"), min_value=1, max_value=60, initial=12)
    depth = forms.ChoiceField(
        label=_("How deep?"), choices=choices(DEPTH), required=False, initial=Depth.LIGHT.value
    )
    started_date = DayField(label=_("Day"))

    def __init__(
        self, *args: Any, enterprises: list[tuple[str, str]] | None = None, **options: Any
    ) -> None:
        """Take the enterprises of the person."""
        super().__init__(*args, **options)
        field = self.fields["enterprise"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("none yet")), *(enterprises or [])]


class EditedForm(HouseForm):
    """A part of a plan, with the edition of the plan it was filled from."""

    based_on = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)


class HouseholdForm(EditedForm):
    """The household sheet as a grid: one row a line, with amount, span and evidence."""

    told_date = DayField(label=_("Told on"))
    convention = forms.ChoiceField(label=_("How a month is counted"), choices=choices(CONVENTION))
    miscellaneous = forms.IntegerField(
        label=_("Added for what was forgotten, percent of spending"),
        min_value=0,
        max_value=50,
        initial=10,
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Why it spends so little, if it does; what else explains the figures."),
        widget=forms.Textarea,
        required=False,
    )

    def __init__(self, *args: Any, plan: Plan, **options: Any) -> None:
        """Make the rows, filled with what the plan holds."""
        super().__init__(*args, **options)
        self.rows: list[tuple[Section, int, Label]] = [
            (section, place, label)
            for section, labels in USUAL_LINES.items()
            for place, label in enumerate(labels)
        ]
        for section, place, label in self.rows:
            prefix = f"{section.lower()}_{place}"
            amount = MoneyField(label=label, currency=plan.currency, required=False, least_units=0)
            amount.widget.attrs["class"] = "cell"
            span = forms.ChoiceField(
                label=_("for"), choices=choices(SPAN), initial=Span.MONTH.value
            )
            evidence = forms.ChoiceField(
                label=_("known how"), choices=choices(EVIDENCE), initial=Evidence.TOLD.value
            )
            for name, field in (("units", amount), ("span", span), ("evidence", evidence)):
                field.widget.attrs["aria-label"] = f"{SECTION[section]}: {label}, {field.label}"
                dress(field)
                self.fields[f"{prefix}_{name}"] = field

    @property
    def head(self) -> list[Any]:
        """The inputs above the grid."""
        return [self[name] for name in ("told_date", "convention", "miscellaneous", "note")]

    @property
    def lines(self) -> Iterator[tuple[Label, Label, list[Any]]]:
        """Section (once), line and its inputs, for the grid."""
        before = None
        for section, place, label in self.rows:
            prefix = f"{section.lower()}_{place}"
            inputs = [self[f"{prefix}_{name}"] for name in ("units", "span", "evidence")]
            yield (SECTION[section] if section is not before else "", label, inputs)
            before = section

    def clean(self) -> dict[str, Any]:
        """Gather the parts into what the service takes."""
        values = super().clean() or {}
        if not self.errors:
            values["sheet"] = self.sheet_in()
        return values

    def lines_in(self) -> list[HouseholdLineIn]:
        """The lines that were filled in."""
        found = []
        for section, place, label in self.rows:
            prefix = f"{section.lower()}_{place}"
            units = self.cleaned_data.get(f"{prefix}_units")
            if units:
                found.append(
                    HouseholdLineIn(
                        section,
                        Span(self.cleaned_data[f"{prefix}_span"]),
                        units,
                        str(label),
                        Evidence(self.cleaned_data[f"{prefix}_evidence"]),
                    )
                )
        return found

    def sheet_in(self) -> dict[str, Any]:
        """Everything the service takes."""
        return {
            "lines": self.lines_in(),
            "told_date": self.cleaned_data["told_date"],
            "convention": MonthConvention(self.cleaned_data["convention"]),
            "miscellaneous_bps": self.cleaned_data["miscellaneous"] * 100,
            "note": self.cleaned_data["note"].strip(),
        }


class CostingForm(EditedForm):
    """The one-page costing: money at the start, things, products, monthly lines, seasons."""

    own_cash_units = MoneyField(label=_("Own cash put in"), required=False, least_units=0)
    grant_units = MoneyField(label=_("Grant"), required=False, least_units=0)
    opening_stock_units = MoneyField(
        label=_("Stock bought for opening"), required=False, least_units=0
    )
    capital_units = MoneyField(
        label=_("Worth of what they already own"), required=False, least_units=0
    )
    liabilities_units = MoneyField(label=_("Debts now"), required=False, least_units=0)
    buffer_units = MoneyField(label=_("Cash that must stay"), required=False, least_units=0)

    def __init__(self, *args: Any, plan: Plan, **options: Any) -> None:
        """Make fields for things, products, costs and one season a month."""
        super().__init__(*args, **options)
        self.plan = plan
        for name in MONEY:
            self._money(name).currency = plan.currency
        for place in range(THINGS):
            self._add_thing(place)
        for place in range(PRODUCTS):
            self._add_product(place)
        for place in range(COSTS):
            self._add_cost(place)
        for month in range(plan.horizon_months):
            self.fields[f"season_{month}"] = forms.ChoiceField(
                label=_("Month %(number)s") % {"number": month + 1},
                choices=SEASONS,
                initial=str(plan.season_bps[month] if plan.season_bps else WHOLE_BPS),
                required=False,
            )
        for field in self.fields.values():
            dress(field)
        self.page_questions = self._questions()

    def _money(self, name: str) -> MoneyField:
        field = self.fields[name]
        assert isinstance(field, MoneyField)
        return field

    def _amount(self, label: Label) -> MoneyField:
        return MoneyField(label=label, currency=self.plan.currency, required=False, least_units=0)

    def _add_thing(self, place: int) -> None:
        self.fields[f"thing_{place}_name"] = forms.CharField(
            label=_("Thing needed"), required=False, max_length=120
        )
        self.fields[f"thing_{place}_cost"] = self._amount(_("Cost"))
        self.fields[f"thing_{place}_source"] = forms.ChoiceField(
            label=_("Paid by"), choices=choices(SOURCE), required=False
        )
        self.fields[f"thing_{place}_life"] = forms.IntegerField(
            label=_("Lasts how many months?"), min_value=0, max_value=600, required=False
        )

    def _add_product(self, place: int) -> None:
        self.fields[f"product_{place}_name"] = forms.CharField(
            label=_("Product or service"), required=False, max_length=120
        )
        self.fields[f"product_{place}_price"] = self._amount(_("Price of one"))
        self.fields[f"product_{place}_material"] = self._amount(_("Material in one"))
        self.fields[f"product_{place}_labour"] = self._amount(_("Piece labour in one"))
        self.fields[f"product_{place}_pieces"] = forms.DecimalField(
            label=_("Sold in a normal month"), min_value=0, decimal_places=3, required=False
        )
        self.fields[f"product_{place}_credit"] = forms.IntegerField(
            label=_("Of it on credit, percent"), min_value=0, max_value=100, required=False
        )

    def _add_cost(self, place: int) -> None:
        kinds = [CostKind.FIXED, CostKind.OTHER_INCOME, CostKind.DEBT, CostKind.TAX]
        self.fields[f"cost_{place}_name"] = forms.CharField(
            label=_("Monthly cost or income"), required=False, max_length=120
        )
        self.fields[f"cost_{place}_kind"] = forms.ChoiceField(
            label=_("Kind"), choices=_kinds(kinds), required=False
        )
        self.fields[f"cost_{place}_units"] = self._amount(_("Amount a month"))

    def _questions(self) -> tuple[Question, ...]:
        def of(prefix: str) -> tuple[str, ...]:
            return tuple(name for name in self.fields if name.startswith(prefix))

        return (
            Question(_("What money is there at the start?"), MONEY),
            Question(_("What is needed to start?"), of("thing_")),
            Question(
                _("What is sold?"),
                of("product_"),
                _("Leave this empty to reckon with the sales of the household sheet."),
            ),
            Question(_("What comes and goes every month?"), of("cost_")),
            Question(_("How are the months?"), of("season_")),
        )

    @property
    def groups(self) -> Any:
        """The fields by question."""
        return [
            (question, [self[name] for name in question.fields])
            for question in self.page_questions
            if question.fields
        ]

    def clean(self) -> dict[str, Any]:
        """Gather the parts into what the service takes."""
        values = super().clean() or {}
        if not self.errors:
            values["costing"] = self.costing()
        return values

    def costing(self) -> CostingIn:
        """What the service takes."""
        values = self.cleaned_data
        months = range(self.plan.horizon_months)
        seasons = tuple(int(values.get(f"season_{month}") or WHOLE_BPS) for month in months)
        return CostingIn(
            **{name: values.get(name) or 0 for name in MONEY},
            season_bps=seasons,
            drawings_from=DrawingsFrom.SHEET,
            investments=tuple(self._things()),
            products=tuple(self._products(seasons)),
            costs=tuple(self._costs()),
        )

    def _things(self) -> Iterator[InvestmentIn]:
        for place in range(THINGS):
            name = self.cleaned_data.get(f"thing_{place}_name")
            if name:
                yield InvestmentIn(
                    name,
                    self.cleaned_data.get(f"thing_{place}_cost") or 0,
                    Source(self.cleaned_data.get(f"thing_{place}_source") or Source.OWN.value),
                    life_months=self.cleaned_data.get(f"thing_{place}_life") or 0,
                )

    def _products(self, seasons: tuple[int, ...]) -> Iterator[ProductLineIn]:
        for place in range(PRODUCTS):
            values = {
                part: self.cleaned_data.get(f"product_{place}_{part}")
                for part in ("name", "price", "material", "labour", "pieces", "credit")
            }
            if values["name"]:
                thousandths = int((values["pieces"] or 0) * THOUSAND)
                yield ProductLineIn(
                    name=values["name"],
                    price_units=values["price"] or 0,
                    quantities=tuple(thousandths * season // WHOLE_BPS for season in seasons),
                    material_units=values["material"] or 0,
                    labour_units=values["labour"] or 0,
                    credit_share_bps=(values["credit"] or 0) * 100,
                )

    def _costs(self) -> Iterator[CostLineIn]:
        for place in range(COSTS):
            name = self.cleaned_data.get(f"cost_{place}_name")
            if name:
                units = self.cleaned_data.get(f"cost_{place}_units") or 0
                kind = CostKind(self.cleaned_data.get(f"cost_{place}_kind") or CostKind.FIXED)
                yield CostLineIn(name, kind, (units,) * self.plan.horizon_months)


def _kinds(kinds: list[CostKind]) -> list[tuple[str, Any]]:
    return [(kind.value, COST_KIND[kind]) for kind in kinds]


class FinanceForm(EditedForm):
    """The loan asked for and its terms."""

    loan_units = MoneyField(label=_("Loan asked for"))
    purpose = forms.CharField(label=_("For what?"), max_length=200, required=False)
    product_code = forms.CharField(label=_("Loan product"), max_length=40, required=False)
    rate_percent = forms.DecimalField(
        label=_("Interest a month, percent"), min_value=0, max_value=100, decimal_places=2
    )
    instalments = forms.IntegerField(label=_("Monthly instalments"), min_value=1, max_value=60)
    grace_instalments = forms.IntegerField(
        label=_("Of them interest only"), min_value=0, max_value=59, initial=0
    )
    method = forms.ChoiceField(
        label=_("Interest is reckoned"), choices=choices(METHOD), initial=Method.DECLINING.value
    )
    repayment = forms.ChoiceField(label=_("Repaid in"), choices=choices(REPAYMENT))
    fee_withheld_units = MoneyField(label=_("Fee kept back"), required=False, least_units=0)
    multiple_units = MoneyField(label=_("Loans in steps of"), required=False)
    most_units = MoneyField(label=_("Largest loan of the product"), required=False)
    most_grace = forms.IntegerField(
        label=_("Most months of grace"), min_value=0, max_value=59, initial=0
    )
    shares = forms.CharField(
        label=_("Percent of the loan repaid each month"),
        max_length=500,
        required=False,
        help_text=_(
            "Only for other parts each month: one number an instalment, with spaces between,"
            " together 100. For example 0 0 20 30 50."
        ),
    )
    loan_currency = forms.RegexField(
        r"^[A-Z]{3}$",
        label=_("Currency of the loan, when it is another than the plan's"),
        max_length=3,
        required=False,
    )
    loan_rate = forms.DecimalField(
        label=_("Rate into the plan's money"),
        min_value=Decimal(0),
        max_digits=16,
        decimal_places=10,
        required=False,
    )
    rate_date = DayField(label=_("Rate of"), required=False)
    rate_source = forms.CharField(label=_("Source of the rate"), max_length=120, required=False)
    questions = (
        Question(_("What is the loan for?"), ("loan_units", "purpose", "product_code")),
        Question(
            _("On which terms?"),
            (
                "rate_percent",
                "instalments",
                "grace_instalments",
                "method",
                "repayment",
                "shares",
                "fee_withheld_units",
            ),
        ),
        Question(
            _("Is the loan in other money?"),
            ("loan_currency", "loan_rate", "rate_date", "rate_source"),
        ),
        Question(_("What does the product allow?"), ("multiple_units", "most_units", "most_grace")),
    )

    def __init__(self, *args: Any, plan: Plan, **options: Any) -> None:
        """Amounts are in the currency of the loan: the plan's, unless another is typed."""
        super().__init__(*args, **options)
        typed = self.data.get(self.add_prefix("loan_currency"), "") if self.is_bound else ""
        known = len(typed) == 3 and typed.isascii() and typed.isupper()
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = typed if known else plan.currency

    def clean_shares(self) -> tuple[int, ...]:
        """Percents with at most two decimals, as hundredths of a percent."""
        found = []
        for part in self.cleaned_data["shares"].replace(",", ".").split():
            if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", part):
                raise forms.ValidationError(
                    _("%(part)s is no percent. Write numbers as 20 or 33.34."),
                    params={"part": part},
                )
            found.append(int(Decimal(part) * 100))
        return tuple(found)

    def clean(self) -> dict[str, Any]:
        """Gather the parts into what the service takes."""
        values = super().clean() or {}
        if not self.errors:
            values["finance"] = self.finance()
        return values

    def finance(self) -> FinanceIn:
        """What the service takes."""
        values = self.cleaned_data
        return FinanceIn(
            loan_units=values["loan_units"],
            rate_bps=int(values["rate_percent"] * 100),
            instalments=values["instalments"],
            grace_instalments=values["grace_instalments"],
            method=Method(values["method"]),
            repayment=Repayment(values["repayment"]),
            fee_withheld_units=values.get("fee_withheld_units") or 0,
            multiple_units=values.get("multiple_units") or 1,
            most_units=values.get("most_units") or 0,
            most_grace=values["most_grace"],
            product_code=values["product_code"],
            purpose=values["purpose"],
            shares_bps=values["shares"],
            currency=values["loan_currency"],
            rate_numerator=_rate(values["loan_rate"]),
            rate_date=values["rate_date"],
            rate_source=values["rate_source"],
        )


def _rate(rate: Decimal | None) -> int | None:
    """A rate as a whole number, times 10^10."""
    return None if rate is None else int(rate.scaleb(10))
