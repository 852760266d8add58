"""An agreed change on paper, for both to sign, in the language the borrower reads."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending.models import LoanProposal
from handup.lending.rules.codes import ProposalState
from handup.lending.rules.preview import Preview, Side
from handup.lending.services.proposals import effect_of, kinds_shown
from handup.lending.views.previews import asked_facts, preview_facts, schedule_tables
from handup.lending.views.spoken import BorrowerPaper
from handup.lending.views.terms import percent
from handup.org.web.money import format_money
from handup.org.web.pages import Fact, FactGroup, Header, Table


class ChangePaper(BorrowerPaper):
    """An agreed change for both to sign, A4, in the borrower's language: what was agreed, what it
    does, the schedules beside each other.
    """

    model = LoanProposal
    permission = "lending.view_borrower"
    related = (
        "loan__person",
        "loan__enterprise",
        "loan__group",
        "loan__lender",
        "loan__agreement",
        "event",
    )
    person_path = "loan__person_id"
    template = "lending/change_paper.html"

    def rows(self) -> Any:
        """Changes that are not declined."""
        return super().rows().filter(kind__in=kinds_shown()).exclude(state=ProposalState.DECLINED)

    def header(self) -> Header:
        """What of which loan."""
        row = self.record
        return Header(
            _now("Change of the loan agreement %(code)s") % {"code": row.loan.code},
            row.get_kind_display(),
        )

    @cached_property
    def found(self) -> Preview:
        """What it did, or would do. Raises what the change refuses now."""
        return effect_of(self.record)

    def facts(self) -> Sequence[FactGroup]:
        """Between whom, what was agreed, what becomes of what is unpaid, cost and rate."""
        row, loan, found = self.record, self.record.loan, self.found

        def money(units: int) -> str:
            return format_money(units, loan.currency)

        def both(say: Callable[[Side], str]) -> str:
            words = {"after": say(found.after), "before": say(found.before)}
            return _now("%(after)s, before %(before)s") % words

        return [
            FactGroup(
                _("Between"),
                [Fact(_("Lender"), loan.lender), Fact(_("Borrower"), loan.borrower)],
            ),
            FactGroup(
                _("What was agreed"),
                [*asked_facts(row.kind, row.payload), Fact(_("Reason"), row.reason)],
            ),
            *preview_facts(found, loan.currency),
            FactGroup(
                _("Cost of the change"),
                [
                    Fact(_("Total to be paid"), both(lambda side: money(side.total))),
                    Fact(
                        _("Of it interest, fees and penalties"),
                        both(lambda side: money(side.cost)),
                    ),
                    Fact(
                        _("Yearly percentage rate"),
                        both(lambda side: percent(side.rate_ppm)),
                    ),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """The old and the new schedule."""
        return schedule_tables(self.found, self.record.loan.currency)
