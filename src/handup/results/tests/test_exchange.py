"""Files for other systems: built from frozen figures, safe, checked, published by another."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from lxml import etree
from pytest_django import Settings

from handup.kernel.ids import new_id
from handup.ledger.models import Fund
from handup.ledger.rules.words import FundKind
from handup.ledger.services import LineIn, Source, open_fund, post_entry
from handup.lending.tests.cast import running
from handup.org.duties import SamePerson
from handup.org.permissions import NotAllowed
from handup.projects.models import (
    FundingAgreement,
    Organisation,
    Phase,
    Programme,
    StatedFigure,
)
from handup.results.exchange.figures import leaving, safe_lines
from handup.results.exchange.indicators import references_of
from handup.results.iati_pack import PackMissing
from handup.results.models import (
    ExchangeFile,
    FrozenFigure,
    LogframeRow,
    RowIndicator,
    Snapshot,
    Target,
)
from handup.results.rules.adx import AttributeNameWrong
from handup.results.rules.iati.activity import Activity, first_words
from handup.results.rules.iati.reading import read_iati
from handup.results.rules.iati.states import ExchangeState
from handup.results.rules.iati.taking import take_activity
from handup.results.services.exchange import (
    FileInOtherState,
    NoProfile,
    NotPublishable,
    build_exchange,
    check_exchange,
    publish_exchange,
)
from handup.results.services.exchange_import import import_iati
from handup.results.services.exchange_profile import (
    IdentifierPublished,
    IdentifierTaken,
    IdentifierUnreadable,
    SharesWrong,
    set_exchange_profile,
)
from handup.results.telling import SnapshotNotFrozen
from handup.results.tests.exchanging import phase_of, profile_of
from handup.results.tests.test_frozen import House

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(shared: Path, settings: Settings) -> Path:
    settings.IATI_PACK = shared / "data/iati"
    return shared / "data/iati"


@pytest.fixture
def house() -> House:
    made = House()
    running(made.world, 400_00)
    for at in range(7):
        made.lend(f"Borrower {at}")
    phase_of(made.programme)
    return made


@pytest.fixture
def snapshot(house: House) -> Snapshot:
    return house.frozen()


def built(house: House, snapshot: Snapshot, **told: Any) -> ExchangeFile:
    return build_exchange(acting_staff=house.officer, snapshot=snapshot, **told)


def activities(file: ExchangeFile) -> list[Activity]:
    root = read_iati(file.content.encode())
    return [take_activity(one) for one in root.findall("iati-activity")]


def passed(house: House, file: ExchangeFile) -> ExchangeFile:
    return check_exchange(acting_staff=house.checker, file=file, signed_warnings=True)


def test_a_programme_and_its_phase_are_told_without_a_finding(
    house: House, snapshot: Snapshot
) -> None:
    repaid = snapshot.figures.filter(code="MED-FIN-05a")
    repaid.update(numerator=11, denominator=12, value="91.7", may_leave=True)
    profile_of(house.officer, house.programme)
    file = built(house, snapshot)
    checked = passed(house, file)
    assert (checked.findings, checked.state) == ([], ExchangeState.CHECKED)
    programme, phase = activities(file)
    assert (programme.identifier, programme.hierarchy) == ("XM-DAC-47066-AM-MED", "1")
    assert (phase.identifier, phase.hierarchy) == ("XM-DAC-47066-AM-MED-1", "2")
    assert [(one.ref, one.type) for one in programme.related] == [("XM-DAC-47066-AM-MED-1", "2")]
    assert [(one.ref, one.type) for one in phase.related] == [("XM-DAC-47066-AM-MED", "1")]
    assert programme.results == ()
    [outputs, outcomes] = phase.results
    loans = next(one for one in outputs.indicators if one.references[0].code == "MED-FIN-01")
    [span] = loans.periods
    assert (span.start, span.end) == ("2024-01-01", "2026-01-31")
    assert [one.value for one in span.actuals if not one.dimensions] == ["8"]
    money = next(one for one in outputs.indicators if one.references[0].code == "MED-FIN-01v")
    assert money.periods[0].actuals[0].value == "3200.00"
    [share] = outcomes.indicators
    assert (share.measure, share.aggregation) == ("2", "0")
    assert [one.value for one in share.periods[0].actuals] == ["91.7"]
    assert first_words(share.periods[0].actuals[0].comment) == "11 of 12"


def test_the_same_records_give_the_same_bytes(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme)
    first = built(house, snapshot)
    again = built(house, snapshot)
    assert again.pk == first.pk
    Programme.objects.filter(pk=house.programme.pk).update(title="Another title")
    later = built(house, snapshot)
    assert later.pk != first.pk
    assert later.number == first.number + 1
    assert built(house, snapshot).content == later.content


def test_phases_only_leaves_the_programme_out(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme, phases_only=True)
    file = built(house, snapshot)
    [phase] = activities(file)
    assert (phase.hierarchy, phase.related) == ("2", ())
    assert passed(house, file).findings == []


def test_with_several_phases_the_figures_stand_on_the_programme(
    house: House, snapshot: Snapshot
) -> None:
    phase_of(house.programme, "2", start_date=date(2026, 1, 1))
    profile_of(house.officer, house.programme)
    file = built(house, snapshot)
    programme, first, second = activities(file)
    assert programme.results
    assert (first.results, second.results) == ((), ()), "no record names a phase, none promised"
    assert [(one.ref[-1], one.type) for one in second.related] == [("D", "1"), ("1", "3")]
    assert passed(house, file).findings == []


def test_only_a_frozen_snapshot_with_settings_is_told(house: House) -> None:
    waiting = house.snapshot()
    with pytest.raises(NoProfile):
        built(house, waiting)
    profile_of(house.officer, house.programme)
    with pytest.raises(SnapshotNotFrozen):
        built(house, waiting)
    assert not ExchangeFile.objects.exists()


def test_what_stands_for_few_does_not_leave(house: House, snapshot: Snapshot) -> None:
    FrozenFigure.objects.filter(snapshot=snapshot, code="MED-OUT-01").update(may_leave=False)
    profile_of(house.officer, house.programme)
    file = built(house, snapshot)
    assert "MED-OUT-01" not in file.content
    assert ["MED-OUT-01", "FEW"] in file.notes


def test_lines_of_few_are_left_out_and_cannot_be_worked_out(
    house: House, snapshot: Snapshot
) -> None:
    row = snapshot.figures.get(code="MED-OUT-01")

    def lines(*counts: int, name: str = "sex", overlapping: bool = False) -> dict[str, Any]:
        row.numerator = sum(counts) if not overlapping else 40
        told = [
            {"code": f"C{at}", "numerator": n, "denominator": None} for at, n in enumerate(counts)
        ]
        row.lines = {name: {"overlapping": overlapping, "lines": told}}
        return safe_lines(row, 5)

    assert lines(20, 30) == {"sex": [("C0", 20), ("C1", 30)]}
    assert lines(2, 30) == {}
    assert lines(2, 9, 30) == {"sex": [("C2", 30)]}
    assert lines(7, 38, name="target_category", overlapping=True) == {
        "target_category": [("C0", 7)]
    }
    assert lines(20, 0, name="disability") == {}


def test_a_difference_of_few_tells_what_was_told_before(house: House) -> None:
    profile_of(house.officer, house.programme)
    first = publish_exchange(
        acting_staff=house.director, file=passed(house, built(house, house.frozen()))
    )
    assert first.figures["MED-FIN-01"]["numerator"] == 8
    house.lend("One more", date(2026, 2, 10))
    second = house.frozen(date(2026, 2, 28))
    assert second.figures.get(code="MED-FIN-01").numerator == 9
    told = {one.code: one for one in leaving(second).told}
    assert (told["MED-FIN-01"].numerator, told["MED-FIN-01"].renewed) == (8, False)
    assert told["MED-FIN-01v"].numerator == 3_200_00
    for at in range(4):
        house.lend(f"And {at}", date(2026, 3, 10))
    third = {one.code: one for one in leaving(house.frozen(date(2026, 3, 31))).told}
    assert (third["MED-FIN-01"].numerator, third["MED-FIN-01"].renewed) == (13, True)


def test_an_amount_that_one_holder_makes_is_not_told(house: House, snapshot: Snapshot) -> None:
    row = snapshot.figures.get(code="MED-FIN-01v")
    one = row.rows.filter(is_base=False).first()
    assert one is not None
    one.amount = 90_000_00
    one.save()
    assert ("MED-FIN-01v", "ONE") in leaving(snapshot).left_out


def test_shares_are_whole_and_identifiers_readable(house: House) -> None:
    def refused(error: type[Exception], **changes: Any) -> None:
        with pytest.raises(error):
            profile_of(house.officer, house.programme, **changes)

    half = [{"code": "24040", "share": "60"}, {"code": "11330", "share": "39.99"}]
    refused(SharesWrong, sectors=half)
    refused(SharesWrong, sectors=[{"code": "24040", "share": "50"}] * 2)
    refused(IdentifierUnreadable, activity_code="A/B")
    refused(IdentifierUnreadable, organisation_ref="XM DAC")
    refused(AttributeNameWrong, names={"sex": "1st"})
    refused(AttributeNameWrong, names={"sex": "value"})
    thirds = ["33.33", "33.33", "33.34"]
    codes = ["24040", "11330", "25030"]
    kept = [{"code": c, "share": s} for c, s in zip(codes, thirds, strict=True)]
    assert profile_of(house.officer, house.programme, sectors=kept).sectors == kept
    other = Programme.objects.create(code="O", title="Other", currency="USD")
    with pytest.raises(IdentifierTaken):
        profile_of(house.officer, other)


def test_what_is_published_keeps_its_identifier(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme)
    profile_of(house.officer, house.programme, activity_code="ELSE")
    profile_of(house.officer, house.programme)
    publish_exchange(acting_staff=house.director, file=passed(house, built(house, snapshot)))
    with pytest.raises(IdentifierPublished, match="XM-DAC-47066-AM-MED"):
        profile_of(house.officer, house.programme, activity_code="ELSE")
    with pytest.raises(NotAllowed):
        set_exchange_profile(acting_staff=house.director, programme=house.programme, told={})


def test_another_person_publishes_and_the_one_before_is_replaced(
    house: House, snapshot: Snapshot
) -> None:
    profile_of(house.world.cast.manager, house.programme)
    manager = house.world.cast.manager
    first = build_exchange(acting_staff=manager, snapshot=snapshot)
    with pytest.raises(FileInOtherState):
        publish_exchange(acting_staff=manager, file=first)
    passed(house, first)
    with pytest.raises(SamePerson):
        publish_exchange(acting_staff=manager, file=first)
    publish_exchange(acting_staff=house.director, file=first, place="https://example.org/a.xml")
    Programme.objects.filter(pk=house.programme.pk).update(summary="New words.")
    second = passed(house, build_exchange(acting_staff=manager, snapshot=snapshot))
    publish_exchange(acting_staff=house.director, file=second)
    first.refresh_from_db()
    assert (first.state, first.place) == ("REPLACED", "https://example.org/a.xml")
    second.refresh_from_db()
    assert second.state == "PUBLISHED"


def test_what_the_check_finds_blocks_publishing(house: House, snapshot: Snapshot) -> None:
    Phase.objects.filter(programme=house.programme).update(start_date=None)
    profile_of(house.officer, house.programme, sectors=[{"code": "99999", "share": "100"}])
    file = passed(house, built(house, snapshot))
    assert file.state == "BUILT"
    assert {one["id"] for one in file.findings} == {
        "codelist:Sector",
        "rule:6.11.1",
        "schema:SCHEMAV_ELEMENT_CONTENT",
    }
    ExchangeFile.objects.filter(pk=file.pk).update(state="CHECKED")
    with pytest.raises(NotPublishable, match=r"rule:6\.11\.1"):
        publish_exchange(acting_staff=house.director, file=file)


def test_warnings_are_signed_for(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme, countries=[{"code": "QQ", "share": "100"}])
    file = built(house, snapshot)
    file = check_exchange(acting_staff=house.checker, file=file)
    assert (file.state, {one["severity"] for one in file.findings}) == ("BUILT", {"warning"})
    file = check_exchange(acting_staff=house.checker, file=file, signed_warnings=True)
    assert (file.state, file.signed_warnings) == ("CHECKED", True)


def test_without_the_rules_it_is_built_and_not_publishable(
    house: House, snapshot: Snapshot, settings: Settings
) -> None:
    settings.IATI_PACK = None
    profile_of(house.officer, house.programme)
    file = built(house, snapshot)
    with pytest.raises(PackMissing):
        check_exchange(acting_staff=house.checker, file=file)
    with pytest.raises(FileInOtherState):
        publish_exchange(acting_staff=house.director, file=file)


def test_elements_nobody_knows_come_from_the_raw_copy(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme, markers=[])
    text = built(house, snapshot).content
    own = re.sub(
        r'(<sector vocabulary="1" code="11330"[^>]*/>)',
        r'\1<humanitarian-scope type="1" vocabulary="1-2" code="EQ-2015-000048-NPL"/>'
        r'<policy-marker vocabulary="1" code="2" significance="1"/>',
        text,
        count=1,
    ).replace(
        "</iati-activity>",
        '<x:extra xmlns:x="https://example.org/x">kept</x:extra></iati-activity>',
        1,
    )
    own = _ordered(own)
    taken = import_iati(acting_staff=house.world.cast.manager, content=own.encode())
    assert taken.activities[0].faults == ()
    ExchangeFile.objects.all().delete()
    file = built(house, snapshot)
    first = read_iati(file.content.encode()).find("iati-activity")
    assert first is not None
    assert first.find("humanitarian-scope").get("code") == "EQ-2015-000048-NPL"
    assert first.find("policy-marker").get("code") == "2"
    assert first.findtext("{https://example.org/x}extra") == "kept"
    assert passed(house, file).findings == []
    assert StatedFigure.objects.filter(programme=house.programme).exists()


def _ordered(text: str) -> str:
    """The tag stands before the scope and the marker in the schema."""
    root = etree.fromstring(text.encode())
    for activity in root.findall("iati-activity"):
        for tag in ("tag", "humanitarian-scope", "policy-marker"):
            place = activity.find("collaboration-type")
            for element in activity.findall(tag):
                place.addprevious(element)
    told: str = etree.tostring(root, encoding="unicode")
    return told


def test_the_books_of_funders_are_summed_and_client_loans_never(
    house: House, snapshot: Snapshot
) -> None:
    manager = house.world.cast.manager
    funder = Organisation.objects.create(code="F", name="Funder")
    FundingAgreement.objects.create(
        programme=house.programme,
        funder=funder,
        kind="GRANT",
        currency="USD",
        amount_units=50_000_00,
        signed_date=date(2025, 1, 10),
        reference="G-1",
    )
    fund = open_fund(
        acting_staff=manager, code="F1", name="Grant", kind=FundKind.PURPOSE, agreement_key="G-1"
    )
    for day, units in ((date(2025, 3, 3), 10_000_00), (date(2025, 3, 20), 5_000_00)):
        received(house, fund, day, units)
    received(house, fund, date(2025, 4, 2), 700_00)
    profile_of(house.officer, house.programme)
    file = built(house, snapshot)
    [_programme, phase] = activities(file)
    told = [(one.type, one.day, one.value.amount, one.value.currency) for one in phase.transactions]
    assert told == [
        ("11", "2025-01-10", "50000.00", "USD"),
        ("1", "2025-03-31", "15000.00", "USD"),
        ("1", "2025-04-30", "700.00", "USD"),
    ]
    provider = phase.transactions[1].provider
    assert provider is not None
    assert first_words(provider.name) == "Funder"
    assert passed(house, file).findings == []


def received(house: House, fund: Fund, day: date, units: int) -> None:
    post_entry(
        acting_staff=house.world.cast.manager,
        book=house.world.book,
        kind="GRANT_RECEIVED",
        source=Source("test", "GRANT", new_id()),
        lines=[
            LineIn(units=units, account_role="BANK", fund=fund.pk),
            LineIn(units=-units, account_role="GRANT_DEFERRED", fund=fund.pk),
        ],
        happened_date=day,
    )


def test_indicators_name_the_standards_that_mean_the_same() -> None:
    def codes(code: str) -> list[tuple[str, str]]:
        return [(one.vocabulary, one.code) for one in references_of(code, "")]

    assert codes("MED-JOB-01") == [
        ("99", "MED-JOB-01"),
        ("99", "IRIS PI3687"),
        ("99", "IFAD CI 2.2.1"),
        ("8", "J-011"),
    ]
    assert codes("MED-FIN-04") == [("99", "MED-FIN-04")]
    assert codes("MED-IMP-02") == [("99", "MED-IMP-02")]


def test_baselines_and_targets_of_the_logframe_stand_beside_the_figures(house: House) -> None:
    phase = Phase.objects.get(programme=house.programme)
    row = LogframeRow.objects.create(
        phase=phase, level="OUTCOME", position=1, statement="More loans"
    )
    sign = RowIndicator.objects.create(
        row=row, code="MED-FIN-01", position=1, baseline="12,5", baseline_year=2023
    )
    for day, value, revision, reason in (
        (date(2026, 1, 31), "10", 1, ""),
        (date(2026, 1, 31), "12", 2, "more staff"),
        (date(2026, 12, 31), "40", 1, ""),
    ):
        Target.objects.create(
            indicator=sign,
            period_end=day,
            value=value,
            revision=revision,
            reason=reason,
            set_by=house.officer,
        )
    profile_of(house.officer, house.programme)
    file = built(house, snapshot := house.frozen())
    outcomes = next(one for one in activities(file)[1].results if one.type == "2")
    loans = next(one for one in outcomes.indicators if one.references[0].code == "MED-FIN-01")
    assert [(one.value, one.year) for one in loans.baselines] == [("12.5", "2023")]
    told = [
        (span.end, [one.value for one in span.targets], bool(span.actuals))
        for span in loans.periods
    ]
    assert told == [("2026-01-31", ["12"], True), ("2026-12-31", ["40"], False)]
    assert passed(house, file).findings == []
    before = [one.results for one in activities(file)]
    Target.objects.create(
        indicator=sign, period_end=date(2026, 12, 31), value="99", revision=3, reason="x",
        set_by=house.officer,
    )  # fmt: skip
    RowIndicator.objects.create(
        row=row, code="MED-FIN-05a", position=2, baseline="50", baseline_year=2023
    )
    RowIndicator.objects.filter(pk=sign.pk).update(removed_at=timezone.now())
    LogframeRow.objects.filter(pk=row.pk).update(level="OUTPUT")
    again = [one.results for one in activities(built(house, snapshot))]
    assert again == before, "what a snapshot promised stays, whatever is promised later"


def test_a_day_ahead_is_told_as_planned(house: House, snapshot: Snapshot) -> None:
    ahead = timezone.localdate() + timedelta(days=400)
    Phase.objects.filter(programme=house.programme).update(end_date=ahead)
    profile_of(house.officer, house.programme)
    file = built(house, snapshot)
    assert [one.type for one in activities(file)[1].dates] == ["2", "3"]
    assert passed(house, file).findings == []
