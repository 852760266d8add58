"""What the process says of itself: alive, ready, counted, slow; and nothing of anybody."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from handup.org import meters, watch
from handup.org.logs import AsJson, Readable
from handup.org.models import StaffUser

NAME, PHONE = "Mukamana Vestine", "+250788123456"


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the tables are up to date is asked by each test for itself."""
    monkeypatch.setattr(watch, "_up_to_date", [])


class Kept(logging.Handler):
    """Keeps what is logged, as the program would write it."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(formatter)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(params=[AsJson, Readable])
def log(request: pytest.FixtureRequest) -> Iterator[Kept]:
    """Everything logged, in each of the two forms."""
    kept = Kept(request.param())
    root = logging.getLogger()
    answers = logging.getLogger("handup.answers")
    level = answers.level
    answers.setLevel(logging.DEBUG)
    root.addHandler(kept)
    yield kept
    root.removeHandler(kept)
    answers.setLevel(level)


def test_it_says_that_it_is_alive_without_asking_the_database(client: Client) -> None:
    answer = client.get("/health/live", headers={"host": "10.0.0.7:8001"})
    assert (answer.status_code, answer.content) == (200, b"alive\n")


def test_it_is_ready_when_database_tables_and_keys_are(
    client: Client, db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [])
    assert client.get("/health/ready").status_code == 200
    settings.KEYS_FILE.write_text("{}")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.content) == (503, b"not ready: keys\n")


def test_it_is_not_ready_while_its_tables_are_of_another_release(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: ["one"])
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.content) == (503, b"not ready: tables\n")


def test_it_is_not_ready_without_a_database(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise DatabaseError("no such host db.example")

    with monkeypatch.context() as until:
        until.setattr(connection, "cursor", gone)
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.content) == (503, b"not ready: database\n")


def test_metrics_are_for_this_machine_or_for_whoever_has_the_token(
    client: Client, db: None, settings: Settings
) -> None:
    assert client.get("/metrics").status_code == 200
    through_a_web_server = {"X-Forwarded-For": "127.0.0.1"}
    assert client.get("/metrics", headers=through_a_web_server).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 404
    for host, status in (("127.0.0.1:8001", 200), ("[::1]:8001", 200), ("LOCALHOST", 200),
                         ("handup.example.org", 404), ("127.0.0.1.example.org", 404)):  # fmt: skip
        assert client.get("/metrics", headers={"Host": host}).status_code == status, host
    settings.METRICS_TOKEN = "a-token-of-twenty-characters"
    wrong = {"Authorization": "Bearer a-token-of-twenty-character"}
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers=wrong).status_code == 404
    right = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers=right).status_code == 200
    settings.METRICS_TOKEN = ""
    none = {"Authorization": "Bearer "}
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers=none).status_code == 404


LINE = re.compile(r'^[a-z_]+(\{([a-z]+="[^"\n]*",?)+\})? [0-9.e+-]+$')


def test_metrics_count_parts_and_kinds_and_no_address(client: Client, officer: StaffUser) -> None:
    client.force_login(officer)
    before = meters.REQUESTS.value("org", "GET", "2xx")
    given, worked = meters.ANSWERS.value("org:account"), meters.PROCESSOR.value("org:account")
    client.get(reverse("org:account"), {"q": NAME})
    client.get(f"/people/{NAME}/")
    text = client.get("/metrics").content.decode()
    assert meters.REQUESTS.value("org", "GET", "2xx") == before + 1
    assert meters.ANSWERS.value("org:account") == given + 1
    assert meters.PROCESSOR.value("org:account") > worked
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.match(line)] == []
    assert any(line.startswith('handup_requests_total{part="none"') for line in lines)
    assert "Mukamana" not in text
    assert not re.search(rf'"{officer.username}"|{officer.pk}', text)


def test_the_steps_of_a_histogram_hold_all_below_them() -> None:
    held = meters.Histogram("t", "Of this test.", "part")
    for seconds in (0.01, 0.3, 0.3, 99.0):
        held.add(seconds, 'a"b')
    told = held.lines()
    assert r't_bucket{part="a\"b",le="0.025"} 1' in told
    assert r't_bucket{part="a\"b",le="0.5"} 3' in told
    assert r't_bucket{part="a\"b",le="10"} 3' in told
    assert r't_bucket{part="a\"b",le="+Inf"} 4' in told
    assert r't_count{part="a\"b"} 4' in told


def test_each_answer_is_one_line_without_what_was_asked(
    client: Client, officer: StaffUser, log: Kept
) -> None:
    client.force_login(officer)
    log.lines.clear()
    client.get(reverse("org:account"), {"q": NAME, "phone": PHONE})
    client.get(f"/people/{NAME}/{PHONE}/")
    text = "\n".join(log.lines)
    assert "org:account" in text
    for value in (NAME, NAME.split()[0], PHONE, PHONE[1:], officer.username, officer.display_name):
        assert value not in text
    if isinstance(log.formatter, AsJson):
        told = [json.loads(line) for line in log.lines]
        (answered,) = [one for one in told if one.get("page") == "org:account"]
        assert answered["status"] == 200
        assert answered["request_id"]
        assert answered["statements"] > 0


def test_a_fault_is_told_by_its_place_in_json_too() -> None:
    try:
        int(NAME)
    except ValueError as fault:
        kind = type(fault)
        record = logging.LogRecord(
            "x", 40, "p", 1, "refused\n%s", ("CODE",), (kind, fault, fault.__traceback__)
        )
    vars(record)["holder"] = NAME
    line = AsJson().format(record)
    told = json.loads(line)
    assert line.splitlines() == [line]
    assert told["message"] == "refused\nCODE"
    assert told["fault"][0] == "builtins.ValueError"
    assert NAME not in line


@pytest.mark.parametrize("formatter", [Readable(), AsJson()])
def test_a_request_that_was_refused_is_told_without_its_address(
    formatter: logging.Formatter,
) -> None:
    for name, words, values in (
        ("django.security.csrf", "Forbidden (%s): %s", ("no token", f"/people/{NAME}/")),
        ("django.security.DisallowedHost", f"Invalid HTTP_HOST header: {NAME!r}", ()),
        ("django.request", "%s: %s", ("Not Found", f"/people/{NAME}/")),
    ):
        record = logging.LogRecord(name, 40, "p", 1, words, values, None)
        line = formatter.format(record)
        assert name in line
        assert "Mukamana" not in line


def test_a_slow_statement_is_told_without_its_values(
    client: Client, officer: StaffUser, log: Kept, settings: Settings
) -> None:
    settings.SLOW_MS = 0
    before = meters.SLOW.value()
    statements = watch.Statements()
    with connection.execute_wrapper(statements):
        list(StaffUser.objects.filter(display_name=NAME))
        list(StaffUser.objects.extra(where=[f"display_name <> '{PHONE} o''clock'"])[:7])
    assert statements.count == 2
    assert meters.SLOW.value() == before + 2
    slow = [line for line in log.lines if "slow statement" in line]
    assert len(slow) == 2
    assert "org_staffuser" in slow[0]
    assert not any(value in "".join(slow) for value in (NAME, PHONE, PHONE[1:], "clock"))
    settings.SLOW_MS = 600_000
    with connection.execute_wrapper(statements):
        StaffUser.objects.exists()
    assert meters.SLOW.value() == before + 2
