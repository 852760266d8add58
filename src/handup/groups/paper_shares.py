"""The share register of a cooperative on paper."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from handup.groups.models import Group, Member
from handup.groups.paper import set_paper
from handup.groups.services.shares import paid_back, share_accounts
from handup.org.web.money import format_day, format_money, format_number


def register_pdf(group: Group, members: Sequence[Member], on: date) -> bytes:
    """What each member subscribed, paid, got back and has still to pay at the end of a day.
    members: those the reader may see; who has no share account is left out."""
    currency = group.currency
    statutes = group.statutes.filter(from_date__lte=on).order_by("-version").first()
    price = statutes.settings["share_price_units"] if statutes else 0
    held, back = share_accounts(group, on), paid_back(group, on)
    shown = [member for member in members if member.pk in held]
    rows = [
        (
            str(member),
            format_number(held[member.pk][0]),
            format_money(held[member.pk][1], currency),
            format_money(back.get(member.pk, 0), currency),
            format_money(held[member.pk][0] * price - held[member.pk][1], currency),
        )
        for member in shown
    ]
    paid = sum(held[member.pk][1] for member in shown)
    facts = [
        (_("As of"), format_day(on)),
        (_("Price of a share"), format_money(price, currency)),
        (_("Share capital"), format_money(paid, currency)),
    ]
    heads = (_("Member"), _("Shares subscribed"), _("Paid"), _("Paid back"), _("Left to pay"))
    tables = [(_("Members"), heads, rows)]
    return set_paper(_("Share register"), group.name, facts, tables, (_("Treasurer"),))
