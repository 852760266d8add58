"""Finding a loan or an application by its number or by whoever borrows, in any letters."""

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Q, QuerySet

from handup.people.models import Person
from handup.people.queries.persons import find_persons

MOST_WORDS = 8


def by_borrower(*numbers: str) -> Callable[[QuerySet[Any, Any], str], QuerySet[Any, Any]]:
    """Keep rows with the text in one of their numbers, or whose person, enterprise or group is
    called so. A person is found whatever script her name is kept in.
    """

    def narrow(rows: QuerySet[Any, Any], text: str) -> QuerySet[Any, Any]:
        words = text.split()[:MOST_WORDS]
        found = Q(person__in=find_persons(Person._base_manager.all(), text))
        fields = {field.name for field in rows.model._meta.get_fields()}
        for borrower in sorted(fields & {"enterprise", "group"}):
            column = f"{borrower}__name__icontains"
            found |= reduce(and_, (Q(**{column: word}) for word in words))
        for column in numbers:
            found |= Q(**{f"{column}__icontains": text})
        return rows.filter(found)

    return narrow
