"""A round asked with ODK Collect, for tests: an interviewer with two cases and a token, the answers
her device makes, and how it sends them.
"""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from handup.org import services as house
from handup.org.models import StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.models import Case, QuestionnaireVersion
from handup.surveys.rules.codes import RoundKind
from handup.surveys.tests.conftest import member_of_staff
from handup.surveys.tests.sheets import CASES, Rows, questionnaire

HEADERS: dict[str, Any] = {"HTTP_X_OPENROSA_VERSION": "1.0"}


def picture() -> bytes:
    """A small picture."""
    target = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(target, "PNG")
    return target.getvalue()


def taken(officer: StaffUser, content: bytes, **more: Any) -> QuestionnaireVersion:
    """Upload as the officer."""
    return services.upload_questionnaire(
        acting_staff=officer,
        content=content,
        filename="household.xlsx",
        **more,
    )


@dataclass
class Field:
    """An open round with two cases of one interviewer and her token."""

    version: QuestionnaireVersion
    cases: list[Case]
    interviewer: StaffUser
    other: StaffUser
    token: str

    def headers(self, token: str = "") -> dict[str, Any]:
        """What Collect sends with every request."""
        name = f"{self.interviewer.username}:{token or self.token}"
        basic = base64.b64encode(name.encode()).decode()
        return {**HEADERS, "HTTP_AUTHORIZATION": f"Basic {basic}"}


def open_field(
    officer: StaffUser,
    second: StaffUser,
    programme: Programme,
    person: Callable[[], Person],
    *,
    survey: Rows = CASES,
) -> Field:
    """An open round of a questionnaire with three cases, two of them hers."""
    interviewer = member_of_staff("ani", Role.FIELD_OFFICER, scope=ScopeKind.ALL)
    other = member_of_staff("karo", Role.FIELD_OFFICER, scope=ScopeKind.ALL)
    version = taken(officer, questionnaire(survey))
    services.publish_version(acting_staff=second, version=version)
    round = services.plan_round(
        acting_staff=officer, questionnaire=version.questionnaire, programme=programme,
        name="Baseline", kind=RoundKind.BASELINE, opens_date=date(2026, 3, 1),
        closes_date=date(2026, 3, 1) + timedelta(days=60), seed="s",
    )  # fmt: skip
    eligible = [
        services.EligibleIn(subject=person(), interviewer=staff)
        for staff in (interviewer, interviewer, other)
    ]
    cases = services.draw_sample(acting_staff=officer, round=round, eligible=eligible)
    services.open_round(acting_staff=officer, round=round)
    admin = member_of_staff("admin", Role.ADMINISTRATOR)
    _row, token = house.give_token(
        acting_staff=admin, staff=interviewer, label="Phone", scopes=["surveys"], days=30
    )
    ordered = sorted(cases, key=lambda one: str(one.subject))
    return Field(version, ordered, interviewer, other, token)


def body(case: str, *, instance: str = "uuid:1", edits: str = "", size: str = "1",
         photo: str = "") -> bytes:  # fmt: skip
    """What Collect sends for a household that does not trade."""
    deprecated = f"<orx:deprecatedID>{edits}</orx:deprecatedID>" if edits else ""
    return (
        '<?xml version="1.0" ?><household id="household" version="2026-1"'
        ' xmlns:orx="http://openrosa.org/xforms">'
        f"<case_key>{case}</case_key><who>Participant</who><trades>no</trades><size>{size}</size>"
        f"<card/><region/><town/><sources/><worker_count>{int(size) - 1}</worker_count><seen/>"
        f"<photo>{photo}</photo><start>2026-03-05T10:00:00.000+04:00</start>"
        "<end>2026-03-05T10:20:00.000+04:00</end>"
        f"<orx:meta><orx:instanceID>{instance}</orx:instanceID>{deprecated}</orx:meta></household>"
    ).encode()


def send(client: Client, field: Field, content: bytes, **media: bytes) -> Any:
    """POST as Collect does."""
    files = {"xml_submission_file": SimpleUploadedFile("a.xml", content, "text/xml")}
    files |= {
        name: SimpleUploadedFile(f"{name}.png", data, "image/png") for name, data in media.items()
    }
    return client.post(
        "/collect/MED/submission?deviceID=collect%3A1",
        files,
        **field.headers(),
    )
