"""Areas and branch offices: where the house works."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import services
from handup.org.models import Area, Office, Settlement
from handup.org.services.places import AreaIn
from handup.org.services.shapes import LONGEST, load_shapes
from handup.org.web.context import languages
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage, Search, Tick
from handup.org.web.pages import Header, actions_of
from handup.org.web.settings.settlements import MANY, kind_told

NEW_OFFICE = Action(_("Open an office"), "org:office_new", "org.open_office")
NEW_AREA = Action(_("Add an area"), "org:area_new", "org.add_area")
MANY_AREAS = Action(_("Add many areas"), "org:area_sheet", "org.add_area")
SHAPES = Action(_("Load shapes for maps"), "org:area_shapes", "org.add_area")


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


def in_tree(area: Area) -> str:
    """Its name, set in as deep as it lies."""
    return "\u2003" * area.level + str(area)


def own_kind(area: Area) -> str:
    """Town or countryside as told of the area itself, today; empty where nothing is."""
    today = timezone.localdate()
    told = [row for row in area.classes.all() if row.replaced_at is None]
    told = [row for row in told if row.from_date is None or row.from_date <= today]
    told.sort(key=lambda row: (row.from_date is not None, row.from_date or today))
    return str(told[-1].get_settlement_display()) if told else ""


class AreaList(ListPage):
    """The register of areas, from the top down."""

    model = Area
    permission = "org.view_staff"
    title = _("Areas")
    columns = (
        Column("names", _("Name"), Kind.LINK, url_name="org:area_rename", value=in_tree),
        Column("code", _("Code"), sort="code"),
        Column("level", _("Level"), Kind.NUMBER, sort="level"),
        Column("parent", _("Lies in"), sort="path"),
        Column("settlement", _("Town or countryside"), value=own_kind),
        Column("valid_to", _("Until"), Kind.DATE, sort="valid_to"),
    )
    filters = (
        Search(("code", "names"), label=_("Name or code")),
        Tick("in_force", _("only those in force"), Q(valid_to=None)),
    )
    order = "path"
    related = ("parent",)
    prefetch = ("classes",)
    primary = NEW_AREA
    actions = (MANY_AREAS, MANY, SHAPES)
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
    settlement = forms.ChoiceField(
        label=_("Town or countryside"),
        choices=[("", _("as the area it lies in")), *Settlement.choices],
        required=False,
    )
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
            settlement=values["settlement"],
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
        kind = Action(
            _("Town or countryside?"),
            "org:area_settlement",
            "org.add_area",
            args=(self.subject.pk,),
        )
        actions = (kind, end) if self.subject.valid_to is None else (kind,)
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


class ShapesForm(HouseForm):
    """A file of shapes and where it comes from."""

    file = forms.FileField(
        label=_("File of shapes"),
        help_text=_("GeoJSON in degrees (WGS 84); the property `code` says which area."),
        max_length=200,
    )
    source = forms.CharField(
        label=_("Where do the shapes come from?"),
        max_length=LONGEST,
        help_text=_("For example: National statistics office, 2024."),
    )

    def clean_file(self) -> Any:
        """Refuse a file that is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > 10 * 1024 * 1024:
            raise forms.ValidationError(_("The file is larger than 10 MB. Split it."))
        return file


class LoadShapes(FormPage):
    """Load where areas lie, for maps."""

    form_class = ShapesForm
    permission = "org.add_area"
    title = _("Load shapes for maps")
    intro = _("Maps show the published counts of an area. A new shape takes the place of the old.")
    verb = _("Load")

    def perform(self, values: dict[str, Any]) -> int:
        """Load them."""
        content = values["file"].read()
        return load_shapes(acting_staff=self.staff, content=content, source=values["source"])

    def done_message(self, result: int) -> str:
        """How many."""
        return _now("Shapes in the file: %(count)s. They are kept.") % {"count": result}

    def success_url(self, result: int) -> str:
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


class SheetForm(HouseForm):
    """A whole tree of areas, one a line, as copied from a spreadsheet."""

    lines = forms.CharField(
        label=_("Areas, one a line"),
        max_length=500_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=_(
            "Code; name; code of the area it lies in; town or countryside, where you know it."
            " Copied from a spreadsheet, the columns come by themselves."
        ),
    )
    language = forms.ChoiceField(label=_("Language of the names"))
    valid_from = DayField(label=_("Since"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the languages spoken here."""
        super().__init__(*args, **options)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        known = dict(settings.LANGUAGES)
        field.choices = [(code, name) for code, name in languages() if code in known]

    def clean(self) -> dict[str, Any]:
        """Read the lines; every fault is told with its line."""
        values = super().clean() or {}
        if "lines" in values and "language" in values:
            rows, faults = read_lines(values["lines"])
            for fault in faults[:MOST_FAULTS]:
                self.add_error("lines", fault)
            values["areas"] = rows
        return values


MOST_FAULTS = 20


def read_lines(text: str) -> tuple[list[tuple[str, str, str, str]], list[str]]:
    """Read "code; name; above; town or countryside" by tab or semicolon: the rows in order, and
    every fault with its line. What lies in an area stands below it, or below one known already.
    """
    told = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    cut = [(n, [c.strip() for c in line.split("\t" if "\t" in line else ";")]) for n, line in told]
    known = set(Area.objects.values_list("code", flat=True))
    given = set(Area.objects.filter(valid_to=None).values_list("code", flat=True))
    rows, faults = [], []

    def fault(number: int, text: Any, **places: str) -> None:
        faults.append(_now("Line %(number)s: ") % {"number": number} + str(text) % places)

    for number, cells in cut:
        code, name, above, kind = (*cells, "", "", "")[:4]
        if not code or not name or len(cells) > 4:
            fault(number, _("write code, name and the code of the area it lies in"))
        elif kind and not kind_told(kind):
            fault(number, _("write town or countryside, not %(kind)s"), kind=kind)
        elif code in known:
            fault(number, _("the code %(code)s is taken already"), code=code)
        elif above and above not in given:
            fault(number, _("there is no area %(above)s above this line"), above=above)
        else:
            rows.append((code, name, above, kind_told(kind)))
        known.add(code)
        given.add(code)
    return rows, faults


class AddAreas(FormPage):
    """Add a whole tree of areas at once."""

    form_class = SheetForm
    permission = "org.add_area"
    title = _("Add many areas")
    intro = _("Either all lines are added or none.")
    verb = _("Add them")

    def initial(self) -> dict[str, Any]:
        """Her language."""
        return {"language": self.staff.language or "en"}

    def perform(self, values: dict[str, Any]) -> list[Area]:
        """Add them."""
        told = [
            AreaIn(
                code=code,
                names={values["language"]: name},
                parent_code=above,
                valid_from=values["valid_from"],
                settlement=kind,
            )
            for code, name, above, kind in values["areas"]
        ]
        return services.add_areas(acting_staff=self.staff, areas=told)

    def done_message(self, result: list[Area]) -> str:
        """How many."""
        return _now("%(count)s areas added.") % {"count": len(result)}

    def success_url(self, result: list[Area]) -> str:
        """The register."""
        return reverse("org:area_list")
