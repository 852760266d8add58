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

from handup.org.snapshot import snapshot

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
    """What one check found: the first differences and how many there were; or the fault that kept
    it from running.
    """

    check: Check
    shown: tuple[Difference, ...]
    count: int
    fault: str = ""

    @property
    def holds(self) -> bool:
        """True when nothing differs and it could be run."""
        return self.count == 0 and not self.fault


checks: list[Check] = []


def register(*added: Check) -> None:
    """Add proofs; the same one is there already when Django sets up twice. Another proof under a
    code that is taken would never be run: it raises ValueError.
    """
    known = {check.code: check.run for check in checks}
    for check in added:
        if check.code not in known:
            known[check.code] = check.run
            checks.append(check)
        elif known[check.code] is not check.run:
            raise ValueError(f"two proofs are named {check.code}")


def chosen(
    *, deep: bool = False, only: Iterable[str] = (), scope: Scope = EVERYTHING
) -> list[Check]:
    """The checks to run; `only` names codes or requirements (V7). Cut down to a scope, those that
    can be. An unknown name raises LookupError.
    """
    wanted = set(only)
    known = {check.code for check in checks} | {check.proves for check in checks}
    if unknown := wanted - known:
        raise LookupError(f"no check is named {', '.join(sorted(unknown))}")
    return [
        check
        for check in checks
        if (not wanted or {check.code, check.proves} & wanted)
        and (deep or wanted or not check.deep)
        and (scope.everything or check.within is not None)
    ]


def outcome_of(check: Check, scope: Scope = EVERYTHING) -> Outcome:
    """Run one check. A book that is not there raises LookupError."""
    asked = check.run() if scope.everything or check.within is None else check.within(scope)
    found = iter(asked)
    shown = tuple(islice(found, SHOWN))
    return Outcome(check, shown, len(shown) + sum(1 for _ in found))


def run_checks(
    *, deep: bool = False, only: Iterable[str] = (), scope: Scope = EVERYTHING
) -> Iterator[Outcome]:
    """Run the checks one by one. Raises LookupError as `chosen` and `outcome_of` do."""
    for check in chosen(deep=deep, only=only, scope=scope):
        yield outcome_of(check, scope)


def run_all(
    *, deep: bool = False, only: Iterable[str] = (), scope: Scope = EVERYTHING
) -> Iterator[Outcome]:
    """Run the checks over one state of the database; one that fails is told, and the rest go on."""
    with snapshot():
        for check in chosen(deep=deep, only=only, scope=scope):
            try:
                yield outcome_of(check, scope)
            except LookupError:
                raise
            except Exception as fault:  # noqa: BLE001  the door: the fault is reported as outcome
                yield Outcome(check, (), 0, f"{type(fault).__name__}: {fault}"[:300])
