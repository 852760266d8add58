"""When two records of one person are made one, every table with a way to her is covered, nothing
anywhere still leads to the record that went unless it is said why, and taking them apart again
brings every table back to the byte (people.md 4.8).

A row of each kind is made for the second record, as `test_erasure` makes them; a new model with a
column that leads to a person is in here from its first day.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from handup.groups.models import Member
from handup.groups.persons import TwoPlacesInGroup
from handup.kernel.ids import new_id
from handup.lending.tests.cast import make_world, running
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people import merging
from handup.people.models import (
    Alias,
    Enquiry,
    LegalStatus,
    Match,
    MatchKey,
    MergeRecord,
    Person,
    Vulnerability,
)
from handup.people.rules.duplicates import MatchReason, MatchState
from handup.people.services import merge_persons, rebuild_keys, unmerge_persons
from tests.test_erasure import Maker

STAYS = {
    "people.alias.old": "the id that is valid as before",
    "people.breakglass.person": "what was opened then, by whom and why: a log of its own",
    "people.casemove.from_person": "which case came from where, known to nobody but its team",
    "people.casemove.to_person": "an earlier move of a case, to the record that went",
    "people.compartment.person": "it goes with her, and the record of the merge is told of none",
    "people.disclosedperson.person": "what was given to others, and under which record: only grows",
    "people.erasurecertificate.person": "an erased record is never made one with another",
    "people.instrumentanswer.person": "what was answered then only grows; read by every id of hers",
    "people.match.first": "the pair that was decided; others' pairs follow her",
    "people.match.second": "the pair that was decided; others' pairs follow her",
    "people.meansscore.person": "what was scored then only grows; read by every id of hers",
    "people.mergerecord.merged": "the merge itself",
    "people.mergerecord.survivor": "an earlier merge, of the record that went",
    "people.person.id": "the record that went, shown nowhere",
    "people.targetingrow.person": "whom a run took is frozen; read by every id of hers",
    "surveys.case.subject_id": "one case a round: the other set of answers is set aside",
}
"""What still names the record that went, and why."""
OUTSIDE = {"org.auditline", "org.readentry"}
"""The logs say what was done to which record at the time."""


@pytest.fixture
def both(db: None) -> tuple[Maker, Person, Person]:
    """A maker of records for the later of two registrations, both registrations."""
    world = make_world()
    loan = running(world)
    first, second = world.person, _copy(world.person)
    Person._base_manager.filter(pk=second.pk).update(registered_date=date(2027, 1, 1))
    return Maker({Person: second, type(loan): loan}), first, Person._base_manager.get(pk=second.pk)


def _copy(person: Any, number: str = "SECOND") -> Person:
    row = Person._base_manager.get(pk=person.pk)
    row.id, row.registration_no = new_id(), number
    row.display_name, row.phone = "Participant 0001 again", "+37499000001"
    row.save(force_insert=True)
    return Person._base_manager.get(pk=row.pk)


def match_of(first: Person, second: Person, staff: StaffUser) -> Match:
    """The two were decided to be one person, by two persons."""
    one, other = sorted((first.pk, second.pk))
    row: Match = Match._base_manager.create(
        first_id=one, second_id=other, verdict="LIKELY", bits_milli=9000, chance_ppm=990_000,
        model="fixed-1", source="REGISTER", state=MatchState.SAME.value,
        reason=MatchReason.PERSON_ASKED.value, decided_by=staff, decided_date=date(2027, 2, 1),
        confirmed_by=staff,
    )  # fmt: skip
    return row


def a_row_of_each(maker: Maker) -> set[str]:
    """One record of each kind whose own column leads to the second record; the columns made."""
    done = set()
    for model, column in merging.person_columns(Person):
        name = merging.name_of((model, column))
        if model in (Match, MergeRecord, MatchKey, Alias):
            continue
        maker.made.pop(model, None)
        maker.of(model, (column,))
        done.add(name)
    third = _copy(maker.made[Person], "THIRD")
    Person._base_manager.filter(pk=third.pk).update(merged_date=date(2027, 1, 5))
    Alias._base_manager.create(old=third, person_id=maker.made[Person].pk)
    return done | {"people.alias.person"}


def places_of(person: Person) -> Iterator[str]:
    """Every column of every table of the house in which her id stands, alone or within a text."""
    wanted = str(person.pk)
    for model in apps.get_models():
        label = model._meta.label_lower
        if not hasattr(model, "CLASSES") or label in OUTSIDE:
            continue
        for row in model._base_manager.all():
            for column in model._meta.concrete_fields:
                if wanted in str(getattr(row, column.attname)):
                    yield f"{label}.{column.name}"


def dump() -> dict[str, list[str]]:
    """Every row of every table as it is stored, but the logs of what was done."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if any(part in table for part in ("historical", "auditline", "readentry")):
                continue
            if table in ("people_mergerecord", "people_match"):
                continue
            columns = "person_id, key" if table == "people_matchkey" else "*"
            cursor.execute(f'SELECT {columns} FROM "{table}"')
            found[table] = sorted(repr(row) for row in cursor.fetchall())
    return found


def test_two_places_in_one_group_wait_for_the_group(both: tuple[Maker, Person, Person]) -> None:
    maker, first, second = both
    adjudicator = staff_with("adjudicator", Role.ADJUDICATOR)
    hers: Any = maker.of(Member, ("person",))
    Member._base_manager.filter(pk=hers.pk).update(person=second)
    hers.pk, hers.id, hers.person, hers.member_no = None, new_id(), first, hers.member_no + 1
    hers.save(force_insert=True)
    match = match_of(first, second, adjudicator)
    today = timezone.localdate()
    with pytest.raises(TwoPlacesInGroup):
        merge_persons(acting_staff=adjudicator, match=match, merged_date=today)
    assert Member._base_manager.filter(person=second).count() == 1
    assert not MergeRecord._base_manager.exists()
    Member._base_manager.filter(person=second).update(left_date=today)
    record = merge_persons(acting_staff=adjudicator, match=match, merged_date=today)
    assert Member._base_manager.filter(person=first).count() == 2
    assert len(record.moved["groups.member.person"]) == 1


def test_every_table_with_a_person_is_covered_and_comes_back_to_the_byte(
    both: tuple[Maker, Person, Person],
) -> None:
    maker, first, second = both
    adjudicator = staff_with("adjudicator", Role.ADJUDICATOR, Role.FOCAL_POINT)
    other = staff_with("other", Role.ADJUDICATOR)
    made = a_row_of_each(maker)
    assert len(made) > 25
    match = match_of(first, second, adjudicator)
    rebuild_keys()
    before = dump()
    record = merge_persons(
        acting_staff=adjudicator, match=match, merged_date=timezone.localdate(), picked=["name"]
    )
    assert (record.survivor, record.merged) == (first, second)
    left = set(places_of(second))
    listed = {"people.mergerecord.changes", "people.mergerecord.moved"}
    assert left - listed <= set(STAYS), left - listed - set(STAYS)
    moved = set(record.moved)
    assert made - moved <= set(STAYS), made - moved - set(STAYS)
    assert dump() != before
    first.refresh_from_db()
    assert first.display_name == "Participant 0001 again"
    unmerge_persons(
        acting_staff=other,
        record=record,
        undone_date=timezone.localdate(),
        reason=MatchReason.BOTH_MET,
    )
    after = dump()
    for table, rows in before.items():
        assert after[table] == rows, table


LATER = (Enquiry, LegalStatus, Vulnerability)
"""Rows that come for the record that stays while the two are one."""


def some_rows(maker: Maker, drawn: Random, without: set[Any]) -> set[str]:
    """Some records of a drawn choice of tables; the columns made."""
    columns = [
        (model, column)
        for model, column in merging.person_columns(Person)
        if model not in {Match, MergeRecord, MatchKey, Alias, *without}
    ]
    done = set()
    for model, column in drawn.sample(columns, len(columns) // 2):
        known = dict(maker.made)
        maker.made.pop(model, None)
        try:
            with transaction.atomic():
                maker.of(model, (column,))
        except IntegrityError:  # what can stand once only is another's
            maker.made = known
        else:
            done.add(merging.name_of((model, column)))
    return done


def less(one: dict[str, list[str]], other: dict[str, list[str]]) -> dict[str, list[str]]:
    """The rows of one state that the other has not."""
    left = {
        t: list((Counter(rows) - Counter(other.get(t, []))).elements()) for t, rows in one.items()
    }
    return {table: rows for table, rows in left.items() if rows}


@pytest.mark.parametrize("seed", range(3))
def test_drawn_merges_with_rows_between_come_back_to_the_byte_in_reverse_order(
    both: tuple[Maker, Person, Person], seed: int
) -> None:
    """Three records become one, the last joined first or last, with later rows in between; taken
    apart, each state is the one before its merge and the rows that came since.
    """
    maker, first, second = both
    drawn = Random(seed)
    third = _copy(first, "THIRD")
    Person._base_manager.filter(pk=third.pk).update(registered_date=date(2027, 1, 2))
    third.refresh_from_db()
    adjudicator = staff_with("adjudicator", Role.ADJUDICATOR, Role.FOCAL_POINT)
    another = staff_with("other", Role.ADJUDICATOR)
    loans = {model: row for model, row in maker.made.items() if model is not Person}
    made = some_rows(maker, drawn, set())
    made |= some_rows(Maker({Person: third, **loans}, maker.marks), drawn, {Member})
    assert len(made) > 15
    pairs = [(first, second), (first, third)] if seed % 2 else [(second, third), (first, second)]
    steps = []
    for stays, goes in pairs:
        match = match_of(stays, goes, adjudicator)
        rebuild_keys()
        before = dump()
        picked = drawn.sample(["name", "father_name", "birth_date", "phone", "sex"], 2)
        record = merge_persons(
            acting_staff=adjudicator, match=match, merged_date=timezone.localdate(), picked=picked
        )
        merged = dump()
        made_for = Person._base_manager.get(pk=record.survivor_id)
        Maker({Person: made_for}, maker.marks).of(drawn.choice(LATER), ("person",))
        steps.append((record, before, less(dump(), merged)))
    since: dict[str, list[str]] = {}
    for record, before, later in reversed(steps):
        assert later
        for table, rows in later.items():
            since[table] = [*since.get(table, []), *rows]
        unmerge_persons(
            acting_staff=another,
            record=record,
            undone_date=timezone.localdate(),
            reason=MatchReason.BOTH_MET,
        )
        after = dump()
        assert less(before, after) == {}
        found = {table: sorted(rows) for table, rows in less(after, before).items()}
        assert found == {table: sorted(rows) for table, rows in since.items()}
