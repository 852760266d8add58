"""A moratorium for many loans: who is reached, proposed and decided together, taken up again."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.groups.models.group import GroupKind
from handup.groups.services import NewGroup, register_group
from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.errors import FutureDate, NoLoans
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.agreed import EndsBeforeItBegins
from handup.lending.rules.codes import EventKind, ProposalState
from handup.lending.services import moratoria, proposals
from handup.lending.services.moratoria import Which, batch_of, counts_of, loans_for, reach_of
from handup.lending.tests.cast import World, clean, make_person, repay, running, staff
from handup.lending.tests.test_agreed import rows, same_on_every_day
from handup.lending.tests.test_agreed_pages import page, post, send
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.models import Area, Office
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.standing import standing

DAY, UNTIL = date(2025, 4, 1), date(2025, 6, 30)


@standing
def loans(world: World) -> list[Loan]:
    """Three running loans of three persons; the third is repaid."""
    found = []
    for number in range(3):
        world.person = make_person(
            world.programme, world.office, world.cast.manager, f"Participant 00{number}"
        )
        found.append(running(world))
    repay(world, found[2], date(2025, 3, 1), 1_400_00)
    return found


def propose(world: World, **asked: Any) -> UUID:
    told: dict[str, Any] = {
        "acting_staff": world.cast.officer,
        "which": Which(),
        "proposed_date": DAY,
        "reason": "The river flooded the fields",
        "begins": DAY,
        "until": UNTIL,
    }
    return services.propose_moratoria(**{**told, **asked})


def declare(world: World, batch: UUID, **told: Any) -> moratoria.Decided:
    asked: dict[str, Any] = {"acting_staff": world.cast.manager, "value_date": DAY}
    return services.declare_moratorium(batch=batch, **{**asked, **told})


def test_all_running_loans_of_the_days_wait_together(world: World, loans: list[Loan]) -> None:
    batch = propose(world)
    assert counts_of(batch_of(batch)) == {ProposalState.PROPOSED: 2}
    assert not LoanEvent.objects.filter(kind=EventKind.MORATORIUM).exists()
    found = declare(world, batch)
    assert (found.done, found.waiting, found.left) == (2, 0, ())
    for loan in loans[:2]:
        loan.refresh_from_db()
        days = [row[0] for row in rows(loan)]
        assert days[2] == date(2025, 7, 15)
        same_on_every_day(loan, UNTIL)
    assert rows(loans[2])[2][0] == date(2025, 4, 15)
    clean()


def test_who_is_reached_is_said_by_what_loans_have_in_common(
    world: World, loans: list[Loan]
) -> None:
    first, second, _repaid = loans
    country = Area.objects.create(code="N", level=1)
    valley = Area.objects.create(code="N1", level=2, parent=country)
    other = Area.objects.create(code="N2", level=2, parent=country)
    assert first.person is not None
    assert second.person is not None
    first.person.area = valley
    first.person.save()
    world.office.area = other
    world.office.save()

    def reached(**which: Any) -> list[Loan]:
        return list(loans_for(world.cast.officer, Which(**which), DAY, UNTIL))

    assert reached() == [first, second]
    assert reached(area=country) == [first, second]
    assert reached(area=valley) == [first]
    assert reached(area=other) == [second]
    assert reached(office=world.office) == [first, second]
    assert reached(office=Office.objects.create(code="far", name="Far")) == []
    assert reached(officer=world.cast.officer) == [first, second]
    assert reached(officer=world.cast.manager) == []
    assert reached(product=world.product.product) == [first, second]
    assert reached(paid_out_from=date(2025, 1, 16)) == []
    assert reached(paid_out_to=date(2025, 1, 15)) == [first, second]
    assert list(loans_for(world.cast.outsider, Which(), DAY, UNTIL)) == []
    assert list(loans_for(world.cast.officer, Which(), date(2027, 1, 1), date(2027, 2, 1))) == []


def test_members_of_a_group_are_reached_with_their_own_loans(
    world: World, loans: list[Loan]
) -> None:
    group = register_group(
        acting_staff=staff("supervisor", Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR),
        programme=world.programme,
        group=NewGroup(
            name="Spinners",
            kind=GroupKind.SAVINGS,
            area=Area.objects.create(code="V", level=1),
            formed_date=date(2024, 1, 1),
            currency="USD",
            officer=world.cast.officer,
            office=world.office,
            settings={"share_value_units": 500, "charge_rate_bps": 1_000},
        ),
    )
    group.members.create(member_no=1, person=loans[0].person, joined_date=date(2024, 1, 1))
    group.members.create(
        member_no=2,
        person=loans[1].person,
        joined_date=date(2024, 1, 1),
        left_date=date(2024, 6, 1),
    )
    found = loans_for(world.cast.officer, Which(group=group), DAY, UNTIL)
    assert list(found) == [loans[0]]


def test_what_waits_is_summed_before_it_is_proposed(world: World, loans: list[Loan]) -> None:
    found = reach_of(loans_for(world.cast.officer, Which(), DAY, UNTIL), DAY, UNTIL)
    assert (found.loans, found.principal) == (2, {"USD": 2 * 1_200_00})
    assert (found.instalments, found.due) == (6, {"USD": 6 * 113_47})


def test_a_batch_that_stopped_half_way_goes_on(
    world: World, loans: list[Loan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "in_chunks", lambda items: ([item] for item in items))
    batch = propose(world)
    again = propose(world, id=batch)
    assert again == batch
    assert batch_of(batch).count() == 2
    first = declare(world, batch, most=1)
    assert (first.done, first.waiting) == (1, 1)
    second = declare(world, batch)
    assert (second.done, second.waiting) == (1, 0)
    assert LoanEvent.objects.filter(kind=EventKind.MORATORIUM).count() == 2
    assert declare(world, batch) == moratoria.Decided(0, 0)
    row = batch_of(batch).order_by("loan__code").first()
    assert row is not None
    assert row.event is not None
    assert row.event.pk == uuid5(row.pk, batch.hex)
    clean()


def test_a_loan_that_cannot_wait_any_more_does_not_stop_the_others(
    world: World, loans: list[Loan]
) -> None:
    batch = propose(world)
    repay(world, loans[0], DAY, 1_400_00)
    found = declare(world, batch)
    assert (found.done, found.waiting) == (1, 1)
    assert [item.loan for item in found.left] == [loans[0]]
    assert "only a running loan" in str(found.left[0].refusal)
    declined = declare(world, batch, approve=False, reason="Repaid")
    assert (declined.done, declined.waiting) == (1, 0)
    clean()


def test_a_loan_that_waits_already_is_not_proposed_twice(world: World, loans: list[Loan]) -> None:
    services.propose_moratorium(
        acting_staff=world.cast.officer,
        loan=loans[0],
        proposed_date=DAY,
        reason="Illness",
        begins=DAY,
        until=UNTIL,
    )
    batch = propose(world)
    assert [row.loan for row in batch_of(batch)] == [loans[1]]


def test_what_is_refused_leaves_nothing(world: World, loans: list[Loan]) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    for asked, fault in (
        ({"until": date(2025, 3, 1)}, EndsBeforeItBegins),
        ({"begins": date(2027, 1, 1), "until": date(2027, 2, 1)}, NoLoans),
        ({"reason": " "}, ReasonNeeded),
        ({"proposed_date": tomorrow}, FutureDate),
        ({"acting_staff": world.cast.cashier}, (NotAllowed, NoLoans)),
    ):
        with pytest.raises(fault):
            propose(world, **asked)
    assert not LoanProposal.objects.exists()
    batch = propose(world, acting_staff=world.cast.manager)
    with pytest.raises(SamePerson):
        declare(world, batch)
    with pytest.raises((NotAllowed, OutOfSight)):
        declare(world, batch, acting_staff=world.cast.officer)
    with pytest.raises(FutureDate):
        declare(world, batch, value_date=tomorrow)
    assert counts_of(batch_of(batch)) == {ProposalState.PROPOSED: 2}
    assert not LoanEvent.objects.filter(kind=EventKind.MORATORIUM).exists()


# --- doors ----------------------------------------------------------------------------------------

ASKED = {
    "value_date": "2025-04-01",
    "reason": "The river flooded the fields",
    "begins": "2025-04-01",
    "until": "2025-06-30",
    "scope": "ALL",
    "interest_runs": "yes",
    "ageing_runs": "no",
}


def test_pages_show_the_reach_propose_and_decide(
    client: Client, world: World, loans: list[Loan]
) -> None:
    officer, manager = world.cast.officer, world.cast.manager
    client.force_login(officer)
    assert "No moratorium yet" in client.get(reverse("lending:moratorium_list")).content.decode()
    address = reverse("lending:moratorium_new")
    assert client.get(address).status_code == 200
    key = str(new_id())
    told = {"_new_id": key, **ASKED, "officer": str(officer.pk)}
    shown = client.post(address, told).content.decode()
    assert "Instalments that wait" in shown
    assert loans[0].code in shown
    assert loans[2].code not in shown
    assert not LoanProposal.objects.exists()
    done = client.post(address, {**told, "_read_back": "1"})
    assert done["Location"] == reverse("lending:moratorium_batch", args=[key])
    batch = UUID(key)
    text = page(client, manager, "moratorium_batch", batch).content.decode()
    assert "The river flooded the fields" in text
    assert reverse("lending:moratorium_decide", args=[batch]) in text
    assert page(client, world.cast.outsider, "moratorium_batch", batch).status_code == 404
    assert page(client, officer, "moratorium_decide", batch).status_code == 403
    word = {"value_date": "2025-04-01", "approve": "yes", "reason": "", "_read_back": "1"}
    decided = send(client, manager, "moratorium_decide", batch, word)
    assert decided.status_code == 302
    assert counts_of(batch_of(batch)) == {ProposalState.APPROVED: 2}
    listed = client.get(reverse("lending:moratorium_list")).content.decode()
    assert reverse("lending:moratorium_batch", args=[batch]) in listed
    wrong = client.post(address, {**told, "until": "2025-01-01"})
    assert wrong.status_code == 422


def test_the_api_proposes_and_decides_together(
    client: Client, world: World, loans: list[Loan]
) -> None:
    key = new_id()
    asked: dict[str, Any] = {
        "value_date": "2025-04-01",
        "reason": "Flood",
        "begins": "2025-04-01",
        "until": "2025-06-30",
        "officer_id": str(world.cast.officer.pk),
    }
    for _again in range(2):
        made = post(client, world.cast.officer, "/moratoria", key, **asked)
        assert made.status_code == 201, made.content
        assert made.json() == {"batch": str(key), "waiting": 2, "approved": 0, "declined": 0}
    unknown = {**asked, "office_id": str(new_id())}
    assert post(client, world.cast.officer, "/moratoria", **unknown).status_code == 404
    where = f"/moratoria/{key}/decision"
    assert post(client, world.cast.outsider, where, value_date="2025-04-01").status_code == 404
    done = post(client, world.cast.manager, where, value_date="2025-04-01")
    assert (done.status_code, done.json()["done"], done.json()["approved"]) == (201, 2, 2)
    clean()
