"""Gives the load and tells what was measured: `python -m bench.load`, see the package.

The status is 0 when nothing went wrong: without troubles no request failed; with them no
acknowledged fact was lost, everything arrived in the end and the books prove themselves.
"""

import argparse
import asyncio
import json
import os
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.load import servers
from bench.load.cost import cost_of
from bench.load.traffic import Phone, Plan, drain, read_phones, run
from bench.load.troubles import Network, Troubles
from tools import pg
from tools.soak_figures import commit
from tools.steps import BUILD, say

BACKENDS = ("sqlite", "postgresql")
DRAIN_SECONDS = 120.0
WARM = 1  # packets a phone sends before anything is measured
HELD = ("lost", "changed", "strange")


def _ports(house: servers.House, chance: random.Random) -> Callable[[], int]:
    return lambda: chance.choice(house.ports)


def counted(phones: Sequence[Phone]) -> dict[int, int]:
    """How many packets of each phone are acknowledged."""
    return {number: phone.acknowledged for number, phone in enumerate(phones)}


async def under_load(
    house: servers.House, plan: Plan, *, with_troubles: bool, seed: int
) -> dict[str, Any]:
    """Start the house, give the load, let the phones send what they still hold, prove it all."""
    chance = random.Random(seed)
    phones = read_phones(house.folder)
    staff = json.loads((house.folder / "staff.json").read_text())
    await asyncio.to_thread(house.start)
    for phone in phones:
        phone.written, phone.due = WARM, [0.0] * WARM
    quiet = replace(plan, seconds=DRAIN_SECONDS, port=_ports(house, chance))
    await drain(phones, quiet)
    found: dict[str, Any] = {"warm": sum(phone.acknowledged for phone in phones)}
    if with_troubles:
        network = Network(_ports(house, chance), chance)
        server = await network.open()
        troubles = Troubles(house, chance)
        troubles.pause, troubles.lasts = min(8.0, plan.seconds / 4), min(5.0, plan.seconds / 4)
        async with server:
            told, _none = await asyncio.gather(
                run(
                    phones,
                    staff,
                    replace(plan, port=lambda: network.port, also=lambda: not troubles.is_over),
                ),
                troubles.go_on(plan.seconds),
            )
        found |= told | {"happened": dict(troubles.happened), "network": dict(network.happened)}
    else:
        before = await asyncio.to_thread(cost_of, house)
        found |= await run(phones, staff, replace(plan, port=quiet.port))
        found["processor"] = (await asyncio.to_thread(cost_of, house)).since(before)
    found["wrong_after"] = dict(await drain(phones, quiet))
    await asyncio.to_thread(house.stop)
    found["phones"], found["staff"] = len(phones), len(staff)
    found["written"] = sum(phone.written for phone in phones)
    found["received"] = sum(phone.acknowledged for phone in phones)
    found["proof"] = await asyncio.to_thread(servers.proof, house, counted(phones))
    return found


def faults(found: dict[str, Any], *, with_troubles: bool) -> list[str]:
    """What must not be in what was found."""
    proof = found["proof"]
    wrong = [f"{proof[name]} facts {name}" for name in HELD if proof[name]]
    wrong += [f"{code} does not prove itself" for code in proof["differences"]]
    if found["received"] != found["written"]:
        wrong.append(f"{found['written'] - found['received']} packets did not arrive")
    if not with_troubles:
        wrong += [f"{count} times: {name}" for name, count in found["wrong"].items()]
    return wrong


def measure(
    backend: str, *, phones: int, staff: int, plan: Plan, with_troubles: bool = False, seed: int = 1
) -> dict[str, Any]:
    """The whole way on one database in fresh surroundings: what was found and what is wrong."""
    packets = WARM + 2 + int(plan.seconds // plan.every) * (2 if with_troubles else 1)
    with servers.opened(backend, phones, staff, packets, own_disk=with_troubles) as house:
        found = asyncio.run(under_load(house, plan, with_troubles=with_troubles, seed=seed))
    found["faults"] = faults(found, with_troubles=with_troubles)
    return {"backend": backend, "troubles": with_troubles} | found


def words() -> argparse.ArgumentParser:
    """What may be said on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--on", choices=BACKENDS, help="one database; both when not said")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--phones", type=int, default=500)
    parser.add_argument("--staff", type=int, default=100)
    parser.add_argument("--troubles", action="store_true", help="kill, fill, cut and change too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, default=BUILD / "load.json")
    return parser


def main(told: Sequence[str]) -> int:
    """Measure what was asked, one database after another, and write it down."""
    pg.end_tidily()
    asked = words().parse_args(told)
    results: list[dict[str, Any]] = []
    for backend in [asked.on] if asked.on else BACKENDS:
        say(f"{backend}: {asked.phones} phones, {asked.staff} staff, {asked.minutes:g} minutes")
        found = measure(
            backend,
            phones=asked.phones,
            staff=asked.staff,
            plan=Plan(60 * asked.minutes, port=lambda: 0),
            with_troubles=asked.troubles,
            seed=asked.seed,
        )
        results.append({"commit": commit(), "load_before": os.getloadavg()[2]} | found)
        say(json.dumps(results[-1], indent=1))
        asked.json.parent.mkdir(exist_ok=True)
        asked.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    wrong = [f"{one['backend']}: {fault}" for one in results for fault in one["faults"]]
    say("\n".join(wrong) or "nothing went wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
