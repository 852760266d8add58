"""The load itself: phones that send what they hold until it is acknowledged, staff who open pages.

Every request has a moment it is due at; it is measured from there, so that a server that keeps
others waiting does not look fast. One process of one thread; it tells its own load and by how much
it was late itself.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 30.0
AT_ONCE = 50  # packets in one sending, as the door takes them
TAKEN = frozenset({"STORED", "ALREADY_STORED"})


class Unanswered(Exception):
    """The connection ended before a whole answer had come."""


@dataclass(frozen=True, slots=True)
class Request:
    """What goes over the wire: where, with which headers, which body."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def wire(self) -> bytes:
        """As HTTP/1.1 writes it, the connection closed behind it."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: localhost", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


async def ask(port: int, request: Request, patience: float = PATIENCE) -> tuple[int, bytes]:
    """Status and body of an answer. Raises OSError, TimeoutError, Unanswered."""
    async with asyncio.timeout(patience):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request.wire())
            await writer.drain()
            head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
        finally:
            writer.close()
    first, *lines = head.split(b"\r\n")
    words = first.split()
    if len(words) < 2 or not words[1].isdigit():
        raise Unanswered
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length" and int(value) != len(body):
            raise Unanswered
    return int(words[1]), body


@dataclass
class Tally:
    """What was measured: seconds from due to done by kind, what went wrong, what was late here."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {"packet": [], "page": []})
    wrong: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)


@dataclass
class Plan:
    """How much load for how long. `port`: where the next request goes. `also`: whether it goes on
    beyond its seconds. `every`: seconds between two packets of a phone; `pages_every`: between two
    pages of one of the staff; `again_after`: how long a phone waits before it sends again."""

    seconds: float
    port: Callable[[], int]
    also: Callable[[], bool] = lambda: False
    every: float = 60.0
    pages_every: float = 10.0
    again_after: float = 2.0
    patience: float = PATIENCE


@dataclass
class Phone:
    """A phone: its packets in their order, how many were handed to it to send, and how many were
    acknowledged."""

    token: str
    packets: list[Any]
    written: int = 0
    acknowledged: int = 0
    due: list[float] = field(default_factory=list)

    def waiting(self) -> list[Any]:
        """What it holds and has no receipt of, the oldest first."""
        return self.packets[self.acknowledged : min(self.written, self.acknowledged + AT_ONCE)]


def read_phones(folder: Path) -> list[Phone]:
    """The phones of a ground."""
    with (folder / "phones.jsonl").open(encoding="utf-8") as file:
        return [Phone(**json.loads(line)) for line in file]


def taken(status: int, body: bytes, packets: Sequence[Any]) -> int:
    """How many of the packets sent are acknowledged, from the first on."""
    if status != 200:
        return 0
    try:
        receipts = json.loads(body)["receipts"]
        by_id = {one["packet_id"]: one for one in receipts}
    except (ValueError, KeyError, TypeError):
        return 0
    for number, packet in enumerate(packets):
        receipt = by_id.get(packet["id"])
        if receipt is None or receipt["state"] != "DONE":
            return number
        if not {line["outcome"] for line in receipt["lines"]} <= TAKEN:
            return number
    return len(packets)


async def send(phone: Phone, plan: Plan, tally: Tally) -> bool:
    """Send what waits once; tell whether all of it was acknowledged."""
    packets = phone.waiting()
    headers = (("Authorization", f"Bearer {phone.token}"),)
    body = json.dumps({"packets": packets}).encode()
    request = Request("POST", "/api/v1/sync/packets", headers, body)
    try:
        status, answer = await ask(plan.port(), request, plan.patience)
    except (OSError, TimeoutError, Unanswered) as fault:
        tally.wrong[f"packet {type(fault).__name__}"] += 1
        return False
    count = taken(status, answer, packets)
    ended = time.monotonic()
    for due in phone.due[phone.acknowledged : phone.acknowledged + count]:
        tally.seconds["packet"].append(ended - due)
    phone.acknowledged += count
    if count < len(packets):
        tally.wrong[f"packet {status}" if status != 200 else "packet not taken"] += 1
    return count == len(packets)


@dataclass
class Turns:
    """When one of many is due: from a first moment, every so many seconds, till the load ends."""

    plan: Plan
    due: float
    every: float
    end: float

    def go_on(self) -> bool:
        """Whether there is another turn."""
        return self.due < self.end or self.plan.also()

    async def come(self, tally: Tally) -> float:
        """Wait for the turn, note by how much this process is late for it; when it was due."""
        due, wait = self.due, self.due - time.monotonic()
        self.due += self.every
        if wait > 0:
            await asyncio.sleep(wait)
            tally.late.append(time.monotonic() - due)
        return due


async def be_phone(phone: Phone, turns: Turns, tally: Tally) -> None:
    """Write a packet each time it is due, and send until everything has a receipt or the next is
    due."""
    plan = turns.plan
    while turns.go_on() and phone.written < len(phone.packets):
        phone.due.append(await turns.come(tally))
        phone.written += 1
        while not await send(phone, plan, tally) and time.monotonic() < turns.due:
            await asyncio.sleep(plan.again_after)


async def be_staff(one: dict[str, Any], turns: Turns, tally: Tally) -> None:
    """Open one page after another, each when it is due, the next never before the last came."""
    plan, number = turns.plan, random.randrange(len(one["pages"]))
    headers = (("Cookie", f"session={one['session']}"), ("Accept-Encoding", "gzip"))
    while turns.go_on():
        due = await turns.come(tally)
        request = Request("GET", one["pages"][number % len(one["pages"])], headers)
        number += 1
        try:
            status, _body = await ask(plan.port(), request, plan.patience)
        except (OSError, TimeoutError, Unanswered) as fault:
            tally.wrong[f"page {type(fault).__name__}"] += 1
            continue
        if status == 200:
            tally.seconds["page"].append(time.monotonic() - due)
        else:
            tally.wrong[f"page {status}"] += 1


async def run(phones: list[Phone], staff: list[dict[str, Any]], plan: Plan) -> dict[str, Any]:
    """Give the load for so long, everybody beginning somewhere within their first turn; what was
    measured."""
    tally, began, spent = Tally(), time.monotonic(), time.process_time()

    def turns(every: float) -> Turns:
        first = began + random.random() * min(every, plan.seconds)
        return Turns(plan, first, every, began + plan.seconds)

    await asyncio.gather(
        *(be_phone(one, turns(plan.every), tally) for one in phones),
        *(be_staff(one, turns(plan.pages_every), tally) for one in staff),
    )
    lasted = time.monotonic() - began
    return {
        "seconds": round(lasted, 1),
        "requests": {kind: len(times) for kind, times in tally.seconds.items()},
        "wrong": dict(tally.wrong),
        "milliseconds": {kind: percentiles(times) for kind, times in tally.seconds.items()},
        "generator": {
            "core": round((time.process_time() - spent) / lasted, 3),
            "late_ms": percentiles(tally.late),
        },
    }


async def drain(phones: list[Phone], plan: Plan) -> Counter[str]:
    """Let every phone send until it holds nothing unacknowledged, for a minute at most, a few at
    once; what went wrong meanwhile."""
    tally, until, gate = Tally(), time.monotonic() + plan.seconds, asyncio.Semaphore(4)

    async def rest(phone: Phone) -> None:
        while phone.waiting() and time.monotonic() < until:
            async with gate:
                done = await send(phone, plan, tally)
            if not done:
                await asyncio.sleep(plan.again_after)

    await asyncio.gather(*(rest(phone) for phone in phones))
    return tally.wrong


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """The 50th, 95th and 99th of a hundred and the worst, in milliseconds; nothing of nothing."""
    if not seconds:
        return {}
    ordered = sorted(seconds)
    last = len(ordered) - 1
    found = {f"p{of}": ordered[min(last, -(-of * len(ordered) // 100) - 1)] for of in (50, 95, 99)}
    return {name: round(1000 * value, 1) for name, value in (found | {"max": ordered[-1]}).items()}
