"""A borrower's line: receipts and reminders on her own telephone, because she wants them, handed to
a gateway that runs beside the test.
"""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from handup.kernel.ids import new_id
from handup.lending import services as lending
from handup.lending.errors import FutureDate
from handup.lending.models import BorrowerLine, LineMessage, Loan, MessageKind, MessageState
from handup.lending.services import lines
from handup.lending.tests.cast import START, World, make_person, repay
from handup.lending.tests.test_api import post
from handup.lending.tests.test_pages import at, do
from handup.org import nightly, posting_out, texting
from handup.org.models import AuditLine
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.posting_out import NotTaken, is_fit
from handup.org.posting_out import post as post_out
from handup.people.models import ConsentEnding, Person
from handup.people.queries import ConsentMissing
from handup.people.queries.persons import hidden_from_all
from handup.people.rules.codes import ConsentMethod

PHONE, PAID = "+37499777555", date(2025, 2, 15)
KEY = "a-key-of-these-tests"


@dataclass
class Gateway:
    """What a gateway was handed, and how it answers."""

    address: str = ""
    answers: list[int] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    """A program that takes messages over HTTP on this machine."""
    told = Gateway()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.taken.append(json.loads(body))
            told.keys.append(self.headers.get("Authorization", ""))
            status = told.answers.pop(0) if told.answers else 202
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Takes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told.address = f"http://127.0.0.1:{server.server_port}/send"
    settings.SMS, settings.SMS_KEY = told.address, KEY
    yield told
    server.shutdown()
    server.server_close()


def with_phone(world: World, phone: str = PHONE) -> Person:
    """The borrower, with a telephone on her record."""
    world.person.phone = phone
    world.person.save()
    return world.person


def started(world: World, language: str = "en", **changes: Any) -> BorrowerLine:
    """She wants messages."""
    told: dict[str, Any] = {
        "acting_staff": world.cast.officer,
        "person": with_phone(world),
        "language": language,
        "agreed_date": START,
        "agreed_how": ConsentMethod.SIGNATURE,
    }
    return lines.start_line(**{**told, **changes})


def of_a_line(world: World, loan: Loan) -> list[Model]:
    """Sample records: a line, and a message of it."""
    line = started(world)
    message = LineMessage.objects.create(line=line, loan=loan, kind=MessageKind.BALANCE)
    return [line, message]


def send_all() -> None:
    """Send whatever waits, as the job does."""
    lines.send_waiting.func()


def test_a_payment_has_one_receipt_that_says_what_is_left(
    world: World, loan: Loan, gateway: Gateway
) -> None:
    started(world)
    paid = repay(world, loan, PAID, 113_47)
    message = LineMessage.objects.get()
    assert (message.kind, message.event_id, message.state) == ("RECEIPT", paid.pk, "WAITING")
    send_all()
    send_all()
    (only,) = gateway.taken
    assert (only["id"], only["to"]) == (str(message.pk), PHONE)
    assert only["text"].startswith(f"{loan.code}: we received USD\u00a0113.47 on ")
    assert "1,110.53" in only["text"]
    assert world.person.display_name not in only["text"]
    assert gateway.keys == [f"Bearer {KEY}"]
    message.refresh_from_db()
    assert (message.state, message.tries) == (MessageState.SENT, 1)


def test_the_same_payment_sent_twice_has_one_receipt(world: World, loan: Loan) -> None:
    started(world)
    key = new_id()
    for _turn in range(2):
        repay(world, loan, PAID, 113_47, id=key)
    assert LineMessage.objects.count() == 1


def test_a_payment_taken_back_before_it_is_sent_has_none(
    world: World, loan: Loan, gateway: Gateway
) -> None:
    started(world)
    paid = repay(world, loan, PAID, 113_47)
    lending.reverse_repayment(
        acting_staff=world.cast.accountant, event=paid, value_date=PAID, reason="Typed twice"
    )
    send_all()
    message = LineMessage.objects.get(event=paid)
    assert (gateway.taken, message.state, message.why) == ([], "DROPPED", "NOTHING")


def test_who_did_not_ask_for_it_gets_nothing(world: World, loan: Loan) -> None:
    with_phone(world)
    repay(world, loan, PAID, 113_47)
    assert not LineMessage.objects.exists()


def test_what_the_gateway_does_not_take_is_tried_again_and_in_the_end_given_up(
    world: World, loan: Loan, gateway: Gateway
) -> None:
    started(world)
    repay(world, loan, PAID, 113_47)
    gateway.answers = [503, 429, 202]
    row = LineMessage.objects.get()
    now = row.next_try_at
    waits = []
    for _turn in range(3):
        lines.send_message(row.pk, now)
        row.refresh_from_db()
        waits.append((row.next_try_at - now).total_seconds())
        now = row.next_try_at
    assert (waits[:2], row.state, row.tries) == ([60.0, 300.0], "SENT", 3)
    assert {one["id"] for one in gateway.taken} == {str(row.pk)}
    LineMessage.objects.update(state="WAITING", tries=0)
    gateway.answers = [500] * lines.TRIES
    for _turn in range(lines.TRIES + 2):
        row.refresh_from_db()
        lines.send_message(row.pk, max(now, row.next_try_at))
    row.refresh_from_db()
    assert (row.state, row.why, row.tries) == ("FAILED", "HTTP_500", lines.TRIES)


def test_the_last_of_a_slow_round_is_nobody_elses_while_it_is_sent(
    world: World, loan: Loan, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is claimed by its own clock: a round may take longer than a claim holds."""
    started(world)
    repay(world, loan, PAID, 113_47)
    repay(world, loan, PAID, 100_00)
    began, slow, left = timezone.now(), timedelta(minutes=6), []
    clock = iter(began + slow * place for place in range(100))

    def goes(pk: Any, now: datetime) -> bool:
        left.append((pk, now))
        return True

    monkeypatch.setattr(lines, "send_message", goes)
    monkeypatch.setattr("handup.lending.services.lines.timezone.now", lambda: next(clock))
    lines.send_waiting.func()
    assert len(left) == 2
    assert left[1][1] - left[0][1] == slow


@pytest.mark.parametrize("status", [400, 401, 302])
def test_a_refusal_or_a_way_elsewhere_is_final(
    world: World, loan: Loan, gateway: Gateway, status: int
) -> None:
    started(world)
    repay(world, loan, PAID, 113_47)
    gateway.answers = [status]
    send_all()
    row = LineMessage.objects.get()
    assert (row.state, row.why, len(gateway.taken)) == ("FAILED", f"HTTP_{status}", 1)


def test_a_gateway_that_is_not_there_is_tried_again(
    world: World, loan: Loan, settings: Settings
) -> None:
    settings.SMS, settings.SMS_KEY = "http://127.0.0.1:9/send", KEY
    started(world)
    repay(world, loan, PAID, 113_47)
    send_all()
    row = LineMessage.objects.get()
    assert (row.state, row.why, row.tries) == ("WAITING", "NOT_REACHED", 1)


def test_without_a_gateway_it_is_written_down_and_the_number_is_not(
    world: World, loan: Loan, settings: Settings, tmp_path: Path
) -> None:
    settings.SMS, settings.DATA_DIR = "", tmp_path
    started(world)
    repay(world, loan, PAID, 113_47)
    send_all()
    (file,) = (tmp_path / "messages").iterdir()
    text = file.read_text()
    assert file.name == f"{timezone.localdate()}.jsonl"
    assert json.loads(text)["to"] == "…555"
    assert PHONE not in text
    assert file.stat().st_mode & 0o077 == 0


def test_what_was_written_down_is_dropped_when_its_day_is_over(
    settings: Settings, tmp_path: Path
) -> None:
    settings.SMS, settings.DATA_DIR = "", tmp_path
    texting.drop_written_down()  # nothing was ever written down
    (tmp_path / "messages").mkdir()
    yesterday = f"{timezone.localdate() - timedelta(days=1)}.jsonl"
    for old in (tmp_path / "messages.jsonl", tmp_path / "messages" / yesterday):
        old.write_text("{}\n")
    (tmp_path / "keys.json").write_text("{}")
    texting.send(new_id(), PHONE, "You paid 5.00")
    texting.send(new_id(), PHONE, "You paid 6.00")
    (kept,) = (tmp_path / "messages").iterdir()
    assert [json.loads(line)["text"] for line in kept.read_text().splitlines()] == [
        *("You paid 5.00", "You paid 6.00")
    ]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["keys.json", "messages"]
    assert texting.drop_at_night in nightly.jobs


def test_a_message_that_waits_already_is_dropped_when_consent_ends(
    world: World, loan: Loan, gateway: Gateway
) -> None:
    line = started(world)
    repay(world, loan, PAID, 113_47)
    consent = line.person.consents.get(purpose="SERVICE")
    ConsentEnding.objects.create(
        consent=consent,
        how="WITHDRAWN",
        end_date=timezone.localdate(),
        recorded_by=world.cast.officer,
    )
    send_all()
    row = LineMessage.objects.get()
    assert (gateway.taken, row.state, row.why) == ([], "DROPPED", "CONSENT")


def test_nobody_kept_apart_is_written_to(
    world: World, loan: Loan, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = started(world)
    repay(world, loan, PAID, 113_47)
    apart = hidden_from_all() | {line.person_id}
    monkeypatch.setattr(lines, "hidden_from_all", lambda: apart)
    send_all()
    row = LineMessage.objects.get()
    assert (gateway.taken, row.state, row.why) == ([], "DROPPED", "APART")
    lines.end_line(acting_staff=world.cast.officer, line=line)
    with pytest.raises(lines.NotForHer):
        started(world)


def test_a_reminder_comes_once_two_days_before_and_by_day(
    world: World, loan: Loan, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(world)
    night = datetime(2025, 2, 13, 2, 30, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: night)
    assert [lines.remind(date(2025, 2, day)) for day in (12, 13, 13, 14)] == [0, 1, 0, 0]
    row = LineMessage.objects.get()
    assert (row.due_date, timezone.localtime(row.next_try_at).hour) == (PAID, 8)
    send_all()
    assert gateway.taken == []
    lines.send_message(row.pk, row.next_try_at)
    (only,) = gateway.taken
    assert "113.47" in only["text"]


def test_no_reminder_of_what_is_paid_meanwhile(world: World, loan: Loan, gateway: Gateway) -> None:
    started(world)
    lines.remind(date(2025, 2, 13))
    repay(world, loan, date(2025, 2, 14), 113_47)
    row = LineMessage.objects.get(kind="DUE")
    on_the_day = datetime(2025, 2, 14, 9, tzinfo=UTC)
    LineMessage.objects.update(next_try_at=on_the_day)
    lines.send_message(row.pk, on_the_day)
    row.refresh_from_db()
    assert (row.state, row.why) == ("DROPPED", "NOTHING")


def hand_over(told: Any, key: str = KEY) -> int:
    """What a gateway hands over."""
    headers = {"Authorization": f"Bearer {key}"}
    sent = Client().post("/lending/line/", told, content_type="application/json", headers=headers)
    return sent.status_code


def test_she_asks_for_her_balance_and_ends_the_line_by_a_message(
    world: World, loan: Loan, gateway: Gateway
) -> None:
    line = started(world)
    assert hand_over({"from": PHONE, "text": "balance"}) == 204
    send_all()
    (only,) = gateway.taken
    assert only["to"] == PHONE
    assert only["text"].startswith(f"{loan.code}: Still owed of the money lent: USD\u00a01,200.00.")
    assert hand_over({"from": PHONE, "text": " stop please"}) == 204
    line.refresh_from_db()
    assert (line.ended_at is not None, line.by_herself) == (True, True)
    assert AuditLine.objects.filter(action="lending.end_line", object_id=line.pk).exists()
    assert hand_over({"from": PHONE, "text": "balance"}) == 204
    assert LineMessage.objects.count() == 1


def test_she_may_ask_five_times_a_day(world: World, loan: Loan, gateway: Gateway) -> None:
    started(world)
    for _turn in range(7):
        hand_over({"from": PHONE, "text": "?"})
    assert LineMessage.objects.filter(kind="BALANCE").count() == lines.BALANCES_A_DAY


@pytest.mark.parametrize(
    "told", ["", "[]", '{"from": 5}', '{"from": "x", "text": "y"}', "9" * 5000, '{"from": {}}']
)
def test_what_is_no_message_is_answered_like_one(world: World, gateway: Gateway, told: str) -> None:
    assert hand_over(told) == 204
    assert hand_over({"from": "+250788123456", "text": "balance"}) == 204
    assert not LineMessage.objects.exists()


def test_only_the_gateway_hands_over(world: World, gateway: Gateway, settings: Settings) -> None:
    assert hand_over({"from": PHONE, "text": "stop"}, key="another") == 404
    settings.SMS_KEY = ""
    assert hand_over({"from": PHONE, "text": "stop"}, key="") == 404


def test_a_line_needs_a_number_consent_and_a_day_that_was(world: World) -> None:
    with pytest.raises(lines.NoTelephone):
        started(world, person=make_person(world.programme, world.office, world.cast.officer, "B"))
    with pytest.raises(FutureDate):
        started(world, agreed_date=timezone.localdate() + timedelta(days=1))
    world.person.consents.all().delete()
    with pytest.raises(ConsentMissing):
        started(world)
    assert not BorrowerLine.objects.exists()


def test_one_line_at_a_time_and_the_same_told_twice_is_one(world: World) -> None:
    key = new_id()
    first = started(world, id=key)
    assert started(world, id=key) == first
    with pytest.raises(lines.LineStands):
        started(world)
    lines.end_line(acting_staff=world.cast.officer, line=first)
    with pytest.raises(lines.LineEnded):
        lines.end_line(acting_staff=world.cast.officer, line=first)
    assert started(world).pk != first.pk


def test_who_may_not_starts_and_ends_nothing(world: World) -> None:
    with pytest.raises(NotAllowed):
        started(world, acting_staff=world.cast.accountant)
    with pytest.raises((NotAllowed, OutOfSight)):
        started(world, acting_staff=world.cast.outsider)
    line = started(world)
    with pytest.raises((NotAllowed, OutOfSight)):
        lines.end_line(acting_staff=world.cast.outsider, line=line)
    line.refresh_from_db()
    assert line.ended_at is None


def test_it_is_started_seen_and_ended_on_the_pages(
    world: World, loan: Loan, client: Client
) -> None:
    person, officer = with_phone(world), world.cast.officer
    assert b"Start messages" in at(client, officer, "line", person.pk).content
    told = {"language": "hy", "agreed_date": START.isoformat(), "agreed_how": "SIGNATURE"}
    assert do(client, officer, "line_start", person.pk, **told).status_code == 302
    line = BorrowerLine.objects.get()
    assert (line.language, line.started_by) == ("hy", officer)
    repay(world, loan, PAID, 113_47)
    page = at(client, officer, "line", person.pk).content.decode()
    assert "receipt" in page
    assert loan.code in page
    assert do(client, officer, "line_end", line.pk).status_code == 302
    assert b"No messages" in at(client, officer, "line", person.pk).content


def test_it_is_started_and_ended_over_the_interface(world: World, client: Client) -> None:
    person, officer = with_phone(world), world.cast.officer
    told: dict[str, Any] = {
        "language": "ru",
        "agreed_date": "2025-01-15",
        "agreed_how": "SIGNATURE",
    }
    made = post(client, officer, f"/persons/{person.pk}/line", **told)
    assert made.status_code == 201, made.content
    ended = post(client, officer, f"/lines/{made.json()['id']}/end")
    assert (ended.status_code, BorrowerLine.objects.get().ended_at is None) == (201, False)


@pytest.mark.parametrize(
    ("address", "fit"),
    [
        ("https://gate.example/x", True),
        ("http://127.0.0.1:80/x", True),
        ("http://gate.example/x", False),
        ("https://me:secret@gate.example/", False),
        ("ftp://gate.example/", False),
        ("https://gate.example:99999/", False),
        ("https://gate..example/", False),
        (f"https://{'a' * 64}.example/", False),
        ("https://", False),
        ("", False),
    ],
)
def test_only_over_tls_or_to_this_machine(address: str, fit: bool) -> None:
    assert is_fit(address) is fit
    if not fit:
        with pytest.raises(NotTaken):
            post_out(address, b"{}", {})


def test_a_gateway_that_answers_byte_by_byte_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, the whole answer does not: 2xx in the end, and too late."""
    monkeypatch.setattr(posting_out, "SECONDS", 0.4)
    went_on = threading.Event()

    def drip(server: socket.socket) -> None:
        line, _from = server.accept()
        with line, contextlib.suppress(OSError):
            for byte in b"HTTP/1.1 200 OK\r\n\r\n":
                line.sendall(bytes([byte]))
                if went_on.wait(0.1):
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        other = threading.Thread(target=drip, args=(server,), daemon=True)
        other.start()
        with pytest.raises(NotTaken, match="NOT_REACHED") as refused:
            post_out(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        went_on.set()
        other.join()
    assert not refused.value.final, "it is sent again"
