"""The fields of a funder's public project page, to IATI and back."""

from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from handup.projects.models import (
    Document,
    FundingAgreement,
    Phase,
    Programme,
)
from handup.results.models import ExchangeFile, ImportedActivity, Snapshot
from handup.results.rules.iati.activity import Activity, first_words
from handup.results.services.exchange import (
    build_exchange,
)
from handup.results.services.exchange_import import import_iati
from handup.results.tests.exchanging import profile_of, project_page
from handup.results.tests.test_exchange import activities, passed
from handup.results.tests.test_frozen import House

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(shared: Path, settings: Settings) -> Path:
    settings.IATI_PACK = shared / "data/iati"
    return shared / "data/iati"


@pytest.fixture
def house() -> House:
    return House()


def test_the_fields_of_a_project_page_go_there_and_back(house: House, folder: Path) -> None:
    manager = house.world.cast.manager
    programme, phase = project_page(manager)
    profile_of(
        manager,
        programme,
        organisation_ref="XM-DAC-41108",
        organisation_name="International Fund for Agricultural Development",
        activity_code="RW-PPPMER",
        target_groups="The rural poor.",
        countries=[{"code": "RW", "share": "100"}],
    )
    snapshot = Snapshot.objects.create(
        programme=programme,
        number=1,
        day=date(2025, 12, 31),
        state="FROZEN",
        sha256="0" * 64,
        computed_at=timezone.now(),
        frozen_at=timezone.now(),
        computed_by=manager,
        program_version="1",
    )
    file = build_exchange(acting_staff=manager, snapshot=snapshot)
    assert passed(house, file).findings == []
    one = next(a for a in activities(file) if a.identifier == "XM-DAC-41108-1100000500")
    by_type = {told.type: first_words(told.text) for told in one.descriptions if told.type != "4"}
    assert by_type == {"1": "A pilot.", "2": "A lasting framework.", "3": "The rural poor."}
    other = " ".join(first_words(told.text) for told in one.descriptions if told.type == "4")
    assert "Training must be continued." in other
    assert "Highly Concessional" in other
    assert "USD 0.05" in other
    assert [(o.ref, o.type) for o in one.other_ids] == [("411-RW", "A1")]
    assert one.status == "4"
    dates = [(d.type, d.day, first_words(d.note)) for d in one.dates]
    note = "Year known, day not known"
    assert dates == [("2", "1996-04-17", note), ("4", "2004-12-31", note)]
    money_and_papers(one)
    there_and_back(house, programme, phase, file)


def money_and_papers(one: Activity) -> None:
    """Sectors, budgets, promises, places and documents."""
    assert [(s.vocabulary, s.percentage) for s in one.sectors] == [
        ("1", "60"),
        ("1", "40"),
        ("99", ""),
    ]
    assert [(b.start, b.end, b.value.amount) for b in one.budgets] == [
        ("1997-01-01", "1997-12-31", "3000000.00"),
        ("1998-01-01", "1998-12-31", "2000000.00"),
    ]
    promised = {(t.type, t.value.amount, t.finance, t.day) for t in one.transactions}
    assert promised == {
        ("2", "5430000.00", "421", "1996-04-17"),
        ("11", "530000.00", "110", "1996-04-17"),
    }
    assert one.loan_terms is not None
    assert one.loan_terms.commitment == "1996-04-17"
    assert [(p.feature, p.reach, first_words(p.name)) for p in one.places] == [
        ("ADM1H", "2", "Byumba")
    ]
    assert [c.code for c in one.countries] == ["RW"]
    assert ("HC", "Highly Concessional") in {(t.code, first_words(t.name)) for t in one.tags}
    assert [(r.ref, r.type) for r in one.related] == [
        ("XM-DAC-41108-RW-PPPMER", "1"),
        ("XM-DAC-41108-RW-PPPMER-2", "3"),
    ]
    papers = {first_words(link.title): set(link.categories) for link in one.links}
    assert len(papers) == 14
    assert papers["President's report"] == {"A01", "A02", "A03", "A05", "A08"}
    assert papers["Project list"] == {"A12"}


def there_and_back(house: House, programme: Programme, phase: Phase, file: ExchangeFile) -> None:
    """Take the file over as a house that does not know the programme, and compare the records."""
    text = file.content.replace("XM-DAC-41108-", "XM-DAC-99999-")
    taken = import_iati(acting_staff=house.world.cast.manager, content=text.encode())
    assert [one.faults for one in taken.activities] == [(), (), ()]
    row = ImportedActivity.objects.get(identifier="XM-DAC-99999-1100000500")
    came = row.programme
    assert came is not None
    for name in ("summary", "objectives", "sector", "terms", "currency"):
        assert getattr(came, name) == getattr(programme, name), name
    assert came.title == f"{programme.title}: {phase.title}"
    back = Phase.objects.get(programme=came)
    assert (back.status, str(back.start), str(back.end)) == ("CLOSED", "1996", "2004")
    assert back.approval_date == phase.approval_date

    def money(of: Programme) -> set[tuple[object, ...]]:
        rows = FundingAgreement.objects.filter(programme=of, amount_units__isnull=False)
        return set(rows.values_list("kind", "amount_units", "currency", "signed_date"))

    def papers(of: Programme) -> set[tuple[object, ...]]:
        rows = Document.objects.filter(programme=of)
        return set(rows.values_list("type__code", "title", "link", "language", "access"))

    assert money(came) == money(programme)
    assert papers(came) == papers(programme)
    assert FundingAgreement.objects.filter(programme=came, reference="411-RW", kind="LOAN").exists()
    kept = {
        "recipient-country/@code",
        "location/name/narrative/text()",
        "related-activity/@ref",
        "budget/value/text()",
        "policy-marker/@code",
    }
    assert kept <= set(row.rest)
