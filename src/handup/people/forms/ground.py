"""Forms of what is settled before anybody is registered: the notice read to a person, and the rule
who may take part.
"""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from handup.org.models import Area
from handup.org.web.context import languages
from handup.org.web.forms import DayField, HouseForm, Question
from handup.people.models import labels as lb
from handup.people.rules import codes as c
from handup.projects.models import Programme

DATA = {
    "identity": _("who she is: name, sex, birth, papers"),
    "contact": _("where she lives and how she is reached"),
    "household": _("her household"),
    "status": _("legal status and what she tells of herself"),
    "enterprise": _("her enterprise"),
    "money": _("income, loans and savings"),
    "training": _("courses, tests and certificates"),
    "photograph": _("photographs and recordings"),
}
GROUPS = [
    (code.value, label)
    for table in (lb.DERIVED, lb.LEGAL_STATUS, lb.VULNERABILITY)
    for code, label in table.items()
]


def _programmes(form: HouseForm, rows: Any) -> None:
    field = form.fields["programme"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


class NoticeForm(HouseForm):
    """A notice to publish, word for word."""

    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        label=_("Programme"),
        required=False,
        empty_label=_("every programme"),
    )
    version = forms.CharField(
        label=_("Version"), max_length=20, help_text=_("A new text needs a new version.")
    )
    language = forms.ChoiceField(label=_("Language"))
    text = forms.CharField(
        label=_("The text read to a person"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Who asks, what for, who else sees it, for how long, and how to say no."),
    )
    purposes = forms.MultipleChoiceField(
        label=_("What it asks agreement for"),
        choices=lb.choices(lb.CONSENT_PURPOSE),
        widget=forms.CheckboxSelectMultiple,
    )
    data_categories = forms.MultipleChoiceField(
        label=_("What data it speaks of"),
        choices=list(DATA.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    valid_from = DayField(label=_("Valid from"))
    questions = (
        Question(_("Which notice is it?"), ("programme", "version", "language", "valid_from")),
        Question(_("What does it say?"), ("text", "purposes", "data_categories")),
    )

    def __init__(
        self, *args: Any, programmes: Any, everywhere: bool = True, **options: Any
    ) -> None:
        """Offer the programmes she may publish for and the languages spoken here."""
        super().__init__(*args, **options)
        _programmes(self, programmes)
        if not everywhere:
            whose = self.fields["programme"]
            assert isinstance(whose, forms.ModelChoiceField)
            whose.required, whose.empty_label = True, _("choose")
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        known = dict(settings.LANGUAGES)
        field.choices = [(code, name) for code, name in languages() if code in known]


class RuleForm(HouseForm):
    """Who may take part: conditions to tick, or a rule of one's own."""

    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    title = forms.CharField(label=_("Title"), max_length=200)
    valid_from = DayField(label=_("Valid from"))
    appeal_route = forms.CharField(
        label=_("How to appeal"),
        max_length=300,
        required=False,
        help_text=_("Read to whoever is refused."),
    )
    age_least = forms.IntegerField(
        label=_("Youngest age"), min_value=0, max_value=120, required=False
    )
    age_most = forms.IntegerField(label=_("Oldest age"), min_value=0, max_value=120, required=False)
    areas = forms.ModelMultipleChoiceField(
        Area.objects.none(), label=_("Lives in one of"), required=False
    )
    belongs = forms.MultipleChoiceField(
        label=_("Belongs to at least one of"),
        choices=GROUPS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    not_elsewhere = forms.BooleanField(
        label=_("Takes part in no other programme here"), required=False
    )
    own = forms.CharField(
        label=_("Rule of your own"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_(
            "For what the questions above cannot say: JSON of all, any, not and facts. It takes"
            " their place."
        ),
    )
    questions = (
        Question(_("Whose rule is it?"), ("programme", "title", "valid_from", "appeal_route")),
        Question(
            _("Who may take part?"),
            ("age_least", "age_most", "areas", "belongs", "not_elsewhere"),
            hint=_("Whatever is filled in must all be met; what is not known is asked for."),
        ),
        Question(_("Is it more involved?"), ("own",), folded=True),
    )

    def __init__(self, *args: Any, programmes: Any, areas: Any, **options: Any) -> None:
        """Offer the programmes she may publish for and the areas in force."""
        super().__init__(*args, **options)
        _programmes(self, programmes)
        field = self.fields["areas"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = areas

    def clean_own(self) -> Mapping[str, object] | None:
        """Read the rule of one's own."""
        text = self.cleaned_data["own"].strip()
        if not text:
            return None
        try:
            tree = json.loads(text)
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("This is not JSON. Check its brackets.")) from None
        if not isinstance(tree, dict):
            raise forms.ValidationError(_("A rule begins with all, any, not, or a fact."))
        return tree

    def clean(self) -> dict[str, Any]:
        """Ask for at least one condition, and put the tree together."""
        values = super().clean() or {}
        values["tree"] = values.get("own") or tree_of(values)
        if not values["tree"].get("all", True):
            raise forms.ValidationError(_("Fill in at least one condition."))
        return values


def tree_of(values: Mapping[str, Any]) -> dict[str, object]:
    """The conditions filled in, all of which must be met (people.md 4.3)."""
    told: list[tuple[str, str, object, c.Reason]] = [
        ("age_years", ">=", values.get("age_least"), c.Reason.UNDER_AGE),
        ("age_years", "<=", values.get("age_most"), c.Reason.OVER_AGE),
        ("areas", "has_any", [a.code for a in values.get("areas") or ()], c.Reason.OUTSIDE_AREA),
        ("categories", "has_any", values.get("belongs"), c.Reason.NO_TARGET_STATUS),
        (
            "active_in_similar",
            "==",
            False if values.get("not_elsewhere") else None,
            c.Reason.ALREADY_SERVED,
        ),
    ]
    leaves = [
        {"fact": fact, "op": op, "value": value, "reason": reason.value}
        for fact, op, value, reason in told
        if value is not None and value != []
    ]
    return {"all": leaves}
