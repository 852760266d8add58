"""Registers the domain `results` with the house."""

from django.apps import AppConfig


class ResultsConfig(AppConfig):
    """Facts, indicators, reports; reads everything, writes nothing elsewhere."""

    name = "handup.results"
    label = "results"

    def ready(self) -> None:
        """Declare permissions and pages."""
        from handup.kernel.named_lists import add_once
        from handup.projects import beginning, handover, spending
        from handup.results.handover_mover import MOVER

        add_once(handover.movers, MOVER)
        from django.conf import settings
        from django.utils.translation import gettext_lazy as _

        from handup.groups.sections import group_sections
        from handup.ledger import budgets
        from handup.org import duties, permissions, verify, webhooks
        from handup.org.rules.duties import Duty
        from handup.org.web import navigation
        from handup.people import merging, subject
        from handup.results import frozen_persons, kept
        from handup.results.budgets import approved_amount, spent_of
        from handup.results.group_page import group_tables
        from handup.results.logframes import missing_to_begin
        from handup.results.menu import ENTRIES
        from handup.results.permissions import PERMISSIONS
        from handup.results.services import visits
        from handup.results.verify import CHECKS

        if approved_amount not in budgets.providers:
            budgets.providers.append(approved_amount)
        add_once(spending.counters, spent_of)
        add_once(beginning.missing, missing_to_begin)
        if group_tables not in group_sections:
            group_sections.append(group_tables)
        permissions.register(PERMISSIONS)
        webhooks.offer("results.freeze_snapshot", "results.publish_table")
        duties.register(
            Duty("results.check_figures", whose=_("whoever computed the snapshot")),
            Duty("results.approve_figures", whose=_("whoever computed or checked the figures")),
            Duty("results.activate_indicator", whose=_("whoever built the figure")),
            Duty("results.publish_table", whose=_("whoever computed the snapshot")),
            Duty("results.check_values", whose=_("whoever typed the value")),
            Duty("results.approve_values", whose=_("whoever typed or checked the value")),
            Duty("results.read_narrative", whose=_("whoever wrote the report")),
            Duty("results.publish_exchange", whose=_("whoever built the file")),
            Duty("results.approve_narrative", whose=_("whoever wrote the report")),
        )
        add_once(subject.erase, frozen_persons.blank)
        add_once(subject.erase, visits.forget)
        add_once(subject.collect, visits.held)
        add_once(merging.on_merge, visits.move)
        verify.register(*CHECKS)
        permissions.by_knowing("results.open_rows")
        kept.register()
        if settings.SNAPSHOTS:
            from handup.org import nightly
            from handup.results.columns.night import snapshot_of_yesterday

            nightly.register(snapshot_of_yesterday)
        navigation.register(*ENTRIES)
