"""What goes wrong while the load runs: programs and database are killed, the disk is full, the
clock jumps, and the network is slow, cuts connections and changes bytes.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.load.servers import House

PIECE = 2_048
DAY = 86_400.0


@dataclass
class Network:
    """A way to the pages on which connections go as the chance will have it.

    slow, cut, unheard, changed: of a hundred connections, so many come in small pieces, end within
    what was asked, end before the answer, or have one byte changed on the way.
    """

    target: Callable[[], int]
    chance: random.Random
    slow: int = 10
    cut: int = 5
    unheard: int = 5
    changed: int = 5
    happened: Counter[str] = field(default_factory=Counter)
    port: int = 0

    async def open(self) -> asyncio.Server:
        """Listen on a free port of this computer."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def _fate(self) -> str:
        drawn = self.chance.randrange(100)
        for name in ("slow", "cut", "unheard", "changed"):
            drawn -= int(getattr(self, name))
            if drawn < 0:
                self.happened[name] += 1
                return name
        return "well"

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        fate = self._fate()
        try:
            far, onward = await asyncio.open_connection("127.0.0.1", self.target())
        except OSError:
            back.close()
            return
        there = asyncio.create_task(self._forth(near, onward, fate))
        with contextlib.suppress(OSError):
            if fate != "unheard":
                await self._pass(far, back, fate)
            else:
                await far.read(-1)  # it was done; whoever asked is never told
        there.cancel()
        back.close()
        onward.close()

    async def _forth(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fate: str
    ) -> None:
        with contextlib.suppress(OSError):
            await self._pass(reader, writer, fate, self.chance.randrange(200, 9_000))

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fate: str, at: int = -1
    ) -> None:
        """Carry bytes until they end; at the place `at` they are cut off or one is changed."""
        gone = 0
        while piece := await reader.read(PIECE):
            if fate == "slow":
                await asyncio.sleep(self.chance.uniform(0.02, 0.1))
            if gone <= at < gone + len(piece):
                if fate == "cut":
                    writer.write(piece[: at - gone])
                    writer.close()
                    return
                if fate == "changed":
                    place = at - gone
                    piece = piece[:place] + bytes([piece[place] ^ 1]) + piece[place + 1 :]
            writer.write(piece)
            await writer.drain()
            gone += len(piece)


@dataclass
class Troubles:
    """What is done to a house, one thing after another, each undone before the next."""

    house: House
    chance: random.Random
    pause: float = 8.0
    lasts: float = 5.0
    happened: Counter[str] = field(default_factory=Counter)
    is_over: bool = False

    async def go_on(self, seconds: float) -> None:
        """Do one after another in a drawn order, every one as often, each once at the least, until
        the time is over."""
        until = time.monotonic() + seconds
        acts = [self.kill_pages, self.move_clock]
        acts += [self.fill_disk] if self.house.can_be_full else []
        acts += [self.kill_database] if self.house.cluster else []
        try:
            while time.monotonic() < until:
                for act in self.chance.sample(acts, len(acts)):
                    if time.monotonic() < until or not self.happened[act.__name__]:
                        await asyncio.sleep(self.pause * self.chance.uniform(0.5, 1.5))
                        await act()
                        self.happened[act.__name__] += 1
        finally:
            self.is_over = True

    async def kill_pages(self) -> None:
        """Kill one process of pages at a random moment and start another."""
        port = self.chance.choice(self.house.ports)
        await asyncio.to_thread(self.house.kill_pages, port)
        await asyncio.to_thread(self.house.wait, port)

    async def kill_database(self) -> None:
        """Kill every process of PostgreSQL and start it again."""
        await asyncio.to_thread(self.house.kill_database)

    async def fill_disk(self) -> None:
        """For some seconds there is no room on the disk; what died of it is started again."""
        await asyncio.to_thread(self.house.fill_disk)
        await asyncio.sleep(self.lasts)
        await asyncio.to_thread(self.house.free_disk)
        await asyncio.to_thread(self.revive)

    def revive(self) -> None:
        """Start what ended by itself, as a service manager does."""
        cluster = self.house.cluster
        if cluster is not None and not self.house.database_answers():
            self.house.kill_database()
        for port, one in list(self.house.running.items()):
            if one.poll() is not None:
                self.house.start_pages(port)
            self.house.wait(port)

    async def move_clock(self) -> None:
        """The clock jumps ahead or back, by minutes or by a day, and is put right again."""
        jump = self.chance.choice([-DAY, -600.0, 600.0, DAY])
        self.house.clock.write_text(str(jump))
        await asyncio.sleep(self.lasts)
        self.house.clock.write_text("0")
