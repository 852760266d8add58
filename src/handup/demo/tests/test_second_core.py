"""The helper of a large load: another process, the same results; none where it is not worth one."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from handup.demo.credit import TERMS
from handup.demo.second_core import WORTH_IT, second_core
from handup.lending.rules.offer import Asked, offer_of
from handup.lending.rules.terms import read_terms
from handup.lending.services import make_offer, make_offers_ahead

KILLED = """
import os, signal
from handup.demo.second_core import second_core
os.cpu_count = lambda: 2
if __name__ == "__main__":
    with second_core(5000) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_large_load_has_a_helper_that_works_out_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    asked = Asked(read_terms(TERMS, instalments=12), 1_000_00, date(2004, 3, 1))
    with second_core(WORTH_IT) as pool:
        assert pool is not None
        assert pool.submit(os.getpid).result() != os.getpid()
        assert pool.submit(offer_of, asked).result() == offer_of(asked)
        make_offers_ahead(pool, [asked])
        assert make_offer(asked.terms, asked.units, asked.start) == offer_of(asked)


def test_a_small_load_and_a_single_core_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with second_core(WORTH_IT - 1) as pool:
        assert pool is None
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with second_core(WORTH_IT) as pool:
        assert pool is None


def test_the_helper_ends_when_the_load_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "killed.py"
    program.write_text(KILLED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program)], stdout=subprocess.PIPE, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    helper = int(done.stdout)
    for _wait in range(200):
        if not lives(helper):
            break
        time.sleep(0.05)
    assert not lives(helper)


def lives(pid: int) -> bool:
    """Whether a process of this number runs; one that ended and was not fetched yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    told = Path(f"/proc/{pid}/stat")
    return not (told.exists() and told.read_text().rpartition(")")[2].split()[0] == "Z")
