"""What is printed for a borrower is set in a language she reads."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from handup.lending import services
from handup.lending.models import Loan
from handup.lending.rules.penalty_example import late_cost
from handup.lending.rules.schedules import planned_rows
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import START, World, approved, repay, running
from handup.lending.tests.loans import LENT, PER_DAY, terms
from handup.lending.tests.test_pages import at
from handup.lending.views.terms import percent
from handup.org.web.money import format_money


def test_agreement_schedule_and_receipt_are_in_the_borrowers_language(
    client: Client, world: World
) -> None:
    loan: Loan = services.sign_agreement(
        acting_staff=world.cast.officer,
        application=approved(world),
        signed_date=START,
        language="ru",
    )
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    event = repay(world, loan, START + timedelta(days=31), 113_47)
    papers = (
        ("statement_paper", loan.pk),
        ("agreement_paper", loan.pk),
        ("schedule_paper", loan.pk),
        ("receipt_paper", event.pk),
    )
    for name, pk in papers:
        assert 'lang="ru"' in at(client, world.cast.officer, name, pk).content.decode()
        asked = at(client, world.cast.officer, name, pk, language="en").content.decode()
        assert 'lang="en"' in asked
    world.person.languages = ["fr"]
    world.person.save(update_fields=("languages",))
    for name, pk in papers:
        assert 'lang="fr"' in at(client, world.cast.officer, name, pk).content.decode()


def test_a_statement_says_what_was_paid_and_what_is_left(client: Client, world: World) -> None:
    loan = running(world)
    paid = repay(world, loan, START + timedelta(days=31), 100_01)
    gone = repay(world, loan, START + timedelta(days=32), 7_00)
    services.reverse_repayment(
        acting_staff=world.cast.manager, event=gone, reason="x", value_date=gone.value_date
    )
    asked = {"as_of": (START + timedelta(days=33)).isoformat()}
    page = at(client, world.cast.officer, "statement_paper", loan.pk, **asked).content.decode()
    state = state_as_of(loan, START + timedelta(days=33))
    (split,) = paid.splits.filter(replaced_at=None)
    for units in (1_200_00, 100_01, split.principal_units, split.interest_units, state.principal):
        assert format_money(units, "USD") in page
    assert format_money(7_00, "USD") not in page, "what was taken back is not on it"
    before = at(client, world.cast.officer, "statement_paper", loan.pk, as_of=START.isoformat())
    assert format_money(100_01, "USD") not in before.content.decode()


def test_an_offer_is_printed_in_her_language_until_it_is_signed(
    client: Client, world: World
) -> None:
    row, today = approved(world), timezone.localdate()
    assert at(client, world.cast.officer, "offer_paper", row.pk).status_code == 404, "it expired"
    row.expires_date = today
    row.save(update_fields=("expires_date",))
    world.person.languages = ["ru"]
    world.person.save(update_fields=("languages",))
    assert 'lang="ru"' in at(client, world.cast.officer, "offer_paper", row.pk).content.decode()
    page = at(client, world.cast.officer, "offer_paper", row.pk, language="en").content.decode()
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=today
    )
    assert loan.agreement is not None
    for told in (
        percent(loan.agreement.apr_ppm),
        percent(loan.agreement.flat_apr_ppm),
        format_money(loan.agreement.total_payable_units, "USD"),
        "Annual percentage rate (US)",
    ):
        assert told in page
    assert at(client, world.cast.officer, "offer_paper", row.pk).status_code == 404


def test_what_lateness_costs_is_told_in_an_example() -> None:
    of = terms(penalty=PER_DAY)  # 0.1 % a day of the principal that is late
    rows = planned_rows(of, LENT, START)
    cost = late_cost(of, rows, LENT, START)
    first = rows[0]
    assert cost is not None
    assert (cost.instalment_units, cost.days) == (first.principal + first.interest, 10)
    assert cost.units == round(first.principal * 7 / 1000), "the first three days are free"
    assert late_cost(terms(), planned_rows(terms(), LENT, START), LENT, START) is None
    assert late_cost(of, (), LENT, START) is None


def test_the_page_of_the_loan_stays_in_the_readers_language(client: Client, world: World) -> None:
    loan = services.sign_agreement(
        acting_staff=world.cast.officer,
        application=approved(world),
        signed_date=START,
        language="ru",
    )
    page = at(client, world.cast.officer, "loan_detail", loan.pk).content.decode()
    assert 'lang="en"' in page
