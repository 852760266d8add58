"""The library splink proposes pairs of a whole register; our weights explain each, and a person
decides: the same work list, the same service (people.md 8).
"""

import sys
from dataclasses import replace
from datetime import date, timedelta

import pytest

from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people.models import Match, Person, PersonName
from handup.people.queries import splinked
from handup.people.queries.splinked import TooFewToLearnFrom
from handup.people.rules import codes as c
from handup.people.rules.duplicates import MatchReason, MatchState
from handup.people.rules.matching.decide import Guard, Verdict
from handup.people.rules.matching.engine import find_in_batch, weigh_pairs
from handup.people.rules.matching.records import Birth, Document, Record, name_of
from handup.people.services import check_register, decide_match, open_compartment
from handup.people.services.duplicates import MatchEngine, SplinkMissing
from handup.people.tests.conftest import DAY
from handup.people.tests.invented import Register as Invented
from handup.projects.models import Programme


def test_a_register_of_invented_people_is_told_apart_by_splink_and_explained() -> None:
    """2,000 records with 100 doubles: what splink proposes is weighed by our own weights."""
    invented = Invented(2_000, seed=7)
    records = invented.records()
    proposed = splinked.of_records(records)
    report = weigh_pairs(records, proposed)
    told = {(one.first, one.second) for one in report.findings}
    right = len(told & invented.true_pairs)
    assert right / len(told) >= 0.75
    likely = {(f.first, f.second) for f in report.findings if f.verdict is Verdict.LIKELY}
    assert len(likely & invented.true_pairs) / len(likely) >= 0.98
    assert right / len(invented.true_pairs) >= 0.90
    ours = {(one.first, one.second): one for one in find_in_batch(records).findings}
    both = [one for one in report.findings if (one.first, one.second) in ours]
    assert len(both) >= 90
    for one in both:
        assert one == ours[one.first, one.second], "weighed as our own engine weighs it"


def two() -> list[Record]:
    """Two women nothing but the village has in common, among fifty others."""
    crowd = [
        Record(
            id=f"z{n:02}",
            names=(name_of(f"Name{n}", f"Other{n}"),),
            birth=Birth(date(1960, 2, 3) + timedelta(days=97 * n)),
        )
        for n in range(50)
    ]
    ani = Record(id="a", names=(name_of("Ani", "Sargsyan"),), birth=Birth(date(1980, 5, 6)))
    nare = Record(id="b", names=(name_of("Nare", "Davtyan"),), birth=Birth(date(1991, 7, 8)))
    return [ani, nare, *crowd]


def test_a_pair_our_weights_doubt_is_possible_and_guards_hold() -> None:
    records = two()
    assert find_in_batch(records).findings == ()
    (found,) = weigh_pairs(records, [("b", "a")]).findings
    assert (found.first, found.second, found.verdict) == ("a", "b", Verdict.POSSIBLE)
    assert found.p < 0.5
    apart = weigh_pairs(records, [("a", "b")], told_different={("a", "b")})
    assert (apart.findings, apart.guarded) == ((), {Guard.TOLD_DIFFERENT: 1})


def test_one_document_is_looked_at_even_where_splink_is_silent() -> None:
    paper = frozenset({Document("PASSPORT", "AM1")})
    ani, nare, *crowd = two()
    records = [replace(ani, documents=paper), replace(nare, documents=paper), *crowd]
    (found,) = weigh_pairs(records, []).findings
    assert found.verdict is Verdict.DOCUMENT_CONFLICT


def test_every_name_of_a_person_is_proposed_by() -> None:
    invented = Invented(2_000, seed=7)
    records = invented.records()
    one, other = min(invented.true_pairs & splinked.of_records(records))
    told = [
        replace(record, names=(name_of("Vardanush", "Zakaryants"), *record.names))
        if record.id == one
        else record
        for record in records
    ]
    pairs = splinked.of_records(told)
    assert all(first < second for first, second in pairs)
    assert (one, other) in pairs


@pytest.fixture
def adjudicator(db: None) -> StaffUser:
    return staff_with("adjudicator", Role.ADJUDICATOR)


@pytest.fixture
def register(adjudicator: StaffUser) -> list[Person]:
    """1,200 invented persons in the database, some of them twice."""
    clerk = staff_with("clerk", Role.CLERK)
    programme = Programme.objects.create(code="P1", title="First programme", currency="AMD")
    records = Invented(1_200, seed=5).records()
    persons = [
        Person(
            registration_no=f"{n:010}",
            display_name=f"{record.names[0].first} {record.names[0].last}",
            sort_key=f"{record.names[0].last}",
            sex=record.sex.value,
            birth_date=record.birth.day if record.birth else None,
            birth_precision=(record.birth.precision if record.birth else "UNKNOWN"),
            programme=programme,
            registered_date=DAY,
            registered_by=clerk,
        )
        for n, record in enumerate(records)
    ]
    Person._base_manager.bulk_create(persons, batch_size=500)
    PersonName._base_manager.bulk_create(
        [
            PersonName(
                person=person,
                kind="REGISTERED",
                script="LATIN",
                first_name=record.names[0].first,
                last_name=record.names[0].last,
                normal_first=record.names[0].first,
                normal_last=record.names[0].last,
            )
            for person, record in zip(persons, records, strict=True)
        ],
        batch_size=500,
    )
    return persons


def test_what_splink_proposes_waits_in_the_same_list_and_a_person_decides(
    register: list[Person], adjudicator: StaffUser
) -> None:
    check = check_register(acting_staff=adjudicator, engine=MatchEngine.SPLINK)
    waiting = Match._base_manager.filter(state=MatchState.OPEN.value)
    count = waiting.count()
    assert (check.persons, check.found, check.new) == (1_200, count, count)
    assert count >= 10
    line = AuditLine.objects.get(action="people.check_register")
    assert (line.facts["engine"], line.facts["new"]) == ("SPLINK", count)
    row = waiting.order_by("-bits_milli")[0]
    assert sum(part["milli"] for part in row.parts) == pytest.approx(row.bits_milli, abs=10)
    decide_match(
        acting_staff=adjudicator,
        match=row,
        state=MatchState.DIFFERENT,
        reason=MatchReason.BOTH_MET,
        decided_date=DAY,
    )
    check_register(acting_staff=adjudicator, engine=MatchEngine.SPLINK)
    row.refresh_from_db()
    assert row.state == MatchState.DIFFERENT.value, "told different stays so"
    assert Match._base_manager.count() == count, "each pair waits once"
    own = check_register(acting_staff=adjudicator)
    assert own.found >= count // 2


def test_a_hidden_person_waits_for_her_case_team_alone(
    register: list[Person], adjudicator: StaffUser
) -> None:
    keeper = staff_with("keeper", Role.FOCAL_POINT)
    check_register(acting_staff=adjudicator, engine=MatchEngine.SPLINK)
    row = Match._base_manager.order_by("-bits_milli")[0]
    assert row in Match.objects.visible_to(adjudicator)
    open_compartment(
        acting_staff=keeper,
        person=row.first,
        kind=c.CompartmentKind.PERSON,
        team=(),
        opened_date=DAY,
    )
    assert row not in Match.objects.visible_to(adjudicator)


def test_without_the_library_a_sentence_says_what_to_do_and_nothing_is_kept(
    adjudicator: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    monkeypatch.delitem(sys.modules, "handup.people.queries.splinked")
    monkeypatch.delattr("handup.people.queries.splinked")
    with pytest.raises(SplinkMissing, match="not installed here"):
        check_register(acting_staff=adjudicator, engine=MatchEngine.SPLINK)
    assert not AuditLine.objects.filter(action="people.check_register").exists()


def test_too_few_to_learn_from_is_said(adjudicator: StaffUser) -> None:
    with pytest.raises(TooFewToLearnFrom, match="among 0 persons"):
        check_register(acting_staff=adjudicator, engine=MatchEngine.SPLINK)
    with pytest.raises(NotAllowed):
        check_register(acting_staff=staff_with("clerk", Role.CLERK), engine=MatchEngine.SPLINK)
    assert not AuditLine.objects.filter(action="people.check_register").exists()


def test_names_are_never_written_to_a_disk_by_the_library() -> None:
    assert splinked.IN_MEMORY["temp_directory"] == ""
    assert splinked.IN_MEMORY["autoinstall_known_extensions"] == "false"
