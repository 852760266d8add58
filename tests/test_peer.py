"""The published ledger that Handup is measured beside runs, on the database of the tests."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from tests.source import ROOT
from tests.test_kills import other_database


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has the peer")
def test_the_peer_posts_its_entries(db: None) -> None:
    """In a process of its own, as in the benchmark: its settings are none of Handup's."""
    address = other_database(f"peer_{os.getpid()}")
    done = subprocess.run(
        [sys.executable, "-m", "bench.hordak_peer", "24"],
        env=os.environ | {"HANDUP_DATABASE": address},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout.split()[-1]) > 0
