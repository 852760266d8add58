"""Named lists for higher domains, and what gathers their moves, when two records turn out to be one
person (people.md 4.8).

Each domain gives its rows through the `Merge` it is handed. What was moved, changed and made is
listed, so that one general act takes all of it back: a domain writes no undoing of its own.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet

Ids = list[str]
Column = tuple[type[models.Model], str]


@dataclass
class Merge:
    """One record of a person joins another: what each domain did to its rows.

    `moved` lists the ids of rows by table and column; `changes` the values before and after by
    table and id; `made` the ids of rows that were written for it; `looks` what a person has to
    look at again (a code of `MergeLook`).
    """

    survivor: UUID
    merged: UUID
    on: date
    by: UUID
    moved: dict[str, Ids] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    made: dict[str, Ids] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)

    def give(
        self,
        model: type[models.Model],
        column: str = "person",
        rows: "QuerySet[Any, Any] | None" = None,
    ) -> list[UUID]:
        """Give the rows of the record that goes to the one that stays: all of them, or those of
        `rows` that are hers. Returns their ids."""
        found = model._base_manager.all() if rows is None else rows
        hers = found.filter(**{f"{column}_id": self.merged})
        ids: list[UUID] = sorted(hers.order_by().values_list("pk", flat=True))
        if ids:
            model._base_manager.filter(pk__in=ids).update(**{f"{column}_id": self.survivor})
            self.moved[name_of((model, column))] = [str(pk) for pk in ids]
        return ids

    def change(self, rows: Iterable[models.Model], **values: Any) -> None:
        """Set values of rows, by the names of their columns, and keep what stood there."""
        for row in rows:
            before = {name: plain(getattr(row, name)) for name in values}
            after = {name: plain(value) for name, value in values.items()}
            if before == after:
                continue
            type(row)._base_manager.filter(pk=row.pk).update(**values)
            self.changes.append(
                {
                    "table": row._meta.label_lower,
                    "id": str(row.pk),
                    "before": before,
                    "after": after,
                }
            )

    def make(self, row: models.Model) -> None:
        """Store a row that is there because of this merge alone."""
        row.save(force_insert=True)
        self.made.setdefault(row._meta.label_lower, []).append(str(row.pk))

    def look(self, code: str) -> None:
        """Let a person look at something again, once."""
        if code not in self.looks:
            self.looks.append(code)


# What a domain does with its rows; raises a Refusal where two records cannot become one yet.
OnMerge = Callable[[Merge], None]
on_merge: list[OnMerge] = []

# What a domain takes back by itself, since the merge record must not tell of it: (the record that
# stays, the record that went).
OnUnmerge = Callable[[UUID, UUID], None]
on_unmerge: list[OnUnmerge] = []

# persons -> those of them for whom money was booked: a decision about them needs a second person.
InBooks = Callable[[Collection[UUID]], set[UUID]]
in_books: list[InBooks] = []

# person -> what she owes and stands for, in words: worked out anew after a merge.
Exposure = Callable[[UUID], Iterable[str]]
exposure: list[Exposure] = []


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value if isinstance(value, bool | int | list | None) else str(value)


def loaded(model: type[models.Model], name: str, value: Any) -> Any:
    """A kept value as its column takes it; `name` may end in _id."""
    column: Any = model._meta.get_field(name)
    return (column.target_field if column.is_relation else column).to_python(value)


def name_of(column: Column) -> str:
    """How a table's column is called in lists: lending.loan.person."""
    model, name = column
    return f"{model._meta.label_lower}.{name}"


def column_of(name: str) -> Column:
    """The table and column of a name made by `name_of`."""
    label, _dot, column = name.rpartition(".")
    return apps.get_model(label), column


def person_columns(person: type[models.Model]) -> Iterator[Column]:
    """Every column of every table that leads to a person at once; history is the past and stays."""
    for model in apps.get_models():
        if not hasattr(model, "CLASSES"):
            continue
        for column in model._meta.concrete_fields:
            if column.is_relation and column.related_model is person:
                yield model, column.name


def restore(
    survivor: UUID,
    merged: UUID,
    moved: Mapping[str, Ids],
    changes: Iterable[Mapping[str, Any]],
    made: Mapping[str, Ids],
) -> list[str]:
    """Take a merge back: made rows go, listed rows move back, changed values stand again.

    A value somebody has changed since stays as it is, and one that no longer fits. Returns the
    names of such columns.
    """
    left: list[str] = []
    for label, ids in made.items():
        apps.get_model(label)._base_manager.filter(pk__in=ids).delete()
    for name, ids in moved.items():
        model, column = column_of(name)
        rows = model._base_manager.filter(pk__in=ids, **{f"{column}_id": survivor})
        rows.update(**{f"{column}_id": merged})
    for told in reversed(list(changes)):
        left += _set_back(apps.get_model(told["table"]), told)
    return left


def _set_back(model: type[models.Model], told: Mapping[str, Any]) -> Iterator[str]:
    row = model._base_manager.filter(pk=told["id"]).first()
    if row is None:
        return
    now = {name: plain(getattr(row, name)) for name in told["after"]}
    values = {
        name: loaded(model, name, before)
        for name, before in told["before"].items()
        if now[name] == told["after"][name]
    }
    try:
        with transaction.atomic():
            if values:
                model._base_manager.filter(pk=row.pk).update(**values)
    except IntegrityError:  # the record that stays has come to another of its kind since
        values = {}
    yield from (f"{told['table']}.{name}" for name in told["before"] if name not in values)
