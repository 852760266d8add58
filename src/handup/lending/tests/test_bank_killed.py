"""The power goes while a statement posts: nothing of it is there, and it posts whole afterwards."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from handup.lending.tests.killed import LINES

KILLS = (6, 12, 20, 30)
NOTHING = {"statements": 0, "lines": 0, "payments": 0, "suspense": 0, "broken": []}


def run(
    data: Path, *words: str, module: str = "handup.lending.tests.killed"
) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("HANDUP_")}
    env |= {
        "HANDUP_DATA": str(data),
        "HANDUP_DATABASE": f"sqlite:///{data / 'killed.sqlite3'}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "DJANGO_SETTINGS_MODULE": "handup.config.settings",
    }
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)


def test_a_killed_process_leaves_nothing_half_written(tmp_path: Path) -> None:
    run(tmp_path, "migrate", module="handup.cli").check_returncode()
    words = ["prepare"]
    for statement in KILLS:
        words += [str(statement), "look"]
    done = run(tmp_path, *words, "0", "0", "look")
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert found[:-1] == [0, *(-signal.SIGKILL, NOTHING) * len(KILLS), 0, 0], done.stderr
    assert found[-1] == {
        "statements": 1,
        "lines": LINES,
        "payments": LINES * 3 // 4,
        "suspense": LINES // 4,
        "broken": [],
    }
