"""What counts as saved before a loan: on the saver's account at the lender, in her group, or what
somebody saw.
"""

from handup.groups.queries import memberships_of
from handup.kernel.credit.codes import SavingsHolder
from handup.kernel.credit.terms import Terms
from handup.ledger.queries import balance, balances_by_subject
from handup.lending.models import Application
from handup.lending.services import savings_kept as kept


def savings_of(row: Application, terms: Terms) -> int:
    """What counts as saved of who asks, on the day she asked: on her account at the lender, in her
    group's book, or what somebody saw.
    """
    if terms.savings_holder is SavingsHolder.BANK:
        account = kept.account_of(row)
        return 0 if account is None else kept.free_units(account, row.submitted_date)
    if terms.savings_holder is SavingsHolder.GROUP:
        return saved_in_groups(row)
    return row.savings_units


def saved_in_groups(row: Application) -> int:
    """What who asks has saved in savings groups of the same currency, by their own books."""
    on = row.submitted_date
    if row.group is not None:
        group = row.group
        fits = group.book.base_currency == row.currency
        return -balance(group.book, "SAVINGS", on=on) if fits else 0
    if row.person_id is None:
        return 0
    members = memberships_of(row.person_id).filter(joined_date__lte=on, group__practice=False)
    return sum(
        -balances_by_subject(member.group.book, "SAVINGS", "member", [member.pk], on).get(
            member.pk, 0
        )
        for member in members.select_related("group__book")
        if member.group.book.base_currency == row.currency
    )
