"""The forms of a hand-over: each makes one service call."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import Area, StaffUser
from handup.org.web.forms import DayField, HouseForm, Question
from handup.projects.forms import one_of
from handup.projects.models import Document, Handover, Organisation
from handup.projects.models import handover_labels as hl
from handup.projects.models.labels import choices
from handup.projects.rules.handover import HandoverState, ReadinessState, Way, earlier
from handup.projects.rules.states import DocumentState


def long(label: Any, **options: Any) -> forms.CharField:
    """A few sentences."""
    return forms.CharField(
        label=label, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}), **options
    )


def paper(label: Any) -> Any:
    """A final document of the programme."""
    return forms.ModelChoiceField(Document.objects.none(), label=label, required=False)


class HandoverForm(HouseForm):
    """Begin a hand-over: its title, first day and timetable."""

    title = forms.CharField(label=_("Title"), max_length=200)
    starts = DayField(label=_("First day of the timetable"))
    set_up_years = forms.IntegerField(
        label=_("Years of setting up"), min_value=0, max_value=20, initial=2
    )
    expansion_years = forms.IntegerField(
        label=_("Years of expansion"), min_value=0, max_value=20, initial=3
    )
    handover_years = forms.IntegerField(
        label=_("Years of handing over"), min_value=1, max_value=20, initial=2
    )
    exit_area: Any = forms.ModelChoiceField(
        Area.objects.none(),
        label=_("Area left first"),
        required=False,
        empty_label=_("the oldest area of the programme"),
    )
    questions = (
        Question(_("What is it?"), ("title",)),
        Question(
            _("When and where?"),
            ("starts", "set_up_years", "expansion_years", "handover_years", "exit_area"),
        ),
    )

    def __init__(self, *args: Any, areas: Any, **options: Any) -> None:
        """Offer the programme's areas."""
        super().__init__(*args, **options)
        field = self.fields["exit_area"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = areas


class OptionForm(HouseForm):
    """What one way of lending would cost, risk, need by law and reach."""

    way = one_of(hl.WAY, _("Way of lending"))
    cost = long(_("Cost"))
    risk = long(_("Risk"))
    law = long(_("Law"))
    reach = long(_("Reach"))


class OfHandover(HouseForm):
    """A form about one hand-over, whose papers are final documents of its programme."""

    def __init__(self, *args: Any, handover: Handover, **options: Any) -> None:
        """Offer what can be meant."""
        super().__init__(*args, **options)
        final = handover.programme.documents.filter(state=DocumentState.FINAL.value)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                model = field.queryset.model if field.queryset is not None else None
                if model is Document:
                    field.queryset = final
                elif model is Organisation:
                    field.queryset = Organisation.objects.filter(active=True)


class HandoverPapersForm(OfHandover):
    """To whom, which way, by which papers."""

    successor: Any = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Successor"), required=False
    )
    way = forms.ChoiceField(
        label=_("Way of lending decided on"),
        choices=[("", _("not decided")), *choices(hl.WAY)],
        required=False,
    )
    study = paper(_("Options study"))
    decision = paper(_("Decision"))
    legal_advice = paper(_("Local legal advice"))
    registration_no = forms.CharField(label=_("Registration number"), max_length=80, required=False)
    registered_date = DayField(label=_("Registered on"), required=False)

    def clean_way(self) -> Way | None:
        """Take the code as a way; empty is none."""
        told = self.cleaned_data["way"]
        return Way(told) if told else None


class ReadinessItemForm(HouseForm):
    """An item of one's own."""

    section = one_of(hl.SECTION, _("Section"))
    code = forms.SlugField(label=_("Code"), max_length=40)
    title = forms.CharField(label=_("Title"), max_length=200)
    gate = forms.ChoiceField(
        label=_("Needed before"), choices=choices(hl.HANDOVER_STATE)[1:], initial="INDEPENDENT"
    )
    hard = forms.BooleanField(label=_("It must be met"), required=False)
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=100, initial=1)


class AssessForm(HouseForm):
    """How far an item is, and by what that is seen."""

    state = one_of(hl.READINESS_STATE, _("State"))
    evidence = paper(_("Document that shows it"))
    evidence_text = long(_("Evidence in words"), required=False)
    owner: Any = forms.ModelChoiceField(StaffUser.objects.none(), label=_("Owner"), required=False)
    due_date = DayField(label=_("Due on"), required=False)

    def __init__(self, *args: Any, documents: Any, hard: bool, **options: Any) -> None:
        """Offer the programme's documents; what must be met cannot be set aside."""
        super().__init__(*args, **options)
        for name, rows in (
            ("evidence", documents),
            ("owner", StaffUser.objects.filter(is_active=True)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
        state = self.fields["state"]
        assert isinstance(state, forms.ChoiceField)
        aside = {ReadinessState.NOT_APPLICABLE.value} if hard else set()
        state.choices = [pair for pair in choices(hl.READINESS_STATE) if pair[0] not in aside]


class GateForm(OfHandover):
    """Pass the gate: the day and the minutes of the successor's board."""

    on = DayField(label=_("Day"))
    minutes = paper(_("Minutes of the successor's board"))
    reason = long(_("Remark"), required=False)


class BackForm(HouseForm):
    """Back to a state it has passed, with the reason."""

    to = forms.ChoiceField(label=_("Back to"))
    on = DayField(label=_("Day"))
    reason = long(_("Why?"))

    def __init__(self, *args: Any, state: str, **options: Any) -> None:
        """Offer what it has passed."""
        super().__init__(*args, **options)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        behind = earlier(HandoverState(state))
        field.choices = [pair for pair in choices(hl.HANDOVER_STATE) if pair[0] in behind]


class StopForm(HouseForm):
    """Stop disbursement, with the reason."""

    on = DayField(label=_("From"))
    reason = long(_("Why?"))
