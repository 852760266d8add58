"""Forms about what a course led to: certificates, apprenticeships, placements."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import Area, StaffUser
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.training.forms.apprentices import LevelsForm
from handup.training.forms.fields import StaffForm
from handup.training.models import TradeSkill, Workshop
from handup.training.models.labels import (
    AGREEMENT_FORM,
    CERTIFICATE_KIND,
    PLACEMENT_KIND,
    choices,
)
from handup.training.rules.states import (
    AgreementForm,
    CertificateKind,
    PlacementKind,
)


class CertificateForm(HouseForm):
    """One certificate."""

    issued_date = DayField(label=_("Day of issue"))
    kind = forms.TypedChoiceField(
        label=_("Kind"),
        choices=choices(CERTIFICATE_KIND),
        coerce=CertificateKind,
        initial=CertificateKind.COMPLETION,
    )
    printed_name = forms.CharField(
        label=_("Name to print, when it is another than registered"),
        max_length=200,
        required=False,
    )
    reason = forms.CharField(
        label=_("Reason, where you taught this cohort yourself"), max_length=300, required=False
    )


class SealForm(HouseForm):
    """Papers printed ahead of a ceremony."""

    issued_date = DayField(label=_("Day that stands on the paper"))
    reason = forms.CharField(
        label=_("Reason, where you taught this cohort yourself"), max_length=300, required=False
    )


class StrikeForm(HouseForm):
    """Papers that nobody earned."""

    on = DayField(label=_("Day the papers were collected"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class IssueAllForm(HouseForm):
    """Certificates for everybody who completed and agreed."""

    issued_date = DayField(label=_("Day of issue"))


class RevokeForm(HouseForm):
    """The revocation of a certificate."""

    revoked_date = DayField(label=_("Day"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ReplaceForm(HouseForm):
    """A corrected name."""

    printed_name = forms.CharField(label=_("Corrected name"), max_length=200)
    issued_date = DayField(label=_("Day of issue"))


class WorkshopForm(StaffForm):
    """A workshop that takes apprentices."""

    name = forms.CharField(label=_("Name"), max_length=200)
    trade = forms.CharField(label=_("Trade"), max_length=80)
    master_name = forms.CharField(label=_("Name of the master"), max_length=120)
    area = forms.ModelChoiceField(Area.objects.none(), label=_("Area"), required=False)
    vetted_date = DayField(
        label=_("Day it was vetted (safety, skill, facilities, conduct)"), required=False
    )
    max_apprentices = forms.IntegerField(
        label=_("Apprentices at most"), min_value=1, max_value=20, initial=3
    )


class TermsForm(StaffForm):
    """An apprenticeship agreement of one enrolled person."""

    questions = (
        Question(_("Where and for how long?"), ("workshop", "trade", "start_date", "term_months")),
        Question(
            _("Who pays whom?"),
            (
                "programme_fee_units",
                "fee_by_apprentice_units",
                "allowance_units",
                "wage_units",
                "stipend_units",
                "living_cost_units",
                "shortfall_acknowledged",
            ),
        ),
        Question(_("Who signs?"), ("signed_date", "form", "witnesses", "guardian_name")),
    )

    workshop = forms.ModelChoiceField(Workshop.objects.none(), label=_("Workshop"))
    trade = forms.CharField(label=_("Trade"), max_length=80)
    start_date = DayField(label=_("First day"))
    term_months = forms.IntegerField(label=_("Months"), min_value=0, max_value=99, initial=6)
    programme_fee_units = MoneyField(
        label=_("Fee paid by the programme to the master"), least_units=0, required=False
    )
    fee_by_apprentice_units = MoneyField(
        label=_("Fee paid by the apprentice"), least_units=0, required=False
    )
    allowance_units = MoneyField(
        label=_("Allowance paid by the master a month"), least_units=0, required=False
    )
    wage_units = MoneyField(
        label=_("Wage paid by the master a month"), least_units=0, required=False
    )
    stipend_units = MoneyField(
        label=_("Stipend paid by the programme a month"), least_units=0, required=False
    )
    living_cost_units = MoneyField(
        label=_("Transport and lodging a month, estimated"), least_units=0, required=False
    )
    shortfall_acknowledged = forms.BooleanField(
        label=_("The apprentice knows when the stipend is below transport and lodging"),
        required=False,
    )
    signed_date = DayField(label=_("Day of signing"))
    form = forms.TypedChoiceField(
        label=_("Form"), choices=choices(AGREEMENT_FORM), coerce=AgreementForm
    )
    witnesses = forms.CharField(
        label=_("Two witnesses, separated by a comma"), max_length=300, required=False
    )
    guardian_name = forms.CharField(label=_("Guardian"), max_length=120, required=False)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Write amounts in the programme's currency."""
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = currency

    def narrow(self, staff: StaffUser) -> None:
        """Only workshops that take apprentices."""
        self.among("workshop", active=True)

    def clean(self) -> dict[str, Any]:
        """An amount left empty is nothing."""
        data = super().clean() or self.cleaned_data
        return {
            name: 0 if value is None and name.endswith("_units") else value
            for name, value in data.items()
        }


class GraduationForm(StaffForm, LevelsForm):
    """The final assessment of an apprentice: each skill of the trade where the trade has a card,
    else the levels as told; the days she came only where no log is kept.
    """

    assessed_date = DayField(label=_("Day of the assessment"))
    assessor_name = forms.CharField(label=_("Assessor, from outside the workshop"), max_length=120)
    assessor_workshop = forms.ModelChoiceField(
        Workshop.objects.none(), label=_("The assessor's own workshop"), required=False
    )
    skills = forms.CharField(
        label=_("Levels of the required skills"),
        required=False,
        help_text=_("0 not yet, 1 with help, 2 alone, 3 can show others; for example 2 3 2"),
    )
    log_attended = forms.IntegerField(
        label=_("Days attended by the log"), min_value=0, max_value=10_000
    )
    log_due = forms.IntegerField(
        label=_("Days she was due in the workshop"), min_value=1, max_value=10_000
    )

    def __init__(
        self, *args: Any, skills: Sequence[TradeSkill], log_days: int, **options: Any
    ) -> None:
        """Ask only for what is not kept already."""
        super().__init__(*args, skills=skills, **options)
        if any(skill.required for skill in skills):
            del self.fields["skills"]
        if log_days:
            del self.fields["log_attended"]
            told = _("The log holds %(days)s days; a day nobody wrote down is no day she came.")
            self.fields["log_due"].help_text = told % {"days": log_days}

    def narrow(self, staff: StaffUser) -> None:
        """Any workshop this member of staff sees."""
        self.among("assessor_workshop")

    def clean_skills(self) -> list[int]:
        """Read the levels."""
        levels = self.cleaned_data["skills"].replace(",", " ").split()
        if not levels or any(level not in {"0", "1", "2", "3"} for level in levels):
            raise forms.ValidationError(_("Write one level from 0 to 3 for each skill."))
        return [int(level) for level in levels]


class PlacementForm(StaffForm):
    """Where a graduate works."""

    kind = forms.TypedChoiceField(
        label=_("Kind of work"), choices=choices(PLACEMENT_KIND), coerce=PlacementKind
    )
    employer = forms.CharField(label=_("Employer"), max_length=200, required=False)
    started_date = DayField(label=_("Working there since"))
    claimed_date = DayField(label=_("Day this was told"))
    month = forms.TypedChoiceField(
        label=_("Asked how long after completion"),
        choices=[(n, str(n)) for n in (3, 6, 12, 24)],
        coerce=int,
        initial=6,
        help_text=_("months"),
    )
    income_units = MoneyField(label=_("Income a month"), least_units=0, required=False)
    permanent = forms.BooleanField(label=_("The work is permanent"), required=False)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Write the income in the programme's currency."""
        super().__init__(*args, **options)
        field = self.fields["income_units"]
        assert isinstance(field, MoneyField)
        field.currency = currency


class VerifyForm(HouseForm):
    """The check of a placement by another person."""

    verified_date = DayField(label=_("Day of the check"))
    rejected = forms.TypedChoiceField(
        label=_("What you found"),
        choices=[("0", _("It is true")), ("1", _("It is not true"))],
        coerce=lambda given: given == "1",
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)
