"""The installation: its size, the parts that are on, and the first run on an empty database."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org import installation
from handup.org.first_word import NotTheWord, check_word
from handup.org.models import Setting, StaffUser
from handup.org.rules.access import SWITCHABLE
from handup.org.rules.duties import Profile
from handup.org.rules.parts import Part
from handup.org.services import house as services
from handup.org.services.house import set_up_installation
from handup.org.services.team import Colleague, Started, start_with_team
from handup.org.web import labels
from handup.org.web.forms import FormPage, HouseForm, Question
from handup.org.web.pages import Header
from handup.org.web.refusals import message_of

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
    full_above = forms.IntegerField(
        label=_("A business plan needs all its parts above so many US dollars"),
        min_value=0,
        max_value=10_000_000,
        required=False,
    )
    rate_rule = forms.ChoiceField(
        label=_("An amount of a budget in another currency counts at"),
        choices=[
            ("DAY", _("the rate of its day, or of the seven days before")),
            ("MONTHLY_AVERAGE", _("the average rate of its month")),
            ("FUNDER_RATE", _("the funder's rate of its month")),
        ],
        initial="DAY",
        required=False,
    )
    questions: ClassVar[tuple[Question, ...]] = (
        Question(_("Who are we?"), ("institution_name",)),
        Question(
            _("How many days?"),
            ("back_date_days", "suspend_after_days", "write_off_after_days"),
            hint=_("Left empty, what the program came with holds."),
        ),
        Question(_("How much money?"), ("full_above", "rate_rule")),
    )


OF_DOMAIN = {
    "back_date_days": "lending.back_date_days",
    "suspend_after_days": "lending.suspend_after_days",
    "write_off_after_days": "lending.write_off_after_days",
    "full_above": "plans.full_above",
    "rate_rule": "projects.rate_rule",
}


class InstitutionPage(FormPage):
    """The institution's own name and limits, for the administrator."""

    form_class = InstitutionForm
    permission = "org.change_setting"
    title = _("Our institution")
    verb = _("Save")

    def initial(self) -> dict[str, Any]:
        """As they are now."""
        held = dict(Setting.objects.filter(key__in=services.CHANGEABLE).values_list("key", "value"))
        return {"rate_rule": "DAY"} | {key.rpartition(".")[2]: v for key, v in held.items()}

    def perform(self, values: dict[str, Any]) -> list[Setting]:
        """Store what was filled in."""
        told = {
            OF_DOMAIN.get(name, name): value
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

    word = forms.CharField(
        label=_("Word of the server"),
        max_length=40,
        help_text=_(
            "It is in the log of the server. Whoever looks after the server also reads it there"
            " with: handup first-word"
        ),
    )
    display_name = forms.CharField(label=_("Your name"), max_length=120)
    username = forms.CharField(
        label=_("User name"), max_length=60, help_text=_("What you will type to sign in.")
    )
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 signs. A few words you can remember are better than tricks."),
    )
    field_name = forms.CharField(
        label=_("Who goes out to the people?"),
        max_length=120,
        required=False,
        help_text=_("She registers, trains, advises, lends and keeps the accounts."),
    )
    field_username = forms.CharField(label=_("Her user name"), max_length=60, required=False)
    office_name = forms.CharField(
        label=_("Who leads?"),
        max_length=120,
        required=False,
        help_text=_("She opens programmes, appraises, decides, pays out and reads the results."),
    )
    office_username = forms.CharField(label=_("Her user name"), max_length=60, required=False)
    questions: ClassVar[tuple[Question, ...]] = (
        Question(_("Is this your server?"), ("word",)),
        *SizeForm.questions,
        Question(
            _("Who is the first administrator?"),
            ("display_name", "username", "password"),
            hint=_(
                "The administrator sets up and gives roles, and sees neither persons nor money:"
                " whoever does the work has an account of her own. Only where one person is all"
                " there is does one account do everything."
            ),
        ),
        Question(
            _("Who does the work?"),
            ("field_name", "field_username", "office_name", "office_username"),
            hint=_(
                "Two persons are enough to begin with. Their first passwords are shown next;"
                " others follow under Settings, Staff."
            ),
        ),
    )

    def clean_word(self) -> str:
        """The word of this server and no other."""
        word: str = self.cleaned_data["word"]
        try:
            check_word(word)
        except NotTheWord as refusal:
            raise forms.ValidationError(message_of(refusal)) from refusal
        return word

    def clean(self) -> dict[str, Any]:
        """A name comes with a user name; where one person works alone, nobody comes beside her."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        for part in ("field", "office"):
            name, username = told.get(f"{part}_name"), told.get(f"{part}_username")
            if told.get("profile") == Profile.SOLO.value and (name or username):
                self.add_error(f"{part}_name", _now("Leave this empty: one person works here."))
            elif name and not username:
                self.add_error(f"{part}_username", _now("Choose a user name for her."))
            elif username and not name:
                self.add_error(f"{part}_name", _now("Write her name."))
        return told


class StartPage(FormPage):
    """The wizard of the first run; gone as soon as anybody is registered."""

    form_class = StartForm
    title = _("Welcome to Handup")
    intro = _("Five questions, and the house is yours. Everything can be changed later.")
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

    def perform(self, values: dict[str, Any]) -> Started:
        """Set the house up."""
        team = [
            Colleague(name, values[f"{part.value.lower()}_username"], part)
            for part in Part
            if (name := values[f"{part.value.lower()}_name"])
        ]
        first = ("username", "display_name", "password", "domains")
        return start_with_team(
            profile=Profile(values["profile"]),
            team=team,
            on=timezone.localdate(),
            reason=_now("One person does all the work of this house."),
            **{name: values[name] for name in first},
        )

    def success_url(self, result: Started) -> str:
        """Sign in."""
        return reverse("account_login")

    def answer(self, result: Started) -> HttpResponseBase:
        """Show the passwords of the others, this once; sign in where there are none."""
        if not result.passwords:
            return super().answer(result)
        header = Header(_("The house is set up"), str(result.administrator))
        context = {"title": header.title, "header": header, "passwords": result.passwords}
        return render(self.request, "org/started.html", context)
