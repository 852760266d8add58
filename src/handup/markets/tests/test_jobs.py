"""Vacancies, persons placed and still there, technology taken up: services, pages, API."""

import json
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.markets.models import (
    JobCheck,
    JobMatch,
    JobPlacement,
    TechnologyAdoption,
    Vacancy,
)
from handup.markets.models.labels import Heard, JobKind, TrialKind
from handup.markets.persons import move
from handup.markets.queries import jobs as queries
from handup.markets.services import jobs as services
from handup.markets.services import technology
from handup.org.duties import SamePerson
from handup.org.models import Office, StaffUser
from handup.org.permissions import OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people import merging
from handup.people.models import Person
from handup.people.rules.codes import CompartmentKind
from handup.people.services import open_compartment
from handup.people.services.store import PersonErased
from handup.people.subject import collect, erase
from handup.projects.models import Programme

DAY = date(2025, 1, 15)
SIX = date(2025, 7, 15)


def person_in(programme: Programme, office: Office, staff: StaffUser, number: str) -> Person:
    return Person.objects.create(
        registration_no=number,
        display_name=f"Person {number}",
        sort_key=number,
        programme=programme,
        office=office,
        registered_date=DAY,
        registered_by=staff,
    )


@pytest.fixture
def dora(officer: StaffUser, programme: Programme, office: Office) -> Person:
    return person_in(programme, office, officer, "100000025")


@pytest.fixture
def vacancy(officer: StaffUser, programme: Programme, office: Office) -> Vacancy:
    return services.open_vacancy(
        acting_staff=officer,
        programme=programme,
        office=office,
        title="Cheese maker",
        job_kind=JobKind.PROCESSING,
        employer_name="Town dairy",
        opened_date=DAY,
    )


def placed(staff: StaffUser, vacancy: Vacancy, person: Person) -> JobPlacement:
    match = services.propose_person(
        acting_staff=staff, vacancy=vacancy, person=person, matched_date=DAY
    )
    return services.place_person(acting_staff=staff, match=match, started_date=DAY, today=DAY)


def look(
    staff: StaffUser, job: JobPlacement, month: int, on: date, *, still: bool = True
) -> JobCheck:
    return services.check_job(
        acting_staff=staff,
        placement=job,
        month=month,
        checked_date=on,
        still_there=still,
        today=date(2026, 3, 1),
        remark="sells at the counter",
    )


def test_the_way_from_a_vacancy_to_a_job_that_lasts(
    officer: StaffUser,
    other_officer: StaffUser,
    vacancy: Vacancy,
    dora: Person,
    programme: Programme,
    office: Office,
) -> None:
    job = placed(officer, vacancy, dora)
    vacancy.refresh_from_db()
    assert vacancy.state == "FILLED"
    other = person_in(programme, office, officer, "100000033")
    with pytest.raises(services.VacancyNotOpen):
        services.propose_person(
            acting_staff=officer, vacancy=vacancy, person=other, matched_date=DAY
        )
    with pytest.raises(services.TooEarly):
        look(other_officer, job, 6, SIX - timedelta(days=1))
    with pytest.raises(SamePerson):
        look(officer, job, 6, SIX)
    with pytest.raises(services.MarkUnknown):
        look(other_officer, job, 9, SIX)
    assert not JobCheck.objects.exists()
    rows = queries.placements(officer)
    assert [found.month for found in queries.looks_due(rows, on=date(2026, 3, 1))] == [6, 12]
    look(other_officer, job, 6, SIX)
    services.end_job(
        acting_staff=officer,
        placement=job,
        ended_date=date(2025, 10, 1),
        reason="moved away",
        today=date(2026, 3, 1),
    )
    with pytest.raises(services.StillThereThoughEnded):
        look(other_officer, job, 12, date(2026, 1, 20))
    look(other_officer, job, 12, date(2026, 1, 20), still=False)
    way = queries.way(officer, queries.placements(officer), on=date(2026, 3, 1))
    assert (way.places, way.proposed, way.placed) == (1, 1, 1)
    assert [(one.due, one.looked, one.still) for one in way.stayed] == [(1, 1, 1), (1, 1, 0)]
    with pytest.raises(services.LookedAtAlready):
        look(other_officer, job, 6, SIX)


def test_only_an_open_proposal_is_answered_and_only_where_one_works(
    officer: StaffUser, outsider: StaffUser, vacancy: Vacancy, dora: Person
) -> None:
    with pytest.raises(OutOfSight):
        services.propose_person(
            acting_staff=outsider, vacancy=vacancy, person=dora, matched_date=DAY
        )
    match = services.propose_person(
        acting_staff=officer, vacancy=vacancy, person=dora, matched_date=DAY
    )
    with pytest.raises(services.ProposedAlready):
        services.propose_person(
            acting_staff=officer, vacancy=vacancy, person=dora, matched_date=DAY
        )
    services.decline_match(acting_staff=officer, match=match, reason="too far to walk")
    with pytest.raises(services.NotProposed):
        services.place_person(acting_staff=officer, match=match, started_date=DAY, today=DAY)
    assert not JobPlacement.objects.exists()
    assert not JobMatch.objects.visible_to(outsider).exists()


def test_a_place_that_somebody_hidden_has_is_free_for_whoever_may_not_know_of_her(
    officer: StaffUser, vacancy: Vacancy, dora: Person, programme: Programme, office: Office
) -> None:
    Vacancy.objects.update(places=2)
    vacancy.refresh_from_db()
    three = [person_in(programme, office, officer, f"10000003{number}") for number in range(3)]
    first, second, third = (
        services.propose_person(
            acting_staff=officer, vacancy=vacancy, person=person, matched_date=DAY
        )
        for person in three
    )
    placed(officer, vacancy, dora)
    open_compartment(
        acting_staff=staff_with("focal", Role.FOCAL_POINT),
        person=dora,
        kind=CompartmentKind.PERSON,
        team=[],
        opened_date=DAY,
    )
    for match, state in ((first, "OPEN"), (second, "FILLED")):
        services.place_person(acting_staff=officer, match=match, started_date=DAY, today=DAY)
        vacancy.refresh_from_db()
        assert vacancy.state == state
    with pytest.raises(services.PlacesTaken):
        services.place_person(acting_staff=officer, match=third, started_date=DAY, today=DAY)


def test_the_last_place_given_to_somebody_hidden_shows_the_vacancy_filled_to_nobody(
    officer: StaffUser, vacancy: Vacancy, dora: Person
) -> None:
    """Her case team places her; the state of the vacancy is read by everybody."""
    focal = staff_with("focal", Role.FOCAL_POINT)
    open_compartment(
        acting_staff=focal, person=dora, kind=CompartmentKind.PERSON, team=[officer],
        opened_date=DAY,
    )  # fmt: skip
    placed(StaffUser.objects.get(pk=officer.pk), vacancy, dora)
    vacancy.refresh_from_db()
    assert (vacancy.places, vacancy.state) == (1, "OPEN")


def test_what_is_held_of_a_person_is_told_and_blanked(
    officer: StaffUser, other_officer: StaffUser, vacancy: Vacancy, dora: Person
) -> None:
    job = placed(officer, vacancy, dora)
    check = look(other_officer, job, 6, SIX)
    own = "handup.markets.persons"
    told = str([part(dora.pk) for part in collect if part.__module__ == own])
    assert "sells at the counter" in told
    assert "Cheese maker" in told
    for part in erase:
        if part.__module__ == own:
            part(dora.pk)
    check.refresh_from_db()
    assert check.remark == ""


def test_two_records_proposed_for_one_work_become_one_and_her_job_goes_with_her(
    officer: StaffUser, dora: Person, vacancy: Vacancy, programme: Programme, office: Office
) -> None:
    Vacancy.objects.update(places=2)
    vacancy.refresh_from_db()
    twin = person_in(programme, office, officer, "100000033")
    first = services.propose_person(
        acting_staff=officer, vacancy=vacancy, person=dora, matched_date=DAY
    )
    services.decline_match(acting_staff=officer, match=first, reason="too far to walk")
    job = placed(officer, vacancy, twin)
    merge = merging.Merge(dora.pk, twin.pk, SIX, officer.pk)
    move(merge)

    def held() -> list[tuple[str, str, str]]:
        rows = JobMatch.objects.order_by("pk")
        return [(row.person.registration_no, row.state, row.reason) for row in rows]

    assert held() == [("100000025", "PLACED", ""), ("100000033", "DECLINED", "registered twice")]
    job.refresh_from_db()
    assert (job.person_id, job.match_id, merge.looks) == (dora.pk, first.pk, ["SAME_VACANCY"])
    assert merging.restore(dora.pk, twin.pk, merge.moved, merge.changes, merge.made) == []
    assert held() == [("100000025", "DECLINED", "too far to walk"), ("100000033", "PLACED", "")]
    job.refresh_from_db()
    assert (job.person_id, job.match_id) == (twin.pk, JobMatch.objects.get(person=twin).pk)


def test_each_programme_aims_for_its_own_jobs(
    officer: StaffUser, vacancy: Vacancy, dora: Person, programme: Programme
) -> None:
    placed(officer, vacancy, dora)
    other = Programme.objects.create(code="P2", title="Farms", currency="RWF")
    for where, share in ((programme, 4_000), (other, 9_000)):
        services.set_job_target(
            acting_staff=officer, programme=where, job_kind=JobKind.PROCESSING, share_bps=share
        )
    told = {
        str(where.code): (one.jobs, one.all_jobs, one.target_bps)
        for where, found in queries.balances_of(officer, queries.placements(officer))
        for one in found
        if where is not None and one.kind == JobKind.PROCESSING
    }
    assert told == {"P1": (1, 1, 4_000), "P2": (0, 0, 9_000)}


def test_jobs_go_the_way_of_their_pages(
    client: Client, officer: StaffUser, other_officer: StaffUser, vacancy: Vacancy, dora: Person
) -> None:
    client.force_login(officer)
    client.post(
        reverse("markets:match_new", args=[vacancy.pk]),
        {
            "registration_no": dora.registration_no,
            "matched_date": "2025-01-15",
            "_new_id": str(new_id()),
        },
    )
    match = JobMatch.objects.get()
    client.post(
        reverse("markets:job_new", args=[match.pk]),
        {"started_date": "2025-01-15", "_new_id": str(new_id())},
    )
    figures = client.get(reverse("markets:job_figures")).content.decode()
    assert "1 of 1 persons proposed began a job" in figures
    assert dora.display_name in figures
    client.force_login(other_officer)
    client.post(
        reverse("markets:job_check", args=[match.pk]),
        {
            "month": "6",
            "checked_date": "2025-07-20",
            "still_there": "yes",
            "_new_id": str(new_id()),
        },
    )
    page = client.get(reverse("markets:match_detail", args=[match.pk])).content.decode()
    assert "still there" in page
    assert "Cheese maker" in client.get(reverse("markets:vacancy_list")).content.decode()
    assert (
        "Town dairy"
        in client.get(reverse("markets:vacancy_detail", args=[vacancy.pk])).content.decode()
    )
    for name in ("vacancy_new", "job_target", "need_new"):
        assert client.get(reverse(f"markets:{name}")).status_code == 200, name
    way = client.get("/api/v1/markets/jobs/way").json()
    assert way["stayed"][0]["still"] == 1


def test_a_vacancy_goes_in_over_the_api(
    client: Client, officer: StaffUser, programme: Programme
) -> None:
    client.force_login(officer)
    told = {
        "programme_id": str(programme.pk),
        "title": "Weaver",
        "job_kind": "OFF_FARM",
        "opened_date": "2025-01-15",
    }
    codes = []
    for more in ({}, {"employer_name": "Town weavers"}):
        sent = client.post(
            "/api/v1/markets/vacancies",
            json.dumps(told | more),
            content_type="application/json",
            headers={"Idempotency-Key": str(new_id())},
        )
        codes.append((sent.status_code, sent.json().get("code", "")))
    assert codes == [(422, "EMPLOYER_MISSING"), (201, "")]


def test_technology_is_followed_from_the_need_to_the_result(
    client: Client,
    officer: StaffUser,
    dora: Person,
    programme: Programme,
    office: Office,
) -> None:
    need = technology.record_need(
        acting_staff=officer,
        programme=programme,
        office=office,
        title="Milk spoils before noon",
        told_by_whom="14 dairy women",
        told_date=DAY,
    )
    trial = technology.record_trial(
        acting_staff=officer,
        need=need,
        technology="Charcoal cooler",
        kind=TrialKind.DEMONSTRATION,
        held_date=DAY,
        today=DAY,
        cost_units=40_000,
        people=14,
        women=14,
    )
    row = technology.record_adoption(
        acting_staff=officer, trial=trial, adopted_date=DAY, today=DAY, person=dora
    )
    with pytest.raises(technology.TakenUpAlready):
        technology.record_adoption(
            acting_staff=officer, trial=trial, adopted_date=DAY, today=DAY, person=dora
        )
    erased = Person(erased_date=DAY, programme=dora.programme, office=dora.office)
    with pytest.raises(PersonErased):
        technology.record_adoption(
            acting_staff=officer, trial=trial, adopted_date=DAY, today=DAY, person=erased
        )
    with pytest.raises(technology.TakenUpByOne):
        technology.record_adoption(acting_staff=officer, trial=trial, adopted_date=DAY, today=DAY)
    with pytest.raises(technology.NothingAnswered):
        technology.record_result(acting_staff=officer, adoption=row, asked_date=SIX, today=SIX)
    technology.record_result(
        acting_staff=officer,
        adoption=row,
        asked_date=SIX,
        today=SIX,
        better_quality=Heard.YES,
        wider_market=Heard.NO,
    )
    assert TechnologyAdoption.objects.count() == 1
    client.force_login(officer)
    page = client.get(reverse("markets:trial_detail", args=[trial.pk])).content.decode()
    assert "100.0%" in page
    assert "0.0%" in page
    for name, pk in (("need_detail", need.pk), ("adoption_result", row.pk)):
        assert client.get(reverse(f"markets:{name}", args=[pk])).status_code == 200, name
    assert "Milk spoils" in client.get(reverse("markets:need_list")).content.decode()


def test_whoever_was_erased_is_proposed_for_no_job(
    officer: StaffUser, vacancy: Vacancy, dora: Person
) -> None:
    dora.erased_date = DAY
    dora.save(update_fields=["erased_date"])
    with pytest.raises(PersonErased):
        services.propose_person(
            acting_staff=officer, vacancy=vacancy, person=dora, matched_date=DAY
        )
    assert not JobMatch.objects.exists()
