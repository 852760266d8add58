"""Money served to rows one after another, each part of a row before the next: what most payments
come down to. `Ledger.pay` says the same of any terms and keeps the rows; here only numbers move,
for batches of thousands.
"""

from collections.abc import Iterable

Four = tuple[int, int, int, int]
"""Penalty, fee, interest, principal: the order of `allocation.ORDER`."""


def serve(rows: Iterable[Four], units: int) -> tuple[list[Four], int]:
    """Serve what is open of each row, oldest first, until the money is used up.

    Returns what each row got, as far as the money reached, and the money left over.
    """
    served: list[Four] = []
    for opened in rows:
        penalty, fee, interest, principal = opened
        asked = penalty + fee + interest + principal
        if asked <= units:
            served.append(opened)
            units -= asked
            if not units:
                break
            continue
        penalty = min(penalty, units)
        units -= penalty
        fee = min(fee, units)
        units -= fee
        interest = min(interest, units)
        units -= interest
        served.append((penalty, fee, interest, units))
        return served, 0
    return served, units
