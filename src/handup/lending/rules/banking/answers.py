"""pain.002: what a bank answers to a file of payment orders, for the file and for each payment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handup.lending.rules.banking import safexml
from handup.lending.rules.banking.statement import FileTruncated, WrongSchema

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.(0[3-9]|1[0-5])")
ACCEPTED = frozenset({"ACTC", "ACCP", "ACSP", "ACSC", "ACWC", "ACFC", "ACCC", "ACWP"})
REJECTED = frozenset({"RJCT", "CANC"})
PARTLY = "PART"


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """What is said of one payment."""

    end_to_end: str
    code: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a whole file; `code` may be empty where only payments are named."""

    message_id: str
    code: str
    reason: str
    text: str
    payments: tuple[PaymentAnswer, ...]


def read(content: bytes) -> Answer:
    """The answer to one file. Raises FileTooLarge, XmlForbidden, XmlBroken, WrongSchema,
    FileTruncated.
    """
    root = safexml.parse(content)
    namespace, name = safexml.name_of(root)
    if NAMESPACE.fullmatch(namespace) is None or name != "Document":
        raise WrongSchema(found=f"{name} {namespace}".strip())
    reader = _Reader(f"{{{namespace}}}")
    report = root.find(reader.path("CstmrPmtStsRpt"))
    if report is None:
        raise WrongSchema(found=f"{namespace} without CstmrPmtStsRpt")
    group = report.find(reader.path("OrgnlGrpInfAndSts"))
    message = reader.text(group, "OrgnlMsgId") if group is not None else ""
    if not message:
        raise FileTruncated(missing="OrgnlGrpInfAndSts/OrgnlMsgId")
    code = reader.text(group, "GrpSts")
    blocks = report.findall(reader.path("OrgnlPmtInfAndSts"))
    if not code and len(blocks) == 1:
        code = reader.text(blocks[0], "PmtInfSts")
        group = blocks[0]
    payments = tuple(answer for block in blocks for answer in reader.payments(block))
    reason, text = reader.reason(group)
    return Answer(message, code, reason, text, payments)


class _Reader:
    def __init__(self, space: str) -> None:
        self.space = space

    def path(self, told: str) -> str:
        """`A/B` in the file's namespace."""
        return "/".join(f"{self.space}{step}" for step in told.split("/"))

    def text(self, element: Any, told: str) -> str:
        """The text below an element."""
        return str(element.findtext(self.path(told)) or "").strip()

    def reason(self, element: Any) -> tuple[str, str]:
        """Code and words of a refusal."""
        code = self.text(element, "StsRsnInf/Rsn/Cd") or self.text(element, "StsRsnInf/Rsn/Prtry")
        return code[:10], self.text(element, "StsRsnInf/AddtlInf")[:300]

    def payments(self, block: Any) -> Iterator[PaymentAnswer]:
        """The payments an answer names."""
        for one in block.findall(self.path("TxInfAndSts")):
            reason, text = self.reason(one)
            yield PaymentAnswer(
                self.text(one, "OrgnlEndToEndId"), self.text(one, "TxSts"), reason, text
            )
