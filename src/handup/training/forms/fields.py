"""Fields and the base that training's forms share: persons by number, choices one may see."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import HouseForm
from handup.people.models import Person
from handup.people.queries.merging import by_number, by_numbers


class PersonField(forms.CharField):
    """A person by registration number, among those the asking staff member may see."""

    def __init__(self, **options: Any) -> None:
        """Take any option of a text field; `staff` is set by the form."""
        self.staff: StaffUser | None = None
        options.setdefault("label", _("Registration number"))
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        """The person, or an error that names the number."""
        number = super().clean(value)
        if not number or self.staff is None:
            return None
        found = by_number(Person.objects.visible_to(self.staff), number)
        if found is None:
            raise forms.ValidationError(
                _("Nobody you may see is registered under %(number)s."), params={"number": number}
            )
        return found


class PersonsField(forms.CharField):
    """Several persons, one registration number a line; a column may be pasted from a
    spreadsheet.
    """

    widget = forms.Textarea(attrs={"rows": 8})

    def __init__(self, **options: Any) -> None:
        """Take any option of a text field; `staff` is set by the form."""
        self.staff: StaffUser | None = None
        options.setdefault("label", _("Registration numbers, one a line"))
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        """The persons in the order given, each once, or every number nobody has."""
        numbers = list(dict.fromkeys(super().clean(value).split()))
        if self.staff is None:
            return []
        found = by_numbers(Person.objects.visible_to(self.staff), numbers[:500])
        missing = [number for number in numbers if number not in found]
        if missing:
            raise forms.ValidationError(
                _("Nobody you may see is registered under %(numbers)s."),
                params={"numbers": ", ".join(missing)},
            )
        return list(dict.fromkeys(found[number] for number in numbers))


class StaffForm(HouseForm):
    """A form whose choices depend on who fills it in."""

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Give each person field the staff member who may see."""
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, PersonField | PersonsField):
                field.staff = staff
            if isinstance(field, forms.ModelChoiceField):
                assert field.queryset is not None
                field.queryset = field.queryset.model.objects.visible_to(staff)
        self.narrow(staff)

    def narrow(self, staff: StaffUser) -> None:
        """Narrow the choices further; nothing by default."""

    def among(self, name: str, **conditions: Any) -> None:
        """Keep only the choices that fulfil these conditions."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        assert field.queryset is not None
        field.queryset = field.queryset.filter(**conditions)
