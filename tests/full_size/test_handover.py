"""The whole programme of Rwanda at its true size goes to the empty house of its successor, with
equal control totals.
"""

from pathlib import Path

import pytest
from stories.conftest import programme
from stories.test_handover import carry

pytestmark = [pytest.mark.django_db, pytest.mark.soak]


def test_the_full_programme_loads_into_an_empty_house(tmp_path: Path) -> None:
    found = carry(programme("IFAD-RW"), tmp_path)
    assert found["enterprises"] == 3_786
