"""What is older than a moment, whatever the clock of a phone says: a chain hash names all that lies
before it, so nobody puts a fact there afterwards."""

from collections.abc import Iterable, Sequence

from handup.sync.rules.packets import Packet


def held_by(packet: Packet) -> set[str]:
    """The hashes a packet knows of: the one it begins behind, and those of its facts."""
    return {packet.prev_hash, *(link.chain for link in packet.linked)}


def led_to(hashes: Iterable[str], packets: Sequence[Packet]) -> set[str]:
    """These hashes, and every hash that packets show to lie before one of them."""
    found = set(hashes)
    moved = True
    while moved:
        before = {hash for packet in packets for hash in _before(packet, found)}
        moved = not before <= found
        found |= before
    return found


def _before(packet: Packet, found: set[str]) -> list[str]:
    """What of a packet lies before the last of its facts that is among these."""
    places = [place for place, link in enumerate(packet.linked) if link.chain in found]
    return [link.prev for link in packet.linked[: places[-1] + 1]] if places else []
