"""Keys and offices in the facts of a phone (groups_meeting.md M4): who may open the box, who was
chosen, and what of it is told because it broke a rule."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from handup.groups.rules.book import KEY_REVOKED_LATER, OPENED_WITHOUT_KEYS, Step

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
    body, offices = step.body, step.book.offices
    step.breach(step.has_carried(), "VOTE_NOT_PASSED")
    held = {office for office, member in offices.items() if member == body["member_no"]}
    step.breach(not held - {body["office"]}, "HAS_AN_OFFICE")
    offices[body["office"]] = body["member_no"]


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
