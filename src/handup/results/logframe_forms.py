"""Forms of a logframe."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm
from handup.projects.models import BudgetLine, Phase
from handup.projects.rules.states import BudgetState
from handup.results.definitions import catalogue
from handup.results.models import LogframeRow
from handup.results.models.logframe import ASSUMPTION_STATES, ROW_LEVELS
from handup.results.rules.logframe import MOST_SIGNS, RowLevel


def budget_lines(phase: Phase) -> Any:
    """The lines of the budget of a phase that is in force, else of the one being prepared."""
    rows = BudgetLine._base_manager.filter(budget__phase=phase)
    rows = rows.exclude(budget__state=BudgetState.REVISED.value)
    return rows.select_related("budget").order_by("-budget__version", "code")


class RowForm(HouseForm):
    """What a row says."""

    statement = forms.CharField(
        label=_("What is to be reached"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    means = forms.CharField(
        label=_("Means of verification"),
        max_length=500,
        required=False,
        help_text=_("Where it can be seen: register, survey, books"),
    )
    assumption = forms.CharField(
        label=_("Assumption"),
        max_length=500,
        required=False,
        help_text=_("What has to hold and is not in our hands"),
    )
    budget_line = forms.ModelChoiceField(
        BudgetLine.objects.none(), label=_("Budget line (of an activity)"), required=False
    )

    def __init__(self, *args: Any, phase: Phase, **options: Any) -> None:
        """Take the budget lines of the phase."""
        super().__init__(*args, **options)
        field = self.fields["budget_line"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = budget_lines(phase)


class NewRowForm(RowForm):
    """A new row also has a level and a row it belongs to."""

    level = forms.ChoiceField(label=_("Level"), choices=ROW_LEVELS)
    parent = forms.ModelChoiceField(
        LogframeRow.objects.none(), label=_("Belongs to"), required=False
    )
    field_order = ("level", "parent", "statement", "means", "assumption", "budget_line")

    def __init__(self, *args: Any, phase: Phase, **options: Any) -> None:
        """Take the rows of the phase."""
        super().__init__(*args, phase=phase, **options)
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = LogframeRow._base_manager.filter(phase=phase, removed_at=None).exclude(
            level=RowLevel.ACTIVITY.value
        )


class RemoveForm(HouseForm):
    """Why something is taken out."""

    reason = forms.CharField(label=_("Why is it taken out?"), max_length=300)


class ReviewForm(HouseForm):
    """Whether an assumption holds."""

    state = forms.ChoiceField(
        label=_("Does it hold?"), choices=ASSUMPTION_STATES, widget=forms.RadioSelect
    )


class RowIndicatorForm(HouseForm):
    """What shows whether a row is reached, and where it stood before."""

    code = forms.ChoiceField(label=_("Indicator"))
    baseline = forms.CharField(label=_("Baseline"), max_length=MOST_SIGNS, required=False)
    baseline_year = forms.IntegerField(
        label=_("Year of the baseline"), min_value=1980, max_value=2150, required=False
    )
    baseline_reason = forms.CharField(
        label=_("Why there is no baseline"), max_length=300, required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer every indicator by name."""
        super().__init__(*args, **options)
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, f"{code} {gettext(one.name)}") for code, one in catalogue().items()]


class TargetForm(HouseForm):
    """What is to be reached by when."""

    period_end = DayField(label=_("By the end of"))
    value = forms.CharField(label=_("Target"), max_length=MOST_SIGNS)
    line = forms.CharField(
        label=_("Only for"),
        max_length=80,
        required=False,
        help_text=_("A line of the figure, for example sex=F; empty for all"),
    )
    reason = forms.CharField(
        label=_("Why it is changed"),
        max_length=300,
        required=False,
        help_text=_("When there is a target for this day already"),
    )
