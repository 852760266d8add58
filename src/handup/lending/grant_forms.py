"""The forms of grants and kits."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Book, Fund
from handup.lending.fields import LinesField
from handup.lending.forms import BorrowerField, LateForm
from handup.lending.models import PathwayEnrolment
from handup.lending.models.labels import METHODS
from handup.lending.services.grants import AssetIn, TrancheIn
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question, dress
from handup.projects.models import Programme

PARTS = (1, 2, 3)
NOT_POSTED = [("", _("it stands in the books already")), *METHODS]


TITLES = (
    (_("First tranche"), _("Second tranche"), _("Third tranche")),
    (_("First thing handed over"), _("Second thing handed over"), _("Third thing handed over")),
)


def part_fields() -> dict[str, forms.Field]:
    """The fields of each tranche and each thing."""
    fields: dict[str, forms.Field] = {}
    for n in PARTS:
        fields[f"tranche_{n}_amount"] = forms.CharField(
            label=_("Amount"), max_length=30, required=False
        )
        fields[f"tranche_{n}_date"] = DayField(label=_("Planned for"), required=False)
        fields[f"tranche_{n}_condition"] = forms.CharField(
            label=_("Once this is there"), max_length=300, required=False
        )
        fields[f"asset_{n}_what"] = forms.CharField(label=_("What"), max_length=200, required=False)
        fields[f"asset_{n}_quantity"] = forms.IntegerField(
            label=_("How many"), min_value=1, max_value=10_000, required=False
        )
        fields[f"asset_{n}_value"] = forms.CharField(
            label=_("Value of all of it"), max_length=30, required=False
        )
    return fields


def part_questions() -> tuple[Question, ...]:
    """One question a part."""
    return tuple(
        Question(titles[n - 1], tuple(f"{kind}_{n}_{part}" for part in parts))
        for kind, parts, titles in (
            ("tranche", ("amount", "date", "condition"), TITLES[0]),
            ("asset", ("what", "quantity", "value"), TITLES[1]),
        )
        for n in PARTS
    )


class EnrolmentField(forms.CharField):
    """A participant's number on a pathway; the value is her enrolment, if the reader may see it."""

    default_error_messages = {"unknown": _("No pathway with this number is in your care.")}

    def __init__(self, **options: Any) -> None:
        """Take any option of a text field."""
        super().__init__(max_length=20, **options)
        self.staff: Any = None

    def clean(self, value: Any) -> Any:
        """Find it."""
        text = super().clean(value)
        if not text:
            return None
        rows = PathwayEnrolment.objects.visible_to(self.staff)
        found = rows.filter(code__iexact=str(text).strip()).first()
        if found is None:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        return found


class GrantForm(HouseForm):
    """A grant to propose: up to three tranches and three things."""

    receiver = BorrowerField(
        label=_("Number of who receives it"),
        help_text=_("Of a person, a household, an enterprise or a group."),
    )
    programme = forms.ModelChoiceField(label=_("Programme"), queryset=Programme.objects.none())
    book = forms.ModelChoiceField(
        label=_("Book it is posted to"),
        queryset=Book.objects.none(),
        required=False,
        help_text=_("Left empty, it is not kept in our books."),
    )
    fund = forms.ModelChoiceField(
        label=_("Out of which fund"),
        queryset=Fund.objects.none(),
        required=False,
        help_text=_("Left empty, it is money that no donor binds."),
    )
    pathway = EnrolmentField(
        label=_("Number of her pathway"),
        required=False,
        help_text=_("Only for what is given to somebody on a pathway."),
    )
    purpose = forms.CharField(label=_("What for"), max_length=200)
    criteria = LinesField(label=_("Criteria that are met, one a line"), longest=200)
    proposed_date = DayField(label=_("Proposed on"))
    questions = (
        Question(
            _("Who receives it, and from whom?"),
            ("receiver", "programme", "book", "fund", "pathway"),
        ),
        Question(_("Why?"), ("purpose", "criteria", "proposed_date")),
        *part_questions(),
    )

    def __init__(
        self, *args: Any, staff: StaffUser, programmes: Any, books: Any, funds: Any, **options: Any
    ) -> None:
        """Offer what the reader may see; add the fields of each part."""
        super().__init__(*args, **options)
        for name, part in part_fields().items():
            dress(part)
            self.fields[name] = part
        for name in ("receiver", "pathway"):
            named = self.fields[name]
            assert isinstance(named, BorrowerField | EnrolmentField)
            named.staff = staff
        for name, rows in (("programme", programmes), ("book", books), ("fund", funds)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
        if not funds:
            del self.fields["fund"]

    def clean(self) -> dict[str, Any]:
        """Read the amounts in the programme's currency."""
        found = super().clean() or {}
        programme = found.get("programme")
        if programme is None:
            return found
        found["tranches"] = [
            TrancheIn(units, found[f"tranche_{n}_date"], found.get(f"tranche_{n}_condition", ""))
            for n in PARTS
            if (units := self._units(f"tranche_{n}_amount", programme)) is not None
            and self._whole(f"tranche_{n}_date")
        ]
        found["assets"] = [
            AssetIn(found[f"asset_{n}_what"], units, found.get(f"asset_{n}_quantity") or 1)
            for n in PARTS
            if (units := self._units(f"asset_{n}_value", programme)) is not None
            and self._whole(f"asset_{n}_what")
        ]
        return found

    def _units(self, name: str, programme: Programme) -> int | None:
        field = MoneyField(currency=programme.currency, required=False)
        try:
            units: int | None = field.clean(self.cleaned_data.get(name, ""))
        except forms.ValidationError as error:
            self.add_error(name, error)
            return None
        return units

    def _whole(self, name: str) -> bool:
        if self.cleaned_data.get(name):
            return True
        self.add_error(name, _("Fill this in, or leave the amount empty."))
        return False


class GrantDecisionForm(HouseForm):
    """A second person's word on a proposed grant."""

    approve = forms.ChoiceField(
        label=_("Decision"), choices=[("yes", _("Approve the grant")), ("no", _("Decline it"))]
    )
    decided_date = DayField(label=_("Day"))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class TrancheConditionForm(HouseForm):
    """The condition of a tranche is met."""

    met_date = DayField(label=_("Met on"))
    document = forms.CharField(label=_("Which paper shows it"), max_length=120)


class PayTrancheForm(LateForm):
    """Money of a grant handed over."""

    paid_date = DayField(label=_("Day it was paid"))
    method = forms.ChoiceField(label=_("How"), choices=METHODS)
    receipt = forms.CharField(label=_("Number of the signed receipt"), max_length=60)
    reason = forms.CharField(
        label=_("Reason, when one person does several steps"), max_length=300, required=False
    )


class TakeBackForm(LateForm):
    """A payment that was wrong."""

    taken_date = DayField(label=_("Day"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class UseForm(HouseForm):
    """What a visit found of the money."""

    checked_date = DayField(label=_("Seen on"))
    as_agreed = forms.ChoiceField(
        label=_("Was it used as agreed?"), choices=[("yes", _("Yes")), ("no", _("No"))]
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class HandOverForm(LateForm):
    """A thing handed over."""

    handed_over_date = DayField(label=_("Handed over on"))
    receipt = forms.CharField(label=_("Number of the signed receipt"), max_length=60)
    method = forms.ChoiceField(label=_("How it was bought"), choices=NOT_POSTED, required=False)
    reason = forms.CharField(
        label=_("Reason, when one person does several steps"), max_length=300, required=False
    )


class AssetCheckForm(HouseForm):
    """What a visit found of the thing."""

    checked_date = DayField(label=_("Seen on"))
    still_held = forms.ChoiceField(
        label=_("Is it still there?"), choices=[("yes", _("Yes")), ("no", _("No"))]
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
