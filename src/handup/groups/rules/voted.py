"""Settings of a constitution that are more than a number: the order of steps, the majority of each
decision, the most a grant may be, names of offices, weights (groups.md G1). Pure.

They are stored as one line of text, so that every device carries them as it carries the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from handup.groups.rules.votes import Count, NoQuorum, VoteBase, is_passed, needed_votes

FIRST, LAST = ("KEYS", "COUNT_IN", "ROLL"), ("COUNT_OUT", "CLOSE")
BETWEEN = ("MINUTES", "SOCIAL", "REPAY", "FINES", "SAVE", "SAY_FUND", "LEND", "BANK", "BUSINESS")
ALL_STEPS = (*FIRST, *BETWEEN, *LAST)
"""The fourteen steps of a meeting, as a group that voted no other order walks them."""
USUAL_STEPS = " ".join(ALL_STEPS)
HALF_PLUS, SECRET = "HALF_PLUS", "SECRET"
MOST_WRITTEN = 400
MOST = 10**12

VOTED: Mapping[str, str] = MappingProxyType(
    {
        "vote_constitution": "8000 REGISTERED",
        "vote_close_group": "8000 REGISTERED",
        "vote_expulsion": "8000 REGISTERED SECRET",
        "vote_election": "HALF_PLUS CAST SECRET",
        "vote_grant": "HALF_PLUS PRESENT",
        "vote_expense": "HALF_PLUS PRESENT",
        "vote_fund_move": "HALF_PLUS PRESENT",
        "vote_group_debt": "HALF_PLUS PRESENT",
        "vote_share_data": "HALF_PLUS PRESENT",
        "vote_key": "HALF_PLUS PRESENT",
        "vote_other": "HALF_PLUS PRESENT",
    }
)
"""What each decision needs where a group voted nothing else. A loan has a share of its own
(`loan_majority_bps`), of those present."""
LIKE_CONSTITUTION = frozenset({"BECOME_COOPERATIVE", "STATUTES"})


@dataclass(frozen=True, slots=True)
class Needed:
    """What a decision needs: a share in hundredths of a percent (None: more than half), of whom,
    and whether the vote is secret."""

    majority_bps: int | None
    base: VoteBase
    is_secret: bool = False

    def base_of(self, count: Count) -> int:
        """How many the share is taken of."""
        if self.base is VoteBase.REGISTERED:
            return count.registered
        return count.present if self.base is VoteBase.PRESENT else count.yes + count.no

    def votes_of(self, count: Count) -> int:
        """How many must say yes."""
        return needed_votes(self.base_of(count), self.majority_bps)

    def is_passed(self, count: Count, quorum_bps: int) -> bool:
        """Tell whether the decision passed. Raises NoQuorum before any counting."""
        base = self.base_of(count)
        return is_passed(count, base=base, majority_bps=self.majority_bps, quorum_bps=quorum_bps)


def needed_for(settings: Mapping[str, Any], decision: str) -> Needed:
    """What a decision needs under these settings."""
    if decision == "LOAN":
        return Needed(settings["loan_majority_bps"], VoteBase.PRESENT)
    known = "CONSTITUTION" if decision in LIKE_CONSTITUTION else decision
    name = f"vote_{known.lower()}"
    name = name if name in VOTED else "vote_other"
    return _needed(settings.get(name, VOTED[name]))


def has_passed(settings: Mapping[str, Any], decision: str, count: Count) -> bool:
    """Tell whether a vote carried; one without a quorum did not."""
    try:
        return needed_for(settings, decision).is_passed(count, settings["quorum_bps"])
    except NoQuorum:
        return False


def _needed(text: str) -> Needed:
    share, base, *more = text.split()
    bps = None if share == HALF_PLUS else int(share)
    return Needed(bps, VoteBase(base), is_secret=more == [SECRET])


def is_vote(text: str) -> bool:
    """Tell whether a text is a majority, of whom, and whether in secret."""
    words = text.split()
    if len(words) not in (2, 3) or words[2:] not in ([], [SECRET]):
        return False
    share, base = words[:2]
    right = share == HALF_PLUS or (_is_number(share) and 5001 <= int(share) <= 10_000)
    return right and base in set(VoteBase)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 13


def steps_of(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The steps of a meeting in the order the group voted."""
    return tuple(settings.get("step_order", USUAL_STEPS).split())


def is_steps(text: str) -> bool:
    """Tell whether a text is an order of all steps: the first three and the last two in their
    places, the fund said just before lending, and lending behind saving and paying back (M5)."""
    order = text.split()
    if sorted(order) != sorted(ALL_STEPS):
        return False
    if tuple(order[:3]) != FIRST or tuple(order[-2:]) != LAST:
        return False
    lend = order.index("LEND")
    before = order.index("REPAY") < lend and order.index("SAVE") < lend
    return before and order[lend - 1] == "SAY_FUND"


def table_of(text: str) -> dict[str, int]:
    """The amounts by name that a text of `is_table` says."""
    rows = (row.split("=") for row in text.split(";") if row.strip())
    return {" ".join(name.split()).casefold(): int(units) for name, units in rows}


def _rows(text: str) -> list[tuple[str, str]] | None:
    """The names and numbers of a table as they are written; None where it is none."""
    found = []
    for row in text.split(";"):
        if not row.strip():
            continue
        name, sign, number = row.partition("=")
        if not sign or not name.strip() or not _is_number(number.strip()):
            return None
        found.append((" ".join(name.split()).casefold(), number.strip()))
    return found


def is_table(text: str) -> bool:
    """Tell whether a text names amounts, each name once."""
    rows = _rows(text) if len(text) <= MOST_WRITTEN else None
    if rows is None or len({name for name, _units in rows}) < len(rows):
        return False
    return all(int(units) <= MOST for _name, units in rows)


def is_weights(text: str) -> bool:
    """Tell whether a text names a weight for member numbers, one of them above nothing."""
    rows = _rows(text)
    if not is_table(text) or rows is None or not all(_is_number(name) for name, _n in rows):
        return False
    return not rows or any(int(weight) for _no, weight in rows)


def weights_of(settings: Mapping[str, Any]) -> dict[int, int]:
    """The weights the group voted, by member number."""
    text = settings.get("profit_weights", "")
    return {int(name): weight for name, weight in table_of(text).items()}


def grant_of(settings: Mapping[str, Any], event: str) -> int | None:
    """The most the group voted for such an event; None where it named no events at all, and then
    any is left to its vote. An event it did not name gets nothing."""
    table = table_of(settings.get("social_grants", ""))
    return table.get(" ".join(event.split()).casefold(), 0) if table else None


def names_of(text: str) -> list[str]:
    """The names of a text of `is_names`, as they are stored."""
    return ["_".join(name.split()).upper() for name in text.split(",") if name.strip()]


def is_names(text: str) -> bool:
    """Tell whether a text lists up to 25 names, each once."""
    names = names_of(text)
    return (
        len(text) <= MOST_WRITTEN
        and len(names) <= 25
        and len(set(names)) == len(names)
        and all(len(name) <= 30 for name in names)
    )
