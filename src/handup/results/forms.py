"""Forms of snapshots and reports."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm


class SnapshotForm(HouseForm):
    """Up to which day the figures are counted."""

    day = DayField(label=_("Figures up to the end of"))


class AgainForm(HouseForm):
    """Why a frozen snapshot is computed again."""

    reason = forms.CharField(label=_("Why is it computed again?"), max_length=500)


class FiguresOfSnapshotForm(HouseForm):
    """Which figures of a snapshot."""

    codes = forms.MultipleChoiceField(label=_("Figures"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Any]], **options: Any) -> None:
        """Take the figures that can be passed on."""
        super().__init__(*args, **options)
        field = self.fields["codes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(choices)


class NoteForm(HouseForm):
    """What is to be said of a figure."""

    note = forms.CharField(
        label=_("Note"), max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )


class BackForm(HouseForm):
    """Why something goes back."""

    reason = forms.CharField(label=_("Why does it go back?"), max_length=500)


class NarrativeForm(HouseForm):
    """A report's title and text."""

    title = forms.CharField(label=_("Title"), max_length=200)
    text = forms.CharField(
        label=_("Text"),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_(
            "A figure stands as {{ MED-FIN-01 }}; its parts as {{ MED-IMP-01 | count }},"
            " {{ MED-IMP-01 | of }}, {{ MED-IMP-01 | interval }}; one line of it as"
            " {{ MED-OUT-01 | sex=F }}; what was promised of it as {{ MED-OUT-01 | target }},"
            " {{ MED-OUT-01 | baseline }}, {{ MED-OUT-01 | achieved }}. A line that begins"
            " with # is a heading, one that begins with - an item of a list; an empty line begins"
            " a new paragraph."
        ),
    )


class NewNarrativeForm(NarrativeForm):
    """A new report also has a language."""

    language = forms.ChoiceField(label=_("Language of the report"), choices=settings.LANGUAGES)
    field_order = ("title", "language", "text")


class SignForm(HouseForm):
    """Whether typed numbers are signed for."""

    signed_numbers = forms.BooleanField(
        label=_("I have looked up the numbers typed by hand, and they are right"), required=False
    )


class SentForm(HouseForm):
    """To whom a report was sent, and when."""

    sent_to = forms.CharField(label=_("Sent to"), max_length=200)
    sent_date = DayField(label=_("Sent on"))
