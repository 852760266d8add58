"""Filled forms come from a server of ODK Central or KoboToolbox; a counterpart speaks as both."""

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from handup.cli import main
from handup.org.models import StaffUser
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import fetching
from handup.surveys.models import Submission, UnplacedAnswers
from handup.surveys.rules.codes import SubmissionState
from handup.surveys.tests import conftest as cast
from handup.surveys.tests.collect import Field, body, open_field, picture

officer, second, programme, person = cast.officer, cast.second, cast.programme, cast.person
SECRET, TOKEN, WHO = "a lamp over the table", "c3Ryb25n", "ani:word"
Answer = tuple[int, Any]


@dataclass
class Counterpart:
    """A server with filled forms, as both programs hold them; `broken` paths answer so instead,
    and of those with a length so many bytes are promised."""

    address: str = ""
    forms: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    broken: dict[str, Answer] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    page: int = 2

    def answer(self, method: str, path: str, headers: Any, sent: bytes) -> Answer:
        """What is answered to one request."""
        self.asked.append(f"{method} {path}")
        parts = urlsplit(path)
        if parts.path in self.broken:
            return self.broken[parts.path]
        if parts.path == "/v1/sessions":
            told = json.loads(sent)
            good = method == "POST" and told == {"email": "ani@example.org", "password": SECRET}
            return (200, {"token": TOKEN, "expiresAt": "2026-12-01"}) if good else (401, {})
        words = [unquote(one) for one in parts.path.strip("/").split("/")]
        if words[0] == "v1":
            known = headers["Authorization"] == f"Bearer {TOKEN}"
            return self.central(words[1:]) if known else (401, {})
        known = headers["Authorization"] == f"Token {SECRET}"
        return self.kobo(words, parse_qs(parts.query)) if known else (401, {})

    def central(self, words: list[str]) -> Answer:
        """docs.getodk.org/central-api-submission-management"""
        if words[:5] != ["projects", "3", "forms", "household", "submissions"]:
            return 404, {}
        match words[5:]:
            case []:
                days = enumerate(self.forms, 1)
                rows = [{"instanceId": id, "createdAt": f"2026-03-{n:02}"} for n, id in days]
                return 200, rows[::-1]
            case [name] if name.endswith(".xml"):
                return 200, self.forms[name.removesuffix(".xml")]
            case [id, "attachments"]:
                held = self.files.get(id, {})
                return 200, [*({"name": name, "exists": True} for name in held),
                             {"name": "lost.jpg", "exists": False}]  # fmt: skip
            case [id, "attachments", name]:
                return 200, self.files[id][name]
        return 404, {}

    def kobo(self, words: list[str], query: dict[str, list[str]]) -> Answer:
        """support.kobotoolbox.org/api: data of an asset, page by page"""
        if words[:5] != ["api", "v2", "assets", "aB3", "data"]:
            return 404, {}
        ids = list(self.forms)
        match words[5:]:
            case []:
                start = int(query["start"][0])
                rows = [self._row(n) for n in range(len(ids))][start : start + self.page]
                more = start + self.page < len(ids)
                return 200, {"count": len(ids), "next": "later" if more else None, "results": rows}
            case [number]:
                return (
                    (200, self.forms[ids[int(number)]])
                    if query == {"format": ["xml"]}
                    else (400, "")
                )
            case [number, "attachments", uid]:
                return 200, self.files[ids[int(number)]][uid.removeprefix("att-")]
        return 404, {}

    def _row(self, number: int) -> dict[str, Any]:
        held = self.files.get(list(self.forms)[number], {})
        files = [{"uid": f"att-{name}", "filename": f"ani/attachments/{name}"} for name in held]
        return {"_id": number, "_attachments": files}


@pytest.fixture
def counterpart() -> Iterator[Counterpart]:
    told = Counterpart()

    class Speaks(BaseHTTPRequestHandler):
        def _speak(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"] or 0))
            status, answer = told.answer(self.command, self.path, self.headers, sent)
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            if self.path in told.lengths:
                self.send_header("Content-Length", str(told.lengths[self.path]))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _speak

        def log_message(self, *_said: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Speaks)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told.address = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def asked(
    officer: StaffUser,
    second: StaffUser,
    programme: Programme,
    person: Any,
    counterpart: Counterpart,
) -> Field:
    """An open round, and a server that holds three filled forms: two of its cases, one of none."""
    found = open_field(officer, second, programme, person)
    keys = [one.pk.hex for one in found.cases[:2]]
    counterpart.forms = {
        "uuid:1": body(keys[0], instance="uuid:1", photo="photo.png"),
        "uuid:2": body(keys[1], instance="uuid:2"),
        "uuid:3": body("nobody", instance="uuid:3"),
    }
    counterpart.files = {"uuid:1": {"photo.png": picture()}}
    return found


CENTRAL = ["--project", "3", "--form", "household", "--user", "ani@example.org"]
KOBO = ["--asset", "aB3"]


@pytest.fixture
def fetch(
    counterpart: Counterpart, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Says the command as somebody; its status and what it printed."""

    def do(*words: str, secret: str = SECRET, server: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{secret}\n"))
        who = ["--programme", "MED", "--staff", "ani", "--server", server or counterpart.address]
        capsys.readouterr()
        status = main(["fetch-answers", *who, *words])
        told = capsys.readouterr()
        assert SECRET not in told.out + told.err
        return status, told.out + told.err

    return do


@pytest.mark.parametrize("way", [CENTRAL, KOBO], ids=["central", "kobo"])
def test_forms_are_placed_with_their_files_and_once(
    way: list[str], asked: Field, fetch: Any, person: Person
) -> None:
    for _again in range(2):
        status, told = fetch(*way, "--json")
        assert status == 0, told
        assert json.loads(told) == {"placed": 2, "unplaced": 1, "conflict": 0, "refused": []}
    rows = Submission.objects.order_by("instance_id")
    assert [row.instance_id for row in rows] == ["uuid:1", "uuid:2"]
    assert {row.state for row in rows} == {SubmissionState.RECEIVED}
    assert [row.case_id for row in rows] == [one.pk for one in asked.cases[:2]]
    assert rows[0].attachments.count() == 1
    assert UnplacedAnswers.objects.count() == 1


def test_a_name_the_server_gave_the_form_is_put_right(
    asked: Field, fetch: Any, counterpart: Counterpart
) -> None:
    counterpart.forms = {
        id: told.replace(b'id="household" version="2026-1"', b'id="aB3" version="vX"')
        for id, told in counterpart.forms.items()
    }
    status, told = fetch(*KOBO, "--json")
    assert (status, len(json.loads(told)["refused"])) == (1, 3)
    for _again in range(2):
        status, told = fetch(*KOBO, "--into", "household/2026-1")
        assert (status, told.strip()) == (
            0, "2 placed, 1 not placed, 0 differ from what is stored, 0 refused",
        )  # fmt: skip
    assert fetch(*KOBO, "--into", "household")[0] == 1


def test_one_that_cannot_be_taken_stops_none_behind_it(
    asked: Field, fetch: Any, counterpart: Counterpart
) -> None:
    counterpart.forms = {"uuid:0": b"<household id=", **counterpart.forms}
    status, told = fetch(*CENTRAL, "--json")
    found = json.loads(told)
    assert (status, found["placed"], found["unplaced"]) == (1, 2, 1)
    assert [one["id"] for one in found["refused"]] == ["uuid:0"]


@pytest.mark.parametrize(
    ("path", "answer", "words"),
    [
        ("/v1/sessions", (401, {}), "did not give out a session (HTTP_401)"),
        ("/v1/sessions", (200, {"token": 7}), "answered a session in another form"),
        ("/v1/sessions", (302, {}), "(HTTP_302)"),
        ("/v1/projects/3/forms/household/submissions", (200, b"<html>"), "in another form"),
        ("/v1/projects/3/forms/household/submissions", (200, [1]), "in another form"),
        ("/v1/projects/3/forms/household/submissions", (500, {}), "the list of answers (HTTP_500)"),
    ],
)
def test_a_server_that_answers_otherwise_is_named(
    path: str, answer: Answer, words: str, asked: Field, fetch: Any, counterpart: Counterpart
) -> None:
    counterpart.broken[path] = answer
    status, told = fetch(*CENTRAL)
    assert status == 1
    assert words in told
    assert not Submission.objects.exists()


def test_a_wrong_password_or_none_gets_nothing(asked: Field, fetch: Any) -> None:
    assert "HTTP_401" in fetch(*CENTRAL, secret="another")[1]
    assert "is missing" in fetch(*CENTRAL, secret="")[1]
    assert fetch("--project", "3")[0] == 2
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("http://survey.example.org", "must begin with https"),
        (f"https://{WHO}@survey.example.org", "must begin with https"),
        ("https://survey.example.org/?x=1", "must begin with https"),
        ("file:///etc/passwd", "must begin with https"),
    ],
)
def test_no_other_kind_of_address_is_asked(
    server: str, words: str, asked: Field, fetch: Any
) -> None:
    status, told = fetch(*CENTRAL, server=server)
    assert status == 1
    assert words in told


def test_a_name_that_leads_inside_is_asked_nothing(
    asked: Field, fetch: Any, counterpart: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    def inside(*_asked: Any, **_more: Any) -> list[Any]:
        return [(2, 1, 6, "", ("10.0.0.7", 443))]

    monkeypatch.setattr("handup.org.posting_out.socket.getaddrinfo", inside)
    status, told = fetch(*CENTRAL, server="https://survey.example.org")
    assert (status, "(INSIDE)" in told) == (1, True)
    assert counterpart.asked == []


def test_an_answer_without_end_is_cut_off(
    asked: Field, fetch: Any, counterpart: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_LIST", 1_000)
    counterpart.broken["/v1/sessions"] = (200, b"[" + b"1," * 4_000)
    assert "(TOO_LARGE)" in fetch(*CENTRAL)[1]


PHOTO = "/v1/projects/3/forms/household/submissions/uuid%3A1/attachments/photo.png"


@pytest.mark.parametrize(
    ("answer", "why"), [((404, {}), "HTTP_404"), ((200, picture()[:-9]), "NOT_REACHED")]
)
def test_a_file_the_server_does_not_give_out_whole_stops_no_other_answers(
    answer: Answer, why: str, asked: Field, fetch: Any, counterpart: Counterpart
) -> None:
    """A piece of a picture is never kept as the picture: the whole one comes with the next run."""
    counterpart.broken[PHOTO] = answer
    counterpart.lengths[PHOTO] = len(picture()) if answer[0] == 200 else 2
    status, told = fetch(*CENTRAL, "--json")
    found = json.loads(told)
    assert (status, found["placed"], found["unplaced"]) == (1, 1, 1)
    assert [one["id"] for one in found["refused"]] == ["uuid:1"]
    assert why in found["refused"][0]["why"]
    counterpart.broken.clear()
    counterpart.lengths.clear()
    assert fetch(*CENTRAL)[0] == 0
    assert Submission.objects.get(instance_id="uuid:1").attachments.count() == 1


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_what_was_taken_before_the_server_went_away_is_told(
    more: list[str], asked: Field, fetch: Any, counterpart: Counterpart
) -> None:
    base = "/v1/projects/3/forms/household/submissions/uuid%3A"
    counterpart.forms |= {f"uuid:{number}": b"" for number in range(4, 9)}
    counterpart.broken = {f"{base}{number}.xml": (503, {}) for number in range(4, 9)}
    status, told = fetch(*CENTRAL, *more)
    assert status == 1
    assert ('"placed": 2' if more else "2 placed, 1 not placed") in told
    assert "(HTTP_503)" in told.rpartition("refused")[2]
    assert Submission.objects.count() == 2


def test_a_server_that_is_away_is_not_asked_for_every_answer(
    asked: Field, fetch: Any, counterpart: Counterpart
) -> None:
    base = "/v1/projects/3/forms/household/submissions/uuid%3A"
    counterpart.forms |= {f"uuid:{number}": b"" for number in range(4, 9)}
    counterpart.broken = {f"{base}{number}.xml": (503, {}) for number in range(1, 9)}
    assert "(HTTP_503)" in fetch(*CENTRAL)[1]
    assert sum(".xml" in one for one in counterpart.asked) == fetching.MOST_AWAY
