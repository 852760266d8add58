"""Agreed changes at the doors: what they would do is seen before anybody decides, and printed."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.models import Loan, LoanProposal
from handup.lending.rules.codes import EventKind, ProposalState
from handup.lending.tests.cast import World, clean, repay
from handup.org.models import StaffUser

DAY = "2025-04-01"
MOVE = {
    "value_date": DAY,
    "reason": "Hail took the harvest",
    "from_date": "2025-02-15",
    "shift_to": "2025-05-15",
    "principal_grace": "0",
    "extra_instalments": "0",
}
ANEW = {
    "value_date": DAY,
    "reason": "Fire in the workshop",
    "instalments": "6",
    "rate_ppm": "12",
    "grace_principal": "0",
    "interest": "CAPITALISE",
    "fee": "CARRY",
    "penalty": "WAIVE",
}
PAUSE = {
    "value_date": DAY,
    "reason": "Flood in the valley",
    "begins": DAY,
    "until": "2025-06-30",
    "scope": "ALL",
    "interest_runs": "yes",
    "ageing_runs": "no",
}
FORMS = {
    "propose_reschedule": MOVE,
    "propose_restructure": ANEW,
    "propose_moratorium": PAUSE,
}


def page(client: Client, staff: StaffUser, name: str, pk: UUID, **query: str) -> Any:
    client.force_login(staff)
    return client.get(reverse(f"lending:{name}", args=[pk]), query)


def send(client: Client, staff: StaffUser, name: str, pk: UUID, data: dict[str, str]) -> Any:
    client.force_login(staff)
    return client.post(reverse(f"lending:{name}", args=[pk]), {"_new_id": str(new_id()), **data})


def proposed(world: World, loan: Loan, day: date = date(2025, 4, 1)) -> LoanProposal:
    return services.propose_reschedule(
        acting_staff=world.cast.officer,
        loan=loan,
        proposed_date=day,
        reason="Hail took the harvest",
        from_date=date(2025, 2, 15),
        shift_to=date(2025, 5, 15),
    )


def test_the_loan_leads_to_what_can_be_agreed(client: Client, world: World, loan: Loan) -> None:
    address = reverse("lending:change_new", args=[loan.pk])
    assert address in page(client, world.cast.officer, "loan_detail", loan.pk).content.decode()
    text = page(client, world.cast.officer, "change_new", loan.pk).content.decode()
    for name in FORMS:
        assert reverse(f"lending:{name}", args=[loan.pk]) in text
    assert page(client, world.cast.cashier, "change_new", loan.pk).status_code == 403
    assert page(client, world.cast.outsider, "change_new", loan.pk).status_code == 404


@pytest.mark.parametrize("name", FORMS)
def test_what_it_would_do_is_shown_before_it_is_proposed(
    client: Client, world: World, loan: Loan, name: str
) -> None:
    form = page(client, world.cast.officer, name, loan.pk)
    assert form.status_code == 200
    shown = send(client, world.cast.officer, name, loan.pk, FORMS[name])
    text = shown.content.decode()
    assert shown.status_code == 200
    assert "Schedule before and after the change" in text
    assert "Yearly percentage rate" in text
    assert not LoanProposal.objects.exists()
    done = send(client, world.cast.officer, name, loan.pk, {**FORMS[name], "_read_back": "1"})
    made = LoanProposal.objects.get()
    assert done.status_code == 302
    assert done.url == reverse("lending:change_detail", args=[made.pk])
    assert (made.state, made.reason) == (ProposalState.PROPOSED, FORMS[name]["reason"])


def test_new_terms_say_what_becomes_of_unpaid_interest(
    client: Client, world: World, loan: Loan
) -> None:
    repay(world, loan, date(2025, 2, 15), 113_47)
    text = send(client, world.cast.officer, "propose_restructure", loan.pk, ANEW).content.decode()
    assert "Added to principal" in text
    assert "interest USD\xa033.39" in text


@pytest.mark.parametrize(
    ("name", "changed", "words"),
    [
        ("propose_reschedule", {"shift_to": ""}, "Nothing would change."),
        ("propose_reschedule", {"shift_to": "2025-02-01"}, "lies before"),
        ("propose_reschedule", {"from_date": "2027-01-01"}, "No instalment is due"),
        ("propose_restructure", {"instalments": "601"}, "less than or equal to 600"),
        ("propose_restructure", {"first_due": "2025-03-01"}, "which is not after"),
        ("propose_moratorium", {"until": "2025-03-01"}, "is before the first"),
    ],
)
def test_a_refusal_stands_on_the_form_and_nothing_is_kept(
    client: Client, world: World, loan: Loan, name: str, changed: dict[str, str], words: str
) -> None:
    told = {**FORMS[name], **changed}
    for data in (told, {**told, "_read_back": "1"}):
        answer = send(client, world.cast.officer, name, loan.pk, data)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not LoanProposal.objects.exists()


def test_another_person_sees_what_it_does_and_decides(
    client: Client, world: World, loan: Loan
) -> None:
    made = proposed(world, loan)
    text = page(client, world.cast.manager, "change_detail", made.pk).content.decode()
    assert "Hail took the harvest" in text
    assert reverse("lending:change_decide", args=[made.pk]) in text
    told = {"value_date": DAY, "approve": "yes", "reason": ""}
    shown = send(client, world.cast.manager, "change_decide", made.pk, told)
    assert "Schedule before and after the change" in shown.content.decode()
    made.refresh_from_db()
    assert made.state == ProposalState.PROPOSED
    done = send(client, world.cast.manager, "change_decide", made.pk, {**told, "_read_back": "1"})
    assert done.status_code == 302
    made.refresh_from_db()
    loan.refresh_from_db()
    assert made.event is not None
    assert (made.state, made.event.kind) == (ProposalState.APPROVED, EventKind.RESCHEDULED)
    assert loan.next_due_date == date(2025, 5, 15)
    after = page(client, world.cast.officer, "change_detail", made.pk).content.decode()
    assert "Schedule before and after the change" in after
    assert reverse("lending:change_decide", args=[made.pk]) not in after
    clean()


def test_who_may_not_decide_is_told_so(client: Client, world: World, loan: Loan) -> None:
    made = proposed(world, loan)
    assert page(client, world.cast.officer, "change_decide", made.pk).status_code == 403
    assert page(client, world.cast.outsider, "change_decide", made.pk).status_code == 404
    assert page(client, world.cast.outsider, "change_detail", made.pk).status_code == 404
    own = services.propose_moratorium(
        acting_staff=world.cast.manager,
        loan=loan,
        proposed_date=date(2025, 4, 1),
        reason="Flood",
        begins=date(2025, 4, 1),
        until=date(2025, 6, 30),
    )
    answer = send(
        client,
        world.cast.manager,
        "change_decide",
        own.pk,
        {"value_date": DAY, "approve": "yes", "reason": "", "_read_back": "1"},
    )
    assert answer.status_code == 422
    assert "Another person has to take this step" in answer.content.decode()
    own.refresh_from_db()
    assert own.state == ProposalState.PROPOSED


def test_a_change_that_became_impossible_says_why(client: Client, world: World, loan: Loan) -> None:
    made = services.propose_reschedule(
        acting_staff=world.cast.officer,
        loan=loan,
        proposed_date=date(2025, 4, 1),
        reason="Hail",
        from_date=date(2025, 12, 1),
        extra_instalments=1,
    )
    repay(world, loan, date(2025, 4, 1), 1_400_00)
    text = page(client, world.cast.manager, "change_detail", made.pk).content.decode()
    assert "this cannot be approved" in text
    assert page(client, world.cast.manager, "change_paper", made.pk).status_code == 409


def test_the_paper_is_in_the_borrowers_language_with_places_to_sign(
    client: Client, world: World, loan: Loan
) -> None:
    made = proposed(world, loan)
    text = page(client, world.cast.officer, "change_paper", made.pk).content.decode()
    assert '<html lang="en"' in text
    assert "Change of the loan agreement" in text
    assert text.count("______________________") == 3
    assert "Schedule before the change" in text
    assert "Schedule after the change" in text
    world.person.languages = ["xx", "mn"]
    world.person.save()
    spoken = page(client, world.cast.officer, "change_paper", made.pk).content.decode()
    assert '<html lang="mn"' in spoken
    asked = page(client, world.cast.officer, "change_paper", made.pk, language="hy")
    assert '<html lang="hy"' in asked.content.decode()
    services.decide_change(
        acting_staff=world.cast.manager,
        proposal=made,
        value_date=timezone.localdate(),
        approve=False,
        reason="No",
    )
    assert page(client, world.cast.officer, "change_paper", made.pk).status_code == 404


# --- the API --------------------------------------------------------------------------------------

ROOT = "/api/v1/lending"


def post(
    client: Client, staff: StaffUser, path: str, key: UUID | None = None, **data: object
) -> Any:
    client.force_login(staff)
    return client.post(
        f"{ROOT}{path}",
        json.dumps(data),
        content_type="application/json",
        headers={"Idempotency-Key": str(key or new_id())},
    )


def test_a_change_goes_all_the_way_through_the_api(
    client: Client, world: World, loan: Loan
) -> None:
    key = new_id()
    asked = {"value_date": DAY, "reason": "Fire", "instalments": 6, "rate_ppm": 120_000}
    path = f"/loans/{loan.pk}/restructures"
    first = post(client, world.cast.officer, path, key, **asked)
    assert first.status_code == 201, first.content
    assert post(client, world.cast.officer, path, key, **asked).json() == first.json()
    other = post(client, world.cast.officer, path, key, **{**asked, "instalments": 7})
    assert other.status_code == 409
    where = f"/changes/{first.json()['id']}"
    seen = client.get(f"{ROOT}{where}/preview").json()
    added = seen["capitalised"]["interest_units"]
    assert added > 0
    assert len(seen["after"]["rows"]) == 6
    decide = f"/proposals/{first.json()['id']}"
    early = post(client, world.cast.officer, f"{decide}/decision", value_date=DAY)
    assert early.status_code == 403
    done = post(client, world.cast.manager, f"{decide}/decision", value_date=DAY)
    assert done.status_code == 201, done.content
    assert done.json()["state"] == ProposalState.APPROVED
    loan.refresh_from_db()
    assert loan.capitalised_units == added
    client.force_login(world.cast.officer)
    assert client.get(f"{ROOT}{where}/preview").json()["after"] == seen["after"]
    clean()


def test_other_changes_and_refusals_through_the_api(
    client: Client, world: World, loan: Loan
) -> None:
    officer = world.cast.officer
    moved = post(
        client,
        officer,
        f"/loans/{loan.pk}/reschedules",
        value_date=DAY,
        reason="Hail",
        from_date="2025-05-01",
        extra_instalments=2,
    )
    paused = post(
        client,
        officer,
        f"/loans/{loan.pk}/moratoria",
        value_date=DAY,
        reason="Flood",
        begins=DAY,
        until="2025-06-30",
    )
    assert (moved.status_code, paused.status_code) == (201, 201)
    nothing = post(
        client,
        officer,
        f"/loans/{loan.pk}/reschedules",
        value_date=DAY,
        reason="Hail",
        from_date="2025-05-01",
    )
    assert (nothing.status_code, nothing.json()["code"]) == (422, "NOTHING_ASKED")
    hidden = post(
        client,
        world.cast.outsider,
        f"/loans/{loan.pk}/moratoria",
        value_date=DAY,
        reason="Flood",
        begins=DAY,
        until="2025-06-30",
    )
    assert hidden.status_code == 404
    assert LoanProposal.objects.count() == 2
