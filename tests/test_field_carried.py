"""What a phone could not send is brought as a sealed file it wrote itself: the office opens it, and
nobody else; changed, of another phone or twice it does no harm."""

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from handup.org.models import Device, DeviceState, StaffUser
from handup.org.rules.access import Role
from handup.surveys.models import Attachment, Case, QuestionnaireVersion, Submission
from handup.surveys.tests.conftest import member_of_staff
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.carried import NotCarried, opened
from handup.sync.services.carrying import carry_key, take_carried
from handup.sync.tests.work.conftest import office
from handup.sync.tests.work.test_attendance import own_phone
from handup.sync.tests.work.test_interviews import asked, asks, told
from handup.sync.tests.work.test_pictures import photograph
from tests import field_program

__all__ = ["asked", "asks", "office"]


class Carried:
    """A phone with one interview it could not send, and its file."""

    def __init__(self, asks: StaffUser, version: QuestionnaireVersion, case: Case) -> None:
        self.device = own_phone(asks).device
        self.picture = photograph(40)
        fact = told(version, case)
        body = fact["body"]
        body["xml"] = body["xml"].replace("<start>", "<photo>PICTURE</photo><start>")
        (made,) = field_program.answers("carried", {
            "device": str(self.device.pk),
            "key": base64.b64encode(carry_key(self.device)).decode(),
            "facts": [["record_interview", fact["happened_date"], body]],
            "picture": base64.b64encode(self.picture).decode(),
        })  # fmt: skip
        (self.file,) = made["files"]
        (self.id,) = made["ids"]


@pytest.fixture
def carried(asks: StaffUser, asked: tuple[QuestionnaireVersion, Case]) -> Carried:
    """What the phone of who asks wrote."""
    return Carried(asks, *asked)


@pytest.fixture
def carrier(db: None) -> StaffUser:
    """Anybody who may bring files."""
    return member_of_staff("carrier", Role.GROUP_SUPERVISOR)


def bring(client: Client, file: dict[str, Any]) -> Any:
    """Hand the file in on the page."""
    upload = SimpleUploadedFile("handup.json", json.dumps(file).encode())
    return client.post("/sync/packets/file/", {"file": upload}, follow=True)


def test_a_sealed_file_of_a_phone_is_opened_by_the_office_and_nobody_else(
    carried: Carried, carrier: StaffUser, client: Client, settings: Any,
    asked: tuple[QuestionnaireVersion, Case],
) -> None:  # fmt: skip
    _version, case = asked
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(carrier)
    kept = base64.b64decode(carried.file["data"])
    assert b"household" not in kept
    assert case.pk.hex.encode() not in kept
    answer = bring(client, carried.file)
    assert "1 of 1 records are taken" in answer.content.decode()
    row = Submission.objects.get(case=case)
    assert (row.channel, row.device, row.interviewer.username) == (
        "APP", str(carried.device.pk), "asks",
    )  # fmt: skip
    assert WorkFact.objects.get(pk=carried.id).state == WorkState.DONE
    assert Attachment.objects.get().submission == row
    again = bring(client, carried.file)
    assert "1 of 1 records are taken" in again.content.decode()
    assert (Submission.objects.filter(case=case).count(), Attachment.objects.count()) == (1, 1)


def test_a_file_that_was_changed_or_is_of_another_phone_is_refused(
    carried: Carried, carrier: StaffUser, client: Client, asks: StaffUser, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(carrier)
    data = bytearray(base64.b64decode(carried.file["data"]))
    data[9] ^= 1
    other = own_phone(asks).device
    broken: list[dict[str, Any]] = [
        carried.file | {"data": base64.b64encode(data).decode()},
        carried.file | {"device": str(other.pk)},
        carried.file | {"device": "nobody"},
        carried.file | {"device": None},
        carried.file | {"iv": ""},
        carried.file | {"iv": "%", "data": 7},
        carried.file | {"handup": "else"},
        {"handup": "handup-work"},
    ]
    for file in broken:
        answer = bring(client, file)
        assert answer.status_code == 422, file
        assert "cannot be read" in answer.content.decode()
    with pytest.raises(NotCarried):
        opened(carried.file, carry_key(other))
    assert not WorkFact.objects.exists()


def test_what_a_lost_phone_wrote_waits_until_somebody_has_looked(
    carried: Carried, carrier: StaffUser, asked: tuple[QuestionnaireVersion, Case]
) -> None:
    Device.objects.filter(pk=carried.device.pk).update(state=DeviceState.LOST)
    brought = take_carried(acting_staff=carrier, told=carried.file)
    assert [answer.state for answer in brought.answers] == [WorkState.WAITING]
    assert (brought.taken, brought.pictures) == (0, 0)
    assert not Submission.objects.filter(case=asked[1]).exists()
