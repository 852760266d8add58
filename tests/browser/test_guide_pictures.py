"""The picture of each guide: the page a role's work begins at, drawn by Chromium as the program
gives it from the demonstration. Every run opens and draws each; `make pictures` keeps them.
"""

import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page, Route
from stories.conftest import loaded

from handup.demo.profiles import Profile
from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.web.guide import PICTURES, Picture, file_of, pages_of
from handup.projects.models import Organisation
from tests.browser.hands import static_file
from tests.browser.test_from_start import HOST, WIDER

KEPT = "GUIDE_PICTURES"  # the folder `make pictures` keeps them in
COLOURS = 48
LARGEST = 40_000  # bytes: twenty of them are not a telephone's month
seen: dict[Role, str] = {}


def holder(role: Role) -> StaffUser:
    """Who holds the role in the demonstration; the successor is nobody there yet."""
    found = StaffUser.objects.filter(grants__role=role).order_by("username").first()
    if found is not None:
        return found
    today = timezone.localdate()
    staff = StaffUser.objects.create_user(file_of(role), display_name="Hasmik Sargsyan")
    Grant.objects.create(
        staff=staff,
        role=role,
        scope=ScopeKind.ALL,
        organisation_id=Organisation._base_manager.values_list("pk", flat=True)[0],
        starts=today,
        ends=today + timedelta(days=30),
    )
    return staff


def test_the_page_of_each_picture_is_on_its_roles_rail_and_opens(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path
) -> None:
    with django_db_blocker.unblock(), loaded(Profile.STORY, tmp_path):
        for role, picture in PICTURES.items():
            rail = {e.url_name for entries in pages_of(role).values() for e in entries}
            assert picture.url_name in rail, role
            client = Client(REMOTE_ADDR="127.0.0.1", headers={"accept-language": "en"})
            client.force_login(holder(role))
            answer = client.get(reverse(picture.url_name))
            assert answer.status_code == 200, role
            assert isinstance(answer, HttpResponse)
            seen[role] = answer.content.decode()


def small(png: bytes) -> bytes:
    """The same picture in few colours."""
    told = io.BytesIO()
    drawn = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS)
    drawn.convert("RGB").save(told, "WEBP", lossless=True, quality=100, method=4)
    return told.getvalue()


def draw(page: Page, picture: Picture) -> bytes:
    """The top of the page, as wide as she works with it."""
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    page.goto("/drawn/", wait_until="load")
    assert page.evaluate(WIDER) == 0, picture
    return small(page.screenshot())


def test_each_picture_shows_a_page_and_is_small(browser: Browser) -> None:
    assert set(seen) == set(PICTURES), "the test before it brings the pages: run the whole file"
    kept = os.environ.get(KEPT)
    body = ""

    def give(asked: Route) -> None:
        if not static_file(asked):
            asked.fulfill(body=body, content_type="text/html; charset=utf-8")

    context = browser.new_context(base_url=HOST)
    context.route("**/*", give)
    page = context.new_page()
    for role, picture in PICTURES.items():
        body = seen[role]
        drawn = draw(page, picture)
        with Image.open(io.BytesIO(drawn)) as made:
            assert made.size == (picture.width, picture.height)
            inks = made.convert("RGB").getcolors(COLOURS + 1) or []
        paper = max(count for count, _colour in inks) / (picture.width * picture.height)
        assert len(inks) > COLOURS / 2, "more than paper and one ink"
        assert paper < 0.97, role
        assert len(drawn) <= LARGEST, (role, len(drawn))
        if kept:
            Path(kept, f"{file_of(role)}.webp").write_bytes(drawn)
    context.close()
