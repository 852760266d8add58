"""Forms of questionnaires: a version with its wording, one question for each item, and what the
installation chooses.
"""

import csv
import io
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm
from handup.people import choices_made as cm
from handup.people.forms.fields import NOT_CHOSEN
from handup.people.models import Household, Instrument, Person
from handup.people.models.labels import INSTRUMENT, choices
from handup.people.rules.instruments import COPING_CLASSES, FcsMissing, FcsThreshold
from handup.people.rules.instruments import Instrument as Code
from handup.people.rules.wording import choices_of, items_of

NOT_KNOWN = ("", _("not known"))
LARGEST_WORDING = 100_000  # bytes

ANSWERS: dict[str, dict[str, Any]] = {
    Code.WG_SS: {
        "1": _("no difficulty"),
        "2": _("some difficulty"),
        "3": _("a lot of difficulty"),
        "4": _("cannot do it at all"),
        "888": _("does not know"),
        "999": _("does not want to answer"),
    },
    Code.LCS_EN: {
        "10": _("no, there was no need"),
        "20": _("no, it was done before and cannot be done again"),
        "30": _("yes"),
        "9999": _("does not apply"),
    },
}
ANSWERS[Code.LCS_FS] = ANSWERS[Code.LCS_EN]
HUNGER: dict[str, dict[str, Any]] = {
    "": {"0": _("no"), "1": _("yes")},
    "_freq": {
        "1": _("rarely (once or twice)"),
        "2": _("sometimes (three to ten times)"),
        "3": _("often (more than ten times)"),
    },
}
ITEMS: dict[str, Any] = {
    "see": _("Seeing"),
    "hear": _("Hearing"),
    "walk": _("Walking or climbing steps"),
    "remember": _("Remembering or concentrating"),
    "selfcare": _("Washing and dressing"),
    "communicate": _("Being understood and understanding"),
    "no_food": _("No food of any kind in the house"),
    "sleep_hungry": _("Somebody went to sleep hungry"),
    "day_night": _("Somebody ate nothing for a day and a night"),
    "staples": _("Cereals, roots and tubers"),
    "pulses": _("Pulses and nuts"),
    "dairy": _("Milk and milk products"),
    "protein": _("Meat, fish and eggs"),
    "vegetables": _("Vegetables"),
    "fruit": _("Fruit"),
    "fat": _("Oil and fat"),
    "sugar": _("Sugar"),
    "condiments": _("Spices and condiments"),
    "less_preferred": _("Ate cheaper or less liked food"),
    "borrow": _("Borrowed food or relied on others"),
    "fewer_meals": _("Ate fewer meals a day"),
    "smaller_portions": _("Ate smaller portions"),
    "adults_restrict": _("Adults ate less so that children could eat"),
    "dom_asset": _("Sold household goods"),
    "utilities": _("Spent less on water, heat or light"),
    "saving": _("Spent savings"),
    "borrow_cash": _("Borrowed money"),
    "prod_assets": _("Sold tools or means of work"),
    "health": _("Spent less on health"),
    "out_school": _("Took children out of school"),
    "res_asset": _("Sold house or land"),
    "begged": _("Begged"),
    "illegal_act": _("Did what is not allowed to earn"),
}
"""Short names of what is asked about, not the publisher's wording."""


def item_word(instrument: Instrument, item: str) -> str:
    """What a question is called: the publisher's wording, else the short name of what it asks."""
    told = instrument.wording.get(item)
    if told:
        return str(told)
    base = item.removesuffix("_freq")
    word = str(ITEMS.get(base, base.replace("_", " ").capitalize()))
    return _t("%(item)s: how often") % {"item": word} if base != item else word


def answer_word(instrument: Instrument, item: str, code: str | None) -> str:
    """An answer in words; days are shown as they are."""
    if code is None:
        return _t("not known")
    return str(_words(instrument, item).get(code, code))


def _words(instrument: Instrument, item: str) -> dict[str, Any]:
    if instrument.code == Code.HHS:
        return HUNGER["_freq" if item.endswith("_freq") else ""]
    return ANSWERS.get(instrument.code, {})


class WordingUnreadable(Refusal):
    """Save the wording as CSV in UTF-8, with a column item and a column text."""


class InstrumentForm(HouseForm):
    """The next version of a questionnaire."""

    instrument = forms.ChoiceField(
        label=_("Questionnaire"), choices=[NOT_CHOSEN, *choices(INSTRUMENT)]
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    language = forms.CharField(label=_("Language of the wording"), max_length=10, required=False)
    wording = forms.FileField(
        label=_("Wording"),
        max_length=200,
        required=False,
        help_text=_("CSV with the columns item and text, from the publisher, one line a question."),
    )
    published_date = DayField(label=_("Valid from"))
    stress = forms.CharField(label=_("Items of the class stress"), required=False, max_length=500)
    crisis = forms.CharField(label=_("Items of the class crisis"), required=False, max_length=500)
    emergency = forms.CharField(
        label=_("Items of the class emergency"),
        required=False,
        max_length=500,
        help_text=_("Only for coping: codes with commas between; empty keeps the published items."),
    )

    @staticmethod
    def classes(values: dict[str, Any]) -> dict[str, list[str]] | None:
        """The items of a country, None where the published ones stay."""
        told = {name: values.get(name) or "" for name in COPING_CLASSES}
        if not any(told.values()):
            return None
        return {name: [p.strip() for p in text.split(",")] for name, text in told.items()}

    @staticmethod
    def texts(file: Any) -> dict[str, str]:
        """The wording of a file, by item. Raises WordingUnreadable."""
        if not file:
            return {}
        try:
            text = file.read(LARGEST_WORDING + 1).decode("utf-8-sig")
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
        except (UnicodeDecodeError, csv.Error):
            raise WordingUnreadable(field="wording") from None
        if "\0" in text or not rows or not {"item", "text"} <= set(rows[0]):
            raise WordingUnreadable(field="wording")
        return {str(row["item"] or "").strip(): str(row["text"] or "").strip() for row in rows}


class AskForm(HouseForm):
    """The questions of one instrument; what is not known is left open."""

    instrument = forms.UUIDField(widget=forms.HiddenInput)
    asked_date = DayField(label=_("Asked on"))

    def __init__(self, *args: Any, asked: Instrument | None, **options: Any) -> None:
        """Ask what the instrument asks, in its order."""
        super().__init__(*args, **options)
        self.asked = asked
        for item in items_of(asked.structure) if asked is not None else ():
            assert asked is not None
            codes = choices_of(asked.structure, item)
            words = _words(asked, item)
            self.fields[f"item_{item}"] = forms.ChoiceField(
                label=item_word(asked, item),
                choices=[NOT_KNOWN, *((code, words.get(code, code)) for code in codes)],
                required=False,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def answers(self, values: dict[str, Any]) -> dict[str, str | int | None]:
        """The answers by item."""
        items = items_of(self.asked.structure) if self.asked else []
        return {item: values.get(f"item_{item}") or None for item in items}


class RespondentForm(HouseForm):
    """Who answers for a household."""

    person: Any = forms.ModelChoiceField(Person.objects.none(), label=_("Who answers?"))

    def __init__(self, *args: Any, household: Household, staff: StaffUser, **options: Any) -> None:
        """Offer the present members whom the reader may see."""
        super().__init__(*args, **options)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        present = household.memberships.filter(to_date=None).values("person_id")
        field.queryset = Person.objects.visible_to(staff).filter(pk__in=present)


class ChoicesForm(HouseForm):
    """What the installation chooses."""

    fcs_threshold = forms.ChoiceField(
        label=_("Limits of the food consumption score"),
        choices=[(FcsThreshold.LOW, "21 / 35"), (FcsThreshold.HIGH, "28 / 42")],
    )
    fcs_missing = forms.ChoiceField(
        label=_("A food group that is not known"),
        choices=[
            (FcsMissing.MISSING, pgettext_lazy("score", "leaves the score open")),
            (FcsMissing.ZERO, pgettext_lazy("score", "counts as no day")),
        ],
    )
    rerank = forms.IntegerField(
        label=_("Rank again when wealth rankings lie further apart than"), min_value=1
    )
    least_poor = forms.IntegerField(
        label=_("Poor households in the sample before a group is compared"), min_value=1
    )
    alert_below = forms.IntegerField(
        label=_("Warn when the group reached least has less than so many percent of the best"),
        min_value=1,
    )
    enquiry_days = forms.IntegerField(label=_("Days to answer an enquiry"), min_value=1)

    KEYS = {
        "fcs_threshold": cm.FCS_THRESHOLD,
        "fcs_missing": cm.FCS_MISSING,
        "rerank": cm.RERANK,
        "least_poor": cm.LEAST,
        "alert_below": cm.ALERT,
        "enquiry_days": cm.ENQUIRY_DAYS,
    }
