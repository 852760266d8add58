"""Notices by e-mail: who wants them is told that something waits, never what; a server of e-mail
runs beside the test.
"""

import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from handup.kernel.ids import new_id
from handup.org import condition, jobs, mailing, nightly, notices
from handup.org.mail_server import MailServer, is_address, read_server
from handup.org.models import AuditLine, Incident, MailNotice, NoticeWish, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.posting_out import NotTaken
from handup.org.services import notices as service
from handup.org.services.staff import disable_staff

ADDRESS = "dpo@example.org"


@dataclass
class Post:
    """What a server of e-mail was handed, and how it answers to the one it is for."""

    answers: list[str] = field(default_factory=list)
    farewell: str = "221 bye"
    taken: list[bytes] = field(default_factory=list)


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    """A server of e-mail on this machine."""
    told = Post()

    class Takes(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 here")
            while word := self.rfile.readline().strip().upper().split(b" ")[0]:
                if word == b"RCPT":
                    self.say(told.answers.pop(0) if told.answers else "250 ok")
                elif word == b"DATA":
                    self.say("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    told.taken.append(b"".join(lines))
                    self.say("250 taken")
                else:
                    self.say(told.farewell if word == b"QUIT" else "250 ok")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Takes)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.MAIL_SERVER = read_server(f"smtp://127.0.0.1:{server.server_address[1]}")
    settings.MAIL_FROM = "handup@example.org"
    yield told
    server.shutdown()
    server.server_close()


def wanted(staff: StaffUser) -> NoticeWish:
    """She wants notices."""
    return service.ask_for_notices(acting_staff=staff, address=ADDRESS)


def incident(what: str = "") -> Incident:
    """An incident is reported."""
    now = timezone.now()
    row = Incident(code=f"I{new_id().hex[-7:]}", kind="OTHER", noticed_at=now, notify_by=now)
    row.what = what
    row.save()
    return row


def round_of() -> None:
    """Look, and send what is due."""
    notices.look(timezone.now())
    notices.send_notices.func()


def subjects(post: Post) -> list[str]:
    """The subjects of what was taken."""
    return [str(message_from_bytes(raw, policy=policy.default)["Subject"]) for raw in post.taken]


def test_she_who_wants_them_is_told_once_and_nobody_is_named(
    protection_officer: StaffUser, officer: StaffUser, post: Post
) -> None:
    incident("of before she asked")
    wanted(protection_officer)
    wanted(officer)
    incident("Ani told it to Gor")
    round_of()
    round_of()
    assert sorted(subjects(post)) == [
        "An incident was reported",
        "Notices of Handup",
        "Notices of Handup",
    ]
    for raw in post.taken:
        letter = message_from_bytes(raw, policy=policy.default)
        assert (letter["To"], letter["From"]) == (ADDRESS, "handup@example.org")
        text = letter.get_content() + letter["Subject"]
        for said in ("Ani", "Gor", "http", protection_officer.display_name):
            assert said not in text
    assert {row.state for row in MailNotice.objects.all()} == {"SENT"}


def test_she_reads_them_in_her_language(protection_officer: StaffUser) -> None:
    notice = notices.kinds["INCIDENT"]
    assert notices.words_of(notice, "en")[0] == "An incident was reported"
    assert "never asks for your password" in notices.words_of(notice, "en")[1]


def test_a_role_that_ends_is_told_to_her_who_has_it(officer: StaffUser, post: Post) -> None:
    wanted(officer)
    round_of()
    assert subjects(post) == ["Notices of Handup"]
    today = timezone.localdate()
    officer.grants.update(ends=today + timedelta(days=14))
    round_of()
    round_of()
    assert subjects(post)[1:] == ["One of your roles ends soon"]


def test_what_is_wrong_is_looked_for_at_night_and_told_once_a_day(
    administrator: StaffUser, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted(administrator)
    bad = condition.Finding("DISK", condition.Weight.STOPS, "Only 1 MB are free.", "Make room.")
    monkeypatch.setattr(condition, "looks", [lambda _now: [bad]])
    round_of()
    assert subjects(post) == ["Notices of Handup"]
    for _turn in range(2):
        notices.look_at_night.func()
        notices.send_notices.func()
    assert subjects(post)[1:] == ["Something has to be mended today"]
    assert notices.look_at_night in nightly.jobs
    assert notices.look in jobs.every_minute


def test_nothing_is_sent_once_she_ends_them_loses_the_right_or_her_account(
    protection_officer: StaffUser, officer: StaffUser, administrator: StaffUser, post: Post
) -> None:
    for staff in (protection_officer, officer, administrator):
        wanted(staff)
    incident()
    notices.look(timezone.now())
    ended = service.end_notices(acting_staff=officer)
    ended.refresh_from_db()
    assert ended.address == ""
    protection_officer.grants.update(ended_at=timezone.now())
    StaffUser.objects.filter(pk=administrator.pk).update(is_active=False)
    notices.send_notices.func()
    assert subjects(post) == ["Notices of Handup"]  # to the protection officer, who works on
    states = sorted(MailNotice.objects.values_list("state", "why"))
    assert states == [*[("DROPPED", "NOT_WANTED")] * 3, ("SENT", "")]
    with pytest.raises(service.NoticesEnded):
        service.end_notices(acting_staff=officer)


def test_what_is_not_taken_is_tried_again_and_in_the_end_given_up(
    officer: StaffUser, post: Post
) -> None:
    wanted(officer)
    post.answers = ["451 later"] * notices.TRIES
    for _turn in range(notices.TRIES + 1):
        round_of()
        MailNotice.objects.update(next_try_at=timezone.now())
    row = MailNotice.objects.get()
    assert (row.state, row.why, row.tries) == ("DEAD", "REFUSED", notices.TRIES)
    MailNotice.objects.update(state="WAITING", tries=0)
    post.answers = ["550 nobody here"]
    round_of()
    row.refresh_from_db()
    assert (row.state, row.tries, post.taken) == ("DEAD", 1, [])


def test_without_a_server_it_is_written_down_and_the_address_is_not(
    officer: StaffUser, settings: Settings, tmp_path: Path
) -> None:
    settings.MAIL_SERVER, settings.DATA_DIR = None, tmp_path
    wanted(officer)
    round_of()
    (line,) = (tmp_path / mailing.FILE).read_text().splitlines()
    told = json.loads(line)
    assert (told["to"], told["subject"]) == ("…@example.org", "Notices of Handup")
    assert "dpo" not in line


def test_a_server_elsewhere_is_spoken_with_over_tls_alone(
    officer: StaffUser, post: Post, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = settings.MAIL_SERVER.port
    settings.MAIL_SERVER = MailServer("127.0.0.1", port, "", "", at_once=False)
    monkeypatch.setattr(MailServer, "is_here", property(lambda _self: False))
    with pytest.raises(NotTaken):  # it offers none
        mailing.send(new_id(), ADDRESS, "a", "b")
    assert post.taken == []


@pytest.mark.parametrize(
    "address", ["mail.example.org", "http://mail.example.org", "smtp://:pw@", "smtp://a:b@c:99999"]
)
def test_a_server_that_cannot_be_meant_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="it") as told:
        read_server(address)
    assert address not in str(told.value)


def test_an_address_of_a_server_is_read() -> None:
    word = quote("p/w", safe="")
    server = read_server(f"smtps://me%40example.org:{word}@mail.example.org")
    assert server == MailServer("mail.example.org", 465, "me@example.org", "p/w", at_once=True)
    assert not server.is_here
    assert read_server("smtp://localhost").port == 587


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b", "a@example.org\nBcc: c@d.org", f"{'a' * 250}@example.org"]
)
def test_an_address_that_is_none_is_refused(officer: StaffUser, address: str) -> None:
    assert not is_address(address)
    with pytest.raises(service.AddressWrong) as told:
        service.ask_for_notices(acting_staff=officer, address=address)
    assert told.value.field == "address"
    assert not NoticeWish.objects.exists()


def test_she_asks_and_ends_on_her_account(officer: StaffUser, client: Client) -> None:
    client.force_login(officer)
    account, ask = reverse("org:account"), reverse("org:notices_ask")
    assert "off: ask for them" in client.get(account).content.decode()
    told = {"address": ADDRESS, "_new_id": str(new_id())}
    for _turn in range(2):  # sent twice
        assert client.post(ask, told).status_code == 302
    assert "get notices already" in client.post(ask, {"address": ADDRESS}).content.decode()
    notices.look(timezone.now())
    page = client.get(account).content.decode()
    assert "on: end them" in page
    assert "Notices of Handup" in page
    assert client.post(reverse("org:notices_end"), {}).status_code == 302
    assert "off: ask for them" in client.get(account).content.decode()
    acts = AuditLine.objects.filter(staff=officer).values_list("action", flat=True)
    assert sorted(acts) == ["org.ask_for_notices", "org.end_notices"]


def test_a_program_with_a_token_asks_for_none(officer: StaffUser) -> None:
    officer.by_token = True
    with pytest.raises(NotAllowed):
        wanted(officer)


def test_what_was_taken_is_sent_once_whatever_the_farewell(officer: StaffUser, post: Post) -> None:
    post.farewell = "421 too busy"
    wanted(officer)
    round_of()
    assert list(MailNotice.objects.values_list("state", "tries")) == [("SENT", 1)]
    assert len(post.taken) == 1


def test_a_server_that_is_away_is_asked_once_a_round(
    protection_officer: StaffUser, officer: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []

    def away(*told: object) -> None:
        asked.append(told)
        raise NotTaken("NOT_REACHED", final=False)

    monkeypatch.setattr(mailing, "send", away)
    for staff in (protection_officer, officer):
        wanted(staff)
    round_of()
    assert len(asked) == 1
    assert sorted(MailNotice.objects.values_list("state", "tries")) == [
        ("WAITING", 0),
        ("WAITING", 1),
    ]


def test_whose_account_is_closed_leaves_no_address(
    administrator: StaffUser, officer: StaffUser, post: Post
) -> None:
    wish = wanted(officer)
    notices.look(timezone.now())
    disable_staff(acting_staff=administrator, staff=officer)
    wish.refresh_from_db()
    assert (wish.address, wish.ended_at is None) == ("", False)
    assert list(MailNotice.objects.values_list("state", "why")) == [("DROPPED", "NOT_WANTED")]


def test_a_look_that_fails_keeps_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def fails(_now: object) -> None:
        raise ValueError

    monkeypatch.setattr(jobs, "every_minute", [fails, seen.append])
    jobs.look_at_all(timezone.now())
    assert len(seen) == 1
