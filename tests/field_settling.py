"""Bodies of facts that end a cycle, pay a leaver or carry balances in, drawn from where a group's
book stands: mostly right, now and then wrong."""

import random
from datetime import date, timedelta
from typing import Any

from handup.groups.rules.book import RecordedBook
from handup.groups.rules.settling import Debts, divide, leaving
from handup.groups.rules.share_out import ShareOut
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id

Fact = dict[str, Any]


def _parts(debts: Debts) -> Fact:
    return {
        "loans": [
            {"loan_id": part.loan_id, "charge": part.charge, "principal": part.principal}
            for part in debts.loans
        ],
        "fines": [{"fine_id": fine, "units": units} for fine, units in debts.fines],
    }


def share_out_of(book: RecordedBook, settings: Fact, day: date) -> Fact:
    """The body of a share-out as the phone works it out. Raises Refusal."""
    found = divide(book, settings, day)
    return {
        "distributable": found.whole.distributable,
        "leftover": found.whole.leftover,
        "to_social": min(found.whole.leftover, _cash_then(book, found.whole))
        * (settings["leftover_to"] == "SOCIAL"),
        "lines": [
            {
                "member_no": no,
                "saved": row.gross - row.gain,
                "gross": row.gross,
                "social": row.social,
                **_parts(debts.settled(row.gross + row.social)),
                "net": max(0, row.net),
                "now": row.paid_now,
            }
            for no, (row, debts) in found.members.items()
        ],
    }


def _cash_then(book: RecordedBook, whole: ShareOut) -> int:
    """The loan fund's box once the social fund's part lies in it."""
    return book.figures.cash["LOAN"] + sum(row.social - row.to_social for row in whole.members)


def leaver_of(book: RecordedBook, settings: Fact, no: int, day: date) -> Fact:
    """The body of a leaver's pay as the phone works it out. Raises Refusal."""
    told, gain, debts = leaving(book, settings, no, day)
    settled = debts.settled(max(0, told.entitlement))
    net = max(0, told.entitlement) - settled.total
    paid = min(net, told.paid_now)
    return {
        "member_no": no,
        "saved": book.figures.savings.get(no, 0),
        "gain": gain,
        **_parts(settled),
        "net": net,
        "paid": paid,
        "claim": net - paid,
    }


def _most(table: dict[int, int], no: int) -> int:
    """Who has most coming; this member where nobody has."""
    return max(((units, who) for who, units in table.items()), default=(0, no))[1]


def settling(draw: random.Random, book: RecordedBook, settings: Fact, day: date) -> dict[str, Fact]:
    """One body of each kind, by the name of its fact; a kind that cannot be is left out."""
    no, figures = draw.randint(1, 6), book.figures
    number = book.cycle.number if book.cycle else 1
    wrong = draw.random() < 0.25
    due, claims = _most(figures.due, no), _most(figures.claims, no)
    bodies: dict[str, Fact] = {
        "pay_share_out": {"member_no": due, "units": figures.due.get(due, 0) or 50},
        "pay_claim": {
            "member_no": claims,
            "units": figures.claims.get(claims, 0) or 50,
        },
        "end_membership": {
            "member_no": no,
            "reason": draw.choice(["MOVED", "EXPELLED"]),
            "date": str(day),
        },
        "end_cycle": {"number": number + wrong, "date": str(day)},
        "start_cycle": {"number": number + 1 + wrong, "date": str(day - timedelta(days=wrong))},
        "record_opening_balances": _opening(draw, no, day, wrong=wrong),
    }
    try:
        bodies["settle_share_out"] = share_out_of(book, settings, day)
        bodies["pay_leaver"] = leaver_of(book, settings, no, day)
        if draw.random() < 0.5:
            half = bodies["pay_leaver"]["paid"] // 2
            rest = bodies["pay_leaver"]["net"] - half
            bodies["pay_leaver"] |= {"paid": half, "claim": rest}
    except Refusal:
        bodies["settle_share_out"] = {
            "distributable": 50,
            "leftover": 50,
            "to_social": 0,
            "lines": [],
        }
    if wrong:
        _spoil(draw, bodies)
    keys = [{"slot": slot, "member_no": slot} for slot in range(1, draw.choice([2, 4, 4]))]
    for name in bodies.keys() & {"settle_share_out", "pay_leaver", "record_opening_balances"}:
        bodies[name]["keys"] = keys
    return bodies


def _spoil(draw: random.Random, bodies: dict[str, Fact]) -> None:
    """Put something wrong into what was worked out."""
    shared, leaver = bodies["settle_share_out"], bodies.get("pay_leaver", {})
    bodies["settle_share_out"] = shared | {"leftover": shared["leftover"] + draw.choice([0, 1])}
    if shared["lines"]:
        spoilt = dict(shared["lines"][0])
        spoilt[draw.choice(["gross", "now", "net", "member_no"])] += draw.choice([1, 7])
        bodies["settle_share_out"]["lines"] = [spoilt, *shared["lines"][1:]]
    if leaver:
        bodies["pay_leaver"] = leaver | {draw.choice(["saved", "gain", "paid"]): 50}


def _opening(draw: random.Random, no: int, day: date, *, wrong: bool) -> Fact:
    """A balance carried in."""
    units = 50 * draw.randint(1, 20)
    told: Fact = draw.choice(
        [
            {"of": "CASH", "fund": "LOAN", "place": "BOX"},
            {"of": "CASH", "fund": "LOAN", "place": "BANK"},
            {"of": "MEMBER", "member_no": no, "shares": 2},
            {"of": "OUTSIDE_DEBT"},
            {
                "of": "LOAN",
                "member_no": no,
                "loan_id": str(new_id()),
                "principal": units + 50 * draw.randint(-1, 3),
                "charge_paid": draw.choice([0, 25]),
                "periods": 2,
                "paid_out_date": str(day - timedelta(days=40)),
                "due_date": str(day),
            },
        ]
    )
    if wrong:
        told.pop(next(reversed(told)), None)
        told.setdefault("of", "LOAN")
    return told | {"units": units}
