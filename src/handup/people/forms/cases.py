"""Restricted compartments: opening, notes, actions, papers, the team, closing."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, Question
from handup.org.web.money import format_day
from handup.people.forms.fields import one_of
from handup.people.models import Compartment
from handup.people.models import labels as lb
from handup.people.services.keeping_cases import unkept_cases


def _words(label: Any, *, required: bool = True, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=4000,
        required=required,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        **options,
    )


class CaseForm(HouseForm):
    """What it is about, and why it is opened."""

    kind = one_of(
        lb.COMPARTMENT,
        _("What is it about?"),
        help_text=_("“The whole person” hides her from everybody who is not on the team."),
    )
    reason = _words(_("Why is it opened?"))
    opened_date = DayField(label=_("Day"))
    questions = (
        Question(_("What does only the team know?"), ("kind", "reason")),
        Question(_("From when?"), ("opened_date",)),
    )


def _unkept(row: Compartment) -> str:
    """A case nobody can open: when it was opened and by whom tells nothing of her."""
    told = {"day": format_day(row.opened_date), "who": row.opened_by}
    return gettext("opened on %(day)s by %(who)s") % told


class TakeOverForm(HouseForm):
    """Which case, and why."""

    case: Any = forms.ModelChoiceField(Compartment.objects.none(), label=_("Which one?"))
    reason = _words(_("Why do you take it over?"), help_text=_("At least 20 signs."))

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer those nobody can open."""
        super().__init__(*args, **options)
        field: Any = self.fields["case"]
        field.label_from_instance = _unkept
        field.queryset = unkept_cases(staff).select_related("opened_by")


class NoteForm(HouseForm):
    """A note of a case."""

    text = _words(_("What is to be remembered?"))
    day = DayField(label=_("Day it is about"))


class ActionForm(HouseForm):
    """What is to be done."""

    what = _words(_("What is to be done?"))
    due = DayField(label=_("By when?"))
    responsible: Any = forms.ModelChoiceField(
        StaffUser.objects.none(), label=_("Who does it?"), required=False, empty_label=_("myself")
    )

    def __init__(self, *args: Any, compartment: Compartment, **options: Any) -> None:
        """Offer the team."""
        super().__init__(*args, **options)
        field = self.fields["responsible"]
        assert isinstance(field, forms.ModelChoiceField)
        team = compartment.team.filter(left_date=None).values("staff")
        field.queryset = StaffUser.objects.working().filter(pk__in=team)


class DoneForm(HouseForm):
    """When it was done."""

    done_date = DayField(label=_("Day it was done"))


class PaperForm(HouseForm):
    """A paper of a case."""

    name = forms.CharField(label=_("What is it?"), max_length=200)
    file = forms.FileField(label=_("File"))


class CaseTeamForm(HouseForm):
    """Who may know of it too."""

    staff: Any = forms.ModelChoiceField(StaffUser.objects.none(), label=_("Staff member"))
    joined_date = DayField(label=_("From"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Everybody who works here."""
        super().__init__(*args, **options)
        field = self.fields["staff"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = StaffUser.objects.working()


class CaseLeaveForm(HouseForm):
    """From which day on she knows of it no longer."""

    left_date = DayField(label=_("Day"))


class CloseForm(HouseForm):
    """How it ended."""

    outcome = _words(_("How did it end?"), required=False)
    closed_date = DayField(label=_("Day"))


class ToldForm(HouseForm):
    """When she was told, face to face."""

    day = DayField(label=_("Day she was told"))
