"""A fact as its device wrote it: its canonical form, its digest, its place in the chain, and all
that can be wrong with it (groups_meeting.md M1 to M3)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from handup.groups.rules.facts import chain_hash
from handup.kernel.chain import Json, NotCanonical, canonical
from handup.sync.rules.bodies import BETWEEN, faults_of, is_day, is_device_id, is_number
from handup.sync.rules.words import MEETING, Bad, RowFault, shown

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_NEEDED = frozenset(
    {
        "id",
        "name",
        "group_id",
        "stream",
        "device_id",
        "recorded_by",
        "happened_date",
        "recorded_at",
        "currency",
        "constitution_version",
        "body",
    }
)
_ALLOWED = _NEEDED | {"meeting_id"}
UNREADABLE = "?"
VERSION_MAX = 100_000
DEPTH_MAX = 6
SCALARS = frozenset({str, int, bool, type(None)})
"""How deep lists and objects of a fact may lie in one another."""


@dataclass(frozen=True, slots=True)
class DeviceFact:
    """One event, exactly as its device hashed it; `told` is the whole of it.

    `content` is the SHA-256 of its canonical JSON. `faults` is what makes it no fact.
    """

    id: str
    name: str
    meeting_id: str | None
    happened_date: date
    recorded_at: str
    recorded_by: int
    body: Mapping[str, Json]
    told: Mapping[str, Json]
    content: str
    faults: tuple[Bad, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """A fact with its place in its device's chain."""

    fact: DeviceFact
    seq: int
    prev: str
    chain: str


def read_fact(told: Mapping[str, Json], *, group_id: str, device_id: str) -> DeviceFact:
    """Read a fact and list everything wrong with it; never fails on what a device may send."""
    name = str(told.get("name"))[:40]
    id = told.get("id")
    key = shown(id) if isinstance(id, str) else UNREADABLE
    body = told.get("body")
    faults: list[Bad] = []
    content = ""
    if not is_flat(told):
        faults.append(Bad(RowFault.BAD_CONTENT, key, "", f"> {DEPTH_MAX}"))
    else:
        faults += _frame(key, told, group_id, device_id)
        if isinstance(body, Mapping):
            faults += faults_of(key, name, body)
        try:
            text = canonical(told)
        except NotCanonical as fault:
            faults.append(Bad(RowFault.BAD_CONTENT, key, "", shown(fault)))
        else:
            content = sha256(text).hexdigest()
            if not text.isascii() and not all(map(_is_composed, _texts(told))):
                faults.append(Bad(RowFault.BAD_CONTENT, key, "", "NFC"))
    by, day, meeting = told.get("recorded_by"), told.get("happened_date"), told.get("meeting_id")
    return DeviceFact(
        id=key,
        name=name,
        meeting_id=str(meeting) if is_device_id(meeting) else None,
        happened_date=date.fromisoformat(str(day)) if is_day(day) else date.min,
        recorded_at=str(told.get("recorded_at"))[:25],
        recorded_by=by if isinstance(by, int) else 0,
        body=body if isinstance(body, Mapping) else {},
        told=told,
        content=content,
        faults=tuple(faults),
    )


def _frame(key: str, told: Mapping[str, Json], group_id: str, device_id: str) -> Iterator[Bad]:
    """What is wrong around the body."""
    for name in sorted(_NEEDED - told.keys()):
        yield Bad(RowFault.BAD_CONTENT, key, name)
    for name in sorted(told.keys() - _ALLOWED):
        yield Bad(RowFault.BAD_CONTENT, key, shown(name))
    if not is_device_id(told.get("id")):
        yield Bad(RowFault.BAD_ID, key, "id", key)
    meeting = told.get("meeting_id")
    if meeting is None and str(told.get("name")) not in BETWEEN:
        yield Bad(RowFault.BAD_CONTENT, key, "meeting_id")
    if meeting is not None and not is_device_id(meeting):
        yield Bad(RowFault.BAD_ID, key, "meeting_id", shown(meeting))
    checks = (
        ("group_id", told.get("group_id") == group_id),
        ("device_id", told.get("device_id") == device_id),
        ("stream", told.get("stream") == MEETING),
        ("recorded_by", is_number(told.get("recorded_by"), 1)),
        ("constitution_version", is_number(told.get("constitution_version"), 1, VERSION_MAX)),
        ("happened_date", is_day(told.get("happened_date"))),
        ("recorded_at", is_instant(told.get("recorded_at"))),
        ("currency", bool(_CURRENCY.fullmatch(str(told.get("currency"))))),
        ("body", isinstance(told.get("body"), Mapping)),
    )
    for name, fits in checks:
        if not fits and name in told:
            yield Bad(RowFault.BAD_CONTENT, key, name, shown(told[name]))


def is_instant(value: object) -> bool:
    """Tell whether a value is an instant with its offset, to the second."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_flat(value: object, left: int = DEPTH_MAX) -> bool:
    """Tell whether nothing in a value lies deeper than that."""
    if type(value) in SCALARS:
        return True
    if left == 0:
        return False
    items = value.values() if isinstance(value, Mapping) else value
    return not isinstance(items, Iterable) or all(is_flat(item, left - 1) for item in items)


def _is_composed(text: str) -> bool:
    return text.isascii() or unicodedata.is_normalized("NFC", text)


def _texts(value: object) -> Iterator[str]:
    """Every text in a value, the names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield str(name)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def chained(facts: "tuple[DeviceFact, ...]", first_seq: int, prev: str) -> tuple[Linked, ...]:
    """Facts with their places, the first behind the hash `prev`; all of them are canonical."""
    linked = []
    for seq, fact in enumerate(facts, first_seq):
        chain = chain_hash(prev, fact.content)
        linked.append(Linked(fact, seq, prev, chain))
        prev = chain
    return tuple(linked)
