"""What a merge does not rewrite: registers that only grow, and who saw her under which number."""

from typing import Any

import pytest
from django.urls import reverse
from pytest_django import Settings

from handup.org import reads
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people.models import Instrument, InstrumentAnswer, Match, Person
from handup.people.queries.merging import current_id, later_rows
from handup.people.rules.glass import GlassReason
from handup.people.services import merging as m
from handup.people.services.glass import SeenAlready, break_glass
from handup.people.tests.conftest import DAY, signed_in
from handup.people.tests.test_merging import adjudicator, again, match, merge, unmerge

__all__ = ["adjudicator", "again", "match"]


def test_the_old_card_opens_her_and_no_register_is_rewritten_when_taken_apart(
    adjudicator: StaffUser, clerk: StaffUser, outsider: StaffUser, match: Match, ani: Person,
    again: Person,
) -> None:  # fmt: skip
    """An emergency access by the number of the record that went; what only grows is not offered."""
    record = merge(adjudicator, match)
    access = break_glass(
        acting_staff=outsider, registration_no=again.registration_no, reason=GlassReason.CHILD,
        words="Her child is alone in hospital and asks for her.",
    )  # fmt: skip
    assert access.person == ani
    seen = StaffUser.objects.get(pk=outsider.pk)
    assert Person.objects.visible_to(seen).get(pk=current_id(again.pk)) == ani
    with pytest.raises(SeenAlready):
        break_glass(
            acting_staff=clerk, registration_no=again.registration_no, reason=GlassReason.CHILD,
            words="Her child is alone in hospital and asks for her.",
        )  # fmt: skip
    instrument = Instrument.objects.create(
        code="WG_SS", version=1, title="Six questions", structure={}, published_date=DAY,
        published_by=clerk,
    )  # fmt: skip
    sealed: dict[str, Any] = {"answers": {}, "outcome": {}}
    InstrumentAnswer.objects.create(
        instrument=instrument, person=ani, asked_date=DAY, asked_by=clerk, **sealed
    )
    assert later_rows(record) == []
    with pytest.raises(m.RowUnknown):
        unmerge(adjudicator, record, f"people.breakglass.person:{access.pk}")
    unmerge(adjudicator, record)
    access.refresh_from_db()
    assert access.person == ani


def test_who_saw_her_tells_what_was_read_under_her_earlier_number(
    adjudicator: StaffUser, match: Match, ani: Person, again: Person, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    reader = staff_with("dpo", Role.DPO)
    for person, purpose in ((ani, "SEEN-BEFORE"), (again, "SEEN-UNDER-THE-OTHER")):
        reads.write_entry(
            staff=adjudicator, door="WEB", action="VIEW", persons=[person.pk], highest="P",
            purpose=purpose,
        )  # fmt: skip
    merge(adjudicator, match)
    for pk in (ani.pk, again.pk):
        shown = signed_in(reader).get(reverse("people:person_seen", args=[pk]))
        text = shown.content.decode()
        assert "SEEN-BEFORE" in text
        assert "SEEN-UNDER-THE-OTHER" in text
