"""Registers the domain `plans` with the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    """Business plans with an adviser, financial plan, visits."""

    name = "handup.plans"
    label = "plans"

    def ready(self) -> None:
        """Declare permissions, duties, tables that only grow, proofs and places in the rail."""
        from handup.kernel.named_lists import add_once
        from handup.plans.handover_mover import MOVER
        from handup.projects import handover

        add_once(handover.movers, MOVER)
        from handup.org import duties, nightly, permissions, triggers
        from handup.org.rules.duties import Duty
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section
        from handup.plans import at_work, persons, surveyed, verify, week
        from handup.plans.nightly import let_plans_expire_at_night, renew_benchmarks_at_night
        from handup.plans.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
        duties.register(
            Duty("plans.approve_plan", whose=_("the adviser of the plan")),
            Duty("plans.let_claim_stand", whose=_("the adviser of the plan")),
            Duty("plans.settle_difference", whose=_("whoever wrote the plan on a phone")),
            Duty("plans.record_back_check", whose=_("whoever made the visit first")),
        )
        nightly.register(renew_benchmarks_at_night, let_plans_expire_at_night)
        triggers.append_only("plans.PlanVersion", may_change=("inputs", "results", "adjusted"))
        verify.register()
        persons.register()
        surveyed.register()
        week.register()
        at_work.register()
        navigation.register(
            Entry(Section.PLANS, _("Plans"), "plans:plan_list", "plans.view_plan", order=10),
            Entry(Section.PLANS, _("Visits"), "plans:visit_list", "plans.view_visit", order=20),
            Entry(
                Section.PLANS,
                _("Enterprises by working capital"),
                "plans:segments",
                "plans.view_plan",
                order=25,
            ),
            Entry(
                Section.PLANS,
                _("Phone and office differ"),
                "plans:difference_list",
                "plans.settle_difference",
                order=27,
            ),
            Entry(
                Section.PLANS,
                _("What is usual"),
                "plans:benchmark_list",
                "plans.view_benchmark",
                order=30,
            ),
        )
