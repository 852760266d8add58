"""IATI files that come: what is taken over, what is held, what is kept, and nothing lost."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree
from pytest_django import Settings

from handup.lending.tests.cast import staff
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.projects.models import (
    Document,
    FundingAgreement,
    Organisation,
    Partner,
    Phase,
    Programme,
    StatedFigure,
)
from handup.results.models import ExchangeProfile, FrozenFigure, ImportedActivity
from handup.results.rules.iati.mapping import stated_values
from handup.results.rules.iati.numbers import number_told
from handup.results.rules.iati.reading import (
    EntitiesDeclared,
    NotIati,
    NotWellFormed,
    OldVersion,
    read_iati,
)
from handup.results.rules.iati.taking import not_taken, take_activity
from handup.results.rules.iati.writing import write_activity
from handup.results.services.exchange_import import (
    NoActivities,
    OrganisationFile,
    Outcome,
    Taken,
    import_iati,
)
from handup.results.tests.test_iati_check import small

pytestmark = pytest.mark.django_db
WORLD_BANK = "samples/worldbank-679-results-2.03.xml"
SAMPLES = (
    "samples/iati-official-activity-example-2.01.xml",
    "samples/iati-official-activity-example-2.02.xml",
    "samples/iati-official-activity-example-2.03.xml",
    "samples/usaid-bolivia-enterprise-2.03.xml",
    WORLD_BANK,
    "worked/ifad-pppmer-phase1.xml",
    "worked/iom-armenia-med.xml",
)


@pytest.fixture
def folder(shared: Path, settings: Settings) -> Path:
    settings.IATI_PACK = shared / "data/iati"
    return shared / "data/iati"


@pytest.fixture
def manager() -> StaffUser:
    return staff("takes", Role.MANAGER)


def take(manager: StaffUser, content: bytes, name: str = "f.xml") -> Taken:
    return import_iati(acting_staff=manager, content=content, file_name=name)


def outcomes(taken: Taken) -> list[Outcome]:
    return [one.outcome for one in taken.activities]


def canonical(element: etree._Element) -> bytes:
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    told: bytes = etree.tostring(copy, method="c14n")
    return told


def elements(content: bytes) -> list[etree._Element]:
    found: list[etree._Element] = read_iati(content).findall("iati-activity")
    return found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10,000.00", "10000.00"),
        (" 36% ", "36"),
        ("36,899", "36899"),
        ("30,000,000.00", "30000000.00"),
        ("-4.5", "-4.5"),
        ("36%%", None),
        ("1,5", None),
        ("12,34", None),
        ("17 women owned organizations", None),
        ("", None),
        ("NaN", None),
        ("1e9", None),
        ("٣٦", None),
    ],
)
def test_numbers_are_read_as_told(text: str, number: str | None) -> None:
    assert number_told(text) == (None if number is None else Decimal(number))


def test_most_values_of_a_real_file_become_numbers(folder: Path, manager: StaffUser) -> None:
    content = (folder / WORLD_BANK).read_bytes()
    quantitative = [
        amount
        for element in elements(content)
        for result in take_activity(element).results
        for one in result.indicators
        if one.measure != "5"
        for amount in (
            *one.baselines,
            *(target for span in one.periods for target in span.targets),
            *(actual for span in one.periods for actual in span.actuals),
        )
    ]
    numbers = [amount for amount in quantitative if number_told(amount.value) is not None]
    assert (len(quantitative), len(numbers)) == (147, 145)
    taken = take(manager, content)
    assert outcomes(taken) == [Outcome.TAKEN] * 5
    rows = StatedFigure.objects.all()
    assert rows.count() == 225
    assert rows.exclude(number=None).count() == 145
    assert not FrozenFigure.objects.exists()
    words = rows.get(printed="17 women owned organizations")
    assert words.number is None
    assert rows.filter(printed="36%", number=36, unit="%").exists()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_taken_over_and_nothing_is_lost(
    name: str, folder: Path, manager: StaffUser
) -> None:
    content = (folder / name).read_bytes()
    told = json.loads((folder / "expected.json").read_text())[name]
    taken = take(manager, content)
    assert outcomes(taken) == [Outcome.TAKEN] * told["activities"], taken.activities
    assert [one.identifier for one in taken.activities] == told["identifiers"]
    for element in elements(content):
        row = ImportedActivity.objects.get(identifier=element.findtext("iati-identifier"))
        assert canonical(etree.fromstring(row.raw)) == canonical(element)
        assert row.programme is not None
        values = take_activity(element)
        again = take_activity(write_activity(values))
        assert again == values
        assert sum(not_taken(element, values).values()) <= sum(row.rest.values())


@pytest.mark.parametrize("name", ["worked/ifad-pppmer-phase1.xml", "worked/iom-armenia-med.xml"])
def test_worked_files_keep_markers_references_and_dimensions(name: str, folder: Path) -> None:
    [element] = elements((folder / name).read_bytes())
    values = take_activity(element)
    assert not_taken(element, values) == {}
    written = write_activity(values)
    etree.indent(written)
    etree.indent(element)
    assert canonical(written) == canonical(element)


def test_an_activity_becomes_records_of_a_partner(folder: Path, manager: StaffUser) -> None:
    taken = take(manager, (folder / "worked/ifad-pppmer-phase1.xml").read_bytes())
    [came] = taken.activities
    assert came.row is not None
    programme = came.row.programme
    assert programme is not None
    assert programme.title == "Rural Small and Microenterprise Promotion Project"
    assert programme.objectives.startswith("Pilot: a lasting framework")
    assert (programme.sector, programme.terms) == ("Rural Development", "Highly Concessional")
    phase = Phase.objects.get(programme=programme)
    assert (phase.status, str(phase.start), str(phase.end)) == ("CLOSED", "1996", "2004")
    assert str(phase.approval_date) == "1996-04-17"
    ifad = Organisation.objects.get(external_ids__iati="XM-DAC-41108")
    agreement = FundingAgreement.objects.get(programme=programme)
    assert (agreement.funder, agreement.kind, agreement.amount_units) == (
        ifad,
        "LOAN",
        5_430_000_00,
    )
    assert (agreement.reference, str(agreement.signed_date)) == ("411-RW", "1996-04-17")
    roles = Partner.objects.filter(programme=programme).values_list("organisation__name", "role")
    assert set(roles) == {
        ("International Fund for Agricultural Development", "FUNDER"),
        ("Government of Rwanda", "GOVERNMENT"),
    }
    papers = Document.objects.filter(programme=programme)
    assert (papers.count(), set(papers.values_list("access", "state"))) == (
        12,
        {("PUBLIC", "DRAFT")},
    )
    stated = StatedFigure.objects.get(programme=programme, reference="actual")
    assert (stated.printed, stated.number, stated.indicator_code) == (
        "4000",
        Decimal(4000),
        "MED-ENT-02s",
    )
    assert "more than 4,000" in stated.remark
    assert "policy-marker/@code" in came.row.rest
    assert AuditLine.objects.filter(action="results.import_iati").count() == 1


def test_dimensions_stand_beside_the_figure(folder: Path, manager: StaffUser) -> None:
    take(manager, (folder / "worked/iom-armenia-med.xml").read_bytes())
    rows = StatedFigure.objects.filter(printed="61")
    assert [row.remark for row in rows] == ["sex: female\nstatus: refugee"]


def two(first: bytes, second: bytes) -> bytes:
    start, end = second.index(b"<iati-activity "), second.rindex(b"</iati-activities>")
    return first.replace(b"</iati-activities>", second[start:end] + b"</iati-activities>")


def test_a_faulty_activity_is_held_alone(folder: Path, manager: StaffUser) -> None:
    broken = small("AA-AAA-1-BAD", more="<nothing-of-iati/>")
    taken = take(manager, two(broken, small("AA-AAA-1-GOOD")))
    assert outcomes(taken) == [Outcome.HELD, Outcome.TAKEN]
    held = ImportedActivity.objects.get(identifier="AA-AAA-1-BAD")
    assert (held.state, held.programme) == ("HELD", None)
    assert "nothing-of-iati" in held.faults[0]
    assert "nothing-of-iati" in held.raw
    assert Programme.objects.filter(code__startswith="AA-AAA").count() == 1
    mended = take(manager, small("AA-AAA-1-BAD"))
    assert outcomes(mended) == [Outcome.REPLACED]
    held.refresh_from_db()
    assert (held.state, held.faults) == ("TAKEN", [])


def test_what_no_record_can_be_made_of_is_held_with_its_reason(
    folder: Path, manager: StaffUser
) -> None:
    wrong = small("AA-AAA-1-ENDS").replace(
        b'<activity-date type="2" iso-date="2020-01-01"/>',
        b'<activity-date type="2" iso-date="2020-01-01"/>'
        b'<activity-date type="4" iso-date="2019-01-01"/>',
    )
    [came] = take(manager, wrong).activities
    assert (came.outcome, came.faults) == (Outcome.HELD, ("The end lies before the start.",))
    assert not Programme.objects.filter(code="AA-AAA-1-ENDS").exists()
    assert not Organisation.objects.filter(code="AA-AAA-1").exists()


def test_an_identifier_twice_in_a_file_is_held_both_times(folder: Path, manager: StaffUser) -> None:
    taken = take(manager, two(small(), small()))
    assert outcomes(taken) == [Outcome.HELD, Outcome.HELD]
    assert not ImportedActivity.objects.exists()
    empty = take(manager, small(id=" "))
    assert outcomes(empty) == [Outcome.HELD]


def dated(stamp: str, title: str = "T") -> bytes:
    return (
        small()
        .replace(b"<iati-activity ", f'<iati-activity last-updated-datetime="{stamp}" '.encode())
        .replace(b"<narrative>T<", f"<narrative>{title}<".encode())
    )


def test_newer_replaces_and_older_is_reported(folder: Path, manager: StaffUser) -> None:
    assert outcomes(take(manager, dated("2024-01-01T00:00:00Z"))) == [Outcome.TAKEN]
    assert outcomes(take(manager, dated("2024-01-01T00:00:00Z"))) == [Outcome.SAME]
    older = take(manager, dated("2023-12-31T23:59:59Z", "Older"))
    assert outcomes(older) == [Outcome.OLDER]
    assert outcomes(take(manager, dated("2024-01-01T00:00:00+02:00", "Older"))) == [Outcome.OLDER]
    row = ImportedActivity.objects.get()
    assert row.title == "T"
    assert outcomes(take(manager, dated("2024-06-01T00:00:00", "Newer"))) == [Outcome.REPLACED]
    row.refresh_from_db()
    assert (row.title, row.programme and row.programme.title) == ("Newer", "Newer")
    assert Programme.objects.filter(code="AA-AAA-1-X").count() == 1
    assert Phase.objects.filter(programme=row.programme).count() == 1


def test_a_faulty_newer_one_does_not_take_the_place_of_a_good_one(
    folder: Path, manager: StaffUser
) -> None:
    take(manager, dated("2024-01-01T00:00:00Z"))
    broken = dated("2024-06-01T00:00:00Z").replace(b"</iati-activity>", b"<x/></iati-activity>")
    assert outcomes(take(manager, broken)) == [Outcome.HELD]
    row = ImportedActivity.objects.get()
    assert (row.state, row.updated) == ("TAKEN", "2024-01-01T00:00:00Z")


def test_a_newer_one_that_ends_before_it_starts_is_held(folder: Path, manager: StaffUser) -> None:
    take(manager, dated("2024-01-01T00:00:00Z"))
    start = b'<activity-date type="2" iso-date="2020-01-01"/>'
    wrong = dated("2024-06-01T00:00:00Z").replace(
        start, start + b'<activity-date type="4" iso-date="2019-01-01"/>'
    )
    assert start in wrong
    [came] = take(manager, wrong).activities
    assert (came.outcome, came.faults) == (Outcome.HELD, ("The end lies before the start.",))
    assert Phase.objects.get(programme__code="AA-AAA-1-X").end_date is None


def test_our_own_programme_keeps_its_words(folder: Path, manager: StaffUser) -> None:
    own = Programme.objects.create(code="P", title="Ours", currency="USD")
    ExchangeProfile.objects.create(
        programme=own,
        organisation_ref="AA-AAA-1",
        organisation_name="A",
        organisation_type="40",
        activity_code="X",
    )
    [came] = take(manager, small()).activities
    own.refresh_from_db()
    assert came.row is not None
    assert (came.row.programme, own.title) == (own, "Ours")
    assert not Phase.objects.filter(programme=own).exists()


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (b'<iati-activities version="1.05"><iati-activity/></iati-activities>', OldVersion),
        (b"<iati-activities><iati-activity/></iati-activities>", OldVersion),
        (b'<!DOCTYPE x><iati-activities version="2.03"/>', EntitiesDeclared),
        (b"<iati-activities", NotWellFormed),
        (b"<rss/>", NotIati),
        (b'<iati-organisations version="2.03"/>', OrganisationFile),
        (b'<iati-activities version="2.03"/>', NoActivities),
    ],
)
def test_what_cannot_be_read_stores_nothing(
    content: bytes, refused: type[Exception], folder: Path, manager: StaffUser
) -> None:
    with pytest.raises(refused):
        take(manager, content)
    assert not ImportedActivity.objects.exists()
    assert not Programme.objects.exists()


def test_without_the_rules_it_is_said_that_nothing_was_checked(
    settings: Settings, manager: StaffUser
) -> None:
    settings.IATI_PACK = None
    taken = take(manager, small())
    assert (taken.was_checked, outcomes(taken)) == (False, [Outcome.TAKEN])


def test_texts_and_numbers_that_do_not_fit_are_kept_in_the_raw_copy(
    folder: Path, manager: StaffUser
) -> None:
    long = "Շ" * 900
    more = (
        '<transaction><transaction-type code="11"/><transaction-date iso-date="2020-01-01"/>'
        f'<value value-date="2020-01-01">{"9" * 40}</value><provider-org><narrative>{long}'
        "</narrative></provider-org></transaction>"
        '<result type="1"><title><narrative>R</narrative></title><indicator measure="1"><title>'
        f'<narrative>{long}</narrative></title><period><period-start iso-date="2020-01-01"/>'
        f'<period-end iso-date="2020-12-31"/><actual value="{"8" * 60}"/></period></indicator>'
        "</result>"
    )
    content = small(more=more).replace(b"<narrative>T<", f"<narrative>{long}<".encode())
    [came] = take(manager, content).activities
    assert came.outcome is Outcome.TAKEN, came.faults
    figure = StatedFigure.objects.get()
    assert (figure.number, figure.printed) == (None, "8" * 60)
    assert not FundingAgreement.objects.filter(amount_units__isnull=False).exists()
    assert came.row is not None
    assert long in came.row.raw


def test_only_a_manager_of_everything_takes_files_over(folder: Path) -> None:
    with pytest.raises(NotAllowed):
        take(staff("counts", Role.ME_OFFICER), small())
    assert not ImportedActivity.objects.exists()


def test_values_in_words_have_no_number(folder: Path) -> None:
    for element in elements((folder / WORLD_BANK).read_bytes()):
        for one in stated_values(take_activity(element)):
            assert one.printed
