"""Forms of exchange."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import HouseForm, Question
from handup.results.models.exchange import EXCHANGE_KINDS
from handup.results.rules.adx import SpanOfTime

SPANS = [
    (SpanOfTime.YEAR.value, _("a year")),
    (SpanOfTime.HALF_YEAR.value, _("half a year")),
    (SpanOfTime.QUARTER.value, _("a quarter")),
    (SpanOfTime.MONTH.value, _("a month")),
]
CODE = re.compile(r"[A-Za-z0-9._:-]{1,60}")
SHARE = re.compile(r"[0-9]{1,3}([.,][0-9]{1,6})?")


class IatiFileForm(HouseForm):
    """An IATI file."""

    file = forms.FileField(label=_("IATI file (XML)"), max_length=200, allow_empty_file=True)


class PairsField(forms.CharField):
    """Lines of two parts, "24040 60": a list of {first: ..., second: ...}.

    with_share: the second part is a share in percent and may be left out of a single line.
    """

    widget = forms.Textarea(attrs={"rows": 4})
    default_error_messages = {
        "not_two": _("Line %(line)s: write a code and its value, for example %(example)s."),
    }

    def __init__(
        self, *, names: tuple[str, str], example: str, with_share: bool = False, **options: Any
    ) -> None:
        """Take the names of both parts and an example line."""
        self.names, self.example, self.with_share = names, example, with_share
        super().__init__(max_length=4000, **options)

    def prepare_value(self, value: Any) -> Any:
        """A stored list as lines."""
        if isinstance(value, list):
            return "\n".join(" ".join(str(one[name]) for name in self.names) for one in value)
        return value

    def clean(self, value: Any) -> Any:
        """The lines as a list."""
        text = super().clean(value)
        lines = [line.split() for line in str(text or "").splitlines() if line.strip()]
        if self.with_share and len(lines) == 1 and len(lines[0]) == 1:
            lines[0].append("100")
        return [self._pair(place, parts) for place, parts in enumerate(lines, start=1)]

    def _pair(self, place: int, parts: Sequence[str]) -> dict[str, str]:
        second = SHARE if self.with_share else CODE
        if len(parts) != 2 or not CODE.fullmatch(parts[0]) or not second.fullmatch(parts[1]):
            raise ValidationError(
                self.error_messages["not_two"],
                code="not_two",
                params={"line": place, "example": self.example},
            )
        told = parts[1].replace(",", ".") if self.with_share else parts[1]
        return {self.names[0]: parts[0], self.names[1]: told}


class MapField(PairsField):
    """Lines of two parts as a mapping from the first to the second."""

    def __init__(self, *, example: str, **options: Any) -> None:
        """Take an example line."""
        super().__init__(names=("from", "to"), example=example, **options)

    def prepare_value(self, value: Any) -> Any:
        """A stored mapping as lines."""
        if isinstance(value, dict):
            return "\n".join(f"{key} {told}" for key, told in sorted(value.items()))
        return value

    def clean(self, value: Any) -> Any:
        """The lines as a mapping."""
        return {one["from"]: one["to"] for one in super().clean(value)}


class ProfileForm(HouseForm):
    """How a programme is told to other systems."""

    organisation_ref = forms.CharField(
        label=_("Identifier of who reports"),
        max_length=100,
        help_text=_("For example XM-DAC-47066. It never changes once something was published."),
    )
    organisation_name = forms.CharField(label=_("Who reports"), max_length=200)
    organisation_type = forms.CharField(
        label=_("Kind of organisation (IATI code)"),
        max_length=3,
        help_text=_("10 government, 21 international and 24 local organisation, 40 multilateral."),
    )
    activity_code = forms.CharField(label=_("Code of the programme there"), max_length=80)
    language = forms.ChoiceField(label=_("Language of its texts"), choices=settings.LANGUAGES)
    phases_only = forms.BooleanField(
        label=_("Tell the phases only, not the programme above them"), required=False
    )
    target_groups = forms.CharField(
        label=_("Target groups"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    countries = PairsField(
        label=_("Countries, each with its share"),
        names=("code", "share"),
        example="AM 100",
        with_share=True,
        help_text=_("One a line: AM 100. Together 100 percent."),
    )
    sectors = PairsField(
        label=_("Sectors (five digits), each with its share"),
        names=("code", "share"),
        example="24040 60",
        with_share=True,
        help_text=_("One a line: 24040 60. Together exactly 100 percent."),
    )
    tags = PairsField(
        label=_("Tags"),
        names=("vocabulary", "code"),
        example="3 8.3",
        required=False,
        help_text=_("One a line: the vocabulary and the code. 3 8.3 is target 8.3 of the SDGs."),
    )
    markers = PairsField(
        label=_("Policy markers"),
        names=("code", "significance"),
        example="1 1",
        required=False,
        help_text=_("One a line: the marker and 0, 1 or 2. 1 1 is gender equality as a part."),
    )
    scope = forms.CharField(label=_("Scope (IATI code)"), max_length=2, required=False)
    collaboration = forms.CharField(
        label=_("Collaboration (IATI code)"), max_length=2, required=False
    )
    flow = forms.CharField(label=_("Flow (IATI code)"), max_length=3, required=False)
    aid_type = forms.CharField(label=_("Kind of aid (IATI code)"), max_length=5, required=False)
    tied = forms.CharField(label=_("Tied (IATI code)"), max_length=2, required=False)
    humanitarian = forms.BooleanField(label=_("Humanitarian"), required=False)
    indicator_uri = forms.URLField(
        label=_("Where your indicators are explained"),
        required=False,
        max_length=200,
        assume_scheme="https",
    )
    dataset = forms.CharField(label=_("Data set (DHIS2)"), max_length=60, required=False)
    org_unit = forms.CharField(
        label=_("Organisation unit of the programme"), max_length=60, required=False
    )
    area_codes = MapField(
        label=_("Areas there"),
        example="AM-YER OU1",
        required=False,
        help_text=_("One a line: the code of the area here, and the one there."),
    )
    names = MapField(
        label=_("Names of the dimensions there"),
        example="sex GENDER",
        required=False,
        help_text=_("One a line: the dimension here, and the name of its attribute there."),
    )
    questions = (
        Question(
            _("Who reports?"),
            ("organisation_ref", "organisation_name", "organisation_type"),
        ),
        Question(
            _("What is told?"),
            ("activity_code", "language", "phases_only", "target_groups", "countries", "sectors"),
        ),
        Question(
            _("More codes of IATI"),
            (
                *("tags", "markers", "scope", "collaboration", "flow", "aid_type", "tied"),
                *("humanitarian", "indicator_uri"),
            ),
            folded=True,
        ),
        Question(
            _("DHIS2 and ActivityInfo"),
            ("dataset", "org_unit", "area_codes", "names"),
            folded=True,
        ),
    )


class BuildForm(HouseForm):
    """Which file is built."""

    kind = forms.ChoiceField(label=_("For which system?"), choices=EXCHANGE_KINDS)
    span = forms.ChoiceField(
        label=_("Period"),
        choices=SPANS,
        help_text=_("For DHIS2 and ActivityInfo. It ends on the day of the snapshot."),
    )


class CheckForm(HouseForm):
    """Whether warnings are signed for."""

    signed_warnings = forms.BooleanField(
        label=_("I have looked at the warnings and sign for them"), required=False
    )


class PublishForm(HouseForm):
    """Where it stands."""

    place = forms.CharField(
        label=_("Address it stands at"),
        max_length=500,
        required=False,
        help_text=_("Put the file there yourself; Handup sends nothing."),
    )
