"""Scorecards in use: published once, persons asked by them, a rule that reads the score."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.kernel.sheet_faults import TooLong
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people import assessed, subject
from handup.people.models import Assessment, Participation, Person, Scorecard
from handup.people.queries import facts_for
from handup.people.queries.facts import known_facts
from handup.people.queries.scorecards import cards_on
from handup.people.rules.card_parts import AlteredCardKeepsName
from handup.people.rules.eligibility import evaluate
from handup.people.services import assess, decide_eligibility, publish_card, publish_rule
from handup.people.services.scorecards import (
    AssessedAhead,
    AssessedBeforeCard,
    CardBeforeLast,
    CardWithoutTitle,
    NotACard,
    NotTheNextVersion,
    read_card,
    with_table,
)
from handup.people.tests.conftest import DAY, signed_in
from handup.people.views.participation import fact_word
from handup.projects.models import Programme

CARD: dict[str, Any] = {
    "code": "OWN",
    "version": 1,
    "kind": "POINTS",
    "level": "HOUSEHOLD",
    "items": [
        {
            "code": "roof",
            "text": "What is the roof made of?",
            "answers": [
                {"code": "A1", "text": "Earth", "points": 0},
                {"code": "A2", "text": "Tiles", "points": 4},
            ],
        },
        {
            "code": "cooking_stove",
            "answers": [{"code": "A1", "points": 0}, {"code": "A2", "points": 9}],
        },
    ],
    "cap": 10,
    "lookup": [
        {"from": 0, "to": 4, "likelihood": {"NATIONAL": "80.5"}},
        {"from": 5, "to": 10, "likelihood": {"NATIONAL": "20.0"}},
    ],
    "cutoff": {"rule": "score <= max", "max": 4},
    "origin": "made for a test",
}
POOR = {"roof": "A2", "cooking_stove": "A1"}
TABLE = b"score,NATIONAL\n" + b"\n".join(b"%d,%d" % (score, 90 - score) for score in range(11))


def publish(staff: StaffUser, on: date = DAY, **change: Any) -> Scorecard:
    return publish_card(
        acting_staff=staff, title="Own card", content=CARD | change, published_date=on
    )


@pytest.fixture
def card(manager: StaffUser) -> Scorecard:
    return publish(manager)


def ask(staff: StaffUser, person: Person, card: Scorecard, **more: Any) -> Assessment:
    told: dict[str, Any] = {"answers": POOR, "assessed_date": DAY}
    return assess(acting_staff=staff, person=person, scorecard=card, **(told | more))


# --- publishing ------------------------------------------------------------------------------


def test_a_manager_publishes_a_card_once_and_for_all(card: Scorecard) -> None:
    assert (card.code, card.version, str(card)) == ("OWN", 1, "Own card v1")
    assert AuditLine.objects.filter(action="people.publish_card").count() == 1
    card.title = "Another"
    with pytest.raises(Error), transaction.atomic():
        card.save()
    with pytest.raises(Error), transaction.atomic():
        Scorecard._base_manager.filter(pk=card.pk).delete()
    assert Scorecard._base_manager.get().title == "Own card"


def test_a_clerk_publishes_no_card(clerk: StaffUser) -> None:
    with pytest.raises(NotAllowed):
        publish(clerk)
    assert not Scorecard._base_manager.exists()


def test_a_card_with_a_gap_is_not_saved(manager: StaffUser) -> None:
    with pytest.raises(Faults) as refused:
        publish(manager, lookup=CARD["lookup"][1:])
    assert [fault.code for fault in refused.value.faults] == ["SCORES_MISSING"]
    assert not Scorecard._base_manager.exists()


def test_versions_follow_each_other_and_each_begins_later(
    manager: StaffUser, card: Scorecard
) -> None:
    with pytest.raises(NotTheNextVersion, match="next version of OWN is 2"):
        publish(manager, DAY + timedelta(1))
    with pytest.raises(CardBeforeLast):
        publish(manager, DAY, version=2)
    second = publish(manager, DAY + timedelta(1), version=2)
    assert cards_on(DAY) == [card]
    assert cards_on(DAY + timedelta(1)) == [second]
    assert cards_on(DAY - timedelta(1)) == []


def test_a_card_of_somebody_else_loses_its_name_once_it_is_altered(
    manager: StaffUser, card: Scorecard
) -> None:
    later = DAY + timedelta(1)
    for altered in ({"cap": 10, "items": CARD["items"][:1]}, {"items": CARD["items"][1:]}):
        with pytest.raises(AlteredCardKeepsName, match="OWN is the name of a published card"):
            publish(manager, later, version=2, **altered, origin="", licence="")
    assert Scorecard._base_manager.get() == card
    cutoff = {"rule": "score <= max", "max": 9}  # the programme's own choice
    assert publish(manager, later, version=2, cutoff=cutoff).version == 2
    assert publish(manager, later, items=CARD["items"][:1], code="OURS", origin="").code == "OURS"


def test_a_card_that_is_nobody_else_s_is_altered_under_its_own_name(manager: StaffUser) -> None:
    publish(manager, code="OURS", origin="")
    altered = publish(
        manager, DAY + timedelta(1), code="OURS", origin="", version=2, items=CARD["items"][:1]
    )
    assert altered.version == 2


def test_a_card_needs_a_title_and_a_short_code(manager: StaffUser) -> None:
    with pytest.raises(CardWithoutTitle):
        publish_card(acting_staff=manager, title=" ", content=CARD, published_date=DAY)
    with pytest.raises(TooLong):
        publish(manager, code="C" * 41)


@pytest.mark.parametrize(
    "content",
    [
        *[b"", b"\xff", b"[1]", b"{", b'{"scorecard": 7}', b'{"code": NaN}', b'{"x": "\\u0000"}'],
        *[b"[" * 100_000, b'"' + b"x" * 1_000_001 + b'"'],
    ],
)
def test_a_file_that_is_no_card_is_refused(content: bytes) -> None:
    with pytest.raises(NotACard):
        read_card(content)


def test_a_file_holds_the_card_alone_or_named() -> None:
    assert read_card(json.dumps(CARD).encode()) == CARD
    assert read_card(b"\xef\xbb\xbf" + json.dumps({"scorecard": CARD}).encode()) == CARD


def test_the_table_of_a_file_takes_the_place_of_the_card_s(manager: StaffUser) -> None:
    content = with_table({**CARD, "lookup": []}, TABLE, shift=False)
    row = publish_card(acting_staff=manager, title="T", content=content, published_date=DAY)
    assert row.content["lookup"][3] == {"from": 3, "to": 3, "likelihood": {"NATIONAL": "87"}}
    with pytest.raises(Faults):
        with_table(CARD, TABLE, shift=True)
    with pytest.raises(Faults):
        with_table(CARD | {"cap": "ten"}, TABLE, shift=False)


# --- asking ----------------------------------------------------------------------------------


def test_a_person_is_scored_and_how_it_came_about_is_kept(
    clerk: StaffUser, ani: Person, card: Scorecard
) -> None:
    row = ask(clerk, ani, card)
    row.refresh_from_db()
    assert (row.status, row.score, row.targeted) == ("SCORED", 4, True)
    assert row.result == {
        "sum": 4,
        "likelihood": {"NATIONAL": "80.5"},
        "points": {"roof": 4, "cooking_stove": 0},
        "missing": [],
    }
    line = AuditLine.objects.get(action="people.assess")
    assert str(row.pk) in str(line.object_id)


def test_what_is_not_known_leaves_her_without_a_score(
    clerk: StaffUser, ani: Person, card: Scorecard
) -> None:
    row = ask(clerk, ani, card, answers={"roof": "A1", "cooking_stove": ""})
    assert (row.status, row.score, row.targeted) == ("INCOMPLETE", None, None)
    assert row.result["missing"] == ["cooking_stove"]


def test_an_answer_that_is_not_listed_is_refused(
    clerk: StaffUser, ani: Person, card: Scorecard
) -> None:
    with pytest.raises(Faults) as refused:
        ask(clerk, ani, card, answers={"roof": "A9", "cooking_stove": "A1"})
    assert [(fault.place, fault.code) for fault in refused.value.faults] == [
        ("roof", "UNLISTED_ANSWER")
    ]
    assert not Assessment._base_manager.exists()


def test_nobody_is_asked_by_a_card_before_it_holds(
    clerk: StaffUser, ani: Person, card: Scorecard
) -> None:
    with pytest.raises(AssessedBeforeCard):
        ask(clerk, ani, card, assessed_date=DAY - timedelta(1))


def test_only_who_serves_her_asks_her(
    outsider: StaffUser, trainer: StaffUser, ani: Person, card: Scorecard
) -> None:
    with pytest.raises(OutOfSight):
        ask(outsider, ani, card)
    with pytest.raises(NotAllowed):
        ask(trainer, ani, card)
    assert not Assessment._base_manager.exists()


def test_the_same_answers_sent_twice_are_stored_once(
    clerk: StaffUser, ani: Person, card: Scorecard
) -> None:
    made = new_id()
    first = ask(clerk, ani, card, id=made)
    assert ask(clerk, ani, card, id=made) == first
    with pytest.raises(SameIdOtherContent):
        ask(clerk, ani, card, id=made, answers={"roof": "A1", "cooking_stove": "A1"})
    assert Assessment._base_manager.count() == 1


# --- her file ---------------------------------------------------------------------------------


def test_her_answers_are_in_her_file_and_go_when_she_is_erased(
    clerk: StaffUser, ani: Person, card: Scorecard, programme: Programme
) -> None:
    row = ask(clerk, ani, card)
    assert assessed.told in subject.collect
    assert '"roof": "A2"' in str(assessed.told(ani.pk)["Scorecards"])
    assert assessed.told(new_id()) == {}
    assert assessed.erase in subject.erase
    assessed.erase(new_id())
    row.refresh_from_db()
    assert row.answers == POOR
    assessed.erase(ani.pk)
    row.refresh_from_db()
    assert (row.answers, row.result, row.score) == ({}, {}, 4)


# --- rules -----------------------------------------------------------------------------------


def _facts(person: Person, programme: Programme, days: int) -> dict[str, Any]:
    on = DAY + timedelta(days)
    return dict(facts_for([person.pk], programme=programme, on=on)[person.pk])


def score_facts(person: Person, programme: Programme, on: date) -> tuple[Any, Any]:
    facts = facts_for([person.pk], programme=programme, on=on)[person.pk]
    return facts["score"], facts["targeted"]


def test_a_rule_sees_the_last_score_on_its_day(
    clerk: StaffUser, ani: Person, card: Scorecard, programme: Programme
) -> None:
    assert score_facts(ani, programme, DAY) == (None, None)
    ask(clerk, ani, card, assessed_date=DAY)
    later, last = DAY + timedelta(5), DAY + timedelta(9)
    ask(clerk, ani, card, assessed_date=later, answers=POOR | {"cooking_stove": "A2"})
    ask(clerk, ani, card, assessed_date=last, answers={})
    assert score_facts(ani, programme, DAY) == (4, True)
    assert score_facts(ani, programme, later) == (10, False)
    assert score_facts(ani, programme, last) == (None, None)


def test_each_card_has_its_own_score(
    manager: StaffUser, clerk: StaffUser, ani: Person, card: Scorecard, programme: Programme
) -> None:
    rule: dict[str, Any] = {"op": "<=", "value": 4, "reason": "ABOVE_CUTOFF"}
    assert {"score", "targeted", "score:OWN", "targeted:OWN"} <= known_facts()
    second = publish(manager, code="SECOND", cutoff=None)
    assert {"score:OWN", "targeted:SECOND"} <= known_facts()
    assert not {"score", "targeted"} & known_facts()
    with pytest.raises(Faults):
        publish_rule(
            acting_staff=manager,
            programme=programme,
            title="Poor enough",
            valid_from=DAY,
            tree={"fact": "score", **rule},
        )
    ask(clerk, ani, card, answers=POOR | {"cooking_stove": "A2"})
    ask(clerk, ani, second, assessed_date=DAY + timedelta(1))
    ask(clerk, ani, second, assessed_date=DAY + timedelta(2), answers={})
    told = {name: value for name, value in _facts(ani, programme, 1).items() if ":" in name}
    assert told == {
        "score:OWN": 10,
        "targeted:OWN": False,
        "score:SECOND": 4,
        "targeted:SECOND": None,
    }
    last = _facts(ani, programme, 2)
    assert (last["score:OWN"], last["score:SECOND"]) == (10, None)
    verdict = evaluate({"fact": "score:OWN", **rule}, last)
    assert (verdict.result, verdict.reasons) == ("NOT_ELIGIBLE", ("ABOVE_CUTOFF",))
    old = evaluate({"fact": "score", **rule}, last)  # a rule made when there was one card
    assert (old.result, old.missing) == ("NEEDS_INFORMATION", ("score",))


def test_a_fact_of_a_card_is_named_with_it() -> None:
    assert fact_word("score:OWN") == "Score (OWN)"
    assert fact_word("targeted:OWN") == "Score at or below the cut-off (OWN)"
    assert str(fact_word("score")) == "Score of the last scorecard"
    assert fact_word("group:size") == "group:size"


def test_nobody_is_scored_on_a_day_to_come(clerk: StaffUser, ani: Person, card: Scorecard) -> None:
    with pytest.raises(AssessedAhead):
        ask(clerk, ani, card, assessed_date=timezone.localdate() + timedelta(1))
    assert not Assessment._base_manager.exists()
    assert ask(clerk, ani, card, assessed_date=timezone.localdate()).score == 4


def test_a_person_is_decided_by_her_score(
    manager: StaffUser,
    clerk: StaffUser,
    targeting: StaffUser,
    application: Participation,
    card: Scorecard,
    programme: Programme,
) -> None:
    publish_rule(
        acting_staff=manager,
        programme=programme,
        title="Poor enough",
        valid_from=DAY,
        tree={"fact": "score", "op": "<=", "value": 4, "reason": "ABOVE_CUTOFF"},
    )
    ask(clerk, application.person, card, answers=POOR | {"cooking_stove": "A2"})
    row = decide_eligibility(acting_staff=targeting, participation=application, decided_date=DAY)
    assert (row.state, row.decision["reasons"]) == ("NOT_ELIGIBLE", ["ABOVE_CUTOFF"])
    assert row.decision["facts"]["score"] == 10


# --- pages -----------------------------------------------------------------------------------


def upload(**change: Any) -> dict[str, Any]:
    content = json.dumps(CARD | change).encode()
    return {
        "title": "Own card",
        "file": SimpleUploadedFile("card.json", content),
        "published_date": DAY.isoformat(),
    }


def test_a_manager_publishes_a_card_from_files(manager: StaffUser) -> None:
    told = upload() | {"table": SimpleUploadedFile("table.csv", TABLE)}
    answer = signed_in(manager).post(reverse("people:scorecard_new"), told, follow=True)
    page = answer.content.decode()
    assert "Own card" in page
    assert "What is the roof made of?" in page
    assert "Earth: 0 · Tiles: 4" in page
    assert "Cooking stove" in page
    assert "83 %" in page
    listed = signed_in(manager).get(reverse("people:scorecard_list")).content.decode()
    assert "Own card" in listed


def test_the_page_names_each_place_of_a_faulty_card(manager: StaffUser) -> None:
    told = upload(cap=9) | {"table": SimpleUploadedFile("t.csv", b"score,N\n0,1\n2,3\n")}
    answer = signed_in(manager).post(reverse("people:scorecard_new"), told)
    assert answer.status_code == 422
    assert "A3: No line of the table covers the scores 1 to 1." in answer.content.decode()
    assert not Scorecard._base_manager.exists()


def test_the_desk_asks_a_person_on_a_page(
    desk: Client, ani: Person, card: Scorecard, manager: StaffUser
) -> None:
    address = reverse("people:assess", args=[ani.pk])
    page = desk.get(address).content.decode()
    assert "What is the roof made of?" in page
    assert "Tiles" in page
    today = timezone.localdate().isoformat()
    told = {"card": str(card.pk), "assessed_date": today, "item_roof": "A2"}
    after = desk.post(address, told | {"item_cooking_stove": "A2"}, follow=True).content.decode()
    assert "Recorded: 10 points." in after
    assert "Own card v1" in after
    assert "True" not in after
    assert "False" not in after
    assert Assessment._base_manager.get().answers == {"roof": "A2", "cooking_stove": "A2"}
    after = desk.post(address, told, follow=True).content.decode()
    assert "Recorded without a score: not everything is known." in after


def test_another_card_may_be_chosen(
    desk: Client, ani: Person, card: Scorecard, manager: StaffUser
) -> None:
    other = publish(manager, DAY + timedelta(1), code="OTHER")
    address = reverse("people:assess", args=[ani.pk])
    page = desk.get(address).content.decode()
    assert f"?card={card.pk}" in page
    assert f"?card={other.pk}" not in page
    chosen = desk.get(f"{address}?card={card.pk}").content.decode()
    assert f"?card={other.pk}" in chosen
    assert desk.get(f"{address}?card={new_id()}").status_code == 404
    assert desk.get(f"{address}?card=none").status_code == 404


def test_without_a_card_the_page_says_so(desk: Client, ani: Person) -> None:
    address = reverse("people:assess", args=[ani.pk])
    assert "No scorecard is published yet" in desk.get(address).content.decode()
    answer = desk.post(address, {"assessed_date": DAY.isoformat()})
    assert answer.status_code == 422
    assert not Assessment._base_manager.exists()


def test_who_may_not_ask_or_publish_gets_no_page(
    outsider: StaffUser, trainer: StaffUser, clerk: StaffUser, ani: Person, card: Scorecard
) -> None:
    address = reverse("people:assess", args=[ani.pk])
    beyond = signed_in(outsider).get(address)
    missing = signed_in(outsider).get(reverse("people:assess", args=[new_id()]))
    assert beyond.status_code == missing.status_code == 404
    assert signed_in(trainer).get(address).status_code == 403
    assert signed_in(clerk).get(reverse("people:scorecard_new")).status_code == 403
    assert (
        signed_in(clerk).get(reverse("people:scorecard_detail", args=[card.pk])).status_code == 200
    )
    assert Client().get(address).status_code == 302
    assert Client().get(reverse("people:scorecard_list")).status_code == 302
