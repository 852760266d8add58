"""What was signed with a partner: its days, what each side owes by when, and what came of it."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.projects.models import Document, Memorandum, Obligation, Organisation, Programme
from handup.projects.models.labels import OrgKind
from handup.projects.rules.duties import MemorandumKind, ObligationKind, due_dates
from handup.projects.services import (
    MemorandumIn,
    ObligationIn,
    end_memorandum,
    meet_obligation,
    record_memorandum,
    record_obligation,
    register_organisation,
)
from handup.projects.services import memoranda as m
from handup.projects.services.programmes import EndBeforeStart, TitleMissing
from handup.projects.tests.test_api import Caller

SIGNED = date(2025, 1, 31)
LAST = date(2025, 12, 31)
TODAY = date(2026, 3, 2)


@pytest.fixture
def ministry(manager: StaffUser) -> Organisation:
    return register_organisation(
        acting_staff=manager, code="MIN", name="Ministry", kinds=[OrgKind.GOVERNMENT]
    )


def told(ministry: Organisation, **more: Any) -> MemorandumIn:
    return MemorandumIn(
        **{
            "organisation": ministry,
            "kind": MemorandumKind.MOU,
            "title": "Training in the districts",
            "signed_date": SIGNED,
            "last_date": LAST,
            **more,
        }
    )


@pytest.fixture
def memorandum(manager: StaffUser, programme: Programme, ministry: Organisation) -> Memorandum:
    return record_memorandum(acting_staff=manager, programme=programme, memorandum=told(ministry))


def owes(manager: StaffUser, memorandum: Memorandum, **more: Any) -> list[Obligation]:
    given = {"kind": ObligationKind.REPORT, "what": "Report", "due_date": SIGNED, **more}
    return record_obligation(
        acting_staff=manager, memorandum=memorandum, obligation=ObligationIn(**given)
    )


def test_a_day_of_the_month_is_kept_where_the_month_has_it() -> None:
    assert due_dates(SIGNED, 1, date(2025, 4, 30)) == [
        date(2025, 1, 31),
        date(2025, 2, 28),
        date(2025, 3, 31),
        date(2025, 4, 30),
    ]
    assert due_dates(SIGNED, 0, LAST) == due_dates(SIGNED, 3, None) == [SIGNED]


def test_a_memorandum_holds_from_its_first_to_its_last_day_or_until_it_is_ended(
    manager: StaffUser, memorandum: Memorandum
) -> None:
    days = (SIGNED - timedelta(days=1), SIGNED, LAST, LAST + timedelta(days=1))
    assert [memorandum.holds_on(day) for day in days] == [False, True, True, False]
    with pytest.raises(m.EndReasonMissing):
        end_memorandum(
            acting_staff=manager,
            memorandum=memorandum,
            ended_date=SIGNED,
            reason=" ",
            today=TODAY,
        )
    ended = date(2025, 6, 30)
    given: dict[str, Any] = {"acting_staff": manager, "memorandum": memorandum, "reason": "law"}
    with pytest.raises(m.DoneAhead):
        end_memorandum(**given, ended_date=TODAY + timedelta(days=1), today=TODAY)
    with pytest.raises(EndBeforeStart):
        end_memorandum(**given, ended_date=date(2024, 1, 1), today=TODAY)
    row = end_memorandum(**given, ended_date=ended, today=TODAY)
    assert [row.holds_on(day) for day in (ended, ended + timedelta(days=1))] == [True, False]
    with pytest.raises(m.EndedAlready):
        end_memorandum(**given, ended_date=ended, today=TODAY)
    with pytest.raises(m.EndedAlready):
        owes(manager, row)


def test_what_cannot_be_is_refused_and_nothing_is_kept(
    manager: StaffUser,
    programme: Programme,
    other_programme: Programme,
    ministry: Organisation,
    memorandum: Memorandum,
    report: Document,
    clerk: StaffUser,
) -> None:
    bank = Organisation.objects.create(code="BANK", name="First bank")
    tomorrow = timezone.localdate() + timedelta(days=1)

    def record(of: Programme = programme, staff: StaffUser = manager, **more: Any) -> Memorandum:
        return record_memorandum(
            acting_staff=staff, programme=of, memorandum=told(ministry, **more)
        )

    for refusal, more in (
        (TitleMissing, {"title": " "}),
        (EndBeforeStart, {"last_date": date(2024, 1, 1)}),
        (m.DoneAhead, {"signed_date": tomorrow, "last_date": None}),
        (m.PaperElsewhere, {"of": other_programme, "document": report}),
        (NotAllowed, {"staff": clerk}),
    ):
        with pytest.raises(refusal):
            record(**more)
    wrong: list[tuple[type[Refusal], dict[str, Any]]] = [
        (m.WhatMissing, {"what": " "}),
        (m.NotASide, {"party": bank}),
        (m.AmountMissing, {"kind": ObligationKind.PAYMENT, "currency": "USD"}),
        (m.AmountMissing, {"kind": ObligationKind.PAYMENT, "amount_units": 5}),
        (m.DueOutsideMemorandum, {"due_date": date(2024, 12, 31)}),
        (m.DueOutsideMemorandum, {"due_date": date(2026, 1, 1)}),
    ]
    for named, given in wrong:
        with pytest.raises(named):
            owes(manager, memorandum, **given)
    assert Memorandum.objects.count() == 1
    assert not Obligation.objects.exists()


def test_the_same_sent_twice_is_one_and_other_content_is_refused_field_by_field(
    manager: StaffUser,
    programme: Programme,
    ministry: Organisation,
    memorandum: Memorandum,
    report: Document,
) -> None:
    key = new_id()
    given: dict[str, Any] = {"id": key, "every_months": 3, "due_date": date(2025, 3, 31)}
    given |= {"kind": ObligationKind.PAYMENT, "amount_units": 5_00, "currency": "USD"}
    rows = owes(manager, memorandum, **given)
    assert (len(rows), owes(manager, memorandum, **given)) == (4, rows)
    for other in (
        {"what": "Another report"},
        {"kind": ObligationKind.TASK},
        {"due_date": date(2025, 4, 30)},
        {"party": ministry},
        {"amount_units": 6_00},
        {"currency": "EUR"},
        {"every_months": 6},
        {"until_date": date(2025, 9, 30)},
    ):
        with pytest.raises(SameIdOtherContent):
            owes(manager, memorandum, **given | other)
    assert Obligation.objects.count() == 4
    bank = Organisation.objects.create(code="BANK", name="First bank")
    for more in (
        {"organisation": bank},
        {"kind": MemorandumKind.CONTRACT},
        {"title": "Another"},
        {"reference": "7"},
        {"signed_date": date(2025, 1, 1)},
        {"last_date": None},
        {"document": report},
        {"remark": "seen"},
    ):
        with pytest.raises(SameIdOtherContent):
            record_memorandum(
                acting_staff=manager,
                programme=programme,
                memorandum=told(ministry, id=memorandum.pk, **more),
            )
    same = told(ministry, id=memorandum.pk)
    again = record_memorandum(acting_staff=manager, programme=programme, memorandum=same)
    assert again == memorandum


def test_what_was_recorded_before_series_were_kept_is_known_again_with_all_its_days(
    manager: StaffUser, memorandum: Memorandum
) -> None:
    key, alone = new_id(), new_id()
    given: dict[str, Any] = {"id": key, "every_months": 3, "due_date": date(2025, 3, 31)}
    rows = owes(manager, memorandum, **given)
    Obligation.objects.update(series=None, recorded_at=timezone.now() - timedelta(days=30))
    (once,) = owes(manager, memorandum, id=alone, due_date=date(2025, 6, 30))
    Obligation.objects.filter(pk=once.pk).update(series=None)
    assert owes(manager, memorandum, **given) == rows
    assert owes(manager, memorandum, id=alone, due_date=date(2025, 6, 30)) == [once]
    for other in ({"every_months": 6}, {"every_months": 0}, {"until_date": date(2025, 9, 30)}):
        with pytest.raises(SameIdOtherContent):
            owes(manager, memorandum, **given | other)
    assert Obligation.objects.count() == 5


def test_what_comes_again_says_until_when_and_not_too_often(
    manager: StaffUser, programme: Programme, ministry: Organisation, memorandum: Memorandum
) -> None:
    def signed(last: date | None) -> Memorandum:
        given = told(ministry, last_date=last)
        return record_memorandum(acting_staff=manager, programme=programme, memorandum=given)

    endless, long = signed(None), signed(date(2045, 12, 31))
    with pytest.raises(m.UntilWhenMissing) as refused:
        owes(manager, endless, every_months=1)
    assert refused.value.field == "until_date"
    rows = owes(manager, endless, every_months=1, until_date=date(2025, 3, 31))
    assert len(rows) == 3
    assert {row.series for row in rows} == {rows[0].pk}
    with pytest.raises(m.TooManyDays):
        owes(manager, long, every_months=1)
    assert len(owes(manager, long, every_months=1, until_date=date(2044, 12, 31))) == 240
    with pytest.raises(m.DueOutsideMemorandum) as outside:
        owes(manager, memorandum, every_months=1, until_date=date(2026, 1, 1))
    assert outside.value.field == "until_date"


def test_what_falls_due_after_the_end_is_no_longer_owed(
    manager: StaffUser, memorandum: Memorandum
) -> None:
    rows = owes(manager, memorandum, due_date=date(2025, 3, 31), every_months=3)
    given: dict[str, Any] = {"acting_staff": manager, "memorandum": memorandum, "reason": "law"}
    with pytest.raises(m.EndAfterLastDay):
        end_memorandum(**given, ended_date=LAST + timedelta(days=1), today=TODAY)
    with pytest.raises(m.DoneBeforeSigned):
        meet_obligation(
            acting_staff=manager,
            obligation=rows[0],
            done_date=SIGNED - timedelta(days=1),
            result="done",
            today=TODAY,
        )
    old = Memorandum.objects.get(pk=memorandum.pk)
    end_memorandum(**given, ended_date=date(2025, 6, 30), today=TODAY)
    with pytest.raises(m.EndedAlready):
        owes(manager, old)  # read before it was ended
    found = list(Obligation.objects.order_by("due_date"))
    assert [row.is_owed for row in found] == [True, True, False, False]
    assert [row.is_late(TODAY) for row in found] == [True, True, False, False]
    client = Client()
    client.force_login(manager)
    page = client.get(reverse("projects:memorandum_detail", args=[memorandum.pk])).content.decode()
    assert page.count("o longer owed") == 2


def test_an_agreement_on_a_hand_over_is_a_final_paper_somebody_else_recorded(
    manager: StaffUser,
    second_manager: StaffUser,
    programme: Programme,
    ministry: Organisation,
    report: Document,
) -> None:
    def agree(staff: StaffUser, document: Document | None) -> Memorandum:
        given = told(ministry, kind=MemorandumKind.HANDOVER, document=document)
        return record_memorandum(acting_staff=staff, programme=programme, memorandum=given)

    for paper in (None, report):
        with pytest.raises(m.AgreementWithoutPaper) as refused:
            agree(manager, paper)
        assert refused.value.field == "document"
    assert not Memorandum.objects.exists()
    Document.objects.filter(pk=report.pk).update(state="FINAL")
    report.refresh_from_db()
    row = agree(manager, report)
    assert m.agreements(programme.pk, ministry.pk, on=SIGNED) == [row]
    assert m.agreements(programme.pk, ministry.pk, on=LAST + timedelta(days=1)) == []
    with pytest.raises(SamePerson):
        m.require_agreed_by_another(manager, programme.pk, ministry.pk, on=SIGNED)
    m.require_agreed_by_another(second_manager, programme.pk, ministry.pk, on=SIGNED)
    agree(second_manager, report)
    m.require_agreed_by_another(manager, programme.pk, ministry.pk, on=SIGNED)


def test_reports_fall_due_every_quarter_and_money_once(
    manager: StaffUser, ministry: Organisation, memorandum: Memorandum, report: Document
) -> None:
    reports = owes(manager, memorandum, due_date=date(2025, 3, 31), every_months=3)
    assert [row.due_date.isoformat() for row in reports] == [
        "2025-03-31",
        "2025-06-30",
        "2025-09-30",
        "2025-12-31",
    ]
    money = {"kind": ObligationKind.PAYMENT, "amount_units": 5_000_00, "currency": "USD"}
    (paid,) = owes(manager, memorandum, what="First tranche", party=ministry, **money)
    given: dict[str, Any] = {"acting_staff": manager, "obligation": paid, "today": TODAY}
    with pytest.raises(m.ResultMissing):
        meet_obligation(**given, done_date=SIGNED, result="")
    with pytest.raises(m.DoneAhead):
        meet_obligation(**given, done_date=TODAY + timedelta(days=1), result="paid")
    row = meet_obligation(**given, done_date=date(2025, 2, 1), result="paid", document=report)
    assert (row.is_late(TODAY), row.document) == (True, report)
    with pytest.raises(m.MetAlready):
        meet_obligation(**given, done_date=SIGNED, result="paid")
    assert [one.is_late(date(2025, 6, 30)) for one in reports] == [True, False, False, False]
    assert AuditLine.objects.filter(action="projects.record_obligation").count() == 5


def test_it_goes_the_way_of_its_pages(
    manager: StaffUser, programme: Programme, ministry: Organisation, funder: StaffUser
) -> None:
    client = Client()
    client.force_login(manager)
    today = timezone.localdate()
    answer = client.post(
        reverse("projects:memorandum_new", args=[programme.pk]),
        {
            "organisation": str(ministry.pk),
            "kind": "MOU",
            "title": "Training in the districts",
            "signed_date": (today - timedelta(days=400)).isoformat(),
        },
    )
    row = Memorandum.objects.get()
    page = reverse("projects:memorandum_detail", args=[row.pk])
    assert answer["Location"] == page
    owed = {"party": "", "kind": "PAYMENT", "what": "Rent of rooms", "every_months": "0"}
    owed |= {"due_date": (today - timedelta(days=9)).isoformat(), "currency": "usd"}
    address = reverse("projects:obligation_new", args=[row.pk])
    refused = client.post(address, owed)
    assert refused.status_code == 422
    assert "an amount above zero" in refused.content.decode()
    assert client.post(address, owed | {"amount_units": "1200.50"}).status_code == 302
    one = Obligation.objects.get()
    assert (one.amount_units, one.currency, one.party) == (1_200_50, "USD", None)
    text = client.get(page).content.decode()
    for said in ("Rent of rooms", "1,200.50", "Late", "In force"):
        assert said in text, said
    done = {"done_date": today.isoformat(), "result": "paid from the budget"}
    client.post(reverse("projects:obligation_meet", args=[one.pk]), done)
    assert "Done late" in client.get(page).content.decode()
    assert (
        "Training in the districts"
        in client.get(reverse("projects:programme_detail", args=[programme.pk])).content.decode()
    )
    client.post(
        reverse("projects:memorandum_end", args=[row.pk]),
        {"ended_date": (today - timedelta(days=1)).isoformat(), "reason": "a new law"},
    )
    assert "a new law" in client.get(page).content.decode()
    client.force_login(funder)
    assert client.get(page).status_code in {403, 404}
    listed = client.get(reverse("projects:programme_detail", args=[programme.pk]))
    assert "Training in the districts" not in listed.content.decode()


def test_it_goes_through_the_api(
    manager: StaffUser, programme: Programme, ministry: Organisation, clerk: StaffUser
) -> None:
    api = Caller(manager)
    given = {"organisation_id": ministry.pk, "kind": "CONTRACT", "title": "Rooms"}
    given |= {"signed_date": "2025-01-31", "last_date": "2025-12-31"}
    key = uuid4()
    made = api.post(f"/programmes/{programme.pk}/memoranda", given, key)
    assert made.status_code == 201
    assert api.post(f"/programmes/{programme.pk}/memoranda", given, key).status_code == 201
    root = f"/memoranda/{made.json()['id']}"
    owed = {"kind": "REPORT", "what": "Use of rooms", "due_date": "2025-06-30"}
    rows = api.post(f"{root}/obligations", owed | {"every_months": 6}).json()
    assert [row["due_date"] for row in rows] == ["2025-06-30", "2025-12-30"]
    late = api.post(f"{root}/obligations", owed | {"due_date": "2026-01-01"})
    assert (late.status_code, late.json()["code"]) == (422, "DUE_OUTSIDE_MEMORANDUM")
    met = {"done_date": "2025-06-29", "result": "received"}
    assert api.post(f"/obligations/{rows[0]['id']}/met", met).json()["result"] == "received"
    assert len(api.get(f"{root}/obligations").json()["items"]) == 2
    ended = api.post(f"{root}/end", {"ended_date": "2025-11-30", "reason": "moved"}).json()
    assert (ended["ended_date"], ended["end_reason"]) == ("2025-11-30", "moved")
    assert len(api.get("/memoranda").json()["items"]) == 1
    assert Caller(clerk).get("/memoranda").status_code == 403
    assert Memorandum.objects.count() == 1
