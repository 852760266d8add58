"""Refunds of those who are no members gather by name until they may join (K3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import GatheredRefund, Group, Producer, SurplusYear
from handup.groups.models.collection import Rejection, Shift
from handup.groups.persons import held, holds
from handup.groups.services import collection, deliveries, shares, surplus
from handup.groups.services import gathered as services
from handup.groups.services.assembly import Votes
from handup.groups.services.gathered import GivenTo
from handup.groups.tests.conftest import new_person, staff_with
from handup.groups.tests.test_year import ASSEMBLY, FORMED, YEAR, coop, use
from handup.groups.verify import CHECKS
from handup.kernel.ids import new_id
from handup.ledger.queries import balance, balances_by_subject
from handup.org import scope
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.projects.models import Programme

__all__ = ["coop"]


@pytest.fixture
def strangers(coop: Group, programme: Programme, officer: StaffUser) -> list[Producer]:
    """Two who are no members brought 20 and 10 litres; a third was turned away."""
    point = collection.open_point(acting_staff=officer, group=coop, name="Bridge", on=FORMED)
    collection.publish_rate_chart(
        acting_staff=officer,
        group=coop,
        from_date=FORMED,
        terms={"pricing": "PER_LITRE", "per_litre_x100": 4_000},
    )
    register = partial(collection.register_producer, acting_staff=officer, group=coop)
    found = [
        register(person=new_person(number, programme, officer), from_date=FORMED)
        for number in (311, 312, 313)
    ]
    cans = [
        deliveries.CanIn(found[0], 20_000),
        deliveries.CanIn(found[1], 10_000),
        deliveries.CanIn(found[2], 5_000, reason=Rejection.WATERED),
    ]
    deliveries.record_deliveries(
        acting_staff=officer, point=point, on=date(YEAR, 3, 1), shift=Shift.MORNING, cans=cans
    )
    use(coop, officer)
    return found


def divided(coop: Group, officer: StaffUser) -> SurplusYear:
    votes = Votes(ASSEMBLY, yes=3)
    return surplus.divide_surplus(
        acting_staff=officer, group=coop, year=YEAR, votes=votes, non_members=3_001
    )


@contextmanager
def unseen(producer: Producer) -> Iterator[None]:
    """A producer hidden by a case team."""

    def hides_her(_staff: StaffUser) -> list[tuple[UUID, None]]:
        assert producer.person_id is not None
        return [(producer.person_id, None)]

    scope.exceptions.append(hides_her)
    scope.hidden_changed()
    yield
    scope.exceptions.remove(hides_her)
    scope.hidden_changed()


def proofs() -> list[Any]:
    return [found for check in CHECKS for found in check.run()]


def test_refunds_gather_and_buy_membership_or_are_given_up(
    coop: Group, strangers: list[Producer], officer: StaffUser
) -> None:
    """3,001 by 20 to 10 litres; the first joins with two shares and a part of a third, the second
    gives hers to education and takes that back."""
    row = divided(coop, officer)
    one, two, none = strangers
    gathers = {one.pk: -2_001, two.pk: -1_000}
    assert balances_by_subject(coop.book, "PAYABLE", "producer") == gathers
    assert balance(coop.book, "FUND_BALANCE") == -(row.reserve_units + row.education_units)
    assert list(holds(two.person_id or new_id(), ASSEMBLY))
    told = held(two.person_id or new_id())["Refunds of a group that gather for her"]
    assert [line["Refund"] for line in told] == ["XTS\xa010.00"]
    assert proofs() == []
    with pytest.raises(services.NothingGathered):
        services.join_with_refunds(acting_staff=officer, producer=none, on=ASSEMBLY)
    with pytest.raises(services.NothingGathered):
        services.join_with_refunds(acting_staff=officer, producer=one, on=date(YEAR, 12, 31))
    join = partial(services.join_with_refunds, acting_staff=officer, on=ASSEMBLY)
    member = join(producer=one)
    assert (join(producer=one), member.joined_date) == (member, ASSEMBLY)
    assert shares.share_account(member) == (3, 2_001)
    one.refresh_from_db()
    assert one.member == member
    assert proofs() == []
    give = partial(services.give_up_refunds, acting_staff=officer, producer=two, on=ASSEMBLY)
    give(to=GivenTo.EDUCATION)
    assert give(to=GivenTo.EDUCATION) == two
    with pytest.raises(services.GivenUpOtherwise):
        give()
    assert balances_by_subject(coop.book, "PAYABLE", "producer") == {}
    with pytest.raises(services.NothingGathered):
        join(producer=two)
    back = partial(services.take_back_given_up, refund=two.gathered.get(), on=ASSEMBLY)
    with pytest.raises(NotAllowed):
        back(acting_staff=officer)
    supervisor = staff_with("supervisor", Role.GROUP_SUPERVISOR)
    assert back(acting_staff=supervisor) == back(acting_staff=supervisor)
    with pytest.raises(services.NothingGathered):
        back(acting_staff=supervisor, refund=one.gathered.get())
    assert balances_by_subject(coop.book, "PAYABLE", "producer") == {two.pk: -1_000}
    with pytest.raises(services.GatheredUsed):
        surplus.take_back_surplus(acting_staff=supervisor, year=row, on=ASSEMBLY)
    assert proofs() == []
    GatheredRefund.objects.filter(producer=two).update(units=999)
    assert {check.code for check in CHECKS if list(check.run())} == {"GROUP_GATHERED"}


def test_who_joined_since_gets_what_she_delivered_for_before(
    coop: Group, strangers: list[Producer], officer: StaffUser
) -> None:
    """She was no member when she delivered; that she is one now gives her part to nobody else."""
    divided(coop, officer)
    one, two, _none = strangers
    services.join_with_refunds(acting_staff=officer, producer=one, on=ASSEMBLY)
    assert services.gathering(coop, YEAR, 3_001) == [(one, 2_001), (two, 1_000)]


def test_it_is_too_little_or_too_late(
    coop: Group, strangers: list[Producer], officer: StaffUser
) -> None:
    """The statutes give two years from the first; to the day, and not a day more."""
    divided(coop, officer)
    _one, two, _none = strangers
    rows = services.held_of(two)
    last = date(ASSEMBLY.year + 2, ASSEMBLY.month, ASSEMBLY.day)
    services._require_may_join(two, rows, last)
    with pytest.raises(services.TooLateToJoin) as late:
        services._require_may_join(two, rows, last + timedelta(days=1))
    assert late.value.code == "TOO_LATE"
    rows[0].units = 999
    with pytest.raises(services.BelowMinimumShare) as little:
        services._require_may_join(two, rows, last)
    assert little.value.code == "BELOW_MINIMUM_SHARE"


def test_without_deliveries_of_others_or_years_all_of_it_is_the_reserve_s(
    coop: Group, officer: StaffUser
) -> None:
    use(coop, officer)
    row = divided(coop, officer)
    assert not GatheredRefund.objects.exists()
    kept = row.reserve_units + row.education_units + 3_001
    assert balance(coop.book, "FUND_BALANCE") == -kept


def test_what_gathers_on_its_pages_and_over_the_api(
    client: Client, coop: Group, strangers: list[Producer], officer: StaffUser
) -> None:
    """Whom a case team hides stands in no list."""
    divided(coop, officer)
    one, two, _none = strangers
    client.force_login(officer)
    of = reverse("groups:surplus", args=[coop.pk])
    join = reverse("groups:refunds_join", args=[one.pk])
    assert join in client.get(of).content.decode()
    told = {"on": ASSEMBLY.isoformat(), "_read_back": "1", "_new_id": str(new_id())}
    assert client.post(join, told).status_code == 302
    page = client.get(of).content.decode()
    assert join not in page
    give_up = reverse("groups:refunds_give_up", args=[two.pk])
    assert give_up in page
    api = "/api/v1/groups"
    rows = client.get(f"{api}/groups/{coop.pk}/gathered").json()
    assert [(row["units"], row["state"]) for row in rows] == [(2_001, "SHARES"), (1_000, "HELD")]
    with unseen(two):
        assert give_up not in client.get(of).content.decode()
        assert client.get(give_up).status_code == 404
        assert len(client.get(f"{api}/groups/{coop.pk}/gathered").json()) == 1
    sent = client.post(
        f"{api}/producers/{two.pk}/give-up",
        {"on": ASSEMBLY.isoformat()},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert (sent.status_code, sent.json()[0]["state"]) == (201, "GIVEN_UP")
    assert give_up not in client.get(of).content.decode()
    back = reverse("groups:refunds_back", args=[two.gathered.get().pk])
    assert client.get(back).status_code == 403
    client.force_login(staff_with("supervisor", Role.GROUP_SUPERVISOR))
    assert back in client.get(of).content.decode()
    with unseen(two):
        assert client.get(back).status_code == 404
    assert client.post(back, told).status_code == 302
    assert two.gathered.get().state == "HELD"
