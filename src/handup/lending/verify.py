"""The proofs of lending (ledger.md 4.9, V6-V8): facts and entries, loan accounts,
projections, dated rows.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from django.db.models import DateField, Exists, F, OuterRef, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.codes import Component
from handup.ledger.models import Book, Entry
from handup.ledger.queries import balance, balances_by_subject
from handup.ledger.verify import of_book
from handup.lending.elsewhere import stayed_elsewhere
from handup.lending.facts import limits_on
from handup.lending.happened import events_of
from handup.lending.models import (
    Application,
    AssetTransfer,
    CallPayment,
    Collateral,
    EventEffect,
    GrantTranche,
    Guarantor,
    Lender,
    Loan,
    LoanCure,
    LoanDue,
    LoanEvent,
    PaymentSplit,
    SecurityCall,
)
from handup.lending.queries import positions, splits_of_row, sum_of
from handup.lending.rules.codes import OWN_MODES, Effect, EventKind, LoanState, Source
from handup.lending.rules.cures import cures_of
from handup.lending.rules.events import MONEY_IN_KINDS
from handup.lending.rules.loan import ENGINE_VERSION, fold
from handup.lending.rules.state import Cure
from handup.lending.rules.terms import read_terms
from handup.lending.services.grant_money import PURPOSE
from handup.lending.services.limits import LIMITED
from handup.lending.services.older_engine import older_loans
from handup.lending.services.posting import EFFECT_RULES
from handup.lending.services.recovered import recovered_dates
from handup.lending.services.security import NOTHING_OWED
from handup.lending.services.store import PROJECTED, project
from handup.lending.verify_funds import in_their_funds, of_each_fund
from handup.lending.verify_rows import rows_of
from handup.org.models import ProofOutcome, ProofRun
from handup.org.verify import Check, Difference
from handup.plans.models import Plan
from handup.plans.rules.states import PlanState

DOMAIN = "lending"
CHUNK = 500
RECENT = 500
SAMPLE = 100
POSTED_KINDS = [
    *MONEY_IN_KINDS,
    EventKind.DISBURSED.value,
    EventKind.WRITTEN_OFF.value,
    EventKind.RECOVERED.value,
    EventKind.REFUNDED.value,
]
SILENT = frozenset({"event_count", "last_recorded_at", "engine_version"})


def facts_posted() -> Iterator[Difference]:
    """Every event of our own loans that moves money, or did what the books post, has its entry, and
    every entry its event, of the day its money came in.
    """
    did = EventEffect.objects.filter(_posted_effects(), received_at=F("event__received_at"))
    facts = LoanEvent.objects.filter(
        Q(kind__in=POSTED_KINDS) | Q(pk__in=did.order_by().values("event")),
        loan__lender__mode__in=OWN_MODES,
    )
    facts = facts.exclude(source=Source.OLD_BOOK)  # in the opening journal of their portfolio
    posted = Entry.objects.filter(source_domain=DOMAIN, source_purpose="").order_by()
    entries: dict[UUID, date] = dict(posted.values_list("source_id", "happened_date"))
    for pk, loan_id in facts.values_list("pk", "loan_id").iterator():
        if pk not in entries:
            yield Difference(f"loan {loan_id} event {pk}", "no entry", "one entry")
    known = LoanEvent.objects.filter(loan__lender__mode__in=OWN_MODES).order_by()
    other_day = []
    for pk, on in known.values_list("pk", "value_date").iterator():
        if entries.pop(pk, on) != on:
            other_day.append(pk)
    for source in entries.keys() - stayed_elsewhere():
        yield Difference(f"entry of event {source}", "entry", "no event")
    yield from _other_days(other_day)


def _other_days(ids: list[UUID]) -> Iterator[Difference]:
    """Events whose entry is of another day than they count from, but for those whose money came in
    on the day of the entry.
    """
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        posted = Entry.objects.filter(
            source_domain=DOMAIN, source_purpose="", source_id__in=chunk
        ).order_by()
        days = dict(posted.values_list("source_id", "happened_date"))
        for event in LoanEvent.objects.filter(pk__in=chunk).order_by("pk"):
            if days[event.pk] != event.received_date:
                key = f"loan {event.loan_id} event {event.pk} day"
                yield Difference(key, str(event.received_date), str(days[event.pk]))


def _posted_effects() -> Q:
    """The effects that a posting rule is for."""
    found = Q(pk=None)
    for what, component in EFFECT_RULES:
        found |= Q(what=what.value, component=component.value if component else "")
    return found


def accounts_match(only: Book | None = None) -> Iterator[Difference]:
    """LOANS per loan is its outstanding principal, BORROWER_CREDIT what it overpaid; and nothing
    stands on these accounts that belongs to no loan.
    """
    books = Book.objects.filter(lenders__mode__in=OWN_MODES).distinct()
    for book in books if only is None else books.filter(pk=only.pk):
        loans = Loan.objects.filter(lender__book=book, lender__mode__in=OWN_MODES)
        for currency in loans.order_by().values_list("currency", flat=True).distinct():
            rows = loans.filter(currency=currency)
            for role, column, sign in (
                ("LOANS", "principal_units", 1),
                ("BORROWER_CREDIT", "overpaid_units", -1),
            ):
                posted = balances_by_subject(book, role, "loan", currency=currency)
                wanted = {
                    pk: sign * units
                    for pk, units in rows.order_by().values_list("pk", column)
                    if units
                }
                yield from _compare(f"{book.code} {role} loan", posted, wanted)
                whole, of_loans = balance(book, role, currency=currency), sum(wanted.values())
                if whole != of_loans:
                    key = f"{book.code} {role} {currency}"
                    yield Difference(key, str(whole), str(of_loans))
                yield from of_each_fund(book, rows, role, column, sign)


def limits_hold() -> Iterator[Difference]:
    """What facilities and guarantees in force hold covers the loans agreed and paid out (V11).

    A lender with one that ended is left out: its loans run on, and no new one is agreed.
    """
    today = timezone.localdate()
    lenders = Lender.objects.filter(mode__in=LIMITED).exclude(
        Q(facilities__expiry_date__lt=today) | Q(guarantees__expiry_date__lt=today)
    )
    for lender in lenders.order_by("code"):
        left = limits_on(lender, {today})[today]
        for word, units in (("facility", left.facility_units), ("guarantee", left.guarantee_units)):
            if units is not None and units < 0:
                yield Difference(f"{lender.code} {word}", f"{-units} beyond it", "covered")


def fees_match() -> Iterator[Difference]:
    """FEES_DUE per loan is what was charged and neither paid, waived, added to principal, handed
    over nor written off; loans that came with fees of an old book are left to their opening.
    """
    for book in Book.objects.filter(lenders__mode__in=OWN_MODES).distinct():
        loans = Loan.objects.filter(lender__book=book, lender__mode__in=OWN_MODES).exclude(
            events__kind=EventKind.OPENING_POSITION
        )
        ids = loans.order_by().values("pk")
        of_fees = EventEffect.objects.filter(
            loan__in=ids, component=Component.FEE.value, replaced_at=None
        )
        charged = Q(what=Effect.CHARGED.value)
        gone = ~charged & ~Q(what=Effect.CARRIED.value)
        wanted: dict[UUID, int] = defaultdict(int)
        for pk, more, less in (
            of_fees.order_by()
            .values_list("loan_id")
            .annotate(
                more=Coalesce(Sum("units", filter=charged), 0),
                less=Coalesce(Sum("units", filter=gone), 0),
            )
        ):
            wanted[pk] += more - less
        paid = PaymentSplit.objects.filter(loan__in=ids, replaced_at=None, fee_units__gt=0)
        for pk, units in paid.order_by().values_list("loan_id").annotate(n=Sum("fee_units")):
            wanted[pk] -= units
        kept = dict(loans.order_by().values_list("pk", "currency"))
        for currency in sorted(set(kept.values())):
            posted = balances_by_subject(book, "FEES_DUE", "loan", currency=currency)
            held = {pk: units for pk, units in posted.items() if kept.get(pk) == currency}
            asked = {pk: units for pk, units in wanted.items() if kept.get(pk) == currency}
            yield from _compare(f"{book.code} FEES_DUE loan", held, asked)


def _compare(
    label: str, stored: dict[UUID, int], computed: dict[UUID, int]
) -> Iterator[Difference]:
    for key in stored.keys() | computed.keys():
        left, right = stored.get(key, 0), computed.get(key, 0)
        if left != right:
            yield Difference(f"{label} {key}", str(left), str(right))


def splits_match() -> Iterator[Difference]:
    """The live splits of a payment sum to it; the paid columns of a row sum its live splits."""
    total = (
        F("splits__principal_units")
        + F("splits__interest_units")
        + F("splits__fee_units")
        + F("splits__penalty_units")
        + F("splits__overpaid_units")
    )
    events = (
        LoanEvent.objects.filter(kind__in=MONEY_IN_KINDS)
        .order_by()
        .annotate(split=Coalesce(Sum(total, filter=Q(splits__replaced_at=None)), 0))
        .values_list("pk", "units", "split")
    )
    taken_back = set(
        LoanEvent.objects.exclude(reverses=None).order_by().values_list("reverses_id", flat=True)
    )
    for pk, units, split in events.iterator():
        wanted = 0 if pk in taken_back else units
        if split != wanted:
            yield Difference(f"event {pk} splits", str(split), str(wanted))
    yield from _paid_columns()


def _paid_columns() -> Iterator[Difference]:
    ends = Coalesce(OuterRef("to_date"), Value(date.max), output_field=DateField())
    live = splits_of_row().filter(value_date__lt=ends)
    names = ("principal", "interest", "fee", "penalty")
    rows = LoanDue.objects.filter(replaced_at=None).order_by()
    annotated = rows.annotate(
        **{f"split_{name}": sum_of(live, F(f"{name}_units")) for name in names}
    )
    for row in annotated.iterator(chunk_size=2000):
        for name in names:
            stored, wanted = getattr(row, f"{name}_paid_units"), getattr(row, f"split_{name}")
            if stored != wanted:
                yield Difference(f"row {row.pk} {name}", str(stored), str(wanted))
    in_force = LoanDue.objects.filter(
        loan_id=OuterRef("loan_id"), number=OuterRef("number"), replaced_at=None
    )
    empty = Q(**{f"{name}_units": 0 for name in names})
    lost = PaymentSplit.objects.filter(
        ~Exists(in_force), ~empty, replaced_at=None, number__isnull=False
    )
    for pk in lost.values_list("pk", flat=True):
        yield Difference(f"split {pk}", "of no row", "of a row of its loan")


def recent_projections() -> Iterator[Difference]:
    """The projections of the loans that changed since the last proof (the last 500 at least), and
    of another hundredth each day, are what the fold says.
    """
    rows = Loan.objects.order_by(F("last_recorded_at").desc(nulls_last=True), "pk")
    ids = list(rows.values_list("pk", flat=True)[:RECENT])
    last = ProofRun.objects.filter(outcome=ProofOutcome.HOLDS).order_by("-pk").first()
    if last is not None:
        since = Loan.objects.filter(last_recorded_at__gte=last.started_at)
        ids += since.values_list("pk", flat=True)
    turn = timezone.localdate().toordinal() % SAMPLE
    ids += [pk for pk in rows.values_list("pk", flat=True) if pk.int % SAMPLE == turn]
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), CHUNK):
        yield from _projections(wanted[start : start + CHUNK])


def all_projections() -> Iterator[Difference]:
    """The projections of every loan are what the fold says."""
    ids = list(Loan.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield from _projections(ids[start : start + CHUNK])


def _projections(ids: list[UUID]) -> Iterator[Difference]:
    stored = Loan.objects.in_bulk(ids)
    events = events_of(ids)
    rows = rows_of(ids)
    marked = [pk for pk, loan in stored.items() if loan.restructured]
    cures: dict[UUID, list[Cure]] = defaultdict(list)
    for row in LoanCure.objects.filter(loan__in=marked, replaced_at=None).order_by("first_date"):
        cures[row.loan_id].append(Cure(row.first_date, row.last_date))
    for pk, loan in stored.items():
        before = {name: getattr(loan, name) for name in PROJECTED}
        state = fold(events[pk], terms=read_terms(loan.terms))
        state.check()
        if cures[pk] != cures_of(state):
            key = f"loan {loan.code} not at risk"
            yield Difference(key, _days(cures[pk]), _days(cures_of(state)))
        yield from rows[pk].differ(loan.code, state, events[pk])
        project(loan, state)
        loan.event_count = len(events[pk])
        for name in PROJECTED:
            after = getattr(loan, name)
            if name not in SILENT and before[name] != after:
                yield Difference(f"loan {loan.code} {name}", str(before[name]), str(after))


def _days(cures: list[Cure]) -> str:
    return " ".join(f"{cure.first}..{cure.last or ''}" for cure in cures) or "no day"


def of_this_engine() -> Iterator[Difference]:
    """Every loan was worked out by this version of the engine; `handup replay-loans` does it anew
    for the others.
    """
    for code, version in older_loans().values_list("code", "engine_version").iterator():
        yield Difference(f"loan {code} engine", version or "unknown", ENGINE_VERSION)


def dated_rows_are_the_fold() -> Iterator[Difference]:
    """Positions from the dated rows equal the fold, today and at earlier days; of a loan that a
    successor kept by then there are none.
    """
    today = timezone.localdate()
    days = [today, *(today - timedelta(days=step) for step in (30, 180, 365))]
    by_day = {day: {item.loan_id: item for item in positions(day)} for day in days}
    ids = list(Loan.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        rows = Loan.objects.filter(pk__in=chunk).values_list("pk", "terms", "moved_date")
        told = {pk: (terms, moved or date.max) for pk, terms, moved in rows}
        for pk, events in events_of(chunk).items():
            agreed, moved = read_terms(told[pk][0]), told[pk][1]
            for day in days:
                state = fold(events, day, terms=agreed)
                row = by_day[day].get(pk)
                wanted = (state.principal, state.arrears_days(day), state.overdue_stored(day))
                wanted = wanted if day < moved else (0, 0, 0)
                found = (
                    (row.principal_units, row.arrears_days, row.overdue_units)
                    if row is not None
                    else (0, 0, 0)
                )
                if found != wanted:
                    yield Difference(f"loan {pk} on {day}", str(found), str(wanted))


def plans_financed() -> Iterator[Difference]:
    """A plan is financed when, and only when, a loan that rests on it was paid out and not given
    back by a borrower who withdrew.

    One that was returned before its bank's file came stays as it is.
    """
    paid = set(
        Application.objects.filter(
            plan_version__isnull=False, agreement__loan__disbursed_date__isnull=False
        )
        .exclude(agreement__loan__state=LoanState.CANCELLED.value)
        .values_list("plan_version__plan_id", flat=True)
    )
    financed = set(Plan.objects.filter(state=PlanState.FINANCED).values_list("pk", flat=True))
    waiting = Plan.objects.filter(state__in=(PlanState.READY, PlanState.EXPIRED))
    ready = set(waiting.values_list("pk", flat=True))
    for pk in financed - paid:
        yield Difference(f"plan {pk}", PlanState.FINANCED.value, "no loan paid out")
    for pk in ready & paid:
        yield Difference(f"plan {pk}", PlanState.READY.value, PlanState.FINANCED.value)


def security_stands() -> Iterator[Difference]:
    """What secures a loan is given back only at zero, and nobody paid more than she was called
    for.
    """
    done = [LoanState.SETTLED.value, *(state.value for state in NOTHING_OWED)]
    for model in (Guarantor, Collateral):
        gone = model._base_manager.filter(released_date__isnull=False)
        signed = gone.filter(application__agreement__loan__isnull=False).exclude(
            released_date__lt=F("application__agreement__signed_date")
        )
        owed = signed.exclude(application__agreement__loan__state__in=done)
        entered = gone.filter(loan__isnull=False).exclude(loan__state__in=done)
        given = [
            *owed.values_list("pk", "application__agreement__loan"),
            *entered.values_list("pk", "loan"),
        ]
        recovered = recovered_dates(Loan.objects.filter(pk__in=[loan for _pk, loan in given]))
        for pk in (pk for pk, loan in given if loan not in recovered):
            yield Difference(f"{model._meta.model_name} {pk}", "given back", "loan still owed")
    paid: dict[UUID, int] = {}
    rows = CallPayment.objects.filter(event__reversed_by=None).values_list(
        "call_id", "event__units"
    )
    for call_id, units in rows.order_by().iterator():
        paid[call_id] = paid.get(call_id, 0) + units
    for pk, units in SecurityCall.objects.filter(pk__in=paid).values_list("pk", "units"):
        if paid[pk] > units:
            yield Difference(f"call {pk}", str(paid[pk]), f"at most {units}")


def grants_posted() -> Iterator[Difference]:
    """Every tranche paid and every thing bought for a grant of our books has its entry, over the
    same amount; what was taken back has none that stands.
    """
    wanted: dict[UUID, int] = {}
    for model, column in ((GrantTranche, "units"), (AssetTransfer, "value_units")):
        rows = model._base_manager.filter(payment__isnull=False, grant__book__isnull=False)
        wanted.update(rows.order_by().values_list("payment", column))
    entries = Entry.objects.filter(source_domain=DOMAIN, source_purpose=PURPOSE)
    found: dict[UUID, int] = dict(
        entries.filter(reversal=None)
        .order_by()
        .values_list("source_id")
        .annotate(units=Sum("lines__units", filter=Q(lines__units__gt=0)))
    )
    yield from _compare("grant payment", found, wanted)


CHECKS = [
    Check(
        "LENDING_FACTS",
        _("Every loan event that moves money is in the books"),
        facts_posted,
        proves="V6",
    ),
    of_book(
        "LENDING_ACCOUNTS", _("The books hold what each loan owes"), accounts_match, proves="V7"
    ),
    of_book(
        "LENDING_FUNDS",
        _("Every loan stands in the books in its own fund"),
        in_their_funds,
        proves="V7",
    ),
    Check(
        "LENDING_LIMITS",
        _("Facilities and guarantees cover the loans"),
        limits_hold,
        proves="V11",
    ),
    Check("LENDING_FEES", _("Fees due are those charged and not paid"), fees_match),
    Check("LENDING_PLANS", _("Plans are financed by the loans that rest on them"), plans_financed),
    Check("LENDING_SECURITY", _("What secures a loan stands while it is owed"), security_stands),
    Check("LENDING_GRANTS", _("What was given as a grant is in the books"), grants_posted),
    Check("LENDING_SPLITS", _("Payments are split to the last unit"), splits_match),
    Check(
        "LENDING_LOANS",
        _("Loans changed last stand as their events say"),
        recent_projections,
        proves="V8",
    ),
    Check(
        "LENDING_ENGINE",
        _("Every loan was worked out by this version of the engine"),
        of_this_engine,
    ),
    Check(
        "LENDING_ALL_LOANS",
        _("Every loan stands as its events say"),
        all_projections,
        deep=True,
        proves="V8",
    ),
    Check(
        "LENDING_AS_OF",
        _("Any day is answered as the events say"),
        dated_rows_are_the_fold,
        deep=True,
    ),
]
