"""Forms of scorecards: a version from a file, and one question for each item of a card."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm
from handup.people.models import Scorecard

NOT_KNOWN = ("", _("not known"))


class CardForm(HouseForm):
    """A card, and its table where that is a file of its own."""

    title = forms.CharField(label=_("Title"), max_length=200)
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_("The scorecard as JSON: items with answers and points, cap, table, cut-off."),
    )
    table = forms.FileField(
        label=_("Table of likelihoods"),
        max_length=200,
        required=False,
        help_text=_("CSV with a column score and one for each poverty line; replaces the card's."),
    )
    shift = forms.BooleanField(
        label=_("Shift the table by one: its publisher counts from 1"), required=False
    )
    published_date = DayField(label=_("Valid from"))


class AssessForm(HouseForm):
    """The questions of one card; what is not known is left open."""

    card = forms.UUIDField(widget=forms.HiddenInput)
    assessed_date = DayField(label=_("Asked on"))

    def __init__(self, *args: Any, card: Scorecard | None, **options: Any) -> None:
        """Ask what the card asks."""
        self.items: list[str] = []
        for item in card.content["items"] if card is not None else ():
            self.items.append(str(item["code"]))
        super().__init__(*args, **options)
        if card is None:
            return
        for item in card.content["items"]:
            answers = [(answer["code"], spoken(answer)) for answer in item["answers"]]
            self.fields[f"item_{item['code']}"] = forms.ChoiceField(
                label=spoken(item),
                choices=[NOT_KNOWN, *answers],
                required=False,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def answers(self, values: dict[str, Any]) -> dict[str, str | None]:
        """The answers by item."""
        return {item: values.get(f"item_{item}") or None for item in self.items}


def spoken(part: dict[str, Any]) -> str:
    """What a question or an answer is called: its text, where the card has one, else its code."""
    text = part.get("text")
    if isinstance(text, str) and text:
        return text
    words = str(part["code"]).replace("_", " ")
    return words[:1].upper() + words[1:]
