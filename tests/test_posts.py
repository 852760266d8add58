"""What is sent to every address: nothing, and what nobody would write.

Whoever may do it reads what is wrong (a fault never ends in a page of the server's), another
office's staff change nothing of a record by sending to it, and whoever has no right is refused.
Every request is undone before the next; what the programme interface answers to odd bodies is
asked in test_api_schema.py.
"""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client

from handup.org.models import StaffUser
from handup.org.web.forms import READ_BACK
from tests import ground, walking
from tests.ground import SESSIONS, Undone, World, reached
from tests.walking import Route

pytestmark = pytest.mark.django_db
world, _django_db_helper = ground.world, ground.helper
JUNK = ("-1", "∞ <b>&amp;\u202e{{7*7}}", "9" * 40, "31/02/20026", "' OR 1=1 --\n\x0b", "é" * 5000)
MESSAGE = re.compile(
    r'class="(?:field-error|error-summary|note note-|read-back|empty)|aria-invalid'
)


def takers() -> list[Route]:
    """Every page to which something may be sent."""
    views = [(route, getattr(route.callback, "view_class", None)) for route in walking.routes()]
    return [
        route
        for route, view in views
        if not route.is_api and route.name not in SESSIONS and (not view or hasattr(view, "post"))
    ]


def fields_of(page: str) -> dict[str, str]:
    """The fields of the forms of a page that send, each with what it holds."""
    found: dict[str, str] = {}
    for form in re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL):
        for name in re.findall(r'<(?:input|select|textarea|button)\b[^>]*?\bname="([^"]+)"', form):
            found.setdefault(unescape(name), "")
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
            found[unescape(name)] = unescape(value)
    return found


def junk(fields: dict[str, str], turn: int) -> dict[str, Any]:
    """Something nobody would write into every field; hidden marks of the form itself are kept."""
    sent: dict[str, Any] = {}
    for place, (name, value) in enumerate(fields.items()):
        sent[name] = value if name.startswith(("_", "csrf")) else JUNK[(place + turn) % len(JUNK)]
    return {name: value for name, value in sent.items() if name not in {"_change", READ_BACK}}


def send(client: Client, address: str, data: Any, **more: Any) -> Any:
    """Send it and take back what it stored."""
    with Undone():
        return client.post(address, data, **more)


def test_who_may_send_reads_what_is_wrong_and_never_meets_a_fault(world: World) -> None:
    client, faults, silent = world.client(world.everyone), [], []
    pages = takers()
    assert len(pages) > 250
    for route in pages:
        record, page = reached(world, route, client)
        address, fields = route.address(record), fields_of(page)
        upload = SimpleUploadedFile("odd.xlsx", b"\x00not a workbook\xff")
        tries: list[tuple[str, dict[str, Any]]] = [("nothing", {})]
        tries += [("junk", junk(fields, len(fields)))] if fields else []
        tries += [("a file", junk(fields, 2) | {"file": upload})] if 'type="file"' in page else []
        for what, data in tries:
            answer = send(client, address, data)
            if answer.status_code >= 500:
                faults.append((address, route.name, what, answer.status_code))
            if answer.status_code == 422 and not MESSAGE.search(answer.content.decode()):
                silent.append((route.name, what))
    assert (faults, silent) == ([], [])


def test_another_office_and_whoever_has_no_right_can_send_nothing(world: World) -> None:
    faults, let_in = [], []
    for who, staff in (("elsewhere", world.elsewhere), ("nobody", world.nobody)):
        client = world.client(staff)
        for route in takers():
            record = next(iter(route.likely(world.samples.get(route.domain, []))), None)
            if route.names_records and record is None:
                continue
            answer = send(client, route.address(record), {})
            if answer.status_code >= 500:
                faults.append((who, route.text, answer.status_code))
            if _is_let_in(answer, route, record, staff):
                let_in.append((who, route.text, answer.status_code))
    assert (faults, let_in) == ([], [])


def _is_let_in(answer: Any, route: Route, record: Model | None, staff: StaffUser) -> bool:
    if answer.status_code in (401, 403, 404, 405) or not route.names_records or record is None:
        return False
    return walking.is_scoped(record) and not walking.sees(staff, record)
