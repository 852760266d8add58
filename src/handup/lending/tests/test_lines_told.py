"""What a borrower's line says is what the books say, every payment of hers has its receipt, and
whoever wants no more messages is heard.
"""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.http import HttpRequest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from handup.groups.services import price_lines
from handup.kernel.credit.early import payoff_on
from handup.kernel.ids import new_id
from handup.lending import services as lending
from handup.lending.line_words import text_of
from handup.lending.models import LineMessage, Loan, MessageKind
from handup.lending.services import lines
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import World, make_person, repay, running
from handup.lending.tests.test_closing import DECEMBER, written_off
from handup.lending.tests.test_fee_table import with_fees
from handup.lending.tests.test_lines import (
    PAID,
    PHONE,
    Gateway,
    gateway,
    hand_over,
    send_all,
    started,
)
from handup.lending.tests.test_savings import FIRST, lent
from handup.lending.views import lines as pages
from handup.org import jobs
from handup.org.encryption import lookup_hash
from handup.org.limits import TooOften
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.org.web.money import format_money
from handup.people.models import Person
from handup.people.rules.codes import BirthPrecision, Sex
from handup.people.services import correct_person

__all__ = ["gateway"]


def told(row: LineMessage, on: date) -> str:
    row.loan.refresh_from_db()
    return text_of(row, on)


def asked(world: World, loan: Loan) -> LineMessage:
    return LineMessage.objects.create(line=started(world), loan=loan, kind=MessageKind.BALANCE)


# --- what it says ---------------------------------------------------------------------------------


def test_a_receipt_says_all_she_handed_over_also_what_was_saved(world: World) -> None:
    loan = lent(world)
    started(world)
    due = loan.dues.get(number=1).due_units
    event = repay(world, loan, FIRST, due + 10_00)
    assert event.payload["saved"] == 10_00
    text = told(LineMessage.objects.get(), FIRST)
    assert f"we received {format_money(due + 10_00, loan.currency)} on" in text


def test_what_is_late_is_what_her_statement_says(world: World, late_fee: Loan) -> None:
    on = PAID + timedelta(days=20)
    state = state_as_of(late_fee, on)
    late = sum(state.overdue(on))
    assert late > late_fee.dues.get(number=1).due_units
    assert f"Late: {format_money(late, late_fee.currency)}." in told(asked(world, late_fee), on)


@pytest.fixture
def late_fee(world: World) -> Loan:
    late = {"code": "Late", "kind": "PENALTY", "units": 7_00, "when": "OVERDUE"}
    return with_fees(world, late)


def test_a_loan_handed_over_or_ended_otherwise_has_no_balance(world: World, loan: Loan) -> None:
    row = asked(world, loan)
    assert "Still owed" in told(row, PAID)
    Loan.objects.filter(pk=loan.pk).update(moved_date=PAID)
    assert told(row, PAID) == ""
    Loan.objects.filter(pk=loan.pk).update(moved_date=None, state="REFINANCED")
    assert told(row, PAID) == ""


def test_nobody_is_reminded_of_a_day_that_has_passed(world: World, loan: Loan) -> None:
    started(world)
    lines.remind(PAID - timedelta(days=2))
    row = LineMessage.objects.get()
    assert "is due on" in told(row, PAID)
    assert told(row, PAID + timedelta(days=1)) == ""


# --- every payment of hers ------------------------------------------------------------------------


def test_paying_off_has_a_receipt_once(world: World, loan: Loan) -> None:
    started(world)
    how: dict[str, Any] = {
        "acting_staff": world.cast.accountant,
        "loan": loan,
        "value_date": PAID,
        "units": payoff_on(state_as_of(loan, PAID), PAID).total,
        "id": new_id(),
    }
    event = lending.pay_off_loan(**how)
    lending.pay_off_loan(**how)
    row = LineMessage.objects.get()
    assert (row.kind, row.event_id) == ("RECEIPT", event.pk)
    assert told(row, PAID).endswith("Nothing more is to be paid.")


def test_money_after_a_write_off_has_a_receipt(world: World, loan: Loan) -> None:
    started(world)
    written_off(world, loan)
    lending.record_recovery(
        acting_staff=world.cast.accountant,
        loan=Loan.objects.get(pk=loan.pk),
        value_date=DECEMBER,
        units=50_00,
    )
    text = told(LineMessage.objects.get(kind="RECEIPT", event__kind="RECOVERED"), DECEMBER)
    assert f"we received {format_money(50_00, loan.currency)} on" in text
    assert text == text.strip()


def test_money_of_before_she_agreed_has_no_receipt(world: World, loan: Loan) -> None:
    started(world, agreed_date=PAID)
    repay(world, loan, PAID - timedelta(days=1), 10_00)
    assert not LineMessage.objects.exists()
    repay(world, loan, PAID, 10_00)
    assert LineMessage.objects.count() == 1


# --- whoever wants none any more ------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "стоп",
        "Ստոպ",
        "зогс",
        "arre\u0302t",
        "Hagarika",
        "«STOP»",
        "please stop.",
        "stopp",
        "ＳＴＯＰ",
    ],
)
def test_she_ends_it_in_her_own_letters(
    world: World, loan: Loan, gateway: object, words: str
) -> None:
    line = started(world)
    assert hand_over({"from": PHONE, "text": words}) == 204
    line.refresh_from_db()
    assert (line.by_herself, LineMessage.objects.exists()) == (True, False)


def test_who_ends_it_is_told_of_no_prices_either(
    world: World, gateway: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also without a line of her loans; who asks for a balance goes on getting them."""
    heard: list[Any] = []
    monkeypatch.setattr(price_lines, "end_by_herself", heard.append)
    assert hand_over({"from": PHONE, "text": "balance"}) == 204
    assert heard == []
    assert hand_over({"from": PHONE, "text": "stop"}) == 204
    assert heard == [lookup_hash(Person, "phone_hash", PHONE)]


@pytest.mark.parametrize("words", ["", "balance", "баланс", "1", "non-stop shop"])
def test_who_asks_does_not_end_it(world: World, loan: Loan, gateway: object, words: str) -> None:
    line = started(world)
    hand_over({"from": PHONE, "text": words})
    line.refresh_from_db()
    assert (line.ended_at, LineMessage.objects.count()) == (None, 1)


def test_she_is_heard_however_many_write(
    world: World, loan: Loan, gateway: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(request: HttpRequest, what: str, who: str = "") -> None:
        raise TooOften

    line = started(world)
    monkeypatch.setattr(pages, "require_within", full)
    assert hand_over({"from": PHONE, "text": "balance"}) == 429
    assert hand_over({"from": PHONE, "text": "stop"}) == 204
    line.refresh_from_db()
    assert line.by_herself


def test_written_twice_at_once_it_ends_the_other_lines_too(
    world: World, gateway: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_person(world.programme, world.office, world.cast.officer, "B")
    other.phone = PHONE
    other.save()
    both = [started(world), started(world, person=other)]
    end = lines._end
    met: list[Any] = []

    def once(line: Any, staff: Any, *, by_herself: bool) -> Any:
        met.append(line.pk)
        if len(met) == 1:
            raise lines.LineEnded
        return end(line, staff, by_herself=by_herself)

    monkeypatch.setattr(lines, "_end", once)
    assert hand_over({"from": PHONE, "text": "stop"}) == 204
    assert set(met) == {line.pk for line in both}


def test_five_balances_a_day_are_five_whatever_she_owes(
    world: World, loan: Loan, gateway: object
) -> None:
    line = started(world)
    running(world)
    for _turn in range(lines.BALANCES_A_DAY - 1):
        LineMessage.objects.create(line=line, loan=loan, kind=MessageKind.BALANCE)
    hand_over({"from": PHONE, "text": "?"})
    assert LineMessage.objects.count() == lines.BALANCES_A_DAY


@pytest.mark.parametrize("number", ["\ud800", "+374\x00", "١٢٣٤٥٦٧٨٩", "+" * 3000])
def test_a_number_that_is_none_is_answered_like_one(gateway: object, db: None, number: str) -> None:
    assert hand_over({"from": number, "text": "balance"}) == 204


def test_her_line_ends_when_her_number_is_another_one(
    world: World, loan: Loan, gateway: Gateway
) -> None:
    line = started(world)
    repay(world, loan, PAID, 100_00)
    her, desk = Person.objects.get(pk=line.person_id), staff_with("desk", Role.CLERK)
    corrected = partial(
        correct_person,
        acting_staff=desk,
        person=her,
        sex=Sex(her.sex),
        birth_date=her.birth_date,
        birth_precision=BirthPrecision(her.birth_precision),
        area=her.area,
        on=PAID,
    )
    corrected(father_name="Armen", phone=PHONE)
    line.refresh_from_db()
    assert line.ended_at is None
    corrected(father_name="Armen", phone="+37499111222")
    line.refresh_from_db()
    assert (line.ended_by, line.by_herself) == (desk, False)
    send_all()
    assert gateway.taken == []
    assert LineMessage.objects.get().state == "DROPPED"


def test_a_gateway_that_is_away_is_left_alone_until_the_next_round(
    world: World, loan: Loan, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of five that wait one is tried a round; when it is back all go, and nobody queued a thing."""
    assert lines.look in jobs.every_minute
    started(world)
    repay(world, loan, PAID, 100_00)
    (row,) = LineMessage.objects.all()
    LineMessage.objects.bulk_create(
        LineMessage(line=row.line, loan=loan, kind="BALANCE") for _one in range(4)
    )
    queued = DBTaskResult.objects.filter(task_path__endswith="lines.send_waiting")
    assert not queued.exists()
    gateway.answers = [503, 503]
    for _round in range(2):
        send_all()
    assert len(gateway.taken) == 2
    assert list(LineMessage.objects.order_by("tries").values_list("tries", flat=True)) == [
        *(0, 0, 0, 1, 1)
    ]
    assert not queued.exists()
    send_all()
    assert LineMessage.objects.filter(state="SENT").count() == 3
    lines.look(timezone.now())
    assert not queued.exists()
    lines.look(timezone.now() + timedelta(minutes=2))
    assert queued.count() == 1
