"""The arrears work list: who is late, the longest first."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import queries
from handup.lending.models import Loan
from handup.lending.rules import ratios
from handup.org.web.lists import (
    Column,
    EmptyState,
    Kind,
)
from handup.org.web.pages import (
    FiguresPage,
    Table,
    Tile,
)


class ArrearsPage(FiguresPage):
    """The arrears work list: who is late, the longest first, and what it means for the book."""

    permission = "lending.view_loan"
    title = _("Arrears")
    intro = _("Every loan with anything past due, the longest late first.")
    most = 500

    @property
    def loans(self) -> Any:
        """The loans the reader may see."""
        return Loan.objects.visible_to(self.staff)

    @cached_property
    def positions(self) -> list[ratios.Position]:
        """Where each of those loans stands today."""
        return queries.positions(timezone.localdate(), self.loans)

    def tiles(self) -> Sequence[Tile]:
        """Portfolio at risk, and with arrears only."""
        found = []
        for label, ratio in (
            (
                _("Portfolio at risk, more than 30 days"),
                ratios.portfolio_at_risk(self.positions, 30),
            ),
            (
                _("The same, arrears only"),
                ratios.portfolio_at_risk(self.positions, 30, count_restructured=False),
            ),
        ):
            found.append(
                Tile(
                    label,
                    f"{ratio.percent_text} %",
                    of=_now("%(late)s of %(all)s loans")
                    % {"late": len(ratio.numerator_ids), "all": len(ratio.denominator_ids)},
                    how=_("Outstanding principal of loans more than 30 days late ÷ all of it."),
                )
            )
        return found

    def tables(self) -> Sequence[Table]:
        """The work list."""
        late = queries.late_loans(self.positions)[: self.most]
        columns = (
            Column(
                "loan.code",
                _("Number"),
                Kind.LINK,
                href=lambda row: reverse("lending:loan_detail", args=[row.loan.pk]),
            ),
            Column("loan.borrower", _("Borrower"), value=lambda row: str(row.loan.borrower)),
            Column("position.arrears_days", _("Days late"), Kind.NUMBER),
            Column("position.overdue_units", _("Overdue"), Kind.MONEY, currency="loan.currency"),
            Column(
                "position.principal_units", _("Outstanding"), Kind.MONEY, currency="loan.currency"
            ),
            Column("loan.officer.display_name", _("Officer")),
        )
        empty = EmptyState(_("Nobody is late"), _("Every instalment due is paid."))
        return [Table(_("Late loans"), columns, late, empty)]
