"""Areas and branch offices: where the house works."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org import services
from handup.org.models import Area, Office
from handup.org.services.places import AreaIn
from handup.org.web.context import languages
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage, Search, Tick
from handup.org.web.pages import Header, actions_of

NEW_OFFICE = Action(_("Open an office"), "org:office_new", "org.open_office")
NEW_AREA = Action(_("Add an area"), "org:area_new", "org.add_area")


class OfficeList(ListPage):
    """The branch offices."""

    model = Office
    permission = "org.view_staff"
    title = _("Offices")
    columns = (
        Column("name", _("Name"), Kind.LINK, sort="name", url_name="org:office_change"),
        Column("code", _("Code"), sort="code"),
        Column("area", _("Area"), sort="area__path"),
        Column("active", _("In use"), Kind.TICK),
    )
    filters = (Search(("name", "code"), label=_("Name or code")),)
    order = "name"
    related = ("area",)
    primary = NEW_OFFICE
    empty = EmptyState(
        _("No offices yet"), _("Grants, records and sheets belong to an office."), NEW_OFFICE
    )


def _areas_in_force() -> Any:
    return Area.objects.filter(valid_to=None)


class OfficeForm(HouseForm):
    """What an office is called and where it works."""

    name = forms.CharField(label=_("Name"), max_length=120)
    area = forms.ModelChoiceField(Area.objects.none(), label=_("Area"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the areas in force."""
        super().__init__(*args, **options)
        area = self.fields["area"]
        assert isinstance(area, forms.ModelChoiceField)
        area.queryset = _areas_in_force()


class NewOfficeForm(OfficeForm):
    """An office to open, with the code it keeps."""

    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Short, and never changed: KGL, yerevan-2.")
    )
    field_order = ("name", "code", "area")


class ChangedOfficeForm(OfficeForm):
    """An office as it stands."""

    active = forms.BooleanField(label=_("In use"), required=False)


class OpenOffice(FormPage):
    """Open an office."""

    form_class = NewOfficeForm
    permission = "org.open_office"
    title = _("Open an office")
    verb = _("Open")

    def perform(self, values: dict[str, Any]) -> Office:
        """Open it."""
        return services.open_office(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Office) -> str:
        """The offices."""
        return reverse("org:office_list")


class ChangeOffice(FormPage):
    """Rename an office, move it, or take it out of use."""

    form_class = ChangedOfficeForm
    permission = "org.open_office"
    subject_model = Office
    title = _("Change an office")

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        office = self.subject
        return {"name": office.name, "area": office.area_id, "active": office.active}

    def perform(self, values: dict[str, Any]) -> Office:
        """Change it."""
        return services.change_office(acting_staff=self.staff, office=self.subject, **values)

    def success_url(self, result: Office) -> str:
        """The offices."""
        return reverse("org:office_list")


class AreaList(ListPage):
    """The register of areas, from the top down."""

    model = Area
    permission = "org.view_staff"
    title = _("Areas")
    columns = (
        Column("names", _("Name"), Kind.LINK, url_name="org:area_rename", value=str),
        Column("code", _("Code"), sort="code"),
        Column("level", _("Level"), Kind.NUMBER, sort="level"),
        Column("parent", _("Lies in"), sort="path"),
        Column("valid_to", _("Until"), Kind.DATE, sort="valid_to"),
    )
    filters = (
        Search(("code", "names"), label=_("Name or code")),
        Tick("in_force", _("only those in force"), Q(valid_to=None)),
    )
    order = "path"
    related = ("parent",)
    primary = NEW_AREA
    empty = EmptyState(
        _("No areas yet"),
        _("Add the country first, then its regions, then what lies in these."),
        NEW_AREA,
    )


class AreaForm(HouseForm):
    """An area with a name in each language that has one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """One name a language, the reader's own first."""
        super().__init__(*args, **options)
        for code, name in languages():
            if code in dict(settings.LANGUAGES):
                label = _("Name (%(language)s)") % {"language": name}
                self.fields[f"name_{code}"] = forms.CharField(
                    label=label, max_length=120, required=False
                )


class NewAreaForm(AreaForm):
    """A new area and where it lies."""

    code = forms.CharField(label=_("Code"), max_length=60)
    parent = forms.ModelChoiceField(Area.objects.none(), label=_("Lies in"), required=False)
    valid_from = DayField(label=_("Since"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the areas in force."""
        super().__init__(*args, **options)
        parent = self.fields["parent"]
        assert isinstance(parent, forms.ModelChoiceField)
        parent.queryset = _areas_in_force()


def _names_in(values: dict[str, Any]) -> dict[str, str]:
    return {key[5:]: text for key, text in values.items() if key.startswith("name_")}


class AddArea(FormPage):
    """Add an area to the register."""

    form_class = NewAreaForm
    permission = "org.add_area"
    title = _("Add an area")
    intro = _("A name in one language is enough.")
    verb = _("Add")

    def perform(self, values: dict[str, Any]) -> Area:
        """Add it."""
        parent = values["parent"]
        told = AreaIn(
            code=values["code"],
            names=_names_in(values),
            parent_code=parent.code if parent else "",
            valid_from=values["valid_from"],
            id=self.new_id,
        )
        return services.add_areas(acting_staff=self.staff, areas=[told])[0]

    def success_url(self, result: Area) -> str:
        """The register."""
        return reverse("org:area_list")


class RenameArea(FormPage):
    """Correct an area's names."""

    form_class = AreaForm
    permission = "org.add_area"
    subject_model = Area
    title = _("Names of an area")

    def context(self) -> dict[str, Any]:
        """The other thing that can be done with it."""
        end = Action(_("It was given up"), "org:area_end", "org.add_area", args=(self.subject.pk,))
        actions = (end,) if self.subject.valid_to is None else ()
        header = Header(self.title, crumbs=self.crumbs(), actions=actions)
        return {"header": header, **actions_of(header, self.staff, self.subject)}

    def initial(self) -> dict[str, Any]:
        """As they stand."""
        return {f"name_{code}": text for code, text in self.subject.names.items()}

    def perform(self, values: dict[str, Any]) -> Area:
        """Rename it."""
        return services.rename_area(
            acting_staff=self.staff, area=self.subject, names=_names_in(values)
        )

    def success_url(self, result: Area) -> str:
        """The register."""
        return reverse("org:area_list")


class EndAreaForm(HouseForm):
    """Since when an area is no more, and what came after it."""

    on = DayField(label=_("Last day"))
    successor = forms.ModelChoiceField(
        Area.objects.none(), label=_("What came after it"), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the areas in force."""
        super().__init__(*args, **options)
        successor = self.fields["successor"]
        assert isinstance(successor, forms.ModelChoiceField)
        successor.queryset = _areas_in_force()


class EndArea(FormPage):
    """Say that an area was given up; what lies in it stays there."""

    form_class = EndAreaForm
    permission = "org.add_area"
    subject_model = Area
    title = _("An area that was given up")
    verb = _("End it")

    def perform(self, values: dict[str, Any]) -> Area:
        """End it."""
        return services.end_area(acting_staff=self.staff, area=self.subject, **values)

    def success_url(self, result: Area) -> str:
        """The register."""
        return reverse("org:area_list")
