"""Forms of analyses."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import HouseForm, Question
from handup.projects.models import Programme
from handup.results.lasting import MOST_MONTHS
from handup.results.models.analyses import CLUSTERS, DESIGNS, OUTCOME_KINDS
from handup.surveys.models import Question as Asked
from handup.surveys.models import Round


class ListField(forms.CharField):
    """Several short answers, with commas between them; the value is a list."""

    def clean(self, value: Any) -> Any:
        """The answers in order."""
        return [part.strip() for part in str(super().clean(value) or "").split(",") if part.strip()]

    def prepare_value(self, value: Any) -> Any:
        """A list with commas."""
        return ", ".join(value) if isinstance(value, list) else value


class AnalysisForm(HouseForm):
    """What is looked at, how, and what is expected."""

    questions = (
        Question(
            _("What is looked at?"),
            ("title", "code", "outcome_key", "kind", "yes_values", "months"),
        ),
        Question(_("What is expected?"), ("hypothesis", "is_primary")),
        Question(
            _("Over which rounds, and beside whom?"),
            ("first_round", "last_round", "design", "arm_key", "arm_values", "clusters"),
        ),
        Question(
            _("In which unit?"),
            ("unit", "price_first", "price_last", "price_source"),
            _("Amounts of two rounds are compared in money of the first."),
        ),
    )

    title = forms.CharField(label=_("Outcome, in words"), max_length=200)
    code = forms.CharField(
        label=_("Code"), max_length=20, help_text=_("Capital letters and digits: INCOME-2026")
    )
    outcome_key = forms.ChoiceField(label=_("Question"))
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=OUTCOME_KINDS)
    yes_values = ListField(
        label=_("Answers that count as yes"),
        max_length=300,
        required=False,
        help_text=_("With commas between them, for example BETTER, MUCH_BETTER"),
    )
    months = forms.IntegerField(
        label=_("Months after they were first served"),
        min_value=1,
        max_value=MOST_MONTHS,
        required=False,
        help_text=_("Only for how many enterprises are still open: for example 12, 24 or 36"),
    )
    hypothesis = forms.CharField(
        label=_("What do you expect to find?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_primary = forms.BooleanField(label=_("It is the main outcome of the study"), required=False)
    first_round = forms.ModelChoiceField(
        Round.objects.none(),
        label=_("First round"),
        required=False,
        help_text=_("Empty where people were asked once"),
    )
    last_round = forms.ModelChoiceField(Round.objects.none(), label=_("Last round"))
    design = forms.ChoiceField(label=_("Beside whom"), choices=DESIGNS)
    arm_key = forms.ChoiceField(
        label=_("Who took part is told by"),
        required=False,
        help_text=_("Empty: by the stratum of the draw"),
    )
    arm_values = ListField(
        label=_("Answers or strata of those who took part"),
        max_length=300,
        required=False,
        help_text=_("With commas between them"),
    )
    clusters = forms.ChoiceField(label=_("Clusters"), choices=CLUSTERS)
    unit = forms.CharField(label=_("Unit"), max_length=40, required=False)
    price_first = forms.CharField(
        label=_("Price index of the first round"), max_length=20, required=False
    )
    price_last = forms.CharField(
        label=_("Price index of the last round"), max_length=20, required=False
    )
    price_source = forms.CharField(
        label=_("Where the price index is from"), max_length=200, required=False
    )

    def __init__(self, *args: Any, programme: Programme, staff: Any, **options: Any) -> None:
        """Take the rounds of the programme and the questions they ask."""
        super().__init__(*args, **options)
        rounds = Round.objects.visible_to(staff).filter(programme=programme)
        rounds = rounds.order_by("opens_date", "id")
        keys = Asked._base_manager.filter(
            version__questionnaire__in=rounds.values("questionnaire")
        ).exclude(handup_key="")
        found = sorted(set(keys.values_list("handup_key", flat=True)))
        for name in ("first_round", "last_round"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rounds
        for name in ("outcome_key", "arm_key"):
            choice = self.fields[name]
            assert isinstance(choice, forms.ChoiceField)
            empty = [] if name == "outcome_key" else [("", "\u2013")]
            choice.choices = [*empty, *((key, key) for key in found)]
