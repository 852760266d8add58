"""The pack for a visit: figures as partners have them, lessons, and photos of who agrees alone."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from handup.kernel.ids import new_id
from handup.lending.tests.cast import START, make_person, staff
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StoredFile
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.scope import hidden_changed
from handup.people import merging, subject
from handup.people.models import Compartment, Consent, ConsentEnding, ConsentNotice, Participation
from handup.people.queries.consents import ConsentMissing
from handup.projects.models import Lesson
from handup.results import services as s
from handup.results.models import ReleasedFigure, VisitPhoto
from handup.results.services import visits
from handup.results.services.freezing import DayAhead
from handup.results.tests.test_frozen import House, browser, house

pytestmark = pytest.mark.django_db
__all__ = ["house"]
DAY = date(2026, 1, 31)


def picture() -> bytes:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def ready(house: House) -> House:
    """Eight who were lent to, a lesson, and a reporting day."""
    for at in range(7):
        house.lend(f"More {at}")
    s.set_reporting_day(acting_staff=house.world.cast.manager, programme=house.programme, day=DAY)
    Lesson.objects.create(
        programme=house.programme, statement="Begin with savings.", state="ACCEPTED",
        proposed_by=house.officer,
    )  # fmt: skip
    Participation.objects.get_or_create(
        person=house.world.person,
        programme=house.programme,
        defaults={"applied_date": START, "started_date": START},
    )
    return house


def agree(house: House) -> Consent:
    """The borrower lets her photo be shown."""
    notice = ConsentNotice.objects.create(
        programme=house.programme, version="photo", language="en", text="x",
        purposes=["PHOTO_STORY"], valid_from=START,
    )  # fmt: skip
    return Consent.objects.create(
        person=house.world.person, purpose="PHOTO_STORY", notice=notice, method="MARK",
        given_date=START, recorded_by=house.world.cast.officer,
    )  # fmt: skip


def photo(house: House, **more: Any) -> VisitPhoto:
    told: dict[str, Any] = {"caption": "Her shop", "taken_date": DAY, "content": picture(), **more}
    return s.add_visit_photo(
        acting_staff=house.officer, programme=house.programme, file_name="a.png", **told
    )


def pack(house: House, **query: str) -> str:
    page = browser(house.officer).get(
        reverse("results:visit_pack", args=[house.programme.pk]), query
    )
    assert page.status_code == 200
    return page.content.decode()


def test_it_tells_figures_as_partners_have_them_and_what_was_learned(ready: House) -> None:
    Lesson.objects.create(
        programme=ready.programme, statement="Not agreed yet.", state="PROPOSED",
        proposed_by=ready.officer,
    )  # fmt: skip
    text = pack(ready)
    assert "Loans disbursed, number" in text
    assert "Begin with savings." in text
    assert "Not agreed yet." not in text
    told = ReleasedFigure.objects.get(programme=ready.programme, code="MED-FIN-01")
    assert told.numerator == 8, "what a visitor takes home counts as told"
    ready.lend("One more", date(2026, 2, 10))
    s.set_reporting_day(
        acting_staff=ready.world.cast.manager, programme=ready.programme, day=date(2026, 2, 28)
    )
    told = ReleasedFigure.objects.filter(code="MED-FIN-01").latest("id")
    assert "More 1" not in pack(ready), "nobody is named"
    assert told.numerator == 8


def test_it_is_printed_in_the_language_of_the_visitor(ready: House) -> None:
    assert 'lang="fr"' in pack(ready, language="fr")
    for unknown in ("xx", "../", "EN' OR 1"):
        pack(ready, language=unknown)
    for user in (ready.world.cast.outsider, staff("donor", Role.FUNDER)):
        address = reverse("results:visit_pack", args=[ready.programme.pk])
        assert browser(user).get(address).status_code in (403, 404)


def test_a_photo_is_shown_only_as_long_as_she_agrees(ready: House) -> None:
    number = ready.world.person.registration_no
    with pytest.raises(ConsentMissing):
        photo(ready, number=number)
    assert not VisitPhoto.objects.exists()
    consent = agree(ready)
    row = photo(ready, number=number)
    client = browser(ready.officer)
    file = reverse("org:file", args=[row.file_id])
    assert "Her shop" in pack(ready)
    assert client.get(file).status_code == 200
    ConsentEnding.objects.create(
        consent=consent, how="WITHDRAWN", end_date=timezone.localdate(),
        recorded_by=ready.world.cast.officer,
    )  # fmt: skip
    assert "Her shop" not in pack(ready)
    assert client.get(file).status_code == 404


def test_nobody_who_is_hidden_is_shown_or_told_of(ready: House) -> None:
    agree(ready)
    number = ready.world.person.registration_no
    photo(ready, number=number)
    Compartment.objects.create(
        person=ready.world.person, kind="PERSON", opened_by=ready.director, opened_date=DAY
    )
    hidden_changed()
    assert "Her shop" not in pack(ready)
    for asked in (number, "no such number"):
        with pytest.raises(visits.NobodyOfThisNumber):
            photo(ready, number=asked)


def test_what_is_no_photo_is_refused_and_the_same_twice_is_one(ready: House) -> None:
    for wrong, refusal in (
        ({"content": b"text"}, visits.NoPhoto),
        ({"content": b""}, visits.NoPhoto),
        ({"caption": " "}, visits.CaptionMissing),
        ({"taken_date": timezone.localdate() + timedelta(days=1)}, DayAhead),
    ):
        with pytest.raises(refusal):
            photo(ready, **wrong)
    with pytest.raises(NotAllowed):
        s.add_visit_photo(
            acting_staff=ready.world.cast.clerk, programme=ready.programme, caption="x",
            taken_date=DAY, content=picture(),
        )  # fmt: skip
    assert not StoredFile.objects.exists()
    key = new_id()
    first = photo(ready, id=key)
    assert photo(ready, id=key) == first
    with pytest.raises(SameIdOtherContent):
        photo(ready, id=key, caption="Another")


def test_a_photo_goes_with_its_file(ready: House) -> None:
    agree(ready)
    row = photo(ready, number=ready.world.person.registration_no)
    visits.forget(ready.world.person.pk)
    assert not VisitPhoto.objects.exists()
    assert not StoredFile.objects.filter(pk=row.file_id).exists()
    client = browser(ready.officer)
    new = reverse("results:visit_photo_new", args=[ready.programme.pk])
    told = {"caption": "The market", "taken_date": "2026-01-31", "number": ""}
    sent = {**told, "photo": SimpleUploadedFile("m.png", picture(), "image/png")}
    assert client.post(new, sent).status_code == 302
    assert "The market" in pack(ready)
    kept = VisitPhoto.objects.get()
    remove = reverse("results:visit_photo_remove", args=[kept.pk])
    assert client.post(remove, {}).status_code == 302
    assert not VisitPhoto.objects.exists()
    acts = set(AuditLine.objects.values_list("action", flat=True))
    assert {"results.add_visit_photo", "results.remove_visit_photo"} <= acts


def test_who_was_named_too_late_is_not_left_off_a_photo(ready: House) -> None:
    agree(ready)
    key = new_id()
    photo(ready, id=key)
    otherwise: list[dict[str, Any]] = [
        {"number": ready.world.person.registration_no},
        {"taken_date": DAY - timedelta(days=1)},
    ]
    for more in otherwise:
        with pytest.raises(SameIdOtherContent):
            photo(ready, id=key, **more)


def test_her_photos_are_in_her_file_and_go_with_her_when_records_are_joined(ready: House) -> None:
    agree(ready)
    person = ready.world.person
    row = photo(ready, number=person.registration_no)
    assert "Her shop" in str([dict(told(person.pk)) for told in subject.collect])
    stays = make_person(ready.programme, ready.world.office, ready.world.cast.advisor, "Again")
    assert "Her shop" not in str([dict(told(stays.pk)) for told in subject.collect])
    merge = merging.Merge(stays.pk, person.pk, timezone.localdate(), ready.director.pk)
    for move in merging.on_merge:
        move(merge)
    row.refresh_from_db()
    assert row.person_id == stays.pk
    assert merge.moved["results.visitphoto.person"] == [str(row.pk)]
    assert "Her shop" in pack(ready), "her consent went with her"
