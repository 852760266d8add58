"""What a questionnaire says, read from its sheets: items in their order, lists of choices."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the questionnaire: a question, a group or a repeat.

    `path` holds the names from the first group to the item; `cells` what stands in the columns
    that are no texts; texts are by code of language.
    """

    row: int
    type: str
    name: str
    path: tuple[str, ...] = ()
    repeat: str = ""
    list_name: str = ""
    other: bool = False
    labels: Texts = field(default_factory=dict)
    hints: Texts = field(default_factory=dict)
    constraint_messages: Texts = field(default_factory=dict)
    required_messages: Texts = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)

    def cell(self, column: str) -> str:
        """What stands in a column, empty when nothing does."""
        return self.cells.get(column, "")

    @property
    def is_group(self) -> bool:
        """A group or a repeat."""
        return self.type in {"group", "repeat"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a list with its label per language and what else its row holds."""

    row: int
    name: str
    labels: Texts
    extra: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole questionnaire."""

    code: str
    title: str
    version: str
    default_language: str
    languages: tuple[str, ...]
    items: tuple[Item, ...]
    lists: Mapping[str, tuple[Choice, ...]]
    settings: Mapping[str, str] = field(default_factory=dict)

    def questions(self) -> list[Item]:
        """The items that are asked or computed, without groups."""
        return [item for item in self.items if not item.is_group]
