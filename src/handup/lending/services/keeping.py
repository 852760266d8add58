"""How long a bank's lines keep who paid and what they wrote (protection.md 4.6).

Once a line's money has its place, name, account and text of the other side are papers of the
accounts; of a line that was never posted they are a rejected batch. Number, amount and days stay,
and so does what a line is known by: the same file again is still recognised. What lies on suspense
keeps everything until somebody has found whose it is.
"""

from collections.abc import Collection
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Replace
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending.holds import OPEN, held_by_money
from handup.lending.models import (
    ApplicationDocument,
    Loan,
    StatementLine,
    StrayCash,
    StrayLine,
    StrayWord,
)
from handup.lending.rules import stray
from handup.lending.rules.banking.codes import LineFate
from handup.lending.rules.codes import LoanState
from handup.lending.services.recovered import recovered_dates
from handup.lending.services.rows import in_chunks, update_rows
from handup.org.models import StoredFile
from handup.org.plain import named
from handup.org.retention import Rule
from handup.org.services.files import destroy_file
from handup.people.queries.held import held_by_right

EXPLAINED = frozenset({LineFate.MATCHED, LineFate.BOOKED, LineFate.TAKEN_BACK})
REJECTED = frozenset({LineFate.FAULT, LineFate.KNOWN})
PAPERS_DAYS, REJECTED_DAYS = 3650, 90
LEAST_PAPERS_DAYS = 1825
"""No setting blanks papers of the accounts within five years."""

WRITTEN = ("name", "text", "end_to_end", "payer_account")
"""What the other side wrote, or is known by."""
BLANK: dict[str, Any] = {**dict.fromkeys(WRITTEN, ""), "candidates": []}


def _holding(fates: Collection[LineFate], before: date) -> QuerySet[StatementLine]:
    """The lines of these fates from before a day that still hold what a person wrote; a line
    without a day counts by when it came.
    """
    old = Q(book_date__lt=before) | Q(book_date=None, recorded_at__date__lt=before)
    rows = StatementLine._base_manager.filter(old, fate__in=[fate.value for fate in fates])
    written = {name: _as_stored(name) for name in WRITTEN}
    empty = Value('"value": ""', TextField())
    told = Replace(_as_stored("faults"), empty, Value("", TextField()))
    holds = ~Q(_candidates="[]") | Q(_told__contains='"value": "')
    for name in WRITTEN:
        holds |= Q(**{f"_{name}__gt": ""})
    return rows.alias(
        **{f"_{name}": stored for name, stored in written.items()},
        _candidates=_as_stored("candidates"),
        _told=told,
    ).filter(holds)


def _as_stored(name: str) -> Cast:
    """A column as its text lies in the table: sealed ones answer no other question."""
    return Cast(name, TextField())


def _due(fates: Collection[LineFate], before: date) -> int:
    return _holding(fates, before).count()


def _blank(fates: Collection[LineFate], before: date) -> int:
    rows = _holding(fates, before)
    count = rows.count()
    faulty = list(rows.exclude(faults=[]).values_list("pk", "faults"))
    rows.update(**BLANK)
    blank_faults(faulty)
    return count


def blank_faults(faulty: Collection[tuple[Any, list[dict[str, str]]]]) -> None:
    """Take what was written out of the faults of lines; what is wrong and where stays."""
    for piece in in_chunks(list(faulty)):
        lines = []
        for pk, faults in piece:
            line = named(StatementLine, pk)
            line.faults = [{**fault, "value": ""} for fault in faults]
            lines.append(line)
        update_rows(StatementLine, ("faults",), lines)


def _told_cash(before: date) -> QuerySet[StrayCash]:
    """Cash of nobody known that has found its place and still holds what was said of it, when it
    was taken in or afterwards.
    """
    waits = sorted(state.value for state in stray.ON_SUSPENSE)
    rows = StrayCash._base_manager.filter(received_date__lt=before).exclude(state__in=waits)
    said = Q(reason__gt="") | Q(decided_reason__gt="") | Q(undone_reason__gt="")
    words = StrayWord._base_manager.filter(said, stray=OuterRef("pk"))
    lines = StrayLine._base_manager.filter(words__gt="", stray=OuterRef("pk"))
    return rows.filter(~Q(told="") | Exists(words) | Exists(lines))


def _cash_due(before: date) -> int:
    return _told_cash(before).count()


def _cash_blank(before: date) -> int:
    cash = list(_told_cash(before).values_list("pk", flat=True))
    for piece in in_chunks(cash):
        blank_said(StrayCash._base_manager.filter(pk__in=piece))
    return len(cash)


def blank_said(cash: QuerySet[StrayCash]) -> None:
    """Take out what was said of some cash when it was taken in, of what becomes of it, and why."""
    words = StrayWord._base_manager.filter(stray__in=cash)
    words.update(reason="", decided_reason="", undone_reason="")
    StrayLine._base_manager.filter(stray__in=cash).update(words="")
    cash.update(told="")


def _papers(before: date) -> QuerySet[ApplicationDocument]:
    """Papers of applications and loans that were over before a day and still hold what was seen,
    unless something holds what is kept of her. A debt written off goes on until it has come in.
    """
    rows = ApplicationDocument._base_manager.filter(
        Q(seen_date__lt=before), ~Q(file=None) | Q(number__gt="") | Q(set_aside_reason__gt="")
    )
    loans = Loan._base_manager.filter(agreement__application=OuterRef("application"))
    lately = Q(settled_date__gte=before) | Q(last_value_date__gte=before)
    lost = Q(state=LoanState.WRITTEN_OFF.value) & ~Q(pk__in=_recovered())
    going = loans.filter(lately | Q(state__in=OPEN) | lost)
    waiting = Q(application__expires_date__gte=before)
    today = timezone.localdate()
    hers = "application__person_id"
    held = held_by_money(hers, today) | held_by_right(hers, today)
    return rows.exclude(waiting).exclude(Exists(going)).exclude(held)


def _recovered() -> list[UUID]:
    """The loans written off of which all came in after all."""
    lost = Loan._base_manager.filter(
        state=LoanState.WRITTEN_OFF.value, recovered_units__gte=F("written_off_units")
    )
    return [pk for piece in in_chunks(list(lost)) for pk in recovered_dates(piece)]


def _papers_due(before: date) -> int:
    return _papers(before).count()


def _papers_blank(before: date) -> int:
    """Take the files away and the numbers on them; that a paper of its kind was seen, by whom and
    when, stays.
    """
    with transaction.atomic():
        found = list(_papers(before).values_list("pk", flat=True))
        rows = ApplicationDocument._base_manager.filter(pk__in=found)
        files = list(StoredFile.objects.filter(pk__in=rows.exclude(file=None).values("file")))
        rows.update(file=None, number="", set_aside_reason="")
        for file in files:
            destroy_file(file)
    return len(found)


RULES = (
    Rule(
        "LOAN_PAPERS",
        _("Papers of loans that are over"),
        _("The files and the numbers on them; that each was seen, by whom and when, stays."),
        PAPERS_DAYS,
        _papers_due,
        _papers_blank,
        LEAST_PAPERS_DAYS,
    ),
    Rule(
        "STRAY_CASH",
        _("Who brought cash of nobody known"),
        _("What was said when it was taken in, and of what it became. Amounts and days stay."),
        PAPERS_DAYS,
        _cash_due,
        _cash_blank,
        LEAST_PAPERS_DAYS,
    ),
    Rule(
        "STATEMENT_LINES",
        _("Who paid, on bank statements"),
        _("Name, account, text and reference of the other side. Amounts and days stay."),
        PAPERS_DAYS,
        partial(_due, EXPLAINED),
        partial(_blank, EXPLAINED),
        LEAST_PAPERS_DAYS,
    ),
    Rule(
        "REJECTED_LINES",
        _("Lines of bank statements that were not posted"),
        _("Name, account, text and reference of the other side, and what could not be read."),
        REJECTED_DAYS,
        partial(_due, REJECTED),
        partial(_blank, REJECTED),
    ),
)
