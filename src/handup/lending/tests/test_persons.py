"""A person's page, journey and records."""

from datetime import timedelta

from django.utils import timezone

from handup.lending import merging as lending_merging
from handup.lending import persons, services
from handup.lending.models import (
    Application,
    BankAccount,
    BankFile,
    BankLine,
    Loan,
    LoanAccount,
    OldLoan,
    PaymentOrder,
)
from handup.lending.tests.bankmade import OTHER_IBAN
from handup.lending.tests.cast import World, clean, make_person, make_product, signed
from handup.lending.tests.old_books import HALF_EVEN, book_of, decided, half_even
from handup.lending.views.links import loan_state
from handup.org.web.columns import State, Tone
from handup.people import merging, sections, subject


def test_the_named_lists_of_people_know_lending() -> None:
    assert persons.tables in sections.record_sections
    assert persons.moments in sections.record_moments
    assert persons.actions in sections.record_actions
    assert lending_merging.move in merging.on_merge
    assert persons.held in subject.collect
    assert persons.blank in subject.erase


def test_a_persons_page_shows_her_loans_to_who_may_see_them(world: World, loan: Loan) -> None:
    seen = persons.tables(world.cast.officer, world.person.pk)
    assert [str(table.title) for table in seen] == ["Loans", "Loan applications"]
    assert persons.tables(world.cast.outsider, world.person.pk) == []
    apply, line, passport = persons.actions(world.cast.advisor, world.person.pk)
    assert str(world.person.pk) in apply.address
    assert str(world.person.pk) in passport.address
    assert str(world.person.pk) in line.address


def test_her_journey_goes_from_asking_to_the_next_instalment(world: World, loan: Loan) -> None:
    titles = [str(moment.title) for moment in persons.moments(world.cast.officer, world.person.pk)]
    assert titles == ["Asked for a loan", "Loan paid out", "Instalment due"]


def test_an_instalment_of_the_past_is_not_still_to_come(world: World, loan: Loan) -> None:
    today = timezone.localdate()
    for days, said, tone in ((0, "", Tone.PLAIN), (9, "9", Tone.WARN), (1_234, "1,234", Tone.BAD)):
        loan.next_due_date = today - timedelta(days=days)
        loan.save(update_fields=["next_due_date"])
        due = persons.moments(world.cast.officer, world.person.pk)[-1]
        assert (due.when, due.ahead, due.tone) == (loan.next_due_date, days == 0, tone)
        assert str(due.text) == (f"{loan.code} \u00b7 {said} days late" if days else loan.code)
        assert loan_state(loan) == State("Running", tone)


def test_loans_follow_a_person_registered_twice(world: World, loan: Loan) -> None:
    same = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    other = signed(world)
    merge = merging.Merge(same.pk, world.person.pk, timezone.localdate(), world.cast.advisor.pk)
    lending_merging.move(merge)
    assert set(merge.moved["lending.loan.person"]) == {str(loan.pk), str(other.pk)}
    assert merge.looks == ["TWO_OPEN_LOANS"]
    assert Loan.objects.filter(person=same, state__in=lending_merging.OPEN).count() == 2
    (owes,) = lending_merging.exposure(same.pk)
    assert owes.startswith("Open loans: 2, together")
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


def test_her_name_and_account_are_told_and_blanked_in_what_passed_through_banks(
    world: World, account: BankAccount
) -> None:
    other = make_person(world.programme, world.office, world.cast.advisor, "Neighbour 0002")
    hers = signed(world)
    services.name_loan_account(
        acting_staff=world.cast.accountant, loan=hers, number=OTHER_IBAN, holder="Ann Alba"
    )
    kept = signed(world, 700_00, person=other)
    services.name_loan_account(
        acting_staff=world.cast.accountant, loan=kept, number=OTHER_IBAN, holder="Bea Birk"
    )
    services.prepare_payments(
        acting_staff=world.cast.accountant,
        account=account,
        loans=[hers, kept],
        execution_date=timezone.localdate(),
        on=timezone.localdate(),
    )
    lent = signed(world, product_version=make_product(world.cast, world.mirror, "REF"))
    file: BankFile = services.import_bank_file(
        acting_staff=world.cast.clerk,
        lender=world.mirror,
        file_name="january.csv",
        content=(
            "loan;kind;date;amount;reference;currency\n"
            f"{lent.code};DISBURSEMENT;2025-01-16;1200.00;Ann Alba 16;USD\n"
        ).encode(),
    )
    assert file.rows_posted == 1
    told = persons.held(world.person.pk)
    assert told["Accounts she is paid to"] == [
        {"Loan": hers.code, "Account holder": "Ann Alba", "Account number": OTHER_IBAN}
    ]
    (payment,) = told["Payments to her"]
    assert (payment["Paid to"], payment["Account number"]) == ("Ann Alba", OTHER_IBAN)
    persons.blank(world.person.pk)
    order, line = PaymentOrder.objects.get(loan=hers), BankLine.objects.get()
    assert (order.creditor_name, order.creditor_account, order.units) == ("", "", 1_200_00)
    assert (line.raw, line.reference, line.units) == ({}, "", 1_200_00)
    gone = LoanAccount.objects.get(loan=hers)
    assert (gone.holder, gone.number, gone.number_hash) == ("", "", "")
    assert LoanAccount.objects.get(loan=kept).number == OTHER_IBAN
    assert PaymentOrder.objects.get(loan=kept).creditor_name == "Bea Birk"
    clean()


def test_loans_of_an_old_portfolio_follow_her_too(world: World) -> None:
    lists, people = book_of(world, half_even, loans=1)
    decided(world, lists, HALF_EVEN)
    row = OldLoan.objects.get()
    assert persons.held(people[0].pk)["Loans of old portfolios"][0]["Number"] == row.key
    merge = merging.Merge(
        world.person.pk, people[0].pk, timezone.localdate(), world.cast.advisor.pk
    )
    lending_merging.move(merge)
    assert merge.moved["lending.oldloan.person"] == [str(row.pk)]
    row.refresh_from_db()
    assert row.person == world.person
