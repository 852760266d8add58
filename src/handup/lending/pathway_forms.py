"""The forms of pathways: criteria row by row, who comes in, what was seen, graduation."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from handup.lending.forms import BorrowerField
from handup.lending.pathway_words import FACTS, OPERATORS, condition
from handup.lending.rules.pathways import MONEY_FACTS, Criterion, Fact, Operator, number
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question, dress
from handup.org.web.money import as_decimal
from handup.people.models import Person
from handup.projects.models import Programme

ROWS = tuple(range(1, 9))
PARTS = ("label", "fact", "operator", "threshold", "money", "window", "required", "key")
USUAL: tuple[tuple[Any, Fact, str, int], ...] = (
    (_("What she was given is still there"), Fact.ASSETS, "", 6),
    (_("Enough to eat all year"), Fact.ANSWER, "food_score", 6),
    (_("Savings kept for three months"), Fact.SAVINGS, "", 3),
    (_("Income of her own"), Fact.ANSWER, "income_month", 6),
    (_("A business plan that was approved"), Fact.PLAN, "", 24),
)
"""What a new pathway asks, until its programme says otherwise (rulings C20)."""


def usual_criteria() -> dict[str, Any]:
    """The usual five as the form shows them; the thresholds are the programme's to say."""
    found: dict[str, Any] = {"needed": len(USUAL)}
    for place, (label, fact, key, window) in enumerate(USUAL, start=1):
        found |= {
            f"c{place}_label": label,
            f"c{place}_fact": fact.value,
            f"c{place}_operator": Operator.AT_LEAST.value,
            f"c{place}_threshold": "1" if fact is Fact.PLAN else "",
            f"c{place}_money": key == "income_month",
            f"c{place}_window": window,
            f"c{place}_key": key,
        }
    return found


def shown_criteria(criteria: Sequence[Criterion], needed: int, currency: str) -> dict[str, Any]:
    """Criteria in force as the form shows them."""
    found: dict[str, Any] = {"needed": needed}
    for place, item in enumerate(criteria, start=1):
        amount = as_decimal(int(item.threshold), currency) if item.is_money else item.threshold
        found |= {
            f"c{place}_label": item.label,
            f"c{place}_fact": item.fact.value,
            f"c{place}_operator": item.operator.value,
            f"c{place}_threshold": f"{amount:f}",
            f"c{place}_money": item.is_money,
            f"c{place}_window": item.window_months,
            f"c{place}_required": item.is_required,
            f"c{place}_key": item.key,
        }
    return found


def row_questions() -> tuple[Question, ...]:
    """One question a criterion; those beyond the usual five are folded."""
    return tuple(
        Question(
            format_lazy("{} {}", _("Criterion"), place),
            tuple(f"c{place}_{part}" for part in PARTS),
            folded=place > len(USUAL),
        )
        for place in ROWS
    )


def _row_fields(place: int) -> dict[str, forms.Field]:
    return {
        f"c{place}_label": forms.CharField(
            label=_("What is asked"), max_length=120, required=False
        ),
        f"c{place}_fact": forms.ChoiceField(
            label=_("Read from"), choices=[("", _("choose")), *FACTS], required=False
        ),
        f"c{place}_operator": forms.ChoiceField(
            label=_("Compared"), choices=OPERATORS, required=False
        ),
        f"c{place}_threshold": forms.CharField(label=_("With"), max_length=20, required=False),
        f"c{place}_money": forms.BooleanField(label=_("This is an amount"), required=False),
        f"c{place}_window": forms.IntegerField(
            label=_("Seen within so many months"), min_value=0, max_value=60, required=False
        ),
        f"c{place}_required": forms.BooleanField(
            label=_("Must be met, whatever the others are"), required=False
        ),
        f"c{place}_key": forms.CharField(
            label=_("Key of the question"), max_length=60, required=False
        ),
    }


class CriteriaForm(HouseForm):
    """Criteria in rows; a row without words is left out."""

    needed = forms.IntegerField(
        label=_("How many of them must be met"), min_value=1, max_value=len(ROWS)
    )
    from_date = DayField(label=_("For those who come in from"))

    def __init__(self, *args: Any, currency: str = "", **options: Any) -> None:
        """currency: of amounts; empty where the form itself asks for the programme."""
        super().__init__(*args, **options)
        self.currency = currency
        for place in ROWS:
            for name, part in _row_fields(place).items():
                dress(part)
                self.fields[name] = part

    def clean(self) -> dict[str, Any]:
        """Read the rows; an amount in the programme's currency."""
        found = super().clean() or {}
        programme = found.get("programme")
        currency = self.currency or (programme.currency if programme else "")
        if currency:
            found["criteria"] = [
                row for place in ROWS if (row := self._row(place, currency)) is not None
            ]
        return found

    def _row(self, place: int, currency: str) -> dict[str, Any] | None:
        told = {part: self.cleaned_data.get(f"c{place}_{part}") for part in PARTS}
        if not told["label"]:
            return None
        fact = str(told["fact"] or "")
        is_money = fact in MONEY_FACTS or bool(told["money"])
        threshold = self._threshold(place, str(told["threshold"] or ""), currency, is_money)
        if not fact:
            self.add_error(f"c{place}_fact", _("Say where it is read from."))
        if fact == Fact.ANSWER and not told["key"]:
            self.add_error(f"c{place}_key", _("Write the key of the question that is read."))
        window = told["window"]
        return {
            "label": told["label"],
            "fact": fact,
            "operator": told["operator"] or Operator.AT_LEAST.value,
            "threshold": threshold,
            "is_money": is_money,
            "window_months": 12 if window is None else window,
            "is_required": bool(told["required"]),
            "key": told["key"] or "",
        }

    def _threshold(self, place: int, text: str, currency: str, is_money: bool) -> str:
        name = f"c{place}_threshold"
        if not is_money:
            value = number(text)
            if value is None:
                self.add_error(name, _("Write a number."))
            return text
        try:
            units = MoneyField(currency=currency, least_units=0).clean(text)
        except forms.ValidationError as error:
            self.add_error(name, error)
            return ""
        return str(units)


class PathwayForm(CriteriaForm):
    """A pathway to open."""

    programme = forms.ModelChoiceField(label=_("Programme"), queryset=Programme.objects.none())
    name = forms.CharField(label=_("Name"), max_length=120)
    questions = (
        Question(_("Which pathway?"), ("programme", "name")),
        Question(_("When has somebody graduated?"), ("needed", "from_date")),
        *row_questions(),
    )

    def __init__(self, *args: Any, programmes: Any, **options: Any) -> None:
        """Offer the programmes the reader may see."""
        super().__init__(*args, **options)
        field = self.fields["programme"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = programmes


class PathwayChangeForm(CriteriaForm):
    """Other criteria from a day on."""

    closed_date = DayField(
        label=_("Takes nobody in since"),
        required=False,
        help_text=_("Leave it empty as long as people come in."),
    )
    questions = (
        Question(_("When has somebody graduated?"), ("needed", "from_date", "closed_date")),
        *row_questions(),
    )


class EnrolForm(HouseForm):
    """A person comes in."""

    receiver = BorrowerField(
        label=_("Number of the person"),
        help_text=_("Of a person, or of a household through its head."),
    )
    enrolled_date = DayField(label=_("On the pathway since"))

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Find only whom the reader may see."""
        super().__init__(*args, **options)
        field = self.fields["receiver"]
        assert isinstance(field, BorrowerField)
        field.staff = staff

    def clean_receiver(self) -> Any:
        """Only a person walks a pathway."""
        found = self.cleaned_data["receiver"]
        if not isinstance(found, Person):
            raise forms.ValidationError(_("Write the number of a person or of a household."))
        return found


class CheckForm(HouseForm):
    """What was seen at a visit, one field a criterion."""

    check_date = DayField(label=_("Seen on"))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(
        self, *args: Any, criteria: Sequence[Criterion], currency: str, **options: Any
    ) -> None:
        """A money field for amounts, a number for the rest."""
        super().__init__(*args, **options)
        self.criteria = tuple(criteria)
        for item in self.criteria:
            hint = condition(item, currency)
            part: forms.Field
            if item.is_money:
                part = MoneyField(
                    currency=currency,
                    least_units=0,
                    label=item.label,
                    help_text=hint,
                    required=False,
                )
            else:
                part = forms.DecimalField(
                    label=item.label,
                    help_text=hint,
                    required=False,
                    max_digits=15,
                    decimal_places=3,
                )
            dress(part)
            self.fields[f"found_{item.code}"] = part


class ProposeGraduationForm(HouseForm):
    """Somebody has made it."""

    proposed_date = DayField(label=_("Proposed on"))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class GraduationForm(HouseForm):
    """A second person's word."""

    approve = forms.ChoiceField(
        label=_("Decision"), choices=[("yes", _("She has graduated")), ("no", _("Not yet"))]
    )
    decided_date = DayField(label=_("Day"))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class LeaveForm(HouseForm):
    """Somebody left before."""

    left_date = DayField(label=_("Left on"))
    reason = forms.CharField(label=_("Why"), max_length=300)
