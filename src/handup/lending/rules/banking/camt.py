"""ISO 20022 camt.053 (statements) and camt.054 (notices), versions .001.02 to .001.08.

The versions differ in a few places only: the state of an entry and the names of parties lie one
level deeper from .08 on; both are read. Only booked entries count. An entry that bundles payments
becomes one line a payment when their amounts are given and add up to it.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from handup.lending.rules.banking import safexml
from handup.lending.rules.banking.statement import (
    LONGEST_REFERENCE,
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
    real_reference,
)

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.05([34])\.001\.0([2-8])")
BODIES = {"3": ("BkToCstmrStmt", "Stmt"), "4": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}
OPENING = ("OPBD", "PRCD")
LEAST_NUMBER = 6
"""A shorter NtryRef is the entry's place in its statement, another in the next file."""


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
        self.paths: dict[str, tuple[str, ...]] = {}
        self.decimals: dict[str, int] = {}
        self.skip = len(space)

    def path(self, told: str) -> tuple[str, ...]:
        """The steps of `A/B/C` in the file's namespace."""
        made = self.paths.get(told)
        if made is None:
            made = self.paths[told] = tuple(f"{self.space}{step}" for step in told.split("/"))
        return made

    def find(self, element: Any, told: str) -> Any:
        """The first element at a path, None without one."""
        return next(_at(element, self.path(told)), None)

    def text(self, element: Any, *paths: str) -> str:
        """The text of the first of these paths that is there."""
        for told in paths:
            if plain := _text(self.find(element, told)):
                return plain
        return ""

    def children(self, element: Any) -> dict[str, Any]:
        """The children by local name, the first of each: many look-ups at the price of one walk."""
        skip = self.skip
        return {child.tag[skip:]: child for child in reversed(element)}

    def places(self, currency: str) -> int:
        """The decimals of a currency, asked once."""
        known = self.decimals.get(currency)
        if known is None:
            known = self.decimals[currency] = self.digits(currency)
        return known

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
        for number, entry in enumerate(_at(element, self.path("Ntry")), 1):
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
        for number, balance in enumerate(_at(element, self.path("Bal")), 1):
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
        period = self.find(element, "FrToDt")
        if period is not None:
            statement.opening_date = _day(self.text(period, "FrDtTm")) or statement.opening_date
            statement.closing_date = _day(self.text(period, "ToDtTm")) or statement.closing_date

    def balance(self, element: Any, statement: Statement, place: str) -> int:
        """The units of one balance, below zero for a debt. Raises BalanceNotReadable."""
        amount = self.find(element, "Amt")
        currency = amount.get("Ccy", "") if amount is not None else ""
        statement.currency = statement.currency or currency
        sign = {"CRDT": 1, "DBIT": -1}.get(self.text(element, "CdtDbtInd"))
        units = None
        if amount is not None and currency == statement.currency:
            units = plain_units((amount.text or "").strip(), self.places(currency))
        if units is None or sign is None:
            raise BalanceNotReadable(place=place)
        return sign * units

    def day(self, element: Any, name: str) -> date | None:
        """A date, or the day of an instant, below a child."""
        return _day(self.text(element, f"{name}/Dt", f"{name}/DtTm"))

    def entry(self, element: Any, statement: Statement, place: str) -> None:
        """One Ntry: skipped when it is not booked, else one line or one a payment inside."""
        kids = self.children(element)
        if _inner(kids.get("Sts")) != "BOOK":
            statement.not_booked += 1
            return
        whole = self.line(kids, element.sourceline, statement, place, None)
        if not statement.currency:
            statement.currency = whole.currency
        parts = self.payments(element) if "NtryDtls" in kids else []
        lines = [whole]
        if len(parts) == 1:
            self.details(whole, parts[0])
        elif parts:
            lines = list(self.parts(kids, element.sourceline, whole, parts, statement, place))
        for line in lines:
            self.count += 1
            if self.count > MOST_ENTRIES:
                raise TooManyEntries(most=MOST_ENTRIES)
            line.row = len(statement.entries) + 1
            judge(line, statement.currency, self.today)
            statement.entries.append(line)

    def payments(self, element: Any) -> list[Any]:
        """The payments told of inside an entry."""
        (outer, inner) = self.path("NtryDtls/TxDtls")
        return [part for block in element.iterchildren(outer) for part in block.iterchildren(inner)]

    def parts(
        self,
        kids: dict[str, Any],
        number_of_line: int,
        whole: Entry,
        parts: list[Any],
        statement: Statement,
        place: str,
    ) -> Iterator[Entry]:
        """The payments of a bundle; the bundle itself when their amounts are not given."""
        amounts = [self.part_amount(part) for part in parts]
        if any(amount is None for amount in amounts):
            yield whole
            return
        made: list[Entry] = []
        taken = {"", whole.bank_reference}
        for number, (part, amount) in enumerate(zip(parts, amounts, strict=True), 1):
            here = f"{place}/TxDtls[{number}]"
            line = self.line(kids, number_of_line, statement, here, amount)
            sign = self.text(part, "CdtDbtInd")
            if sign in ("CRDT", "DBIT"):
                line.units = abs(line.units) if sign == "CRDT" else -abs(line.units)
            line.batch = whole.bank_reference
            line.bank_reference = line.other_reference = ""
            self.details(line, part)
            if line.bank_reference in taken and line.batch:
                own = f"{line.batch}/{line.other_reference or number}"
                unfit = own in taken or len(own) > LONGEST_REFERENCE
                line.bank_reference = f"{line.batch}/{number}" if unfit else own
            taken.add(line.bank_reference)
            made.append(line)
        if sum(line.units for line in made) != whole.units:
            whole.faults.append(fault("PARTS_DIFFER", place, 0, "NtryDtls", ""))
            yield whole
            return
        yield from made

    def part_amount(self, part: Any) -> Any:
        """The element that holds the amount of one payment in the account's currency."""
        found = self.find(part, "Amt")
        return found if found is not None else self.find(part, "AmtDtls/TxAmt/Amt")

    def line(
        self, kids: dict[str, Any], number: int, statement: Statement, place: str, amount: Any
    ) -> Entry:
        """What an entry says by itself, with the amount of one payment when that is given."""
        amount = kids.get("Amt") if amount is None else amount
        currency = (amount.get("Ccy", "") if amount is not None else "") or statement.currency
        written = _text(amount)
        units = plain_units(written, self.places(currency))
        if written.startswith("-"):
            units = 0 if units is not None else None
        value_text, book_text = _inner(kids.get("ValDt")), _inner(kids.get("BookgDt"))
        book, value = _day(book_text), _day(value_text)
        number_of_it = real_reference(_text(kids["NtryRef"])) if "NtryRef" in kids else ""
        entry = Entry(
            row=0,
            place=f"{place} (line {number})",
            book_date=book or value,
            value_date=value or book,
            units=0,
            currency=currency,
            bank_reference=real_reference(_text(kids.get("AcctSvcrRef"))),
            other_reference=number_of_it if len(number_of_it) >= LEAST_NUMBER else "",
            text=_text(kids["AddtlNtryInf"])[:LONGEST_TEXT] if "AddtlNtryInf" in kids else "",
            reversal="RvslInd" in kids and _text(kids["RvslInd"]) in ("true", "1"),
        )
        sign = _text(kids.get("CdtDbtInd"))
        if sign not in ("CRDT", "DBIT"):
            entry.faults.append(fault("SIGN_UNKNOWN", entry.place, 0, "CdtDbtInd", sign))
        if wrong := amount_fault(units):
            entry.faults.append(fault(wrong, entry.place, 0, "Amt", written))
        else:
            entry.units = (units or 0) * (-1 if sign == "DBIT" else 1)
        if book is None or value is None:
            for text, day, column in ((book_text, book, "BookgDt"), (value_text, value, "ValDt")):
                if (text and day is None) or (book is None and value is None):
                    entry.faults.append(fault("DATE_NOT_READABLE", entry.place, 0, column, text))
                    break
        return entry

    def details(self, line: Entry, part: Any) -> None:
        """References, the other party and the text of one payment."""
        kids = self.children(part)
        if "Refs" in kids:
            refs = self.children(kids["Refs"])
            line.end_to_end = real_reference(_text(refs.get("EndToEndId")))[:LONGEST_TEXT]
            own = real_reference(_text(refs.get("AcctSvcrRef")))
            line.bank_reference = own or line.bank_reference
            for name in ("TxId", "InstrId"):
                if name in refs and (number := real_reference(_text(refs[name]))):
                    line.other_reference = number
                    break
        came = line.units > 0 if not line.reversal else line.units < 0
        if "RltdPties" in kids:
            self.parties(line, kids["RltdPties"], "Dbtr" if came else "Cdtr")
        texts: list[str] = []
        if "RmtInf" in kids:
            words = kids["RmtInf"]
            texts = [_text(each) for each in words.iterchildren(*self.path("Ustrd"))]
            if len(words) > len(texts):
                line.structured = self.text(words, "Strd/CdtrRefInf/Ref")[:60]
        if "RtrInf" in kids:
            line.reversal = True
            texts.append(self.text(kids["RtrInf"], "AddtlInf", "Rsn/Cd"))
        if "AddtlTxInf" in kids:
            texts.append(_text(kids["AddtlTxInf"]))
        told = " ".join(text for text in texts if text)
        line.text = (told or line.text)[:LONGEST_TEXT]

    def parties(self, line: Entry, element: Any, side: str) -> None:
        """Name and account of the other party."""
        kids = self.children(element)
        if side in kids:
            line.name = self.name(kids[side])[:140]
        if f"{side}Acct" in kids:
            account = self.text(kids[f"{side}Acct"], "Id/IBAN", "Id/Othr/Id")
            line.account = plain_account(account)[:34]

    def name(self, element: Any) -> str:
        """The name of a party, one level deeper in the later versions."""
        for child in element:
            local = child.tag[self.skip :]
            if local == "Nm" and (plain := _text(child)):
                return plain
        return self.text(element, "Pty/Nm")


def _at(element: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    """The elements at the end of some steps down; lxml's own search reads its path anew each time
    and walks in Python.
    """
    first, *rest = steps
    if not rest:
        found: Iterator[Any] = element.iterchildren(first)
        return found
    return (deep for child in element.iterchildren(first) for deep in _at(child, tuple(rest)))


def _text(element: Any) -> str:
    """The text of an element that may be missing."""
    if element is None:
        return ""
    text = element.text
    return text.strip() if text else ""


def _inner(element: Any) -> str:
    """The text of an element, or of its first child where the versions put it one level deeper."""
    if element is None:
        return ""
    return _text(element) or (_text(element[0]) if len(element) else "")


@lru_cache(maxsize=512)
def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
