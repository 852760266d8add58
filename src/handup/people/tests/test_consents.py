"""Consent per purpose: read, given, renewed, withdrawn in one act; statuses dated with their
source."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people.models import Consent, ConsentEnding, ConsentNotice, LegalStatus, Person
from handup.people.queries import (
    ConsentMissing,
    any_of_count,
    category_facts,
    consents_in_force,
    has_consent,
    not_consenting,
    persons_consenting,
    require_consent,
)
from handup.people.rules import codes as c
from handup.people.services import (
    PaperIn,
    end_status,
    give_consent,
    publish_notice,
    record_document,
    record_status,
    record_vulnerability,
    register_person,
    withdraw_consent,
)
from handup.people.services import consents as cs
from handup.people.services import statuses as st
from handup.people.services.store import EndsBeforeStart
from handup.people.tests.conftest import DAY, agreed, person_in
from handup.projects.models import Organisation, Programme

BANK = c.ConsentPurpose.SHARE_BANK
LATER = date(2026, 6, 1)


def test_nothing_given_is_refused(ani: Person) -> None:
    assert has_consent(ani, c.ConsentPurpose.SERVICE, on=DAY)
    assert not has_consent(ani, BANK, on=DAY)
    with pytest.raises(ConsentMissing):
        require_consent(ani, BANK, on=DAY)


def test_consent_is_withdrawn_in_one_act_and_the_service_goes_on(
    clerk: StaffUser, ani: Person, notice: ConsentNotice
) -> None:
    row = give_consent(acting_staff=clerk, person=ani, consent=agreed(notice, BANK))
    assert list(persons_consenting(BANK, on=DAY)) == [ani.pk]
    withdraw_consent(acting_staff=clerk, consent=row, withdrawn_date=LATER)
    assert has_consent(ani, BANK, on=date(2026, 5, 31))
    assert not has_consent(ani, BANK, on=LATER)
    assert has_consent(ani.pk, c.ConsentPurpose.SERVICE, on=LATER)
    actions = list(AuditLine.objects.order_by("id").values_list("action", flat=True))
    assert actions[-2:] == ["people.give_consent", "people.withdraw_consent"]
    with pytest.raises(cs.ConsentEnded):
        withdraw_consent(acting_staff=clerk, consent=row, withdrawn_date=LATER)
    assert ConsentEnding._base_manager.count() == 1


def test_a_consent_cannot_end_before_it_was_given(clerk: StaffUser, ani: Person) -> None:
    with pytest.raises(cs.WithdrawnBeforeGiven):
        withdraw_consent(
            acting_staff=clerk, consent=ani.consents.get(), withdrawn_date=date(2026, 3, 1)
        )
    assert not ConsentEnding._base_manager.exists()


def test_whoever_serves_her_may_record_the_withdrawal_an_outsider_not(
    trainer: StaffUser, outsider: StaffUser, ani: Person
) -> None:
    with pytest.raises(OutOfSight):
        withdraw_consent(acting_staff=outsider, consent=ani.consents.get(), withdrawn_date=LATER)
    with pytest.raises(NotAllowed):
        give_consent(
            acting_staff=trainer,
            person=ani,
            consent=agreed(ani.consents.get().notice),
        )
    withdraw_consent(acting_staff=trainer, consent=ani.consents.get(), withdrawn_date=LATER)
    assert ConsentEnding._base_manager.get().recorded_by == trainer


def test_giving_it_again_renews_it(clerk: StaffUser, ani: Person, notice: ConsentNotice) -> None:
    again = give_consent(acting_staff=clerk, person=ani, consent=agreed(notice, on=LATER))
    assert ConsentEnding._base_manager.get().how == "RENEWED"
    in_force = consents_in_force(on=LATER, purpose=c.ConsentPurpose.SERVICE)
    assert list(in_force) == [again]
    assert ani.consents.count() == 2


def ends(*rows: Consent) -> list[tuple[str, date] | None]:
    """How and when each ended."""
    found = {row.consent_id: (row.how, row.end_date) for row in ConsentEnding._base_manager.all()}
    return [found.get(row.pk) for row in rows]


@pytest.mark.parametrize("given", [DAY, date(2026, 5, 1)])
def test_a_paper_found_later_brings_back_nothing_she_took_back(
    clerk: StaffUser, ani: Person, notice: ConsentNotice, given: date
) -> None:
    """Given before or after the one that was taken back, and written down when it was."""
    april = agreed(notice, BANK, date(2026, 4, 1))
    row = give_consent(acting_staff=clerk, person=ani, consent=april)
    withdraw_consent(acting_staff=clerk, consent=row, withdrawn_date=LATER)
    late = give_consent(acting_staff=clerk, person=ani, consent=agreed(notice, BANK, given))
    assert not has_consent(ani, BANK, on=LATER)
    assert has_consent(ani, BANK, on=date(2026, 5, 31))
    how = ("RENEWED", april.given_date) if given == DAY else ("WITHDRAWN", LATER)
    assert ends(late) == [how]
    again = give_consent(acting_staff=clerk, person=ani, consent=agreed(notice, BANK, LATER))
    assert ends(again) == [None]
    assert has_consent(ani, BANK, on=LATER)


@pytest.mark.parametrize("named", [False, True])
def test_a_paper_found_later_stands_no_longer_than_until_she_said_no(
    clerk: StaffUser, ani: Person, notice: ConsentNotice, named: bool
) -> None:
    bank = Organisation.objects.create(code="BANK", name="A bank")
    no = cs.NoIn(BANK, notice, c.ConsentMethod.SIGNATURE, LATER, recipient=bank if named else None)
    cs.refuse_consent(acting_staff=clerk, person=ani, told=no)
    late = replace(agreed(notice, BANK), recipient=bank)
    row = give_consent(acting_staff=clerk, person=ani, consent=late)
    assert ends(row) == [("WITHDRAWN", LATER)]
    assert not has_consent(ani, BANK, on=LATER, recipient=bank)


def test_consents_told_out_of_order_leave_the_last_one_in_force(
    clerk: StaffUser, ani: Person, notice: ConsentNotice
) -> None:
    first, last, middle = (
        give_consent(acting_staff=clerk, person=ani, consent=agreed(notice, BANK, day))
        for day in (DAY, LATER, date(2026, 4, 1))
    )
    assert ends(first, middle, last) == [("RENEWED", LATER), ("RENEWED", LATER), None]


def test_what_stands_twice_is_withdrawn_in_one_act(
    clerk: StaffUser, ani: Person, notice: ConsentNotice
) -> None:
    """Two records of her became one: each held a consent."""
    bank = Organisation.objects.create(code="BANK", name="A bank")
    row = give_consent(acting_staff=clerk, person=ani, consent=agreed(notice, BANK))
    named = replace(agreed(notice, BANK), recipient=bank)
    other = give_consent(acting_staff=clerk, person=ani, consent=named)
    twin = Consent._base_manager.get(pk=row.pk)
    twin.id = new_id()
    twin.save(force_insert=True)
    withdraw_consent(acting_staff=clerk, consent=row, withdrawn_date=LATER)
    assert ends(row, twin, other) == [("WITHDRAWN", LATER), ("WITHDRAWN", LATER), None]
    assert not has_consent(ani, BANK, on=LATER)
    assert has_consent(ani, BANK, on=LATER, recipient=bank)


def test_many_are_asked_about_a_day_of_their_own_at_once(
    clerk: StaffUser, ani: Person, notice: ConsentNotice, programme: Programme
) -> None:
    other = register_person(acting_staff=clerk, person=person_in(programme)).person
    told = replace(agreed(notice, BANK), expires_date=date(2026, 3, 31))
    row = give_consent(acting_staff=clerk, person=ani, consent=told)
    before, on, last, after = (date(2026, m, d) for m, d in ((3, 1), (3, 2), (3, 31), (4, 1)))
    asked = {(ani.pk, day) for day in (before, on, last, after)} | {(other.pk, on)}
    assert not_consenting(asked, BANK) == {(ani.pk, before), (ani.pk, after), (other.pk, on)}
    withdraw_consent(acting_staff=clerk, consent=row, withdrawn_date=last)
    assert not_consenting({(ani.pk, last)}, BANK) == {(ani.pk, last)}


def test_what_is_agreed_towards_one_recipient_is_not_agreed_towards_everyone(
    clerk: StaffUser, ani: Person, notice: ConsentNotice
) -> None:
    bank = Organisation.objects.create(code="BANK", name="A bank")
    give_consent(
        acting_staff=clerk, person=ani, consent=replace(agreed(notice, BANK), recipient=bank)
    )
    assert has_consent(ani, BANK, on=DAY, recipient=bank)
    assert not_consenting({(ani.pk, DAY)}, BANK) == {(ani.pk, DAY)}


def test_an_expired_consent_no_longer_holds(
    clerk: StaffUser, ani: Person, notice: ConsentNotice
) -> None:
    told = replace(agreed(notice, BANK), expires_date=date(2026, 3, 31))
    give_consent(acting_staff=clerk, person=ani, consent=told)
    assert has_consent(ani, BANK, on=date(2026, 3, 31))
    assert not has_consent(ani, BANK, on=date(2026, 4, 1))


def test_a_named_recipient_is_the_only_one(
    clerk: StaffUser, ani: Person, notice: ConsentNotice
) -> None:
    bank, other = (Organisation.objects.create(code=code, name=code) for code in "AB")
    told = replace(agreed(notice, BANK), recipient=bank)
    give_consent(acting_staff=clerk, person=ani, consent=told)
    assert has_consent(ani, BANK, on=DAY, recipient=bank)
    assert not has_consent(ani, BANK, on=DAY, recipient=other)
    assert not has_consent(ani, BANK, on=DAY)


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"purpose": c.ConsentPurpose.RESEARCH}, cs.PurposeNotInNotice, "purpose"),
        ({"given_date": date(2025, 12, 31)}, cs.NoticeNotYetValid, "given_date"),
        ({"capacity": c.Capacity.GUARDIAN}, cs.SignatoryMissing, "signatory"),
        ({"expires_date": date(2026, 3, 1)}, EndsBeforeStart, "expires_date"),
    ],
)
def test_the_notice_that_was_read_is_the_upper_bound(
    clerk: StaffUser,
    ani: Person,
    notice: ConsentNotice,
    change: dict[str, Any],
    refusal: type[Refusal],
    field: str,
) -> None:
    told = replace(agreed(notice, BANK), **change)
    with pytest.raises(refusal) as caught:
        give_consent(acting_staff=clerk, person=ani, consent=told)
    assert caught.value.field == field
    assert ani.consents.count() == 1


def test_a_registration_with_a_wrong_consent_stores_nobody(
    clerk: StaffUser, programme: Programme, notice: ConsentNotice
) -> None:
    wrong = agreed(notice, c.ConsentPurpose.PHOTO_STORY)
    with pytest.raises(cs.PurposeNotInNotice):
        register_person(acting_staff=clerk, person=person_in(programme, consents=(wrong,)))
    assert not Person._base_manager.exists()
    assert not Consent._base_manager.exists()


def test_the_device_sends_a_consent_twice(
    clerk: StaffUser, ani: Person, notice: ConsentNotice
) -> None:
    told = replace(agreed(notice, BANK), id=new_id())
    first = give_consent(acting_staff=clerk, person=ani, consent=told)
    assert give_consent(acting_staff=clerk, person=ani, consent=told) == first
    assert ani.consents.count() == 2


def test_a_notice_is_published_once_per_version_and_language(
    manager: StaffUser, clerk: StaffUser, notice: ConsentNotice
) -> None:
    told: dict[str, Any] = {
        "version": "1",
        "language": "en",
        "text": "x",
        "purposes": [BANK],
        "data_categories": [],
        "valid_from": DAY,
    }
    with pytest.raises(cs.NoticeVersionTaken):
        publish_notice(acting_staff=manager, **told)
    with pytest.raises(cs.NoticeWithoutPurpose):
        publish_notice(acting_staff=manager, **(told | {"version": "2", "purposes": []}))
    with pytest.raises(cs.NoticeTextMissing):
        publish_notice(acting_staff=manager, **(told | {"version": "2", "text": " "}))
    with pytest.raises(NotAllowed):
        publish_notice(acting_staff=clerk, **(told | {"version": "2"}))
    assert ConsentNotice.objects.count() == 1


def test_statuses_overlap_but_the_same_one_does_not(clerk: StaffUser, ani: Person) -> None:
    refugee = record_status(
        acting_staff=clerk,
        person=ani,
        status=c.LegalStatusKind.REFUGEE,
        from_date=date(2015, 1, 1),
    )
    record_status(
        acting_staff=clerk,
        person=ani,
        status=c.LegalStatusKind.NATURALISED,
        from_date=date(2020, 1, 1),
        source=c.StatusSource.AUTHORITY,
    )
    with pytest.raises(st.StatusStandsAlready):
        record_status(
            acting_staff=clerk, person=ani, status=c.LegalStatusKind.REFUGEE, from_date=DAY
        )
    assert category_facts([ani.pk], on=DAY)[ani.pk].statuses == {"REFUGEE", "NATURALISED"}
    end_status(acting_staff=clerk, status=refugee, last_date=date(2021, 1, 1))
    assert category_facts([ani.pk], on=DAY)[ani.pk].statuses == {"NATURALISED"}
    assert category_facts([ani.pk], on=date(2021, 1, 1))[ani.pk].statuses == {
        "REFUGEE",
        "NATURALISED",
    }
    with pytest.raises(st.StatusEnded):
        end_status(acting_staff=clerk, status=refugee, last_date=DAY)
    record_status(acting_staff=clerk, person=ani, status=c.LegalStatusKind.REFUGEE, from_date=DAY)
    assert refugee.history.count() == 2


def test_a_status_shown_by_a_document_names_one_of_her_own(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    nare = register_person(acting_staff=clerk, person=person_in(programme, "Nare")).person
    foreign = record_document(
        acting_staff=clerk,
        person=nare,
        paper=PaperIn(c.PaperKind.REFUGEE_CARD, "R1"),
        seen_date=DAY,
    )
    told: dict[str, Any] = {
        "acting_staff": clerk,
        "person": ani,
        "status": c.LegalStatusKind.REFUGEE,
        "from_date": DAY,
        "source": c.StatusSource.DOCUMENT,
    }
    with pytest.raises(st.DocumentNeeded):
        record_status(**told)
    with pytest.raises(st.DocumentOfAnother):
        record_status(**told, document=foreign)
    with pytest.raises(EndsBeforeStart):
        record_status(**(told | {"to_date": date(2026, 1, 1)}))
    assert not LegalStatus._base_manager.exists()


def test_what_was_told_is_dated_too(clerk: StaffUser, outsider: StaffUser, ani: Person) -> None:
    one = new_id()
    told: dict[str, Any] = {
        "person": ani,
        "kind": c.VulnerabilityKind.WIDOWED,
        "from_date": DAY,
    }
    row = record_vulnerability(acting_staff=clerk, id=one, **told)
    assert record_vulnerability(acting_staff=clerk, id=one, **told) == row
    with pytest.raises(st.StatusStandsAlready):
        record_vulnerability(acting_staff=clerk, **told)
    with pytest.raises(OutOfSight):
        record_vulnerability(acting_staff=outsider, **told)
    assert category_facts([ani.pk], on=DAY)[ani.pk].told == {"WIDOWED"}
    end_status(acting_staff=clerk, status=row, last_date=DAY)
    assert category_facts([ani.pk], on=LATER)[ani.pk].told == frozenset()


def test_a_refugee_woman_head_counts_in_both_lines_and_once_in_the_total(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    record_status(acting_staff=clerk, person=ani, status=c.LegalStatusKind.REFUGEE, from_date=DAY)
    record_vulnerability(
        acting_staff=clerk, person=ani, kind=c.VulnerabilityKind.LANDLESS, from_date=DAY
    )
    nare = register_person(acting_staff=clerk, person=person_in(programme, "Nare")).person
    facts = category_facts([ani.pk, nare.pk], on=DAY).values()
    assert any_of_count(facts, ["REFUGEE", "LANDLESS", "IDP"]) == (
        {"REFUGEE": 1, "LANDLESS": 1, "IDP": 0},
        1,
    )
