"""What of the premiums taken with a loan is still owed to its insurers."""

from collections.abc import Collection, Mapping


def still_due(
    taken: Mapping[str, int],
    handed_on: Mapping[str, int],
    given_back: int = 0,
    refundable: Collection[str] = (),
) -> dict[str, int]:
    """What is owed on by fee, without zeros: taken, less handed on, less what came back to a
    borrower who withdrew (`given_back`, of the fees that may). Below zero the insurer owes it.
    """
    left = {code: taken.get(code, 0) - handed_on.get(code, 0) for code in {*taken, *handed_on}}
    for code in sorted(refundable):
        part = min(given_back, taken.get(code, 0))
        left[code] = left.get(code, 0) - part
        given_back -= part
    return {code: units for code, units in sorted(left.items()) if units}
