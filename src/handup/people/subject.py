"""Named lists for higher domains: what they hold of a person, how they blank it, what keeps her
from being erased, and which figures must not change (protection.md 4.7, 4.8)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Model

from handup.people.rules.requests import Hold

# person -> what a domain holds of her, by heading; others' data masked.
Collect = Callable[[UUID], Mapping[str, list[Mapping[str, str]]]]
collect: list[Collect] = []

# Blank a domain's rows, history rows and files of a person; books stay as they are.
Erase = Callable[[UUID], None]
erase: list[Erase] = []

# person, day -> why she cannot be erased on that day.
Holds = Callable[[UUID, date], Iterable[Hold]]
holds: list[Holds] = []

# ids of an erased person, count key -> give the key what a domain counts by her id where no foreign
# key leads to her.
Apart = Callable[[Sequence[UUID], UUID], None]
apart: list[Apart] = []

# Persons whose service goes on, whatever its last day: nobody proposes to erase them.
Serving = Callable[[], Iterable[UUID]]
serving: list[Serving] = []

# person, day -> every figure she may be counted in, by name: the same before and after.
Figures = Callable[[UUID, date], Mapping[str, str]]
figures: list[Figures] = []

# person -> the days on which a figure asked how old she was: her age band stays on each of them.
Days = Callable[[UUID], Iterable[date]]
days: list[Days] = []

# Tables of which a domain blanks rows though no key of theirs leads to a person: their pages are
# given up anew with the others.
tables: list[type[Model]] = []
