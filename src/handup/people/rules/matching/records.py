"""What is compared of a person, as plain values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from handup.kernel.names import normal_form, skeleton_of
from handup.people.rules.codes import BirthPrecision, Sex

TOLD_SEXES = frozenset((Sex.F, Sex.M, Sex.OTHER))


@dataclass(frozen=True, slots=True)
class Name:
    """One name in normal form with its keys; a part that is not known is ""."""

    first: str
    last: str
    first_key: str
    last_key: str


def name_of(first: str, last: str = "", aliases: Mapping[str, str] | None = None) -> Name:
    """Make a name as it was written ready to compare; aliases are applied first."""
    normal_first, normal_last = normal_form(first, aliases), normal_form(last, aliases)
    return Name(normal_first, normal_last, skeleton_of(normal_first), skeleton_of(normal_last))


@dataclass(frozen=True, slots=True)
class Birth:
    """A birth date with its precision, as it is stored: the first day it may mean."""

    day: date
    precision: BirthPrecision = BirthPrecision.DAY

    @property
    def digits(self) -> str:
        """Year, month and day as eight digits."""
        return f"{self.day.year:04}{self.day.month:02}{self.day.day:02}"

    @property
    def to_the_day(self) -> bool:
        """Whether the day can be trusted: 1 January is what is written when it is not known."""
        return self.precision is BirthPrecision.DAY and (self.day.month, self.day.day) != (1, 1)


@dataclass(frozen=True, slots=True)
class Document:
    """A document by its type and the keyed hash of its number."""

    kind: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One registration. Every name of the person takes part; what is not known is left empty.

    `phones` and document numbers are keyed hashes or plain, alike on both sides; `settlement` and
    `household` are ids as text, `household` the one she belongs to now.
    """

    id: str
    names: tuple[Name, ...] = ()
    father: str = ""
    birth: Birth | None = None
    sex: Sex = Sex.NOT_ASKED
    phones: frozenset[str] = frozenset()
    settlement: str = ""
    documents: frozenset[Document] = frozenset()
    household: str = ""
