"""Bank files as banks write them, made for the tests: one movement is a few words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

DAY = date(2025, 2, 17)
IBAN = "DE75512108001245126199"
OTHER_IBAN = "GB33BUKB20201555555555"


@dataclass(frozen=True)
class Move:
    """One movement; `units` in cents, below zero for money that went."""

    units: int
    text: str = ""
    reference: str = ""
    end_to_end: str = ""
    name: str = ""
    account: str = ""
    day: date = DAY
    value: date | None = None
    reversal: bool = False
    state: str = "BOOK"
    currency: str = "USD"
    parts: Sequence["Move"] = ()
    structured: str = ""


def amount(units: int) -> str:
    return f"{abs(units) // 100}.{abs(units) % 100:02}"


def sign(units: int) -> str:
    return "CRDT" if units >= 0 else "DBIT"


def details(move: Move, version: int, *, with_amount: bool) -> str:
    """TxDtls in the habit of a version."""
    who = "Dbtr" if (move.units > 0) != move.reversal else "Cdtr"
    name = f"<Pty><Nm>{move.name}</Nm></Pty>" if version >= 8 else f"<Nm>{move.name}</Nm>"
    parties = f"<{who}>{name}</{who}>" if move.name else ""
    if move.account:
        parties += f"<{who}Acct><Id><IBAN>{move.account}</IBAN></Id></{who}Acct>"
    own = f"<AcctSvcrRef>{move.reference}</AcctSvcrRef>" if with_amount and move.reference else ""
    told = f"<Ustrd>{move.text}</Ustrd>" if move.text else ""
    if move.structured:
        told += f"<Strd><CdtrRefInf><Ref>{move.structured}</Ref></CdtrRefInf></Strd>"
    money = (
        f'<Amt Ccy="{move.currency}">{amount(move.units)}</Amt>'
        f"<CdtDbtInd>{sign(move.units)}</CdtDbtInd>"
        if with_amount
        else ""
    )
    end = f"<EndToEndId>{move.end_to_end or 'NOTPROVIDED'}</EndToEndId>"
    return (
        f"<TxDtls><Refs>{own}{end}</Refs>{money}<RltdPties>{parties}</RltdPties>"
        f"<RmtInf>{told}</RmtInf></TxDtls>"
    )


def entry(move: Move, version: int) -> str:
    """Ntry in the habit of a version."""
    state = f"<Cd>{move.state}</Cd>" if version >= 8 else move.state
    reference = f"<AcctSvcrRef>{move.reference}</AcctSvcrRef>" if move.reference else ""
    inside = "".join(details(part, version, with_amount=True) for part in move.parts) or details(
        move, version, with_amount=False
    )
    return (
        f'<Ntry><Amt Ccy="{move.currency}">{amount(move.units)}</Amt>'
        f"<CdtDbtInd>{sign(move.units)}</CdtDbtInd>"
        f"{'<RvslInd>true</RvslInd>' if move.reversal else ''}<Sts>{state}</Sts>"
        f"<BookgDt><Dt>{move.day}</Dt></BookgDt><ValDt><Dt>{move.value or move.day}</Dt></ValDt>"
        f"{reference}<NtryDtls>{inside}</NtryDtls></Ntry>"
    )


def balance(kind: str, units: int, day: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="USD">{amount(units)}</Amt><CdtDbtInd>{sign(units)}</CdtDbtInd>'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def camt(
    moves: Iterable[Move],
    *,
    version: int = 8,
    kind: int = 53,
    account: str = IBAN,
    opening: int = 0,
    closing: int | None = None,
    number: str = "1",
    first: date = DAY,
    last: date = DAY,
) -> bytes:
    """A camt.053 or camt.054 file with one statement."""
    told = list(moves)
    booked = sum(move.units for move in told if move.state == "BOOK")
    closing = opening + booked if closing is None else closing
    body, name = ("BkToCstmrStmt", "Stmt") if kind == 53 else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    balances = balance("OPBD", opening, first) + balance("CLBD", closing, last)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.0{kind}.001.{version:02}"><{body}>'
        "<GrpHdr><MsgId>M</MsgId><CreDtTm>2025-02-18T06:00:00</CreDtTm></GrpHdr>"
        f"<{name}><Id>S{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>USD</Ccy></Acct>"
        f"{balances if kind == 53 else ''}"
        f"{''.join(entry(move, version) for move in told)}</{name}></{body}></Document>"
    ).encode()


def mt940(
    moves: Iterable[Move],
    *,
    account: str = IBAN,
    opening: int = 0,
    closing: int | None = None,
    day: date = DAY,
    number: str = "00001/001",
) -> bytes:
    """An MT940 file with one statement."""
    told = list(moves)
    closing = opening + sum(move.units for move in told) if closing is None else closing

    def mark(units: int) -> str:
        return "C" if units >= 0 else "D"

    def comma(units: int) -> str:
        return amount(units).replace(".", ",")

    lines = [":20:STARTUMSE", f":25:{account}", f":28C:{number}"]
    lines.append(f":60F:{mark(opening)}{day:%y%m%d}USD{comma(opening)}")
    for move in told:
        value = move.value or move.day
        way = ("RC" if move.units < 0 else "RD") if move.reversal else mark(move.units)
        lines.append(
            f":61:{value:%y%m%d}{move.day:%m%d}{way}{comma(move.units)}NTRF"
            f"{move.end_to_end or 'NONREF'}//{move.reference or 'NONREF'}"
        )
        name = f"?32{move.name}" if move.name else ""
        payer = f"?31{move.account}" if move.account else ""
        lines.append(f":86:166?00TRANSFER?20SVWZ+{move.text}{payer}{name}")
    lines.append(f":62F:{mark(closing)}{day:%y%m%d}USD{comma(closing)}")
    return ("\r\n".join(lines) + "\r\n-\r\n").encode()
