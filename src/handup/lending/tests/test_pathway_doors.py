"""Pathways through the pages and the API: opened, joined, visited, graduated."""

from django.test import Client
from django.utils import timezone

from handup.lending.models import Pathway, PathwayEnrolment
from handup.lending.rules.codes import EnrolmentState
from handup.lending.tests.cast import World
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_pages import at, do


def test_a_participant_goes_through_the_pages(client: Client, world: World) -> None:
    cast, today = world.cast, timezone.localdate().isoformat()
    opened = at(client, cast.manager, "pathway_new").content.decode()
    assert "food_score" in opened
    told = {
        "programme": str(world.programme.pk),
        "name": "First steps",
        "needed": "2",
        "from_date": today,
        "c1_label": "Food",
        "c1_fact": "BY_HAND",
        "c1_operator": "AT_LEAST",
        "c1_threshold": "42",
        "c1_required": "on",
        "c2_label": "Income",
        "c2_fact": "BY_HAND",
        "c2_threshold": "50",
        "c2_money": "on",
    }
    bad = do(client, cast.manager, "pathway_new", **{**told, "c2_threshold": "a lot"})
    assert bad.status_code == 422
    assert not Pathway.objects.exists()
    made = do(client, cast.manager, "pathway_new", **told)
    assert made.status_code == 302, made.content.decode()[-2000:]
    _walk(client, world, told)


def _walk(client: Client, world: World, told: dict[str, str]) -> None:
    """From other criteria to graduation."""
    cast, today = world.cast, timezone.localdate().isoformat()
    pathway = Pathway.objects.get()
    assert [item["threshold"] for item in pathway.versions.get().criteria] == ["42", "5000"]
    changed = {name: value for name, value in told.items() if name not in {"programme", "name"}}
    assert at(client, cast.manager, "pathway_change", pathway.pk).status_code == 200
    done = do(client, cast.manager, "pathway_change", pathway.pk, **changed)
    assert done.status_code == 302
    assert pathway.versions.count() == 2
    done = do(
        client,
        cast.advisor,
        "enrolment_new",
        pathway.pk,
        receiver=world.person.registration_no,
        enrolled_date=today,
    )
    assert done.status_code == 302, done.content.decode()[-2000:]
    row = PathwayEnrolment.objects.get()
    wrong = do(client, cast.advisor, "check_new", row.pk, check_date=today, found_1="x")
    assert wrong.status_code == 422
    done = do(
        client, cast.advisor, "check_new", row.pk, check_date=today, found_1="45", found_2="60"
    )
    assert done.status_code == 302, done.content.decode()[-2000:]
    page = at(client, cast.advisor, "enrolment_detail", row.pk).content.decode()
    assert "Propose graduation" in page
    assert "seen by Advisor" in page
    done = do(client, cast.advisor, "graduation_new", row.pk, proposed_date=today)
    assert done.status_code == 302
    waiting = row.graduations.get()
    assert "Met" in at(client, cast.director, "graduation_decide", waiting.pk).content.decode()
    done = do(
        client,
        cast.director,
        "graduation_decide",
        waiting.pk,
        approve="yes",
        decided_date=today,
    )
    assert done.status_code == 302, done.content.decode()[-2000:]
    row.refresh_from_db()
    assert row.state == EnrolmentState.GRADUATED
    for name in ("pathway_list", "enrolment_list"):
        assert at(client, cast.manager, name).status_code == 200
    listed = at(client, cast.manager, "enrolment_list", state="GRADUATED").content.decode()
    assert row.code in listed
    assert at(client, cast.manager, "pathway_detail", pathway.pk).status_code == 200
    assert at(client, cast.outsider, "enrolment_detail", row.pk).status_code == 404


def test_the_api_takes_a_participant_to_graduation(client: Client, world: World) -> None:
    cast = world.cast
    made = post(
        client,
        cast.manager,
        "/pathways",
        programme_id=str(world.programme.pk),
        name="First steps",
        needed=1,
        from_date="2025-01-01",
        criteria=[{"code": "food", "label": "Food", "fact": "BY_HAND", "threshold": "42"}],
    )
    assert made.status_code == 201, made.content
    where = f"/pathways/{made.json()['id']}"
    again = post(
        client,
        cast.manager,
        f"{where}/versions",
        needed=1,
        from_date="2025-01-02",
        criteria=[{"code": "food", "label": "Food", "fact": "BY_HAND", "threshold": "40"}],
    )
    assert again.status_code == 201, again.content
    assert len(get(client, cast.manager, where).json()["versions"]) == 2
    _graduates(client, world, where)


def _graduates(client: Client, world: World, where: str) -> None:
    """She comes in, is visited and graduates."""
    cast = world.cast
    came = post(
        client,
        cast.advisor,
        f"{where}/enrolments",
        person_id=str(world.person.pk),
        enrolled_date="2025-02-03",
    )
    assert came.status_code == 201, came.content
    she = f"/enrolments/{came.json()['id']}"
    shown = get(client, cast.advisor, she).json()
    assert (shown["criteria"][0]["judgement"], shown["criteria"][0]["why"]) == (
        "UNKNOWN",
        "NOT_RECORDED",
    )
    refused = post(client, cast.advisor, f"{she}/graduations", proposed_date="2025-03-03")
    assert refused.json()["code"] == "NOT_GRADUATED_YET"
    looked = post(
        client,
        cast.advisor,
        f"{she}/checks",
        check_date="2025-03-03",
        findings={"food": "41"},
    )
    assert looked.status_code == 201, looked.content
    asked = post(client, cast.advisor, f"{she}/graduations", proposed_date="2025-03-03")
    assert asked.status_code == 201, asked.content
    done = post(
        client,
        cast.director,
        f"/graduations/{asked.json()['id']}/decision",
        approve=True,
        decided_date="2025-03-03",
    )
    assert done.json()["reasons"][0]["judgement"] == "MET"
    assert get(client, cast.advisor, "/enrolments").json()["items"][0]["state"] == "GRADUATED"
    assert get(client, cast.advisor, "/pathways").json()["items"]
    gone = post(client, cast.advisor, f"{she}/left", left_date="2025-03-04", reason="Moved")
    assert gone.json()["code"] == "PATHWAY_ENDED"
