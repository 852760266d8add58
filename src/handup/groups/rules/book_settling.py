"""The end of a cycle, leaving and beginning in the facts of a phone: what is shared out, paid to a
leaver, carried in from a paper book, and which cycle runs (groups.md G4 to G6).

What was worked out on the phone has been paid, so its lines stand; the server works it out again
and tells where it comes to something else.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from handup.groups.rules.book import SHOWN_DIFFERS, CycleNow, Loan, Step
from handup.groups.rules.book_offices import good_keys
from handup.groups.rules.loans import terms_under
from handup.groups.rules.money import IN_BOX, LOAN, SOCIAL
from handup.groups.rules.settling import AT_CYCLE_END, Debts, LoanPart, divide, leaving
from handup.groups.rules.share_out import NoShares, OutsideDebtFirst

SHARE_OUT = "SHARE_OUT"


def told_debts(body: Mapping[str, Any]) -> Debts:
    """The debts that a line says are settled."""
    return Debts(
        tuple(LoanPart(p["loan_id"], p["charge"], p["principal"]) for p in body["loans"]),
        tuple((fine["fine_id"], fine["units"]) for fine in body["fines"]),
    )


def _settle_debts(step: Step, member_no: int, settled: Debts) -> None:
    """Take what is settled off a member's loans and fines; the fines go to the fund of fines."""
    figures, book = step.book.figures, step.book
    for part in settled.loans:
        loan = book.loans.get(part.loan_id)
        if loan is None or loan.member_no != member_no or loan.terms is None:
            step.stop("BAD_CONTENT", "body.loan_id", part.loan_id)
        left = figures.principal.get(part.loan_id, 0) - part.principal
        if left < 0:
            step.stop("DOES_NOT_BALANCE", "body.principal", part.principal)
        figures.principal[part.loan_id] = left
        paid = figures.charge_paid.get(part.loan_id, 0)
        figures.charge_paid[part.loan_id] = paid + part.charge
        figures.income += part.charge
    for id, units in settled.fines:
        fine = book.fines.get(id)
        if fine is None or fine.member_no != member_no:
            step.stop("BAD_CONTENT", "body.fine_id", id)
        fine.paid += units
        if fine.waived or fine.paid > fine.units:
            step.stop("DOES_NOT_BALANCE", "body.fine_id", units)
        figures.income += units
        _to_fund(step, units, LOAN, step.settings["fine_fund"])


def _agreed(step: Step) -> None:
    """Tell where fewer key holders confirmed than the constitution asks for."""
    slots = good_keys(step, step.body.get("keys", ()))
    step.breach(len(slots) >= step.settings["keys_needed"], "NOT_AGREED")


def _settle_share_out(step: Step) -> None:
    """Everybody's part becomes what is due to her, less what she owes."""
    body, book, figures = step.body, step.book, step.book.figures
    _agreed(step)
    step.breach(step.sitting.kind == SHARE_OUT, "NOT_A_SHARE_OUT")
    step.breach(book.cycle is None or book.cycle.is_open, "CYCLE_CLOSED")
    away = any(units for (fund, _place), units in figures.away.items() if fund == LOAN)
    step.breach(not away, "MONEY_AWAY")
    _compare(step)
    lines: list[Mapping[str, Any]] = body["lines"]
    numbers = [line["member_no"] for line in lines]
    if len(set(numbers)) < len(numbers) or not book.members.keys() >= set(numbers):
        step.stop("UNKNOWN_MEMBER", "body.lines", len(numbers))
    social = sum(line["social"] for line in lines)
    if sum(line["gross"] for line in lines) + body["leftover"] != body["distributable"]:
        step.stop("PARTS_DO_NOT_SUM", "body.distributable", body["distributable"])
    for line in lines:
        _share_line(step, line)
    book.last_share_out = sum(line["gross"] for line in lines)
    _to_fund(step, social, SOCIAL, LOAN)
    goes = step.settings["leftover_to"] == SOCIAL
    if body["to_social"] != goes * min(body["leftover"], figures.cash.get(LOAN, 0)):
        step.flags.add(SHOWN_DIFFERS)
    if body["to_social"] > body["leftover"]:
        step.stop("PARTS_DO_NOT_SUM", "body.to_social", body["to_social"])
    _to_fund(step, body["to_social"], LOAN, SOCIAL)
    _moved(step)


def _share_line(step: Step, line: Mapping[str, Any]) -> None:
    figures, no = step.book.figures, line["member_no"]
    settled = told_debts(line)
    _settle_debts(step, no, settled)
    net = line["gross"] + line["social"] - settled.total
    if net < 0 or net != line["net"] or not line["now"] <= net:
        step.stop("PARTS_DO_NOT_SUM", "body.lines", no)
    saved = figures.savings.get(no, 0)
    if saved != line["saved"]:
        step.stop("DOES_NOT_BALANCE", "body.lines", no)
    figures.savings[no] = 0
    figures.retained -= line["gross"] + line["social"] - saved
    figures.due[no] = figures.due.get(no, 0) + line["now"]
    figures.claims[no] = figures.claims.get(no, 0) + net - line["now"]
    step.book.drop_shares(no)


def _to_fund(step: Step, units: int, source: str, to: str) -> None:
    cash = step.book.figures.cash
    cash[source] = cash.get(source, 0) - units
    cash[to] = cash.get(to, 0) + units


def _moved(step: Step) -> None:
    step.sitting.moved = True
    step.sitting.void_counts()


def _compare(step: Step) -> None:
    """Work the division out again."""
    body = step.body
    try:
        here = divide(step.book, step.settings, step.fact.happened_date)
    except OutsideDebtFirst:
        step.breach(False, "OUTSIDE_DEBT_FIRST")
        return
    except NoShares:
        step.stop("DOES_NOT_BALANCE", "body.lines", "NO_SHARES")
    told = {line["member_no"]: line for line in body["lines"]}
    same = here.whole.distributable == body["distributable"]
    same = same and here.whole.leftover == body["leftover"] and told.keys() == here.members.keys()
    for no, (row, debts) in here.members.items():
        line = told.get(no)
        if line is None:
            continue
        settled = debts.settled(row.gross + row.social)
        same = same and settled == told_debts(line)
        here_is = (row.gross, row.social, max(0, row.net), row.paid_now)
        same = same and here_is == (line["gross"], line["social"], line["net"], line["now"])
    if not same:
        step.flags.add(SHOWN_DIFFERS)


def _pay_due(step: Step) -> None:
    """Hand out what is due from the share-out, or what was left open."""
    figures, no = step.book.figures, step.body["member_no"]
    table = figures.due if step.fact.name == "pay_share_out" else figures.claims
    table[no] = table.get(no, 0) - step.body["units"]
    if table[no] < 0:
        step.stop("DOES_NOT_BALANCE", "body.units", step.body["units"])
    step.move(step.body["units"])


def undo_pay_due(step: Step, body: Mapping[str, Any], name: str) -> None:
    """What was handed out is due again."""
    figures, no = step.book.figures, body["member_no"]
    table = figures.due if name == "pay_share_out" else figures.claims
    table[no] = table.get(no, 0) + body["units"]
    figures.cash[LOAN] = figures.cash.get(LOAN, 0) + body["units"]


def _pay_leaver(step: Step) -> None:
    """Pay a leaver: her savings, with her gain where the rules give it, less what she owes; what
    the box cannot pay is her claim."""
    body, figures, settings = step.body, step.book.figures, step.settings
    no, saved = body["member_no"], figures.savings.get(body["member_no"], 0)
    if body["saved"] != saved:
        step.stop("DOES_NOT_BALANCE", "body.saved", body["saved"])
    _agreed(step)
    step.breach(settings["leave_pay"] != AT_CYCLE_END, "PAID_AT_CYCLE_END")
    settled = told_debts(body)
    try:
        here, gain, debts = leaving(step.book, settings, no, step.fact.happened_date)
    except (OutsideDebtFirst, NoShares) as refusal:
        isnt = isinstance(refusal, NoShares)
        step.breach(False, "NO_SHARES" if isnt else "OUTSIDE_DEBT_FIRST")
    else:
        due = max(0, here.entitlement)
        same = settled == debts.settled(due) and body["gain"] == gain
        if not same or body["paid"] != min(body["net"], here.paid_now):
            step.flags.add(SHOWN_DIFFERS)
    _settle_debts(step, no, settled)
    if not body["net"] == body["paid"] + body["claim"] == saved + body["gain"] - settled.total:
        step.stop("PARTS_DO_NOT_SUM", "body.net", body["net"])
    figures.savings[no] = 0
    figures.retained -= body["gain"]
    figures.claims[no] = figures.claims.get(no, 0) + body["claim"]
    step.book.drop_shares(no)
    figures.cash[LOAN] = figures.cash.get(LOAN, 0) - body["paid"]
    _moved(step)


def _end_membership(step: Step) -> None:
    """She is a member no longer, from the day of the fact on."""
    body, members = step.body, step.book.members
    on = date.fromisoformat(body["date"])
    place = members[body["member_no"]]
    if on < place.joined or place.left is not None:
        step.stop("BAD_CONTENT", "body.date", body["date"])
    step.breach(body["reason"] != "EXPELLED" or step.has_carried(), "VOTE_NOT_PASSED")
    step.book.leave(body["member_no"], on)


def _end_cycle(step: Step) -> None:
    cycle = step.book.cycle
    if cycle is None or not cycle.is_open or cycle.number != step.body["number"]:
        step.stop("BAD_CONTENT", "body.number", step.body["number"])
    step.breach(not any(step.book.figures.savings.values()) or _goes_on(step), "NOT_SHARED_OUT")
    step.book.cycle = CycleNow(cycle.number, cycle.start, is_open=False)
    step.book.fresh_shares()
    step.sitting.moved = True


def _goes_on(step: Step) -> bool:
    """Tell whether the group saves on without ever sharing out."""
    return bool(step.settings["cycle_kind"] != SHARE_OUT)


def _start_cycle(step: Step) -> None:
    cycle, body = step.book.cycle, step.body
    number, start = body["number"], date.fromisoformat(body["date"])
    if step.sitting.turned or number != (cycle.number if cycle else 0) + 1:
        step.stop("BAD_CONTENT", "body.number", number)
    if cycle is not None and (cycle.is_open or start < cycle.start):
        step.stop("BAD_CONTENT", "body.date", body["date"])
    ends = body.get("planned_end_date")
    planned = date.fromisoformat(ends) if ends else None
    step.book.cycle = CycleNow(number, start, is_open=True, planned_end=planned)
    step.sitting.turned = step.sitting.moved = True


def _needs(step: Step, *names: str) -> None:
    for name in names:
        if name not in step.body:
            step.stop("BAD_CONTENT", f"body.{name}")


def _open_balance(step: Step) -> None:
    """Carry one balance in from the group's paper book; the rest is what it kept (C4)."""
    body, figures = step.body, step.book.figures
    step.breach(step.book.last_held is None, "NOT_THE_FIRST_MEETING")
    _agreed(step)
    units, sign = body["units"], OPENED[body["of"]][1]
    _needs(step, *OPENED[body["of"]][0])
    line = " ".join(str(body[name]) for name in ("of", *ONCE[body["of"]]))
    step.breach(line not in step.sitting.carried, "CARRIED_IN_ALREADY")
    step.sitting.carried.add(line)
    if body["of"] == "CASH":
        if body["place"] == IN_BOX:
            figures.cash[body["fund"]] = figures.cash.get(body["fund"], 0) + units
        else:
            key = (body["fund"], body["place"])
            figures.away[key] = figures.away.get(key, 0) + units
    elif body["of"] == "MEMBER":
        no = body["member_no"]
        figures.savings[no] = figures.savings.get(no, 0) + units
        step.book.add_shares(no, body.get("shares", 0))
    elif body["of"] == "LOAN":
        _open_loan(step)
    else:
        figures.outside_debt += units
    figures.retained += sign * units
    _moved(step)


def _open_loan(step: Step) -> None:
    body, book = step.body, step.book
    id = body["loan_id"]
    if id in book.loans:
        step.stop("BAD_ID", "body.loan_id", id)
    paid_out = date.fromisoformat(body["paid_out_date"])
    loan = Loan(body["member_no"], LOAN, body["periods"], paid_out=paid_out)
    loan.due = date.fromisoformat(body["due_date"])
    lent = body.get("principal", body["units"])
    if lent < body["units"]:
        step.stop("PARTS_DO_NOT_SUM", "body.principal", lent)
    loan.terms = terms_under(step.settings, lent, body["periods"])
    book.loans[id] = loan
    book.figures.principal[id] = body["units"]
    if charged := body.get("charge_paid", 0):
        book.figures.charge_paid[id] = charged


OPENED: Mapping[str, tuple[tuple[str, ...], int]] = MappingProxyType(
    {
        "CASH": (("fund", "place"), 1),
        "MEMBER": (("member_no",), -1),
        "LOAN": (("member_no", "loan_id", "periods", "paid_out_date", "due_date"), 1),
        "OUTSIDE_DEBT": ((), -1),
    }
)
"""What a balance carried in must name, and whether it adds to what the group kept."""
ONCE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "CASH": ("fund", "place"),
        "MEMBER": ("member_no",),
        "LOAN": ("loan_id",),
        "OUTSIDE_DEBT": (),
    }
)
"""What tells one balance carried in from another; the paper book gives each once."""

SETTLING_HANDLERS: Mapping[str, Callable[[Step], None]] = MappingProxyType(
    {
        "settle_share_out": _settle_share_out,
        "pay_share_out": _pay_due,
        "pay_claim": _pay_due,
        "pay_leaver": _pay_leaver,
        "end_membership": _end_membership,
        "end_cycle": _end_cycle,
        "start_cycle": _start_cycle,
        "record_opening_balances": _open_balance,
    }
)


def debts_named(name: str, body: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The lines of a settling fact, each with its `loans` and `fines`."""
    if name == "settle_share_out":
        return list(body["lines"])
    return [body] if name == "pay_leaver" else []
