"""Forms of the duplicate check: a decision on two records, a spelling that means another name."""

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm
from handup.people.models import labels as lb
from handup.people.rules.duplicates import REASONS, MatchState

DECISIONS = (MatchState.SAME, MatchState.DIFFERENT, MatchState.UNSURE)


class MatchForm(HouseForm):
    """One person, two persons or not sure, and why."""

    state = forms.ChoiceField(
        label=_("They are"),
        choices=[(state.value, lb.MATCH_STATE[state]) for state in DECISIONS],
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[
            ("", _("choose")),
            *(
                (
                    lb.MATCH_STATE[state],
                    [(f"{state}:{reason}", lb.MATCH_REASON[reason]) for reason in REASONS[state]],
                )
                for state in DECISIONS
            ),
        ],
    )
    decided_date = DayField(label=_("Decided on"))
    why_alone = forms.CharField(
        label=_("Why one person decides alone"),
        max_length=300,
        required=False,
        help_text=_("Only where one person does several steps; it will be reported."),
    )

    def clean_reason(self) -> str:
        """The reason's code; that it fits the decision is told by the service."""
        return str(self.cleaned_data["reason"]).partition(":")[2]


class AliasForm(HouseForm):
    """A spelling and the name it means, in any letters."""

    spelling = forms.CharField(label=_("Spelling"), max_length=120)
    meant = forms.CharField(label=_("Name it means"), max_length=120)
    recorded_date = DayField(label=_("Recorded on"))
