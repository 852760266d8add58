"""What a message about a price says: short, in her language, without her name or her group's.

Written when it is sent: a price that was taken away meanwhile, or grew old, is told to nobody.
"""

from datetime import date

from django.utils.translation import gettext, override

from handup.markets.models import PriceObservation
from handup.markets.models import labels as lb
from handup.markets.rules.prices import is_old
from handup.markets.services.prices import limits_for
from handup.markets.views.words import exact_money
from handup.org.web.money import format_day


def price_text(price: PriceObservation, language: str, on: date) -> str:
    """The words of a message as of a day; empty when there is nothing to tell any more."""
    limits = limits_for(price.market.programme_id, price.commodity)
    told = price.state == lb.PriceState.PUBLISHED and price.price is not None
    if not told or is_old(price.observed_date, on, limits):
        return ""
    with override(language):
        goods = ", ".join(
            word for word in (price.commodity.name, price.variety, price.grade) if word
        )
        said = gettext("%(goods)s: %(price)s for 1 %(unit)s, %(level)s. %(market)s, %(day)s.") % {
            "goods": goods,
            "price": exact_money(price.price, price.currency),
            "unit": price.commodity.get_base_unit_display(),
            "level": price.get_level_display(),
            "market": price.market.name,
            "day": format_day(price.observed_date),
        }
        return " ".join([said, *_beside(price)])


def _beside(price: PriceObservation) -> list[str]:
    """What is said beside the price: how much is to be had, and why it was looked at twice."""
    told = []
    if price.availability != lb.Availability.GOOD:
        word = price.get_availability_display()
        told.append(gettext("To be had: %(how_much)s.") % {"how_much": word})
    doubts = [str(word) for code, word in lb.PRICE_DOUBT.items() if code.value in price.flags]
    if doubts:
        told.append(gettext("Looked at again, for: %(doubts)s.") % {"doubts": ", ".join(doubts)})
    return told
