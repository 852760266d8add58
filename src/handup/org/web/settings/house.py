"""The installation: its size, the parts that are on, and the first run on an empty database."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org import installation
from handup.org.models import Setting, StaffUser
from handup.org.rules.access import SWITCHABLE
from handup.org.rules.duties import Profile
from handup.org.services import house as services
from handup.org.services.house import set_up_installation, start_installation
from handup.org.web import labels
from handup.org.web.forms import FormPage, HouseForm, Question

PROFILE_CHOICES = [(profile.value, label) for profile, label in labels.PROFILES.items()]
DOMAIN_CHOICES = list(labels.DOMAINS.items())


class SizeForm(HouseForm):
    """How large the institution is, and what it does."""

    profile = forms.ChoiceField(label=_("Size"), choices=PROFILE_CHOICES, widget=forms.RadioSelect)
    domains = forms.MultipleChoiceField(
        label=_("Parts in use"),
        choices=DOMAIN_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("A part switched off is hidden; what it holds is kept."),
    )
    questions: ClassVar[tuple[Question, ...]] = (
        Question(_("How many work here?"), ("profile",)),
        Question(_("What does the programme do?"), ("domains",)),
    )


class SizePage(FormPage):
    """Size and parts, for the administrator."""

    form_class = SizeForm
    permission = "org.change_setting"
    title = _("Size and parts")
    intro = _("The size decides how many persons a step needs.")
    verb = _("Save")
    asks_factor = True

    def initial(self) -> dict[str, Any]:
        """As it is now."""
        house = installation.read()
        return {"profile": house.profile.value, "domains": sorted(house.domains)}

    def perform(self, values: dict[str, Any]) -> installation.Installation:
        """Store it."""
        profile = Profile(values["profile"])
        return set_up_installation(
            acting_staff=self.staff, profile=profile, domains=values["domains"]
        )

    def success_url(self, result: installation.Installation) -> str:
        """Stay here."""
        return reverse("org:installation")

    def done_message(self, result: installation.Installation) -> str:
        """It is stored."""
        return _now("Saved.")


class InstitutionForm(HouseForm):
    """What the institution is called, and its limits of days."""

    institution_name = forms.CharField(label=_("Name of the institution"), max_length=200)
    back_date_days = forms.IntegerField(
        label=_("Money may be recorded so many days late"),
        min_value=0,
        max_value=3650,
        required=False,
    )
    suspend_after_days = forms.IntegerField(
        label=_("A loan earns no more when it is late more than so many days"),
        min_value=0,
        max_value=3650,
        required=False,
    )
    write_off_after_days = forms.IntegerField(
        label=_("A loan may be written off when it is late so many days"),
        min_value=0,
        max_value=3650,
        required=False,
    )
    questions: ClassVar[tuple[Question, ...]] = (
        Question(_("Who are we?"), ("institution_name",)),
        Question(
            _("How many days?"),
            ("back_date_days", "suspend_after_days", "write_off_after_days"),
            hint=_("Left empty, what the program came with holds."),
        ),
    )


LENDING_DAYS = ("back_date_days", "suspend_after_days", "write_off_after_days")


class InstitutionPage(FormPage):
    """The institution's own name and limits, for the administrator."""

    form_class = InstitutionForm
    permission = "org.change_setting"
    title = _("Our institution")
    verb = _("Save")

    def initial(self) -> dict[str, Any]:
        """As they are now."""
        held = dict(Setting.objects.filter(key__in=services.CHANGEABLE).values_list("key", "value"))
        return {key.removeprefix("lending."): value for key, value in held.items()}

    def perform(self, values: dict[str, Any]) -> list[Setting]:
        """Store what was filled in."""
        told = {
            f"lending.{name}" if name in LENDING_DAYS else name: value
            for name, value in values.items()
            if value not in (None, "")
        }
        return services.change_settings(acting_staff=self.staff, values=told)

    def success_url(self, result: list[Setting]) -> str:
        """Stay here."""
        return reverse("org:institution")

    def done_message(self, result: list[Setting]) -> str:
        """It is stored."""
        return _now("Saved.")


class StartForm(SizeForm):
    """The first run: size, parts and the first administrator."""

    display_name = forms.CharField(label=_("Your name"), max_length=120)
    username = forms.CharField(
        label=_("User name"), max_length=60, help_text=_("What you will type to sign in.")
    )
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 signs. A few words you can remember are better than tricks."),
    )
    questions: ClassVar[tuple[Question, ...]] = (
        *SizeForm.questions,
        Question(_("Who is the first administrator?"), ("display_name", "username", "password")),
    )


class StartPage(FormPage):
    """The wizard of the first run; gone as soon as anybody is registered."""

    form_class = StartForm
    title = _("Welcome to Handup")
    intro = _("Three questions, and the house is yours. Everything can be changed later.")
    verb = _("Start")
    template = "org/start.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only while nobody works here."""
        if StaffUser.objects.exists():
            raise Http404
        return View.dispatch(self, request, *args, **kwargs)

    def initial(self) -> dict[str, Any]:
        """A small team with everything on."""
        return {"profile": Profile.SMALL.value, "domains": list(SWITCHABLE)}

    def perform(self, values: dict[str, Any]) -> StaffUser:
        """Set the house up."""
        profile = Profile(values.pop("profile"))
        return start_installation(profile=profile, on=timezone.localdate(), **values)

    def success_url(self, result: StaffUser) -> str:
        """Sign in."""
        return reverse("account_login")
