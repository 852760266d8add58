"""Where a borrower's own page is; a domain that is switched off has none."""

from django.urls import NoReverseMatch, reverse

from handup.lending.models import Application, Loan
from handup.lending.models.borrower import BorrowerMixin


def loan_of(row: Application) -> Loan | None:
    """The loan an application became; None before it is signed."""
    return getattr(getattr(row, "agreement", None), "loan", None)


def loan_code(row: Application) -> str:
    """The number of that loan; empty before."""
    loan = loan_of(row)
    return "" if loan is None else loan.code


def loan_href(row: Application) -> str:
    """The page of that loan; empty before."""
    loan = loan_of(row)
    return "" if loan is None else reverse("lending:loan_detail", args=[loan.pk])


def borrower_href(row: BorrowerMixin) -> str:
    """The page of the person, enterprise or group that borrows; empty when there is none."""
    for name, pk in (
        ("people:person_detail", row.person_id),
        ("groups:group_detail", row.group_id),
        ("people:enterprise_detail", row.enterprise_id),
    ):
        if pk is not None:
            try:
                return reverse(name, args=[pk])
            except NoReverseMatch:
                return ""
    return ""
