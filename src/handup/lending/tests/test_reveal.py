"""An account number is closed on every page; who may see it says why, and that is written down."""

from dataclasses import replace

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from handup.lending import services
from handup.lending.models import BankAccount, Loan, PaymentOrder, StatementLine
from handup.lending.tests.bankmade import DAY, OTHER_IBAN, Move
from handup.lending.tests.cast import World, signed
from handup.lending.tests.conftest import Bring
from handup.org import limits
from handup.org.models import ReadEntry

WHY = {"purpose": "ANSWER"}


@pytest.fixture
def order(world: World, account: BankAccount) -> PaymentOrder:
    """A payment to Ann's account."""
    loan = signed(world)
    services.name_loan_account(
        acting_staff=world.cast.accountant, loan=loan, number=OTHER_IBAN, holder="Ann Alba"
    )
    batch = services.prepare_payments(
        acting_staff=world.cast.accountant,
        account=account,
        loans=[loan],
        execution_date=DAY,
        on=DAY,
    )
    return batch.orders.get()


@pytest.fixture
def line(world: World, loan: Loan, bring: Bring) -> StatementLine:
    """Money from an account, for nobody knows what."""
    shown = bring(Move(77_00, "thank you", "B1", name="Ann Alba", account=OTHER_IBAN))
    return shown.lines.get()


def doors(order: PaymentOrder, line: StatementLine) -> list[tuple[str, str]]:
    """Each page that has a number, and the address that opens it."""
    return [
        (
            reverse("lending:payments_detail", args=[order.batch_id]),
            reverse("lending:order_account", args=[order.pk]),
        ),
        (
            reverse("lending:bank_line", args=[line.pk]),
            reverse("lending:line_account", args=[line.pk]),
        ),
    ]


def test_a_number_opens_for_a_purpose_and_is_written_down(
    client: Client, world: World, order: PaymentOrder, line: StatementLine
) -> None:
    client.force_login(world.cast.accountant)
    for page, opens in doors(order, line):
        seen = client.get(page).content.decode()
        assert OTHER_IBAN not in seen
        assert "•••" in seen
        assert f'href="{opens}"' in seen
        assert OTHER_IBAN not in client.get(opens).content.decode()
        assert client.post(opens, {}).status_code == 422
        before = ReadEntry.objects.filter(action="REVEAL").count()
        shown = client.post(opens, WHY)
        assert OTHER_IBAN in shown.content.decode()
        assert page in shown.content.decode()
        entries = ReadEntry.objects.filter(action="REVEAL").order_by("-number")
        assert entries.count() == before + 1
        entry = entries[0]
        assert (entry.staff, entry.highest, entry.purpose) == (world.cast.accountant, "S", "ANSWER")
    person = order.loan.person_id
    told = ReadEntry.objects.filter(action="REVEAL").order_by("number")[0]
    assert [str(pk) for pk in told.persons] == [str(person)]


def test_who_may_not_see_numbers_sees_only_that_there_is_one(
    client: Client, world: World, order: PaymentOrder, line: StatementLine
) -> None:
    client.force_login(world.cast.director)
    for page, opens in doors(order, line):
        answer = client.get(page)
        if answer.status_code == 200:
            assert OTHER_IBAN not in answer.content.decode()
            assert opens not in answer.content.decode()
        assert client.post(opens, WHY).status_code == 403
    client.force_login(world.cast.outsider)
    for _page, opens in doors(order, line):
        assert client.post(opens, WHY).status_code in (403, 404)
    assert not ReadEntry.objects.filter(action="REVEAL").exists()


def test_numbers_are_not_looked_up_by_the_hundred(
    client: Client,
    world: World,
    order: PaymentOrder,
    line: StatementLine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = replace(limits.LIMITS["reveal"], seconds=10**9)  # no window ends while we look
    monkeypatch.setitem(limits.LIMITS, "reveal", long)
    cache.clear()
    client.force_login(world.cast.accountant)
    opens = doors(order, line)[0][1]
    for _look in range(30):
        assert client.post(opens, WHY).status_code == 200
    beyond = client.post(opens, WHY)
    assert beyond.status_code == 429
    assert OTHER_IBAN not in beyond.content.decode()
    cache.clear()
