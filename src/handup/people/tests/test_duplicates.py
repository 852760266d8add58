"""Who may be registered twice: found at the desk and over the register, decided by persons."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.org.duties import SamePerson
from handup.org.models import Area, ReadEntry, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people import matched, merging
from handup.people.models import Match, Person
from handup.people.queries.duplicates import find_for, in_use
from handup.people.queries.matching import records_of
from handup.people.rules import codes as c
from handup.people.rules.duplicates import MatchReason, MatchState, comes_back
from handup.people.rules.matching import blocks
from handup.people.services import (
    NameIn,
    PaperIn,
    check_register,
    decide_match,
    open_compartment,
    record_document,
    register_person,
    register_persons,
)
from handup.people.services import duplicates as r
from handup.people.services.batches import keep_batch
from handup.people.services.days import DayToCome
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.projects.models import Programme

SAME, DIFFERENT, UNSURE = MatchState.SAME, MatchState.DIFFERENT, MatchState.UNSURE


@pytest.fixture
def adjudicator(db: None) -> StaffUser:
    return staff_with("adjudicator", Role.ADJUDICATOR)


@pytest.fixture
def second_adjudicator(db: None) -> StaffUser:
    return staff_with("second", Role.ADJUDICATOR)


@pytest.fixture
def match(clerk: StaffUser, ani: Person, programme: Programme) -> Match:
    """Ani came again and was written in other letters."""
    told = person_in(programme, names=(NameIn("Ани", "Саркисян"),))
    register_person(acting_staff=clerk, person=told)
    return Match._base_manager.get()


@pytest.fixture
def money(ani: Person) -> Iterator[None]:
    """Money was booked for Ani."""

    def booked(persons: Any) -> set[Any]:
        return {ani.pk} & set(persons)

    merging.in_books.append(booked)
    yield
    merging.in_books.remove(booked)


def decide(staff: StaffUser, match: Match, state: MatchState, reason: MatchReason) -> Match:
    return decide_match(
        acting_staff=staff, match=match, state=state, reason=reason, decided_date=DAY
    )


def test_a_newcomer_waits_with_what_each_field_weighs(match: Match, ani: Person) -> None:
    assert (match.state, match.source, match.verdict) == ("OPEN", "NEWCOMER", "LIKELY")
    assert ani.pk in (match.first_id, match.second_id)
    assert sum(part["milli"] for part in match.parts) == pytest.approx(match.bits_milli, abs=5)
    assert match.fitting("birth_date") == "EQUAL"
    assert match.fitting("nothing") is None
    assert "Sargsyan" not in str(match.parts)


def test_the_check_of_all_records_finds_the_same_pair_and_stores_it_once(
    adjudicator: StaffUser, clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    told = [
        person_in(programme, names=(NameIn("Ани", "Саркисян"),)),
        person_in(programme, "Lusine", "Melkonyan", birth_date=date(1990, 1, 2)),
    ]
    again = register_persons(acting_staff=clerk, items=told)[0]
    assert not Match._base_manager.exists()
    first = check_register(acting_staff=adjudicator)
    assert (first.persons, first.found, first.new, first.skipped) == (3, 1, 1, ())
    assert check_register(acting_staff=adjudicator).new == 0
    stored = Match._base_manager.get()
    assert {stored.first_id, stored.second_id} == {ani.pk, again.pk}
    assert stored.source == "REGISTER"


def test_a_pair_somebody_stored_meanwhile_is_kept_once_and_stops_nobody(
    adjudicator: StaffUser, match: Match, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(r, "matches_told", lambda pairs: {})
    check_register(acting_staff=adjudicator)
    assert Match._base_manager.get() == match


def test_nothing_is_decided_on_a_day_to_come(adjudicator: StaffUser, match: Match) -> None:
    with pytest.raises(DayToCome):
        r.decide_match(
            acting_staff=adjudicator,
            match=match,
            state=DIFFERENT,
            reason=MatchReason.BOTH_MET,
            decided_date=timezone.localdate() + timedelta(days=1),
        )
    match.refresh_from_db()
    assert match.state == "OPEN"


def test_a_clerk_neither_checks_nor_decides(clerk: StaffUser, match: Match) -> None:
    with pytest.raises(NotAllowed):
        check_register(acting_staff=clerk)
    with pytest.raises(NotAllowed):
        decide(clerk, match, SAME, MatchReason.PERSON_ASKED)
    match.refresh_from_db()
    assert match.state == "OPEN"


def test_an_adjudicator_of_another_programme_knows_of_no_match(
    match: Match, other_programme: Programme
) -> None:
    elsewhere = staff_with(
        "elsewhere", Role.ADJUDICATOR, scope=ScopeKind.PROJECT, programme_id=other_programme.pk
    )
    assert not Match.objects.visible_to(elsewhere).exists()
    with pytest.raises(OutOfSight):
        decide(elsewhere, match, SAME, MatchReason.PERSON_ASKED)


def test_one_person_decides_where_nothing_hangs_on_it(adjudicator: StaffUser, match: Match) -> None:
    done = decide(adjudicator, match, DIFFERENT, MatchReason.BOTH_MET)
    assert (done.state, done.reason, done.decided_by, done.confirmed_by) == (
        "DIFFERENT",
        "BOTH_MET",
        adjudicator,
        None,
    )
    with pytest.raises(r.MatchDecided):
        decide(adjudicator, match, SAME, MatchReason.PERSON_ASKED)


@pytest.mark.parametrize(
    ("state", "reason", "refusal"),
    [
        (MatchState.OPEN, MatchReason.BOTH_MET, r.DecisionMissing),
        (SAME, MatchReason.BOTH_MET, r.ReasonDoesNotFit),
        (UNSURE, MatchReason.FAMILY, r.ReasonDoesNotFit),
    ],
)
def test_a_decision_has_a_reason_that_fits(
    adjudicator: StaffUser,
    match: Match,
    state: MatchState,
    reason: MatchReason,
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        decide(adjudicator, match, state, reason)
    match.refresh_from_db()
    assert match.state == "OPEN"


def test_where_money_was_booked_two_persons_say_the_same(
    adjudicator: StaffUser, second_adjudicator: StaffUser, match: Match, money: None
) -> None:
    waits = decide(adjudicator, match, SAME, MatchReason.PERSON_ASKED)
    assert (waits.state, waits.proposed_state, waits.proposed_by) == ("OPEN", "SAME", adjudicator)
    with pytest.raises(SamePerson):
        decide(adjudicator, match, SAME, MatchReason.PERSON_ASKED)
    other = decide(second_adjudicator, match, DIFFERENT, MatchReason.BOTH_MET)
    assert (other.state, other.proposed_state, other.proposed_by) == (
        "OPEN",
        "DIFFERENT",
        second_adjudicator,
    )
    done = decide(adjudicator, match, DIFFERENT, MatchReason.FAMILY)
    assert (done.state, done.reason) == ("DIFFERENT", "BOTH_MET")
    assert (done.decided_by, done.confirmed_by, done.proposed_state) == (
        second_adjudicator,
        adjudicator,
        "",
    )


def test_not_to_know_yet_needs_no_second_person(
    adjudicator: StaffUser, match: Match, money: None, ani: Person
) -> None:
    assert in_use([ani.pk]) == {ani.pk}
    assert decide(adjudicator, match, UNSURE, MatchReason.TOO_LITTLE_KNOWN).state == "UNSURE"
    assert decide(adjudicator, match, SAME, MatchReason.PERSON_ASKED).proposed_state == "SAME"


def test_two_persons_stay_two_until_a_document_becomes_equal(
    adjudicator: StaffUser, clerk: StaffUser, match: Match
) -> None:
    decide(adjudicator, match, DIFFERENT, MatchReason.BOTH_MET)
    assert check_register(acting_staff=adjudicator).found == 0
    match.refresh_from_db()
    assert match.state == "DIFFERENT"
    for person in (match.first, match.second):
        paper = PaperIn(c.PaperKind.PASSPORT, "AB 1")
        record_document(acting_staff=clerk, person=person, paper=paper, seen_date=DAY)
    assert check_register(acting_staff=adjudicator).found == 1
    match.refresh_from_db()
    assert (match.state, match.decided_by, match.fitting("document")) == ("OPEN", None, "EQUAL")
    decide(adjudicator, match, DIFFERENT, MatchReason.DOCUMENT_MISWRITTEN)
    check_register(acting_staff=adjudicator)
    match.refresh_from_db()
    assert match.state == "DIFFERENT"


@pytest.mark.parametrize("state", list(MatchState))
@pytest.mark.parametrize("before", [True, False])
def test_only_a_new_equal_document_brings_a_pair_back(state: MatchState, before: bool) -> None:
    back = comes_back(state, document_before=before, document_now=True)
    assert back == (state is DIFFERENT and not before)
    assert not comes_back(state, document_before=before, document_now=False)


def test_a_hidden_person_is_a_match_for_her_team_alone_and_changes_no_figure(
    adjudicator: StaffUser,
    focal_point: StaffUser,
    clerk: StaffUser,
    ani: Person,
    programme: Programme,
) -> None:
    told = person_in(programme, names=(NameIn("Ани", "Саркисян"),))
    register_persons(acting_staff=clerk, items=[told])
    before = register_person(acting_staff=clerk, person=told).possible_duplicates
    sure = [hint.person for hint in before if hint.person != ani]
    newcomer = Person._base_manager.order_by("-recorded_at", "-id").first()
    assert newcomer is not None
    Match._base_manager.all().delete()
    open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=c.CompartmentKind.PERSON,
        team=[],
        opened_date=DAY,
    )
    report = find_for(records_of([newcomer.pk])[0], unseen={ani.pk})
    kept = [item for item in report.findings if str(ani.pk) not in (item.first, item.second)]
    assert len(report.findings) == len(kept) + 1 == len(sure) + 1
    clerk = StaffUser.objects.get(pk=clerk.pk)
    again = register_person(acting_staff=clerk, person=told).possible_duplicates
    assert ani.pk not in {hint.person.pk for hint in again}
    hers = Match.objects.visible_to(focal_point).filter(first=ani) | Match.objects.visible_to(
        focal_point
    ).filter(second=ani)
    assert hers.count() == 1
    assert not [
        row
        for row in Match.objects.visible_to(adjudicator)
        if ani.pk in (row.first_id, row.second_id)
    ]


def test_what_agrees_weighs_the_same_whoever_is_hidden_lives_there(
    clerk: StaffUser, ani: Person, programme: Programme, area: Area
) -> None:
    told = person_in(programme, names=(NameIn("Ани", "Саркисян"),), area=area)
    newcomer = register_person(acting_staff=clerk, person=told).person
    (record,) = records_of([newcomer.pk])
    before = find_for(record).findings
    assert {part.field for part in before[0].parts} >= {"settlement", "last_name"}
    items = [
        person_in(programme, name, "Melkonyan", birth_date=date(1970 + n, 1, 2), area=area)
        for n, name in enumerate(("Lusine", "Gohar", "Nare"))
    ]
    hidden = register_persons(acting_staff=clerk, items=items)
    Person._base_manager.filter(pk=hidden[2].pk).update(merged_date=DAY)  # into the first of them
    assert find_for(record).findings != before, "they would change what a place weighs"
    assert find_for(record, unseen={person.pk for person in hidden}).findings == before


def test_a_check_of_all_comes_to_the_same_with_and_without_whoever_is_hidden(
    adjudicator: StaffUser, focal_point: StaffUser, clerk: StaffUser, match: Match,
    programme: Programme,
) -> None:  # fmt: skip
    before = check_register(acting_staff=adjudicator)
    match.refresh_from_db()
    weighed = (match.bits_milli, match.chance_ppm, match.parts)
    hidden = register_persons(acting_staff=clerk, items=[person_in(programme)])[0]
    open_compartment(
        acting_staff=focal_point,
        person=hidden,
        kind=c.CompartmentKind.PERSON,
        team=[],
        opened_date=DAY,
    )
    assert check_register(acting_staff=adjudicator) == before
    match.refresh_from_db()
    assert (match.bits_milli, match.chance_ppm, match.parts) == weighed
    assert Match.objects.visible_to(adjudicator).get() == match
    hers = Match._base_manager.exclude(pk=match.pk)
    assert hers.count() == 2
    assert all(hidden.pk in (row.first_id, row.second_id) for row in hers)
    assert Match.objects.visible_to(focal_point).count() == 3


def test_a_value_too_many_share_is_skipped_and_reported(
    clerk: StaffUser, ani: Person, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handup.people.queries import duplicates

    register_persons(acting_staff=clerk, items=[person_in(programme), person_in(programme)])
    (record,) = records_of([ani.pk])
    assert len(find_for(record).findings) == 2
    monkeypatch.setattr(duplicates, "LIMIT", 2)
    report = find_for(record)
    assert report.findings == ()
    assert {block.size for block in report.skipped} == {3}
    assert blocks.LIMIT == 200


def test_her_file_tells_that_she_was_compared_and_erasing_forgets_how(
    match: Match, ani: Person
) -> None:
    (told,) = matched.told(ani.pk).values()
    assert len(told) == 1
    assert "Саркисян" not in str(told)
    matched.erase(ani.pk)
    match.refresh_from_db()
    assert (match.parts, match.bits_milli) == ([], 0)


# --- pages


def answer_of(client: Client, match: Match, **more: str) -> Any:
    told = {
        "state": "DIFFERENT",
        "reason": "DIFFERENT:FAMILY",
        "decided_date": "2026-03-02",
        "_new_id": "",
    }
    return client.post(reverse("people:match_detail", args=[match.pk]), told | more)


def test_both_records_stand_side_by_side_with_a_bar_each_and_are_noted(
    adjudicator: StaffUser, match: Match
) -> None:
    client = signed_in(adjudicator)
    listed = client.get(reverse("people:match_list")).content.decode()
    assert "likely one person" in listed
    page = client.get(reverse("people:match_detail", args=[match.pk])).content.decode()
    for text in ("Sargsyan", "Саркисян", "1985-05-06", "bar-for", "bar-against", "+14.4"):
        assert text in page
    assert "37491123456" not in page
    noted = ReadEntry.objects.order_by("-number").first()
    assert noted is not None
    assert set(noted.persons) == {str(match.first_id), str(match.second_id)}


def test_a_decision_goes_on_to_the_next_pair_or_back_to_the_queue(
    adjudicator: StaffUser, match: Match
) -> None:
    client = signed_in(adjudicator)
    refused = answer_of(client, match, reason="SAME:PERSON_ASKED", state="UNSURE")
    assert refused.status_code in (302, 422)
    Match._base_manager.update(state="OPEN", reason="", decided_by=None, decided_date=None)
    done = answer_of(client, match)
    assert (done.status_code, done.headers["Location"]) == (302, reverse("people:match_list"))
    match.refresh_from_db()
    assert (match.state, match.reason) == ("DIFFERENT", "FAMILY")
    page = client.get(reverse("people:match_detail", args=[match.pk])).content.decode()
    assert "Decided on" in page
    assert "Decide and go on" not in page
    assert answer_of(client, match).status_code == 422


def test_a_proposal_is_told_and_its_author_cannot_confirm_it(
    adjudicator: StaffUser, second_adjudicator: StaffUser, match: Match, money: None
) -> None:
    assert answer_of(signed_in(adjudicator), match).status_code == 302
    own = signed_in(adjudicator).get(reverse("people:match_detail", args=[match.pk]))
    assert "Another person has to say the same" in own.content.decode()
    other = signed_in(second_adjudicator)
    page = other.get(reverse("people:match_detail", args=[match.pk])).content.decode()
    assert "adjudicator said on" in page
    assert answer_of(other, match).status_code == 302
    match.refresh_from_db()
    assert (match.state, match.confirmed_by) == ("DIFFERENT", second_adjudicator)


def test_spellings_are_added_and_taken_away_on_their_pages(adjudicator: StaffUser) -> None:
    client = signed_in(adjudicator)
    told = {"spelling": "Oganesyan", "meant": "Hovhannisyan", "recorded_date": "2026-03-02"}
    assert client.post(reverse("people:alias_new"), told).status_code == 302
    assert client.post(reverse("people:alias_new"), told).status_code == 422
    listed = client.get(reverse("people:alias_list")).content.decode()
    assert "Hovhannisyan" in listed
    from handup.people.models import NameAlias

    alias = NameAlias._base_manager.get()
    page = client.get(reverse("people:alias_detail", args=[alias.pk])).content.decode()
    assert "Take this spelling away" in page
    away = client.post(reverse("people:alias_away", args=[alias.pk]))
    assert away.status_code == 302
    assert not NameAlias._base_manager.exists()


def test_a_batch_taken_over_counts_and_weighs_as_if_the_hidden_had_never_come(
    focal_point: StaffUser, clerk: StaffUser, match: Match, programme: Programme
) -> None:
    taken = partial(keep_batch, acting_staff=clerk, persons=[match.first_id], decided=())
    before = taken()
    match.refresh_from_db()
    weighed = (match.bits_milli, match.chance_ppm, match.parts)
    hidden = register_persons(acting_staff=clerk, items=[person_in(programme)])[0]
    open_compartment(
        acting_staff=focal_point,
        person=hidden,
        kind=c.CompartmentKind.PERSON,
        team=[],
        opened_date=DAY,
    )
    assert taken() == before
    match.refresh_from_db()
    assert (match.bits_milli, match.chance_ppm, match.parts) == weighed
    (hers,) = Match._base_manager.exclude(pk=match.pk)
    assert {hers.first_id, hers.second_id} == {match.first_id, hidden.pk}
