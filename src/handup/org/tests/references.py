"""The references of what a test stored are proved where something was written.

SQLite's own proof walks every table of the house, which after each of twelve thousand tests was a
sixth of their time. Here the statements tell which tables were written to and which lost rows: the
proof reads those, and the tables that point to the latter. After a statement that makes or changes
a table or a trigger it reads everything.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache, wraps
from typing import Any

from django.apps import apps

WRITTEN = re.compile(
    r'\b(INSERT(?: OR \w+)? INTO|REPLACE INTO|UPDATE(?: OR \w+)?|DELETE FROM)\s+"?(\w+)',
    re.IGNORECASE,
)
SHAPE = re.compile(r"\s*(CREATE|DROP|ALTER|REINDEX|VACUUM)\b", re.IGNORECASE)


@dataclass
class Heard:
    """What was written since the last proof."""

    written: set[str] = field(default_factory=set)
    shortened: set[str] = field(default_factory=set)
    reshaped: bool = False

    def hear(self, sql: str) -> None:
        """Note what a statement writes."""
        written, shortened, reshaped = told(sql)
        self.written |= written
        self.shortened |= shortened
        self.reshaped = self.reshaped or reshaped

    def tables(self) -> list[str] | None:
        """The tables to prove; None for every one. Nothing is noted after it."""
        written, shortened, reshaped = self.written, self.shortened, self.reshaped
        self.written, self.shortened, self.reshaped = set(), set(), False
        if reshaped:
            return None
        wanted = written.union(*(pointing_to()[name] for name in shortened & set(pointing_to())))
        return sorted(wanted & known())


@lru_cache(maxsize=8192)
def told(sql: str) -> tuple[frozenset[str], frozenset[str], bool]:
    """The tables a statement writes to, those it deletes from, and whether it changes any."""
    found = [(act.upper().startswith("DELETE"), name) for act, name in WRITTEN.findall(sql)]
    return (
        frozenset(name for _deletes, name in found),
        frozenset(name for deletes, name in found if deletes),
        SHAPE.match(sql) is not None,
    )


@cache
def known() -> frozenset[str]:
    """Every table of the house."""
    return frozenset(model._meta.db_table for model in apps.get_models(include_auto_created=True))


@cache
def pointing_to() -> dict[str, frozenset[str]]:
    """By table, those whose rows refer to its rows."""
    found: dict[str, set[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        for one in model._meta.local_fields:
            if one.is_relation and one.related_model is not None:
                parent = one.related_model._meta.db_table
                found.setdefault(parent, set()).add(model._meta.db_table)
    return {parent: frozenset(children) for parent, children in found.items()}


def listen(cursor: Any, wrapper: Any) -> None:
    """Prove for connections of this class, with cursors of that one, what was written alone."""
    heard = Heard()
    prove = wrapper.check_constraints

    def heard_first(act: Any) -> Any:
        @wraps(act)
        def run(self: Any, query: Any, *rest: Any) -> Any:
            heard.hear(query)
            return act(self, query, *rest)

        return run

    def check_constraints(self: Any, table_names: Iterable[str] | None = None) -> None:
        wanted = heard.tables() if table_names is None else table_names
        prove(self, wanted)

    cursor.execute = heard_first(cursor.execute)
    cursor.executemany = heard_first(cursor.executemany)
    wrapper.check_constraints = check_constraints
