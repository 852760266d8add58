"""Registers the domain `markets` with the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketsConfig(AppConfig):
    """Value chains, prices, studies, buyers and contracts."""

    name = "handup.markets"
    label = "markets"

    def ready(self) -> None:
        """Declare permissions, tables that only grow, and the pages of the rail."""
        from handup.markets import persons
        from handup.markets.permissions import PERMISSIONS
        from handup.org import duties, permissions, triggers
        from handup.org.rules.duties import Duty
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section

        permissions.register(PERMISSIONS)
        duties.register(Duty("markets.confirm_price", whose=_("whoever told the price")))
        triggers.append_only("markets.ChainRound")
        triggers.append_only("markets.ChainFlow")
        persons.register()
        part = Section.MARKETS
        navigation.register(
            Entry(part, _("Value chains"), "markets:chain_list", "markets.view_chain", 10),
            Entry(part, _("Prices"), "markets:price_list", "markets.view_price", 20),
            Entry(part, _("Markets"), "markets:market_list", "markets.view_price", 30),
            Entry(part, _("Market studies"), "markets:study_list", "markets.view_study", 40),
            Entry(part, _("Products"), "markets:commodity_list", "markets.view_commodity", 90),
        )
