"""`handup match`: keys made anew, everybody compared, by a person who is named."""

import json

import pytest

from handup.cli import main, match
from handup.kernel.errors import Refusal
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people.models import Match, MatchKey, Person
from handup.people.queries import splinked
from handup.people.services import register_persons
from handup.people.tests.conftest import person_in
from handup.projects.models import Programme


@pytest.fixture
def registered(db: None) -> None:
    """One woman, registered twice."""
    staff_with("adjudicator", Role.ADJUDICATOR)
    clerk = staff_with("clerk", Role.CLERK)
    programme = Programme.objects.create(code="P1", title="First programme", currency="AMD")
    told = person_in(programme, "Ani", "Sargsyan", phone="+37491123456")
    register_persons(acting_staff=clerk, items=[told, told])


@pytest.mark.parametrize(
    ("words", "refusal"),
    [([], match.StaffMissing), (["--staff", "nobody"], match.UnknownStaff)],
)
def test_who_checks_the_records_is_named(
    registered: None,
    words: list[str],
    refusal: type[Refusal],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["match", *words]) == 1
    assert str(refusal(username="nobody")) in capsys.readouterr().err
    assert not Match._base_manager.exists()


def test_everybody_is_compared_and_each_pair_waits_once(
    registered: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["match", "--staff", "adjudicator"]) == 0
    assert "1 pairs may be one person, 1 of them new" in capsys.readouterr().out
    assert main(["match", "--staff", "adjudicator", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["persons"], told["found"], told["new"]) == (2, 1, 0)
    assert Match._base_manager.count() == 1


def test_the_keys_are_made_anew(registered: None, capsys: pytest.CaptureFixture[str]) -> None:
    kept = set(MatchKey._base_manager.values_list("person_id", "key"))
    MatchKey._base_manager.all().delete()
    assert main(["match", "--keys", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"keys": len(kept)}
    assert set(MatchKey._base_manager.values_list("person_id", "key")) == kept


def test_the_library_splink_proposes_where_it_is_wished_for(
    registered: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["match", "--with", "splink", "--staff", "adjudicator"]
    assert main(asked) == 1
    assert "too little to learn from" in capsys.readouterr().err
    assert not Match._base_manager.exists()
    ids = [str(pk) for pk in Person._base_manager.order_by("pk").values_list("pk", flat=True)]
    monkeypatch.setattr(splinked, "of_records", lambda records: {(ids[0], ids[1])})
    assert main(asked) == 0
    assert "1 pairs may be one person, 1 of them new" in capsys.readouterr().out
    row = Match._base_manager.get()
    assert ([str(row.first_id), str(row.second_id)], row.verdict) == (ids, "LIKELY")


def test_a_register_that_asks_for_much_memory_is_told_of_splink(
    registered: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["match", "--staff", "adjudicator"]) == 0
    assert "--with splink" not in capsys.readouterr().out
    monkeypatch.setattr(match, "SPLINK_FROM", 1)
    assert main(["match", "--staff", "adjudicator"]) == 0
    assert "--with splink" in capsys.readouterr().out
