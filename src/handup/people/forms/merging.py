"""Forms that make two records one and take them apart: whose value stays, which later rows go."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm
from handup.people.models import labels as lb
from handup.people.queries.merging import LaterRow
from handup.people.rules.duplicates import REASONS, MatchState
from handup.people.rules.merging import FIELDS

STAYS, GOES = "stays", "goes"
ALONE = _("Only where one person does several steps; it will be reported.")


class MergeForm(HouseForm):
    """Whose value is kept, field by field, where the two records tell different things."""

    merged_date = DayField(label=_("Made one on"))
    why_alone = forms.CharField(
        label=_("Why one person decides alone"), max_length=300, required=False, help_text=ALONE
    )

    def __init__(
        self, *args: Any, asked: Sequence[tuple[str, str, str]] = (), **options: Any
    ) -> None:
        """Ask for each field of which both records tell something: (field, one value, the
        other)."""
        super().__init__(*args, **options)
        for name, stays, goes in asked:
            self.fields[name] = forms.ChoiceField(
                label=str(lb.MERGE_FIELD[name]),
                choices=[(STAYS, stays), (GOES, goes)],
                initial=STAYS,
                widget=forms.RadioSelect,
            )
        self.order_fields([*(name for name, _one, _other in asked), "merged_date", "why_alone"])

    def picked(self, values: dict[str, Any]) -> list[str]:
        """The fields taken from the record that goes."""
        return [name for name in FIELDS if values.get(name) == GOES]


class UnmergeForm(HouseForm):
    """Why they are two persons, and which of the rows that came since are the other's."""

    reason = forms.ChoiceField(
        label=_("Why they are two persons"),
        choices=[
            ("", _("choose")),
            *((reason, lb.MATCH_REASON[reason]) for reason in REASONS[MatchState.DIFFERENT]),
        ],
    )
    to_other = forms.MultipleChoiceField(
        label=_("What came since and belongs to the other person"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What is not ticked stays where it is."),
    )
    undone_date = DayField(label=_("Taken apart on"))
    why_alone = forms.CharField(
        label=_("Why one person decides alone"), max_length=300, required=False, help_text=ALONE
    )

    def __init__(self, *args: Any, later: Sequence[LaterRow] = (), **options: Any) -> None:
        """Offer the rows that came since."""
        super().__init__(*args, **options)
        field = self.fields["to_other"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(row.code, row.named) for row in later]
        if not later:
            del self.fields["to_other"]
