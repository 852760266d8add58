"""Restricted cases: a focal point opens one, her team works on it, and nobody else can tell it from
none; insiders browse, guess ids, come with a token and with the trail."""

from datetime import timedelta
from time import time
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests import walking
from tests.test_routes import bare

from handup.kernel.ids import new_id
from handup.org import audit, sessions
from handup.org.models import AuditLine, ReadEntry, StaffUser, StoredFile
from handup.org.permissions import NotAllowed, OutOfSight, may
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people import file, merging, subject
from handup.people.merging import Merge
from handup.people.models import (
    CASE_TABLES,
    CaseDocument,
    CaseNote,
    CaseTeamMember,
    Compartment,
    Match,
    Person,
)
from handup.people.queries.cases import count_by_kind
from handup.people.rules import codes as c
from handup.people.rules import requests as r
from handup.people.services import protection as p
from handup.people.services import requests as rq
from handup.people.services.days import DayToCome
from handup.people.services.known_persons import record_document
from handup.people.services.registration import PaperIn, register_person
from handup.people.tests.conftest import person_in, signed_in
from handup.projects.models import Programme

K = c.CompartmentKind
WHY = "Beaten at home by her husband's brother"
NOTE = "She sleeps at her aunt's in the upper village"


def fresh(staff: StaffUser) -> Client:
    client = signed_in(staff)
    session = client.session
    session[sessions.FACTOR] = time()
    session.save()
    return client


def said(answer: Any) -> bytes:
    """What an answer says, a file as it is sent."""
    return answer.getvalue() if answer.streaming else bare(answer)


@pytest.fixture
def case(focal_point: StaffUser, ani: Person) -> Compartment:
    return p.open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=K.VIOLENCE,
        team=(),
        opened_date=timezone.localdate(),
        reason=WHY,
    )


@pytest.fixture
def second_focal(db: None) -> StaffUser:
    return staff_with("focal two", Role.FOCAL_POINT)


def filled(focal_point: StaffUser, case: Compartment) -> CaseDocument:
    today = timezone.localdate()
    p.add_case_note(acting_staff=focal_point, compartment=case, text=NOTE, day=today)
    p.add_case_action(
        acting_staff=focal_point, compartment=case, what="Find a safe room", due=today
    )
    return p.add_case_document(
        acting_staff=focal_point, compartment=case, name="Letter of the doctor", content=b"letter"
    )


def test_the_team_writes_notes_actions_and_papers_and_reads_them(
    focal_point: StaffUser, ani: Person
) -> None:
    page = fresh(focal_point)
    answer = page.post(
        f"/people/persons/{ani.pk}/cases/new/",
        {"kind": "VIOLENCE", "reason": WHY, "opened_date": timezone.localdate()},
    )
    case = Compartment.objects.get()
    assert answer.headers["Location"] == f"/people/cases/{case.pk}/"
    day = timezone.localdate()
    base = f"/people/cases/{case.pk}/"
    assert page.post(f"{base}note/", {"text": NOTE, "day": day}).status_code == 302
    told = {"what": "Find a safe room", "due": day, "responsible": str(focal_point.pk)}
    assert page.post(f"{base}action/", told).status_code == 302
    done = case.actions.get()
    there = f"/people/cases/actions/{done.pk}/done/"
    assert page.post(there, {"done_date": day}).status_code == 302
    assert page.post(there, {"done_date": day}).status_code == 422
    text = page.get(base).content.decode()
    for words in ("Beaten at home", "aunt", "Find a safe room", "add_case_note"):
        assert words in text
    assert (case.actions.get().done_date, ReadEntry.objects.last() is not None) == (day, True)
    entry = ReadEntry.objects.order_by("-number").first()
    assert entry is not None
    assert (entry.highest, entry.persons) == ("R", [str(ani.pk)])


def test_a_paper_is_sealed_has_no_sum_no_name_and_only_the_team_opens_it(
    focal_point: StaffUser, second_focal: StaffUser, case: Compartment
) -> None:
    paper = filled(focal_point, case)
    assert paper.file_id is not None
    stored = StoredFile.objects.get(pk=paper.file_id)
    assert (stored.sha256, str(stored.name), stored.sealed_with) == ("", "paper", "compartment")
    assert fresh(focal_point).get(f"/files/{stored.pk}/").content == b"letter"
    there = fresh(second_focal).get(f"/files/{stored.pk}/")
    nowhere = fresh(second_focal).get(f"/files/{uuid4()}/")
    assert (there.status_code, bare(there)) == (404, bare(nowhere))


ADDRESSES = ("", "note/", "action/", "paper/", "team/", "tell/", "told/", "close/", "seen/")


@pytest.mark.parametrize("role", sorted(Role))
def test_no_role_off_the_team_can_tell_a_case_from_none(
    role: Role, focal_point: StaffUser, case: Compartment, ani: Person, clerk: StaffUser
) -> None:
    filled(focal_point, case)
    asked_for_file(clerk, ani)
    action, member = case.actions.get(), case.team.get()
    client = fresh(staff_with("insider", role))
    for form in (
        *(f"/people/cases/{{}}/{end}" for end in ADDRESSES),
        "/people/cases/actions/{}/done/",
        "/people/cases/team/{}/leave/",
    ):
        pk = {"actions": action.pk, "team": member.pk}.get(form.split("/")[3], case.pk)
        for call in (client.get, client.post):
            there, nowhere = call(form.format(pk)), call(form.format(uuid4()))
            assert there.status_code in (403, 404, 405), form
            assert (there.status_code, bare(there)) == (nowhere.status_code, bare(nowhere)), form


def test_the_pages_of_a_person_are_the_same_with_and_without_a_case(
    manager: StaffUser, second_focal: StaffUser, focal_point: StaffUser, ani: Person
) -> None:
    readers = [fresh(manager), fresh(second_focal)]
    addresses = (
        f"/people/persons/{ani.pk}/",
        "/people/persons/",
        "/people/persons/?export=csv",
        "/people/cases/",
        "/people/participations/",
        "/people/matches/",
    )
    before = [said(reader.get(address)) for reader in readers for address in addresses]
    case = p.open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=K.TRAFFICKING,
        team=(),
        opened_date=timezone.localdate(),
    )
    filled(focal_point, case)
    after = [said(reader.get(address)) for reader in readers for address in addresses]
    assert before == after
    assert b"Restricted cases" in fresh(focal_point).get(f"/people/persons/{ani.pk}/").content


def test_a_second_focal_point_opens_her_own_and_is_told_of_no_other(
    focal_point: StaffUser, second_focal: StaffUser, case: Compartment, ani: Person
) -> None:
    day = timezone.localdate()
    hers = p.open_compartment(
        acting_staff=second_focal, person=ani, kind=K.VIOLENCE, team=(), opened_date=day
    )
    assert list(Compartment.objects.visible_to(second_focal)) == [hers]
    assert list(Compartment.objects.visible_to(focal_point)) == [case]
    with pytest.raises(p.CompartmentOpen):
        p.open_compartment(
            acting_staff=focal_point, person=ani, kind=K.VIOLENCE, team=(), opened_date=day
        )


def test_a_case_worker_joins_with_her_own_small_scope_and_leaves_again(
    focal_point: StaffUser, second_focal: StaffUser, case: Compartment
) -> None:
    day = timezone.localdate()
    worker = staff_with("worker", Role.ADVISOR, scope=ScopeKind.CASELOAD)
    assert not Compartment.objects.visible_to(worker).exists()
    member = p.join_case_team(
        acting_staff=focal_point, compartment=case, staff=worker, joined_date=day
    )
    assert list(Compartment.objects.visible_to(worker)) == [case]
    p.add_case_note(acting_staff=worker, compartment=case, text="Seen at home", day=day)
    with pytest.raises(NotAllowed):
        p.join_case_team(acting_staff=worker, compartment=case, staff=second_focal, joined_date=day)
    own = case.team.get(staff=focal_point)
    with pytest.raises(p.TeamEmpty):  # the worker may not open cases: nobody could lead it
        p.leave_case_team(acting_staff=focal_point, member=own, left_date=day)
    p.leave_case_team(acting_staff=focal_point, member=member, left_date=day)
    assert not Compartment.objects.visible_to(worker).exists()
    with pytest.raises(OutOfSight):
        p.add_case_note(acting_staff=worker, compartment=case, text="Again", day=day)
    assert case.notes.count() == 1


@pytest.mark.parametrize("role", [Role.DPO, Role.AUDITOR, Role.ADMINISTRATOR, Role.BANK_CLERK])
def test_who_has_no_role_for_content_cannot_join(
    role: Role, focal_point: StaffUser, case: Compartment
) -> None:
    other = staff_with("other", role)
    day = timezone.localdate()
    with pytest.raises(p.NotForThisCase):
        p.join_case_team(acting_staff=focal_point, compartment=case, staff=other, joined_date=day)
    assert CaseTeamMember.objects.count() == 1


def test_a_token_is_on_no_team_and_the_interface_has_no_way_to_a_case(
    focal_point: StaffUser, case: Compartment
) -> None:
    by_token = StaffUser.objects.get(pk=focal_point.pk)
    by_token.by_token = True
    for table in CASE_TABLES:
        assert not table.objects.visible_to(by_token).exists()
    assert not may(by_token, "people.view_compartment", case)
    addresses = [route.text for route in walking.routes() if route.is_api]
    assert "api/v1/people/persons" in addresses
    assert not [text for text in addresses if "people/case" in text or "compartment" in text]


def test_the_general_trail_shows_no_line_of_a_case(
    focal_point: StaffUser, case: Compartment
) -> None:
    before = AuditLine.objects.count()
    filled(focal_point, case)
    assert AuditLine.objects.count() == before + 4  # note, action, file, paper: all written down
    dpo = staff_with("dpo", Role.DPO)
    seen = audit.trail_for(dpo)
    assert seen.exists()
    assert not seen.filter(action__contains="case").exists()
    assert not seen.filter(action__contains="compartment").exists()
    assert not seen.filter(action="org.store_file").exists()


def test_the_trail_shows_no_line_about_whom_the_reader_may_not_know_of(
    focal_point: StaffUser, ani: Person
) -> None:
    dpo = staff_with("dpo", Role.DPO)
    about = audit.trail_for(dpo).filter(object_id=str(ani.pk))
    assert about.exists()
    day = timezone.localdate()
    p.open_compartment(
        acting_staff=focal_point, person=ani, kind=K.PERSON, team=(), opened_date=day
    )
    left = audit.trail_for(StaffUser.objects.get(pk=dpo.pk))
    assert not left.filter(object_id=str(ani.pk)).exists()
    consents = [str(pk) for pk in ani.consents.values_list("pk", flat=True)]
    assert consents
    assert not left.filter(object_id__in=consents).exists()
    assert left.exists()


def test_everything_of_a_case_is_sealed_in_the_tables(
    focal_point: StaffUser, case: Compartment
) -> None:
    filled(focal_point, case)
    held = ""
    with connection.cursor() as cursor:
        for table in CASE_TABLES:
            cursor.execute(f"SELECT * FROM {table._meta.db_table}")
            held += str(cursor.fetchall())
    for words in (WHY, NOTE, "VIOLENCE", "Find a safe room", "Letter of the doctor"):
        assert words not in held
    assert "c1:" in held


def test_a_case_closes_once_and_takes_no_more(focal_point: StaffUser, case: Compartment) -> None:
    day = timezone.localdate()
    page = fresh(focal_point)
    told = {"outcome": "Safe with her aunt", "closed_date": day, "_read_back": "1"}
    assert page.post(f"/people/cases/{case.pk}/close/", told).status_code == 302
    case.refresh_from_db()
    assert (case.closed_date, case.outcome) == (day, "Safe with her aunt")
    with pytest.raises(p.CompartmentClosed):
        p.add_case_note(acting_staff=focal_point, compartment=case, text="More", day=day)
    with pytest.raises(p.CompartmentClosed):
        p.close_compartment(acting_staff=focal_point, compartment=case, closed_date=day)
    assert b"Safe with her aunt" in page.get(f"/people/cases/{case.pk}/").content


def test_what_is_pressed_twice_is_kept_once(
    focal_point: StaffUser, ani: Person, case: Compartment
) -> None:
    day, pk = timezone.localdate(), new_id()
    for _again in range(2):
        p.add_case_note(acting_staff=focal_point, compartment=case, text=NOTE, day=day, id=pk)
        p.add_case_document(
            acting_staff=focal_point, compartment=case, name="Letter", content=b"letter", id=pk
        )
    assert (CaseNote.objects.count(), CaseDocument.objects.count()) == (1, 1)


def test_nothing_is_written_without_words_or_for_a_day_to_come(
    focal_point: StaffUser, case: Compartment
) -> None:
    day = timezone.localdate()
    later = day + timedelta(days=1)
    with pytest.raises(p.WordsMissing):
        p.add_case_note(acting_staff=focal_point, compartment=case, text="  ", day=day)
    with pytest.raises(DayToCome):
        p.add_case_note(acting_staff=focal_point, compartment=case, text="x", day=later)
    assert not CaseNote.objects.exists()


def asked_for_file(clerk: StaffUser, person: Person) -> None:
    today = timezone.localdate()
    row = rq.record_subject_request(
        acting_staff=clerk,
        request=rq.SubjectRequestIn(kind=r.RequestKind.ACCESS, received_date=today, person=person),
    )
    rq.identify_asker(acting_staff=clerk, request=row, identity=r.IdentityCheck.DOCUMENT, on=today)


def test_a_focal_point_tells_her_face_to_face_once_it_is_known_who_asks(
    focal_point: StaffUser, clerk: StaffUser, case: Compartment, ani: Person
) -> None:
    filled(focal_point, case)
    page, there = fresh(focal_point), f"/people/cases/{case.pk}/tell/"
    assert page.get(there).status_code == 404
    with pytest.raises(p.NotAskedFor):
        p.tell_face_to_face(acting_staff=focal_point, compartment=case, day=timezone.localdate())
    asked_for_file(clerk, ani)
    answer = page.get(there)
    assert answer.status_code == 200
    assert "aunt" in answer.content.decode()
    entry = ReadEntry.objects.order_by("-number").first()
    assert entry is not None
    assert entry.highest == "R"
    day = {"day": timezone.localdate()}
    assert page.post(f"/people/cases/{case.pk}/told/", day).status_code == 302
    assert case.notes.count() == 2
    assert NOTE not in str(file.whole(ani.pk))
    assert "VIOLENCE" not in str(file.whole(ani.pk))
    assert "violence" not in str(file.whole(ani.pk))


def test_a_used_document_number_is_no_error_and_a_silent_match_for_the_focal_point(
    focal_point: StaffUser, clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    day = timezone.localdate()
    paper = PaperIn(kind=c.PaperKind.PASSPORT, number="AN 123 456")
    record_document(acting_staff=clerk, person=ani, paper=paper, seen_date=day)
    p.open_compartment(
        acting_staff=focal_point, person=ani, kind=K.PERSON, team=(), opened_date=day
    )
    clerk = StaffUser.objects.get(pk=clerk.pk)
    other = register_person(
        acting_staff=clerk, person=person_in(programme, first="Zabel", last="Odian")
    )
    assert other.possible_duplicates == ()
    record_document(acting_staff=clerk, person=other.person, paper=paper, seen_date=day)
    adjudicator = staff_with("adjudicator", Role.ADJUDICATOR)
    assert not Match.objects.visible_to(adjudicator).exists()
    found = Match.objects.visible_to(StaffUser.objects.get(pk=focal_point.pk)).get()
    assert found.fitting("document") == "EQUAL"


def test_erasing_empties_her_cases_and_takes_the_papers_away(
    focal_point: StaffUser, case: Compartment, ani: Person
) -> None:
    filled(focal_point, case)
    hiding = p.open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=K.PERSON,
        team=(),
        opened_date=timezone.localdate(),
        reason=WHY,
    )
    filled(focal_point, hiding)
    for blank in subject.erase:
        blank(ani.pk)
    assert list(Compartment._base_manager.all()) == [hiding]
    hiding.refresh_from_db()
    assert (hiding.reason, hiding.notes.count(), hiding.documents.count()) == ("", 0, 0)
    assert not StoredFile.objects.exists()


def test_a_case_follows_her_through_a_merge_and_back_and_the_merge_tells_of_none(
    focal_point: StaffUser, case: Compartment, ani: Person, clerk: StaffUser, programme: Programme
) -> None:
    other = register_person(acting_staff=clerk, person=person_in(programme)).person
    assert p.move_cases in merging.on_merge
    assert p.move_cases_back in merging.on_unmerge
    merge = Merge(other.pk, ani.pk, timezone.localdate(), focal_point.pk)
    p.move_cases(merge)
    case.refresh_from_db()
    assert case.person_id == other.pk
    assert (merge.moved, merge.changes, merge.made, merge.looks) == ({}, [], {}, [])
    assert list(Compartment.objects.visible_to(focal_point)) == [case]
    p.move_cases_back(other.pk, ani.pk)
    case.refresh_from_db()
    assert case.person_id == ani.pk


def test_a_hidden_person_stays_hidden_when_she_is_merged(
    focal_point: StaffUser, ani: Person, clerk: StaffUser, programme: Programme
) -> None:
    other = register_person(acting_staff=clerk, person=person_in(programme)).person
    day = timezone.localdate()
    p.open_compartment(
        acting_staff=focal_point, person=ani, kind=K.PERSON, team=(), opened_date=day
    )
    p.move_cases(Merge(other.pk, ani.pk, day, focal_point.pk))
    assert not Person.objects.visible_to(StaffUser.objects.get(pk=clerk.pk)).filter(pk=other.pk)


def test_counts_for_a_report_are_of_the_whole_programme_and_for_focal_points(
    focal_point: StaffUser,
    second_focal: StaffUser,
    manager: StaffUser,
    case: Compartment,
    programme: Programme,
) -> None:
    day = timezone.localdate()
    assert count_by_kind(second_focal, programme.pk, day, day) == {(K.VIOLENCE, "F"): 1}
    assert count_by_kind(manager, programme.pk, day, day) == {}
    before = day - timedelta(days=9)
    assert count_by_kind(second_focal, programme.pk, before, before) == {}
