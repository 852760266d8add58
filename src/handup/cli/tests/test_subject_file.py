"""`handup subject-file`: everything held of a person, once she asked and is known."""

from pathlib import Path

import pytest
from django.utils import timezone

from handup.cli import main
from handup.lending.tests.cast import staff
from handup.org.models import ReadEntry
from handup.org.rules.access import Role
from handup.people.models import Person
from handup.people.rules import requests as r
from handup.people.services import requests as asked


@pytest.fixture
def person(db: None) -> Person:
    return Person.objects.create(
        registration_no="1234567897",
        display_name="Sargsyan, Ani",
        sort_key="sargsyan",
        phone="+37491123456",
        registered_date=timezone.localdate(),
        registered_by=staff("desk", Role.CLERK),
    )


def ask(person: Person) -> None:
    day, clerk = timezone.localdate(), person.registered_by
    row = asked.record_subject_request(
        acting_staff=clerk,
        request=asked.SubjectRequestIn(kind=r.RequestKind.ACCESS, received_date=day, person=person),
    )
    asked.identify_asker(acting_staff=clerk, request=row, identity=r.IdentityCheck.KNOWN, on=day)


def test_it_tells_nothing_before_somebody_asked(
    person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["subject-file", person.registration_no]) == 1
    assert main(["subject-file", "0000"]) == 1
    assert "Sargsyan" not in capsys.readouterr().out
    assert not ReadEntry.objects.exists()


def test_it_tells_everything_as_text_and_for_programs(
    person: Person, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ask(person)
    assert main(["subject-file", person.registration_no]) == 0
    assert "Sargsyan, Ani" in capsys.readouterr().out
    out = tmp_path / "file.json"
    words = ["subject-file", person.registration_no, "--format", "json", "--output", str(out)]
    assert main(words) == 0
    assert "+37491123456" in out.read_text(encoding="utf-8")
    assert out.stat().st_mode & 0o077 == 0
    assert ReadEntry.objects.filter(door="COMMAND", action="EXPORT").count() == 2
