"""The lists of people that are edited in a spreadsheet: persons, and enterprises.

Names, telephones and exact places are not among the columns: a name is added, never overwritten,
and secrets open for a purpose only. Loans are not either: what is owed is changed by acts, each
with its own day and reason, never by a cell.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.kernel.sheets import CellKind
from handup.org.editing import EditableColumn, EditableList
from handup.org.models import Area, EditedCell, StaffUser
from handup.people.forms.fields import areas_for
from handup.people.models import Enterprise, Ownership, Person
from handup.people.models import labels as lb
from handup.people.rules import codes as c
from handup.people.services import correct_enterprise, correct_person

CODE = re.compile(r"\(([^()]+)\)$")


class PlaceNotKnown(Refusal):
    """There is no settlement {value}. Write its code."""


def place_code(row: Any) -> str:
    """The code of the settlement of a record or of a line of its history."""
    return row.area.code if row.area is not None else ""


def place_words(code: str) -> str:
    """A settlement as it stands in the file: its name, with the code that says which."""
    area = Area.objects.filter(code=code).first()
    return code if area is None or str(area) == code else f"{area} ({code})"


def place_in_file(_staff: StaffUser, text: str) -> str:
    """The code of what stands in the file: a code in brackets, a code, or a name only one has.

    Raises PlaceNotKnown.
    """
    found = CODE.search(text)
    told = found[1].strip() if found else text
    rows = Area.objects.filter(valid_to=None)
    if (area := rows.filter(code__iexact=told).first()) is not None:
        return area.code
    named = [row.code for row in rows if text.casefold() in map(str.casefold, row.names.values())]
    if len(named) != 1:
        raise PlaceNotKnown(field="area", value=text)
    return named[0]


def place_of(staff: StaffUser, code: str, present: Area | None) -> Area | None:
    """The settlement of a code, as far as she may name it. Raises PlaceNotKnown."""
    if code == "":
        return None
    if present is not None and present.code == code:
        return present
    found: Area | None = areas_for(staff).filter(code=code).first()
    if found is None:
        raise PlaceNotKnown(field="area", value=code)
    return found


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def change_person(staff: StaffUser, person: Person, told: Mapping[str, str]) -> Person:
    """Correct what a row changes; a birth date that was written is known to the day."""
    precision = c.BirthPrecision(person.birth_precision)
    if "birth_date" in told:
        precision = c.BirthPrecision.DAY
    return correct_person(
        acting_staff=staff,
        person=person,
        sex=c.Sex(told.get("sex", person.sex)),
        birth_date=_day(told["birth_date"]) if "birth_date" in told else person.birth_date,
        birth_precision=precision,
        father_name=told.get("father_name", person.father_name),
        phone=person.phone,
        area=place_of(staff, told["area"], person.area) if "area" in told else person.area,
        on=timezone.localdate(),
    )


def change_enterprise(staff: StaffUser, row: Enterprise, told: Mapping[str, str]) -> Enterprise:
    """Correct what a row changes."""
    workers = ("workers_family", "workers_paid", "workers_women")
    kind = told.get("job_kind", row.job_kind)
    return correct_enterprise(
        acting_staff=staff,
        enterprise=row,
        name=told.get("name", row.name),
        trade=told.get("trade", row.trade),
        formality=c.Formality(told.get("formality", row.formality)),
        job_kind=c.JobKind(kind) if kind else None,
        start_date=_day(told["start_date"]) if "start_date" in told else row.start_date,
        area=place_of(staff, told["area"], row.area) if "area" in told else row.area,
        **{name: int(told.get(name, getattr(row, name))) for name in workers},
    )


def forget_edited(person_id: UUID) -> None:
    """Take what an edited list asked of an erased person away, and of enterprises of hers."""
    owned = Ownership._base_manager.filter(person_id=person_id).values_list("enterprise_id")
    gone = [person_id, *(pk for (pk,) in owned)]
    EditedCell._base_manager.filter(record__in=gone).delete()


AREA = EditableColumn(
    name="area",
    label=_("Settlement"),
    held=place_code,
    written=place_words,
    parsed=place_in_file,
)


def _workers(name: str, label: Any) -> EditableColumn:
    return EditableColumn(
        name=name, label=label, kind=CellKind.WHOLE, required=True, lowest=0, highest=100_000
    )


PERSONS = EditableList(
    code="people.person",
    title=_("Persons"),
    model=Person,
    key="registration_no",
    key_label=_("Number"),
    permission="people.correct_person",
    url_name="people:person_detail",
    columns=(
        EditableColumn(name="display_name", label=_("Name"), locked=True),
        EditableColumn(
            name="sex",
            label=_("Sex"),
            required=True,
            choices=[(code.value, label) for code, label in lb.SEX.items()],
        ),
        EditableColumn(name="birth_date", label=_("Birth date"), kind=CellKind.DATE),
        EditableColumn(name="father_name", label=_("Father's name"), max_length=120),
        AREA,
    ),
    change=change_person,
    related=("area",),
    persons=True,
)
ENTERPRISES = EditableList(
    code="people.enterprise",
    title=_("Enterprises"),
    model=Enterprise,
    key="code",
    key_label=_("Number"),
    permission="people.register_enterprise",
    url_name="people:enterprise_detail",
    columns=(
        EditableColumn(name="name", label=_("Name"), max_length=160),
        EditableColumn(name="trade", label=_("Trade"), required=True, max_length=120),
        EditableColumn(
            name="job_kind",
            label=_("Kind of work"),
            choices=[(code.value, label) for code, label in lb.JOB_KIND.items()],
        ),
        EditableColumn(
            name="formality",
            label=_("Registration"),
            required=True,
            choices=[(code.value, label) for code, label in lb.FORMALITY.items()],
        ),
        _workers("workers_family", _("Family members working")),
        _workers("workers_paid", _("Paid workers")),
        _workers("workers_women", _("Women among them")),
        AREA,
        EditableColumn(name="start_date", label=_("Started"), kind=CellKind.DATE),
    ),
    change=change_enterprise,
    related=("area",),
)
