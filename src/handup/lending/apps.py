"""Registers the domain `lending` with the house."""

from django.apps import AppConfig


class LendingConfig(AppConfig):
    """Lenders, products, applications, appraisal, loans, repayments, arrears."""

    name = "handup.lending"
    label = "lending"

    def ready(self) -> None:
        """Declare permissions, duties, append-only tables and proofs."""
        from handup.lending.permissions import PERMISSIONS
        from handup.lending.verify import CHECKS
        from handup.org import duties, permissions, triggers, verify
        from handup.org.rules.duties import Duty

        permissions.register(PERMISSIONS)
        duties.register(
            Duty("lending.approve_product"),
            Duty("lending.appraise_application"),
            Duty("lending.cast_vote"),
            Duty("lending.decide_application"),
            Duty("lending.disburse_loan", releases_money=True),
            Duty("lending.write_off_loan"),
        )
        triggers.append_only("lending.LoanEvent")
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
        verify.register(*CHECKS)
