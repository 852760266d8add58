"""A file from being handed over to being taken over: whoever may be registered twice is decided
first, by one; another takes it over; or it is rejected and, after a while, gone."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from handup.desk import doubles, keeping
from handup.desk.models import ImportKey
from handup.desk.rules.imports import RejectReason, joined
from handup.desk.services import check_import, commit_import
from handup.desk.tests.conftest import DAY, decide, handed_over, taker
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role
from handup.people import services as p
from handup.people.models import Household, Match, Participation, Person
from handup.people.rules import codes as c
from handup.people.rules.duplicates import MatchReason as R
from handup.people.rules.duplicates import MatchState as S
from handup.projects.models import Programme


def test_rows_that_are_one_person_go_one_way() -> None:
    assert joined([("A", "", "r1"), ("B", "C", ""), ("C", "D", "")]) == {
        "A": ("", "r1"), "C": ("B", ""), "D": ("B", ""),
    }  # fmt: skip
    told = [("A", "B", ""), ("B", "", "r2"), ("C", "B", ""), ("C", "", "r1")]
    assert joined(told) == dict.fromkeys("ABC", ("", "r1"))
    assert joined(reversed(told)) == joined(told)


def test_who_is_twice_in_a_file_is_decided_before_another_takes_it_over(
    importer: StaffUser, programme: Programme, known: Person, adjudicator: StaffUser
) -> None:
    batch = handed_over(importer, programme)
    assert (batch.state, batch.without_key) == ("ADJUDICATING", 0)
    assert Person.objects.count() == 1, "a trial writes nothing"
    pairs = {pair.key: pair for pair in batch.pairs.all()}
    assert {key: (pair.other_key, pair.record) for key, pair in pairs.items()} == {
        "P1": ("", known.pk), "P2": ("P3", None),
    }  # fmt: skip
    assert "Sarkissian" not in str(pairs["P2"].parts)
    with pytest.raises(doubles.PairsWait, match="2 pairs"):
        commit_import(acting_staff=taker(), batch=batch)
    with pytest.raises(NotAllowed):
        decide(importer, pairs["P1"], S.SAME, R.RECORDS_COMPARED)
    decide(adjudicator, pairs["P1"], S.SAME, R.RECORDS_COMPARED)
    decide(adjudicator, pairs["P2"], S.DIFFERENT, R.FAMILY)
    batch.refresh_from_db()
    assert batch.state == "CHECKED"
    assert check_import(acting_staff=importer, batch=batch).state == "CHECKED", "they stay decided"
    with pytest.raises(SamePerson):
        commit_import(acting_staff=importer, batch=batch)
    batch = commit_import(acting_staff=taker(), batch=batch)
    assert batch.state == "TAKEN_OVER"
    assert {word: batch.counts["persons"][word] for word in ("NEW", "JOINED")} == {
        "NEW": 3, "JOINED": 1,
    }  # fmt: skip
    assert Person.objects.count() == 4
    assert Household.objects.get().memberships.filter(person=known, role="HEAD").exists()
    assert set(known.names.values_list("kind", "first_name")) == {
        ("REGISTERED", "Hovhannes"), ("ALIAS", "Հովհաննես"),
    }  # fmt: skip
    told = Match._base_manager.get(state="DIFFERENT")
    assert (told.decided_by, told.source, told.reason) == (adjudicator, "BATCH", "FAMILY")
    assert not Match._base_manager.filter(state="OPEN").exists(), "told once is enough"
    assert set(batch.pairs.values_list("shown", flat=True)) == {""}
    again = handed_over(importer, programme)
    assert (again.state, again.counts["persons"]["UNCHANGED"]) == ("CHECKED", 4)
    assert AuditLine.objects.filter(action="desk.decide_pair").count() == 2


def test_who_is_not_sure_stops_nobody_and_a_record_in_use_asks_for_another(
    importer: StaffUser, programme: Programme, known: Person
) -> None:
    Participation._base_manager.create(
        person=known, programme=programme, applied_date=DAY, state="ACTIVE"
    )
    both = with_role("both", Role.ADJUDICATOR, Role.INTEGRATION, Role.MANAGER)
    batch = handed_over(importer, programme)
    for pair in batch.pairs.all():
        decide(both, pair, S.UNSURE, R.TOO_LITTLE_KNOWN)
    with pytest.raises(SamePerson):
        commit_import(acting_staff=both, batch=batch)
    commit_import(acting_staff=taker(), batch=batch)
    assert Person.objects.count() == 5
    waiting = Match._base_manager.filter(state="UNSURE", source="BATCH")
    assert waiting.count() == 2
    assert known.pk in {pk for row in waiting for pk in (row.first_id, row.second_id)}


def test_a_hidden_person_changes_nothing_of_a_batch_but_her_team_is_told(
    importer: StaffUser, programme: Programme, known: Person
) -> None:
    focal = with_role("focal", Role.FOCAL_POINT)
    p.open_compartment(
        acting_staff=focal, person=known, kind=c.CompartmentKind.PERSON, team=[], opened_date=DAY
    )
    batch = handed_over(importer, programme)
    assert [pair.key for pair in batch.pairs.all()] == ["P2"]
    decide(with_role("a", Role.ADJUDICATOR), batch.pairs.get(), S.SAME, R.PERSON_ASKED)
    commit_import(acting_staff=taker(), batch=batch)
    match = Match._base_manager.get(state="OPEN")
    assert known.pk in (match.first_id, match.second_id)
    assert not Match.objects.visible_to(with_role("b", Role.ADJUDICATOR)).exists()
    assert Match.objects.visible_to(focal).exists()


def test_a_rejected_file_is_kept_for_a_while_then_taken_away(
    importer: StaffUser, programme: Programme, known: Person
) -> None:
    batch = handed_over(importer, programme)
    batch = doubles.reject_import(
        acting_staff=importer, batch=batch, reason=RejectReason.WRONG_FILE
    )
    with pytest.raises(doubles.BatchEnded):
        commit_import(acting_staff=taker(), batch=batch)
    with pytest.raises(doubles.BatchEnded):
        decide(with_role("a", Role.ADJUDICATOR), batch.pairs.all()[0], S.SAME, R.PERSON_ASKED)
    today = timezone.localdate()
    (rule,) = keeping.RULES
    assert (rule.days, rule.due(today), rule.due(today + timedelta(days=1))) == (90, 0, 1)
    assert rule.blank(today + timedelta(days=1)) == 1
    batch.refresh_from_db()
    assert (batch.file, batch.faults, batch.name, batch.pairs.count()) == (None, "", "–", 0)
    assert (batch.state, batch.reject_reason) == ("REJECTED", "WRONG_FILE")
    assert Person.objects.count() == 1
    assert not ImportKey.objects.exists()


def test_the_pages_and_the_interface_walk_the_same_way(
    client: Client, importer: StaffUser, programme: Programme, known: Person,
    adjudicator: StaffUser,
) -> None:  # fmt: skip
    batch = handed_over(importer, programme)
    client.force_login(importer)
    page = client.get(f"/imports/{batch.pk}/").content.decode()
    assert "Take it over" not in page
    assert "The adjudicator decides" in page
    assert client.get("/imports/pairs/").status_code == 403
    client.force_login(adjudicator)
    listed = client.get("/api/v1/desk/import-pairs", {"batch_id": str(batch.pk)}).json()["items"]
    assert {row["key"] for row in listed} == {"P1", "P2"}
    by_key = {pair.key: pair for pair in batch.pairs.all()}
    shown = client.get(f"/imports/pairs/{by_key['P1'].pk}/").content.decode()
    assert "Գրիգորյան" in shown
    assert "Grigoryan" in shown
    assert "37491000001" not in shown
    told = {"state": "SAME", "reason": "SAME:RECORDS_COMPARED", "decided_date": "2026-03-02"}
    answer = client.post(f"/imports/pairs/{by_key['P1'].pk}/", told)
    assert answer.headers["Location"].endswith(f"{by_key['P2'].pk}/")
    assert "Sarkissian" in client.get(answer.headers["Location"]).content.decode()
    decided = client.post(
        f"/api/v1/desk/import-pairs/{by_key['P2'].pk}/decide",
        {"state": "SAME", "reason": "RECORDS_COMPARED", "decided_date": "2026-03-02"},
        content_type="application/json",
    )
    assert (decided.status_code, decided.json()["state"]) == (200, "SAME")
    client.force_login(taker())
    done = client.post(f"/api/v1/desk/imports/{batch.pk}/commit").json()
    assert (done["state"], done["counts"]["persons"]["NEW"]) == ("TAKEN_OVER", 2)
    again = handed_over(importer, programme)
    client.force_login(importer)
    assert client.get(f"/imports/{again.pk}/reject/").status_code == 200
    answer = client.post(f"/imports/{again.pk}/reject/", {"reason": "KNOWN_ALREADY"})
    assert answer.status_code == 302
    assert (
        "these people are registered already"
        in client.get(f"/imports/{again.pk}/").content.decode()
    )
