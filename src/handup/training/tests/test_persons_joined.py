"""Two records of one person that were made one: nobody is paid for twice, nor asked twice."""

from datetime import date

import pytest

from handup.org.models import StaffUser
from handup.people.models import Alias
from handup.projects.models import Organisation, Programme
from handup.training import services
from handup.training.models import Cohort, Enrolment, SupportPayment
from handup.training.rules.provider_pay import ProviderResult
from handup.training.services import refusals
from handup.training.tests.conftest import Payday

DUE = date(2026, 10, 1)


def join(old: Enrolment, kept: Enrolment) -> None:
    """Both were in one cohort, so each record keeps its own row there."""
    Alias.objects.create(old=old.person, person=kept.person)


def test_a_provider_is_paid_once_for_one_person(
    completed: list[Enrolment], cohort: Cohort, programme: Programme, officer: StaffUser
) -> None:
    """5 000 for each who completed: two records completed, one person did."""
    provider = Organisation.objects.create(code="INST", name="Institute")
    Cohort.objects.filter(pk=cohort.pk).update(provider=provider)
    terms = services.set_provider_terms(
        acting_staff=officer,
        programme=programme,
        provider=provider,
        result=ProviderResult.COMPLETED,
        amount_units=5_000,
        starts=date(2026, 1, 1),
        ends=date(2026, 12, 31),
    )
    join(completed[1], completed[0])
    claim = services.draw_up_claim(acting_staff=officer, terms=terms, until=date(2026, 5, 1))
    assert (claim.persons, claim.amount_units) == (1, 5_000)
    with pytest.raises(refusals.NobodyToClaim):
        services.draw_up_claim(acting_staff=officer, terms=terms, until=date(2026, 5, 1))


def test_support_of_a_session_is_due_once_to_one_person(payday: Payday, officer: StaffUser) -> None:
    def draw(*rows: Enrolment) -> None:
        services.draw_up_support(
            acting_staff=officer,
            items=[
                services.SupportIn(rule=payday.transport, enrolment=row, session=payday.session)
                for row in rows
            ],
        )

    join(payday.second, payday.first)
    with pytest.raises(refusals.SupportTwice):
        draw(payday.first, payday.second)
    draw(payday.second)
    with pytest.raises(refusals.SupportTwice):
        draw(payday.first)
    assert SupportPayment.objects.get().enrolment == payday.second


def test_a_round_asks_one_person_once(
    completed: list[Enrolment], programme: Programme, officer: StaffUser
) -> None:
    join(completed[1], completed[0])
    told = services.open_tracer_round(
        acting_staff=officer, programme=programme, month=6, opened_date=DUE, seed=7
    )
    assert told.due == 1
    assert told.responses.get().enrolment in completed[:2]
