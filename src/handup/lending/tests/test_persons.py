"""A person's page, journey and records."""

from handup.lending import persons
from handup.lending.models import Application, Loan
from handup.lending.tests.cast import World, make_person
from handup.people import merging, sections, subject


def test_the_named_lists_of_people_know_lending() -> None:
    assert persons.tables in sections.record_sections
    assert persons.moments in sections.record_moments
    assert persons.actions in sections.record_actions
    assert persons.move in merging.on_merge
    assert persons.held in subject.collect
    assert persons.blank in subject.erase


def test_a_persons_page_shows_her_loans_to_who_may_see_them(world: World, loan: Loan) -> None:
    seen = persons.tables(world.cast.officer, world.person.pk)
    assert [str(table.title) for table in seen] == ["Loans", "Loan applications"]
    assert persons.tables(world.cast.outsider, world.person.pk) == []
    apply, passport = persons.actions(world.cast.advisor, world.person.pk)
    assert world.person.registration_no in apply.address
    assert str(world.person.pk) in passport.address


def test_her_journey_goes_from_asking_to_the_next_instalment(world: World, loan: Loan) -> None:
    titles = [str(moment.title) for moment in persons.moments(world.cast.officer, world.person.pk)]
    assert titles == ["Asked for a loan", "Loan paid out", "Instalment due"]


def test_loans_follow_a_person_registered_twice(world: World, loan: Loan) -> None:
    same = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    moved = persons.move(same.pk, world.person.pk)
    assert moved["lending.loan"] == [loan.pk]
    loan.refresh_from_db()
    assert loan.person == same
    assert not Application.objects.filter(person=world.person).exists()


def test_what_lending_holds_of_her_is_told_and_blanked(world: World, loan: Loan) -> None:
    told = persons.held(world.person.pk)
    assert told["Loans"][0]["Number"] == loan.code
    assert told["Loan applications"][0]["What for"] == "Sewing machine"
    persons.blank(world.person.pk)
    row = Application.objects.get()
    assert row.purpose == ""
    assert row.appraisals.get().facts == {}
    loan.refresh_from_db()
    assert loan.disbursed_units == 1_200_00
