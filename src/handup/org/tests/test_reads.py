"""The read log: one chained row per request, written before the answer, unmendable, in the order of
time.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from handup.kernel.chain import breaks
from handup.kernel.ids import new_id
from handup.org import keeping, keys, reads, triggers, verify
from handup.org.middleware import ReadLogMiddleware
from handup.org.models import AuditLine, ChainHead, ReadAction, ReadEntry, StaffUser

NOON = datetime(2025, 5, 5, 12, tzinfo=UTC)


def entry(staff: StaffUser | None = None, **changed: Any) -> ReadEntry:
    given: dict[str, Any] = {
        "staff": staff,
        "door": "COMMAND",
        "action": "VIEW",
        "persons": [new_id()],
        "highest": "P",
        "now": NOON,
    }
    return reads.write_entry(**{**given, **changed})


def ask(staff: StaffUser | None, view: Any, path: str = "/people/") -> HttpResponse:
    """Send one request through the read log."""
    request = RequestFactory().get(path)
    request.user = staff or AnonymousUser()
    request.session = SessionStore()
    request.resolver_match = ResolverMatch(view, (), {"pk": new_id()}, "people:person_detail")
    answer = ReadLogMiddleware(view)(request)
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_request_that_shows_persons_leaves_one_row(officer: StaffUser) -> None:
    persons = [new_id(), new_id()]

    def view(request: HttpRequest) -> HttpResponse:
        reads.note(request, persons[:1], action="LIST", highest="P")
        reads.note(request, persons, action="REVEAL", highest="S", purpose="call back")
        return HttpResponse("x")

    ask(officer, view)
    row = ReadEntry.objects.get()
    assert row.persons == [str(person) for person in persons]
    assert (row.action, row.highest, row.purpose, row.door) == ("REVEAL", "S", "call back", "WEB")
    assert (row.staff, row.roles) == (officer, ["LOAN_OFFICER"])


def test_a_request_that_shows_nobody_leaves_none(officer: StaffUser) -> None:
    ask(officer, lambda request: HttpResponse("x"))
    assert not ReadEntry.objects.exists()


@pytest.mark.parametrize("status", [403, 404])
def test_a_denied_request_is_logged_with_the_id_it_asked_for(
    officer: StaffUser, status: int
) -> None:
    ask(officer, lambda request: HttpResponse("no", status=status))
    row = ReadEntry.objects.get()
    assert (row.action, len(row.persons), row.purpose) == ("DENIED", 1, "people:person_detail")


def test_the_search_text_is_kept_as_a_hash_only(officer: StaffUser) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        reads.note(request, [], action="SEARCH", search="Mukamana  Alice")
        return HttpResponse("x")

    ask(officer, view)
    row = ReadEntry.objects.get()
    assert row.search_hash == reads.search_key("mukamana alice")
    assert "mukamana" not in json.dumps(row.content()).lower()


def test_when_the_row_cannot_be_written_the_answer_does_not_leave(
    officer: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> None:
        raise OSError("disk full")

    def view(request: HttpRequest) -> HttpResponse:
        reads.note(request, [new_id()])
        return HttpResponse("secret")

    monkeypatch.setattr(reads, "write_entry", full)
    with pytest.raises(OSError, match="disk full"):
        ask(officer, view)


def test_secrets_shown_shorten_the_session(officer: StaffUser) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        reads.note(request, [new_id()], highest="S")
        return HttpResponse("x")

    request = RequestFactory().get("/people/")
    request.user, request.session = officer, {}  # type: ignore[assignment]
    request.resolver_match = None
    ReadLogMiddleware(view)(request)
    assert request.session == {"sensitive": True}


def test_an_unbroken_chain_shows_nothing(officer: StaffUser) -> None:
    for _ in range(5):
        entry(officer)
    assert list(reads.check_chain()) == []
    assert [row.number for row in ReadEntry.objects.order_by("number")] == [1, 2, 3, 4, 5]


def tamper(sql: str, *values: Any) -> None:
    """Change the log as someone with the database password and the triggers off could."""
    with connection.cursor() as cursor:
        for name in ("update", "delete"):
            suffix = " ON org_readentry" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS org_readentry_no_{name}{suffix}")
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    ("sql", "damage"),
    [
        ("UPDATE org_readentry SET purpose = 'x' WHERE number = 3", "CHANGED"),
        ("UPDATE org_readentry SET staff_id = NULL WHERE number = 3", "CHANGED"),
        ("UPDATE org_readentry SET highest = 'I' WHERE number = 1", "CHANGED"),
        ("UPDATE org_readentry SET persons = '[]' WHERE number = 2", "CHANGED"),
        ("DELETE FROM org_readentry WHERE number = 3", "MISSING"),
        ("DELETE FROM org_readentry WHERE number = 5", "CUT_OFF"),
        ("DELETE FROM org_readentry", "CUT_OFF"),
    ],
)
def test_changed_removed_and_cut_off_entries_are_found(
    officer: StaffUser, sql: str, damage: str
) -> None:
    for _ in range(5):
        entry(officer)
    tamper(sql)
    assert damage in {found.stored for found in reads.check_chain()}


def test_one_flipped_bit_of_a_hash_is_found(officer: StaffUser) -> None:
    rows = [entry(officer) for _ in range(3)]
    flipped = f"{int(rows[1].hash, 16) ^ 1:064x}"
    tamper("UPDATE org_readentry SET hash = %s WHERE number = 2", flipped)
    assert {found.stored for found in reads.check_chain()} >= {"CHANGED", "NOT_LINKED"}


def test_a_rewritten_chain_is_found_by_its_signed_head(
    officer: StaffUser, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        entry(officer)
    assert list(reads.check_chain()) == []
    tamper("DELETE FROM org_readentry")
    ChainHead.objects.all().delete()
    entry(officer, persons=[])
    assert [found.stored for found in reads.check_chain()] == ["not the signed entry"]


def test_the_head_is_signed_daily_and_every_thousand_entries(
    officer: StaffUser, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "SIGN_EVERY", 3)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(5):
            entry(officer)
        entry(officer, now=NOON + timedelta(days=1))
    lines = [json.loads(line) for line in reads.heads_file().read_text().splitlines()]
    assert [line["number"] for line in lines] == [1, 4, 6]
    assert {line["public"] for line in lines} == {keys.load().public}


def test_a_head_signed_by_another_key_is_found(
    officer: StaffUser, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        entry(officer)
    line = json.loads(reads.heads_file().read_text())
    line["signature"] = line["signature"][::-1]
    reads.heads_file().write_text(json.dumps(line) + "\nnot json\n")
    assert [found.stored for found in reads.check_chain()] == ["not signed by this house"] * 2


def test_a_clock_that_goes_back_marks_the_entry(officer: StaffUser) -> None:
    entry(officer)
    assert entry(officer, now=NOON - timedelta(hours=1)).clock_back
    assert not entry(officer, now=NOON + timedelta(hours=1)).clock_back
    assert list(reads.check_chain()) == []


@pytest.mark.parametrize("model", [AuditLine, ReadEntry])
def test_the_database_refuses_to_change_or_delete_what_was_logged(
    officer: StaffUser, model: Any
) -> None:
    entry(officer)
    AuditLine.objects.create(staff=officer, action="x", object_type="x", object_id="1")
    rows = model.objects.all()
    with pytest.raises(IntegrityError, match="APPEND_ONLY"), transaction.atomic():
        rows.update(action="DENIED")
    with pytest.raises(IntegrityError, match="APPEND_ONLY"), transaction.atomic():
        rows._raw_delete("default")
    assert model.objects.count() == 1


def test_insert_or_replace_does_not_slip_past_the_guard(officer: StaffUser) -> None:
    if connection.vendor != "sqlite":
        return
    row = entry(officer)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT OR REPLACE INTO org_readentry SELECT * FROM org_readentry")
    assert ReadEntry.objects.get() == row


def test_a_missing_guard_is_found(officer: StaffUser) -> None:
    assert triggers.missing(connection) == []
    tamper("DELETE FROM org_readentry WHERE number = 0")
    found = [
        item.key for outcome in verify.run_checks(only=["APPEND_ONLY"]) for item in outcome.shown
    ]
    assert found == ["org_readentry_no_update", "org_readentry_no_delete"]
    triggers.create(connection)
    assert triggers.missing(connection) == []


def test_an_auditor_reads_the_log_and_an_officer_does_not(
    officer: StaffUser, auditor: StaffUser
) -> None:
    entry(officer)
    assert ReadEntry.objects.visible_to(auditor).count() == 1
    assert ReadEntry.objects.visible_to(officer).count() == 0


def test_exports_are_counted_over_a_day(officer: StaffUser) -> None:
    entry(officer, action=ReadAction.EXPORT, now=NOON - timedelta(hours=25))
    entry(officer, action=ReadAction.EXPORT, now=NOON - timedelta(hours=23))
    entry(officer, action=ReadAction.VIEW, now=NOON)
    assert reads.exports_today(officer, now=NOON) == 1


# --- kept long enough -----------------------------------------------------------------------------


def aged(officer: StaffUser, *days: int) -> None:
    """Entries so many days after noon of the first day."""
    for number in days:
        entry(officer, now=NOON + timedelta(days=number))


def test_the_oldest_entries_go_and_what_remains_still_proves_itself(
    officer: StaffUser, django_capture_on_commit_callbacks: Any
) -> None:
    cut = (NOON + timedelta(days=3)).date()
    with django_capture_on_commit_callbacks(execute=True):
        aged(officer, 0, 1, 2, 3, 4)
        assert reads.old_entries(cut) == 3
        assert reads.cut_chain(cut) == 3
    assert [row.number for row in ReadEntry.objects.order_by("number")] == [4, 5]
    assert list(reads.check_chain()) == [], "heads that were signed of what is gone are no damage"
    assert (reads.old_entries(cut), reads.cut_chain(cut)) == (0, 0)
    aged(officer, 5)
    assert list(reads.check_chain()) == []
    assert triggers.missing(connection) == [], "the guard stands again"
    with pytest.raises(IntegrityError, match="APPEND_ONLY"), transaction.atomic():
        ReadEntry.objects.all()._raw_delete("default")


def test_approved_a_job_takes_them_away_in_pieces_each_with_its_signed_cut(
    officer: StaffUser, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(reads, "PIECE", 2)
    cut = (NOON + timedelta(days=5)).date()
    aged(officer, 0, 1, 2, 3, 4, 5)
    assert keeping.cut_read_log(cut) == 5
    assert ReadEntry.objects.count() == 6, "the approval waits for none of it"
    with django_capture_on_commit_callbacks(execute=True):
        keeping.cut_reads.func(cut.isoformat())
    lines = [json.loads(line) for line in reads.heads_file().read_text().splitlines()]
    assert [line["cut"] for line in lines if "cut" in line] == [2, 4, 5]
    assert [row.number for row in ReadEntry.objects.all()] == [6]
    assert list(reads.check_chain()) == []


def test_what_is_written_or_cut_while_the_log_is_checked_is_no_damage(
    officer: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = (NOON + timedelta(days=2)).date()
    aged(officer, 0, 1, 2, 3)

    def meanwhile(*told: Any, **head: Any) -> Any:
        entry(officer, now=NOON + timedelta(days=4))
        reads.cut_chain(cut)
        return breaks(*told, **head)

    monkeypatch.setattr(reads, "breaks", meanwhile)
    assert list(reads.check_chain()) == []
    assert [row.number for row in ReadEntry.objects.order_by("number")] == [3, 4, 5]


def test_an_entry_between_younger_ones_stays_and_so_does_the_last(officer: StaffUser) -> None:
    aged(officer, 9, 0, 1)
    assert reads.old_entries((NOON + timedelta(days=5)).date()) == 0
    assert reads.old_entries((NOON + timedelta(days=99)).date()) == 2


@pytest.mark.parametrize(
    ("sql", "damage"),
    [
        ("DELETE FROM org_readentry WHERE number = 4", {"MISSING"}),
        ("UPDATE org_chainhead SET cut_number = 0", {"MISSING"}),
        ("UPDATE org_chainhead SET cut_signature = ''", {"cut"}),
        (
            "UPDATE org_chainhead SET cut_number = 4, cut_hash ="
            " (SELECT hash FROM org_readentry WHERE number = 4)",
            {"MISSING", "cut"},
        ),
        ("DELETE FROM org_chainhead", {"MISSING", "CUT_OFF", "cut not known"}),
    ],
)
def test_nobody_can_say_that_more_was_taken_away(
    officer: StaffUser, sql: str, damage: set[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        aged(officer, 0, 1, 2, 3, 4)
        reads.cut_chain((NOON + timedelta(days=3)).date())
    tamper(sql)
    assert damage <= {found.stored for found in reads.check_chain()}
