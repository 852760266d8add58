"""Targeting runs: frozen once, in order of need, shown with reasons, measured by a sample."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, transaction
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.models import Setting, StaffUser
from handup.org.permissions import NotAllowed
from handup.people import choices_made
from handup.people.models import (
    ConsentNotice,
    EligibilityRule,
    Participation,
    Person,
    SampleVisit,
    Scorecard,
    TargetingRow,
    TargetingRun,
)
from handup.people.queries.targeting import counts, sample_found
from handup.people.rules import codes as c
from handup.people.rules.targeting import Part, status_group
from handup.people.services import (
    ApplicationIn,
    apply_to_programme,
    assess,
    open_compartment,
    register_person,
)
from handup.people.services.targeting import (
    CardOrTest,
    CutoffMissing,
    CutoffTooHigh,
    NobodyApplied,
    RunAhead,
    RunWithoutTitle,
    VisitBeforeRun,
    WeightUnusable,
    record_sample_visit,
    run_targeting,
)
from handup.people.tests.conftest import DAY, agreed, person_in, signed_in
from handup.people.tests.test_assessments import publish
from handup.projects.models import Programme

RUN_DAY = DAY + timedelta(10)
ANSWERS = {0: ("A1", "A1"), 4: ("A2", "A1"), 9: ("A1", "A2"), 10: ("A2", "A2")}
"""Roof and stove by the score they come to (13 is capped at 10)."""


@pytest.fixture
def card(manager: StaffUser) -> Scorecard:
    return publish(manager)


@pytest.fixture
def people(
    clerk: StaffUser, programme: Programme, notice: ConsentNotice, card: Scorecard
) -> dict[str, Person]:
    """Four applicants with a score, one without; the second and third have the same."""
    found = {}
    for number, (name, score) in enumerate(
        {"Mane": 0, "Lusine": 4, "Anush": 4, "Karen": 9, "Nobody": None}.items()
    ):
        told = person_in(programme, name, "Petrosyan", consents=(agreed(notice),))
        person = register_person(acting_staff=clerk, person=told).person
        apply_to_programme(
            acting_staff=clerk,
            application=ApplicationIn(
                person=person,
                programme=programme,
                applied_date=DAY + timedelta(5 - number),
            ),
        )
        if score is not None:
            roof, stove = ANSWERS[score]
            assess(
                acting_staff=clerk,
                person=person,
                scorecard=card,
                answers={"roof": roof, "cooking_stove": stove},
                assessed_date=DAY,
            )
        found[name] = person
    return found


def run(staff: StaffUser, programme: Programme, card: Scorecard, **more: Any) -> TargetingRun:
    told: dict[str, Any] = {"title": "First round", "run_date": RUN_DAY, "scorecard": card}
    return run_targeting(acting_staff=staff, programme=programme, **(told | more))


def order(found: TargetingRun) -> list[tuple[str, bool | None, int | None]]:
    rows = TargetingRow._base_manager.filter(run=found).select_related("person").order_by("rank")
    return [(str(row.person).split()[0], row.targeted, row.priority_ppm) for row in rows]


def test_a_run_freezes_who_is_taken_in_order_of_need(
    targeting: StaffUser, programme: Programme, card: Scorecard, people: dict[str, Person]
) -> None:
    found = run(targeting, programme, card)
    # Anush applied before Lusine; nobody knows about Nobody, who comes last.
    assert order(found) == [
        ("Mane", True, 1_000_000),
        ("Anush", True, 600_000),
        ("Lusine", True, 600_000),
        ("Karen", False, 100_000),
        ("Nobody", None, None),
    ]
    assert found.cutoff == 4
    assert set(Participation._base_manager.values_list("state", flat=True)) == {"APPLIED"}


def test_nothing_of_a_run_ever_changes(
    clerk: StaffUser,
    targeting: StaffUser,
    programme: Programme,
    card: Scorecard,
    people: dict[str, Person],
) -> None:
    found = run(targeting, programme, card)
    before = order(found)
    assess(
        acting_staff=clerk,
        person=people["Mane"],
        scorecard=card,
        answers={"roof": "A2", "cooking_stove": "A2"},
        assessed_date=DAY + timedelta(3),
    )
    assert order(found) == before
    row = found.rows.order_by("rank")[0]
    for change in ({"targeted": False}, {"rank": 9}, {"score": 1}):
        with pytest.raises(Error), transaction.atomic():
            TargetingRow._base_manager.filter(pk=row.pk).update(**change)
    with pytest.raises(Error), transaction.atomic():
        TargetingRun._base_manager.filter(pk=found.pk).update(cutoff=9)
    again = run(targeting, programme, card, title="Second round")
    assert [name for name, taken, _ in order(again) if taken] == ["Anush", "Lusine"]


def test_a_later_score_and_a_later_applicant_are_not_in_it(
    targeting: StaffUser, programme: Programme, card: Scorecard, people: dict[str, Person]
) -> None:
    found = run(targeting, programme, card, run_date=DAY + timedelta(2), cutoff=9)
    assert order(found) == [("Karen", True, 100_000), ("Nobody", None, None)]


def test_a_run_needs_what_it_rests_on(
    targeting: StaffUser,
    clerk: StaffUser,
    manager: StaffUser,
    programme: Programme,
    other_programme: Programme,
    card: Scorecard,
    people: dict[str, Person],
) -> None:
    for refusal, change in (
        (RunWithoutTitle, {"title": " "}),
        (CardOrTest, {"scorecard": None}),
        (CutoffTooHigh, {"cutoff": 11}),
        (RunAhead, {"run_date": timezone.localdate() + timedelta(1)}),
        (NobodyApplied, {"run_date": DAY - timedelta(1)}),
    ):
        with pytest.raises(refusal):
            run(targeting, programme, card, **change)
    open_card = publish(manager, DAY + timedelta(1), version=2, cutoff=None)
    with pytest.raises(CutoffMissing):
        run(targeting, programme, open_card)
    with pytest.raises(NotAllowed):
        run(clerk, programme, card)
    assert not TargetingRun._base_manager.exists()


def test_a_hidden_person_is_in_no_run_of_somebody_else(
    targeting: StaffUser,
    focal_point: StaffUser,
    programme: Programme,
    card: Scorecard,
    people: dict[str, Person],
) -> None:
    open_compartment(
        acting_staff=focal_point,
        person=people["Anush"],
        kind=c.CompartmentKind.PERSON,
        team=[focal_point],
        opened_date=DAY,
    )
    found = run(targeting, programme, card)
    assert [name for name, *_ in order(found)] == ["Mane", "Lusine", "Karen", "Nobody"]
    assert counts(targeting, found).persons == 4


def test_the_sample_measures_the_run_and_each_figure_has_its_rows(
    targeting: StaffUser, programme: Programme, card: Scorecard, people: dict[str, Person]
) -> None:
    found = run(targeting, programme, card)
    rows = {str(row.person).split()[0]: row for row in found.rows.select_related("person", "run")}
    for name, poor, weight in (
        ("Mane", True, 2000),
        ("Lusine", False, 1000),
        ("Karen", True, 1000),
        ("Nobody", False, 1000),
    ):
        record_sample_visit(
            acting_staff=targeting,
            row=rows[name],
            visited_date=RUN_DAY,
            poor=poor,
            weight_milli=weight,
        )
    told = sample_found(targeting, found)
    # Of a weight of 5: 2 poor and taken, 1 poor and left out, 1 taken by mistake, 1 rightly out.
    assert [
        told.accuracy.share(part)
        for part in (
            told.accuracy.inclusion,
            told.accuracy.undercoverage,
            told.accuracy.leakage,
            told.accuracy.exclusion,
        )
    ] == [40, 20, 20, 20]
    assert told.accuracy.hit_rate == 60
    assert told.accuracy.bpac == pytest.approx(200 / 3)
    assert told.rows[Part.INCLUSION] == (rows["Mane"].pk,)
    assert told.rows[Part.UNDERCOVERAGE] == (rows["Karen"].pk,)
    page = signed_in(targeting)
    text = page.get(f"/people/targeting/{found.pk}/accuracy/").content.decode()
    for code, coverage in told.accuracy.disparity["sex"].coverage.items():
        there = f"/people/targeting/rows/?run={found.pk}&poor_of=sex:{code}"
        assert there.replace("&", "&amp;") in text
        shown = page.get(there).content.decode()
        named = {name for name in rows if f">{name} " in shown}
        assert len(named) == coverage.poor_households, code
        assert named <= {"Mane", "Karen"}
    assert "poor_of=disability" not in text


def test_a_second_visit_counts_and_the_first_stays(
    targeting: StaffUser, programme: Programme, card: Scorecard, people: dict[str, Person]
) -> None:
    row = run(targeting, programme, card).rows.select_related("run").order_by("rank")[0]
    for poor, day in ((True, RUN_DAY), (False, RUN_DAY + timedelta(1))):
        record_sample_visit(acting_staff=targeting, row=row, visited_date=day, poor=poor)
    told = sample_found(targeting, row.run)
    assert (told.households, told.rows[Part.LEAKAGE]) == (1, (row.pk,))
    assert SampleVisit._base_manager.count() == 2


def test_groups_are_compared_from_so_many_poor_on(
    targeting: StaffUser, programme: Programme, card: Scorecard, people: dict[str, Person]
) -> None:
    Person._base_manager.filter(pk=people["Karen"].pk).update(sex="M")
    found = run(targeting, programme, card)
    for row in found.rows.select_related("run", "person"):
        record_sample_visit(acting_staff=targeting, row=row, visited_date=RUN_DAY, poor=True)
    sex = sample_found(targeting, found).accuracy.disparity["sex"]
    assert (sex.ratio, sex.alert) == (None, False)
    Setting.objects.create(key=choices_made.LEAST, value=1)
    sex = sample_found(targeting, found).accuracy.disparity["sex"]
    assert sex.coverage["F"].percent == 75
    assert sex.coverage["M"].percent == 0
    assert sex.ratio == 0
    assert sex.alert
    page = signed_in(targeting).get(reverse("people:accuracy", args=[found.pk])).content.decode()
    assert "reached far less" in page


def test_a_visit_has_a_weight_and_follows_the_run(
    targeting: StaffUser, programme: Programme, card: Scorecard, people: dict[str, Person]
) -> None:
    row = run(targeting, programme, card).rows.select_related("run")[0]
    for refusal, change in (
        (WeightUnusable, {"weight_milli": 0}),
        (VisitBeforeRun, {"visited_date": RUN_DAY - timedelta(1)}),
        (RunAhead, {"visited_date": timezone.localdate() + timedelta(1)}),
    ):
        told: dict[str, Any] = {"visited_date": RUN_DAY, "poor": True}
        with pytest.raises(refusal):
            record_sample_visit(acting_staff=targeting, row=row, **(told | change))
    assert not SampleVisit._base_manager.exists()


def test_pages_run_show_and_tell(
    targeting: StaffUser,
    trainer: StaffUser,
    programme: Programme,
    card: Scorecard,
    rule: EligibilityRule,
    people: dict[str, Person],
) -> None:
    client = signed_in(targeting)
    told = {
        "title": "First round",
        "programme": str(programme.pk),
        "scorecard": str(card.pk),
        "run_date": RUN_DAY.isoformat(),
    }
    answer = client.post(reverse("people:targetingrun_new"), told)
    found = TargetingRun._base_manager.get()
    assert answer["Location"] == reverse("people:targetingrun_detail", args=[found.pk])
    text = client.get(answer["Location"]).content.decode()
    assert "taken=yes" in text
    rows = reverse("people:targetingrow_list")
    taken = client.get(f"{rows}?run={found.pk}&taken=yes").content.decode()
    assert "Mane" in taken
    assert "Karen" not in taken
    karen = found.rows.get(person=people["Karen"])
    page = reverse("people:targetingrow_detail", args=[karen.pk])
    text = client.get(page).content.decode()
    assert "better off than the line of the programme" in text
    assert "Ask the complaints officer." in text
    assert "What is the roof made of?" in text
    visit = reverse("people:sample_visit_new", args=[karen.pk])
    client.post(visit, {"poor": "1", "weight": "1.5", "visited_date": RUN_DAY.isoformat()})
    assert SampleVisit._base_manager.get().weight_milli == 1500
    left_out = client.get(f"{rows}?run={found.pk}&part=UNDERCOVERAGE").content.decode()
    assert "Karen" in left_out
    assert "Mane" not in left_out
    her = reverse("people:participation_detail", args=[karen.participation_id])
    assert page in client.get(her).content.decode()
    assert signed_in(trainer).get(page).status_code == 403
    assert page not in signed_in(trainer).get(her).content.decode()


def test_the_interface_runs_and_measures(
    targeting: StaffUser, programme: Programme, card: Scorecard, people: dict[str, Person]
) -> None:
    client = signed_in(targeting)
    told = {
        "programme_id": str(programme.pk),
        "title": "Round",
        "run_date": RUN_DAY.isoformat(),
        "scorecard_id": str(card.pk),
    }
    head = {"Idempotency-Key": str(new_id())}
    for _time in range(2):
        answer = client.post(
            "/api/v1/people/targeting-runs", told, content_type="application/json", headers=head
        )
        assert answer.status_code == 201
    assert TargetingRun._base_manager.count() == 1
    base = f"/api/v1/people/targeting-runs/{answer.json()['id']}"
    rows = client.get(f"{base}/rows?targeted=true").json()["items"]
    assert len(rows) == 3
    answer = client.post(
        f"/api/v1/people/targeting-rows/{rows[0]['id']}/visits",
        {"visited_date": RUN_DAY.isoformat(), "poor": True},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert answer.status_code == 201
    found = client.get(f"{base}/accuracy").json()
    assert (found["inclusion"], found["bpac"], found["leakage"]) == (1000, 1000, 0)


def test_a_status_is_compared_once() -> None:
    assert status_group(frozenset({"HOST", "IDP", "REFUGEE"})) == "REFUGEE"
    assert status_group(frozenset({"HOST"})) == "NONE"
