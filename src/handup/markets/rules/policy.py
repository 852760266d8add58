"""Policy work: one step at a time, forward or back, and what a report may say of it.

Source: projects_and_markets.md 4.7. Stages 6 and 7 need an official source.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class PolicyStage(IntEnum):
    """How far an issue has come."""

    IDENTIFIED = 1
    EVIDENCE = 2
    POSITION = 3
    AGENDA = 4
    DRAFTED = 5
    ADOPTED = 6
    APPLIED = 7


OFFICIAL_FROM = PolicyStage.ADOPTED


def is_one_step(before: int, after: int) -> bool:
    """Whether a move goes one stage forward or back."""
    return abs(after - before) == 1


def needs_official_source(after: int) -> bool:
    """Whether a stage is reached only with an official source."""
    return after >= OFFICIAL_FROM


@dataclass(frozen=True, slots=True)
class Moves:
    """What happened in a period."""

    forward: int
    back: int
    adopted: int


def moves(steps: Iterable[tuple[int, int]]) -> Moves:
    """Count moves of (before, after); adopted: those that reached stage 6 going forward."""
    told = list(steps)
    forward = sum(1 for before, after in told if after > before)
    adopted = sum(1 for before, after in told if before < OFFICIAL_FROM == after)
    return Moves(forward, len(told) - forward, adopted)
