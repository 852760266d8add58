"""Forms of the register of qualified people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import Office, StaffUser
from handup.org.web.forms import DayField, HouseForm
from handup.projects.models import Organisation
from handup.training.forms.fields import StaffForm
from handup.training.models import Cohort, Qualification
from handup.training.models.labels import choices
from handup.training.models.qualifications import FIELD, PROOF
from handup.training.rules.ladder import Field, Level, Proof

NATIONAL = {"": None, "1": True, "0": False}


class QualificationForm(StaffForm):
    """Somebody for the register."""

    field = forms.TypedChoiceField(label=_("Field"), choices=choices(FIELD), coerce=Field)
    staff = forms.CharField(
        label=_("Sign-in name, where she works here"), max_length=150, required=False
    )
    name = forms.CharField(label=_("Name, where she has none"), max_length=120, required=False)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Institute or organisation"), required=False
    )
    office = forms.ModelChoiceField(Office.objects.none(), label=_("Office"), required=False)
    national = forms.TypedChoiceField(
        label=_("National of the country"),
        choices=[("", _("not asked")), ("1", _("yes")), ("0", _("no"))],
        coerce=lambda given: NATIONAL[given],
        empty_value=None,
        required=False,
    )

    def clean_staff(self) -> StaffUser | None:
        """Somebody who works here now."""
        name = self.cleaned_data["staff"].strip()
        if not name:
            return None
        found: StaffUser | None = StaffUser.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("Nobody signs in as %(name)s."), params={"name": name})
        return found


class ProofForm(StaffForm):
    """A piece of evidence."""

    proof = forms.TypedChoiceField(label=_("What it shows"), choices=choices(PROOF), coerce=Proof)
    proof_date = DayField(label=_("Day"))
    cohort = forms.ModelChoiceField(Cohort.objects.none(), label=_("Cohort"), required=False)
    reference = forms.CharField(
        label=_("Where it can be read"),
        max_length=200,
        help_text=_("The number of the certificate, plan or appraisal, or the paper's place."),
    )


class ObservationForm(StaffForm):
    """An observation by a senior or master."""

    observed_date = DayField(label=_("Day"))
    observer = forms.ModelChoiceField(Qualification.objects.none(), label=_("Who watched"))
    score_x10 = forms.DecimalField(
        label=_("Score from 1.0 to 4.0"), min_value=1, max_value=4, decimal_places=1
    )
    cohort = forms.ModelChoiceField(Cohort.objects.none(), label=_("Cohort"), required=False)
    remarks = forms.CharField(label=_("Remarks"), max_length=500, required=False)

    def __init__(self, *args: Any, subject: Qualification, **options: Any) -> None:
        """Only seniors and masters of the same field."""
        self.subject = subject
        super().__init__(*args, **options)

    def narrow(self, staff: StaffUser) -> None:
        """Not herself."""
        senior = (Level.SENIOR, Level.MASTER)
        self.among("observer", field=self.subject.field, level__in=senior, active=True)

    def clean_score_x10(self) -> int:
        """In tenths."""
        return int(self.cleaned_data["score_x10"] * 10)


class GrantForm(HouseForm):
    """A step of the ladder."""

    granted_date = DayField(label=_("Day"))
    renew = forms.TypedChoiceField(
        label=_("What is granted"),
        choices=[("0", _("The next step")), ("1", _("The step held, for another term"))],
        coerce=lambda given: given == "1",
        initial="0",
    )
    reason = forms.CharField(
        label=_("On what ground, for a master the decision of the quality body"),
        max_length=300,
        required=False,
    )
