"""`handup import`: tried, then imported, then nothing changes; every fault is a line."""

import json
from datetime import date
from pathlib import Path

import pytest

from handup.cli import main
from handup.desk.tests.conftest import workbook
from handup.ledger.models import DraftBatch, Entry
from handup.ledger.rules.words import BookKind
from handup.ledger.services import approve_batch, open_book
from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role
from handup.people.models import Person
from handup.projects.models import Programme
from handup.projects.services import open_programme

HEAD = ["person id", "first name", "registered on"]
GOOD = workbook({"persons": [HEAD, ["P1", "Anna", date(2024, 1, 10)]]})


@pytest.fixture
def programme(db: None) -> Programme:
    """An open programme."""
    manager = with_role("manager", Role.MANAGER)
    return open_programme(
        acting_staff=manager, code="MED-1", title="Small enterprises", currency="USD"
    )


def test_the_command_tries_then_imports_then_changes_nothing(
    programme: Programme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "intake.xlsx"
    file.write_bytes(GOOD)
    words = ["import", str(file), "--profile", "intake", "--programme", programme.code, "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "VALIDATED"
    assert not Person.objects.exists()
    with_role("taker", Role.INTEGRATION)
    assert main([*words, "--commit"]) == 1, "who hands it over does not take it over"
    assert not Person.objects.exists()
    capsys.readouterr()
    words += ["--commit", "--taken-over-by", "taker"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "TAKEN_OVER"
    assert main(words) == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert counts["persons"] == {
        "NEW": 0,
        "UNCHANGED": 1,
        "DIFFERENT": 0,
        "REFUSED": 0,
    }
    assert Person.objects.count() == 1


def test_the_command_lists_faults_as_lines(
    programme: Programme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "persons.csv").write_text("person,first_name,registered_date\nP1,,2024-01-10\n")
    words = ["import", str(folder), "--profile", "intake", "--programme", programme.code]
    assert main([*words, "--commit"]) == 1
    out = capsys.readouterr().out
    assert "persons.csv!B2" in out
    assert "nothing was written" in out
    assert not Person.objects.exists()


def test_the_commands_own_account_cannot_sign_in_and_holds_its_grants_for_a_day(
    programme: Programme, tmp_path: Path
) -> None:
    file = tmp_path / "intake.xlsx"
    file.write_bytes(GOOD)
    main(["import", str(file), "--profile", "intake", "--programme", programme.code])
    account = StaffUser.objects.get(username="import.command")
    assert not account.has_usable_password()
    assert all(grant.starts == grant.ends for grant in Grant.objects.filter(staff=account))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--profile", "nothing"], "no import profile nothing"),
        (["--profile", "intake", "--programme", "NONE"], "no programme NONE"),
        (["--profile", "intake", "--staff", "nobody"], "no staff user nobody"),
        (["--profile", "intake"], "Choose the programme"),
    ],
)
def test_the_command_says_what_it_does_not_know(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    file = tmp_path / "intake.xlsx"
    file.write_bytes(GOOD)
    assert main(["import", str(file), *words]) == 1
    assert said in capsys.readouterr().err
    assert main(["import", str(tmp_path / "absent"), "--profile", "intake"]) == 1


def test_a_journal_is_kept_for_another_person_or_refused_with_its_cells(
    programme: Programme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_book(
        acting_staff=with_role("keeper", Role.FINANCE_MANAGER),
        code="MED",
        name="Small enterprises",
        kind=BookKind.PROGRAMME,
        base_currency="USD",
        programme_id=programme.pk,
        bank_overdraft_units=None,
    )
    head = ["entry", "day", "account", "debit", "credit"]
    day = date(2026, 1, 9)
    file = tmp_path / "journal.xlsx"
    words = ["import", str(file), "--profile", "journal", "--programme", programme.code]
    file.write_bytes(workbook({"lines": [head, ["V-1", day, 9999, 30, None]]}))
    assert main([*words, "--commit", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [fault["place"] for fault in told["faults"]] == ["lines!C2"]
    assert not DraftBatch.objects.exists()
    rows = [["V-1", day, 5200, 30, None], ["V-1", day, 1120, None, 30]]
    file.write_bytes(workbook({"lines": [head, *rows]}))
    assert main([*words, "--commit"]) == 0
    batch = DraftBatch.objects.get()
    assert (batch.drafted_by.username, batch.status) == ("import.command", "DRAFT")
    assert not Entry.objects.exists()
    approve_batch(acting_staff=with_role("approver", Role.DIRECTOR), batch=batch)
    assert Entry.objects.count() == 1
