"""Registers the domain `results` with the house."""

from django.apps import AppConfig


class ResultsConfig(AppConfig):
    """Facts, indicators, reports; reads everything, writes nothing elsewhere."""

    name = "handup.results"
    label = "results"

    def ready(self) -> None:
        """Declare permissions and pages."""
        from handup.kernel.named_lists import add_once
        from handup.projects import handover, spending
        from handup.results.handover_mover import MOVER

        add_once(handover.movers, MOVER)
        from django.utils.translation import gettext_lazy as _

        from handup.groups.sections import group_sections
        from handup.ledger import budgets
        from handup.org import permissions
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section
        from handup.results import kept
        from handup.results.budgets import approved_amount, spent_of
        from handup.results.group_page import group_tables
        from handup.results.permissions import PERMISSIONS

        if approved_amount not in budgets.providers:
            budgets.providers.append(approved_amount)
        add_once(spending.counters, spent_of)
        if group_tables not in group_sections:
            group_sections.append(group_tables)
        permissions.register(PERMISSIONS)
        permissions.by_knowing("results.open_rows")
        kept.register()
        navigation.register(
            Entry(
                Section.RESULTS,
                _("Concrete benefits"),
                "results:programme_list",
                "results.view_figure",
                order=10,
            )
        )
