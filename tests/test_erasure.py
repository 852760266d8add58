"""What is held of a person can be told to her and blanked: every text of class P, S or R of every
record that leads to a person along its foreign keys (protection.md 4.7, 4.8).

A record of each kind is made for one person, every text of it is marked, and the named lists of
`people.subject` are asked: her file must hold the mark, and after erasing no table may.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending.tests.cast import make_world, running
from handup.org.classes import DataClass
from handup.org.encryption import KeyedHashField
from handup.org.models import StoredFile
from handup.people import subject
from handup.people.models import Match, MergeRecord, Person
from handup.people.models.naming import NameKeyField
from handup.people.rules.names import search_form
from handup.results.models import VisitPhoto

REACH = 5
ABOUT_HER = {DataClass.P, DataClass.S, DataClass.R}
TEXTS = (models.CharField, models.TextField, models.JSONField)
FIGURES = "figures a schedule, a proof or the books are worked out from, no words of hers"
KEPT = {
    "lending.BankListLine.ours": FIGURES,
    "lending.BankListLine.theirs": FIGURES,
    "lending.LineMatch.parts": FIGURES,
    "lending.LoanAgreement.schedule": FIGURES,
    "lending.LoanEvent.payload": FIGURES,
    "lending.OldLoan.first": FIGURES,
    "lending.OldLoan.payments": FIGURES,
    "lending.OldLoan.position": FIGURES,
    "lending.OldLoan.rows": FIGURES,
    "lending.OldLoan.told": FIGURES,
    "lending.StrayWord.parts": FIGURES,
    "training.TestResult.task_points": "points, like the sum beside them",
}
"""What stays when a person is erased, and why."""
MACHINE_MADE = {
    "people.Person.sort_key",
}
"""Forms of her name made for sorting and searching: the name itself is told."""

RESTRICTED = {
    "people.Grievance.restricted_text",
    "people.GrievanceStep.restricted_note",
    *(f"people.CaseAction.{name}" for name in ("what", "due", "done")),
    *(f"people.CaseNote.{name}" for name in ("day", "text")),
    *(f"people.Compartment.{name}" for name in ("kind", "reason", "outcome")),
    "people.CaseDocument.name",
}
"""What lies in a compartment: the focal point tells it herself, face to face."""

GIVEN: dict[str, dict[str, Any]] = {
    "lending.LoanEvent": {"seq": 99},
    "lending.StrayLine": {"units": 1},
    "markets.JobCheck": {"month": 6},
    "training.TestResult": {"score": 1, "missed": False},
}
"""What a record needs beyond its columns' own kinds."""
BESIDE = {
    "lending.Guarantor": ("loan",),
    "lending.Collateral": ("loan",),
    "lending.StrayLine": ("stray",),
    "markets.OpportunityStart": ("organisation",),
}
"""Foreign keys that may be empty and are not here."""

Model = type[models.Model]
Way = tuple[str, ...]


def ways(model: Model, seen: tuple[Model, ...] = ()) -> Iterator[Way]:
    """Every way from a record to a person along its foreign keys."""
    keys: list[Any] = [f for f in model._meta.concrete_fields if f.is_relation]
    for key in keys:
        target: Model = key.related_model
        if target is Person:
            yield (key.name,)
        elif len(seen) < REACH and target not in (model, *seen):
            for rest in ways(target, (*seen, model)):
                yield (key.name, *rest)


def texts(model: Any) -> list[Any]:
    """Its fields of words about persons; codes of a short list are none."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, TEXTS)
        and not field.choices
        and not isinstance(field, KeyedHashField | NameKeyField)
        and model.CLASSES[field.name] in ABOUT_HER
    ]


def about_persons() -> dict[str, Way]:
    """The models with such texts, each with its shortest way to a person."""
    found: dict[str, Way] = {Person._meta.label: ()}
    for model in apps.get_models():
        if hasattr(model, "CLASSES") and texts(model):
            known = sorted(set(ways(model)), key=lambda way: (len(way), way))
            if known:
                found[model._meta.label] = known[0]
    return found


@dataclass
class Maker:
    """Makes a record of any kind that belongs to one person, and what it needs on the way."""

    made: dict[Model, models.Model] = field(default_factory=dict)
    marks: dict[tuple[str, str], str] = field(default_factory=dict)
    words_only: bool = True

    def of(self, model: Model, way: Way) -> models.Model:
        """The record of this kind that leads to her."""
        if model in self.made:
            return self.made[model]
        given = dict(GIVEN.get(model._meta.label, {}))
        if way:
            key: Any = model._meta.get_field(way[0])
            given[key.name] = self.of(key.related_model, way[1:])
        for name in BESIDE.get(model._meta.label, ()):
            other: Any = model._meta.get_field(name)
            given[other.attname] = self.held(other.related_model)
        if model is Match:
            given |= self.pair()
        elif model is MergeRecord:
            match: Any = self.of(Match, ())
            other = match.second if match.first == self.made[Person] else match.first
            given |= {"match": match, "survivor": self.made[Person], "merged": other}
        given |= self.marked(model)
        for column in model._meta.concrete_fields:
            if column.name not in given and (value := self.value(column)) is not None:
                given[column.attname] = value
        row = model(**given)
        row.save(force_insert=True)
        self.made[model] = row
        return row

    def pair(self) -> dict[str, models.Model]:
        """She and somebody who may be the same, in the order a pair is kept."""
        other = Person._base_manager.get(pk=self.made[Person].pk)
        other.id, other.registration_no = new_id(), f"PAIR{len(self.made)}"
        other.phone = other.address = other.father_name = ""
        other.display_name, other.sort_key = "Somebody else", "else somebody"
        other.save(force_insert=True)
        first, second = sorted((self.made[Person], other), key=lambda person: person.pk)
        return {"first": first, "second": second}

    def marked(self, model: Model) -> dict[str, Any]:
        """A mark of its own for every text of a record."""
        found: dict[str, Any] = {}
        for column in texts(model) if hasattr(model, "CLASSES") else ():
            mark = f"+25078{len(self.marks):07}"[-(column.max_length or 13) :]
            if not isinstance(column, models.JSONField):
                found[column.name] = mark
            elif self.words_only:
                continue
            else:
                found[column.name] = (
                    {"value": mark} if column.default is dict else [{"value": mark}]
                )
            self.marks[model._meta.label, column.name] = mark
        return found

    def held(self, target: Any) -> Any:
        """The id of a record of this kind: one made before, one there, or one made for it."""
        held = self.made.get(target) or target._base_manager.first()
        return (held or self.of(target, ())).pk

    def value(self, column: Any) -> Any:
        """What a column needs at least; nothing where it can be empty."""
        if column.has_default() or column.null or column.primary_key:
            return None
        if column.is_relation:
            return self.held(column.related_model)
        if column.choices:
            return column.choices[0][0]
        if isinstance(column, models.DateTimeField):
            return timezone.now()
        if isinstance(column, models.DateField):
            return date(2025, 1, 1)
        if isinstance(column, models.IntegerField | models.BooleanField):
            return 1
        if isinstance(column, models.UUIDField):
            return new_id()
        if isinstance(column, TEXTS) and not isinstance(column, KeyedHashField):
            return "" if column.blank else f"x{len(self.made)}"[: column.max_length]
        return None


@pytest.fixture
def making(db: None) -> Maker:
    world = make_world()
    loan = running(world)
    return Maker({Person: world.person, type(loan): loan})


def everything(maker: Maker) -> None:
    """One record of each kind."""
    person = maker.made[Person]
    for name, mark in maker.marked(Person).items():
        setattr(person, name, mark)
    person.save()
    for label, way in about_persons().items():
        maker.of(apps.get_model(label), way)


def file_of_its_own(row: models.Model, key: str) -> None:
    """No two records of a house share a file: what one lets go, no other holds."""
    file: StoredFile = getattr(row, key)
    file.pk = new_id()
    file.stored_name, file.name = file.pk.hex, "photo.jpg"
    file.save(force_insert=True)
    setattr(row, key, file)
    row.save()


def of_persons(maker: Maker) -> Iterator[tuple[Model, str, str]]:
    """What was marked in records that lead to her; what they only needed is not about her."""
    known = about_persons()
    for (label, name), mark in maker.marks.items():
        if label in known:
            yield apps.get_model(label), name, mark


def test_every_text_about_a_person_is_in_her_file(making: Maker) -> None:
    everything(making)
    told = str([dict(held(making.made[Person].pk)) for held in subject.collect])
    left_out = {
        f"{model._meta.label}.{name}"
        for model, name, mark in of_persons(making)
        if mark not in told
    }
    assert left_out == MACHINE_MADE | RESTRICTED


def test_nobody_elses_texts_are_in_her_file(making: Maker) -> None:
    everything(making)
    other = make_person_of(making)
    assert not any(
        mark in str([dict(held(other.pk)) for held in subject.collect])
        for _model, _name, mark in of_persons(making)
    )


def make_person_of(maker: Maker) -> Person:
    """Somebody else of whom nothing is marked."""
    person = Person.objects.get(pk=maker.made[Person].pk)
    person.id, person.registration_no = new_id(), "OTHER"
    person.display_name = person.sort_key = person.father_name = person.address = ""
    person.phone = ""
    person.save(force_insert=True)
    return person


def test_every_text_about_a_person_can_be_blanked(making: Maker) -> None:
    making.words_only = False
    everything(making)
    for photo in VisitPhoto._base_manager.all():
        file_of_its_own(photo, "file")
    assert forms_kept(making), "her name is found by its form"
    for blank in subject.erase:
        blank(making.made[Person].pk)
    assert forms_kept(making) == set()
    left = {
        f"{model._meta.label}.{name}"
        for model, name, mark in of_persons(making)
        if any(mark in str(getattr(row, name)) for row in with_history(model))
    }
    assert left == set(KEPT)


def forms_kept(maker: Maker) -> set[str]:
    """The columns, with those of history, that hold a form one of her marked names is found by."""
    forms = {search_form(mark) for _model, _name, mark in of_persons(maker)}
    return {
        f"{model._meta.label}.{column.name}"
        for model in apps.get_models()
        for column in model._meta.local_concrete_fields
        if isinstance(column, NameKeyField)
        and model._base_manager.filter(**{f"{column.name}__in": forms}).exists()
    }


def with_history(model: Any) -> Iterator[models.Model]:
    """Its records, and what its history keeps of them."""
    yield from model._base_manager.all()
    if (history := getattr(model, "history", None)) is not None:
        yield from history.model._base_manager.all()


def test_erasing_one_leaves_the_others_texts(making: Maker) -> None:
    making.words_only = False
    everything(making)
    other = make_person_of(making)
    for blank in subject.erase:
        blank(other.pk)
    assert all(
        any(mark in str(getattr(row, name)) for row in model._base_manager.all())
        for model, name, mark in of_persons(making)
    )
