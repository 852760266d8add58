"""Control totals of a hand-over: counted from the rows of the database on both sides.

Whatever a table that travels holds in smallest units is added up by its currency, column by column;
a column added later is too. A domain declares what else is told apart, as loans by their state.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db.models import BigIntegerField, Model

from handup.projects.carrying.gather import keys_of, moving
from handup.projects.movers import Counter, Mover
from handup.projects.rules.handover import Total

# What a house holds before it takes anything over (who works in it, where, the funds every house
# has) is not counted.
BEFOREHAND = frozenset({"org.StaffUser", "org.Office", "org.Area", "ledger.Fund"})


Rows = Mapping[type[Model], Collection[Any]]


def totals(
    movers: Iterable[Mover], rows: Rows | None = None, *, among: Rows | None = None
) -> list[Total]:
    """Count every table, add up its money and every declared sum: of some rows, or of all in the
    receiving house.

    among: of these tables only these rows: registers the receiving house held before.
    """
    part = among or {}
    found: list[Total] = []
    for mover in movers:
        labels = (
            *(m._meta.label for m in moving(mover)),
            *mover.needed,
            *mover.under,
            *mover.every,
            *mover.coded,
        )
        for label in dict.fromkeys(labels):
            if label in BEFOREHAND:
                continue
            model = apps.get_model(label)
            asked = part.get(model) if rows is None else rows.get(model, set())
            count = model._base_manager.count() if asked is None else len(asked)
            found.append(Total(label, count))
            found += _money(model, asked)
        for counter in mover.counters:
            model = apps.get_model(counter.model)
            asked = part.get(model) if rows is None else rows.get(model, set())
            found += _count(counter, model, asked)
    return [total for total in found if total.count]


def money_of(model: type[Model]) -> dict[str, list[str]]:
    """The columns of a table that hold smallest units, by the path to their currency: an own one
    named like the column, else the nearest of the table and of what it must point to; "" for none.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for field in model._meta.concrete_fields:
        words = field.name.split("_")
        if isinstance(field, BigIntegerField) and words[-1] in ("units", "base"):
            own = "base_currency" if "base" in words else f"{words[0]}_currency"
            ways = (_nearest(model, name) for name in (own, "currency", "base_currency"))
            found[next((way for way in ways if way), "")].append(field.name)
    return found


def _nearest(model: type[Model], name: str) -> str:
    """The shortest path from a table to a column of this name, over keys that are never empty."""
    seen: set[Any] = {model}
    tables: list[tuple[str, Any]] = [("", model)]
    while tables:
        for path, table in tables:
            if any(field.name == name for field in table._meta.concrete_fields):
                return path + name
        keys = [(path, key) for path, table in tables for key in keys_of(table) if not key.null]
        tables = []
        for path, key in keys:
            if key.related_model not in seen:
                seen.add(key.related_model)
                tables.append((f"{path}{key.name}__", key.related_model))
    return ""


def _money(model: type[Model], among: Collection[Any] | None) -> list[Total]:
    """Add up what a table holds in smallest units, column by column and currency by currency."""
    found: list[Total] = []
    for path, columns in money_of(model).items():
        wanted = ("pk", *columns, *([path] if path else []))
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for pk, *values in model._base_manager.order_by().values_list(*wanted).iterator():
            if among is not None and pk not in among:
                continue
            code = str(values[-1]) if path else ""
            for column, units in zip(columns, values, strict=False):
                if units is not None:
                    into = sums[column, code]
                    into[0] += 1
                    into[1] += int(units)
        found += [
            Total(f"{model._meta.label} {column}", count, units, code)
            for (column, code), (count, units) in sorted(sums.items())
        ]
    return found


def _count(counter: Counter, model: type[Model], among: Collection[Any] | None) -> list[Total]:
    """Add up one declared sum, group by group, in whole numbers."""
    sums = [name for name in (counter.units, counter.less) if name]
    currency = [counter.currency] if counter.currency else []
    wanted = ("pk", *counter.by, *sums, *currency)
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for pk, *values in model._base_manager.order_by().values_list(*wanted).iterator():
        if among is not None and pk not in among:
            continue
        keys = values[: len(counter.by)]
        units = [int(value or 0) for value in values[len(keys) : len(keys) + len(sums)]]
        name = " ".join((counter.name, *(str(key) for key in keys if key not in (None, ""))))
        into = counts[name, str(values[-1]) if currency else ""]
        into[0] += 1
        if counter.units:
            into[1] += units[0] - (units[1] if counter.less else 0)
    return [
        Total(name, count, units, code) for (name, code), (count, units) in sorted(counts.items())
    ]
