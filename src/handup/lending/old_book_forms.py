"""The forms of a portfolio that is taken over from another system."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.lending.models import OldBook
from handup.lending.models import termlabels as words
from handup.lending.models.labels import Choices
from handup.lending.models.lenders import Lender
from handup.lending.models.old_books import (
    AGEING_LABELS,
    BASES,
    CONTRA_ROLES,
    DUE_DAYS,
    TOTAL_LABELS,
    WAYS,
)
from handup.lending.rules.old_book import BUCKETS, TOTALS
from handup.org.models import Office, StaffUser
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.projects.models import Programme

AS_NAMED = [("", _("as the chosen set says"))]
DELIMITERS: Choices = [(",", _("comma")), (";", _("semicolon")), ("\t", _("tabulator"))]
DATE_FORMS: Choices = [
    ("%Y-%m-%d", "2026-11-26"),
    ("%d.%m.%Y", "26.11.2026"),
    ("%d/%m/%Y", "26/11/2026"),
    ("%m/%d/%Y", "11/26/2026"),
    ("%y%m%d", "261126"),
]
SIGNS: Choices = [(".", _("1234.50, with a point")), (",", _("1234,50, with a comma"))]
LARGEST = 10_000_000


class OldBookForm(HouseForm):
    """Which portfolio, under which convention, as of which day."""

    code = forms.SlugField(label=_("Short code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=160)
    programme = forms.ModelChoiceField(label=_("Programme"), queryset=Programme.objects.none())
    lender = forms.ModelChoiceField(label=_("Lender"), queryset=Lender.objects.none())
    office = forms.ModelChoiceField(
        label=_("Office"), queryset=Office.objects.none(), required=False
    )
    officer = forms.ModelChoiceField(
        label=_("Loan officer"), queryset=StaffUser.objects.none(), required=False
    )
    cutover_date = DayField(
        label=_("As of the end of"), help_text=_("The day of the old trial balance.")
    )
    preset = forms.ChoiceField(label=_("Set of terms to start from"), choices=words.PRESETS)
    rate_percent = forms.DecimalField(
        label=_("Interest, percent a year"),
        min_value=0,
        max_value=999,
        decimal_places=4,
        required=False,
        help_text=_("For loans whose line does not say it."),
    )
    due_days = forms.ChoiceField(label=_("Due dates are"), choices=DUE_DAYS)
    unit = forms.ChoiceField(
        label=_("Counted in"), choices=[*AS_NAMED, *words.UNITS], required=False
    )
    method = forms.ChoiceField(
        label=_("Interest on"), choices=[*AS_NAMED, *words.METHODS], required=False
    )
    day_count = forms.ChoiceField(
        label=_("Days are counted as"), choices=[*AS_NAMED, *words.DAY_COUNTS], required=False
    )
    instalment_unit = forms.IntegerField(
        label=_("Instalments are rounded to so many smallest units"),
        min_value=1,
        max_value=10_000_000,
        required=False,
    )
    instalment_mode = forms.ChoiceField(
        label=_("Instalments are rounded"), choices=[*AS_NAMED, *words.ROUNDINGS], required=False
    )
    interest_mode = forms.ChoiceField(
        label=_("Interest is rounded"), choices=[*AS_NAMED, *words.ROUNDINGS], required=False
    )
    interest_basis = forms.ChoiceField(
        label=_("Interest the old trial balance shows as owed to us"), choices=BASES
    )
    contra_role = forms.ChoiceField(
        label=_("The loans were lent from"),
        choices=CONTRA_ROLES,
        help_text=_("The opening journal is posted against it."),
    )
    questions = (
        Question(_("Which portfolio?"), ("code", "name", "programme", "lender")),
        Question(_("Who looks after it here?"), ("office", "officer")),
        Question(_("How does the other system count?"), ("preset", "rate_percent", "due_days")),
        Question(
            _("Where does it count otherwise than the convention?"),
            (
                *("unit", "method", "day_count", "instalment_unit"),
                *("instalment_mode", "interest_mode"),
            ),
            folded=True,
        ),
        Question(
            _("What does its trial balance say?"),
            ("cutover_date", "interest_basis", "contra_role"),
        ),
    )

    def __init__(self, *args: Any, rows: Mapping[str, Any], **options: Any) -> None:
        """Offer what the reader may reach."""
        super().__init__(*args, **options)
        for name, found in rows.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = found

    def terms(self) -> dict[str, Any]:
        """The convention as the service takes it."""
        data = self.cleaned_data
        terms: dict[str, Any] = {"preset": data["preset"]}
        for name in ("unit", "method", "day_count"):
            if data[name]:
                terms[name] = data[name]
        if data["rate_percent"] is not None:
            terms["rate_ppm"] = int(data["rate_percent"] * 10_000)
        if data["instalment_unit"] or data["instalment_mode"]:
            terms["instalment_rounding"] = {
                "unit": data["instalment_unit"] or 1,
                "mode": data["instalment_mode"] or "HALF_UP",
            }
        if data["interest_mode"]:
            rounding = {"unit": 1, "mode": data["interest_mode"]}
            terms["interest_rounding"] = rounding
            terms["principal_rounding"] = rounding
        return terms


class ListsForm(HouseForm):
    """The lists of a portfolio: one workbook or zip, or three CSV files."""

    loans = forms.FileField(
        label=_("Loans"),
        help_text=_(
            "A CSV file; a workbook or zip that holds the tables loans, schedules and payments;"
            " or the loans as Mifos or Fineract gives them out (JSON)."
        ),
        max_length=200,
    )
    schedules = forms.FileField(
        label=_("Schedules"), help_text=_("A CSV file."), required=False, max_length=200
    )
    payments = forms.FileField(
        label=_("Payments"), help_text=_("A CSV file."), required=False, max_length=200
    )
    delimiter = forms.ChoiceField(label=_("Columns are parted by"), choices=DELIMITERS)
    date_form = forms.ChoiceField(label=_("Days are written as"), choices=DATE_FORMS)
    decimal_sign = forms.ChoiceField(label=_("Amounts are written as"), choices=SIGNS)
    questions = (
        Question(_("Which lists?"), ("loans", "schedules", "payments")),
        Question(_("How are the CSV files written?"), ("delimiter", "date_form", "decimal_sign")),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse what is too large before it is read."""
        found = super().clean() or {}
        for name in ("loans", "schedules", "payments"):
            file = found.get(name)
            if file is not None and file.size > LARGEST:
                self.add_error(name, _("The file is larger than 10 MB. Split it."))
        return found


class HeadingsForm(HouseForm):
    """For each heading that is not known, the column it stands for."""

    def __init__(self, *args: Any, book: OldBook, columns: Mapping[str, Any], **options: Any):
        """One choice for each heading."""
        super().__init__(*args, **options)
        self.asked: dict[str, tuple[str, str]] = {}
        for table, names in columns.items():
            choices = [("", _("is not read")), *((name, name) for name in names)]
            for heading in book.unknown.get(table, []):
                name = f"match_{len(self.asked)}"
                self.asked[name] = (table, heading)
                self.fields[name] = forms.ChoiceField(
                    label=f"{table}: {heading}",
                    choices=choices,
                    required=False,
                    widget=forms.Select(attrs={"class": "form-select"}),
                )

    def clean(self) -> dict[str, Any]:
        """One heading for a column."""
        found = super().clean() or {}
        seen: set[tuple[str, str]] = set()
        for name, (table, _heading) in self.asked.items():
            column = found.get(name)
            if column and (table, column) in seen:
                self.add_error(name, _("Another heading stands for this column already."))
            seen.add((table, column or ""))
        found["matches"] = {
            (table, column): heading
            for name, (table, heading) in self.asked.items()
            if (column := found.get(name))
        }
        return found


class TryForm(HouseForm):
    """How many loans are tried."""

    sample = forms.ChoiceField(
        label=_("Try"),
        choices=[("30", _("a sample of 30 loans")), ("", _("all loans"))],
        required=False,
        widget=forms.RadioSelect,
    )


class WaysForm(HouseForm):
    """Every loan gets its way."""

    unlisted_by_terms = forms.BooleanField(
        label=_("Loans with nothing to compare with come in by their terms"), required=False
    )


class WayForm(HouseForm):
    """How one loan comes in."""

    way = forms.ChoiceField(label=_("Comes in"), choices=WAYS, widget=forms.RadioSelect)


class ControlsForm(HouseForm):
    """What the old trial balance says."""

    number = forms.IntegerField(label=TOTAL_LABELS["number"], min_value=0)
    has_ageing = forms.BooleanField(
        label=_("The ageing is known too"), required=False, initial=True
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Amounts in the lender's currency."""
        super().__init__(*args, **options)
        amounts = {name: TOTAL_LABELS[name] for name in TOTALS if name != "number"}
        for name, label in amounts.items():
            self._amount(name, label, currency, required=name != "savings")
        for place, bucket in enumerate(BUCKETS):
            self._amount(f"age_{place}", AGEING_LABELS[bucket], currency, required=False)
        ages = [f"age_{place}" for place in range(len(BUCKETS))]
        self.order_fields(["number", *amounts, "has_ageing", *ages])

    def _amount(self, name: str, label: Any, currency: str, *, required: bool = True) -> None:
        field = MoneyField(label=label, currency=currency, least_units=None, required=required)
        field.widget.attrs["class"] = "form-control"
        self.fields[name] = field

    def controls(self) -> dict[str, Any]:
        """As the service takes them."""
        data = self.cleaned_data
        found: dict[str, Any] = {name: data[name] or 0 for name in TOTALS}
        if data["has_ageing"]:
            found["ageing"] = {
                bucket: data[f"age_{place}"] or 0 for place, bucket in enumerate(BUCKETS)
            }
        return found


class WhyForm(HouseForm):
    """Why a portfolio goes back."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class SignForm(HouseForm):
    """The second signature; one person alone says why."""

    reason = forms.CharField(
        label=_("Reason, where one person signs twice"), max_length=300, required=False
    )
