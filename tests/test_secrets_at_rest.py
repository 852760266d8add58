"""No byte that is kept tells a secret: tables, history, journals, sessions, jobs, files, heads, the
program's log and a backup are searched for seeded values, before and after keys are rotated (R4).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.secrets_at_rest import SECRETS, forms_of
from tests.source import ROOT
from tests.test_kills import other_database

LONGEST_SECONDS = 300


def test_no_byte_tells_a_secret_and_rotation_keeps_each_readable(db: None, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/secrets.sqlite3"
    if connection.vendor == "postgresql":
        address = other_database(f"secrets_{os.getpid()}")
    env = os.environ | {
        "HANDUP_DATA": str(tmp_path),
        "HANDUP_DATABASE": address,
        "DJANGO_SETTINGS_MODULE": "handup.config.settings",
        "PYTHONPATH": str(Path(settings.BASE_DIR).parent),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.secrets_at_rest"],
        env=env,
        cwd=ROOT,
        capture_output=True,
        timeout=LONGEST_SECONDS,
    )
    assert done.returncode == 0, done.stderr[-3000:].decode()
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["name"], "a name that is not sealed was nowhere: the search proves nothing"
    assert found["places"] > 5
    nowhere: dict[str, list[str]] = {what: [] for what in SECRETS}
    assert (found["before"], found["after"]) == (nowhere, nowhere)
    log = done.stderr
    assert b"django.request" in log, "nothing was logged: the search proves nothing"
    assert [what for what, text in SECRETS.items() if any(f in log for f in forms_of(text))] == []
    assert found["keys"] == ["c2", "f2"]
    assert found["read"] == {
        "phone": SECRETS["phone"],
        "case note": SECRETS["case note"],
        "found by number": 1,
        "found by phone": 1,
    }


def test_a_text_is_recognised_in_the_ways_it_may_lie_in_bytes() -> None:
    import base64

    text = "Blue gate behind the second mill"
    for before in (b"", b"a", b"ab", b"abc"):
        held = base64.b64encode(before + text.encode() + b"after")
        assert any(form in held for form in forms_of(text))
    assert b"37491555771" in forms_of("+37491555771")
