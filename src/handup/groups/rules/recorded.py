"""Reads the facts of a group's phone into its book, in the order of their chain
(groups_meeting.md 5, rules 6 to 8).

What would make the book wrong (unknown member, parts that do not sum, a box below nothing, a count
beside the book) is a fault, and nothing of the run is taken. What breaks a rule of the group has
happened already: it is taken and flagged.
"""

from collections.abc import Callable, Iterable

from handup.groups.rules.book import MOVES, RecordedBook, Step, Stop, Told, Wrong
from handup.groups.rules.book_steps import HANDLERS
from handup.kernel.chain import LIMIT

PAID_BACK = frozenset(
    {"record_repayment", "refund_overpaid", "pay_share_out", "pay_claim", "record_opening_balances"}
)
"""What may come from or go to somebody who has left."""


def take(
    book: RecordedBook,
    facts: Iterable[Told],
    *,
    beside: bool = False,
    breaches: list[Wrong] | None = None,
) -> tuple[RecordedBook, tuple[Wrong, ...], frozenset[str]]:
    """Read facts one after the other. Returns the book after them, every fault, and what is to be
    told; with a fault the book comes back as it was. beside: see `Step`. breaches: takes which rule
    each fact broke that stands all the same, with the name of the fact for its place."""
    after = book.copy()
    faults: list[Wrong] = []
    flags: set[str] = set()
    for fact in facts:
        try:
            _step(Step(after, fact, flags, beside, [] if breaches is None else breaches))
        except Stop as stop:
            faults.append(stop.wrong)
            if fact.name == "open_meeting":
                break
        else:
            after.read[fact.id] = fact
    return (book if faults else after), tuple(faults), frozenset(flags)


def _step(step: Step) -> None:
    """Check one fact and apply it. Raises Stop."""
    fact, book = step.fact, step.book
    if fact.currency != book.currency:
        step.stop("WRONG_CURRENCY", "currency", fact.currency)
    if not step.settings:
        step.stop("UNKNOWN_CONSTITUTION", "constitution_version", fact.version)
    is_inside = fact.name != "open_meeting" and fact.meeting_id is not None
    if is_inside and (book.sitting is None or book.sitting.id != fact.meeting_id):
        step.stop("BAD_CONTENT", "meeting_id", fact.meeting_id)
    if is_inside and fact.happened_date != step.sitting.held:
        step.stop("BAD_CONTENT", "happened_date", fact.happened_date)
    _check_member(step)
    handler = HANDLERS.get(fact.name)
    if handler is not None:
        _handle(step, handler)
    if fact.name in MOVES:
        step.sitting.moved = True
        if fact.name != "record_difference":  # it is what the counts ask for
            step.sitting.void_counts()
    for fund, units in book.figures.cash.items():
        if not 0 <= units < LIMIT:
            step.stop("DOES_NOT_BALANCE", f"box {fund}", units)


def _handle(step: Step, handler: Callable[[Step], None]) -> None:
    """Apply a fact; of a reversal whose right entry moves the box back, and of that entry, keep
    what they moved."""
    body, book = step.body, step.book
    pairs = body.get("cash_effect") == "PAIR_IS_ZERO" or body.get("corrects") in book.paired
    before = dict(book.figures.cash) if pairs else {}
    handler(step)
    if pairs and book.sitting is not None:
        kept = book.sitting.pairs
        for fund, units in book.figures.cash.items():
            kept[fund] = kept.get(fund, 0) + units - before.get(fund, 0)


def _check_member(step: Step) -> None:
    """Whoever a fact names has or had a number in this group; only what is paid back may come from
    someone who has left."""
    number = step.body.get("member_no")
    if number is None:
        return
    place = step.book.members.get(number)
    if place is None:
        step.stop("UNKNOWN_MEMBER", "body.member_no", number)
    if step.fact.name not in PAID_BACK:
        step.breach(place.holds(step.fact.happened_date), "NOT_A_MEMBER")
