"""The requests of ODK Collect byte for byte, as its client writes them, and the answers in full."""

import base64
import gzip
import hashlib
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from handup.org.models import AuditLine, StaffUser, StoredFile
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys.models import Submission
from handup.surveys.rules.codes import FlagRule
from handup.surveys.services.collecting import missing_media
from handup.surveys.tests.collect import Field, body, open_field, picture

BOUNDARY = "3f0b1c6e-7d5a-4f43-9a52-7f1f1f1c8a11"
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
AGENT = "org.odk.collect.android/v2025.2.3 Dalvik/2.1.0 (Linux; U; Android 14)"
PATH = "/collect/MED/submission?deviceID=collect%3AaB3dE5fG7hI9jK1l"


@pytest.fixture
def field(
    officer: StaffUser, second: StaffUser, programme: Programme, person: Callable[[], Person]
) -> Field:
    return open_field(officer, second, programme, person)


def headers(field: Field) -> dict[str, Any]:
    """What goes with each request of Collect."""
    name = f"{field.interviewer.username}:{field.token}".encode()
    return {
        "HTTP_X_OPENROSA_VERSION": "1.0",
        "HTTP_DATE": "Thu, 05 Mar 2026 06:20:00 GMT",
        "HTTP_USER_AGENT": AGENT,
        "HTTP_ACCEPT_ENCODING": "gzip",
        "HTTP_CONNECTION": "Keep-Alive",
        "HTTP_AUTHORIZATION": "Basic " + base64.b64encode(name).decode(),
    }


def parts(*files: tuple[str, str, bytes]) -> bytes:
    """The body as OkHttp writes it: the answers are a file part of their own, then each picture
    under its own name, every part with its length."""
    found = b""
    for name, kind, content in files:
        filename = "Household_2026-03-05_10-20-00.xml" if name == "xml_submission_file" else name
        found += (
            f"--{BOUNDARY}\r\n"
            f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            f"Content-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode() + content + b"\r\n"  # fmt: skip
    return found + f"--{BOUNDARY}--\r\n".encode()


def posted(client: Client, field: Field, content: bytes) -> Any:
    """POST these bytes."""
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return client.generic("POST", PATH, content, content_type=kind, **headers(field))


def plain(response: Any) -> bytes:
    """The bytes of an answer, unpacked as OkHttp does where the server packed them."""
    packed = response.headers.get("Content-Encoding") == "gzip"
    content: bytes = gzip.decompress(response.content) if packed else response.content
    return content


def said(nature: str, text: str) -> bytes:
    """A whole answer."""
    return (
        HEAD
        + (
            '<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
            f'<message nature="{nature}">{text}</message></OpenRosaResponse>'
        ).encode()
    )


def test_the_way_of_collect_from_the_list_of_forms_to_the_second_picture(
    client: Client, field: Field
) -> None:
    with_name = headers(field)
    nameless = {key: value for key, value in with_name.items() if key != "HTTP_AUTHORIZATION"}
    asked = client.get("/collect/MED/formList", **nameless)
    assert (asked.status_code, asked["WWW-Authenticate"]) == (401, 'Basic realm="Handup"')
    listed = client.get("/collect/MED/formList", **with_name)
    base = "http://testserver/collect/MED/forms/household/2026-1"
    form = client.get(f"{base}.xml", **with_name)
    csv = client.get(f"{base}/cases.csv", **with_name)
    md5 = {one: hashlib.md5(plain(one), usedforsecurity=False).hexdigest() for one in (form, csv)}
    assert (
        plain(listed)
        == HEAD
        + (
            '<xforms xmlns="http://openrosa.org/xforms/xformsList"><xform><formID>household</formID>'
            "<name>Household and business</name><version>2026-1</version>"
            f"<hash>md5:{md5[form]}</hash><downloadUrl>{base}.xml</downloadUrl>"
            f"<manifestUrl>{base}/manifest</manifestUrl></xform></xforms>"
        ).encode()
    )
    assert (
        plain(client.get(f"{base}/manifest", **with_name))
        == HEAD
        + (
            '<manifest xmlns="http://openrosa.org/xforms/xformsManifest"><mediaFile>'
            f"<filename>cases.csv</filename><hash>md5:{md5[csv]}</hash>"
            f"<downloadUrl>{base}/cases.csv</downloadUrl></mediaFile></manifest>"
        ).encode()
    )
    head = client.head(PATH, **with_name)
    assert (head.status_code, head.content) == (204, b"")
    answers = body(field.cases[0].pk.hex, photo="1772691600000.png")
    xml = ("xml_submission_file", "text/xml; charset=utf-8", answers)
    first = posted(client, field, parts(xml))
    assert first.status_code == 201
    row = Submission.objects.get()
    assert (row.body.encode(), row.device) == (answers, "collect:aB3dE5fG7hI9jK1l")
    assert missing_media(row) == ["1772691600000.png"]
    again = posted(client, field, parts(xml, ("1772691600000.png", "image/png", picture())))
    assert (again.status_code, plain(again)) == (201, plain(first))
    assert b'<message nature="submit_success">' in plain(first)
    assert missing_media(row) == []
    assert again["X-OpenRosa-Version"] == "1.0"
    assert Submission.objects.count() == 1


def test_a_body_cut_on_its_way_is_told_and_sent_again(client: Client, field: Field) -> None:
    answers = body(field.cases[0].pk.hex)
    whole = parts(("xml_submission_file", "text/xml; charset=utf-8", answers))
    cut = posted(client, field, whole[: whole.index(b"Content-Type")])
    assert plain(cut) == said("error", "The part xml_submission_file is missing.")
    assert (cut.status_code, Submission.objects.count()) == (400, 0)
    assert posted(client, field, whole).status_code == 201
    assert Submission.objects.get().body.encode() == answers


def test_a_picture_is_sent_again_when_the_scanner_was_away(
    client: Client, field: Field, settings: Settings
) -> None:
    answers = body(field.cases[0].pk.hex, photo="1772691600000.png")
    whole = parts(
        ("xml_submission_file", "text/xml; charset=utf-8", answers),
        ("1772691600000.png", "image/png", picture()),
    )
    settings.SCANNER = [sys.executable, "-c", "import sys; sys.exit(2)"]
    away = posted(client, field, whole)
    assert away.status_code == 503
    assert b'<message nature="error">' in plain(away)
    settings.SCANNER = [sys.executable, "-c", "import sys; sys.stdin.buffer.read()"]
    assert posted(client, field, whole).status_code == 201
    assert missing_media(Submission.objects.get()) == []


def test_a_harmful_picture_is_told_to_who_sends_and_to_who_checks(
    client: Client, field: Field, settings: Settings
) -> None:
    answers = body(field.cases[0].pk.hex, photo="1772691600000.png")
    whole = parts(
        ("xml_submission_file", "text/xml; charset=utf-8", answers),
        ("1772691600000.png", "image/png", picture()),
    )
    settings.SCANNER = [sys.executable, "-c", "import sys; sys.stdin.buffer.read(); sys.exit(1)"]
    for _again in range(2):
        answer = posted(client, field, whole)
        assert answer.status_code == 201
        assert b"not every file: The virus scanner of this house" in plain(answer)
    row = Submission.objects.get()
    flag = row.flags.get(rule=FlagRule.FILE_REFUSED)
    assert flag.resolved_at is None
    assert "harmful" in flag.detail
    assert AuditLine.objects.filter(action="surveys.refuse_file").count() == 1
    assert missing_media(row) == ["1772691600000.png"]
    assert not StoredFile.objects.exists()
