"""Where a borrower's own page is; a domain that is switched off has none."""

from django.urls import NoReverseMatch, reverse

from handup.lending.models.borrower import BorrowerMixin


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
