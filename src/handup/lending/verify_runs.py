"""Proofs of what lending gives the runs of the books (ledger.md 4.9, V7, V12): interest due is what
was earned less what was received, and each loan's target is what its events come to.
"""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.codes import Component
from handup.ledger.models import AccountRole, Book, Line, Run, RunDetail
from handup.ledger.queries import balance
from handup.ledger.rules.words import LOAN_RUNS, RunKind
from handup.ledger.services.taken_over import TAKEN_OVER
from handup.lending.happened import events_of
from handup.lending.models import EventEffect, Loan, PaymentSplit
from handup.lending.rules import provisioning
from handup.lending.rules.accrual import earned, fees_due
from handup.lending.rules.codes import OWN_MODES, Effect, EventKind
from handup.lending.rules.events import MONEY_IN_KINDS
from handup.lending.rules.loan import fold
from handup.lending.rules.terms import read_terms
from handup.lending.services.accrual import suspend_after_days
from handup.lending.services.provisioning import table_of
from handup.lending.services.savings_kept import ROLE
from handup.org.verify import Check, Difference

CHUNK = 500


def interest_matches() -> Iterator[Difference]:
    """INTEREST_DUE of a book = interest earned by its runs, less what payments brought and what
    became principal or was handed over.
    """
    yield from _due_matches("INTEREST_DUE", RunKind.ACCRUAL, Component.INTEREST, "interest_units")


def fees_match() -> Iterator[Difference]:
    """FEES_DUE of a book = fees asked by its runs and charged loan by loan, less what payments
    brought, what was let go of and what became principal.
    """
    yield from _due_matches("FEES_DUE", RunKind.FEES, Component.FEE, "fee_units")


_RECEIVED = [*MONEY_IN_KINDS, EventKind.OPENING_POSITION.value]
_POSTED_EFFECTS = {
    Component.INTEREST: {Effect.CAPITALISED: -1, Effect.HANDED_OVER: -1},
    Component.FEE: {
        Effect.CHARGED: 1,
        Effect.WAIVED: -1,
        Effect.CAPITALISED: -1,
        Effect.HANDED_OVER: -1,
        Effect.WRITTEN_OFF: -1,
    },
}
"""What events did that is posted on what is due, and whether it adds or takes away."""


def _due_matches(
    role: str, kind: RunKind, component: Component, column: str
) -> Iterator[Difference]:
    for book in Book.objects.filter(lenders__mode__in=OWN_MODES).distinct():
        of_book = {"loan__lender__book": book, "loan__lender__mode__in": OWN_MODES}
        wanted: Counter[str] = Counter()
        runs = RunDetail.objects.filter(book=book, kind=kind).order_by().values_list("currency")
        for currency, units in runs.annotate(n=Sum(F("target_units") - F("before_units"))):
            wanted[currency] += units
        splits = PaymentSplit.objects.filter(**of_book, replaced_at=None, event__kind__in=_RECEIVED)
        sums = splits.order_by().values_list("loan__currency").annotate(n=Sum(column))
        for currency, units in sums:
            wanted[currency] -= units
        for effect, sign in _POSTED_EFFECTS[component].items():
            did = EventEffect.objects.filter(
                **of_book, replaced_at=None, what=effect.value, component=component.value
            )
            found = did.order_by().values_list("loan__currency").annotate(n=Sum("units"))
            for currency, units in found:
                wanted[currency] += sign * units
        for currency in sorted(wanted):
            held = balance(book, role, currency=currency)
            if held != wanted[currency]:
                yield Difference(f"{book.code} {role} {currency}", str(held), str(wanted[currency]))


def targets_are_the_fold() -> Iterator[Difference]:
    """What the last runs stored for each loan is what its events, as known then, come to."""
    for book in Book.objects.filter(lenders__mode__in=OWN_MODES).distinct():
        for kind in LOAN_RUNS:
            runs = Run.objects.filter(book=book, kind=kind).exclude(engine_version=TAKEN_OVER)
            run = runs.order_by("-through", "-no").first()
            if run is not None:
                yield from _of_run(book, run)


def _cash_behind(book: Book, run: Run) -> dict[UUID, int]:
    """Savings that stood behind each loan on the day of a run, as the journal was then; the first
    version took those that came later too.
    """
    lines = Line.objects.filter(
        account__in=AccountRole.objects.filter(book=book, role=ROLE).values("account"),
        subject_kind="loan",
        entry__seq__lte=run.last_seq,
    )
    if run.engine_version != provisioning.FIRST_VERSION:
        lines = lines.filter(entry__entry_date__lte=run.through)
    sums = lines.order_by().values_list("subject_id").annotate(n=Sum("units"))
    return {pk: -int(units) for pk, units in sums}


def _of_run(book: Book, run: Run) -> Iterator[Difference]:
    loans = Loan.objects.filter(lender__book=book, lender__mode__in=OWN_MODES)
    ids = list(loans.exclude(disbursed_date=None).order_by("pk").values_list("pk", flat=True))
    stated = suspend_after_days()
    held = _cash_behind(book, run) if run.kind == RunKind.PROVISION else {}
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        rows = RunDetail.objects.filter(
            book=book,
            kind=run.kind,
            subject_id__in=chunk,
            run_no__lte=run.no,
            through__lte=run.through,
        ).order_by("through", "run_no")
        stored = {row.subject_id: row for row in rows}
        events = events_of(chunk)
        for loan in Loan.objects.select_related("lender").filter(pk__in=chunk):
            terms = read_terms(loan.terms)
            state = fold(events[loan.pk], run.through, run.recorded_at, terms=terms)
            row = stored.get(loan.pk)
            target = row.target_units if row else 0
            if state.disbursed_date is None:
                wanted = 0
            elif run.kind == RunKind.ACCRUAL:
                rested = row.stopped if row else False
                found = earned(state, run.through, rested=rested, suspend_after_days=stated)
                wanted = found.target_units
            elif run.kind == RunKind.FEES:
                wanted = fees_due(state, run.through)
            else:
                rate = provisioning.rate_of(
                    table_of(loan.lender, run.through),
                    state.arrears_days(run.through),
                    restructured=state.restructured,
                )
                basis = max(state.principal - held.get(loan.pk, 0), 0)
                wanted = provisioning.required(basis, rate)
            if target != wanted:
                yield Difference(f"loan {loan.code} {run}", str(target), str(wanted))


CHECKS = (
    Check("LENDING_FEE_RUNS", _("Fees due are what was asked and not paid"), fees_match),
    Check(
        "LENDING_INTEREST",
        _("Interest due is what was earned and not paid"),
        interest_matches,
        proves="V7",
    ),
    Check(
        "LENDING_RUNS",
        _("Runs gave each loan what its events say"),
        targets_are_the_fold,
        deep=True,
        proves="V12",
    ),
)
