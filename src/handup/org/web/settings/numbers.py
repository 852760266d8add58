"""How long what is kept, and the numbers of protection: set on forms, within their bounds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import retention, safety
from handup.org.services.retention import set_numbers, set_periods
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.money import format_number

MOST_DAYS = 36_600


class PeriodsForm(HouseForm):
    """Days for each rule there is."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """One number a rule."""
        super().__init__(*args, **options)
        for rule in sorted(retention.rules.values(), key=lambda rule: str(rule.title)):
            least = _now("%(says)s At least %(days)s days.")
            words = {"says": rule.says, "days": format_number(rule.least)}
            self.fields[rule.code] = forms.IntegerField(
                label=rule.title,
                min_value=rule.least,
                max_value=MOST_DAYS,
                help_text=least % words,
            )


class Periods(FormPage):
    """How long what is kept."""

    form_class = PeriodsForm
    permission = "org.set_protection"
    title = _("How long what is kept")
    intro = _("In days. What is due is listed every night and blanked when somebody approves.")
    verb = _("Save")

    def initial(self) -> dict[str, Any]:
        """As it is now."""
        return {code: retention.days_of(rule) for code, rule in retention.rules.items()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Set them."""
        return set_periods(acting_staff=self.staff, days=values)

    def success_url(self, result: Any) -> str:
        """What is due."""
        return reverse("org:retention_list")

    def done_message(self, result: Any) -> str:
        """What happens now."""
        return _now("Saved. It is counted anew in the next night.")


class NumbersForm(HouseForm):
    """Each number within its bounds."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """One field a number."""
        super().__init__(*args, **options)
        for number in safety.NUMBERS.values():
            words = {"least": format_number(number.least), "most": format_number(number.most)}
            self.fields[number.key] = forms.IntegerField(
                label=number.title,
                min_value=number.least,
                max_value=number.most,
                help_text=_now("Between %(least)s and %(most)s.") % words,
            )


class Numbers(FormPage):
    """How long, how often, by when."""

    form_class = NumbersForm
    permission = "org.set_protection"
    title = _("Numbers of protection")
    verb = _("Save")
    asks_factor = True

    def initial(self) -> dict[str, Any]:
        """As they are now."""
        return {key: safety.value(key) for key in safety.NUMBERS}

    def perform(self, values: dict[str, Any]) -> int:
        """Set them."""
        return set_numbers(acting_staff=self.staff, numbers=values)

    def success_url(self, result: int) -> str:
        """The same page, with what is in force."""
        return reverse("org:safety_numbers")

    def done_message(self, result: int) -> str:
        """How many changed."""
        return _now("%(number)s changed.") % {"number": format_number(result)}
