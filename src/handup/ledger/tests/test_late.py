"""A fact that came too late for its closed month is listed, opened and looked at once, by name."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.models import Entry, LateFactSeen, Period
from handup.ledger.tests.conftest import BASE, JANUARY, Post, close_for_facts
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.triggers import guarded_tables

TODAY = timezone.localdate()
WHY = "The field officer's phone was lost; the donor was told"


@pytest.fixture
def late(post: Post, finance_manager: StaffUser) -> Entry:
    """A repayment of 28 January that came when January was closed."""
    post(500_00, "BANK", "GRANT_INCOME", kind="GRANT_RECEIVED")
    close_for_facts(
        acting_staff=finance_manager, period=Period.objects.get(starts=date(2026, 1, 1))
    )
    return post(30_00, "BANK", "LOANS", on=date(2026, 1, 28), already_happened=True)


def look(by: StaffUser, entry: Entry, **changed: Any) -> LateFactSeen:
    told: dict[str, Any] = {"note": WHY, "seen_date": TODAY, **changed}
    return services.acknowledge_late_fact(acting_staff=by, entry=entry, **told)


def test_it_is_looked_at_once_and_the_entry_stays(late: Entry, accountant: StaffUser) -> None:
    key, before = new_id(), (late.hash, late.entry_date)
    row = look(accountant, late, id=key)
    assert look(accountant, late, id=key) == row
    assert (row.seen_by, row.note) == (accountant, WHY)
    late.refresh_from_db()
    assert (late.hash, late.entry_date) == before
    with pytest.raises(SameIdOtherContent):
        look(accountant, late, id=key, note="Other")
    assert "ledger.LateFactSeen" in guarded_tables()


def test_the_same_word_sent_twice_at_once_counts_once(
    late: Entry, accountant: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is stored between the second's first look and its lock."""
    key = new_id()
    row, looks = look(accountant, late, id=key), 0

    def too_early(*asked: Any, **told: Any) -> Any:
        nonlocal looks
        looks += 1
        return None if looks == 1 else already_stored(*asked, **told)

    monkeypatch.setattr("handup.ledger.services.late.already_stored", too_early)
    assert look(accountant, late, id=key) == row


def test_what_is_wrong_is_named_and_nothing_is_kept(
    late: Entry, post: Post, accountant: StaffUser, outsider: StaffUser, trainer: StaffUser
) -> None:
    on_time = post(10_00, "BANK", "LOANS", on=date(2026, 2, 5), already_happened=True)
    for entry, changed, code in (
        (on_time, {}, "NOT_LATE"),
        (late, {"note": "  "}, "REASON_NEEDED"),
        (late, {"seen_date": TODAY + timedelta(days=1)}, "AHEAD_OF_TODAY"),
    ):
        with pytest.raises(Refusal) as refused:
            look(accountant, entry, **changed)
        assert refused.value.code == code
    for who in (outsider, trainer):
        with pytest.raises((NotAllowed, OutOfSight)):
            look(who, late)
    assert not LateFactSeen.objects.exists()
    look(accountant, late)
    with pytest.raises(Refusal) as refused:
        look(accountant, late)
    assert refused.value.code == "SEEN_ALREADY"


def test_the_list_opens_to_the_fact_and_empties(
    client: Client, late: Entry, accountant: StaffUser, outsider: StaffUser
) -> None:
    listed, form = reverse("ledger:late_list"), reverse("ledger:late_seen", args=[late.pk])
    page = reverse("ledger:entry_detail", args=[late.pk])
    client.force_login(outsider)
    assert form not in client.get(listed).content.decode()
    assert client.get(form).status_code == 404
    client.force_login(accountant)
    shown = client.get(listed, {"open": "1"}).content.decode()
    assert page in shown
    assert form in shown
    assert form in client.get(page).content.decode()
    ids = {"_new_id": str(new_id()), "_read_back": "1"}
    assert client.post(form, {"note": "", **ids}).status_code == 422
    assert client.post(form, {"note": WHY, **ids}).status_code == 302
    assert page not in client.get(listed, {"open": "1"}).content.decode()
    assert "phone was lost" in client.get(listed).content.decode()
    assert "phone was lost" in client.get(page).content.decode()


def test_through_the_api(client: Client, late: Entry, accountant: StaffUser) -> None:
    client.force_login(accountant)
    told = client.get(f"{BASE}/late-facts", {"open": "true"}).json()
    assert [row["id"] for row in told["items"]] == [str(late.pk)]
    answer = client.post(
        f"{BASE}/entries/{late.pk}/late",
        {"note": WHY, "seen_date": TODAY.isoformat()},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert answer.status_code == 201, answer.content
    assert client.get(f"{BASE}/late-facts", {"open": "true"}).json()["items"] == []
    assert len(client.get(f"{BASE}/late-facts").json()["items"]) == 1
    assert late.happened_date > JANUARY
