"""A bank's line that pays for several loans is of each of their borrowers: told her, blanked with
her, and hidden with her.
"""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.lending import persons, services
from handup.lending.models import BankStatement, LineMatch, Loan, StatementLine
from handup.lending.rules.banking.codes import LineFate, MatchState
from handup.lending.services.suspense import PartIn
from handup.lending.tests.bankmade import Move
from handup.lending.tests.cast import World, clean, make_person, running, staff
from handup.lending.tests.conftest import Bring
from handup.lending.tests.test_bank_hidden import again, hide
from handup.org.permissions import OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.standing import standing
from handup.org.web.money import format_money
from handup.people.models import Person

TODAY = timezone.localdate()
HERS = "Her payments on bank statements"


@standing
def neighbour(world: World) -> Person:
    return make_person(world.programme, world.office, world.cast.advisor, "Neighbour 0002")


@standing
def other(world: World, neighbour: Person) -> Loan:
    return running(world, 900_00, person=neighbour)


@pytest.fixture
def statement(loan: Loan, bring: Bring) -> BankStatement:
    """150.00 from a group's leader, and 20.00 nobody has explained."""
    return bring(
        Move(150_00, "from our group", "G1", name="Group Leader"),
        Move(20_00, "for my loan", "B2", name="Bea Birk"),
        kind=54,
    )


def split(statement: BankStatement) -> StatementLine:
    """The line as it stands."""
    return statement.lines.get(bank_reference="G1")


def say(world: World, statement: BankStatement, loan: Loan, other: Loan) -> LineMatch:
    """100.00 of it for one loan, 50.00 for another."""
    return services.match_line(
        acting_staff=world.cast.accountant,
        line=split(statement),
        parts=[PartIn(loan, 100_00), PartIn(other, 50_00)],
        on=TODAY,
    )


@pytest.fixture
def said(world: World, statement: BankStatement, loan: Loan, other: Loan) -> LineMatch:
    """Agreed to by a second person."""
    made = say(world, statement, loan, other)
    return services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)


def take_back(statement: BankStatement, bring: Bring) -> StatementLine:
    """The bank takes the whole line back."""
    move = Move(-150_00, "returned", "G1", name="Group Leader", reversal=True)
    line = bring(move, kind=54).lines.get()
    assert split(statement).fate == LineFate.TAKEN_BACK
    return line


def told(person: Person) -> list[tuple[str, str]]:
    return [(row["Amount"], row["From or to"]) for row in persons.held(person.pk)[HERS]]


def of(units: int, name: str = "Group Leader") -> tuple[str, str]:
    return (format_money(units, "USD"), name)


@pytest.mark.usefixtures("said")
def test_each_borrower_is_told_her_part(world: World, neighbour: Person) -> None:
    assert told(world.person) == [of(100_00)]
    assert told(neighbour) == [of(50_00)]
    stranger = make_person(world.programme, world.office, world.cast.advisor, "Stranger 0003")
    assert told(stranger) == []


@pytest.mark.usefixtures("said")
def test_what_took_it_back_is_told_and_blanked_too(
    world: World, neighbour: Person, statement: BankStatement, bring: Bring
) -> None:
    back = take_back(statement, bring)
    assert LineMatch.objects.get().state == MatchState.UNDONE
    assert set(told(neighbour)) == {of(50_00), of(-50_00)}
    persons.blank(world.person.pk)
    back.refresh_from_db()
    assert (back.name, back.text, split(statement).name) == ("", "", "")


@pytest.mark.usefixtures("said")
def test_it_is_blanked_with_one_of_them(world: World, statement: BankStatement) -> None:
    persons.blank(world.person.pk)
    line = split(statement)
    assert (line.name, line.text, line.units) == ("", "", 150_00)
    assert statement.lines.get(bank_reference="B2").name == "Bea Birk"
    assert told(world.person) == [of(100_00, "")]
    clean()


def test_what_nobody_agreed_to_or_what_was_undone_is_not_hers(
    world: World, statement: BankStatement, loan: Loan, other: Loan
) -> None:
    made = say(world, statement, loan, other)
    assert told(world.person) == []
    services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    third = staff("third", Role.ACCOUNTANT)
    services.undo_match(acting_staff=third, line=split(statement), on=TODAY, reason="Another group")
    assert told(world.person) == []
    persons.blank(world.person.pk)
    assert split(statement).name == "Group Leader", "whose it is nobody knows"


@pytest.mark.parametrize("agreed", [True, False])
def test_it_is_hidden_with_one_of_them(
    client: Client,
    world: World,
    statement: BankStatement,
    loan: Loan,
    other: Loan,
    neighbour: Person,
    agreed: bool,
) -> None:
    made = say(world, statement, loan, other)
    if agreed:
        services.confirm_match(acting_staff=world.cast.manager, match=made, on=TODAY)
    reader = world.cast.manager
    assert split(statement) in StatementLine.objects.visible_to(reader)
    assert made in LineMatch.objects.visible_to(reader)
    hide(world, neighbour)
    reader = again(reader)
    seen = StatementLine.objects.visible_to(reader)
    assert [line.bank_reference for line in seen] == ["B2"]
    assert not LineMatch.objects.visible_to(reader).exists()
    client.force_login(reader)
    page = client.get(reverse("lending:statement_detail", args=[statement.pk])).content.decode()
    assert "Bea Birk" in page
    for text in ("Group Leader", "150.00", "170.00"):
        assert text not in page
    assert client.get(reverse("lending:bank_line", args=[split(statement).pk])).status_code == 404
    assert client.get(reverse("lending:matches_to_decide")).content.decode().count("150.00") == 0
    if not agreed:
        with pytest.raises(OutOfSight):
            services.confirm_match(acting_staff=reader, match=made, on=TODAY)


@pytest.mark.usefixtures("said")
def test_what_took_it_back_is_hidden_too(
    world: World, neighbour: Person, statement: BankStatement, bring: Bring
) -> None:
    take_back(statement, bring)
    hide(world, neighbour)
    seen = StatementLine.objects.visible_to(again(world.cast.manager))
    assert [line.bank_reference for line in seen] == ["B2"]


def test_one_of_other_loans_stays_in_sight(
    world: World, said: LineMatch, statement: BankStatement
) -> None:
    stranger = make_person(world.programme, world.office, world.cast.advisor, "Stranger 0003")
    running(world, person=stranger)
    hide(world, stranger)
    reader = again(world.cast.manager)
    assert split(statement) in StatementLine.objects.visible_to(reader)
    assert said in LineMatch.objects.visible_to(reader)
