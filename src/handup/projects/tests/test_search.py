"""Full-text search: every language, access before ranking, the same on both databases."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handup.org import verify
from handup.org.jobs import work_off
from handup.org.models import StaffUser
from handup.org.tests.staff import staff_with
from handup.projects import search
from handup.projects.models import Document, DocumentType, Programme, SearchEntry
from handup.projects.models.labels import Access
from handup.projects.rules import words
from handup.projects.rules.states import LessonState
from handup.projects.search import finding, index
from handup.projects.services import (
    add_document,
    decide_lesson,
    propose_lesson,
    publish_document,
)
from handup.projects.tests.test_search_words import pdf_of

TEXTS = {
    "mn": "\u0417\u044d\u044d\u043b\u0438\u0439\u043d \u0431\u0430\u0433\u0446",
    "hy": "\u054e\u0531\u0550\u053f\u0535\u0550",
    "fr": "L\u2019\u00e9conomie du village",
    "rw": "Inguzanyo zatanzwe mu mudugudu",
}


@pytest.fixture
def library(
    manager: StaffUser,
    second_manager: StaffUser,
    programme: Programme,
    report_type: DocumentType,
) -> dict[str, Document]:
    """A public document in each language, an internal one, and a draft."""
    held = {}
    for language, text in TEXTS.items():
        row = add_document(
            acting_staff=manager,
            programme=programme,
            type=report_type,
            title=f"Report {language}",
            language=language,
            access=Access.PUBLIC,
            content=text.encode(),
        )
        held[language] = publish_document(acting_staff=second_manager, document=row)
    for name, access in (("internal", Access.INTERNAL), ("draft", Access.PUBLIC)):
        held[name] = add_document(
            acting_staff=manager,
            programme=programme,
            type=report_type,
            title=f"Secret {name}",
            language="en",
            access=access,
            content=f"inguzanyo {name} note".encode(),
        )
    publish_document(acting_staff=second_manager, document=held["internal"])
    return held


def titles(staff: StaffUser, text: str, kind: str = "") -> list[str]:
    return sorted(hit.title for hit in search.find(staff, text, kind=kind).hits)


def test_beginnings_are_found_in_every_language(
    library: dict[str, Document], manager: StaffUser
) -> None:
    asked = {
        "\u0437\u044d\u044d\u043b": "Report mn",
        "\u057e\u0561\u0580\u056f": "Report hy",
        "economie": "Report fr",
        "inguz mudug": "Report rw",
        '"zatanzwe mu"': "Report rw",
    }
    for text, title in asked.items():
        assert titles(manager, text) == [title], text
    assert titles(manager, '"mu zatanzwe"') == []
    assert titles(manager, "inguzanyo nowhere") == []
    hit = search.find(manager, "economie").hits[0]
    assert ("\u00e9conomie", True) in hit.snippet.pieces
    assert (hit.label, hit.kind, hit.language) == ("Project completion report", "document", "fr")


def test_what_a_reader_may_not_see_gives_no_hit_no_count_and_no_words(
    library: dict[str, Document], manager: StaffUser, funder: StaffUser
) -> None:
    assert titles(manager, "inguzanyo") == ["Report rw", "Secret draft", "Secret internal"]
    found = search.find(funder, "inguzanyo")
    assert ([hit.title for hit in found.hits], found.count) == (["Report rw"], 1)
    assert search.find(funder, "secret").count == 0
    lone = staff_with("no role")
    assert search.find(lone, "inguzanyo").count == 0


def test_the_index_follows_what_is_written(
    library: dict[str, Document], manager: StaffUser, programme: Programme
) -> None:
    lesson = propose_lesson(
        acting_staff=manager, programme=programme, statement="Collateral keeps the poor away"
    )
    assert [hit.object_id for hit in search.find(manager, "collat").hits] == [lesson.pk]
    assert titles(manager, "collat", kind="document") == []
    row = library["rw"]
    row.text = "Umusaruro"
    row.save()
    search.keep("document", row)
    assert titles(manager, "umusar") == ["Report rw"]
    assert titles(manager, "zatanzwe") == []
    lesson.evidence = row
    decide_lesson(
        acting_staff=manager, lesson=lesson, state=LessonState.NOT_APPLIED, reason="Too dear"
    )
    assert [hit.object_id for hit in search.find(manager, "dear").hits] == [lesson.pk]
    before = SearchEntry.objects.count()
    SearchEntry.objects.all().delete()
    assert titles(manager, "umusar") == []
    search.rebuild()
    assert SearchEntry.objects.count() == before
    assert titles(manager, "umusar") == ["Report rw"]


def test_what_is_missing_is_read_in_small_pieces_and_proved(
    library: dict[str, Document], manager: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading that was cut short goes on where it stopped; a stale one is shown."""
    monkeypatch.setattr(index, "AT_ONCE", 2)
    kept = SearchEntry.objects.get(object_id=library["fr"].pk)
    SearchEntry.objects.exclude(pk=kept.pk).delete()
    with CaptureQueriesContext(connection) as queries:
        assert search.read_missing("document") == 5
    assert sum("INSERT" in query["sql"] for query in queries) >= 3
    assert search.read_missing("document") == 0
    assert titles(manager, "inguz") == ["Report rw", "Secret draft", "Secret internal"]
    assert SearchEntry.objects.get(object_id=library["fr"].pk) == kept
    assert list(search.differences()) == []
    Document.objects.filter(pk=library["rw"].pk).update(text="Umusaruro")
    SearchEntry.objects.filter(pk=kept.pk).update(object_id=library["mn"].pk)
    differing = {row.key.split()[1] for row in search.differences()}
    assert differing == {str(library[name].pk) for name in ("rw", "fr", "mn")}
    (check,) = [check for check in verify.checks if check.code == "SEARCH_INDEX"]
    assert verify.outcome_of(check).count == 3
    SearchEntry.objects.filter(pk=kept.pk).update(object_id=kept.pk)
    assert "no record" in {row.computed for row in search.differences()}
    assert search.rebuild("document") == 6
    assert list(search.differences()) == []


def test_a_better_place_comes_first_and_a_page_follows(
    manager: StaffUser, programme: Programme, report_type: DocumentType
) -> None:
    for number in range(25):
        add_document(
            acting_staff=manager,
            programme=programme,
            type=report_type,
            title="Wool market" if number == 7 else f"Paper {number}",
            language="en",
            text=f"paper {number} of many words on the wool",
        )
    found = search.find(manager, "wool")
    assert (found.hits[0].title, found.count, len(found.hits)) == ("Wool market", 25, 20)
    assert found.following == 20
    rest = search.find(manager, "wool", start=20)
    assert (len(rest.hits), rest.following) == (5, None)
    seen = {hit.object_id for hit in (*found.hits, *rest.hits)}
    assert len(seen) == 25


def test_a_scanned_file_is_kept_and_a_pdf_is_found_with_its_page(
    manager: StaffUser,
    programme: Programme,
    report_type: DocumentType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = "django_tasks_db.management.commands.db_worker"
    monkeypatch.setattr(f"{worker}.close_old_connections", lambda: None)

    def add(title: str, content: bytes) -> Document:
        return add_document(
            acting_staff=manager,
            programme=programme,
            type=report_type,
            language="en",
            title=title,
            content=content,
        )

    scan = add("Scan", pdf_of(""))
    text = add("Text", pdf_of("Nothing", "Looms"))
    assert search.find(manager, "loom").count == 0  # nobody waits for it to be read
    work_off()
    for row in (scan, text):
        row.refresh_from_db()
    assert (scan.searchable, scan.file is not None) == (False, True)
    assert (text.searchable, text.page_map) == (True, [0, 8])
    assert [(hit.title, hit.snippet.page) for hit in search.find(manager, "loom").hits] == [
        ("Text", 2)
    ]


def test_what_is_hidden_costs_a_reader_nothing_and_takes_no_room(
    library: dict[str, Document], funder: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word of hidden documents asks the database what a word that stands nowhere asks it."""

    def asked(text: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            assert search.find(funder, text).count == 0
        return [re.sub("nowhere|secret", "", query["sql"]) for query in queries]

    search.find(funder, "nowhere")
    assert asked("secret") == asked("nowhere")
    monkeypatch.setattr(finding, "RANKED", 0)
    found = search.find(funder, "inguzanyo", size=1)  # two newer ones are hidden from her
    assert [hit.title for hit in found.hits] == ["Report rw"]


def test_behind_the_ranked_ones_each_record_comes_once(
    manager: StaffUser,
    funder: StaffUser,
    programme: Programme,
    report_type: DocumentType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reports of many parts, ranked or not, stand on one line and on one page."""
    monkeypatch.setattr(words, "PART_LETTERS", 30)
    monkeypatch.setattr(finding, "RANKED", 2)
    for number in range(5):
        row = add_document(
            acting_staff=manager,
            programme=programme,
            type=report_type,
            title=f"Long {number}",
            language="en",
            access=Access.PUBLIC,
            text="many words on the wool " * 20,
        )
        Document.objects.filter(pk=row.pk).update(state="FINAL")
    for reader in (manager, funder):
        seen, start, pages = [], 0, []
        while True:
            found = search.find(reader, "wool", start=start, size=2)
            seen += [hit.title for hit in found.hits]
            pages.append((found.count, found.more, found.following))
            if found.following is None:
                break
            start = found.following
        assert sorted(seen) == [f"Long {number}" for number in range(5)]
        assert pages == [(2, True, 2), (2, True, 4), (2, True, None)]


def test_the_page_and_the_door_show_what_is_found(
    library: dict[str, Document], manager: StaffUser, funder: StaffUser
) -> None:
    client = Client()
    client.force_login(manager)

    def read(name: str, *args: object, **words: str) -> str:
        address = reverse(f"projects:{name}", args=args)
        answer = client.post(address, words, follow=True) if words else client.get(address)
        return answer.content.decode()

    page = read("search", q="inguz")
    assert page.count("<mark>") == 3
    assert "3 found" in page
    assert "Nothing found" in read("search", q="zzz")
    assert "Report rw" in read("document_detail", library["rw"].pk)
    other = Programme.objects.create(code="P9", title="Of another house", currency="USD")
    lists = ("document_list", "lesson_list", "stated_figure_list")
    assert all(other.title in read(name) for name in lists)
    client.force_login(funder)
    assert not any(other.title in read(name) for name in lists)
    assert "Secret" not in read("document_list")
    assert "Secret" not in read("document_detail", library["internal"].pk)
    answer = client.get("/api/v1/projects/library", {"q": "inguz"})
    assert answer.status_code == 200, answer.content
    assert [hit["title"] for hit in json.loads(answer.content)["hits"]] == ["Report rw"]
