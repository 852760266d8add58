"""Story `rwanda`, the months in the workshop (2): the visits the agreement calls for by two bodies,
the card and the log by picture, the final assessment that rests on them, and what comes after.
"""

from datetime import date

import pytest
from tests.hands import Hands, Stuck

from handup.people.models import Person
from handup.training.apprentice_queries import of_agreements
from handup.training.models import ApprenticeshipAgreement, TradeSkill
from handup.training.rules.apprentices import Calls
from stories.conftest import browser
from stories.test_rwanda import taken_on

pytestmark = pytest.mark.django_db


def test_the_agreement_calls_for_visits_within_two_weeks_and_monthly_by_two_bodies() -> None:
    officer = Hands("officer", client=browser("training.officer"))
    agreement = taken_on(officer)
    page = f"/training/apprenticeships/{agreement.pk}/"
    begun = calls(agreement, date(2004, 2, 20))
    assert (begun.due_date, begun.late_days) == (date(2004, 2, 16), 4)
    Person.objects.filter(pk=agreement.enrolment.person_id).update(sex="F")
    first = {"visit_date": "2004-02-12", "body": "PROGRAMME", "found": "Sews seams alone"}
    officer.open(page).follow("Record a visit")
    with pytest.raises(Stuck, match="offered a woman visitor"):
        officer.fill(visitor_name="Paul", **first)
    officer.fill(visitor_name="Paul", woman_offered=True, **first)
    officer.open(page).says("Sews seams alone", "Only one body has visited")
    told = calls(agreement, date(2004, 3, 11))
    assert (told.first_in_time, told.due_date, told.another_body) == (True, date(2004, 3, 12), True)
    field = Hands("field officer", client=browser("field.officer"))
    field.open(page).follow("Record a visit").fill(
        visit_date="2004-03-11",
        body="ASSOCIATION",
        visitor_name="Marie",
        visitor_is_woman=True,
        agreed="The master shows her the buttonholes",
    )
    field.open(page).says("The master shows her the buttonholes", "2 of 2 bodies")
    told = calls(agreement, date(2004, 3, 11))
    assert (told.due_date, told.another_body) == (date(2004, 4, 11), False)


def calls(agreement: ApprenticeshipAgreement, on: date) -> Calls:
    """What the agreement calls for on a day."""
    return of_agreements([agreement], on)[agreement.pk]


def test_the_card_and_the_log_by_picture_carry_the_apprentice_to_the_final_assessment() -> None:
    officer = Hands("officer", client=browser("training.officer"))
    for name, picture in (("Sews seams", "needle-thread"), ("Cuts cloth", "scissors")):
        told = {"trade": "Tailor", "name": name, "picture": picture, "required": True}
        officer.open("/training/trade-skills/new").fill(**told)
    agreement = taken_on(officer)
    page = f"/training/apprenticeships/{agreement.pk}/"
    seams, cuts = TradeSkill.objects.order_by("place")
    for day, came in ((3, "1"), (4, "1"), (5, "0"), (6, "1"), (9, "1"), (10, "1")):
        written = {"day": f"2004-02-{day:02}", "came": came}
        ticked = {"skills": [str(seams.pk)]} if came == "1" else {}
        officer.open(page).follow("Write in the log").fill(**written, **ticked)
    officer.says("Log: 5 of 6 days", "Sews seams")
    levels = {f"skill_{seams.pk.hex}": "2", f"skill_{cuts.pk.hex}": "1"}
    officer.open(page).follow("Judge skills").fill(judged_date="2004-05-03", **levels)
    officer.says("1 with help")
    officer.open(page).follow("Record the final assessment")
    judged = {"log_due": "6", "assessed_date": "2004-07-30"}
    judged["assessor_name"] = "Tailors of the town"
    with pytest.raises(Stuck, match="below level 2"):
        officer.fill(**judged)
    officer.fill(**judged, **{f"skill_{cuts.pk.hex}": "3"})
    agreement.refresh_from_db()
    assert (agreement.lowest_skill, agreement.log_attended, agreement.log_due) == (2, 5, 6)
    officer.open(page).says("Management training", "Skills of associations", "Referral for credit")
