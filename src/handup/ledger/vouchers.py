"""The voucher of an entry: its number, and the sheet that is signed and filed."""

import json
from pathlib import Path

from django.utils.encoding import force_str
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from handup.ledger.labels import kind_label
from handup.ledger.models import Entry, Line, Remark
from handup.ledger.statements import year_start
from handup.org.web.money import format_amount, format_day, format_instant
from handup.org.web.paper import set_pdf

TEMPLATE = Path(__file__).parent / "templates" / "ledger" / "voucher.typ"


def numbered(book_code: str, year: int, seq: int) -> str:
    """Book code, the year of the book, and the entry's number in the book."""
    return f"{book_code}-{year}-{seq:06d}"


def voucher_number(entry: Entry) -> str:
    """The number of the entry's voucher."""
    year = year_start(entry.book, entry.entry_date).year
    return numbered(entry.book.code, year, entry.seq)


def lines_of(entry: Entry) -> list[Line]:
    """The lines of an entry in order, with what a sheet shows of them."""
    return list(entry.lines.select_related("account", "fund").order_by("no"))


def voucher_pdf(entry: Entry) -> bytes:
    """Set the voucher of an entry as PDF in the active language."""
    remark = Remark.objects.filter(entry=entry).values_list("text", flat=True).first()
    approved = entry.approved_by.display_name if entry.approved_by else ""
    data = {
        "lang": (get_language() or "en").split("-")[0],
        "title": _("Voucher %(number)s") % {"number": voucher_number(entry)},
        "book": entry.book.name,
        "facts": [
            [_("What"), force_str(kind_label(entry.kind))],
            [_("Posted on"), format_day(entry.entry_date)],
            [_("Happened on"), format_day(entry.happened_date)],
            [_("What it is for"), remark or "\u2013"],
            [_("Posted by"), entry.posted_by.display_name],
            [_("Approved by"), approved or "\u2013"],
            [_("Stored at"), format_instant(entry.recorded_at)],
        ],
        "heads": [_("Account"), _("Fund"), _("Debit"), _("Credit")],
        "lines": [
            [
                f"{line.account.code} {line.account.name}",
                " ".join(part for part in (line.fund.name, line.budget_line) if part),
                *_sides(line, entry.book.base_currency),
            ]
            for line in lines_of(entry)
        ],
        "signed": [_("Prepared"), _("Approved"), _("Received")],
        "code": _("Verification code: %(code)s") % {"code": entry.hash[:16]},
    }
    return set_pdf(TEMPLATE, {"data": json.dumps(data, ensure_ascii=False)})


def _sides(line: Line, base: str) -> tuple[str, str]:
    """Debit and credit; what a line in another currency is worth in the book's stands with it."""
    told = []
    if line.units:
        told.append(f"{format_amount(abs(line.units), line.currency)} {line.currency}")
    if line.currency != base:
        told.append(f"{format_amount(abs(line.base_units), base)} {base}")
    amount = "\n".join(told)
    return (amount, "") if (line.units or line.base_units) > 0 else ("", amount)
