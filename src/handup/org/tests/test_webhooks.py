"""Webhooks: another program is told what happened, signed, again and again until it takes it; it
runs beside the test.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit, condition, jobs, nightly, telling, webhooks
from handup.org.models import AuditLine, Office, StaffUser, Webhook, WebhookDelivery
from handup.org.permissions import NotAllowed
from handup.org.posting_out import NotTaken, may_lead_to
from handup.org.posting_out import post as post_out
from handup.org.rules.access import Role
from handup.org.services import staff as staff_service
from handup.org.services import webhooks as service
from handup.org.tests.staff import staff_with

ACT = "lending.record_repayment"


@dataclass
class Partner:
    """Another program: what it was told, and how it answers."""

    address: str = ""
    answers: list[int] = field(default_factory=list)
    taken: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def partner(settings: Settings) -> Iterator[Partner]:
    """A program that takes webhooks on this machine, which is on the list."""
    told = Partner()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.taken.append((body, dict(self.headers)))
            self.send_response(told.answers.pop(0) if told.answers else 204)
            self.end_headers()

        def log_message(self, *_said: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Takes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told.address = f"http://127.0.0.1:{server.server_port}/in"
    settings.HOOK_HOSTS = frozenset({"127.0.0.1"})
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def office(db: None) -> Office:
    """A record something happens to."""
    row: Office = Office.objects.create(code="one", name="One")
    return row


def begun(administrator: StaffUser, at: str, **other: Any) -> service.Begun:
    """A webhook for repayments."""
    asked: dict[str, Any] = {
        "label": "Bank",
        "address": at,
        "acts": [ACT],
        "reason": "The bank books what we take.",
        "ends": timezone.localdate() + timedelta(days=30),
    }
    return service.begin_webhook(acting_staff=administrator, **(asked | other))


def happened(staff: StaffUser, obj: Model, act: str = ACT, **facts: str) -> AuditLine:
    """Something is written into the trail."""
    audit.record(staff, act, obj, facts)
    return AuditLine.objects.latest("id")


def round_of(now: datetime | None = None) -> None:
    """Look, and send what is due."""
    telling.look(now or timezone.now())
    telling.send_deliveries.func()


def test_an_event_is_told_once_signed_and_names_an_id_only(
    administrator: StaffUser, officer: StaffUser, office: Office, partner: Partner
) -> None:
    before = happened(officer, office)
    hook = begun(administrator, partner.address)
    line = happened(officer, office, units="5000", name="Ani")
    happened(officer, office, "org.open_office")
    round_of()
    round_of()
    ((body, headers),) = partner.taken
    delivery = WebhookDelivery.objects.get()
    assert (delivery.line, delivery.state, delivery.tries) == (line.pk, "SENT", 1)
    assert delivery.line != before.pk
    assert json.loads(body) == {
        "id": str(delivery.pk),
        "event": ACT,
        "at": line.recorded_at.isoformat(timespec="seconds"),
        "type": "org.office",
        "record": str(office.pk),
    }
    signed = headers["Handup-Time"].encode() + b"." + body
    mac = hmac.new(hook.secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["Handup-Signature"] == f"v1={mac}"
    assert headers["Handup-Delivery"] == str(delivery.pk)
    assert abs(int(headers["Handup-Time"]) - timezone.now().timestamp()) < 60


def test_a_line_that_comes_late_is_found_and_not_told_twice(
    administrator: StaffUser, officer: StaffUser, office: Office, partner: Partner
) -> None:
    hook = begun(administrator, partner.address).row
    line = happened(officer, office)
    Webhook.objects.filter(pk=hook.pk).update(looked_until=timezone.now() + timedelta(minutes=40))
    for _turn in range(2):  # looked at 40 minutes after it was begun to be written
        round_of()
    assert [row.line for row in WebhookDelivery.objects.all()] == [line.pk]
    assert len(partner.taken) == 1


def test_what_is_not_taken_waits_longer_each_time_and_is_dead_in_the_end(
    administrator: StaffUser, officer: StaffUser, office: Office, partner: Partner
) -> None:
    hook = begun(administrator, partner.address).row
    happened(officer, office)
    partner.answers = [503] * telling.TRIES
    waited = []
    for _turn in range(telling.TRIES):
        round_of()
        row = WebhookDelivery.objects.get()
        waited.append(row.next_try_at - timezone.now())
        WebhookDelivery.objects.update(next_try_at=timezone.now())
    assert (row.state, row.why, row.tries) == ("DEAD", "HTTP_503", telling.TRIES)
    growing = waited[: len(telling.WAITS)]
    assert growing == sorted(growing)
    assert len({round(pause.total_seconds(), -1) for pause in growing}) == len(telling.WAITS)
    round_of()
    assert len(partner.taken) == telling.TRIES
    assert telling.dead() == 1
    codes = [one.code for one in condition.webhooks(timezone.now())]
    assert codes == ["WEBHOOKS"]
    assert service.send_again(acting_staff=administrator, webhook=hook) == 1
    round_of()
    row.refresh_from_db()
    assert (row.state, row.why, row.tries, telling.dead()) == ("SENT", "", 1, 0)
    with pytest.raises(service.NothingDead):
        service.send_again(acting_staff=administrator, webhook=hook)


def test_a_program_that_is_away_is_asked_once_a_round_and_refuses_for_good_alone(
    administrator: StaffUser, officer: StaffUser, office: Office, partner: Partner
) -> None:
    begun(administrator, partner.address)
    for _turn in range(3):
        happened(officer, office)
    partner.answers = [429]
    round_of()
    assert len(partner.taken) == 1
    partner.answers = [410]
    WebhookDelivery.objects.update(next_try_at=timezone.now())
    round_of()
    states = sorted(WebhookDelivery.objects.values_list("state", "why"))
    assert states == [("DEAD", "HTTP_410"), ("SENT", ""), ("SENT", "")]


def test_a_program_that_is_away_keeps_no_other_waiting(
    administrator: StaffUser,
    officer: StaffUser,
    office: Office,
    partner: Partner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More waits for the first than is sent in one round."""
    monkeypatch.setattr(telling, "AT_ONCE", 2)
    first = begun(administrator, partner.address).row
    for _turn in range(3):
        happened(officer, office)
    telling.look(timezone.now())
    second = begun(administrator, partner.address).row
    happened(officer, office)
    partner.answers = [503]
    round_of()
    states = [list(hook.deliveries.values_list("state", flat=True)) for hook in (first, second)]
    assert states == [["WAITING"] * 4, ["SENT"]]


def test_each_is_claimed_by_the_clock_and_who_is_kept_apart_is_asked_between(
    administrator: StaffUser,
    officer: StaffUser,
    office: Office,
    partner: Partner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each post takes four minutes; after the first the second is about somebody kept apart."""
    begun(administrator, partner.address)
    for _turn in range(2):
        happened(officer, office)
    telling.look(timezone.now())
    begins, past = timezone.now(), [timedelta(0)]
    left: list[timedelta] = []

    def slow(*_asked: Any) -> None:
        row = WebhookDelivery.objects.filter(tries=1, state="WAITING").get()
        left.append(row.next_try_at - timezone.now())
        past[0] += timedelta(minutes=4)
        monkeypatch.setattr(timezone, "now", lambda: begins + past[0])

    monkeypatch.setattr("handup.org.posting_out.post", slow)
    telling.send_deliveries.func()
    assert min(left) > timedelta(minutes=4)
    assert len(left) == 2
    for _turn in range(2):
        happened(officer, office)
    telling.look(timezone.now())

    def then_apart(*_asked: Any) -> None:
        monkeypatch.setattr(audit, "own_pages", {"org.office"})

    monkeypatch.setattr("handup.org.posting_out.post", then_apart)
    monkeypatch.setattr(telling, "ASKED", 1)
    telling.send_deliveries.func()
    assert list(WebhookDelivery.objects.values_list("state", flat=True)) == ["SENT"] * 3


def test_what_was_written_down_while_it_ended_is_not_sent(
    administrator: StaffUser, officer: StaffUser, office: Office, partner: Partner
) -> None:
    hook = begun(administrator, partner.address).row
    happened(officer, office)
    telling.look(timezone.now())
    Webhook.objects.filter(pk=hook.pk).update(ended_at=timezone.now())
    telling.send_deliveries.func()
    told = list(WebhookDelivery.objects.values_list("state", "why"))
    assert (told, partner.taken) == ([("DROPPED", "ENDED")], [])


def test_nothing_is_sent_after_the_end_or_the_last_day(
    administrator: StaffUser, officer: StaffUser, office: Office, partner: Partner
) -> None:
    ended, over = begun(administrator, partner.address).row, begun(administrator, partner.address)
    happened(officer, office)
    telling.look(timezone.now())
    service.end_webhook(acting_staff=administrator, webhook=ended)
    yesterday = timezone.localdate() - timedelta(days=1)
    Webhook.objects.filter(pk=over.row.pk).update(ends=yesterday)
    happened(officer, office)
    round_of()
    assert partner.taken == []
    told = WebhookDelivery.objects.values_list("state", "why")
    assert list(told) == [("DROPPED", "ENDED")] * 2
    for act in (service.end_webhook, service.send_again):
        with pytest.raises(service.WebhookEnded):
            act(acting_staff=administrator, webhook=ended)


@pytest.mark.parametrize(
    ("changed", "field", "why"),
    [
        ({"address": "http://hooks.example.org/"}, "address", service.AddressUnfit),
        ({"address": "https://a:b@hooks.example.org/"}, "address", service.AddressUnfit),
        ({"address": "https://169.254.169.254/latest"}, "address", service.HostNotListed),
        ({"acts": []}, "acts", service.NoEvents),
        ({"acts": ["people.register_person"]}, "acts", service.NotOffered),
        ({"reason": " "}, "reason", service.ReasonMissing),
        ({"ends": -1}, "ends", service.EndsTooEarly),
        ({"ends": 367}, "ends", service.EndsTooLate),
    ],
)
def test_what_is_wrong_is_named(
    administrator: StaffUser,
    partner: Partner,
    changed: dict[str, Any],
    field: str,
    why: type[Refusal],
) -> None:
    if isinstance(days := changed.get("ends"), int):
        changed = {"ends": timezone.localdate() + timedelta(days=days)}
    with pytest.raises(why) as told:
        begun(administrator, partner.address, **changed)
    assert told.value.field == field
    assert not Webhook.objects.exists()


def test_only_an_administrator_keeps_them(officer: StaffUser, partner: Partner) -> None:
    dpo = staff_with("dpo", Role.DPO)
    for staff in (officer, dpo):
        with pytest.raises(NotAllowed):
            begun(staff, partner.address)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("host", "reached", "may"),
    [
        ("hooks.example.org", "93.184.216.34", True),
        ("hooks.example.org", "10.0.0.5", False),
        ("hooks.example.org", "127.0.0.1", False),
        ("hooks.example.org", "169.254.169.254", False),
        ("hooks.example.org", "::ffff:192.168.1.1", False),
        ("hooks.example.org", "fe80::1%eth0", False),
        ("10.0.0.5", "10.0.0.5", True),
        ("10.0.0.5", "10.0.0.6", False),
        ("localhost", "127.0.0.1", True),
    ],
)
def test_a_name_leads_to_the_open_network_only(host: str, reached: str, may: bool) -> None:
    assert may_lead_to(host, reached) is may


def test_a_listed_name_that_leads_inside_is_sent_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside = [(2, 1, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_asked, **_other: inside)
    listed = frozenset({"hooks.example.org"})
    with pytest.raises(NotTaken) as told:
        post_out("https://hooks.example.org/in", b"{}", {}, listed)
    assert (told.value.why, told.value.final) == ("INSIDE", True)
    with pytest.raises(NotTaken) as other:
        post_out("https://elsewhere.example.org/in", b"{}", {}, listed)
    assert (other.value.why, other.value.final) == ("ADDRESS", True)


def test_it_is_begun_read_and_ended_on_the_pages(
    administrator: StaffUser, office: Office, officer: StaffUser, partner: Partner, client: Client
) -> None:
    client.force_login(administrator)
    listed = reverse("org:webhook_list")
    assert "No other program is told of events" in client.get(listed).content.decode()
    told = {
        "label": "Bank",
        "address": partner.address,
        "acts": [ACT],
        "reason": "It books what we take.",
        "ends": str(timezone.localdate()),
        "_new_id": str(new_id()),
    }
    shown = client.post(reverse("org:webhook_new"), told)
    hook = Webhook.objects.get()
    assert hook.secret in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    again = client.post(reverse("org:webhook_new"), told)
    assert again.status_code == 422
    assert hook.secret not in again.content.decode()
    happened(officer, office)
    partner.answers = [400]
    round_of()
    page = client.get(reverse("org:webhook_detail", args=[hook.pk])).content.decode()
    assert "it answered 400" in page
    assert hook.secret not in page
    assert str(office.pk) not in page
    told_list = f"{reverse('org:delivery_list')}?state=DEAD&webhook={hook.pk}"
    assert client.post(listed, {"q": "x"}, follow=True).status_code == 200
    assert client.get(told_list).status_code == 200
    assert client.post(reverse("org:webhook_again", args=[hook.pk]), {}).status_code == 302
    round_of()
    assert WebhookDelivery.objects.get().state == "SENT"
    assert client.post(reverse("org:webhook_end", args=[hook.pk]), {}).status_code == 302
    hook.refresh_from_db()
    assert hook.ended_by == administrator
    acts = AuditLine.objects.filter(object_id=str(hook.pk)).values_list("action", flat=True)
    assert sorted(acts) == ["org.begin_webhook", "org.end_webhook", "org.send_again"]
    client.force_login(officer)
    assert client.get(listed).status_code == 403


def test_it_is_looked_at_every_minute_and_old_tellings_go(
    administrator: StaffUser, officer: StaffUser, office: Office, partner: Partner
) -> None:
    assert telling.look in jobs.every_minute
    assert telling.forget_old_deliveries in nightly.jobs
    begun(administrator, partner.address)
    telling.look(timezone.now())
    assert not DBTaskResult.objects.filter(task_path__endswith="send_deliveries").exists()
    happened(officer, office)
    round_of()
    long_ago = timezone.now() - timedelta(days=91)
    WebhookDelivery.objects.update(happened_at=long_ago)
    telling.forget_old_deliveries.func()
    assert not WebhookDelivery.objects.exists()


def test_nobody_is_told_once_its_keeper_is_gone_until_another_takes_it_over(
    administrator: StaffUser, officer: StaffUser, office: Office, partner: Partner
) -> None:
    hook = begun(administrator, partner.address).row
    take = partial(service.take_over_webhook, webhook=hook)
    other = staff_with("next", Role.ADMINISTRATOR)
    with pytest.raises(service.StillKept):
        take(acting_staff=other, reason="She left")
    line = happened(officer, office)
    telling.look(timezone.now())
    staff_service.disable_staff(acting_staff=other, staff=administrator)
    happened(officer, office)
    round_of()
    assert (partner.taken, WebhookDelivery.objects.get().state) == ([], "WAITING")
    with pytest.raises(NotAllowed):
        take(acting_staff=officer, reason="She left")
    with pytest.raises(service.ReasonMissing):
        take(acting_staff=other, reason=" ")
    for _time in range(2):
        take(acting_staff=other, reason="She left, the bank still needs it")
    assert AuditLine.objects.filter(action="org.take_over_webhook").count() == 1
    round_of()
    assert len(partner.taken) == 2
    assert WebhookDelivery.objects.filter(state="SENT", line=line.pk).exists()


def test_the_list_says_so_and_the_page_lets_take_it_over(
    client: Client,
    administrator: StaffUser,
    office: Office,
    partner: Partner,
    settings: Settings,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    hook = begun(administrator, partner.address).row
    other = staff_with("next", Role.ADMINISTRATOR)
    page = reverse("org:webhook_detail", args=[hook.pk])
    act = reverse("org:webhook_take_over", args=[hook.pk])
    client.force_login(other)
    assert act not in client.get(page).content.decode()
    staff_service.disable_staff(acting_staff=other, staff=administrator)
    listed = client.post(reverse("org:webhook_list"), {"q": "Bank"}, follow=True).content.decode()
    assert "Stopped: nobody keeps it" in listed
    assert act in client.get(page).content.decode()
    assert client.post(act, {"reason": ""}).status_code == 422
    assert client.post(act, {"reason": "The bank needs it"}).status_code == 302
    shown = client.get(page).content.decode()
    assert "The bank needs it" in shown
    assert act not in shown


def test_who_is_kept_apart_is_asked_only_where_something_happened(
    administrator: StaffUser,
    officer: StaffUser,
    office: Office,
    partner: Partner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun(administrator, partner.address)
    asked: list[StaffUser] = []
    walk = audit.lines_for_webhooks

    def counted(staff: StaffUser) -> Any:
        asked.append(staff)
        return walk(staff)

    monkeypatch.setattr(audit, "lines_for_webhooks", counted)
    happened(officer, office, "org.open_office")
    telling.look(timezone.now())
    assert asked == []
    happened(officer, office)
    telling.look(timezone.now())
    telling.look(timezone.now())
    assert len(asked) == 1


def test_no_event_is_about_the_record_of_a_person() -> None:
    assert webhooks.offered
    assert not [act for act in webhooks.offered if act.startswith("people.")]
