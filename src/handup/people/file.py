"""Everything held of a person, in one go and in her language (protection.md 4.7): each field of
each record that leads to her along the foreign keys, what history keeps, the names of files, who
read of her, and what the domains tell in their own way.

Nobody else is named: other persons and the staff who recorded a thing are left out. What lies in a
restricted compartment is not in it: its focal point tells it herself, face to face.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from handup.org.classes import DataClass
from handup.org.encryption import KeyedHashField
from handup.org.models import ReadEntry, StaffUser, StoredFile
from handup.people import subject
from handup.people.models import Person
from handup.people.queries.households import CHUNK
from handup.people.queries.merging import all_ids
from handup.people.words import MACHINE_MADE, TEXTS, ways_to_person

Held = Mapping[str, Sequence[Mapping[str, str]]]
Model = type[models.Model]
OWN = {"id", "recorded_at"}


def whole(person_id: UUID, language: str = "") -> dict[str, list[dict[str, str]]]:
    """What is held of her, by heading; empty headings are left out. language: "" for the one in
    use.
    """
    with override(language or get_language()):
        found: dict[str, list[dict[str, str]]] = {}
        for tell in (*subject.collect, fields_of, files_of, readings_of):
            for one in all_ids(person_id):
                for heading, rows in tell(one).items():
                    found.setdefault(str(heading), []).extend(dict(row) for row in rows)
        return {heading: rows for heading, rows in found.items() if rows}


@cache
def places() -> tuple[tuple[Model, tuple[Any, ...], tuple[str, ...]], ...]:
    """The records that lead to a person, the fields of each that are told, and the shortest ways.

    A record all of whose fields are restricted is not told.
    """
    found = []
    for model in apps.get_models():
        if not hasattr(model, "CLASSES"):
            continue
        ways = sorted(ways_to_person(model), key=len)
        nearest = tuple("__".join(way) for way in ways if len(way) == len(ways[0]))
        columns = tuple(_told_columns(model))
        if columns and (nearest or model is Person):
            found.append((model, columns, nearest))
    return tuple(found)


def _told_columns(model: Any) -> Iterator[Any]:
    for column in model._meta.concrete_fields:
        klass = model.CLASSES[column.name]
        words = isinstance(column, TEXTS) and not column.choices
        told_elsewhere = words and klass in (DataClass.P, DataClass.S)  # `words.told`
        if column.name in OWN | MACHINE_MADE or klass is DataClass.R or told_elsewhere:
            continue
        if isinstance(column, KeyedHashField) or (
            column.is_relation and not _names_a_thing(column)
        ):
            continue
        yield column


def _names_a_thing(column: Any) -> bool:
    """Whether a foreign key names no person: a programme, an office, a product, a place."""
    target: Any = column.related_model
    return target not in (Person, StaffUser) and not ways_to_person(target)


def fields_of(person_id: UUID) -> Held:
    """Each record with its codes, days and figures; then what history keeps of it."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for model, columns, ways in places():
        hers = Q(pk=person_id) if model is Person else Q(pk__in=[])
        for way in ways:
            hers |= Q(**{way: person_id})
        kept_back: Q = getattr(model, "NOT_IN_HER_FILE", Q(pk__in=[]))
        rows = model._base_manager.filter(hers).exclude(kept_back).order_by("pk")
        told = [row for record in rows if (row := _row(record, columns))]
        name = {"what": model._meta.verbose_name_plural}
        if told:
            found.setdefault(_("Kept: %(what)s") % name, []).extend(told)
        if earlier := list(_history(model, columns, ways, person_id)):
            found.setdefault(_("Kept before: %(what)s") % name, []).extend(earlier)
    return found


def _history(
    model: Any, columns: Sequence[Any], ways: Sequence[str], person_id: UUID
) -> Iterator[dict[str, str]]:
    """What a record was before, where a history of it is kept and leads to her at once."""
    history = getattr(model, "history", None)
    if history is None:
        return
    hers = Q(id=person_id) if model is Person else Q(pk__in=[])
    for way in ways:
        if "__" not in way:
            hers |= Q(**{f"{way}_id": person_id})
    for row in history.model._base_manager.filter(hers).order_by("history_date", "history_id"):
        yield {_("Changed on"): row.history_date.isoformat(" ", "minutes"), **_row(row, columns)}


def _row(record: Any, columns: Sequence[Any]) -> dict[str, str]:
    found = {}
    for column in columns:
        value = getattr(record, column.attname)
        if value is None or value == "":
            continue
        if column.is_relation:
            value = str(column.related_model._base_manager.filter(pk=value).first() or value)
        elif column.choices:
            value = str(dict(column.flatchoices).get(value, value))
        found[str(column.verbose_name)] = _written(value)
    return found


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def files_of(person_id: UUID) -> Held:
    """The files kept with her records, by name and day; she may ask for each."""
    owners = {str(person_id)}
    for model, _columns, ways in places():
        hers = Q(pk__in=[])
        for way in ways:
            hers |= Q(**{way: person_id})
        kept_back: Q = getattr(model, "NOT_IN_HER_FILE", Q(pk__in=[]))
        found = model._base_manager.filter(hers).exclude(kept_back)
        owners.update(str(pk) for pk in found.values_list("pk", flat=True))
    kept: list[StoredFile] = []
    listed = sorted(owners)
    for start in range(0, len(listed), CHUNK):
        rows = StoredFile._base_manager.filter(object_id__in=listed[start : start + CHUNK])
        kept += rows.exclude(klass=DataClass.R.value)
    return {
        _("Files"): [
            {
                _("Name"): str(file.name),
                _("Kind"): file.content_type,
                _("Kept since"): file.recorded_at.date().isoformat(),
            }
            for file in kept
        ]
    }


def readings_of(person_id: UUID) -> Held:
    """Who read of her, when, and for what; readings of a restricted compartment are left out."""
    rows = (
        ReadEntry._base_manager.annotate(of=Cast("persons", models.TextField()))
        .filter(of__contains=str(person_id))
        .exclude(highest=DataClass.R.value)
        .select_related("staff")
        .order_by("number")
    )
    return {
        _("Who read of her"): [
            {
                _("When"): row.at.isoformat(" ", "minutes"),
                _("Who"): str(row.staff or ""),
                _("What"): str(row.get_action_display()),
                _("Over"): str(row.get_door_display()),
                _("For what"): row.purpose,
            }
            for row in rows
        ]
    }


def as_text(person: Person, held: Held, language: str = "") -> str:
    """The same on paper: headings, and each record with its lines."""
    with override(language or get_language()):
        lines = [_("What is held of you"), person.registration_no, ""]
        for heading, rows in held.items():
            lines += [heading, "=" * len(heading)]
            for row in rows:
                lines += [f"  {name}: {value}" for name, value in row.items()]
                lines.append("")
        return "\n".join(lines) + "\n"
