"""Records of a group that part: which facts a branch holds, and how two records of one meeting
differ, line by line (groups_meeting.md 5, upload rules 3 and 4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from handup.kernel.chain import Json
from handup.sync.rules.facts import Linked
from handup.sync.rules.packets import Packet

WHO = ("member_no", "fund", "way", "kind", "office", "counter", "decision", "step", "item")
"""Fields that say what a line is about; the others say what it says."""
UNSAID = frozenset({"keys", "working", "previous_code", "number", "coins"})
"""What is left out of a comparison: proofs and notes of the phone, no word about the evening."""


@dataclass(frozen=True, slots=True)
class Record:
    """Facts of one device that hang together: the hash they begin behind, and their chain."""

    device_id: str
    start: str
    links: tuple[Linked, ...]

    @property
    def tip(self) -> str:
        """The hash of its last fact."""
        return self.links[-1].chain


def records_of(packets: Iterable[Packet], known: Iterable[str]) -> list[Record]:
    """The records that packets hold beside the stored stream, whose hashes are `known`; each ends
    where its device, as far as it has come, ended it. Where a device itself parted, one of each."""
    stored = set(known)
    behind: dict[tuple[str, str], dict[str, Linked]] = {}
    chains: set[tuple[str, str]] = set()
    for packet in packets:
        for link in packet.linked:
            if link.chain not in stored:
                behind.setdefault((packet.device_id, link.prev), {})[link.chain] = link
                chains.add((packet.device_id, link.chain))
    found: list[Record] = []
    for (device, start), links in behind.items():
        if (device, start) not in chains:
            found += [
                Record(device, start, tuple(path))
                for first in links.values()
                for path in _paths(device, first, behind)
            ]
    return found


def _paths(
    device: str, first: Linked, behind: Mapping[tuple[str, str], Mapping[str, Linked]]
) -> list[list[Linked]]:
    """Every way from a fact to an end of its device's chain."""
    done: list[list[Linked]] = []
    open_paths = [[first]]
    while open_paths:
        path = open_paths.pop()
        nexts = behind.get((device, path[-1].chain), {})
        if not nexts:
            done.append(path)
        open_paths += [[*path, link] for link in nexts.values()]
    return done


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a record: the fact's name, what it is about, what it says of it, and the id of
    the fact."""

    name: str
    about: tuple[tuple[str, Json], ...]
    says: tuple[tuple[str, Json], ...]
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of two records beside each other; None: this record does not have it."""

    name: str
    about: tuple[tuple[str, Json], ...]
    first: Said | None
    second: Said | None

    @property
    def is_same(self) -> bool:
        """Both say the same."""
        return self.first is not None and self.first == self.second


def said(name: str, body: Mapping[str, Json], id: str = "") -> Said:
    """A fact as a line for people: ids and proofs left out."""
    about = tuple((key, body[key]) for key in WHO if key in body)
    says = tuple(
        (key, value)
        for key, value in sorted(body.items())
        if key not in WHO and key not in UNSAID and not key.endswith("_id")
    )
    return Said(name, about, says, id)


def side_by_side(first: Sequence[Said], second: Sequence[Said]) -> list[Pair]:
    """Two records line by line, in the order of the first; what only the second has comes where
    its kind of line ends."""
    mine, theirs = _grouped(first), _grouped(second)
    keys = list(dict.fromkeys([*mine, *theirs]))
    names = list(dict.fromkeys(name for name, _about in keys))
    pairs = []
    for key in sorted(keys, key=lambda item: names.index(item[0])):
        for one, two in zip_longest(mine.get(key, []), theirs.get(key, [])):
            pairs.append(Pair(key[0], key[1], one, two))
    return pairs


Key = tuple[str, tuple[tuple[str, Json], ...]]


def _grouped(lines: Iterable[Said]) -> dict[Key, list[Said]]:
    grouped: dict[Key, list[Said]] = {}
    for line in lines:
        grouped.setdefault((line.name, line.about), []).append(line)
    return grouped
