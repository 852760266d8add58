"""What went wrong, and the devices one worked on, are kept for a time and then say nothing more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from handup.org import retention
from handup.org.models import ApiToken, Device, Incident, StaffUser, Trip
from handup.org.retention import Rule
from handup.org.rules.access import Role
from handup.org.rules.incidents import IncidentKind, Risk
from handup.org.services import incidents as i
from handup.org.services.devices import give_token, retire_device
from handup.org.services.retention import KeptTooShort, approve_retention, list_due, set_periods
from handup.org.tests.conftest import with_role

DAY = timedelta(days=1)
WANTED = {
    "ENQUIRY_NAMES": 365, "REFUSED_APPLICATIONS": 730, "PARTICIPANTS": 1825,
    "LOAN_PAPERS": 3650, "ENTRY_PAPERS": 3650, "CLOSED_COMPLAINTS": 1825, "CLOSED_CASES": 730,
    "READ_LOG": 1825, "BACKUPS": 90, "INCIDENTS": 1825, "DISCLOSURES": 1825, "DEVICES": 730,
    "SUBJECT_REQUESTS": 1825,
}  # fmt: skip


@pytest.fixture
def dpo(db: None) -> StaffUser:
    return with_role("dpo", Role.DPO)


def ruled(code: str) -> Rule:
    return retention.rules[code]


def test_each_kind_of_record_has_a_period_and_each_can_be_set(dpo: StaffUser) -> None:
    """protection.md 4.6; what it does not name is the house's own."""
    held = {code: rule.days for code, rule in retention.rules.items()}
    assert {code: held.get(code) for code in WANTED} == WANTED
    longer = {code: days + 7 for code, days in held.items()}
    set_periods(acting_staff=dpo, days=longer)
    assert {code: retention.days_of(rule) for code, rule in retention.rules.items()} == longer
    for rule in retention.rules.values():
        with pytest.raises(KeptTooShort):
            set_periods(acting_staff=dpo, days={rule.code: rule.least - 1})


def test_a_closed_incident_keeps_its_kind_and_days_and_says_no_more_of_whom(
    officer: StaffUser, dpo: StaffUser
) -> None:
    closed, left = (
        i.report_incident(
            acting_staff=officer,
            kind=IncidentKind.DISCLOSED,
            what="A list was sent to the wrong bank.",
            noticed_at=timezone.now() - DAY,
        )
        for _each in range(2)
    )
    Incident.objects.update(persons=["a"])
    i.assess_incident(acting_staff=dpo, incident=closed, risk=Risk.NONE, assessment="Nobody read.")
    i.close_incident(acting_staff=dpo, incident=closed, lesson="Two look at each list.")
    today = timezone.localdate()
    rule = ruled("INCIDENTS")
    assert (rule.due(today), rule.due(today + DAY)) == (0, 1)
    (listing,) = [row for row in list_due(today + DAY * (rule.days + 1)) if row.rule == "INCIDENTS"]
    assert approve_retention(acting_staff=dpo, listing=listing, on=today).blanked == 1
    row = Incident.objects.get(pk=closed.pk)
    assert (row.what, row.assessment, row.lesson, row.persons, row.about) == ("", "", "", [], "")
    assert (row.kind, row.risk, row.closed_by) == ("DISCLOSED", "NONE", dpo)
    open_one = Incident.objects.get(pk=left.pk)
    assert (open_one.what, open_one.persons) == ("A list was sent to the wrong bank.", ["a"])
    assert rule.due(today + DAY) == 0


def test_a_device_that_ended_loses_its_name_its_trips_and_its_tokens(
    administrator: StaffUser, officer: StaffUser
) -> None:
    today = timezone.localdate()
    gone, used = (
        Device.objects.create(staff=officer, label=label, enrolled_by=administrator)
        for label in ("Nune's phone", "Gor's phone")
    )
    for device in (gone, used):
        Trip.objects.create(device=device, starts=today, ends=today, declared_by=administrator)
        give_token(
            acting_staff=administrator,
            staff=officer,
            device=device,
            label="sync",
            scopes=["*"],
            days=30,
        )
    retire_device(acting_staff=administrator, device=gone)
    rule = ruled("DEVICES")
    assert (rule.due(today), rule.due(today + DAY)) == (0, 1)
    assert (rule.blank(today + DAY), rule.due(today + DAY)) == (1, 0)
    gone.refresh_from_db()
    assert (gone.label, gone.state, gone.staff) == ("\u2013", "RETIRED", officer)
    for model in (Trip, ApiToken):
        assert [row.device for row in model.objects.all()] == [used]
