"""Registers the domain `lending` with the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LendingConfig(AppConfig):
    """Lenders, products, applications, appraisal, loans, repayments, arrears."""

    name = "handup.lending"
    label = "lending"

    def ready(self) -> None:
        """Declare permissions, duties, append-only tables and proofs."""
        from handup.kernel.named_lists import add_once
        from handup.lending.handover_mover import LEDGER, LENDING
        from handup.projects import handover

        add_once(handover.movers, LEDGER, LENDING)
        from django.conf import settings

        from handup.ledger import runs
        from handup.lending import at_work, surveyed, undo
        from handup.lending.permissions import PERMISSIONS
        from handup.lending.services import accrual, lines, provisioning
        from handup.org import nightly, permissions, webhooks
        from handup.people import numbers

        if settings.COLUMNS:
            from handup.lending.columns.night import copy_columns

            nightly.register(copy_columns)
        permissions.register(PERMISSIONS)
        self._register_duties()
        self._only_grow()
        self._prove()
        self._register_ways()
        nightly.register(lines.remind_borrowers)
        add_once(numbers.on_other_number, lines.end_for_other_number)
        webhooks.offer(
            *("lending.sign_agreement", "lending.disburse_loan", "lending.record_repayment"),
            *("lending.reverse_repayment", "lending.write_off_loan"),
        )
        runs.register(accrual.PROVIDER, accrual.FEES, provisioning.PROVIDER)
        self._register_pages()
        self._register_beside()
        self._register_bank()
        surveyed.register()
        at_work.register()
        undo.register()

    @staticmethod
    def _register_duties() -> None:
        """Say which steps ask for another person, and than whom."""
        from handup.org import duties
        from handup.org.rules.duties import Duty

        duties.register(
            Duty("lending.approve_product", whose=_("whoever proposed the product")),
            Duty("lending.appraise_application", whose=_("whoever took the application")),
            Duty("lending.cast_vote", whose=_("whoever took or appraised the application")),
            Duty(
                "lending.decide_application", whose=_("whoever took or appraised the application")
            ),
            Duty("lending.waive_stop", whose=_("whoever decides on the application")),
            Duty("lending.disburse_loan", releases_money=True, whose=_("whoever decided on it")),
            Duty("lending.write_off_loan", whose=_("whoever proposed it")),
            Duty("lending.sign_old_book", whose=_("whoever brought the old book")),
            Duty("lending.approve_grant", whose=_("whoever asked for the grant")),
            Duty("lending.decide_graduation", whose=_("whoever proposed the graduation")),
            Duty(
                "lending.pay_grant",
                releases_money=True,
                whose=_("whoever proposed or approved the grant"),
            ),
            Duty(
                "lending.pay_guarantee", releases_money=True, whose=_("whoever took the call down")
            ),
            Duty("lending.pay_premiums", releases_money=True, whose=_("whoever asked for it")),
            Duty("lending.confirm_match", whose=_("whoever proposed the match")),
            Duty("lending.undo_match", whose=_("whoever made the match")),
            Duty(
                "lending.confirm_stray_cash",
                releases_money=True,
                whose=_("whoever took the money in or said whose it is"),
            ),
            Duty("lending.undo_stray_cash", whose=_("whoever said whose it is, or agreed")),
            Duty(
                "lending.release_payments",
                releases_money=True,
                whose=_("whoever decided, prepared or signed first"),
            ),
        )

    @staticmethod
    def _prove() -> None:
        """Add the proofs of lending to those of the house."""
        from handup.lending import (
            proofs,
            verify_guarantees,
            verify_old_books,
            verify_premiums,
            verify_runs,
            verify_savings,
        )
        from handup.lending.verify import CHECKS
        from handup.org import verify

        verify.register(
            *CHECKS,
            *verify_runs.CHECKS,
            *proofs.CHECKS,
            *verify_old_books.CHECKS,
            *verify_savings.CHECKS,
            *verify_guarantees.CHECKS,
            *verify_premiums.CHECKS,
        )

    @staticmethod
    def _register_ways() -> None:
        """Name what two persons agree on before it happens to a loan."""
        from handup.lending.services import (
            agreed,
            back_dating,
            charges,
            proposals,
            refinancing,
            savings_set_off,
            transfers,
        )

        proposals.register(
            *charges.WAYS,
            *agreed.WAYS,
            *savings_set_off.WAYS,
            *back_dating.WAYS,
            refinancing.WAY,
            transfers.WAY,
        )

    @staticmethod
    def _only_grow() -> None:
        """Tables whose rows the database refuses to change."""
        from handup.org import triggers

        erasable = ("reference", "reason")  # what a person wrote goes when she asks for it
        triggers.append_only("lending.LoanEvent", may_change=erasable)
        triggers.append_only(
            "lending.ProductVersion", may_change=("approved_by", "approved_date", "used_at")
        )
        triggers.append_only("lending.PaymentSplit", may_change=("replaced_at",))
        triggers.append_only(
            "lending.LoanDue",
            may_change=(
                "principal_paid_units",
                "interest_paid_units",
                "fee_paid_units",
                "penalty_paid_units",
                "settled_date",
                "to_date",
                "replaced_at",
            ),
        )
        triggers.append_only("lending.EventEffect", may_change=("replaced_at",))
        triggers.append_only("lending.LoanPause", may_change=("replaced_at",))
        triggers.append_only("lending.LoanCure", may_change=("replaced_at",))
        triggers.append_only("lending.LoanEnd", may_change=("replaced_at",))
        triggers.append_only("lending.ProvisionTable")
        triggers.append_only("lending.RatioRecord")
        triggers.append_only("lending.SavingsMove", may_change=erasable)
        triggers.append_only("lending.GuaranteeMove", may_change=erasable)
        triggers.append_only("lending.BankList")
        triggers.append_only("lending.BankListLine")
        triggers.append_only("lending.Collection")
        triggers.append_only("lending.CollectionLine")
        triggers.append_only("lending.PathwayVersion")
        triggers.append_only("lending.PathwayCheck", may_change=("findings", "note"))

    @staticmethod
    def _show_from_the_books() -> None:
        """Let the books open a line's loan and an entry's event."""
        from functools import partial

        from django.urls import reverse

        from handup.ledger import facts
        from handup.lending.rules.codes import EventKind

        def page(name: str, pk: object) -> str:
            return reverse(f"lending:{name}", args=[pk])

        facts.register_subject("loan", partial(page, "loan_detail"))
        for kind in EventKind:
            facts.register("lending", kind.value, partial(page, "event_detail"))
        facts.register("lending", "REPLAYED", partial(page, "loan_detail"))
        facts.register("lending", "SAVINGS", partial(page, "savings_move"))
        facts.register_subject("savings_account", partial(page, "savings_detail"))
        facts.register("lending", "GUARANTEE", partial(page, "guarantee_move"))
        facts.register("lending", "GUARANTEE_CONTRACT", partial(page, "guarantee_detail"))
        facts.register_subject("guarantee", partial(page, "guarantee_detail"))
        facts.register("lending", "PREMIUMS", partial(page, "premium_payment"))
        facts.register_subject("guarantee_call", partial(page, "guarantee_call"))
        facts.register("lending", "OLD_BOOK", partial(page, "old_book_detail"))
        facts.register("lending", "BANK_LINE", partial(page, "bank_line"))
        facts.register_subject("bank_line", partial(page, "bank_line"))
        facts.register("lending", "STRAY_CASH", partial(page, "stray_detail"))
        facts.register_subject("stray_cash", partial(page, "stray_detail"))

    def _register_pages(self) -> None:
        """Put the pages of this domain into the rail."""
        from handup.lending import holds, merging, pathway_persons, persons
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section

        persons.register()
        pathway_persons.register()
        merging.register()
        holds.register()
        self._show_from_the_books()
        section = Section.LENDING
        navigation.register(
            Entry(section, _("Loans"), "lending:loan_list", "lending.view_loan", order=10),
            Entry(
                section,
                _("Applications"),
                "lending:application_list",
                "lending.view_application",
                order=20,
            ),
            Entry(section, _("Portfolio"), "lending:portfolio", "lending.view_loan", order=25),
            Entry(section, _("Arrears"), "lending:arrears", "lending.view_loan", order=30),
            Entry(section, _("Reminders"), "lending:reminders", "lending.view_borrower", order=35),
            Entry(
                section,
                _("Collection sheet"),
                "lending:collection_sheet",
                "lending.record_collection",
                order=40,
            ),
            Entry(
                section,
                _("Collections"),
                "lending:collection_list",
                "lending.view_collection",
                order=41,
            ),
            Entry(section, _("Products"), "lending:product_list", "lending.view_product", order=60),
            Entry(section, _("Lenders"), "lending:lender_list", "lending.view_lender", order=70),
            Entry(
                section,
                _("Old portfolios"),
                "lending:old_book_list",
                "lending.view_old_book",
                order=75,
            ),
        )

    def _register_beside(self) -> None:
        """Put what stands beside loans into the rail."""
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section

        section = Section.LENDING
        navigation.register(
            Entry(
                section,
                _("Joint groups"),
                "lending:joint_group_list",
                "lending.view_security",
                order=45,
            ),
            Entry(
                section,
                _("Savings of borrowers"),
                "lending:savings_list",
                "lending.view_savings",
                order=44,
            ),
            Entry(
                section,
                _("Moratoria"),
                "lending:moratorium_list",
                "lending.view_borrower",
                order=46,
            ),
            Entry(
                section,
                _("Grants and kits"),
                "lending:grant_list",
                "lending.view_grant",
                order=47,
            ),
            Entry(section, _("Pathways"), "lending:pathway_list", "lending.view_pathway", order=48),
            Entry(
                section,
                _("On a pathway"),
                "lending:enrolment_list",
                "lending.view_enrolment",
                order=49,
            ),
        )

    def _register_bank(self) -> None:
        """Put the pages of the bank channel into the rail, and say how long its lines are kept."""
        from handup.lending.services import keeping
        from handup.org import retention
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section

        retention.register(*keeping.RULES)
        section = Section.LENDING
        navigation.register(
            Entry(
                section,
                _("Bank files"),
                "lending:bank_file_list",
                "lending.view_bank_file",
                order=50,
            ),
            Entry(
                section,
                _("Banks' lists of loans"),
                "lending:bank_list_list",
                "lending.view_bank_list",
                order=51,
            ),
            Entry(
                section,
                _("Bank accounts"),
                "lending:bank_account_list",
                "lending.view_bank_account",
                order=52,
            ),
            Entry(
                section,
                _("Statements"),
                "lending:statement_list",
                "lending.view_statement",
                order=53,
            ),
            Entry(
                section,
                _("Money to be matched"),
                "lending:suspense",
                "lending.match_line",
                order=54,
            ),
            Entry(
                section,
                _("Cash of nobody known"),
                "lending:stray_list",
                "lending.view_stray_cash",
                order=55,
            ),
            Entry(
                section,
                _("Payments to borrowers"),
                "lending:payments_list",
                "lending.view_payment_batch",
                order=56,
            ),
        )
