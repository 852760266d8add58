"""What is written of a person anywhere: every text of class P or S of every record that leads to
her, found along the foreign keys (protection.md 4.7).

The domains tell of her records in their own way (`subject.collect`); this tells what stands in
their text fields, so that a new field is part of her file from its first day. Forms that machines
made for searching are left out, and so is what lies in a restricted compartment: its focal point
tells that herself.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from handup.org.classes import DataClass
from handup.org.encryption import KeyedHashField
from handup.people.models import Person

REACH = 5
"""How many foreign keys away from her a record may lie."""
HERS = {DataClass.P, DataClass.S}
TEXTS = (models.CharField, models.TextField)
MACHINE_MADE = frozenset({"sort_key", "normal_first", "normal_last"})

Model = type[models.Model]


def told(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """Her texts by kind of record; empty ones are left out."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for model, names, ways in places(_texts):
        hers = hers_along(model, ways, person_id)
        kept_back: Q = getattr(model, "NOT_IN_HER_FILE", Q(pk__in=[]))
        found_rows = model._base_manager.filter(hers).exclude(kept_back).order_by("pk")
        rows = [_words(row, names) for row in found_rows]
        if kept := [row for row in rows if row]:
            heading = _("In words: %(what)s") % {"what": model._meta.verbose_name_plural}
            found.setdefault(heading, []).extend(kept)
    return found


def _words(row: models.Model, names: tuple[str, ...]) -> dict[str, str]:
    fields = row._meta.concrete_fields
    labels = {field.name: str(field.verbose_name) for field in fields if field.name in names}
    return {labels[name]: str(value) for name in names if (value := getattr(row, name))}


def hers_along(model: Model, ways: tuple[str, ...], person_id: UUID) -> Q:
    """The rows of a model that lead to her by one of these ways."""
    q = Q(pk=person_id) if model is Person else Q(pk__in=[])
    for way in ways:
        q |= Q(**{way: person_id})
    return q


@cache
def places(
    texts: Callable[[Model], Iterator[str]],
) -> tuple[tuple[Model, tuple[str, ...], tuple[str, ...]], ...]:
    """The models with such texts, their fields and the shortest ways from them to a person."""
    found = []
    for model in apps.get_models():
        names = tuple(texts(model))
        ways = sorted(ways_to_person(model), key=len) if names else []
        nearest = tuple("__".join(way) for way in ways if len(way) == len(ways[0]))
        if names and (nearest or model is Person):
            found.append((model, names, nearest))
    return tuple(found)


def _texts(model: Model) -> Iterator[str]:
    classes: Mapping[str, DataClass] = getattr(model, "CLASSES", {})
    for field in model._meta.concrete_fields:
        hers = classes.get(field.name) in HERS and field.name not in MACHINE_MADE
        words = isinstance(field, TEXTS) and not isinstance(field, KeyedHashField)
        if hers and words and not field.choices:  # a code of a short list is told by the domain
            yield field.name


def ways_to_person(model: Model, seen: tuple[Model, ...] = ()) -> set[tuple[str, ...]]:
    """Every way from a record to a person along its foreign keys."""
    found: set[tuple[str, ...]] = set()
    for field in model._meta.concrete_fields:
        target: Any = field.related_model if field.is_relation else None
        if target is Person:
            found.add((field.name,))
        elif target is not None and len(seen) < REACH and target not in (model, *seen):
            found |= {(field.name, *rest) for rest in ways_to_person(target, (*seen, model))}
    return found
