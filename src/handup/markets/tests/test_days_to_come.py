"""What is said to have been done has a day that has come; nothing is stored of one that has not."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from handup.markets.models import (
    JobMatch,
    Linkage,
    Study,
    SupplyContract,
    TechnologyNeed,
    Vacancy,
)
from handup.markets.models.labels import JobKind, StudyState
from handup.markets.rules.contracts import ContractState
from handup.markets.services import contracts, jobs, linkages, studies, technology
from handup.markets.services.chains import DayAhead
from handup.markets.tests.test_contracts import CLEAR, offer
from handup.markets.tests.test_jobs import person_in
from handup.org.models import Office, StaffUser
from handup.projects.models import Organisation, Programme

Ground = tuple[StaffUser, Programme, Office]


@pytest.fixture
def ground(officer: StaffUser, programme: Programme, office: Office) -> Ground:
    return officer, programme, office


def only_from_today(field: str, act: Callable[[date], Any]) -> Any:
    """Refused for tomorrow, done for today."""
    today = timezone.localdate()
    with pytest.raises(DayAhead) as refused:
        act(today + timedelta(days=1))
    assert refused.value.field == field
    return act(today)


def common(ground: Ground, **more: Any) -> dict[str, Any]:
    officer, programme, office = ground
    return {"acting_staff": officer, "programme": programme, "office": office, **more}


def test_a_linkage_and_a_need_have_begun(ground: Ground) -> None:
    sides = [Organisation.objects.create(code=code, name=code) for code in ("MIN", "ASC")]
    told = common(ground, title="Permits", public_party=sides[0], private_party=sides[1])
    only_from_today("started_date", lambda day: linkages.record_linkage(**told, started_date=day))
    told = common(ground, title="A cooler", told_by_whom="Dairy women")
    only_from_today("told_date", lambda day: technology.record_need(**told, told_date=day))
    assert (Linkage.objects.count(), TechnologyNeed.objects.count()) == (1, 1)


def test_a_study_was_begun_and_done(ground: Ground) -> None:
    told = common(ground, title="Vegetables", question="Who buys broccoli?")
    study = only_from_today(
        "started_date", lambda day: studies.start_study(**told, started_date=day)
    )
    officer = ground[0]
    studies.record_finding(acting_staff=officer, study=study, statement="Two hotels")
    done = only_from_today(
        "finished_date",
        lambda day: studies.finish_study(acting_staff=officer, study=study, finished_date=day),
    )
    assert (Study.objects.count(), done.state) == (1, StudyState.DONE)


def test_a_contract_was_looked_at(ground: Ground) -> None:
    row = offer(*ground)

    def look(day: date) -> SupplyContract:
        return contracts.check_contract(acting_staff=ground[0], contract=row, answers=CLEAR, on=day)

    assert only_from_today("on", look).state == ContractState.CHECKED
    assert SupplyContract.objects.get().checked_date == timezone.localdate()


def test_a_vacancy_is_open_and_somebody_was_proposed(ground: Ground) -> None:
    told = common(ground, title="Cheese maker", job_kind=JobKind.PROCESSING, employer_name="Dairy")
    vacancy = only_from_today("opened_date", lambda day: jobs.open_vacancy(**told, opened_date=day))
    officer, programme, office = ground
    dora = person_in(programme, office, officer, "100000025")
    only_from_today(
        "matched_date",
        lambda day: jobs.propose_person(
            acting_staff=officer, vacancy=vacancy, person=dora, matched_date=day
        ),
    )
    assert (Vacancy.objects.count(), JobMatch.objects.count()) == (1, 1)
