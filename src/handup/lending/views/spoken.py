"""Papers for a borrower are set in a language she reads, whoever prints them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from handup.lending.models import Application, Loan
from handup.lending.nameless import named_only
from handup.org.web.pages import PaperPage


def borrower_language(loan: Loan | Application) -> str:
    """A language the borrower reads: her own, else that of the agreement; empty when none is
    known.
    """
    known = dict(settings.LANGUAGES)
    spoken = loan.person.languages if loan.person is not None else []
    if isinstance(loan, Loan) and loan.agreement is not None:
        spoken = [*spoken, loan.agreement.language]
    return next((code for code in spoken if code in known), "")


class BorrowerPaper(PaperPage):
    """A paper set in the borrower's language, or in the one asked for in the address."""

    def rows(self) -> Any:
        """Of loans whose borrower the reader may know by name."""
        return named_only(super().rows(), self.staff)

    def loan_of(self, record: Any) -> Loan | Application:
        """The loan or application of a record; the record itself unless overridden."""
        loan: Loan | Application = getattr(record, "loan", record)
        return loan

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Set it in the borrower's language, or in the one asked for."""
        self.staff = request.user
        row = self.rows().filter(pk=kwargs["pk"]).first()
        known = "" if row is None else borrower_language(self.loan_of(row))
        spoken = request.GET.get("language") or known or translation.get_language()
        told = spoken if spoken in dict(settings.LANGUAGES) else translation.get_language()
        with translation.override(told):
            return super().get(request, *args, **kwargs)
