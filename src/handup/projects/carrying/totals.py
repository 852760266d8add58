"""Control totals of a hand-over: counted from the rows of the database on both sides."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db.models import Model

from handup.projects.carrying.gather import moving
from handup.projects.movers import Counter, Mover
from handup.projects.rules.handover import Total

# What a house holds before it takes anything over (who works in it, where, the funds every house
# has) is not counted.
BEFOREHAND = frozenset({"org.StaffUser", "org.Office", "org.Area", "ledger.Fund"})


Rows = Mapping[type[Model], Collection[Any]]


def totals(
    movers: Iterable[Mover], rows: Rows | None = None, *, among: Rows | None = None
) -> list[Total]:
    """Count every table and every declared sum: of some rows, or of all in the receiving house.

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
            if rows is not None or model in part:
                counted = part if rows is None else rows
                found.append(Total(label, len(counted.get(model, ()))))
            else:
                found.append(Total(label, model._base_manager.count()))
        for counter in mover.counters:
            model = apps.get_model(counter.model)
            asked = part.get(model) if rows is None else rows.get(model, set())
            found += _count(counter, model, asked)
    return [total for total in found if total.count]


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
