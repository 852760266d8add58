"""Whoever sends another's key learns nothing of what was stored under it, and changes nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.apps import apps

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people.models import ConsentNotice, Grievance, Person
from handup.people.rules.grievances import GrievanceKind, Sensitivity
from handup.people.services import record_grievance
from handup.people.services.grievances import GrievanceIn
from handup.people.tests.conftest import signed_in
from handup.projects.models import Programme

SECRET = "She was asked for money by somebody of this house."
DAY = "2026-03-02"


def call(staff: StaffUser, path: str, told: Mapping[str, Any], key: Any) -> Any:
    return signed_in(staff).post(
        f"/api/v1/people/{path}", told, content_type="application/json",
        headers={"Idempotency-Key": str(key)},
    )  # fmt: skip


@pytest.fixture
def stranger(other_programme: Programme) -> StaffUser:
    """She may do everything the cast may, in another programme."""
    many = (
        Role.CLERK, Role.OUTREACH, Role.MANAGER, Role.TARGETING_OFFICER, Role.COMPLAINTS_OFFICER,
        Role.DPO, Role.ME_OFFICER,
    )  # fmt: skip
    return staff_with("stranger", *many, scope=ScopeKind.PROJECT, programme_id=other_programme.pk)


def bodies(
    programme: Programme, notice: ConsentNotice, person: Person, area: Area
) -> dict[str, dict[str, Any]]:
    """What is sent to each address that stores something under a key of the sender."""
    own = str(programme.pk)
    return {
        "persons": {
            "names": [{"first_name": "Lilit", "last_name": "Avetyan"}], "registered_date": DAY,
            "programme_id": own,
        },
        "enquiries": {"programme_id": own, "enquiry_date": DAY, "name": "Narine", "wish": "A loan"},
        "campaigns": {
            "programme_id": own, "code": "C9", "title": "Radio", "channel": "MEDIA",
            "language": "en", "start_date": DAY,
        },
        "households": {
            "members": [{"person_id": str(person.pk), "role": "HEAD"}], "registered_date": DAY,
            "programme_id": own,
        },
        "enterprises": {
            "trade": "Bakery", "owners": [{"person_id": str(person.pk)}], "registered_date": DAY,
            "programme_id": own,
        },
        "grievances": {"kind": "SERVICE", "text": SECRET, "received_date": DAY},
        "participations": {
            "person_id": str(person.pk), "programme_id": own, "applied_date": DAY,
        },
        "subject-requests": {
            "kind": "ACCESS", "received_date": DAY, "person_id": str(person.pk), "details": SECRET,
        },
        f"persons/{person.pk}/consents": {
            "purpose": "SHARE_BANK", "notice_id": str(notice.pk), "method": "MARK",
            "given_date": DAY,
        },
        f"persons/{person.pk}/statuses": {"status": "IDP", "from_date": DAY},
    }  # fmt: skip


def stored() -> dict[str, int]:
    """How many rows each table of this domain holds."""
    models = apps.get_app_config("people").get_models()
    return {model.__name__: model._base_manager.count() for model in models}


def test_anothers_key_is_answered_without_a_word_of_what_lies_under_it(
    clerk: StaffUser, stranger: StaffUser, programme: Programme, notice: ConsentNotice,
    ani: Person, area: Area,
) -> None:  # fmt: skip
    tried = 0
    for path, told in bodies(programme, notice, ani, area).items():
        key = new_id()
        who = clerk if path != "campaigns" else staff_with("own", Role.MANAGER)
        first = call(who, path, told, key)
        assert first.status_code == 201, (path, first.content)
        before = stored()
        again = call(stranger, path, told, key)
        assert again.status_code in {403, 404, 409, 422}, (path, again.status_code)
        text = again.content.decode()
        for secret in ("Lilit", "Narine", "Bakery", SECRET, "Ani", ani.registration_no):
            assert secret not in text, path
        if "tracking" in first.json():
            assert first.json()["tracking"] not in text
        assert stored() == before, path
        own = call(who, path, told, key)
        assert (own.status_code, own.json()) == (201, first.json()), (
            "whoever stored it is told again"
        )
        tried += 1
    assert tried == len(bodies(programme, notice, ani, area))


def test_the_code_of_a_sensitive_complaint_is_told_to_nobody_but_who_heard_it(
    clerk: StaffUser, focal_point: StaffUser, stranger: StaffUser
) -> None:
    item = GrievanceIn(
        id=new_id(),
        kind=GrievanceKind.STAFF,
        text=SECRET,
        received_date=date(2026, 3, 2),
        sensitivity=Sensitivity.FRAUD,
        complained_of=stranger,
    )
    first = record_grievance(acting_staff=clerk, grievance=item)
    assert record_grievance(acting_staff=clerk, grievance=item).tracking == first.tracking
    with pytest.raises(SameIdOtherContent) as refused:
        record_grievance(acting_staff=stranger, grievance=item)
    assert first.tracking not in refused.value.said()
    assert Grievance._base_manager.count() == 1
