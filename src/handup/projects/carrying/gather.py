"""Which rows of a house go with a programme: those of the programme about nobody who stays, and
what they point to.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import ForeignKey, Model

from handup.kernel.errors import Refusal
from handup.org.classes import DataClass
from handup.projects.models import Programme
from handup.projects.movers import Going, Mover

Table = type[Model]
CHUNK = 500


class RowBelongsElsewhere(Refusal):
    """{row} points to a record of another programme; it cannot be handed over with this one."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything the domains declared, by table."""

    moves: tuple[Table, ...]
    needed: tuple[Table, ...]
    under: dict[Table, str]
    every: tuple[Table, ...]
    coded: dict[Table, str]
    paths: dict[Table, str]
    whole: tuple[tuple[Table, str], ...]
    nobody: frozenset[Table]
    together: frozenset[Table]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table that may travel."""
        return (*self.moves, *self.needed, *self.under, *self.every, *self.coded)


def declared(movers: Iterable[Mover]) -> Declared:
    """Put the declarations of all domains together."""

    def models(labels: Iterable[str]) -> tuple[Table, ...]:
        return tuple(apps.get_model(label) for label in labels)

    held = list(movers)
    return Declared(
        moves=tuple(model for one in held for model in moving(one)),
        needed=models(label for one in held for label in one.needed),
        under={apps.get_model(m): fk for one in held for m, fk in one.under.items()},
        every=models(label for one in held for label in one.every),
        coded={apps.get_model(m): column for one in held for m, column in one.coded.items()},
        paths={apps.get_model(m): path for one in held for m, path in one.paths.items()},
        whole=tuple((apps.get_model(m), fk) for one in held for m, fk in one.whole),
        nobody=frozenset(models(label for one in held for label in one.nobody)),
        together=frozenset(models(label for one in held for label in one.together)),
    )


def moving(mover: Mover) -> list[Table]:
    """The tables of a domain that go with a programme: all that lie in one, but those it needs
    only, those that stay, and those that hold anything restricted.
    """
    others = {*mover.needed, *mover.under, *mover.every, *mover.coded, *mover.stays}
    found: list[Table] = []
    for model in apps.get_app_config(mover.domain).get_models():
        label = model._meta.label
        classes: Any = getattr(model, "CLASSES", None)
        if label in others or classes is None or DataClass.R in classes.values():
            continue
        if mover.paths.get(label) or _scope_path(model):
            found.append(model)
    return found


def undeclared(movers: Iterable[Mover]) -> list[str]:
    """The tables no domain says anything of: they lie in no programme and nobody needs them."""
    held = list(movers)
    said = {model._meta.label for model in declared(held).tables}
    said |= {label for one in held for label in one.stays}
    return [
        model._meta.label
        for one in held
        if one.domain != "org"
        for model in apps.get_app_config(one.domain).get_models()
        if hasattr(model, "CLASSES") and model._meta.label not in said
    ]


def _scope_path(model: Table) -> str:
    scope: Any = getattr(model, "SCOPE", None)
    return scope.programme if scope is not None else ""


def keys_of(model: Table) -> list[ForeignKey[Any, Any]]:
    """The foreign keys of a table."""
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]


def chunks(ids: Collection[Any]) -> Iterator[list[Any]]:
    """The ids in parts a database takes."""
    listed = sorted(ids, key=str)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def personal(model: Table) -> bool:
    """Whether a table has columns about persons, or rows that are withheld from some readers."""
    scope: Any = getattr(model, "SCOPE", None)
    classes: Any = getattr(model, "CLASSES", {})
    withheld = scope is not None and scope.withheld is not None
    return withheld or bool({DataClass.P, DataClass.S, DataClass.R} & set(classes.values()))


def _own(
    told: Declared, model: Table, programme: Programme, going: Collection[UUID]
) -> tuple[set[Any], set[Any]]:
    """The programme's rows of a table: about nobody who stays, and the others.

    A row with personal columns that names nobody, neither itself nor by the record it hangs on, may
    tell of anybody: it stays, unless its table is declared as one about nobody.
    """
    scope: Any = getattr(model, "SCOPE", None)
    persons: tuple[str, ...] = scope.persons if scope is not None else ()
    shared: tuple[str, ...] = scope.shares if scope is not None else ()
    rows = model._base_manager.filter(
        **{told.paths.get(model) or _scope_path(model): programme.pk}
    ).order_by()
    careful = personal(model) and model not in told.nobody
    hanging = [path.split("__", 1)[0] for path in persons if "__" in path]
    goes: set[Any] = set()
    stays: set[Any] = set()
    named: set[Any] = set()
    loose: set[Any] = set()
    for pk, *values in rows.values_list("pk", *persons, *hanging).iterator():
        about = [one for one in values[: len(persons)] if one is not None]
        (goes if all(one in going for one in about) else stays).add(pk)
        if about:
            named.add(pk)
        elif careful and all(one is None for one in values[len(persons) :]):
            loose.add(pk)
    shown: dict[Any, set[Any]] = defaultdict(set)
    every = any("memberships" in path for path in shared) and model not in told.together
    for path in shared if every or not persons else ():
        for pk, person in rows.values_list("pk", path).iterator():
            if person is not None and pk not in named:
                shown[pk].add(person)
    apart = {
        pk
        for pk, about in shown.items()
        if not (about <= set(going) if every else about & set(going))
    }
    left = apart | (loose - shown.keys())
    return goes - left, stays | (goes & left)


def gather(movers: Iterable[Mover], programme: Programme, persons: Collection[UUID]) -> Going:
    """Return the rows that go with a programme, when these of its persons go.

    What is about a person who stays stays, and with it what points to it; a group of which a
    member stays stays whole. Raises RowBelongsElsewhere, and what a domain refuses.
    """
    held = list(movers)
    told = declared(held)
    found = Going({}, {})
    for model in told.moves:
        found.rows[model], found.stay[model] = _own(told, model, programme, persons)
    _settle(told, found)
    for one in held:
        for leave in one.leave:
            leave(found)
    for one in held:
        for refuse in one.refuse:
            refuse(found)
    for model, column in told.coded.items():
        rows = model._base_manager.filter(**{column: programme.code})
        found.rows[model] = set(rows.values_list("pk", flat=True))
    _fetch_needed(told, found)
    return found


def tied(
    movers: Iterable[Mover], going: Going, persons: Collection[UUID], listed: Collection[UUID]
) -> frozenset[UUID]:
    """Of the persons who go, those who are still served here: she saves in a group, or has a loan,
    that stays with somebody else.

    listed: who is named as staying. Only one of them explains that something stays: where nobody
    named does, who stays may be somebody no one may know of, and nobody is named for it.
    """
    found: set[UUID] = set()
    for served in (served for one in movers for served in one.served):
        model = apps.get_model(served.table)
        scope: Any = getattr(model, "SCOPE", None)
        for part in chunks(going.stay.get(model, set())):
            rows = model._base_manager.filter(pk__in=part, **served.live).order_by()
            explained = {
                pk
                for path in served.beside
                for pk, other in rows.values_list("pk", path).iterator()
                if other in listed
            }
            found.update(
                person
                for path in (*scope.persons, *scope.shares)
                for pk, person in rows.values_list("pk", path).iterator()
                if pk in explained and person in persons
            )
    return frozenset(found)


def _settle(told: Declared, found: Going) -> None:
    """Leave behind what points to a row that stays, until nothing changes."""
    moving = set(told.moves)
    pointing: dict[Table, list[tuple[Any, ...]]] = {}
    targets: dict[Table, list[Table]] = {}
    whole = {(model, fk) for model, fk in told.whole}
    for model in told.moves:
        fields = [f for f in keys_of(model) if f.related_model in moving]
        targets[model] = [apps.get_model(f.related_model._meta.label) for f in fields]
        names = [f.attname for f in fields]
        rows = model._base_manager.order_by().values_list("pk", *names)
        pointing[model] = [row for row in rows.iterator() if row[0] in found.rows[model]]
    changed = True
    while changed:
        changed = False
        for model in told.moves:
            kept = []
            for row in pointing[model]:
                if row[0] in found.rows[model] and all(
                    one is None or one in found.rows[target]
                    for one, target in zip(row[1:], targets[model], strict=True)
                ):
                    kept.append(row)
                    continue
                found.rows[model].discard(row[0])
                found.stay[model].add(row[0])
                changed = True
            pointing[model] = kept
        changed |= _keep_whole(whole, found)


def _keep_whole(whole: set[tuple[Table, str]], found: Going) -> bool:
    changed = False
    for model, fk in whole:
        field = model._meta.get_field(fk)
        target: Any = field.related_model
        for part in chunks(found.stay[model]):
            owners = model._base_manager.filter(pk__in=part).values_list(fk, flat=True)
            for owner in set(owners) & found.rows[target]:
                found.rows[target].discard(owner)
                found.stay[target].add(owner)
                changed = True
    return changed


def _fetch_needed(told: Declared, found: Going) -> None:
    """Add what the rows that go point to, what lies under it, and what that points to."""
    for model in told.every:
        found.rows[model] = set(model._base_manager.values_list("pk", flat=True))
    for model in (*told.needed, *told.under):
        found.rows.setdefault(model, set())
    waiting: dict[Table, set[Any]] = {m: set(ids) for m, ids in found.rows.items() if ids}
    while waiting:
        model, ids = waiting.popitem()
        asked = _pointed_to(told, found, model, ids)
        for under, fk in told.under.items():
            if under._meta.get_field(fk).related_model is model:
                asked[under] |= _below(under, fk, ids)
        for target, more in asked.items():
            fresh = more - found.rows[target]
            if fresh:
                found.rows[target] |= fresh
                waiting.setdefault(target, set()).update(fresh)


def _below(model: Table, fk: str, ids: set[Any]) -> set[Any]:
    found: set[Any] = set()
    for part in chunks(ids):
        rows = model._base_manager.filter(**{f"{fk}__in": part})
        found.update(rows.values_list("pk", flat=True))
    return found


def _pointed_to(told: Declared, found: Going, model: Table, ids: set[Any]) -> dict[Table, set[Any]]:
    """What rows of a table point to, of the tables that are fetched as needed."""
    asked: dict[Table, set[Any]] = defaultdict(set)
    reachable = {*told.needed, *told.under}
    moving = set(told.moves)
    fields = [f for f in keys_of(model) if f.related_model in reachable | moving]
    if not fields:
        return asked
    for part in chunks(ids):
        rows = model._base_manager.filter(pk__in=part).order_by()
        for pk, *targets in rows.values_list("pk", *(f.attname for f in fields)):
            for field, target in zip(fields, targets, strict=True):
                to: Any = field.related_model
                if target is None:
                    continue
                if to in reachable:
                    asked[to].add(target)
                elif target not in found.rows[to] and not field.null:
                    raise RowBelongsElsewhere(row=f"{model._meta.verbose_name} {pk}")
    return asked
