"""Where a person belongs: the household she joins or leaves, the officer whose caseload she is in;
the poverty line of a programme.
"""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.people.forms.fields import (
    PlaceFields,
    in_programmes_money,
    one_of,
    programme_field,
)
from handup.people.models import Household, Person
from handup.people.models import labels as lb
from handup.people.queries.merging import by_number
from handup.people.rules import codes as c

OFFICERS = (
    Role.FIELD_OFFICER,
    Role.ADVISOR,
    Role.LOAN_OFFICER,
    Role.TRAINING_OFFICER,
    Role.GROUP_SUPERVISOR,
    Role.TARGETING_OFFICER,
    Role.MANAGER,
)


class JoinForm(HouseForm):
    """A registered person who comes to live there, found by her number."""

    person = forms.CharField(
        label=_("Registration number"),
        max_length=12,
        help_text=_("Whoever is not registered yet is registered first."),
    )
    relation = one_of(lb.KINSHIP, _("Relation to the head"), initial=c.Kinship.NOT_KNOWN.value)
    from_date = DayField(label=_("Since"))

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Know whom the reader may see."""
        super().__init__(*args, **options)
        self.staff = staff

    def clean_person(self) -> Person:
        """Find her among those the reader may see."""
        number = str(self.cleaned_data["person"]).strip()
        person = by_number(Person.objects.visible_to(self.staff), number)
        if person is None:
            raise forms.ValidationError(_("Nobody is registered under this number."))
        return person


class LeaveForm(HouseForm):
    """A member who lives there no more."""

    person: Any = forms.ModelChoiceField(Person.objects.none(), label=_("Who left?"))
    last_date = DayField(label=_("Last day there"))

    def __init__(self, *args: Any, household: Household, staff: StaffUser, **options: Any) -> None:
        """Offer the present members whom the reader may see."""
        super().__init__(*args, **options)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        present = household.memberships.filter(to_date=None).values("person_id")
        field.queryset = Person.objects.visible_to(staff).filter(pk__in=present)


class StaysForm(HouseForm):
    """Somebody who is written down as having left, by mistake."""

    person: Any = forms.ModelChoiceField(Person.objects.none(), label=_("Who did not leave?"))
    reason = one_of(lb.LEAVING_MISTAKE, _("Why is it taken back?"))

    def __init__(self, *args: Any, household: Household, staff: StaffUser, **options: Any) -> None:
        """Offer those who left and whom the reader may see."""
        super().__init__(*args, **options)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        left = household.memberships.exclude(to_date=None).values("person_id")
        stay = household.memberships.filter(to_date=None).values("person_id")
        rows = Person.objects.visible_to(staff).filter(pk__in=left).exclude(pk__in=stay)
        field.queryset = rows


class CaseOfficerForm(HouseForm):
    """The officer in whose caseload a person is from now on."""

    case_officer: Any = forms.ModelChoiceField(StaffUser.objects.none(), label=_("Case officer"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer those who hold a role of the field today."""
        super().__init__(*args, **options)
        today = timezone.localdate()
        live = Grant.objects.filter(
            Q(ended_at=None, starts__lte=today, ends__gte=today),
            role__in=[role.value for role in OFFICERS],
        )
        field = self.fields["case_officer"]
        assert isinstance(field, forms.ModelChoiceField)
        rows = StaffUser.objects.filter(is_active=True, pk__in=live.values("staff_id"))
        field.queryset = rows.order_by("display_name")


class PovertyLineForm(HouseForm, PlaceFields):
    """The income a head and month at or below which a programme calls income low."""

    programme = programme_field()
    per_head_units = MoneyField(label=_("Income a head and month"))
    from_date = DayField(label=_("Valid from"))
    source = forms.CharField(
        label=_("Who says so"),
        max_length=200,
        help_text=_("For example: national statistics office, 2026."),
    )
    questions = (
        Question(_("Whose line is it?"), ("programme", "from_date")),
        Question(_("How much, and who says so?"), ("per_head_units", "source")),
    )

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer her programmes; the amount is in the currency of the one chosen."""
        super().__init__(*args, **options)
        self.fill_places(staff)
        in_programmes_money(self, "per_head_units")
