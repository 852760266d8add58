"""The programme chosen in the top bar narrows every list of people."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest

from handup.org.web.lists import ListPage


def chosen_programme(request: HttpRequest) -> UUID | None:
    """Return the programme chosen in the top bar, None for all."""
    try:
        return UUID(str(request.session.get("programme", "")))
    except ValueError:
        return None


class ProgrammeListPage(ListPage):
    """A list of what belongs to a programme."""

    def rows(self) -> QuerySet[Any]:
        """Only rows of the chosen programme, when one is chosen."""
        rows = super().rows()
        programme = chosen_programme(self.request)
        return rows if programme is None else rows.filter(programme_id=programme)
