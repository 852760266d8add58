"""What grades, cards and the entries that speak for a mark are called."""

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import GroupAssessment
from handup.groups.scorecards import NoSuchCard, card_of
from handup.kernel.money import decimal_text, percent
from handup.org.web.money import format_percent

GRADES: dict[str, Any] = {
    "WEAK": _("weak"),
    "FAIR": _("fair"),
    "GOOD": _("good"),
    "EXCELLENT": _("excellent"),
    "STARTING": _("starting"),
    "GROWING": _("growing"),
    "STANDING": _("standing on its feet"),
    "LEADING": _("leading"),
}
ENTRIES: dict[str, Any] = {
    "open_meeting": _("meeting opened"),
    "close_meeting": _("meeting closed"),
    "record_count": _("box counted"),
    "record_difference": _("difference signed"),
    "record_statement": _("statement read"),
    "record_vote": _("vote"),
    "adopt_constitution": _("rules adopted"),
    "adopt_statutes": _("statutes adopted"),
    "start_cycle": _("cycle started"),
    "end_cycle": _("cycle ended"),
    "vote_dues": _("dues voted"),
    "invoice_dues": _("dues written down"),
    "allocate_surplus": _("surplus divided"),
    "open_bulk_order": _("order opened"),
    "settle_bulk": _("goods handed out"),
    "sell_produce": _("produce sold"),
    "publish_rate_chart": _("prices published"),
}
"""What the entries that speak for a mark are called."""


def grade_word(code: str) -> str:
    """A grade as people say it; a letter stays one."""
    return str(GRADES.get(code, code))


def title_of(code: str) -> str:
    """What a card is called."""
    try:
        return _now(card_of(code).title)
    except NoSuchCard:
        return code


def percent_of(row: GroupAssessment) -> str:
    """The percentage with two decimals, half up (G7)."""
    share = percent(row.points, row.most_points)
    return format_percent(decimal_text(share, 2)) if share is not None else ""
