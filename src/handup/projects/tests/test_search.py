"""Full-text search: every language, access before ranking, the same on both databases."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from handup.org.models import StaffUser
from handup.org.tests.staff import staff_with
from handup.projects import search
from handup.projects.models import Document, DocumentType, Programme, SearchEntry
from handup.projects.models.labels import Access
from handup.projects.services import add_document, propose_lesson, publish_document
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
    before = SearchEntry.objects.count()
    SearchEntry.objects.all().delete()
    assert titles(manager, "umusar") == []
    search.rebuild()
    assert SearchEntry.objects.count() == before
    assert titles(manager, "umusar") == ["Report rw"]


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
    manager: StaffUser, programme: Programme, report_type: DocumentType
) -> None:
    told = {"acting_staff": manager, "programme": programme, "type": report_type, "language": "en"}
    scan = add_document(title="Scan", content=pdf_of(""), **told)  # type: ignore[arg-type]
    assert (scan.searchable, scan.file is not None) == (False, True)
    add_document(title="Text", content=pdf_of("Nothing", "Looms"), **told)  # type: ignore[arg-type]
    assert [(hit.title, hit.snippet.page) for hit in search.find(manager, "loom").hits] == [
        ("Text", 2)
    ]


def test_the_page_and_the_door_show_what_is_found(
    library: dict[str, Document], manager: StaffUser, funder: StaffUser
) -> None:
    client = Client()
    client.force_login(manager)

    def read(name: str, *args: object, **words: str) -> str:
        return client.get(reverse(f"projects:{name}", args=args), words).content.decode()

    page = read("search", q="inguz")
    assert page.count("<mark>") == 3
    assert "3 found" in page
    assert "Nothing found" in read("search", q="zzz")
    assert "Report rw" in read("document_detail", library["rw"].pk)
    client.force_login(funder)
    assert "Secret" not in read("document_list")
    assert "Secret" not in read("document_detail", library["internal"].pk)
    answer = client.get("/api/v1/projects/library", {"q": "inguz"})
    assert answer.status_code == 200, answer.content
    assert [hit["title"] for hit in json.loads(answer.content)["hits"]] == ["Report rw"]
