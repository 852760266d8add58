"""Fixtures of the training tests."""

from pathlib import Path

import pytest


@pytest.fixture
def shared_vectors(settings: object) -> str:
    """The folder of the shared test vectors."""
    given = getattr(settings, "SHARED_DIR", None)
    root = Path(given) if given else Path(__file__).resolve().parents[5] / "shared"
    return str(root / "data" / "vectors")
