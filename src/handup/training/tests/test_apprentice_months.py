"""An apprentice's months in the workshop: visits by two bodies, the card, the log, what is offered
after graduation.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from handup.kernel.dates import add_months
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.people.models import Person
from handup.people.rules.codes import Sex
from handup.training import services
from handup.training.apprentice_queries import latest_levels, log_days, visits_due
from handup.training.models import (
    ApprenticeshipAgreement,
    ApprenticeVisit,
    Cohort,
    Enrolment,
    GraduateOffer,
    LogDay,
    SkillLevel,
    TradeSkill,
)
from handup.training.rules.apprentices import Body, Calls, Picture, Visited, calls_for
from handup.training.services import refusals
from handup.training.tests.conftest import START, member_of_staff

FIRST = START + timedelta(days=14)


@pytest.fixture
def skills(officer: StaffUser) -> list[TradeSkill]:
    """Carpentry: two required skills and one beside."""
    told = (("Saws straight", Picture.RULER, True), ("Joins", Picture.HAMMER, True))
    return [
        services.set_trade_skill(
            acting_staff=officer, trade="Carpentry", name=name, picture=picture, required=required
        )
        for name, picture, required in (*told, ("Sells", Picture.PRICE, False))
    ]


def visit(
    staff: StaffUser, row: ApprenticeshipAgreement, day: date, body: Body, **more: Any
) -> ApprenticeVisit:
    return services.record_apprentice_visit(
        acting_staff=staff,
        agreement=row,
        visit_date=day,
        body=body,
        visitor_name="Rose",
        found="Works well",
        **more,
    )


def judged(row: ApprenticeshipAgreement, **more: Any) -> services.GraduationIn:
    values: dict[str, Any] = {
        "agreement": row,
        "assessed_date": START + timedelta(days=150),
        "assessor_name": "Tailors of the town",
        "log_attended": 90,
        "log_due": 100,
    }
    return services.GraduationIn(**(values | more))


def test_the_first_visit_is_due_in_14_days_then_one_a_month_until_the_term_ends() -> None:
    def calls(on: date, *made: tuple[date, Body], ended: date | None = None) -> Calls:
        visits = [Visited(*one) for one in made]
        return calls_for(started=START, term_months=3, ended=ended, visits=visits, on=on)

    nothing = calls(FIRST)
    assert (nothing.due_date, nothing.late_days, nothing.first_in_time) == (FIRST, 0, None)
    late = calls(FIRST + timedelta(days=3))
    assert (late.late_days, late.first_in_time) == (3, False)
    one = calls(FIRST + timedelta(days=20), (FIRST, Body.PROGRAMME))
    assert (one.due_date, one.first_in_time, one.another_body) == (
        add_months(FIRST, 1),
        True,
        True,
    )
    two = calls(date(2026, 5, 1), (FIRST, Body.PROGRAMME), (date(2026, 4, 10), Body.PARENTS))
    assert (two.due_date, two.another_body) == (date(2026, 5, 10), False)
    over = calls(date(2026, 6, 30), (date(2026, 5, 20), Body.PARENTS))
    assert over.due_date is None, "the term ended on 2 June"
    assert calls(FIRST, ended=FIRST).due_date is None


def test_visits_due_stand_overdue_first(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser, client: Client
) -> None:
    ApprenticeshipAgreement.objects.update(term_months=48)  # the page asks of today
    first, second = agreements
    visit(officer, second, START + timedelta(days=5), Body.ASSOCIATION)
    on = FIRST + timedelta(days=1)
    lines = visits_due(officer, on)
    assert [line.agreement for line in lines] == [first, second]
    assert [line.calls.late_days for line in lines] == [1, 0]
    assert lines[1].calls.another_body
    client.force_login(officer)
    page = client.get("/training/apprentice-visits/").content.decode()
    assert "A visit by another body" in page
    page = client.get(f"/training/apprenticeships/{second.pk}/").content.decode()
    assert "Only one body has visited; the next is another&#x27;s turn." in page
    assert "Works well" in page


def test_a_woman_apprentice_is_offered_a_woman_visitor(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser
) -> None:
    row = agreements[0]
    Person.objects.filter(pk=row.enrolment.person_id).update(sex=Sex.F)
    row = ApprenticeshipAgreement.objects.get(pk=row.pk)
    with pytest.raises(refusals.WomanVisitorNotOffered):
        visit(officer, row, FIRST, Body.PROGRAMME)
    assert not row.visits.exists()
    visit(officer, row, FIRST, Body.PROGRAMME, woman_offered=True)
    by_a_woman = visit(officer, row, FIRST, Body.PARENTS, visitor_is_woman=True)
    assert by_a_woman.woman_offered
    visit(officer, agreements[1], FIRST, Body.PARENTS)


def test_no_visit_before_the_start_and_none_tomorrow(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser, outsider: StaffUser
) -> None:
    row = agreements[0]
    with pytest.raises(refusals.DateBefore):
        visit(officer, row, START - timedelta(days=1), Body.PROGRAMME)
    with pytest.raises(refusals.AfterToday):
        visit(officer, row, date(2199, 1, 1), Body.PROGRAMME)
    with pytest.raises(refusals.VisitorMissing):
        services.record_apprentice_visit(
            acting_staff=officer,
            agreement=row,
            visit_date=FIRST,
            body=Body.PARENTS,
            visitor_name=" ",
        )
    with pytest.raises((NotAllowed, OutOfSight)):
        visit(outsider, row, FIRST, Body.PROGRAMME)
    assert not ApprenticeVisit.objects.exists()


def test_the_card_keeps_each_level_and_shows_the_last_by_day(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser, skills: list[TradeSkill]
) -> None:
    row, key = agreements[0], uuid4()

    def judge(day: int, *levels: int, id: UUID | None = None) -> list[SkillLevel]:
        return services.record_skills(
            acting_staff=officer,
            agreement=row,
            levels=dict(zip((skill.pk for skill in skills), levels, strict=False)),
            judged_date=START + timedelta(days=day),
            id=id,
        )

    judge(60, 2, 1, id=key)
    judge(30, 0, 0, 1)
    assert {str(TradeSkill.objects.get(pk=k)): v.level for k, v in latest_levels(row).items()} == {
        "Saws straight": 2,
        "Joins": 1,
        "Sells": 1,
    }
    assert len(judge(60, 2, 1, id=key)) == 2
    assert SkillLevel.objects.count() == 5, "told twice nothing is added"
    with pytest.raises(SameIdOtherContent):
        judge(60, 3, 1, id=key)
    other = services.set_trade_skill(acting_staff=officer, trade="Tailor", name="Seams")
    with pytest.raises(refusals.OtherTrade):
        services.record_skills(
            acting_staff=officer, agreement=row, levels={other.pk: 1}, judged_date=FIRST
        )
    with pytest.raises(refusals.SkillTwice):
        services.set_trade_skill(acting_staff=officer, trade="carpentry", name="JOINS")


def test_the_log_is_told_by_picture_and_tick_and_a_day_again_with_a_reason(
    agreements: list[ApprenticeshipAgreement],
    officer: StaffUser,
    skills: list[TradeSkill],
    client: Client,
) -> None:
    row = agreements[0]
    client.force_login(officer)
    address = f"/training/apprenticeships/{row.pk}/log"
    page = client.get(address).content.decode()
    assert page.count('<svg class="icon"') >= 3
    assert "Saws straight" in page
    told = {"day": "2026-03-03", "came": "1", "skills": [str(skills[0].pk), str(skills[2].pk)]}
    assert client.post(address, told).status_code == 302
    (day,) = log_days(row)
    assert (day.came, [str(task) for task in day.tasks.all()]) == (True, ["Saws straight", "Sells"])
    again = client.post(address, {"day": "2026-03-03", "came": "0"})
    assert again.status_code == 422
    assert "stands in the log already" in again.content.decode()
    assert LogDay.objects.count() == 1
    services.log_day(
        acting_staff=officer,
        agreement=row,
        day=date(2026, 3, 3),
        came=False,
        skills=skills,
        reason="Another's card",
    )
    (day,) = log_days(row)
    assert (day.came, list(day.tasks.all())) == (False, [])
    with pytest.raises(DatabaseError), transaction.atomic():
        LogDay.objects.filter(agreement=row).update(came=True)
    shown = client.get(f"/training/apprenticeships/{row.pk}/").content.decode()
    assert "Log: 0 of 1 days" in shown


def test_the_final_assessment_rests_on_the_card_and_the_log(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser, skills: list[TradeSkill]
) -> None:
    first, second = agreements
    levels = {skills[0].pk: 2, skills[2].pk: 0}
    with pytest.raises(refusals.SkillsNotJudged, match="Joins"):
        services.graduate_apprentices(acting_staff=officer, items=[judged(first, levels=levels)])
    levels[skills[1].pk] = 3
    for number in range(5):
        services.log_day(
            acting_staff=officer,
            agreement=first,
            day=START + timedelta(days=number),
            came=number < 3,
        )
    with pytest.raises(refusals.LogAttendanceShort, match="3 of 100"):
        services.graduate_apprentices(acting_staff=officer, items=[judged(first, levels=levels)])
    few = judged(first, levels=levels, log_due=3)
    with pytest.raises(refusals.LogAttendanceShort, match="3 of 5"):
        services.graduate_apprentices(acting_staff=officer, items=[few])
    assert not SkillLevel.objects.exists()
    services.graduate_apprentices(acting_staff=officer, items=[judged(second, levels=levels)])
    second.refresh_from_db()
    assert (second.lowest_skill, second.log_attended, second.log_due) == (2, 90, 100)
    final = SkillLevel.objects.filter(agreement=second)
    assert [row.final for row in final] == [True] * 3
    with pytest.raises(refusals.SkillsNotJudged):
        services.graduate_apprentices(acting_staff=officer, items=[judged(first, skills=[2])])


def test_a_graduate_is_offered_three_ways_and_applies_for_a_course(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser, cohort: Cohort, client: Client
) -> None:
    row = agreements[0]
    services.graduate_apprentices(acting_staff=officer, items=[judged(row, skills=[2, 3])])
    offers = {offer.kind: offer for offer in GraduateOffer.objects.filter(agreement=row)}
    assert set(offers) == {"MANAGEMENT_TRAINING", "ASSOCIATION_SKILLS", "CREDIT_REFERRAL"}
    assert not GraduateOffer.objects.filter(agreement=agreements[1]).exists()
    day = START + timedelta(days=160)
    services.answer_offer(
        acting_staff=officer,
        offer=offers["MANAGEMENT_TRAINING"],
        accepted=True,
        answered_date=day,
        cohort=cohort,
    )
    applied = Enrolment.objects.get(cohort=cohort, person=row.enrolment.person)
    assert (applied.state, applied.applied_date) == ("APPLIED", day)
    again = services.answer_offer(
        acting_staff=officer,
        offer=offers["MANAGEMENT_TRAINING"],
        accepted=True,
        answered_date=day,
        cohort=cohort,
    )
    assert (again.state, Enrolment.objects.filter(cohort=cohort).count()) == ("ACCEPTED", 1)
    with pytest.raises(refusals.NotInThisState):
        services.answer_offer(
            acting_staff=officer,
            offer=offers["MANAGEMENT_TRAINING"],
            accepted=False,
            answered_date=day,
        )
    client.force_login(officer)
    credit = offers["CREDIT_REFERRAL"]
    sent = client.post(
        f"/training/graduate-offers/{credit.pk}/answer",
        {"accepted": "1", "answered_date": day.isoformat()},
    )
    assert sent.headers["location"] == f"/people/persons/{row.enrolment.person_id}/referrals/new/"
    page = client.get("/training/graduate-offers/?state=OFFERED").content.decode()
    assert page.count("skills of associations") >= 1
    assert client.post("/training/trade-skills/", {"q": "x"}, follow=True).status_code == 200


def test_an_accountant_reads_no_visit(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser, client: Client
) -> None:
    visit(officer, agreements[0], FIRST, Body.PARENTS)
    client.force_login(member_of_staff("payer", Role.ACCOUNTANT))
    page = client.get(f"/training/apprenticeships/{agreements[0].pk}/")
    assert page.status_code == 200
    assert "Works well" not in page.content.decode()
    assert client.get("/training/apprentice-visits/").status_code == 403


def test_card_log_and_visits_come_over_the_api(
    agreements: list[ApprenticeshipAgreement],
    officer: StaffUser,
    skills: list[TradeSkill],
    client: Client,
) -> None:
    client.force_login(officer)
    root = f"/api/v1/training/apprenticeships/{agreements[0].pk}"

    def send(path: str, told: Mapping[str, object]) -> int:
        key = {"Idempotency-Key": str(new_id())}
        sent = client.post(f"{root}/{path}", told, content_type="application/json", headers=key)
        return sent.status_code

    level = {"skill_id": str(skills[0].pk), "level": 3}
    assert send("skills", {"judged_date": "2026-03-20", "levels": [level]}) == 201
    assert send("skills", {"judged_date": "2026-03-20", "levels": [level | {"level": 4}]}) == 422
    assert send("log", {"day": "2026-03-04", "skill_ids": [str(skills[1].pk)]}) == 201
    told = {"visit_date": "2026-03-10", "body": "PARENTS", "visitor_name": "Her mother"}
    assert send("visits", told) == 201
    assert client.get(f"{root}/card").json() == [
        {"skill": str(skills[0].pk), "level": 3, "on": "2026-03-20"}
    ]
    where = "/api/v1/training/apprentice-visits-due?on=2026-03-20"
    due = client.get(where).json()
    assert [line["due_date"] for line in due["items"]] == ["2026-03-16", "2026-04-10"]
    rest = client.get(f"{where}&limit=1&skip=1").json()
    assert ([line["due_date"] for line in rest["items"]], rest["of"]) == (["2026-04-10"], 2)


def test_a_log_of_one_day_graduates_nobody(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser, client: Client
) -> None:
    row = agreements[0]
    services.log_day(acting_staff=officer, agreement=row, day=START)
    item = judged(row, skills=[2], log_due=0)
    with pytest.raises(refusals.LogDueMissing):
        services.graduate_apprentices(acting_staff=officer, items=[item])
    client.force_login(officer)
    address = f"/training/apprenticeships/{row.pk}/graduate"
    page = client.get(address).content.decode()
    assert "The log holds 1 days" in page
    told = {
        "assessed_date": "2026-07-01",
        "assessor_name": "Tailors of the town",
        "skills": "2 3",
        "log_due": "100",
    }
    sent = client.post(address, told)
    assert sent.status_code == 422
    assert "The log shows 1 of 100 days" in sent.content.decode()
    row.refresh_from_db()
    assert row.state == "ACTIVE"


def test_nobody_graduates_on_a_day_to_come(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser
) -> None:
    item = judged(agreements[0], skills=[2], assessed_date=date(2199, 1, 1))
    with pytest.raises(refusals.AfterToday):
        services.graduate_apprentices(acting_staff=officer, items=[item])
    assert not GraduateOffer.objects.exists()


def test_an_adviser_records_an_answer_but_is_asked_for_no_course(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser, cohort: Cohort, client: Client
) -> None:
    row = agreements[0]
    services.graduate_apprentices(acting_staff=officer, items=[judged(row, skills=[2])])
    offer = GraduateOffer.objects.get(agreement=row, kind="MANAGEMENT_TRAINING")
    address = f"/training/graduate-offers/{offer.pk}/answer"
    client.force_login(officer)
    assert 'name="cohort"' in client.get(address).content.decode()
    client.force_login(member_of_staff("adviser", Role.ADVISOR))
    assert 'name="cohort"' not in client.get(address).content.decode()
    told = {"accepted": "1", "answered_date": "2026-08-10", "cohort": str(cohort.pk)}
    assert client.post(address, told).status_code == 302
    offer.refresh_from_db()
    assert (offer.state, offer.cohort) == ("ACCEPTED", None)


def test_a_day_resent_with_other_skills_is_refused_not_dropped(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser, skills: list[TradeSkill]
) -> None:
    key = uuid4()

    def tell(*chosen: TradeSkill) -> LogDay:
        return services.log_day(
            acting_staff=officer, agreement=agreements[0], day=START, skills=chosen, id=key
        )

    assert tell(skills[0]) == tell(skills[0])
    with pytest.raises(SameIdOtherContent):
        tell(skills[0], skills[1])
    assert LogDay.objects.count() == 1


def test_two_skills_of_one_place_keep_a_level_each_and_a_late_retry_is_met(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser, skills: list[TradeSkill]
) -> None:
    """As two desks once wrote them; sent again after the apprenticeship ended it is known."""
    TradeSkill.objects.filter(pk=skills[1].pk).update(place=skills[0].place)
    row, key = agreements[0], uuid4()

    def judge() -> list[SkillLevel]:
        return services.record_skills(
            acting_staff=officer,
            agreement=row,
            levels={skills[0].pk: 2, skills[1].pk: 1},
            judged_date=FIRST,
            id=key,
        )

    assert sorted(level.level for level in judge()) == [1, 2]
    ApprenticeshipAgreement.objects.filter(pk=row.pk).update(
        state="TERMINATED", ended_date=FIRST - timedelta(days=1)
    )
    row.refresh_from_db()
    assert len(judge()) == 2
    assert SkillLevel.objects.filter(agreement=row).count() == 2
    with pytest.raises(refusals.NotInThisState):
        services.record_skills(
            acting_staff=officer, agreement=row, levels={skills[0].pk: 3}, judged_date=FIRST
        )
