"""The flow of a round's cases: counted by the database, parted by who asks, where, sex, status."""

from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from handup.org.models import Area, StaffUser
from handup.org.web.forms import READ_BACK
from handup.people.models import LegalStatus, Person
from handup.surveys import services
from handup.surveys.models import Case, QuestionnaireVersion, Round
from handup.surveys.queries import flow_of_cases
from handup.surveys.rules.codes import Outcome
from handup.surveys.tests.conftest import OPENS, MakePerson, interview
from handup.surveys.views.flows import flow_tables


def lines(round: Round, title: str) -> dict[str, tuple[int, int, int]]:
    """Sampled, interviewed and open by the name of each line of a table."""
    tables = {one.title: one for one in flow_tables(round.cases.all(), on=OPENS)}
    return {
        name: (counts.sampled, counts.interviewed, counts.open)
        for name, counts in tables[title].rows
    }


def test_each_part_is_counted_with_the_status_of_the_day(
    cases: list[Case], officer: StaffUser
) -> None:
    round, area = cases[0].round, Area.objects.create(code="AR", names={"en": "Ararat"})
    Case.objects.filter(pk__in=[cases[0].pk, cases[1].pk]).update(area=area)
    Case.objects.filter(pk=cases[0].pk).update(outcome=Outcome.INTERVIEWED)
    Case.objects.filter(pk=cases[1].pk).update(outcome=Outcome.DIED, interviewer=None)
    first, second, third = (case.subject_id for case in cases[:3])
    Person.objects.filter(pk=first).update(sex="F")
    for person_id, status, starts, ends in (
        (first, "REFUGEE", OPENS - timedelta(days=90), None),
        (first, "ASYLUM_SEEKER", OPENS - timedelta(days=400), OPENS),
        (second, "REFUGEE", OPENS + timedelta(days=1), None),
        (third, "REFUGEE", OPENS - timedelta(days=9), OPENS - timedelta(days=1)),
    ):
        LegalStatus.objects.create(
            person_id=person_id,
            status=status,
            from_date=starts,
            to_date=ends,
            source="DECLARED",
            recorded_by=officer,
        )
    assert lines(round, "By interviewer") == {"Interviewer": (3, 1, 2), "nobody": (1, 0, 0)}
    assert lines(round, "By area") == {"Ararat": (2, 1, 0), "not known": (2, 0, 2)}
    assert sum(sampled for sampled, _met, _open in lines(round, "By sex").values()) == 4
    assert lines(round, "By sex")["woman"] == (1, 1, 0)
    assert lines(round, "By status") == {"refugee": (1, 1, 0), "not known": (3, 0, 2)}
    counts = flow_of_cases(round)
    assert (counts.sampled, counts.interviewed, counts.found_ineligible, counts.open) == (
        4,
        1,
        1,
        2,
    )


def test_more_cases_take_no_more_statements_and_none_is_loaded(
    officer: StaffUser, planned: Round, person: MakePerson
) -> None:
    services.draw_sample(
        acting_staff=officer,
        round=planned,
        eligible=[services.EligibleIn(subject=person()) for _ in range(30)],
    )
    with CaptureQueriesContext(
        connection,
    ) as asked:
        flow_tables(planned.cases.all(), on=OPENS)
        flow_of_cases(planned)
    assert len(asked) <= 7
    for one in asked.captured_queries:
        assert "COUNT(" in one["sql"]


def test_answers_sent_back_can_still_be_withdrawn(
    client: Client,
    cases: list[Case],
    version: QuestionnaireVersion,
    interviewer: StaffUser,
    officer: StaffUser,
    settings: Any,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    case = cases[0]
    way = f"/surveys/cases/{case.pk}/withdraw"
    client.force_login(officer)
    assert way not in client.get(f"/surveys/cases/{case.pk}/").content.decode()
    row = services.record_submission(acting_staff=interviewer, submission=interview(case, version))
    services.set_aside_submission(
        acting_staff=officer, submission=row, note="income looks wrong", send_back=True
    )
    assert way in client.get(f"/surveys/cases/{case.pk}/").content.decode()
    told = {"asked_date": date(2026, 6, 12).isoformat(), READ_BACK: "1"}
    assert client.post(way, told).status_code == 302
    case.refresh_from_db()
    assert case.outcome == Outcome.REFUSED
    assert way not in client.get(f"/surveys/cases/{case.pk}/").content.decode()
