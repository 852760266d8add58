"""Break-glass: one person, one reader, one hour, seen at once by those who protect her; and an
insider who tries it three times."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from handup.kernel.ids import new_id
from handup.org import installation, notices, safety
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, ClosedDay, Incident, MailNotice, ReadEntry, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight, may
from handup.org.rules.access import Role, ScopeKind
from handup.org.scope import hidden_changed
from handup.org.services.notices import ask_for_notices
from handup.org.tests.staff import staff_with
from handup.people.models import Alias, BreakGlass, Participation, Person
from handup.people.rules import codes as c
from handup.people.rules import glass as rules
from handup.people.rules.glass import GlassReason, GlassState
from handup.people.services import glass, open_compartment, register_person
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.projects.models import Programme

WHY = "Her child is alone in hospital and asks for her."


@pytest.fixture(autouse=True)
def no_second_factor(settings: Settings) -> None:
    """The second factor has a test of its own below."""
    cache.clear()
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def dpo(db: None) -> StaffUser:
    return staff_with("dpo", Role.DPO)


def again(staff: StaffUser) -> StaffUser:
    """The same staff user as another request loads her."""
    return StaffUser.objects.get(pk=staff.pk)


def broken(staff: StaffUser, person: Person, **more: Any) -> BreakGlass:
    told: dict[str, Any] = {"reason": GlassReason.CHILD, "words": WHY} | more
    return glass.break_glass(acting_staff=staff, registration_no=person.registration_no, **told)


def others(programme: Programme, clerk: StaffUser, count: int) -> list[Person]:
    return [
        register_person(
            acting_staff=clerk, person=person_in(programme, first=f"Nare{number}")
        ).person
        for number in range(count)
    ]


def test_it_opens_one_person_outside_her_scope_for_an_hour_and_for_reading_only(
    outsider: StaffUser, clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    (nare,) = others(programme, clerk, 1)
    assert not Person.objects.visible_to(outsider).exists()
    row = broken(outsider, ani)
    assert row.ends_at - row.opened_at == timedelta(minutes=60)
    reader = again(outsider)
    assert list(Person.objects.visible_to(reader)) == [ani]
    assert may(reader, "people.view_person", ani)
    assert not may(reader, "people.correct_person", ani)
    assert not may(reader, "people.view_person", nare)
    where = outsider.grants.get(role="CLERK").programme_id
    other = staff_with("other", Role.CLERK, scope=ScopeKind.PROJECT, programme_id=where)
    assert not Person.objects.visible_to(other).exists()


def test_it_ends_by_the_clock_even_in_a_request_that_has_begun(
    outsider: StaffUser, ani: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = broken(outsider, ani)
    reader = again(outsider)
    assert Person.objects.visible_to(reader).exists()
    later = row.ends_at
    monkeypatch.setattr("handup.org.scope.timezone.now", lambda: later)
    assert not Person.objects.visible_to(reader).exists()
    assert not may(reader, "people.view_person", ani)
    assert row.standing(later) is GlassState.EXPIRED
    assert row.standing(later - timedelta(microseconds=1)) is GlassState.OPEN


def test_it_opens_a_hidden_person_to_her_and_to_nobody_else(
    clerk: StaffUser,
    targeting: StaffUser,
    focal_point: StaffUser,
    ani: Person,
    application: Participation,
) -> None:
    kind = c.CompartmentKind.PERSON
    open_compartment(acting_staff=focal_point, person=ani, kind=kind, team=[], opened_date=DAY)
    assert not Person.objects.visible_to(again(clerk)).exists()
    broken(clerk, ani)
    assert list(Person.objects.visible_to(again(clerk))) == [ani]
    assert list(Participation.objects.visible_to(again(clerk))) == [application]
    assert not Person.objects.visible_to(again(targeting)).exists()
    by_token = again(clerk)
    by_token.by_token = True
    assert not Person.objects.visible_to(by_token).exists()


def test_it_is_written_into_the_read_log_and_so_is_every_page_of_hers(
    outsider: StaffUser, ani: Person
) -> None:
    broken(outsider, ani)
    entry = ReadEntry.objects.latest("number")
    assert (entry.action, entry.persons, entry.purpose) == ("BREAK_GLASS", [str(ani.pk)], "CHILD")
    answer = signed_in(outsider).get(f"/people/persons/{ani.pk}/")
    assert answer.status_code == 200
    assert "in an emergency until" in answer.content.decode()
    entry = ReadEntry.objects.latest("number")
    assert (entry.action, entry.persons) == ("BREAK_GLASS", [str(ani.pk)])
    line = AuditLine.objects.get(action="people.break_glass")
    assert WHY not in json.dumps(line.facts)


@pytest.mark.parametrize("words", ["", "urgent", "a" * 40, "  x  y  z  x  y  z  x  y  z  x y"])
def test_a_reason_that_says_nothing_opens_nothing(
    outsider: StaffUser, ani: Person, words: str
) -> None:
    with pytest.raises(glass.ReasonTooShort):
        broken(outsider, ani, words=words)
    assert not BreakGlass.objects.exists()
    assert not ReadEntry.objects.filter(action="BREAK_GLASS").exists()


def test_a_number_of_nobody_is_refused_and_written_down(outsider: StaffUser, ani: Person) -> None:
    with pytest.raises(glass.NobodyWithThisNumber):
        glass.break_glass(
            acting_staff=outsider,
            registration_no="0000000000",
            reason=GlassReason.OTHER,
            words=WHY,
        )
    entry = ReadEntry.objects.latest("number")
    assert (entry.action, entry.persons, entry.purpose) == ("DENIED", [], "people.break_glass")


def test_whom_she_sees_anyway_is_not_opened_again(
    clerk: StaffUser, outsider: StaffUser, ani: Person
) -> None:
    with pytest.raises(glass.SeenAlready):
        broken(clerk, ani)
    broken(outsider, ani)
    with pytest.raises(glass.SeenAlready):
        broken(outsider, ani)
    assert BreakGlass.objects.count() == 1


def test_the_same_post_twice_opens_once_and_another_under_its_id_is_refused(
    outsider: StaffUser, ani: Person
) -> None:
    key = new_id()
    first, second = broken(outsider, ani, id=key), broken(outsider, ani, id=key)
    assert (first.pk, BreakGlass.objects.count()) == (second.pk, 1)
    with pytest.raises(SameIdOtherContent):
        broken(outsider, ani, id=key, words=f"{WHY} Now.")


def test_another_number_under_the_same_id_opens_nobody_and_an_old_card_opens_her(
    outsider: StaffUser, clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    nare, mane = others(programme, clerk, 2)
    key = new_id()
    first = broken(outsider, ani, id=key)
    with pytest.raises(SameIdOtherContent):
        broken(outsider, nare, id=key)
    assert list(BreakGlass.objects.all()) == [first]
    Alias.objects.create(old=nare, person=mane)
    Person._base_manager.filter(pk=nare.pk).update(merged_date=DAY)
    assert broken(outsider, nare).person == mane


def test_who_may_not_read_persons_opens_nobody(ani: Person, dpo: StaffUser) -> None:
    for staff in (dpo, staff_with("trainer", Role.TRAINER), staff_with("root", Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            broken(staff, ani)
    assert not BreakGlass.objects.exists()


def test_a_token_opens_nobody(outsider: StaffUser, ani: Person) -> None:
    outsider.by_token = True
    with pytest.raises(glass.OnlineOnly):
        broken(outsider, ani)


def test_the_minutes_are_a_setting_of_at_most_180(outsider: StaffUser, ani: Person) -> None:
    installation.put("protection.break_glass_minutes", 100_000)
    row = broken(outsider, ani)
    assert row.ends_at - row.opened_at == timedelta(minutes=180)
    installation.put("protection.break_glass_minutes", "soon")
    assert safety.value("protection.break_glass_minutes") == 60


def test_an_insider_who_opens_three_in_thirty_days_opens_one_incident(
    outsider: StaffUser, clerk: StaffUser, programme: Programme
) -> None:
    persons = others(programme, clerk, 5)
    old = broken(outsider, persons[4])
    BreakGlass.objects.filter(pk=old.pk).update(
        opened_at=timezone.now() - timedelta(days=31), ends_at=timezone.now() - timedelta(days=30)
    )
    for person in persons[:2]:
        broken(outsider, person)
    assert not Incident.objects.exists(), "the old one does not count"
    broken(outsider, persons[2])
    incident = Incident.objects.get()
    assert (incident.kind, incident.state) == ("BREAK_GLASS", "OPEN")
    assert incident.about == str(outsider.pk)
    assert set(incident.persons) == {str(person.pk) for person in persons[:3]}
    assert incident.notify_by - incident.noticed_at == timedelta(hours=72)
    broken(outsider, persons[3])
    assert Incident.objects.count() == 1


def test_two_working_days_skip_the_weekend_and_closed_days() -> None:
    friday = date(2026, 11, 27)
    assert rules.review_by(friday, 2, ()) == date(2026, 12, 1)
    assert rules.review_by(friday, 2, {date(2026, 11, 30)}) == date(2026, 12, 2)


def test_what_nobody_reviews_in_time_is_escalated_and_nothing_else(
    outsider: StaffUser, clerk: StaffUser, programme: Programme
) -> None:
    first, second = (broken(outsider, person) for person in others(programme, clerk, 2))
    today = timezone.localdate()
    BreakGlass.objects.filter(pk=first.pk).update(review_by=today - timedelta(days=1))
    assert glass.expire_break_glass(timezone.now()) == (0, 1)
    assert glass.expire_break_glass(timezone.now()) == (0, 0)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.escalated_at is not None
    assert second.escalated_at is None
    assert glass.expire_break_glass(second.ends_at) == (2, 0)


def test_a_closed_day_of_everybody_moves_the_review(
    outsider: StaffUser, ani: Person, manager: StaffUser
) -> None:
    day = rules.review_by(timezone.localdate(), 1, ())
    ClosedDay.objects.create(day=day, name="Day of rest", entered_by=manager)
    assert broken(outsider, ani).review_by > rules.review_by(timezone.localdate(), 2, ())


def test_it_is_reviewed_by_another_once_and_ends_with_it(
    outsider: StaffUser, ani: Person, dpo: StaffUser, auditor: StaffUser
) -> None:
    row = broken(outsider, ani)
    with pytest.raises(NotAllowed):
        glass.review_break_glass(acting_staff=auditor, access=row, abuse=False, finding="x")
    with pytest.raises(glass.FindingMissing):
        glass.review_break_glass(acting_staff=dpo, access=row, abuse=False, finding=" ")
    done = glass.review_break_glass(acting_staff=dpo, access=row, abuse=False, finding="In order.")
    assert (done.state, done.reviewed_by) == ("REVIEWED", dpo)
    assert not Person.objects.visible_to(again(outsider)).exists()
    with pytest.raises(glass.ReviewedAlready):
        glass.review_break_glass(acting_staff=dpo, access=row, abuse=True, finding="Again.")
    assert not Incident.objects.exists()


@pytest.fixture
def auditor(db: None) -> StaffUser:
    return staff_with("auditor", Role.AUDITOR)


def test_misuse_opens_an_incident_that_names_her(
    outsider: StaffUser, ani: Person, dpo: StaffUser
) -> None:
    row = broken(outsider, ani)
    glass.review_break_glass(acting_staff=dpo, access=row, abuse=True, finding="A neighbour.")
    incident = Incident.objects.get()
    assert (incident.kind, incident.persons) == ("BREAK_GLASS", [str(ani.pk)])


def test_nobody_reviews_her_own_or_what_her_grants_do_not_reach(
    focal_point: StaffUser, ani: Person, other_programme: Programme
) -> None:
    other_focal = staff_with(
        "far", Role.FOCAL_POINT, scope=ScopeKind.PROJECT, programme_id=other_programme.pk
    )
    row = broken(other_focal, ani)
    with pytest.raises(OutOfSight):
        glass.review_break_glass(acting_staff=other_focal, access=row, abuse=False, finding="ok")
    mine = BreakGlass.objects.get(pk=row.pk)
    mine.staff = focal_point
    mine.save()
    assert list(glass.to_review(focal_point)) == []
    with pytest.raises(glass.OwnAccess):
        glass.review_break_glass(acting_staff=focal_point, access=mine, abuse=False, finding="ok")


def test_the_page_opens_her_and_those_who_protect_see_it_on_their_first_page(
    outsider: StaffUser, ani: Person, dpo: StaffUser, focal_point: StaffUser
) -> None:
    browser = signed_in(outsider)
    form = browser.get("/people/emergency/new/").content.decode()
    key = form.split('name="_new_id" value="')[1].split('"')[0]
    data = {
        "registration_no": ani.registration_no,
        "reason": "CHILD",
        "words": WHY,
        "_new_id": key,
    }
    for _ in range(2):
        answer = browser.post("/people/emergency/new/", data)
        assert (answer.status_code, answer["Location"]) == (302, f"/people/persons/{ani.pk}/")
    row = BreakGlass.objects.get()
    for staff in (dpo, focal_point):
        assert row.code in signed_in(staff).get("/").content.decode()
    assert row.code not in signed_in(outsider).get("/").content.decode()
    page = signed_in(dpo).get(f"/people/emergency/{row.pk}/").content.decode()
    assert WHY in page
    assert ani.display_name not in page
    answer = signed_in(dpo).post(
        f"/people/emergency/{row.pk}/review/", {"abuse": "no", "finding": "In order."}
    )
    assert answer.status_code == 302
    assert row.code not in signed_in(dpo).get("/").content.decode()
    assert browser.get(f"/people/persons/{ani.pk}/").status_code == 404


def test_the_register_is_no_outsiders(outsider: StaffUser, manager: StaffUser, ani: Person) -> None:
    row = broken(outsider, ani)
    for staff in (outsider, manager):
        browser = signed_in(staff)
        assert browser.get("/people/emergency/").status_code == 403
        assert browser.get(f"/people/emergency/{row.pk}/").status_code in {403, 404}
        assert browser.post(f"/people/emergency/{row.pk}/review/", {}).status_code in {403, 404}
    assert BreakGlass.objects.get().reviewed_at is None


def test_without_a_fresh_second_factor_the_page_leads_to_it(
    outsider: StaffUser, ani: Person, settings: Settings
) -> None:
    browser = signed_in(outsider)
    settings.SECOND_FACTOR_REQUIRED = True
    session = browser.session
    session["second_factor_at"] = timezone.now().timestamp() - 301
    session.save()
    data = {"registration_no": ani.registration_no, "reason": "CHILD", "words": WHY}
    answer = browser.post("/people/emergency/new/", data)
    assert answer.status_code == 302
    assert "/account/confirm/second-factor/" in answer["Location"]
    answer = browser.post(
        "/api/v1/people/emergency",
        data,
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "FACTOR_NOT_FRESH")
    assert not BreakGlass.objects.exists()


def test_the_api_opens_lists_and_reviews(outsider: StaffUser, ani: Person, dpo: StaffUser) -> None:
    answer = post(signed_in(outsider), "/api/v1/people/emergency", told(ani))
    assert (answer.status_code, answer.json()["person_id"]) == (201, str(ani.pk))
    browser = signed_in(dpo)
    listed = browser.get("/api/v1/people/emergency?state=OPEN").json()["items"]
    assert [row["reason"] for row in listed] == ["CHILD"]
    address = f"/api/v1/people/emergency/{listed[0]['id']}/review"
    assert post(signed_in(outsider), address, {"abuse": False, "finding": "x"}).status_code == 404
    answer = post(browser, address, {"abuse": False, "finding": "In order."})
    assert (answer.status_code, answer.json()["state"]) == (201, "REVIEWED")
    assert browser.get("/api/v1/people/emergency?state=OPEN").json()["items"] == []


def told(person: Person) -> dict[str, str]:
    return {"registration_no": person.registration_no, "reason": "CHILD", "words": WHY}


def post(browser: Client, address: str, data: dict[str, Any]) -> Any:
    headers = {"Idempotency-Key": str(new_id())}
    return browser.post(address, data, content_type="application/json", headers=headers)


def test_numbers_cannot_be_tried_out(outsider: StaffUser, ani: Person) -> None:
    browser = signed_in(outsider)
    data = {"registration_no": "0000000000", "reason": "CHILD", "words": WHY}
    answers = [browser.post("/people/emergency/new/", data).status_code for _ in range(31)]
    assert answers == [422] * 30 + [429]


def test_an_erased_person_is_opened_to_nobody(outsider: StaffUser, ani: Person) -> None:
    Person.objects.filter(pk=ani.pk).update(erased_date=DAY)
    hidden_changed()
    with pytest.raises(glass.NobodyWithThisNumber):
        broken(outsider, ani)


def test_who_reviews_it_is_told_by_mail_if_she_wants_and_nobody_is_named(
    outsider: StaffUser, dpo: StaffUser, clerk: StaffUser, ani: Person
) -> None:
    for staff in (dpo, clerk, outsider):
        ask_for_notices(acting_staff=staff, address="somebody@example.org")
    row = broken(outsider, ani)
    notices.look(timezone.now())
    (told,) = MailNotice.objects.filter(kind="EMERGENCY")
    assert (told.wish.staff, told.about) == (dpo, str(row.pk))
    said = " ".join(notices.words_of(notices.kinds["EMERGENCY"], "en"))
    for name in (ani.display_name, ani.registration_no, outsider.display_name):
        assert name not in said
