"""Keys and offices in the facts of a phone (groups_meeting.md M4): who may open the box, who was
chosen, and what of it is told because it broke a rule."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from handup.groups.rules.book import KEY_REVOKED_LATER, OPENED_WITHOUT_KEYS, RecordedBook, Step
from handup.groups.rules.elections import BESIDE, NO_TERMS, stem_of

SIGNING = frozenset({"CHAIR", "CHAIRPERSON", "SECRETARY", "TREASURER"})
"""Offices whose holders hold no key, unless the constitution says so."""


def good_keys(step: Step, keys: Iterable[Mapping[str, int]]) -> set[int]:
    """The slots whose holder confirmed; where nobody was written down yet, whoever confirmed. A key
    that was given to somebody else since is told and counts for nothing."""
    book, good = step.book, set()
    for key in keys:
        slot, member = key.get("slot"), key.get("member_no")
        if slot is None:
            continue
        if member in book.past_keys.get(slot, ()) and book.keys.get(slot) != member:
            step.flags.add(KEY_REVOKED_LATER)
        elif book.keys.get(slot, member) == member:
            good.add(slot)
    return good


def open_with_keys(step: Step) -> None:
    """The box opens with enough key holders; with enough members instead, which is told; anything
    else breaks the rules of the group."""
    keys, settings = step.body.get("keys", ()), step.settings
    if len(good_keys(step, keys)) >= settings["keys_needed"]:
        return
    step.flags.add(OPENED_WITHOUT_KEYS)
    instead = settings["members_instead_of_keys"]
    step.breach(0 < instead <= len(_confirming(step)), "TOO_FEW_KEYS")


def _confirming(step: Step) -> set[int]:
    """The members of that day who confirmed, with a key or without."""
    places, day = step.book.members, step.fact.happened_date
    told = {key.get("member_no", 0) for key in step.body.get("keys", ())}
    return {no for no in told if no in places and places[no].holds(day)}


def _elect(step: Step) -> None:
    office, member = step.body["office"], step.body["member_no"]
    step.breach(step.has_carried(), "VOTE_NOT_PASSED")
    may_stand(step, (office,), member)
    require_one_office(step, (office,), {office: member})
    take_seats(step.book, (office,), {office: member})


def may_stand(step: Step, seats: Sequence[str], member: int) -> None:
    """Tell of somebody who stands without terms left, or without a vote as she owes dues."""
    book, on = step.book, step.fact.happened_date
    stems = {stem_of(seat) for seat in seats if not seat.startswith(NO_TERMS)}
    served = max((book.terms.get((stem, member), 0) for stem in stems), default=0)
    step.breach(served < step.settings["office_terms_max"], "TERM_LIMIT")
    place = book.members.get(member)
    has_vote = place is None or not place.holds(on) or book.votes(on).get(member, 1) > 0
    step.breach(has_vote, "DUES_IN_ARREARS")


def require_one_office(step: Step, seats: Sequence[str], taken: Mapping[str, int]) -> None:
    """Tell of somebody who takes one of these seats and holds another office, where the rules do
    not let her; some go beside any."""
    if step.settings["two_offices_allowed"]:
        return
    offices = step.book.offices.items()
    others = {no for name, no in offices if name not in seats and not name.startswith(BESIDE)}
    fits = all(seat.startswith(BESIDE) or no not in others for seat, no in taken.items())
    step.breach(fits, "HAS_AN_OFFICE")


def take_seats(book: RecordedBook, seats: Sequence[str], taken: Mapping[str, int]) -> None:
    """Let those elected take seats, which whoever held them leaves: a term more in a row for each
    of them."""
    before = {seat: book.offices.pop(seat) for seat in seats if seat in book.offices}
    book.offices.update(taken)
    held = {(stem_of(office), no) for office, no in book.offices.items()}
    for gone in {(stem_of(seat), no) for seat, no in before.items()} - held:
        book.terms.pop(gone, None)
    for now in {(stem_of(seat), no) for seat, no in taken.items()}:
        book.terms[now] = book.terms.get(now, 0) + 1


def _set_key(step: Step) -> None:
    """A first holder of a key; a slot that has one is given on by `replace_key`."""
    step.breach(step.body["slot"] not in step.book.keys, "HAS_A_HOLDER")
    _hold(step)


def _replace_key(step: Step) -> None:
    """The holders that remain confirm, all but one of those needed, and the group votes. Where too
    few are left, enough members confirm instead, and as many vote for it as for other rules."""
    slot, settings = step.body["slot"], step.settings
    others = good_keys(step, step.body["keys"]) - {slot}
    by_holders = len(others) >= settings["keys_needed"] - 1
    instead = settings["members_instead_of_keys"]
    step.breach(by_holders or 0 < instead <= len(_confirming(step)), "NOT_AGREED")
    step.breach(step.has_carried(None if by_holders else "CONSTITUTION"), "VOTE_NOT_PASSED")
    if (before := step.book.keys.get(slot)) is not None:
        step.book.past_keys.setdefault(slot, set()).add(before)
    _hold(step)


def _hold(step: Step) -> None:
    book, slot, member = step.book, step.body["slot"], step.body["member_no"]
    step.breach(slot <= step.settings["keys_held"], "NO_SUCH_KEY")
    step.breach(member not in {no for other, no in book.keys.items() if other != slot}, "HAS_A_KEY")
    signs = SIGNING & {office for office, no in book.offices.items() if no == member}
    step.breach(not signs or step.settings["key_holder_may_be_officer"], "IS_OFFICER")
    book.past_keys.get(slot, set()).discard(member)
    book.keys[slot] = member


OFFICE_HANDLERS: Mapping[str, Callable[[Step], None]] = MappingProxyType(
    {"elect_officer": _elect, "set_key": _set_key, "replace_key": _replace_key}
)
