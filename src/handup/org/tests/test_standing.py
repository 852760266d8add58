"""What a ground must not do: run a test of several blocks as one, remember for the next test, or
stand in the real database.
"""

from types import SimpleNamespace
from typing import Any

import pytest

from handup.org.tests import own_database, standing


@pytest.mark.parametrize("name", sorted(standing.OF_SEVERAL_BLOCKS))
def test_a_test_of_several_blocks_is_refused_on_a_ground(name: str) -> None:
    node = SimpleNamespace(get_closest_marker=lambda _name: None)
    request: Any = SimpleNamespace(node=node, fixturenames=["db", name])
    build: Any = vars(standing.helper)["__wrapped__"]
    with pytest.raises(AssertionError, match="one block"):
        next(build(request, standing.Ground(), None, None))


@pytest.mark.django_db
def test_what_a_process_remembers_is_forgotten_before_each_test(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert standing.forget, "the root conftest names what is remembered"
    remembered = {"stamp": "of the test before"}
    monkeypatch.setattr(standing, "forget", [remembered.clear])
    ground = standing.Ground()
    ground.begin(set())
    ground.end()
    assert remembered == {}


def test_the_database_of_the_data_folder_is_no_database_of_tests() -> None:
    closed = []

    def opened(name: str) -> Any:
        return SimpleNamespace(
            vendor="sqlite", settings_dict={"NAME": name}, close=lambda: closed.append(name)
        )

    own_database.never_the_real_one(opened(":memory:"))
    with pytest.raises(AssertionError, match="no database of tests"):
        own_database.never_the_real_one(opened(own_database.REAL))
    assert closed == [own_database.REAL]
