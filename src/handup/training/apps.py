"""Registers the domain `training` with the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    """Curricula, cohorts, sessions, attendance, tests, certificates, apprenticeships."""

    name = "handup.training"
    label = "training"

    def ready(self) -> None:
        """Declare permissions and the tables that only grow."""
        from handup.kernel.named_lists import add_once
        from handup.projects import handover
        from handup.training.handover_mover import MOVER

        add_once(handover.movers, MOVER)
        from handup.org import duties, nightly, permissions, triggers, webhooks
        from handup.org.rules.duties import Duty
        from handup.projects import search
        from handup.training.library import CURRICULA
        from handup.training.nightly import let_invitations_lapse, watch_absences
        from handup.training.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
        search.register(CURRICULA)
        nightly.register(watch_absences)
        webhooks.offer("training.open_cohort", "training.close_cohort")
        nightly.register(let_invitations_lapse)
        for step in ("approve_curriculum", "issue_certificate", "verify_placement"):
            duties.register(Duty(f"training.{step}"))
        duties.register(Duty("training.approve_support"))
        duties.register(Duty("training.approve_claim"))
        duties.register(Duty("training.pay_claim", releases_money=True))
        duties.register(Duty("training.take_back_claim"))
        duties.register(Duty("training.record_tracer"))
        duties.register(Duty("training.pay_support", releases_money=True))
        triggers.append_only("training.Attendance", may_change=("reason",))  # erased on request
        triggers.append_only("training.LogDay", may_change=("reason",))
        for table in ("TestResult", "CohortFigures", "LogTask", "QualificationStep"):
            triggers.append_only(f"training.{table}")
        self._show_pages()
        self._show_facts()
        self._join()

    @staticmethod
    def _show_facts() -> None:
        """Say where the books find the claim of a provider that an entry tells of."""
        from handup.ledger import facts
        from handup.training.views.provider_pay import page_of_payment

        facts.register("training", "RESULTS_PAID", page_of_payment)

    @staticmethod
    def _show_pages() -> None:
        """Put its pages into the rail."""
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section

        pages = (
            (_("Running cohorts"), "board", "view_cohort"),
            (_("My week"), "my_week", "view_enrolment"),
            (_("Cohorts"), "cohort_list", "view_cohort"),
            (_("Participants in courses"), "enrolment_list", "view_enrolment"),
            (_("What people need to learn"), "needs_list", "view_needs_assessment"),
            (_("Curricula"), "curriculum_list", "view_curriculum"),
            (_("Courses"), "course_list", "view_curriculum"),
            (_("Courses on learning platforms"), "course_link_list", "view_curriculum"),
            (_("Certificates"), "certificate_list", "view_certificate"),
            (_("Apprenticeships"), "agreement_list", "view_apprenticeship"),
            (_("Visits to apprentices"), "visits_due", "view_apprentice_visit"),
            (_("Skills of trades"), "trade_skill_list", "view_curriculum"),
            (_("Offers to graduates"), "offer_list", "view_apprentice_visit"),
            (_("Workshops"), "workshop_list", "view_apprenticeship"),
            (_("Sessions in your calendar"), "calendar", "subscribe_calendar"),
            (_("Placements"), "placement_list", "view_placement"),
            (_("Qualified people"), "qualification_list", "view_qualification"),
            (_("From open day to job"), "funnel", "view_cohort"),
            (_("Refreshers due"), "refreshers", "view_enrolment"),
            (_("What became of graduates"), "tracer_round_list", "view_tracer"),
            (_("What training costs"), "costs", "view_cost"),
            (_("Approaches and providers compared"), "compared", "view_cost"),
            (_("People to ask after"), "follow_up_list", "view_follow_up"),
            (_("Drop-out cases"), "case_list", "view_dropout_case"),
            (_("Support of participants"), "support_list", "view_support"),
            (_("Rules of support"), "support_rule_list", "view_support_rule"),
            (_("Providers paid on results"), "provider_terms", "view_provider_claim"),
            (_("Claims of providers"), "provider_claims", "view_provider_claim"),
        )
        navigation.register(
            *(
                Entry(Section.TRAINING, label, f"training:{page}", f"training.{code}", order=n)
                for n, (label, page, code) in enumerate(pages)
            )
        )

    def _join(self) -> None:
        """Add this domain to the named lists of the ones below it."""
        from handup.org import verify
        from handup.people import merging, sections, subject
        from handup.training import sections as own
        from handup.training import verify as proofs

        sections.record_sections.append(own.record_tables)
        sections.record_moments.append(own.record_moments)
        merging.on_merge.append(own.move_rows)
        subject.collect.append(own.told_of)
        subject.erase.append(own.erase)
        verify.register(
            verify.Check(
                "TRAINING_FIGURES",
                _("Figures of closed cohorts follow from their records"),
                proofs.closed_figures,
            ),
            verify.Check(
                "CERTIFICATE_CODES",
                _("Every certificate's code is genuine"),
                proofs.genuine_codes,
            ),
        )
