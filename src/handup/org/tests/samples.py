"""One record of each kind the addresses of `org` name, for the tests that walk every address."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from handup.kernel.ids import new_id
from handup.org.classes import DataClass
from handup.org.models import (
    ApiToken,
    Area,
    AuditLine,
    ClosedDay,
    Device,
    DutyException,
    EditedCell,
    EditedList,
    Grant,
    GrantRequest,
    Incident,
    NoticeWish,
    Office,
    ProofRun,
    ReadEntry,
    RetentionListing,
    SavedFilter,
    SealedKeys,
    StaffSession,
    StaffUser,
    Trip,
    Webhook,
    WebhookDelivery,
)
from handup.org.reads import write_entry
from handup.org.services import store_file


def make(staff: StaffUser, office: Office) -> list[Model]:
    """Somebody else with a grant, a device, a token and a session of one's own, and the trails."""
    now, today = timezone.now(), timezone.localdate()
    other = StaffUser.objects.create_user("sample", display_name="Sample")
    device = Device.objects.create(staff=staff, label="Phone", enrolled_by=staff)
    read: ReadEntry = write_entry(
        staff=staff, door="COMMAND", action="VIEW", persons=[other.pk], highest="P"
    )
    paper = store_file(
        acting_staff=staff, owner=device, name="a.txt", content=b"x", klass=DataClass.I
    )
    edited = EditedList.objects.create(
        code="people.person", name="persons.xlsx", sha256="sample", received_by=staff
    )
    cell = EditedCell.objects.create(
        edited=edited, record=edited.pk, row=2, place="C2", column="sex", version=1
    )
    saved = SavedFilter.objects.create(
        staff=staff, path="/settings/staff/", name="Sample", params={"sort": "username"}
    )
    clerk: dict[str, Any] = {"staff": other, "role": "CLERK", "scope": "ALL"}
    clerk |= {"starts": today, "ends": today}
    return [
        dead_job(now),
        saved,
        edited,
        cell,
        paper,
        other,
        office,
        device,
        read,
        ClosedDay.objects.create(day=today, name="Sample", entered_by=staff),
        Area.objects.create(code="sample", names={"en": "Sample"}),
        Grant.objects.create(**clerk),
        GrantRequest.objects.create(**clerk, why="Sample", asked_by=other),
        ApiToken.objects.create(
            staff=other,
            label="Sample",
            key_hash="sample",
            scopes=["*"],
            expires_at=now + timedelta(days=1),
            given_by=staff,
        ),
        StaffSession.objects.create(staff=staff, key="sample", last_seen_at=now),
        DutyException.objects.create(staff=other, step="sample", profile="SMALL"),
        *trail(staff, other),
        Incident.objects.create(code="I2345678", kind="OTHER", noticed_at=now, notify_by=now),
        RetentionListing.objects.create(rule="SAMPLE", before_date=today, found=3),
        sealed_keys(staff),
        *webhook(staff, now),
        NoticeWish.objects.create(staff=other, ended_at=now),
        Trip.objects.create(device=device, starts=today, ends=today, declared_by=other),
        ProofRun.objects.create(
            reason="NIGHTLY", started_at=now, outcome="HOLDS", checks=1, differences=0
        ),
    ]


def trail(staff: StaffUser, other: StaffUser) -> tuple[Model, Model]:
    """A line of somebody else's act, and one of hers that could be undone."""
    act, kind = "lending.record_repayment", "lending.loanevent"
    return (
        AuditLine.objects.create(staff=other, action="x", object_type="x", object_id="1"),
        AuditLine.objects.create(
            staff=staff, action=act, object_type=kind, object_id=str(new_id())
        ),
    )


def webhook(staff: StaffUser, now: datetime) -> tuple[Model, Model]:
    """Another program that is told of events, and an event that could not be told."""
    hook = Webhook(
        label="Sample",
        address="https://hooks.example.org/in",
        host="hooks.example.org",
        secret="not a secret of anybody",
        acts=["lending.disburse_loan"],
        reason="Sample",
        ends=timezone.localdate(),
        made_by=staff,
    )
    hook.save()
    told = WebhookDelivery.objects.create(
        webhook=hook,
        line=hook.pk,
        act="lending.disburse_loan",
        object_type="lending.loanevent",
        object_id=str(hook.pk),
        happened_at=now,
        state="DEAD",
        why="NOT_REACHED",
        tries=8,
    )
    return hook, told


def sealed_keys(staff: StaffUser) -> SealedKeys:
    """A sealed copy of the keys whose file is not here any more."""
    row: SealedKeys = SealedKeys.objects.create(
        code="260302-0001",
        made_by=staff,
        made_date=timezone.localdate(),
        first_holder="One",
        second_holder="Two",
        fingerprint="sample",
    )
    return row


def dead_job(now: datetime) -> Model:
    """A task of the background that failed for good."""
    row: Model = DBTaskResult.objects.create(
        status="FAILED",
        args_kwargs={"args": [], "kwargs": {}},
        task_path="handup.org.proving.prove_everything",
        backend_name="default",
        run_after=now,
        finished_at=now - timedelta(days=2),
        exception_class_path="builtins.ValueError",
        traceback="handup/org/proving.py:16 prove_everything",
    )
    return row
