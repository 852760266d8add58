"""Registers the domain `markets` with the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketsConfig(AppConfig):
    """Value chains, prices, studies, buyers and contracts."""

    name = "handup.markets"
    label = "markets"

    def ready(self) -> None:
        """Declare permissions, tables that only grow, and the pages of the rail."""
        from handup.kernel.named_lists import add_once
        from handup.markets.handover_mover import MOVER
        from handup.projects import handover

        add_once(handover.movers, MOVER)
        from handup.markets import persons
        from handup.markets.library import STUDIES
        from handup.markets.permissions import PERMISSIONS
        from handup.org import duties, permissions, triggers
        from handup.org.rules.duties import Duty
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section
        from handup.projects import search

        permissions.register(PERMISSIONS)
        search.register(STUDIES)
        duties.register(
            Duty("markets.confirm_price", whose=_("whoever told the price")),
            Duty("markets.check_job", whose=_("whoever placed her")),
        )
        triggers.append_only("markets.ChainRound")
        triggers.append_only("markets.ChainFlow")
        triggers.append_only("markets.PolicyEvent")
        triggers.append_only("markets.ContractNote", may_change=("producers_say", "buyer_says"))
        persons.register()
        part = Section.MARKETS
        navigation.register(
            Entry(part, _("Value chains"), "markets:chain_list", "markets.view_chain", 10),
            Entry(part, _("Prices"), "markets:price_list", "markets.view_price", 20),
            Entry(part, _("Markets"), "markets:market_list", "markets.view_price", 30),
            Entry(part, _("Market studies"), "markets:study_list", "markets.view_study", 40),
            Entry(part, _("Contracts"), "markets:contract_list", "markets.view_contract", 50),
            Entry(part, _("Linkages"), "markets:linkage_list", "markets.view_linkage", 55),
            Entry(part, _("Policy issues"), "markets:issue_list", "markets.view_policy", 60),
            Entry(
                part, _("Help to associations"), "markets:support_list", "markets.view_support", 65
            ),
            Entry(part, _("Vacancies"), "markets:vacancy_list", "markets.view_vacancy", 70),
            Entry(part, _("Technology needed"), "markets:need_list", "markets.view_technology", 80),
            Entry(part, _("Products"), "markets:commodity_list", "markets.view_commodity", 90),
        )
