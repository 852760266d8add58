"""What several pages of loans show alike: where a borrower's own page is (a domain that is switched
off has none), a loan's tone, how late it is.
"""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _now

from handup.lending.models import Application, Loan, LoanProposal
from handup.lending.models.borrower import BorrowerMixin
from handup.lending.models.labels import APPLICATION_STATES, LOAN_STATES
from handup.lending.rules.codes import ApplicationState, EventKind, LoanState, ProposalState
from handup.lending.rules.expiry import OPEN_STATES
from handup.lending.rules.follow_up import PromiseState
from handup.lending.services.back_dating import ACTS
from handup.org.web.columns import State, Tone
from handup.org.web.money import format_day, format_number

LOAN_TONES = {
    LoanState.AGREED.value: Tone.INFO,
    LoanState.ACTIVE.value: Tone.PLAIN,
    LoanState.SETTLED.value: Tone.GOOD,
    LoanState.WRITTEN_OFF.value: Tone.BAD,
    LoanState.REFINANCED.value: Tone.PLAIN,
    LoanState.TRANSFERRED.value: Tone.PLAIN,
    LoanState.CANCELLED.value: Tone.PLAIN,
}


AT_RISK_AFTER = 30
"""A loan is at risk when it is more than so many days late (PAR30)."""

APPLICATION_TONES = {
    ApplicationState.SUBMITTED.value: Tone.INFO,
    ApplicationState.APPRAISED.value: Tone.INFO,
    ApplicationState.APPROVED.value: Tone.GOOD,
    ApplicationState.SIGNED.value: Tone.GOOD,
    ApplicationState.DECLINED.value: Tone.BAD,
    ApplicationState.RETURNED.value: Tone.WARN,
    ApplicationState.EXPIRED.value: Tone.WARN,
}


def application_state(row: Application) -> State:
    """Where an application stands today, as it is shown."""
    state = row.state_now.value
    return State(dict(APPLICATION_STATES)[state], APPLICATION_TONES[state])


def handed_over(on: date) -> str:
    """Said of what a successor keeps."""
    text = _now(
        "Handed over on %(day)s. What happens to it is recorded by the successor, not here."
    )
    return text % {"day": format_day(on)}


def in_state(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    """Applications that stand in a state today."""
    over = Q(state__in=OPEN_STATES, expires_date__lt=timezone.localdate())
    if code == ApplicationState.EXPIRED:
        return rows.filter(over | Q(state=code))
    return rows.filter(state=code).exclude(over)


def days_late(loan: Loan) -> int | None:
    """Days in arrears today, nothing when none."""
    if loan.state != LoanState.ACTIVE or loan.next_due_date is None:
        return None
    return max((timezone.localdate() - loan.next_due_date).days, 0) or None


def late_words(days: int) -> State:
    """How many days late, with the shape that goes with it."""
    text = _now("%(days)s days late") % {"days": format_number(days)}
    return State(text, Tone.BAD if days > AT_RISK_AFTER else Tone.WARN)


def loan_state(loan: Loan) -> State:
    """Where a loan stands, with the shape of a late one when it is late today."""
    late = days_late(loan)
    tone = late_words(late).tone if late else LOAN_TONES[loan.state]
    return State(dict(LOAN_STATES)[loan.state], tone)


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


_DECIDED_AT = {
    EventKind.WRITTEN_OFF.value: "write_off",
    EventKind.WAIVED.value: "proposal_decide",
    EventKind.REFUNDED.value: "proposal_decide",
    EventKind.SAVINGS_SET_OFF.value: "proposal_decide",
    **dict.fromkeys((kind.value for kind in ACTS), "proposal_decide"),
}
"""Where what has no page of its own is decided."""


def proposal_href(row: LoanProposal) -> str:
    """Where a proposal is looked at and decided; empty for one that is decided and has no page."""
    if row.kind == EventKind.TRANSFERRED and row.batch is not None:
        return reverse("lending:transfer_batch", args=[row.batch])
    name = _DECIDED_AT.get(row.kind)
    if name is None:
        return reverse("lending:change_detail", args=[row.pk])
    if row.state != ProposalState.PROPOSED:
        return ""
    return reverse(f"lending:{name}", args=[row.pk])


def borrower_href(row: BorrowerMixin) -> str:
    """The page of the person, enterprise or group that borrows; empty when there is none, or the
    reader may not know who it is.
    """
    if row.shown_as:
        return ""
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


PROMISE_TONES = {
    PromiseState.OPEN: Tone.INFO,
    PromiseState.KEPT: Tone.GOOD,
    PromiseState.BROKEN: Tone.BAD,
    PromiseState.REPLACED: Tone.PLAIN,
}
