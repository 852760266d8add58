"""Records ready to compare, and the stored keys under which they meet (people.md 4.7).

A stored key is a keyed number of 64 bits: alike on every database, small in its index, and it says
nothing of a name, a telephone or a document to who reads the table.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q

from handup.org import keys
from handup.org.encryption import KeyedHash, lookup_hash
from handup.org.verify import Difference
from handup.people.models import (
    Match,
    MatchKey,
    Membership,
    NameAlias,
    Person,
    PersonDocument,
    PersonName,
)
from handup.people.rules.codes import BirthPrecision, Sex
from handup.people.rules.duplicates import MatchState
from handup.people.rules.matching.blocks import block_keys
from handup.people.rules.matching.records import Birth, Document, Name, Record, name_of

KEY_NAME = "people.match_key"
PIECE = 500
COMPARED = (
    "id", "father_name", "birth_date", "birth_precision", "sex", "phone_hash", "area_id"
)  # fmt: skip
NAMED = ("person_id", "first_name", "last_name")
PAPERS = ("person_id", "kind", "number_hash")
PRESENT: Mapping[str, Any] = {"erased_date": None, "merged_date": None}
"""Who is compared: nobody erased, nobody whose record joined another one."""
Aliases = Mapping[str, str] | None


def aliases() -> Aliases:
    """The spellings that mean another name, by normal form; None when there are none."""
    return dict(NameAlias._base_manager.values_list("form", "target")) or None


def _number(text: str, key: bytes) -> int:
    digest = blake2b(text.encode(), digest_size=8, key=key).digest()
    return int.from_bytes(digest, "big", signed=True)


class Sealer:
    """Turns the texts of block keys into the numbers that are stored."""

    def __init__(self) -> None:
        self._keys = [key[:64] for key in keys.load().index_keys(KEY_NAME)]

    def __call__(self, text: str) -> int:
        """The number of one text."""
        return _number(text, self._keys[0])

    def every(self, record: Record) -> dict[int, str]:
        """The numbers under which a record may lie, with their texts. While the index key is being
        changed they are those under each key, made of her hashes under the same key.
        """
        found: dict[int, str] = {}
        for key, known in zip(self._keys, under_each_key(record), strict=True):
            found |= {_number(text, key): text for text in block_keys(known)}
        return found

    def of(self, record: Record) -> set[int]:
        """The numbers under which a record is found."""
        return {self(text) for text in block_keys(record)}


def _phone(person: Person) -> KeyedHash:
    return lookup_hash(Person, "phone_hash", person.phone)


def _paper(paper: PersonDocument) -> KeyedHash:
    return lookup_hash(PersonDocument, "number_hash", paper.number)


def under_each_key(record: Record) -> list[Record]:
    """A stored record with its hashes under the present index key, then under each one before; read
    from what is sealed, as no hash tells another.
    """
    if not keys.load().former:
        return [record]
    person = Person._base_manager.only("id", "phone").get(pk=record.id)
    rows = PersonDocument._base_manager.filter(person=person.pk).only("kind", "number")
    phone = _phone(person).all if record.phones else ()
    papers = [(row.kind, _paper(row).all) for row in rows]
    return [
        replace(
            record,
            phones=frozenset(phone[way : way + 1]),
            documents=frozenset(Document(kind, hashes[way]) for kind, hashes in papers),
        )
        for way in range(1 + len(keys.load().former))
    ]


def record_of(
    person: Person,
    names: Iterable[PersonName],
    papers: Iterable[PersonDocument],
    spelled: Aliases,
    household: UUID | None = None,
    *,
    changing: bool = False,
) -> Record:
    """What is compared of a person whose rows are at hand, with their hashes. While the index key
    is being changed, they are made anew under the present one, so that any two may be compared.
    """
    phone = str(_phone(person)) if changing and person.phone_hash else person.phone_hash
    birth = None
    if person.birth_date is not None:
        birth = Birth(person.birth_date, BirthPrecision(person.birth_precision))
    return Record(
        id=str(person.pk),
        names=tuple(_names(names, spelled)),
        father=name_of(person.father_name, "", spelled).first,
        birth=birth,
        sex=Sex(person.sex),
        phones=frozenset({phone} - {""}),
        settlement=str(person.area_id or ""),
        documents=frozenset(
            Document(paper.kind, str(_paper(paper)) if changing else paper.number_hash)
            for paper in papers
        ),
        household=str(household or ""),
    )


def _names(names: Iterable[PersonName], spelled: Aliases) -> Iterator[Name]:
    seen = set()
    for row in names:
        name = name_of(row.first_name, row.last_name, spelled)
        if name not in seen and (name.first or name.last):
            seen.add(name)
            yield name


def records_of(persons: Sequence[UUID], spelled: Aliases = None) -> list[Record]:
    """Persons ready to compare, in four statements a piece; nobody erased or merged."""
    found: list[Record] = []
    changing = bool(keys.load().former)
    compared = (*COMPARED, "phone") if changing else COMPARED
    shown = (*PAPERS, "number") if changing else PAPERS
    for start in range(0, len(persons), PIECE):
        piece = persons[start : start + PIECE]
        rows = Person._base_manager.filter(pk__in=piece, **PRESENT).only(*compared)
        names, papers = defaultdict(list), defaultdict(list)
        for name in PersonName._base_manager.filter(person__in=piece).only(*NAMED):
            names[name.person_id].append(name)
        for paper in PersonDocument._base_manager.filter(person__in=piece).only(*shown):
            papers[paper.person_id].append(paper)
        homes = dict(
            Membership._base_manager.filter(person__in=piece, to_date=None)
            .order_by("from_date", "id")
            .values_list("person_id", "household_id")
        )
        found += [
            record_of(
                row, names[row.pk], papers[row.pk], spelled, homes.get(row.pk), changing=changing
            )
            for row in rows
        ]
    return found


def all_records(spelled: Aliases = None) -> Iterator[Record]:
    """Everybody who is registered, piece by piece in the order of the ids."""
    rows = Person._base_manager.filter(**PRESENT).order_by("pk")
    piece = list(rows.values_list("pk", flat=True)[:PIECE])
    while piece:
        yield from records_of(piece, spelled)
        piece = list(rows.filter(pk__gt=piece[-1]).values_list("pk", flat=True)[:PIECE])


def told_different(person: UUID | None = None) -> set[tuple[str, str]]:
    """Pairs that somebody decided to be two persons: all of them, or those of one."""
    rows = Match._base_manager.filter(state=MatchState.DIFFERENT.value)
    if person is not None:
        rows = rows.filter(Q(first=person) | Q(second=person))
    return {(str(one), str(other)) for one, other in rows.values_list("first_id", "second_id")}


def stored_keys(persons: Sequence[UUID]) -> dict[UUID, set[int]]:
    """The stored numbers of persons; one without any is left out."""
    found: dict[UUID, set[int]] = {}
    rows = MatchKey._base_manager.filter(person__in=persons)
    for person, key in rows.values_list("person_id", "key"):
        found.setdefault(person, set()).add(key)
    return found


def keys_that_differ() -> Iterator[Difference]:
    """Persons whose stored keys are not those of her names, date, place, telephone, documents."""
    seal, records = Sealer(), all_records(aliases())
    while piece := list(islice(records, PIECE)):
        stored = stored_keys([UUID(record.id) for record in piece])
        for record in piece:
            computed, held = seal.of(record), stored.get(UUID(record.id), set())
            if computed != held:
                there = f"{len(held)} keys, {len(held - computed)} of them wrong"
                yield Difference(f"people.Person {record.id}", there, f"{len(computed)} keys")
