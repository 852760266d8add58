"""Which step an application waits for, and whether this person may take it: neither who already had
a hand in it, unless the profile lets one person do several steps, nor who has voted.

For lists and buttons; the services ask again.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from handup.lending.models import Application, Loan
from handup.lending.rules.codes import ApplicationState
from handup.lending.rules.eligibility import band_for, bands_of
from handup.lending.services.beside import hands_of
from handup.lending.services.loans import PAY_OUT
from handup.lending.services.steps import standing
from handup.org.duties import may_take
from handup.org.models import StaffUser


class Step(StrEnum):
    """What is done next with an application; the value is the permission it needs."""

    APPRAISE = "lending.appraise_application"
    VOTE = "lending.cast_vote"
    DECIDE = "lending.decide_application"
    SIGN = "lending.sign_agreement"


STATE_BEFORE = {
    Step.APPRAISE: ApplicationState.SUBMITTED,
    Step.VOTE: ApplicationState.APPRAISED,
    Step.DECIDE: ApplicationState.APPRAISED,
    Step.SIGN: ApplicationState.APPROVED,
}


def votes_needed(row: Application) -> tuple[int, int]:
    """How many votes are cast on the last appraisal and how many are needed; none where one member
    decides.
    """
    band = band_for(bands_of(row.product_version.bands), row.asked_units)
    cast = len(standing(row.votes.all(), row.appraisals.all()))
    return cast, band.quorum if band.quorum > 1 else 0


def open_steps(row: Application, staff: StaffUser, on: date) -> list[Step]:
    """The steps she may take on a day, the one it waits for first; the permission is asked
    elsewhere.
    """
    state = row.state_on(on)
    if state is ApplicationState.SUBMITTED:
        wanted = [Step.APPRAISE]
    elif state is ApplicationState.APPRAISED:
        cast, needed = votes_needed(row)
        enough = cast >= needed
        wanted = [Step.DECIDE, Step.VOTE] if enough else [Step.VOTE]
        wanted.append(Step.APPRAISE)
    else:
        wanted = [Step.SIGN] if state is ApplicationState.APPROVED else []
    return [step for step in wanted if _may(row, step, staff)]


def _may(row: Application, step: Step, staff: StaffUser) -> bool:
    voters = {vote.member_id for vote in row.votes.all()}
    appraisers = {each.appraiser_id for each in row.appraisals.all()}
    if step is Step.SIGN:
        return True
    hands: set[UUID | None]
    if step is Step.APPRAISE:
        hands = {row.advisor_id, row.officer_id, *voters}
    else:
        hands = {row.advisor_id, row.officer_id, *appraisers}
    if step is Step.VOTE and staff.pk in {
        vote.member_id for vote in standing(row.votes.all(), row.appraisals.all())
    }:
        return False
    return may_take(staff, *hands, step=step.value, amount=row.asked_units)


def waiting_for(
    step: Step, rows: QuerySet[Application], staff: StaffUser, on: date
) -> Iterator[Application]:
    """The applications that wait for this very step and that she may take, the oldest first.

    One that has expired waits for nothing: it is asked anew.
    """
    found = rows.filter(state=STATE_BEFORE[step].value, expires_date__gte=on)
    found = found.select_related("product_version").prefetch_related("votes", "appraisals")
    for row in found.order_by("submitted_date", "id").iterator(chunk_size=50):
        if open_steps(row, staff, on)[:1] == [step]:
            yield row


def to_pay_out(loans: Iterable[Loan], staff: StaffUser) -> list[Loan]:
    """The signed loans she may pay out: none that she advised, appraised, voted on or decided."""
    found = list(loans)
    hands = hands_of(found)
    return [
        loan
        for loan in found
        if may_take(staff, *hands.get(loan.pk, ()), step=PAY_OUT, amount=loan.approved_units)
    ]
