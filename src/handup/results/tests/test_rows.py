"""Rows that open to themselves: why an area is covered, a step of a policy issue, a promise, a year
of a lender's book; each leads to the page of its record, and nobody hidden is named.
"""

from datetime import date, timedelta

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from handup.groups.models import Group
from handup.groups.tests.conftest import FORMED, new_person, staff_with
from handup.ledger.models import Book
from handup.lending.models import Lender, Loan
from handup.lending.queries import positions, write_off_ratio
from handup.lending.tests.cast import repay
from handup.markets.models import Linkage, PolicyIssue
from handup.org.models import Area, ReadEntry, StaffUser
from handup.org.rules.access import Role
from handup.org.scope import hidden_changed
from handup.people.models import Compartment, Participation, Person
from handup.projects.models import Document, DocumentType, Programme
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.models import FrozenFigure, FrozenRow
from handup.results.rules.engine import FactRow
from handup.results.rules.expressions import Asked
from handup.results.services import choose_indicators, compute_snapshot
from handup.results.tests.test_frozen import House, house
from handup.results.tests.test_policy_figures import SUMMER, town
from handup.results.views.rows import name_rows

pytestmark = pytest.mark.django_db
__all__ = ["house", "town"]
COVERED = "MED-GRP-06"
DAY = FORMED + timedelta(days=30)


def browser(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def client_in(area: Area, number: int, programme: Programme, officer: StaffUser) -> Participation:
    """A client who lives in an area and takes part since before the groups were formed."""
    person = new_person(number, programme, officer)
    person.area = area
    person.save()
    began = FORMED - timedelta(days=9)
    return Participation.objects.create(
        person=person, programme=programme, state="ACTIVE", applied_date=began, started_date=began
    )


@pytest.fixture
def hamlet(programme: Programme, group: Group, officer: StaffUser) -> Participation:
    """A second area without a group, where one client lives; another lives beside the group."""
    there = Area.objects.create(code="V2", names={"en": "Hamlet"}, level=2)
    client_in(group.area, 51, programme, officer)
    return client_in(there, 50, programme, officer)


def hide(person: Person, by: StaffUser) -> None:
    """Nobody may know of her any more."""
    Compartment.objects.create(person=person, kind="PERSON", opened_by=by, opened_date=DAY)
    hidden_changed()


def test_an_area_opens_to_the_group_or_the_client_that_covers_it(
    programme: Programme, group: Group, hamlet: Participation
) -> None:
    manager = staff_with("manager", Role.MANAGER, programme=programme.pk)
    answer = browser(manager).get(reverse("results:rows", args=[programme.pk, COVERED, DAY]))
    assert [(row["place"], row["name"], row["href"]) for row in answer.context["rows"]] == [
        ("Village", "Morning star", reverse("groups:group_detail", args=[group.pk])),
        ("Hamlet", "Member 50 TEST", reverse("people:participation_detail", args=[hamlet.pk])),
    ]
    page = answer.content.decode()
    assert "2 rows count." in page
    assert 'Village: <a href="' in page
    entry = ReadEntry.objects.filter(staff=manager).latest("id")
    assert entry.persons == [str(hamlet.person_id)], "she was named, and nobody else"


def test_an_area_of_nobody_but_a_hidden_client_is_not_told(
    programme: Programme, group: Group, officer: StaffUser, hamlet: Participation
) -> None:
    manager = staff_with("manager", Role.MANAGER, programme=programme.pk)
    hide(hamlet.person, officer)
    address = reverse("results:rows", args=[programme.pk, COVERED, DAY])
    page = browser(manager).get(address).content.decode()
    assert "1 row counts." in page
    assert "Hamlet" not in page
    assert "Member 50" not in page


def test_partners_and_staff_of_another_programme_open_none_of_them(
    programme: Programme, other_programme: Programme, hamlet: Participation
) -> None:
    address = reverse("results:rows", args=[programme.pk, COVERED, DAY])
    elsewhere = staff_with("elsewhere", Role.MANAGER, programme=other_programme.pk)
    assert browser(staff_with("funder", Role.FUNDER)).get(address).status_code == 403
    assert browser(elsewhere).get(address).status_code == 404


def test_frozen_areas_open_as_they_were_and_a_client_hidden_since_does_not(
    programme: Programme, group: Group, officer: StaffUser, hamlet: Participation
) -> None:
    manager = staff_with("manager", Role.MANAGER, Role.ME_OFFICER, programme=programme.pk)
    choose_indicators(acting_staff=manager, programme=programme, codes=[COVERED])
    snapshot = compute_snapshot(acting_staff=manager, programme=programme, day=DAY)
    figure = FrozenFigure.objects.get(snapshot=snapshot, code=COVERED)
    assert {row.kind for row in FrozenRow.objects.filter(figure=figure)} == {"record"}
    address = reverse("results:frozen_rows", args=[figure.pk])
    shown = browser(manager).get(address).context["rows"]
    assert [row["name"] for row in shown] == ["Member 50 TEST", "Morning star"]
    hide(hamlet.person, officer)
    answer = browser(manager).get(address)
    assert [row["name"] for row in answer.context["rows"]] == ["Morning star"]
    assert (answer.context["total"], answer.context["others"]) == (2, 1)
    assert "Hamlet" not in answer.content.decode()


def test_moves_of_an_issue_and_promises_open_the_issue_and_the_linkage(town: House) -> None:
    reader = browser(town.world.cast.manager)
    issue, linkage = PolicyIssue.objects.get(), Linkage.objects.get()
    for code, page, count in (
        ("MED-POL-02", reverse("markets:issue_detail", args=[issue.pk]), 3),
        ("MED-LNK-01", reverse("markets:linkage_detail", args=[linkage.pk]), 1),
    ):
        answer = reader.get(reverse("results:rows", args=[town.programme.pk, code, SUMMER]))
        assert [row["href"] for row in answer.context["rows"]] == [page] * count, code
        assert reader.get(page).status_code == 200


def test_a_year_of_a_lender_opens_its_book(house: House) -> None:
    lender = Lender.objects.filter(programme=house.programme, book__isnull=False).first()
    assert lender is not None
    assert lender.book_id is not None
    Book._base_manager.filter(pk=lender.book_id).update(first_month=date(2024, 1, 1))
    reader = browser(house.world.cast.manager)
    address = reverse("results:rows", args=[house.programme.pk, "MED-SUS-01", SUMMER])
    [row] = reader.get(address).context["rows"]
    assert row["on"] == date(2024, 12, 31)
    assert row["href"] == reverse("ledger:book_detail", args=[lender.book_id])
    assert reader.get(row["href"]).status_code == 200


def test_a_row_names_no_internal_document_to_a_successor(
    programme: Programme, officer: StaffUser, rf: RequestFactory
) -> None:
    kind = DocumentType.objects.create(code="SPECIAL_STUDY", names={"en": "Study"}, position=1)
    study = Document.objects.create(
        programme=programme, type=kind, title="Who took money", state="FINAL", added_by=officer
    )
    row = FactRow(unit=str(study.pk), on=DAY, kind="document", record=str(study.pk))
    heir = staff_with("heir", Role.SUCCESSOR)

    def named(reader: StaffUser) -> str:
        request = rf.get("/")
        request.user = reader
        (told,) = name_rows(request, [row])
        return str(told["name"])

    assert named(officer) == "Who took money"
    assert named(heir) == ""
    Document.objects.filter(pk=study.pk).update(access="PARTNERS")
    assert named(heir) == "Who took money"


WRITTEN_OFF = "MED-FIN-06"


def test_what_losses_are_held_against_opens_to_the_loans_of_each_month_end(house: House) -> None:
    house.lend("Second", date(2025, 2, 20))
    first, second = Loan.objects.order_by("disbursed_date")
    repay(house.world, first, date(2025, 2, 25), 50_00)
    ends = [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)]
    asked = Asked(ends[-1], start=date(2025, 1, 1))
    figure = definition(WRITTEN_OFF).compute(Facts(house.programme, ends[-1]), asked)
    owed = {
        (day, str(item.loan_id)): item.principal_units
        for day in ends
        for item in positions(day, Loan.objects.all())
    }
    assert {(row.on, row.record): row.amount for row in figure.base_rows} == owed
    assert [len([on for on, _pk in owed if on == day]) for day in ends] == [1, 2, 2]
    gross = write_off_ratio(date(2025, 1, 1), ends[-1], ends, Loan.objects.all())
    assert figure.denominator == gross.denominator == sum(owed.values()) > 0
    address = reverse("results:rows", args=[house.programme.pk, WRITTEN_OFF, ends[-1]])
    answer = browser(house.world.cast.manager).get(address, {"side": "base"})
    assert sorted((row["href"], row["amount"]) for row in answer.context["rows"]) == sorted(
        (reverse("lending:loan_detail", args=[pk]), owed[ends[-1], str(pk)])
        for pk in (first.pk, second.pk)
    )
    assert {row["on"] for row in answer.context["rows"]} == {ends[-1]}
