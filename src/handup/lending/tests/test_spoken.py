"""What is printed for a borrower is set in a language she reads."""

from datetime import timedelta

from django.test import Client

from handup.lending import services
from handup.lending.models import Loan
from handup.lending.tests.cast import START, World, approved, repay
from handup.lending.tests.test_pages import at


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


def test_the_page_of_the_loan_stays_in_the_readers_language(client: Client, world: World) -> None:
    loan = services.sign_agreement(
        acting_staff=world.cast.officer,
        application=approved(world),
        signed_date=START,
        language="ru",
    )
    page = at(client, world.cast.officer, "loan_detail", loan.pk).content.decode()
    assert 'lang="en"' in page
