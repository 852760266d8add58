"""Questionnaires in use: published with the publisher's wording, asked of persons and households,
sealed where they lie, read by whoever asks; a rule may use what they came to.
"""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, ReadEntry, Setting, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people import choices_made, subject
from handup.people.models import (
    Alias,
    Household,
    Instrument,
    InstrumentAnswer,
    Participation,
    Person,
)
from handup.people.queries import category_facts, facts_for
from handup.people.queries.facts import known_facts
from handup.people.queries.instruments import instruments_on
from handup.people.rules import codes as c
from handup.people.rules.instruments import TooYoungForInstrument, UnknownInstrument
from handup.people.rules.structures import STRUCTURES
from handup.people.rules.wording import items_of, wording_faults
from handup.people.services import (
    HouseholdIn,
    MemberIn,
    decide_eligibility,
    publish_rule,
    register_household,
    register_person,
)
from handup.people.services.choices_made import CannotBeChosen, change_choices
from handup.people.services.instruments import (
    AskedAhead,
    AskedBeforeInstrument,
    InstrumentBeforeLast,
    InstrumentWithoutTitle,
    NoHousehold,
    ask_instrument,
    publish_instrument,
)
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.projects.models import Programme

EASY = dict.fromkeys(STRUCTURES["WG_SS"]["items"], "1")
HARD = EASY | {"walk": "3"}
DAYS = {
    "staples": "7",
    "pulses": "2",
    "dairy": "0",
    "protein": "1",
    "vegetables": "5",
    "fruit": "0",
    "fat": "7",
    "sugar": "4",
}


def publish(staff: StaffUser, code: str = "WG_SS", on: date = DAY, **more: Any) -> Instrument:
    told: dict[str, Any] = {"title": f"Questions {code}"}
    return publish_instrument(acting_staff=staff, code=code, published_date=on, **(told | more))


def ask(staff: StaffUser, person: Person, row: Instrument, **more: Any) -> InstrumentAnswer:
    told: dict[str, Any] = {"answers": HARD, "asked_date": DAY}
    return ask_instrument(acting_staff=staff, person=person, instrument=row, **(told | more))


@pytest.fixture
def wg(manager: StaffUser) -> Instrument:
    return publish(manager)


@pytest.fixture
def fcs(manager: StaffUser) -> Instrument:
    return publish(manager, "FCS")


@pytest.fixture
def home(clerk: StaffUser, ani: Person, programme: Programme) -> Household:
    told = HouseholdIn(
        members=(MemberIn(ani, c.HouseholdRole.HEAD),), registered_date=DAY, programme=programme
    )
    return register_household(acting_staff=clerk, household=told).household


# --- publishing ------------------------------------------------------------------------------


def test_a_version_is_published_once_and_for_all(wg: Instrument) -> None:
    assert (wg.code, wg.version, wg.structure["items"][0]) == ("WG_SS", 1, "see")
    assert AuditLine.objects.filter(action="people.publish_instrument").count() == 1
    wg.title = "Another"
    with pytest.raises(Error), transaction.atomic():
        wg.save()
    assert Instrument._base_manager.get().title == "Questions WG_SS"


def test_only_a_manager_publishes(clerk: StaffUser) -> None:
    with pytest.raises(NotAllowed):
        publish(clerk)
    assert not Instrument._base_manager.exists()


def test_the_next_version_begins_later_and_is_used_from_then(
    manager: StaffUser, wg: Instrument
) -> None:
    with pytest.raises(InstrumentBeforeLast):
        publish(manager)
    second = publish(manager, on=DAY + timedelta(1))
    assert second.version == 2
    assert instruments_on(DAY) == [wg]
    assert instruments_on(DAY + timedelta(1)) == [second]


@pytest.mark.parametrize("word", ["Disability questions", "Вопросы об инвалидности", "Հաշմանդամ"])
def test_the_word_is_never_shown(manager: StaffUser, word: str) -> None:
    with pytest.raises(Faults) as refused:
        publish(manager, title=word)
    assert [fault.code for fault in refused.value.faults] == ["WORD_NEVER_SHOWN"]
    wording = dict.fromkeys(STRUCTURES["WG_SS"]["items"], "Do you have difficulty?")
    with pytest.raises(Faults) as refused:
        publish(manager, wording=wording | {"walk": word})
    assert [(f.code, f.place) for f in refused.value.faults] == [("WORD_NEVER_SHOWN", "walk")]
    assert not Instrument._base_manager.exists()


def test_wording_must_be_whole_and_of_these_questions(manager: StaffUser) -> None:
    with pytest.raises(Faults) as refused:
        publish(manager, wording={"see": "Do you see?", "smell": "Do you smell?"})
    places = [fault.place for fault in refused.value.faults]
    assert places == ["smell", "hear", "walk", "remember", "selfcare", "communicate"]


def test_only_the_items_of_coping_may_be_a_countrys_own(manager: StaffUser) -> None:
    classes = {"stress": ["sold_hens"], "crisis": ["sold_cow"], "emergency": ["sold_land"]}
    own = publish(manager, "LCS_FS", classes=classes)
    assert items_of(own.structure) == ["sold_hens", "sold_cow", "sold_land"]
    with pytest.raises(Faults) as refused:
        publish(manager, "FCS", classes=classes)
    assert [fault.code for fault in refused.value.faults] == ["FIXED_INSTRUMENT"]
    with pytest.raises(Faults) as refused:
        publish(manager, "LCS_EN", classes=classes | {"crisis": ["sold_hens"]})
    assert [fault.place for fault in refused.value.faults] == ["classes.crisis[0]"]


def test_a_version_needs_a_title_and_a_known_code(manager: StaffUser) -> None:
    with pytest.raises(InstrumentWithoutTitle):
        publish(manager, title=" ")
    with pytest.raises(UnknownInstrument):
        publish(manager, "PPI")


def test_every_instrument_has_its_items_in_order() -> None:
    assert items_of(STRUCTURES["HHS"])[:2] == ["no_food", "no_food_freq"]
    assert len(items_of(STRUCTURES["LCS_EN"])) == 10
    assert wording_faults(STRUCTURES["RCSI"], "Coping", {}) == []


# --- asking ----------------------------------------------------------------------------------


def test_her_answers_are_kept_with_what_they_came_to(
    clerk: StaffUser, ani: Person, wg: Instrument
) -> None:
    row = ask(clerk, ani, wg)
    row.refresh_from_db()
    assert row.answers == HARD
    assert row.outcome == {
        "score": None,
        "result": "YES",
        "flags": [],
        "missing": [],
        "review": [],
    }
    assert row.household is None
    assert AuditLine.objects.filter(action="people.ask_instrument").count() == 1


def test_what_was_answered_is_sealed_where_it_lies(
    clerk: StaffUser, ani: Person, wg: Instrument
) -> None:
    ask(clerk, ani, wg)
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers, outcome FROM people_instrumentanswer")
        answers, outcome = cursor.fetchone()
    assert "walk" not in answers
    assert "YES" not in json.dumps(outcome)
    assert "walk" not in str(list(AuditLine.objects.values_list("facts", flat=True)))


def test_a_missing_answer_is_unknown_and_never_no(
    clerk: StaffUser, ani: Person, wg: Instrument
) -> None:
    row = ask(clerk, ani, wg, answers=EASY | {"hear": None, "see": "999"})
    assert row.outcome["result"] == "UNKNOWN"
    assert row.outcome["missing"] == ["see", "hear"]
    facts = category_facts([ani.pk], on=DAY)[ani.pk]
    assert facts.derived[c.Derived.DISABILITY] is None


def test_an_answer_outside_the_list_is_missing_and_named(
    clerk: StaffUser, ani: Person, home: Household, fcs: Instrument
) -> None:
    row = ask(clerk, ani, fcs, answers=DAYS | {"fruit": "9"})
    assert (row.outcome["score"], row.outcome["result"]) == (None, None)
    assert (row.outcome["missing"], row.outcome["review"]) == (["fruit"], ["fruit"])


def test_a_household_is_asked_through_a_member(
    clerk: StaffUser, ani: Person, home: Household, fcs: Instrument
) -> None:
    row = ask(clerk, ani, fcs, answers=DAYS)
    assert row.household == home
    assert (row.outcome["score"], row.outcome["result"]) == ("34.5", "BORDERLINE")


def test_questions_about_a_household_need_one(
    clerk: StaffUser, ani: Person, fcs: Instrument
) -> None:
    with pytest.raises(NoHousehold):
        ask(clerk, ani, fcs, answers=DAYS)
    assert not InstrumentAnswer._base_manager.exists()


def test_limits_and_missing_items_are_read_as_chosen(
    clerk: StaffUser, manager: StaffUser, ani: Person, home: Household, fcs: Instrument
) -> None:
    change_choices(
        acting_staff=manager,
        values={choices_made.FCS_THRESHOLD: "HIGH", choices_made.FCS_MISSING: "ZERO"},
    )
    row = ask(clerk, ani, fcs, answers=DAYS | {"staples": None})
    assert (row.outcome["score"], row.outcome["result"]) == ("20.5", "POOR")
    assert row.outcome["missing"] == ["staples"]
    full = ask(clerk, ani, fcs, answers=DAYS | {"pulses": "1"})
    assert (full.outcome["score"], full.outcome["result"]) == ("31.5", "BORDERLINE")


def test_what_does_not_fit_cannot_be_chosen(manager: StaffUser, clerk: StaffUser) -> None:
    for key, value in (
        (choices_made.FCS_THRESHOLD, "MIDDLE"),
        (choices_made.RERANK, 0),
        (choices_made.RERANK, True),
        ("profile", "SOLO"),
    ):
        with pytest.raises(CannotBeChosen):
            change_choices(acting_staff=manager, values={key: value})
    with pytest.raises(NotAllowed):
        change_choices(acting_staff=clerk, values={choices_made.RERANK: 50})
    assert choices_made.number(choices_made.RERANK) == 40
    Setting.objects.create(key=choices_made.RERANK, value="nonsense")
    assert choices_made.number(choices_made.RERANK) == 40


def test_a_small_child_is_not_asked(clerk: StaffUser, ani: Person, wg: Instrument) -> None:
    Person.objects.filter(pk=ani.pk).update(birth_date=date(2022, 1, 1))
    ani.refresh_from_db()
    with pytest.raises(TooYoungForInstrument, match="5"):
        ask(clerk, ani, wg)


def test_a_day_before_the_version_or_to_come_is_refused(
    clerk: StaffUser, ani: Person, wg: Instrument
) -> None:
    with pytest.raises(AskedBeforeInstrument):
        ask(clerk, ani, wg, asked_date=DAY - timedelta(1))
    with pytest.raises(AskedAhead):
        ask(clerk, ani, wg, asked_date=timezone.localdate() + timedelta(1))


def test_what_is_not_asked_is_refused(clerk: StaffUser, ani: Person, wg: Instrument) -> None:
    with pytest.raises(Faults) as refused:
        ask(clerk, ani, wg, answers=HARD | {"smell": "1"})
    assert [fault.place for fault in refused.value.faults] == ["smell"]


def test_the_same_answers_sent_twice_are_kept_once(
    clerk: StaffUser, ani: Person, wg: Instrument
) -> None:
    own = new_id()
    assert ask(clerk, ani, wg, id=own) == ask(clerk, ani, wg, id=own)
    with pytest.raises(SameIdOtherContent):
        ask(clerk, ani, wg, id=own, answers=EASY)
    assert InstrumentAnswer._base_manager.count() == 1


def test_others_neither_ask_nor_read(
    clerk: StaffUser, trainer: StaffUser, outsider: StaffUser, ani: Person, wg: Instrument
) -> None:
    row = ask(clerk, ani, wg)
    with pytest.raises(NotAllowed):
        ask(trainer, ani, wg)
    with pytest.raises(OutOfSight):
        ask(outsider, ani, wg)
    page = reverse("people:instrumentanswer_detail", args=[row.pk])
    assert signed_in(trainer).get(page).status_code == 403
    assert signed_in(outsider).get(page).status_code == 404
    assert not InstrumentAnswer.objects.visible_to(trainer).exists()


# --- what follows ----------------------------------------------------------------------------


def test_great_difficulty_is_computed_and_in_no_list(
    clerk: StaffUser, ani: Person, wg: Instrument, trainer: StaffUser
) -> None:
    ask(clerk, ani, wg)
    facts = category_facts([ani.pk], on=DAY)[ani.pk]
    assert facts.derived[c.Derived.DISABILITY] is True
    assert "DISABILITY" not in facts.categories | facts.unknown
    page = signed_in(trainer).get(reverse("people:person_detail", args=[ani.pk]))
    assert "difficulty" not in page.content.decode()


def test_it_follows_her_when_her_record_joins_another(
    clerk: StaffUser, ani: Person, wg: Instrument, programme: Programme
) -> None:
    other = register_person(acting_staff=clerk, person=person_in(programme)).person
    ask(clerk, ani, wg)
    Alias.objects.create(old=ani, person=other)
    facts = category_facts([other.pk], on=DAY)[other.pk]
    assert facts.derived[c.Derived.DISABILITY] is True


def test_it_holds_from_the_day_she_was_asked(clerk: StaffUser, ani: Person, wg: Instrument) -> None:
    ask(clerk, ani, wg, asked_date=DAY + timedelta(2))
    ask(clerk, ani, wg, answers=EASY, asked_date=DAY + timedelta(9))
    derived = [
        category_facts([ani.pk], on=DAY + timedelta(n))[ani.pk].derived[c.Derived.DISABILITY]
        for n in (1, 2, 8, 9)
    ]
    assert derived == [None, True, True, False]


def test_a_rule_uses_it_and_the_decision_keeps_it_sealed(
    clerk: StaffUser,
    targeting: StaffUser,
    manager: StaffUser,
    ani: Person,
    wg: Instrument,
    application: Participation,
    programme: Programme,
) -> None:
    ask(clerk, ani, wg)
    tree = {"fact": "disability", "op": "==", "value": True, "reason": "NO_TARGET_STATUS"}
    publish_rule(acting_staff=manager, programme=programme, title="Rule", tree=tree, valid_from=DAY)
    decided = decide_eligibility(
        acting_staff=targeting, participation=application, decided_date=DAY
    )
    decided.refresh_from_db()
    assert decided.state == "ELIGIBLE"
    assert decided.decision["facts"] == {}
    assert decided.sealed_facts == {"disability": True}
    page = signed_in(targeting).get(reverse("people:participation_detail", args=[decided.pk]))
    assert "•••" in page.content.decode()


def test_a_rule_uses_what_a_household_answered(
    clerk: StaffUser, ani: Person, home: Household, fcs: Instrument, programme: Programme
) -> None:
    assert {"food_consumption", "hunger", "disability"} <= known_facts()
    assert facts_for([ani.pk], programme=programme, on=DAY)[ani.pk]["food_consumption"] is None
    ask(clerk, ani, fcs, answers=DAYS)
    later = facts_for([ani.pk], programme=programme, on=DAY)[ani.pk]
    assert (later["food_consumption"], later["hunger"]) == ("BORDERLINE", None)


def test_what_she_answered_is_in_her_file_and_goes_with_her(
    clerk: StaffUser, ani: Person, wg: Instrument
) -> None:
    ask(clerk, ani, wg)
    assert "walk" in str([dict(tell(ani.pk)) for tell in subject.collect])
    for blank in subject.erase:
        blank(ani.pk)
    row = InstrumentAnswer._base_manager.get()
    assert (row.answers, row.outcome) == ([], [])
    assert signed_in(clerk).get(
        reverse("people:instrumentanswer_detail", args=[row.pk])
    ).status_code in {200, 404}


# --- doors -----------------------------------------------------------------------------------


def test_the_page_asks_in_order_without_the_word(
    desk: Client, ani: Person, wg: Instrument, fcs: Instrument
) -> None:
    address = reverse("people:ask_instrument", args=[ani.pk])
    text = desk.get(f"{address}?instrument={wg.pk}").content.decode()
    places = [text.index(f'name="item_{item}"') for item in wg.structure["items"]]
    assert places == sorted(places)
    assert "disab" not in text.lower()
    told = {f"item_{item}": code for item, code in HARD.items()}
    answer = desk.post(address, told | {"instrument": str(wg.pk), "asked_date": DAY.isoformat()})
    row = InstrumentAnswer._base_manager.get()
    assert answer["Location"] == reverse("people:instrumentanswer_detail", args=[row.pk])
    shown = desk.get(answer["Location"]).content.decode()
    assert "something is very difficult" in shown
    assert "a lot of difficulty" in shown
    assert "disab" not in shown.lower()
    assert ReadEntry.objects.filter(highest="S").exists()


def test_the_page_of_a_household_asks_who_answers(
    desk: Client, ani: Person, home: Household, fcs: Instrument
) -> None:
    answer = desk.post(reverse("people:ask_household", args=[home.pk]), {"person": str(ani.pk)})
    assert answer["Location"] == reverse("people:ask_instrument", args=[ani.pk])


def test_a_manager_publishes_from_a_file(manager: StaffUser) -> None:
    client = signed_in(manager)
    told = {"instrument": "WG_SS", "title": "Daily life", "published_date": DAY.isoformat()}
    bad = SimpleUploadedFile("w.csv", b"item,words\nsee,Do you see?\n")
    answer = client.post(reverse("people:instrument_new"), told | {"wording": bad})
    assert "column item and a column text" in answer.content.decode()
    lines = "item,text\n" + "\n".join(f"{item},Is {item} hard?" for item in EASY)
    good = SimpleUploadedFile("w.csv", lines.encode())
    answer = client.post(reverse("people:instrument_new"), told | {"wording": good})
    row = Instrument._base_manager.get()
    assert row.wording["walk"] == "Is walk hard?"
    assert "Is walk hard?" in client.get(answer["Location"]).content.decode()


def test_choices_are_made_on_a_page(manager: StaffUser) -> None:
    client = signed_in(manager)
    page = reverse("people:choices")
    told = {
        "fcs_threshold": "HIGH",
        "fcs_missing": "MISSING",
        "rerank": "50",
        "least_poor": "30",
        "alert_below": "80",
        "enquiry_days": "5",
    }
    assert client.get(page).status_code == 200
    assert client.post(page, told | {"rerank": "900"}).status_code == 422
    assert choices_made.number(choices_made.RERANK) == 40
    assert client.post(page, told)["Location"] == page
    assert choices_made.made()[choices_made.FCS_THRESHOLD] == "HIGH"
    assert AuditLine.objects.filter(action="people.choose").count() == 3


def test_the_interface_asks_and_answers(
    clerk: StaffUser, manager: StaffUser, ani: Person, home: Household
) -> None:
    told = {"code": "FCS", "title": "Food", "published_date": DAY.isoformat()}
    answer = signed_in(manager).post(
        "/api/v1/people/instruments",
        told,
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert answer.status_code == 201
    answers = {"instrument_id": answer.json()["id"], "asked_date": DAY.isoformat()}
    path = f"/api/v1/people/persons/{ani.pk}/instrument-answers"
    answer = signed_in(clerk).post(
        path,
        answers | {"answers": DAYS},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert answer.status_code == 201
    assert answer.json()["outcome"]["result"] == "BORDERLINE"
    listed = signed_in(clerk).get(path).json()["items"]
    assert [item["outcome"]["score"] for item in listed] == ["34.5"]
