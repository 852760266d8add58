"""What each role may take out of a list as a file: no secret and nothing restricted ever, and names
only where the role sees names (protection.md 4.1, R3).

A list exports exactly its columns, so its columns and its permission say it all: no database is
asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from handup.org.classes import DataClass
from handup.org.declared import declared
from handup.org.rules.access import Role
from handup.org.web.lists import ListPage
from handup.people.models import Person
from tests import walking

WITHOUT_NAMES = frozenset({Role.ME_READER, Role.FUNDER, Role.ADMINISTRATOR})
"""Roles that see pseudonyms, own disclosures, or the configuration."""


@dataclass(frozen=True)
class Exported:
    """One column of one list, with the class of what it shows."""

    page: type[ListPage]
    column: str
    klass: DataClass

    def __str__(self) -> str:
        return f"{self.page.__module__}.{self.page.__name__} {self.column}"


def lists() -> Iterator[type[ListPage]]:
    """Every list that has an address."""
    seen = set()
    for route in walking.routes():
        page = getattr(route.callback, "view_class", None)
        if isinstance(page, type) and issubclass(page, ListPage) and page not in seen:
            seen.add(page)
            yield page


def class_of(model: Any, path: str) -> DataClass | None:
    """The class of what a path of attributes ends in; a person shown by her name is personal."""
    found: DataClass | None = None
    for part in path.replace("__", ".").split("."):
        try:
            field = model._meta.get_field(part)
        except (FieldDoesNotExist, AttributeError):
            return found
        classes = getattr(model, "CLASSES", {})
        found = classes.get(part)
        model = field.related_model if isinstance(field, models.ForeignKey) else None
        if model is Person:
            found = DataClass.P
    return found


def exported() -> list[Exported]:
    """Every column of every list whose class is known."""
    return [
        Exported(page, column.name, klass)
        for page in lists()
        for column in page.columns
        if (klass := class_of(page.model, column.name)) is not None
    ]


@pytest.fixture(scope="module")
def columns() -> list[Exported]:
    return exported()


def test_the_walk_finds_lists_and_names(columns: list[Exported]) -> None:
    assert len({item.page for item in columns}) > 50
    assert sum(item.klass is DataClass.P for item in columns) > 10


def test_no_list_gives_a_secret_or_anything_restricted(columns: list[Exported]) -> None:
    told = [str(item) for item in columns if item.klass in (DataClass.S, DataClass.R)]
    assert sorted(set(told)) == sorted(SHOWN_TO_A_TEAM)


SHOWN_TO_A_TEAM = [
    "handup.people.views.cases.CaseList kind",
    "handup.people.views.cases.CaseList opened_date",
    "handup.people.views.grievances.GrievanceList sensitivity",
]
"""The file of complaints leaves out every sensitive one (people/tests/test_grievances.py); that of
cases is empty (people/tests/test_cases.py)."""


def test_a_role_without_names_has_no_list_with_names(columns: list[Exported]) -> None:
    roles = declared()
    told = [
        f"{item} {role}"
        for item in columns
        if item.klass is DataClass.P
        for role in sorted(WITHOUT_NAMES & roles.get(item.page.permission, frozenset()))
    ]
    assert told == UNDER_A_CODE


UNDER_A_CODE = [
    "handup.lending.views.loans.LoanList approved_units ME_READER",
    "handup.lending.views.loans.LoanList principal_units ME_READER",
    "handup.lending.views.portfolio_loans.PortfolioLoans approved_units ME_READER",
    "handup.lending.views.portfolio_loans.PortfolioLoans principal_units ME_READER",
]
"""Of loans she reads amounts and days with a code in place of the borrower; the page, its file and
its search tell no name (lending/tests/test_nameless.py)."""
