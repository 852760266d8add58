"""One small world for every lending test."""

import pytest

from handup.lending.models import Loan
from handup.lending.tests.cast import World, make_world, running


@pytest.fixture
def world(db: None) -> World:
    """A programme with its lenders, product and borrower."""
    return make_world()


@pytest.fixture
def loan(world: World) -> Loan:
    """1,200.00 over twelve months at 24 %, paid out on 15 January 2025."""
    return running(world)
