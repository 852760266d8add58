"""What happens to a file between being tried and being taken over: somebody in it is hidden, it is
checked again, taken over by another; and what a row adds to the record it turns out to be."""

from datetime import date

import pytest
from django.test import Client

from handup.desk import doubles
from handup.desk.importing.joining import LeftAsItIs
from handup.desk.models import ImportBatch
from handup.desk.rules.imports import RejectReason
from handup.desk.services import check_import, commit_import, faults_of, receive_import
from handup.desk.tests.conftest import DAY, HEAD, decide, handed_over, taker, workbook
from handup.org.models import Area, StaffUser
from handup.org.permissions import OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role
from handup.people import services as p
from handup.people.models import Match, Membership, Person
from handup.people.rules import codes as c
from handup.people.rules.duplicates import MatchReason as R
from handup.people.rules.duplicates import MatchState as S
from handup.projects.models import Programme


def test_somebody_hidden_after_she_was_told_the_same_is_neither_written_to_nor_told(
    client: Client, importer: StaffUser, programme: Programme, known: Person,
    adjudicator: StaffUser,
) -> None:  # fmt: skip
    batch = handed_over(importer, programme)
    hers = decide(adjudicator, batch.pairs.get(key="P1"), S.SAME, R.RECORDS_COMPARED)
    focal = with_role("focal", Role.FOCAL_POINT)
    p.open_compartment(
        acting_staff=focal, person=known, kind=c.CompartmentKind.PERSON, team=[], opened_date=DAY
    )
    adjudicator = StaffUser.objects.get(pk=adjudicator.pk)
    with pytest.raises(OutOfSight):
        decide(adjudicator, hers, S.DIFFERENT, R.FAMILY)
    client.force_login(adjudicator)
    assert "somebody registered" not in client.get("/imports/pairs/").content.decode()
    listed = client.get("/api/v1/desk/import-pairs").json()["items"]
    assert [row["key"] for row in listed] == ["P2"]
    decide(adjudicator, batch.pairs.get(key="P2"), S.DIFFERENT, R.FAMILY)
    batch = commit_import(acting_staff=taker(), batch=batch)
    assert {key: batch.counts["persons"].get(key, 0) for key in ("NEW", "JOINED")} == {
        "NEW": 4, "JOINED": 0,
    }  # fmt: skip
    assert not Membership._base_manager.filter(person=known).exists()
    assert [row.first_name for row in known.names.all()] == ["Hovhannes"]
    match = Match._base_manager.get(state="OPEN")
    assert known.pk in (match.first_id, match.second_id), "her team is told"
    assert not Match.objects.visible_to(adjudicator).filter(state="OPEN").exists()


def test_a_file_whose_only_pair_is_with_somebody_hidden_since_waits_for_nobody(
    client: Client, importer: StaffUser, programme: Programme, known: Person,
    adjudicator: StaffUser,
) -> None:  # fmt: skip
    batch = handed_over(importer, programme)
    decide(adjudicator, batch.pairs.get(key="P2"), S.DIFFERENT, R.FAMILY)
    client.force_login(taker())
    assert "may be registered" in client.get(batch.get_absolute_url()).content.decode()
    p.open_compartment(
        acting_staff=with_role("focal", Role.FOCAL_POINT), person=known,
        kind=c.CompartmentKind.PERSON, team=[], opened_date=DAY,
    )  # fmt: skip
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "may be registered" not in page
    assert "Take it over" in page


def test_checking_again_undoes_neither_a_take_over_nor_a_decision(
    importer: StaffUser, programme: Programme, known: Person, adjudicator: StaffUser
) -> None:
    batch = handed_over(importer, programme)
    for pair in batch.pairs.all():
        decide(adjudicator, pair, S.DIFFERENT, R.FAMILY)
    read_before = ImportBatch.objects.get(pk=batch.pk)
    commit_import(acting_staff=taker(), batch=batch)
    assert check_import(acting_staff=importer, batch=read_before).state == "TAKEN_OVER"
    read_before.refresh_from_db()
    assert (read_before.state, read_before.imported_by) == ("TAKEN_OVER", taker())
    with pytest.raises(doubles.BatchEnded):
        doubles.reject_import(
            acting_staff=importer, batch=read_before, reason=RejectReason.WRONG_FILE
        )
    with pytest.raises(doubles.BatchEnded):
        decide(adjudicator, read_before.pairs.all()[0], S.SAME, R.RECORDS_COMPARED)


def test_a_pair_that_a_new_trial_does_not_find_any_more_is_not_decided(
    importer: StaffUser, programme: Programme, known: Person, adjudicator: StaffUser
) -> None:
    batch = handed_over(importer, programme)
    shown = batch.pairs.get(key="P1")
    doubles.keep_pairs(batch, [])
    with pytest.raises(OutOfSight):
        decide(adjudicator, shown, S.SAME, R.RECORDS_COMPARED)
    assert not batch.pairs.exists()


def test_what_a_row_says_of_somebody_registered_is_written_or_listed(
    client: Client, importer: StaffUser, programme: Programme, known: Person,
    adjudicator: StaffUser,
) -> None:  # fmt: skip
    p.publish_notice(
        acting_staff=importer, version="1", language="en", text="We keep what you tell us.",
        purposes=[c.ConsentPurpose.SERVICE], data_categories=["identity"],
        valid_from=date(2026, 1, 1), programme=programme,
    )  # fmt: skip
    head = [
        *HEAD, "document kind", "document number", "father name", "status", "status from",
        "consent date", "address", "area",
    ]  # fmt: skip
    places = [Area.objects.create(code=name) for name in ("Ani", "Kars")]
    Person._base_manager.filter(pk=known.pk).update(area=places[0])
    more = ["passport", "AB123456", "Aram", "refugee", date(2025, 5, 1), DAY, "Abovyan 4", "Kars"]
    row = ["P1", "Հովհաննես", "Գրիգորյան", "M", date(1980, 5, 2), "+37491000009", DAY, *more]
    batch = receive_import(
        acting_staff=importer, name="i.xlsx", content=workbook({"persons": [head, row]}),
        profile_code="intake", programme=programme,
    )  # fmt: skip
    assert (batch.unknown, batch.fault_count) == ({}, 0)
    decide(adjudicator, batch.pairs.get(), S.SAME, R.RECORDS_COMPARED)
    batch = commit_import(acting_staff=taker(), batch=batch)
    assert batch.counts["persons"]["JOINED"] == 1
    known = Person.objects.get(pk=known.pk)
    assert (known.father_name, str(known.phone)) == ("Aram", "+37491000001"), "gaps only"
    assert [str(paper.number) for paper in known.documents.all()] == ["AB123456"]
    assert [row.status for row in known.legal_statuses.all()] == ["REFUGEE"]
    assert [row.given_date for row in known.consents.all()] == [DAY]
    left = faults_of(batch)
    assert [(cell.column, cell.code, cell.value) for cell in left] == [
        ("phone", LeftAsItIs.code, None), ("address", LeftAsItIs.code, None),
        ("area", LeftAsItIs.code, None),
    ]  # fmt: skip
    assert known.area == places[0]
    client.force_login(taker())
    assert (
        "the record that was there stays" in client.get(batch.get_absolute_url()).content.decode()
    )
