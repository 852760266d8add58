"""What each fact of a meeting says: the fields of its body, what each may hold, and which sums must
come out (groups_meeting.md M3).

A field is named with its kind; a question mark behind it says that it may be left out. Kinds:
`units` whole smallest units from 0, `money` units that move, from 1, `signed` units above or below
0, `no` a number from 1, `slot` of a key, `count` a number from 0, `periods` of a loan, `id` a
UUIDv7 of a device, `day` a date, `text`, `hash` 64 hexadecimal digits, `yes` true or false, `keys`
the slots and member numbers that confirmed, `coins` pairs of value and pieces, `totals` units by
fund, `whole` units above, below or at 0, `loan_parts`, `fine_parts` what is settled of loans and
fines, `share_lines` a share-out by member, `seats` the names of offices, `numbers` members by
number, `counters` the numbers of two, `tally` the votes of members, `any` what is kept and not read
here; capital words separated by a stroke are a choice.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType

from handup.kernel.chain import LIMIT
from handup.sync.rules.words import Bad, RowFault, shown

TEXT_MAX = 500
COUNT_MAX = 100_000
PERIODS_MAX = 1000
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_HASH = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

FUND = "LOAN|SOCIAL"
PLACE = "BOX|BANK|MOBILE"
CREDENTIAL = "PIN|CARD_QR|PICTURES"
SLOTS = 7
SEATS_MAX, STANDING_MAX, SEAT_NAME_MAX = 25, 60, 30
"""As many as an election has at the office."""
CORRECTS = "corrects"
"""A fact that puts right what another said names it so, whatever it says itself (M6)."""
DECISIONS = (
    "LOAN|CONSTITUTION|CLOSE_GROUP|EXPULSION|ELECTION|GRANT|EXPENSE|FUND_MOVE|GROUP_DEBT|SHARE_DATA"
    "|KEY|OTHER"
)
LEAVES = "OWN_WISH|MOVED|OTHER_GROUP|CANNOT_SAVE|EXPELLED|DIED|OTHER"
MARKS = "PRESENT|LATE|EXCUSED|ABSENT|REPRESENTED"

BODIES: Mapping[str, str] = MappingProxyType(
    {
        "open_meeting": "number:no kind:ORDINARY|SHARE_OUT|GENERAL|BOARD? held_date:day place:text?"
        " keys:keys? previous_code:text? reason:text?",
        "pass_step": "step:text reason:text",
        "return_to_step": "step:text reason:text?",
        "resume_meeting": "keys:keys reason:text?",
        "record_recital": f"fund:{FUND} said_units:units",
        "record_count": f"way:IN|OUT fund:{FUND} counter:no attempt:no? coins:coins?"
        " total_units:units",
        "record_difference": f"way:IN|OUT fund:{FUND} difference:signed reason:text keys:keys?",
        "record_statement": f"fund:{FUND} place:BANK|MOBILE units:units difference:signed?"
        " reason:text? keys:keys?",
        "record_attendance": f"member_no:no mark:{MARKS} by:no?",
        "record_minute": "item:text text:text?",
        "set_action": "item:text owner:no? due_date:day?",
        "close_action": "item:text",
        "record_social": "member_no:no units:money",
        "pay_grant": "member_no:no event:text units:money resolution_id:id?",
        "charge_fine": "fine_id:id member_no:no kind:LATE|ABSENT|DISORDER|OTHER units:money",
        "waive_fine": "fine_id:id member_no:no resolution_id:id? reason:text?",
        "pay_fine": "fine_id:id member_no:no units:money",
        "record_repayment": "loan_id:id member_no:no units:money charge:units principal:units"
        " overpaid:units?",
        "buy_shares": "member_no:no shares:no units:money",
        "record_saving": "member_no:no units:money",
        "announce_fund": "units:units",
        "request_loan": f"loan_id:id member_no:no fund:{FUND}? units:units periods:periods"
        " purpose:text?",
        "record_vote": f"resolution_id:id decision:{DECISIONS} subject:text? yes:count no:count"
        " abstain:count present:count members:count secret:yes? counters:counters?",
        "call_election": "election_id:id seats:seats candidates:numbers",
        "record_tally": "election_id:id? resolution_id:id? round:no? counter:no attempt:no"
        " ballots:count spoiled:count votes:tally? yes:count? no:count?",
        "record_ballot": "election_id:id round:no seats:no ballots:count spoiled:count votes:tally"
        " counters:counters",
        "record_lot": "election_id:id drawn:numbers",
        "pay_out_loan": "loan_id:id member_no:no resolution_id:id? units:money periods:periods"
        " due_date:day working:any? reason:text? keys:keys?",
        "refund_overpaid": "member_no:no units:money",
        "move_money": f"fund:{FUND} from:{PLACE} to:{PLACE} units:money resolution_id:id?",
        "move_between_funds": f"from:{FUND} to:{FUND} units:money resolution_id:id?",
        "elect_officer": "office:text member_no:no from:day to:day? resolution_id:id?",
        "set_key": f"slot:slot member_no:no credential_kind:{CREDENTIAL} keys:keys?"
        " resolution_id:id?",
        "replace_key": f"slot:slot member_no:no credential_kind:{CREDENTIAL} keys:keys"
        " resolution_id:id?",
        "record_expense": f"fund:{FUND} units:money what:text resolution_id:id?",
        "record_income": f"fund:{FUND} units:money what:text resolution_id:id?",
        "record_group_debt": "lender:text units:money resolution_id:id? mirror_of:id?",
        "repay_group_debt": "lender:text units:money resolution_id:id? mirror_of:id?",
        "settle_share_out": "distributable:units leftover:units to_social:units"
        " value_per_share:units? lines:share_lines keys:keys?",
        "pay_share_out": "member_no:no units:money",
        "pay_claim": "member_no:no units:money",
        "pay_leaver": "member_no:no saved:units gain:whole loans:loan_parts fines:fine_parts"
        " net:units paid:units claim:units resolution_id:id? keys:keys?",
        "end_membership": f"member_no:no reason:{LEAVES} date:day resolution_id:id? keys:keys?",
        "end_cycle": "number:no date:day",
        "start_cycle": "number:no date:day planned_end_date:day?",
        "record_opening_balances": f"of:CASH|MEMBER|LOAN|OUTSIDE_DEBT fund:{FUND}? place:{PLACE}?"
        " member_no:no? loan_id:id? units:money shares:count? principal:money?"
        " charge_paid:units? periods:periods? paid_out_date:day? due_date:day? keys:keys",
        "reverse_fact": "fact_id:id reason:text keys:keys told:yes"
        " cash_effect:MOVES_TODAY|PAIR_IS_ZERO|EXPLAINS explains:id?",
        "hand_over_recorder": "to_device_id:id tip:hash keys:keys",
        "restore_group": "source:COPY|SERVER|SLIP code:text keys:keys",
        "give_consent": "member_no:no purpose:text given:yes",
        "dispute_mark": "mark:text why:text",
        "close_meeting": "totals:totals savings_units:units? next_date:day? keys:keys?",
        "cancel_meeting": "reason:text",
    }
)
"""Every fact the inbox can take, with the fields of its body."""

BETWEEN = frozenset({"hand_over_recorder", "restore_group", "give_consent"})
"""Facts of the stream that may stand outside a meeting."""


def is_device_id(text: object) -> bool:
    """Tell whether a text is a UUIDv7 in small letters, as a device writes it."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def is_number(value: object, least: int = 0, most: int = LIMIT - 1) -> bool:
    """Tell whether a value is a whole number within bounds that JSON carries exactly."""
    return type(value) is int and least <= value <= most


def is_text(value: object) -> bool:
    """Tell whether a value is a text of bearable length that every database can keep."""
    return isinstance(value, str) and 0 < len(value) <= TEXT_MAX and "\x00" not in value


def has_nul(value: object) -> bool:
    """Tell whether a sign that no database keeps stands anywhere in a value, in names too."""
    if isinstance(value, Mapping):
        return any(has_nul(name) or has_nul(item) for name, item in value.items())
    if isinstance(value, list | tuple):
        return any(map(has_nul, value))
    return isinstance(value, str) and "\x00" in value


def is_day(value: object) -> bool:
    """Tell whether a value is a date as the calendar has it."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_keys(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, Mapping)
        and item.keys() <= {"slot", "member_no"}
        and all(is_number(number, 1) for number in item.values())
        for item in value
    )


def _is_coins(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and is_number(pair[0], 1)
        and is_number(pair[1], 0)
        for pair in value
    )


def _is_totals(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and value.keys() <= set(FUND.split("|"))
        and all(is_number(units) for units in value.values())
    )


def _is_rows(value: object, kinds: Mapping[str, Callable[[object], bool]]) -> bool:
    """Tell whether a value is a list of rows that hold these things and nothing else."""
    return isinstance(value, list) and all(
        isinstance(row, Mapping)
        and row.keys() == kinds.keys()
        and all(fits(row[name]) for name, fits in kinds.items())
        for row in value
    )


def _is_loan_parts(value: object) -> bool:
    return _is_rows(value, {"loan_id": is_device_id, "charge": is_number, "principal": is_number})


def _is_fine_parts(value: object) -> bool:
    return _is_rows(value, {"fine_id": is_device_id, "units": is_number})


def _is_share_lines(value: object) -> bool:
    amounts = dict.fromkeys(("saved", "gross", "social", "net", "now"), is_number)
    debts = {"loans": _is_loan_parts, "fines": _is_fine_parts}
    return _is_rows(value, {"member_no": lambda no: is_number(no, 1), **amounts, **debts})


def _is_tally(value: object) -> bool:
    kinds = {"member_no": KINDS["no"], "votes": KINDS["count"]}
    return _is_rows(value, kinds) and isinstance(value, list) and 0 < len(value) <= STANDING_MAX


def _is_seats(value: object) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= SEATS_MAX
        and all(is_text(seat) and len(seat) <= SEAT_NAME_MAX for seat in value)
    )


def _is_numbers(value: object, most: int = STANDING_MAX) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= most
        and all(is_number(number, 1) for number in value)
    )


def _is_counters(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and _is_numbers(value)


KINDS: Mapping[str, Callable[[object], bool]] = MappingProxyType(
    {
        "units": is_number,
        "money": lambda value: is_number(value, 1),
        "count": lambda value: is_number(value, most=COUNT_MAX),
        "periods": lambda value: is_number(value, 1, PERIODS_MAX),
        "no": lambda value: is_number(value, 1),
        "slot": lambda value: is_number(value, 1, SLOTS),
        "signed": lambda value: is_number(value, 1 - LIMIT) and value != 0,
        "id": is_device_id,
        "day": is_day,
        "text": is_text,
        "hash": lambda value: isinstance(value, str) and bool(_HASH.fullmatch(value)),
        "yes": lambda value: isinstance(value, bool),
        "keys": _is_keys,
        "coins": _is_coins,
        "totals": _is_totals,
        "whole": lambda value: is_number(value, 1 - LIMIT),
        "loan_parts": _is_loan_parts,
        "fine_parts": _is_fine_parts,
        "share_lines": _is_share_lines,
        "tally": _is_tally,
        "seats": _is_seats,
        "numbers": _is_numbers,
        "counters": _is_counters,
        "any": lambda value: not has_nul(value),
    }
)


def _choice(words: str) -> Callable[[object], bool]:
    allowed = frozenset(words.split("|"))
    return lambda value: isinstance(value, str) and value in allowed


Field = tuple[str, str, Callable[[object], bool], bool]


def _fields(spec: str) -> tuple[Field, ...]:
    fields = []
    for item in spec.split():
        name, kind = item.split(":")
        kind, optional = kind.rstrip("?"), kind.endswith("?")
        fields.append((name, kind, KINDS[kind] if kind in KINDS else _choice(kind), optional))
    return tuple(fields)


_SHAPES = {name: _fields(spec) for name, spec in BODIES.items()}
_NAMES = {name: frozenset(field[0] for field in fields) for name, fields in _SHAPES.items()}


def faults_of(fact: str, name: str, body: Mapping[str, object]) -> Iterator[Bad]:
    """Everything wrong with a body: unknown fact, fields too many or missing, values that are none,
    parts that do not come to their sum."""
    fields = _SHAPES.get(name)
    if fields is None:
        yield Bad(RowFault.UNKNOWN_FACT, fact, "name", shown(name))
        return
    if CORRECTS in body and not is_device_id(body[CORRECTS]):
        yield Bad(RowFault.BAD_ID, fact, f"body.{CORRECTS}", shown(body[CORRECTS]))
    for extra in sorted(body.keys() - _NAMES[name] - {CORRECTS}):
        yield Bad(RowFault.BAD_CONTENT, fact, f"body.{shown(extra)}", shown(body[extra]))
    whole = True
    for key, kind, fits, optional in fields:
        if key not in body:
            if not optional:
                whole = False
                yield Bad(RowFault.BAD_CONTENT, fact, f"body.{key}")
        elif not fits(body[key]):
            whole = False
            code = RowFault.BAD_ID if kind == "id" else RowFault.BAD_CONTENT
            yield Bad(code, fact, f"body.{key}", shown(body[key]))
    if whole and name in SUMS and not SUMS[name](body):
        yield Bad(RowFault.PARTS_DO_NOT_SUM, fact, "body.units", shown(body.get("units")))


def _int(body: Mapping[str, object], key: str) -> int:
    value = body.get(key, 0)
    return value if isinstance(value, int) else 0


def _repayment_sums(body: Mapping[str, object]) -> bool:
    parts = _int(body, "charge") + _int(body, "principal") + _int(body, "overpaid")
    return _int(body, "units") == parts


def _count_sums(body: Mapping[str, object]) -> bool:
    coins = body.get("coins")
    if not isinstance(coins, list):
        return True
    return bool(sum(value * pieces for value, pieces in coins) == body["total_units"])


def _vote_sums(body: Mapping[str, object]) -> bool:
    votes = _int(body, "yes") + _int(body, "no") + _int(body, "abstain")
    return votes <= _int(body, "present") <= _int(body, "members")


def _goes_elsewhere(body: Mapping[str, object]) -> bool:
    return body["from"] != body["to"]


SUMS: Mapping[str, Callable[[Mapping[str, object]], bool]] = MappingProxyType(
    {
        "record_repayment": _repayment_sums,
        "record_count": _count_sums,
        "record_vote": _vote_sums,
        "move_money": _goes_elsewhere,
        "move_between_funds": _goes_elsewhere,
    }
)
