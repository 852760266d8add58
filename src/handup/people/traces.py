"""What was hers alone, wherever it stands: looked for after she is erased, and removed from files,
sessions and the results of jobs (protection.md 4.8).
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Q
from django_tasks_db.models import DBTaskResult

from handup.org.classes import DataClass
from handup.org.encryption import KeyedHashField, Sealed
from handup.org.models import StoredFile
from handup.org.scope import ScopePaths
from handup.org.services.files import path_of
from handup.people import subject
from handup.people.models import Person
from handup.people.queries.households import CHUNK
from handup.people.queries.merging import all_ids
from handup.people.words import hers_along, places

LONG_ENOUGH = 16
"""A text of fewer signs may be anybody's; names and numbers are compared with everybody's."""
TEXTS = (models.CharField, models.TextField)
HERS = {DataClass.P, DataClass.S, DataClass.R}
NAMING = {"people.Person", "people.PersonName", "people.PersonDocument"}

Model = type[models.Model]


def _texts(model: Model) -> Iterator[str]:
    classes = getattr(model, "CLASSES", {})
    for field in model._meta.concrete_fields:
        hers = classes.get(field.name) in HERS or (model is Person and field.unique)
        if hers and isinstance(field, TEXTS) and not field.choices:
            yield field.name


def former_values(person_id: UUID) -> frozenset[str]:
    """Every text about her that nobody else's record holds in the same column, as it is stored:
    names, numbers, sealed texts, hashes.
    """
    found: set[str] = set()
    for model, names, ways in places(_texts):
        hers = Q(pk__in=[])
        for one in all_ids(person_id):
            hers |= hers_along(model, ways, one)
        for row in model._base_manager.filter(hers):
            for name in names:
                found.update(_alone(model, row, name, hers))
    return frozenset(found)


def _alone(model: Model, row: models.Model, name: str, hers: Q) -> Iterator[str]:
    """The stored form of a field, when it is telling and nobody else's."""
    held = row.__dict__.get(name)
    if isinstance(held, Sealed):
        yield held.stored
        plain = str(getattr(row, name))
        if len(plain) >= LONG_ENOUGH:
            yield plain
        return
    if not isinstance(held, str) or len(held) < 4:
        return
    field = model._meta.get_field(name)
    telling = isinstance(field, KeyedHashField) or model._meta.label in NAMING
    if not telling and len(held) < LONG_ENOUGH:
        return
    if not model._base_manager.filter(**{name: held}).exclude(hers).exists():
        yield held


@cache
def _about_her() -> tuple[tuple[Model, tuple[str, ...]], ...]:
    """The models whose rows say of themselves that they are about one person."""
    found = []
    for model in apps.get_models():
        paths: ScopePaths | None = getattr(model, "SCOPE", None)
        if paths is not None and paths.persons:
            found.append((model, tuple(paths.persons)))
    return tuple(found)


def _shared() -> Iterator[Model]:
    """The models of what several persons share: homes and businesses."""
    for model in apps.get_models():
        paths: ScopePaths | None = getattr(model, "SCOPE", None)
        if paths is not None and paths.shares:
            yield model


def tables() -> list[Model]:
    """The tables that an erasure writes to, with those of their history."""
    found: list[Model] = [Session, DBTaskResult, StoredFile]
    about = (*(item[0] for item in places(_texts)), *(item[0] for item in _about_her()), *_shared())
    for model in dict.fromkeys((*about, *subject.tables)):
        found.append(model)
        history: Any = getattr(model, "history", None)
        if history is not None:
            found.append(history.model)
    return found


def remove(person_id: UUID, former: frozenset[str]) -> None:
    """Remove the files of her records, sessions that hold a value of hers, faults of jobs that tell
    one.
    """
    _files(person_id)
    for session in Session.objects.all():
        if _tells(str(session.get_decoded()), former):
            session.delete()
    for result in DBTaskResult.objects.exclude(traceback=""):
        if _tells(result.traceback, former):
            DBTaskResult.objects.filter(pk=result.pk).update(traceback="")


def _tells(text: str, former: frozenset[str]) -> bool:
    return any(value in text for value in former)


def _files(person_id: UUID) -> None:
    owners = {str(person_id)}
    for model, paths in _about_her():
        hers = Q(pk__in=[])
        for path in paths:
            hers |= Q(**{path: person_id})
        owners.update(
            str(pk) for pk in model._base_manager.filter(hers).values_list("pk", flat=True)
        )
    listed = sorted(owners)
    for start in range(0, len(listed), CHUNK):
        piece = listed[start : start + CHUNK]
        for file in StoredFile._base_manager.filter(object_id__in=piece):
            transaction.on_commit(partial(path_of(file).unlink, missing_ok=True))
            file.delete()
