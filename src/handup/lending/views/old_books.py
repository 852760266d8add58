"""Portfolios of other systems: the list, one with where it stands and the next step, its loans."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending.models import OldBook, OldLoan
from handup.lending.models.old_books import (
    AGEING_LABELS,
    OLD_BOOK_STATES,
    PROOFS,
    TOTAL_LABELS,
    WAYS,
)
from handup.lending.models.termlabels import PRESETS
from handup.lending.rules.old_book import BUCKETS, TOTALS, OldBookState, Proof
from handup.lending.services import old_book_signing as signing
from handup.lending.services.old_books import faults_of
from handup.org import reads
from handup.org.models import StaffUser
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_day, format_money, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile
from handup.org.web.pages import State as Shown

OPEN = Action(_("Take a portfolio over"), "lending:old_book_new", "lending.take_over_book")
STATE_TONES = {
    OldBookState.OPEN.value: Tone.INFO,
    OldBookState.PROPOSED.value: Tone.WARN,
    OldBookState.SIGNED.value: Tone.GOOD,
    OldBookState.UNDONE.value: Tone.PLAIN,
}
PROOF_TONES = {
    Proof.EQUAL.value: Tone.GOOD,
    Proof.DIFFERENT.value: Tone.BAD,
    Proof.NOT_MADE.value: Tone.BAD,
    Proof.NOTHING_LISTED.value: Tone.WARN,
}
MOST_SHOWN = 50
SIGN = "sign_old_book"
COLUMNS = {
    "due_date": _("due on"),
    "principal": _("principal"),
    "interest": _("interest"),
    "fee": _("fee"),
    "penalty": _("penalty"),
    "principal_paid": _("principal paid"),
    "interest_paid": _("interest paid"),
    "fee_paid": _("fee paid"),
    "penalty_paid": _("penalty paid"),
    "instalment": _("instalment"),
    "principal_left": _("outstanding principal"),
    "days_late": _("days late"),
    "row": _("row"),
}
NOT_MONEY = {"due_date", "days_late", "row"}


class OldBookList(ListPage):
    """Portfolios taken over, or on their way."""

    model = OldBook
    permission = "lending.view_old_book"
    title = _("Old portfolios")
    related = ("lender", "programme")
    columns = (
        Column("name", _("Portfolio"), Kind.LINK, url_name="lending:old_book_detail"),
        Column("lender.name", _("Lender")),
        Column("cutover_date", _("As of"), Kind.DATE, sort="cutover_date"),
        Column("state", _("State"), Kind.STATE, tones=STATE_TONES),
        Column("fault_count", _("Faults"), Kind.NUMBER),
        Column("signed_date", _("Signed on"), Kind.DATE),
    )
    filters = (Search(("name", "code")), Choice("state", _("State"), OLD_BOOK_STATES))
    order = "-pk"
    primary = OPEN
    empty = EmptyState(
        _("No portfolio was taken over yet"),
        _(
            "Loans of another system come in with their schedules and payments; every difference is"
            " shown before anything is written."
        ),
        OPEN,
    )


def step(book: OldBook, label: Any, name: str, permission: str = "take_over_book") -> Action:
    """One step on a portfolio."""
    return Action(label, f"lending:{name}", f"lending.{permission}", (book.pk,))


class OldBookPage(RecordPage):
    """One portfolio: what a try showed, its totals beside the old trial balance, the next step."""

    model = OldBook
    permission = "lending.view_old_book"
    related = ("lender", "programme", "office", "officer", "opened_by", "proposed_by", "signed_by")

    def header(self) -> Header:
        """The portfolio and the next step."""
        book: OldBook = self.record
        steps = self._steps()
        return Header(
            book.name,
            subtitle=_now("%(lender)s, as of %(day)s")
            % {"lender": book.lender.name, "day": format_day(book.cutover_date)},
            state=Shown(book.get_state_display(), STATE_TONES[book.state]),
            primary=steps[0] if steps else None,
            actions=steps[1:],
            crumbs=(Crumb(_("Old portfolios"), reverse("lending:old_book_list")),),
        )

    def _steps(self) -> list[Action]:
        """What can be done, what comes next first."""
        book: OldBook = self.record
        bring = step(book, _("Bring its lists"), "old_book_lists")
        if book.state == OldBookState.SIGNED:
            return [
                step(book, _("Download its lists"), "old_book_download", "view_old_book"),
                step(book, _("Take it back"), "old_book_undo", "undo_old_book"),
            ]
        if book.state == OldBookState.PROPOSED:
            return [
                step(book, _("Give the second signature"), "old_book_sign", SIGN),
                step(book, _("Take the first signature back"), "old_book_withdraw", SIGN),
            ]
        if book.state == OldBookState.UNDONE:
            return []
        if not self.counts["all"]:
            steps = [bring]
        else:
            ways = step(book, _("Decide how each loan comes in"), "old_book_ways")
            tries = step(book, _("Try its loans"), "old_book_try")
            totals = step(book, _("Write the old totals"), "old_book_controls")
            sign = step(book, _("Give the first signature"), "old_book_propose", SIGN)
            if not book.tried_date:
                steps = [tries, bring]
            elif self.counts["open"]:
                steps = [ways, tries, bring]
            elif not book.controls:
                steps = [totals, ways, tries, bring]
            else:
                steps = [sign, totals, ways, bring]
        if book.unknown:
            steps.append(step(book, _("Match columns"), "old_book_headings"))
        return steps

    @property
    def counts(self) -> dict[str, int]:
        """Loans by what a try showed and by the way they come in."""
        rows = self.record.loans.order_by().values_list("proof", "way")
        found = {"all": 0, "open": 0, **{proof.value: 0 for proof in Proof}}
        for proof, way in rows:
            found["all"] += 1
            found["open"] += not way
            if proof:
                found[proof] += 1
        return found

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What is to be known first."""
        book: OldBook = self.record
        if book.fault_count:
            return [(Tone.BAD, _("Nothing of the lists was taken. Correct the cells below."))]
        if book.state == OldBookState.OPEN and book.controls and self._differ():
            text = _("The totals differ from the old trial balance; it cannot be signed.")
            return [(Tone.WARN, text)]
        return []

    def _differ(self) -> bool:
        totals = signing.totals_of(self.record)
        return bool(signing.differences(totals, self.record.controls, self.record.currency))

    def tiles(self) -> Sequence[Tile]:
        """Loans by what a try showed; each opens to them."""
        counts = self.counts
        loans = reverse("lending:old_loan_list")

        def tile(label: Any, count: int, query: str, tone: Tone = Tone.PLAIN) -> Tile:
            href = f"{loans}?book={self.record.pk}{query}"
            return Tile(label, format_number(count), href=href, tone=tone if count else Tone.PLAIN)

        return [
            tile(_("Loans"), counts["all"], ""),
            *(
                tile(label, counts[code], f"&proof={code}", PROOF_TONES[code])
                for code, label in PROOFS
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """The convention, the file, who signed."""
        book: OldBook = self.record
        preset = str(book.terms.get("preset", ""))
        own = {
            name: value
            for name, value in book.terms.items()
            if name not in ("preset", "currency", "digits")
        }
        return [
            FactGroup(
                _("Convention"),
                [
                    Fact(_("Convention"), dict(PRESETS).get(preset, preset)),
                    Fact(_("Otherwise"), ", ".join(f"{k}: {_word(v)}" for k, v in own.items())),
                    Fact(_("Due dates are"), book.get_due_days_display()),
                    Fact(_("Interest receivable"), book.get_interest_basis_display()),
                    Fact(_("Lent from"), book.get_contra_role_display()),
                ],
            ),
            FactGroup(
                _("File and signatures"),
                [
                    Fact(_("File"), book.file_name),
                    Fact(_("Tried on"), book.tried_date),
                    Fact(_("First signature"), _by(book.proposed_by, book.proposed_date)),
                    Fact(_("Second signature"), _by(book.signed_by, book.signed_date)),
                    Fact(_("Opening journal"), _("open it"), href=_journal(book))
                    if book.entry
                    else Fact(_("Opening journal"), None),
                    *(
                        [
                            Fact(_("Taken back on"), book.undone_date),
                            Fact(_("Why"), book.undo_reason),
                        ]
                        if book.undone_date
                        else []
                    ),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """Faults; totals; the loans that differ."""
        book: OldBook = self.record
        if book.fault_count:
            return [Table(_("Faults"), FAULT_COLUMNS, faults_of(book))]
        if not self.counts["all"]:
            return []
        found = [Table(_("Totals beside the old trial balance"), TOTAL_COLUMNS, _totals(book))]
        differing = OldLoan.objects.visible_to(self.staff).filter(
            book=book, proof__in=(Proof.DIFFERENT.value, Proof.NOT_MADE.value)
        )
        rows = list(differing.order_by("place")[:MOST_SHOWN])
        if rows:
            persons = [row.person_id for row in rows if row.person_id]
            reads.note(self.request, persons=persons, action="LIST")
            found.append(Table(_("Loans that differ, each with its first row"), LOAN_COLUMNS, rows))
        return found


def _by(staff: StaffUser | None, day: date | None) -> str:
    return "" if staff is None or day is None else f"{staff}, {format_day(day)}"


def _word(value: Any) -> str:
    return " ".join(str(part) for part in value.values()) if isinstance(value, dict) else str(value)


def _journal(book: OldBook) -> str:
    return reverse("ledger:entry_detail", args=[book.entry])


def first_words(row: OldLoan) -> str:
    """The first row that differs in words: each column, here and there."""
    if row.reason:
        return row.reason
    if not row.first:
        return ""
    words = [
        _now("%(column)s here %(ours)s, there %(theirs)s")
        % {
            "column": COLUMNS[name],
            "ours": _shown(name, ours, row.book.currency),
            "theirs": _shown(name, theirs, row.book.currency),
        }
        for name, (ours, theirs) in row.first["columns"].items()
    ]
    where = {
        "schedules": _now("instalment %(row)s"),
        "payments": _now("payment %(row)s"),
        "loans": _now("totals"),
    }[row.first["where"]]
    return f"{where % {'row': row.first['row']}}: {'; '.join(words)}"


def _shown(name: str, text: str, currency: str) -> str:
    if name in NOT_MONEY or not text.lstrip("-").isdigit():
        return text
    return format_money(int(text), currency)


FAULT_COLUMNS = (
    Column("place", _("Cell"), value=lambda fault: fault.place),
    Column("message", _("What is wrong"), value=lambda fault: fault.message),
    Column("value", _("What stands there"), value=lambda fault: fault.value or ""),
)
LOAN_COLUMNS = (
    Column("key", _("Number there"), Kind.LINK, url_name="lending:old_loan_detail"),
    Column("proof", _("Try"), Kind.STATE, tones=PROOF_TONES),
    Column("first", _("First row that differs"), value=first_words),
    Column("differences", _("Rows that differ"), Kind.NUMBER),
    Column("way", _("Comes in"), value=lambda row: row.get_way_display()),
)
TOTAL_COLUMNS = (
    Column("label", _("Total"), value=lambda row: row[0]),
    Column("ours", _("Here"), value=lambda row: row[1]),
    Column("theirs", _("Old trial balance"), value=lambda row: row[2]),
    Column("state", _("State"), Kind.STATE, value=lambda row: row[3]),
)


def _totals(book: OldBook) -> list[tuple[Any, str, str, Any]]:
    """Each total here and there."""
    ours = signing.totals_of(book)
    told: dict[str, Any] = book.controls
    pairs = [(name, TOTAL_LABELS[name], ours[name], told.get(name)) for name in TOTALS]
    pairs += [
        (name, AGEING_LABELS[name], ours["ageing"][name], (told.get("ageing") or {}).get(name))
        for name in BUCKETS
    ]
    return [
        (
            label,
            _total(name, mine, book.currency),
            _total(name, theirs, book.currency),
            _verdict(mine, theirs),
        )
        for name, label, mine, theirs in pairs
    ]


def _total(name: str, units: int | None, currency: str) -> str:
    if units is None:
        return "–"
    return format_number(units) if name == "number" else format_money(units, currency)


def _verdict(ours: int, theirs: int | None) -> Shown:
    if theirs is None:
        return Shown(_("not told"), Tone.PLAIN)
    return Shown(_("equal"), Tone.GOOD) if ours == theirs else Shown(_("differs"), Tone.BAD)


class OldLoanList(ListPage):
    """Loans of portfolios that are taken over."""

    model = OldLoan
    permission = "lending.view_old_book"
    title = _("Loans of old portfolios")
    related = ("book__lender", "loan", "person", "group")
    person_path = "person"
    columns = (
        *LOAN_COLUMNS,
        Column("units", _("Lent"), Kind.MONEY, currency="book.lender.currency", sort="units"),
        Column("disbursed_date", _("Paid out"), Kind.DATE, sort="disbursed_date"),
        Column("status", _("Status there"), shown=False),
        Column(
            "loan",
            _("Loan"),
            value=lambda row: row.loan.code if row.loan else "",
            href=lambda row: (
                reverse("lending:loan_detail", args=[row.loan_id]) if row.loan_id else ""
            ),
        ),
    )
    filters = (
        Search(("key",), label=_("Number there")),
        Choice(
            "book",
            _("Portfolio"),
            lambda staff: [(str(b.pk), b.name) for b in OldBook.objects.visible_to(staff)],
        ),
        Choice("proof", _("Try"), PROOFS),
        Choice("way", _("Comes in"), WAYS),
    )
    order = "place"
    empty = EmptyState(
        _("No loan of an old portfolio yet"),
        _("An accountant opens the old portfolio and loads its lists: their loans stand here."),
        Action(_("Old portfolios"), "lending:old_book_list", "lending.view_old_book"),
    )
