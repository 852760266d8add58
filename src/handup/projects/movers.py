"""What each domain declares of a hand-over: which of its tables go, which stay, what is counted.

    add_once(handover.movers, Mover("training", needed=("training.Curriculum", …), …))  # apps.py

Whatever of a domain lies in a programme, by its model's own scope or by `paths`, goes with it when
it is about nobody who stays: a table added later goes too. A row with personal columns that names
nobody stays, unless its table is one about `nobody`. A row of `needed` goes when a row that
goes points to it; a row `under` another goes with it. `every` row of a small register goes; of a
table that is `coded` go the rows that name the programme by its code. What `stays` says why; a
table that holds anything restricted never goes. Source: rulings 19b.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from handup.org.models import StaffUser
from handup.projects.models import Programme

Change = Callable[[dict[str, Any]], dict[str, Any]]
Own = Callable[["Going", dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Counter:
    """One control total: rows of a table by some of their columns and, where it is money, the sum
    of `units` less the sum of `less`, all in smallest units.
    """

    name: str
    model: str
    by: tuple[str, ...] = ()
    units: str = ""
    less: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """A table by which a person is served, and the paths from it to who may share it with her.

    live: which rows serve her still.
    """

    table: str
    beside: tuple[str, ...]
    live: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A register both houses may hold: the same row has the same columns `by` which it is known.

    same: what it must say alike in both; a text that is empty in one contradicts nothing. whole: a
    key to a matched row, under which neither house may hold a row the other one has not.
    """

    table: str
    by: tuple[str, ...]
    same: tuple[str, ...] = ()
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Mover:
    """What one domain carries over, leaves behind, and counts."""

    domain: str
    needed: tuple[str, ...] = ()
    under: Mapping[str, str] = field(default_factory=dict)
    every: tuple[str, ...] = ()
    # Tables that name their programme by its code, and the column that does.
    coded: Mapping[str, str] = field(default_factory=dict)
    # Tables with personal columns whose rows may go although they name no person by a key: they
    # are about a group, an organisation or the house's own work.
    nobody: tuple[str, ...] = ()
    # Tables of several persons of which one who goes is enough.
    together: tuple[str, ...] = ()
    stays: Mapping[str, str] = field(default_factory=dict)
    counters: tuple[Counter, ...] = ()
    # Another way from a table to its programme than its scope.
    paths: Mapping[str, str] = field(default_factory=dict)
    # (table, foreign key): where a row of the table stays, what it points to stays whole.
    whole: tuple[tuple[str, str], ...] = ()
    # By what a person is served: where such a row of one who goes stays, she may be listed.
    served: tuple["Served", ...] = ()
    # What a row is changed to before it leaves the house, by table.
    change: Mapping[str, Change] = field(default_factory=dict)
    # What of a row of the whole house is the programme's own, by table: told the programme's rows.
    own: Mapping[str, Own] = field(default_factory=dict)
    # Written before the tables that seal them: their place in the load.
    first: tuple[str, ...] = ()
    # Registers the receiving house may hold already, what they point to before them.
    matched: tuple[Match, ...] = ()
    # Columns that name a row of a register without a foreign key: by table, the column's register.
    named: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    # Projections made anew in the receiving house.
    settle: tuple[Callable[[], object], ...] = ()
    # Locked before what goes is counted again, so that nothing comes in between: told the
    # programme. In the order of the movers, the books last.
    hold: tuple[Callable[[Programme], None], ...] = ()
    hold_last: tuple[Callable[[Programme], None], ...] = ()
    # What else of the gathered rows is left behind.
    leave: tuple[Callable[["Going"], None], ...] = ()
    # What ends in this house once the successor proved equal totals: told who confirms and the
    # rows that went.
    moved: tuple[Callable[[StaffUser, "Going"], None], ...] = ()
    # Why what was gathered cannot go: told the rows that go by table, and the programme's rows.
    refuse: tuple[Callable[["Going"], None], ...] = ()


@dataclass(slots=True)
class Going:
    """The rows that go, by table, and of the programme's own rows those that stay."""

    rows: dict[type[Model], set[Any]]
    stay: dict[type[Model], set[Any]]

    def of(self, model: type[Model]) -> set[Any]:
        """The ids of the rows of a table that go."""
        return self.rows.get(model, set())
