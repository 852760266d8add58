"""What a guarantee fund answers for: how much a bank may call for a late loan, what of its later
recoveries comes back, and what the fund still holds (lending.md 3). Amounts in smallest units.
"""

from handup.kernel.money import WHOLE_BPS

WHOLE_LEVERAGE = 100


def covered(principal: int, cover_bps: int) -> int:
    """The share of a principal that is covered, rounded down."""
    return principal * cover_bps // WHOLE_BPS


def callable_units(principal: int, cover_bps: int, out: int) -> int:
    """The most that may be called for a loan, and what the fund stands for it: the covered share of
    what is owed, less what is `out`: paid for it and not come back.
    """
    return max(covered(principal, cover_bps) - out, 0)


def share_back(recovered_units: int, cover_bps: int, back_before: int, out: int) -> int:
    """What comes back to the fund when the bank has recovered `recovered_units` in all, of which
    `back_before` came back: pro rata to the cover, at most what is out. It is worked out of the sum
    so that many small recoveries bring as much as one.
    """
    return max(min(covered(recovered_units, cover_bps) - back_before, out), 0)


def held(deposit: int, leverage_x100: int, out: int) -> int:
    """The most a fund may stand for: what is left of the deposit, times the leverage."""
    return (deposit - out) * leverage_x100 // WHOLE_LEVERAGE
