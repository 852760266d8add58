"""Forms about rounds and cases."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm
from handup.org.web.money import format_day
from handup.projects.models import Programme
from handup.surveys.models import Questionnaire, Submission
from handup.surveys.models.labels import OUTCOME, ROUND_KIND, SAMPLE_PLAN, WAY, choices
from handup.surveys.registers import anchors
from handup.surveys.rules.codes import Outcome, RoundKind, SamplePlan, VersionState, Way


class RoundForm(HouseForm):
    """A round to plan."""

    questionnaire = forms.ModelChoiceField(Questionnaire.objects.none(), label=_("Questionnaire"))
    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.TypedChoiceField(label=_("Kind"), choices=choices(ROUND_KIND), coerce=RoundKind)
    opens_date = DayField(label=_("From"))
    closes_date = DayField(label=_("Until"))
    anchor = forms.ChoiceField(label=_("Counted from a day of each subject"), required=False)
    anchor_days = forms.IntegerField(
        label=_("Due so many days after it"), required=False, min_value=0, max_value=3_650
    )
    plan = forms.TypedChoiceField(
        label=_("Who is asked"), choices=choices(SAMPLE_PLAN), coerce=SamplePlan
    )
    sample_size = forms.IntegerField(
        label=_("Size of the sample (empty: everybody)"),
        required=False,
        min_value=1,
        max_value=1_000_000,
    )

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer published questionnaires and the programmes she sees."""
        super().__init__(*args, **options)
        published = Questionnaire.objects.visible_to(staff).filter(
            versions__state=VersionState.PUBLISHED
        )
        self._offer("questionnaire", published.distinct())
        self._offer("programme", Programme.objects.visible_to(staff))
        counted = self.fields["anchor"]
        assert isinstance(counted, forms.ChoiceField)
        counted.choices = [
            ("", _("no: all within the window")),
            *((one.code, one.label) for one in anchors.values()),
        ]

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows


class NumbersForm(HouseForm):
    """What an installation may set otherwise."""

    census_up_to = forms.IntegerField(label=_("Everybody is asked up to so many eligible"))
    attempts = forms.IntegerField(label=_("Tries before somebody counts as not found"))
    days = forms.IntegerField(label=_("on so many different days at least"))


class ContactForm(HouseForm):
    """One try to reach somebody."""

    attempt_date = DayField(label=_("Day"))
    way = forms.TypedChoiceField(label=_("How"), choices=choices(WAY), coerce=Way)
    result = forms.CharField(label=_("Result"), max_length=200, required=False)


class OutcomeForm(HouseForm):
    """How a case ended without an interview."""

    outcome = forms.TypedChoiceField(
        label=_("Outcome"),
        choices=[
            (code.value, label)
            for code, label in OUTCOME.items()
            if code is not Outcome.INTERVIEWED
        ],
        coerce=Outcome,
    )
    outcome_date = DayField(label=_("Day"))


class ReplaceForm(HouseForm):
    """Why somebody else is asked instead."""

    reason = forms.CharField(
        label=_("Why somebody else is asked"), max_length=200, widget=forms.Textarea
    )


class _Lines(forms.ModelMultipleChoiceField[Submission]):
    """Sets of answers, a line each."""

    def label_from_instance(self, obj: Any) -> str:
        """Who answered, in which round, when, and what deserves a look."""
        told = [
            str(obj.case.subject), obj.round.name, format_day(obj.answered_date),
            str(obj.interviewer),
        ]  # fmt: skip
        if obj.fault_count:
            told.append(_now("{count} faults").format(count=obj.fault_count))
        told += [flag.get_rule_display() for flag in obj.flags.all() if flag.resolved_by_id is None]
        return " · ".join(told)


class ManyForm(HouseForm):
    """Sets of answers to accept together."""

    answers = _Lines(
        Submission.objects.none(),
        label=_("Sets of answers"),
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, rows: Any, **options: Any) -> None:
        """Offer those that wait for somebody else's decision."""
        super().__init__(*args, **options)
        field = self.fields["answers"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = rows


class DecisionForm(HouseForm):
    """The decision about a set of answers."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            ("accept", _("Accept")),
            ("send_back", _("Send back to the interviewer")),
            ("set_aside", _("Set aside")),
        ],
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
