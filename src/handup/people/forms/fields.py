"""Choices the forms of people share: words for codes, places and programmes the reader may name."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import Area, Office, StaffUser
from handup.org.rules.access import ScopeKind
from handup.org.web.forms import MoneyField
from handup.people.models.labels import Labels, choices
from handup.projects.models import Programme

NOT_CHOSEN = ("", _("choose"))


def one_of(
    labels: Labels, label: Any, *, required: bool = True, **options: Any
) -> forms.ChoiceField:
    """One code of a closed list, as words."""
    pairs = choices(labels) if required and "initial" in options else [NOT_CHOSEN, *choices(labels)]
    return forms.ChoiceField(label=label, choices=pairs, required=required, **options)


def some_of(labels: Labels, label: Any, **options: Any) -> forms.MultipleChoiceField:
    """Some codes of a closed list, as ticks."""
    return forms.MultipleChoiceField(
        label=label,
        choices=choices(labels),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        **options,
    )


def programmes_for(staff: StaffUser) -> Any:
    """Return the programmes a staff member works for: those her grants name, or all."""
    rows = Programme.objects.visible_to(staff).order_by("title")
    own = {g.programme_id for g in staff.access if g.programme_id is not None}
    everywhere = any(grant.scope is not ScopeKind.PROJECT for grant in staff.access)
    return rows if everywhere else rows.filter(pk__in=own)


def areas_for(staff: StaffUser) -> Any:
    """Return the areas a staff member may name."""
    rows = Area.objects.filter(valid_to=None).order_by("path")
    grants = [grant for grant in staff.access if grant.scope is ScopeKind.AREA]
    if grants and all(grant.scope is ScopeKind.AREA for grant in staff.access):
        rows = rows.filter(pk__in={area for grant in grants for area in grant.area_ids})
    return rows


def offices_for(staff: StaffUser) -> Any:
    """Return the offices a staff member may name."""
    rows = Office.objects.filter(active=True)
    own = {g.office_id for g in staff.access if g.office_id is not None}
    only = bool(staff.access) and all(g.scope is ScopeKind.OFFICE for g in staff.access)
    return rows.filter(pk__in=own) if only else rows


class PlaceFields(forms.Form):
    """Fields that say where a record belongs; the form page gives the staff user."""

    def fill_places(self, staff: StaffUser) -> None:
        """Offer what the reader may name; one programme or office is chosen already."""
        sources = {"programme": programmes_for, "area": areas_for, "office": offices_for}
        for name, source in sources.items():
            field = self.fields.get(name)
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = source(staff)
                first = list(field.queryset[:2])
                if len(first) == 1 and name != "area":
                    field.initial = first[0].pk


def programme_field(label: Any = _("Programme"), **options: Any) -> Any:
    """The programme a record belongs to."""
    return forms.ModelChoiceField(Programme.objects.none(), label=label, **options)


def in_programmes_money(form: forms.Form, name: str) -> None:
    """Write the amount of this name in the currency of the programme chosen. Before one is chosen
    it has none, unless all that are offered share it. Call it when the choices are narrowed.
    """
    field, amount = form.fields["programme"], form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    assert isinstance(amount, MoneyField)
    assert field.queryset is not None
    offered = {str(row.pk): row.currency for row in field.queryset}
    shared = set(offered.values())
    chosen = str(form["programme"].value() or "")
    amount.currency = offered.get(chosen) or (shared.pop() if len(shared) == 1 else "")


def area_field(label: Any = _("Settlement"), **options: Any) -> Any:
    """Where somebody lives or something is."""
    options.setdefault("required", False)
    return forms.ModelChoiceField(
        Area.objects.none(), label=label, empty_label=_("not known"), **options
    )


def office_field(label: Any = _("Office"), **options: Any) -> Any:
    """The office a record belongs to."""
    options.setdefault("required", False)
    return forms.ModelChoiceField(
        Office.objects.none(), label=label, empty_label=_("my own office"), **options
    )


def words(codes: Iterable[str], labels: Labels) -> str:
    """Write codes as words, separated by commas."""
    known = {code.value: str(label) for code, label in labels.items()}
    return ", ".join(known.get(code, code) for code in codes)
