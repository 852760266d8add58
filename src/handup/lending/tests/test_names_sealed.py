"""Names of borrowers sealed at rest: what this program copies of them into accounts, payments and
credit passports is not readable either (docs/decisions/0017).
"""

from typing import Any

import pytest
from django.db import connection, models
from pytest_django import Settings

from handup.lending.models import CreditPassport, LoanAccount, PaymentOrder
from handup.lending.services import passports
from handup.lending.tests.cast import World, running
from handup.lending.tests.test_passports import MARCH
from handup.lending.tests.test_payments_hidden import batch_of, to_the_bank
from handup.org import statements
from handup.people.rules.codes import ConsentMethod
from handup.people.services import names_at_rest as at_rest

PAYEE = "Zaruhi Payee"
TABLES: tuple[type[models.Model], ...] = (LoanAccount, PaymentOrder, CreditPassport)


def stored(model: type[models.Model]) -> str:
    """What the database keeps of a table."""
    columns = tuple(str(f.column) for f in model._meta.local_concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute(statements.select(model._meta.db_table, columns))
        return repr(cursor.fetchall())


def plain(name: str) -> set[str]:
    return {model._meta.label for model in TABLES if name in stored(model)}


@pytest.mark.parametrize("first", [True, False])
def test_no_copy_of_a_borrowers_name_is_readable(
    world: World, account: Any, settings: Settings, first: bool
) -> None:
    settings.ENCRYPT_NAMES = first
    assert set(TABLES) < set(at_rest.tables())
    running(world)
    name = world.person.display_name
    passport = passports.issue_passport(
        acting_staff=world.cast.officer,
        person=world.person,
        requested_date=MARCH,
        requested_how=ConsentMethod.SIGNATURE,
        issued_date=MARCH,
    )
    batch = batch_of(world, account, PAYEE)
    if not first:
        assert plain(PAYEE) == {"lending.LoanAccount", "lending.PaymentOrder"}
        assert plain(name) == {"lending.CreditPassport"}
        settings.ENCRYPT_NAMES = True
        at_rest.write_names()
        assert at_rest.left_to_write() == 0
    assert plain(PAYEE) == plain(name) == set()
    assert CreditPassport.objects.get(pk=passport.pk).printed_name == name
    cast = world.cast
    assert PAYEE in to_the_bank(world, batch, cast.accountant, cast.manager)
