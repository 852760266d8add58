"""Full-text search over 20,000 documents in four languages: the median of a page of results.

The imports of the program stand inside the functions: this module is also loaded before Django is
set up.
"""

import random
import statistics
from collections.abc import Iterator
from typing import Any

from bench import Clock, Figure, benchmark, clock, with_database

DOCUMENTS = 20_000
WORDS_OF_ONE = 400
TIMES = 60
LIMITS = {"sqlite": 0.050, "postgresql": 0.150}  # of processor time, the database's with it
STEMS = {
    "mn": (
        "зээл",
        "малчин",
        "сүү",
        "хоршоо",
        "ноос",
        "зах",
        "үнэ",
        "бүлэг",
        "сургалт",
        "төлөвлөгөө",
    ),
    "hy": ("վարկ", "շուկա", "գին", "խումբ", "դասընթաց", "կաթ", "բուրդ", "պլան", "գյուղ", "ընտանիք"),
    "rw": (
        "inguzanyo",
        "isoko",
        "igiciro",
        "itsinda",
        "amahugurwa",
        "amata",
        "ubuhinzi",
        "umugore",
    ),
    "fr": ("économie", "marché", "épargne", "groupe", "formation", "élevage", "crédit", "réforme"),
}
ENDINGS = ("", "a", "ийн", "ууд", "ի", "ներ", "s", "ra", "nyo", "aux", "oor", "ում")
ASKED = (
    "зээл", "վարկ", "economie", "inguz", "малч сүү", "շուկ գին", "isoko igic", '"zzz qqq"',
    "marche epargne", "хоршоо ноос", "դասընթ", "amahug itsi", "rare17", "rare4", "form",
)  # fmt: skip


@benchmark()
def twenty_thousand_documents() -> Iterator[Figure]:
    """Documents of four languages and three access levels; a manager and a funder ask."""
    from django.db import connection

    from handup.org.rules.access import Role
    from handup.org.tests.staff import staff_with
    from handup.projects import search
    from handup.projects.models import Document

    manager = staff_with("manager", Role.MANAGER)
    funder = staff_with("funder", Role.FUNDER)
    _fill(manager)
    with clock() as built:
        assert search.rebuild("document") == DOCUMENTS
    yield Figure("20,000 documents indexed", built.seconds, "s", DOCUMENTS)
    _learn()
    search.find(manager, "rare1")  # the program's addresses are read once
    for staff in (manager, funder):
        spent, processor = [], []
        for turn in range(TIMES):
            text = ASKED[turn % len(ASKED)]
            measured = Clock(with_database)
            found = search.find(staff, text)
            measured.stop()
            spent.append(measured.seconds)
            processor.append(measured.processor)
            assert bool(found.count) == (text != '"zzz qqq"'), text
        median = statistics.median(spent)
        name = f"a page found in 20,000 documents by a {staff.username}, median"
        yield Figure(name, median, "s", TIMES)
        used = statistics.median(processor)
        yield Figure(name, used, "s processor", TIMES)
        yield Figure(name.replace("median", "slowest"), max(spent), "s", TIMES)
        assert used <= LIMITS[connection.vendor], (staff.username, used)
    assert Document.objects.count() == DOCUMENTS


def _fill(manager: Any) -> None:
    from datetime import date, timedelta

    from handup.projects.models import Document, DocumentType, Programme

    programme = Programme.objects.create(code="S", title="Search", currency="USD")
    kind = DocumentType.objects.create(code="STUDY", names={"en": "Study"}, position=1)
    draw = random.Random(20)
    access = ("PUBLIC", "PARTNERS", "INTERNAL")
    for start in range(0, DOCUMENTS, 1_000):
        rows = []
        for number in range(start, start + 1_000):
            language = tuple(STEMS)[number % len(STEMS)]
            words = [
                draw.choice(STEMS[language]) + draw.choice(ENDINGS)
                if draw.random() < 0.05
                else f"w{int(draw.paretovariate(0.7)) % 50_000}"
                for _ in range(WORDS_OF_ONE)
            ]
            rows.append(
                Document(
                    programme=programme,
                    type=kind,
                    title=f"Study {number} rare{number % 1_000}",
                    text=" ".join(words),
                    language=language,
                    access=access[number % 3],
                    state="FINAL",
                    document_date=date(2010, 1, 1) + timedelta(days=number // 4),
                    added_by=manager,
                )
            )
        Document.objects.bulk_create(rows, batch_size=200)


def _learn() -> None:
    """Let the database count its rows, as it does by itself in an hour."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
