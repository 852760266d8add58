"""A small loan asked for again on one page: what was told for the loan before is taken over with
its day, and what changed is marked for whoever decides (rulings 5).
"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.models import Application, Appraisal, Loan, ProductVersion
from handup.lending.persons import blank
from handup.lending.rules.codes import Outcome
from handup.lending.services.one_page import NotOnOnePage
from handup.lending.services.taken_over import FoundAgain
from handup.lending.tests.cast import START, World, repay, running
from handup.lending.tests.test_api import post
from handup.lending.tests.test_one_page import asked, small, visitor
from handup.lending.tests.test_pages import at, do
from handup.org.duties import SamePerson
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.tests.standing import standing
from handup.org.web.money import format_day

__all__ = ["small", "visitor"]

TODAY = timezone.localdate()
ASKED, APPRAISED = START - timedelta(days=10), START - timedelta(days=5)
MARKS = {"capacity": 3, "character": 4, "business": 2}


@standing
def first(world: World, visitor: StaffUser, small: ProductVersion) -> Loan:
    """A small loan that was repaid, appraised with three marks and a note."""
    loan = running(world, 250_00, product_version=small, instalments=6, purpose="A goat")
    assert loan.agreement is not None
    rows = Appraisal.objects.filter(application=loan.agreement.application_id)
    rows.update(scores=MARKS, note="Sells milk every day")
    dues = list(loan.dues.order_by("number"))
    repay(world, loan, dues[-1].due_date, sum(row.due_units for row in dues))
    loan.refresh_from_db()
    return loan


def again(staff: StaffUser, loan: Loan, units: int = 300_00, **changed: Any) -> Application:
    told = {"submitted_date": TODAY, **changed}
    return services.apply_again(acting_staff=staff, loan=loan, units=units, **told)


def lines_of(row: Application) -> dict[str, tuple[Any, Any, str]]:
    return {line["line"]: (line["was"], line["now"], line["told"]) for line in _lines(row)}


def _lines(row: Application) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = row.told_before["lines"]
    return found


def test_what_stayed_is_taken_over_with_its_day_and_what_changed_is_marked(
    world: World, visitor: StaffUser, first: Loan
) -> None:
    found = FoundAgain(Outcome.APPROVE, anchors={"capacity": 4, "business": None})
    row = again(visitor, first, found=found)
    assert (row.state, row.advisor, row.purpose) == ("APPRAISED", world.cast.officer, "A goat")
    appraisal = row.appraisals.get()
    assert appraisal.scores == {"capacity": 4, "character": 4}
    assert (appraisal.appraiser, appraisal.note) == (visitor, "Sells milk every day")
    asked, seen = ASKED.isoformat(), APPRAISED.isoformat()
    assert row.told_before["loan"] == first.code
    assert lines_of(row) == {
        "units": (250_00, 300_00, asked),
        "instalments": (6, 6, asked),
        "purpose": ("A goat", "A goat", asked),
        "savings_units": (0, 0, asked),
        "anchor_capacity": (3, 4, seen),
        "anchor_character": (4, 4, seen),
        "anchor_business": (2, None, seen),
        "note": ("Sells milk every day", "Sells milk every day", seen),
    }


def test_a_line_that_stays_over_two_loans_keeps_its_first_day(
    world: World, visitor: StaffUser, first: Loan
) -> None:
    row = again(visitor, first, found=FoundAgain(Outcome.APPROVE, anchors={"capacity": 4}))
    services.decide_application(
        acting_staff=world.cast.committee,
        application=row,
        outcome=Outcome.APPROVE,
        decided_date=TODAY,
    )
    second = services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=TODAY
    )
    services.disburse_loan(acting_staff=world.cast.manager, loan=second, value_date=TODAY)
    second.refresh_from_db()
    third = again(visitor, second, found=FoundAgain(Outcome.APPROVE, note="Has two goats"))
    told = lines_of(third)
    assert told["anchor_character"] == (4, 4, APPRAISED.isoformat())
    assert told["anchor_capacity"] == (4, 4, TODAY.isoformat()), "it was told anew for the second"
    assert told["note"] == ("Sells milk every day", "Has two goats", APPRAISED.isoformat())


def test_asked_for_as_a_first_one_the_last_loan_stands_beside_it_too(
    world: World, visitor: StaffUser, first: Loan
) -> None:
    """So does what a phone sends: all of it is told anew there."""
    assert first.product_version is not None
    row = services.apply_on_one_page(
        acting_staff=visitor,
        asked=asked(world, first.product_version, purpose="A cow"),
        found=services.FoundIn(Outcome.APPROVE, anchors={"capacity": 3}),
    )
    told = lines_of(row)
    assert told["purpose"] == ("A goat", "A cow", ASKED.isoformat())
    assert told["anchor_capacity"] == (3, 3, APPRAISED.isoformat())
    assert told["anchor_character"] == (4, None, APPRAISED.isoformat())


def test_told_again_it_is_the_same(world: World, visitor: StaffUser, first: Loan) -> None:
    key, found = new_id(), FoundAgain(Outcome.APPROVE)
    assert again(visitor, first, found=found, id=key) == again(visitor, first, found=found, id=key)
    assert (Application.objects.count(), Appraisal.objects.count()) == (2, 2)


def test_above_the_band_or_by_who_may_not_it_is_refused(
    world: World, visitor: StaffUser, first: Loan
) -> None:
    for refusal, who, units in (
        (NotOnOnePage, visitor, 300_01),
        (SamePerson, world.cast.officer, 300_00),
        (NotAllowed, world.cast.advisor, 300_00),
    ):
        with pytest.raises(refusal):
            again(who, first, units, found=FoundAgain(Outcome.APPROVE))
    assert Application.objects.count() == 1


def test_savings_are_seen_anew_and_forgetting_her_blanks_what_was_told(
    world: World, visitor: StaffUser, first: Loan
) -> None:
    Application.objects.update(savings_units=40_00, savings_seen_date=ASKED)
    row = again(visitor, first)
    assert (row.savings_units, row.savings_seen_date) == (0, None)
    assert lines_of(row)["savings_units"] == (40_00, 0, ASKED.isoformat())
    assert "anchor_capacity" not in lines_of(row), "nothing was found yet"
    assert row.person_id is not None
    blank(row.person_id)
    row.refresh_from_db()
    assert row.told_before == {}


def test_the_page_is_filled_and_the_changes_stand_before_the_committee(
    world: World, visitor: StaffUser, first: Loan, client: Client
) -> None:
    page = at(client, visitor, "loan_again", first.pk).content.decode()
    assert escape(f"As told on {format_day(APPRAISED)}.") in page
    assert "Sells milk every day" in page
    advisors = at(client, world.cast.advisor, "loan_again", first.pk).content.decode()
    assert "What did you find?" not in advisors
    typed = {
        "units": "300.00",
        "instalments": "6",
        "purpose": "A cow",
        "submitted_date": TODAY.isoformat(),
        "recommendation": "APPROVE",
        "anchor_capacity": "4",
        "anchor_character": "4",
        "anchor_business": "2",
        "note": "Sells milk every day",
    }
    half = do(
        client,
        visitor,
        "loan_again",
        first.pk,
        **{**typed, "recommendation": "", "recommended_units": "200.00"},
    )
    assert "Say what you recommend" in half.content.decode()
    assert do(client, visitor, "loan_again", first.pk, **typed).status_code == 302
    row = Application.objects.latest("pk")
    assert row.appraisals.get().scores == {"capacity": 4, "character": 4, "business": 2}
    shown = at(client, world.cast.committee, "application_detail", row.pk).content.decode()
    assert escape(f"What changed since loan {first.code}") in shown
    assert shown.count("As before") == 4  # instalments, two marks, the note
    assert shown.index("A cow") > 0


def test_a_device_tells_only_what_changed(
    world: World, visitor: StaffUser, first: Loan, client: Client
) -> None:
    told: dict[str, Any] = {
        "units": 300_00,
        "submitted_date": TODAY.isoformat(),
        "found": {"recommendation": "APPROVE", "anchors": {"business": 3}},
    }
    made = post(client, visitor, f"/loans/{first.pk}/next", **told)
    assert made.status_code == 201, made.content
    kept = {line["line"]: line for line in made.json()["told_before"]["lines"]}
    assert kept["anchor_business"] == {
        "line": "anchor_business",
        "was": 2,
        "now": 3,
        "told": APPRAISED.isoformat(),
    }
    assert made.json()["state"] == "APPRAISED"
