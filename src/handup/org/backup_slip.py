"""The slip that goes with each backup: printed, signed by who carries it away, kept on paper
(rulings 4).

It bears the head of the read log: whoever holds the paper shows later that no entry up to it was
taken away or changed, without a third place that keeps signed heads. The number stands in the copy
too, so that it is compared when the copy is brought back.
"""

import re
from datetime import datetime
from pathlib import Path

from handup.kernel.errors import Refusal
from handup.org import sealed_copy
from handup.org.models import ChainHead, ReadEntry, Setting
from handup.org.reads import CHAIN
from handup.org.services.sealed_keys import newest, what_is_missing

FILE = "SLIP.txt"
GROUP = 8
NAME = "institution_name"
KEYS = {
    "NONE": "no sealed copy: make one with `handup keys seal`",
    "STALE": "the sealed copy holds older keys: make a new one",
    "UNPROVED": "sealed copy {code}, never opened",
    "": "sealed copy {code}, opened {day}",
}
HEAD = re.compile(r"^\s*Read log\s+(\d+)\n\s*([0-9a-f ]+)$", re.MULTILINE)


def written(now: datetime) -> str:
    """The text of the slip of a moment."""
    head = ChainHead.objects.filter(name=CHAIN).first()
    number, told = (head.number, head.hash) if head is not None else (0, "")
    house = Setting.objects.filter(key=NAME).values_list("value", flat=True).first() or ""
    return "\n".join(
        [
            f"  BACKUP {now:%Y-%m-%d %H:%M} UTC  {house}".rstrip(),
            f"  Read log   {number}",
            f"             {_grouped(told) or '-'}",
            f"  Keys       {_keys()}",
            "  Carried away by ____________________  on ____________",
        ]
    )


def _keys() -> str:
    """Which keys read the copy, and how they are sealed; a backup is made even where they cannot be
    read.
    """
    try:
        missing, fingerprint = what_is_missing(), sealed_copy.fingerprint()
    except Refusal as refusal:
        return str(refusal)
    row = newest()
    told = KEYS[missing].format(code=row.code if row else "", day=row.proved_date if row else "")
    return f"{fingerprint[:16]}, {told}"


def _grouped(text: str) -> str:
    return " ".join(text[place : place + GROUP] for place in range(0, len(text), GROUP))


def compared(file: Path) -> str:
    """Whether the read log brought back is the one the slip tells of, as a sentence."""
    found = HEAD.search(file.read_text(encoding="utf-8")) if file.is_file() else None
    if found is None:
        return "  The slip of this backup bears no head of the read log."
    number, told = int(found[1]), found[2].replace(" ", "")
    entries = ReadEntry.objects.filter(number=number, hash=told)
    cut = ChainHead.objects.filter(name=CHAIN, cut_number__gte=number)
    if entries.exists() or cut.exists():
        return f"  The read log is the one of the slip, up to entry {number}."
    return f"  THE READ LOG IS NOT THE ONE OF THE SLIP: entry {number} is missing or another."
