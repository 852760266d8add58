"""Forms about an apprentice's months: skills of a trade, card, log by picture, visits, answers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.forms import DayField, HouseForm, dress
from handup.org.web.icons import icon
from handup.training.forms.fields import StaffForm
from handup.training.models import Cohort, TradeSkill
from handup.training.models.apprentices import BODY, LEVELS, PICTURE
from handup.training.models.labels import choices
from handup.training.rules.apprentices import Body, Offer, Picture
from handup.training.rules.states import CohortState


class TradeSkillForm(HouseForm):
    """A skill of a trade."""

    trade = forms.CharField(label=_("Trade"), max_length=80)
    name = forms.CharField(label=_("Skill, in a few words"), max_length=120)
    picture = forms.TypedChoiceField(
        label=_("Picture in the log"), choices=choices(PICTURE), coerce=Picture
    )
    required = forms.BooleanField(
        label=_("A graduate must do it alone"), required=False, initial=True
    )


class VisitForm(HouseForm):
    """A visit to an apprentice in the workshop."""

    visit_date = DayField(label=_("Day of the visit"))
    body = forms.TypedChoiceField(label=_("On behalf of"), choices=choices(BODY), coerce=Body)
    visitor_name = forms.CharField(label=_("Who visited"), max_length=120)
    visitor_is_woman = forms.BooleanField(label=_("A woman visited"), required=False)
    woman_offered = forms.BooleanField(
        label=_("She was offered a woman visitor and chose otherwise"), required=False
    )
    found = forms.CharField(
        label=_("What was found"), max_length=1000, required=False, widget=forms.Textarea
    )
    agreed = forms.CharField(
        label=_("What was agreed"), max_length=1000, required=False, widget=forms.Textarea
    )


class LevelsForm(HouseForm):
    """A form with one field for each skill of a trade; left empty, a skill is not judged."""

    def __init__(self, *args: Any, skills: Sequence[TradeSkill], **options: Any) -> None:
        """A field a skill."""
        super().__init__(*args, **options)
        self.asked_skills = {f"skill_{skill.pk.hex}": skill for skill in skills}
        for name, skill in self.asked_skills.items():
            field = forms.TypedChoiceField(
                label=skill.name,
                choices=[("", _("not judged")), *LEVELS],
                coerce=int,
                required=False,
                empty_value=None,
            )
            dress(field)
            self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        """The levels by skill under one name."""
        data = super().clean() or self.cleaned_data
        told = {name: data.pop(name, None) for name in self.asked_skills}
        data["levels"] = {
            self.asked_skills[name].pk: level for name, level in told.items() if level is not None
        }
        return data


def initial_levels(skills: Sequence[TradeSkill], held: Mapping[UUID, int]) -> dict[str, int]:
    """What stands on the card, for a form that begins with it."""
    return {f"skill_{skill.pk.hex}": held[skill.pk] for skill in skills if skill.pk in held}


class SkillsForm(LevelsForm):
    """Levels of some skills judged on a day."""

    judged_date = DayField(label=_("Day"))
    judge_name = forms.CharField(label=_("Judged by"), max_length=120, required=False)

    def clean(self) -> dict[str, Any]:
        """At least one skill."""
        data = super().clean()
        if not data["levels"]:
            raise forms.ValidationError(_("Judge at least one skill."))
        return data


def drawn(skill: TradeSkill) -> SafeString:
    """A skill as it stands in the log: its picture beside its name."""
    return format_html("{} {}", icon(skill.picture), skill.name)


class LogForm(HouseForm):
    """A day of the log, by picture and tick."""

    day = DayField(label=_("Day"))
    came = forms.TypedChoiceField(
        label=_("Was she in the workshop?"),
        choices=[("1", _("She came")), ("0", _("She did not come"))],
        coerce=lambda given: given == "1",
        widget=forms.RadioSelect,
        initial="1",
    )
    skills = forms.MultipleChoiceField(
        label=_("What she worked at"), widget=forms.CheckboxSelectMultiple, required=False
    )
    reason = forms.CharField(label=_("Why this day is told again"), max_length=200, required=False)

    def __init__(self, *args: Any, skills: Sequence[TradeSkill], **options: Any) -> None:
        """A tick and a picture for each skill of the trade."""
        super().__init__(*args, **options)
        self.known = {str(skill.pk): skill for skill in skills}
        field = self.fields["skills"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(pk, drawn(skill)) for pk, skill in self.known.items()]
        if not skills:
            del self.fields["skills"]

    def clean_skills(self) -> list[TradeSkill]:
        """Those ticked."""
        return [self.known[pk] for pk in self.cleaned_data["skills"]]


class AnswerForm(StaffForm):
    """What a graduate answered to an offer."""

    accepted = forms.TypedChoiceField(
        label=_("What she answered"),
        choices=[("1", _("She wants it")), ("0", _("She does not want it"))],
        coerce=lambda given: given == "1",
    )
    answered_date = DayField(label=_("Day"))
    cohort = forms.ModelChoiceField(
        Cohort.objects.none(), label=_("She applies for the course"), required=False
    )

    def __init__(self, *args: Any, kind: Offer, **options: Any) -> None:
        """A referral for credit names no course, nor does who may not record an application."""
        super().__init__(*args, **options)
        if kind is Offer.CREDIT_REFERRAL:
            self.fields.pop("cohort", None)

    def narrow(self, staff: StaffUser) -> None:
        """Only cohorts that take applications, for who may record one."""
        if not may(staff, "training.record_application"):
            del self.fields["cohort"]
            return
        self.among("cohort", state__in=(CohortState.PLANNED, CohortState.OPEN, CohortState.RUNNING))
