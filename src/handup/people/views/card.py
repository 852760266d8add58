"""The card a person keeps: her registration number and the same as a code, nothing else of her
(people.md 6). Whoever finds it learns that somebody is registered somewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import segno
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.web.pages import FactGroup, Header, PaperPage, Table
from handup.people.models import Person


@dataclass(frozen=True, slots=True)
class Picture:
    """A code as squares: how many on a side, and the path of the dark ones."""

    side: int
    dark: str


def picture_of(text: str) -> Picture:
    """The code of a text, with the white margin a reader needs."""
    rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=4))
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, cell in enumerate(row) if cell)
    return Picture(len(rows), "".join(dark))


class PersonCard(PaperPage):
    """Number and code on a sheet of A6, with the line to cut the card out along."""

    model = Person
    permission = "people.view_person"
    template = "people/card.html"
    paper = "card"
    record: Person

    def header(self) -> Header:
        """No name: the page is what is printed. The way back on the screen names her, so it is a
        read.
        """
        reads.note(self.request, persons=[self.record.pk], action="VIEW")
        return Header(_("Card of a registered person"))

    def facts(self) -> Sequence[FactGroup]:
        """Nothing of her but the number."""
        return ()

    def tables(self) -> Sequence[Table]:
        """Nothing of her but the number."""
        return ()

    @cached_property
    def number(self) -> str:
        """Her number; an erased person has no card."""
        return "" if self.record.erased_date else self.record.registration_no

    @cached_property
    def picture(self) -> Any:
        """Her number as a code."""
        return picture_of(self.number) if self.number else None
