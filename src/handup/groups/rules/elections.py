"""Several stand for several seats: two counters tally, most votes win, a tie goes to a second round
and then to the lot; boards are elected by halves (groups_cooperatives.md K5). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from handup.kernel.dates import add_months
from handup.kernel.errors import Refusal

OPEN, SECOND_ROUND, LOT, DECIDED = "OPEN", "SECOND_ROUND", "LOT", "DECIDED"
DELEGATE = "DELEGATE_"
"""How the seats of delegates to the tier above begin; they go beside any office."""
NO_TERMS = ("KEY_HOLDER_", "COUNTER_")
"""Offices that are held as long as the group likes."""
BESIDE = (*NO_TERMS, DELEGATE)
"""Offices that go beside any other."""
STAGGERED_FROM = 24
"""Boards elected for so many months or more are staggered."""
FIRST_HALF = 12
"""Months of the seats of a first board that are elected anew after a year."""


class NotAllOnTheSheet(Refusal):
    """Write how many votes each got who stands, also none, and nobody else."""


class VotesOutOfRange(Refusal):
    """Here are more votes than valid ballots allow, or fewer than none."""


class BallotsOutOfRange(Refusal):
    """There are {there} votes; no more ballots than that can be in the box, and no more spoiled
    than ballots."""


class TalliesDisagree(Refusal):
    """The two sheets differ on {count} lines. Both count these ballots again, each alone."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one counter counted: ballots in the box, spoiled ones among them, and the votes of each
    candidate by id."""

    ballots: int
    spoiled: int
    votes: Mapping[str, int]


def require_sound(
    tally: Tally, *, standing: Sequence[str], seats: int, there: int, told: int | None = None
) -> None:
    """A sheet can be true: all who stand are on it, a voter marks up to `seats` names and each name
    once. A refusal tells `told` votes, those the reader knows of, instead of all `there`.

    Raises NotAllOnTheSheet, BallotsOutOfRange, VotesOutOfRange.
    """
    if set(tally.votes) != set(standing):
        raise NotAllOnTheSheet(field="votes")
    if not 0 <= tally.spoiled <= tally.ballots <= there:
        raise BallotsOutOfRange(field="ballots", there=there if told is None else told)
    valid = tally.ballots - tally.spoiled
    wrong = [pk for pk in standing if not 0 <= tally.votes[pk] <= valid]
    if wrong or sum(tally.votes.values()) > valid * seats:
        raise VotesOutOfRange(field=f"votes_{wrong[0]}" if wrong else "votes")


def require_agreed(first: Tally, second: Tally) -> None:
    """Both counters counted the same; how far apart they are is not told, as they count again.
    Raises TalliesDisagree."""
    apart = sum(first.votes[pk] != second.votes[pk] for pk in first.votes)
    apart += first.ballots != second.ballots
    apart += first.spoiled != second.spoiled
    if apart:
        raise TalliesDisagree(field="ballots_2", count=apart)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who is elected, most votes first; who is tied for the seats that are still open."""

    elected: tuple[str, ...]
    tied: tuple[str, ...] = ()
    seats_open: int = 0


@dataclass(frozen=True, slots=True)
class ElectionNow:
    """An election as far as it is: who stood, who is voted on or drawn now, by member number, how
    many seats nobody has, and who is elected, most votes first."""

    seats: tuple[str, ...]
    candidates: tuple[int, ...]
    standing: tuple[int, ...]
    seats_open: int
    state: str = OPEN
    elected: tuple[int, ...] = ()

    def after(self, outcome: Outcome) -> "ElectionNow":
        """The same election after a count or a lot."""
        elected = (*self.elected, *map(int, outcome.elected))
        if not outcome.seats_open:
            return replace(self, elected=elected, state=DECIDED, standing=(), seats_open=0)
        return replace(
            self,
            elected=elected,
            standing=tuple(sorted(map(int, outcome.tied))),
            seats_open=outcome.seats_open,
            state=SECOND_ROUND if self.state == OPEN else LOT,
        )


@dataclass(slots=True)
class Tallies:
    """What each counter found at the attempt that stands, by her number."""

    attempt: int = 1
    found: dict[int, Tally] = field(default_factory=dict)

    def copy(self) -> "Tallies":
        """The same, whose changes do not reach these."""
        return Tallies(self.attempt, dict(self.found))

    def add(self, attempt: int, counter: int, tally: Tally) -> None:
        """Keep a tally; when all count again, those of the attempt before go."""
        if attempt > self.attempt:
            self.attempt, self.found = attempt, {}
        self.found[counter] = tally


def decide(votes: Mapping[str, int], seats: int, *, again: bool = False) -> Outcome:
    """Give the seats to those with most votes; nobody is elected without a vote. Of equal votes at
    the last seat nobody has it: those are tied for what is open. `again`: a second round, of those
    who had equal votes in the first, so that none in it is as many as the others' none."""
    least = 0 if again else 1
    ranked = sorted(
        (pk for pk, count in votes.items() if count >= least),
        key=lambda pk: votes[pk],
        reverse=True,
    )
    if len(ranked) <= seats:
        return Outcome(tuple(ranked))
    last = votes[ranked[seats - 1]]
    if votes[ranked[seats]] < last:
        return Outcome(tuple(ranked[:seats]))
    above = tuple(pk for pk in ranked if votes[pk] > last)
    level = tuple(pk for pk in ranked if votes[pk] == last)
    return Outcome(above, level, seats - len(above))


def stem_of(office: str) -> str:
    """The office a numbered seat belongs to: all seats of a board are one office."""
    stem, _line, number = office.rpartition("_")
    return stem if stem and number.isascii() and number.isdigit() else office


def in_a_row(terms: Iterable[tuple[str, date, date | None]], office: str, on: date) -> int:
    """How many terms somebody held an office without a break up to a day, of those she had: office,
    from, to; the last first. The seats of a board are one office."""
    served, until, stem = 0, on, stem_of(office)
    for name, since, to in terms:
        if stem_of(name) != stem or since > on:
            continue
        if to is not None and to < until:
            break
        served, until = served + 1, since
    return served


def terms_end(since: date, months: int, *, seats: Sequence[str], is_first: bool) -> list[date]:
    """When the terms of those elected end, most votes first. Of a first board elected for two years
    or more, the half with fewest votes is elected anew after one year, so that half of the board
    changes at a time."""
    ends = [add_months(since, months)] * len(seats)
    of_a_board = len(seats) > 1 and len({stem_of(seat) for seat in seats}) == 1
    if is_first and of_a_board and months >= STAGGERED_FROM:
        half = len(seats) // 2
        ends[len(seats) - half :] = [add_months(since, FIRST_HALF)] * half
    return ends
