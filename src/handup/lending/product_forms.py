"""A product, or its next version: its terms, to whom it is lent, how it is scored, who decides."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.lending.forms import CRITERIA
from handup.lending.models import Lender, ProductVersion
from handup.lending.models.labels import STOP_LABELS
from handup.lending.rules.eligibility import (
    DEFAULT_WEIGHTS,
    NEVER_WAIVABLE,
    Grid,
    Preconditions,
    bands_of,
)
from handup.lending.rules.expiry import EXPIRES_AFTER_DAYS
from handup.lending.rules.terms import read_terms
from handup.lending.terms_filled import initial_of
from handup.lending.terms_forms import PPM, TermsForm
from handup.org.web.forms import DayField, MoneyField, Question
from handup.org.web.money import as_decimal

BANDS = 3
WAIVABLE = [
    (stop.value, label) for stop, label in STOP_LABELS.items() if stop not in NEVER_WAIVABLE
]
UNASKED = frozenset({"certificate_curricula", "consent_required", "identity_required"})
BAND_PARTS = ("up_to", "members", "quorum", "one_page")


class ProductForm(TermsForm):
    """A loan product, or its next version."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=160)
    lender = forms.ModelChoiceField(label=_("Lender"), queryset=Lender.objects.none())
    effective_date = DayField(label=_("Offered from"))
    sample = forms.CharField(
        label=_("Try it with a loan of"),
        max_length=30,
        required=False,
        help_text=_("Left empty: the largest loan."),
    )

    certificate_required = forms.BooleanField(
        label=_("A certificate of training is required"), required=False, initial=True
    )
    plan_required = forms.BooleanField(label=_("A business plan is required"), required=False)
    savings_percent = forms.DecimalField(
        label=_("Savings before the loan, percent of it"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        initial=0,
    )
    savings_min = forms.CharField(
        label=_("Savings before the loan, at least"), max_length=30, required=False
    )
    age_min = forms.IntegerField(
        label=_("Youngest age"), min_value=14, max_value=99, required=False, initial=18
    )
    dscr_percent = forms.IntegerField(
        label=_("Money for instalments, percent of them at least"),
        min_value=0,
        max_value=1000,
        required=False,
        initial=120,
    )
    indebtedness_percent = forms.IntegerField(
        label=_("Debts, percent of what is owned at most"),
        min_value=0,
        max_value=10_000,
        required=False,
    )
    arrears_days_allowed = forms.IntegerField(
        label=_("Days another loan may be late"),
        min_value=0,
        max_value=365,
        required=False,
        initial=0,
    )
    instalments_min = forms.IntegerField(
        label=_("Instalments at least"), min_value=1, max_value=600, required=False
    )
    instalments_max = forms.IntegerField(
        label=_("Instalments at most"),
        min_value=1,
        max_value=600,
        required=False,
        help_text=_("Left empty, a loan may have as many as a schedule can be made of."),
    )
    steps = forms.CharField(
        label=_("Steps of a borrower's loans, one a line"),
        max_length=700,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Number of the loan, largest amount, most instalments; a step holds until the next one."
            " For example 1 300 6, then 2 600 12."
        ),
    )
    expires_after_days = forms.IntegerField(
        label=_("Days an application stays open"),
        min_value=1,
        max_value=730,
        required=False,
        initial=EXPIRES_AFTER_DAYS,
        help_text=_("After that it has expired, unless it is signed; it can be submitted again."),
    )
    documents = forms.CharField(
        label=_("Documents the borrower shows, one a line"),
        max_length=1700,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What is missing at the decision has to be there before the signing."),
    )
    waivable = forms.MultipleChoiceField(
        label=_("A committee may set aside"),
        choices=WAIVABLE,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    discuss_from = forms.IntegerField(
        label=_("Points from which it is discussed"),
        min_value=0,
        max_value=100,
        required=False,
        initial=50,
    )
    favour_from = forms.IntegerField(
        label=_("Points from which it is favoured"),
        min_value=0,
        max_value=100,
        required=False,
        initial=70,
    )
    members = forms.IntegerField(
        label=_("Committee members who vote"), min_value=1, max_value=25, initial=3
    )
    questions = (
        Question(_("Which product?"), ("code", "name", "lender", "effective_date")),
        *TermsForm.questions,
        Question(
            _("For whom?"),
            (
                *("certificate_required", "plan_required", "savings_percent", "savings_min"),
                *(
                    "age_min",
                    "dscr_percent",
                    "indebtedness_percent",
                    "arrears_days_allowed",
                    "instalments_min",
                    "instalments_max",
                    "steps",
                    "expires_after_days",
                    "documents",
                    "waivable",
                ),
            ),
            folded=True,
        ),
        Question(
            _("How is it scored?"),
            (*(f"weight_{name}" for name in DEFAULT_WEIGHTS), "discuss_from", "favour_from"),
            folded=True,
        ),
        Question(
            _("Who decides?"),
            (
                "members",
                *(f"band{number}_{part}" for number in range(1, BANDS) for part in BAND_PARTS),
            ),
        ),
        Question(_("Try it"), ("sample",)),
    )

    def __init__(self, *args: Any, lenders: Any, **options: Any) -> None:
        """Offer the lenders the reader may see."""
        super().__init__(*args, **options)
        lender = self.fields["lender"]
        assert isinstance(lender, forms.ModelChoiceField)
        lender.queryset = lenders

    @classmethod
    def _add_parts(cls) -> None:
        for name, weight in DEFAULT_WEIGHTS.items():
            cls.base_fields[f"weight_{name}"] = forms.IntegerField(
                label=CRITERIA[name], min_value=0, max_value=100, required=False, initial=weight
            )
        labels = (
            (_("Up to this amount"), _("members who vote"), _("of whom must vote")),
            (_("Up to this larger amount"), _("members who vote"), _("of whom must vote")),
        )
        for number, (up_to, members, quorum) in enumerate(labels, 1):
            amount = forms.CharField(label=up_to, max_length=30, required=False)
            cls.base_fields[f"band{number}_up_to"] = amount
            for part, label in (("members", members), ("quorum", quorum)):
                cls.base_fields[f"band{number}_{part}"] = forms.IntegerField(
                    label=label, min_value=1, max_value=25, required=False
                )
            cls.base_fields[f"band{number}_one_page"] = forms.BooleanField(
                label=_("asked for and appraised on one page"), required=False
            )

    def money(self) -> str:
        """The lender's currency."""
        lender = self.cleaned_data.get("lender")
        return lender.currency if lender is not None else ""

    def clean(self) -> dict[str, Any]:
        """Read the amounts that are no terms."""
        found = super().clean()
        if self.money():
            for name in (
                "sample",
                "savings_min",
                *(f"band{number}_up_to" for number in range(1, BANDS)),
            ):
                self._read_amount(found, name)
            self._read_steps(found)
        return found

    def _read_steps(self, found: dict[str, Any]) -> None:
        """One step a line: a number, an amount and a number, - for one that is not limited."""
        lines = [line.split() for line in str(found.get("steps") or "").splitlines()]
        found["steps_told"] = []
        field = MoneyField(currency=self.money(), required=False)
        for words in filter(None, lines):
            try:
                number, amount, instalments = words
                step = {
                    "loan": int(number),
                    "units": None if amount == "-" else field.clean(amount),
                    "instalments": None if instalments == "-" else int(instalments),
                }
            except (ValueError, forms.ValidationError):
                text = _("“%(line)s” is no step: write three numbers, for example 2 600 12.")
                self.add_error("steps", text % {"line": " ".join(words)[:60]})
                return
            found["steps_told"].append(step)

    def eligibility(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """Preconditions as the service takes them; `kept` are those no question asks for."""
        data = self.cleaned_data
        usual = Preconditions()
        found: dict[str, Any] = {
            "certificate_required": data["certificate_required"],
            "savings_ppm": int(data["savings_percent"] * PPM),
        }
        for name, field in (
            ("age_min", "age_min"),
            ("dscr_percent", "dscr_min_x100"),
            ("indebtedness_percent", "indebtedness_max_x100"),
            ("arrears_days_allowed", "arrears_days_allowed"),
            ("expires_after_days", "expires_after_days"),
            ("instalments_min", "instalments_min"),
            ("instalments_max", "instalments_max"),
        ):
            if data.get(name) not in (None, getattr(usual, field)):
                found[field] = data[name]
        if data.get("savings_min_units"):
            found["savings_min_units"] = data["savings_min_units"]
        if data.get("plan_required"):
            found["plan_required"] = True
        if asked := [line.strip() for line in data["documents"].splitlines() if line.strip()]:
            found["documents"] = asked
        if data.get("steps_told"):
            found["steps"] = data["steps_told"]
        if data.get("waivable"):
            found["waivable"] = data["waivable"]
        return {**{name: value for name, value in kept.items() if name in UNASKED}, **found}

    def grid(self) -> dict[str, Any]:
        """Weights and thresholds; what is left empty is usual."""
        data = self.cleaned_data
        weights = {
            name: usual if (given := data.get(f"weight_{name}")) is None else given
            for name, usual in DEFAULT_WEIGHTS.items()
        }
        found: dict[str, Any] = {} if weights == DEFAULT_WEIGHTS else {"weights": weights}
        for name, usual_points in (("discuss_from", 50), ("favour_from", 70)):
            if data.get(name) not in (None, usual_points):
                found[name] = data[name]
        return found

    def bands(self) -> list[dict[str, Any]]:
        """Who decides up to which amount; the last line holds for all larger loans."""
        data = self.cleaned_data
        found: list[dict[str, Any]] = [
            {
                "up_to_units": data[f"band{number}_up_to_units"],
                "members": data.get(f"band{number}_members") or 1,
                "quorum": data.get(f"band{number}_quorum")
                or (data.get(f"band{number}_members") or 1) // 2 + 1,
                **({"one_page": True} if data.get(f"band{number}_one_page") else {}),
            }
            for number in range(1, BANDS)
            if data.get(f"band{number}_up_to_units")
        ]
        found.sort(key=lambda band: int(band["up_to_units"]))
        return [*found, {"members": data["members"], "quorum": data["members"] // 2 + 1}]

    def refuse(self, refusal: Refusal) -> None:
        """Weights that do not sum stand beside the first of them."""
        if refusal.code == "WEIGHTS_SUM":
            refusal.field = "weight_capacity"
        super().refuse(refusal)


ProductForm._add_parts()


def initial_of_version(version: ProductVersion) -> dict[str, Any]:
    """What the form of the next version holds: all of this one."""
    terms = read_terms(version.terms)
    pre = Preconditions.of(version.eligibility)
    grid = Grid.of(version.grid)
    bands = bands_of(version.bands)
    found = {
        **initial_of(terms),
        "code": version.product.code,
        "name": version.product.name,
        "lender": version.product.lender_id,
        "certificate_required": pre.certificate_required,
        "plan_required": pre.plan_required,
        "savings_percent": pre.savings_ppm / PPM,
        "savings_min": str(as_decimal(pre.savings_min_units, terms.currency))
        if pre.savings_min_units
        else "",
        "age_min": pre.age_min,
        "dscr_percent": pre.dscr_min_x100,
        "indebtedness_percent": pre.indebtedness_max_x100,
        "arrears_days_allowed": pre.arrears_days_allowed,
        "expires_after_days": pre.expires_after_days,
        "instalments_min": pre.instalments_min,
        "instalments_max": pre.instalments_max,
        "documents": "\n".join(pre.documents),
        "steps": "\n".join(
            f"{step.loan} {'-' if step.units is None else as_decimal(step.units, terms.currency)}"
            f" {step.instalments or '-'}"
            for step in pre.steps
        ),
        "waivable": sorted(stop.value for stop in pre.waivable),
        "discuss_from": grid.discuss_from,
        "favour_from": grid.favour_from,
        "members": bands[-1].members,
        **{f"weight_{name}": weight for name, weight in grid.weights.items()},
    }
    for number, band in enumerate((band for band in bands if band.up_to_units is not None), 1):
        assert band.up_to_units is not None
        found |= {
            f"band{number}_up_to": str(as_decimal(band.up_to_units, terms.currency)),
            f"band{number}_members": band.members,
            f"band{number}_quorum": band.quorum,
            f"band{number}_one_page": band.one_page,
        }
    return found
