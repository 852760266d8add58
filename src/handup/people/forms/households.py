"""The family as one sheet, what it tells later, a new head; enterprises."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.people.forms.fields import PlaceFields, area_field, one_of, programme_field
from handup.people.models import Household, Person
from handup.people.models import labels as lb
from handup.people.rules import codes as c
from handup.people.services import EnterpriseIn, HouseholdFactIn, HouseholdIn, MemberIn, OwnerIn
from handup.people.services.registration import NameIn, PersonIn
from handup.projects.models.labels import PRECISION
from handup.projects.rules.dates import Precision

MEMBERS = 8
ASKED_AS = {"first_name": "name", "birth_date": "birth"}
"""The columns of a member's row, by what a registration calls them."""


class FactFields(forms.Form):
    """What a household tells of itself."""

    adults = forms.IntegerField(
        label=_("Adults living there"), required=False, min_value=0, max_value=60
    )
    children = forms.IntegerField(
        label=_("Children under 18 living there"), required=False, min_value=0, max_value=60
    )
    income = MoneyField(label=_("Income a month"), required=False, least_units=0)

    def fact(self, on: Any, currency: str) -> HouseholdFactIn | None:
        """Return what was told, None when nothing was."""
        told = self.cleaned_data
        values = (told.get("adults"), told.get("children"), told.get("income"))
        if values == (None, None, None):
            return None
        return HouseholdFactIn(
            fact_date=on,
            adults=values[0],
            children=values[1],
            monthly_income_units=values[2],
            currency=currency if values[2] is not None else "",
        )


class HouseholdForm(HouseForm, FactFields, PlaceFields):
    """The family sheet: the person the page is about, and up to eight others, one row each."""

    head = forms.ChoiceField(
        label=_("Who heads the household?"),
        choices=[("SELF", _("this person")), ("1", _("the first person below"))],
        initial="SELF",
    )
    area = area_field()
    registered_date = DayField(label=_("Day of registration"))

    def __init__(
        self, *args: Any, staff: StaffUser, person: Person, currency: str, **options: Any
    ) -> None:
        """Make the rows of the other members."""
        super().__init__(*args, **options)
        self.person, self.currency = person, currency
        for number in range(1, MEMBERS + 1):
            self.fields[f"name_{number}"] = forms.CharField(
                label=_("Name"), max_length=120, required=False
            )
            self.fields[f"relation_{number}"] = one_of(
                lb.KINSHIP, _("Relation to the head"), required=False
            )
            self.fields[f"sex_{number}"] = one_of(lb.SEX, _("Sex"), required=False)
            self.fields[f"birth_{number}"] = DayField(label=_("Birth date"), required=False)
        for field in self.fields.values():
            if not field.widget.attrs.get("class"):
                field.widget.attrs["class"] = (
                    "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
                )
        income = self.fields["income"]
        assert isinstance(income, MoneyField)
        income.currency = currency
        self.fill_places(staff)

    @property
    def groups(self) -> list[tuple[Question | None, list[forms.BoundField]]]:
        """Ask for the household, then one group per member row, then what it tells."""
        rows = [
            (
                Question(_("Other member"), ()),
                [self[f"{part}_{n}"] for part in ("name", "relation", "sex", "birth")],
            )
            for n in range(1, MEMBERS + 1)
        ]
        first = Question(_("Whose household is it?"), ())
        told = Question(_("What does it tell of itself?"), ())
        return [
            (first, [self["head"], self["area"], self["registered_date"]]),
            *rows,
            (told, [self["adults"], self["children"], self["income"]]),
        ]

    def beside(self, place: str) -> str | None:
        """The column of her row, for what is wrong with a member (`members.2.birth_date`)."""
        whose, _dot, rest = place.partition(".")
        number, _dot, column = rest.partition(".")
        if whose != "members" or not number.isdecimal():
            return super().beside(place)
        rows = [n for n in range(1, MEMBERS + 1) if str(self[f"name_{n}"].value() or "").strip()]
        return super().beside(f"{ASKED_AS.get(column, column)}_{rows[int(number) - 1]}")

    def household_in(self, new_id: Any) -> HouseholdIn:
        """Return the sheet for the service."""
        told = self.cleaned_data
        on = told["registered_date"]
        own = told["head"] == "SELF"
        head, member = c.HouseholdRole.HEAD, c.HouseholdRole.MEMBER
        members = [MemberIn(self.person, head if own else member)]
        for number in range(1, MEMBERS + 1):
            if not told.get(f"name_{number}"):
                continue
            first, _space, last = told[f"name_{number}"].strip().partition(" ")
            person = PersonIn(
                names=(NameIn(first, last),),
                registered_date=on,
                sex=c.Sex(told[f"sex_{number}"] or c.Sex.NOT_ASKED),
                birth_date=told[f"birth_{number}"],
                area=told["area"],
                office=self.person.office,
                programme=self.person.programme,
                case_officer=self.person.case_officer,
            )
            relation = c.Kinship(told[f"relation_{number}"] or c.Kinship.NOT_KNOWN)
            first_heads = not own and number == 1
            members.append(MemberIn(person, head if first_heads else member, relation))
        return HouseholdIn(
            id=new_id,
            members=tuple(members),
            registered_date=on,
            area=told["area"],
            office=self.person.office,
            programme=self.person.programme,
            case_officer=self.person.case_officer,
            fact=self.fact(on, self.currency),
        )


class HouseholdFactForm(HouseForm, FactFields):
    """What a household tells of itself on a later day."""

    fact_date = DayField(label=_("Told on"))

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Ask for the income in the currency of the programme."""
        super().__init__(*args, **options)
        income = self.fields["income"]
        assert isinstance(income, MoneyField)
        income.currency = currency


class HeadForm(HouseForm):
    """Another member heads the household from a day on."""

    new_head: Any = forms.ModelChoiceField(Person.objects.none(), label=_("New head"))
    former_head_relation = one_of(
        lb.KINSHIP,
        _("What the former head is to the new one"),
        initial=c.Kinship.NOT_KNOWN.value,
    )
    change_date = DayField(label=_("From"))

    def __init__(self, *args: Any, household: Household, staff: StaffUser, **options: Any) -> None:
        """Offer the present members whom the reader may see."""
        super().__init__(*args, **options)
        field = self.fields["new_head"]
        assert isinstance(field, forms.ModelChoiceField)
        present = household.memberships.filter(to_date=None).values("person_id")
        field.queryset = Person.objects.visible_to(staff).filter(pk__in=present)


class SplitForm(HouseForm):
    """Some members found a household of their own, from a day on."""

    leaving: Any = forms.ModelMultipleChoiceField(
        Person.objects.none(),
        label=_("Who moves out?"),
        widget=forms.CheckboxSelectMultiple,
    )
    new_head: Any = forms.ModelChoiceField(
        Person.objects.none(), label=_("Who heads the new household?")
    )
    split_date = DayField(label=_("From"))

    def __init__(self, *args: Any, household: Household, staff: StaffUser, **options: Any) -> None:
        """Offer the present members whom the reader may see."""
        super().__init__(*args, **options)
        present = household.memberships.filter(to_date=None).values("person_id")
        for name in ("leaving", "new_head"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = Person.objects.visible_to(staff).filter(pk__in=present)

    def clean_new_head(self) -> Any:
        """Whoever heads the new household moves out herself."""
        head = self.cleaned_data["new_head"]
        if head not in (self.cleaned_data.get("leaving") or ()):
            raise forms.ValidationError(_("Choose somebody who moves out."), code="stays")
        return head


class EnterpriseForm(HouseForm, PlaceFields):
    """An enterprise of the person the page is about."""

    trade = forms.CharField(label=_("What does it do?"), max_length=120)
    name = forms.CharField(label=_("Name"), max_length=160, required=False)
    job_kind = one_of(lb.JOB_KIND, _("Kind of work"), required=False)
    formality = one_of(lb.FORMALITY, _("Registration"), initial=c.Formality.NOT_KNOWN.value)
    start_date = DayField(label=_("Started on"), required=False)
    start_precision = forms.ChoiceField(
        label=_("Start known to the"),
        choices=[(code.value, label) for code, label in PRECISION.items()],
        initial=Precision.DAY.value,
    )
    share_percent = forms.DecimalField(
        label=_("Her share in percent"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        initial=100,
    )
    workers_family = forms.IntegerField(
        label=_("Family members working"), min_value=0, max_value=9_999, initial=0
    )
    workers_paid = forms.IntegerField(
        label=_("Paid workers"), min_value=0, max_value=99_999, initial=0
    )
    workers_women = forms.IntegerField(
        label=_("Women among them"), min_value=0, max_value=99_999, initial=0
    )
    programme = programme_field(required=False)
    area = area_field()
    registered_date = DayField(label=_("Day of registration"))
    questions = (
        Question(_("What is it?"), ("trade", "name", "job_kind", "formality")),
        Question(_("Since when, whose?"), ("start_date", "start_precision", "share_percent")),
        Question(_("Who works there?"), ("workers_family", "workers_paid", "workers_women")),
        Question(_("Where?"), ("programme", "area", "registered_date")),
    )

    def __init__(self, *args: Any, staff: StaffUser, person: Person, **options: Any) -> None:
        """Offer the places the reader may name."""
        super().__init__(*args, **options)
        self.person = person
        self.fill_places(staff)

    def enterprise_in(self, new_id: Any) -> EnterpriseIn:
        """Return what was told, for the service."""
        told = self.cleaned_data
        return EnterpriseIn(
            id=new_id,
            trade=told["trade"],
            name=told["name"],
            owners=(OwnerIn(self.person, int(told["share_percent"] * 100)),),
            registered_date=told["registered_date"],
            start_date=told["start_date"],
            start_precision=Precision(told["start_precision"]),
            formality=c.Formality(told["formality"]),
            job_kind=c.JobKind(told["job_kind"]) if told["job_kind"] else None,
            workers_family=told["workers_family"],
            workers_paid=told["workers_paid"],
            workers_women=told["workers_women"],
            programme=told["programme"],
            area=told["area"],
            office=self.person.office,
            case_officer=self.person.case_officer,
        )
