"""The named list of proofs behind `handup verify`: each recomputes something stored and shows what
differs.

A domain adds its own in `<Domain>Config.ready()`:

    verify.register(Check("LEDGER_BALANCED", _("Every entry balances"), unbalanced_entries))
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be: where, what is stored, what was computed from its
    events.
    """

    key: str
    stored: str
    computed: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run is cut down to: one book by its code, what stands on a day and later."""

    book: str = ""
    since: date | None = None

    @property
    def everything(self) -> bool:
        """Whether it is not cut down at all."""
        return not self.book and self.since is None


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Check:
    """One proof. `run` yields nothing when all is well; `deep` ones run only when asked for.

    within: the same of a part of the books, for proofs that can be cut down. proves: the number of
    the requirement, e.g. V1.
    """

    code: str
    title: "_StrOrPromise"
    run: Callable[[], Iterable[Difference]]
    deep: bool = False
    within: Callable[[Scope], Iterable[Difference]] | None = None
    proves: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found: the first differences and how many there were."""

    check: Check
    shown: tuple[Difference, ...]
    count: int

    @property
    def holds(self) -> bool:
        """True when nothing differs."""
        return self.count == 0


checks: list[Check] = []


def register(*added: Check) -> None:
    """Add proofs; one with the same code is there already when Django sets up twice."""
    known = {check.code for check in checks}
    checks.extend(check for check in added if check.code not in known)


def run_checks(
    *, deep: bool = False, only: Iterable[str] = (), scope: Scope = EVERYTHING
) -> Iterator[Outcome]:
    """Run the checks one by one; `only` names codes. Cut down to a scope, only those that can be.

    An unknown code, or a book that is not there, raises LookupError.
    """
    wanted = set(only)
    if unknown := wanted - {check.code for check in checks}:
        raise LookupError(f"no check is named {', '.join(sorted(unknown))}")
    for check in checks:
        if (wanted and check.code not in wanted) or (check.deep and not deep and not wanted):
            continue
        if scope.everything:
            found = iter(check.run())
        elif check.within is not None:
            found = iter(check.within(scope))
        else:
            continue
        shown = tuple(islice(found, SHOWN))
        yield Outcome(check, shown, len(shown) + sum(1 for _ in found))
