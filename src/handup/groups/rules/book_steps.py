"""What each fact of a phone does to the book of its group, and what it may not say
(groups_meeting.md M3 to M6)."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from handup.groups.rules.book import (
    CLOCK_DAYS,
    CLOCK_DOUBTFUL,
    MOVES,
    RULE_BREACH,
    SHOWN_DIFFERS,
    THERE,
    TOTAL_CORRECTED,
    VOTING,
    Loan,
    OwedFine,
    RecordedBook,
    Sitting,
    Step,
    Told,
)
from handup.groups.rules.book_ballots import BALLOT_HANDLERS
from handup.groups.rules.book_offices import OFFICE_HANDLERS, good_keys, open_with_keys
from handup.groups.rules.book_order import ORDER_HANDLERS
from handup.groups.rules.book_settling import SETTLING_HANDLERS, SHARE_OUT, undo_pay_due
from handup.groups.rules.book_statement import read_statement
from handup.groups.rules.loans import FirstCycle, outside_room, terms_under
from handup.groups.rules.money import IN_BOX, LOAN, box_shifts, owed_on, parts_of
from handup.groups.rules.voted import grant_of


def _open(step: Step) -> None:
    book, fact, body = step.book, step.fact, step.body
    if book.sitting is not None:
        step.stop("MEETING_OPEN", "meeting_id", book.sitting.id)
    held = date.fromisoformat(body["held_date"])
    if held != fact.happened_date or fact.meeting_id is None:
        step.stop("BAD_CONTENT", "body.held_date", held)
    if book.last_held is not None and held < book.last_held:
        step.flags.add(CLOCK_DOUBTFUL)
    if abs((fact.recorded_date - held).days) > CLOCK_DAYS:
        step.flags.add(CLOCK_DOUBTFUL)
    open_with_keys(step)
    book.sitting = Sitting(str(fact.meeting_id), held, body.get("kind", "ORDINARY"))
    if step.settings["count_by_statement"]:
        book.sitting.statements = {key for key, units in book.figures.away.items() if units}


def _attend(step: Step) -> None:
    mark = step.body["mark"]
    allowed = mark != "REPRESENTED" or step.settings["representative_allowed"]
    step.breach(allowed, "NOT_REPRESENTABLE")
    step.sitting.marks[step.body["member_no"]] = mark


def _there(step: Step, marks: frozenset[str] = THERE) -> None:
    step.breach(step.sitting.marks.get(step.body["member_no"]) in marks, "NOT_PRESENT")


def _shares(step: Step) -> None:
    settings, member = step.settings, step.body["member_no"]
    if step.body["units"] != step.body["shares"] * settings["share_value_units"]:
        step.stop("PARTS_DO_NOT_SUM", "body.units", step.body["units"])
    bought = step.sitting.shares.get(member, 0) + step.body["shares"]
    step.breach(settings["savings_mode"] == "SHARES", "NOT_IN_SHARES")
    step.breach(settings["shares_min"] <= bought, "BELOW_MINIMUM")
    step.breach(bought <= settings["shares_max"], "ABOVE_MAXIMUM")
    step.sitting.shares[member] = bought
    step.book.add_shares(member, step.body["shares"])
    _saved(step)


def _saving(step: Step) -> None:
    step.breach(step.settings["savings_mode"] != "SHARES", "SHARES_ONLY")
    step.breach(step.body["units"] % step.settings["cash_unit_units"] == 0, "NOT_PAYABLE_IN_COINS")
    _saved(step)


def _saved(step: Step) -> None:
    _there(step)
    step.breach(step.book.cycle is None or step.book.cycle.is_open, "CYCLE_CLOSED")
    units, member = step.body["units"], step.body["member_no"]
    savings = step.book.figures.savings
    savings[member] = savings.get(member, 0) + units
    step.sitting.saved += units
    step.move(units)


def _social(step: Step) -> None:
    _there(step)
    step.book.figures.social += step.body["units"]
    step.move(step.body["units"])


def _grant(step: Step) -> None:
    most = grant_of(step.settings, step.body["event"])
    step.breach(step.has_carried(), "VOTE_NOT_PASSED")
    step.breach(most is None or step.body["units"] <= most, "ABOVE_LIMIT")
    step.book.figures.social -= step.body["units"]
    step.move(step.body["units"])


def _fine(step: Step) -> None:
    if step.body["fine_id"] in step.book.fines:
        step.stop("BAD_ID", "body.fine_id", step.body["fine_id"])
    step.book.fines[step.body["fine_id"]] = OwedFine(step.body["member_no"], step.body["units"])


def _known_fine(step: Step) -> OwedFine:
    fine = step.book.fines.get(step.body["fine_id"])
    if fine is None or fine.member_no != step.body["member_no"]:
        step.stop("BAD_CONTENT", "body.fine_id", step.body["fine_id"])
    return fine


def _waive(step: Step) -> None:
    _known_fine(step).waived = True


def _pay_fine(step: Step) -> None:
    fine = _known_fine(step)
    fine.paid += step.body["units"]
    if fine.waived or fine.paid > fine.units:
        step.stop("DOES_NOT_BALANCE", "body.units", step.body["units"])
    step.book.figures.income += step.body["units"]
    step.move(step.body["units"], step.settings["fine_fund"])


def _request(step: Step) -> None:
    body = step.body
    if body["loan_id"] not in step.book.loans:
        fund = body.get("fund", LOAN)
        step.book.loans[body["loan_id"]] = Loan(body["member_no"], fund, body["periods"])


def _limit(step: Step, member_no: int) -> int:
    """What a member may owe by her savings, more while the group owes outside."""
    figures = step.book.figures
    outside = "_outside" if figures.outside_debt > 0 else ""
    multiple = Fraction(step.settings[f"loan_multiple{outside}_x100"], 100)
    return int(multiple * figures.savings.get(member_no, 0))


def _pay_out(step: Step) -> None:
    body, settings, figures = step.body, step.settings, step.book.figures
    loan = step.book.loans.setdefault(
        body["loan_id"], Loan(body["member_no"], LOAN, body["periods"])
    )
    if loan.terms is not None or loan.member_no != body["member_no"] or not body["units"]:
        step.stop("BAD_CONTENT", "body.loan_id", body["loan_id"])
    owed = step.book.owed_by(body["member_no"])
    fits = body["units"] <= _limit(step, body["member_no"]) - sum(owed)
    most = settings["loans_open_max"]
    step.breach(fits and (not most or sum(units > 0 for units in owed) < most), "ABOVE_LIMIT")
    step.breach(body["periods"] <= settings["loan_term_periods_max"], "TERM_TOO_LONG")
    step.breach(step.has_carried(), "VOTE_NOT_PASSED")
    step.breach(loan.fund == LOAN or settings["social_lendable"], "FUND_NOT_LENDABLE")
    free = figures.cash.get(LOAN, 0) - figures.promised
    fits = loan.fund != LOAN or not figures.promised or body["units"] <= free
    step.breach(fits, "FUND_OVERDRAWN")
    step.breach(step.sitting.kind != SHARE_OUT, "CYCLE_ENDS")
    _there(step, VOTING)
    loan.periods, loan.paid_out = body["periods"], step.fact.happened_date
    loan.due = date.fromisoformat(body["due_date"])
    loan.terms = terms_under(settings, body["units"], body["periods"])
    figures.principal[body["loan_id"]] = body["units"]
    step.move(body["units"], loan.fund)


def _repay(step: Step) -> None:
    body, figures = step.body, step.book.figures
    id, loan = body["loan_id"], step.book.loans.get(body["loan_id"])
    if loan is None or loan.terms is None or loan.paid_out is None:
        step.stop("BAD_CONTENT", "body.loan_id", id)
    if loan.member_no != body["member_no"]:
        step.stop("UNKNOWN_MEMBER", "body.member_no", body["member_no"])
    left = figures.principal.get(id, 0)
    if body["principal"] > left:
        step.stop("DOES_NOT_BALANCE", "body.principal", body["principal"])
    owed = owed_on(
        loan.terms,
        days=(step.fact.happened_date - loan.paid_out).days,
        principal_left=left,
        charge_paid=figures.charge_paid.get(id, 0),
    )
    charge_first = step.settings["repayment_order"] == "CHARGE_FIRST"
    parts = parts_of(owed, body["units"], charge_first=charge_first)
    if (parts.charge, parts.principal) != (body["charge"], body["principal"]):
        step.flags.add(SHOWN_DIFFERS)
    figures.principal[id] = left - body["principal"]
    figures.charge_paid[id] = figures.charge_paid.get(id, 0) + body["charge"]
    figures.income += body["charge"]
    if over := body.get("overpaid", 0):
        member = body["member_no"]
        figures.overpaid[member] = figures.overpaid.get(member, 0) + over
    step.move(body["units"], loan.fund)


def _other_money(step: Step) -> None:
    units, figures = step.body["units"], step.book.figures
    if step.fact.name == "record_income":
        figures.income += units
    elif step.fact.name == "record_expense":
        figures.expense += units
    else:
        if step.fact.name == "record_group_debt":
            _may_borrow(step, units)
        figures.outside_debt += units if step.fact.name == "record_group_debt" else -units
        if figures.outside_debt < 0:
            step.stop("DOES_NOT_BALANCE", "body.units", units)
    step.move(units)


def _may_borrow(step: Step, units: int) -> None:
    """The group borrows outside as its rules let it (G3)."""
    book = step.book
    try:
        room = outside_room(
            step.settings,
            cycle=book.cycle.number if book.cycle else 1,
            last_share_out=book.last_share_out,
            owed=book.figures.outside_debt,
        )
    except FirstCycle:
        step.breach(False, "FIRST_CYCLE")
    else:
        step.breach(room is None or units <= room, "ABOVE_LIMIT")


def _refund(step: Step) -> None:
    body, overpaid = step.body, step.book.figures.overpaid
    left = overpaid.get(body["member_no"], 0) - body["units"]
    if left < 0:
        step.stop("DOES_NOT_BALANCE", "body.units", body["units"])
    overpaid[body["member_no"]] = left
    step.move(body["units"])


def _shift(step: Step) -> None:
    """Money goes to another place or fund; together they hold what they held (C7)."""
    voted = step.fact.name != "move_between_funds" or step.has_carried()
    step.breach(voted, "VOTE_NOT_PASSED")
    _shift_by(step, step.fact.name, step.body, 1)
    step.sitting.moved = True
    step.sitting.void_counts()


def _shift_by(step: Step, name: str, body: Mapping[str, Any], way: int) -> None:
    figures = step.book.figures
    for fund, units in box_shifts(name, body):
        figures.cash[fund] = figures.cash.get(fund, 0) + way * units
    if name == "move_between_funds":
        return
    for end, sign in (("from", -way), ("to", way)):
        if body[end] != IN_BOX:
            key = (body["fund"], body[end])
            figures.away[key] = figures.away.get(key, 0) + sign * body["units"]
            if figures.away[key] < 0:
                step.stop("DOES_NOT_BALANCE", f"{body[end]} {body['fund']}", figures.away[key])


def _count(step: Step) -> None:
    """Keep what a counter found; when all count again, the counts of the attempt before go."""
    body, sitting = step.body, step.sitting
    key, attempt = (body["way"], body["fund"]), body.get("attempt", 1)
    if attempt > sitting.attempts.setdefault(key, attempt):
        sitting.attempts[key] = attempt
        sitting.counts.pop(key, None)
    sitting.counts.setdefault(key, {})[body["counter"]] = body["total_units"]


def _difference(step: Step) -> None:
    units = step.body["difference"]
    step.book.figures.differences += units
    step.move(units)


def _close(step: Step) -> None:
    book, sitting = step.book, step.sitting
    for fund, units in book.figures.cash.items():
        counted = set(sitting.counts.get(("OUT", fund), {}).values())
        if counted and counted != {units} and step.beside:
            step.flags.add(SHOWN_DIFFERS)
        elif counted and counted != {units}:
            step.stop("DOES_NOT_BALANCE", f"box {fund}", ", ".join(map(str, sorted(counted))))
        step.breach(bool(counted) or not units, "NOT_COUNTED")
    step.breach(not sitting.statements, "STATEMENT_NEEDED")
    told = {fund: step.body["totals"].get(fund, 0) for fund in book.figures.cash}
    shown = step.body.get("savings_units", sitting.saved)
    if told != book.figures.cash or shown != sitting.saved:
        step.flags.add(TOTAL_CORRECTED)
    members = book.members.items()
    here = {no for no, place in members if place.holds(sitting.held) and not place.hidden}
    step.breach(here <= sitting.marks.keys(), "NOT_MARKED")
    step.breach(not any(sitting.pairs.values()), "PAIR_NOT_ZERO")
    book.last_held, book.sitting = sitting.held, None


def _cancel(step: Step) -> None:
    if step.sitting.moved:
        step.stop("DOES_NOT_BALANCE", "meeting_id", step.sitting.id)
    step.book.sitting = None


def _reverse(step: Step) -> None:
    """Mirror a money fact of any age; a reversal is never reversed (M6)."""
    book, id = step.book, step.body["fact_id"]
    if id in book.undone:
        step.stop("ALREADY_REVERSED", "body.fact_id", id)
    found = (book.read[id], False) if id in book.read else book.original(id)
    if found is None or found[0].name not in UNDO:
        step.stop("BAD_CONTENT", "body.fact_id", id)
    if found[1]:
        step.stop("ALREADY_REVERSED", "body.fact_id", id)
    slots = good_keys(step, step.body["keys"])
    step.breach(len(slots) >= step.settings["keys_needed"] and step.body["told"], "NOT_AGREED")
    _effect(step)
    UNDO[found[0].name](step, _as_it_moved(book, found[0]))
    book.undone.add(id)
    step.sitting.moved = True
    step.sitting.void_counts()


def _as_it_moved(book: RecordedBook, told: Told) -> Mapping[str, Any]:
    """What a fact said, with the fund that its rules moved where it names none."""
    if told.name != "pay_fine":
        return told.body
    return {**told.body, "fund": book.settings(told.version)["fine_fund"]}


def _effect(step: Step) -> None:
    """What a reversal does to the box must be said: it moves today, its right entry moves it back,
    or it explains a difference that was written down before (M6)."""
    body, book = step.body, step.book
    if body["cash_effect"] == "PAIR_IS_ZERO":
        book.paired.add(body["fact_id"])
    if body["cash_effect"] == "EXPLAINS":
        id = body.get("explains", "")
        known = book.read.get(id) or (book.original(id) or (None, False))[0]
        if known is None or known.name != "record_difference":
            step.stop("BAD_CONTENT", "body.explains", id)


def _undo(step: Step, name: str, body: Mapping[str, Any], fund: str | None = None) -> None:
    usual, sign = MOVES[name]
    cash = step.book.figures.cash
    where = fund or body.get("fund", usual)
    units = body["difference"] if name == "record_difference" else body["units"]
    cash[where] = cash.get(where, 0) - sign * units


def _undo_saving(step: Step, body: Mapping[str, Any]) -> None:
    savings, no = step.book.figures.savings, body["member_no"]
    savings[no] = savings.get(no, 0) - body["units"]
    if savings[no] < 0:
        step.stop("DOES_NOT_BALANCE", "body.fact_id", savings[no])
    if sum(step.book.owed_by(no)) > _limit(step, no):
        step.flags.add(RULE_BREACH)  # allowed under a running loan, and told (M6)
    step.book.add_shares(no, -body.get("shares", 0))
    _undo(step, "record_saving", body)


def _undo_social(step: Step, body: Mapping[str, Any]) -> None:
    step.book.figures.social -= body["units"]
    _undo(step, "record_social", body)


def _undo_fine(step: Step, body: Mapping[str, Any]) -> None:
    step.book.fines[body["fine_id"]].paid -= body["units"]
    step.book.figures.income -= body["units"]
    _undo(step, "pay_fine", body)


def _undo_repayment(step: Step, body: Mapping[str, Any]) -> None:
    figures, id = step.book.figures, body["loan_id"]
    figures.principal[id] = figures.principal.get(id, 0) + body["principal"]
    figures.charge_paid[id] = figures.charge_paid.get(id, 0) - body["charge"]
    figures.income -= body["charge"]
    if over := body.get("overpaid", 0):
        figures.overpaid[body["member_no"]] = figures.overpaid.get(body["member_no"], 0) - over
    _undo(step, "record_repayment", body, step.book.loans[id].fund)


def _undo_grant(step: Step, body: Mapping[str, Any]) -> None:
    step.book.figures.social += body["units"]
    _undo(step, "pay_grant", body)


def _undo_expense(step: Step, body: Mapping[str, Any]) -> None:
    step.book.figures.expense -= body["units"]
    _undo(step, "record_expense", body)


def _undo_income(step: Step, body: Mapping[str, Any]) -> None:
    step.book.figures.income -= body["units"]
    _undo(step, "record_income", body)


def _undo_debt(step: Step, body: Mapping[str, Any]) -> None:
    step.book.figures.outside_debt -= body["units"]
    if step.book.figures.outside_debt < 0:
        step.stop("DOES_NOT_BALANCE", "body.fact_id", body["units"])
    _undo(step, "record_group_debt", body)


def _undo_debt_repaid(step: Step, body: Mapping[str, Any]) -> None:
    step.book.figures.outside_debt += body["units"]
    _undo(step, "repay_group_debt", body)


def _undo_difference(step: Step, body: Mapping[str, Any]) -> None:
    step.book.figures.differences -= body["difference"]
    _undo(step, "record_difference", body)


def _undo_refund(step: Step, body: Mapping[str, Any]) -> None:
    overpaid = step.book.figures.overpaid
    overpaid[body["member_no"]] = overpaid.get(body["member_no"], 0) + body["units"]
    _undo(step, "refund_overpaid", body)


def _undo_share_out_paid(step: Step, body: Mapping[str, Any]) -> None:
    undo_pay_due(step, body, "pay_share_out")


def _undo_claim_paid(step: Step, body: Mapping[str, Any]) -> None:
    undo_pay_due(step, body, "pay_claim")


def _undo_move(step: Step, body: Mapping[str, Any]) -> None:
    _shift_by(step, "move_money", body, -1)


def _undo_fund_move(step: Step, body: Mapping[str, Any]) -> None:
    _shift_by(step, "move_between_funds", body, -1)


HANDLERS: Mapping[str, Callable[[Step], None]] = MappingProxyType(
    {
        "open_meeting": _open,
        "record_attendance": _attend,
        "buy_shares": _shares,
        "record_saving": _saving,
        "record_social": _social,
        "pay_grant": _grant,
        "charge_fine": _fine,
        "waive_fine": _waive,
        "pay_fine": _pay_fine,
        "request_loan": _request,
        "pay_out_loan": _pay_out,
        "record_repayment": _repay,
        "record_expense": _other_money,
        "record_income": _other_money,
        "record_group_debt": _other_money,
        "repay_group_debt": _other_money,
        "refund_overpaid": _refund,
        "move_money": _shift,
        "move_between_funds": _shift,
        **OFFICE_HANDLERS,
        **SETTLING_HANDLERS,
        **ORDER_HANDLERS,
        **BALLOT_HANDLERS,
        "record_count": _count,
        "record_difference": _difference,
        "record_statement": read_statement,
        "reverse_fact": _reverse,
        "close_meeting": _close,
        "cancel_meeting": _cancel,
    }
)

UNDO: Mapping[str, Callable[[Step, Mapping[str, Any]], None]] = MappingProxyType(
    {
        "buy_shares": _undo_saving,
        "record_saving": _undo_saving,
        "record_social": _undo_social,
        "pay_fine": _undo_fine,
        "record_repayment": _undo_repayment,
        "pay_grant": _undo_grant,
        "record_expense": _undo_expense,
        "record_income": _undo_income,
        "record_group_debt": _undo_debt,
        "repay_group_debt": _undo_debt_repaid,
        "record_difference": _undo_difference,
        "refund_overpaid": _undo_refund,
        "move_money": _undo_move,
        "move_between_funds": _undo_fund_move,
        "pay_share_out": _undo_share_out_paid,
        "pay_claim": _undo_claim_paid,
    }
)
"""What can be reversed, and how its figures go back."""
