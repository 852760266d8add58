"""What stands behind a loan on its pages, on paper and through the API."""

from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.models import (
    Application,
    Collateral,
    DeclaredTie,
    Guarantor,
    JointGroup,
    JointMember,
    Loan,
    SecurityCall,
)
from handup.lending.tests.cast import START, World, applied, approved, make_person
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_joint import group, join, lend
from handup.lending.tests.test_pages import at, do
from handup.org.models import ReadEntry
from handup.org.tests.standing import standing
from handup.people.models import Person
from handup.people.subject import collect

__all__ = ["group"]
WORD = {"agreed_date": "2025-01-10", "agreed_how": "SIGNATURE", "reference": "G-1"}


@standing
def uncle(world: World) -> Person:
    """A registered adult in the officer's care."""
    return make_person(world.programme, world.office, world.cast.advisor, "Uncle 0001")


def secured(client: Client, world: World, uncle: Person, row: Application) -> None:
    """A guarantor and a pledge through the pages."""
    answer = do(
        client,
        world.cast.officer,
        "guarantor_new",
        row.pk,
        person=uncle.registration_no,
        share_bps="50",
        order="IN_ORDER",
        **WORD,
    )
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    answer = do(
        client,
        world.cast.officer,
        "collateral_new",
        row.pk,
        kind="MACHINE",
        description="Sewing machine",
        value_units="800",
        valued_date="2025-01-09",
        haircut_bps="30",
        **WORD,
    )
    assert answer.status_code == 302, answer.content.decode()[-2000:]


def test_guarantor_and_collateral_stand_on_the_pages_and_on_the_agreement(
    client: Client, world: World, uncle: Person
) -> None:
    row = approved(world)
    secured(client, world, uncle, row)
    page = at(client, world.cast.officer, "application_detail", row.pk).content.decode()
    assert "Uncle 0001" in page
    assert "600.00" in page  # half of 1,200.00
    assert "Sewing machine" in page
    assert "560.00" in page  # 800.00 less 30 %
    assert "46.7" in page  # of 1,200.00
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=START
    )
    assert "Uncle 0001" in at(client, world.cast.officer, "loan_detail", loan.pk).content.decode()
    paper = at(client, world.cast.officer, "agreement_paper", loan.pk).content.decode()
    assert "Uncle 0001" in paper
    assert "Sewing machine" in paper


def test_the_read_log_names_the_guarantor_too(client: Client, world: World, uncle: Person) -> None:
    row = approved(world)
    secured(client, world, uncle, row)
    at(client, world.cast.officer, "application_detail", row.pk)
    entry = ReadEntry.objects.order_by("-number").first()
    assert entry is not None
    assert {str(uncle.pk), str(world.person.pk)} <= set(entry.persons)


def test_a_percentage_is_read_back_as_one(client: Client, world: World, uncle: Person) -> None:
    row = applied(world)
    client.force_login(world.cast.officer)
    answer = client.post(
        reverse("lending:guarantor_new", args=[row.pk]),
        {"person": uncle.registration_no, "share_bps": "12.5", "order": "IN_ORDER", **WORD},
    )
    assert "12.50" in answer.content.decode()
    assert not Guarantor.objects.exists()


def test_an_unknown_guarantor_is_refused_at_her_number(client: Client, world: World) -> None:
    row = applied(world)
    answer = do(
        client,
        world.cast.officer,
        "guarantor_new",
        row.pk,
        person="999",
        cap_units="100",
        order="IN_ORDER",
        **WORD,
    )
    assert answer.status_code == 422
    assert "No person with this number" in answer.content.decode()
    assert not Guarantor.objects.exists()


def test_a_pledge_is_valued_and_given_back_on_the_pages(
    client: Client, world: World, uncle: Person
) -> None:
    row = applied(world)
    secured(client, world, uncle, row)
    machine = Collateral.objects.get()
    assert at(client, world.cast.officer, "collateral_value", machine.pk).status_code == 200
    do(
        client,
        world.cast.officer,
        "collateral_value",
        machine.pk,
        value_units="700",
        valued_date="2025-01-10",
        haircut_bps="30",
    )
    refused = do(
        client, world.cast.officer, "collateral_release", machine.pk, released_date="2025-01-11"
    )
    assert refused.status_code == 422
    done = do(
        client,
        world.cast.officer,
        "collateral_release",
        machine.pk,
        released_date="2025-01-11",
        reason="Not needed",
    )
    assert done.status_code == 302
    machine.refresh_from_db()
    assert (machine.value_units, machine.released_date) == (700_00, date(2025, 1, 11))
    guarantor = Guarantor.objects.get()
    assert at(client, world.cast.officer, "guarantor_release", guarantor.pk).status_code == 200
    assert at(client, world.cast.outsider, "guarantor_release", guarantor.pk).status_code in (
        403,
        404,
    )


def test_a_tie_declared_on_the_page_keeps_the_member_out(client: Client, world: World) -> None:
    row = applied(world)
    done = do(
        client,
        world.cast.committee,
        "tie_new",
        row.pk,
        member=str(world.cast.committee.pk),
        kind="RELATIVE",
        declared_date=timezone.localdate().isoformat(),
    )
    assert done.status_code == 302
    assert DeclaredTie.objects.get().member == world.cast.committee


def test_a_joint_group_is_formed_joined_and_called_on_the_pages(
    client: Client, world: World
) -> None:
    officer = world.cast.officer
    assert at(client, officer, "joint_group_list").status_code == 200
    made = do(
        client,
        officer,
        "joint_group_new",
        name="Three neighbours",
        programme=str(world.programme.pk),
        formed_date="2025-01-02",
        call_days="30",
        stop_days="30",
    )
    assert made.status_code == 302, made.content.decode()[-2000:]
    group = JointGroup.objects.get()
    JointGroup.objects.update(office=world.office)
    row = applied(world)
    joined = do(
        client, officer, "joint_group_join", group.pk, application=row.code, cap="200", **WORD
    )
    assert joined.status_code == 302, joined.content.decode()[-2000:]
    assert JointMember.objects.get().cap_units == 200_00
    page = at(client, officer, "joint_group_detail", group.pk).content.decode()
    assert row.code in page
    assert "200.00" in page
    assert group.code in at(client, officer, "joint_group_list").content.decode()


def test_a_late_loans_page_leads_to_the_call_and_the_call_to_its_payment(
    client: Client, world: World, group: JointGroup
) -> None:
    late = lend(world, group, "Late", 1_200_00)
    lend(world, group, "Other", 4_800_00)
    page = at(client, world.cast.officer, "loan_detail", late.pk).content.decode()
    assert "Call who answers for it" in page
    form = at(client, world.cast.officer, "call_new", late.pk).content.decode()
    assert "Other" in form
    today = timezone.localdate()
    done = do(
        client,
        world.cast.officer,
        "call_new",
        late.pk,
        called_date=today.isoformat(),
        due_date=(today + timedelta(days=14)).isoformat(),
    )
    assert done.status_code == 302, done.content.decode()[-2000:]
    only = SecurityCall.objects.get()
    assert "Other" in at(client, world.cast.officer, "call_detail", only.pk).content.decode()
    paid = do(
        client,
        world.cast.cashier,
        "call_payment",
        only.pk,
        units="10",
        value_date=today.isoformat(),
        method="CASH",
    )
    assert paid.status_code in (302, 404)  # a cashier sees no security; the officer does
    paid = do(
        client,
        world.cast.officer,
        "call_payment",
        only.pk,
        units="10",
        value_date=today.isoformat(),
        method="CASH",
    )
    assert paid.status_code == 302
    page = at(client, world.cast.officer, "loan_detail", late.pk).content.decode()
    assert "Paid by a group member" in page
    again = do(
        client,
        world.cast.officer,
        "call_withdraw",
        only.pk,
        withdrawn_date=today.isoformat(),
    )
    assert again.status_code == 302


def test_the_call_page_of_a_loan_in_time_says_why_nobody_is_called(
    client: Client, world: World, group: JointGroup
) -> None:
    row = approved(world)
    join(world, group, row)
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=START
    )
    page = at(client, world.cast.officer, "call_new", loan.pk)
    assert page.status_code == 200
    assert "takes no repayment" in page.content.decode()


def test_the_api_records_and_shows_what_stands_behind_a_loan(
    client: Client, world: World, uncle: Person
) -> None:
    officer, row = world.cast.officer, applied(world)
    where = f"/applications/{row.pk}"
    word: dict[str, Any] = {**WORD, "recorded_date": "2025-01-10"}
    key = new_id()
    for _ in range(2):
        made = post(
            client,
            officer,
            f"{where}/guarantors",
            key,
            person_id=str(uncle.pk),
            cap_units=500_00,
            **word,
        )
        assert made.status_code == 201, made.content
    pledged = post(
        client,
        officer,
        f"{where}/collateral",
        kind="LAND",
        description="Field",
        value_units=900_00,
        valued_date="2025-01-09",
        **word,
    )
    assert pledged.status_code == 201, pledged.content
    shown = get(client, officer, f"{where}/security").json()
    assert [item["cap_units"] for item in shown["guarantors"]] == [500_00]
    assert [item["description"] for item in shown["collateral"]] == ["Field"]
    assert shown["joint_group_id"] is None
    assert get(client, world.cast.cashier, f"{where}/security").status_code == 403
    pledge = f"/collateral/{pledged.json()['id']}"
    valued = post(
        client,
        officer,
        f"{pledge}/value",
        value_units=800_00,
        valued_date="2025-01-10",
        haircut_bps=1_000,
        recorded_date="2025-01-10",
    )
    assert valued.json()["value_units"] == 800_00
    gone = post(
        client, officer, f"{pledge}/release", released_date="2025-01-11", reason="Not needed"
    )
    assert gone.json()["released_date"] == "2025-01-11"


def test_the_api_declares_a_tie_and_forms_a_joint_group(client: Client, world: World) -> None:
    officer, row = world.cast.officer, applied(world)
    where = f"/applications/{row.pk}"
    word: dict[str, Any] = {**WORD, "recorded_date": "2025-01-10"}
    tie = post(
        client,
        officer,
        f"{where}/ties",
        member_id=str(world.cast.second.pk),
        kind="RELATIVE",
        declared_date="2025-01-09",
    )
    assert tie.status_code == 201, tie.content
    formed = post(
        client,
        officer,
        "/joint-groups",
        name="Two",
        programme_id=str(world.programme.pk),
        formed_date="2025-01-02",
    )
    assert formed.status_code == 201, formed.content
    joined = post(
        client,
        officer,
        f"/joint-groups/{formed.json()['id']}/members",
        application_id=str(row.pk),
        **word,
    )
    assert joined.status_code == 201, joined.content
    shown = get(client, officer, f"{where}/security").json()
    assert shown["joint_group_id"] == formed.json()["id"]
    assert get(client, officer, "/joint-groups").json()["items"]


def test_the_api_calls_and_takes_the_payment(
    client: Client, world: World, group: JointGroup
) -> None:
    late = lend(world, group, "Late", 1_200_00)
    lend(world, group, "Other", 4_800_00)
    today = timezone.localdate().isoformat()
    made = post(
        client,
        world.cast.officer,
        f"/loans/{late.pk}/calls",
        called_date=today,
        due_date=today,
    )
    assert made.status_code == 201, made.content
    paid = post(
        client,
        world.cast.officer,
        f"/calls/{made.json()[0]['id']}/payments",
        units=5_00,
        value_date=today,
    )
    assert paid.status_code == 201, paid.content
    assert Loan.objects.get(pk=late.pk).interest_paid_units == 5_00


def test_what_a_person_answers_for_is_part_of_what_is_held_of_her(
    client: Client, world: World, uncle: Person
) -> None:
    row = applied(world)
    secured(client, world, uncle, row)
    held = {key: rows for entry in collect for key, rows in entry(uncle.pk).items()}
    assert held["Loans she answers for"][0]["Number"] == row.code
