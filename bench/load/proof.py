"""Looks each acknowledged fact up in the database and proves the books, as a program of its own:

    python -m bench.load.proof FOLDER

FOLDER holds `phones.jsonl` of the ground and `acknowledged.json`: of each phone, how many of its
packets were acknowledged, in their order. Prints one line of JSON.
"""

import json
import sys
from pathlib import Path
from typing import Any

import django


def compare(folder: Path) -> dict[str, Any]:
    """Count what was acknowledged and is not there, what is there twice or otherwise than sent, and
    every difference `handup verify --deep` finds."""
    from handup.groups.models import GroupFact
    from handup.kernel.chain import digest
    from handup.org import verify

    told = {int(k): n for k, n in json.loads((folder / "acknowledged.json").read_text()).items()}
    stored = {
        str(pk): content
        for pk, content in GroupFact.objects.filter(stream="MEETING")
        .values_list("pk", "content_hash")
        .iterator()
    }
    sent = acknowledged = lost = changed = 0
    known: set[str] = set()
    with (folder / "phones.jsonl").open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            for place, packet in enumerate(json.loads(line)["packets"]):
                for fact in packet["facts"]:
                    sent += 1
                    known.add(fact["id"])
                    if place < told.get(number, 0):
                        acknowledged += 1
                        lost += fact["id"] not in stored
                    changed += stored.get(fact["id"], digest(fact)) != digest(fact)
    outcomes = list(verify.run_all(deep=True))
    return {
        "prepared": sent,
        "acknowledged": acknowledged,
        "stored": len(stored),
        "lost": lost,
        "changed": changed,
        "strange": len(stored.keys() - known),
        "proofs": len(outcomes),
        "differences": [one.check.code for one in outcomes if not one.holds],
    }


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(compare(Path(sys.argv[1]))) + "\n")
