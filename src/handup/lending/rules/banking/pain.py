"""pain.001: a file of payment orders, versions .001.03 and .001.09 of ISO 20022; and the check that
a file is what it must be.

One PmtInf for the account and day; number and sum of payments are counted from the payments
written, and stand in both headers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lxml import etree

from handup.kernel.errors import Fault
from handup.kernel.money import amount_text
from handup.lending.rules.banking import iban
from handup.lending.rules.banking.codes import PainVersion
from handup.lending.rules.banking.letters import written
from handup.lending.rules.banking.statement import MOST_UNITS

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LONGEST_NAME = 70
LONGEST_TEXT = 140


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a payment: name, account number, the bank's identifier where known."""

    name: str
    account: str
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment; `end_to_end` comes back in the statement."""

    end_to_end: str
    units: int
    to: Party
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """All payments of one file."""

    message_id: str
    created_at: datetime
    execution_date: date
    currency: str
    digits: int
    payer: Party
    payments: Sequence[Payment]
    version: PainVersion = PainVersion.V09
    plain: bool = True
    service_level: str = ""

    @property
    def total_units(self) -> int:
        """The sum of the payments."""
        return sum(payment.units for payment in self.payments)


def event_code(id: UUID) -> str:
    """The 26 letters and digits of an event, as they go to the bank and come back (Crockford's
    base 32).
    """
    number, signs = id.int, []
    for _place in range(26):
        number, rest = divmod(number, 32)
        signs.append(ALPHABET[rest])
    return "".join(reversed(signs))


def faults(batch: Batch) -> tuple[Fault, ...]:
    """Everything that would make a bank refuse the file, by payment."""
    found: list[Fault] = []
    seen: set[str] = set()
    for row, payment in enumerate(batch.payments, 1):

        def note(code: str, message: str, column: str, row: int = row) -> None:
            found.append(Fault(code, message, f"payment {row}", row, column))

        if not 0 < payment.units <= MOST_UNITS:
            note("AMOUNT_NOT_POSITIVE", "The amount must be above zero.", "units")
        if not written(payment.to.name, LONGEST_NAME, plain=batch.plain):
            note("NAME_MISSING", "The name of the payee is missing.", "name")
        account = payment.to.account
        if not account or len(account) > 34:
            note("ACCOUNT_MISSING", "The account of the payee is missing.", "account")
        elif iban.looks_like_iban(account) and not iban.is_valid(account):
            note("ACCOUNT_SLIP", "The account number has a slip: its check digits do not fit.",
                 "account")  # fmt: skip
        if payment.to.bic and not iban.is_bic(payment.to.bic):
            note("BIC_NOT_READABLE", "The BIC has another form.", "bic")
        if payment.end_to_end in seen or not 0 < len(payment.end_to_end) <= 35:
            note("REFERENCE_TWICE", "The number of the payment stands twice.", "end_to_end")
        seen.add(payment.end_to_end)
    return tuple(found)


def write(batch: Batch) -> bytes:
    """The file as UTF-8 XML; the same batch gives the same bytes."""
    space = f"urn:iso:std:iso:20022:tech:xsd:pain.{batch.version.value}"
    document = etree.Element(f"{{{space}}}Document", nsmap={None: space})
    body = etree.SubElement(document, f"{{{space}}}CstmrCdtTrfInitn")
    maker = _Writer(batch, space)
    maker.header(body)
    maker.payments(body)
    made: bytes = etree.tostring(
        document, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )
    return made


class _Writer:
    """Writes one batch into its namespace."""

    def __init__(self, batch: Batch, space: str) -> None:
        self.batch, self.space = batch, space
        self.new = batch.version is PainVersion.V09

    def add(self, parent: Any, name: str, text: str | None = None) -> Any:
        """A child, with its text where it has one."""
        child = etree.SubElement(parent, f"{{{self.space}}}{name}")
        if text is not None:
            child.text = text
        return child

    def amount(self, units: int) -> str:
        """An amount in main units."""
        return amount_text(units, self.batch.digits)

    def spelled(self, text: str, length: int) -> str:
        """A text in the letters the bank takes."""
        return written(text, length, plain=self.batch.plain)

    def counted(self, parent: Any) -> None:
        """Number and sum of the payments."""
        self.add(parent, "NbOfTxs", str(len(self.batch.payments)))
        self.add(parent, "CtrlSum", self.amount(self.batch.total_units))

    def header(self, body: Any) -> None:
        """GrpHdr."""
        head = self.add(body, "GrpHdr")
        self.add(head, "MsgId", self.batch.message_id)
        instant = self.batch.created_at.replace(microsecond=0)
        self.add(head, "CreDtTm", instant.isoformat())
        self.counted(head)
        who = self.add(head, "InitgPty")
        self.add(who, "Nm", self.spelled(self.batch.payer.name, LONGEST_NAME))

    def payments(self, body: Any) -> None:
        """PmtInf with its payments."""
        batch = self.batch
        block = self.add(body, "PmtInf")
        self.add(block, "PmtInfId", batch.message_id)
        self.add(block, "PmtMtd", "TRF")
        self.add(block, "BtchBookg", "false")
        self.counted(block)
        if batch.service_level:
            kind = self.add(block, "PmtTpInf")
            self.add(self.add(kind, "SvcLvl"), "Cd", batch.service_level)
        day = self.add(block, "ReqdExctnDt", None if self.new else batch.execution_date.isoformat())
        if self.new:
            self.add(day, "Dt", batch.execution_date.isoformat())
        self.add(self.add(block, "Dbtr"), "Nm", self.spelled(batch.payer.name, LONGEST_NAME))
        account = self.account(block, "DbtrAcct", batch.payer.account)
        self.add(account, "Ccy", batch.currency)
        self.agent(block, "DbtrAgt", batch.payer.bic)
        self.add(block, "ChrgBr", "SLEV")
        for payment in batch.payments:
            self.payment(block, payment)

    def payment(self, block: Any, payment: Payment) -> None:
        """CdtTrfTxInf."""
        one = self.add(block, "CdtTrfTxInf")
        ids = self.add(one, "PmtId")
        self.add(ids, "InstrId", payment.end_to_end)
        self.add(ids, "EndToEndId", payment.end_to_end)
        amount = self.add(self.add(one, "Amt"), "InstdAmt", self.amount(payment.units))
        amount.set("Ccy", self.batch.currency)
        if payment.to.bic:
            self.agent(one, "CdtrAgt", payment.to.bic)
        self.add(self.add(one, "Cdtr"), "Nm", self.spelled(payment.to.name, LONGEST_NAME))
        self.account(one, "CdtrAcct", payment.to.account)
        text = self.spelled(payment.text, LONGEST_TEXT)
        if text:
            self.add(self.add(one, "RmtInf"), "Ustrd", text)

    def account(self, parent: Any, name: str, number: str) -> Any:
        """An account by IBAN, or by the bank's own number."""
        account = self.add(parent, name)
        held = self.add(account, "Id")
        if iban.is_valid(number):
            self.add(held, "IBAN", number)
        else:
            self.add(self.add(held, "Othr"), "Id", number)
        return account

    def agent(self, parent: Any, name: str, bic: str) -> None:
        """A bank by its identifier; without one the standard's own words for that."""
        bank = self.add(self.add(parent, name), "FinInstnId")
        if bic:
            self.add(bank, "BICFI" if self.new else "BIC", bic)
        else:
            self.add(self.add(bank, "Othr"), "Id", "NOTPROVIDED")
