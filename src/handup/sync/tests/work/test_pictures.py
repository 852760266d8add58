"""Pictures of an interview sent by a phone part by part: kept once they are whole and what was
told, proved by their sum, never without consent, and gone with the answers.
"""

import base64
import io
import random
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from handup.org.models import StaffUser
from handup.org.retention import rules as kept_for
from handup.org.rules.access import Role
from handup.people import subject
from handup.surveys.models import ArrivingFile, Attachment, Case, QuestionnaireVersion, Submission
from handup.surveys.rules.codes import SubmissionState
from handup.surveys.services import collecting, withdraw_answers
from handup.surveys.services.collecting import missing_media
from handup.surveys.services.receiving_files import PART_MOST
from handup.surveys.tests.conftest import member_of_staff
from handup.sync.tests.work.test_attendance import own_phone
from handup.sync.tests.work.test_interviews import asked, asks, told

__all__ = ["asked", "asks"]
AGREED = "2026-03-02T10:05:00+04:00"
NAME = "0b7c2b1e.jpg"


def photograph(side: int = 320) -> bytes:
    """A picture of noise, so that it has some size."""
    draw = random.Random(7)
    image = Image.frombytes(
        "RGB", (side, side), bytes(draw.randrange(256) for _ in range(3 * side * side))
    )
    target = io.BytesIO()
    image.save(target, "JPEG", quality=80)
    return target.getvalue()


class Phone:
    """An officer's own phone and what it sends."""

    def __init__(self, staff: StaffUser, client: Client) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {own_phone(staff).token}"}

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What the office answers."""
        answer = self.client.post(
            f"/api/v1/sync/{path}", body, content_type="application/json", headers=self.headers
        )
        return answer.status_code, answer.json()

    def interview(self, version: QuestionnaireVersion, case: Case, **more: str) -> dict[str, Any]:
        """One with a picture of the stall; the answer about it."""
        fact = told(version, case, **more)
        xml = fact["body"]["xml"].replace("<start>", f"<photo>{NAME}</photo><start>")
        fact["body"]["xml"] = xml
        sent = {"facts": [fact], "sent_at": timezone.now().isoformat()}
        answer: dict[str, Any] = self.post("work", sent)[1]["answers"][0]
        return answer | {"xml": xml, "fact": fact}

    def picture(
        self, whole: bytes, start: int, content: bytes, **changed: Any
    ) -> tuple[int, dict[str, Any]]:
        """One part of a picture."""
        body = {
            "instance": "uuid:one", "name": NAME, "size": len(whole), "agreed_at": AGREED,
            "sha256": sha256(whole).hexdigest(), "offset": start,
            "part": base64.b64encode(content).decode(),
        }  # fmt: skip
        return self.post("work/pictures", body | changed)


def arriving() -> list[ArrivingFile]:
    """What is on its way, but for the sample of the walks."""
    return [row for row in ArrivingFile.objects.all() if row.device != "walk"]


@pytest.fixture
def phone(asks: StaffUser, client: Client) -> Phone:
    """The phone of who asks."""
    return Phone(asks, client)


def test_the_office_proves_what_it_stores_by_its_sum(
    phone: Phone, asked: tuple[QuestionnaireVersion, Case]
) -> None:
    version, case = asked
    answer = phone.interview(version, case)
    assert (answer["state"], answer["sha256"]) == (
        "DONE", sha256(answer["xml"].encode()).hexdigest(),
    )  # fmt: skip
    again = phone.post("work", {"facts": [answer["fact"]]})[1]["answers"][0]
    assert again["sha256"] == answer["sha256"], "asked again it proves it again"
    row = Submission.objects.get(case=case)
    row.body = row.body.replace(">3<", ">4<")
    row.save(update_fields=["body"])
    worse = phone.post("work", {"facts": [answer["fact"]]})[1]["answers"][0]
    assert worse["sha256"] not in {"", answer["sha256"]}, "the sum is that of what is stored"


def test_a_picture_comes_part_by_part_and_is_kept_once(
    phone: Phone, asked: tuple[QuestionnaireVersion, Case], client: Client, settings: Any
) -> None:
    version, case = asked
    whole = photograph()
    half = len(whole) // 2
    assert half < PART_MOST
    assert phone.picture(whole, 0, b"")[0] == 404, "there are no such answers yet"
    phone.interview(version, case)
    row = Submission.objects.get(case=case)
    assert missing_media(row) == [NAME]
    assert phone.picture(whole, 0, b"") == (200, {"received": 0, "sha256": "", "reason": ""})
    first = phone.picture(whole, 0, whole[:half])[1]
    assert first == {"received": half, "sha256": "", "reason": ""}
    # The answer was lost: the same part again, and one from too far on, change nothing.
    assert phone.picture(whole, 0, whole[:half])[1]["received"] == half
    assert phone.picture(whole, half + 9, whole[half + 9 :])[1]["received"] == half
    assert arriving()[0].received == half
    done = phone.picture(whole, half, whole[half:])
    proof = {"received": len(whole), "sha256": sha256(whole).hexdigest(), "reason": ""}
    assert done == (200, proof)
    assert phone.picture(whole, half, whole[half:]) == (200, proof), "kept once, proved again"
    kept = Attachment.objects.get()
    assert (kept.name, kept.agreed_at is not None) == (NAME, True)
    assert not arriving()
    assert missing_media(Submission.objects.get(case=case)) == []
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(member_of_staff("reads", Role.ME_OFFICER))
    page = client.get(f"/surveys/answers/{row.pk}/").content.decode()
    assert f"/files/{kept.file_id}/" in page
    assert client.get(f"/files/{kept.file_id}/")["Content-Type"] == "image/jpeg"


def test_the_same_picture_told_for_two_questions_is_kept_for_both(
    phone: Phone, asked: tuple[QuestionnaireVersion, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    version, case = asked
    whole, second = photograph(40), "9f2d4c11.jpg"
    monkeypatch.setattr(collecting, "_named", lambda row: {NAME, second})
    phone.interview(version, case)
    for name in (NAME, second):
        assert phone.picture(whole, 0, whole, name=name)[1]["sha256"]
    assert {one.name for one in Attachment.objects.all()} == {NAME, second}
    assert missing_media(Submission.objects.get(case=case)) == []


def test_another_picture_of_the_same_name_takes_the_place_of_what_was_on_its_way(
    phone: Phone, asked: tuple[QuestionnaireVersion, Case]
) -> None:
    version, case = asked
    phone.interview(version, case)
    for side in (40, 48, 56):
        whole = photograph(side)
        assert phone.picture(whole, 0, whole[:100])[1]["received"] == 100
        assert [row.size for row in arriving()] == [len(whole)]


def test_what_is_no_part_of_a_picture_is_refused_by_name(
    phone: Phone, asked: tuple[QuestionnaireVersion, Case]
) -> None:
    version, case = asked
    whole = photograph(40)
    phone.interview(version, case)
    for changed in (
        {"name": "another.jpg"}, {"name": "../../etc/passwd"}, {"size": 1_000_001}, {"size": 0},
        {"offset": -1}, {"sha256": "x" * 64}, {"part": "never base64!"}, {"part": "abc"},
        {"agreed_at": None}, {"agreed_at": ""}, {"instance": "a\x00b"}, {"instance": ""},
        {"part": base64.b64encode(bytes(PART_MOST + 3)).decode()},
    ):  # fmt: skip
        status, _said = phone.picture(whole, 0, whole, **changed)
        assert status in {409, 422}, (changed, status)
    assert phone.picture(whole, 0, whole, instance="uuid:two")[0] == 404
    assert not arriving()
    other = sha256(b"another").hexdigest()
    assert phone.picture(whole, 0, whole, sha256=other)[1]["received"] == 0, "it begins anew"
    text = b"no picture \xff\x00"
    status, said = phone.picture(text, 0, text)
    assert (status, said["sha256"], said["received"]) == (200, "", len(text))
    assert "PNG" in said["reason"], "why it is not kept"
    assert not Attachment.objects.exists()


def test_another_persons_phone_sends_no_picture(
    phone: Phone, asked: tuple[QuestionnaireVersion, Case], client: Client
) -> None:
    version, case = asked
    whole = photograph(40)
    phone.interview(version, case)
    other = Phone(member_of_staff("other", Role.FIELD_OFFICER, Role.ME_OFFICER), client)
    assert other.picture(whole, 0, whole)[0] == 404


def test_pictures_on_their_way_go_with_the_answers_and_after_a_while(
    phone: Phone, asks: StaffUser, asked: tuple[QuestionnaireVersion, Case]
) -> None:
    version, case = asked
    whole = photograph(40)
    phone.interview(version, case)
    phone.picture(whole, 0, whole[:100])
    assert case.person_id is not None
    assert NAME in str([dict(tell(case.person_id)) for tell in subject.collect])
    rule = kept_for["PICTURES_ON_THEIR_WAY"]
    today = timezone.localdate()
    assert (rule.due(today), rule.due(today + timedelta(days=1))) == (0, 2), "hers and the sample"
    withdraw_answers(acting_staff=asks, case=case, asked_date=today)
    assert not arriving()
    assert Submission.objects.get(case=case).state == SubmissionState.WITHDRAWN
    after = phone.picture(whole, 100, whole[100:])
    assert after == (200, {"received": 0, "sha256": "", "reason": "NOT_KEPT"})
