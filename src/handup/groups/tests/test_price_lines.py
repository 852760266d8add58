"""Prices by short message: only to those who said yes, each telephone once, nothing to the rest."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django import Settings

from handup.groups.errors import InTheFuture, NotAMember
from handup.groups.models import Group, GroupTold, Member, PriceLine, PriceMessage
from handup.groups.persons import blank, held
from handup.groups.price_words import price_text
from handup.groups.services import price_lines as s
from handup.groups.services.told import NotPublished, PriceIsOld
from handup.groups.tests.conftest import FORMED, staff_with
from handup.kernel.ids import new_id
from handup.markets.models import PriceObservation
from handup.markets.models.labels import Availability, BaseUnit, PriceLevel
from handup.markets.services import prices, register_commodity
from handup.org.encryption import lookup_hash
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.standing import standing
from handup.people.models import Consent, ConsentNotice, Person
from handup.people.queries import ConsentMissing
from handup.people.rules.codes import ConsentMethod

PHONES = ("+37499777001", "+37499777002", "+37499777002", "")
"""Of the four members: the second and the third share one; the fourth has none."""


@standing
def manager(db: None) -> StaffUser:
    return staff_with("price manager", Role.MANAGER)


@standing
def price(manager: StaffUser, group: Group) -> PriceObservation:
    """Milk, asked three times and published; little is to be had."""
    milk = register_commodity(acting_staff=manager, code="MILK", name="Milk", base_unit=BaseUnit.L)
    market = prices.open_market(
        acting_staff=manager, programme=group.programme, code="M", name="Hill market"
    )
    today = timezone.localdate()
    prices.record_price(
        acting_staff=manager,
        market=market,
        observed_date=today,
        price=prices.PriceIn(
            milk, PriceLevel.RETAIL, [600, 610, 620], availability=Availability.LIMITED
        ),
        today=today,
    )
    (row,) = prices.publish_prices(acting_staff=manager, market=market, on=today)
    return row


def agree(person: Person, staff: StaffUser) -> None:
    """She agreed that the programme works with her."""
    notice, _made = ConsentNotice.objects.get_or_create(
        version="P1", language="en", defaults={"text": "We serve you.", "valid_from": FORMED}
    )
    Consent.objects.create(
        person=person,
        purpose="SERVICE",
        notice=notice,
        given_date=FORMED,
        method="SIGNATURE",
        recorded_by=staff,
    )


@standing
def reachable(members: list[Member], officer: StaffUser) -> list[Member]:
    """The four members with their telephones, who agreed that the programme works with them."""
    for member, phone in zip(members, PHONES, strict=True):
        assert member.person is not None
        member.person.phone = phone
        member.person.phone_hash = lookup_hash(Person, "phone_hash", phone)
        member.person.save()
        agree(member.person, officer)
    return members


@pytest.fixture
def outbox(settings: Settings, tmp_path: Path) -> Path:
    """What goes out is written down."""
    settings.SMS, settings.DATA_DIR = "", tmp_path
    return tmp_path / "messages"


def wants(staff: StaffUser, member: Member, language: str = "en", **changes: Any) -> PriceLine:
    """A member says yes."""
    told: dict[str, Any] = {
        "acting_staff": staff,
        "member": member,
        "language": language,
        "agreed_date": FORMED,
        "agreed_how": ConsentMethod.SIGNATURE,
    }
    return s.start_price_line(**{**told, **changes})


def send(staff: StaffUser, group: Group, price: PriceObservation) -> int:
    sent = s.send_price(acting_staff=staff, groups=[group], price=price, today=timezone.localdate())
    return sent.messages


def go_out(outbox: Path) -> list[dict[str, str]]:
    """Send whatever waits, night or day, and read what went out."""
    for row in PriceMessage.objects.filter(state="WAITING"):
        s.send_message(row.pk, row.next_try_at)
    found: list[dict[str, str]] = []
    for file in outbox.glob("*.jsonl") if outbox.exists() else ():
        found.extend(json.loads(line) for line in file.read_text().splitlines())
    return found


def test_a_price_goes_to_who_said_yes_once_and_in_her_language(
    group: Group, officer: StaffUser, reachable: list[Member], price: PriceObservation, outbox: Path
) -> None:
    wants(officer, reachable[0])
    wants(officer, reachable[1], "hy")
    assert [send(officer, group, price), send(officer, group, price)] == [2, 0]
    (told,) = GroupTold.objects.filter(group=group, price=price)
    assert told.way == "SMS"
    out = {row["to"]: row["text"] for row in go_out(outbox)}
    assert sorted(out) == ["…001", "…002"]
    assert out["…001"].startswith("Milk: XTS\u00a06.10 for 1 ")
    assert "Hill market" in out["…001"]
    assert "To be had: little." in out["…001"]
    assert out["…002"] == price_text(price, "hy", timezone.localdate()) != out["…001"]
    for row in reachable[:2]:
        assert str(row.person) not in "".join(out.values())
    assert set(PriceMessage.objects.values_list("state", flat=True)) == {"SENT"}
    assert len(go_out(outbox)) == 2, "nothing goes out twice"


def test_who_said_nothing_or_shares_a_telephone_costs_no_second_message(
    group: Group, officer: StaffUser, reachable: list[Member], price: PriceObservation, outbox: Path
) -> None:
    with pytest.raises(s.NobodyAgreed):
        send(officer, group, price)
    assert not GroupTold.objects.exists()
    wants(officer, reachable[1])
    wants(officer, reachable[2])
    assert send(officer, group, price) == 1
    assert [row["to"] for row in go_out(outbox)] == ["…002"]


def test_what_waits_is_dropped_when_she_ends_it_leaves_or_takes_her_consent_back(
    group: Group, officer: StaffUser, reachable: list[Member], price: PriceObservation, outbox: Path
) -> None:
    first, second = wants(officer, reachable[0]), wants(officer, reachable[1])
    assert send(officer, group, price) == 2
    s.end_price_line(acting_staff=officer, line=first)
    Member.objects.filter(pk=second.member_id).update(left_date=timezone.localdate())
    assert go_out(outbox) == []
    assert dict(PriceMessage.objects.values_list("line", "why")) == {
        first.pk: "ENDED",
        second.pk: "LEFT",
    }
    with pytest.raises(s.PriceLineEnded):
        s.end_price_line(acting_staff=officer, line=first)
    again = wants(officer, reachable[0])
    assert again.member.person is not None
    PriceMessage.objects.create(line=again, price=price, sent_by=officer)
    again.member.person.consents.all().delete()
    assert go_out(outbox) == []
    assert PriceMessage.objects.get(line=again).why == "CONSENT"


def test_nobody_kept_apart_is_written_to_counted_or_offered(
    group: Group,
    officer: StaffUser,
    manager: StaffUser,
    reachable: list[Member],
    price: PriceObservation,
    outbox: Path,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = wants(officer, reachable[0])
    send(officer, group, price)
    apart = frozenset({reachable[0].person_id})
    monkeypatch.setattr(s, "hidden_from_all", lambda: apart)
    assert go_out(outbox) == []
    assert PriceMessage.objects.get().why == "APART"
    PriceMessage.objects.all().delete()
    with pytest.raises(s.NobodyAgreed):
        send(officer, group, price)
    client.force_login(manager)
    page = client.get(reverse("groups:price_send", args=[price.pk])).content.decode()
    assert group.name not in page
    s.end_price_line(acting_staff=officer, line=line)
    with pytest.raises(s.NotToHer):
        wants(officer, reachable[0])


def test_stop_ends_it_and_so_does_another_number(
    group: Group, officer: StaffUser, reachable: list[Member]
) -> None:
    first, second = wants(officer, reachable[0]), wants(officer, reachable[1])
    s.end_by_herself(lookup_hash(Person, "phone_hash", PHONES[0]))
    first.refresh_from_db()
    assert (first.by_herself, first.ended_by) == (True, None)
    assert AuditLine.objects.filter(action="groups.end_price_line", object_id=first.pk).exists()
    assert second.member.person is not None
    s.end_for_other_number(second.member.person, officer)
    second.refresh_from_db()
    assert (second.ended_by, second.by_herself) == (officer, False)


def test_a_yes_needs_a_member_a_telephone_consent_and_a_day_that_was(
    group: Group, officer: StaffUser, outsider: StaffUser, reachable: list[Member]
) -> None:
    key = new_id()
    assert wants(officer, reachable[0], id=key) == wants(officer, reachable[0], id=key)
    ahead = timezone.localdate() + timedelta(days=1)
    cases: list[tuple[type[Exception], Member, dict[str, Any]]] = [
        (s.PriceLineStands, reachable[0], {}),
        (s.NoTelephone, reachable[3], {}),
        (InTheFuture, reachable[1], {"agreed_date": ahead}),
        (NotAMember, reachable[1], {"agreed_date": FORMED - timedelta(days=1)}),
        (OutOfSight, reachable[1], {"acting_staff": outsider}),
        (NotAllowed, reachable[1], {"acting_staff": staff_with("reader", Role.ME_READER)}),
    ]
    for refusal, member, changes in cases:
        with pytest.raises(refusal):
            wants(officer, member, **changes)
    assert reachable[1].person is not None
    reachable[1].person.consents.all().delete()
    with pytest.raises(ConsentMissing):
        wants(officer, reachable[1])
    assert PriceLine.objects.count() == 1


def test_only_a_published_price_that_is_not_old_goes_out(
    group: Group, officer: StaffUser, reachable: list[Member], price: PriceObservation, outbox: Path
) -> None:
    wants(officer, reachable[0])
    today = timezone.localdate()
    with pytest.raises(PriceIsOld):
        s.send_price(
            acting_staff=officer, groups=[group], price=price, today=today + timedelta(days=31)
        )
    assert price_text(price, "en", today + timedelta(days=31)) == ""
    assert send(officer, group, price) == 1
    PriceObservation.objects.update(state="FLAGGED")
    assert go_out(outbox) == []
    assert PriceMessage.objects.get().why == "NOTHING"
    with pytest.raises(NotPublished):
        send(officer, group, price)


def test_it_goes_the_way_of_its_pages_and_over_the_interface(
    client: Client,
    group: Group,
    officer: StaffUser,
    manager: StaffUser,
    reachable: list[Member],
    price: PriceObservation,
    outbox: Path,
) -> None:
    client.force_login(officer)
    form = reverse("groups:price_line_new", args=[group.pk])
    assert client.get(form).status_code == 200
    told = {
        "member": reachable[0].pk,
        "language": "mn",
        "agreed_date": FORMED.isoformat(),
        "agreed_how": "SIGNATURE",
    }
    assert client.post(form, told).status_code == 302
    assert PriceLine.objects.get().language == "mn"
    page = client.get(reverse("groups:price_lines", args=[group.pk])).content.decode()
    assert escape(str(reachable[0])) in page
    client.force_login(manager)
    sending = reverse("groups:price_send", args=[price.pk])
    assert "Milk: XTS\u00a06.10" in client.get(sending).content.decode()
    done = client.post(sending, {"groups": [group.pk]}, follow=True)
    assert "1 message goes out." in done.content.decode()
    assert "Messages to telephones" in done.content.decode()
    client.force_login(officer)

    def post(path: str, **body: Any) -> Any:
        key = {"Idempotency-Key": str(new_id())}
        address = f"/api/v1/groups{path}"
        return client.post(address, body, headers=key, content_type="application/json")

    made = post(
        f"/members/{reachable[1].pk}/price-line",
        language="fr",
        agreed_date=date(2026, 1, 6).isoformat(),
        agreed_how="VOICE",
    )
    assert made.status_code == 201, made.content
    sent = post(f"/prices/{price.pk}/messages", group_ids=[str(group.pk)])
    assert sent.json() == {"messages": 1, "group_ids": [str(group.pk)]}
    listed = client.get(f"/api/v1/groups/prices/{price.pk}/messages").json()
    assert listed == [{"name": group.name, "sent": 0, "waiting": 2, "not_sent": 0}]
    ended = post(f"/price-lines/{made.json()['id']}/end")
    assert ended.json()["ended_at"] is not None
    all_of = client.get(f"/api/v1/groups/groups/{group.pk}/price-lines").json()["items"]
    assert len(all_of) == 2
    first = PriceLine.objects.get(language="mn")
    assert client.post(reverse("groups:price_line_end", args=[first.pk])).status_code == 302
    first.refresh_from_db()
    assert first.ended_by == officer


def test_what_was_sent_is_told_to_her_and_forgetting_her_ends_it(
    group: Group, officer: StaffUser, reachable: list[Member], price: PriceObservation, outbox: Path
) -> None:
    line = wants(officer, reachable[0])
    send(officer, group, price)
    go_out(outbox)
    assert reachable[0].person_id is not None
    told = held(reachable[0].person_id)
    assert told["Prices that were sent to her"][0]["Price"] == str(price)
    blank(reachable[0].person_id)
    line.refresh_from_db()
    assert line.ended_at is not None
