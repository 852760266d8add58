"""What a course taught: gain over linked pre- and post-tests (training.md 4.3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from handup.kernel.money import decimal_text
from handup.training.rules.completion import Sitting
from handup.training.rules.states import TestKind


@dataclass(frozen=True, slots=True)
class Gain:
    """Mean gain in percentage points over the pairs, and what could not be paired."""

    pairs: int
    points: Fraction | None
    unpaired_pre: int
    unpaired_post: int

    @property
    def text(self) -> str | None:
        """The gain as printed, one decimal; None without a pair."""
        return None if self.points is None else decimal_text(self.points, 1)


def first_share(sittings: Iterable[Sitting], kind: TestKind, pair: str) -> Fraction | None:
    """Return the first sitting's share; retakes decide a pass, never the gain."""
    return next((s.share for s in sittings if s.kind is kind and s.pair == pair), None)


def gain(persons: Sequence[Sequence[Sitting]]) -> Gain:
    """Pair each person's first pre-test and first post-test of the same linked forms."""
    total, pairs, lone_pre, lone_post = Fraction(0), 0, 0, 0
    for sittings in persons:
        links = {s.pair for s in sittings if s.kind is not TestKind.LEVEL}
        for link in links:
            pre = first_share(sittings, TestKind.PRE, link)
            post = first_share(sittings, TestKind.POST, link)
            if pre is not None and post is not None:
                total += 100 * (post - pre)
                pairs += 1
            elif pre is not None:
                lone_pre += 1
            else:
                lone_post += 1
    return Gain(pairs, total / pairs if pairs else None, lone_pre, lone_post)
