"""Records that stand: what the tests of a module build alike is built once, and each test undoes
only what it did itself.

A `conftest.py` takes `_django_db_helper` from here and marks with `@standing` the fixtures that
only store records and return them:

    _django_db_helper = shared.helper

    @standing
    def world(db: None) -> World:
        return make_world()

Each such fixture is a layer, a savepoint upon the layers before it. A test stands upon the layers
it asks for, laid in the order in which it asks for them (others are taken back first), and gets
copies of what they returned, so that neither its records nor its objects are seen by the next. A
layer is laid only as long as the test itself has asked the database nothing; after that, and in a
domain that borrows the fixture without the helper, it runs within the test, as any other. What a
fixture writes into files or settings belongs to one test: do not mark it.
"""

import inspect
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

import pytest
from django.db import connection, transaction

T = TypeVar("T")


class Undone:
    """Whatever is stored inside is taken back; durable blocks may open in it, as in any test."""

    def __enter__(self) -> None:
        """Open the block."""
        self.step = transaction.atomic()
        vars(self.step)["_from_testcase"] = True
        self.step.__enter__()

    def __exit__(self, *told: object) -> None:
        """Take everything back."""
        transaction.set_rollback(True)
        self.step.__exit__(None, None, None)


forget: list[Callable[[], None]] = []
"""What empties a memory the process keeps of stored rows by a key that stays the same over a
ground: called before each test, which may change rows past the services. The root `conftest.py`
names them.
"""

Key = tuple[str, str]  # the module a fixture is written in, and its name


@dataclass
class Layer:
    """What one fixture stored, and what it and all below it returned, untouched by any test."""

    key: Key
    step: Undone
    returned: dict[Key, Any]


@dataclass
class Ground:
    """The layers of one module, and the test that stands on them."""

    layers: list[Layer] = field(default_factory=list)
    own: dict[Key, Any] = field(default_factory=dict)
    asked: int = 0  # how many of the layers this test has asked for, from below
    step: Undone | None = None
    touched: bool = False

    def begin(self, wanted: set[str]) -> None:
        """Take back what this test does not ask for, and open its own block upon the rest."""
        while any(layer.key[1] not in wanted for layer in self.layers):
            self._take_back()
        for empty in forget:
            empty()
        self.own = deepcopy(self.layers[-1].returned) if self.layers else {}
        self.asked = 0
        self._open()

    def end(self) -> None:
        """Prove the references of what the test stored, and undo it."""
        try:
            if not connection.needs_rollback and connection.is_usable():
                connection.check_constraints()
        finally:
            self._close()

    def clear(self) -> None:
        """Take back everything."""
        while self.layers:
            self._take_back()

    def give(self, key: Key, build: Callable[[], T]) -> T:
        """What the fixture returns: this test's copy of what stands, else what it builds now."""
        if self.asked < len(self.layers) and self.layers[self.asked].key == key:
            self.asked += 1
            found: T = self.own[key]
            return found
        if self.touched or self.step is None:
            return build()
        self._close()
        self._only_asked()
        step = Undone()
        step.__enter__()
        try:
            made = build()
        except BaseException:
            step.__exit__()
            self._open()
            raise
        self.own[key] = made
        self.layers.append(Layer(key, step, deepcopy(self.own)))
        self.asked += 1
        self._open()
        return made

    def _only_asked(self) -> None:
        """Take back what this test would not have stored by now."""
        while len(self.layers) > self.asked:
            self.own.pop(self._take_back(), None)

    def _take_back(self) -> Key:
        layer = self.layers.pop()
        layer.step.__exit__()
        return layer.key

    def _open(self) -> None:
        self.step = Undone()
        self.step.__enter__()
        self.touched = False
        connection.execute_wrappers.append(self._hear)

    def _close(self) -> None:
        step, self.step = self.step, None
        self._listen_no_more()
        if step is not None:
            step.__exit__()

    def _hear(self, execute: Callable[..., Any], *told: Any) -> Any:
        """The test asks the database for the first time: from now on all is its own."""
        if self.asked < len(self.layers):
            self._close()
            self._only_asked()
            self._open()
        self.touched = True
        self._listen_no_more()
        return execute(*told)

    def _listen_no_more(self) -> None:
        connection.execute_wrappers[:] = [
            heard for heard in connection.execute_wrappers if heard != self._hear
        ]


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[Ground]:
    """The ground of one module, taken back at its end."""
    found = Ground()
    yield found
    with django_db_blocker.unblock():
        found.clear()


OF_SEVERAL_BLOCKS = {
    "transactional_db",
    "live_server",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
}


@pytest.fixture
def helper(
    request: pytest.FixtureRequest, ground: Ground, _quiet_house: None, django_db_blocker: Any
) -> Iterator[None]:
    """Stands in for pytest-django's `_django_db_helper`: the test's block lies upon the ground."""
    marker = request.node.get_closest_marker("django_db")
    asked = marker is not None and bool(marker.args or marker.kwargs)
    needs_more = asked or not OF_SEVERAL_BLOCKS.isdisjoint(request.fixturenames)
    assert not needs_more, "a test on a ground is one block"
    with django_db_blocker.unblock():
        ground.begin(set(request.fixturenames))
        try:
            yield
        finally:
            ground.end()


def standing(build: Callable[..., T]) -> Any:
    """Make a fixture whose records stand for all tests of the module that ask for it."""
    asked = inspect.signature(build)
    key = (build.__module__, build.__name__)

    @wraps(build)
    def given(ground: Ground, **others: Any) -> T:
        return ground.give(key, lambda: build(**others))

    first = inspect.Parameter("ground", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    vars(given)["__signature__"] = asked.replace(parameters=[*asked.parameters.values(), first])
    return pytest.fixture(given)
