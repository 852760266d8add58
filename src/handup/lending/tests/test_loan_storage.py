"""How a loan's events and its schedule are stored: the same after JSON."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import models

from handup.kernel.credit.changes import Restructuring, Scope, Treatment
from handup.kernel.credit.codes import AdvanceTo, Component, EarlyEffect, PenaltyKind
from handup.kernel.credit.dates import DuePlan
from handup.kernel.credit.terms import Penalty
from handup.lending.models import Application, LoanAgreement
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import (
    Event,
    agreed_from_json,
    event_payload,
    payload_fields,
    rows_from_json,
    rows_to_json,
)
from handup.lending.rules.loan import fold
from handup.lending.rules.schedules import planned_rows
from handup.lending.tests.loans import (
    KINDS,
    LENT,
    START,
    charged,
    disbursed,
    event,
    moratorium,
    repaid,
    rescheduled,
    restructured,
    terms,
    waived,
)
from handup.lending.tests.test_loan_events import DUE, MARCH, PAID_OUT


@pytest.mark.parametrize(
    "stored",
    [
        disbursed(KINDS["down payment"]),
        replace(PAID_OUT, capitalised=70),
        repaid(MARCH, 5, advance_to=AdvanceTo.SPREAD_EVENLY),
        charged(MARCH, 5, DUE[2], component=Component.PENALTY),
        waived(MARCH, 5, Component.INTEREST),
        event(EventKind.EARLY_REPAID, MARCH, 5, effect=EarlyEffect.SKIP_NEXT),
        rescheduled(MARCH, shift_to=DUE[3], principal_grace=1, new_rate_ppm=5),
        rescheduled(MARCH, extra_instalments=2),
        moratorium(MARCH, DUE[3], scope=Scope.PRINCIPAL, interest_runs=False),
        restructured(MARCH, terms(instalments=3), interest=Treatment.WAIVE),
        restructured(
            MARCH,
            terms(instalments=2, penalty=Penalty(PenaltyKind.FIXED, units=7)),
            plan=DuePlan((MARCH, DUE[2], DUE[3]), (DUE[2], DUE[3] + timedelta(days=1))),
        ),
    ],
)
def test_an_event_says_the_same_after_json(stored: Event) -> None:
    payload = json.loads(json.dumps(event_payload(stored)))
    plain = replace(
        stored,
        rows=(),
        advance_to=None,
        capitalised=0,
        component=None,
        due_date=None,
        effect=None,
        agreed=None,
    )
    assert replace(plain, **payload_fields(stored.kind, payload)) == stored
    assert event_payload(plain) == {}


def test_an_agreement_stored_before_there_were_options_is_read() -> None:
    request = agreed_from_json(EventKind.RESCHEDULED, {"from_date": "2025-03-01"})
    assert event_payload(replace(rescheduled(MARCH), agreed=request))["agreed"]["shift_to"] is None
    change = agreed_from_json(
        EventKind.RESTRUCTURED,
        {
            "terms": {"currency": "USD", "rate_ppm": 1},
            "interest": "WAIVE",
            "fee": "CARRY",
            "penalty": "CARRY",
        },
    )
    assert isinstance(change, Restructuring)
    assert change.plan is None


def test_rows_say_where_their_interest_ends_when_that_is_a_day_off() -> None:
    of = terms(working_days=(1, 2, 3, 4, 5))
    rows = planned_rows(of, LENT, START)
    moved = [row for row in rows if row.ends != row.due_date]
    assert moved
    assert rows_from_json(rows_to_json(rows)) == tuple(
        row if row in moved else replace(row, ends=None) for row in rows
    )
    state = fold([event(EventKind.DISBURSED, START, LENT, rows=rows)], terms=of)
    assert [row.open_row.ends for row in state.rows] == [row.ends for row in rows]


def test_of_a_relation_that_only_one_row_has_both_ends_are_at_hand() -> None:
    """As by Django's own constructor, which is not asked for rows of the house."""
    application = Application()
    row = LoanAgreement(application=application)
    assert row.application_id == application.pk
    assert application.agreement is row
    assert row.application is application
    by_django = LoanAgreement.__new__(LoanAgreement)
    models.Model.__init__(by_django, application=application)
    assert application.agreement is by_django
    assert vars(by_django).keys() == vars(row).keys()
    assert by_django._state.fields_cache == row._state.fields_cache
