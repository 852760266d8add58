"""The auditor's export: a book as files anyone can read and check (ledger.md 4.10).

A ZIP of CSV (UTF-8, ISO dates, amounts as decimals and as whole units), statements as XLSX and PDF,
a README of the columns and a manifest with the SHA-256 of each file and the chain's last hash.
Persons appear by id only; staff members' names and what was typed into remarks only with a
permission of its own (`ledger.export_names`). Rows are read and written piece by piece.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import IO, Any
from uuid import UUID

from django.db import connection

from handup.ledger.audit_span import CHUNK, Span, span_of
from handup.ledger.errors import PeriodTurned, SampleTooLarge
from handup.ledger.models import (
    Account,
    AccountRole,
    Book,
    Draft,
    Entry,
    Fund,
    Period,
    Reconciliation,
    Remark,
    Run,
    StatedInput,
)
from handup.ledger.paper import statement_pdf, statement_workbook
from handup.ledger.reports import Asked, Kind, report
from handup.ledger.saft import Company, require_two_digits, write_saft
from handup.ledger.sampling import MOST, Sampling, sample
from handup.ledger.sql import as_uuid
from handup.ledger.sums import Only
from handup.org import audit
from handup.org.models import AuditLine, ExchangeRate, StaffUser
from handup.org.permissions import require
from handup.org.web.export import safe_text
from handup.org.web.money import as_decimal

FORMAT = "handup-audit-2"
Row = Sequence[Any]

COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "chart.csv": (
        ("code", "the account's code"),
        ("name", "its name"),
        ("type", "ASSET LIABILITY EQUITY INCOME EXPENSE MEMO"),
        ("parent", "the code of the account it is part of"),
        ("leaf", "1: takes lines; 0: only sums"),
        ("active", "1: in use"),
        ("currency", "empty: any"),
        ("roles", "what the posting rules call it by"),
    ),
    "entries.csv": (
        ("seq", "number in the book, without gaps"),
        ("id", "the entry"),
        ("kind", "what it tells of"),
        ("entry_date", "the day it stands on in the books"),
        ("happened_date", "the day it happened"),
        ("recorded_at", "when it was posted, UTC"),
        ("source_domain", "which part of the program it came from"),
        ("source_kind", "the kind of fact"),
        ("source_id", "the fact"),
        ("source_purpose", "which of several entries of one fact"),
        ("reverses", "the entry it reverses"),
        ("branch", "the office"),
        ("posted_by", "staff user"),
        ("approved_by", "staff user who approved an entry by hand"),
        ("line_count", "how many lines it has"),
        ("flags", "what stands out"),
        ("content_hash", "SHA-256 of kind, day and lines"),
        ("prev_hash", "hash of the entry before"),
        ("hash", "SHA-256 of prev_hash and the entry with its lines"),
    ),
    "lines.csv": (
        ("seq", "number of the entry"),
        ("no", "number of the line"),
        ("account", "the account's code"),
        ("currency", "ISO 4217"),
        ("amount", "debit positive, in main units"),
        ("units", "the same in smallest units"),
        ("base_amount", "in the book's currency"),
        ("base_units", "the same in smallest units"),
        ("rate", "times 10^10"),
        ("fund", "the fund's code"),
        ("budget_line", "key of the budget line"),
        ("branch", "the office"),
        ("subject_kind", "what it belongs to"),
        ("subject_id", "which one"),
    ),
    "rates.csv": (
        ("from", "one main unit of"),
        ("to", "is worth in"),
        ("date", "the day"),
        ("numerator", "times 10^10"),
        ("kind", "SPOT MONTH DONOR"),
        ("source", "where it comes from"),
    ),
    "periods.csv": (
        ("starts", "first day"),
        ("ends", "last day"),
        ("status", "OPEN SOFT_CLOSED CLOSED"),
        ("closed_by", "staff user"),
        ("closed_at", "UTC"),
        ("balance_hash", "SHA-256 of the trial balance it was closed with"),
    ),
    "funds.csv": (
        ("code", "the fund's code"),
        ("name", "its name"),
        ("kind", "UNRESTRICTED PURPOSE TIME REVOLVING"),
        ("agreement", "key of the agreement"),
        ("starts", "from"),
        ("ends", "until"),
    ),
    "users.csv": (("id", "staff user"),),
    "audit_trail.csv": (
        ("at", "UTC"),
        ("staff", "staff user"),
        ("action", "what was done"),
        ("record", "kind of record"),
        ("record_id", "which one"),
        ("facts", "JSON"),
    ),
    "sample.csv": (
        ("why", "AMOUNT RANDOM REVERSAL BACK_DATED MANUAL"),
        ("seq", "number of the entry"),
        ("id", "the entry"),
    ),
}
NAMED: dict[str, tuple[tuple[str, str], ...]] = {
    "users.csv": (("name", "the name shown in the program"),),
    "remarks.csv": (("seq", "number of the entry"), ("remark", "what was typed: what it is for")),
}
"""What is written only with names."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Which part of a book: days as posted, one fund or all, how to draw the sample; and whether
    staff members' names and remarks are part of it.
    """

    since: date
    on: date
    fund: UUID | None = None
    names: bool = False
    sampling: Sampling = field(default_factory=Sampling)


def columns_of(*, names: bool) -> dict[str, tuple[tuple[str, str], ...]]:
    """The files and their columns, without names or with them."""
    if not names:
        return COLUMNS
    return {
        name: COLUMNS.get(name, ()) + NAMED.get(name, ())
        for name in dict.fromkeys([*COLUMNS, *NAMED])
    }


def export_for_audit(
    *, acting_staff: StaffUser, book: Book, extent: Extent, into: IO[bytes]
) -> dict[str, Any]:
    """Write the export of a book into a file; returns its manifest. Raises PeriodTurned,
    SampleTooLarge.

    The days, the fund and how the sample was drawn are part of the manifest, so that the same
    export can be made again. One audit line says that it was made.
    """
    span = _asked(acting_staff, book, extent)
    if not 0 < extent.sampling.size <= MOST or extent.sampling.from_units < 0:
        raise SampleTooLarge(field="size", most=MOST)
    _record(acting_staff, book, extent, "ZIP")
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as files:
        return _Writer(span, extent, files).write()


def export_saft(
    *, acting_staff: StaffUser, book: Book, extent: Extent, company: Company, into: IO[bytes]
) -> None:
    """Write the whole book of some days as a Standard Audit File (OECD SAF-T 2.0) into a file.
    Raises PeriodTurned, NotInTwoDigits.
    """
    span = _asked(acting_staff, book, replace(extent, fund=None))
    require_two_digits(span)
    _record(acting_staff, book, extent, "SAF-T")
    write_saft(into, span, company, names=extent.names)


def _asked(staff: StaffUser, book: Book, extent: Extent) -> Span:
    """What is read, if one may."""
    require(staff, "ledger.export_audit", book)
    if extent.names:
        require(staff, "ledger.export_names", book)
    if extent.on < extent.since:
        raise PeriodTurned(field="on")
    return span_of(book, extent.since, extent.on, extent.fund)


def _record(staff: StaffUser, book: Book, extent: Extent, form: str) -> None:
    facts: dict[str, str | int | bool | None] = {
        "form": form,
        "since": extent.since.isoformat(),
        "on": extent.on.isoformat(),
        "names": extent.names,
    }
    audit.record(staff, "ledger.export_audit", book, facts)


class _Writer:
    """Writes one export, keeping the digest and the number of rows of each file."""

    def __init__(self, span: Span, extent: Extent, files: zipfile.ZipFile) -> None:
        self.span, self.book, self.extent, self.files = span, span.book, extent, files
        self.columns = columns_of(names=extent.names)
        self.digests: dict[str, dict[str, Any]] = {}

    def write(self) -> dict[str, Any]:
        for name, rows in (
            ("chart.csv", self._chart()),
            ("entries.csv", self._entries()),
            ("lines.csv", self._lines()),
            ("rates.csv", self._rates()),
            ("periods.csv", self._periods()),
            ("funds.csv", self._funds()),
            ("users.csv", self._users()),
            ("audit_trail.csv", self._audit_trail()),
            ("sample.csv", self._sample()),
            *((("remarks.csv", self._remarks()),) if self.extent.names else ()),
        ):
            self._csv(name, rows)
        asked = Asked(self.extent.since, self.extent.on, only=Only(fund=self.extent.fund))
        for kind in Kind:
            made = report(kind, self.book, asked)
            self._bytes(f"statements/{kind.value.lower()}.xlsx", statement_workbook(made))
            self._bytes(f"statements/{kind.value.lower()}.pdf", statement_pdf(made))
        self._bytes("README.txt", _readme(self.columns).encode())
        sampling = self.extent.sampling
        manifest = {
            "format": FORMAT,
            "book": self.book.code,
            "currency": self.book.base_currency,
            "since": self.extent.since.isoformat(),
            "on": self.extent.on.isoformat(),
            "fund": str(self.extent.fund or ""),
            "names": self.extent.names,
            "sample": asdict(sampling) | {"odd": [why.value for why in sampling.odd]},
            "chain": {"last_seq": self.span.head_seq, "last_hash": self.span.head_hash},
            "files": self.digests,
        }
        self.files.writestr("manifest.json", json.dumps(manifest, indent=1, sort_keys=True))
        return manifest

    def _bytes(self, name: str, content: bytes) -> None:
        self.digests[name] = {"sha256": hashlib.sha256(content).hexdigest()}
        self.files.writestr(name, content)

    def _csv(self, name: str, rows: Iterable[Row]) -> None:
        digest = hashlib.sha256()
        count = 0
        with self.files.open(name, "w") as file:
            for text in _csv_pieces([column for column, _what in self.columns[name]], rows):
                data = text.encode()
                digest.update(data)
                file.write(data)
                count += text.count("\r\n")
        self.digests[name] = {"sha256": digest.hexdigest(), "lines": count}

    # --- rows -------------------------------------------------------------------------------------

    def _chart(self) -> Iterator[Row]:
        roles: dict[UUID, list[str]] = {}
        for role, account in AccountRole.objects.filter(book=self.book).values_list(
            "role", "account"
        ):
            roles.setdefault(account, []).append(role)
        for row in Account.objects.filter(book=self.book).select_related("parent"):
            parent = row.parent.code if row.parent else ""
            named = " ".join(sorted(roles.get(row.pk, [])))
            yield (
                *(row.code, row.name, row.type, parent, int(row.leaf), int(row.active)),
                *(row.currency, named),
            )

    def _entries(self) -> Iterator[Row]:
        fields = (
            "e.seq, e.id, e.kind, e.entry_date, e.happened_date, e.recorded_at, e.source_domain,"
            " e.source_kind, e.source_id, e.source_purpose, e.reverses_id, e.branch_id,"
            " e.posted_by_id, e.approved_by_id, e.line_count, e.flags, e.content_hash,"
            " e.prev_hash, e.hash"
        )
        ids = {1, 8, 10, 11, 12, 13}
        for row in self.span.rows(fields):
            yield [_id(value) if place in ids else value for place, value in enumerate(row)]

    def _lines(self) -> Iterator[Row]:
        base = self.book.base_currency
        fields = (
            "e.seq, l.no, a.code, l.currency, l.units, l.base_units, l.rate, f.code,"
            " l.budget_line, l.branch_id, l.subject_kind, l.subject_id"
        )
        joins = (
            "JOIN ledger_line l ON l.entry_id = e.id JOIN ledger_account a ON a.id = l.account_id"
            " JOIN ledger_fund f ON f.id = l.fund_id"
        )
        for row in self.span.rows(fields, joins, "e.seq, l.no"):
            seq, no, code, currency, units, base_units, rate, fund, budget, branch, kind, pk = row
            yield (
                *(seq, no, code, currency, as_decimal(units, currency), units),
                *(as_decimal(base_units, base), base_units, rate, fund, budget, _id(branch)),
                *(kind, _id(pk)),
            )

    def _rates(self) -> Iterator[Row]:
        rows = ExchangeRate.objects.filter(rate_date__lte=self.extent.on).order_by("rate_date")
        for row in rows.iterator():
            yield (
                *(row.from_currency, row.to_currency, row.rate_date, row.numerator),
                *(row.kind, row.source),
            )

    def _periods(self) -> Iterator[Row]:
        rows = Period.objects.filter(
            book=self.book, ends__gte=self.extent.since, starts__lte=self.extent.on
        )
        for row in rows:
            yield (
                *(row.starts, row.ends, row.status, _id(row.closed_by_id)),
                *(row.closed_at, row.balance_hash),
            )

    def _funds(self) -> Iterator[Row]:
        for row in Fund.objects.all():
            yield (row.code, row.name, row.kind, row.agreement_key, row.starts, row.ends)

    def _users(self) -> Iterator[Row]:
        where, values = self.span.where()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT e.posted_by_id FROM ledger_entry e WHERE {where} UNION"
                f" SELECT e.approved_by_id FROM ledger_entry e WHERE {where}",
                [*values, *values],
            )
            found = sorted(_id(row[0]) for row in cursor.fetchall() if row[0] is not None)
        if not self.extent.names:
            yield from ((value,) for value in found)
            return
        named = StaffUser.objects.in_bulk([UUID(value) for value in found])
        yield from ((value, named[UUID(value)].display_name) for value in found)

    def _remarks(self) -> Iterator[Row]:
        joins = f"JOIN {Remark._meta.db_table} r ON r.entry_id = e.id"
        return self.span.rows("e.seq, r.text", joins)

    def _audit_trail(self) -> Iterator[Row]:
        """What was done to this book: its months, entries by hand, runs, accounts."""
        book = self.book
        own = {str(book.pk)}
        for rows in (
            Period.objects.filter(book=book),
            Draft.objects.filter(book=book),
            Run.objects.filter(book=book),
            Account.objects.filter(book=book),
            Reconciliation.objects.filter(account__book=book),
            StatedInput.objects.filter(book=book),
            Entry.objects.filter(book=book, source_domain="ledger"),
        ):
            own |= {str(pk) for pk in rows.values_list("pk", flat=True)}
        told = AuditLine.objects.filter(action__startswith="ledger.").order_by("pk")
        for row in told.iterator():
            if row.object_id in own:
                facts = json.dumps(row.facts, sort_keys=True)
                kind, pk = row.object_type, row.object_id
                yield (row.recorded_at, _id(row.staff_id), row.action, kind, pk, facts)

    def _sample(self) -> Iterator[Row]:
        for drawn in sample(self.span, self.extent.sampling):
            yield (drawn.why.value, drawn.seq, str(drawn.id))


def _id(value: Any) -> str:
    return "" if value is None else str(as_uuid(value))


def _csv_pieces(heading: Row, rows: Iterable[Row]) -> Iterator[str]:
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    writer.writerow(heading)
    for place, row in enumerate(rows, 1):
        writer.writerow([_cell(value) for value in row])
        if place % CHUNK == 0:
            yield held.getvalue()
            held.seek(0)
            held.truncate()
    yield held.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return safe_text(value) if isinstance(value, str) else str(value)


def _readme(columns: dict[str, tuple[tuple[str, str], ...]]) -> str:
    parts = [
        "Auditor's export of one book. Format " + FORMAT + ".",
        "CSV is UTF-8; days are ISO 8601; amounts are decimals of main units, units are whole"
        " smallest units, debit positive. Persons appear by id only; names of staff members and"
        " remarks are there only where manifest.json says so.",
        "manifest.json holds the SHA-256 of each file and the last hash of the book's chain."
        " Each entry's hash is SHA-256(prev_hash, canonical JSON of the entry with its lines).",
        "sample.csv: the entries from an amount on or the largest, a random sample that the seed in"
        " the manifest draws again, every reversal, every fact posted later than it happened, every"
        " entry by hand; as the manifest says under sample.",
    ]
    for name, told in columns.items():
        parts.append(name + "\n" + "\n".join(f"  {column}: {what}" for column, what in told))
    return "\n\n".join(parts) + "\n"
