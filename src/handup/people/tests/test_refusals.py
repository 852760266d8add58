"""A no is a record of its own: she is served as before, stays where she is, and may agree later."""

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import OutOfSight
from handup.org.web.forms import NEW_ID
from handup.people.handover_mover import who_goes
from handup.people.models import Consent, ConsentNotice, ConsentRefusal, Person
from handup.people.queries import has_consent
from handup.people.rules import codes as c
from handup.people.services import (
    ConsentIn,
    NoIn,
    give_consent,
    publish_notice,
    refuse_consent,
    withdraw_consent,
)
from handup.people.services import consents as cs
from handup.people.tests.test_api import Caller
from handup.projects.models import Organisation, Programme

TRANSFER = c.ConsentPurpose.TRANSFER
READ, SAID, LATER = date(2026, 3, 2), date(2026, 4, 2), date(2026, 5, 2)


@pytest.fixture
def moving(manager: StaffUser, programme: Programme) -> ConsentNotice:
    """What is read before a hand-over."""
    return publish_notice(
        acting_staff=manager, version="T", language="hy", text="Your records go to another house.",
        purposes=[TRANSFER], data_categories=[], valid_from=READ, programme=programme,
    )  # fmt: skip


@pytest.fixture
def successor(db: None) -> Organisation:
    return Organisation.objects.create(code="OWN", name="Our own institution (invented)")


def no(notice: ConsentNotice, on: date = SAID, to: Organisation | None = None) -> NoIn:
    return NoIn(TRANSFER, notice, c.ConsentMethod.VOICE, on, recipient=to)


def yes(notice: ConsentNotice, on: date, to: Organisation | None = None) -> ConsentIn:
    return ConsentIn(TRANSFER, notice, c.ConsentMethod.VOICE, on, recipient=to)


def test_who_says_no_stays_and_is_listed_as_refused_until_she_agrees(
    clerk: StaffUser,
    ani: Person,
    moving: ConsentNotice,
    successor: Organisation,
    programme: Programme,
) -> None:
    other = Organisation.objects.create(code="OTHER", name="Another (invented)")
    refuse_consent(acting_staff=clerk, person=ani, told=no(moving, to=other))
    assert ani.pk in who_goes(programme, successor, LATER).not_asked
    refuse_consent(acting_staff=clerk, person=ani, told=no(moving, to=successor))
    assert ani.pk in who_goes(programme, successor, SAID).refused
    assert ani.pk in who_goes(programme, successor, READ).not_asked, "she had not said it yet"
    assert has_consent(ani, c.ConsentPurpose.SERVICE, on=LATER), "she is served as before"
    give_consent(acting_staff=clerk, person=ani, consent=yes(moving, LATER, successor))
    answers = who_goes(programme, successor, LATER)
    assert (ani.pk in answers.going, ani.pk in answers.refused) == (True, False)


def test_a_no_ends_what_she_had_agreed_to_and_calls_nothing_else_back(
    clerk: StaffUser,
    ani: Person,
    moving: ConsentNotice,
    successor: Organisation,
    programme: Programme,
) -> None:
    other = Organisation.objects.create(code="OTHER", name="Another (invented)")
    for to in (None, successor, other):
        give_consent(acting_staff=clerk, person=ani, consent=yes(moving, READ, to))
    told = replace(no(moving, to=successor), id=new_id())
    made = refuse_consent(acting_staff=clerk, person=ani, told=told)
    left = Consent.objects.filter(purpose=TRANSFER, ending=None)
    assert [row.recipient for row in left] == [other]
    assert ani.pk in who_goes(programme, successor, SAID).refused
    assert refuse_consent(acting_staff=clerk, person=ani, told=told) == made
    with pytest.raises(SameIdOtherContent):
        refuse_consent(acting_staff=clerk, person=ani, told=replace(told, recipient=None))
    actions = list(AuditLine.objects.order_by("id").values_list("action", flat=True))
    assert actions[-3:] == ["people.withdraw_consent"] * 2 + ["people.refuse_consent"]
    with pytest.raises(cs.ConsentEnded):
        withdraw_consent(
            acting_staff=clerk,
            consent=Consent.objects.get(purpose=TRANSFER, recipient=successor),
            withdrawn_date=LATER,
        )


def test_a_no_is_said_to_a_notice_that_was_read(
    clerk: StaffUser, outsider: StaffUser, ani: Person, moving: ConsentNotice, notice: ConsentNotice
) -> None:
    for refusal, told in (
        (cs.PurposeNotInNotice, no(notice)),
        (cs.NoticeNotYetValid, no(moving, date(2026, 3, 1))),
    ):
        with pytest.raises(refusal):
            refuse_consent(acting_staff=clerk, person=ani, told=told)
    with pytest.raises(OutOfSight):
        refuse_consent(acting_staff=outsider, person=ani, told=no(moving))
    assert not ConsentRefusal.objects.exists()


def test_a_no_on_her_page_and_over_the_api(
    client: Client, clerk: StaffUser, outsider: StaffUser, ani: Person, moving: ConsentNotice
) -> None:
    client.force_login(clerk)
    page = reverse("people:consent_refuse", args=[ani.pk])
    shown = client.get(f"{page}?language=hy").content.decode()
    assert "Your records go to another house." in shown
    told = {
        "purpose": TRANSFER.value, "method": "VOICE", "refused_date": "2026-04-02",
        NEW_ID: str(new_id()),
    }  # fmt: skip
    wrong = client.post(f"{page}?language=hy", {**told, "refused_date": "2026-02-30"})
    assert wrong.status_code == 422
    for _press in range(2):
        answer = client.post(f"{page}?language=hy", told)
        assert answer.status_code == 302
    assert ConsentRefusal.objects.count() == 1
    detail = client.get(reverse("people:person_detail", args=[ani.pk])).content.decode()
    assert "What she said no to" in detail
    body = {
        "purpose": TRANSFER.value, "notice_id": str(moving.pk), "method": "VOICE",
        "refused_date": "2026-04-03",
    }  # fmt: skip
    api, base = Caller(clerk), f"/persons/{ani.pk}/refusals"
    assert api.post(base, body).status_code == 201
    days = [row["refused_date"] for row in api.get(base).json()]
    assert days == ["2026-04-02", "2026-04-03"]
    assert Caller(outsider).post(base, body).status_code == 404
    assert Caller(outsider).get(base).status_code == 404
    client.force_login(outsider)
    assert client.get(page).status_code == 404
