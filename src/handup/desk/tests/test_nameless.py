"""Who reads results without names and works with names somewhere reads those of that place only."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.desk.today import task_groups
from handup.lending.models import Loan
from handup.lending.tests.cast import World, make_person, running, staff
from handup.lending.tests.conftest import world
from handup.lending.tests.test_api import get
from handup.lending.tests.test_nameless import late
from handup.org.models import Office
from handup.org.rules.access import Role, ScopeKind

pytestmark = pytest.mark.django_db
__all__ = ["late", "world"]


def test_who_collects_in_one_office_reads_no_names_of_another(
    client: Client, world: World, late: Loan
) -> None:
    """She reads results everywhere and takes money in one office: sheets, files and the desk."""
    other = Office.objects.create(code="EAST", name="East")
    both = staff("both", Role.ME_READER)
    elsewhere = staff("elsewhere", Role.LOAN_OFFICER, kind=ScopeKind.OFFICE, office=other)
    elsewhere.grants.update(staff=both)
    own = running(
        world, office=other, person=make_person(world.programme, other, world.cast.advisor, "Nune")
    )
    name, day = str(late.borrower), date(2025, 4, 15).isoformat()
    sheet = get(client, both, "/collection-sheet", day=day).json()
    assert [line["loan_id"] for line in sheet["lines"]] == [str(own.pk)]
    client.force_login(both)
    for address in ("collection_sheet", "collection_paper", "collection_receipt", "to_write_off"):
        body = client.get(reverse(f"lending:{address}"), {"day": day}).content.decode()
        assert name not in body, address
        assert str(own.borrower) in body, address
    answer: Any = client.get(reverse("lending:collection_file"), {"day": day, "kind": "csv"})
    sent = b"".join(answer) if answer.streaming else answer.content
    assert name not in sent.decode()
    titles = [
        str(task.title) for group in task_groups(both, date(2026, 1, 15)) for task in group.tasks
    ]
    assert any(str(own.borrower) in title for title in titles)
    assert not any(name in title for title in titles)
