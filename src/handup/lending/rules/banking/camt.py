"""ISO 20022 camt.053 (statements) and camt.054 (notices), versions .001.02 to .001.08.

The versions differ in a few places only: the state of an entry and the names of parties lie one
level deeper from .08 on; both are read. Only booked entries count. An entry that bundles payments
becomes one line a payment when their amounts are given and add up to it.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from handup.lending.rules.banking import safexml
from handup.lending.rules.banking.statement import (
    LONGEST_TEXT,
    MOST_ENTRIES,
    BalanceNotReadable,
    Digits,
    Entry,
    FileTruncated,
    NoStatement,
    Statement,
    TooManyEntries,
    WrongSchema,
    amount_fault,
    fault,
    judge,
    plain_account,
    plain_units,
)

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.05([34])\.001\.0([2-8])")
BODIES = {"3": ("BkToCstmrStmt", "Stmt"), "4": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}
OPENING = ("OPBD", "PRCD")


def read(content: bytes, *, digits: Digits, today: date) -> list[Statement]:
    """Every statement of a file.

    Raises FileTooLarge, XmlForbidden, XmlBroken, WrongSchema, NoStatement, FileTruncated,
    BalanceNotReadable, TooManyEntries.
    """
    root = safexml.parse(content)
    namespace, name = safexml.name_of(root)
    known = NAMESPACE.fullmatch(namespace)
    if known is None or name != "Document":
        raise WrongSchema(found=f"{name} {namespace}".strip())
    space = f"{{{namespace}}}"
    body_name, statement_name = BODIES[known[1]]
    body = root.find(f"{space}{body_name}")
    if body is None:
        raise WrongSchema(found=f"{namespace} without {body_name}")
    found = body.findall(f"{space}{statement_name}")
    if not found:
        raise NoStatement
    kind = f"CAMT05{known[1]}"
    reader = _Reader(space, digits, today)
    return [
        reader.statement(element, kind, f"{statement_name}[{number}]")
        for number, element in enumerate(found, 1)
    ]


class _Reader:
    """Reads one file; holds the paths of its namespace, made once."""

    def __init__(self, space: str, digits: Digits, today: date) -> None:
        self.space, self.digits, self.today = space, digits, today
        self.count = 0
        self.paths: dict[str, str] = {}

    def path(self, told: str) -> str:
        """`A/B/C` in the file's namespace."""
        made = self.paths.get(told)
        if made is None:
            made = "/".join(f"{self.space}{step}" for step in told.split("/"))
            self.paths[told] = made
        return made

    def text(self, element: Any, *paths: str) -> str:
        """The text of the first of these paths that is there."""
        for told in paths:
            found = element.findtext(self.path(told))
            if found is not None and (plain := found.strip()):
                return str(plain)
        return ""

    def statement(self, element: Any, kind: str, place: str) -> Statement:
        """One statement or notice."""
        account = self.text(element, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
        if not account:
            raise FileTruncated(missing=f"{place}/Acct/Id")
        statement = Statement(
            kind=kind,
            account=plain_account(account),
            currency=self.text(element, "Acct/Ccy"),
            number=self.text(element, "ElctrncSeqNb", "LglSeqNb", "Id")[:35],
        )
        if kind == "CAMT053":
            self.balances(element, statement, place)
        for number, entry in enumerate(element.findall(self.path("Ntry")), 1):
            self.entry(entry, statement, f"{place}/Ntry[{number}]")
        if statement.opening_date is None:
            days = [each.book_date for each in statement.entries if each.book_date]
            statement.opening_date = min(days, default=None)
            statement.closing_date = max(days, default=None)
        return statement

    def balances(self, element: Any, statement: Statement, place: str) -> None:
        """Opening and closing; an interim balance stands in on the pages between."""
        found: dict[str, tuple[int, date | None]] = {}
        interim: list[tuple[int, date | None]] = []
        for number, balance in enumerate(element.findall(self.path("Bal")), 1):
            here = f"{place}/Bal[{number}]"
            code = self.text(balance, "Tp/CdOrPrtry/Cd")
            if code not in (*OPENING, "CLBD", "ITBD"):
                continue
            held = (self.balance(balance, statement, here), self.day(balance, "Dt"))
            if code == "ITBD":
                interim.append(held)
            else:
                found.setdefault(code, held)
        opening = found.get("OPBD") or found.get("PRCD") or (interim[0] if interim else None)
        closing = found.get("CLBD") or (interim[-1] if interim else None)
        if opening is None or closing is None:
            raise FileTruncated(missing=f"{place}/Bal ({'OPBD' if opening is None else 'CLBD'})")
        statement.opening, statement.opening_date = opening
        statement.closing, statement.closing_date = closing
        period = element.find(self.path("FrToDt"))
        if period is not None:
            statement.opening_date = _day(self.text(period, "FrDtTm")) or statement.opening_date
            statement.closing_date = _day(self.text(period, "ToDtTm")) or statement.closing_date

    def balance(self, element: Any, statement: Statement, place: str) -> int:
        """The units of one balance, below zero for a debt. Raises BalanceNotReadable."""
        amount = element.find(self.path("Amt"))
        currency = amount.get("Ccy", "") if amount is not None else ""
        statement.currency = statement.currency or currency
        sign = {"CRDT": 1, "DBIT": -1}.get(self.text(element, "CdtDbtInd"))
        units = None
        if amount is not None and currency == statement.currency:
            units = plain_units((amount.text or "").strip(), self.digits(currency))
        if units is None or sign is None:
            raise BalanceNotReadable(place=place)
        return sign * units

    def day(self, element: Any, name: str) -> date | None:
        """A date, or the day of an instant, below a child."""
        return _day(self.text(element, f"{name}/Dt", f"{name}/DtTm"))

    def entry(self, element: Any, statement: Statement, place: str) -> None:
        """One Ntry: skipped when it is not booked, else one line or one a payment inside."""
        state = self.text(element, "Sts/Cd", "Sts")
        if state != "BOOK":
            statement.not_booked += 1
            return
        whole = self.line(element, statement, place, None)
        if not statement.currency:
            statement.currency = whole.currency
        parts = element.findall(self.path("NtryDtls/TxDtls"))
        lines = [whole]
        if len(parts) == 1:
            self.details(whole, parts[0])
        elif parts:
            lines = list(self.parts(element, whole, parts, statement, place))
        for line in lines:
            self.count += 1
            if self.count > MOST_ENTRIES:
                raise TooManyEntries(most=MOST_ENTRIES)
            line.row = len(statement.entries) + 1
            judge(line, statement.currency, self.today)
            statement.entries.append(line)

    def parts(
        self, element: Any, whole: Entry, parts: list[Any], statement: Statement, place: str
    ) -> Iterator[Entry]:
        """The payments of a bundle; the bundle itself when their amounts are not given."""
        amounts = [self.part_amount(part) for part in parts]
        if any(amount is None for amount in amounts):
            yield whole
            return
        made: list[Entry] = []
        for number, (part, amount) in enumerate(zip(parts, amounts, strict=True), 1):
            line = self.line(element, statement, f"{place}/TxDtls[{number}]", amount)
            sign = self.text(part, "CdtDbtInd")
            if sign in ("CRDT", "DBIT"):
                line.units = abs(line.units) if sign == "CRDT" else -abs(line.units)
            line.batch = whole.bank_reference
            line.bank_reference = ""
            self.details(line, part)
            shared = line.bank_reference in (
                "",
                line.batch,
                *(each.bank_reference for each in made),
            )
            if shared and line.batch:
                line.bank_reference = f"{line.batch}/{number}"
            made.append(line)
        if sum(line.units for line in made) != whole.units:
            whole.faults.append(fault("PARTS_DIFFER", place, 0, "NtryDtls", ""))
            yield whole
            return
        yield from made

    def part_amount(self, part: Any) -> Any:
        """The element that holds the amount of one payment in the account's currency."""
        found = part.find(self.path("Amt"))
        return found if found is not None else part.find(self.path("AmtDtls/TxAmt/Amt"))

    def line(self, element: Any, statement: Statement, place: str, amount: Any) -> Entry:
        """What an entry says by itself, with the amount of one payment when that is given."""
        amount = element.find(self.path("Amt")) if amount is None else amount
        currency = (amount.get("Ccy", "") if amount is not None else "") or statement.currency
        written = (amount.text or "").strip() if amount is not None else ""
        units = plain_units(written, self.digits(currency))
        if written.startswith("-"):
            units = 0 if units is not None else None
        value_text = self.text(element, "ValDt/Dt", "ValDt/DtTm")
        book_text = self.text(element, "BookgDt/Dt", "BookgDt/DtTm")
        book, value = _day(book_text), _day(value_text)
        reference = self.text(element, "AcctSvcrRef") or self.text(element, "NtryRef")
        entry = Entry(
            row=0,
            place=f"{place} (line {element.sourceline})",
            book_date=book or value,
            value_date=value or book,
            units=0,
            currency=currency,
            bank_reference="" if reference == "NOTPROVIDED" else reference,
            text=self.text(element, "AddtlNtryInf")[:LONGEST_TEXT],
            reversal=self.text(element, "RvslInd") in ("true", "1"),
        )
        sign = self.text(element, "CdtDbtInd")
        if sign not in ("CRDT", "DBIT"):
            entry.faults.append(fault("SIGN_UNKNOWN", entry.place, 0, "CdtDbtInd", sign))
        if wrong := amount_fault(units):
            entry.faults.append(fault(wrong, entry.place, 0, "Amt", written))
        else:
            entry.units = (units or 0) * (-1 if sign == "DBIT" else 1)
        for text, day, column in ((book_text, book, "BookgDt"), (value_text, value, "ValDt")):
            if (text and day is None) or (book is None and value is None):
                entry.faults.append(fault("DATE_NOT_READABLE", entry.place, 0, column, text))
                break
        return entry

    def details(self, line: Entry, part: Any) -> None:
        """References, the other party and the text of one payment."""
        refs = part.find(self.path("Refs"))
        if refs is not None:
            line.end_to_end = self.text(refs, "EndToEndId")[:LONGEST_TEXT]
            own = self.text(refs, "AcctSvcrRef")
            line.bank_reference = own or line.bank_reference or self.text(refs, "TxId", "InstrId")
        if line.end_to_end == "NOTPROVIDED":
            line.end_to_end = ""
        came = line.units > 0 if not line.reversal else line.units < 0
        side = "Dbtr" if came else "Cdtr"
        parties = part.find(self.path("RltdPties"))
        if parties is not None:
            line.name = self.text(parties, f"{side}/Nm", f"{side}/Pty/Nm")[:140]
            account = self.text(parties, f"{side}Acct/Id/IBAN", f"{side}Acct/Id/Othr/Id")
            line.account = plain_account(account)[:34]
        texts = [each.text or "" for each in part.findall(self.path("RmtInf/Ustrd"))]
        line.structured = self.text(part, "RmtInf/Strd/CdtrRefInf/Ref")[:60]
        more = self.text(part, "RtrInf/AddtlInf", "RtrInf/Rsn/Cd", "AddtlTxInf")
        told = " ".join(text.strip() for text in (*texts, more) if text.strip())
        line.text = (told or line.text)[:LONGEST_TEXT]
        if part.find(self.path("RtrInf")) is not None:
            line.reversal = True


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
