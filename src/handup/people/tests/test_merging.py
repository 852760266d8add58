"""Two records of one person are made one, field by field, and taken apart again (PE12)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.org.duties import SamePerson
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.scope import hidden_from
from handup.org.tests.staff import staff_with
from handup.people import erasing, file, merged
from handup.people.models import (
    Alias,
    BreakGlass,
    ConsentNotice,
    Enquiry,
    LegalStatus,
    Match,
    MatchKey,
    MergeRecord,
    Participation,
    Person,
)
from handup.people.queries import find_persons
from handup.people.queries.merging import all_ids, by_number, current_id, later_rows
from handup.people.rules import codes as c
from handup.people.rules.duplicates import MatchReason, MatchState
from handup.people.rules.merging import TakingPart, goes_on, taken, to_ask
from handup.people.services import (
    ApplicationIn,
    HouseholdIn,
    MemberIn,
    NameIn,
    apply_to_programme,
    check_register,
    decide_match,
    merge_persons,
    open_compartment,
    record_status,
    register_household,
    register_person,
    unmerge_persons,
)
from handup.people.services import merging as m
from handup.people.services import outreach as o
from handup.people.services.days import DayToCome
from handup.people.services.merging import look_at_merge
from handup.people.tests.conftest import DAY, agreed, person_in, signed_in
from handup.people.tests.samples import an_emergency
from handup.projects.models import Programme

TODAY = timezone.localdate


@pytest.fixture
def adjudicator(db: None) -> StaffUser:
    return staff_with("adjudicator", Role.ADJUDICATOR, Role.CLERK)


@pytest.fixture
def second(db: None) -> StaffUser:
    return staff_with("second", Role.ADJUDICATOR)


@pytest.fixture
def again(clerk: StaffUser, ani: Person, programme: Programme, notice: ConsentNotice) -> Person:
    """Ani, registered a second time a month later, in other letters and with another telephone."""
    told = person_in(
        programme,
        names=(NameIn("Ани", "Саркисян"),),
        phone="+37499000001",
        registered_date=DAY + timedelta(days=30),
        father_name="Karen",
        consents=(agreed(notice),),
    )
    return register_person(acting_staff=clerk, person=told).person


@pytest.fixture
def match(adjudicator: StaffUser, again: Person) -> Match:
    """Decided to be one person."""
    return decide_match(
        acting_staff=adjudicator,
        match=Match._base_manager.get(),
        state=MatchState.SAME,
        reason=MatchReason.PERSON_ASKED,
        decided_date=TODAY(),
    )


def merge(staff: StaffUser, match: Match, *picked: str) -> MergeRecord:
    return merge_persons(acting_staff=staff, match=match, merged_date=TODAY(), picked=picked)


def unmerge(staff: StaffUser, record: MergeRecord, *to_other: str) -> MergeRecord:
    return unmerge_persons(
        acting_staff=staff,
        record=record,
        undone_date=TODAY(),
        reason=MatchReason.BOTH_MET,
        to_other=to_other,
    )


# --- rules


def test_a_field_is_asked_for_where_both_tell_something_else() -> None:
    empty: dict[str, Any] = {
        "display_name": "", "sort_key": "", "father_name": "", "birth_date": None,
        "birth_precision": "UNKNOWN", "sex": "NOT_ASKED", "phone": "", "area_id": None,
        "address": "", "languages": [], "programme_id": None, "office_id": None,
        "case_officer_id": None,
    }  # fmt: skip
    stays = empty | {"father_name": "Karen", "sex": "F", "phone": "1"}
    goes = empty | {"father_name": "Garen", "sex": "F", "phone": "2", "languages": ["hy"]}
    assert to_ask(stays, goes) == ("father_name", "phone")
    assert taken(stays, goes, ["phone"]) == ("phone", "languages")
    assert taken(stays, empty, ["phone"]) == ()


def test_a_participation_that_has_not_ended_goes_on_then_the_earlier() -> None:
    now = timezone.now()
    one = Person().pk, Person().pk
    early = TakingPart("EXITED", date(2026, 1, 1), now, one[0])
    late = TakingPart("ACTIVE", date(2026, 2, 1), now, one[1])
    assert goes_on(early, late) == late.id
    assert goes_on(early._replace(state="WAITING"), late) == early.id


# --- merge


def test_the_earlier_stays_with_the_fields_picked_and_all_names(
    adjudicator: StaffUser, match: Match, ani: Person, again: Person
) -> None:
    record = merge(adjudicator, match, "phone")
    ani.refresh_from_db()
    again.refresh_from_db()
    assert (record.survivor, record.merged, again.merged_date) == (ani, again, TODAY())
    assert (ani.phone, ani.father_name, ani.display_name) == (
        "+37499000001", "Karen", "Ani Sargsyan",
    )  # fmt: skip
    assert Person._base_manager.get(phone_hash=ani.phone_hash, merged_date=None) == ani
    assert {row.first_name for row in ani.names.all()} == {"Ani", "Ани"}
    assert AuditLine.objects.filter(action="people.merge_persons").count() == 1
    assert not MatchKey._base_manager.filter(person=again).exists()


def test_the_other_id_and_number_stay_valid(
    adjudicator: StaffUser, match: Match, ani: Person, again: Person
) -> None:
    merge(adjudicator, match)
    seen = Person.objects.visible_to(adjudicator)
    assert list(seen) == [ani]
    assert current_id(again.pk) == ani.pk
    assert all_ids(again.pk) == [ani.pk, again.pk]
    assert by_number(seen, again.registration_no) == ani
    assert list(find_persons(seen, again.registration_no)) == [ani]
    client = signed_in(adjudicator)
    moved = client.get(reverse("people:person_detail", args=[again.pk]))
    assert moved.headers["Location"] == reverse("people:person_detail", args=[ani.pk])
    page = client.get(reverse("people:person_detail", args=[ani.pk])).content.decode()
    assert again.registration_no in page


def test_taking_part_twice_in_one_programme_goes_on_once(
    adjudicator: StaffUser, clerk: StaffUser, match: Match, ani: Person, again: Person
) -> None:
    assert ani.programme is not None
    for person, day in ((ani, DAY), (again, DAY + timedelta(days=31))):
        told = ApplicationIn(person=person, programme=ani.programme, applied_date=day)
        apply_to_programme(acting_staff=clerk, application=told)
    first, later = Participation._base_manager.order_by("applied_date")
    record = merge(adjudicator, match)
    later.refresh_from_db()
    assert (later.state, later.reason, later.person) == ("MERGED", "DUPLICATE", ani)
    assert later.events.filter(to_state="MERGED", recorded_by=adjudicator).count() == 1
    first.refresh_from_db()
    assert first.state == "APPLIED"
    unmerge(adjudicator, record)
    later.refresh_from_db()
    assert (later.state, later.person) == ("APPLIED", again)
    assert not later.events.filter(to_state="MERGED").exists()


def test_one_household_counts_her_once(
    adjudicator: StaffUser,
    clerk: StaffUser,
    match: Match,
    ani: Person,
    again: Person,
    programme: Programme,
) -> None:
    home = register_household(
        acting_staff=clerk,
        household=HouseholdIn(
            members=(
                MemberIn(person=again, role=c.HouseholdRole.HEAD),
                MemberIn(person=ani),
            ),
            registered_date=DAY + timedelta(days=40),
            programme=programme,
        ),
    ).household
    record = merge(adjudicator, match)
    present = home.memberships.get(to_date=None)
    assert (present.person, present.role) == (ani, "HEAD")
    unmerge(adjudicator, record)
    assert home.memberships.filter(to_date=None).count() == 2


def test_only_two_records_decided_to_be_one_person_are_made_one(
    adjudicator: StaffUser, clerk: StaffUser, again: Person
) -> None:
    undecided = Match._base_manager.get()
    with pytest.raises(m.NotOnePerson):
        merge(adjudicator, undecided)
    with pytest.raises(NotAllowed):
        merge(clerk, undecided)
    Match._base_manager.update(state="SAME")
    with pytest.raises(m.FieldUnknown):
        merge(adjudicator, undecided, "erased_date")
    with pytest.raises(DayToCome):
        merge_persons(
            acting_staff=adjudicator, match=undecided, merged_date=TODAY() + timedelta(days=1)
        )
    assert not MergeRecord._base_manager.exists()


def test_who_is_in_a_programme_is_made_one_by_a_second_person(
    adjudicator: StaffUser, second: StaffUser, clerk: StaffUser, match: Match, ani: Person
) -> None:
    assert ani.programme is not None
    told = ApplicationIn(person=ani, programme=ani.programme, applied_date=DAY)
    apply_to_programme(acting_staff=clerk, application=told)
    Participation._base_manager.update(state="ACTIVE")
    with pytest.raises(SamePerson):
        merge(adjudicator, match)
    record = merge(second, match)
    with pytest.raises(SamePerson):
        unmerge(second, record)
    assert unmerge(adjudicator, record).undone_by == adjudicator


def test_nobody_erased_is_made_one_or_taken_apart(
    adjudicator: StaffUser, match: Match, ani: Person
) -> None:
    record = merge(adjudicator, match)
    Person._base_manager.filter(pk=ani.pk).update(erased_date=TODAY())
    with pytest.raises(m.MergeOfErased):
        unmerge(adjudicator, record)
    MergeRecord._base_manager.all().delete()
    Person._base_manager.update(merged_date=None)
    with pytest.raises(m.MergeOfErased):
        merge(adjudicator, match)


def test_a_hidden_person_is_made_one_by_nobody_outside_her_team(
    adjudicator: StaffUser, focal_point: StaffUser, match: Match, ani: Person, again: Person
) -> None:
    open_compartment(
        acting_staff=focal_point,
        person=again,
        kind=c.CompartmentKind.PERSON,
        team=[],
        opened_date=DAY,
    )
    adjudicator = StaffUser.objects.get(pk=adjudicator.pk)
    with pytest.raises(OutOfSight):
        merge(adjudicator, match)
    record = merge(StaffUser.objects.get(pk=focal_point.pk), match)
    assert ani.pk in hidden_from(adjudicator)
    other = StaffUser.objects.get(pk=adjudicator.pk)
    assert not MergeRecord.objects.visible_to(other).filter(pk=record.pk).exists()


def test_both_records_are_in_her_file_and_erased_together(
    adjudicator: StaffUser, match: Match, ani: Person, again: Person
) -> None:
    merge(adjudicator, match, "phone")
    held = str(file.whole(ani.pk, "en"))
    assert "Саркисян" in held
    assert "Records made one" in held
    for pk in all_ids(ani.pk):
        merged.erase(pk)
        erasing.erase(pk)
    assert MergeRecord._base_manager.get().values == ""
    again.refresh_from_db()
    assert (again.father_name, again.phone) == ("", "")


# --- take apart


def test_taken_apart_each_has_her_own_again_and_both_are_remembered_as_two(
    adjudicator: StaffUser, match: Match, ani: Person, again: Person
) -> None:
    record = merge(adjudicator, match, "phone")
    done = unmerge(adjudicator, record)
    ani.refresh_from_db()
    again.refresh_from_db()
    assert (ani.phone, ani.father_name) == ("+37491123456", "")
    assert (again.phone, again.merged_date) == ("+37499000001", None)
    assert [row.first_name for row in again.names.all()] == ["Ани"]
    assert (done.left_as_is, done.values) == ([], "")
    assert not Alias._base_manager.exists()
    match.refresh_from_db()
    assert (match.state, match.reason) == ("DIFFERENT", "BOTH_MET")
    assert check_register(acting_staff=adjudicator).found == 0
    with pytest.raises(m.AlreadyTakenApart):
        unmerge(adjudicator, record)


def test_a_field_changed_since_stays_and_is_told(
    adjudicator: StaffUser, match: Match, ani: Person
) -> None:
    record = merge(adjudicator, match, "phone")
    Person._base_manager.filter(pk=ani.pk).update(father_name="Hayk")
    done = unmerge(adjudicator, record)
    assert done.left_as_is == ["people.person.father_name"]
    ani.refresh_from_db()
    assert (ani.father_name, ani.phone) == ("Hayk", "+37491123456")


def test_what_came_since_is_shared_out_by_a_person(
    adjudicator: StaffUser, clerk: StaffUser, match: Match, ani: Person, again: Person
) -> None:
    record = merge(adjudicator, match)
    for status in (c.LegalStatusKind.REFUGEE, c.LegalStatusKind.HOST):
        record_status(acting_staff=clerk, person=ani, status=status, from_date=DAY)
    rows = later_rows(record, adjudicator)
    assert [row.row.status for row in rows] == ["REFUGEE", "HOST"]
    with pytest.raises(m.RowUnknown):
        unmerge(adjudicator, record, f"people.legalstatus.person:{match.pk}")
    unmerge(adjudicator, record, rows[1].code)
    held = dict(LegalStatus._base_manager.values_list("status", "person"))
    assert held == {"REFUGEE": ani.pk, "HOST": again.pk}


def test_a_chain_is_taken_apart_from_its_end(
    adjudicator: StaffUser, clerk: StaffUser, match: Match, ani: Person, again: Person,
    programme: Programme,
) -> None:  # fmt: skip
    first = merge(adjudicator, match)
    told = person_in(programme, registered_date=DAY - timedelta(days=9))
    oldest = register_person(acting_staff=clerk, person=told).person
    pair = Match._base_manager.exclude(pk=match.pk).get()
    assert {pair.first_id, pair.second_id} == {oldest.pk, ani.pk}
    Match._base_manager.filter(pk=pair.pk).update(state="SAME", decided_by=adjudicator)
    last = merge(adjudicator, Match._base_manager.get(pk=pair.pk))
    assert all_ids(again.pk) == [oldest.pk, again.pk, ani.pk]
    with pytest.raises(m.MergedFurther):
        unmerge(adjudicator, first)
    unmerge(adjudicator, last)
    assert all_ids(again.pk) == [ani.pk, again.pk]
    unmerge(adjudicator, first)
    assert all_ids(again.pk) == [again.pk]


def test_what_is_to_be_looked_at_is_looked_at_once(
    adjudicator: StaffUser, manager: StaffUser, match: Match
) -> None:
    record = merge(adjudicator, match)
    with pytest.raises(m.NothingToLookAt):
        look_at_merge(acting_staff=manager, record=record, looked_date=TODAY())
    MergeRecord._base_manager.update(looks=["TWO_OPEN_LOANS"])
    with pytest.raises(NotAllowed):
        look_at_merge(acting_staff=adjudicator, record=record, looked_date=TODAY())
    done = look_at_merge(acting_staff=manager, record=record, looked_date=TODAY())
    assert done.looked_by == manager


# --- pages and interface


def test_the_pages_lead_from_the_pair_to_the_merge_and_back(
    adjudicator: StaffUser, manager: StaffUser, match: Match, ani: Person, again: Person
) -> None:
    client = signed_in(adjudicator)
    pair = client.get(reverse("people:match_detail", args=[match.pk])).content.decode()
    assert "Make the two records one" in pair
    address = reverse("people:merge_new", args=[match.pk])
    page = client.get(address).content.decode()
    for text in (ani.registration_no, again.registration_no, "bar-for", "Whose value stays"):
        assert text in page
    assert "37499000001" not in page
    told = {"merged_date": TODAY().isoformat(), "phone": "goes", "name": "stays", "_new_id": ""}
    done = client.post(address, told)
    record = MergeRecord._base_manager.get()
    assert done.headers["Location"] == record.get_absolute_url()
    assert record.picked == ["phone"]
    shown = client.get(record.get_absolute_url()).content.decode()
    assert "Take them apart" in shown
    assert "What moved" in shown
    assert again.registration_no in client.get(reverse("people:merge_list")).content.decode()
    MergeRecord._base_manager.update(looks=["TWO_OPEN_LOANS"])
    look = reverse("people:merge_look", args=[record.pk])
    assert signed_in(manager).post(look).status_code == 302
    back = reverse("people:merge_undo", args=[record.pk])
    assert client.get(back).status_code == 200
    undone = client.post(
        back, {"undone_date": TODAY().isoformat(), "reason": "BOTH_MET", "_new_id": ""}
    )
    assert undone.status_code == 302
    record.refresh_from_db()
    assert record.undone_by == adjudicator
    assert "Taken apart by" in client.get(record.get_absolute_url()).content.decode()


def call(client: Client, address: str, told: dict[str, object]) -> dict[str, object]:
    done = client.post(
        f"/api/v1/people/{address}", told, content_type="application/json",
        headers={"Idempotency-Key": str(Person().pk)},
    )  # fmt: skip
    assert done.status_code == 201, done.content
    answer: dict[str, object] = done.json()
    return answer


def test_the_interface_decides_makes_one_and_takes_apart(
    adjudicator: StaffUser, again: Person, ani: Person
) -> None:
    client = signed_in(adjudicator)
    (listed,) = client.get("/api/v1/people/matches?state=OPEN").json()["items"]
    day = TODAY().isoformat()
    told: dict[str, object] = {"state": "SAME", "reason": "PERSON_ASKED", "decided_date": day}
    call(client, f"matches/{listed['id']}/decision", told)
    done = call(client, f"matches/{listed['id']}/merge", {"merged_date": day, "picked": ["phone"]})
    assert (done["survivor_id"], done["merged_id"]) == (str(ani.pk), str(again.pk))
    person = client.get(f"/api/v1/people/persons/{again.pk}").json()
    assert person["id"] == str(ani.pk)
    assert client.get(f"/api/v1/people/merges/{done['id']}/later").json() == []
    assert len(client.get("/api/v1/people/merges").json()["items"]) == 1
    apart = call(client, f"merges/{done['id']}/undo", {"undone_date": day, "reason": "BOTH_MET"})
    assert apart["undone_date"] == day


def test_what_she_may_not_read_is_shared_out_too_by_kind_and_number(
    second: StaffUser, adjudicator: StaffUser, clerk: StaffUser, match: Match, ani: Person
) -> None:
    record = merge(adjudicator, match)
    assert ani.programme is not None
    told = o.EnquiryIn(programme=ani.programme, enquiry_date=DAY, name="Ani", wish="a loan")
    asked = o.record_enquiry(acting_staff=clerk, enquiry=told)
    Enquiry._base_manager.filter(pk=asked.pk).update(person=ani)
    assert not Enquiry.objects.visible_to(second).exists()
    (row,) = later_rows(record, second)
    assert (row.row, row.seen) == (asked, False)
    assert "a loan" not in row.named
    assert "Ani" not in row.named
    BreakGlass._base_manager.all().delete()
    an_emergency(ani, clerk)
    assert [row.row for row in later_rows(record)] == [asked]
