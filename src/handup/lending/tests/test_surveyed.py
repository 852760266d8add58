"""Rounds of surveys count from the day a first loan was paid out, and from a completed course."""

from datetime import date, timedelta

import pytest

from handup.lending.surveyed import first_paid_out_on
from handup.lending.tests.cast import World, make_person, running
from handup.org.rules.access import Role
from handup.org.web.money import format_day
from handup.surveys import registers, services
from handup.surveys.models import Case
from handup.surveys.rules.codes import RoundKind, SubjectKind
from handup.surveys.services import refusals
from handup.surveys.tests.conftest import member_of_staff


def test_a_case_is_due_so_many_days_after_the_first_loan_was_paid_out(world: World) -> None:
    loan = running(world)
    assert loan.person is not None
    assert loan.disbursed_date is not None
    waiting = make_person(world.programme, world.office, world.cast.manager, "Waiting")
    people = [loan.person, waiting]
    assert first_paid_out_on([one.pk for one in people]) == {loan.person.pk: loan.disbursed_date}
    monitor = member_of_staff("monitor", Role.ME_OFFICER)
    version = services.install_questionnaire(acting_staff=monitor, code="impact")
    assert registers.anchors["FIRST_LOAN"].kinds >= {SubjectKind.PERSON, SubjectKind.GROUP}
    assert registers.anchors["COMPLETED"].kinds == {SubjectKind.PERSON}
    closes = loan.disbursed_date + timedelta(days=400)
    round = services.plan_round(
        acting_staff=monitor, questionnaire=version.questionnaire, programme=loan.programme,
        name="Half a year on", kind=RoundKind.FOLLOW_UP, opens_date=loan.disbursed_date,
        closes_date=closes, anchor="FIRST_LOAN", anchor_days=180, seed="s",
    )  # fmt: skip
    services.draw_sample(
        acting_staff=monitor, round=round,
        eligible=[services.EligibleIn(subject=one) for one in people],
    )  # fmt: skip
    due = dict(Case.objects.filter(round=round).values_list("subject_id", "due_date"))
    assert due == {
        loan.person.pk: loan.disbursed_date + timedelta(days=180), waiting.pk: closes,
    }, "who has no loan yet is due at the end of the round"  # fmt: skip
    told = registers.known_of(world.cast.manager, [("PERSON", one.pk) for one in people])
    assert told == {loan.person.pk: f"Loan paid out: {format_day(loan.disbursed_date)}"}
    trainer = member_of_staff("trainer", Role.TRAINER)
    assert registers.known_of(trainer, [("PERSON", loan.person.pk)]) == {}, "loans are not hers"


def test_a_visit_to_enterprises_counts_from_no_course(world: World) -> None:
    monitor = member_of_staff("monitor", Role.ME_OFFICER)
    version = services.install_questionnaire(acting_staff=monitor, code="enterprise_visit")
    with pytest.raises(refusals.AnchorUnknown):
        services.plan_round(
            acting_staff=monitor, questionnaire=version.questionnaire, programme=world.programme,
            name="Visits", kind=RoundKind.VISIT, opens_date=date(2026, 1, 1),
            closes_date=date(2026, 12, 31), anchor="COMPLETED", anchor_days=30,
        )  # fmt: skip
