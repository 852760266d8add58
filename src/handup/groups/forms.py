"""Forms of groups: registration, members, a meeting's sheet, a loan, the closing count."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.groups.models.facts import Mark, MeetingKind
from handup.groups.models.group import GroupKind
from handup.groups.rules.money import LOAN, SOCIAL
from handup.groups.sheet_places import place
from handup.org.models import Area
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.people.models import Person
from handup.people.queries.merging import by_number

COLUMNS = {
    "saved": _("Saved"),
    "social": _("Social fund"),
    "fine": _("Fine paid"),
    "repaid": _("Loan paid back"),
}


def in_currency(form: HouseForm, currency: str, *names: str) -> None:
    """Let amount fields of a form speak of a currency."""
    for name in names:
        field = form.fields[name]
        assert isinstance(field, MoneyField)
        field.currency = currency


class GroupForm(HouseForm):
    """A new group and the first rules it voted."""

    name = forms.CharField(label=_("Name of the group"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=GroupKind.choices)
    area = forms.ModelChoiceField(label=_("Area"), queryset=Area.objects.all())
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)
    formed_date = DayField(label=_("Formed on"))
    share_value_units = MoneyField(label=_("Price of one share, or saving at each meeting"))
    charge_rate = forms.DecimalField(
        label=_("Charge on a loan, percent a period"), min_value=0, max_value=100, decimal_places=2
    )
    questions = (
        Question(_("Which group is it?"), ("name", "kind", "area", "formed_date")),
        Question(_("What did it vote?"), ("currency", "share_value_units", "charge_rate")),
    )

    def __init__(self, *args: Any, programme_currency: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        in_currency(self, programme_currency, "share_value_units")
        self.fields["currency"].initial = programme_currency

    def clean_currency(self) -> str:
        """Take the code in capitals."""
        return str(self.cleaned_data["currency"]).upper()


class MemberForm(HouseForm):
    """A person who joins, found by her registration number."""

    registration_no = forms.CharField(label=_("Registration number"), max_length=12)
    joined_date = DayField(label=_("Joined on"))

    def __init__(self, *args: Any, staff: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.staff = staff

    def clean_registration_no(self) -> Person:
        """Find the person among those this staff member may see."""
        number = str(self.cleaned_data["registration_no"]).strip()
        person = by_number(Person.objects.visible_to(self.staff), number)
        if person is None:
            raise forms.ValidationError(_("Nobody is registered under this number."))
        return person


class MeetingForm(HouseForm):
    """A meeting that begins."""

    held_date = DayField(label=_("Held on"))
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    kind = forms.ChoiceField(
        label=_("What for?"),
        choices=MeetingKind.choices,
        initial=MeetingKind.ORDINARY,
        required=False,
    )


class SheetForm(HouseForm):
    """One line a member: her mark and what she paid in."""

    def __init__(self, *args: Any, members: Any, currency: str, marks: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.members = list(members)
        for member in self.members:
            self.fields[f"mark_{member.pk}"] = forms.ChoiceField(
                label=_("Was she there?"),
                choices=[("", "–"), *Mark.choices],
                required=False,
                initial=marks.get(member.pk, ""),
                widget=forms.Select(
                    attrs={
                        "class": "cell",
                        "aria-label": f"{place('mark', member.member_no)}: {member}",
                    }
                ),
            )
            for column, label in COLUMNS.items():
                self.fields[f"{column}_{member.pk}"] = MoneyField(
                    label=label, currency=currency, least_units=0, required=False
                )
                self.fields[f"{column}_{member.pk}"].widget.attrs.update(
                    {
                        "class": "cell",
                        "data-sum": f"sum-{column}",
                        "aria-label": f"{place(column, member.member_no)}: {label}, {member}",
                    }
                )

    @property
    def lines(self) -> list[tuple[Any, list[tuple[str, Any]]]]:
        """The members with their inputs, in the order of their numbers; each input with the place
        of its cell on the paper."""
        return [
            (
                member,
                [
                    (place(name, member.member_no), self[f"{name}_{member.pk}"])
                    for name in ("mark", *COLUMNS)
                ],
            )
            for member in self.members
        ]


class LoanForm(HouseForm):
    """A loan the meeting voted."""

    member = forms.ChoiceField(label=_("Who borrows?"))
    units = MoneyField(label=_("Amount"))
    term_periods = forms.IntegerField(label=_("For how many periods?"), min_value=1, max_value=36)
    purpose = forms.CharField(label=_("What for?"), max_length=120, required=False)
    fund = forms.ChoiceField(
        label=_("From which money?"), choices=((LOAN, _("loan fund")), (SOCIAL, _("social fund")))
    )
    yes = forms.IntegerField(label=_("Votes in favour"), min_value=0)
    no = forms.IntegerField(label=_("Votes against"), min_value=0, initial=0)
    abstain = forms.IntegerField(
        label=_("Abstained"), min_value=1, initial=1, help_text=_("The borrower counts here.")
    )
    questions = (
        Question(_("What is asked for?"), ("member", "units", "term_periods", "purpose", "fund")),
        Question(_("How did the group vote?"), ("yes", "no", "abstain")),
    )

    def __init__(
        self, *args: Any, members: Any, currency: str, social: bool, **options: Any
    ) -> None:
        """social: whether the rules of the group lend its social fund."""
        super().__init__(*args, **options)
        in_currency(self, currency, "units")
        if not social:
            del self.fields["fund"]
        chosen = self.fields["member"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [(str(member.pk), str(member)) for member in members]


class ClosingForm(HouseForm):
    """The counted box, fund by fund, and the next date."""

    counted_LOAN = MoneyField(label=_("Loan fund, counted"), least_units=0)
    reason_LOAN = forms.CharField(label=_("Why it differs"), required=False, max_length=200)
    counted_SOCIAL = MoneyField(label=_("Social fund, counted"), least_units=0)
    reason_SOCIAL = forms.CharField(label=_("Why it differs"), required=False, max_length=200)
    next_date = DayField(label=_("Next meeting"), required=False)
    questions = (
        Question(
            _("How much lies in the box?"),
            ("counted_LOAN", "reason_LOAN", "counted_SOCIAL", "reason_SOCIAL"),
        ),
        Question(_("When does the group meet again?"), ("next_date",)),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        in_currency(self, currency, *(f"counted_{fund}" for fund in (LOAN, SOCIAL)))
