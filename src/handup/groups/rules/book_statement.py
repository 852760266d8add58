"""The statement of a bank or a phone account in the facts of a phone (groups.md G4, ruling 6)."""

from handup.groups.rules.book import SHOWN_DIFFERS, Step
from handup.groups.rules.book_offices import good_keys
from handup.kernel.chain import LIMIT


def read_statement(step: Step) -> None:
    """What a statement says of money that lies at a bank or on a phone account, against the book;
    where they differ the key holders sign, and the book follows the statement (C2)."""
    body, figures = step.body, step.book.figures
    key, difference = (body["fund"], body["place"]), body.get("difference", 0)
    held = figures.away.get(key, 0)
    if body["units"] != held + difference and step.beside:
        step.flags.add(SHOWN_DIFFERS)
    elif body["units"] != held + difference:
        step.stop("DOES_NOT_BALANCE", "body.difference", held)
    signed = len(good_keys(step, body.get("keys", ()))) >= step.settings["keys_needed"]
    step.breach(not difference or (signed and "reason" in body), "NOT_AGREED")
    figures.away[key] = held + difference
    if not 0 <= figures.away[key] < LIMIT:
        step.stop("DOES_NOT_BALANCE", f"{key[1]} {key[0]}", figures.away[key])
    figures.differences += difference
    step.sitting.statements.discard(key)
    step.sitting.moved |= bool(difference)
