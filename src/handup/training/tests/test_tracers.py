"""Tracer rounds: who is due and drawn, what counts as placed, a tenth asked again by others."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.web.forms import MoneyField
from handup.people.forms.belonging import PovertyLineForm
from handup.people.forms.outreach import CampaignForm
from handup.projects.models import Programme
from handup.training import services
from handup.training.forms.support import SupportRuleForm
from handup.training.forms.tracers import RoundForm
from handup.training.models import Enrolment, TracerResponse, TracerRound
from handup.training.rules.tracers import (
    Answer,
    Report,
    TracerOutcome,
    back_checks,
    drawn,
    placed,
    report,
    window,
)
from handup.training.sections import erase, told_of
from handup.training.services.refusals import (
    BackCheckerAsked,
    DateBefore,
    NobodyDue,
    NotATracerMonth,
    NothingToCheck,
    OutsideTracerWindow,
    TracerIncomplete,
    TracerToldAlready,
)
from handup.training.tests.test_api import Caller

DUE = date(2026, 10, 1)  # six months after the close on 1 April
LEAST = 50_000


def opened(officer: StaffUser, programme: Programme, **more: Any) -> TracerRound:
    told: dict[str, Any] = {
        "month": 6,
        "opened_date": DUE,
        "threshold_units": LEAST,
        "seed": 7,
    } | more
    return services.open_tracer_round(acting_staff=officer, programme=programme, **(told | more))


def answer(
    by: StaffUser,
    row: TracerResponse,
    outcome: TracerOutcome = TracerOutcome.WAGE,
    *,
    on: date = DUE,
    since: date | None = date(2026, 6, 1),
    income: int | None = LEAST,
) -> TracerResponse:
    return services.record_tracer(
        acting_staff=by,
        response=row,
        asked_date=on,
        outcome=outcome,
        started_date=since,
        income_units=income,
    )


def test_the_window_opens_fifteen_days_before_and_closes_forty_five_after() -> None:
    assert window(date(2026, 4, 1), 6) == (date(2026, 9, 16), date(2026, 11, 15))
    assert window(date(2026, 8, 31), 6) == (date(2027, 2, 13), date(2027, 4, 14))


def test_everybody_up_to_four_hundred_else_a_sample_the_seed_draws_again() -> None:
    ids = [UUID(int=number) for number in range(1000)]
    assert drawn(ids[:400], 1) == ids[:400]
    sample = drawn(ids, 1)
    assert len(set(sample)) == 400
    assert drawn(reversed(ids), 1) == sample
    assert drawn(ids, 2) != sample
    # By chance: about 400 of 1 000 from each half, not the first ones.
    assert 150 < sum(one.int < 500 for one in sample) < 250
    assert [len(back_checks(ids[:count], 1)) for count in (0, 1, 10, 11, 400)] == [0, 1, 1, 2, 40]


def test_placed_is_paid_work_for_a_month_at_the_threshold() -> None:
    def told(outcome: TracerOutcome, since: date | None, income: int | None) -> bool:
        return placed(
            outcome,
            started_date=since,
            asked_date=DUE,
            income_units=income,
            threshold_units=LEAST,
        )

    month = date(2026, 9, 1)
    assert told(TracerOutcome.WAGE, month, LEAST)
    assert told(TracerOutcome.OWN_BUSINESS, month, LEAST)
    assert not told(TracerOutcome.WAGE, date(2026, 9, 2), LEAST)
    assert not told(TracerOutcome.WAGE, month, LEAST - 1)
    assert not told(TracerOutcome.WAGE, None, LEAST)
    for other in (TracerOutcome.FAMILY, TracerOutcome.STUDY, TracerOutcome.NO_WORK):
        assert not told(other, month, LEAST)


def test_who_did_not_answer_stays_among_those_asked() -> None:
    job = Answer(TracerOutcome.WAGE, placed=True)
    rows = [
        replace(job, again=TracerOutcome.WAGE),
        replace(job, again=TracerOutcome.NO_WORK),
        Answer(TracerOutcome.STUDY),
        Answer(),
    ]
    assert report(rows) == Report(asked=4, answered=3, placed=2, rechecked=2, agreed=1)
    assert report([]) == Report(0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("form", "name"),
    [
        (RoundForm, "threshold_units"),
        (SupportRuleForm, "amount_units"),
        (PovertyLineForm, "per_head_units"),
        (CampaignForm, "cost_units"),
    ],
)
def test_an_amount_is_in_the_currency_of_the_programme_chosen(
    form: Any, name: str, programme: Programme, officer: StaffUser
) -> None:
    def currency(**told: Any) -> str:
        """In which currency the form shows its amount."""
        field = form(told or None, staff=officer).fields[name]
        assert isinstance(field, MoneyField)
        return field.currency

    assert currency() == "AMD"  # the only one there is
    Programme.objects.create(code="NEXT", title="A further programme", currency="AMD")
    assert currency() == "AMD"  # they share it
    other = Programme.objects.create(code="FIRST", title="A programme abroad", currency="XTS")
    assert (currency(), currency(programme="")) == ("", "")
    assert currency(programme="no programme") == ""
    assert currency(programme=str(other.pk)) == "XTS"
    assert currency(programme=str(programme.pk)) == "AMD"


@pytest.mark.usefixtures("years_later")
def test_a_round_takes_who_is_due_once(
    completed: list[Enrolment], programme: Programme, officer: StaffUser, outsider: StaffUser
) -> None:
    with pytest.raises(NotATracerMonth):
        opened(officer, programme, month=5)
    for early in (date(2026, 9, 15), date(2026, 11, 16)):
        with pytest.raises(NobodyDue):
            opened(officer, programme, opened_date=early)
    with pytest.raises(NotAllowed):
        opened(outsider, programme)
    row = opened(officer, programme)
    asked = set(row.responses.values_list("enrolment_id", flat=True))
    assert (row.due, asked) == (2, {one.pk for one in completed[:2]})
    assert opened(officer, programme, id=row.pk) == row
    with pytest.raises(SameIdOtherContent):
        opened(officer, programme, id=row.pk, threshold_units=1)
    with pytest.raises(NobodyDue):
        opened(officer, programme)
    later = opened(officer, programme, month=12, opened_date=date(2027, 4, 1))
    assert later.due == 2


def test_an_answer_lies_in_its_window_is_whole_and_told_once(
    completed: list[Enrolment], programme: Programme, officer: StaffUser
) -> None:
    row = opened(officer, programme).responses.get(enrolment=completed[0])
    refused = (
        ({"on": date(2026, 11, 16)}, OutsideTracerWindow),
        ({"income": None}, TracerIncomplete),
        ({"since": None}, TracerIncomplete),
        ({"since": date(2026, 10, 2)}, DateBefore),
    )
    for told, refusal in refused:
        with pytest.raises(refusal):
            answer(officer, row, **told)  # each told says one thing wrong
    assert not TracerResponse.objects.exclude(outcome="").exists()
    done = answer(officer, row)
    assert (done.placed, done.asked_by) == (True, officer)
    assert answer(officer, row) == done
    with pytest.raises(TracerToldAlready):
        answer(officer, row, income=LEAST - 1)
    assert told_of(completed[0].person_id)["After the course"][0]["What she does"] == "paid job"
    erase(completed[0].person_id)
    assert TracerResponse.objects.get(pk=row.pk).income_units is None


def test_a_tenth_is_asked_again_by_another_person(
    completed: list[Enrolment], programme: Programme, officer: StaffUser, second: StaffUser
) -> None:
    row = opened(officer, programme)
    with pytest.raises(NothingToCheck):
        services.draw_back_checks(acting_staff=officer, round=row)
    for one in row.responses.all():
        answer(officer, one)
    (again,) = services.draw_back_checks(acting_staff=officer, round=row)
    with pytest.raises(NothingToCheck):
        services.draw_back_checks(acting_staff=officer, round=row)
    with pytest.raises(BackCheckerAsked):
        answer(officer, again)
    told = answer(second, again, TracerOutcome.NO_WORK, since=None, income=None)
    assert (told.placed, told.back_check_of is not None) == (False, True)


def test_a_round_on_the_web_and_through_the_api(
    completed: list[Enrolment],
    programme: Programme,
    officer: StaffUser,
    second: StaffUser,
    outsider: StaffUser,
    settings: Any,
) -> None:
    """Two asked: one placed, one without work; the one asked again says the same."""
    settings.SECOND_FACTOR_REQUIRED = False
    web = Client()
    web.force_login(officer)
    told = {"programme": str(programme.pk), "month": "6", "threshold_units": "500.00"}
    new = reverse("training:tracer_round_new")
    assert web.get(new).status_code == 200
    assert web.post(new, told | {"opened_date": DUE}).status_code == 302
    row = TracerRound.objects.get()
    assert row.threshold_units == LEAST
    first, other = row.responses.order_by("enrolment__person__sort_key")
    at = reverse("training:tracer_answer", args=[first.pk])
    job = {"asked_date": DUE, "outcome": "WAGE", "started_date": "2026-06-01"}
    assert web.post(at, job).status_code == 422
    assert web.post(at, job | {"income_units": "500.00"}).status_code == 302
    api = Caller(officer)
    status, said = api.post(f"/tracer-answers/{other.pk}", asked_date=DUE, outcome="NO_WORK")
    assert (status, said["placed"]) == (200, False)
    drawn_at = reverse("training:tracer_back_checks", args=[row.pk])
    assert web.post(drawn_at, {}).status_code == 302
    again = row.responses.exclude(back_check_of=None).get()
    assert again.back_check_of is not None
    more = {"started_date": "2026-06-01", "income_units": LEAST}
    status, _said = Caller(second).post(
        f"/tracer-answers/{again.pk}",
        asked_date=DUE,
        outcome=again.back_check_of.outcome,
        **(more if again.back_check_of.outcome == "WAGE" else {}),
    )
    assert status == 200
    counts = api.get(f"/tracer-rounds/{row.pk}")[1]
    figures = ("asked", "answered", "placed", "rechecked", "agreed")
    assert [counts[name] for name in figures] == [2, 2, 1, 1, 1]
    shown = web.get(reverse("training:tracer_round_detail", args=[row.pk])).content.decode()
    assert "Placed, of all asked" in shown
    assert "1 / 2" in shown
    assert web.get(reverse("training:tracer_round_list")).status_code == 200
    assert Caller(outsider).get("/tracer-rounds")[0] == 403
