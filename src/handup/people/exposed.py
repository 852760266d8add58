"""What of persons is exposed when a device is lost, and who of them a reader may see."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from handup.org.encryption import lookup_hash
from handup.org.exposure import Exposed
from handup.org.models import Device, StaffUser
from handup.org.web.columns import Column, Kind
from handup.org.web.pages import Table
from handup.people.models import Compartment, Person
from handup.people.rules.codes import CompartmentKind

MOST = 500
"""Persons of a snapshot (protection.md 4.11)."""
FIELDS = (
    "Person.display_name",
    "Person.registration_no",
    "Person.sex",
    "Person.birth_date",
    "Person.father_name",
    "Person.area",
    "Person.phone",
    "PersonDocument.number (last 3)",
    "SeasonPlace.season",
    "SeasonPlace.area",
    "SeasonPlace.place",
    "SeasonPlace.about_date",
    "SeasonPlace.told_date",
)
"""What a snapshot holds of each; nothing restricted is ever on a device."""


def on_her_device(device: Device) -> Exposed:
    """The caseload of whoever has it, without hidden persons: they are on no device."""
    hiding = lookup_hash(Compartment, "kind_hash", CompartmentKind.PERSON.value)
    hidden = Compartment._base_manager.filter(kind_hash=hiding, closed_date=None).values(
        "person_id"
    )
    rows = Person._base_manager.filter(case_officer_id=device.staff_id, erased_date=None)
    ids = rows.exclude(pk__in=hidden).order_by("-pk").values_list("pk", flat=True)[:MOST]
    persons = frozenset(str(pk) for pk in ids)
    return Exposed(persons, frozenset(FIELDS) if persons else frozenset())


def persons_table(staff: StaffUser, ids: Sequence[str]) -> tuple[Table, Sequence[UUID]]:
    """Those of these persons the reader may see, by name, for whoever has to tell them."""
    rows = list(
        Person.objects.visible_to(staff).filter(pk__in=ids).select_related("area", "case_officer")
    )
    columns = (
        Column("display_name", _("Name"), Kind.LINK, url_name="people:person_detail"),
        Column("registration_no", _("Number")),
        Column("area", _("Settlement")),
        Column("case_officer", _("Case officer")),
    )
    return Table(_("Persons it touches"), columns, rows), [row.pk for row in rows]
