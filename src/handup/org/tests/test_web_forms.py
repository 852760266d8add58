"""Forms: amounts as people type them, refusals beside their field, reading back, one press once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django import forms
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory

from handup.kernel.errors import Fault, Faults, Refusal
from handup.org.models import Office
from handup.org.permissions import NotAllowed
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField, Question, summary_of


class TooMuch(Refusal):
    """That is more than the {left} left to pay."""


class PaidForm(HouseForm):
    """What was paid."""

    day = DayField(label="Day")
    amount_units = MoneyField(label="Amount", currency="AMD")
    channel = forms.ChoiceField(label="How", choices=(("BANK", "At the bank"), ("CASH", "In cash")))
    questions = (Question("What was paid?", ("day", "amount_units")),)


class Pay(FormPage):
    """Refuses above 50,000, else keeps what it was given."""

    form_class = PaidForm
    permission = "org.record_rate"
    title = "Pay"
    verb = "Record repayment"
    done: list[tuple[UUID, dict[str, Any]]] = []

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        if values["amount_units"] > 5_000_000:
            raise TooMuch(field="amount_units", left="AMD 50,000")
        self.done.append((self.new_id, values))
        return values

    def success_url(self, result: Any) -> str:
        """Elsewhere."""
        return "/done/"


class PayReadBack(Pay):
    """The same, read back first."""

    reads_back = True


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    """Each test starts with nothing recorded."""
    Pay.done.clear()


def send(staff: Any, data: dict[str, str] | None, page: type[FormPage] = Pay) -> Any:
    """Open the form, or send it."""
    make = RequestFactory()
    request: HttpRequest = make.get("/pay/") if data is None else make.post("/pay/", data)
    request.user = staff
    request.session = SessionStore()
    request._messages = []  # type: ignore[attr-defined]
    return page.as_view()(request)


GOOD = {"day": "2026-05-04", "amount_units": "27 400", "channel": "CASH"}


@pytest.mark.parametrize(
    ("typed", "currency", "units"),
    [
        ("27400", "AMD", 2_740_000),
        ("27 400", "AMD", 2_740_000),
        ("27\u00a0400,50", "AMD", 2_740_050),
        ("27,400.50", "AMD", 2_740_050),
        ("27.400,50", "AMD", 2_740_050),
        ("27’400.50", "AMD", 2_740_050),
        ("1,250", "AMD", 125_000),
        ("1.250.000", "AMD", 125_000_000),
        ("12,5", "AMD", 1_250),
        ("5000", "RWF", 5_000),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, currency: str, units: int) -> None:
    assert MoneyField(currency=currency).clean(typed) == units


@pytest.mark.parametrize("typed", ["abc", "1e5", "--5", "0", "-3", "1.2.3,4,5", "NaN", "Infinity"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        MoneyField(currency="AMD").clean(typed)


def test_a_fraction_the_currency_does_not_have_is_refused() -> None:
    with pytest.raises(forms.ValidationError, match="RWF has at most 0 decimals"):
        MoneyField(currency="RWF").clean("12,5")


@pytest.mark.django_db
def test_a_form_calls_its_service_once_with_an_id_of_its_own(accountant: Any) -> None:
    key = "01890000-0000-7000-8000-000000000001"
    answer = send(accountant, {**GOOD, "_new_id": key})
    assert (answer.status_code, answer["Location"]) == (302, "/done/")
    assert Pay.done[0][0] == UUID(key)
    assert Pay.done[0][1]["amount_units"] == 2_740_000


@pytest.mark.django_db
def test_a_refusal_stands_beside_its_field_and_nothing_typed_is_lost(accountant: Any) -> None:
    answer = send(accountant, {**GOOD, "amount_units": "90000"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert Pay.done == []
    assert 'href="#id_amount_units"' in text
    assert "That is more than the AMD 50,000 left to pay." in text
    assert 'value="90000"' in text
    assert 'aria-invalid="true"' in text
    assert '<option value="CASH" selected>' in text


@pytest.mark.django_db
def test_every_missing_answer_is_listed_with_a_link(accountant: Any) -> None:
    text = send(accountant, {}).content.decode()
    for name in ("id_day", "id_amount_units", "id_channel"):
        assert f'href="#{name}"' in text
    assert Pay.done == []


@pytest.mark.django_db
def test_money_is_read_back_before_it_moves(accountant: Any) -> None:
    text = send(accountant, GOOD, PayReadBack).content.decode()
    assert "AMD\u00a027,400" in text
    assert "In cash" in text
    assert "May 4, 2026" in text
    assert Pay.done == []
    assert send(accountant, {**GOOD, "_change": "1", "_read_back": "1"}, PayReadBack).status_code
    assert Pay.done == []
    answer = send(accountant, {**GOOD, "_read_back": "1"}, PayReadBack)
    assert answer.status_code == 302
    assert len(Pay.done) == 1


@pytest.mark.django_db
def test_who_may_not_do_it_does_not_even_see_the_form(officer: Any) -> None:
    with pytest.raises(NotAllowed):
        send(officer, None)
    with pytest.raises(NotAllowed):
        send(officer, GOOD)
    assert Pay.done == []


def test_many_faults_find_their_fields() -> None:
    form = PaidForm(GOOD)
    assert form.is_valid()
    form.refuse(
        Faults([Fault("A", "too late", place="day"), Fault("B", "somewhere else", place="C7")])
    )
    assert summary_of(form) == [("", "somewhere else"), ("id_day", "Day: too late")]


def test_fields_no_question_names_come_last() -> None:
    groups = PaidForm().groups
    assert [question.title if question else None for question, _ in groups] == [
        "What was paid?",
        None,
    ]
    assert [bound.name for _, fields in groups for bound in fields] == [
        "day",
        "amount_units",
        "channel",
    ]


@pytest.mark.django_db
def test_what_lies_out_of_sight_is_not_there(accountant: Any) -> None:
    class Rename(Pay):
        subject_model = Office

    request: HttpRequest = RequestFactory().get("/")
    request.user = accountant
    from django.http import Http404

    with pytest.raises(Http404):
        Rename.as_view()(request, pk=UUID(int=1))
