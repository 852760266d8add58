"""What she took back on one record stays taken back when two are made one (people.md 4.2, 4.8)."""

from datetime import timedelta
from uuid import UUID

import pytest

from handup.org.models import StaffUser
from handup.people.models import ConsentNotice, Match, Person, Referral
from handup.people.queries.consents import persons_consenting
from handup.people.rules import codes as c
from handup.people.services import NoIn, give_consent, refuse_consent, withdraw_consent
from handup.people.tests.conftest import DAY, agreed
from handup.people.tests.test_merging import TODAY, adjudicator, again, match, merge, unmerge
from handup.projects.models import Organisation

__all__ = ["adjudicator", "again", "match"]


def shared(*persons: Person) -> set[UUID]:
    """Whose data may go to a bank today."""
    rows = persons_consenting(c.ConsentPurpose.SHARE_BANK, on=TODAY())
    return set(rows.filter(person__in=persons))


@pytest.mark.parametrize("said_no", [False, True], ids=["withdrawn", "refused"])
@pytest.mark.parametrize(
    "goes", [False, True], ids=["on-the-one-that-stays", "on-the-one-that-goes"]
)
@pytest.mark.parametrize("again_on", [-9, 0, 1], ids=["before", "that-day", "after"])
def test_what_she_took_back_on_one_record_is_taken_back_on_both(
    adjudicator: StaffUser, clerk: StaffUser, match: Match, ani: Person, again: Person,
    notice: ConsentNotice, goes: bool, said_no: bool, again_on: int,
) -> None:  # fmt: skip
    """Only what she agreed to afterwards holds on; taken apart, each record is as it was."""
    took, other = (again, ani) if goes else (ani, again)
    on, bank = DAY + timedelta(days=9), c.ConsentPurpose.SHARE_BANK
    told = agreed(notice, bank, on + timedelta(days=again_on))
    held = give_consent(acting_staff=clerk, person=other, consent=told)
    sent = Referral(code="R1", person=other, recipient=a_bank(), purpose=bank.value, need="A loan")
    sent.made_by, sent.made_date, sent.consent, sent.state = clerk, on, held, "SENT"
    sent.save(force_insert=True)
    if said_no:
        no = NoIn(bank, notice, c.ConsentMethod.MARK, on)
        refuse_consent(acting_staff=clerk, person=took, told=no)
    else:
        given = give_consent(acting_staff=clerk, person=took, consent=agreed(notice, bank))
        withdraw_consent(acting_staff=clerk, consent=given, withdrawn_date=on)
    record = merge(adjudicator, match)
    sent.refresh_from_db()
    if again_on > 0:
        assert (shared(ani, again), sent.state, record.looks) == ({ani.pk}, "SENT", [])
    else:
        assert (shared(ani, again), sent.state) == (set(), "REVOKED")
        assert record.looks == ["CONSENT_WITHDRAWN"]
    unmerge(adjudicator, record)
    sent.refresh_from_db()
    assert (shared(ani, again), sent.state, sent.closed_date) == ({other.pk}, "SENT", None)


def a_bank() -> Organisation:
    return Organisation.objects.create(code="BANK", name="Town bank")
